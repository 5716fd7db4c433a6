/* Padding schemes: reading them. */
#include "support.h"

#include <openssl/evp.h>
#include <string.h>

static char text[TEXT_MAX];

static enum anytls_status status_of(const char *scheme)
{
    return anytls_scheme_read(text_of(scheme)).status;
}

/* ---- The default scheme ---- */

/* PAD-DEFAULT */
START_TEST(the_default_scheme_is_the_text_of_the_document)
{
    static const char expected[] = "stop=8\n0=30-30\n1=100-400\n"
                                   "2=400-500,c,500-1000,c,500-1000,c,500-1000,c,500-1000\n"
                                   "3=9-9,500-1000\n4=500-1000\n5=500-1000\n6=500-1000\n7=500-1000";

    ck_assert_uint_eq(anytls_scheme_default.text.size, strlen(expected));
    ck_assert_mem_eq(anytls_scheme_default.text.bytes, expected, strlen(expected));
}
END_TEST

START_TEST(the_default_scheme_has_the_md5_of_its_text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    ck_assert_int_eq(EVP_Digest(anytls_scheme_default.text.bytes, anytls_scheme_default.text.size,
                                digest, &size, EVP_md5(), NULL),
                     1);
    ck_assert_uint_eq(size, 16);
    text[0] = '\0';
    for (unsigned i = 0; i < size; i++)
        text_add(text, "%02x", digest[i]);
    ck_assert_mem_eq(text, anytls_scheme_default.md5, sizeof anytls_scheme_default.md5);
}
END_TEST

START_TEST(the_default_scheme_is_valid_and_stops_at_8)
{
    struct anytls_scheme_result result = anytls_scheme_read(anytls_scheme_default.text);

    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.scheme.stop, 8);
    ck_assert_uint_eq(anytls_scheme_default.stop, 8);
    ck_assert_ptr_eq(result.scheme.text.bytes, anytls_scheme_default.text.bytes);
    ck_assert_uint_eq(result.scheme.text.size, anytls_scheme_default.text.size);
    for (size_t i = 0; i < ANYTLS_MD5_TEXT_SIZE; i++)
        ck_assert_uint_eq(result.scheme.md5[i], 0);
}
END_TEST

/* ---- Whole schemes ---- */

static const struct {
    const char *scheme;
    enum anytls_status status;
    size_t line;
    uint32_t stop;
} schemes[] = {
    {"stop=8", ANYTLS_OK, 1, 8},
    {"stop=0", ANYTLS_OK, 1, 0},
    {"stop=4294967295", ANYTLS_OK, 1, 4294967295u},
    {"stop=99999999999", ANYTLS_OK, 1, 4294967295u},
    {"0=30-30\nstop=1", ANYTLS_OK, 2, 1},
    {"stop=8\nstop=9", ANYTLS_OK, 2, 9},
    {"stop=8\n", ANYTLS_OK, 1, 8},
    {"stop=8\n\n# a comment\nx=1-70000", ANYTLS_OK, 1, 8},
    {"", ANYTLS_BAD_STOP, 0, 0},
    {"0=30-30", ANYTLS_BAD_STOP, 0, 0},
    {"stop", ANYTLS_BAD_STOP, 0, 0},
    {" stop=8", ANYTLS_BAD_STOP, 0, 0},
    {"Stop=8", ANYTLS_BAD_STOP, 0, 0},
    {"stop=", ANYTLS_BAD_STOP, 1, 0},
    {"stop=abc", ANYTLS_BAD_STOP, 1, 0},
    {"stop=-1", ANYTLS_BAD_STOP, 1, 0},
    {"stop=8\r\n0=30-30\r\n", ANYTLS_BAD_STOP, 1, 0},
    {"stop= 8", ANYTLS_BAD_STOP, 1, 0},
    {"stop=8\nstop=x", ANYTLS_BAD_STOP, 2, 0},
    {"stop=8\n1=65535-65535", ANYTLS_OK, 1, 8},
    {"stop=8\n1=1-65536", ANYTLS_BAD_SIZE, 2, 0},
    {"stop=8\n1=65536-1", ANYTLS_BAD_SIZE, 2, 0},
    {"stop=8\n1=1-2,c\n2=c,4294967296-4294967297", ANYTLS_BAD_SIZE, 3, 0},
    {"stop=8\n1=0-65536", ANYTLS_BAD_SIZE, 2, 0},
    {"stop=8\n9=1-65536", ANYTLS_BAD_SIZE, 2, 0},
    {"1=70000-70000\nstop=x", ANYTLS_BAD_SIZE, 1, 0},
    {"stop=8\n01=1-65536", ANYTLS_OK, 1, 8},
    {"stop=8\n1=5,x-y,-,1-,-1,a,c c,0-0,0-5,5-0", ANYTLS_OK, 1, 8},
};

/* PAD-STOP, PAD-SIZES */
START_TEST(a_scheme_needs_a_stop_and_sizes_of_no_more_than_65535)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct anytls_scheme_result result = anytls_scheme_read(text_of(schemes[i].scheme));

        ck_assert_msg(result.status == schemes[i].status, "%s: %s", schemes[i].scheme,
                      anytls_status_text(result.status));
        ck_assert_msg(result.line == schemes[i].line, "%s: line %zu", schemes[i].scheme,
                      result.line);
        if (result.status == ANYTLS_OK)
            ck_assert_uint_eq(result.scheme.stop, schemes[i].stop);
    }
}
END_TEST

/* LIMIT-SCHEME */
START_TEST(a_scheme_of_over_4096_bytes_is_too_long)
{
    static uint8_t bytes[ANYTLS_SCHEME_SIZE_MAX + 1];
    struct anytls_text scheme = {bytes, ANYTLS_SCHEME_SIZE_MAX};

    memset(bytes, '\n', sizeof bytes);
    memcpy(bytes, "stop=8", 6);
    ck_assert_int_eq(anytls_scheme_read(scheme).status, ANYTLS_OK);
    scheme.size++;
    ck_assert_int_eq(anytls_scheme_read(scheme).status, ANYTLS_TOO_LONG);
    ck_assert_uint_eq(anytls_scheme_read(scheme).line, 0);
}
END_TEST

/* LIMIT-ITEMS */
START_TEST(a_line_of_over_64_items_is_refused)
{
    text[0] = '\0';
    text_add(text, "stop=8\n1=c");
    for (int i = 1; i < 64; i++)
        text_add(text, ",%s", i % 2 ? "1-2" : "junk");
    ck_assert_int_eq(status_of(text), ANYTLS_OK);
    text_add(text, ",c");
    ck_assert_int_eq(status_of(text), ANYTLS_TOO_MANY_ITEMS);
    ck_assert_uint_eq(anytls_scheme_read(text_of(text)).line, 2);
}
END_TEST

START_TEST(too_big_a_size_behind_64_items_is_named_first)
{
    text[0] = '\0';
    text_add(text, "stop=8\n1=c");
    for (int i = 1; i < 64; i++)
        text_add(text, ",c");
    text_add(text, ",1-65536");
    ck_assert_int_eq(status_of(text), ANYTLS_BAD_SIZE);
}
END_TEST

/* ---- Lines ---- */

static void check_line(const char *scheme, uint32_t write, const char *expected)
{
    struct anytls_text line = anytls_padding_line(text_of(scheme), write);

    ck_assert_uint_eq(line.size, strlen(expected));
    ck_assert(line.size == 0 || memcmp(line.bytes, expected, line.size) == 0);
}

/* PAD-LINES */
START_TEST(a_line_is_found_by_its_number_and_of_two_the_last)
{
    check_line("stop=8\n1=a\n2=b", 1, "a");
    check_line("stop=8\n1=a\n2=b", 2, "b");
    check_line("stop=8\n1=a\n2=b", 3, "");
    check_line("stop=8\n2=b\n1=a", 1, "a");
    check_line("1=a\n1=b", 1, "b");
    check_line("1=a\n1=", 1, "");
    check_line("10=x\n1=a\n11=y", 1, "a");
    check_line("0=z", 0, "z");
    check_line("4294967295=m", 4294967295u, "m");
    check_line("", 0, "");
}
END_TEST

START_TEST(a_line_number_has_one_spelling_alone)
{
    check_line("01=a", 1, "");
    check_line("00=a", 0, "");
    check_line("+1=a\n 1=b\n1 =c\n-1=d", 1, "");
    check_line("1", 1, "");
    check_line("=a", 0, "");
}
END_TEST

/* ---- Items ---- */

/* The items of a line: r for a range with its numbers, c, i for ignored, ! for too big. */
static void check_items(const char *string, const char *expected)
{
    struct anytls_text line = text_of(string);
    struct anytls_item item = anytls_padding_item_next(line, 0);

    text[0] = '\0';
    while (item.kind != ANYTLS_ITEM_END) {
        if (item.kind == ANYTLS_ITEM_RANGE)
            text_add(text, "r%u-%u ", item.min, item.max);
        else
            text_add(text, "%s ",
                     item.kind == ANYTLS_ITEM_CHECK     ? "c"
                     : item.kind == ANYTLS_ITEM_IGNORED ? "i"
                                                        : "!");
        ck_assert_uint_le(item.next, line.size);
        item = anytls_padding_item_next(line, item.next);
    }
    ck_assert_str_eq(text, expected);
}

/* PAD-ITEMS */
START_TEST(items_are_ranges_and_checks_and_anything_else_is_ignored)
{
    check_items("", "");
    check_items("c", "c ");
    check_items("30-30", "r30-30 ");
    check_items("9-9,500-1000", "r9-9 r500-1000 ");
    check_items("400-500,c,500-1000", "r400-500 c r500-1000 ");
    check_items("cc,C,5,x", "i i i i ");
    check_items(",c", "i c ");
    check_items("c,", "c ");
    check_items(",,", "i i ");
    check_items(" c,c , 1-2,1 -2,1-2 ,1-2\r", "i i i i i i ");
    check_items("-,1-,-1,--,1--2,1-2-3", "i i i i i i ");
    check_items("c-c,a-1,1-a", "i i i ");
    check_items("007-08", "r7-8 ");
    check_items("c1,x-1", "i i ");
}
END_TEST

START_TEST(a_range_the_wrong_way_round_is_swapped)
{
    check_items("500-100", "r100-500 ");
    check_items("2-1,1-1,65535-1", "r1-2 r1-1 r1-65535 ");
}
END_TEST

START_TEST(a_range_with_zero_is_ignored)
{
    check_items("0-0,0-5,5-0", "i i i ");
}
END_TEST

START_TEST(a_range_over_65535_is_too_big)
{
    check_items("1-65535,1-65536,65536-1,65536-65536,0-65536,4294967296-1,99999999999-2",
                "r1-65535 ! ! ! ! ! ! ");
}
END_TEST

START_TEST(reading_an_item_at_or_behind_the_end_is_the_end)
{
    ck_assert_int_eq(anytls_padding_item_next(text_of("c"), 1).kind, ANYTLS_ITEM_END);
    ck_assert_int_eq(anytls_padding_item_next(text_of("c"), 2).kind, ANYTLS_ITEM_END);
    ck_assert_uint_eq(anytls_padding_item_next(text_of("c"), 2).next, 2);
}
END_TEST

/* ---- Anything at all ---- */

START_TEST(random_texts_are_read_without_harm_and_refused_with_a_line_that_they_have)
{
    static const char letters[] = "0123456789=-,c\nstop 65536";
    uint32_t seed = 77;

    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[40];
        struct anytls_text random = {bytes, random_next(&seed) % sizeof bytes};
        struct anytls_scheme_result result;
        size_t lines = 1;

        for (size_t i = 0; i < random.size; i++) {
            bytes[i] = (uint8_t)letters[random_next(&seed) % (sizeof letters - 1)];
            lines += bytes[i] == '\n';
        }
        result = anytls_scheme_read(random);
        must(result.line <= lines, "line %zu of %zu", result.line, lines);
        must(result.status != ANYTLS_OK || result.line > 0, "valid without a stop line");
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_default_scheme_is_the_text_of_the_document,
        the_default_scheme_has_the_md5_of_its_text,
        the_default_scheme_is_valid_and_stops_at_8,
        a_scheme_needs_a_stop_and_sizes_of_no_more_than_65535,
        a_scheme_of_over_4096_bytes_is_too_long,
        a_line_of_over_64_items_is_refused,
        too_big_a_size_behind_64_items_is_named_first,
        a_line_is_found_by_its_number_and_of_two_the_last,
        a_line_number_has_one_spelling_alone,
        items_are_ranges_and_checks_and_anything_else_is_ignored,
        a_range_the_wrong_way_round_is_swapped,
        a_range_with_zero_is_ignored,
        a_range_over_65535_is_too_big,
        reading_an_item_at_or_behind_the_end_is_the_end,
        random_texts_are_read_without_harm_and_refused_with_a_line_that_they_have,
    };

    return suite_run("padding", tests, COUNT(tests));
}
