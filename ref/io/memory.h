/* A transport in memory: two pipes of bounded size between two ends, for tests and benches.
 * Both ends run in one thread: a read of an empty pipe, and a write to a full one, run the step
 * function of the other end once. Where that brings nothing, nothing ever will, and the clock,
 * which is a field, jumps to the deadline. So a run depends on nothing but its input. */
#ifndef ANYTLS_IO_MEMORY_H
#define ANYTLS_IO_MEMORY_H

#include <stdbool.h>

#include "io/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

struct anytls_pipe {
    uint8_t *bytes; /* capacity of them, the caller's */
    size_t capacity;
    size_t start; /* the oldest byte in it */
    size_t size;
    bool ended; /* nothing more can be written */
};

struct anytls_memory;

struct anytls_memory_end {
    struct anytls_memory *memory;
    struct anytls_pipe *in;
    struct anytls_pipe *out;

    /* Does what the owner of this end has to do with what has come to it, and returns; NULL:
     * nothing. It reads with a deadline that has passed, since it runs inside a call of the other
     * end, whose step it cannot run. */
    void (*step)(void *context);
    void *step_context;
};

struct anytls_memory {
    struct anytls_pipe pipes[2];
    struct anytls_memory_end ends[2];
    uint64_t now;    /* milliseconds; the caller may move it forward */
    uint32_t random; /* state of the random numbers; the caller may set it, not to 0 */
    bool stepping;
};

/* Begins a pair. bytes: the caller's, 2 * capacity of them, capacity for each direction.
 * The caller must not move the struct afterwards. */
void anytls_memory_begin(struct anytls_memory *memory, uint8_t *bytes, size_t capacity);

/* The transport of one end: 0 or 1. A read or write that can never end, having no deadline,
 * answers ANYTLS_IO_FAILED. */
struct anytls_transport anytls_memory_transport(struct anytls_memory *memory, size_t end);

/* Closes an end: the other end reads what is under way and then the end, and can write no more. */
void anytls_memory_close(struct anytls_memory *memory, size_t end);

#ifdef __cplusplus
}
#endif

#endif
