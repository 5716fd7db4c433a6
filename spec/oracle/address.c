#include "oracle.h"

/* The number that stands for a kind of host. */
static uint8_t type_number(enum oracle_types types, enum oracle_kind kind)
{
    static const uint8_t socks[] = {[ORACLE_IPV4] = 1, [ORACLE_NAME] = 3, [ORACLE_IPV6] = 4};
    static const uint8_t uot[] = {[ORACLE_IPV4] = 0, [ORACLE_IPV6] = 1, [ORACLE_NAME] = 2};

    return types == ORACLE_SOCKS_TYPES ? socks[kind] : uot[kind];
}

static bool type_read(enum oracle_types types, uint8_t number, enum oracle_kind *kind)
{
    for (*kind = ORACLE_IPV4; *kind <= ORACLE_NAME; (*kind)++)
        if (type_number(types, *kind) == number)
            return true;
    return false;
}

/* Takes a byte off; false: there is none. */
static bool byte_next(struct oracle_bytes *bytes, uint8_t *byte)
{
    if (bytes->size == 0)
        return false;
    *byte = *bytes->at;
    bytes->at++;
    bytes->size--;
    return true;
}

static bool u16_next(struct oracle_bytes *bytes, uint16_t *number)
{
    uint8_t high;
    uint8_t low;

    if (!byte_next(bytes, &high) || !byte_next(bytes, &low))
        return false;
    *number = (uint16_t)(high * 256 + low);
    return true;
}

static enum oracle_status address_next(enum oracle_types types, struct oracle_bytes *bytes,
                                       struct oracle_address *address)
{
    struct oracle_address none = {ORACLE_IPV4, 0, {0}, 0};
    uint8_t type;

    *address = none;
    if (!byte_next(bytes, &type))
        return ORACLE_INCOMPLETE;
    if (!type_read(types, type, &address->kind))
        return ORACLE_BAD_ADDRESS;
    if (address->kind == ORACLE_IPV4)
        address->size = 4;
    if (address->kind == ORACLE_IPV6)
        address->size = 16;
    if (address->kind == ORACLE_NAME) {
        if (!byte_next(bytes, &address->size))
            return ORACLE_INCOMPLETE;
        if (address->size == 0)
            return ORACLE_BAD_ADDRESS;
    }
    for (size_t i = 0; i < address->size; i++)
        if (!byte_next(bytes, &address->host[i]))
            return ORACLE_INCOMPLETE;
    return u16_next(bytes, &address->port) ? ORACLE_OK : ORACLE_INCOMPLETE;
}

enum oracle_status oracle_address_read(enum oracle_types types, struct oracle_bytes bytes,
                                       struct oracle_address *address, size_t *consumed)
{
    struct oracle_bytes rest = bytes;
    struct oracle_address found;
    enum oracle_status status = address_next(types, &rest, &found);

    if (status != ORACLE_OK)
        return status;
    *address = found;
    *consumed = bytes.size - rest.size;
    return ORACLE_OK;
}

enum oracle_status oracle_address_write(struct oracle_buffer *out, enum oracle_types types,
                                        const struct oracle_address *address)
{
    if (address->kind == ORACLE_IPV4 && address->size != 4)
        return ORACLE_BAD_ADDRESS;
    if (address->kind == ORACLE_IPV6 && address->size != 16)
        return ORACLE_BAD_ADDRESS;
    if (address->kind == ORACLE_NAME && address->size == 0)
        return ORACLE_BAD_ADDRESS;
    oracle_buffer_byte(out, type_number(types, address->kind));
    if (address->kind == ORACLE_NAME)
        oracle_buffer_byte(out, address->size);
    for (size_t i = 0; i < address->size; i++)
        oracle_buffer_byte(out, address->host[i]);
    oracle_buffer_u16(out, address->port);
    return ORACLE_OK;
}

/* ---- UDP-over-TCP ---- */

bool oracle_is_uot(const struct oracle_address *address)
{
    struct oracle_bytes name = {address->host, address->size};

    return address->kind == ORACLE_NAME && oracle_is(name, ORACLE_UOT_NAME);
}

enum oracle_status oracle_request_read(struct oracle_bytes bytes, struct oracle_request *request,
                                       size_t *consumed)
{
    struct oracle_bytes rest = bytes;
    struct oracle_address address;
    enum oracle_status status;
    uint8_t connect;

    if (!byte_next(&rest, &connect))
        return ORACLE_INCOMPLETE;
    if (connect != 0 && connect != 1)
        return ORACLE_BAD_REQUEST;
    status = address_next(ORACLE_SOCKS_TYPES, &rest, &address);
    if (status != ORACLE_OK)
        return status;
    request->connect = connect == 1;
    request->address = address;
    *consumed = bytes.size - rest.size;
    return ORACLE_OK;
}

enum oracle_status oracle_request_write(struct oracle_buffer *out,
                                        const struct oracle_request *request)
{
    struct oracle_buffer address = {0};
    enum oracle_status status =
        oracle_address_write(&address, ORACLE_SOCKS_TYPES, &request->address);

    if (status == ORACLE_OK) {
        oracle_buffer_byte(out, request->connect ? 1 : 0);
        oracle_buffer_add(out, oracle_buffer_bytes(&address));
    }
    oracle_buffer_free(&address);
    return status;
}

enum oracle_status oracle_packet_read(bool connect, struct oracle_bytes bytes,
                                      struct oracle_packet *packet, size_t *consumed)
{
    struct oracle_bytes rest = bytes;
    struct oracle_packet found = {{ORACLE_IPV4, 0, {0}, 0}, {NULL, 0}};
    uint16_t length;

    if (!connect) {
        enum oracle_status status = address_next(ORACLE_UOT_TYPES, &rest, &found.address);

        if (status != ORACLE_OK)
            return status;
    }
    if (!u16_next(&rest, &length) || rest.size < length)
        return ORACLE_INCOMPLETE;
    found.data.at = rest.at;
    found.data.size = length;
    *packet = found;
    *consumed = bytes.size - rest.size + length;
    return ORACLE_OK;
}

enum oracle_status oracle_packet_write(struct oracle_buffer *out, bool connect,
                                       const struct oracle_address *address,
                                       struct oracle_bytes data)
{
    enum oracle_status status = ORACLE_OK;

    if (data.size > 65535)
        return ORACLE_TOO_LONG;
    if (!connect)
        status = oracle_address_write(out, ORACLE_UOT_TYPES, address);
    if (status != ORACLE_OK)
        return status;
    oracle_buffer_u16(out, (uint32_t)data.size);
    oracle_buffer_add(out, data);
    return ORACLE_OK;
}
