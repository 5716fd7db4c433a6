/* TLS 1.2 and 1.3 by OpenSSL as a byte machine: ciphertext in, plaintext out, and back.
 * Implements no section of the protocol document: it is the layer below. It touches no socket:
 * the caller feeds it what came from one, and sends what it lays into an output buffer, which many
 * connections may share (the BIO between OpenSSL and us holds nothing). */
#ifndef ANYTLS_IO_TLS_H
#define ANYTLS_IO_TLS_H

#include <stdbool.h>

#include "io/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ssl_st;

/* What many connections share: keys, trust, options. */
struct anytls_tls_context;

struct anytls_tls_config {
    bool server;
    const char *certificate; /* server: file of a PEM chain; NULL: a self-signed one is made */
    const char *key;         /* server: file of its PEM key; NULL: in the certificate's file */
    const char *pem;         /* server: certificate and key as PEM text, instead of files */
    const char *ca;          /* client: file of trusted PEM certificates; NULL: the system's */
    bool insecure;           /* client: do not verify the server's certificate */
    const char *key_log;     /* file to append TLS secrets to, for a dissector; NULL: none */
};

#define ANYTLS_ERROR_TEXT_SIZE 256u /* bytes of an error text, its final zero byte included */

/* Makes a context. NULL: error (ANYTLS_ERROR_TEXT_SIZE bytes, the caller's) says why. */
struct anytls_tls_context *anytls_tls_context_new(const struct anytls_tls_config *config,
                                                  char *error);

/* Connections that were begun with it live on. NULL is allowed. */
void anytls_tls_context_free(struct anytls_tls_context *context);

enum anytls_tls_status {
    ANYTLS_TLS_OK,
    ANYTLS_TLS_WANT_INPUT, /* feed more ciphertext, then call again */
    ANYTLS_TLS_NO_ROOM,    /* send what the output buffer holds, then call again */
    ANYTLS_TLS_ENDED,      /* the peer has ended its side properly */
    ANYTLS_TLS_FAILED      /* see anytls_tls_error_text; the connection is of no more use */
};

struct anytls_tls_result {
    enum anytls_tls_status status;
    size_t size; /* bytes of plaintext read or written, with any status */
};

/* One connection. The fields are its own. */
struct anytls_tls {
    struct ssl_st *ssl;
    const uint8_t *input; /* ciphertext fed and not yet read */
    size_t input_size;
    struct anytls_buffer *output; /* of the call in progress */
};

/* Room in the output buffer with which a call other than write never answers NO_ROOM. */
#define ANYTLS_TLS_ROOM 32768u

/* Begins a connection. name: client: the server's name or address, for verification, and for SNI
 * unless it is an address; NULL: none. false: OpenSSL has no memory. The caller must not move the
 * struct afterwards. */
bool anytls_tls_begin(struct anytls_tls *tls, struct anytls_tls_context *context, const char *name);

/* Frees what begin took; a struct of all zero bytes is allowed. */
void anytls_tls_end(struct anytls_tls *tls);

/* Gives ciphertext. It stays the caller's and in place until a call has answered WANT_INPUT,
 * ENDED or FAILED; only then may more be fed. */
void anytls_tls_feed(struct anytls_tls *tls, const uint8_t *bytes, size_t size);

/* Goes on with the handshake: OK once it is done. */
enum anytls_tls_status anytls_tls_handshake(struct anytls_tls *tls, struct anytls_buffer *output);

/* Reads plaintext, as many records as fit. OK: bytes is full. */
struct anytls_tls_result anytls_tls_read(struct anytls_tls *tls, uint8_t *bytes, size_t size,
                                         struct anytls_buffer *output);

/* The bytes that a write of size bytes may lay into the output buffer. */
size_t anytls_tls_sealed_size(size_t size);

/* Writes plaintext, as one record for each 16 KiB begun; the handshake is done. All or nothing:
 * NO_ROOM unless the output buffer has room for anytls_tls_sealed_size(size). */
enum anytls_tls_status anytls_tls_write(struct anytls_tls *tls, const uint8_t *bytes, size_t size,
                                        struct anytls_buffer *output);

/* Tells the peer that nothing more comes. */
void anytls_tls_close(struct anytls_tls *tls, struct anytls_buffer *output);

/* Why the last call failed: text of at most ANYTLS_ERROR_TEXT_SIZE bytes. */
void anytls_tls_error_text(const struct anytls_tls *tls, char *text);

#ifdef __cplusplus
}
#endif

#endif
