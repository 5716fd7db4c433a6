/* A client of the reference's core over a socket, small enough to be had by the thousand: it puts
 * load on a server without a client program between. */
#ifndef BENCH_LIVE_H
#define BENCH_LIVE_H

#include <stdbool.h>

#include "core/anytls.h"
#include "io/tls.h"

struct live {
    int descriptor;
    struct anytls_tls tls;
    struct anytls_session session;
    struct anytls_stream streams[2];
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
    uint32_t stream;
    uint64_t received; /* bytes of streams' data */
    uint8_t last;      /* of them */
    const char *error; /* why the last call answered false */
};

struct live_config {
    struct anytls_tls_context *tls;
    struct anytls_session_config session;
    uint8_t hash[ANYTLS_HASH_SIZE];
};

/* One context for all; made from a password. */
const struct live_config *live_config(const char *password);

/* TCP connection, TLS handshake, preamble. */
bool live_connect(struct live *live, const struct live_config *config, uint16_t server);

/* Opens a stream to a port of the server's host, and sends size bytes in it. */
bool live_open(struct live *live, uint16_t port);
bool live_send(struct live *live, const uint8_t *bytes, size_t size);

/* Reads until so many bytes of data have come in all. */
bool live_read(struct live *live, uint64_t received);
bool live_finish(struct live *live);

/* connect, open, and size bytes echoed by a target at port. */
bool live_echo(struct live *live, const struct live_config *config, uint16_t server, uint16_t port,
               size_t size);

/* The same without AnyTLS: TLS, and straight behind it the target. */
bool live_plain_echo(struct live *live, const struct live_config *config, uint16_t server,
                     size_t size);

void live_close(struct live *live);

#endif
