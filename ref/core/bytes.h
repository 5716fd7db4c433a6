/* Copying and comparing bytes, and big-endian numbers, for the rest of the core.
 * Not part of the public interface. Loops rather than memcpy: they prove, and the compiler makes
 * them a memcpy all the same. */
#ifndef ANYTLS_CORE_BYTES_H
#define ANYTLS_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies size bytes; the two areas must not overlap. */
/*@ requires \valid(to + (0 .. size - 1));
    requires \valid_read(from + (0 .. size - 1));
    requires \separated(to + (0 .. size - 1), from + (0 .. size - 1));
    assigns to[0 .. size - 1];
    ensures \forall integer i; 0 <= i < size ==> to[i] == \old(from[i]);
*/
void anytls_bytes_copy(uint8_t *to, const uint8_t *from, size_t size);

/* Writes size zero bytes. */
/*@ requires \valid(to + (0 .. size - 1));
    assigns to[0 .. size - 1];
    ensures \forall uint8_t *p; \base_addr(p) == \base_addr(to) && 0 <= p - to < size ==>
        *p == 0;
*/
void anytls_bytes_zero(uint8_t *to, size_t size);

/* Whether both areas hold the same bytes. Leaves at the first difference: not for secrets. */
/*@ requires \valid_read(a + (0 .. size - 1));
    requires \valid_read(b + (0 .. size - 1));
    assigns \nothing;
    ensures \result <==> (\forall integer i; 0 <= i < size ==> a[i] == b[i]);
*/
bool anytls_bytes_equal(const uint8_t *a, const uint8_t *b, size_t size);

/* One byte of a number: the one that counts units of `unit`. */
/*@ requires unit > 0;
    assigns \nothing;
    ensures \result == number / unit % 256;
*/
uint8_t anytls_byte_of(uint32_t number, uint32_t unit);

/*@ requires \valid(to + (0 .. 1));
    assigns to[0 .. 1];
    ensures to[0] * 256 + to[1] == number;
*/
void anytls_u16_write(uint8_t *to, uint16_t number);

/*@ requires \valid_read(from + (0 .. 1));
    assigns \nothing;
    ensures \result == from[0] * 256 + from[1];
*/
uint16_t anytls_u16_read(const uint8_t *from);

#endif
