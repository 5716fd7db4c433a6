/* Bytes, big-endian numbers, views of text, decimal numbers. */
#include "support.h"

#include <string.h>

#include "core/bytes.h"

START_TEST(a_copy_copies_exactly_its_bytes)
{
    for (size_t size = 0; size <= 9; size++) {
        uint8_t from[10];
        uint8_t to[10];

        for (size_t i = 0; i < sizeof from; i++) {
            from[i] = (uint8_t)(i + 1);
            to[i] = 0xee;
        }
        anytls_bytes_copy(to, from, size);
        for (size_t i = 0; i < sizeof to; i++)
            ck_assert_uint_eq(to[i], i < size ? i + 1 : 0xee);
    }
}
END_TEST

START_TEST(zeros_are_written_to_exactly_their_place)
{
    for (size_t size = 0; size <= 9; size++) {
        uint8_t to[10];

        memset(to, 0xee, sizeof to);
        anytls_bytes_zero(to, size);
        for (size_t i = 0; i < sizeof to; i++)
            ck_assert_uint_eq(to[i], i < size ? 0 : 0xee);
    }
}
END_TEST

START_TEST(bytes_are_equal_where_every_one_is)
{
    uint8_t a[8] = "abcdefg";

    ck_assert(anytls_bytes_equal(a, (const uint8_t *)"xbc", 0));
    ck_assert(anytls_bytes_equal(a, (const uint8_t *)"abcdefg", 8));
    ck_assert(anytls_bytes_equal(a, (const uint8_t *)"abcX", 3));
    for (size_t i = 0; i < sizeof a; i++) {
        uint8_t b[8] = "abcdefg";

        b[i] ^= 1;
        ck_assert(!anytls_bytes_equal(a, b, sizeof a));
    }
}
END_TEST

START_TEST(a_u16_is_written_big_endian_and_read_back)
{
    for (uint32_t number = 0; number <= 65535; number++) {
        uint8_t bytes[2];

        anytls_u16_write(bytes, (uint16_t)number);
        must(bytes[0] == number >> 8 && bytes[1] == (number & 255), "%u as bytes", number);
        must(anytls_u16_read(bytes) == number, "%u read back", number);
    }
}
END_TEST

START_TEST(a_byte_of_a_number_is_taken_by_its_unit)
{
    ck_assert_uint_eq(anytls_byte_of(0x12345678, 16777216u), 0x12);
    ck_assert_uint_eq(anytls_byte_of(0x12345678, 65536u), 0x34);
    ck_assert_uint_eq(anytls_byte_of(0x12345678, 256u), 0x56);
    ck_assert_uint_eq(anytls_byte_of(0x12345678, 1u), 0x78);
    ck_assert_uint_eq(anytls_byte_of(0xffffffff, 16777216u), 0xff);
}
END_TEST

/* SETTINGS-NUMBER */
START_TEST(digits_and_nothing_else_make_a_number)
{
    static const struct {
        const char *text;
        bool valid;
        uint32_t value;
    } rows[] = {
        {"0", true, 0},
        {"7", true, 7},
        {"007", true, 7},
        {"65535", true, 65535},
        {"4294967294", true, 4294967294u},
        {"4294967295", true, 4294967295u},
        {"4294967296", true, 4294967295u},
        {"4294967299", true, 4294967295u},
        {"4294967300", true, 4294967295u},
        {"42949672950", true, 4294967295u},
        {"99999999999999999999999999", true, 4294967295u},
        {"00000000000000000000000012", true, 12},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x10", false, 0},
        {"12a", false, 0},
        {"/", false, 0},
        {":", false, 0},
        {"99999999999999999999x", false, 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct anytls_number number = anytls_number_read(text_of(rows[i].text));

        ck_assert_msg(number.valid == rows[i].valid, "%s", rows[i].text);
        ck_assert_msg(number.value == rows[i].value, "%s: %u", rows[i].text, number.value);
    }
}
END_TEST

START_TEST(every_single_byte_but_a_digit_is_no_number)
{
    for (unsigned value = 0; value <= 255; value++) {
        uint8_t byte = (uint8_t)value;
        struct anytls_text text = {&byte, 1};
        struct anytls_number number = anytls_number_read(text);

        ck_assert_int_eq(number.valid, byte >= 48 && byte <= 57);
        ck_assert_uint_eq(number.value, number.valid ? byte - 48u : 0);
    }
}
END_TEST

START_TEST(find_answers_the_first_place_from_the_start_on)
{
    struct anytls_text text = text_of("a=b=c");
    struct anytls_text none = {NULL, 0};

    ck_assert_uint_eq(anytls_text_find(text, 0, '='), 1);
    ck_assert_uint_eq(anytls_text_find(text, 1, '='), 1);
    ck_assert_uint_eq(anytls_text_find(text, 2, '='), 3);
    ck_assert_uint_eq(anytls_text_find(text, 4, '='), 5);
    ck_assert_uint_eq(anytls_text_find(text, 5, '='), 5);
    ck_assert_uint_eq(anytls_text_find(text, 0, 'x'), 5);
    ck_assert_uint_eq(anytls_text_find(none, 0, 'x'), 0);
}
END_TEST

START_TEST(a_part_is_the_bytes_from_start_to_end)
{
    struct anytls_text text = text_of("abcdef");
    struct anytls_text none = {NULL, 0};

    for (size_t start = 0; start <= 6; start++) {
        for (size_t end = start; end <= 6; end++) {
            struct anytls_text part = anytls_text_part(text, start, end);

            ck_assert_uint_eq(part.size, end - start);
            ck_assert(part.size == 0 || part.bytes == text.bytes + start);
        }
    }
    ck_assert_uint_eq(anytls_text_part(none, 0, 0).size, 0);
}
END_TEST

START_TEST(a_text_is_a_word_where_both_end_together)
{
    struct anytls_text none = {NULL, 0};
    struct anytls_text zero = {(const uint8_t *)"v\0w", 3};

    ck_assert(anytls_text_is(text_of("stop"), "stop"));
    ck_assert(!anytls_text_is(text_of("stop"), "stopp"));
    ck_assert(!anytls_text_is(text_of("stopp"), "stop"));
    ck_assert(!anytls_text_is(text_of("Stop"), "stop"));
    ck_assert(!anytls_text_is(text_of("stox"), "stop"));
    ck_assert(!anytls_text_is(text_of(""), "stop"));
    ck_assert(!anytls_text_is(text_of("stop"), ""));
    ck_assert(!anytls_text_is(zero, "v"));
    ck_assert(anytls_text_is(none, ""));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_copy_copies_exactly_its_bytes,
        zeros_are_written_to_exactly_their_place,
        bytes_are_equal_where_every_one_is,
        a_u16_is_written_big_endian_and_read_back,
        a_byte_of_a_number_is_taken_by_its_unit,
        digits_and_nothing_else_make_a_number,
        every_single_byte_but_a_digit_is_no_number,
        find_answers_the_first_place_from_the_start_on,
        a_part_is_the_bytes_from_start_to_end,
        a_text_is_a_word_where_both_end_together,
    };

    return suite_run("bytes and text", tests, COUNT(tests));
}
