/* The reference against what it cannot beat: memcpy, and OpenSSL alone. */
#include <fcntl.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "functions.h"
#include "shared.h"

struct strategy {
    size_t size;
    int sink;
    uint8_t header[ANYTLS_FRAME_HEADER_SIZE];
    struct iovec parts[2];
    size_t filled;
    alignas(4096) uint8_t out[ANYTLS_FRAME_HEADER_SIZE + 16384];
    alignas(4096) uint8_t ready[ANYTLS_FRAME_HEADER_SIZE + 16384]; /* encoded once */
};

static struct strategy strategy;

static struct anytls_frame frame_of(const struct strategy *self)
{
    struct anytls_frame frame = {{ANYTLS_PSH, (uint16_t)self->size, 1}, pair_payload()};

    return frame;
}

static void copied_run(void *context, uint64_t count)
{
    struct strategy *self = context;
    struct anytls_frame frame = frame_of(self);

    for (uint64_t i = 0; i < count; i++) {
        self->filled = anytls_frame_encode(frame, self->out, sizeof self->out).size;
        bench_use(self->out);
    }
}

static void memcpy_run(void *context, uint64_t count)
{
    struct strategy *self = context;
    const uint8_t *from = pair_payload();

    for (uint64_t i = 0; i < count; i++) {
        bench_use(from);
        memcpy(self->out + ANYTLS_FRAME_HEADER_SIZE, from, self->size);
        self->filled = self->size + ANYTLS_FRAME_HEADER_SIZE;
        bench_use(self->out);
    }
}

static bool payload_right(void *context)
{
    struct strategy *self = context;

    return self->filled == self->size + ANYTLS_FRAME_HEADER_SIZE &&
           memcmp(self->out + ANYTLS_FRAME_HEADER_SIZE, pair_payload(), self->size) == 0;
}

static void strategy_row(struct bench *bench, const char *what, size_t size,
                         void (*run)(void *context, uint64_t count), bool (*check)(void *context))
{
    char name[64];
    struct bench_row row = {
        .parameters = name, .context = &strategy, .run = run, .check = check, .bytes = size};

    strategy.size = size;
    strategy.filled = 0;
    memset(strategy.out, 0, sizeof strategy.out);
    snprintf(name, sizeof name, "%zu %s", size, what);
    bench_measure(bench, &row);
}

void bench_baseline_frame_encoding(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        strategy_row(bench, "encoded", sizes[i], copied_run, payload_right);
        strategy_row(bench, "memcpy of the payload", sizes[i], memcpy_run, payload_right);
    }
}

/* ---- Strategies ---- */

static void gather(struct strategy *self)
{
    struct anytls_header header = {ANYTLS_PSH, (uint16_t)self->size, 1};

    anytls_header_encode(header, self->header);
    self->parts[0].iov_base = self->header;
    self->parts[0].iov_len = sizeof self->header;
    self->parts[1].iov_base = (void *)(uintptr_t)pair_payload();
    self->parts[1].iov_len = self->size;
    bench_use(self->parts);
}

static void gathered_run(void *context, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        gather(context);
}

static bool gathered_right(void *context)
{
    struct strategy *self = context;

    return self->header[0] == ANYTLS_PSH && self->parts[1].iov_len == self->size;
}

static void once_run(void *context, uint64_t count)
{
    struct strategy *self = context;

    for (uint64_t i = 0; i < count; i++) {
        bench_use(self->ready);
        memcpy(self->out, self->ready, self->size + ANYTLS_FRAME_HEADER_SIZE);
        self->filled = self->size + ANYTLS_FRAME_HEADER_SIZE;
        bench_use(self->out);
    }
}

static void copied_write_run(void *context, uint64_t count)
{
    struct strategy *self = context;

    for (uint64_t i = 0; i < count; i++) {
        copied_run(self, 1);
        if (write(self->sink, self->out, self->filled) != (ssize_t)self->filled)
            self->filled = 0;
    }
}

static void gathered_write_run(void *context, uint64_t count)
{
    struct strategy *self = context;

    for (uint64_t i = 0; i < count; i++) {
        gather(self);
        if (writev(self->sink, self->parts, 2) != (ssize_t)(self->size + ANYTLS_FRAME_HEADER_SIZE))
            self->parts[1].iov_len = 0;
    }
}

void bench_frame_encoding_strategies(struct bench *bench)
{
    static const size_t sizes[] = {1024, 4096};

    strategy.sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        strategy.size = sizes[i];
        anytls_frame_encode(frame_of(&strategy), strategy.ready, sizeof strategy.ready);
        strategy_row(bench, "header and payload copied", sizes[i], copied_run, payload_right);
        strategy_row(bench, "header alone and a gather list", sizes[i], gathered_run,
                     gathered_right);
        strategy_row(bench, "encoded once and copied", sizes[i], once_run, payload_right);
        strategy_row(bench, "copied and written to /dev/null", sizes[i], copied_write_run,
                     payload_right);
        strategy_row(bench, "gathered and written to /dev/null", sizes[i], gathered_write_run,
                     gathered_right);
    }
    close(strategy.sink);
}

/* ---- What the protocol adds ---- */

void bench_stream_creation_overhead(struct bench *bench)
{
    streams_measure(bench);
}

void bench_session_startup_overhead(struct bench *bench)
{
    startups_measure(bench);
}

void bench_data_frame_throughput(struct bench *bench)
{
    static const size_t cases[][2] = {{1024, 1000}, {4096, 500}, {16384, 200}};
    struct bare_sending bare = {.writes = 1};
    struct sending plain = {.read = true};
    struct sending tls = {.read = true};
    char name[48];

    sending_begin(&plain, false);
    sending_begin(&tls, true);
    bare_sending_begin(&bare);
    for (size_t i = 0; i < 3; i++) {
        size_t bytes = cases[i][0] * cases[i][1];
        struct bench_row row = {name, &plain, sending_prepare, sending_run, sending_arrived, bytes,
                                0,    0};

        plain.size = tls.size = bare.size = cases[i][0];
        plain.writes = tls.writes = bare.writes = cases[i][1];
        snprintf(name, sizeof name, "%zu x %zu in memory", cases[i][1], cases[i][0]);
        bench_measure(bench, &row);
        snprintf(name, sizeof name, "%zu x %zu over TLS", cases[i][1], cases[i][0]);
        row.context = &tls;
        bench_measure(bench, &row);
        snprintf(name, sizeof name, "%zu x %zu by OpenSSL alone", cases[i][1], cases[i][0]);
        row = (struct bench_row){name,  &bare, NULL, bare_sending_run, bare_sending_arrived,
                                 bytes, 0,     0};
        bench_measure(bench, &row);
    }
    bare_end(&bare.bare);
    sending_end(&plain);
    sending_end(&tls);
}

void bench_critical_path_operations(struct bench *bench)
{
    struct sending sending = {.size = 1024, .writes = 1, .read = true};
    struct bench_row row = {.parameters = "stream send of 1024 until it is read",
                            .context = &sending,
                            .prepare = sending_prepare,
                            .run = sending_run,
                            .check = sending_arrived,
                            .bytes = 1024};

    strategy_row(bench, "encoded", 1024, copied_run, payload_right);
    strategy_row(bench, "memcpy of the payload", 1024, memcpy_run, payload_right);
    sending_begin(&sending, false);
    bench_measure(bench, &row);
    sending_end(&sending);
}
