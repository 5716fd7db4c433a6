/* The greeting and the request of SOCKS 5 (RFC 1928), as a server hears them. Pure: bytes in, an
 * answer out. No authentication is offered: who may connect is a matter of the listening address.
 */
#ifndef ANYTLS_PROGRAMS_SOCKS_H
#define ANYTLS_PROGRAMS_SOCKS_H

#include <stdbool.h>

#include "core/address.h"

enum socks_step {
    SOCKS_MORE,    /* send `reply`, if any, and give more bytes */
    SOCKS_CONNECT, /* connect to `address`; answer by socks_reply */
    SOCKS_UDP,     /* UDP ASSOCIATE; answer by socks_reply */
    SOCKS_BAD      /* send `reply`, if any, and close */
};

#define SOCKS_REPLY_MAX 22u

struct socks {
    bool greeted;
    uint8_t bytes[257 + 3 + ANYTLS_ADDRESS_SIZE_MAX]; /* as far as they have come */
    size_t size;
};

struct socks_result {
    enum socks_step step;
    size_t consumed; /* of the input */
    struct anytls_address address;
    uint8_t reply[SOCKS_REPLY_MAX];
    size_t reply_size;
};

/* Takes bytes of a client (PROXY-SOCKS). Call again with what was not consumed. A struct of all
 * zero bytes begins. */
struct socks_result socks_receive(struct socks *socks, const uint8_t *bytes, size_t size);

enum socks_code {
    SOCKS_SUCCEEDED = 0,
    SOCKS_FAILURE = 1,
    SOCKS_UNREACHABLE = 4,
    SOCKS_REFUSED = 5,
    SOCKS_COMMAND_UNKNOWN = 7,
    SOCKS_ADDRESS_UNKNOWN = 8
};

/* Writes the reply to a request, with an IPv4 or IPv6 address. out: SOCKS_REPLY_MAX bytes; returns
 * the size. */
size_t socks_reply(enum socks_code code, const struct anytls_address *address, uint8_t *out);

#endif
