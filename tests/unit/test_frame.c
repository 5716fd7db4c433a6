/* The frame codec. */
#include "support.h"

#include <string.h>

static uint8_t data[65535];
static uint8_t buffer[7 + 65535 + 1];

static struct anytls_frame frame_of(uint8_t command, uint32_t stream, uint16_t length)
{
    struct anytls_frame frame = {{command, length, stream}, data};

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + i / 256);
    return frame;
}

/* FRAME-HEADER */
START_TEST(a_header_is_command_stream_and_length_big_endian)
{
    static const uint8_t expected[7] = {0xab, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc};
    struct anytls_header header = {0xab, 0x9abc, 0x12345678};
    struct anytls_header_result result;
    uint8_t bytes[7];

    anytls_header_encode(header, bytes);
    ck_assert_mem_eq(bytes, expected, sizeof expected);
    result = anytls_header_decode(expected, sizeof expected);
    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.header.command, 0xab);
    ck_assert_uint_eq(result.header.stream, 0x12345678);
    ck_assert_uint_eq(result.header.length, 0x9abc);
}
END_TEST

START_TEST(each_bit_of_a_header_is_carried)
{
    for (unsigned bit = 0; bit < 56; bit++) {
        uint8_t bytes[7] = {0};
        uint8_t again[7];

        bytes[bit / 8] = (uint8_t)(1u << (bit % 8));
        anytls_header_encode(anytls_header_decode(bytes, 7).header, again);
        ck_assert_mem_eq(again, bytes, 7);
    }
}
END_TEST

START_TEST(random_headers_are_read_back_as_written)
{
    uint32_t seed = 1;

    for (int i = 0; i < 100000; i++) {
        struct anytls_header header = {(uint8_t)random_next(&seed), (uint16_t)random_next(&seed),
                                       random_next(&seed)};
        uint8_t bytes[7];
        struct anytls_header back;

        anytls_header_encode(header, bytes);
        back = anytls_header_decode(bytes, 7).header;
        must(back.command == header.command && back.length == header.length &&
                 back.stream == header.stream,
             "header %d", i);
    }
}
END_TEST

START_TEST(fewer_than_seven_bytes_are_no_header)
{
    static const uint8_t bytes[7] = {0};

    for (size_t size = 0; size < 7; size++) {
        ck_assert_int_eq(anytls_header_decode(bytes, size).status, ANYTLS_INCOMPLETE);
        ck_assert_int_eq(anytls_frame_decode(bytes, size).status, ANYTLS_INCOMPLETE);
        ck_assert_uint_eq(anytls_frame_decode(bytes, size).consumed, 0);
    }
    ck_assert_int_eq(anytls_header_decode(bytes, 7).status, ANYTLS_OK);
}
END_TEST

START_TEST(a_header_is_read_from_the_start_of_more_bytes)
{
    static const uint8_t bytes[9] = {2, 0, 0, 0, 1, 0, 2, 'h', 'i'};
    struct anytls_header_result result = anytls_header_decode(bytes, sizeof bytes);

    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.header.command, 2);
    ck_assert_uint_eq(result.header.stream, 1);
    ck_assert_uint_eq(result.header.length, 2);
}
END_TEST

/* FRAME-LENGTH */
START_TEST(a_frame_of_any_length_is_read_back_as_written)
{
    static const uint16_t lengths[] = {0, 1, 2, 255, 256, 257, 32767, 32768, 65534, 65535};

    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct anytls_frame frame = frame_of(2, 4294967295u, lengths[i]);
        struct anytls_written written = anytls_frame_encode(frame, buffer, sizeof buffer);
        struct anytls_frame_result result;

        ck_assert_int_eq(written.status, ANYTLS_OK);
        ck_assert_uint_eq(written.size, 7u + lengths[i]);
        result = anytls_frame_decode(buffer, sizeof buffer);
        ck_assert_int_eq(result.status, ANYTLS_OK);
        ck_assert_uint_eq(result.consumed, 7u + lengths[i]);
        ck_assert_uint_eq(result.frame.header.command, 2);
        ck_assert_uint_eq(result.frame.header.stream, 4294967295u);
        ck_assert_uint_eq(result.frame.header.length, lengths[i]);
        ck_assert_ptr_eq(result.frame.data, buffer + 7);
        ck_assert(memcmp(result.frame.data, data, lengths[i]) == 0);
    }
}
END_TEST

START_TEST(a_frame_is_written_where_it_fits_and_not_at_all_where_it_does_not)
{
    struct anytls_frame frame = frame_of(2, 1, 10);

    for (size_t capacity = 0; capacity <= 18; capacity++) {
        struct anytls_written written;

        memset(buffer, 0xee, 20);
        written = anytls_frame_encode(frame, buffer, capacity);
        ck_assert_int_eq(written.status, capacity < 17 ? ANYTLS_NO_ROOM : ANYTLS_OK);
        ck_assert_uint_eq(written.size, capacity < 17 ? 0 : 17);
        for (size_t i = written.size; i < 20; i++)
            ck_assert_uint_eq(buffer[i], 0xee);
    }
}
END_TEST

START_TEST(a_frame_that_is_cut_anywhere_is_incomplete)
{
    struct anytls_frame frame = frame_of(6, 0, 65535);
    size_t size = anytls_frame_encode(frame, buffer, sizeof buffer).size;

    for (size_t cut = 0; cut < size; cut++) {
        struct anytls_frame_result result = anytls_frame_decode(buffer, cut);

        must(result.status == ANYTLS_INCOMPLETE && result.consumed == 0, "cut at %zu", cut);
    }
    ck_assert_int_eq(anytls_frame_decode(buffer, size).status, ANYTLS_OK);
}
END_TEST

START_TEST(every_command_byte_makes_a_frame)
{
    for (unsigned command = 0; command <= 255; command++) {
        uint8_t bytes[7] = {(uint8_t)command, 0, 0, 0, 0, 0, 0};
        struct anytls_frame_result result = anytls_frame_decode(bytes, sizeof bytes);

        ck_assert_int_eq(result.status, ANYTLS_OK);
        ck_assert_uint_eq(result.frame.header.command, command);
        ck_assert_uint_eq(result.consumed, 7);
    }
}
END_TEST

/* FRAME-COMMANDS */
START_TEST(the_commands_have_their_numbers_and_names)
{
    static const char *const names[] = {
        "Waste",
        "SYN",
        "PSH",
        "FIN",
        "Settings",
        "Alert",
        "UpdatePaddingScheme",
        "SYNACK",
        "HeartRequest",
        "HeartResponse",
        "ServerSettings",
    };

    for (unsigned command = 0; command <= 255; command++)
        ck_assert_str_eq(anytls_command_name((uint8_t)command),
                         command < COUNT(names) ? names[command] : "unknown");
    ck_assert_int_eq(ANYTLS_WASTE, 0);
    ck_assert_int_eq(ANYTLS_SYN, 1);
    ck_assert_int_eq(ANYTLS_PSH, 2);
    ck_assert_int_eq(ANYTLS_FIN, 3);
    ck_assert_int_eq(ANYTLS_SETTINGS, 4);
    ck_assert_int_eq(ANYTLS_ALERT, 5);
    ck_assert_int_eq(ANYTLS_UPDATE_PADDING_SCHEME, 6);
    ck_assert_int_eq(ANYTLS_SYNACK, 7);
    ck_assert_int_eq(ANYTLS_HEART_REQUEST, 8);
    ck_assert_int_eq(ANYTLS_HEART_RESPONSE, 9);
    ck_assert_int_eq(ANYTLS_SERVER_SETTINGS, 10);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_header_is_command_stream_and_length_big_endian,
        each_bit_of_a_header_is_carried,
        random_headers_are_read_back_as_written,
        fewer_than_seven_bytes_are_no_header,
        a_header_is_read_from_the_start_of_more_bytes,
        a_frame_of_any_length_is_read_back_as_written,
        a_frame_is_written_where_it_fits_and_not_at_all_where_it_does_not,
        a_frame_that_is_cut_anywhere_is_incomplete,
        every_command_byte_makes_a_frame,
        the_commands_have_their_numbers_and_names,
    };

    return suite_run("frame", tests, COUNT(tests));
}
