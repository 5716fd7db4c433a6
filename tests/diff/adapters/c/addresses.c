/* The reference on addresses and UDP-over-TCP. */
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

static const char *const kinds[] = {"ipv4", "ipv6", "name"};

static void add_address(cJSON *answer, const struct anytls_address *address)
{
    cJSON_AddStringToObject(answer, "type", kinds[address->kind]);
    json_add_bytes(answer, "host", address->host, address->size);
    json_add_number(answer, "port", address->port);
}

static struct anytls_address address_of(const cJSON *input)
{
    struct bytes host = json_bytes_of(input, "host");
    struct anytls_address address = {ANYTLS_IPV4, (uint16_t)json_number(input, "port"), 0, {0}};

    while (address.kind < ANYTLS_NAME && strcmp(json_string(input, "type"), kinds[address.kind]))
        address.kind++;
    if (host.size <= ANYTLS_ADDRESS_HOST_MAX) {
        address.size = (uint8_t)host.size;
        memcpy(address.host, host.at, host.size);
    }
    return address;
}

static enum anytls_address_table table_of(const cJSON *input)
{
    return strcmp(json_string(input, "table"), "uot") == 0 ? ANYTLS_TABLE_UOT : ANYTLS_TABLE_SOCKS;
}

static cJSON *address_decode(const cJSON *input)
{
    struct bytes bytes = json_bytes_of(input, "bytes");
    struct anytls_address_result result =
        anytls_address_decode(table_of(input), bytes.at, bytes.size);
    cJSON *answer;

    if (result.status != ANYTLS_OK)
        return failure(result.status);
    answer = json_status("ok");
    add_address(answer, &result.address);
    json_add_number(answer, "consumed", result.consumed);
    return answer;
}

static cJSON *address_encode(const cJSON *input)
{
    uint8_t out[ANYTLS_ADDRESS_SIZE_MAX];
    struct anytls_address address = address_of(input);

    return written(anytls_address_encode(table_of(input), &address, out, sizeof out), out);
}

static cJSON *request_decode(const cJSON *input)
{
    struct bytes bytes = json_bytes_of(input, "bytes");
    struct anytls_uot_request_result result = anytls_uot_request_decode(bytes.at, bytes.size);
    cJSON *answer;

    if (result.status != ANYTLS_OK)
        return failure(result.status);
    answer = json_status("ok");
    cJSON_AddBoolToObject(answer, "connect", result.request.connect);
    add_address(answer, &result.request.address);
    json_add_number(answer, "consumed", result.consumed);
    return answer;
}

static cJSON *request_encode(const cJSON *input)
{
    uint8_t out[ANYTLS_UOT_REQUEST_SIZE_MAX];
    struct anytls_uot_request request = {json_flag(input, "connect"), address_of(input)};

    return written(anytls_uot_request_encode(&request, out, sizeof out), out);
}

static cJSON *packet_decode(const cJSON *input)
{
    struct bytes bytes = json_bytes_of(input, "bytes");
    bool connect = json_flag(input, "connect");
    struct anytls_uot_packet_result result =
        anytls_uot_packet_decode(connect, bytes.at, bytes.size);
    cJSON *answer;

    if (result.status != ANYTLS_OK)
        return failure(result.status);
    answer = json_status("ok");
    if (!connect)
        add_address(answer, &result.address);
    json_add_bytes(answer, "data", result.data, result.size);
    json_add_number(answer, "consumed", result.consumed);
    return answer;
}

static cJSON *packet_encode(const cJSON *input)
{
    struct bytes data = json_bytes_of(input, "data");
    size_t capacity = ANYTLS_UOT_HEADER_SIZE_MAX + data.size;
    uint8_t *out = scratch(capacity);
    struct anytls_address address = address_of(input);
    struct anytls_written result =
        anytls_uot_header_encode(json_flag(input, "connect"), &address, data.size, out, capacity);

    if (result.status == ANYTLS_OK) {
        memcpy(out + result.size, data.at, data.size);
        result.size += data.size;
    }
    return written(result, out);
}

cJSON *reference_addresses(const char *operation, const cJSON *input)
{
    static const struct {
        const char *name;
        cJSON *(*answer)(const cJSON *input);
    } operations[] = {
        {"address_decode", address_decode},     {"address_encode", address_encode},
        {"uot_request_decode", request_decode}, {"uot_request_encode", request_encode},
        {"uot_packet_decode", packet_decode},   {"uot_packet_encode", packet_encode},
    };

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operation, operations[i].name) == 0)
            return operations[i].answer(input);
    return NULL;
}
