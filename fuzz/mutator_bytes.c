/* A LLVMFuzzerMutate for where no engine brings one: a few simple changes of bytes. */
#include <string.h>

#include "mutator.h"

static uint64_t state = 1;

void mutator_bytes_seed(uint64_t seed)
{
    state = seed + UINT64_C(0x9e3779b97f4a7c15);
}

static uint32_t draw(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 32);
}

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
