/* A pair of relays that carry TCP connections over TLS and know no other protocol: the limit that
 * a proxy over TLS can reach. What differs between the two pairs is how OpenSSL is used. One
 * process, one epoll loop, many connections; when one side ends, both do, once all has left. */
#ifndef BENCH_RELAY_H
#define BENCH_RELAY_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELAY_AREA (1u << 18)

enum relay_move {
    RELAY_MOVED,
    RELAY_WAIT_READ,  /* until the source can be read */
    RELAY_WAIT_WRITE, /* until the destination can be written */
    RELAY_ENDED
};

struct relay_pair {
    int plain;
    int secure;
    SSL *ssl;
    bool handshake_done;
    void *user; /* of the way that OpenSSL is used */
};

/* How OpenSSL is used. Descriptors do not block. */
struct relay_way {
    const char *name;
    bool (*begin)(struct relay_pair *pair);
    enum relay_move (*handshake)(struct relay_pair *pair);
    enum relay_move (*up)(struct relay_pair *pair);   /* plain to TLS: one read and its writes */
    enum relay_move (*down)(struct relay_pair *pair); /* TLS to plain */
    void (*end)(struct relay_pair *pair);
};

/* Program: client LISTEN-PORT SERVER-PORT, or server LISTEN-PORT TARGET-PORT CERTIFICATE KEY. */
int relay_main(int argc, char **argv, const struct relay_way *way);

/* Sends what is there of size bytes from *start on; moves *start. */
enum relay_move relay_send(int descriptor, const uint8_t *bytes, size_t *start, size_t size);

#endif
