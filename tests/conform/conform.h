/* anytls-conform: what a case sees. A case runs in a process of its own; pass, fail and skip end it.
 * Wire code is that of the oracle, TLS is OpenSSL's; nothing here comes from ref/. */
#ifndef ANYTLS_CONFORM_H
#define ANYTLS_CONFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oracle.h"

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_ERROR };
enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY };

struct run;

#define CASE_SLOW 1u /* needs real waiting: only with --slow */
#define CASE_MAY 2u  /* of the requirement's matter, but the document leaves room */

/* A case. requirement: an id of spec/requirements.tsv, which gives its level and sentence. argument:
 * lets one function serve several cases. */
struct test {
    const char *name;
    const char *requirement;
    const char *what;
    void (*function)(struct run *run);
    long argument;
    unsigned flags;
};

struct section {
    const char *name;
    const struct test *tests;
    size_t count;
};

#define SECTION(variable, title, table)                                                            \
    const struct section variable = {title, table, sizeof(table) / sizeof(table)[0]}

extern const struct section *const server_sections[];
extern const struct section *const client_sections[];
extern const struct section *const chain_sections[];

struct options {
    bool client_mode;
    bool chain_mode;  /* host and port are those of a client that runs */
    const char *host; /* server mode: of the server under test. client mode: to listen on */
    const char *port;
    const char *password;
    const char *sni;
    const char *fallback; /* HOST:PORT where the server hands what is no session; or NULL */
    const char *targets;  /* address of the targets */
    const char *socks;    /* client mode: HOST:PORT, port 0: a free one for each case */
    char *const *command; /* client mode */
    const char *scheme;   /* text of the padding scheme that the server under test should have */
    unsigned protocol;    /* what the peers claim */
    const char *match;
    const char *section;
    enum level level; /* the lowest that is run */
    bool list;
    bool strict;
    bool pedantic;
    bool slow;
    bool verbose;
    bool fail_fast;
    bool no_preflight;
    unsigned min_idle; /* client mode: idle sessions that the client keeps */
    unsigned timeout;  /* ms for one wait */
    unsigned repeat;
    unsigned jobs;
    uint32_t seed;
    const char *keylog;
    const char *save;
    const char *expect;
    const char *json;
    const char *junit;
    const char *html;
};

struct run {
    const struct options *options;
    const struct section *section;
    const struct test *test;
    long argument;
    int result;     /* descriptor that takes the verdict */
    uint64_t began; /* ms */
    uint32_t random;
    unsigned peers; /* sessions so far */
    struct oracle_buffer transcript;
    char folder[512]; /* with --save: of this case */
    int listening;    /* client mode: the scripted server's */
    char socks_host[128];
    char socks_port[8];
    int client; /* client mode: pid of the client under test */
};

/* ---- Verdicts: these end the case ---- */

__attribute__((noreturn)) void pass(struct run *run);
__attribute__((noreturn, format(printf, 2, 3))) void fail(struct run *run, const char *format, ...);
__attribute__((noreturn, format(printf, 2, 3))) void skip(struct run *run, const char *format, ...);
/* Something of this machine failed: neither side's fault. */
__attribute__((noreturn, format(printf, 2, 3))) void broken(struct run *run, const char *format,
                                                            ...);

/* A line of the transcript. */
__attribute__((format(printf, 2, 3))) void note(struct run *run, const char *format, ...);

uint64_t now_ms(void);
uint64_t deadline(const struct run *run); /* now and --timeout */
uint32_t random_number(struct run *run);
/* Skips the case where the peers claim version 1 only. */
void need_version_two(struct run *run);

/* Bytes that are told from others: they depend on salt and place. The caller frees them. */
struct oracle_buffer pattern(size_t size, uint32_t salt);
bool same(struct oracle_bytes a, struct oracle_bytes b);

#endif
