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

void *afl_custom_init(void *afl, unsigned int seed)
{
    struct afl_mutator *mutator = calloc(1, sizeof *mutator);

    (void)afl;
    if (mutator != NULL)
        mutator->seed = seed;
    mutator_bytes_seed(seed);
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
