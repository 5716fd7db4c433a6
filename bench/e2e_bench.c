/* Client program, TLS, server program and a target behind it, each a process of its own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "functions.h"
#include "live.h"
#include "net.h"
#include "pair.h"

#define STREAMS_MAX 100u
#define CHUNK 65536u

struct e2e {
    struct bench *bench;
    struct chain *chain;
    size_t size;
    size_t writes;
    size_t streams;
    int open[STREAMS_MAX];
    uint8_t back[CHUNK];
    bool failed;
    int error;
};

static bool e2e_begin(struct e2e *self, struct bench *bench, const char *beginning)
{
    memset(self, 0, sizeof *self);
    self->bench = bench;
    for (size_t i = 0; i < STREAMS_MAX; i++)
        self->open[i] = -1;
    if (!bench_wants(bench, beginning))
        return false;
    self->chain = chain_get(bench);
    return self->chain != NULL;
}

static void fail(struct e2e *self)
{
    if (!self->failed)
        self->error = errno;
    self->failed = true;
}

static bool right(void *context)
{
    struct e2e *self = context;

    if (self->failed)
        fprintf(stderr, "anytls-bench: %s\n", strerror(self->error));
    return !self->failed;
}

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void send_one(struct e2e *self, int descriptor)
{
    uint8_t request[NET_REQUEST_SIZE + CHUNK];

    net_request(request, NET_ECHO, self->size);
    memcpy(request + NET_REQUEST_SIZE, pair_payload(), self->size);
    if (!net_write(descriptor, request, NET_REQUEST_SIZE + self->size))
        fail(self);
}

static void receive_one(struct e2e *self, int descriptor)
{
    if (!net_read(descriptor, self->back, self->size) ||
        memcmp(self->back, pair_payload(), self->size) != 0)
        fail(self);
}

/* Streams are opened at once, used, and closed; what is compared came back from the target. */
static void open_and_send_run(void *context, uint64_t count)
{
    struct e2e *self = context;

    for (uint64_t i = 0; i < count && !self->failed; i++) {
        for (size_t j = 0; j < self->streams; j++) {
            self->open[j] = net_connect_through(self->chain->socks_port, self->chain->target_port);
            if (self->open[j] < 0)
                fail(self);
            else
                send_one(self, self->open[j]);
        }
        for (size_t j = 0; j < self->streams; j++) {
            receive_one(self, self->open[j]);
            close_one(&self->open[j]);
        }
    }
}

void bench_e2e_stream_open_and_send(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384};
    static struct e2e e2e;
    char name[32];

    if (!e2e_begin(&e2e, bench, ""))
        return;
    e2e.streams = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &e2e,
                                .run = open_and_send_run,
                                .check = right,
                                .bytes = 2 * sizes[i]};

        e2e.size = sizes[i];
        snprintf(name, sizeof name, "%zu and its echo", sizes[i]);
        bench_measure(bench, &row);
    }
}

void bench_e2e_multiple_streams_concurrent(struct bench *bench)
{
    static const size_t counts[] = {1, 10, 100};
    static struct e2e e2e;
    char name[48];

    if (!e2e_begin(&e2e, bench, ""))
        return;
    e2e.size = 1024;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &e2e,
                                .run = open_and_send_run,
                                .check = right,
                                .elements = counts[i]};

        e2e.streams = counts[i];
        snprintf(name, sizeof name, "%zu streams with 1024 and its echo", counts[i]);
        bench_measure(bench, &row);
    }
}

/* ---- Throughput on a stream that stays open ---- */

static void stream_prepare(void *context, uint64_t count)
{
    struct e2e *self = context;

    (void)count;
    if (self->open[0] < 0)
        self->open[0] = net_connect_through(self->chain->socks_port, self->chain->target_port);
    if (self->open[0] < 0)
        fail(self);
}

static void writes_send(struct e2e *self)
{
    for (size_t i = 0; i < self->writes && !self->failed; i++)
        if (!net_write(self->open[0], pair_payload(), self->size))
            fail(self);
}

static void up_run(void *context, uint64_t count)
{
    struct e2e *self = context;
    uint8_t answer;

    for (uint64_t i = 0; i < count && !self->failed; i++) {
        if (!net_request_send(self->open[0], NET_SINK, self->size * self->writes))
            fail(self);
        writes_send(self);
        if (!self->failed && !net_read(self->open[0], &answer, 1))
            fail(self);
    }
}

static void down_run(void *context, uint64_t count)
{
    struct e2e *self = context;
    uint64_t size = self->size * self->writes;

    for (uint64_t i = 0; i < count && !self->failed; i++)
        if (!net_request_send(self->open[0], NET_SOURCE, size) || !net_drop(self->open[0], size))
            fail(self);
}

/* In turn, a piece up and as much down: both directions are under way all the time. */
static void both_run(void *context, uint64_t count)
{
    struct e2e *self = context;
    uint64_t size = self->size * self->writes;

    for (uint64_t i = 0; i < count && !self->failed; i++) {
        if (!net_request_send(self->open[0], NET_BOTH, size))
            fail(self);
        for (size_t j = 0; j < self->writes && !self->failed; j++)
            if (!net_write(self->open[0], pair_payload(), self->size) ||
                !net_drop(self->open[0], self->size))
                fail(self);
    }
}

/* What a source sends is looked at once, byte by byte. */
static bool down_right(void *context)
{
    struct e2e *self = context;
    uint64_t size = self->size * self->writes;

    if (!net_request_send(self->open[0], NET_SOURCE, size))
        return false;
    for (uint64_t at = 0; at < size;) {
        size_t part = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

        if (!net_read(self->open[0], self->back, part))
            return false;
        for (size_t i = 0; i < part; i++, at++)
            if (self->back[i] != at % 251u)
                return false;
    }
    return right(self);
}

void bench_e2e_data_throughput(struct bench *bench)
{
    static const size_t cases[][2] = {
        {64, 1000}, {256, 500}, {1024, 200}, {4096, 50}, {65536, 1024}};
    static struct e2e e2e;
    char name[48];

    if (!e2e_begin(&e2e, bench, ""))
        return;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &e2e,
                                .prepare = stream_prepare,
                                .bytes = cases[i][0] * cases[i][1]};

        e2e.size = cases[i][0];
        e2e.writes = cases[i][1];
        snprintf(name, sizeof name, "%zu x %zu up", cases[i][1], cases[i][0]);
        row.run = up_run;
        row.check = right;
        bench_measure(bench, &row);
        snprintf(name, sizeof name, "%zu x %zu down", cases[i][1], cases[i][0]);
        row.run = down_run;
        row.check = down_right;
        bench_measure(bench, &row);
        snprintf(name, sizeof name, "%zu x %zu both ways", cases[i][1], cases[i][0]);
        row.run = both_run;
        row.check = right;
        row.bytes *= 2;
        bench_measure(bench, &row);
    }
    close_one(&e2e.open[0]);
}

/* ---- From nothing to the first byte ---- */

struct first_byte {
    struct chain *chain;
    struct live live;
    bool failed;
};

static void first_byte_run(void *context, uint64_t count)
{
    struct first_byte *self = context;

    for (uint64_t i = 0; i < count && !self->failed; i++) {
        self->failed = !live_echo(&self->live, live_config(CHAIN_PASSWORD),
                                  self->chain->server_port, self->chain->target_port, 1024);
        live_close(&self->live);
    }
}

static bool first_byte_right(void *context)
{
    struct first_byte *self = context;

    if (self->failed)
        fprintf(stderr, "anytls-bench: %s\n", self->live.error);
    return !self->failed && self->live.received == 1024;
}

void bench_e2e_session_startup_and_streams(struct bench *bench)
{
    static struct first_byte first;
    struct bench_row row = {.parameters = "TCP connect to the echo of 1024",
                            .context = &first,
                            .run = first_byte_run,
                            .check = first_byte_right};

    if (!bench_wants(bench, row.parameters))
        return;
    first.chain = chain_get(bench);
    if (first.chain != NULL)
        bench_measure(bench, &row);
}
