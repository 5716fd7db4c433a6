/* The oracle on single items: frames, addresses, UDP-over-TCP. */
#include "vectors_oracle.h"

#include <string.h>

#include "oracle.h"

static struct oracle_bytes input_bytes(const cJSON *input, const char *key)
{
    struct bytes from = json_bytes_of(input, key);
    struct oracle_bytes bytes = {from.at, from.size};

    return bytes;
}

static cJSON *failure(enum oracle_status status)
{
    return json_status(status == ORACLE_INCOMPLETE ? "incomplete" : "invalid");
}

/* The answer of an operation that writes; frees what was written. */
static cJSON *written(enum oracle_status status, struct oracle_buffer *out)
{
    cJSON *answer = status == ORACLE_OK ? json_status("ok") : failure(status);

    if (status == ORACLE_OK)
        json_add_bytes(answer, "bytes", out->at, out->size);
    oracle_buffer_free(out);
    return answer;
}

static cJSON *frame_decode(const cJSON *input)
{
    struct oracle_frame frame;
    enum oracle_status status = oracle_frame_read(input_bytes(input, "bytes"), &frame);
    cJSON *answer;

    if (status != ORACLE_OK)
        return failure(status);
    answer = json_status("ok");
    json_add_number(answer, "command", frame.command);
    json_add_number(answer, "stream", frame.stream);
    json_add_bytes(answer, "data", frame.data.at, frame.data.size);
    json_add_number(answer, "consumed", frame.consumed);
    return answer;
}

static cJSON *frame_encode(const cJSON *input)
{
    struct oracle_buffer out = {0};

    oracle_frame_write(&out, (uint8_t)json_number(input, "command"), json_number(input, "stream"),
                       input_bytes(input, "data"));
    return written(ORACLE_OK, &out);
}

/* The frames of a payload: what a client's session sends for it. */
static cJSON *data_encode(const cJSON *input)
{
    struct oracle_config config = oracle_config_default(ORACLE_CLIENT);
    struct oracle_session *session = oracle_session_new(&config, 0);
    struct oracle_address address = {ORACLE_IPV4, 4, {127, 0, 0, 1}, 80};
    uint32_t wanted = json_number(input, "stream");
    uint32_t stream = 0;
    struct oracle_bytes output;
    cJSON *answer = json_status("ok");

    while (stream < wanted && oracle_session_open(session, &address, 0, &stream) == ORACLE_OK)
        oracle_session_clear(session);
    oracle_session_send(session, wanted, input_bytes(input, "data"));
    output = oracle_session_output(session);
    json_add_bytes(answer, "bytes", output.at, output.size);
    oracle_session_free(session);
    return answer;
}

static const char *const kinds[] = {"ipv4", "ipv6", "name"};

static void add_address(cJSON *answer, const struct oracle_address *address)
{
    cJSON_AddStringToObject(answer, "type", kinds[address->kind]);
    json_add_bytes(answer, "host", address->host, address->size);
    json_add_number(answer, "port", address->port);
}

static struct oracle_address address_of(const cJSON *input)
{
    struct bytes host = json_bytes_of(input, "host");
    struct oracle_address address = {ORACLE_IPV4, 0, {0}, (uint16_t)json_number(input, "port")};

    while (address.kind < ORACLE_NAME && strcmp(json_string(input, "type"), kinds[address.kind]))
        address.kind++;
    if (host.size <= sizeof address.host) {
        address.size = (uint8_t)host.size;
        memcpy(address.host, host.at, host.size);
    }
    return address;
}

static enum oracle_types types_of(const cJSON *input)
{
    return strcmp(json_string(input, "table"), "uot") == 0 ? ORACLE_UOT_TYPES : ORACLE_SOCKS_TYPES;
}

static cJSON *address_decode(const cJSON *input)
{
    struct oracle_address address;
    size_t consumed = 0;
    enum oracle_status status =
        oracle_address_read(types_of(input), input_bytes(input, "bytes"), &address, &consumed);
    cJSON *answer;

    if (status != ORACLE_OK)
        return failure(status);
    answer = json_status("ok");
    add_address(answer, &address);
    json_add_number(answer, "consumed", consumed);
    return answer;
}

static cJSON *address_encode(const cJSON *input)
{
    struct oracle_buffer out = {0};
    struct oracle_address address = address_of(input);

    return written(oracle_address_write(&out, types_of(input), &address), &out);
}

static cJSON *request_decode(const cJSON *input)
{
    struct oracle_request request;
    size_t consumed = 0;
    enum oracle_status status =
        oracle_request_read(input_bytes(input, "bytes"), &request, &consumed);
    cJSON *answer;

    if (status != ORACLE_OK)
        return failure(status);
    answer = json_status("ok");
    cJSON_AddBoolToObject(answer, "connect", request.connect);
    add_address(answer, &request.address);
    json_add_number(answer, "consumed", consumed);
    return answer;
}

static cJSON *request_encode(const cJSON *input)
{
    struct oracle_buffer out = {0};
    struct oracle_request request = {json_flag(input, "connect"), address_of(input)};

    return written(oracle_request_write(&out, &request), &out);
}

static cJSON *packet_decode(const cJSON *input)
{
    struct oracle_packet packet;
    size_t consumed = 0;
    bool connect = json_flag(input, "connect");
    enum oracle_status status =
        oracle_packet_read(connect, input_bytes(input, "bytes"), &packet, &consumed);
    cJSON *answer;

    if (status != ORACLE_OK)
        return failure(status);
    answer = json_status("ok");
    if (!connect)
        add_address(answer, &packet.address);
    json_add_bytes(answer, "data", packet.data.at, packet.data.size);
    json_add_number(answer, "consumed", consumed);
    return answer;
}

static cJSON *packet_encode(const cJSON *input)
{
    struct oracle_buffer out = {0};
    struct oracle_address address = address_of(input);

    return written(oracle_packet_write(&out, json_flag(input, "connect"), &address,
                                       input_bytes(input, "data")),
                   &out);
}

cJSON *oracle_codec(const char *operation, const cJSON *input)
{
    static const struct {
        const char *name;
        cJSON *(*answer)(const cJSON *input);
    } operations[] = {
        {"frame_decode", frame_decode},         {"frame_encode", frame_encode},
        {"data_encode", data_encode},           {"address_decode", address_decode},
        {"address_encode", address_encode},     {"uot_request_decode", request_decode},
        {"uot_request_encode", request_encode}, {"uot_packet_decode", packet_decode},
        {"uot_packet_encode", packet_encode},
    };

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operation, operations[i].name) == 0)
            return operations[i].answer(input);
    return NULL;
}

cJSON *oracle_answer(const char *operation, const cJSON *input)
{
    cJSON *answer = oracle_codec(operation, input);

    if (answer == NULL)
        answer = oracle_texts(operation, input);
    if (answer == NULL)
        answer = oracle_whole_session(operation, input);
    return answer;
}
