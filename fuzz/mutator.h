/* A mutator that knows what an input looks like: frames are inserted, removed, doubled, swapped, cut;
 * their commands, ids, lengths and data changed; settings and padding schemes written from a
 * grammar. It works in place and needs nothing but LLVMFuzzerMutate, for the bytes of a part.
 *
 * libFuzzer: link mutator_libfuzzer.c, with FUZZ_LAYOUT defined as the name of a layout.
 * AFL++: build mutator_afl.c as a library, the same way; AFL_CUSTOM_MUTATOR_LIBRARY names it.
 * Another fuzzer: call fuzz_mutate, and give it a LLVMFuzzerMutate; mutator_bytes.c has one. */
#ifndef ANYTLS_FUZZ_MUTATOR_H
#define ANYTLS_FUZZ_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The engine's: changes some bytes, answers the new size. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Changes an input of size bytes in a buffer of max_size; answers the new size. The same seed makes
 * the same change. layout: what an input is:
 *   "frames"    a stream of frames
 *   "preamble"  a preamble and then a stream of frames; a frame with command 128 may stand before
 *   "settings"  lines of key=value
 *   "scheme"    a padding scheme
 *   "bytes"     anything */
size_t fuzz_mutate(const char *layout, uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* Seeds the LLVMFuzzerMutate of mutator_bytes.c. */
void mutator_bytes_seed(uint64_t seed);

/* ---- Between its files ---- */

struct mutation {
    uint8_t *data;
    size_t size;
    size_t max;
    uint64_t random;
};

/* 0 to limit - 1. */
size_t mutation_below(struct mutation *mutation, size_t limit);

/* Replaces removed bytes at a place by others; false: no room, and nothing changed. bytes are not
 * part of the input. */
int mutation_splice(struct mutation *mutation, size_t at, size_t removed, const uint8_t *bytes,
                    size_t size);

#define MUTATOR_TEXT_MAX 1024u

/* Texts from a grammar; at most MUTATOR_TEXT_MAX bytes. */
size_t mutator_settings(struct mutation *mutation, uint8_t *out);
size_t mutator_scheme(struct mutation *mutation, uint8_t *out);

/* Changes lines of the text that stands from start to end of an input. */
void mutator_lines(struct mutation *mutation, size_t start, size_t end, int scheme);

#ifdef __cplusplus
}
#endif

#endif
