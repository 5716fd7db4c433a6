/* An endpoint of the reference and one of the oracle: exhaustive_endpoint.c, for what tries them. */
#ifndef ANYTLS_TESTS_DIFF_EXHAUSTIVE_ENDPOINT_H
#define ANYTLS_TESTS_DIFF_EXHAUSTIVE_ENDPOINT_H

#include "exhaustive.h"

#define ENDPOINT_TIMEOUT 10000u
#define ENDPOINT_MD5 "0123456789abcdef0123456789abcdef"

extern uint8_t endpoint_hash[32]; /* set by endpoint_begin */
extern uint64_t endpoint_now;

void endpoint_begin(bool strict);
void endpoint_end(void);

/* Feed one of the two. */
void endpoint_feed_ours(const uint8_t *bytes, size_t size);
void endpoint_feed_theirs(const uint8_t *bytes, size_t size);

/* Do the same to both. */
void endpoint_answer(uint32_t stream, bool accept);
void endpoint_end_input(const char *what, size_t where);
void endpoint_tick(const char *what, size_t where);

/* Compares all that was said since the last time, and the deadline. */
bool endpoint_compare(const char *what, size_t where);

#endif
