#include "diff_side.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "io/digest.h"

void side_fault(struct side *side, const char *format, ...)
{
    va_list arguments;
    int size;

    if (side->fault[0] != '\0')
        return;
    size = snprintf(side->fault, FAULT_SIZE,
                    "%s: ", side->options.role == ANYTLS_SERVER ? "server" : "client");
    va_start(arguments, format);
    vsnprintf(side->fault + size, FAULT_SIZE - (size_t)size, format, arguments);
    va_end(arguments);
}

/* ---- Events as text ---- */

static const char *event_name(enum anytls_event_type type)
{
    switch (type) {
    case ANYTLS_EVENT_NONE: return "none";
    case ANYTLS_EVENT_SETTINGS: return "settings";
    case ANYTLS_EVENT_SERVER_SETTINGS: return "server-settings";
    case ANYTLS_EVENT_SCHEME: return "scheme";
    case ANYTLS_EVENT_STREAM_OPENED: return "stream-opened";
    case ANYTLS_EVENT_STREAM_ACCEPTED: return "stream-accepted";
    case ANYTLS_EVENT_STREAM_REFUSED: return "stream-refused";
    case ANYTLS_EVENT_DATA: return "data";
    case ANYTLS_EVENT_STREAM_FINISHED: return "stream-finished";
    case ANYTLS_EVENT_HEART_ANSWERED: return "heart-answered";
    case ANYTLS_EVENT_ALERT: return "alert";
    case ANYTLS_EVENT_CLOSED: return "closed";
    default: return "other";
    }
}

void event_log_end(struct event_log *log)
{
    char line[96];
    int size;

    if (!log->data)
        return;
    size = snprintf(line, sizeof line, "data %u %zu:%016llx\n", log->stream, log->size,
                    (unsigned long long)log->hash);
    blob_add(log->text, line, (size_t)size);
    log->data = false;
}

static void log_event(struct event_log *log, const char *name, const char *violation,
                      uint32_t stream, const uint8_t *bytes, size_t size)
{
    char line[256];
    int length;

    if (strcmp(name, "data") == 0) {
        if (log->data && log->stream != stream)
            event_log_end(log);
        if (!log->data) {
            log->hash = HASH_START;
            log->size = 0;
        }
        log->data = true;
        log->stream = stream;
        log->hash = hash_on(log->hash, bytes, size);
        log->size += size;
        return;
    }
    event_log_end(log);
    length = snprintf(line, sizeof line, "%s %u %zu:%016llx (%s)\n", name, stream, size,
                      (unsigned long long)hash_on(HASH_START, bytes, size), violation);
    blob_add(log->text, line, (size_t)length);
}

void side_event(struct side *side, struct event_log *log, const struct anytls_event *event)
{
    if (event->type == ANYTLS_EVENT_NONE && event->violation == ANYTLS_OK)
        return;
    log_event(log, event_name(event->type), anytls_status_text(event->violation), event->stream,
              event->data.bytes, event->data.size);
    if (side->listener != NULL)
        side->listener(side->context, event);
}

/* ---- Comparison ---- */

static const char *state_name(const struct side *side)
{
    static const char *const names[] = {"new", "v1", "v2", "closed"};

    return names[side->reference.state];
}

static void compare_streams(struct side *side)
{
    if (side->reference.streams.count != oracle_session_streams(side->oracle))
        side_fault(side, "streams: reference %zu, oracle %zu", side->reference.streams.count,
                   oracle_session_streams(side->oracle));
    for (size_t i = 0; i < side->reference.streams.count; i++) {
        const struct anytls_stream *stream = &side->table[i];
        const char *state = stream->state == ANYTLS_STREAM_OPEN ? "open" : "opening";

        if (strcmp(state, oracle_session_stream(side->oracle, stream->id)) != 0)
            side_fault(side, "stream %u: reference %s, oracle %s", stream->id, state,
                       oracle_session_stream(side->oracle, stream->id));
    }
}

static void compare_deadlines(struct side *side)
{
    struct anytls_deadline deadline = anytls_session_deadline(&side->reference);
    uint64_t at = 0;
    bool set = oracle_session_deadline(side->oracle, &at);

    if (deadline.set != set || (set && deadline.at != at))
        side_fault(side, "deadline: reference %s %llu, oracle %s %llu",
                   deadline.set ? "at" : "none", (unsigned long long)deadline.at,
                   set ? "at" : "none", (unsigned long long)at);
}

/* After a call: the same output, events and state. output: of the reference. */
void side_compare(struct side *side, const char *call, const uint8_t *output, size_t size)
{
    struct blob text = {NULL, 0, 0};
    struct event_log log = {&text, false, 0, 0, 0};
    struct oracle_bytes other = oracle_session_output(side->oracle);

    for (size_t i = 0; i < oracle_session_events(side->oracle); i++) {
        struct oracle_event event = oracle_session_event(side->oracle, i);

        log_event(&log, oracle_event_name(event.type), oracle_status_text(event.violation),
                  event.stream, event.data.at, event.data.size);
    }
    event_log_end(&log);
    if (other.size != size || (size > 0 && memcmp(other.at, output, size) != 0))
        side_fault(side, "output of %s: reference %zu bytes, oracle %zu, or other ones", call, size,
                   other.size);
    if (text.size != side->log.size ||
        (text.size > 0 && memcmp(text.at, side->log.at, text.size) != 0))
        side_fault(side, "events of %s:\nreference: %.*soracle: %.*s", call,
                   (int)(side->log.size < 400 ? side->log.size : 400), (const char *)side->log.at,
                   (int)(text.size < 400 ? text.size : 400), (const char *)text.at);
    if (strcmp(state_name(side), oracle_session_state(side->oracle)) != 0)
        side_fault(side, "state after %s: reference %s, oracle %s", call, state_name(side),
                   oracle_session_state(side->oracle));
    compare_streams(side);
    compare_deadlines(side);
    blob_add(&side->out, output, size);
    blob_free(&text);
    side->log.size = 0;
    oracle_session_clear(side->oracle);
}

/* ---- Begin and end ---- */

void side_begin(struct side *side, const struct side_options *options, uint64_t now)
{
    static const char name[] = "diff/1";
    bool server = options->role == ANYTLS_SERVER;
    const char *scheme = options->scheme != NULL ? options->scheme : oracle_default_scheme;
    struct anytls_text text = {(const uint8_t *)scheme, strlen(scheme)};

    memset(side, 0, sizeof *side);
    side->options = *options;
    side->config.version = options->version;
    side->config.strict = options->strict;
    side->config.client.bytes = (const uint8_t *)name;
    side->config.client.size = sizeof name - 1;
    side->config.answer_timeout = options->timeouts[0];
    side->config.synack_timeout = options->timeouts[1];
    side->config.heart_interval = options->timeouts[2];
    side->config.heart_timeout = options->timeouts[3];
    side->scheme = anytls_scheme_read(text).scheme;
    if (!anytls_scheme_md5_set(&side->scheme))
        abort();
    memcpy(side->md5, side->scheme.md5, ANYTLS_MD5_TEXT_SIZE);
    anytls_session_begin(&side->reference, options->role, &side->config, &side->scheme, side->table,
                         options->streams, side->text, options->text, now);

    side->oracle_config = oracle_config_default(server ? ORACLE_SERVER : ORACLE_CLIENT);
    side->oracle_config.version = options->version;
    side->oracle_config.strict = options->strict;
    side->oracle_config.name = oracle_string(name);
    side->oracle_config.scheme = oracle_string(scheme);
    side->oracle_config.md5 = side->md5;
    side->oracle_config.streams_max = options->streams;
    side->oracle_config.text_max = options->text;
    side->oracle_config.answer_timeout = options->timeouts[0];
    side->oracle_config.synack_timeout = options->timeouts[1];
    side->oracle_config.heart_interval = options->timeouts[2];
    side->oracle_config.heart_timeout = options->timeouts[3];
    side->oracle = oracle_session_new(&side->oracle_config, now);
}

void side_free(struct side *side)
{
    oracle_session_free(side->oracle);
    blob_free(&side->log);
    blob_free(&side->out);
}

bool side_closed(const struct side *side)
{
    return side->reference.state == ANYTLS_STATE_CLOSED;
}
