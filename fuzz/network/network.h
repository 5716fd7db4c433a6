/* anytls-fuzz-server: what a session is that it sends, and what it looks for. */
#ifndef ANYTLS_FUZZ_NETWORK_H
#define ANYTLS_FUZZ_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auth.h"
#include "io/socket.h"

#define SAMPLE_MAX 32768u

/* One connection's plaintext. */
struct sample {
    uint8_t bytes[SAMPLE_MAX];
    size_t size;
    uint64_t number; /* of the run; 0: from a file */
};

/* Makes the sample with a number: the same for the same seed, number and password. Destinations in
 * it are loopback addresses and names that do not exist. */
void sample_make(struct sample *sample, uint64_t seed, uint64_t number, const uint8_t *hash);

/* A session that every server must answer: Settings, and a HeartRequest. */
void sample_probe(struct sample *sample, const uint8_t *hash);

#define BYSTANDERS 4u

/* A session that does nothing wrong: it ends when the process that serves it does. */
struct bystander {
    bool open;
    struct anytls_socket socket;
};

struct target {
    struct anytls_tls_context *context;
    const char *host;
    const char *port;
    const char *name;    /* SNI */
    const uint8_t *hash; /* SHA-256 of the password */
    uint64_t timeout;    /* ms that a server has to answer, and to close */
    struct anytls_socket socket;
    struct bystander bystanders[BYSTANDERS];
};

enum finding {
    FINDING_NONE,
    FINDING_CRASH,   /* it takes no connections any more, or a bystander's session has ended */
    FINDING_HANG,    /* it takes them, and does not answer */
    FINDING_OPEN,    /* a connection is open that should have been closed */
    FINDING_NO_FRAME /* behind a right preamble it sent what is no frame of a server */
};

/* A finding as a word and as a sentence. */
const char *finding_name(enum finding finding);
const char *finding_text(enum finding finding);

/* Sends a sample in pieces, reads what comes, leaves, and sees whether the server does so too. */
enum finding target_send(struct target *target, const struct sample *sample);

/* Whether it still answers: a new session, and the bystanders, which are opened where they are not
 * yet. */
enum finding target_probe(struct target *target);

/* Whether all bystanders are still there. */
enum finding target_look(struct target *target);

/* Milliseconds of a clock that does not go back; a pause. */
uint64_t clock_now(void);
void clock_sleep(uint64_t milliseconds);

#endif
