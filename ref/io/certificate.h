/* A self-signed certificate, made in memory, for a server that was given none. */
#ifndef ANYTLS_IO_CERTIFICATE_H
#define ANYTLS_IO_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>

struct anytls_certificate {
    X509 *certificate;
    EVP_PKEY *key;
};

/* Makes an ECDSA P-256 key and a certificate for name, valid from yesterday for ten years.
 * The caller frees both by anytls_certificate_free. false: OpenSSL's error queue says why. */
bool anytls_certificate_make(const char *name, struct anytls_certificate *result);

/* Certificate and key as one PEM text, ended by a zero byte; the caller frees it by free. NULL: no
 * memory. */
char *anytls_certificate_pem(const struct anytls_certificate *certificate);

/* Reads what anytls_certificate_pem wrote. false: OpenSSL's error queue says why. */
bool anytls_certificate_read(const char *pem, struct anytls_certificate *result);

void anytls_certificate_free(struct anytls_certificate *certificate);

#endif
