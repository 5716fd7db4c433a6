/* Very small and very large writes, and much of the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "shared.h"

/* ---- Small ---- */

struct small {
    size_t size;
    uint8_t out[128];
    size_t filled;
};

static void small_run(void *context, uint64_t count)
{
    struct small *self = context;
    struct anytls_frame frame = {{ANYTLS_PSH, (uint16_t)self->size, 1}, pair_payload()};

    for (uint64_t i = 0; i < count; i++) {
        self->filled = anytls_frame_encode(frame, self->out, sizeof self->out).size;
        bench_use(self->out);
    }
}

static bool small_right(void *context)
{
    struct small *self = context;
    struct anytls_frame_result back = anytls_frame_decode(self->out, self->filled);

    return back.status == ANYTLS_OK && back.frame.header.length == self->size &&
           memcmp(back.frame.data, pair_payload(), self->size) == 0;
}

void bench_small_packets(struct bench *bench)
{
    static const size_t sizes[] = {1, 4, 8, 16, 32, 64};
    struct small small = {.size = 0};
    struct sending sending = {.writes = 1, .read = true};
    char name[48];

    sending_begin(&sending, false);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bench_row row = {name, &small, NULL, small_run, small_right, sizes[i], 0, 0};

        small.size = sending.size = sizes[i];
        snprintf(name, sizeof name, "%zu encoded", sizes[i]);
        bench_measure(bench, &row);
        row = (struct bench_row){
            name, &sending, sending_prepare, sending_run, sending_arrived, sizes[i], 0, 0};
        snprintf(name, sizeof name, "%zu written and read", sizes[i]);
        bench_measure(bench, &row);
    }
    sending_end(&sending);
}

/* ---- Large ---- */

void bench_large_packets(struct bench *bench)
{
    struct sending plain = {.writes = 1, .read = true};
    struct sending tls = {.writes = 1, .read = true};
    char name[48];

    sending_begin(&plain, false);
    sending_begin(&tls, true);
    for (size_t size = 1u << 20; size <= PAIR_PAYLOAD_MAX; size *= 2) {
        struct bench_row row = {name, &plain, sending_prepare, sending_run, sending_arrived, size,
                                0,    0};

        plain.size = tls.size = size;
        snprintf(name, sizeof name, "%zu MiB in memory", size >> 20);
        bench_measure(bench, &row);
        row.context = &tls;
        snprintf(name, sizeof name, "%zu MiB over TLS", size >> 20);
        bench_measure(bench, &row);
    }
    sending_end(&plain);
    sending_end(&tls);
}

/* ---- Often ---- */

struct control {
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE * 128];
    size_t filled;
};

static void header_put(struct control *self, uint8_t command, uint32_t stream)
{
    struct anytls_header header = {command, 0, stream};

    anytls_header_encode(header, self->out + self->filled);
    self->filled += ANYTLS_FRAME_HEADER_SIZE;
}

static void heart_run(void *context, uint64_t count)
{
    struct control *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->filled = 0;
        header_put(self, ANYTLS_HEART_REQUEST, 0);
        bench_use(self->out);
    }
}

static bool heart_right(void *context)
{
    static const uint8_t expected[7] = {ANYTLS_HEART_REQUEST};
    struct control *self = context;

    return memcmp(self->out, expected, sizeof expected) == 0;
}

static void synack_run(void *context, uint64_t count)
{
    struct control *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->filled = 0;
        header_put(self, ANYTLS_SYNACK, 258);
        bench_use(self->out);
    }
}

static bool synack_right(void *context)
{
    static const uint8_t expected[7] = {ANYTLS_SYNACK, 0, 0, 1, 2};
    struct control *self = context;

    return memcmp(self->out, expected, sizeof expected) == 0;
}

static void hundred_run(void *context, uint64_t count)
{
    struct control *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->filled = 0;
        for (uint32_t j = 0; j < 100; j++)
            header_put(self, (uint8_t)(j % 2 == 0 ? ANYTLS_HEART_REQUEST : ANYTLS_SYNACK), j);
        bench_use(self->out);
    }
}

static bool hundred_right(void *context)
{
    struct control *self = context;

    for (size_t i = 0; i < 100; i++)
        if (self->out[7 * i] != (i % 2 == 0 ? ANYTLS_HEART_REQUEST : ANYTLS_SYNACK) ||
            self->out[7 * i + 4] != i)
            return false;
    return self->filled == 700;
}

void bench_high_frequency_operations(struct bench *bench)
{
    static struct control control;
    struct bench_row row = {.context = &control};

    row.parameters = "heartbeat encoded";
    row.run = heart_run;
    row.check = heart_right;
    bench_measure(bench, &row);
    row.parameters = "SYNACK encoded";
    row.run = synack_run;
    row.check = synack_right;
    bench_measure(bench, &row);
    row.parameters = "100 control frames encoded";
    row.run = hundred_run;
    row.check = hundred_right;
    row.elements = 100;
    bench_measure(bench, &row);
}

/* ---- Streams that come and go ---- */

#define RAPID 100u

static void rapid_run(void *context, uint64_t count)
{
    struct pair *pair = context;

    for (uint64_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < RAPID; j++)
            pair_finish(pair, pair_open(pair));
        pair_serve(pair);
    }
}

/* Ids went up, and both tables are empty again. */
static bool rapid_right(void *context)
{
    struct pair *pair = context;

    return !pair->failed && pair->stream == RAPID &&
           pair->client.endpoint.session.streams.count == 0 &&
           pair->server.endpoint.session.streams.count == 0;
}

void bench_rapid_stream_creation(struct bench *bench)
{
    struct pair *pair = pair_new(false);
    struct bench_row row = {.parameters = "100 streams",
                            .context = pair,
                            .run = rapid_run,
                            .check = rapid_right,
                            .elements = RAPID};

    pair_connect(pair);
    bench_measure(bench, &row);
    pair_free(pair);
}
