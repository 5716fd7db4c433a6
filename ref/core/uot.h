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

/* Whether a destination asks for UDP-over-TCP: exactly this name, whatever the port (UDP-NAME). */
bool anytls_uot_is_destination(const struct anytls_address *address);

/* The destination that asks for UDP-over-TCP, port 0. */
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
struct anytls_uot_request_result anytls_uot_request_decode(const uint8_t *bytes, size_t size);

/* How many bytes the request takes, as anytls_address_size says it. */
struct anytls_address_size anytls_uot_request_size(const uint8_t *bytes, size_t size);

/* Writes a request. ANYTLS_NO_ROOM, ANYTLS_BAD_ADDRESS: as for an address. */
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
struct anytls_uot_packet_result anytls_uot_packet_decode(bool connect, const uint8_t *bytes,
                                                         size_t size);

/* Writes what stands before a datagram's data: its address, unless connect, and its length.
 * address: may be NULL with connect. ANYTLS_TOO_LONG: size is over 65,535. ANYTLS_NO_ROOM,
 * ANYTLS_BAD_ADDRESS: as for an address. */
struct anytls_written anytls_uot_header_encode(bool connect, const struct anytls_address *address,
                                               size_t size, uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
