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
/*@ requires \valid_read(hash + (0 .. 31));
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), hash + (0 .. 31));
    assigns out[0 .. 33 + padding];
    behavior no_room:
        assumes capacity < 34 + padding;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM;
        ensures \result.size == 0;
    behavior room:
        assumes capacity >= 34 + padding;
        assigns out[0 .. 33 + padding];
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == 34 + padding;
        ensures \forall integer i; 0 <= i < 32 ==> out[i] == \old(hash[i]);
        ensures be16(out + 32) == padding;
        ensures \forall integer i; 34 <= i < 34 + padding ==> out[i] == 0;
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_preamble_encode(const uint8_t *hash, uint16_t padding, uint8_t *out,
                                             size_t capacity);

/* A preamble as it comes in. The bytes up to the verdict are kept, so that a fallback can be given
 * exactly what was sent (AUTH-FALLBACK). */
struct anytls_preamble {
    uint8_t bytes[ANYTLS_PREAMBLE_SIZE];
    size_t size;         /* bytes of it that have come */
    size_t padding_left; /* bytes of padding0 still to come, once size is 34 */
};

/*@ predicate hash_equal{L}(uint8_t *a, uint8_t *b) =
        \forall integer i; 0 <= i < 32 ==> a[i] == b[i];
    // padding_left is known once the 34 bytes in front of the padding are there.
    predicate preamble_valid{L}(struct anytls_preamble *p) =
        p->size <= 34 && p->padding_left <= 65535 && (p->size < 34 ==> p->padding_left == 0);
*/

struct anytls_preamble_result {
    enum anytls_status status;
    size_t consumed; /* bytes of the input that belong to the preamble */
};

/* Begins to receive a preamble. */
/*@ assigns \nothing;
    ensures \result.size == 0 && \result.padding_left == 0;
*/
struct anytls_preamble anytls_preamble_begin(void);

/* Takes the next bytes; any split is accepted (AUTH-SPLIT).
 * hash: the right one, ANYTLS_HASH_SIZE bytes; compared in constant time (AUTH-CONSTANT-TIME).
 * ANYTLS_OK: the preamble is whole and right. ANYTLS_INCOMPLETE: all was consumed, more has to come.
 * ANYTLS_BAD_PASSWORD: said as soon as 32 bytes have come (AUTH-VERDICT); preamble->bytes holds
 * them, and what was not consumed follows. */
/*@ requires \valid(preamble);
    requires preamble_valid(preamble);
    requires \valid_read(hash + (0 .. 31));
    requires \valid_read(bytes + (0 .. size - 1));
    requires \separated(preamble, hash + (0 .. 31));
    requires \separated(preamble, bytes + (0 .. size - 1));
    assigns *preamble;
    ensures preamble_valid(preamble);
    ensures \result.status == ANYTLS_OK || \result.status == ANYTLS_INCOMPLETE ||
            \result.status == ANYTLS_BAD_PASSWORD;
    ensures \result.consumed <= size;
    // The verdict comes with the 32nd byte, and not before.
    ensures \result.status == ANYTLS_BAD_PASSWORD <==>
        \old(preamble->size) < 32 && \old(preamble->size) + size >= 32 &&
        !hash_equal(&preamble->bytes[0], hash);
    ensures \result.status == ANYTLS_BAD_PASSWORD ==>
        preamble->size == 32 && \result.consumed == 32 - \old(preamble->size);
    ensures \result.status == ANYTLS_OK ==> preamble->size == 34 && preamble->padding_left == 0;
    ensures \result.status == ANYTLS_INCOMPLETE ==>
        \result.consumed == size && (preamble->size < 34 || preamble->padding_left > 0);
    // Every byte of the preamble is taken once, in order, and none behind it.
    ensures \old(preamble->size) <= preamble->size;
    ensures \forall integer i; 0 <= i < \old(preamble->size) ==>
        preamble->bytes[i] == \old(preamble->bytes[i]);
    ensures \forall integer i; \old(preamble->size) <= i < preamble->size ==>
        preamble->bytes[i] == bytes[i - \old(preamble->size)];
    ensures preamble->size < 34 ==>
        \result.consumed == preamble->size - \old(preamble->size);
    ensures \old(preamble->size) < 34 && preamble->size == 34 ==>
        \result.consumed == 34 - \old(preamble->size) +
            be16(&preamble->bytes[32]) - preamble->padding_left;
    ensures \old(preamble->size) == 34 ==>
        \result.consumed == \old(preamble->padding_left) - preamble->padding_left;
*/
struct anytls_preamble_result anytls_preamble_receive(struct anytls_preamble *preamble,
                                                      const uint8_t *hash, const uint8_t *bytes,
                                                      size_t size);

#ifdef __cplusplus
}
#endif

#endif
