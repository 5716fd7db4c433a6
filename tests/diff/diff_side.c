#include "diff.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "io/digest.h"

static void fault(struct side *side, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fault(struct side *side, const char *format, ...)
{
    va_list arguments;
    int size;

    if (side->fault[0] != '\0')
        return;
    size = snprintf(side->fault, FAULT_SIZE, "%s: ",
                    side->options.role == ANYTLS_SERVER ? "server" : "client");
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

/* Events of one call, DATA of one stream joined. */
struct event_log {
    struct blob *text;
    bool data; /* the last one was DATA */
    uint32_t stream;
    uint64_t hash;
    size_t size;
};

static void log_data_end(struct event_log *log)
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
            log_data_end(log);
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
    log_data_end(log);
    length = snprintf(line, sizeof line, "%s %u %zu:%016llx (%s)\n", name, stream, size,
                      (unsigned long long)hash_on(HASH_START, bytes, size), violation);
    blob_add(log->text, line, (size_t)length);
}

static void log_reference(struct side *side, struct event_log *log,
                          const struct anytls_event *event)
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
        fault(side, "streams: reference %zu, oracle %zu", side->reference.streams.count,
              oracle_session_streams(side->oracle));
    for (size_t i = 0; i < side->reference.streams.count; i++) {
        const struct anytls_stream *stream = &side->table[i];
        const char *state = stream->state == ANYTLS_STREAM_OPEN ? "open" : "opening";

        if (strcmp(state, oracle_session_stream(side->oracle, stream->id)) != 0)
            fault(side, "stream %u: reference %s, oracle %s", stream->id, state,
                  oracle_session_stream(side->oracle, stream->id));
    }
}

static void compare_deadlines(struct side *side)
{
    struct anytls_deadline deadline = anytls_session_deadline(&side->reference);
    uint64_t at = 0;
    bool set = oracle_session_deadline(side->oracle, &at);

    if (deadline.set != set || (set && deadline.at != at))
        fault(side, "deadline: reference %s %llu, oracle %s %llu", deadline.set ? "at" : "none",
              (unsigned long long)deadline.at, set ? "at" : "none", (unsigned long long)at);
}

/* After a call: the same output, events and state. output: of the reference. */
static void compare(struct side *side, const char *call, const uint8_t *output, size_t size)
{
    struct blob text = {NULL, 0, 0};
    struct event_log log = {&text, false, 0, 0, 0};
    struct oracle_bytes other = oracle_session_output(side->oracle);

    for (size_t i = 0; i < oracle_session_events(side->oracle); i++) {
        struct oracle_event event = oracle_session_event(side->oracle, i);

        log_event(&log, oracle_event_name(event.type), oracle_status_text(event.violation),
                  event.stream, event.data.at, event.data.size);
    }
    log_data_end(&log);
    if (other.size != size || (size > 0 && memcmp(other.at, output, size) != 0))
        fault(side, "output of %s: reference %zu bytes, oracle %zu, or other ones", call, size,
              other.size);
    if (text.size != side->log.size ||
        (text.size > 0 && memcmp(text.at, side->log.at, text.size) != 0))
        fault(side, "events of %s:\nreference: %.*soracle: %.*s", call,
              (int)(side->log.size < 400 ? side->log.size : 400), (const char *)side->log.at,
              (int)(text.size < 400 ? text.size : 400), (const char *)text.at);
    if (strcmp(state_name(side), oracle_session_state(side->oracle)) != 0)
        fault(side, "state after %s: reference %s, oracle %s", call, state_name(side),
              oracle_session_state(side->oracle));
    compare_streams(side);
    compare_deadlines(side);
    blob_add(&side->out, output, size);
    blob_free(&text);
    side->log.size = 0;
    oracle_session_clear(side->oracle);
}

static enum anytls_status compare_call(struct side *side, const char *call,
                                       enum anytls_status status, enum oracle_status other,
                                       const uint8_t *output, size_t size)
{
    if (strcmp(anytls_status_text(status), oracle_status_text(other)) != 0)
        fault(side, "status of %s: reference \"%s\", oracle \"%s\"", call,
              anytls_status_text(status), oracle_status_text(other));
    compare(side, call, output, size);
    return status;
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
    anytls_session_begin(&side->reference, options->role, &side->config, &side->scheme,
                         side->table, options->streams, side->text, options->text, now);

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

/* ---- Receiving ---- */

static size_t room(const struct side *side)
{
    return anytls_session_output_max(&side->reference);
}

void side_receive(struct side *side, const uint8_t *bytes, size_t size, uint64_t now,
                  uint64_t cuts)
{
    struct oracle_bytes whole = {bytes, size};
    struct event_log log = {&side->log, false, 0, 0, 0};
    struct blob output = {NULL, 0, 0};
    uint8_t *out = malloc(room(side));
    size_t consumed = 0;
    size_t taken;

    if (out == NULL)
        abort();
    while (consumed < size && !side_closed(side)) {
        size_t piece = cuts == 0 ? size - consumed : 1 + draw_below(&cuts, 40);
        struct anytls_received step = anytls_session_receive(
            &side->reference, bytes + consumed,
            piece < size - consumed ? piece : size - consumed, now, out, room(side));

        consumed += step.consumed;
        blob_add(&output, out, step.output);
        log_reference(side, &log, &step.event);
    }
    log_data_end(&log);
    taken = oracle_session_receive(side->oracle, whole, now);
    if (taken != consumed)
        fault(side, "bytes taken: reference %zu, oracle %zu", consumed, taken);
    compare(side, "receive", output.at, output.size);
    blob_free(&output);
    free(out);
}

/* ---- Calls ---- */

static struct oracle_address oracle_address_of(const struct anytls_address *address)
{
    struct oracle_address other = {ORACLE_IPV4, address->size, {0}, address->port};

    other.kind = address->kind == ANYTLS_NAME   ? ORACLE_NAME
                 : address->kind == ANYTLS_IPV6 ? ORACLE_IPV6
                                                : ORACLE_IPV4;
    memcpy(other.host, address->host, sizeof other.host);
    return other;
}

enum anytls_status side_open(struct side *side, const struct anytls_address *address, uint64_t now,
                             uint32_t *stream)
{
    uint8_t out[ANYTLS_OPEN_SIZE_MAX];
    struct oracle_address other = oracle_address_of(address);
    uint32_t other_stream = 0;
    struct anytls_opened opened =
        anytls_session_open(&side->reference, address, NULL, now, out, sizeof out);
    enum oracle_status status = oracle_session_open(side->oracle, &other, now, &other_stream);

    *stream = opened.stream;
    if (opened.status == ANYTLS_OK && opened.stream != other_stream)
        fault(side, "id of open: reference %u, oracle %u", opened.stream, other_stream);
    return compare_call(side, "open", opened.status, status, out, opened.size);
}

enum anytls_status side_send(struct side *side, uint32_t stream, const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};
    enum oracle_status status = oracle_session_send(side->oracle, stream, all);
    struct blob output = {NULL, 0, 0};
    struct anytls_sent sent;

    do {
        uint8_t header[ANYTLS_FRAME_HEADER_SIZE];

        sent = anytls_session_send(&side->reference, stream, size, header);
        if (sent.status != ANYTLS_OK || sent.payload == 0)
            break;
        blob_add(&output, header, sizeof header);
        blob_add(&output, bytes, sent.payload);
        bytes += sent.payload;
        size -= sent.payload;
    } while (size > 0);
    compare_call(side, "send", sent.status, status, output.at, output.size);
    blob_free(&output);
    return sent.status;
}

enum anytls_status side_finish(struct side *side, uint32_t stream)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE];
    struct anytls_written written =
        anytls_session_finish(&side->reference, stream, out, sizeof out);

    return compare_call(side, "finish", written.status,
                        oracle_session_finish(side->oracle, stream), out, written.size);
}

enum anytls_status side_accept(struct side *side, uint32_t stream)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE];
    struct anytls_written written =
        anytls_session_accept(&side->reference, stream, out, sizeof out);

    return compare_call(side, "accept", written.status,
                        oracle_session_accept(side->oracle, stream), out, written.size);
}

enum anytls_status side_refuse(struct side *side, uint32_t stream, const char *reason)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_REASON_MAX];
    struct anytls_text text = {(const uint8_t *)reason, strlen(reason)};
    struct anytls_written written =
        anytls_session_refuse(&side->reference, stream, text, out, sizeof out);

    return compare_call(side, "refuse", written.status,
                        oracle_session_refuse(side->oracle, stream, oracle_string(reason)), out,
                        written.size);
}

enum anytls_status side_alert(struct side *side, const char *reason)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_REASON_MAX];
    struct anytls_text text = {(const uint8_t *)reason, strlen(reason)};
    struct anytls_written written =
        anytls_session_alert(&side->reference, text, out, sizeof out);

    return compare_call(side, "alert", written.status,
                        oracle_session_alert(side->oracle, oracle_string(reason)), out,
                        written.size);
}

enum anytls_status side_heartbeat(struct side *side, uint64_t now)
{
    uint8_t out[ANYTLS_FRAME_HEADER_SIZE];
    struct anytls_written written =
        anytls_session_heartbeat(&side->reference, now, out, sizeof out);

    return compare_call(side, "heartbeat", written.status,
                        oracle_session_heartbeat(side->oracle, now), out, written.size);
}

void side_close(struct side *side)
{
    anytls_session_close(&side->reference);
    oracle_session_close(side->oracle);
    compare(side, "close", NULL, 0);
}

void side_tick(struct side *side, uint64_t now)
{
    struct event_log log = {&side->log, false, 0, 0, 0};
    uint8_t *out = malloc(room(side));
    struct anytls_received step;

    if (out == NULL)
        abort();
    step = anytls_session_tick(&side->reference, now, out, room(side));
    log_reference(side, &log, &step.event);
    compare_call(side, "tick", step.status, oracle_session_tick(side->oracle, now), out,
                 step.output);
    free(out);
}

void side_pause(struct side *side)
{
    anytls_session_pause(&side->reference);
    oracle_session_pause(side->oracle);
    compare(side, "pause", NULL, 0);
}

void side_resume(struct side *side, uint64_t now)
{
    anytls_session_resume(&side->reference, now);
    oracle_session_resume(side->oracle, now);
    compare(side, "resume", NULL, 0);
}

/* ---- Writing ---- */

void side_write(struct side *side, uint64_t *seed, struct blob *wire, struct blob *lengths)
{
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    uint32_t random[ORACLE_ITEMS_MAX + 1];
    uint8_t waste[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_FRAME_DATA_MAX];
    struct anytls_plan plan = anytls_session_plan(&side->reference, side->out.size);
    struct anytls_record record;
    size_t count;
    size_t i = 0;
    size_t done = 0;

    for (size_t j = 0; j <= ORACLE_ITEMS_MAX; j++)
        random[j] = draw(seed);
    count = oracle_session_shape(side->oracle, side->out.size, random, ORACLE_ITEMS_MAX + 1,
                                 records);
    for (record = anytls_plan_next(&plan, random[i]); record.more;
         record = anytls_plan_next(&plan, i <= ORACLE_ITEMS_MAX ? random[i] : 0)) {
        uint32_t length = (uint32_t)(record.payload + record.waste);

        if (i >= count || records[i].payload != record.payload ||
            records[i].waste != record.waste) {
            fault(side, "record %zu of a write of %zu bytes: reference %zu + %zu, oracle %zu + %zu",
                  i, side->out.size, record.payload, record.waste,
                  i < count ? records[i].payload : 0, i < count ? records[i].waste : 0);
            break;
        }
        blob_add(wire, side->out.at + done, record.payload);
        if (record.waste > 0)
            blob_add(wire, waste, anytls_waste_encode(record.waste, waste, sizeof waste).size);
        if (lengths != NULL)
            blob_add(lengths, &length, sizeof length);
        done += record.payload;
        i++;
    }
    if (i != count || done != side->out.size)
        fault(side, "records of a write of %zu bytes: reference %zu, oracle %zu", side->out.size, i,
              count);
    side->out.size = 0;
}
