/* A session under test: every call goes through here and is checked against what the interface
 * promises, by a model that knows the open streams and nothing of how the session works.
 *
 * After each call:
 *  - the answer is the one that the state and the streams of the model allow, and a failed call
 *    has changed nothing;
 *  - the table holds the model's streams, each once, in the right states; no more than its size;
 *  - output is whole frames that this role and version may send, no more than was promised, and
 *    none after the end;
 *  - an event is legal in this state, carries the user of its stream, and points at bytes that are
 *    there;
 *  - a write is planned as records that cover it once. */
#ifndef ANYTLS_FUZZ_SESSION_HARNESS_H
#define ANYTLS_FUZZ_SESSION_HARNESS_H

#include "session_program.h"

#define HARNESS_STREAMS_MAX 64u /* the table never grows beyond this */

struct harness_stream {
    uint32_t id;
    enum anytls_stream_state state;
    void *user;
};

/* What came out so far, as one number: two runs that behaved the same have the same. */
struct harness_trace {
    uint64_t events;
    uint64_t output;
    bool in_data; /* the last event was data of stream */
    uint32_t stream;
};

/* Who wants to see what a session says and sends. */
struct harness_watch {
    void *context;
    void (*event)(void *context, const struct anytls_event *event);
    void (*output)(void *context, const uint8_t *bytes, size_t size);
};

struct harness {
    struct anytls_session session;
    struct fuzz_config config;
    struct anytls_stream *table;
    uint8_t *text;
    uint8_t *out; /* room for what a call writes; exactly the need of receive */
    uint64_t now;
    struct fuzz_numbers numbers;

    enum anytls_state state;
    struct harness_stream streams[HARNESS_STREAMS_MAX];
    size_t count;
    size_t capacity;
    uint32_t highest;
    bool settings_sent;
    bool heart_sent;
    struct harness_trace trace;
    const struct harness_watch *watch;     /* NULL: nobody */
    size_t waste[ANYTLS_SCHEME_ITEMS_MAX]; /* sizes of the Waste frames of the last write */
    size_t waste_count;
};

/* session_frames.c: what the harness writes about, and checks of frames. */
void harness_trace_event(struct harness *harness, const struct anytls_event *event);
void harness_trace_output(struct harness *harness, const uint8_t *bytes, size_t size);
/* Output is whole frames that may be sent; each write has a plan. */
void harness_check_output(struct harness *harness, const uint8_t *bytes, size_t size);
void harness_check_plan(struct harness *harness, size_t size);

/* session_harness.c */
void harness_begin(struct harness *harness, enum anytls_role role,
                   const struct fuzz_config *config);
void harness_end(struct harness *harness);

struct harness_stream *harness_find(struct harness *harness, uint32_t id);
/* The stream of a step: from 2^31 on one of those that are open. */
uint32_t harness_stream_of(const struct harness *harness, uint32_t stream);
/* The state and the table are the model's. */
void harness_check(const struct harness *harness);
/* A failed call changed nothing. */
void harness_check_unchanged(const struct harness *harness, const struct anytls_session *before);
void harness_model_open(struct harness *harness, uint32_t id);
void harness_model_close(struct harness *harness, uint32_t id);

/* One call of receive of a session that has not ended; bytes have memory of exactly their size. */
struct anytls_received harness_receive(struct harness *harness, const uint8_t *bytes, size_t size);
/* All of it, in pieces; answers how much was consumed. */
size_t harness_feed(struct harness *harness, struct anytls_text bytes);
/* Everything that is due at harness->now. */
void harness_tick(struct harness *harness, bool tight);

/* session_calls.c: the calls, each checked; what they wrote stands at harness->out. */
struct anytls_opened harness_open(struct harness *harness, const struct anytls_address *address,
                                  bool tight);
struct anytls_sent harness_send(struct harness *harness, uint32_t stream, size_t size);
struct anytls_written harness_finish(struct harness *harness, uint32_t stream, bool tight);
struct anytls_written harness_accept(struct harness *harness, uint32_t stream, bool tight);
struct anytls_written harness_refuse(struct harness *harness, uint32_t stream,
                                     struct anytls_text reason, bool tight);
struct anytls_written harness_alert(struct harness *harness, struct anytls_text reason, bool tight);
struct anytls_written harness_heartbeat(struct harness *harness, bool tight);
void harness_user(struct harness *harness, uint32_t stream);
void harness_close(struct harness *harness);
void harness_grow(struct harness *harness);

/* Does what a step says. */
void harness_step(struct harness *harness, const struct fuzz_step *step);

/* Runs a program against a session, and beside it against another that is given the same bytes cut
 * otherwise: both answer the same. */
void harness_run(enum anytls_role role, struct fuzz_input input);

#endif
