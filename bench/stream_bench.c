/* One stream: writing to the transport, reading what the peer sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "shared.h"

static const size_t sizes[] = {64, 256, 1024, 4096, 16384};
#define SIZE_COUNT (sizeof sizes / sizeof sizes[0])

/* As many writes as the pipe holds: the peer reads outside the timed part. */
static uint64_t fit(size_t size)
{
    return PAIR_PIPE_SIZE / 2 / (size + 64);
}

static bool written_and_read(void *context)
{
    struct sending *self = context;

    pair_serve(self->pair);
    return sending_arrived(self);
}

void bench_stream_write(struct bench *bench)
{
    struct sending sending = {.writes = 1, .read = false};
    char name[32];

    sending_begin(&sending, false);
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        struct bench_row row = {name,     &sending, sending_prepare, sending_run, written_and_read,
                                sizes[i], 0,        fit(sizes[i])};

        sending.size = sizes[i];
        snprintf(name, sizeof name, "%zu", sizes[i]);
        bench_measure(bench, &row);
    }
    sending_end(&sending);
}

/* ---- Reading ---- */

static void read_prepare(void *context, uint64_t count)
{
    struct sending *self = context;

    self->pair->at_client = 0;
    for (uint64_t i = 0; i < count; i++)
        pair_server_write(self->pair, self->stream, self->size);
}

static void read_run(void *context, uint64_t count)
{
    struct sending *self = context;

    pair_read(self->pair, self->size * count);
}

static bool read_right(void *context)
{
    struct sending *self = context;

    read_prepare(self, 3);
    self->pair->period = self->size;
    read_run(self, 3);
    self->pair->period = 0;
    return !self->pair->failed && self->pair->at_client == 3 * self->size;
}

void bench_stream_read(struct bench *bench)
{
    struct sending sending = {.writes = 1};
    char name[32];

    sending_begin(&sending, false);
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        struct bench_row row = {name,     &sending, read_prepare, read_run, read_right,
                                sizes[i], 0,        fit(sizes[i])};

        sending.size = sizes[i];
        snprintf(name, sizeof name, "%zu", sizes[i]);
        bench_measure(bench, &row);
    }
    sending_end(&sending);
}

/* ---- Reading in pieces ---- */

#define FRAMES 16u
#define FRAME_DATA 16384u
#define STREAM_SIZE (FRAMES * (ANYTLS_FRAME_HEADER_SIZE + FRAME_DATA))

/* A client session that is fed a stream of frames through a buffer of a certain size. */
struct reader {
    struct core_client *client;
    size_t buffer;
    uint64_t delivered;
    uint64_t events;
    uint8_t bytes[STREAM_SIZE];
};

static void reader_fill(struct reader *self)
{
    struct anytls_frame frame = {{ANYTLS_PSH, FRAME_DATA, 1}, pair_payload()};
    size_t filled = 0;

    for (size_t i = 0; i < FRAMES; i++)
        filled += anytls_frame_encode(frame, self->bytes + filled, STREAM_SIZE - filled).size;
    core_client_begin(self->client);
    core_client_open(self->client);
}

static void piece_take(struct reader *self, const uint8_t *bytes, size_t size)
{
    struct core_client *client = self->client;

    while (size > 0) {
        struct anytls_received result = anytls_session_receive(&client->session, bytes, size, 0,
                                                               client->out, sizeof client->out);

        if (result.status != ANYTLS_OK)
            return;
        if (result.event.type == ANYTLS_EVENT_DATA) {
            bench_use(result.event.data.bytes);
            self->delivered += result.event.data.size;
            self->events++;
        }
        bytes += result.consumed;
        size -= result.consumed;
    }
}

static void reader_run(void *context, uint64_t count)
{
    struct reader *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->delivered = 0;
        self->events = 0;
        for (size_t at = 0; at < STREAM_SIZE; at += self->buffer) {
            size_t left = STREAM_SIZE - at;

            piece_take(self, self->bytes + at, left < self->buffer ? left : self->buffer);
        }
    }
}

static bool reader_right(void *context)
{
    struct reader *self = context;

    return self->delivered == FRAMES * FRAME_DATA &&
           self->events >= STREAM_SIZE / (self->buffer + 1);
}

void bench_streamreader_read(struct bench *bench)
{
    static const size_t buffers[] = {16, 64, 256, 1024, 4096, 16384, 65536};
    static struct reader reader;
    char name[48];

    reader.client = core_client_new();
    reader_fill(&reader);
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &reader,
                                .run = reader_run,
                                .check = reader_right,
                                .bytes = FRAMES * FRAME_DATA};

        reader.buffer = buffers[i];
        snprintf(name, sizeof name, "16 frames of 16384 by %zu", buffers[i]);
        bench_measure(bench, &row);
    }
    free(reader.client);
}

/* ---- Both ways ---- */

#define EXCHANGES 100u
#define EXCHANGE_SIZE 1024u

static void exchange_run(void *context, uint64_t count)
{
    struct sending *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->pair->at_client = 0;
        self->pair->at_server = 0;
        for (uint64_t j = 1; j <= EXCHANGES; j++) {
            pair_write(self->pair, self->stream, EXCHANGE_SIZE);
            pair_read(self->pair, j * EXCHANGE_SIZE);
        }
    }
}

static bool exchanged(void *context)
{
    struct sending *self = context;

    self->pair->period = EXCHANGE_SIZE;
    exchange_run(self, 1);
    self->pair->period = 0;
    return !self->pair->failed && self->pair->at_server == EXCHANGES * EXCHANGE_SIZE &&
           self->pair->at_client == EXCHANGES * EXCHANGE_SIZE;
}

void bench_stream_concurrent_read_write(struct bench *bench)
{
    struct sending sending = {.size = EXCHANGE_SIZE, .writes = 1};
    struct bench_row row = {.parameters = "100 x 1024 each way",
                            .context = &sending,
                            .run = exchange_run,
                            .check = exchanged,
                            .bytes = (uint64_t)2 * EXCHANGES * EXCHANGE_SIZE};

    sending_begin(&sending, false);
    sending.pair->echo = true;
    bench_measure(bench, &row);
    sending_end(&sending);
}
