/* A view of text in somebody else's memory, and decimal numbers in it.
 * Implements what settings and padding schemes share: digits and nothing else make a number. */
#ifndef ANYTLS_CORE_TEXT_H
#define ANYTLS_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that are not owned and not ended by a zero byte. */
struct anytls_text {
    const uint8_t *bytes; /* may be NULL where size is 0 */
    size_t size;
};

struct anytls_number {
    bool valid;
    uint32_t value; /* 4,294,967,295 for any greater number */
};

/* Reads the whole text as a decimal number: one digit or more, no sign, no space (SETTINGS-NUMBER).
 * A number of any length is valid; what does not fit is held at the greatest value. */
struct anytls_number anytls_number_read(struct anytls_text text);

/* The first position at or after start that holds byte; text.size where there is none. */
size_t anytls_text_find(struct anytls_text text, size_t start, uint8_t byte);

/* The part of text from start up to, not including, end. start <= end <= text.size. */
struct anytls_text anytls_text_part(struct anytls_text text, size_t start, size_t end);

/* Whether the text is word, a string ended by a zero byte. */
bool anytls_text_is(struct anytls_text text, const char *word);

#ifdef __cplusplus
}
#endif

#endif
