#include <stdlib.h>

#include "pair.h"

#define PATTERN_PERIOD 65521u
#define PAGE 4096u

/* Where source and destination of a copy lie at nearly the same place in their pages, some
 * processors (Zen 3 with glibc's "rep movsb", from 2 KiB on) take thirty times as long. So payload
 * begins apart from where buffers that are aligned to pages do. */
#define APART 1024u

const uint8_t *pair_payload(void)
{
    static uint8_t *payload;

    if (payload != NULL)
        return payload;
    payload = aligned_alloc(PAGE, PAGE + PAIR_PAYLOAD_MAX);
    if (payload == NULL)
        exit(1);
    payload += APART;
    for (size_t i = 0; i < PAIR_PAYLOAD_MAX; i++)
        payload[i] = (uint8_t)(i % PATTERN_PERIOD * 31 / 7);
    return payload;
}
