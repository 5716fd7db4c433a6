#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner.h"

#define LOOK_AGAIN 5 /* ms until a connection looks at what it shall do */

struct link {
    struct relay *relay;
    int ends[2]; /* client, server */
    unsigned mutings;
    unsigned cuts;
    unsigned finishes;
};

static unsigned load(const unsigned *value)
{
    return __atomic_load_n(value, __ATOMIC_SEQ_CST);
}

/* Passes on what has come from one end; false: the link is over. */
static bool pass(struct link *link, int from)
{
    static _Thread_local uint8_t bytes[65536];
    ssize_t got = recv(link->ends[from], bytes, sizeof bytes, MSG_DONTWAIT);

    if (got < 0 && errno == EAGAIN)
        return true;
    if (got <= 0 || !net_write(link->ends[1 - from], bytes, (size_t)got))
        return false;
    if (from == 1)
        counter_add(&link->relay->down, (uint64_t)got);
    return true;
}

static bool link_step(struct link *link)
{
    struct pollfd items[2] = {{link->ends[0], POLLIN, 0}, {link->ends[1], POLLIN, 0}};

    if (load(&link->relay->mutings) != link->mutings) {
        poll(NULL, 0, LOOK_AGAIN);
        return true;
    }
    poll(items, 2, LOOK_AGAIN);
    for (int i = 0; i < 2; i++)
        if (items[i].revents != 0 && !pass(link, i))
            return false;
    return true;
}

static void *link_run(void *context)
{
    struct link *link = context;

    while (load(&link->relay->cuts) == link->cuts && load(&link->relay->ends) == link->finishes &&
           link_step(link))
        continue;
    for (int i = 0; i < 2; i++) {
        if (load(&link->relay->cuts) != link->cuts) {
            net_reset(link->ends[i]);
        } else {
            net_finish(link->ends[i]);
            net_wait_end(link->ends[i], 200);
            close(link->ends[i]);
        }
    }
    counter_add(&link->relay->ended, 1);
    free(link);
    return NULL;
}

static void *relay_run(void *context)
{
    struct relay *relay = context;

    for (;;) {
        struct link *link = calloc(1, sizeof *link);

        expect(link != NULL, "no memory");
        link->relay = relay;
        link->ends[0] = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
        expect(link->ends[0] >= 0, "relay: accept failed");
        link->ends[1] = net_connect(relay->towards);
        link->mutings = load(&relay->mutings);
        link->cuts = load(&relay->cuts);
        link->finishes = load(&relay->ends);
        counter_add(&relay->accepted, 1);
        thread_start(link_run, link);
    }
    return NULL;
}

struct relay *relay_start(uint16_t towards)
{
    struct relay *relay = calloc(1, sizeof *relay);

    expect(relay != NULL, "no memory");
    relay->towards = towards;
    relay->listener = net_listen(&relay->port);
    thread_start(relay_run, relay);
    return relay;
}

void relay_mute(struct relay *relay)
{
    __atomic_add_fetch(&relay->mutings, 1, __ATOMIC_SEQ_CST);
}

void relay_cut(struct relay *relay)
{
    __atomic_add_fetch(&relay->cuts, 1, __ATOMIC_SEQ_CST);
}

void relay_end(struct relay *relay)
{
    __atomic_add_fetch(&relay->ends, 1, __ATOMIC_SEQ_CST);
}
