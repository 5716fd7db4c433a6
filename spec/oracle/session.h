/* What the files of the oracle's session share. */
#ifndef ANYTLS_SPEC_ORACLE_SESSION_H
#define ANYTLS_SPEC_ORACLE_SESSION_H

#include "oracle.h"

struct oracle_stream {
    uint32_t id;
    bool accepted;
};

/* An event whose data stands in the log's bytes. */
struct oracle_logged {
    struct oracle_event event;
    size_t start;
};

/* Events in order, with their data. Begins as {0}. */
struct oracle_log {
    struct oracle_logged *events;
    size_t count;
    size_t capacity;
    struct oracle_buffer data;
};

void oracle_log_add(struct oracle_log *log, struct oracle_event event);
struct oracle_event oracle_log_event(const struct oracle_log *log, size_t index);
void oracle_log_clear(struct oracle_log *log);
struct oracle_log oracle_log_copy(const struct oracle_log *log);
void oracle_log_free(struct oracle_log *log);
struct oracle_buffer oracle_buffer_copy(const struct oracle_buffer *buffer);

struct oracle_session {
    struct oracle_config config;
    const struct oracle_rules *rules;
    const char *state; /* "new", "v1", "v2", "closed" */

    struct oracle_stream *streams; /* those that are open */
    size_t streams_count;
    uint32_t highest; /* the greatest id that was opened, or refused for want of room */

    uint8_t header[7];
    size_t header_size;
    uint8_t command; /* of the frame that is coming in, once header_size is 7 */
    uint32_t stream;
    size_t length;
    size_t received; /* bytes of its data that have come */
    struct oracle_row row;
    bool delivers;             /* the row's action is DELIVER */
    struct oracle_buffer text; /* its data, up to text_max */

    struct oracle_log log;
    struct oracle_buffer output;

    uint32_t writes; /* how many writes were shaped, and one for the preamble */
    bool opened;     /* the first stream was, and Settings were sent */
    bool heard;      /* a byte came from the peer */
    bool paused;
    bool heart_out; /* a HeartRequest was sent, and no byte came since */
    uint64_t heard_at;
    uint64_t opened_at; /* when the peer began to owe an answer */
    uint64_t heart_at;
};

bool oracle_session_is(const struct oracle_session *session, const char *state);

/* The open stream of that id; NULL: none. */
struct oracle_stream *oracle_session_find(struct oracle_session *session, uint32_t id);
void oracle_session_add(struct oracle_session *session, uint32_t id);
void oracle_session_remove(struct oracle_session *session, uint32_t id);

/* Adds an event to the log. */
void oracle_session_log(struct oracle_session *session, struct oracle_event event);

/* Adds frames to the output. A reason is cut at 256 bytes. */
void oracle_session_put(struct oracle_session *session, enum oracle_command command,
                        uint32_t stream, struct oracle_bytes data);
void oracle_session_put_alert(struct oracle_session *session, struct oracle_bytes reason);
void oracle_session_put_error(struct oracle_session *session, uint32_t stream,
                              struct oracle_bytes reason);

/* What is due, and when: "nothing", "heart-due", "end-due". */
const char *oracle_session_due(const struct oracle_session *session, uint64_t *at);

#endif
