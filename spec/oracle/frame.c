#include <string.h>

#include "fault.h"
#include "oracle.h"

enum oracle_status oracle_frame_read(struct oracle_bytes bytes, struct oracle_frame *frame)
{
    uint32_t stream = 0;
    size_t length;

    if (bytes.size < 7)
        return ORACLE_INCOMPLETE;
    for (size_t i = 1; i <= 4; i++)
        stream = (stream << 8) | bytes.at[i];
    length = ((size_t)bytes.at[5] << 8) | bytes.at[6];
    if (bytes.size < 7 + length)
        return ORACLE_INCOMPLETE;
    frame->command = bytes.at[0];
    frame->stream = stream;
    frame->data.at = bytes.at + 7;
    frame->data.size = length;
    frame->consumed = 7 + length;
    return ORACLE_OK;
}

void oracle_frame_write(struct oracle_buffer *out, uint8_t command, uint32_t stream,
                        struct oracle_bytes data)
{
    if (data.size > 65535)
        oracle_fault("data of a frame over 65,535 bytes");
    oracle_buffer_byte(out, command);
    oracle_buffer_u16(out, stream >> 16);
    oracle_buffer_u16(out, stream & 65535);
    oracle_buffer_u16(out, (uint32_t)data.size);
    oracle_buffer_add(out, data);
}

void oracle_waste_write(struct oracle_buffer *out, size_t size)
{
    if (size < 7 || size > 7 + 65535)
        oracle_fault("a Waste frame of an impossible size");
    oracle_buffer_byte(out, ORACLE_WASTE);
    oracle_buffer_u16(out, 0);
    oracle_buffer_u16(out, 0);
    oracle_buffer_u16(out, (uint32_t)(size - 7));
    for (size_t i = 7; i < size; i++)
        oracle_buffer_byte(out, 0);
}

void oracle_preamble_write(struct oracle_buffer *out, const uint8_t *hash, uint16_t padding)
{
    for (size_t i = 0; i < 32; i++)
        oracle_buffer_byte(out, hash[i]);
    oracle_buffer_u16(out, padding);
    for (size_t i = 0; i < padding; i++)
        oracle_buffer_byte(out, 0);
}

enum oracle_status oracle_preamble_byte(struct oracle_preamble *preamble, const uint8_t *hash,
                                        uint8_t byte)
{
    if (preamble->size < 34)
        preamble->bytes[preamble->size] = byte;
    preamble->size++;
    if (preamble->size == 32 && memcmp(preamble->bytes, hash, 32) != 0)
        return ORACLE_BAD_PASSWORD;
    if (preamble->size == 34)
        preamble->expected = 34 + ((size_t)preamble->bytes[32] << 8) + preamble->bytes[33];
    return preamble->size == preamble->expected ? ORACLE_OK : ORACLE_INCOMPLETE;
}

enum oracle_status oracle_preamble_read(struct oracle_bytes bytes, const uint8_t *hash,
                                        size_t *consumed)
{
    struct oracle_preamble preamble = {0};
    enum oracle_status status = ORACLE_INCOMPLETE;
    size_t i = 0;

    while (i < bytes.size && status == ORACLE_INCOMPLETE) {
        status = oracle_preamble_byte(&preamble, hash, bytes.at[i]);
        i++;
    }
    *consumed = i;
    return status;
}
