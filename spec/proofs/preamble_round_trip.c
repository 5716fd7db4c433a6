/* What is written is what is read: theorems about the preamble of ref/core/auth.c, from its
 * contracts alone. */
#include "core/auth.h"
#include "core/bytes.h"

struct anytls_preamble_result decode_of_encode(const uint8_t *hash, uint16_t padding,
                                               struct anytls_preamble *preamble, uint8_t *out,
                                               size_t capacity);
struct anytls_written encode_of_decode(const uint8_t *hash, const uint8_t *bytes, size_t size,
                                       struct anytls_preamble *preamble, uint8_t *out,
                                       size_t capacity);

/*@ requires \valid_read(hash + (0 .. 31));
    requires \valid(preamble) && preamble->size == 0 && preamble->padding_left == 0;
    requires \valid(out + (0 .. capacity - 1)) && capacity >= 34 + padding;
    requires \separated(out + (0 .. capacity - 1), hash + (0 .. 31));
    requires \separated(preamble, hash + (0 .. 31));
    requires \separated(preamble, out + (0 .. capacity - 1));
    assigns *preamble, out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.consumed == 34 + padding;
    ensures \forall integer i; 0 <= i < 32 ==> preamble->bytes[i] == hash[i];
*/
struct anytls_preamble_result decode_of_encode(const uint8_t *hash, uint16_t padding,
                                               struct anytls_preamble *preamble, uint8_t *out,
                                               size_t capacity)
{
    struct anytls_written written = anytls_preamble_encode(hash, padding, out, capacity);
    struct anytls_preamble_result read;

    /*@ assert written.size == 34 + padding && be16(out + 32) == padding; */
    /*@ assert right: \forall integer i; 0 <= i < 32 ==> out[i] == hash[i]; */
    /*@ ghost encoded:; */
    read = anytls_preamble_receive(preamble, hash, out, written.size);
    /*@ assert hash: \forall integer i; 0 <= i < 32 ==> hash[i] == \at(hash[i], encoded); */
    /*@ assert out: \forall integer i; 0 <= i < 34 ==> out[i] == \at(out[i], encoded); */
    /*@ assert taken: \forall integer i; 0 <= i < preamble->size ==>
            preamble->bytes[i] == out[i]; */
    /*@ assert equal: preamble->size >= 32 ==> hash_equal(&preamble->bytes[0], hash); */
    /*@ assert good: read.status != ANYTLS_BAD_PASSWORD; */
    /*@ assert last: preamble->size == 34 ==> preamble->bytes[32] == \at(out[32], encoded) &&
            preamble->bytes[33] == \at(out[33], encoded); */
    /*@ assert sum: \at(out[32], encoded) * 256 + \at(out[33], encoded) == padding; */
    /*@ assert length: preamble->size == 34 ==> be16(&preamble->bytes[32]) == padding; */
    /*@ assert whole: read.status != ANYTLS_INCOMPLETE; */
    return read;
}

/*@ requires \valid_read(hash + (0 .. 31)) && \valid_read(bytes + (0 .. size - 1));
    requires \valid(preamble) && preamble->size == 0 && preamble->padding_left == 0;
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(preamble, hash + (0 .. 31));
    requires \separated(preamble, bytes + (0 .. size - 1));
    requires \separated(preamble, out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), bytes + (0 .. size - 1));
    requires size >= 34 && hash_equal(bytes, hash);
    requires size >= 34 + be16(bytes + 32) && capacity >= 34 + be16(bytes + 32);
    requires \forall integer i; 34 <= i < 34 + be16(bytes + 32) ==> bytes[i] == 0;
    assigns *preamble, out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.size == 34 + be16(bytes + 32);
    ensures \forall integer i; 0 <= i < \result.size ==> out[i] == \old(bytes[i]);
*/
struct anytls_written encode_of_decode(const uint8_t *hash, const uint8_t *bytes, size_t size,
                                       struct anytls_preamble *preamble, uint8_t *out,
                                       size_t capacity)
{
    struct anytls_preamble_result read = anytls_preamble_receive(preamble, hash, bytes, size);
    struct anytls_written written;
    uint16_t padding;

    /*@ assert taken: \forall integer i; 0 <= i < preamble->size ==>
            preamble->bytes[i] == bytes[i]; */
    /*@ assert equal: preamble->size >= 32 ==> hash_equal(&preamble->bytes[0], hash); */
    /*@ assert good: read.status != ANYTLS_BAD_PASSWORD; */
    /*@ assert length: preamble->size == 34 ==>
            be16(&preamble->bytes[32]) == be16(bytes + 32); */
    /*@ assert whole: read.status == ANYTLS_OK && read.consumed == 34 + be16(bytes + 32); */
    padding = anytls_u16_read(preamble->bytes + 32);
    /*@ assert padding == be16(bytes + 32); */
    /*@ ghost decoded:; */
    written = anytls_preamble_encode(preamble->bytes, padding, out, capacity);
    /*@ assert same: \forall integer i; 0 <= i < 32 ==> out[i] == \at(bytes[i], Pre); */
    /*@ assert more: out[32] == \at(bytes[32], Pre) && out[33] == \at(bytes[33], Pre); */
    /*@ assert rest: \forall integer i; 34 <= i < written.size ==> out[i] == \at(bytes[i], Pre); */
    return written;
}
