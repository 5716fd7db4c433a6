/* anytls:// links. Implements the project's document of the URI format: password before '@',
 * percent-encoded; host, in brackets if it is an IPv6 address; port, 443 where none is given;
 * parameters sni and insecure, others ignored. Pure: it looks at text and nothing else. */
#ifndef ANYTLS_PROGRAMS_URI_H
#define ANYTLS_PROGRAMS_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_URI_PORT 443u
#define ANYTLS_URI_TEXT_MAX 256u /* bytes of a password or name, its final zero included */

enum anytls_uri_status {
    ANYTLS_URI_OK,
    ANYTLS_URI_BAD_SCHEME,   /* does not begin with anytls:// (URI-SCHEME) */
    ANYTLS_URI_BAD_PASSWORD, /* bad percent-encoding, a zero byte, or too long (URI-PASSWORD) */
    ANYTLS_URI_BAD_HOST,     /* empty, too long, brackets wrong, a blank in it (URI-HOST) */
    ANYTLS_URI_BAD_PORT,     /* not a number from 1 to 65535 (URI-PORT) */
    ANYTLS_URI_BAD_PATH,     /* something other than '/' between host and '?' (URI-PATH) */
    ANYTLS_URI_BAD_PARAMETER /* bad percent-encoding or a too long sni; insecure neither 0 nor 1
                                (URI-SNI, URI-INSECURE) */
};

struct anytls_uri {
    enum anytls_uri_status status;
    char password[ANYTLS_URI_TEXT_MAX]; /* decoded; "" where the link has none */
    char host[ANYTLS_URI_TEXT_MAX];     /* without brackets */
    uint16_t port;
    char sni[ANYTLS_URI_TEXT_MAX]; /* "" where the link has none */
    bool insecure;
};

/* Reads a link, ended by a zero byte. With any status but ANYTLS_URI_OK only that is meaningful.
 * Of a parameter that stands there twice the last counts (URI-PARAMETERS). */
struct anytls_uri anytls_uri_read(const char *text);

/* Writes a link; what needs it is percent-encoded. Returns the bytes written, its final zero not
 * counted; 0 where size is too small. Reading it gives the same again. */
size_t anytls_uri_write(const struct anytls_uri *uri, char *text, size_t size);

/* What is wrong, in a few words. Never NULL; static memory. */
const char *anytls_uri_status_text(enum anytls_uri_status status);

#ifdef __cplusplus
}
#endif

#endif
