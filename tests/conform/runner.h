/* Runs cases, and keeps what they said. */
#ifndef ANYTLS_CONFORM_RUNNER_H
#define ANYTLS_CONFORM_RUNNER_H

#include "conform.h"

/* A row of spec/requirements.tsv. */
struct requirement {
    char id[32];
    enum level level; /* NOTE: the document is silent, so MAY */
    bool note;
    char section[64];
    char sentence[512];
};

/* NULL: there is no such requirement. Static memory. */
const struct requirement *requirement_find(const char *id);
const char *level_name(enum level level);
const char *mode_name(const struct options *options);
const struct section *const *mode_sections(const struct options *options);
const char *verdict_name(enum verdict verdict);

struct outcome {
    const struct section *section;
    const struct test *test;
    const struct requirement *requirement;
    enum level level; /* the requirement's, or MAY */
    char name[128];   /* server/stream/fin-unknown-id */
    enum verdict verdict;
    bool expected;         /* to fail, by --expect */
    char expectation[256]; /* why */
    char message[512];
    char *transcript; /* NULL: none */
    uint64_t took;    /* ms */
};

struct results {
    struct outcome *outcomes;
    size_t count;
};

/* The cases that options choose. NULL in outcomes: a mistake, which was told. */
struct results results_choose(const struct options *options);
void results_run(const struct options *options, struct results *results);
/* Whether an outcome fails the run. */
bool outcome_counts(const struct options *options, const struct outcome *outcome);

/* One exchange, before all cases. false: message says why nothing can be judged. */
bool preflight(const struct options *options, char *message, size_t size);

/* ---- Reports ---- */

void report_case(const struct options *options, const struct outcome *outcome);
void report_summary(const struct options *options, const struct results *results);
/* Writes --json, --junit and --html. false: a file could not be written, which was told. */
bool report_files(const struct options *options, const struct results *results);

/* Reads --expect into results. false: a mistake, which was told. */
bool expect_read(struct results *results, const char *path);

/* Of the client under test. */
bool client_port_choose(struct run *run); /* sets socks_port */
void client_preflight(struct run *run);
void chain_preflight(struct run *run);
void client_start(struct run *run);
void client_stop(struct run *run);

#endif
