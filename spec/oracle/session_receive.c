/* A session: bytes from the peer, one at a time, and what the table says to do with each frame. */
#include <string.h>

#include "fault.h"
#include "session.h"

static struct oracle_bytes no_bytes(void)
{
    struct oracle_bytes none = {NULL, 0};

    return none;
}

static enum oracle_status status_of(const char *name)
{
    for (int status = ORACLE_OK; status < ORACLE_STATUS_COUNT; status++)
        if (strcmp(name, oracle_status_name((enum oracle_status)status)) == 0)
            return (enum oracle_status)status;
    oracle_fault("a table holds a word that is no status");
}

/* ---- Actions. Each fills in what event tells; it begins as NONE with the row's violation. ---- */

typedef void action(struct oracle_session *session, struct oracle_event *event);

static void end_session(struct oracle_session *session, struct oracle_event *event,
                        enum oracle_status why)
{
    if (session->config.role == ORACLE_SERVER)
        oracle_session_put_alert(session, oracle_string(oracle_status_text(why)));
    session->state = "closed";
    event->type = ORACLE_EVENT_CLOSED;
    event->violation = why;
    event->data = no_bytes();
}

static bool text_was_cut(const struct oracle_session *session)
{
    return session->length > session->config.text_max;
}

static bool agreed_on_2(const struct oracle_session *session)
{
    return session->config.version >= 2 &&
           oracle_settings_version(oracle_buffer_bytes(&session->text)) == 2;
}

/* DROP, REPORT; and DELIVER, whose data have been delivered. */
static void do_nothing(struct oracle_session *session, struct oracle_event *event)
{
    (void)session;
    (void)event;
}

static void refuse_session(struct oracle_session *session, struct oracle_event *event)
{
    end_session(session, event, event->violation);
}

static void open_stream(struct oracle_session *session, struct oracle_event *event)
{
    if (session->streams_count < session->config.streams_max) {
        oracle_session_add(session, session->stream);
        event->type = ORACLE_EVENT_STREAM_OPENED;
        return;
    }
    if (session->stream > session->highest)
        session->highest = session->stream;
    event->violation = ORACLE_TOO_MANY_STREAMS;
    oracle_session_put_error(session, session->stream,
                             oracle_string(oracle_status_text(ORACLE_TOO_MANY_STREAMS)));
}

/* The local side may have closed the stream while the frame came in. */
static void finish_stream(struct oracle_session *session, struct oracle_event *event)
{
    if (oracle_session_find(session, session->stream) == NULL)
        return;
    oracle_session_remove(session, session->stream);
    event->type = ORACLE_EVENT_STREAM_FINISHED;
}

static void refuse_stream(struct oracle_session *session, struct oracle_event *event)
{
    if (oracle_session_find(session, session->stream) == NULL)
        return;
    oracle_session_remove(session, session->stream);
    event->type = ORACLE_EVENT_STREAM_REFUSED;
    event->data = oracle_buffer_bytes(&session->text);
}

static void accept_stream(struct oracle_session *session, struct oracle_event *event)
{
    struct oracle_stream *stream = oracle_session_find(session, session->stream);

    if (stream == NULL)
        return;
    stream->accepted = true;
    event->type = ORACLE_EVENT_STREAM_ACCEPTED;
}

static void take_settings(struct oracle_session *session, struct oracle_event *event)
{
    struct oracle_bytes text = oracle_buffer_bytes(&session->text);
    struct oracle_bytes md5;

    if (text_was_cut(session)) {
        end_session(session, event, ORACLE_TOO_LONG);
        return;
    }
    if (!oracle_setting(text, "padding-md5", &md5) || !oracle_is(md5, session->config.md5))
        oracle_session_put(session, ORACLE_UPDATE_PADDING_SCHEME, 0, session->config.scheme);
    session->state = agreed_on_2(session) ? "v2" : "v1";
    if (oracle_session_is(session, "v2"))
        oracle_session_put(session, ORACLE_SERVER_SETTINGS, 0, oracle_string("v=2"));
    event->type = ORACLE_EVENT_SETTINGS;
    event->data = text;
}

static void take_server_settings(struct oracle_session *session, struct oracle_event *event)
{
    if (text_was_cut(session)) {
        event->violation = ORACLE_TOO_LONG;
        return;
    }
    session->state = agreed_on_2(session) ? "v2" : "v1";
    event->type = ORACLE_EVENT_SERVER_SETTINGS;
    event->data = oracle_buffer_bytes(&session->text);
}

static void take_scheme(struct oracle_session *session, struct oracle_event *event)
{
    struct oracle_bytes text = oracle_buffer_bytes(&session->text);
    enum oracle_status status =
        text_was_cut(session) ? ORACLE_TOO_LONG : oracle_scheme_read(text).status;

    if (status != ORACLE_OK) {
        event->violation = status;
        return;
    }
    event->type = ORACLE_EVENT_SCHEME;
    event->data = text;
}

static void take_alert(struct oracle_session *session, struct oracle_event *event)
{
    session->state = "closed";
    event->type = ORACLE_EVENT_ALERT;
    event->violation = ORACLE_ALERTED;
    event->data = oracle_buffer_bytes(&session->text);
}

static void answer_heart(struct oracle_session *session, struct oracle_event *event)
{
    (void)event;
    oracle_session_put(session, ORACLE_HEART_RESPONSE, session->stream, no_bytes());
}

static void heart_answered(struct oracle_session *session, struct oracle_event *event)
{
    (void)session;
    event->type = ORACLE_EVENT_HEART_ANSWERED;
}

static action *action_of(const char *name)
{
    static const struct {
        const char *name;
        action *action;
    } actions[] = {
        {"drop", do_nothing},
        {"report", do_nothing},
        {"deliver", do_nothing},
        {"refuse-session", refuse_session},
        {"open-stream", open_stream},
        {"finish-stream", finish_stream},
        {"take-settings", take_settings},
        {"take-server-settings", take_server_settings},
        {"take-scheme", take_scheme},
        {"take-alert", take_alert},
        {"accept-stream", accept_stream},
        {"refuse-stream", refuse_stream},
        {"answer-heart", answer_heart},
        {"heart-answered", heart_answered},
    };

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(name, actions[i].name) == 0)
            return actions[i].action;
    oracle_fault("a table holds a word that is no action");
}

/* ---- Frames ---- */

/* The table's column "next" is what the actions come to. */
static void check_next(const struct oracle_session *session, const char *before)
{
    const char *next = session->row.next;
    bool closed = oracle_session_is(session, "closed");

    if (closed && strcmp(next, "closed") != 0 && !session->config.strict &&
        strcmp(next, "by-version") != 0)
        oracle_fault("a session closed that the table does not close");
    if (!closed && strcmp(next, "closed") == 0)
        oracle_fault("a session did not close that the table closes");
    if (!closed && strcmp(next, "same") == 0 && strcmp(before, session->state) != 0)
        oracle_fault("a session changed its state against the table");
}

static void frame_ends(struct oracle_session *session)
{
    struct oracle_event event = {ORACLE_EVENT_NONE, ORACLE_OK, session->stream, {NULL, 0}};
    const char *before = session->state;

    session->header_size = 0;
    if (strcmp(session->row.violation, "-") != 0)
        event.violation = status_of(session->row.violation);
    action_of(session->row.action)(session, &event);
    if (session->config.strict && event.violation != ORACLE_OK &&
        !oracle_session_is(session, "closed"))
        end_session(session, &event, event.violation);
    check_next(session, before);
    if (event.type != ORACLE_EVENT_NONE || event.violation != ORACLE_OK)
        oracle_session_log(session, event);
}

static void frame_begins(struct oracle_session *session)
{
    const uint8_t *h = session->header;
    unsigned matches;

    session->command = h[0];
    session->stream = (uint32_t)h[1] << 24 | (uint32_t)h[2] << 16 | (uint32_t)h[3] << 8 | h[4];
    session->length = (size_t)(h[5] << 8 | h[6]);
    session->received = 0;
    session->text.size = 0;
    session->row = oracle_rules_row(
        session->rules, session->config.role == ORACLE_SERVER ? "server" : "client", session->state,
        session->command, oracle_session_stream(session, session->stream), session->length > 0,
        &matches);
    if (matches != 1)
        oracle_fault("not exactly one row of transitions.tsv matches");
    session->delivers = strcmp(session->row.action, "deliver") == 0;
}

static void data_byte(struct oracle_session *session, const uint8_t *byte)
{
    struct oracle_event event = {ORACLE_EVENT_DATA, ORACLE_OK, session->stream, {byte, 1}};

    session->received++;
    if (!session->delivers) {
        if (session->text.size < session->config.text_max)
            oracle_buffer_byte(&session->text, *byte);
        return;
    }
    if (oracle_session_find(session, session->stream) != NULL)
        oracle_session_log(session, event);
}

/* Returns whether it was the last byte of a frame. */
static bool receive_byte(struct oracle_session *session, const uint8_t *byte)
{
    if (session->header_size < 7) {
        session->header[session->header_size] = *byte;
        session->header_size++;
        if (session->header_size < 7)
            return false;
        frame_begins(session);
    } else {
        data_byte(session, byte);
    }
    if (session->received < session->length)
        return false;
    frame_ends(session);
    return true;
}

size_t oracle_session_receive(struct oracle_session *session, struct oracle_bytes bytes,
                              uint64_t now)
{
    bool closed = oracle_session_is(session, "closed");
    size_t i = 0;

    while (i < bytes.size && !closed) {
        session->heard = true;
        session->heart_out = false; /* any byte is a sign of life */
        session->heard_at = now;
        if (receive_byte(session, &bytes.at[i]))
            closed = oracle_session_is(session, "closed");
        i++;
    }
    return i;
}
