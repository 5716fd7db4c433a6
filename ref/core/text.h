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

/*@ predicate text_valid(struct anytls_text t) = \valid_read(t.bytes + (0 .. t.size - 1));
    // A buffer of that size at out that does not overlap the text.
    predicate text_apart(struct anytls_text t, uint8_t *out, integer size) =
        \separated(out + (0 .. size - 1), t.bytes + (0 .. t.size - 1));
    // Bytes that nobody writes to, so that they overlap no buffer.
    predicate text_constant{L}(struct anytls_text t) =
        \forall integer i; 0 <= i < t.size ==> !\valid(t.bytes + i);

    predicate digit(integer byte) = '0' <= byte <= '9';
    predicate digits{L}(uint8_t *p, integer n) = \forall integer i; 0 <= i < n ==> digit(p[i]);
    // The number that the first n bytes at p say in decimal, and what of it a uint32_t holds.
    logic integer decimal{L}(uint8_t *p, integer n) =
        n <= 0 ? 0 : decimal(p, n - 1) * 10 + (p[n - 1] - '0');
    logic integer held(integer n) = n > UINT32_MAX ? UINT32_MAX : n;

    // A string of n ASCII characters that ends with a zero byte, as our own words do.
    predicate word_of{L}(char *w, integer n) =
        0 <= n && \valid_read(w + (0 .. n)) && w[n] == 0 &&
        (\forall integer i; 0 <= i < n ==> 0 < w[i]);
    predicate word{L}(char *w) = \exists integer n; n < UINT32_MAX && word_of(w, n);
*/

struct anytls_number {
    bool valid;
    uint32_t value; /* 4,294,967,295 for any greater number */
};

/* Reads the whole text as a decimal number: one digit or more, no sign, no space (SETTINGS-NUMBER).
 * A number of any length is valid; what does not fit is held at the greatest value. */
/*@ requires text_valid(text);
    assigns \nothing;
    ensures \result.valid <==> text.size > 0 && digits(text.bytes, text.size);
    ensures \result.valid ==> \result.value == held(decimal(text.bytes, text.size));
    ensures !\result.valid ==> \result.value == 0;
*/
struct anytls_number anytls_number_read(struct anytls_text text);

/* The first position at or after start that holds byte; text.size where there is none.
 * start <= text.size. */
/*@ requires text_valid(text);
    requires start <= text.size;
    assigns \nothing;
    ensures start <= \result <= text.size;
    ensures \forall integer i; start <= i < \result ==> text.bytes[i] != byte;
    ensures \result < text.size ==> text.bytes[\result] == byte;
*/
size_t anytls_text_find(struct anytls_text text, size_t start, uint8_t byte);

/* The part of text from start up to, not including, end. start <= end <= text.size. */
/*@ requires text_valid(text);
    requires start <= end <= text.size;
    assigns \nothing;
    ensures \result.size == end - start;
    ensures \result.bytes == text.bytes + (start < end ? start : 0);
    ensures text_valid(\result);
*/
struct anytls_text anytls_text_part(struct anytls_text text, size_t start, size_t end);

/* Whether the text is word, a string of ASCII characters ended by a zero byte. */
/*@ requires text_valid(text);
    requires word(word);
    assigns \nothing;
    ensures \result <==> word_of(word, text.size) &&
        (\forall integer i; 0 <= i < text.size ==> text.bytes[i] == word[i]);
*/
bool anytls_text_is(struct anytls_text text, const char *word);

#ifdef __cplusplus
}
#endif

#endif
