/* Settings texts: key=value items, one a line.
 * Implements the sections "cmdSettings" and "cmdServerSettings" of the protocol document.
 * It reads and writes text; what a version means is the session's matter. */
#ifndef ANYTLS_CORE_SETTINGS_H
#define ANYTLS_CORE_SETTINGS_H

#include "frame.h"
#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_SETTINGS_SIZE_MAX 1024u /* bytes of a settings text that are read (LIMIT-SETTINGS) */
#define ANYTLS_CLIENT_NAME_MAX 128u    /* bytes of our own name and version (LIMIT-NAME) */
#define ANYTLS_MD5_TEXT_SIZE 32u       /* lower-case hexadecimal digits of an MD5 */

struct anytls_setting {
    enum anytls_status status; /* ANYTLS_OK, or ANYTLS_END: no line is left */
    bool item;                 /* false: a line without '=', which is skipped (SETTINGS-ITEMS) */
    struct anytls_text key;
    struct anytls_text value;
    size_t next; /* where the next line begins */
};

/* Reads the line that begins at position: exact bytes, the first '=' splits (SETTINGS-ITEMS).
 * One line a call; begin with position 0, go on with next, until ANYTLS_END. */
struct anytls_setting anytls_settings_next(struct anytls_text text, size_t position);

struct anytls_setting_value {
    bool found;
    struct anytls_text value;
};

/* The value of key; of a key that stands there twice, the last (SETTINGS-DUPLICATES). */
struct anytls_setting_value anytls_settings_find(struct anytls_text text, const char *key);

/* The protocol version that a settings text states, 1 or 2: anything that is no number counts as
 * 1, anything above 2 as 2 (SETTINGS-VERSION). */
unsigned anytls_settings_version(struct anytls_text text);

/* Writes the client's settings: v, client, padding-md5 in this order (SETTINGS-CLIENT).
 * version: 1 or 2. name: at most ANYTLS_CLIENT_NAME_MAX bytes. md5: ANYTLS_MD5_TEXT_SIZE digits.
 * ANYTLS_NO_ROOM: capacity is too small. ANYTLS_TOO_LONG: the name is. */
struct anytls_written anytls_settings_client_write(unsigned version, struct anytls_text name,
                                                   const uint8_t *md5, uint8_t *out,
                                                   size_t capacity);

/* Writes the server's settings, "v=" and the version (SETTINGS-SERVER): 3 bytes.
 * ANYTLS_NO_ROOM: capacity is below 3. */
struct anytls_written anytls_settings_server_write(unsigned version, uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
