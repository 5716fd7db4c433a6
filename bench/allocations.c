#include "allocations.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static bool counting;
static uint64_t calls;
static uint64_t bytes;
static int64_t live;
static int64_t live_peak;

void allocations_begin(void)
{
    calls = 0;
    bytes = 0;
    live = 0;
    live_peak = 0;
    counting = true;
}

struct allocations allocations_end(void)
{
    struct allocations result;

    counting = false;
    result.calls = calls;
    result.bytes = bytes;
    result.peak = (uint64_t)live_peak;
    return result;
}

#if !defined(__SANITIZE_ADDRESS__) && defined(__GLIBC__)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *pointer);

static void taken(void *pointer, size_t size)
{
    calls++;
    bytes += size;
    live += (int64_t)malloc_usable_size(pointer);
    if (live > live_peak)
        live_peak = live;
}

static void given_back(void *pointer)
{
    live -= (int64_t)malloc_usable_size(pointer);
}

void *malloc(size_t size)
{
    void *pointer = __libc_malloc(size);

    if (counting && pointer != NULL)
        taken(pointer, size);
    return pointer;
}

void *calloc(size_t count, size_t size)
{
    void *pointer = __libc_calloc(count, size);

    if (counting && pointer != NULL)
        taken(pointer, count * size);
    return pointer;
}

void *realloc(void *pointer, size_t size)
{
    void *moved;

    if (counting && pointer != NULL)
        given_back(pointer);
    moved = __libc_realloc(pointer, size);
    if (counting && moved != NULL)
        taken(moved, size);
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    void *pointer = __libc_memalign(alignment, size);

    if (counting && pointer != NULL)
        taken(pointer, size);
    return pointer;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **pointer, size_t alignment, size_t size)
{
    *pointer = memalign(alignment, size);
    return *pointer != NULL ? 0 : ENOMEM;
}

void free(void *pointer)
{
    if (counting && pointer != NULL)
        given_back(pointer);
    __libc_free(pointer);
}

#endif
