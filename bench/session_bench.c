/* Frames, streams and sessions, in memory. */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/anytls.h"
#include "functions.h"
#include "io/digest.h"
#include "pair.h"
#include "shared.h"

#define BURST 64u
#define BURST_SIZE 1024u
#define FRAME_MAX (ANYTLS_FRAME_HEADER_SIZE + ANYTLS_FRAME_DATA_MAX)

struct frames {
    size_t size;  /* of the data of each */
    size_t count; /* in a row */
    alignas(4096) uint8_t out[BURST * (ANYTLS_FRAME_HEADER_SIZE + BURST_SIZE) + FRAME_MAX];
    size_t filled;
    size_t seen; /* bytes of data decoded by the last operation */
    const uint8_t *last;
};

static struct frames frames;

static struct anytls_frame frame_of(size_t size)
{
    struct anytls_frame frame = {{ANYTLS_PSH, (uint16_t)size, 7}, pair_payload()};

    return frame;
}

static void encode(void *context, uint64_t count)
{
    struct frames *self = context;
    struct anytls_frame frame = frame_of(self->size);

    for (uint64_t i = 0; i < count; i++) {
        self->filled = 0;
        for (size_t j = 0; j < self->count; j++)
            self->filled += anytls_frame_encode(frame, self->out + self->filled,
                                                sizeof self->out - self->filled)
                                .size;
        bench_use(self->out);
    }
}

static bool encoded(void *context)
{
    struct frames *self = context;
    size_t at = 0;

    for (size_t i = 0; i < self->count; i++) {
        const uint8_t *frame = self->out + at;
        size_t length = (size_t)frame[5] * 256 + frame[6];

        if (frame[0] != ANYTLS_PSH || frame[4] != 7 || length != self->size ||
            memcmp(frame + 7, pair_payload(), length) != 0)
            return false;
        at += 7 + length;
    }
    return at == self->filled;
}

void bench_frame_encoding(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384, 65535};
    struct bench_row row = {.context = &frames, .run = encode, .check = encoded};
    char name[64];

    row.parameters = name;
    frames.count = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        frames.size = row.bytes = sizes[i];
        snprintf(name, sizeof name, "%zu", sizes[i]);
        bench_measure(bench, &row);
    }
    frames.count = BURST;
    frames.size = BURST_SIZE;
    row.bytes = BURST * BURST_SIZE;
    row.parameters = "64 frames of 1024";
    bench_measure(bench, &row);
}

static void decode(void *context, uint64_t count)
{
    struct frames *self = context;

    for (uint64_t i = 0; i < count; i++) {
        size_t at = 0;

        self->seen = 0;
        bench_use(self->out);
        while (at < self->filled) {
            struct anytls_frame_result result =
                anytls_frame_decode(self->out + at, self->filled - at);

            at += result.consumed;
            self->seen += result.frame.header.length;
            bench_use(result.frame.data);
            self->last = result.frame.data;
        }
    }
}

/* The first call sees all but the last byte, the second all of it. */
static void decode_pieces(void *context, uint64_t count)
{
    struct frames *self = context;

    for (uint64_t i = 0; i < count; i++) {
        struct anytls_frame_result result;

        bench_use(self->out);
        result = anytls_frame_decode(self->out, self->filled - 1);
        bench_use_number(result.consumed);
        if (result.status == ANYTLS_INCOMPLETE)
            result = anytls_frame_decode(self->out, self->filled);
        bench_use(result.frame.data);
        self->seen = result.frame.header.length;
        self->last = result.frame.data;
    }
}

static bool decoded(void *context)
{
    struct frames *self = context;

    return self->seen == self->size * self->count && self->last >= self->out &&
           memcmp(self->last, pair_payload(), self->size) == 0;
}

void bench_frame_decode(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384, 65535};
    struct bench_row row = {.context = &frames, .run = decode, .check = decoded};
    char name[64];

    row.parameters = name;
    frames.count = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        frames.size = row.bytes = sizes[i];
        encode(&frames, 1);
        row.run = decode;
        snprintf(name, sizeof name, "%zu", sizes[i]);
        bench_measure(bench, &row);
        row.run = decode_pieces;
        snprintf(name, sizeof name, "%zu in two pieces", sizes[i]);
        bench_measure(bench, &row);
    }
    frames.count = BURST;
    frames.size = BURST_SIZE;
    encode(&frames, 1);
    row.bytes = 0;
    row.elements = BURST;
    row.run = decode;
    row.parameters = "64 frames of 1024";
    bench_measure(bench, &row);
}

/* ---- Padding and passwords ---- */

struct shaping {
    struct anytls_scheme scheme;
    size_t records;
    size_t bytes;
};

static void scheme_make(void *context, uint64_t count)
{
    struct shaping *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->scheme = anytls_scheme_read(anytls_scheme_default.text).scheme;
        bench_use(&self->scheme);
    }
}

static void writes_plan(struct shaping *self, uint32_t first, uint32_t last)
{
    self->records = 0;
    self->bytes = 0;
    for (uint32_t write = first; write <= last; write++) {
        struct anytls_plan plan = anytls_plan_begin(&self->scheme, write, 1024);
        struct anytls_record record = anytls_plan_next(&plan, write * 2654435761u);

        while (record.more) {
            self->records++;
            self->bytes += record.payload;
            bench_use_number(record.waste);
            record = anytls_plan_next(&plan, write * 40503u);
        }
    }
}

static void scheme_make_and_use(void *context, uint64_t count)
{
    struct shaping *self = context;

    for (uint64_t i = 0; i < count; i++) {
        scheme_make(self, 1);
        writes_plan(self, 1, 7);
    }
}

static void sizes_plan(void *context, uint64_t count)
{
    struct shaping *self = context;

    for (uint64_t i = 0; i < count; i++)
        writes_plan(self, 0, 9);
}

static bool scheme_made(void *context)
{
    struct shaping *self = context;

    return self->scheme.stop == 8;
}

static bool seven_planned(void *context)
{
    struct shaping *self = context;

    return scheme_made(self) && self->bytes == 7 * 1024 && self->records > 7;
}

static bool ten_planned(void *context)
{
    struct shaping *self = context;

    return self->bytes == 10 * 1024 && self->records > 10;
}

void bench_padding_factory(struct bench *bench)
{
    static struct shaping shaping;
    struct bench_row row = {.context = &shaping};

    row.parameters = "default made";
    row.run = scheme_make;
    row.check = scheme_made;
    bench_measure(bench, &row);
    row.parameters = "made and used for writes 1-7";
    row.run = scheme_make_and_use;
    row.check = seven_planned;
    bench_measure(bench, &row);
    scheme_make(&shaping, 1);
    row.parameters = "sizes of writes 0-9";
    row.run = sizes_plan;
    row.check = ten_planned;
    row.elements = 10;
    bench_measure(bench, &row);
}

static void hash_run(void *context, uint64_t count)
{
    struct anytls_text *password = context;
    uint8_t hash[ANYTLS_HASH_SIZE];

    for (uint64_t i = 0; i < count; i++) {
        if (!anytls_password_hash(*password, hash))
            password->size = 0;
        bench_use(hash);
    }
}

static bool hashed(void *context)
{
    struct anytls_text *password = context;

    return password->size > 0;
}

void passwords_measure(struct bench *bench, const size_t *sizes, size_t count)
{
    struct anytls_text password = {pair_payload(), 0};
    struct bench_row row = {.context = &password, .run = hash_run, .check = hashed};
    char name[32];

    row.parameters = name;
    for (size_t i = 0; i < count; i++) {
        password.size = sizes[i];
        snprintf(name, sizeof name, "%zu characters", sizes[i]);
        bench_measure(bench, &row);
    }
}

void bench_password_hashing(struct bench *bench)
{
    static const size_t sizes[] = {5, 22, 44};

    passwords_measure(bench, sizes, 3);
}
