/* The inside of a TLS context, for the files of ref/io that make and use one. */
#ifndef ANYTLS_IO_TLS_CONTEXT_H
#define ANYTLS_IO_TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdio.h>

#include "io/tls.h"

struct anytls_tls_context {
    SSL_CTX *ssl;
    bool verify;
};

/* The BIO between OpenSSL and a struct anytls_tls; NULL: no memory. Owned by OpenSSL's caller. */
BIO *anytls_tls_bio_new(struct anytls_tls *tls);

/* The oldest error of OpenSSL's queue as text, or fallback where there is none. Empties the
 * queue. text: ANYTLS_ERROR_TEXT_SIZE bytes. */
void anytls_openssl_error(const char *fallback, char *text);

#endif
