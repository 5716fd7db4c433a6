/* What memory costs: allocating, copying, and looking instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "functions.h"
#include "shared.h"

#define ARENA_SIZE (1u << 20)

struct block {
    size_t size;
    const uint8_t *from;
    const uint8_t *seen; /* what the last operation made */
    struct anytls_text view;
    uint8_t *buffer; /* reused */
    size_t arena_used;
    uint8_t arena[ARENA_SIZE];
    bool equal; /* the last operation made a copy that is right */
};

static struct block block;

/* Sees whether the copy is one, before it is freed, and only in the first operation of a batch. */
static void look(struct block *self, const uint8_t *made, uint64_t turn)
{
    bench_use(made);
    if (turn == 0)
        self->equal = made != NULL && memcmp(made, self->from, self->size) == 0;
}

static void allocate_run(void *context, uint64_t count)
{
    struct block *self = context;

    for (uint64_t i = 0; i < count; i++) {
        uint8_t *made = malloc(self->size);

        bench_use(made);
        self->seen = made;
        free(made);
    }
}

static void copy_run(void *context, uint64_t count)
{
    struct block *self = context;

    for (uint64_t i = 0; i < count; i++) {
        uint8_t *made = malloc(self->size);

        if (made == NULL)
            return;
        memcpy(made, self->from, self->size);
        look(self, made, i);
        self->seen = made;
        free(made);
    }
}

static void view_run(void *context, uint64_t count)
{
    struct block *self = context;
    struct anytls_text whole = {pair_payload(), PAIR_PAYLOAD_MAX};
    size_t start = (size_t)(self->from - whole.bytes);

    for (uint64_t i = 0; i < count; i++) {
        bench_use(&whole);
        self->view = anytls_text_part(whole, start, start + self->size);
        bench_use(&self->view);
    }
    self->equal = self->view.bytes == self->from && self->view.size == self->size;
}

static bool seen(void *context)
{
    struct block *self = context;

    return self->seen != NULL;
}

static bool equal(void *context)
{
    struct block *self = context;

    return self->equal;
}

static void block_row(struct bench *bench, const char *what, size_t size,
                      void (*run)(void *context, uint64_t count), bool (*check)(void *context))
{
    char name[96];
    struct bench_row row = {
        .parameters = name, .context = &block, .run = run, .check = check, .bytes = size};

    block.size = size;
    block.seen = NULL;
    block.equal = false;
    snprintf(name, sizeof name, "%zu %s", size, what);
    bench_measure(bench, &row);
}

void bench_bytes_allocation(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384, 65536};

    block.from = pair_payload() + 64;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        block_row(bench, "malloc", sizes[i], allocate_run, seen);
        block_row(bench, "malloc and copy", sizes[i], copy_run, equal);
        block_row(bench, "borrowed view", sizes[i], view_run, equal);
    }
}

/* A payload as the decoder gives it, against a copy of it. */
static void payload_view_run(void *context, uint64_t count)
{
    struct block *self = context;

    for (uint64_t i = 0; i < count; i++) {
        struct anytls_frame_result result;

        bench_use(self->arena);
        result = anytls_frame_decode(self->arena, self->arena_used);
        look(self, result.frame.data, i);
    }
}

static void payload_copy_run(void *context, uint64_t count)
{
    struct block *self = context;

    for (uint64_t i = 0; i < count; i++) {
        struct anytls_frame_result result;
        uint8_t *made;

        bench_use(self->arena);
        result = anytls_frame_decode(self->arena, self->arena_used);
        made = malloc(result.frame.header.length);
        if (made == NULL)
            return;
        memcpy(made, result.frame.data, result.frame.header.length);
        look(self, made, i);
        free(made);
    }
}

void bench_bytes_clone_vs_copy(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384};

    block.from = pair_payload();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct anytls_frame frame = {{ANYTLS_PSH, (uint16_t)sizes[i], 1}, block.from};

        block.arena_used = anytls_frame_encode(frame, block.arena, ARENA_SIZE).size;
        block_row(bench, "view of a payload", sizes[i], payload_view_run, equal);
        block_row(bench, "copy of a payload", sizes[i], payload_copy_run, equal);
    }
}

void bench_bytes_slice(struct bench *bench)
{
    static const size_t sizes[] = {1024, 4096, 16384};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[48];

        block.from = pair_payload() + sizes[i] / 4; /* the middle half */
        snprintf(name, sizeof name, "view of the middle of %zu", sizes[i]);
        block_row(bench, name, sizes[i] / 2, view_run, equal);
        snprintf(name, sizeof name, "copy of the middle of %zu", sizes[i]);
        block_row(bench, name, sizes[i] / 2, copy_run, equal);
    }
}

static void zeroed_run(void *context, uint64_t count)
{
    struct block *self = context;

    for (uint64_t i = 0; i < count; i++) {
        uint8_t *made = calloc(1, self->size);

        bench_use(made);
        self->seen = made;
        free(made);
    }
}

static void arena_run(void *context, uint64_t count)
{
    struct block *self = context;

    for (uint64_t i = 0; i < count; i++) {
        if (self->arena_used + self->size > ARENA_SIZE)
            self->arena_used = 0;
        self->seen = self->arena + self->arena_used;
        self->arena_used += self->size;
        bench_use(self->seen);
    }
}

void bench_vec_vs_bytes_allocation(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        block_row(bench, "calloc", sizes[i], zeroed_run, seen);
        block_row(bench, "malloc", sizes[i], allocate_run, seen);
        block_row(bench, "arena", sizes[i], arena_run, seen);
    }
}

static void reused_run(void *context, uint64_t count)
{
    struct block *self = context;

    for (uint64_t i = 0; i < count; i++) {
        memcpy(self->buffer, self->from, self->size);
        look(self, self->buffer, i);
    }
}

/* What the heap holds for one more session over TLS, with a stream that has been used. */
static void peaks_report(struct bench *bench)
{
    struct allocations session;
    struct allocations stream;
    struct pair *pair;

    secure_contexts();
    pair_config();
    allocations_begin();
    pair = pair_new(true);
    pair_connect(pair);
    pair_serve(pair);
    session = allocations_end();
    allocations_begin();
    pair_open(pair);
    pair_write(pair, pair->stream, 1024);
    pair_serve(pair);
    stream = allocations_end();
    if (pair->failed || pair->at_server != 1024)
        bench_fail(bench, "the session did not work");
    bench_value(bench, "heap peak of both ends of a session over TLS", "B",
                (double)session.peak - (double)sizeof *pair);
    bench_value(bench, "heap peak of a stream in it and 1024 through it", "B", (double)stream.peak);
    bench_value(bench, "struct anytls_session", "B", sizeof(struct anytls_session));
    bench_value(bench, "a stream's place in its table", "B", sizeof(struct anytls_stream));
    bench_value(bench, "struct anytls_connection with all its buffers", "B",
                sizeof(struct anytls_connection));
    pair_free(pair);
}

void bench_memory_reuse_patterns(struct bench *bench)
{
    static uint8_t buffer[1024];

    block.from = pair_payload();
    block.buffer = buffer;
    block_row(bench, "buffer reused", sizeof buffer, reused_run, equal);
    block_row(bench, "buffer new", sizeof buffer, copy_run, equal);
    if (bench_wants(bench, "heap peak") || bench_wants(bench, "struct") ||
        bench_wants(bench, "a stream"))
        peaks_report(bench);
}
