/* The mutator as libFuzzer wants it; FUZZ_LAYOUT names what an input is. */
#include "mutator.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    return fuzz_mutate(FUZZ_LAYOUT, data, size, max_size, seed);
}
