/* What a session with the Go module does: a script that follows from a seed, and what both ends
 * have to see of it. peers/go/go-session knows the same script and the same behaviours. */
#ifndef ANYTLS_TESTS_DIFF_SCRIPT_H
#define ANYTLS_TESTS_DIFF_SCRIPT_H

#include "diff.h"

#define SCRIPT_STEPS_MAX 48u
#define SCRIPT_STREAMS_MAX 8u

#define PORT_ECHO 1u      /* accept, and send back what comes */
#define PORT_FAIL 2u      /* refuse */
#define PORT_SINK 3u      /* accept, send one byte, and read */
#define PORT_LATE_ECHO 4u /* accept only when something has come, then as echo */
#define PORT_SEND 1000u   /* from here on: send so many bytes times the port, and end */
#define SEND_FACTOR 37u

struct step {
    char kind; /* o: open, w: write, c: close, y: wait for all that has to come, h: heartbeat */
    uint32_t stream;
    uint32_t host; /* of open: 0 to 2 */
    uint32_t port;
    uint32_t size; /* of write */
    uint32_t seed;
};

struct script {
    uint64_t seed;
    bool server;                             /* we are the server */
    unsigned version;                        /* ours */
    char scheme[ANYTLS_SCHEME_SIZE_MAX + 1]; /* the server's; "": the default one */
    struct step steps[SCRIPT_STEPS_MAX];
    size_t count;
};

void script_make(struct script *script, uint64_t seed);

size_t script_streams(const struct script *script); /* how many it opens */

/* Drops the steps that make no sense any more: of streams that are not open. Streams keep their
 * numbers in the order of opening. */
void script_tidy(struct script *script);

/* The steps as the Go program reads them, or as they are saved. */
void script_print(const struct script *script, struct blob *text);

const char *script_host(uint32_t host);

/* Bytes of a stream. */
struct tally {
    size_t size;
    uint64_t hash;
};

struct tally tally_begin(void);
void tally_add(struct tally *tally, const uint8_t *bytes, size_t size);

/* What a stream of a script has to come to. */
struct outcome {
    uint32_t host;
    uint32_t port;
    bool closed;         /* by the client */
    struct blob written; /* by the client */
    struct blob answer;  /* all that the server would send */
    char end[128];       /* as the client sees it: open, closed, finished, refused:TEXT */
};

/* count: how many. Each has to be freed by outcome_free. */
void script_outcomes(const struct script *script, struct outcome outcomes[SCRIPT_STREAMS_MAX],
                     size_t *count);
void outcome_free(struct outcome *outcome);

/* Whether what a client saw of a stream is right: all of the answer and the right end; of a stream
 * that it has closed, a beginning of the answer. fault: FAULT_SIZE. */
bool client_saw(const struct outcome *outcome, struct tally tally, const char *end, char *fault);

/* Whether what a server saw of a stream is right: destination, and all that was written. */
bool server_saw(const struct outcome *outcome, const char *destination, struct tally tally,
                char *fault);

#endif
