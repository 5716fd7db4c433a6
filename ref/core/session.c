#include "session.h"

#include "bytes.h"
#include "put.h"

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

static void close_with(struct anytls_session *session, struct anytls_received *result,
                       enum anytls_status why)
{
    session->state = ANYTLS_STATE_CLOSED;
    result->event.type = ANYTLS_EVENT_CLOSED;
    result->event.violation = why;
    result->event.user = 0;
    result->event.data = ANYTLS_NO_TEXT;
}

static void refuse_session(struct anytls_session *session, struct anytls_received *result,
                           enum anytls_status why, uint8_t *out)
{
    if (session->role == ANYTLS_SERVER)
        result->output += anytls_put_alert(anytls_reason(why), out + result->output);
    close_with(session, result, why);
}

static struct anytls_text collected(const struct anytls_session *session)
{
    return (struct anytls_text){session->text, session->text_size};
}

static void open_stream(struct anytls_session *session, struct anytls_received *result,
                        uint8_t *out)
{
    struct anytls_streams *streams = &session->streams;
    uint32_t id = session->frame.stream;

    if (streams->count == streams->capacity) {
        if (id > streams->highest)
            streams->highest = id;
        result->output =
            anytls_put_refusal(session, id, anytls_reason(ANYTLS_TOO_MANY_STREAMS), out);
        result->event.violation = ANYTLS_TOO_MANY_STREAMS;
        return;
    }
    anytls_streams_open(streams, id, 0);
    result->event.type = ANYTLS_EVENT_STREAM_OPENED;
}

/* The stream may have gone since the frame began: then the frame means nothing any more. */
static void end_stream(struct anytls_session *session, struct anytls_received *result,
                       enum anytls_event_type type)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    if (!place.found)
        return;
    result->event.type = type;
    result->event.user = session->streams.entries[place.index].user;
    anytls_streams_close(&session->streams, place.index);
}

/* The header is the whole frame, so that the stream is open as it was when this was decided. */
static void accept_stream(struct anytls_session *session, struct anytls_received *result)
{
    struct anytls_stream_place place =
        anytls_streams_find(&session->streams, session->frame.stream);

    anytls_streams_accept(&session->streams, place.index);
    result->event.type = ANYTLS_EVENT_STREAM_ACCEPTED;
    result->event.user = session->streams.entries[place.index].user;
}

static enum anytls_state agreed_version(const struct anytls_session *session)
{
    if (session->config->version >= 2 && anytls_settings_version(collected(session)) == 2)
        return ANYTLS_STATE_V2;
    return ANYTLS_STATE_V1;
}

static bool holds_our_scheme(const struct anytls_session *session)
{
    struct anytls_setting_value md5 = anytls_settings_find(collected(session), "padding-md5");

    return md5.found && md5.value.size == ANYTLS_MD5_TEXT_SIZE &&
           anytls_bytes_equal(md5.value.bytes, session->scheme->md5, ANYTLS_MD5_TEXT_SIZE);
}

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
}

static void take_server_settings(struct anytls_session *session, struct anytls_received *result)
{
    if (session->text_cut) {
        result->event.violation = ANYTLS_TOO_LONG;
        return;
    }
    session->state = agreed_version(session);
    result->event.type = ANYTLS_EVENT_SERVER_SETTINGS;
    result->event.data = collected(session);
}

static void take_scheme(struct anytls_session *session, struct anytls_received *result)
{
    enum anytls_status status = ANYTLS_TOO_LONG;

    if (!session->text_cut)
        status = anytls_scheme_read(collected(session)).status;
    if (status != ANYTLS_OK) {
        result->event.violation = status;
        return;
    }
    result->event.type = ANYTLS_EVENT_SCHEME;
    result->event.data = collected(session);
}

static void take_alert(struct anytls_session *session, struct anytls_received *result)
{
    session->state = ANYTLS_STATE_CLOSED;
    result->event.type = ANYTLS_EVENT_ALERT;
    result->event.violation = ANYTLS_ALERTED;
    result->event.data = collected(session);
}

/* The frame is whole: do what was decided at its header. */
static void complete(struct anytls_session *session, struct anytls_received *result, uint8_t *out)
{
    session->header_size = 0;
    result->event.violation = session->decision.violation;
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
        if (result->event.type != ANYTLS_EVENT_NONE)
            result->event.data = collected(session);
        break;
    case ANYTLS_ANSWER_HEART:
        result->output =
            anytls_put(ANYTLS_HEART_RESPONSE, session->frame.stream, ANYTLS_NO_TEXT, out);
        break;
    case ANYTLS_HEART_ANSWERED: result->event.type = ANYTLS_EVENT_HEART_ANSWERED; break;
    default: break; /* dropped, reported, or delivered as it came */
    }
    if (session->config->strict && session->state != ANYTLS_STATE_CLOSED &&
        result->event.violation != ANYTLS_OK)
        refuse_session(session, result, result->event.violation, out);
}

static void begin_frame(struct anytls_session *session)
{
    session->frame = anytls_header_decode(session->header, ANYTLS_FRAME_HEADER_SIZE).header;
    session->data_left = session->frame.length;
    session->text_size = 0;
    session->text_cut = false;
    session->decision = anytls_decide(
        session->role, session->state, session->frame.command,
        anytls_streams_state(&session->streams, session->frame.stream), session->data_left > 0);
}

static size_t take_header(struct anytls_session *session, const uint8_t *bytes, size_t size)
{
    size_t taken = ANYTLS_FRAME_HEADER_SIZE - session->header_size;

    if (taken > size)
        taken = size;
    anytls_bytes_copy(session->header + session->header_size, bytes, taken);
    session->header_size += taken;
    return taken;
}

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
}

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

static bool carries_text(enum anytls_action action)
{
    return action == ANYTLS_TAKE_SETTINGS || action == ANYTLS_TAKE_SERVER_SETTINGS ||
           action == ANYTLS_TAKE_SCHEME || action == ANYTLS_TAKE_ALERT ||
           action == ANYTLS_REFUSE_STREAM;
}

static size_t take_data(struct anytls_session *session, struct anytls_received *result,
                        const uint8_t *bytes, size_t size)
{
    size_t taken = session->data_left < size ? session->data_left : size;

    if (session->decision.action == ANYTLS_DELIVER)
        deliver(session, result, bytes, taken);
    else if (carries_text(session->decision.action))
        collect(session, bytes, taken);
    session->data_left -= taken;
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
