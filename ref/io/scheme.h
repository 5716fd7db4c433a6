/* A padding scheme in memory of its own: a server's from a file, or what a client was sent and
 * keeps for its later connections to that server (PAD-LATER-SESSIONS). */
#ifndef ANYTLS_IO_SCHEME_H
#define ANYTLS_IO_SCHEME_H

#include "core/padding.h"

#ifdef __cplusplus
extern "C" {
#endif

struct anytls_scheme_copy {
    struct anytls_scheme scheme; /* its text points to bytes: the struct must not be moved */
    uint8_t bytes[ANYTLS_SCHEME_SIZE_MAX];
};

/* Checks and copies a scheme, and computes its MD5. The status and line of anytls_scheme_read;
 * with an error copy is unchanged. ANYTLS_NOT_ALLOWED: OpenSSL refuses MD5. */
struct anytls_scheme_result anytls_scheme_copy(struct anytls_text text,
                                               struct anytls_scheme_copy *copy);

#ifdef __cplusplus
}
#endif

#endif
