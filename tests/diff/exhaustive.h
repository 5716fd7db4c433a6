/* The exhaustive comparison of ref/core with the oracle of spec/oracle: what its files share.
 * A difference prints what was asked and what each of the two said, and is counted; after the first
 * few only the count goes on. */
#ifndef ANYTLS_TESTS_DIFF_EXHAUSTIVE_H
#define ANYTLS_TESTS_DIFF_EXHAUSTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/anytls.h"
#include "oracle.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Counting (exhaustive.c) ---- */

/* Begins a part, "frames", of which cases are counted. */
void part_begin(const char *name);

/* One case: same tells whether the two agree. Returns it. */
bool agree(bool same);

/* Whether a difference is still to be told in full; printf prints the rest of its line. */
bool tell(void);

bool same_bytes(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);
bool same_status(enum anytls_status ours, enum oracle_status theirs); /* by their texts */

/* Calls visit with every text of up to length of these tokens, the empty one first. */
void each_text(const char *const *tokens, size_t count, size_t length,
               void (*visit)(const uint8_t *text, size_t size));

/* Prints bytes for people. */
void show(const char *name, const uint8_t *bytes, size_t size);

/* ---- Sessions, one of each kind side by side (exhaustive_pair.c) ---- */

#define PAIR_STREAMS 8u
#define PAIR_TEXT 4096u

/* What changes in a session of the reference. */
struct ours {
    struct anytls_session session;
    struct anytls_stream streams[PAIR_STREAMS];
    uint8_t text[PAIR_TEXT];
};

struct pair_setup {
    bool client;
    bool strict;
    unsigned version;   /* of our configuration */
    size_t streams_max; /* up to PAIR_STREAMS */
    size_t text_max;    /* up to PAIR_TEXT */
    uint32_t highest;   /* ids up to this one are past */
};

struct pair {
    struct anytls_session_config config;
    struct anytls_scheme scheme;
    struct ours ours;
    struct oracle_session *theirs;
    uint64_t now;
};

void pair_begin(struct pair *pair, const struct pair_setup *setup);
void pair_end(struct pair *pair);
void pair_copy(struct pair *to, const struct pair *from);

/* What a session of either kind said since it was last asked: events, output, and the state that
 * can be seen. */
#define SAID_EVENTS 64u
struct said_event {
    const char *type;
    const char *violation;
    uint32_t stream;
    size_t start;
    size_t size;
};
struct said {
    struct said_event events[SAID_EVENTS];
    size_t events_count;
    uint8_t data[3 * 65536];
    size_t data_size;
    uint8_t output[3 * 65536];
    size_t output_size;
};
void said_reset(struct said *said);
void said_add(struct said *said, const char *type, const char *violation, uint32_t stream,
              const uint8_t *data, size_t size);
void said_output(struct said *said, const uint8_t *bytes, size_t size);
const char *event_name(enum anytls_event_type type);
bool said_same(const struct said *a, const struct said *b);
void said_show(const char *who, const struct said *said);

/* Feeds the reference; what it says is added. A piece is cut by the session as it likes. */
void ours_feed(struct ours *ours, const uint8_t *bytes, size_t size, uint64_t now,
               struct said *said);
/* Copies a session of the reference, its tables with it. */
void ours_copy(struct ours *to, const struct ours *from);
/* Feeds the oracle. */
void theirs_feed(struct oracle_session *theirs, const uint8_t *bytes, size_t size, uint64_t now);
/* Takes what the oracle said since the last time. */
void theirs_said(struct oracle_session *theirs, struct said *said);

/* Whether both are in the same state: version, streams, deadline, and what is known of these ids. */
bool same_state(struct ours *ours, const struct oracle_session *theirs, const uint32_t *ids,
                size_t count);

/* Feeds both, which have to agree; for preparing a state. */
void pair_feed(struct pair *pair, const uint8_t *bytes, size_t size);

/* A frame laid into bytes; returns its size. */
size_t frame_lay(uint8_t *out, uint8_t command, uint32_t stream, const void *data, size_t size);

/* A call made on both: whether status, output, events and state agree. */
enum call {
    CALL_OPEN,
    CALL_SEND,
    CALL_FINISH,
    CALL_ACCEPT,
    CALL_REFUSE,
    CALL_ALERT,
    CALL_HEART,
    CALL_CLOSE,
    CALL_TICK,
    CALL_COUNT
};
extern const char *const call_names[CALL_COUNT];
bool pair_call(struct pair *pair, enum call call, uint32_t stream, const uint8_t *data,
               size_t size);

/* ---- Situations: every state that a session can be in (exhaustive_situations.c) ---- */

struct situation {
    char name[96];
    bool client;
    uint32_t ids[8];
    size_t ids_count;
};

/* How many there are. */
size_t situation_count(void);
/* Makes the one of that number, of which the caller makes copies. pair: ended by the caller. */
struct situation situation_make(size_t number, struct pair *pair);

/* ---- The parts ---- */

void compare_tables(void); /* the tables are disjoint and complete; decide.c is the table */
void compare_frames(void); /* every situation x command x length x stream x cut */
void compare_calls(void);  /* every situation x call x stream; and within a frame */
void compare_walks(void);  /* long random sequences of frames, calls, and time, always the same */
void compare_endpoints(void); /* preambles and destinations, in pieces, and random walks */
void compare_texts(void);     /* numbers, settings, schemes, URIs */
void compare_addresses(void); /* addresses, UDP-over-TCP, preambles, single frames */
void compare_shapes(void);    /* writes given their random numbers */

#endif
