#include <stdlib.h>
#include <string.h>

#include "diff.h"

uint32_t draw(uint64_t *seed)
{
    uint64_t z;

    *seed += 0x9e3779b97f4a7c15u;
    z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 16);
}

uint32_t draw_below(uint64_t *seed, uint32_t limit)
{
    return draw(seed) % limit;
}

static void reserve(struct blob *blob, size_t size)
{
    if (blob->capacity - blob->size >= size)
        return;
    blob->capacity = 2 * blob->capacity + size;
    blob->at = realloc(blob->at, blob->capacity);
    if (blob->at == NULL)
        abort();
}

void blob_add(struct blob *blob, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    reserve(blob, size);
    memcpy(blob->at + blob->size, bytes, size);
    blob->size += size;
}

void blob_drop(struct blob *blob, size_t size)
{
    if (size == 0)
        return;
    blob->size -= size;
    memmove(blob->at, blob->at + size, blob->size);
}

void blob_free(struct blob *blob)
{
    free(blob->at);
    memset(blob, 0, sizeof *blob);
}

void blob_add_pattern(struct blob *blob, size_t size, uint64_t seed)
{
    if (size == 0)
        return;
    reserve(blob, size);
    for (size_t i = 0; i < size; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        blob->at[blob->size + i] = (uint8_t)(seed >> 56);
    }
    blob->size += size;
}

uint64_t hash_on(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 1099511628211u;
    return hash;
}
