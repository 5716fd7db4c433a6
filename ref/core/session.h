/* A session, client or server: bytes from the peer in, events out; calls in, bytes to send out.
 * Implements the sections "Session" of the protocol document, for versions 1 and 2.
 * It does no I/O, holds no payload, draws no random numbers and reads no clock; `now` is always in
 * milliseconds of a clock that does not go back, below 2^63. The preamble and destinations are
 * endpoint.h.
 *
 * How to drive it:
 *  - Give what came from the peer to anytls_session_receive until all of it is consumed. Each call
 *    takes one step, and answers with at most one event and some bytes to send.
 *  - The bytes that a call writes to `out` are (part of) a write. Lay as many of them end to end as
 *    shall leave together, then let anytls_session_plan say how to cut that write into records.
 *  - Call anytls_session_tick when anytls_session_deadline has come.
 *
 * A failed call changes nothing. After the session has closed, calls that take or send bytes answer
 * ANYTLS_CLOSED and write nothing. An event names one violation: of two in a frame the graver. */
#ifndef ANYTLS_CORE_SESSION_H
#define ANYTLS_CORE_SESSION_H

#include "session_state.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Begins a session.
 * scheme: a client shapes by it; a server pushes it to clients that hold another. Not owned, like
 * config: unchanged as long as the session uses it.
 * streams: capacity entries, uninitialised; ANYTLS_STREAMS_MAX is the stated default.
 * text: text_capacity bytes for frames that carry text: ANYTLS_SETTINGS_SIZE_MAX for a server,
 * ANYTLS_SCHEME_SIZE_MAX for a client are the stated defaults (LIMIT-TEXT). A longer text ends the
 * session in the case of Settings, is cut in the case of an error or Alert, else is ignored. */
/*@ requires \valid(session) && config_valid(config) && scheme_valid(scheme);
    requires role == ANYTLS_SERVER || role == ANYTLS_CLIENT;
    requires now <= INT64_MAX;
    requires \valid(streams + (0 .. capacity - 1)) && \valid(text + (0 .. text_capacity - 1));
    requires \separated(session, streams + (0 .. capacity - 1));
    requires \separated(session, text + (0 .. text_capacity - 1));
    requires \separated(session, config) && \separated(session, scheme);
    requires \separated(session, config->client.bytes + (0 .. config->client.size - 1));
    requires \separated(session, scheme->text.bytes + (0 .. scheme->text.size - 1));
    requires \separated(text + (0 .. text_capacity - 1), streams + (0 .. capacity - 1));
    requires \separated(streams + (0 .. capacity - 1), config);
    requires \separated(streams + (0 .. capacity - 1), scheme);
    requires \separated(streams + (0 .. capacity - 1),
                        config->client.bytes + (0 .. config->client.size - 1));
    requires \separated(streams + (0 .. capacity - 1),
                        scheme->text.bytes + (0 .. scheme->text.size - 1));
    requires \separated(text + (0 .. text_capacity - 1), config);
    requires \separated(text + (0 .. text_capacity - 1), scheme);
    requires \separated(text + (0 .. text_capacity - 1),
                        config->client.bytes + (0 .. config->client.size - 1));
    requires \separated(text + (0 .. text_capacity - 1),
                        scheme->text.bytes + (0 .. scheme->text.size - 1));
    assigns *session;
    ensures session_valid(session);
    ensures session->state == (role == ANYTLS_SERVER ? ANYTLS_STATE_NEW : ANYTLS_STATE_V1);
    ensures session->role == role && session->config == config && session->scheme == scheme;
    ensures session->streams.entries == streams && session->streams.capacity == capacity;
    ensures session->text == text && session->text_capacity == text_capacity;
    ensures session->streams.count == 0 && session->streams.highest == 0;
    ensures session->header_size == 0 && session->writes == 1;
*/
void anytls_session_begin(struct anytls_session *session, enum anytls_role role,
                          const struct anytls_session_config *config,
                          const struct anytls_scheme *scheme, struct anytls_stream *streams,
                          size_t capacity, uint8_t *text, size_t text_capacity, uint64_t now);

/* The output that a step may need: its caller offers this much room, or more. */
/*@ requires session_valid(session);
    assigns \nothing;
    ensures \result == session_output(session);
*/
size_t anytls_session_output_max(const struct anytls_session *session);

/* Takes the next step through the input: a header, or data of a frame. Call it again with what was
 * not consumed. The events and the output never depend on how the input was cut (FRAME-CUTS), once
 * data events of one stream that follow one another are joined.
 * ANYTLS_NO_ROOM: capacity is below anytls_session_output_max. ANYTLS_CLOSED. */
/*@ requires session_valid(session);
    requires now <= INT64_MAX;
    requires \valid_read(bytes + (0 .. size - 1));
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity) && session_apart(session, bytes, size);
    assigns session->state, session->streams.last, session->streams.count,
            session->streams.opening, session->streams.highest,
            session->streams.entries[0 .. session->streams.capacity - 1],
            session->header[0 .. 6], session->header_size, session->frame, session->data_left,
            session->decision, session->text[0 .. session->text_capacity - 1],
            session->text_size, session->text_cut, session->heard, session->heart_sent,
            session->last_heard, out[0 .. capacity - 1];
    ensures memory: session_memory(session);
    ensures table: streams_valid(&session->streams);
    ensures rest: session_numbers(session) && session_times(session) && session_frame(session);
    ensures owner: same_owner{Pre, Post}(session);
    ensures \result.consumed <= size;
    ensures \result.status == ANYTLS_OK && size > 0 ==> \result.consumed > 0;
    ensures \result.status != ANYTLS_OK ==> \result.consumed == 0 && \result.output == 0 &&
        \result.event.type == ANYTLS_EVENT_NONE;
    // What is written is bounded; a closed session writes nothing, and stays closed.
    ensures \result.output <= session_output(session) || \result.output == 0;
    ensures \result.output <= capacity;
    ensures \old(session->state) == ANYTLS_STATE_CLOSED ==>
        \result.status == ANYTLS_CLOSED && session->state == ANYTLS_STATE_CLOSED;
    // Ids never go down.
    ensures session->streams.highest >= \old(session->streams.highest);
    ensures text_valid(\result.event.data);
    ensures \result.event.type == ANYTLS_EVENT_DATA ==>
        \result.event.data.bytes == bytes && \result.event.data.size == \result.consumed;
    // Data are told of a frame whose header came before, and with nothing to send.
    ensures delivered: \result.event.type == ANYTLS_EVENT_DATA ==>
        \old(session->header_size) == ANYTLS_FRAME_HEADER_SIZE &&
        \old(session->decision.action) == ANYTLS_DELIVER &&
        \result.event.stream == \old(session->frame.stream);
    ensures silent: \result.event.type == ANYTLS_EVENT_DATA ||
            \result.event.type == ANYTLS_EVENT_STREAM_OPENED ==>
        \result.output == 0;
*/
struct anytls_received anytls_session_receive(struct anytls_session *session, const uint8_t *bytes,
                                              size_t size, uint64_t now, uint8_t *out,
                                              size_t capacity);

/* Ends the session without a frame (FIN-SESSION). */
/*@ requires session_valid(session);
    assigns session->state;
    ensures session_valid(session);
    ensures session->state == ANYTLS_STATE_CLOSED;
*/
void anytls_session_close(struct anytls_session *session);

/* ---- Streams ---- */

#define ANYTLS_OPEN_SIZE_MAX 512u /* bytes that anytls_session_open writes at most */

struct anytls_opened {
    enum anytls_status status;
    uint32_t stream; /* its id */
    size_t size;     /* bytes written */
};

/* Client: opens a stream: SYN, and a PSH with the destination, behind Settings when it is the first
 * of the session, since these are one write (PAD-WRITE-ONE). user: for the stream's events.
 * ANYTLS_NO_ROOM: capacity is below ANYTLS_OPEN_SIZE_MAX. ANYTLS_NOT_ALLOWED: a server.
 * ANYTLS_TOO_MANY_STREAMS, ANYTLS_NO_MORE_IDS, ANYTLS_BAD_ADDRESS, ANYTLS_CLOSED.
 * ANYTLS_TOO_LONG: the configured client name. */
/*@ requires session_valid(session);
    requires now <= INT64_MAX;
    requires \valid_read(destination);
    requires destination->kind == ANYTLS_IPV4 || destination->kind == ANYTLS_IPV6 ||
             destination->kind == ANYTLS_NAME;
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity);
    assigns session->settings_sent, session->last_opened, session->streams.last,
            session->streams.count, session->streams.opening, session->streams.highest,
            session->streams.entries[0 .. session->streams.capacity - 1],
            out[0 .. written_max(capacity, ANYTLS_OPEN_SIZE_MAX) - 1];
    ensures memory: session_memory(session) && streams_valid(&session->streams);
    ensures rest: session_numbers(session) && session_times(session) && session_frame(session);
    ensures session->state == ANYTLS_STATE_CLOSED ==> \result.status == ANYTLS_CLOSED;
    ensures \result.status != ANYTLS_OK ==> \result.size == 0 && \result.stream == 0 &&
        session->streams.highest == \old(session->streams.highest) &&
        session->streams.count == \old(session->streams.count);
    // Ids go up by one, and none is used twice.
    ensures \result.status == ANYTLS_OK ==> session->role == ANYTLS_CLIENT &&
        \result.stream == \old(session->streams.highest) + 1 &&
        session->streams.highest == \result.stream &&
        \result.size <= ANYTLS_OPEN_SIZE_MAX &&
        session->streams.count == \old(session->streams.count) + 1 && session->settings_sent;
*/
struct anytls_opened anytls_session_open(struct anytls_session *session,
                                         const struct anytls_address *destination, void *user,
                                         uint64_t now, uint8_t *out, size_t capacity);

struct anytls_sent {
    enum anytls_status status;
    size_t payload; /* how many bytes of payload to lay behind the header: up to 65,535 */
};

/* Writes the header of a PSH frame for up to size bytes of payload, which the caller lays behind it
 * (STREAM-PSH, STREAM-SPLIT). One frame a call: call again with what is left. With size 0 nothing
 * is written. out: ANYTLS_FRAME_HEADER_SIZE bytes.
 * ANYTLS_UNKNOWN_STREAM, ANYTLS_CLOSED. ANYTLS_NOT_ALLOWED: a server has not accepted it. */
/*@ requires session_valid(session);
    requires \valid(out + (0 .. 6));
    requires session_apart(session, out, 7);
    assigns session->streams.last, out[0 .. 6];
    ensures session_valid(session);
    ensures \result.payload <= size && \result.payload <= ANYTLS_FRAME_DATA_MAX;
    ensures \result.status != ANYTLS_OK ==> \result.payload == 0;
    ensures session->state == ANYTLS_STATE_CLOSED ==> \result.status == ANYTLS_CLOSED;
    ensures \result.status == ANYTLS_OK ==> stream_is_open(&session->streams, stream);
    ensures \result.status == ANYTLS_OK && size > 0 ==>
        \result.payload == (size < ANYTLS_FRAME_DATA_MAX ? size : ANYTLS_FRAME_DATA_MAX) &&
        out[0] == ANYTLS_PSH && be32(out + 1) == stream && be16(out + 5) == \result.payload;
*/
struct anytls_sent anytls_session_send(struct anytls_session *session, uint32_t stream, size_t size,
                                       uint8_t *out);

/* Closes a stream with FIN (FIN-SEND). ANYTLS_UNKNOWN_STREAM, ANYTLS_CLOSED, ANYTLS_NO_ROOM (below
 * 7 bytes). */
/*@ requires session_valid(session);
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity);
    assigns session->streams.last, session->streams.count, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1],
            out[0 .. written_max(capacity, 7) - 1];
    ensures session_valid(session);
    ensures owner: same_owner{Pre, Post}(session);
    ensures session->state == ANYTLS_STATE_CLOSED ==> \result.status == ANYTLS_CLOSED;
    ensures \result.status != ANYTLS_OK ==>
        \result.size == 0 && session->streams.count == \old(session->streams.count);
    ensures \result.status == ANYTLS_OK ==> \result.size == 7 &&
        session->streams.count == \old(session->streams.count) - 1 &&
        !stream_is_open(&session->streams, stream) &&
        out[0] == ANYTLS_FIN && be32(out + 1) == stream && be16(out + 5) == 0;
*/
struct anytls_written anytls_session_finish(struct anytls_session *session, uint32_t stream,
                                            uint8_t *out, size_t capacity);

/* Server: the destination is connected: SYNACK where version 2 is spoken, else nothing
 * (SYNACK-SUCCESS). ANYTLS_UNKNOWN_STREAM, ANYTLS_CLOSED, ANYTLS_NO_ROOM (below 7 bytes).
 * ANYTLS_NOT_ALLOWED: a client, or accepted before. */
/*@ requires session_valid(session);
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity);
    assigns session->streams.last, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1],
            out[0 .. written_max(capacity, 7) - 1];
    ensures session_valid(session);
    ensures owner: same_owner{Pre, Post}(session);
    ensures session->state == ANYTLS_STATE_CLOSED ==> \result.status == ANYTLS_CLOSED;
    ensures \result.status != ANYTLS_OK ==> \result.size == 0;
    ensures \result.status == ANYTLS_OK ==> session->role == ANYTLS_SERVER &&
        \result.size == (session->state == ANYTLS_STATE_V2 ? 7 : 0);
    ensures \result.size == 7 ==>
        out[0] == ANYTLS_SYNACK && be32(out + 1) == stream && be16(out + 5) == 0;
*/
struct anytls_written anytls_session_accept(struct anytls_session *session, uint32_t stream,
                                            uint8_t *out, size_t capacity);

#define ANYTLS_REASON_MAX 256u /* bytes of an error or Alert text that are sent (LIMIT-REASON) */

/* Server: the destination cannot be had: SYNACK with the reason where version 2 is spoken, else
 * FIN; the stream is closed (SYNACK-ERROR). reason is cut at ANYTLS_REASON_MAX; an empty one becomes
 * "refused", since an empty SYNACK means success. Errors as for accept; ANYTLS_NO_ROOM: below 7 +
 * ANYTLS_REASON_MAX. */
/*@ requires session_valid(session);
    requires text_valid(reason);
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity) && text_apart(reason, out, capacity);
    requires \separated(reason.bytes + (0 .. reason.size - 1),
                        session->streams.entries + (0 .. session->streams.capacity - 1));
    assigns session->streams.last, session->streams.count, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1],
            out[0 .. written_max(capacity, 7 + ANYTLS_REASON_MAX) - 1];
    ensures session_valid(session);
    ensures owner: same_owner{Pre, Post}(session);
    ensures session->state == ANYTLS_STATE_CLOSED ==> \result.status == ANYTLS_CLOSED;
    ensures \result.status != ANYTLS_OK ==> \result.size == 0;
    ensures \result.status == ANYTLS_OK ==> session->role == ANYTLS_SERVER &&
        7 <= \result.size <= 7 + ANYTLS_REASON_MAX &&
        !stream_is_open(&session->streams, stream);
    ensures \result.status == ANYTLS_OK && session->state == ANYTLS_STATE_V2 ==>
        out[0] == ANYTLS_SYNACK && be32(out + 1) == stream && be16(out + 5) > 0;
    ensures \result.status == ANYTLS_OK && session->state != ANYTLS_STATE_V2 ==>
        out[0] == ANYTLS_FIN && be32(out + 1) == stream && be16(out + 5) == 0;
*/
struct anytls_written anytls_session_refuse(struct anytls_session *session, uint32_t stream,
                                            struct anytls_text reason, uint8_t *out,
                                            size_t capacity);

/* Sets what the events of a stream carry. ANYTLS_UNKNOWN_STREAM. */
/*@ requires session_valid(session);
    assigns session->streams.last, session->streams.entries[0 .. session->streams.count - 1];
    ensures session_valid(session);
    ensures \result == ANYTLS_OK || \result == ANYTLS_UNKNOWN_STREAM;
    ensures \result == ANYTLS_OK <==> stream_is_open(&session->streams, stream);
*/
enum anytls_status anytls_session_user_set(struct anytls_session *session, uint32_t stream,
                                           void *user);

/* ---- The session as a whole ---- */

/* Asks the peer for a sign of life (HEART-ACTIVE). ANYTLS_NOT_ALLOWED: version 2 is not spoken, or
 * one is on its way. ANYTLS_CLOSED, ANYTLS_NO_ROOM (below 7 bytes). */
/*@ requires session_valid(session);
    requires now <= INT64_MAX;
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity);
    assigns session->heart_sent, session->last_heart, out[0 .. written_max(capacity, 7) - 1];
    ensures session_valid(session);
    behavior closed:
        assumes session->state == ANYTLS_STATE_CLOSED;
        assigns \nothing;
        ensures \result.status == ANYTLS_CLOSED && \result.size == 0;
    behavior not_allowed:
        assumes session->state != ANYTLS_STATE_CLOSED;
        assumes session->state != ANYTLS_STATE_V2 || session->heart_sent;
        assigns \nothing;
        ensures \result.status == ANYTLS_NOT_ALLOWED && \result.size == 0;
    behavior no_room:
        assumes session->state == ANYTLS_STATE_V2 && !session->heart_sent && capacity < 7;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM && \result.size == 0;
    behavior sent:
        assumes session->state == ANYTLS_STATE_V2 && !session->heart_sent && capacity >= 7;
        ensures \result.status == ANYTLS_OK && \result.size == 7;
        ensures out[0] == ANYTLS_HEART_REQUEST && be32(out + 1) == 0 && be16(out + 5) == 0;
        ensures session->heart_sent && session->last_heart == now;
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_session_heartbeat(struct anytls_session *session, uint64_t now,
                                               uint8_t *out, size_t capacity);

/* Server: refuses the client: Alert with the reason, then closed (ALERT-SEND). reason is cut at
 * ANYTLS_REASON_MAX. ANYTLS_NOT_ALLOWED: a client. ANYTLS_CLOSED, ANYTLS_NO_ROOM: below 7 +
 * ANYTLS_REASON_MAX. */
/*@ requires session_valid(session);
    requires text_valid(reason);
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity) && text_apart(reason, out, capacity);
    assigns session->state, out[0 .. written_max(capacity, 7 + ANYTLS_REASON_MAX) - 1];
    ensures session_valid(session);
    ensures owner: same_owner{Pre, Post}(session);
    behavior closed:
        assumes session->state == ANYTLS_STATE_CLOSED;
        assigns \nothing;
        ensures \result.status == ANYTLS_CLOSED && \result.size == 0;
    behavior client:
        assumes session->state != ANYTLS_STATE_CLOSED && session->role == ANYTLS_CLIENT;
        assigns \nothing;
        ensures \result.status == ANYTLS_NOT_ALLOWED && \result.size == 0;
    behavior no_room:
        assumes session->state != ANYTLS_STATE_CLOSED && session->role == ANYTLS_SERVER;
        assumes capacity < 7 + ANYTLS_REASON_MAX;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM && \result.size == 0;
    behavior sent:
        assumes session->state != ANYTLS_STATE_CLOSED && session->role == ANYTLS_SERVER;
        assumes capacity >= 7 + ANYTLS_REASON_MAX;
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == 7 + reason_size(reason.size);
        ensures out[0] == ANYTLS_ALERT && be16(out + 5) == \result.size - 7;
        ensures session->state == ANYTLS_STATE_CLOSED;
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_session_alert(struct anytls_session *session,
                                           struct anytls_text reason, uint8_t *out,
                                           size_t capacity);

/* Begins a write of size bytes to TLS: gives it its number and the plan of its records
 * (PAD-WRITES). Only a client's first writes are shaped; any other plan is one record. */
/*@ requires session_valid(session);
    assigns session->writes;
    ensures session_valid(session);
    ensures text_valid(\result.line) && \result.position == 0 && \result.remaining == size;
    ensures session->role == ANYTLS_SERVER ==> \result.line.size == 0;
    ensures \old(session->writes) >= session->scheme->stop ==> \result.line.size == 0;
    ensures session->writes >= \old(session->writes);
*/
struct anytls_plan anytls_session_plan(struct anytls_session *session, size_t size);

/* Whether the next write is shaped; once it is not, no later one is. */
/*@ requires session_valid(session);
    assigns \nothing;
    ensures \result <==>
        session->role == ANYTLS_CLIENT && session->writes < session->scheme->stop;
*/
bool anytls_session_shaped(const struct anytls_session *session);

/* ---- Time ---- */

struct anytls_deadline {
    bool set;
    uint64_t at;
};

/* When anytls_session_tick wants to be called. */
/*@ requires session_valid(session);
    assigns \nothing;
    ensures session->state == ANYTLS_STATE_CLOSED || session->paused ==> !\result.set;
    ensures \result.at <= INT64_MAX + UINT32_MAX;
*/
struct anytls_deadline anytls_session_deadline(const struct anytls_session *session);

/* Does what is due: a HeartRequest, or the end of a session whose peer gave no sign of life. Call
 * it again until it answers neither output nor event. out: as for receive. */
/*@ requires session_valid(session);
    requires now <= INT64_MAX;
    requires \valid(out + (0 .. capacity - 1));
    requires session_apart(session, out, capacity);
    assigns session->state, session->heart_sent, session->last_heart,
            out[0 .. written_max(capacity, 7) - 1];
    ensures session_valid(session);
    ensures owner: same_owner{Pre, Post}(session);
    ensures \result.consumed == 0 && \result.output <= 7;
    ensures text_valid(\result.event.data) && \result.event.data.size == 0;
    ensures \old(session->state) == ANYTLS_STATE_CLOSED ==>
        \result.status == ANYTLS_CLOSED && \result.output == 0;
    ensures session->state == ANYTLS_STATE_CLOSED || session->state == \old(session->state);
    ensures session->state == ANYTLS_STATE_CLOSED ==> \result.output == 0;
    ensures \old(session->state) != ANYTLS_STATE_CLOSED ==>
        (\result.event.type == ANYTLS_EVENT_CLOSED <==> session->state == ANYTLS_STATE_CLOSED);
    ensures session->paused ==> session->state == \old(session->state) && \result.output == 0;
*/
struct anytls_received anytls_session_tick(struct anytls_session *session, uint64_t now,
                                           uint8_t *out, size_t capacity);

/* The caller has stopped reading (its own output is full): no deadline runs (HEART-PAUSE). */
/*@ requires session_valid(session);
    assigns session->paused;
    ensures session_valid(session);
    ensures session->paused;
*/
void anytls_session_pause(struct anytls_session *session);

/* It reads again: deadlines begin anew. */
/*@ requires session_valid(session);
    requires now <= INT64_MAX;
    assigns session->paused, session->last_heard, session->last_opened, session->last_heart;
    ensures session_valid(session);
    ensures !session->paused;
*/
void anytls_session_resume(struct anytls_session *session, uint64_t now);

#ifdef __cplusplus
}
#endif

#endif
