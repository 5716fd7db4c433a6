/* The reference on frames. */
#include <string.h>

#include "core/anytls.h"
#include "json.h"

static cJSON *failure(enum anytls_status status)
{
    return json_status(status == ANYTLS_INCOMPLETE ? "incomplete" : "invalid");
}

static cJSON *written(struct anytls_written result, const uint8_t *bytes)
{
    cJSON *answer;

    if (result.status != ANYTLS_OK)
        return failure(result.status);
    answer = json_status("ok");
    json_add_bytes(answer, "bytes", bytes, result.size);
    return answer;
}

static cJSON *frame_decode(const cJSON *input)
{
    struct bytes bytes = json_bytes_of(input, "bytes");
    struct anytls_frame_result result = anytls_frame_decode(bytes.at, bytes.size);
    cJSON *answer;

    if (result.status != ANYTLS_OK)
        return failure(result.status);
    answer = json_status("ok");
    json_add_number(answer, "command", result.frame.header.command);
    json_add_number(answer, "stream", result.frame.header.stream);
    json_add_bytes(answer, "data", result.frame.data, result.frame.header.length);
    json_add_number(answer, "consumed", result.consumed);
    return answer;
}

static cJSON *frame_encode(const cJSON *input)
{
    struct bytes data = json_bytes_of(input, "data");
    struct anytls_frame frame = {
        {(uint8_t)json_number(input, "command"), (uint16_t)data.size, json_number(input, "stream")},
        data.at};
    uint8_t *out = scratch(ANYTLS_FRAME_HEADER_SIZE + data.size);

    return written(anytls_frame_encode(frame, out, ANYTLS_FRAME_HEADER_SIZE + data.size), out);
}

/* A payload as PSH frames: what a client's session writes for it. */
static cJSON *data_encode(const cJSON *input)
{
    struct anytls_session_config config = {2, false, {NULL, 0}, 0, 0, 0, 0};
    struct anytls_address address = {ANYTLS_NAME, 80, 7, "example"};
    struct anytls_stream table[ANYTLS_STREAMS_MAX];
    struct anytls_session session;
    struct bytes data = json_bytes_of(input, "data");
    uint8_t *out = scratch(2 * data.size + ANYTLS_OPEN_SIZE_MAX);
    uint32_t stream = 0;
    size_t size = 0;
    cJSON *answer = json_status("ok");

    anytls_session_begin(&session, ANYTLS_CLIENT, &config, &anytls_scheme_default, table,
                         ANYTLS_STREAMS_MAX, NULL, 0, 0);
    while (stream < json_number(input, "stream"))
        stream = anytls_session_open(&session, &address, NULL, 0, out, ANYTLS_OPEN_SIZE_MAX).stream;
    while (data.size > 0) {
        size_t payload = anytls_session_send(&session, stream, data.size, out + size).payload;

        size += ANYTLS_FRAME_HEADER_SIZE;
        memcpy(out + size, data.at, payload);
        size += payload;
        data.at += payload;
        data.size -= payload;
    }
    json_add_bytes(answer, "bytes", out, size);
    return answer;
}

cJSON *reference_codec(const char *operation, const cJSON *input)
{
    static const struct {
        const char *name;
        cJSON *(*answer)(const cJSON *input);
    } operations[] = {
        {"frame_decode", frame_decode},
        {"frame_encode", frame_encode},
        {"data_encode", data_encode},
    };

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operation, operations[i].name) == 0)
            return operations[i].answer(input);
    return NULL;
}
