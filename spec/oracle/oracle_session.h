/* The second half of oracle.h, which includes it: the tables, and the sessions and endpoints that do
 * what the tables say. */
#ifndef ANYTLS_SPEC_ORACLE_SESSION_HALF_H
#define ANYTLS_SPEC_ORACLE_SESSION_HALF_H

#include "oracle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The tables ---- */

/* The tables that stand in spec/ were compiled in. Never NULL; not to be freed. */
const struct oracle_rules *oracle_rules_builtin(void);

/* Reads tables from files. NULL, with a line on standard error, where one cannot be read or does
 * not make sense. The caller frees them. */
struct oracle_rules *oracle_rules_read(const char *transitions, const char *calls);
void oracle_rules_free(struct oracle_rules *rules);

/* A row of transitions.tsv as the words that stand in it. */
struct oracle_row {
    unsigned line; /* of the file */
    const char *action;
    const char *violation; /* "-": none */
    const char *next;      /* "same", "by-version" or "closed" */
};

/* The row for a frame, by the words of the table: role "server"; state "v1"; stream "opening". data:
 * whether there is any. matches, unless NULL: how many rows match; 1 in a right table. Where it is
 * not 1, the row is that of the first match, or line 0. */
struct oracle_row oracle_rules_row(const struct oracle_rules *rules, const char *role,
                                   const char *state, uint8_t command, const char *stream,
                                   bool data, unsigned *matches);

/* A row of calls.tsv. */
struct oracle_call_row {
    unsigned line;
    const char *status; /* what the call answers */
    const char *output; /* the frame that is sent; "-": none */
    const char *effect; /* on a stream, or on the session's clock; "-": none */
    const char *next;   /* "same" or "closed" */
};

/* The row for a call: "finish" when "opening". */
struct oracle_call_row oracle_rules_call(const struct oracle_rules *rules, const char *role,
                                         const char *state, const char *call, const char *when,
                                         unsigned *matches);

/* ---- Sessions ---- */

enum oracle_role { ORACLE_SERVER, ORACLE_CLIENT };

struct oracle_config {
    const struct oracle_rules *rules; /* NULL: the built-in ones */
    enum oracle_role role;
    unsigned version; /* 1 or 2: the newest to speak */
    bool strict;
    struct oracle_bytes name;   /* client: its name and version */
    struct oracle_bytes scheme; /* a valid one */
    const char *md5;            /* of the scheme: 32 hexadecimal digits */
    size_t streams_max;         /* streams that may be open at once */
    size_t text_max;            /* bytes of a text that are kept */
    uint32_t answer_timeout;    /* ms; 0: for ever */
    uint32_t synack_timeout;    /* ms; 0: never asked for */
    uint32_t heart_interval;    /* ms; 0: none */
    uint32_t heart_timeout;     /* ms; 0: for ever */
    uint32_t highest;           /* ids up to this one are past; 0 but for tests of the last ids */
};

/* Version 2, not strict, the default scheme, name "oracle/1", 256 streams, texts of 1,024 bytes
 * (server) or 4,096 (client), no deadlines. */
struct oracle_config oracle_config_default(enum oracle_role role);

struct oracle_session;

/* Begins a session. What config points to is not owned and must outlive it. now: milliseconds of a
 * clock that does not go back, as everywhere. */
struct oracle_session *oracle_session_new(const struct oracle_config *config, uint64_t now);
void oracle_session_free(struct oracle_session *session);

/* A second session in the same state, with what the first has said and not cleared. */
struct oracle_session *oracle_session_copy(const struct oracle_session *session);

enum oracle_event_type {
    ORACLE_EVENT_NONE, /* a violation and nothing else */
    ORACLE_EVENT_SETTINGS,
    ORACLE_EVENT_SERVER_SETTINGS,
    ORACLE_EVENT_SCHEME,
    ORACLE_EVENT_STREAM_OPENED,
    ORACLE_EVENT_STREAM_ACCEPTED,
    ORACLE_EVENT_STREAM_REFUSED,
    ORACLE_EVENT_DATA,
    ORACLE_EVENT_STREAM_FINISHED,
    ORACLE_EVENT_HEART_ANSWERED,
    ORACLE_EVENT_ALERT,
    ORACLE_EVENT_CLOSED,

    /* Of an oracle_endpoint alone. */
    ORACLE_EVENT_AUTHENTICATED,
    ORACLE_EVENT_FALLBACK, /* data: the bytes that came, up to the verdict */
    ORACLE_EVENT_DIAL,     /* data: the destination in SOCKS form, whole */
    ORACLE_EVENT_DIAL_UDP, /* data: the UDP-over-TCP request, whole */

    ORACLE_EVENT_COUNT
};

/* "stream-opened". Static memory. */
const char *oracle_event_name(enum oracle_event_type type);

struct oracle_event {
    enum oracle_event_type type;
    enum oracle_status violation; /* OK: none */
    uint32_t stream;              /* of the frame; 0 where no frame made the event */
    struct oracle_bytes data;     /* of SETTINGS, SERVER_SETTINGS, SCHEME, STREAM_REFUSED, DATA,
                                     ALERT; valid until the next call */
};

/* Takes bytes, all of them unless the session closes; returns how many. A closed session takes
 * none. */
size_t oracle_session_receive(struct oracle_session *session, struct oracle_bytes bytes,
                              uint64_t now);

/* Events and output since the last oracle_session_clear, in order. Data of one stream that came
 * with no other event between is one event. */
size_t oracle_session_events(const struct oracle_session *session);
struct oracle_event oracle_session_event(const struct oracle_session *session, size_t index);
struct oracle_bytes oracle_session_output(const struct oracle_session *session);
void oracle_session_clear(struct oracle_session *session);

/* What it is in: "new", "v1", "v2" or "closed". */
const char *oracle_session_state(const struct oracle_session *session);
/* What is known of an id: "fresh", "past", "opening" or "open". */
const char *oracle_session_stream(const struct oracle_session *session, uint32_t stream);
size_t oracle_session_streams(const struct oracle_session *session); /* how many are open */

/* Calls, by calls.tsv; what they send is added to the output. A call that does not answer
 * ORACLE_OK changed nothing. */
enum oracle_status oracle_session_open(struct oracle_session *session,
                                       const struct oracle_address *destination, uint64_t now,
                                       uint32_t *stream);
/* Sends all of data, in as many PSH frames as it needs. */
enum oracle_status oracle_session_send(struct oracle_session *session, uint32_t stream,
                                       struct oracle_bytes data);
enum oracle_status oracle_session_finish(struct oracle_session *session, uint32_t stream);
enum oracle_status oracle_session_accept(struct oracle_session *session, uint32_t stream);
enum oracle_status oracle_session_refuse(struct oracle_session *session, uint32_t stream,
                                         struct oracle_bytes reason);
enum oracle_status oracle_session_alert(struct oracle_session *session, struct oracle_bytes reason);
enum oracle_status oracle_session_heartbeat(struct oracle_session *session, uint64_t now);
enum oracle_status oracle_session_close(struct oracle_session *session);

/* When oracle_session_tick has something to do. false: never. */
bool oracle_session_deadline(const struct oracle_session *session, uint64_t *at);
/* Does what is due, one thing a call: ORACLE_OK, also where nothing was. */
enum oracle_status oracle_session_tick(struct oracle_session *session, uint64_t now);
void oracle_session_pause(struct oracle_session *session);
void oracle_session_resume(struct oracle_session *session, uint64_t now);

/* Begins a write of size bytes: its records, as oracle_shape gives them. */
size_t oracle_session_shape(struct oracle_session *session, size_t size, const uint32_t *random,
                            size_t random_count,
                            struct oracle_record records[ORACLE_ITEMS_MAX + 1]);

/* ---- Endpoints: a server's session, what stands before it, and its streams' destinations ---- */

struct oracle_endpoint_config {
    struct oracle_config session; /* of a server */
    const uint8_t *hash;          /* SHA-256 of the password, 32 bytes */
    uint32_t preamble_timeout;    /* ms; 0: for ever */
    size_t pending_max;           /* streams that may wait for the rest of their destination */
};

struct oracle_endpoint;

struct oracle_endpoint *oracle_endpoint_new(const struct oracle_endpoint_config *config,
                                            uint64_t now);
void oracle_endpoint_free(struct oracle_endpoint *endpoint);

/* Takes bytes, all of them unless the endpoint ends; returns how many. */
size_t oracle_endpoint_receive(struct oracle_endpoint *endpoint, struct oracle_bytes bytes,
                               uint64_t now);

/* The client has ended its side. OK, or CLOSED. */
enum oracle_status oracle_endpoint_end(struct oracle_endpoint *endpoint);

/* Events and output, as of a session. A stream is told of by DIAL or DIAL_UDP, not before. */
size_t oracle_endpoint_events(const struct oracle_endpoint *endpoint);
struct oracle_event oracle_endpoint_event(const struct oracle_endpoint *endpoint, size_t index);
struct oracle_bytes oracle_endpoint_output(const struct oracle_endpoint *endpoint);
void oracle_endpoint_clear(struct oracle_endpoint *endpoint);

/* Answers to DIAL and DIAL_UDP. */
enum oracle_status oracle_endpoint_accept(struct oracle_endpoint *endpoint, uint32_t stream);
enum oracle_status oracle_endpoint_refuse(struct oracle_endpoint *endpoint, uint32_t stream,
                                          struct oracle_bytes reason);

bool oracle_endpoint_deadline(const struct oracle_endpoint *endpoint, uint64_t *at);
enum oracle_status oracle_endpoint_tick(struct oracle_endpoint *endpoint, uint64_t now);

/* Its session, for the other calls; its events are the endpoint's. */
struct oracle_session *oracle_endpoint_session(struct oracle_endpoint *endpoint);

#ifdef __cplusplus
}
#endif

#endif
