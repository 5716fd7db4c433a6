/* The oracle on whole sessions: bytes in; streams, answers and the end out. The application does
 * nothing but read. */
#include "vectors_oracle.h"

#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* The stream of that id that began last; NULL: there is none. */
static cJSON *stream_of(cJSON *streams, uint32_t id)
{
    cJSON *found = NULL;
    cJSON *stream;

    cJSON_ArrayForEach(stream, streams)
    {
        if (json_number(stream, "id") == id)
            found = stream;
    }

    return found;
}

static void stream_begin(cJSON *streams, uint32_t id)
{
    cJSON *stream = cJSON_CreateObject();

    json_add_number(stream, "id", id);
    cJSON_AddStringToObject(stream, "data", "");
    cJSON_AddStringToObject(stream, "end", "open");
    cJSON_AddItemToArray(streams, stream);
}

static void end_set(cJSON *stream, const char *end)
{
    cJSON_ReplaceItemInObjectCaseSensitive(stream, "end", cJSON_CreateString(end));
}

static void data_add(cJSON *stream, struct oracle_bytes data)
{
    struct bytes before = json_bytes_of(stream, "data");
    uint8_t *all = scratch(before.size + data.size);

    memcpy(all, before.at, before.size);
    memcpy(all + before.size, data.at, data.size);
    cJSON_DeleteItemFromObjectCaseSensitive(stream, "data");
    json_add_bytes(stream, "data", all, before.size + data.size);
}

static void note(cJSON *answer, const struct oracle_event *event)
{
    cJSON *streams = cJSON_GetObjectItemCaseSensitive(answer, "streams");
    cJSON *stream = stream_of(streams, event->stream);

    if (event->violation != ORACLE_OK)
        cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(answer, "violations"),
                             cJSON_CreateString(oracle_status_text(event->violation)));
    switch (event->type) {
    case ORACLE_EVENT_STREAM_OPENED: stream_begin(streams, event->stream); break;
    case ORACLE_EVENT_STREAM_ACCEPTED: cJSON_AddTrueToObject(stream, "accepted"); break;
    case ORACLE_EVENT_STREAM_FINISHED: end_set(stream, "finished"); break;
    case ORACLE_EVENT_DATA: data_add(stream, event->data); break;
    case ORACLE_EVENT_STREAM_REFUSED:
        end_set(stream, "refused");
        json_add_bytes(stream, "text", event->data.at, event->data.size);
        break;
    case ORACLE_EVENT_SCHEME:
        json_add_text(answer, "scheme", event->data.at, event->data.size);
        break;
    default: break;
    }
}

static void add_output(cJSON *answer, struct oracle_bytes output)
{
    cJSON *frames = cJSON_AddArrayToObject(answer, "output");
    struct oracle_frame frame;

    while (oracle_frame_read(output, &frame) == ORACLE_OK) {
        cJSON *one = cJSON_CreateObject();

        json_add_number(one, "command", frame.command);
        json_add_number(one, "stream", frame.stream);
        if (frame.command != ORACLE_ALERT)
            json_add_bytes(one, "data", frame.data.at, frame.data.size);
        cJSON_AddItemToArray(frames, one);
        output.at += frame.consumed;
        output.size -= frame.consumed;
    }
}

cJSON *oracle_whole_session(const char *operation, const cJSON *input)
{
    bool server = strcmp(json_string(input, "role"), "server") == 0;
    struct oracle_config config = oracle_config_default(server ? ORACLE_SERVER : ORACLE_CLIENT);
    struct oracle_address address = {ORACLE_NAME, 7, "example", 80};
    struct bytes from = json_bytes_of(input, "bytes");
    struct oracle_bytes bytes = {from.at, from.size};
    struct oracle_session *session;
    cJSON *answer;
    cJSON *streams;

    if (strcmp(operation, "session") != 0)
        return NULL;
    session = oracle_session_new(&config, 0);
    answer = cJSON_CreateObject();
    streams = cJSON_AddArrayToObject(answer, "streams");
    cJSON_AddArrayToObject(answer, "violations");
    for (uint32_t i = 0; i < json_number(input, "open"); i++) {
        uint32_t stream;

        if (oracle_session_open(session, &address, 0, &stream) == ORACLE_OK)
            stream_begin(streams, stream);
    }
    oracle_session_clear(session);
    oracle_session_receive(session, bytes, 0);
    for (size_t i = 0; i < oracle_session_events(session); i++) {
        struct oracle_event event = oracle_session_event(session, i);

        note(answer, &event);
    }
    add_output(answer, oracle_session_output(session));
    cJSON_AddBoolToObject(answer, "closed", strcmp(oracle_session_state(session), "closed") == 0);
    oracle_session_free(session);
    return answer;
}
