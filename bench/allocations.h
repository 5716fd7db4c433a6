/* Counting what the heap is asked for. anytls-bench has malloc and its kin as functions of its own
 * that count and then call the C library's; so OpenSSL's calls are counted, too. */
#ifndef BENCH_ALLOCATIONS_H
#define BENCH_ALLOCATIONS_H

#include <stdint.h>

struct allocations {
    uint64_t calls; /* of malloc, calloc, realloc, and of those with an alignment */
    uint64_t bytes; /* asked for */
    uint64_t peak;  /* by how much the heap has grown at most */
};

/* Counts from now on. */
void allocations_begin(void);

/* Ends counting: what was asked for since. */
struct allocations allocations_end(void);

#endif
