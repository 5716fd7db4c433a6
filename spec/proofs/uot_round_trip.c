/* What is written is what is read: theorems about the requests of ref/core/uot.c, from its contracts
 * alone. */
#include "core/uot.h"

struct anytls_uot_request_result decode_of_encode(const struct anytls_uot_request *request,
                                                  uint8_t *out, size_t capacity);
struct anytls_written encode_of_decode(const uint8_t *bytes, size_t size, uint8_t *out,
                                       size_t capacity);

/*@ requires \valid_read(request);
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), request);
    requires address_fits(request->address.kind, request->address.size);
    requires capacity >= 1 + address_length(request->address.kind, request->address.size);
    assigns out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.consumed == 1 + address_length(request->address.kind, request->address.size);
    ensures \result.request.connect <==> request->connect;
    ensures \result.request.address.kind == request->address.kind;
    ensures \result.request.address.size == request->address.size;
    ensures \result.request.address.port == request->address.port;
    ensures \forall integer i; 0 <= i < request->address.size ==>
        \result.request.address.host[i] == request->address.host[i];
*/
struct anytls_uot_request_result decode_of_encode(const struct anytls_uot_request *request,
                                                  uint8_t *out, size_t capacity)
{
    struct anytls_written written = anytls_uot_request_encode(request, out, capacity);

    return anytls_uot_request_decode(out, written.size);
}

/*@ requires \valid_read(bytes + (0 .. size - 1));
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), bytes + (0 .. size - 1));
    requires size > 0 && bytes[0] <= 1;
    requires !address_bad(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
    requires size - 1 >= address_need(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
    requires capacity >= 1 + address_need(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
    assigns out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.size == \old(1 + address_need(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1));
    ensures \forall integer i; 0 <= i < \result.size ==> out[i] == \old(bytes[i]);
*/
struct anytls_written encode_of_decode(const uint8_t *bytes, size_t size, uint8_t *out,
                                       size_t capacity)
{
    struct anytls_uot_request_result read = anytls_uot_request_decode(bytes, size);
    struct anytls_written written = anytls_uot_request_encode(&read.request, out, capacity);

    /*@ assert written.size == read.consumed; */
    /*@ assert out[0] == \at(bytes[0], Pre); */
    /*@ assert out[1] == \at(bytes[1], Pre); */
    /*@ assert read.request.address.kind == ANYTLS_NAME ==> out[2] == \at(bytes[2], Pre); */
    /*@ assert \forall integer i; 1 + address_start(read.request.address.kind) <= i <
            1 + address_start(read.request.address.kind) + read.request.address.size ==>
            out[i] == \at(bytes[i], Pre); */
    /*@ assert \let n = written.size; out[n - 2] == \at(bytes[n - 2], Pre) &&
            out[n - 1] == \at(bytes[n - 1], Pre); */
    return written;
}
