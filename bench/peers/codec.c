/* Frames encoded and decoded: the core's here, the others' by programs that their languages make,
 * and memcpy as what an encoder cannot beat. */
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "../engine.h"
#include "../pair.h"
#include "core/frame.h"
#include "workload.h"

#define ROUNDS 5
#define SPAN 20000000u /* ns */

static const size_t sizes_measured[] = {64, 256, 1024, 4096, 16384, 65535};
#define SIZE_COUNT (sizeof sizes_measured / sizeof sizes_measured[0])

struct codec {
    size_t size;
    size_t filled;
    alignas(4096) uint8_t out[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_FRAME_DATA_MAX];
};

static void encode(struct codec *self)
{
    struct anytls_frame frame = {{ANYTLS_PSH, (uint16_t)self->size, 1}, pair_payload()};

    self->filled = anytls_frame_encode(frame, self->out, sizeof self->out).size;
    bench_use(self->out);
}

static void decode(struct codec *self)
{
    bench_use(self->out);
    bench_use(anytls_frame_decode(self->out, self->filled).frame.data);
}

/* From where to where the encoder copies it: behind a header of 7 bytes nothing is aligned. */
static void copy(struct codec *self)
{
    bench_use(pair_payload());
    memcpy(self->out + ANYTLS_FRAME_HEADER_SIZE, pair_payload(), self->size);
    bench_use(self->out);
}

/* The least time of one call, over rounds of at least SPAN each, as the other programs do it. */
static double best(void (*call)(struct codec *self), struct codec *self)
{
    double least = 1e18;

    for (int i = 0; i < ROUNDS; i++) {
        uint64_t begin = bench_clock();
        uint64_t count = 0;
        double one;

        for (; bench_clock() - begin < SPAN; count += 64)
            for (int j = 0; j < 64; j++)
                call(self);
        one = (double)(bench_clock() - begin) / (double)count;
        least = one < least ? one : least;
    }
    return least;
}

static void put(struct outcome *outcome, const char *what, size_t size, double nanoseconds)
{
    char name[48];

    snprintf(name, sizeof name, "%.20s %zu", what, size);
    outcome_put(outcome, name, "ns", false, nanoseconds);
}

static void run_program(const struct places *places, const char *program, struct outcome *outcome)
{
    char command[1024];
    char what[16];
    unsigned size;
    double nanoseconds;
    FILE *output;

    snprintf(command, sizeof command, "%.900s/%s 2>&1", places->peers, program);
    output = popen(command, "re");
    while (output != NULL && fscanf(output, "%15s %u %lf", what, &size, &nanoseconds) == 3)
        put(outcome, what, size, nanoseconds);
    if (output == NULL || pclose(output) != 0 || outcome->count != 2 * SIZE_COUNT)
        outcome_fail(outcome, "%s/%s does not run; make bench-peers builds it", places->peers,
                     program);
}

bool codec_fits(const struct contender *contender)
{
    return contender->server == NULL || strcmp(contender->name, "reference") == 0 ||
           strcmp(contender->name, "anytls-go") == 0 || strcmp(contender->name, "anytls-rs") == 0;
}

void codec_run(const struct contender *contender, const struct places *places,
               const struct sizes *sizes, struct outcome *outcome)
{
    static struct codec codec;

    (void)sizes;
    if (strcmp(contender->name, "anytls-go") == 0) {
        run_program(places, "codec-go", outcome);
        return;
    }
    if (strcmp(contender->name, "anytls-rs") == 0) {
        run_program(places, "codec-rs", outcome);
        return;
    }
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        codec.size = sizes_measured[i];
        if (contender->server == NULL) {
            put(outcome, "encode", codec.size, best(copy, &codec));
            continue;
        }
        put(outcome, "encode", codec.size, best(encode, &codec));
        put(outcome, "decode", codec.size, best(decode, &codec));
    }
}
