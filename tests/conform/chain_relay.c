/* What applications see through a client and a server, whichever these are. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "target.h"
#include "tls.h"

static struct oracle_address address_of(struct run *run, uint16_t port)
{
    struct oracle_address address = {.kind = ORACLE_IPV4, .size = 4, .port = port};

    inet_pton(AF_INET, run->options->targets, address.host);
    return address;
}

static int connected(struct run *run, uint16_t port)
{
    struct oracle_address address = address_of(run, port);
    int app = app_begin_at(run, &address);

    if (app_reply(run, app) != 0)
        fail(run, "the request is refused");
    return app;
}

static void app_echo(struct run *run, int app, size_t size)
{
    struct oracle_buffer bytes = pattern(size, random_number(run));

    for (size_t at = 0; at < size; at += 16384) { /* in turns: nothing has to be held */
        struct oracle_bytes piece = {bytes.at + at, size - at < 16384 ? size - at : 16384};

        app_send(run, app, piece);
        app_await(run, app, piece);
    }
    oracle_buffer_free(&bytes);
}

static void download(struct run *run)
{
    struct oracle_buffer bytes = pattern((size_t)run->argument, 1);
    int app = connected(run, target_start(run, TARGET_SOURCE, bytes.size)->port);

    app_await(run, app, oracle_buffer_bytes(&bytes));
    app_ended(run, app);
}

static void upload(struct run *run)
{
    struct target *target = target_start(run, TARGET_SINK, 0);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 21);
    int app = connected(run, target->port);

    app_send(run, app, oracle_buffer_bytes(&bytes));
    await_target_bytes(run, target, bytes.size);
    if (atomic_load(&target->sum) != sum_of(oracle_buffer_bytes(&bytes)))
        fail(run, "the target got other bytes than were sent");
    close(app);
}

static void both_ways(struct run *run)
{
    app_echo(run, connected(run, target_start(run, TARGET_ECHO, 0)->port), 1000000);
}

static void exchanges(struct run *run)
{
    struct target *target = target_start(run, TARGET_ECHO, 0);

    for (unsigned i = 1; i <= 20; i++) {
        int app = connected(run, target->port);

        app_echo(run, app, 500);
        close(app);
        await_ended(run, target, i); /* so that the session is idle */
    }
}

static void refused(struct run *run)
{
    struct oracle_address address = address_of(run, port_refused(run));

    app_fails(run, app_begin_at(run, &address));
    app_echo(run, connected(run, target_start(run, TARGET_ECHO, 0)->port), 100);
}

static void slow_target(struct run *run)
{
    int app = connected(run, target_start(run, TARGET_ANSWER, 0)->port);

    app_send(run, app, oracle_string("ask?"));
    app_await(run, app, oracle_string("answer"));
    app_ended(run, app);
}

static void half_closed(struct run *run)
{
    int app = connected(run, target_start(run, TARGET_ANSWER, 0)->port);

    app_send(run, app, oracle_string("ask?"));
    shutdown(app, SHUT_WR);
    app_await(run, app, oracle_string("answer"));
}

static void target_resets(struct run *run)
{
    int app = connected(run, target_start(run, TARGET_RESET, 0)->port);

    app_send(run, app, oracle_string("x"));
    app_ended(run, app);
}

static void at_once(struct run *run)
{
    struct target *target = target_start(run, TARGET_ECHO, 0);
    int apps[10];

    for (size_t i = 0; i < 10; i++)
        apps[i] = connected(run, target->port);
    for (size_t i = 0; i < 10; i++)
        app_echo(run, apps[i], 5000);
}

static void by_name(struct run *run)
{
    int app = app_begin(run, "localhost", target_start(run, TARGET_ECHO, 0)->port);

    if (app_reply(run, app) != 0)
        fail(run, "the request is refused");
    app_echo(run, app, 100);
}

static void udp(struct run *run)
{
    struct sockaddr_in where = {.sin_family = AF_INET};
    struct oracle_address address = address_of(run, target_udp(run)->port);
    struct oracle_buffer bytes = {0};
    uint8_t back[512];
    uint16_t port;
    int app = app_associate(run);
    int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int code = app_reply_port(run, app, &port);

    if (code != 0)
        skip(run, "the client does not offer UDP ASSOCIATE (SOCKS reply %d)", code);
    for (int i = 0; i < 3; i++)
        oracle_buffer_byte(&bytes, 0);
    oracle_address_write(&bytes, ORACLE_SOCKS_TYPES, &address);
    oracle_buffer_add(&bytes, oracle_string("datagram"));
    where.sin_port = htons(port);
    inet_pton(AF_INET, run->socks_host, &where.sin_addr);
    for (int i = 0; i < 10; i++) { /* UDP may lose some */
        sendto(datagrams, bytes.at, bytes.size, 0, (struct sockaddr *)&where, sizeof where);
        if (!wait_for(datagrams, 1 /* POLLIN */, now_ms() + 300))
            continue;
        if (recv(datagrams, back, sizeof back, 0) != 18 || memcmp(back + 10, "datagram", 8) != 0)
            fail(run, "another datagram came back");
        return;
    }
    fail(run, "no datagram came back");
}

static const struct test tests[] = {
    {"download-1", "STREAM-PSH", "one byte down, then the end", download, 1, 0},
    {"download-3000000", "STREAM-PSH", "3 MB down, then the end", download, 3000000, 0},
    {"upload-65536", "STREAM-SPLIT", "64 KiB up in one write", upload, 65536, 0},
    {"upload-3000000", "STREAM-PSH", "3 MB up", upload, 3000000, 0},
    {"both-ways", "STREAM-PSH", "1 MB both ways", both_ways, 0, 0},
    {"exchanges-20", "POOL-REUSE", "20 exchanges, one after the other", exchanges, 0, 0},
    {"ten-at-once", "STREAM-PSH", "ten streams at a time", at_once, 0, 0},
    {"name", "STREAM-DESTINATION", "a destination by name", by_name, 0, 0},
    {"refused", "SYNACK-ERROR-RECEIVE", "a target that refuses, then one that does not", refused, 0,
     0},
    {"slow-target", "STREAM-PSH", "an answer after 300 ms", slow_target, 0, 0},
    {"half-closed", "FIN-HALF-CLOSE", "an answer to an application that has ended its side",
     half_closed, 0, 0},
    {"target-resets", "FIN-SEND", "a target that resets", target_resets, 0, 0},
    {"udp", "UDP-PACKET", "a datagram there and back", udp, 0, 0},
};

SECTION(chain_relay, "relay", tests);
