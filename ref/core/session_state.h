/* What a session is: its configuration, its events, its fields and the invariant that its calls
 * keep. The calls are in session.h. */
#ifndef ANYTLS_CORE_SESSION_STATE_H
#define ANYTLS_CORE_SESSION_STATE_H

#include "address.h"
#include "padding.h"
#include "streams.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Settings for many sessions. Not owned: it outlives the sessions that were given it. */
struct anytls_session_config {
    unsigned version; /* the newest version to speak: 1 or 2 (SETTINGS-VERSION-RULE) */
    bool strict;      /* end the session at the first violation (LIMIT-STRICT) */
    struct anytls_text
        client;              /* client: our name and version, up to ANYTLS_CLIENT_NAME_MAX bytes */
    uint32_t answer_timeout; /* ms: how long a server may stay wholly silent after the first
                                  stream was opened; 0: for ever (SYNACK-SILENT-SERVER) */
    uint32_t synack_timeout; /* ms without a byte while a SYNACK is due, until the peer is asked
                                  for a sign of life; 0: never (SYNACK-DEADLINE) */
    uint32_t heart_interval; /* ms between heartbeats of our own; 0: none (HEART-ACTIVE) */
    uint32_t heart_timeout;  /* ms for a sign of life after a HeartRequest; 0: for ever
                                  (HEART-DEADLINE) */
};

#define ANYTLS_ANSWER_TIMEOUT 30000u
#define ANYTLS_SYNACK_TIMEOUT 3000u
#define ANYTLS_HEART_TIMEOUT 10000u

enum anytls_event_type {
    ANYTLS_EVENT_NONE,            /* nothing to tell, but look at violation */
    ANYTLS_EVENT_SETTINGS,        /* server: Settings came; data: the text */
    ANYTLS_EVENT_SERVER_SETTINGS, /* client: ServerSettings came; data: the text */
    ANYTLS_EVENT_SCHEME,          /* client: use data, a valid scheme, for later sessions */
    ANYTLS_EVENT_STREAM_OPENED,   /* server: SYN came; answer by accept or refuse */
    ANYTLS_EVENT_STREAM_ACCEPTED, /* client: SYNACK without data came */
    ANYTLS_EVENT_STREAM_REFUSED,  /* client: SYNACK with data, the error text, came; it is closed */
    ANYTLS_EVENT_DATA,            /* data: bytes of the stream, a view into the input */
    ANYTLS_EVENT_STREAM_FINISHED, /* FIN came; the stream is closed, and nothing is to be sent */
    ANYTLS_EVENT_HEART_ANSWERED,
    ANYTLS_EVENT_ALERT,  /* client: data: the server's text; the session has closed */
    ANYTLS_EVENT_CLOSED, /* the session has closed; violation says why */

    /* From an endpoint alone, see endpoint.h. */
    ANYTLS_EVENT_AUTHENTICATED,
    ANYTLS_EVENT_FALLBACK,
    ANYTLS_EVENT_DIAL,
    ANYTLS_EVENT_DIAL_UDP
};

struct anytls_event {
    enum anytls_event_type type;
    enum anytls_status violation; /* what the peer did wrong; ANYTLS_OK: nothing */
    uint32_t stream;              /* of the events that speak of a stream */
    void *user;                   /* of that stream */
    struct anytls_text data;      /* valid until the next call or until the input goes */
};

/* The answer of a step. */
struct anytls_received {
    enum anytls_status status;
    size_t consumed; /* bytes of the input that are done with */
    size_t output;   /* bytes written to out */
    struct anytls_event event;
};

/* All fields are the session's own, but streams.entries and streams.capacity: a caller may move
 * the table to a larger one between calls. */
struct anytls_session {
    const struct anytls_session_config *config;
    const struct anytls_scheme *scheme;
    enum anytls_role role;
    enum anytls_state state;
    struct anytls_streams streams;

    uint8_t header[ANYTLS_FRAME_HEADER_SIZE]; /* as far as it has come */
    size_t header_size;
    struct anytls_header frame; /* once header_size is 7: the frame that is coming in */
    size_t data_left;           /* bytes of its data still to come */
    struct anytls_decision decision;

    uint8_t *text; /* the caller's: collects the data of frames that carry text */
    size_t text_capacity;
    size_t text_size;
    bool text_cut; /* there was more than text_capacity */

    uint32_t writes; /* number of the next write; client only */
    bool settings_sent;
    bool heard; /* a byte has come from the peer */
    bool paused;
    bool heart_sent;
    uint64_t last_heard;  /* when the last byte came, or waiting for one began */
    uint64_t last_opened; /* when the peer began to owe us a SYNACK, or its first byte */
    uint64_t last_heart;  /* when the last HeartRequest left, or counting began */
};

/*@ // How much of a reason is sent.
    logic integer reason_size(integer size) = size > 256 ? 256 : size;

    // How much of a buffer a call may write that writes up to `most` bytes.
    logic integer written_max(integer capacity, integer most) = capacity < most ? capacity : most;

    predicate config_valid(struct anytls_session_config *c) =
        \valid_read(c) && text_valid(c->client);

    // A buffer of a session's caller that is no memory of the session, and nothing that it reads.
    predicate session_apart{L}(struct anytls_session *s, uint8_t *p, integer n) =
        \separated(p + (0 .. n - 1), s) &&
        \separated(p + (0 .. n - 1), s->streams.entries + (0 .. s->streams.capacity - 1)) &&
        \separated(p + (0 .. n - 1), s->text + (0 .. s->text_capacity - 1)) &&
        \separated(p + (0 .. n - 1), s->config) &&
        text_apart(s->config->client, p, n) && \separated(p + (0 .. n - 1), s->scheme) &&
        text_apart(s->scheme->text, p, n);

    // Where a session is: the caller's memory, all of it valid, and apart from what it reads.
    predicate session_memory{L}(struct anytls_session *s) =
        \valid(s) && streams_memory(&s->streams) &&
        \valid(s->text + (0 .. s->text_capacity - 1)) && config_valid(s->config) &&
        scheme_valid(s->scheme) &&
        \separated(s, s->streams.entries + (0 .. s->streams.capacity - 1)) &&
        \separated(s, s->text + (0 .. s->text_capacity - 1)) &&
        \separated(s->text + (0 .. s->text_capacity - 1),
                   s->streams.entries + (0 .. s->streams.capacity - 1)) &&
        \separated(s, s->config) && \separated(s, s->scheme) &&
        \separated(s, s->config->client.bytes + (0 .. s->config->client.size - 1)) &&
        \separated(s, s->scheme->text.bytes + (0 .. s->scheme->text.size - 1)) &&
        \separated(s->streams.entries + (0 .. s->streams.capacity - 1), s->config) &&
        \separated(s->streams.entries + (0 .. s->streams.capacity - 1), s->scheme) &&
        \separated(s->streams.entries + (0 .. s->streams.capacity - 1),
                   s->config->client.bytes + (0 .. s->config->client.size - 1)) &&
        \separated(s->streams.entries + (0 .. s->streams.capacity - 1),
                   s->scheme->text.bytes + (0 .. s->scheme->text.size - 1)) &&
        \separated(s->text + (0 .. s->text_capacity - 1), s->config) &&
        \separated(s->text + (0 .. s->text_capacity - 1), s->scheme) &&
        \separated(s->text + (0 .. s->text_capacity - 1),
                   s->config->client.bytes + (0 .. s->config->client.size - 1)) &&
        \separated(s->text + (0 .. s->text_capacity - 1),
                   s->scheme->text.bytes + (0 .. s->scheme->text.size - 1));

    predicate session_times{L}(struct anytls_session *s) =
        s->last_heard <= INT64_MAX && s->last_opened <= INT64_MAX && s->last_heart <= INT64_MAX;

    // A frame whose header has come, and not all of its data. SYN of an open stream, and a SYNACK
    // that accepts one, are never waited for.
    predicate session_frame{L}(struct anytls_session *s) =
        s->header_size == ANYTLS_FRAME_HEADER_SIZE && s->state != ANYTLS_STATE_CLOSED ==>
            s->data_left > 0 && s->decision.action != ANYTLS_ACCEPT_STREAM &&
            (s->decision.action == ANYTLS_OPEN_STREAM ==>
                s->role == ANYTLS_SERVER && !stream_is_open(&s->streams, s->frame.stream)) &&
            (s->decision.action == ANYTLS_TAKE_SETTINGS ==> s->role == ANYTLS_SERVER);

    predicate session_numbers{L}(struct anytls_session *s) =
        (s->role == ANYTLS_SERVER || s->role == ANYTLS_CLIENT) &&
        (s->state == ANYTLS_STATE_NEW || s->state == ANYTLS_STATE_V1 ||
         s->state == ANYTLS_STATE_V2 || s->state == ANYTLS_STATE_CLOSED) &&
        (s->state == ANYTLS_STATE_NEW ==> s->role == ANYTLS_SERVER) &&
        s->header_size <= ANYTLS_FRAME_HEADER_SIZE && s->data_left <= ANYTLS_FRAME_DATA_MAX &&
        s->text_size <= s->text_capacity;

    // The invariant: every call requires it, and leaves it.
    predicate session_valid{L}(struct anytls_session *s) =
        session_memory(s) && streams_valid(&s->streams) && session_numbers(s) &&
        session_times(s) && session_frame(s);

    // Between two points nothing has moved, and the frame that is coming in is as it was: steps
    // of proofs.
    predicate same_place{K, L}(struct anytls_session *s) =
        \at(s->streams.entries, K) == \at(s->streams.entries, L) &&
        \at(s->streams.capacity, K) == \at(s->streams.capacity, L) &&
        \at(s->text, K) == \at(s->text, L) &&
        \at(s->text_capacity, K) == \at(s->text_capacity, L) &&
        \at(s->config, K) == \at(s->config, L) && \at(s->scheme, K) == \at(s->scheme, L) &&
        \at(s->config->client.bytes, K) == \at(s->config->client.bytes, L) &&
        \at(s->config->client.size, K) == \at(s->config->client.size, L) &&
        \at(s->scheme->text.bytes, K) == \at(s->scheme->text.bytes, L) &&
        \at(s->scheme->text.size, K) == \at(s->scheme->text.size, L);
    predicate same_frame{K, L}(struct anytls_session *s) =
        \at(s->header_size, K) == \at(s->header_size, L) &&
        \at(s->data_left, K) == \at(s->data_left, L) &&
        \at(s->state, K) == \at(s->state, L) && \at(s->role, K) == \at(s->role, L) &&
        \at(s->frame.stream, K) == \at(s->frame.stream, L) &&
        \at(s->decision.action, K) == \at(s->decision.action, L);
    predicate same_ids{K, L}(struct anytls_session *s) =
        \forall integer i; 0 <= i < \at(s->streams.count, L) ==>
            \at(s->streams.entries[i].id, K) == \at(s->streams.entries[i].id, L);
    predicate same_states{K, L}(struct anytls_session *s) =
        \forall integer i; 0 <= i < \at(s->streams.count, L) ==>
            \at(s->streams.entries[i].state, K) == \at(s->streams.entries[i].state, L);

    // A call has moved nothing and made of no client a server: what its caller must know.
    predicate same_owner{K, L}(struct anytls_session *s) =
        same_place{K, L}(s) && \at(s->role, K) == \at(s->role, L);

    // A session is as it was: steps of proofs. (A lemma of an axiomatic block is shown to the
    // provers where a predicate of the block is used, and nowhere else.)
    axiomatic Session_kept {
        predicate same_session{K, L}(struct anytls_session *s) =
            same_owner{K, L}(s) && same_frame{K, L}(s) && same_ids{K, L}(s) &&
            same_states{K, L}(s) &&
            \at(s->streams.count, K) == \at(s->streams.count, L) &&
            \at(s->streams.opening, K) == \at(s->streams.opening, L) &&
            \at(s->streams.highest, K) == \at(s->streams.highest, L) &&
            \at(s->text_size, K) == \at(s->text_size, L) &&
            \at(s->last_heard, K) == \at(s->last_heard, L) &&
            \at(s->last_opened, K) == \at(s->last_opened, L) &&
            \at(s->last_heart, K) == \at(s->last_heart, L);
        // The memory that it needs is there.
        predicate session_blocks{L}(struct anytls_session *s) =
            \valid(s) && streams_memory(&s->streams) &&
            \valid(s->text + (0 .. s->text_capacity - 1)) &&
            config_valid(s->config) && scheme_valid(s->scheme);
        lemma session_memory_kept{K, L}: \forall struct anytls_session *s;
            session_memory{K}(s) && same_place{K, L}(s) && session_blocks{L}(s) ==>
            session_memory{L}(s);
        lemma streams_kept{K, L}: \forall struct anytls_session *s;
            streams_valid{K}(\at(&s->streams, K)) && same_place{K, L}(s) && same_ids{K, L}(s) &&
            same_states{K, L}(s) && \at(s->streams.count, K) == \at(s->streams.count, L) &&
            \at(s->streams.opening, K) == \at(s->streams.opening, L) &&
            \at(s->streams.highest, K) == \at(s->streams.highest, L) &&
            streams_memory{L}(\at(&s->streams, L)) ==> streams_valid{L}(\at(&s->streams, L));
        lemma session_kept{K, L}: \forall struct anytls_session *s;
            session_valid{K}(s) && same_session{K, L}(s) && session_memory{L}(s) ==>
            session_valid{L}(s);
    }

    // What a step writes at most.
    logic integer session_output{L}(struct anytls_session *s) =
        s->role == ANYTLS_CLIENT
            ? 7
            : 263 + (17 + s->scheme->text.size > 263 ? 17 + s->scheme->text.size : 263);
*/

#ifdef __cplusplus
}
#endif

#endif
