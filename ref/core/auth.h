/* The preamble: what a client sends straight after the TLS handshake to show the password.
 * Implements the section "Authentication" of the protocol document, for both sides.
 * It computes no digest: SHA-256 of the password is given to it. */
#ifndef ANYTLS_CORE_AUTH_H
#define ANYTLS_CORE_AUTH_H

#include "frame.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_HASH_SIZE 32u     /* bytes of a SHA-256 */
#define ANYTLS_PREAMBLE_SIZE 34u /* bytes of a preamble without its padding */

/* Writes a preamble: hash, the length of padding0, and padding zero bytes (AUTH-PREAMBLE).
 * hash: ANYTLS_HASH_SIZE bytes. ANYTLS_NO_ROOM: capacity is below 34 + padding. */
struct anytls_written anytls_preamble_encode(const uint8_t *hash, uint16_t padding, uint8_t *out,
                                             size_t capacity);

/* A preamble as it comes in. The bytes up to the verdict are kept, so that a fallback can be given
 * exactly what was sent (AUTH-FALLBACK). */
struct anytls_preamble {
    uint8_t bytes[ANYTLS_PREAMBLE_SIZE];
    size_t size;         /* bytes of it that have come */
    size_t padding_left; /* bytes of padding0 still to come, once size is 34 */
};

struct anytls_preamble_result {
    enum anytls_status status;
    size_t consumed; /* bytes of the input that belong to the preamble */
};

/* Begins to receive a preamble. */
struct anytls_preamble anytls_preamble_begin(void);

/* Takes the next bytes; any split is accepted (AUTH-SPLIT).
 * hash: the right one, ANYTLS_HASH_SIZE bytes; compared in constant time (AUTH-CONSTANT-TIME).
 * ANYTLS_OK: the preamble is whole and right. ANYTLS_INCOMPLETE: all was consumed, more has to come.
 * ANYTLS_BAD_PASSWORD: said as soon as 32 bytes have come (AUTH-VERDICT); preamble->bytes holds
 * them, and what was not consumed follows. */
struct anytls_preamble_result anytls_preamble_receive(struct anytls_preamble *preamble,
                                                      const uint8_t *hash, const uint8_t *bytes,
                                                      size_t size);

#ifdef __cplusplus
}
#endif

#endif
