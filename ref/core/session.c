#include "session.h"

#include "bytes.h"
#include "put.h"

/*@ // Room for n bytes, apart from everything else.
    predicate room{L}(struct anytls_session *s, uint8_t *out, integer n) =
        \valid(out + (0 .. n - 1)) && session_apart(s, out, n);
    // What the refusal of a session writes at most.
    logic integer refusal{L}(struct anytls_session *s) = s->role == ANYTLS_SERVER ? 263 : 0;
    // What no step through a frame changes, of a session and of its answer.
    predicate same_rest{K, L}(struct anytls_session *s) =
        same_owner{K, L}(s) && \at(s->header_size, K) == \at(s->header_size, L) &&
        \at(s->frame.stream, K) == \at(s->frame.stream, L);
    predicate same_answer(struct anytls_received a, struct anytls_received b) =
        a.status == b.status && a.consumed == b.consumed && a.event.stream == b.event.stream;
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
    session->config = config;
    session->scheme = scheme;
    session->role = role;
    session->state = role == ANYTLS_SERVER ? ANYTLS_STATE_NEW : ANYTLS_STATE_V1;
    session->streams.entries = streams;
    session->streams.capacity = capacity;
    session->streams.count = 0;
    session->streams.opening = 0;
    session->streams.highest = 0;
    session->streams.last = 0;
    session->header_size = 0; /* header, frame and decision mean something once it is 7 */
    session->data_left = 0;
    session->text = text;
    session->text_capacity = text_capacity;
    session->text_size = 0;
    session->text_cut = false;
    session->writes = 1; /* the preamble was write 0 */
    session->settings_sent = false;
    session->heard = false;
    session->paused = false;
    session->heart_sent = false;
    session->last_heard = now;
    session->last_opened = now;
    session->last_heart = now;
    /*@ assert config: config->client.bytes == \at(config->client.bytes, Pre) &&
            config->client.size == \at(config->client.size, Pre); */
    /*@ assert scheme: scheme->text.bytes == \at(scheme->text.bytes, Pre) &&
            scheme->text.size == \at(scheme->text.size, Pre); */
    /*@ assert memory: session_memory(session); */
    /*@ assert table: streams_valid(&session->streams); */
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

/*@ requires session_valid(session);
    assigns session->state;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures session->state == ANYTLS_STATE_CLOSED;
    ensures same_answer(\result, result) && \result.output == result.output;
    ensures \result.event.type == ANYTLS_EVENT_CLOSED && \result.event.violation == why;
    ensures \result.event.data.size == 0 && text_valid(\result.event.data);
*/
static struct anytls_received close_with(struct anytls_session *session, enum anytls_status why,
                                         struct anytls_received result)
{
    session->state = ANYTLS_STATE_CLOSED;
    result.event.type = ANYTLS_EVENT_CLOSED;
    result.event.violation = why;
    result.event.user = 0;
    result.event.data = ANYTLS_NO_TEXT;
    return result;
}

/*@ requires session_valid(session);
    requires session->role == ANYTLS_SERVER ==> result.output <= UINT32_MAX &&
        room(session, out + result.output, 263);
    assigns session->state, out[result.output .. result.output + refusal(session) - 1];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures session->state == ANYTLS_STATE_CLOSED;
    ensures same_answer(\result, result);
    ensures \result.event.type == ANYTLS_EVENT_CLOSED && \result.event.data.size == 0;
    ensures text_valid(\result.event.data);
    ensures \result.output <= result.output + refusal(session);
*/
static struct anytls_received refuse_session(struct anytls_session *session, enum anytls_status why,
                                             struct anytls_received result, uint8_t *out)
{
    if (session->role == ANYTLS_SERVER)
        result.output += anytls_put_alert(anytls_reason(why), out + result.output);
    return close_with(session, why, result);
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

/* ---- What a whole frame asks for ---- */

/*@ requires session_valid(session);
    requires session->header_size == 0 && result.output == 0;
    requires !stream_is_open(&session->streams, session->frame.stream);
    requires room(session, out, 263);
    assigns session->streams.last, session->streams.count, session->streams.opening,
            session->streams.highest,
            session->streams.entries[0 .. session->streams.capacity - 1], out[0 .. 262];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures session->streams.highest >= \old(session->streams.highest);
    ensures same_answer(\result, result) && \result.event.data == result.event.data;
    ensures \result.output <= 263;
    ensures \result.event.type == ANYTLS_EVENT_STREAM_OPENED && \result.output == 0 ||
            \result.event.type == result.event.type;
*/
static struct anytls_received open_stream(struct anytls_session *session,
                                          struct anytls_received result, uint8_t *out)
{
    struct anytls_streams *streams = &session->streams;
    uint32_t id = session->frame.stream;

    if (streams->count == streams->capacity) {
        if (id > streams->highest)
            streams->highest = id;
        result.output =
            anytls_put_refusal(session, id, anytls_reason(ANYTLS_TOO_MANY_STREAMS), out);
        result.event.violation = ANYTLS_TOO_MANY_STREAMS;
        return result;
    }
    /*@ assert apart: \separated(&session->role, session->streams.entries + streams->count) &&
            \separated(&session->state, session->streams.entries + streams->count) &&
            \separated(&session->text_size, session->streams.entries + streams->count); */
    anytls_streams_open(streams, id, 0);
    result.event.type = ANYTLS_EVENT_STREAM_OPENED;
    return result;
}

/* The stream may have gone since the frame began: then the frame means nothing any more. */
/*@ requires session_valid(session);
    requires session->header_size == 0;
    assigns session->streams.last, session->streams.count, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures !stream_is_open(&session->streams, session->frame.stream);
    ensures same_answer(\result, result) && \result.output == result.output;
    ensures \result.event.data == result.event.data;
    ensures \result.event.type == type || \result.event.type == result.event.type;
*/
static struct anytls_received end_stream(struct anytls_session *session,
                                         enum anytls_event_type type, struct anytls_received result)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    if (!place.found)
        return result;
    result.event.type = type;
    result.event.user = session->streams.entries[place.index].user;
    anytls_streams_close(&session->streams, place.index);
    return result;
}

/* The header is the whole frame, so that the stream is open as it was when this was decided. */
/*@ requires session_valid(session);
    requires session->header_size == 0;
    requires stream_is_open(&session->streams, session->frame.stream);
    assigns session->streams.last, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures same_answer(\result, result) && \result.output == result.output;
    ensures \result.event.type == ANYTLS_EVENT_STREAM_ACCEPTED;
    ensures \result.event.data == result.event.data;
*/
static struct anytls_received accept_stream(struct anytls_session *session,
                                            struct anytls_received result)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    anytls_streams_accept(&session->streams, place.index);
    result.event.type = ANYTLS_EVENT_STREAM_ACCEPTED;
    result.event.user = session->streams.entries[place.index].user;
    return result;
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
    static const char key[] = "padding-md5";
    /*@ assert ends: word_of(&key[0], 11); */
    struct anytls_setting_value md5 = anytls_settings_find(collected(session), key);

    return md5.found && md5.value.size == ANYTLS_MD5_TEXT_SIZE &&
           anytls_bytes_equal(md5.value.bytes, session->scheme->md5, ANYTLS_MD5_TEXT_SIZE);
}

/* Tells a client our version. */
/*@ requires \valid_read(session) && config_valid(session->config);
    requires \valid(out + (0 .. 9));
    assigns out[0 .. 9];
    ensures \result == 10;
*/
static size_t put_server_settings(const struct anytls_session *session, uint8_t *out)
{
    uint8_t version[3];
    struct anytls_text settings = {version, sizeof version};

    anytls_settings_server_write(session->config->version, version, sizeof version);
    return anytls_put(ANYTLS_SERVER_SETTINGS, 0, settings, out);
}

/*@ requires session_valid(session);
    requires session->header_size == 0 && session->role == ANYTLS_SERVER;
    requires result.output == 0 && room(session, out, session_output(session));
    assigns session->state, out[0 .. session_output(session) - 1];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures same_answer(\result, result);
    ensures \result.output <= (session->state == ANYTLS_STATE_CLOSED
                                   ? 263 : 17 + session->scheme->text.size);
    ensures text_valid(\result.event.data);
    ensures \result.event.type == ANYTLS_EVENT_SETTINGS ||
            \result.event.type == ANYTLS_EVENT_CLOSED;
*/
static struct anytls_received take_settings(struct anytls_session *session,
                                            struct anytls_received result, uint8_t *out)
{
    if (session->text_cut)
        return refuse_session(session, ANYTLS_TOO_LONG, result, out);
    if (!holds_our_scheme(session))
        result.output += anytls_put(ANYTLS_UPDATE_PADDING_SCHEME, 0, session->scheme->text, out);
    session->state = agreed_version(session);
    if (session->state == ANYTLS_STATE_V2)
        result.output += put_server_settings(session, out + result.output);
    result.event.type = ANYTLS_EVENT_SETTINGS;
    result.event.data = collected(session);
    return result;
}

/*@ requires session_valid(session);
    requires session->header_size == 0 && session->state != ANYTLS_STATE_CLOSED;
    requires text_valid(result.event.data);
    assigns session->state;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures session->state != ANYTLS_STATE_CLOSED;
    ensures same_answer(\result, result) && \result.output == result.output;
    ensures text_valid(\result.event.data);
    ensures \result.event.type == ANYTLS_EVENT_SERVER_SETTINGS ||
            \result.event.type == result.event.type;
*/
static struct anytls_received take_server_settings(struct anytls_session *session,
                                                   struct anytls_received result)
{
    if (session->text_cut) {
        result.event.violation = ANYTLS_TOO_LONG;
        return result;
    }
    session->state = agreed_version(session);
    result.event.type = ANYTLS_EVENT_SERVER_SETTINGS;
    result.event.data = collected(session);
    return result;
}

/*@ requires session_valid(session);
    requires text_valid(result.event.data);
    assigns \nothing;
    ensures same_answer(\result, result) && \result.output == result.output;
    ensures text_valid(\result.event.data);
    ensures \result.event.type == ANYTLS_EVENT_SCHEME ||
            \result.event.type == result.event.type;
*/
static struct anytls_received take_scheme(const struct anytls_session *session,
                                          struct anytls_received result)
{
    enum anytls_status status = ANYTLS_TOO_LONG;

    if (!session->text_cut)
        status = anytls_scheme_read(collected(session)).status;
    if (status != ANYTLS_OK) {
        result.event.violation = status;
        return result;
    }
    result.event.type = ANYTLS_EVENT_SCHEME;
    result.event.data = collected(session);
    return result;
}

/*@ requires session_valid(session);
    assigns session->state;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures session->state == ANYTLS_STATE_CLOSED;
    ensures same_answer(\result, result) && \result.output == result.output;
    ensures text_valid(\result.event.data);
    ensures \result.event.type == ANYTLS_EVENT_ALERT;
*/
static struct anytls_received take_alert(struct anytls_session *session,
                                         struct anytls_received result)
{
    session->state = ANYTLS_STATE_CLOSED;
    result.event.type = ANYTLS_EVENT_ALERT;
    result.event.violation = ANYTLS_ALERTED;
    result.event.data = collected(session);
    return result;
}

/*@ requires session_valid(session);
    requires session->header_size == 0;
    assigns session->streams.last, session->streams.count, session->streams.opening,
            session->streams.entries[0 .. session->streams.capacity - 1];
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures highest: session->streams.highest == \old(session->streams.highest);
    ensures same_answer(\result, result) && \result.output == result.output;
    ensures \old(text_valid(result.event.data)) ==> text_valid(\result.event.data);
    ensures \result.event.type == ANYTLS_EVENT_STREAM_REFUSED ||
            \result.event.type == result.event.type;
*/
static struct anytls_received take_refusal(struct anytls_session *session,
                                           struct anytls_received result)
{
    result = end_stream(session, ANYTLS_EVENT_STREAM_REFUSED, result);
    if (result.event.type == ANYTLS_EVENT_STREAM_REFUSED)
        result.event.data = collected(session);
    return result;
}

/* Does what was decided at the header. */
/*@ requires session_valid(session) && decided_frame(session);
    requires session->header_size == 0 && session->state != ANYTLS_STATE_CLOSED;
    requires session->decision.action == ANYTLS_ACCEPT_STREAM ==>
        stream_is_open(&session->streams, session->frame.stream);
    requires session->decision.action == ANYTLS_DELIVER || result.event.type == ANYTLS_EVENT_NONE;
    requires result.event.type == ANYTLS_EVENT_DATA || result.event.type == ANYTLS_EVENT_NONE;
    requires text_valid(result.event.data) && result.output == 0;
    requires room(session, out, session_output(session));
    assigns session->state, session->streams.last, session->streams.count,
            session->streams.opening, session->streams.highest,
            session->streams.entries[0 .. session->streams.capacity - 1],
            out[0 .. session_output(session) - 1];
    ensures valid: session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures bound: \result.output <=
        session_output(session) - (session->state == ANYTLS_STATE_CLOSED ? 0 : refusal(session));
    ensures highest: session->streams.highest >= \old(session->streams.highest);
    ensures same: same_answer(\result, result);
    ensures text: text_valid(\result.event.data);
    ensures data: \result.event.type == ANYTLS_EVENT_DATA ==>
        result.event.type == ANYTLS_EVENT_DATA && \result.event.data == result.event.data;
    ensures silent: \result.event.type == ANYTLS_EVENT_DATA ||
            \result.event.type == ANYTLS_EVENT_STREAM_OPENED ==>
        \result.output == 0;
*/
static struct anytls_received act(struct anytls_session *session, struct anytls_received result,
                                  uint8_t *out)
{
    switch (session->decision.action) {
    case ANYTLS_REFUSE_SESSION:
        return refuse_session(session, session->decision.violation, result, out);
    case ANYTLS_OPEN_STREAM: return open_stream(session, result, out);
    case ANYTLS_FINISH_STREAM: return end_stream(session, ANYTLS_EVENT_STREAM_FINISHED, result);
    case ANYTLS_TAKE_SETTINGS: return take_settings(session, result, out);
    case ANYTLS_TAKE_SERVER_SETTINGS: return take_server_settings(session, result);
    case ANYTLS_TAKE_SCHEME: return take_scheme(session, result);
    case ANYTLS_TAKE_ALERT: return take_alert(session, result);
    case ANYTLS_ACCEPT_STREAM: return accept_stream(session, result);
    case ANYTLS_REFUSE_STREAM: return take_refusal(session, result);
    case ANYTLS_ANSWER_HEART:
        result.output =
            anytls_put(ANYTLS_HEART_RESPONSE, session->frame.stream, ANYTLS_NO_TEXT, out);
        return result;
    case ANYTLS_HEART_ANSWERED: result.event.type = ANYTLS_EVENT_HEART_ANSWERED; return result;
    default: return result; /* data were delivered as they came; or the frame is ignored */
    }
}

/* The frame is whole. */
/*@ requires session_memory(session) && streams_valid(&session->streams) &&
             session_numbers(session) && session_times(session) && decided_frame(session);
    requires session->state != ANYTLS_STATE_CLOSED && result.output == 0;
    requires session->decision.action == ANYTLS_ACCEPT_STREAM ==>
        stream_is_open(&session->streams, session->frame.stream);
    requires session->decision.action == ANYTLS_DELIVER || result.event.type == ANYTLS_EVENT_NONE;
    requires result.event.type == ANYTLS_EVENT_DATA || result.event.type == ANYTLS_EVENT_NONE;
    requires text_valid(result.event.data);
    requires room(session, out, session_output(session));
    assigns session->state, session->streams.last, session->streams.count,
            session->streams.opening, session->streams.highest,
            session->streams.entries[0 .. session->streams.capacity - 1],
            session->header_size, out[0 .. session_output(session) - 1];
    ensures valid: session_valid(session);
    ensures owner: same_owner{Pre, Post}(session);
    ensures bound: \result.output <= session_output(session);
    ensures highest: session->streams.highest >= \old(session->streams.highest);
    ensures same: same_answer(\result, result);
    ensures text: text_valid(\result.event.data);
    ensures data: \result.event.type == ANYTLS_EVENT_DATA ==>
        result.event.type == ANYTLS_EVENT_DATA && \result.event.data == result.event.data;
    ensures silent: \result.event.type == ANYTLS_EVENT_DATA ||
            \result.event.type == ANYTLS_EVENT_STREAM_OPENED ==>
        \result.output == 0;
*/
static struct anytls_received complete(struct anytls_session *session,
                                       struct anytls_received result, uint8_t *out)
{
    session->header_size = 0;
    result.event.violation = session->decision.violation;
    result = act(session, result, out);
    /*@ assert room: session->state != ANYTLS_STATE_CLOSED && session->role == ANYTLS_SERVER ==>
            room(session, out + result.output, 263); */
    if (session->config->strict && session->state != ANYTLS_STATE_CLOSED &&
        result.event.violation != ANYTLS_OK)
        return refuse_session(session, result.event.violation, result, out);
    return result;
}

/* ---- A frame as it comes ---- */

/*@ requires session_memory(session) && streams_valid(&session->streams) &&
             session_numbers(session) && session_times(session);
    requires session->state != ANYTLS_STATE_CLOSED;
    requires session->header_size == ANYTLS_FRAME_HEADER_SIZE;
    assigns session->frame, session->data_left, session->text_size, session->text_cut,
            session->decision, session->streams.last;
    ensures session_memory(session) && streams_valid(&session->streams) &&
            session_numbers(session) && session_times(session) && decided_frame(session);
    ensures owner: same_owner{Pre, Post}(session);
    ensures state: session->state == \old(session->state) &&
        session->header_size == \old(session->header_size) &&
        session->streams.highest == \old(session->streams.highest);
    ensures session->data_left > 0 ==> session_frame(session);
    ensures session->decision.action == ANYTLS_ACCEPT_STREAM ==> session->data_left == 0 &&
        stream_is_open(&session->streams, session->frame.stream);
*/
static void begin_frame(struct anytls_session *session)
{
    session->frame = anytls_header_decode(session->header, ANYTLS_FRAME_HEADER_SIZE).header;
    session->data_left = session->frame.length;
    session->text_size = 0;
    session->text_cut = false;
    /*@ assert place1: same_place{Pre, Here}(session); */
    /*@ assert ids1: same_ids{Pre, Here}(session); */
    /*@ assert states1: same_states{Pre, Here}(session); */
    /*@ assert blocks1: session_blocks(session); */
    /*@ assert table1: streams_valid(&session->streams); */
    /*@ assert memory1: session_memory(session); */
    /*@ assert numbers1: session_numbers(session) && session_times(session); */
    /*@ assert apart: \forall integer i; 0 <= i < session->streams.count ==>
            \separated(&session->decision, &session->streams.entries[i].id) &&
            \separated(&session->decision, &session->streams.entries[i].state); */
    /*@ ghost known:; */
    session->decision = anytls_decide(
        session->role, session->state, session->frame.command,
        anytls_streams_state(&session->streams, session->frame.stream), session->data_left > 0);
    /*@ assert place2: same_place{known, Here}(session); */
    /*@ assert count2: session->streams.entries == \at(session->streams.entries, known) &&
            session->streams.count == \at(session->streams.count, known); */
    /*@ assert ids2: same_ids{known, Here}(session); */
    /*@ assert states2: same_states{known, Here}(session); */
    /*@ assert blocks2: session_blocks(session); */
    /*@ assert table2: streams_valid(&session->streams); */
    /*@ assert memory2: session_memory(session); */
    /*@ assert numbers2: session_numbers(session) && session_times(session); */
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

/*@ requires session_valid(session);
    requires \valid_read(bytes + (0 .. size - 1));
    requires result.event.type == ANYTLS_EVENT_NONE && text_valid(result.event.data);
    assigns session->streams.last;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures same: \result.status == result.status && \result.consumed == result.consumed &&
        \result.output == result.output;
    ensures \result.event.type == ANYTLS_EVENT_NONE && \result.event.data == result.event.data ||
            \result.event.type == ANYTLS_EVENT_DATA && \result.event.data.bytes == bytes &&
            \result.event.data.size == size;
*/
static struct anytls_received deliver(struct anytls_session *session, const uint8_t *bytes,
                                      size_t size, struct anytls_received result)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    if (!place.found)
        return result;
    result.event.type = ANYTLS_EVENT_DATA;
    result.event.user = session->streams.entries[place.index].user;
    result.event.data = (struct anytls_text){bytes, size};
    return result;
}

/*@ requires session_valid(session);
    requires \valid_read(bytes + (0 .. size - 1));
    requires session_apart(session, bytes, size);
    assigns session->text[0 .. session->text_capacity - 1], session->text_size,
            session->text_cut;
    ensures session_valid(session);
    ensures rest: same_rest{Pre, Post}(session);
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

/*@ requires session_valid(session);
    requires session->header_size == ANYTLS_FRAME_HEADER_SIZE;
    requires session->state != ANYTLS_STATE_CLOSED;
    requires result.event.type == ANYTLS_EVENT_NONE && text_valid(result.event.data);
    requires \valid_read(bytes + (0 .. size - 1)) && size > 0;
    requires session_apart(session, bytes, size);
    assigns session->streams.last, session->data_left,
            session->text[0 .. session->text_capacity - 1], session->text_size,
            session->text_cut;
    ensures session_memory(session) && streams_valid(&session->streams) &&
            session_numbers(session) && session_times(session) && decided_frame(session);
    ensures rest: same_rest{Pre, Post}(session);
    ensures state: session->state == \old(session->state) &&
        session->decision.action == \old(session->decision.action) &&
        session->streams.highest == \old(session->streams.highest);
    ensures session->data_left > 0 ==> session_frame(session);
    ensures session->decision.action != ANYTLS_ACCEPT_STREAM;
    ensures same: \result.status == result.status && \result.output == result.output;
    ensures 0 < \result.consumed <= size;
    ensures session->decision.action == ANYTLS_DELIVER ||
            \result.event.type == ANYTLS_EVENT_NONE;
    ensures \result.event.type == ANYTLS_EVENT_NONE && \result.event.data == result.event.data ||
            \result.event.type == ANYTLS_EVENT_DATA && \result.event.data.bytes == bytes &&
            \result.event.data.size == \result.consumed;
*/
static struct anytls_received take_data(struct anytls_session *session, const uint8_t *bytes,
                                        size_t size, struct anytls_received result)
{
    result.consumed = session->data_left < size ? session->data_left : size;
    if (session->decision.action == ANYTLS_DELIVER)
        result = deliver(session, bytes, result.consumed, result);
    else if (carries_text(session->decision.action))
        collect(session, bytes, result.consumed);
    session->data_left -= result.consumed;
    return result;
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
        result = take_data(session, bytes, size, result);
    }
    result.event.stream = session->frame.stream;
    if (session->data_left == 0)
        return complete(session, result, out);
    return result;
}
