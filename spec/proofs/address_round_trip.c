/* What is written is what is read: theorems about ref/core/address.c, from its contracts alone. */
#include "core/address.h"

struct anytls_address_result decode_of_encode(enum anytls_address_table table,
                                              const struct anytls_address *address, uint8_t *out,
                                              size_t capacity);
struct anytls_written encode_of_decode(enum anytls_address_table table, const uint8_t *bytes,
                                       size_t size, uint8_t *out, size_t capacity);

/*@ requires table_known(table);
    requires \valid_read(address);
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), address);
    requires address_fits(address->kind, address->size);
    requires capacity >= address_start(address->kind) + address->size + 2;
    assigns out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.consumed == address_start(address->kind) + address->size + 2;
    ensures \result.address.kind == address->kind;
    ensures \result.address.size == address->size;
    ensures \result.address.port == address->port;
    ensures \forall integer i; 0 <= i < address->size ==>
        \result.address.host[i] == address->host[i];
*/
struct anytls_address_result decode_of_encode(enum anytls_address_table table,
                                              const struct anytls_address *address, uint8_t *out,
                                              size_t capacity)
{
    struct anytls_written written = anytls_address_encode(table, address, out, capacity);

    return anytls_address_decode(table, out, written.size);
}

/*@ requires table_known(table);
    requires \valid_read(bytes + (0 .. size - 1));
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), bytes + (0 .. size - 1));
    requires !address_bad(table, bytes, size);
    requires size >= address_need(table, bytes, size);
    requires capacity >= address_need(table, bytes, size);
    assigns out[0 .. capacity - 1];
    ensures \result.status == ANYTLS_OK;
    ensures \result.size == \old(address_need(table, bytes, size));
    ensures \forall integer i; 0 <= i < \result.size ==> out[i] == \old(bytes[i]);
*/
struct anytls_written encode_of_decode(enum anytls_address_table table, const uint8_t *bytes,
                                       size_t size, uint8_t *out, size_t capacity)
{
    struct anytls_address_result read = anytls_address_decode(table, bytes, size);
    struct anytls_written written = anytls_address_encode(table, &read.address, out, capacity);

    /*@ assert written.size == read.consumed; */
    /*@ assert out[0] == \at(bytes[0], Pre); */
    /*@ assert read.address.kind == ANYTLS_NAME ==> out[1] == \at(bytes[1], Pre); */
    /*@ assert \forall integer i; address_start(read.address.kind) <= i <
            address_start(read.address.kind) + read.address.size ==>
            out[i] == \at(bytes[i], Pre); */
    /*@ assert \let n = written.size; out[n - 2] == \at(bytes[n - 2], Pre) &&
            out[n - 1] == \at(bytes[n - 1], Pre); */
    return written;
}
