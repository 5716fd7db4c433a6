/* TLS in memory: the reference's TLS machine between a connection and the transport below it, and
 * bare OpenSSL over memory BIOs, the textbook use, to compare with. */
#ifndef BENCH_SECURE_H
#define BENCH_SECURE_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "io/tls.h"
#include "io/transport.h"

#define SECURE_INPUT_SIZE 65536u
#define SECURE_WRITE_MAX 66048u

struct secure {
    struct anytls_tls tls;
    struct anytls_transport below;
    uint8_t input[SECURE_INPUT_SIZE];
    uint8_t output[SECURE_WRITE_MAX + 1024];
};

struct secure_contexts {
    struct anytls_tls_context *client;
    struct anytls_tls_context *server;
};

/* One client and one server context for all that measure; made at the first call. */
struct secure_contexts secure_contexts(void);

/* Certificate and key of that server, as PEM. */
const char *secure_pem(void);

/* Begins TLS over a transport, without a byte sent. */
bool secure_begin(struct secure *secure, struct anytls_tls_context *context,
                  struct anytls_transport below);
void secure_end(struct secure *secure);

/* The whole handshake between two that stand over the two ends of one transport in memory. */
bool secure_handshake(struct secure *client, struct secure *server);

/* The transport above. */
struct anytls_transport secure_transport(struct secure *secure);

/* ---- OpenSSL alone ---- */

struct bare {
    SSL *client;
    SSL *server;
};

/* Begins a pair over two memory BIOs. */
bool bare_begin(struct bare *bare, SSL_CTX *client, SSL_CTX *server);
bool bare_handshake(struct bare *bare);

/* Sends from client to server, one SSL_write and SSL_reads until all has come. */
bool bare_send(struct bare *bare, const uint8_t *bytes, size_t size);
void bare_end(struct bare *bare);

/* The contexts of the reference as OpenSSL's, so that keys and options are the same. */
SSL_CTX *bare_context(struct anytls_tls_context *context);

#endif
