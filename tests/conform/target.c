#include "target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tls.h"

struct connection {
    struct target *target;
    int descriptor;
};

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static bool send_all(int descriptor, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(descriptor, bytes, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static void count_bytes(struct target *target, const uint8_t *bytes, size_t size)
{
    size_t at = atomic_load(&target->bytes);
    uint32_t sum = atomic_load(&target->sum);

    for (size_t i = 0; i < size; i++)
        sum += bytes[i] * (uint32_t)(at + i + 1);
    atomic_store(&target->sum, sum);
    atomic_store(&target->bytes, at + size);
}

/* Reads to the end; what comes is counted, and with back sent back. */
static void read_on(struct target *target, int descriptor, bool back)
{
    uint8_t *bytes = malloc(65536);
    ssize_t size;

    while (bytes != NULL && (size = recv(descriptor, bytes, 65536, 0)) > 0) {
        count_bytes(target, bytes, (size_t)size);
        if (back && !send_all(descriptor, bytes, (size_t)size))
            break;
    }
    free(bytes);
}

static void answer(struct target *target, int descriptor)
{
    uint8_t bytes[4];
    ssize_t size = recv(descriptor, bytes, sizeof bytes, MSG_WAITALL);

    if (size > 0)
        count_bytes(target, bytes, (size_t)size);
    pause_ms(300);
    send_all(descriptor, (const uint8_t *)"answer", 6);
}

static void serve(struct target *target, int descriptor)
{
    struct linger at_once = {1, 0};
    struct oracle_buffer bytes;
    uint8_t byte;

    switch (target->kind) {
    case TARGET_SPEAKER:
        send_all(descriptor, (const uint8_t *)"hello", 5);
        read_on(target, descriptor, true);
        break;
    case TARGET_ECHO: read_on(target, descriptor, true); break;
    case TARGET_SINK: read_on(target, descriptor, false); break;
    case TARGET_SOURCE:
        bytes = pattern(target->size, 1);
        send_all(descriptor, bytes.at, bytes.size);
        oracle_buffer_free(&bytes);
        break;
    case TARGET_CLOSE: break;
    case TARGET_RESET:
        if (recv(descriptor, &byte, 1, 0) == 1)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        break;
    case TARGET_HOLD:
        for (;;)
            pause_ms(1000);
    case TARGET_ANSWER: answer(target, descriptor); break;
    }
}

static void *connection_run(void *argument)
{
    struct connection *connection = argument;

    serve(connection->target, connection->descriptor);
    close(connection->descriptor);
    atomic_fetch_add(&connection->target->ended, 1);
    free(connection);
    return NULL;
}

static void thread_start(struct run *run, void *(*function)(void *), void *argument)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, function, argument) != 0)
        broken(run, "no thread for a target");
    pthread_detach(thread);
}

static void *target_run(void *argument)
{
    struct target *target = argument;

    for (;;) {
        struct connection *connection = malloc(sizeof *connection);
        pthread_t thread;

        if (connection == NULL)
            return NULL;
        connection->target = target;
        connection->descriptor = accept4(target->descriptor, NULL, NULL, SOCK_CLOEXEC);
        if (connection->descriptor < 0)
            return NULL;
        atomic_fetch_add(&target->connections, 1);
        if (pthread_create(&thread, NULL, connection_run, connection) == 0)
            pthread_detach(thread);
    }
}

static void *udp_run(void *argument)
{
    struct target *target = argument;
    uint8_t *bytes = malloc(65536);
    struct sockaddr_storage from;
    socklen_t from_size = sizeof from;
    ssize_t size;

    while (bytes != NULL && (size = recvfrom(target->descriptor, bytes, 65536, 0,
                                             (struct sockaddr *)&from, &from_size)) >= 0) {
        atomic_fetch_add(&target->connections, 1);
        atomic_fetch_add(&target->bytes, (size_t)size);
        sendto(target->descriptor, bytes, (size_t)size, 0, (struct sockaddr *)&from, from_size);
        from_size = sizeof from;
    }
    free(bytes);
    return NULL;
}

struct target *target_start(struct run *run, enum target_kind kind, size_t size)
{
    struct target *target = calloc(1, sizeof *target);

    if (target == NULL)
        broken(run, "out of memory");
    target->kind = kind;
    target->size = size;
    target->descriptor = tcp_listen(run->options->targets, "0", 512);
    if (target->descriptor < 0)
        broken(run, "no target can listen on %s: %s", run->options->targets, strerror(errno));
    target->port = port_of(target->descriptor);
    thread_start(run, target_run, target);
    return target;
}

struct target *target_udp(struct run *run)
{
    struct target *target = calloc(1, sizeof *target);
    struct sockaddr_in address = {.sin_family = AF_INET};

    if (target == NULL || inet_pton(AF_INET, run->options->targets, &address.sin_addr) != 1)
        broken(run, "--targets %s: give an IPv4 address", run->options->targets);
    target->descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (target->descriptor < 0 ||
        bind(target->descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        broken(run, "no UDP target: %s", strerror(errno));
    target->port = port_of(target->descriptor);
    thread_start(run, udp_run, target);
    return target;
}

uint16_t port_refused(struct run *run)
{
    int descriptor = tcp_listen(run->options->targets, "0", -1); /* bound, not listening */

    if (descriptor < 0)
        broken(run, "no port on %s: %s", run->options->targets, strerror(errno));
    return port_of(descriptor);
}

uint16_t port_stalled(struct run *run)
{
    int descriptor = tcp_listen(run->options->targets, "0", 0);
    uint16_t port = descriptor < 0 ? 0 : port_of(descriptor);
    char text[8];

    if (descriptor < 0)
        broken(run, "no port on %s: %s", run->options->targets, strerror(errno));
    snprintf(text, sizeof text, "%u", port);
    for (int i = 0; i < 8; i++) { /* its queue is full after the first ones */
        int filler = tcp_connect(run->options->targets, text, now_ms() + 100);

        if (filler < 0)
            return port;
    }
    skip(run, "no port can be made to stall on this machine");
}

/* ---- Waiting ---- */

static size_t ended_of(struct target *target)
{
    return atomic_load(&target->ended);
}

static size_t connections_of(struct target *target)
{
    return atomic_load(&target->connections);
}

static size_t bytes_of(struct target *target)
{
    return atomic_load(&target->bytes);
}

static bool await_count(struct run *run, struct target *target, size_t (*of)(struct target *),
                        size_t count)
{
    uint64_t until = deadline(run);

    while (of(target) < count) {
        if (now_ms() > until)
            return false;
        pause_ms(2);
    }
    return true;
}

void await_connections(struct run *run, struct target *target, unsigned count)
{
    if (!await_count(run, target, connections_of, count))
        fail(run, "the target saw %zu connections, not %u", connections_of(target), count);
}

void no_more_connections(struct run *run, struct target *target, unsigned count, const char *what)
{
    for (uint64_t until = now_ms() + 500; now_ms() < until; pause_ms(2))
        if (connections_of(target) > count)
            fail(run, "%s", what);
}

void await_ended(struct run *run, struct target *target, unsigned count)
{
    if (!await_count(run, target, ended_of, count))
        fail(run, "the target's connection was to be ended, and is not");
}

void await_target_bytes(struct run *run, struct target *target, size_t size)
{
    if (!await_count(run, target, bytes_of, size))
        fail(run, "the target got %zu bytes of %zu", bytes_of(target), size);
}

uint32_t sum_of(struct oracle_bytes bytes)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < bytes.size; i++)
        sum += bytes.at[i] * (uint32_t)(i + 1);
    return sum;
}

/* ---- Streams ---- */

static struct oracle_buffer address_bytes(const struct oracle_address *address)
{
    struct oracle_buffer bytes = {0};

    oracle_address_write(&bytes, ORACLE_SOCKS_TYPES, address);
    return bytes;
}

struct oracle_buffer destination(struct run *run, uint16_t port)
{
    struct oracle_address address = {.kind = ORACLE_IPV4, .size = 4, .port = port};

    if (inet_pton(AF_INET, run->options->targets, address.host) != 1)
        broken(run, "--targets %s: give an IPv4 address", run->options->targets);
    return address_bytes(&address);
}

struct oracle_buffer destination_name(const char *name, uint16_t port)
{
    struct oracle_address address = {.kind = ORACLE_NAME, .port = port};

    address.size = (uint8_t)strlen(name);
    memcpy(address.host, name, address.size);
    return address_bytes(&address);
}

struct oracle_buffer destination_ipv6(const uint8_t host[16], uint16_t port)
{
    struct oracle_address address = {.kind = ORACLE_IPV6, .size = 16, .port = port};

    memcpy(address.host, host, 16);
    return address_bytes(&address);
}

void add_open(struct peer *peer, uint32_t stream, struct oracle_buffer where)
{
    add(peer, ORACLE_SYN, stream, "");
    add_bytes(peer, ORACLE_PSH, stream, oracle_buffer_bytes(&where));
    oracle_buffer_free(&where);
}

void open_stream(struct run *run, struct peer *peer, uint32_t stream, struct target *target)
{
    unsigned before = atomic_load(&target->connections);

    add_open(peer, stream, destination(run, target->port));
    flush(peer);
    if (run->options->protocol == 1) { /* no SYNACK tells */
        await_connections(run, target, before + 1);
        return;
    }
    if (await(peer, ORACLE_SYNACK, stream)->data.size > 0)
        fail(run, "stream %u to %s:%u: SYNACK with an error", (unsigned)stream,
             run->options->targets, target->port);
}

void echo(struct run *run, struct peer *peer, uint32_t stream, size_t size)
{
    struct oracle_buffer bytes = pattern(size, random_number(run));

    for (size_t at = 0; at < size; at += 60000) {
        struct oracle_bytes piece = {bytes.at + at, size - at < 60000 ? size - at : 60000};

        add_bytes(peer, ORACLE_PSH, stream, piece);
    }
    flush(peer);
    await_bytes(peer, stream, oracle_buffer_bytes(&bytes));
    oracle_buffer_free(&bytes);
}
