/* Makes the test vectors of corpus/vectors. What stands here is the questions; the answers that are
 * expected come from the oracle. The same program makes the same bytes, always. */
#ifndef ANYTLS_TESTS_DIFF_GENERATE_H
#define ANYTLS_TESTS_DIFF_GENERATE_H

#include "adapters/c/json.h"

/* Begins a file; it is written when the next one begins, or at the end. */
void file_begin(const char *group, const char *description);

/* Explains a flag of this file. */
void flag(const char *name, const char *explanation);

/* Parses JSON that is written with ' for ". The arguments are those of printf. */
cJSON *json(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An input with one text, and one with bytes written by printf as hexadecimal digits. */
cJSON *text_input(const char *text);
cJSON *bytes_input(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Adds a vector. flags and requirements: names with blanks between them. input is taken over. */
void vector(const char *operation, cJSON *input, const char *flags, const char *requirements,
            const char *comment, ...) __attribute__((format(printf, 5, 6)));

/* Another answer to the vector that was added last is right, too. answer is taken over. */
void allow(cJSON *answer, const char *why);

/* What the vector that was added last expects: to be duplicated and changed for allow. */
const cJSON *expected_last(void);

/* size bytes as hexadecimal digits, all of them the same two. */
const char *fill(const char *digits, unsigned size);

/* Bytes of a text as hexadecimal digits. */
const char *hex(const char *text);

/* The MD5 of a text as hexadecimal digits. */
const char *md5(const char *text);

/* Frames as hexadecimal digits. Items are separated by '|': a command's name or # and its number, a
 * stream id, and data as text, in which <..> holds hexadecimal digits: "SYN 1|PSH 1 a<ff>". */
const char *frames(const char *items);

/* The default scheme's text and MD5. */
const char *default_scheme(void);
#define DEFAULT_MD5 "75cff2ad89aadf5e257059ee571ebe11"
#define SETTINGS_V2 "Settings 0 v=2\nclient=vectors\npadding-md5=" DEFAULT_MD5
#define SETTINGS_V1 "Settings 0 v=1\nclient=vectors\npadding-md5=" DEFAULT_MD5

/* Answers to `session` that differ from the expected one of the vector that was added last. Each
 * takes the answer over and gives it back. */
cJSON *variant(void);
cJSON *with_closed(cJSON *answer, bool closed);
cJSON *without_stream(cJSON *answer, int index);
cJSON *with_stream(cJSON *answer, int index, const char *data, const char *end);
cJSON *without_output(cJSON *answer, int index);
cJSON *with_output(cJSON *answer, unsigned command, uint32_t stream, const char *data);

/* A client whose stream the server has refused may tell so by FIN. */
void fin_allow(uint32_t stream);

/* What a hidden frame would do: open stream 9 and finish stream 1. */
#define HIDDEN_SERVER "<01000000090000><03000000010000>"
#define HIDDEN_CLIENT "<03000000010000><05000000000003627965>"

void generate_frames(void);
void generate_streams(void);
void generate_cuts(void); /* at the end of it */
void generate_settings(void);
void generate_schemes(void);
void generate_shapes(void);
void generate_preambles(void);
void generate_addresses(void);
void generate_uot(void);
void generate_uris(void);

#endif
