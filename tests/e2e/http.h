/* A small HTTP/1.1 target:
 *     GET /bytes/SEED/SIZE     the pattern, with its length
 *     GET /stream/SEED/SIZE    the pattern, whose end is the end of the connection
 *     GET /short/SEED/SIZE     promises SIZE bytes, sends half of them, and closes
 *     GET /after/MS/TEXT       waits, then answers with the text
 *     GET /file/NAME           a file of the folder
 *     PUT /...                 answers with the SHA-256 of the body, in hexadecimal */
#ifndef TESTS_E2E_HTTP_H
#define TESTS_E2E_HTTP_H

#include "target.h"

void serve_http(struct target *target, int descriptor);

/* SHA-256 as hexadecimal text, 65 bytes. */
void sha256_text(const void *bytes, size_t size, char *text);

#endif
