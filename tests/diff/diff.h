/* Differential tests: long random sessions through the reference and the oracle at once, and, with
 * the Go module as the peer, over pipes and over TLS. Nothing here depends on anything but the seed
 * and, with a peer, on how its bytes happen to be cut, which must not matter. */
#ifndef ANYTLS_TESTS_DIFF_DIFF_H
#define ANYTLS_TESTS_DIFF_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "core/anytls.h"
#include "oracle.h"

/* ---- Random numbers, and bytes that grow ---- */

/* The next number of a sequence; any start is good. */
uint32_t draw(uint64_t *seed);

/* A number below limit, which is above 0. */
uint32_t draw_below(uint64_t *seed, uint32_t limit);

struct blob {
    uint8_t *at;
    size_t size;
    size_t capacity;
};

void blob_add(struct blob *blob, const void *bytes, size_t size);
void blob_drop(struct blob *blob, size_t size); /* from the front */
void blob_free(struct blob *blob);

/* Adds size bytes that follow from seed alone. */
void blob_add_pattern(struct blob *blob, size_t size, uint64_t seed);

/* A digest of bytes, to be gone on with; begins as HASH_START. */
#define HASH_START 14695981039346656037u
uint64_t hash_on(uint64_t hash, const void *bytes, size_t size);

/* ---- A side: one session in the reference and in the oracle (diff_side.c) ---- */

#define SIDE_STREAMS 64u
#define FAULT_SIZE 1024u

struct side_options {
    enum anytls_role role;
    unsigned version;
    bool strict;
    uint32_t streams;     /* capacity of the table: up to SIDE_STREAMS */
    uint32_t text;        /* bytes of text that are kept: up to ANYTLS_SCHEME_SIZE_MAX */
    uint32_t timeouts[4]; /* answer, synack, heart interval, heart timeout */
    const char *scheme;   /* NULL: the default one */
};

/* Told of each event of the reference. */
typedef void side_listener(void *context, const struct anytls_event *event);

struct side {
    struct side_options options;
    struct anytls_session_config config;
    struct anytls_scheme scheme;
    struct anytls_session reference;
    struct anytls_stream table[SIDE_STREAMS];
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
    struct oracle_config oracle_config;
    struct oracle_session *oracle;
    char md5[ANYTLS_MD5_TEXT_SIZE + 1];
    side_listener *listener; /* NULL: none */
    void *context;
    struct blob log;        /* events of the call in progress, as text */
    struct blob out;        /* what was sent and not yet taken by the owner; whole frames */
    char fault[FAULT_SIZE]; /* the first difference; "": none */
};

void side_begin(struct side *side, const struct side_options *options, uint64_t now);
void side_free(struct side *side);
bool side_closed(const struct side *side);

/* The bytes go to the reference in pieces that follow from cuts, to the oracle as they are. */
void side_receive(struct side *side, const uint8_t *bytes, size_t size, uint64_t now,
                  uint64_t cuts);

/* The calls: the same status, output and events, or fault is set. They answer the status. */
enum anytls_status side_open(struct side *side, const struct anytls_address *address, uint64_t now,
                             uint32_t *stream);
enum anytls_status side_send(struct side *side, uint32_t stream, const uint8_t *bytes, size_t size);
enum anytls_status side_finish(struct side *side, uint32_t stream);
enum anytls_status side_accept(struct side *side, uint32_t stream);
enum anytls_status side_refuse(struct side *side, uint32_t stream, const char *reason);
enum anytls_status side_alert(struct side *side, const char *reason);
enum anytls_status side_heartbeat(struct side *side, uint64_t now);
void side_close(struct side *side);
void side_tick(struct side *side, uint64_t now);
void side_pause(struct side *side);
void side_resume(struct side *side, uint64_t now);

/* Takes the whole output as one write: adds its records, each with its Waste, to wire. lengths:
 * their sizes, as uint32_t; NULL: not asked for. */
void side_write(struct side *side, uint64_t *seed, struct blob *wire, struct blob *lengths);

/* ---- Parsers (diff_parsers.c) ---- */

/* Gives random addresses, requests, datagrams, settings and schemes to both. fault: FAULT_SIZE. */
void parsers_compare(uint64_t seed, char *fault);

/* A random scheme, mostly a valid one, ended by a zero byte. size: of text. */
void scheme_draw(uint64_t *seed, char *text, size_t size);

/* ---- Random sessions (diff_random.c) ---- */

/* Runs session number seed; false: a difference, which is printed, shrunk, and saved in folder. */
bool random_session(uint64_t seed, const char *folder);

/* Runs a saved case. */
bool random_case(const char *path);

/* ---- The Go module as the peer (diff_peer.c, diff_script.c) ---- */

struct peer;

/* Starts the program. folder: for its socket. NULL: a line was printed. */
struct peer *peer_start(const char *program, const char *folder);
void peer_stop(struct peer *peer);

/* Runs a session: we are a client or a server by the seed; tls: over real TLS. */
bool peer_session(struct peer *peer, uint64_t seed, bool tls, const char *folder);

#endif
