/* What a contender's client and server agree on: cipher and key exchange as they stand in the
 * server's first TLS record, which a proxy between them copies; and the kind of its key. */
#ifndef BENCH_CIPHER_H
#define BENCH_CIPHER_H

#include "contender.h"

struct agreement {
    char cipher[40];
    char group[24];
    char key[40];
};

/* Starts the contender, makes a stream through it, and looks. false: error (256 bytes) says why. */
bool agreement_read(const struct contender *contender, const struct places *places,
                    struct agreement *agreement, char *error);

#endif
