#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The address sanitizer: where memory came from is not needed to find a fault, and costs most of the
 * time. To see it: ASAN_OPTIONS=malloc_context_size=30. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "malloc_context_size=0:quarantine_size_mb=4:detect_stack_use_after_return=0";
}

_Noreturn void fuzz_fail(const char *file, int line, const char *property)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
    abort();
}

uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->at++;
}

uint16_t fuzz_u16(struct fuzz_input *input)
{
    unsigned high = fuzz_byte(input);

    return (uint16_t)(high * 256u + fuzz_byte(input));
}

uint32_t fuzz_u32(struct fuzz_input *input)
{
    uint32_t high = fuzz_u16(input);

    return high * 65536u + fuzz_u16(input);
}

struct anytls_text fuzz_take(struct fuzz_input *input, size_t size)
{
    struct anytls_text taken = {input->at, size < input->size ? size : input->size};

    if (taken.size > 0)
        input->at += taken.size;
    input->size -= taken.size;
    return taken;
}

/* The ends and the size tell inputs apart well enough, and cost the same for any size. */
struct fuzz_numbers fuzz_numbers_of(const uint8_t *data, size_t size)
{
    struct fuzz_numbers numbers = {size + 1};
    size_t edge = size < 8 ? size : 8;

    for (size_t i = 0; i < edge; i++)
        numbers.state = (numbers.state ^ data[i] ^ ((uint64_t)data[size - 1 - i] << 8)) *
                        UINT64_C(0x9e3779b97f4a7c15);
    return numbers;
}

uint32_t fuzz_next(struct fuzz_numbers *numbers)
{
    numbers->state = numbers->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(numbers->state >> 32);
}

size_t fuzz_upto(struct fuzz_numbers *numbers, size_t limit)
{
    return fuzz_next(numbers) % (limit + 1);
}

void *fuzz_memory(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL && size > 0) {
        fprintf(stderr, "out of memory\n");
        abort();
    }
    return memory;
}

uint8_t *fuzz_copy(const void *bytes, size_t size)
{
    uint8_t *copy = fuzz_memory(size);

    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

bool fuzz_same(const void *a, const void *b, size_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}
