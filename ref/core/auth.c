#include "auth.h"

#include <stdbool.h>

#include "bytes.h"

struct anytls_written anytls_preamble_encode(const uint8_t *hash, uint16_t padding, uint8_t *out,
                                             size_t capacity)
{
    struct anytls_written result = {ANYTLS_NO_ROOM, 0};

    if (capacity < ANYTLS_PREAMBLE_SIZE + (size_t)padding)
        return result;
    anytls_bytes_copy(out, hash, ANYTLS_HASH_SIZE);
    anytls_u16_write(out + ANYTLS_HASH_SIZE, padding);
    anytls_bytes_zero(out + ANYTLS_PREAMBLE_SIZE, padding);
    result.status = ANYTLS_OK;
    result.size = ANYTLS_PREAMBLE_SIZE + (size_t)padding;
    return result;
}

struct anytls_preamble anytls_preamble_begin(void)
{
    return (struct anytls_preamble){{0}, 0, 0};
}

/* Looks at every byte, whatever it finds, so that the time tells nothing about the hash. */
/*@ requires \valid_read(a + (0 .. 31));
    requires \valid_read(b + (0 .. 31));
    assigns \nothing;
    ensures \result <==> hash_equal(a, b);
*/
static bool hash_matches(const uint8_t *a, const uint8_t *b)
{
    unsigned difference = 0;

    /*@ loop invariant 0 <= i <= 32;
        loop invariant difference == 0 <==> (\forall integer j; 0 <= j < i ==> a[j] == b[j]);
        loop assigns i, difference;
        loop variant 32 - i;
    */
    for (size_t i = 0; i < ANYTLS_HASH_SIZE; i++)
        /*@ assert (uint8_t)(a[i] ^ b[i]) == (a[i] ^ b[i]); */
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

/* Keeps input bytes until the preamble's first `end` bytes are there. */
/*@ requires \valid(preamble);
    requires preamble->size <= end <= 34;
    requires \valid_read(bytes + (0 .. size - 1));
    requires \separated(preamble, bytes + (0 .. size - 1));
    assigns preamble->size, preamble->bytes[0 .. 33];
    ensures \result <= size;
    ensures preamble->size == \old(preamble->size) + \result;
    ensures preamble->size <= end;
    ensures \result == size || preamble->size == end;
    ensures \forall integer i; 0 <= i < \old(preamble->size) ==>
        preamble->bytes[i] == \old(preamble->bytes[i]);
    ensures \forall integer i; \old(preamble->size) <= i < preamble->size ==>
        preamble->bytes[i] == bytes[i - \old(preamble->size)];
*/
static size_t keep(struct anytls_preamble *preamble, const uint8_t *bytes, size_t size, size_t end)
{
    size_t taken = 0;

    /*@ loop invariant 0 <= taken <= size;
        loop invariant preamble->size == \at(preamble->size, Pre) + taken <= end;
        loop invariant \forall integer i; 0 <= i < \at(preamble->size, Pre) ==>
            preamble->bytes[i] == \at(preamble->bytes[i], Pre);
        loop invariant \forall integer i; \at(preamble->size, Pre) <= i < preamble->size ==>
            preamble->bytes[i] == bytes[i - \at(preamble->size, Pre)];
        loop assigns taken, preamble->size, preamble->bytes[0 .. 33];
        loop variant size - taken;
    */
    while (taken < size && preamble->size < end) {
        preamble->bytes[preamble->size] = bytes[taken];
        preamble->size++;
        taken++;
    }
    return taken;
}

struct anytls_preamble_result anytls_preamble_receive(struct anytls_preamble *preamble,
                                                      const uint8_t *hash, const uint8_t *bytes,
                                                      size_t size)
{
    struct anytls_preamble_result result = {ANYTLS_INCOMPLETE, 0};
    size_t padding;

    if (preamble->size < ANYTLS_HASH_SIZE) {
        result.consumed = keep(preamble, bytes, size, ANYTLS_HASH_SIZE);
        if (preamble->size < ANYTLS_HASH_SIZE)
            return result;
        if (!hash_matches(preamble->bytes, hash)) {
            result.status = ANYTLS_BAD_PASSWORD;
            return result;
        }
    }
    if (preamble->size < ANYTLS_PREAMBLE_SIZE) {
        result.consumed +=
            keep(preamble, bytes + result.consumed, size - result.consumed, ANYTLS_PREAMBLE_SIZE);
        if (preamble->size < ANYTLS_PREAMBLE_SIZE)
            return result;
        preamble->padding_left = anytls_u16_read(preamble->bytes + ANYTLS_HASH_SIZE);
    }
    padding = size - result.consumed;
    if (padding > preamble->padding_left)
        padding = preamble->padding_left;
    preamble->padding_left -= padding;
    result.consumed += padding;
    if (preamble->padding_left == 0)
        result.status = ANYTLS_OK;
    return result;
}
