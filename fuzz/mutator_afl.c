/* The mutator as a library for AFL++, which ignores one that is linked into the target; FUZZ_LAYOUT
 * names what an input is. AFL++ goes on mutating bytes by itself beside it. */
#include <stdlib.h>
#include <string.h>

#include "mutator.h"

void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *input, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t max_size);
void afl_custom_deinit(void *data);

struct afl_mutator {
    unsigned seed;
    size_t capacity;
    uint8_t *buffer;
};

static uint64_t random_state = 1;

static uint32_t draw(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 32);
}

/* There is no engine to ask for this: a few simple changes. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    size_t at;

    if (size < max_size && (size == 0 || draw() % 4 == 0)) {
        at = draw() % (size + 1);
        memmove(data + at + 1, data + at, size - at);
        data[at] = (uint8_t)draw();
        return size + 1;
    }
    if (size == 0)
        return 0;
    at = draw() % size;
    switch (draw() % 4) {
    case 0: memmove(data + at, data + at + 1, size - at - 1); return size - 1;
    case 1: data[at] ^= (uint8_t)(1u << draw() % 8); break;
    case 2: data[at] = (uint8_t)draw(); break;
    default: data[at] = (uint8_t)(draw() % 2 == 0 ? 0 : 255); break;
    }
    return size;
}

void *afl_custom_init(void *afl, unsigned int seed)
{
    struct afl_mutator *mutator = calloc(1, sizeof *mutator);

    (void)afl;
    if (mutator != NULL)
        mutator->seed = seed;
    random_state = seed;
    return mutator;
}

size_t afl_custom_fuzz(void *data, uint8_t *input, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t max_size)
{
    struct afl_mutator *mutator = data;

    (void)other;
    (void)other_size;
    if (mutator->capacity < max_size) {
        free(mutator->buffer);
        mutator->buffer = malloc(max_size);
        mutator->capacity = mutator->buffer == NULL ? 0 : max_size;
    }
    *out = mutator->buffer;
    if (mutator->buffer == NULL || size > max_size)
        return 0;
    memcpy(mutator->buffer, input, size);
    return fuzz_mutate(FUZZ_LAYOUT, mutator->buffer, size, max_size, mutator->seed++);
}

void afl_custom_deinit(void *data)
{
    struct afl_mutator *mutator = data;

    free(mutator->buffer);
    free(mutator);
}
