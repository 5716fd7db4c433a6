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

/* Reads the address at the start of bytes.
 * ANYTLS_INCOMPLETE: bytes end before it does. ANYTLS_BAD_ADDRESS: a type that the table does not
 * have, or a name of no bytes (STREAM-DESTINATION-BAD). */
struct anytls_address_result anytls_address_decode(enum anytls_address_table table,
                                                   const uint8_t *bytes, size_t size);

struct anytls_address_size {
    enum anytls_status status; /* ANYTLS_OK, or ANYTLS_BAD_ADDRESS as above */
    size_t size;
};

/* How many bytes the address at the start of bytes takes, as far as the bytes that are there can
 * tell: never more than it does take, and more than size as long as it is not whole. */
struct anytls_address_size anytls_address_size(enum anytls_address_table table,
                                               const uint8_t *bytes, size_t size);

/* Writes an address. ANYTLS_NO_ROOM: capacity is too small (ANYTLS_ADDRESS_SIZE_MAX always does).
 * ANYTLS_BAD_ADDRESS: address.size does not fit its kind. */
struct anytls_written anytls_address_encode(enum anytls_address_table table,
                                            const struct anytls_address *address, uint8_t *out,
                                            size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
