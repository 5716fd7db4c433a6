/* What is written is what is read: theorems about ref/core/frame.c, from its contracts alone. */
#include "core/frame.h"

/*@ predicate byte(integer n) = 0 <= n < 256;

    lemma digits_are_unique: \forall integer a, b, c, d, e, f, g, h;
        byte(a) && byte(b) && byte(c) && byte(d) && byte(e) && byte(f) && byte(g) && byte(h) ==>
        a * 16777216 + b * 65536 + c * 256 + d == e * 16777216 + f * 65536 + g * 256 + h ==>
        a == e && b == f && c == g && d == h;
*/

struct anytls_frame_result decode_of_encode(struct anytls_frame frame, uint8_t *out,
                                            size_t capacity);
struct anytls_written encode_of_decode(const uint8_t *bytes, size_t size, uint8_t *out,
                                       size_t capacity);

/*@ requires \valid(out + (0 .. capacity - 1));
    requires \valid_read(frame.data + (0 .. frame.header.length - 1));
    requires \separated(out + (0 .. capacity - 1), frame.data + (0 .. frame.header.length - 1));
    requires capacity >= 7 + frame.header.length;
    assigns out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.consumed == 7 + frame.header.length;
    ensures \result.frame.header == frame.header;
    ensures \forall integer i; 0 <= i < frame.header.length ==>
        \result.frame.data[i] == \old(frame.data[i]);
*/
struct anytls_frame_result decode_of_encode(struct anytls_frame frame, uint8_t *out,
                                            size_t capacity)
{
    struct anytls_written written = anytls_frame_encode(frame, out, capacity);

    return anytls_frame_decode(out, written.size);
}

/*@ requires \valid_read(bytes + (0 .. size - 1));
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), bytes + (0 .. size - 1));
    requires size >= 7 && size >= 7 + be16(bytes + 5);
    requires capacity >= 7 + be16(bytes + 5);
    assigns out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.size == 7 + \old(be16(bytes + 5));
    ensures \forall integer i; 0 <= i < \result.size ==> out[i] == \old(bytes[i]);
*/
struct anytls_written encode_of_decode(const uint8_t *bytes, size_t size, uint8_t *out,
                                       size_t capacity)
{
    struct anytls_frame_result read = anytls_frame_decode(bytes, size);
    struct anytls_written written = anytls_frame_encode(read.frame, out, capacity);

    /*@ assert out[0] == \at(bytes[0], Pre); */
    /*@ assert be32(out + 1) == be32{Pre}(bytes + 1); */
    /*@ assert out[1] == \at(bytes[1], Pre) && out[2] == \at(bytes[2], Pre) &&
               out[3] == \at(bytes[3], Pre) && out[4] == \at(bytes[4], Pre); */
    /*@ assert be16(out + 5) == be16{Pre}(bytes + 5); */
    /*@ assert out[5] == \at(bytes[5], Pre) && out[6] == \at(bytes[6], Pre); */
    /*@ assert \forall integer i; 7 <= i < written.size ==> out[i] == \at(bytes[i], Pre); */
    return written;
}
