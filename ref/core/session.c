#include "session.h"

#include "bytes.h"
#include "put.h"

/*@ // An answer that is being made: no memory of the session, and nothing that it reads.
    predicate answer_apart{L}(struct anytls_session *s, struct anytls_received *r) =
        \valid(r) && \separated(r, s) && \base_addr(r) != \base_addr(s->streams.entries) &&
        \separated(r, s->streams.entries + (0 .. s->streams.capacity - 1)) &&
        \separated(r, s->text + (0 .. s->text_capacity - 1)) && \separated(r, s->config) &&
        \separated(r, s->config->client.bytes + (0 .. s->config->client.size - 1)) &&
        \separated(r, s->scheme) &&
        \separated(r, s->scheme->text.bytes + (0 .. s->scheme->text.size - 1));
    // Room for n bytes, apart from everything else.
    predicate room{L}(struct anytls_session *s, struct anytls_received *r, uint8_t *out,
                      integer n) =
        \valid(out + (0 .. n - 1)) && session_apart(s, out, n) &&
        \separated(r, out + (0 .. n - 1));
    // What the refusal of a session writes at most.
    logic integer refusal{L}(struct anytls_session *s) = s->role == ANYTLS_SERVER ? 263 : 0;
    // What no step through a frame changes.
    predicate same_rest{K, L}(struct anytls_session *s) =
        same_place{K, L}(s) && \at(s->role, K) == \at(s->role, L) &&
        \at(s->header_size, K) == \at(s->header_size, L) &&
        \at(s->frame.stream, K) == \at(s->frame.stream, L);
    // What was decided at a header: so much of it is needed when its data have come.
    predicate decided_frame{L}(struct anytls_session *s) =
        (s->decision.action == ANYTLS_OPEN_STREAM ==> s->role == ANYTLS_SERVER &&
            !stream_is_open(&s->streams, s->frame.stream)) &&
        (s->decision.action == ANYTLS_TAKE_SETTINGS ==> s->role == ANYTLS_SERVER);
*/

void anytls_session_begin(struct anytls_session *session, enum anytls_role role,
                          const struct anytls_session_config *config,
                          const struct anytls_scheme *scheme, struct anytls_stream *streams,
                          size_t capacity, uint8_t *text, size_t text_capacity, uint64_t now)
{
    *session = (struct anytls_session){0};
    session->config = config;
    session->scheme = scheme;
    session->role = role;
    session->state = role == ANYTLS_SERVER ? ANYTLS_STATE_NEW : ANYTLS_STATE_V1;
    session->streams.entries = streams;
    session->streams.capacity = capacity;
    session->text = text;
    session->text_capacity = text_capacity;
    session->writes = 1; /* the preamble was write 0 */
    session->last_heard = now;
    session->last_opened = now;
    session->last_heart = now;
}

void anytls_session_close(struct anytls_session *session)
{
    session->state = ANYTLS_STATE_CLOSED;
}

/* One frame's answer, and the Alert that may follow it in a strict session. */
size_t anytls_session_output_max(const struct anytls_session *session)
{
    size_t alert = ANYTLS_FRAME_HEADER_SIZE + ANYTLS_REASON_MAX;
    size_t settings = 2 * (size_t)ANYTLS_FRAME_HEADER_SIZE + session->scheme->text.size + 3;

    if (session->role == ANYTLS_CLIENT)
        return ANYTLS_FRAME_HEADER_SIZE;
    return alert + (settings > alert ? settings : alert);
}

/*@ requires session_valid(session) && answer_apart(session, result);
    assigns session->state, result->event;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures session->state == ANYTLS_STATE_CLOSED;
    ensures result->event.type == ANYTLS_EVENT_CLOSED && result->event.violation == why;
    ensures result->event.data.size == 0 && text_valid(result->event.data);
*/
static void close_with(struct anytls_session *session, struct anytls_received *result,
                       enum anytls_status why)
{
    session->state = ANYTLS_STATE_CLOSED;
    result->event.type = ANYTLS_EVENT_CLOSED;
    result->event.violation = why;
    result->event.user = 0;
    result->event.data = ANYTLS_NO_TEXT;
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_ids{Pre, Here}(session); */
    /*@ assert same_states{Pre, Here}(session); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
}

/*@ requires session_valid(session) && answer_apart(session, result);
    requires session->role == ANYTLS_SERVER ==> result->output <= UINT32_MAX &&
        room(session, result, out, result->output + 263);
    assigns session->state, result->event, result->output,
            out[result->output .. result->output + refusal(session) - 1];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures session->state == ANYTLS_STATE_CLOSED;
    ensures result->event.type == ANYTLS_EVENT_CLOSED && result->event.data.size == 0;
    ensures text_valid(result->event.data);
    ensures session->role == ANYTLS_SERVER ==>
        result->output <= \old(result->output) + 263;
    ensures session->role == ANYTLS_CLIENT ==> result->output == \old(result->output);
*/
static void refuse_session(struct anytls_session *session, struct anytls_received *result,
                           enum anytls_status why, uint8_t *out)
{
    if (session->role == ANYTLS_SERVER)
        result->output += anytls_put_alert(anytls_reason(why), out + result->output);
    close_with(session, result, why);
}

/*@ requires session_memory(session) && session->text_size <= session->text_capacity;
    assigns \nothing;
    ensures \result.bytes == session->text && \result.size == session->text_size;
    ensures text_valid(\result);
*/
static struct anytls_text collected(const struct anytls_session *session)
{
    return (struct anytls_text){session->text, session->text_size};
}

/*@ requires session_valid(session) && answer_apart(session, result);
    requires session->header_size == 0 && result->output == 0;
    requires !stream_is_open(&session->streams, session->frame.stream);
    requires room(session, result, out, 263);
    assigns session->streams.last, session->streams.count, session->streams.opening,
            session->streams.highest,
            session->streams.entries[0 .. session->streams.capacity - 1],
            result->event.type, result->event.violation, result->output, out[0 .. 262];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures result->output <= 263;
    ensures session->streams.highest >= \old(session->streams.highest);
    ensures result->event.type == ANYTLS_EVENT_STREAM_OPENED ||
            result->event.type == \old(result->event.type);
    ensures silent: result->event.type == \old(result->event.type) || result->output == 0;
*/
static void open_stream(struct anytls_session *session, struct anytls_received *result,
                        uint8_t *out)
{
    struct anytls_streams *streams = &session->streams;
    uint32_t id = session->frame.stream;

    /*@ assert apart: \forall integer i; 0 <= i < session->streams.capacity ==>
            \separated(&result->event.type, &session->streams.entries[i].id) &&
            \separated(&result->event.type, &session->streams.entries[i].state); */
    if (streams->count == streams->capacity) {
        if (id > streams->highest)
            streams->highest = id;
        /*@ assert same_place{Pre, Here}(session); */
        /*@ assert streams_memory(&session->streams); */
        /*@ assert session_memory(session); */
        /*@ assert same_frame{Pre, Here}(session); */
        /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
                session->streams.entries[i].id == \at(session->streams.entries[i].id, Pre); */
        /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
                session->streams.entries[i].state == \at(session->streams.entries[i].state, Pre); */
        /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
        /*@ assert streams_below(session->streams.entries, session->streams.count,
                                 session->streams.highest); */
        /*@ assert streams_states(session->streams.entries, session->streams.count); */
        /*@ assert session->streams.opening ==
                streams_opening(session->streams.entries, session->streams.count); */
        /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
        /*@ assert session_valid(session); */
        result->output =
            anytls_put_refusal(session, id, anytls_reason(ANYTLS_TOO_MANY_STREAMS), out);
        result->event.violation = ANYTLS_TOO_MANY_STREAMS;
        /*@ assert same_place{Pre, Here}(session); */
        /*@ assert streams_memory(&session->streams); */
        /*@ assert session_memory(session); */
        /*@ assert same_frame{Pre, Here}(session); */
        /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
                session->streams.entries[i].id == \at(session->streams.entries[i].id, Pre); */
        /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
                session->streams.entries[i].state == \at(session->streams.entries[i].state, Pre); */
        /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
        /*@ assert streams_below(session->streams.entries, session->streams.count,
                                 session->streams.highest); */
        /*@ assert streams_states(session->streams.entries, session->streams.count); */
        /*@ assert session->streams.opening ==
                streams_opening(session->streams.entries, session->streams.count); */
        /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
        /*@ assert session_valid(session); */
        return;
    }
    /*@ assert session_memory(session) && streams_valid(&session->streams); */
    /*@ assert \separated(session, session->streams.entries + session->streams.count); */
    /*@ assert \separated(session->config, session->streams.entries + session->streams.count); */
    /*@ assert \separated(session->scheme, session->streams.entries + session->streams.count); */
    /*@ assert \separated(&session->config, session->streams.entries + session->streams.count) &&
            \separated(&session->scheme, session->streams.entries + session->streams.count) &&
            \separated(&session->streams.entries, session->streams.entries + session->streams.count) &&
            \separated(&session->text, session->streams.entries + session->streams.count) &&
            \separated(&session->config->client.bytes, session->streams.entries + session->streams.count) &&
            \separated(&session->scheme->text.bytes, session->streams.entries + session->streams.count) &&
            \separated(&session->state, session->streams.entries + session->streams.count) &&
            \separated(&session->role, session->streams.entries + session->streams.count) &&
            \separated(&session->frame.stream, session->streams.entries + session->streams.count) &&
            \separated(&session->decision.action, session->streams.entries + session->streams.count); */
    anytls_streams_open(streams, id, 0);
    /*@ assert session->streams.entries == \at(session->streams.entries, Pre) &&
            session->streams.capacity == \at(session->streams.capacity, Pre) &&
            session->text == \at(session->text, Pre) &&
            session->text_capacity == \at(session->text_capacity, Pre) &&
            session->config == \at(session->config, Pre) &&
            session->config->client.bytes == \at(session->config->client.bytes, Pre) &&
            session->config->client.size == \at(session->config->client.size, Pre) &&
            session->scheme == \at(session->scheme, Pre) &&
            session->scheme->text.bytes == \at(session->scheme->text.bytes, Pre) &&
            session->scheme->text.size == \at(session->scheme->text.size, Pre); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert mem: session_memory(session); */
    /*@ assert session->state == \at(session->state, Pre) &&
            session->role == \at(session->role, Pre) &&
            session->frame.stream == \at(session->frame.stream, Pre) &&
            session->decision.action == \at(session->decision.action, Pre) &&
            session->header_size == \at(session->header_size, Pre) &&
            session->data_left == \at(session->data_left, Pre); */
    /*@ assert session_numbers(session) && session_times(session); */
    /*@ assert session_frame(session); */
    /*@ assert session_valid(session); */
    /*@ assert \separated(result, session->streams.entries +
                                   (0 .. session->streams.capacity - 1)); */
    /*@ assert table: streams_distinct(session->streams.entries, session->streams.count) &&
            streams_states(session->streams.entries, session->streams.count); */
    /*@ ghost opened:; */
    result->event.type = ANYTLS_EVENT_STREAM_OPENED;
    /*@ assert same_place{opened, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_frame{opened, Here}(session); */
    /*@ assert ids: \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].id == \at(session->streams.entries[i].id, opened); */
    /*@ assert sts: \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, opened); */
    /*@ assert dst: streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert ste: streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.entries == \at(session->streams.entries, opened) &&
            session->streams.count == \at(session->streams.count, opened); */
    /*@ assert streams_opening(session->streams.entries, session->streams.count) ==
            \at(streams_opening(session->streams.entries, session->streams.count), opened); */
    /*@ assert opn: session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert streams_valid(&session->streams); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
}

/* The stream may have gone since the frame began: then the frame means nothing any more. */
/*@ requires session_valid(session) && answer_apart(session, result);
    requires session->header_size == 0;
    assigns session->streams.last, session->streams.count, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1],
            result->event.type, result->event.user;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures apart: answer_apart(session, result);
    ensures !stream_is_open(&session->streams, session->frame.stream);
    ensures result->event.type == type || result->event.type == \old(result->event.type);
*/
static void end_stream(struct anytls_session *session, struct anytls_received *result,
                       enum anytls_event_type type)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    if (!place.found)
        return;
    result->event.type = type;
    result->event.user = session->streams.entries[place.index].user;
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_frame{Pre, Here}(session); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].id == \at(session->streams.entries[i].id, Pre); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, Pre); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
    /*@ assert \separated(session, session->streams.entries + place.index); */
    /*@ assert \separated(session->config, session->streams.entries + place.index); */
    /*@ assert \separated(session->scheme, session->streams.entries + place.index); */
    /*@ assert apart: \separated(&result->event.data.bytes,
                                 session->streams.entries + place.index) &&
            \separated(&result->event.type, session->streams.entries + place.index) &&
            \separated(&session->state, session->streams.entries + place.index) &&
            \separated(&session->role, session->streams.entries + place.index) &&
            \separated(&session->frame.stream, session->streams.entries + place.index) &&
            \separated(&session->decision.action, session->streams.entries + place.index); */
    /*@ ghost ending:; */
    anytls_streams_close(&session->streams, place.index);
    /*@ assert session->streams.entries == \at(session->streams.entries, ending) &&
            session->streams.capacity == \at(session->streams.capacity, ending) &&
            session->text == \at(session->text, ending) &&
            session->text_capacity == \at(session->text_capacity, ending) &&
            session->config == \at(session->config, ending) &&
            session->config->client.bytes == \at(session->config->client.bytes, ending) &&
            session->config->client.size == \at(session->config->client.size, ending) &&
            session->scheme == \at(session->scheme, ending) &&
            session->scheme->text.bytes == \at(session->scheme->text.bytes, ending) &&
            session->scheme->text.size == \at(session->scheme->text.size, ending); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert keep: session->state == \at(session->state, ending) &&
            session->role == \at(session->role, ending) &&
            session->frame.stream == \at(session->frame.stream, ending) &&
            session->decision.action == \at(session->decision.action, ending) &&
            session->header_size == \at(session->header_size, ending) &&
            session->data_left == \at(session->data_left, ending); */
    /*@ assert session_numbers(session) && session_times(session); */
    /*@ assert session_frame(session); */
    /*@ assert session_valid(session); */
}

/* The header is the whole frame, so that the stream is open as it was when this was decided. */
/*@ requires session_valid(session) && answer_apart(session, result);
    requires session->header_size == 0;
    requires stream_is_open(&session->streams, session->frame.stream);
    assigns session->streams.last, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1],
            result->event.type, result->event.user;
    ensures session_valid(session);
    ensures text: \old(text_valid(result->event.data)) ==> text_valid(result->event.data);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures result->event.type == ANYTLS_EVENT_STREAM_ACCEPTED;
*/
static void accept_stream(struct anytls_session *session, struct anytls_received *result)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    anytls_streams_accept(&session->streams, place.index);
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert session_memory(session); */
    /*@ assert session_valid(session); */
    /*@ assert \separated(result, session->streams.entries +
                                   (0 .. session->streams.capacity - 1)); */
    /*@ ghost accepted:; */
    result->event.type = ANYTLS_EVENT_STREAM_ACCEPTED;
    result->event.user = session->streams.entries[place.index].user;
    /*@ assert same_place{accepted, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_frame{accepted, Here}(session); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].id == \at(session->streams.entries[i].id, accepted); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, accepted); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.entries == \at(session->streams.entries, accepted) &&
            session->streams.count == \at(session->streams.count, accepted); */
    /*@ assert streams_opening(session->streams.entries, session->streams.count) ==
            \at(streams_opening(session->streams.entries, session->streams.count), accepted); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
}

/*@ requires session_memory(session) && session->text_size <= session->text_capacity;
    assigns \nothing;
    ensures \result == ANYTLS_STATE_V1 || \result == ANYTLS_STATE_V2;
    ensures session->config->version < 2 ==> \result == ANYTLS_STATE_V1;
*/
static enum anytls_state agreed_version(const struct anytls_session *session)
{
    if (session->config->version >= 2 && anytls_settings_version(collected(session)) == 2)
        return ANYTLS_STATE_V2;
    return ANYTLS_STATE_V1;
}

/*@ requires session_memory(session) && session->text_size <= session->text_capacity;
    assigns \nothing;
*/
static bool holds_our_scheme(const struct anytls_session *session)
{
    struct anytls_setting_value md5 = anytls_settings_find(collected(session), "padding-md5");

    return md5.found && md5.value.size == ANYTLS_MD5_TEXT_SIZE &&
           anytls_bytes_equal(md5.value.bytes, session->scheme->md5, ANYTLS_MD5_TEXT_SIZE);
}

/*@ requires session_valid(session) && answer_apart(session, result);
    requires session->header_size == 0 && session->role == ANYTLS_SERVER;
    requires result->output == 0 && room(session, result, out, session_output(session));
    assigns session->state, result->event, result->output,
            out[0 .. session_output(session) - 1];
    ensures memory: session_memory(session);
    ensures table: streams_valid(&session->streams);
    ensures same: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures rest: session_numbers(session) && session_times(session) && session_frame(session);
    ensures result->output <= (session->state == ANYTLS_STATE_CLOSED
                                   ? 263 : 17 + session->scheme->text.size);
    ensures text_valid(result->event.data);
    ensures result->event.type == ANYTLS_EVENT_SETTINGS ||
            result->event.type == ANYTLS_EVENT_CLOSED;
*/
static void take_settings(struct anytls_session *session, struct anytls_received *result,
                          uint8_t *out)
{
    uint8_t version[3];
    struct anytls_text settings = {version, sizeof version};

    if (session->text_cut) {
        refuse_session(session, result, ANYTLS_TOO_LONG, out);
        return;
    }
    session->state = agreed_version(session);
    if (!holds_our_scheme(session))
        result->output += anytls_put(ANYTLS_UPDATE_PADDING_SCHEME, 0, session->scheme->text, out);
    if (session->state == ANYTLS_STATE_V2) {
        anytls_settings_server_write(session->config->version, version, sizeof version);
        result->output += anytls_put(ANYTLS_SERVER_SETTINGS, 0, settings, out + result->output);
    }
    result->event.type = ANYTLS_EVENT_SETTINGS;
    result->event.data = collected(session);
    /*@ assert outer: \valid{Pre}(session) && \valid{Pre}(session->streams.entries +
                                         (0 .. session->streams.capacity - 1)) &&
            \valid{Pre}(session->text + (0 .. session->text_capacity - 1)) &&
            \valid_read{Pre}(session->config) && \valid_read{Pre}(session->scheme) &&
            \valid_read{Pre}(session->config->client.bytes +
                             (0 .. session->config->client.size - 1)) &&
            \valid_read{Pre}(session->scheme->text.bytes +
                             (0 .. session->scheme->text.size - 1)); */
}

/*@ requires session_valid(session) && answer_apart(session, result);
    requires session->header_size == 0 && session->state != ANYTLS_STATE_CLOSED;
    assigns session->state, result->event;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures session->state != ANYTLS_STATE_CLOSED;
    ensures \old(text_valid(result->event.data)) ==> text_valid(result->event.data);
    ensures result->event.type == ANYTLS_EVENT_SERVER_SETTINGS ||
            result->event.type == \old(result->event.type);
*/
static void take_server_settings(struct anytls_session *session, struct anytls_received *result)
{
    if (session->text_cut) {
        result->event.violation = ANYTLS_TOO_LONG;
        return;
    }
    session->state = agreed_version(session);
    result->event.type = ANYTLS_EVENT_SERVER_SETTINGS;
    result->event.data = collected(session);
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_ids{Pre, Here}(session); */
    /*@ assert same_states{Pre, Here}(session); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
}

/*@ requires session_valid(session) && answer_apart(session, result);
    assigns result->event;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures \old(text_valid(result->event.data)) ==> text_valid(result->event.data);
    ensures result->event.type == ANYTLS_EVENT_SCHEME ||
            result->event.type == \old(result->event.type);
*/
static void take_scheme(struct anytls_session *session, struct anytls_received *result)
{
    enum anytls_status status = ANYTLS_TOO_LONG;

    if (!session->text_cut)
        status = anytls_scheme_read(collected(session)).status;
    if (status != ANYTLS_OK) {
        result->event.violation = status;
        return;
    }
    /*@ assert session_valid(session); */
    result->event.type = ANYTLS_EVENT_SCHEME;
    result->event.data = collected(session);
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_frame{Pre, Here}(session); */
    /*@ assert same_ids{Pre, Here}(session); */
    /*@ assert same_states{Pre, Here}(session); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
}

/*@ requires session_valid(session) && answer_apart(session, result);
    assigns session->state, result->event;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures session->state == ANYTLS_STATE_CLOSED;
    ensures text_valid(result->event.data);
    ensures result->event.type == ANYTLS_EVENT_ALERT;
*/
static void take_alert(struct anytls_session *session, struct anytls_received *result)
{
    session->state = ANYTLS_STATE_CLOSED;
    result->event.type = ANYTLS_EVENT_ALERT;
    result->event.violation = ANYTLS_ALERTED;
    result->event.data = collected(session);
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_ids{Pre, Here}(session); */
    /*@ assert same_states{Pre, Here}(session); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
}

/* The frame is whole: do what was decided at its header. */
/*@ requires session_memory(session) && streams_valid(&session->streams) &&
             session_numbers(session) && session_times(session) && decided_frame(session);
    requires answer_apart(session, result);
    requires session->state != ANYTLS_STATE_CLOSED && result->output == 0;
    requires session->decision.action == ANYTLS_ACCEPT_STREAM ==>
        stream_is_open(&session->streams, session->frame.stream);
    requires session->decision.action == ANYTLS_DELIVER || result->event.type == ANYTLS_EVENT_NONE;
    requires result->event.type == ANYTLS_EVENT_DATA || result->event.type == ANYTLS_EVENT_NONE;
    requires text_valid(result->event.data);
    requires room(session, result, out, session_output(session));
    assigns session->state, session->streams.last, session->streams.count,
            session->streams.opening, session->streams.highest,
            session->streams.entries[0 .. session->streams.capacity - 1],
            session->header_size, result->event, result->output,
            out[0 .. session_output(session) - 1];
    ensures valid: session_valid(session);
    ensures whole: session->header_size == 0;
    ensures place: same_place{Pre, Post}(session);
    ensures role: session->role == \old(session->role);
    ensures bound: result->output <= session_output(session);
    ensures highest: session->streams.highest >= \old(session->streams.highest);
    ensures text: text_valid(result->event.data);
    ensures data: result->event.type == ANYTLS_EVENT_DATA ==>
        \old(result->event.type) == ANYTLS_EVENT_DATA &&
        result->event.data == \old(result->event.data) &&
        result->event.stream == \old(result->event.stream);
    ensures silent: result->event.type == ANYTLS_EVENT_DATA ||
            result->event.type == ANYTLS_EVENT_STREAM_OPENED ==>
        result->output == 0;
*/
static void complete(struct anytls_session *session, struct anytls_received *result, uint8_t *out)
{
    /*@ assert c0: session_numbers(session) && session_times(session); */
    /*@ assert c1: \separated(&result->event.data,
                       session->streams.entries + (0 .. session->streams.capacity - 1)) &&
            \separated(&result->event.data.bytes,
                       session->streams.entries + (0 .. session->streams.capacity - 1)) &&
            \separated(&result->event.data.size,
                       session->streams.entries + (0 .. session->streams.capacity - 1)) &&
            \separated(&result->event.stream,
                       session->streams.entries + (0 .. session->streams.capacity - 1)) &&
            \separated(&result->event.type,
                       session->streams.entries + (0 .. session->streams.capacity - 1)) &&
            \separated(&result->event.violation,
                       session->streams.entries + (0 .. session->streams.capacity - 1)); */
    /*@ assert c2: \forall integer i; 0 <= i < session->streams.capacity ==>
            \separated(&result->event.violation, &session->streams.entries[i].id) &&
            \separated(&result->event.violation, &session->streams.entries[i].state) &&
            \separated(&result->event.type, &session->streams.entries[i].id) &&
            \separated(&result->event.type, &session->streams.entries[i].state); */
    session->header_size = 0;
    result->event.violation = session->decision.violation;
    /*@ assert b0: same_place{Pre, Here}(session); */
    /*@ assert b1: streams_memory(&session->streams); */
    /*@ assert b2: session_memory(session); */
    /*@ assert b3: same_ids{Pre, Here}(session); */
    /*@ assert b4: same_states{Pre, Here}(session); */
    /*@ assert b5: streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert b6: streams_below(session->streams.entries, session->streams.count,
                                 session->streams.highest); */
    /*@ assert b7: streams_states(session->streams.entries, session->streams.count); */
    /*@ assert b8: session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert b9: session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert ba: session_valid(session); */
    /*@ assert bb: answer_apart(session, result); */
    /*@ assert bc: session_output(session) == session_output{Pre}(session); */
    /*@ assert bd: room(session, result, out, session_output(session)); */
    /*@ assert bj: \valid(out + (0 .. session_output(session) - 1)) &&
            session_apart(session, out, session_output(session)) &&
            \separated(result, out + (0 .. session_output(session) - 1)); */
    /*@ assert bk: \separated(out + (0 .. session_output(session) - 1), session->streams.entries +
                               (0 .. session->streams.capacity - 1)) &&
            \separated(out + (0 .. session_output(session) - 1),
                       session->text + (0 .. session->text_capacity - 1)) &&
            \separated(out + (0 .. session_output(session) - 1), session->config) &&
            \separated(out + (0 .. session_output(session) - 1), session->config->client.bytes +
                       (0 .. session->config->client.size - 1)) &&
            \separated(out + (0 .. session_output(session) - 1), session->scheme) &&
            \separated(out + (0 .. session_output(session) - 1), session->scheme->text.bytes +
                       (0 .. session->scheme->text.size - 1)); */
    /*@ assert be: session->role == ANYTLS_SERVER ==> room(session, result, out, 263); */
    /*@ assert bf: session->decision.action == ANYTLS_OPEN_STREAM ==>
            session->role == ANYTLS_SERVER &&
            !stream_is_open(&session->streams, session->frame.stream); */
    /*@ assert bg: session->decision.action == ANYTLS_ACCEPT_STREAM ==>
            stream_is_open(&session->streams, session->frame.stream); */
    /*@ assert bh: session->decision.action == ANYTLS_TAKE_SETTINGS ==>
            session->role == ANYTLS_SERVER; */
    /*@ assert bi: session->state == \at(session->state, Pre) &&
            session->role == \at(session->role, Pre) && text_valid(result->event.data) &&
            session->streams.highest == \at(session->streams.highest, Pre); */
    /*@ ghost begun:; */
    switch (session->decision.action) {
    case ANYTLS_REFUSE_SESSION:
        refuse_session(session, result, session->decision.violation, out);
        return;
    case ANYTLS_OPEN_STREAM: open_stream(session, result, out); break;
    case ANYTLS_FINISH_STREAM: end_stream(session, result, ANYTLS_EVENT_STREAM_FINISHED); break;
    case ANYTLS_TAKE_SETTINGS: take_settings(session, result, out); break;
    case ANYTLS_TAKE_SERVER_SETTINGS: take_server_settings(session, result); break;
    case ANYTLS_TAKE_SCHEME: take_scheme(session, result); break;
    case ANYTLS_TAKE_ALERT: take_alert(session, result); break;
    case ANYTLS_ACCEPT_STREAM: accept_stream(session, result); break;
    case ANYTLS_REFUSE_STREAM:
        end_stream(session, result, ANYTLS_EVENT_STREAM_REFUSED);
        /*@ ghost ended:; */
        /*@ assert r0: session_memory(session) && streams_valid(&session->streams) &&
                session_numbers(session) && session_times(session); */
        /*@ assert r1: \separated(&session->streams.entries, &result->event.data) &&
                \separated(&session->text, &result->event.data) &&
                \separated(&session->config, &result->event.data) &&
                \separated(&session->scheme, &result->event.data) &&
                \separated(&session->config->client.bytes, &result->event.data) &&
                \separated(&session->scheme->text.bytes, &result->event.data) &&
                \separated(&session->streams.capacity, &result->event.data) &&
                \separated(&session->text_capacity, &result->event.data) &&
                \separated(&session->config->client.size, &result->event.data) &&
                \separated(&session->scheme->text.size, &result->event.data) &&
                \separated(&session->streams.count, &result->event.data) &&
                \separated(&session->streams.opening, &result->event.data) &&
                \separated(&session->text_size, &result->event.data) &&
                \separated(&session->header_size, &result->event.data) &&
                \separated(&session->data_left, &result->event.data) &&
                \separated(&session->last_heard, &result->event.data) &&
                \separated(&session->last_opened, &result->event.data) &&
                \separated(&session->last_heart, &result->event.data); */
        if (result->event.type != ANYTLS_EVENT_NONE)
            result->event.data = collected(session);
        /*@ assert rf: session->streams.entries == \at(session->streams.entries, ended) &&
                session->text == \at(session->text, ended) &&
                session->config == \at(session->config, ended) &&
                session->scheme == \at(session->scheme, ended) &&
                session->config->client.bytes == \at(session->config->client.bytes, ended) &&
                session->scheme->text.bytes == \at(session->scheme->text.bytes, ended) &&
                session->streams.capacity == \at(session->streams.capacity, ended) &&
                session->text_capacity == \at(session->text_capacity, ended) &&
                session->config->client.size == \at(session->config->client.size, ended) &&
                session->scheme->text.size == \at(session->scheme->text.size, ended) &&
                session->streams.count == \at(session->streams.count, ended) &&
                session->streams.opening == \at(session->streams.opening, ended) &&
                session->text_size == \at(session->text_size, ended) &&
                session->header_size == \at(session->header_size, ended) &&
                session->data_left == \at(session->data_left, ended) &&
                session->last_heard == \at(session->last_heard, ended) &&
                session->last_opened == \at(session->last_opened, ended) &&
                session->last_heart == \at(session->last_heart, ended); */
        /*@ assert r2: same_place{ended, Here}(session); */
        /*@ assert r3: streams_memory(&session->streams); */
        /*@ assert r4: session_memory(session); */
        /*@ assert r5: same_frame{ended, Here}(session); */
        /*@ assert r6: same_ids{ended, Here}(session) && same_states{ended, Here}(session); */
        /*@ assert r7: streams_distinct(session->streams.entries, session->streams.count); */
        /*@ assert r8: streams_below(session->streams.entries, session->streams.count,
                                     session->streams.highest); */
        /*@ assert r9: streams_states(session->streams.entries, session->streams.count); */
        /*@ assert ra: session->streams.opening ==
                streams_opening(session->streams.entries, session->streams.count); */
        /*@ assert rb: session_numbers(session) && session_times(session) &&
                session_frame(session); */
        /*@ assert rc: session_valid(session); */
        /*@ assert rd: same_rest{begun, Here}(session); */
        /*@ assert re: text_valid(result->event.data); */
        break;
    case ANYTLS_ANSWER_HEART:
        result->output =
            anytls_put(ANYTLS_HEART_RESPONSE, session->frame.stream, ANYTLS_NO_TEXT, out);
        /*@ assert h2: same_place{begun, Here}(session); */
        /*@ assert h3: streams_memory(&session->streams); */
        /*@ assert h4: session_memory(session); */
        /*@ assert h5: same_frame{begun, Here}(session); */
        /*@ assert h6: same_ids{begun, Here}(session) && same_states{begun, Here}(session); */
        /*@ assert h7: streams_distinct(session->streams.entries, session->streams.count); */
        /*@ assert h8: streams_below(session->streams.entries, session->streams.count,
                                     session->streams.highest); */
        /*@ assert h9: streams_states(session->streams.entries, session->streams.count); */
        /*@ assert ha: session->streams.opening ==
                streams_opening(session->streams.entries, session->streams.count); */
        /*@ assert hb: session_numbers(session) && session_times(session) &&
                session_frame(session); */
        /*@ assert hc: session_valid(session); */
        break;
    case ANYTLS_HEART_ANSWERED:
        result->event.type = ANYTLS_EVENT_HEART_ANSWERED;
        /*@ assert a2: same_place{begun, Here}(session); */
        /*@ assert a3: streams_memory(&session->streams); */
        /*@ assert a4: session_memory(session); */
        /*@ assert a5: same_frame{begun, Here}(session); */
        /*@ assert a6: same_ids{begun, Here}(session) && same_states{begun, Here}(session); */
        /*@ assert a7: streams_distinct(session->streams.entries, session->streams.count); */
        /*@ assert a8: streams_below(session->streams.entries, session->streams.count,
                                     session->streams.highest); */
        /*@ assert a9: streams_states(session->streams.entries, session->streams.count); */
        /*@ assert aa: session->streams.opening ==
                streams_opening(session->streams.entries, session->streams.count); */
        /*@ assert ab: session_numbers(session) && session_times(session) &&
                session_frame(session); */
        /*@ assert ac: session_valid(session); */
        break;
    default: break; /* dropped, reported, or delivered as it came */
    }
    /*@ assert d0: session_valid(session); */
    /*@ assert d1: same_rest{begun, Here}(session); */
    /*@ assert dc: session->streams.entries == \at(session->streams.entries, begun) &&
            session->streams.capacity == \at(session->streams.capacity, begun) &&
            session->text == \at(session->text, begun) &&
            session->text_capacity == \at(session->text_capacity, begun) &&
            session->config == \at(session->config, begun) &&
            session->scheme == \at(session->scheme, begun) &&
            session->config->client.bytes == \at(session->config->client.bytes, begun) &&
            session->config->client.size == \at(session->config->client.size, begun) &&
            session->scheme->text.bytes == \at(session->scheme->text.bytes, begun) &&
            session->scheme->text.size == \at(session->scheme->text.size, begun); */
    /*@ assert d2: answer_apart(session, result); */
    /*@ assert d3: text_valid(result->event.data); */
    /*@ assert d4: session->streams.highest >= \at(session->streams.highest, Pre); */
    /*@ assert d5: session_output(session) == session_output{Pre}(session); */
    /*@ assert d6: session->role == ANYTLS_SERVER && session->state != ANYTLS_STATE_CLOSED ==>
            result->output + 263 <= session_output(session); */
    /*@ assert d7: session->role == ANYTLS_CLIENT || session->state == ANYTLS_STATE_CLOSED ==>
            result->output <= session_output(session); */
    /*@ assert d8: \separated(out + (0 .. \at(session_output(session), begun) - 1),
                       session->streams.entries +
                       (0 .. session->streams.capacity - 1)) &&
            \separated(out + (0 .. \at(session_output(session), begun) - 1),
                       session->text + (0 .. session->text_capacity - 1)) &&
            \separated(out + (0 .. \at(session_output(session), begun) - 1),
                       session->config) &&
            \separated(out + (0 .. \at(session_output(session), begun) - 1),
                       session->config->client.bytes +
                       (0 .. session->config->client.size - 1)) &&
            \separated(out + (0 .. \at(session_output(session), begun) - 1),
                       session->scheme) &&
            \separated(out + (0 .. \at(session_output(session), begun) - 1),
                       session->scheme->text.bytes +
                       (0 .. session->scheme->text.size - 1)); */
    /*@ assert d9: result->event.type == ANYTLS_EVENT_DATA ||
            result->event.type == ANYTLS_EVENT_STREAM_OPENED ==> result->output == 0; */
    /*@ assert db: result->event.type == ANYTLS_EVENT_DATA ==>
        \at(result->event.type, Pre) == ANYTLS_EVENT_DATA &&
        result->event.data == \at(result->event.data, Pre) &&
        result->event.stream == \at(result->event.stream, Pre); */
    if (session->config->strict && session->state != ANYTLS_STATE_CLOSED &&
        result->event.violation != ANYTLS_OK)
        /*@ assert e0: session->role == ANYTLS_SERVER ==>
                result->output + 263 <= \at(session_output(session), begun); */
        /*@ assert e1: session->role == ANYTLS_SERVER ==>
                \valid(out + (0 .. result->output + 262)) &&
                \separated(result, out + (0 .. result->output + 262)) &&
                \separated(out + (0 .. result->output + 262),
                           session) &&
                \separated(out + (0 .. result->output + 262),
                           session->streams.entries +
                           (0 .. session->streams.capacity - 1)) &&
                \separated(out + (0 .. result->output + 262),
                           session->text + (0 .. session->text_capacity - 1)) &&
                \separated(out + (0 .. result->output + 262),
                           session->config) &&
                text_apart(session->config->client, out, result->output + 263) &&
                \separated(out + (0 .. result->output + 262),
                           session->scheme) &&
                text_apart(session->scheme->text, out, result->output + 263); */
        /*@ assert e2: session->role == ANYTLS_SERVER ==>
                session_apart(session, out, result->output + 263); */
        /*@ assert e3: session->role == ANYTLS_SERVER ==>
                room(session, result, out, result->output + 263); */
        /*@ assert e4: refusal(session) == (session->role == ANYTLS_SERVER ? 263 : 0); */
        /*@ assert e5: 0 <= result->output &&
                result->output + (session->role == ANYTLS_SERVER ? 263 : 0) <=
                \at(session_output(session), Pre); */
        /*@ assert e6: 0 <= refusal(session) &&
                result->output + refusal(session) <= \at(session_output(session), Pre); */
        /*@ assert e7: \subset(out + (result->output .. result->output + refusal(session) - 1),
                               out + (0 .. \at(session_output(session), Pre) - 1)); */
        refuse_session(session, result, result->event.violation, out);
}

/*@ requires session_memory(session) && streams_valid(&session->streams) &&
             session_numbers(session) && session_times(session);
    requires session->state != ANYTLS_STATE_CLOSED;
    requires session->header_size == ANYTLS_FRAME_HEADER_SIZE;
    assigns session->frame, session->data_left, session->text_size, session->text_cut,
            session->decision, session->streams.last;
    ensures session_memory(session) && streams_valid(&session->streams) &&
            session_numbers(session) && session_times(session) && decided_frame(session);
    ensures place: same_place{Pre, Post}(session);
    ensures role: session->role == \old(session->role) &&
        session->header_size == \old(session->header_size);
    ensures state: session->state == \old(session->state) &&
        session->streams.highest == \old(session->streams.highest);
    ensures session->data_left > 0 ==> session_frame(session);
    ensures session->decision.action == ANYTLS_ACCEPT_STREAM ==> session->data_left == 0 &&
        stream_is_open(&session->streams, session->frame.stream);
*/
static void begin_frame(struct anytls_session *session)
{
    /*@ assert numbers: session_numbers(session) && session_times(session); */
    session->frame = anytls_header_decode(session->header, ANYTLS_FRAME_HEADER_SIZE).header;
    session->data_left = session->frame.length;
    session->text_size = 0;
    session->text_cut = false;
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert session->streams.entries == \at(session->streams.entries, Pre) &&
            session->streams.count == \at(session->streams.count, Pre) &&
            session->streams.highest == \at(session->streams.highest, Pre); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].id == \at(session->streams.entries[i].id, Pre); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, Pre); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert streams_valid(&session->streams); */
    /*@ assert session->last_heard == \at(session->last_heard, Pre) &&
            session->last_opened == \at(session->last_opened, Pre) &&
            session->last_heart == \at(session->last_heart, Pre); */
    /*@ assert kept: session->role == \at(session->role, Pre) &&
            session->state == \at(session->state, Pre) &&
            session->header_size == \at(session->header_size, Pre) &&
            session->data_left <= ANYTLS_FRAME_DATA_MAX; */
    /*@ assert nums: session_numbers(session) && session_times(session); */
    /*@ ghost known:; */
    session->decision = anytls_decide(
        session->role, session->state, session->frame.command,
        anytls_streams_state(&session->streams, session->frame.stream), session->data_left > 0);
    /*@ assert same_place{known, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert session->streams.entries == \at(session->streams.entries, known) &&
            session->streams.count == \at(session->streams.count, known) &&
            session->streams.highest == \at(session->streams.highest, known); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].id == \at(session->streams.entries[i].id, known); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, known); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert streams_valid(&session->streams); */
    /*@ assert session->last_heard == \at(session->last_heard, Pre) &&
            session->last_opened == \at(session->last_opened, Pre) &&
            session->last_heart == \at(session->last_heart, Pre); */
    /*@ assert session_numbers(session) && session_times(session); */
    /*@ assert decided_frame(session); */
}

/*@ requires session_valid(session);
    requires session->header_size < ANYTLS_FRAME_HEADER_SIZE && size > 0;
    requires \valid_read(bytes + (0 .. size - 1));
    requires session_apart(session, bytes, size);
    assigns session->header[0 .. 6], session->header_size;
    ensures 0 < \result <= size;
    ensures session->header_size == \old(session->header_size) + \result;
    ensures session->header_size <= ANYTLS_FRAME_HEADER_SIZE;
    ensures session->header_size < ANYTLS_FRAME_HEADER_SIZE ==> \result == size;
*/
static size_t take_header(struct anytls_session *session, const uint8_t *bytes, size_t size)
{
    size_t taken = ANYTLS_FRAME_HEADER_SIZE - session->header_size;

    if (taken > size)
        taken = size;
    anytls_bytes_copy(session->header + session->header_size, bytes, taken);
    session->header_size += taken;
    return taken;
}

/*@ requires session_valid(session) && answer_apart(session, result);
    requires \valid_read(bytes + (0 .. size - 1));
    assigns session->streams.last, result->event;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures state: session->state == \old(session->state) &&
        session->streams.highest == \old(session->streams.highest);
    ensures result->event.type == ANYTLS_EVENT_DATA ||
            result->event.type == \old(result->event.type);
    ensures result->event.type == ANYTLS_EVENT_DATA ||
            result->event.data == \old(result->event.data);
    ensures \old(result->event.type) != ANYTLS_EVENT_DATA &&
            result->event.type == ANYTLS_EVENT_DATA ==>
        result->event.data.bytes == bytes && result->event.data.size == size;
*/
static void deliver(struct anytls_session *session, struct anytls_received *result,
                    const uint8_t *bytes, size_t size)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    if (!place.found)
        return;
    result->event.type = ANYTLS_EVENT_DATA;
    result->event.user = session->streams.entries[place.index].user;
    result->event.data.bytes = bytes;
    result->event.data.size = size;
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert same_frame{Pre, Here}(session); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].id == \at(session->streams.entries[i].id, Pre); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, Pre); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_numbers(session) && session_times(session) && session_frame(session); */
    /*@ assert session_valid(session); */
}

/*@ requires session_valid(session);
    requires \valid_read(bytes + (0 .. size - 1));
    requires session_apart(session, bytes, size);
    assigns session->text[0 .. session->text_capacity - 1], session->text_size,
            session->text_cut;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures state: session->state == \old(session->state) &&
        session->streams.highest == \old(session->streams.highest);
    ensures session->text_size >= \old(session->text_size);
*/
static void collect(struct anytls_session *session, const uint8_t *bytes, size_t size)
{
    size_t room = session->text_capacity - session->text_size;

    if (size > room) {
        size = room;
        session->text_cut = true;
    }
    anytls_bytes_copy(session->text + session->text_size, bytes, size);
    session->text_size += size;
}

/*@ assigns \nothing;
    ensures \result <==> action == ANYTLS_TAKE_SETTINGS ||
        action == ANYTLS_TAKE_SERVER_SETTINGS || action == ANYTLS_TAKE_SCHEME ||
        action == ANYTLS_TAKE_ALERT || action == ANYTLS_REFUSE_STREAM;
*/
static bool carries_text(enum anytls_action action)
{
    return action == ANYTLS_TAKE_SETTINGS || action == ANYTLS_TAKE_SERVER_SETTINGS ||
           action == ANYTLS_TAKE_SCHEME || action == ANYTLS_TAKE_ALERT ||
           action == ANYTLS_REFUSE_STREAM;
}

/*@ requires session_valid(session) && answer_apart(session, result);
    requires session->header_size == ANYTLS_FRAME_HEADER_SIZE;
    requires session->state != ANYTLS_STATE_CLOSED;
    requires result->event.type == ANYTLS_EVENT_NONE && text_valid(result->event.data);
    requires \valid_read(bytes + (0 .. size - 1)) && size > 0;
    requires session_apart(session, bytes, size) && \separated(result, bytes + (0 .. size - 1));
    assigns session->streams.last, session->data_left,
            session->text[0 .. session->text_capacity - 1], session->text_size,
            session->text_cut, result->event;
    ensures session_memory(session) && streams_valid(&session->streams) &&
            session_numbers(session) && session_times(session) && decided_frame(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures state: session->state == \old(session->state) &&
        session->streams.highest == \old(session->streams.highest);
    ensures session->data_left > 0 ==> session_frame(session);
    ensures session->decision.action != ANYTLS_ACCEPT_STREAM;
    ensures 0 < \result <= size;
    ensures session->decision.action == ANYTLS_DELIVER ||
            result->event.type == ANYTLS_EVENT_NONE;
    ensures result->event.type == ANYTLS_EVENT_DATA ||
            result->event.type == ANYTLS_EVENT_NONE;
    ensures text_valid(result->event.data);
    ensures result->event.type == ANYTLS_EVENT_DATA ==>
        result->event.data.bytes == bytes && result->event.data.size == \result;
*/
static size_t take_data(struct anytls_session *session, struct anytls_received *result,
                        const uint8_t *bytes, size_t size)
{
    size_t taken = session->data_left < size ? session->data_left : size;

    if (session->decision.action == ANYTLS_DELIVER)
        deliver(session, result, bytes, taken);
    else if (carries_text(session->decision.action))
        collect(session, bytes, taken);
    /*@ assert session_valid(session); */
    /*@ ghost took:; */
    session->data_left -= taken;
    /*@ assert same_place{took, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].id == \at(session->streams.entries[i].id, took); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, took); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert streams_valid(&session->streams); */
    /*@ assert session_numbers(session) && session_times(session); */
    /*@ assert session->streams.entries == \at(session->streams.entries, took) &&
            session->streams.count == \at(session->streams.count, took); */
    /*@ assert stream_is_open(&session->streams, session->frame.stream) ==>
            \at(stream_is_open(&session->streams, session->frame.stream), took); */
    /*@ assert decided_frame(session); */
    return taken;
}

struct anytls_received anytls_session_receive(struct anytls_session *session, const uint8_t *bytes,
                                              size_t size, uint64_t now, uint8_t *out,
                                              size_t capacity)
{
    struct anytls_received result = ANYTLS_NOTHING;

    if (session->state == ANYTLS_STATE_CLOSED)
        result.status = ANYTLS_CLOSED;
    else if (capacity < anytls_session_output_max(session))
        result.status = ANYTLS_NO_ROOM;
    if (result.status != ANYTLS_OK || size == 0)
        return result;

    session->heard = true;
    session->heart_sent = false;
    session->last_heard = now;
    if (session->header_size < ANYTLS_FRAME_HEADER_SIZE) {
        result.consumed = take_header(session, bytes, size);
        if (session->header_size < ANYTLS_FRAME_HEADER_SIZE)
            return result;
        begin_frame(session);
    } else {
        result.consumed = take_data(session, &result, bytes, size);
    }
    result.event.stream = session->frame.stream;
    if (session->data_left == 0)
        complete(session, &result, out);
    return result;
}
