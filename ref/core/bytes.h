/* Copying and comparing bytes, and big-endian numbers, for the rest of the core.
 * Not part of the public interface. Loops rather than memcpy: they prove, and the compiler makes
 * them a memcpy all the same. */
#ifndef ANYTLS_CORE_BYTES_H
#define ANYTLS_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies size bytes; the two areas must not overlap. */
void anytls_bytes_copy(uint8_t *to, const uint8_t *from, size_t size);

/* Writes size zero bytes. */
void anytls_bytes_zero(uint8_t *to, size_t size);

/* Whether both areas hold the same bytes. Leaves at the first difference: not for secrets. */
bool anytls_bytes_equal(const uint8_t *a, const uint8_t *b, size_t size);

static inline uint8_t anytls_byte_of(uint32_t number, uint32_t unit)
{
    return (uint8_t)(number / unit % 256u);
}

static inline void anytls_u16_write(uint8_t *to, uint16_t number)
{
    to[0] = anytls_byte_of(number, 256u);
    to[1] = anytls_byte_of(number, 1u);
}

static inline uint16_t anytls_u16_read(const uint8_t *from)
{
    return (uint16_t)(from[0] * 256u + from[1]);
}

#endif
