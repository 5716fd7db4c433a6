/* The reference on whole sessions: bytes in, in any pieces; streams, answers and the end out. The
 * application does nothing but read. */
#include <string.h>

#include "core/anytls.h"
#include "io/digest.h"
#include "json.h"

#define STREAMS_MAX 64u

struct one_stream {
    uint32_t id;
    const char *end;
    bool accepted;
    struct bytes data;
    struct bytes text;
};

struct record {
    struct one_stream streams[STREAMS_MAX];
    size_t count;
    struct bytes output;
    cJSON *answer;
    cJSON *violations;
};

static void append(struct bytes *bytes, const uint8_t *more, size_t size)
{
    uint8_t *at;

    if (size == 0)
        return;
    at = scratch(bytes->size + size);
    if (bytes->size > 0)
        memcpy(at, bytes->at, bytes->size);
    memcpy(at + bytes->size, more, size);
    bytes->at = at;
    bytes->size += size;
}

static void begin_stream(struct record *record, uint32_t id)
{
    struct one_stream stream = {id, "open", false, {NULL, 0}, {NULL, 0}};

    if (record->count == STREAMS_MAX)
        return;
    record->streams[record->count] = stream;
    record->count++;
}

/* The youngest stream of that id: an id may be opened again. */
static struct one_stream *find_stream(struct record *record, uint32_t id)
{
    size_t i = record->count;

    while (i > 0 && record->streams[i - 1].id != id)
        i--;
    return &record->streams[i > 0 ? i - 1 : 0];
}

static void note(struct record *record, const struct anytls_event *event)
{
    struct one_stream *stream = find_stream(record, event->stream);

    if (event->violation != ANYTLS_OK)
        cJSON_AddItemToArray(record->violations,
                             cJSON_CreateString(anytls_status_text(event->violation)));
    switch (event->type) {
    case ANYTLS_EVENT_STREAM_OPENED: begin_stream(record, event->stream); break;
    case ANYTLS_EVENT_STREAM_ACCEPTED: stream->accepted = true; break;
    case ANYTLS_EVENT_STREAM_FINISHED: stream->end = "finished"; break;
    case ANYTLS_EVENT_DATA: append(&stream->data, event->data.bytes, event->data.size); break;
    case ANYTLS_EVENT_STREAM_REFUSED:
        stream->end = "refused";
        append(&stream->text, event->data.bytes, event->data.size);
        break;
    case ANYTLS_EVENT_SCHEME:
        json_add_text(record->answer, "scheme", event->data.bytes, event->data.size);
        break;
    default: break;
    }
}

static void receive(struct anytls_session *session, struct record *record, const uint8_t *bytes,
                    size_t size)
{
    size_t capacity = anytls_session_output_max(session);
    uint8_t *out = scratch(capacity);

    while (size > 0) {
        struct anytls_received step =
            anytls_session_receive(session, bytes, size, 0, out, capacity);

        if (step.status != ANYTLS_OK)
            return;
        append(&record->output, out, step.output);
        note(record, &step.event);
        bytes += step.consumed;
        size -= step.consumed;
    }
}

static void open_streams(struct anytls_session *session, struct record *record, uint32_t count)
{
    struct anytls_address address = {ANYTLS_NAME, 80, 7, "example"};
    uint8_t out[ANYTLS_OPEN_SIZE_MAX];

    for (uint32_t i = 0; i < count; i++)
        begin_stream(record,
                     anytls_session_open(session, &address, NULL, 0, out, sizeof out).stream);
}

static void add_streams(struct record *record)
{
    cJSON *streams = cJSON_AddArrayToObject(record->answer, "streams");

    for (size_t i = 0; i < record->count; i++) {
        struct one_stream *from = &record->streams[i];
        cJSON *stream = cJSON_CreateObject();

        json_add_number(stream, "id", from->id);
        json_add_bytes(stream, "data", from->data.at, from->data.size);
        cJSON_AddStringToObject(stream, "end", from->end);
        if (strcmp(from->end, "refused") == 0)
            json_add_bytes(stream, "text", from->text.at, from->text.size);
        if (from->accepted)
            cJSON_AddTrueToObject(stream, "accepted");
        cJSON_AddItemToArray(streams, stream);
    }
}

/* What was sent, as frames; the text of an Alert is the implementation's own. */
static void add_output(struct record *record)
{
    cJSON *frames = cJSON_AddArrayToObject(record->answer, "output");
    struct bytes left = record->output;

    while (left.size > 0) {
        struct anytls_frame_result next = anytls_frame_decode(left.at, left.size);
        cJSON *frame = cJSON_CreateObject();

        json_add_number(frame, "command", next.frame.header.command);
        json_add_number(frame, "stream", next.frame.header.stream);
        if (next.frame.header.command != ANYTLS_ALERT)
            json_add_bytes(frame, "data", next.frame.data, next.frame.header.length);
        cJSON_AddItemToArray(frames, frame);
        left.at += next.consumed;
        left.size -= next.consumed;
    }
}

cJSON *reference_session(const char *operation, const cJSON *input)
{
    struct anytls_session_config config = {2, false, {(const uint8_t *)"vectors", 7}, 0, 0, 0, 0};
    struct anytls_stream table[STREAMS_MAX];
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
    struct bytes bytes = json_bytes_of(input, "bytes");
    const cJSON *cuts = cJSON_GetObjectItemCaseSensitive(input, "cuts");
    const cJSON *cut;
    bool server = strcmp(json_string(input, "role"), "server") == 0;
    struct record *record;
    struct anytls_session session;
    size_t done = 0;

    if (strcmp(operation, "session") != 0)
        return NULL;
    record = scratch(sizeof *record);
    record->answer = cJSON_CreateObject();
    record->violations = cJSON_CreateArray();
    anytls_session_begin(&session, server ? ANYTLS_SERVER : ANYTLS_CLIENT, &config,
                         &anytls_scheme_default, table, STREAMS_MAX, text,
                         server ? ANYTLS_SETTINGS_SIZE_MAX : ANYTLS_SCHEME_SIZE_MAX, 0);
    open_streams(&session, record, json_number(input, "open"));
    cJSON_ArrayForEach(cut, cuts)
    {
        receive(&session, record, bytes.at + done, (size_t)cut->valuedouble - done);
        done = (size_t)cut->valuedouble;
    }
    receive(&session, record, bytes.at + done, bytes.size - done);
    add_streams(record);
    add_output(record);
    cJSON_AddBoolToObject(record->answer, "closed", session.state == ANYTLS_STATE_CLOSED);
    cJSON_AddItemToObject(record->answer, "violations", record->violations);
    return record->answer;
}
