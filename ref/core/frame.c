#include "frame.h"

#include "bytes.h"

/*@ lemma digits_of_u32: \forall integer n; 0 <= n < 4294967296 ==>
        (n / 16777216 % 256) * 16777216 + (n / 65536 % 256) * 65536 + (n / 256 % 256) * 256 +
        n % 256 == n;
*/

void anytls_header_encode(struct anytls_header header, uint8_t *out)
{
    out[0] = header.command;
    out[1] = anytls_byte_of(header.stream, 16777216u);
    out[2] = anytls_byte_of(header.stream, 65536u);
    out[3] = anytls_byte_of(header.stream, 256u);
    out[4] = anytls_byte_of(header.stream, 1u);
    anytls_u16_write(out + 5, header.length);
}

struct anytls_header_result anytls_header_decode(const uint8_t *bytes, size_t size)
{
    struct anytls_header_result result = {ANYTLS_INCOMPLETE, {0, 0, 0}};

    if (size < ANYTLS_FRAME_HEADER_SIZE)
        return result;
    result.status = ANYTLS_OK;
    result.header.command = bytes[0];
    result.header.stream = bytes[1] * 16777216u + bytes[2] * 65536u + bytes[3] * 256u + bytes[4];
    result.header.length = anytls_u16_read(bytes + 5);
    return result;
}

struct anytls_written anytls_frame_encode(struct anytls_frame frame, uint8_t *out, size_t capacity)
{
    struct anytls_written result = {ANYTLS_NO_ROOM, 0};
    size_t length = frame.header.length;

    if (capacity < ANYTLS_FRAME_HEADER_SIZE + length)
        return result;
    anytls_header_encode(frame.header, out);
    anytls_bytes_copy(out + ANYTLS_FRAME_HEADER_SIZE, frame.data, length);
    result.status = ANYTLS_OK;
    result.size = ANYTLS_FRAME_HEADER_SIZE + length;
    return result;
}

struct anytls_frame_result anytls_frame_decode(const uint8_t *bytes, size_t size)
{
    struct anytls_frame_result result = {ANYTLS_INCOMPLETE, 0, {{0, 0, 0}, 0}};
    struct anytls_header_result first = anytls_header_decode(bytes, size);

    if (first.status != ANYTLS_OK)
        return result;
    if (size - ANYTLS_FRAME_HEADER_SIZE < first.header.length)
        return result;
    result.status = ANYTLS_OK;
    result.consumed = ANYTLS_FRAME_HEADER_SIZE + (size_t)first.header.length;
    result.frame.header = first.header;
    result.frame.data = bytes + ANYTLS_FRAME_HEADER_SIZE;
    return result;
}

static const char command_names[][20] = {
    [ANYTLS_WASTE] = "Waste",
    [ANYTLS_SYN] = "SYN",
    [ANYTLS_PSH] = "PSH",
    [ANYTLS_FIN] = "FIN",
    [ANYTLS_SETTINGS] = "Settings",
    [ANYTLS_ALERT] = "Alert",
    [ANYTLS_UPDATE_PADDING_SCHEME] = "UpdatePaddingScheme",
    [ANYTLS_SYNACK] = "SYNACK",
    [ANYTLS_HEART_REQUEST] = "HeartRequest",
    [ANYTLS_HEART_RESPONSE] = "HeartResponse",
    [ANYTLS_SERVER_SETTINGS] = "ServerSettings",
    [ANYTLS_SERVER_SETTINGS + 1] = "unknown",
};

const char *anytls_command_name(uint8_t command)
{
    return command_names[command <= ANYTLS_SERVER_SETTINGS ? command : ANYTLS_SERVER_SETTINGS + 1];
}
