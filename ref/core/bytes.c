#include "bytes.h"

void anytls_bytes_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t size)
{
    /*@ loop invariant 0 <= i <= size;
        loop invariant \forall integer j; 0 <= j < i ==> to[j] == \at(from[j], Pre);
        loop assigns i, to[0 .. size - 1];
        loop variant size - i;
    */
    for (size_t i = 0; i < size; i++)
        to[i] = from[i];
}

void anytls_bytes_zero(uint8_t *to, size_t size)
{
    /*@ loop invariant 0 <= i <= size;
        loop invariant \forall uint8_t *p; \base_addr(p) == \base_addr(to) && 0 <= p - to < i ==>
            *p == 0;
        loop assigns i, to[0 .. size - 1];
        loop variant size - i;
    */
    for (size_t i = 0; i < size; i++)
        to[i] = 0;
}

bool anytls_bytes_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    /*@ loop invariant 0 <= i <= size;
        loop invariant \forall integer j; 0 <= j < i ==> a[j] == b[j];
        loop assigns i;
        loop variant size - i;
    */
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

uint8_t anytls_byte_of(uint32_t number, uint32_t unit)
{
    return (uint8_t)(number / unit % 256u);
}

void anytls_u16_write(uint8_t *to, uint16_t number)
{
    to[0] = anytls_byte_of(number, 256u);
    to[1] = anytls_byte_of(number, 1u);
}

uint16_t anytls_u16_read(const uint8_t *from)
{
    return (uint16_t)(from[0] * 256u + from[1]);
}
