/* Destination addresses in the form of SOCKS 5 (RFC 1928, section 5): type, host, port.
 * Implements the section "Proxy" of the protocol document. UDP-over-TCP packets carry the same
 * form with other type numbers, so that the table of types is an argument.
 * It resolves no names and prints no addresses. */
#ifndef ANYTLS_CORE_ADDRESS_H
#define ANYTLS_CORE_ADDRESS_H

#include "frame.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_ADDRESS_HOST_MAX 255u /* bytes of a name */
#define ANYTLS_ADDRESS_SIZE_MAX 259u /* bytes on the wire: type, length, name, port */

enum anytls_address_kind { ANYTLS_IPV4, ANYTLS_IPV6, ANYTLS_NAME };

struct anytls_address {
    enum anytls_address_kind kind;
    uint16_t port;
    uint8_t size; /* bytes of host: 4, 16, or 1 to 255 */
    uint8_t
        host[ANYTLS_ADDRESS_HOST_MAX]; /* address in network order, or name; no zero behind it */
};

enum anytls_address_table {
    ANYTLS_TABLE_SOCKS, /* 1 = IPv4, 3 = name, 4 = IPv6 (STREAM-DESTINATION) */
    ANYTLS_TABLE_UOT    /* 0 = IPv4, 1 = IPv6, 2 = name (UDP-PACKET-ADDRESS) */
};

struct anytls_address_result {
    enum anytls_status status;
    size_t consumed;
    struct anytls_address address;
};

/*@ logic integer address_type(integer table, integer kind) =
        table == ANYTLS_TABLE_SOCKS
            ? (kind == ANYTLS_IPV4 ? 1 : kind == ANYTLS_IPV6 ? 4 : 3)
            : (kind == ANYTLS_IPV4 ? 0 : kind == ANYTLS_IPV6 ? 1 : 2);
    predicate table_known(integer table) =
        table == ANYTLS_TABLE_SOCKS || table == ANYTLS_TABLE_UOT;
    predicate address_type_known(integer table, integer type) =
        table == ANYTLS_TABLE_SOCKS ? type == 1 || type == 3 || type == 4 : 0 <= type <= 2;
    predicate name_type(integer table, integer type) = type == address_type(table, ANYTLS_NAME);

    // What is known to be no address, and how many bytes an address takes as far as size tell it.
    predicate address_bad(integer table, uint8_t *p, integer size) =
        size > 0 && (!address_type_known(table, p[0]) ||
                     (name_type(table, p[0]) && size > 1 && p[1] == 0));
    logic integer address_need(integer table, uint8_t *p, integer size) =
        size == 0 ? 1
        : p[0] == address_type(table, ANYTLS_IPV4) ? 7
        : p[0] == address_type(table, ANYTLS_IPV6) ? 19
        : size == 1 ? 2 : 4 + p[1];

    logic integer address_start(integer kind) = kind == ANYTLS_NAME ? 2 : 1;
    predicate address_fits(integer kind, integer size) =
        kind == ANYTLS_IPV4 ? size == 4
        : kind == ANYTLS_IPV6 ? size == 16 : kind == ANYTLS_NAME && 1 <= size <= 255;
    // All of the address at p but its host.
    predicate address_frame_at(integer table, uint8_t *p, integer kind, integer size,
                               integer port) =
        p[0] == address_type(table, kind) && (kind == ANYTLS_NAME ==> p[1] == size) &&
        p[address_start(kind) + size] * 256 + p[address_start(kind) + size + 1] == port;
*/

/* Reads the address at the start of bytes.
 * ANYTLS_INCOMPLETE: bytes end before it does. ANYTLS_BAD_ADDRESS: a type that the table does not
 * have, or a name of no bytes (STREAM-DESTINATION-BAD). */
/*@ requires table_known(table);
    requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    behavior bad:
        assumes address_bad(table, bytes, size);
        ensures \result.status == ANYTLS_BAD_ADDRESS;
        ensures \result.consumed == 0;
    behavior incomplete:
        assumes !address_bad(table, bytes, size);
        assumes size < address_need(table, bytes, size);
        ensures \result.status == ANYTLS_INCOMPLETE;
        ensures \result.consumed == 0;
    behavior whole:
        assumes !address_bad(table, bytes, size);
        assumes size >= address_need(table, bytes, size);
        ensures \result.status == ANYTLS_OK;
        ensures \result.consumed == address_need(table, bytes, size);
        ensures \result.consumed ==
            address_start(\result.address.kind) + \result.address.size + 2;
        ensures address_fits(\result.address.kind, \result.address.size);
        ensures address_frame_at(table, bytes, \result.address.kind, \result.address.size,
                                 \result.address.port);
        ensures \forall integer i; 0 <= i < \result.address.size ==>
            \result.address.host[i] == bytes[address_start(\result.address.kind) + i];
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_address_result anytls_address_decode(enum anytls_address_table table,
                                                   const uint8_t *bytes, size_t size);

struct anytls_address_size {
    enum anytls_status status; /* ANYTLS_OK, or ANYTLS_BAD_ADDRESS as above */
    size_t size;
};

/* How many bytes the address at the start of bytes takes, as far as the bytes that are there can
 * tell: never more than it does take, and more than size as long as it is not whole. */
/*@ requires table_known(table);
    requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    ensures 1 <= \result.size <= ANYTLS_ADDRESS_SIZE_MAX;
    behavior bad:
        assumes address_bad(table, bytes, size);
        ensures \result.status == ANYTLS_BAD_ADDRESS;
    behavior good:
        assumes !address_bad(table, bytes, size);
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == address_need(table, bytes, size);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_address_size anytls_address_size(enum anytls_address_table table,
                                               const uint8_t *bytes, size_t size);

/* Writes an address. ANYTLS_NO_ROOM: capacity is too small (ANYTLS_ADDRESS_SIZE_MAX always does).
 * ANYTLS_BAD_ADDRESS: address.size does not fit its kind. */
/*@ requires table_known(table);
    requires \valid_read(address);
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), address);
    requires address->kind == ANYTLS_IPV4 || address->kind == ANYTLS_IPV6 ||
             address->kind == ANYTLS_NAME;
    assigns out[0 .. capacity - 1];
    behavior bad:
        assumes !address_fits(address->kind, address->size);
        assigns \nothing;
        ensures \result.status == ANYTLS_BAD_ADDRESS;
        ensures \result.size == 0;
    behavior no_room:
        assumes address_fits(address->kind, address->size);
        assumes capacity < address_start(address->kind) + address->size + 2;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM;
        ensures \result.size == 0;
    behavior room:
        assumes address_fits(address->kind, address->size);
        assumes capacity >= address_start(address->kind) + address->size + 2;
        assigns out[0 .. address_start(address->kind) + address->size + 1];
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == address_start(address->kind) + address->size + 2;
        ensures address_frame_at(table, out, address->kind, address->size, address->port);
        ensures \forall integer i; 0 <= i < address->size ==>
            out[address_start(address->kind) + i] == \old(address->host[i]);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_address_encode(enum anytls_address_table table,
                                            const struct anytls_address *address, uint8_t *out,
                                            size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
