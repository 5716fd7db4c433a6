#include "target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner.h"

struct served {
    struct target *target;
    int descriptor;
};

static void *serve_one(void *context)
{
    struct served served = *(struct served *)context;

    free(context);
    served.target->serve(served.target, served.descriptor);
    close(served.descriptor);
    return NULL;
}

static void *accept_all(void *context)
{
    struct target *target = context;

    for (;;) {
        struct served *served = malloc(sizeof *served);
        int descriptor = accept4(target->listener, NULL, NULL, SOCK_CLOEXEC);

        expect(served != NULL && descriptor >= 0, "target: accept: %s", strerror(errno));
        served->target = target;
        served->descriptor = descriptor;
        counter_add(&target->accepted, 1);
        thread_start(serve_one, served);
    }
    return NULL;
}

static struct target *start(int listener, uint16_t port,
                            void (*serve)(struct target *target, int descriptor))
{
    struct target *target = calloc(1, sizeof *target);

    expect(target != NULL, "no memory");
    target->listener = listener;
    target->port = port;
    target->serve = serve;
    target->seed = 1;
    thread_start(accept_all, target);
    return target;
}

struct target *target_start(void (*serve)(struct target *target, int descriptor))
{
    uint16_t port;
    int listener = net_listen(&port);

    return start(listener, port, serve);
}

struct target *target_start_ipv6(void (*serve)(struct target *target, int descriptor))
{
    uint16_t port;
    int listener = net_listen_ipv6(&port);

    return start(listener, port, serve);
}

static void count_end(struct target *target, ssize_t got)
{
    counter_add(got == 0 ? &target->ended : &target->reset, 1);
}

void serve_echo(struct target *target, int descriptor)
{
    uint8_t bytes[65536];
    ssize_t got;

    while ((got = recv(descriptor, bytes, sizeof bytes, 0)) > 0) {
        counter_add(&target->received, (uint64_t)got);
        if (!net_write(descriptor, bytes, (size_t)got))
            break;
    }
    count_end(target, got);
}

void serve_sink(struct target *target, int descriptor)
{
    uint8_t bytes[65536];
    uint64_t offset = 0;
    bool right = true;
    ssize_t got;

    while ((got = recv(descriptor, bytes, sizeof bytes, 0)) > 0) {
        right = right && pattern_is(target->seed, offset, bytes, (size_t)got);
        offset += (uint64_t)got;
        counter_add(&target->received, (uint64_t)got);
    }
    if (!right)
        counter_add(&target->wrong, 1);
    count_end(target, got);
}

static void pause_for(uint32_t ms)
{
    if (ms > 0)
        poll(NULL, 0, (int)ms);
}

static bool send_pattern(struct target *target, int descriptor)
{
    uint8_t bytes[65536];
    uint64_t offset = 0;

    while (offset < target->size) {
        size_t part =
            target->size - offset < sizeof bytes ? (size_t)(target->size - offset) : sizeof bytes;
        ssize_t sent;

        pattern_fill(target->seed, offset, bytes, part);
        sent = send(descriptor, bytes, part, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        counter_add(&target->sent, (uint64_t)sent);
        offset += (uint64_t)sent;
    }
    return true;
}

void serve_source(struct target *target, int descriptor)
{
    pause_for(target->delay);
    if (send_pattern(target, descriptor)) {
        net_finish(descriptor);
        count_end(target, net_wait_end(descriptor, NET_DEADLINE));
    } else {
        counter_add(&target->reset, 1);
    }
}

void serve_source_that_breaks_off(struct target *target, int descriptor)
{
    struct linger linger = {1, 0};

    pause_for(target->delay);
    send_pattern(target, descriptor);
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void serve_stalled(struct target *target, int descriptor)
{
    counter_reaches(&target->go, 1, UINT32_MAX);
    serve_sink(target, descriptor);
}

void serve_late(struct target *target, int descriptor)
{
    uint8_t byte;

    if (recv(descriptor, &byte, 1, 0) == 1) {
        pause_for(target->delay);
        net_write(descriptor, "late", 4);
    }
    serve_echo(target, descriptor);
}

/* ---- Datagrams ---- */

struct udp_echo {
    int descriptor;
};

static void *echo_datagrams(void *context)
{
    struct udp_echo *echo = context;
    static uint8_t bytes[65536];
    struct sockaddr_storage from;

    for (;;) {
        socklen_t size = sizeof from;
        ssize_t got =
            recvfrom(echo->descriptor, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);

        if (got >= 0)
            sendto(echo->descriptor, bytes, (size_t)got, 0, (struct sockaddr *)&from, size);
    }
    return NULL;
}

static uint16_t udp_echo(struct sockaddr *address, socklen_t size)
{
    struct udp_echo *echo = malloc(sizeof *echo);

    expect(echo != NULL, "no memory");
    echo->descriptor = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    expect(echo->descriptor >= 0 && bind(echo->descriptor, address, size) == 0 &&
               getsockname(echo->descriptor, address, &size) == 0,
           "UDP: %s", strerror(errno));
    thread_start(echo_datagrams, echo);
    return ntohs(address->sa_family == AF_INET ? ((struct sockaddr_in *)address)->sin_port
                                               : ((struct sockaddr_in6 *)address)->sin6_port);
}

uint16_t udp_echo_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return udp_echo((struct sockaddr *)&address, sizeof address);
}

uint16_t udp_echo_start_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    return udp_echo((struct sockaddr *)&address, sizeof address);
}

/* Connections beyond the queue are not answered: their SYN packets are dropped. */
uint16_t hanging_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    expect(listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0 &&
               listen(listener, 0) == 0 &&
               getsockname(listener, (struct sockaddr *)&address, &size) == 0,
           "no listener: %s", strerror(errno));
    for (int i = 0; i < 8; i++) {
        int filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        connect(filler, (struct sockaddr *)&address, size);
    }
    return ntohs(address.sin_port);
}
