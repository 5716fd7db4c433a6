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

/*@ // The line that begins at position ends before e: at a line feed, or where the text ends.
    predicate line_end{L}(struct anytls_text t, integer position, integer e) =
        position <= e <= t.size && (e < t.size ==> t.bytes[e] == '\n') &&
        (\forall integer i; position <= i < e ==> t.bytes[i] != '\n');
*/

/* Reads the line that begins at position: exact bytes, the first '=' splits (SETTINGS-ITEMS).
 * One line a call; begin with position 0, go on with next, until ANYTLS_END. */
/*@ requires text_valid(text);
    assigns \nothing;
    ensures text_valid(\result.key) && text_valid(\result.value);
    behavior end:
        assumes position >= text.size;
        ensures \result.status == ANYTLS_END && !\result.item && \result.next == position;
    behavior line:
        assumes position < text.size;
        ensures \result.status == ANYTLS_OK;
        ensures position < \result.next <= text.size;
        ensures \forall integer e; line_end(text, position, e) ==>
            \result.next == (e < text.size ? e + 1 : e);
        ensures \forall integer e; line_end(text, position, e) ==> !\result.item ==>
            (\forall integer i; position <= i < e ==> text.bytes[i] != '=');
        ensures \forall integer e; line_end(text, position, e) ==> \result.item ==>
            e == position + \result.key.size + 1 + \result.value.size;
        ensures \result.item ==> text.bytes[position + \result.key.size] == '=';
        ensures \result.item ==> (\forall integer i;
            position <= i < position + \result.key.size ==> text.bytes[i] != '=');
        ensures \result.item && \result.key.size > 0 ==>
            \result.key.bytes == text.bytes + position;
        ensures \result.item && \result.value.size > 0 ==>
            \result.value.bytes == text.bytes + position + \result.key.size + 1;
        ensures \result.item ==> \result.key.size + \result.value.size < text.size;
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_setting anytls_settings_next(struct anytls_text text, size_t position);

struct anytls_setting_value {
    bool found;
    struct anytls_text value;
};

/* The value of key; of a key that stands there twice, the last (SETTINGS-DUPLICATES). */
/*@ requires text_valid(text);
    requires word(key);
    assigns \nothing;
    ensures text_valid(\result.value);
    ensures \result.value.size <= text.size;
*/
struct anytls_setting_value anytls_settings_find(struct anytls_text text, const char *key);

/* The protocol version that a settings text states, 1 or 2: anything that is no number counts as
 * 1, anything above 2 as 2 (SETTINGS-VERSION). */
/*@ requires text_valid(text);
    assigns \nothing;
    ensures \result == 1 || \result == 2;
*/
unsigned anytls_settings_version(struct anytls_text text);

/* Writes the client's settings: v, client, padding-md5 in this order (SETTINGS-CLIENT).
 * version: 1 or 2. name: at most ANYTLS_CLIENT_NAME_MAX bytes. md5: ANYTLS_MD5_TEXT_SIZE digits.
 * ANYTLS_NO_ROOM: capacity is too small. ANYTLS_TOO_LONG: the name is. */
/*@ requires text_valid(name);
    requires \valid_read(md5 + (0 .. 31));
    requires \valid(out + (0 .. capacity - 1));
    requires \separated(out + (0 .. capacity - 1), name.bytes + (0 .. name.size - 1));
    requires \separated(out + (0 .. capacity - 1), md5 + (0 .. 31));
    assigns out[0 .. capacity - 1];
    behavior too_long:
        assumes name.size > ANYTLS_CLIENT_NAME_MAX;
        assigns \nothing;
        ensures \result.status == ANYTLS_TOO_LONG && \result.size == 0;
    behavior no_room:
        assumes name.size <= ANYTLS_CLIENT_NAME_MAX && capacity < 56 + name.size;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM && \result.size == 0;
    behavior room:
        assumes name.size <= ANYTLS_CLIENT_NAME_MAX && capacity >= 56 + name.size;
        ensures \result.status == ANYTLS_OK && \result.size == 56 + name.size;
        ensures out[0] == 'v' && out[1] == '=' && out[2] == (version >= 2 ? '2' : '1');
        ensures out[3] == '\n' && out[4] == 'c' && out[10] == '=';
        ensures \forall integer i; 11 <= i < 11 + name.size ==>
            out[i] == \old(name.bytes[i - 11]);
        ensures \forall integer i; 24 + name.size <= i < 56 + name.size ==>
            out[i] == \old(md5[i - 24 - name.size]);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_settings_client_write(unsigned version, struct anytls_text name,
                                                   const uint8_t *md5, uint8_t *out,
                                                   size_t capacity);

/* Writes the server's settings, "v=" and the version (SETTINGS-SERVER): 3 bytes.
 * ANYTLS_NO_ROOM: capacity is below 3. */
/*@ requires \valid(out + (0 .. capacity - 1));
    assigns out[0 .. 2];
    behavior no_room:
        assumes capacity < 3;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM && \result.size == 0;
    behavior room:
        assumes capacity >= 3;
        ensures \result.status == ANYTLS_OK && \result.size == 3;
        ensures out[0] == 'v' && out[1] == '=' && out[2] == (version >= 2 ? '2' : '1');
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_settings_server_write(unsigned version, uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
