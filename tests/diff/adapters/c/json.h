/* What the adapters written in C share: bytes and texts out of JSON, answers into JSON.
 * Memory that is asked for here lives until scratch_release, which the main loop calls between two
 * questions. Running out of memory ends the program. */
#ifndef ANYTLS_TESTS_DIFF_JSON_H
#define ANYTLS_TESTS_DIFF_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *at;
    size_t size;
};

void *scratch(size_t size);
void scratch_release(void);

/* The bytes of a member: hexadecimal digits; an array of such strings and of
 * {"repeat": digits, "count": n}, laid end to end; or, where the member is missing and key is
 * "bytes", the UTF-8 form of the member "text". No member: no bytes. false: it is none of these. */
bool json_bytes(const cJSON *object, const char *key, struct bytes *out);

/* The same; what is no bytes counts as none: for input that was checked before. */
struct bytes json_bytes_of(const cJSON *object, const char *key);

/* A number, flag or string of an object; 0, false or "" where it has none of that name. */
uint32_t json_number(const cJSON *object, const char *key);
bool json_flag(const cJSON *object, const char *key);
const char *json_string(const cJSON *object, const char *key);

/* Adds a member that holds bytes as hexadecimal digits, or, for texts, as a string. */
void json_add_bytes(cJSON *object, const char *key, const uint8_t *bytes, size_t size);
void json_add_text(cJSON *object, const char *key, const uint8_t *bytes, size_t size);
void json_add_number(cJSON *object, const char *key, size_t number);

/* {"status": status} */
cJSON *json_status(const char *status);

/* What an implementation does with one question: an answer, or NULL: not implemented. */
typedef cJSON *json_answer(const char *operation, const cJSON *input);

json_answer reference_answer;

/* One group of operations each; NULL: the operation is not of this group. */
json_answer reference_codec;
json_answer reference_addresses;
json_answer reference_texts;
json_answer reference_padding;
json_answer reference_session;

#endif
