/* What the files of peer share. */
#ifndef ANYTLS_CONFORM_PEER_INSIDE_H
#define ANYTLS_CONFORM_PEER_INSIDE_H

#include <openssl/ssl.h>

#include "peer.h"

struct peer {
    struct run *run;
    SSL *ssl;
    int descriptor;
    unsigned number;
    bool closed;
    bool deaf;
    bool preamble; /* still to be read */
    struct oracle_buffer in;
    struct oracle_buffer out;
    struct seen *frames;
    size_t count;
    size_t held;
    size_t padding;
    size_t *records;
    size_t record_count;
    uint32_t barriers;
};

void hash_password(const char *password, uint8_t hash[32]);
/* With --save. */
void save_bytes(struct peer *peer, const char *name, const uint8_t *bytes, size_t size);
/* A line of the transcript; direction: '>' or '<'. */
void note_frame(struct peer *peer, char direction, uint8_t command, uint32_t stream,
                struct oracle_bytes data);
/* Reads one record. false: nothing is there, or the end. */
bool pull(struct peer *peer);

#endif
