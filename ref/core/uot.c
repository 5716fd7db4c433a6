#include "uot.h"

#include "bytes.h"
#include "text.h"

bool anytls_uot_is_destination(const struct anytls_address *address)
{
    static const char word[] = ANYTLS_UOT_NAME;
    struct anytls_text name = {address->host, address->size};

    /*@ assert room: address->size <= 255 && \valid_read(&address->host[0] + (0 .. 254)); */
    /*@ assert ends: word_of(&word[0], 23); */
    return address->kind == ANYTLS_NAME && anytls_text_is(name, word);
}

struct anytls_address anytls_uot_destination(void)
{
    static const uint8_t name[] = ANYTLS_UOT_NAME;
    struct anytls_address address = {ANYTLS_NAME, 0, sizeof name - 1, {0}};

    anytls_bytes_copy(address.host, name, sizeof name - 1);
    return address;
}

struct anytls_address_size anytls_uot_request_size(const uint8_t *bytes, size_t size)
{
    struct anytls_address_size result = {ANYTLS_OK, 1};

    if (size == 0)
        return result;
    if (bytes[0] > 1) {
        result.status = ANYTLS_BAD_REQUEST;
        return result;
    }
    result = anytls_address_size(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
    result.size += 1;
    return result;
}

struct anytls_uot_request_result anytls_uot_request_decode(const uint8_t *bytes, size_t size)
{
    struct anytls_uot_request_result result = {
        ANYTLS_INCOMPLETE, 0, {false, {ANYTLS_IPV4, 0, 0, {0}}}};
    struct anytls_address_result address;

    if (size == 0)
        return result;
    if (bytes[0] > 1) {
        result.status = ANYTLS_BAD_REQUEST;
        return result;
    }
    address = anytls_address_decode(ANYTLS_TABLE_SOCKS, bytes + 1, size - 1);
    result.status = address.status;
    if (address.status != ANYTLS_OK)
        return result;
    result.request.connect = bytes[0] == 1;
    result.request.address = address.address;
    result.consumed = 1 + address.consumed;
    return result;
}

struct anytls_written anytls_uot_request_encode(const struct anytls_uot_request *request,
                                                uint8_t *out, size_t capacity)
{
    struct anytls_written result;

    if (capacity == 0)
        return (struct anytls_written){ANYTLS_NO_ROOM, 0};
    result = anytls_address_encode(ANYTLS_TABLE_SOCKS, &request->address, out + 1, capacity - 1);
    if (result.status != ANYTLS_OK)
        return result;
    out[0] = request->connect ? 1 : 0;
    result.size += 1;
    return result;
}

struct anytls_uot_packet_result anytls_uot_packet_decode(bool connect, const uint8_t *bytes,
                                                         size_t size)
{
    struct anytls_uot_packet_result result = {ANYTLS_INCOMPLETE, 0, {ANYTLS_IPV4, 0, 0, {0}}, 0, 0};
    size_t start = 0;
    size_t length;

    if (!connect) {
        struct anytls_address_result address = anytls_address_decode(ANYTLS_TABLE_UOT, bytes, size);

        if (address.status != ANYTLS_OK) {
            result.status = address.status;
            return result;
        }
        result.address = address.address;
        start = address.consumed;
    }
    if (size - start < 2)
        return result;
    length = anytls_u16_read(bytes + start);
    if (size - start - 2 < length)
        return result;
    result.status = ANYTLS_OK;
    result.data = bytes + start + 2;
    result.size = length;
    result.consumed = start + 2 + length;
    return result;
}

struct anytls_written anytls_uot_header_encode(bool connect, const struct anytls_address *address,
                                               size_t size, uint8_t *out, size_t capacity)
{
    struct anytls_written result = {ANYTLS_OK, 0};

    if (size > ANYTLS_UOT_DATA_MAX)
        result.status = ANYTLS_TOO_LONG;
    else if (capacity < 2)
        result.status = ANYTLS_NO_ROOM;
    else if (!connect)
        result = anytls_address_encode(ANYTLS_TABLE_UOT, address, out, capacity - 2);
    if (result.status != ANYTLS_OK)
        return result;
    anytls_u16_write(out + result.size, (uint16_t)size);
    result.size += 2;
    return result;
}
