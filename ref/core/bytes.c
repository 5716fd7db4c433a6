#include "bytes.h"

void anytls_bytes_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = from[i];
}

void anytls_bytes_zero(uint8_t *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = 0;
}

bool anytls_bytes_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i])
            return false;
    return true;
}
