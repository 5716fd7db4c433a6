/* The two digests that the protocol names, by OpenSSL: SHA-256 of the password (AUTH-PREAMBLE) and
 * MD5 of a padding scheme as lower-case hexadecimal (PAD-MD5). */
#ifndef ANYTLS_IO_DIGEST_H
#define ANYTLS_IO_DIGEST_H

#include <stdbool.h>

#include "core/auth.h"
#include "core/padding.h"

#ifdef __cplusplus
extern "C" {
#endif

/* hash: ANYTLS_HASH_SIZE bytes, the caller's. false: OpenSSL refuses (no memory). */
bool anytls_password_hash(struct anytls_text password, uint8_t *hash);

/* Fills in scheme->md5 from its text. false: OpenSSL refuses, as a FIPS set-up does with MD5. */
bool anytls_scheme_md5_set(struct anytls_scheme *scheme);

#ifdef __cplusplus
}
#endif

#endif
