/* UDP-over-TCP version 2: datagrams inside a stream.
 * Implements the section "Proxy" of the protocol document for UDP, which refers to sing-box's
 * description of the format. It sends nothing and knows no sockets. */
#ifndef ANYTLS_CORE_UOT_H
#define ANYTLS_CORE_UOT_H

#include <stdbool.h>

#include "address.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_UOT_NAME "sp.v2.udp-over-tcp.arpa"
#define ANYTLS_UOT_REQUEST_SIZE_MAX (1u + ANYTLS_ADDRESS_SIZE_MAX)
#define ANYTLS_UOT_HEADER_SIZE_MAX (ANYTLS_ADDRESS_SIZE_MAX + 2u)
#define ANYTLS_UOT_DATA_MAX 65535u /* bytes of a datagram */

/*@ predicate uot_name{L}(uint8_t *p) =
        p[0] == 's' && p[1] == 'p' && p[2] == '.' && p[3] == 'v' && p[4] == '2' && p[5] == '.' &&
        p[6] == 'u' && p[7] == 'd' && p[8] == 'p' && p[9] == '-' && p[10] == 'o' && p[11] == 'v'
        && p[12] == 'e' && p[13] == 'r' && p[14] == '-' && p[15] == 't' && p[16] == 'c' && p[17]
        == 'p' && p[18] == '.' && p[19] == 'a' && p[20] == 'r' && p[21] == 'p' && p[22] == 'a';

    // What a request, and a datagram's header in front of its length, take of the bytes.
    logic integer packet_start{L}(integer connect, uint8_t *p, integer size) =
        connect != 0 ? 0 : address_need(ANYTLS_TABLE_UOT, p, size);
    logic integer address_length(integer kind, integer size) = address_start(kind) + size + 2;
    predicate kind_known(integer kind) =
        kind == ANYTLS_IPV4 || kind == ANYTLS_IPV6 || kind == ANYTLS_NAME;
*/

/* Whether a destination asks for UDP-over-TCP: exactly this name, whatever the port (UDP-NAME). */
/*@ requires \valid_read(address);
    assigns \nothing;
    ensures \result <==> address->kind == ANYTLS_NAME && address->size == 23 &&
        uot_name(&address->host[0]);
*/
bool anytls_uot_is_destination(const struct anytls_address *address);

/* The destination that asks for UDP-over-TCP, port 0. */
/*@ assigns \nothing;
    ensures \result.kind == ANYTLS_NAME && \result.port == 0 && \result.size == 23;
    ensures
        \result.host[0] == 's' && \result.host[1] == 'p' && \result.host[2] == '.' &&
        \result.host[3] == 'v' && \result.host[4] == '2' && \result.host[5] == '.' &&
        \result.host[6] == 'u' && \result.host[7] == 'd' && \result.host[8] == 'p' &&
        \result.host[9] == '-' && \result.host[10] == 'o' && \result.host[11] == 'v' &&
        \result.host[12] == 'e' && \result.host[13] == 'r' && \result.host[14] == '-' &&
        \result.host[15] == 't' && \result.host[16] == 'c' && \result.host[17] == 'p' &&
        \result.host[18] == '.' && \result.host[19] == 'a' && \result.host[20] == 'r' &&
        \result.host[21] == 'p' && \result.host[22] == 'a';
*/
struct anytls_address anytls_uot_destination(void);

struct anytls_uot_request {
    bool connect; /* true: all datagrams go to address; false: each has an address of its own */
    struct anytls_address address;
};

struct anytls_uot_request_result {
    enum anytls_status status;
    size_t consumed;
    struct anytls_uot_request request;
};

/* Reads the request at the start of bytes (UDP-REQUEST).
 * ANYTLS_INCOMPLETE, ANYTLS_BAD_ADDRESS: as for an address. ANYTLS_BAD_REQUEST: the first byte is
 * neither 0 nor 1 (UDP-REQUEST-BAD). */
/*@ requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    ensures \result.status != ANYTLS_OK ==> \result.consumed == 0;
    ensures \result.consumed <= size;
    behavior bad_request:
        assumes size > 0 && bytes[0] > 1;
        ensures \result.status == ANYTLS_BAD_REQUEST;
    behavior bad_address:
        assumes size > 0 && bytes[0] <= 1 &&
            address_bad(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
        ensures \result.status == ANYTLS_BAD_ADDRESS;
    behavior incomplete:
        assumes size == 0 || (bytes[0] <= 1 &&
            !address_bad(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1) &&
            size - 1 < address_need(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1));
        ensures \result.status == ANYTLS_INCOMPLETE;
    behavior whole:
        assumes size > 0 && bytes[0] <= 1 &&
            !address_bad(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1) &&
            size - 1 >= address_need(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
        ensures \result.status == ANYTLS_OK;
        ensures \result.consumed == 1 + address_need(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
        ensures \result.request.connect <==> bytes[0] == 1;
        ensures \result.consumed == 1 + address_length(\result.request.address.kind,
                                                       \result.request.address.size);
        ensures address_fits(\result.request.address.kind, \result.request.address.size);
        ensures address_frame_at(ANYTLS_TABLE_SOCKS, bytes + 1, \result.request.address.kind,
                                 \result.request.address.size, \result.request.address.port);
        ensures \forall integer i; 0 <= i < \result.request.address.size ==>
            \result.request.address.host[i] ==
                bytes[1 + address_start(\result.request.address.kind) + i];
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_uot_request_result anytls_uot_request_decode(const uint8_t *bytes, size_t size);

/* How many bytes the request takes, as anytls_address_size says it. */
/*@ requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    ensures 1 <= \result.size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    behavior bad_request:
        assumes size > 0 && bytes[0] > 1;
        ensures \result.status == ANYTLS_BAD_REQUEST;
    behavior bad_address:
        assumes size > 0 && bytes[0] <= 1 &&
            address_bad(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
        ensures \result.status == ANYTLS_BAD_ADDRESS;
    behavior empty:
        assumes size == 0;
        ensures \result.status == ANYTLS_OK && \result.size == 1;
    behavior good:
        assumes size > 0 && bytes[0] <= 1 &&
            !address_bad(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == 1 + address_need(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_address_size anytls_uot_request_size(const uint8_t *bytes, size_t size);

/* Writes a request. ANYTLS_NO_ROOM, ANYTLS_BAD_ADDRESS: as for an address. */
/*@ requires \valid_read(request);
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), request);
    requires kind_known(request->address.kind);
    assigns out[0 .. capacity - 1];
    behavior bad:
        assumes capacity > 0 && !address_fits(request->address.kind, request->address.size);
        ensures \result.status == ANYTLS_BAD_ADDRESS && \result.size == 0;
    behavior no_room:
        assumes capacity == 0 || (address_fits(request->address.kind, request->address.size) &&
            capacity < 1 + address_length(request->address.kind, request->address.size));
        ensures \result.status == ANYTLS_NO_ROOM && \result.size == 0;
    behavior room:
        assumes address_fits(request->address.kind, request->address.size) &&
            capacity >= 1 + address_length(request->address.kind, request->address.size);
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == 1 + address_length(request->address.kind, request->address.size);
        ensures out[0] == (request->connect ? 1 : 0);
        ensures address_frame_at(ANYTLS_TABLE_SOCKS, out + 1, request->address.kind,
                                 request->address.size, request->address.port);
        ensures \forall integer i; 0 <= i < request->address.size ==>
            out[1 + address_start(request->address.kind) + i] ==
                \old(request->address.host[i]);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_uot_request_encode(const struct anytls_uot_request *request,
                                                uint8_t *out, size_t capacity);

struct anytls_uot_packet_result {
    enum anytls_status status;
    size_t consumed;               /* the header and the data */
    struct anytls_address address; /* meaningless where the request said connect */
    const uint8_t *data;           /* points into the input */
    size_t size;                   /* bytes of data: 0 to 65,535 */
};

/* Reads the datagram at the start of bytes (UDP-PACKET). connect: as the request said.
 * ANYTLS_INCOMPLETE: bytes end before it does. ANYTLS_BAD_ADDRESS: as for an address; the stream
 * cannot be read on. */
/*@ requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    ensures \result.status != ANYTLS_OK ==> \result.consumed == 0;
    ensures \result.consumed <= size;
    behavior bad:
        assumes !connect && address_bad(ANYTLS_TABLE_UOT, bytes, size);
        ensures \result.status == ANYTLS_BAD_ADDRESS;
    behavior incomplete:
        assumes connect || !address_bad(ANYTLS_TABLE_UOT, bytes, size);
        assumes size < packet_start(connect, bytes, size) + 2 ||
            size < packet_start(connect, bytes, size) + 2 +
                be16(bytes + packet_start(connect, bytes, size));
        ensures \result.status == ANYTLS_INCOMPLETE;
    behavior whole:
        assumes connect || !address_bad(ANYTLS_TABLE_UOT, bytes, size);
        assumes size >= packet_start(connect, bytes, size) + 2 &&
            size >= packet_start(connect, bytes, size) + 2 +
                be16(bytes + packet_start(connect, bytes, size));
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == be16(bytes + packet_start(connect, bytes, size));
        ensures \result.data == bytes + (packet_start(connect, bytes, size) + 2);
        ensures \result.consumed == packet_start(connect, bytes, size) + 2 + \result.size;
        ensures !connect ==> packet_start(connect, bytes, size) ==
            address_length(\result.address.kind, \result.address.size);
        ensures !connect ==> address_fits(\result.address.kind, \result.address.size);
        ensures !connect ==> address_frame_at(ANYTLS_TABLE_UOT, bytes, \result.address.kind,
                                             \result.address.size, \result.address.port);
        ensures !connect ==> (\forall integer i; 0 <= i < \result.address.size ==>
            \result.address.host[i] == bytes[address_start(\result.address.kind) + i]);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_uot_packet_result anytls_uot_packet_decode(bool connect, const uint8_t *bytes,
                                                         size_t size);

/* Writes what stands before a datagram's data: its address, unless connect, and its length.
 * address: may be NULL with connect. ANYTLS_TOO_LONG: size is over 65,535. ANYTLS_NO_ROOM,
 * ANYTLS_BAD_ADDRESS: as for an address. */
/*@ requires !connect ==> \valid_read(address) && kind_known(address->kind) &&
        \separated(out + (0 .. capacity - 1), address);
    requires \valid(out + (0 .. capacity - 1));
    assigns out[0 .. capacity - 1];
    behavior too_long:
        assumes size > ANYTLS_UOT_DATA_MAX;
        assigns \nothing;
        ensures \result.status == ANYTLS_TOO_LONG && \result.size == 0;
    behavior bad:
        assumes size <= ANYTLS_UOT_DATA_MAX && capacity >= 2;
        assumes !connect && !address_fits(address->kind, address->size);
        ensures \result.status == ANYTLS_BAD_ADDRESS && \result.size == 0;
    behavior no_room:
        assumes size <= ANYTLS_UOT_DATA_MAX;
        assumes capacity < 2 || (!connect && address_fits(address->kind, address->size) &&
                                 capacity < address_length(address->kind, address->size) + 2);
        ensures \result.status == ANYTLS_NO_ROOM && \result.size == 0;
    behavior length_only:
        assumes size <= ANYTLS_UOT_DATA_MAX && connect && capacity >= 2;
        ensures \result.status == ANYTLS_OK && \result.size == 2;
        ensures be16(out) == size;
    behavior with_address:
        assumes size <= ANYTLS_UOT_DATA_MAX && !connect;
        assumes address_fits(address->kind, address->size);
        assumes capacity >= address_length(address->kind, address->size) + 2;
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == address_length(address->kind, address->size) + 2;
        ensures be16(out + address_length(address->kind, address->size)) == size;
        ensures address_frame_at(ANYTLS_TABLE_UOT, out, address->kind, address->size,
                                 address->port);
        ensures \forall integer i; 0 <= i < address->size ==>
            out[address_start(address->kind) + i] == \old(address->host[i]);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_uot_header_encode(bool connect, const struct anytls_address *address,
                                               size_t size, uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
