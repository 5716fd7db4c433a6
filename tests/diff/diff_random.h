/* Random sessions as lists of operations. */
#ifndef ANYTLS_TESTS_DIFF_RANDOM_H
#define ANYTLS_TESTS_DIFF_RANDOM_H

#include "diff.h"

#define OPERATIONS_MAX 160u

enum kind {
    OPEN,
    SEND,
    FINISH,
    ACCEPT,
    REFUSE,
    ALERT,
    HEARTBEAT,
    CLOSE,
    TICK,
    PAUSE,
    RESUME,
    DELIVER, /* some bytes of a pipe to its reader */
    INJECT,  /* a frame into a pipe */
    GARBAGE, /* bytes into a pipe */
    TEXT,    /* a frame with a settings text or scheme into a pipe */
    PARSE,   /* the parsers alone */
    KIND_COUNT
};

struct operation {
    enum kind kind;
    uint32_t side; /* 0: the client does it, or the pipe to the client; 1: the server */
    uint32_t a;
    uint32_t b;
};

struct plan {
    uint64_t seed;
    struct operation operations[OPERATIONS_MAX];
    size_t count;
};

void plan_make(struct plan *plan, uint64_t seed);

/* Runs a plan; fault (FAULT_SIZE) tells the first difference, if there is one. */
bool plan_run(const struct plan *plan, char *fault);

#endif
