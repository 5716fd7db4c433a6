/* UDP ASSOCIATE, as an application uses it. */
#ifndef TESTS_E2E_ASSOCIATION_H
#define TESTS_E2E_ASSOCIATION_H

#include "chain.h"

struct association {
    int control;
    int socket; /* connected to the relay */
};

struct association associate(uint16_t socks);

/* A header of SOCKS: to an IPv4 address, an IPv6 address or a name. Returns its size. */
size_t header_put(uint8_t *out, const char *host, uint16_t port);

/* A datagram of size bytes of a pattern. */
void send_datagram(int socket, const char *host, uint16_t port, uint64_t seed, size_t size);

/* The next datagram must be this one, from an address of 4 or 16 bytes and this port. */
void must_receive(int socket, uint16_t port, uint64_t seed, size_t size);

/* Both, for an echo. */
void must_round_trip(int socket, const char *host, uint16_t port, uint64_t seed, size_t size);

#endif
