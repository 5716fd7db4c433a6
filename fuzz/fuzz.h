/* What every fuzz target shares: an assertion that ends the run, an input that is taken apart from
 * its front, and copies in memory of exactly their size, so that a sanitizer sees a byte too many.
 *
 * A target is one file with one function, LLVMFuzzerTestOneInput, for every engine. */
#ifndef ANYTLS_FUZZ_H
#define ANYTLS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

#ifdef __cplusplus
extern "C" {
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that did not hold: names it and aborts. */
_Noreturn void fuzz_fail(const char *file, int line, const char *property);

#define FUZZ_ASSERT(property) ((property) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #property))

/* A place that is never reached. */
#define FUZZ_NEVER(why) fuzz_fail(__FILE__, __LINE__, why)

/* The part of an input that has not been used. An input that is used up yields zeros. */
struct fuzz_input {
    const uint8_t *at;
    size_t size;
};

uint8_t fuzz_byte(struct fuzz_input *input);
uint16_t fuzz_u16(struct fuzz_input *input);
uint32_t fuzz_u32(struct fuzz_input *input);

/* The next size bytes, or what is left of them. */
struct anytls_text fuzz_take(struct fuzz_input *input, size_t size);

/* Numbers that depend on a seed and nothing else: for cuts and sizes, where the input itself is
 * meant to stay what a peer would send. */
struct fuzz_numbers {
    uint64_t state;
};

struct fuzz_numbers fuzz_numbers_of(const uint8_t *data, size_t size);
uint32_t fuzz_next(struct fuzz_numbers *numbers);
/* 0 to limit, included. */
size_t fuzz_upto(struct fuzz_numbers *numbers, size_t limit);

/* Memory of exactly size bytes; freed by free. Never NULL. */
void *fuzz_memory(size_t size);
uint8_t *fuzz_copy(const void *bytes, size_t size);

/* memcmp and memcpy for sizes of 0 with any pointer. */
bool fuzz_same(const void *a, const void *b, size_t size);

#ifdef __cplusplus
}
#endif

#endif
