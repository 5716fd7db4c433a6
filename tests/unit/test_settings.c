/* Settings texts. */
#include "support.h"

#include <string.h>

static void check_text(struct anytls_text text, const char *expected)
{
    ck_assert_uint_eq(text.size, strlen(expected));
    ck_assert(text.size == 0 || memcmp(text.bytes, expected, text.size) == 0);
}

/* ---- Reading ---- */

/* SETTINGS-ITEMS: the lines as "key>value", "-" for a line that is no item. */
static void check_lines(const char *string, const char *expected)
{
    struct anytls_text text = text_of(string);
    struct anytls_setting line = anytls_settings_next(text, 0);
    static char found[TEXT_MAX];

    found[0] = '\0';
    while (line.status == ANYTLS_OK) {
        if (line.item)
            text_add(found, "%.*s>%.*s;", (int)line.key.size, (const char *)line.key.bytes,
                     (int)line.value.size, (const char *)line.value.bytes);
        else
            text_add(found, "-;");
        ck_assert_uint_le(line.next, text.size);
        line = anytls_settings_next(text, line.next);
    }
    ck_assert_int_eq(line.status, ANYTLS_END);
    ck_assert_str_eq(found, expected);
}

START_TEST(a_text_is_lines_and_the_first_equals_sign_splits_a_line)
{
    check_lines("", "");
    check_lines("v=2", "v>2;");
    check_lines("v=2\nclient=a/1", "v>2;client>a/1;");
    check_lines("v=2\n", "v>2;");
    check_lines("\nv=2", "-;v>2;");
    check_lines("\n\n", "-;-;");
    check_lines("v=2\n\nw=3", "v>2;-;w>3;");
    check_lines("a=b=c", "a>b=c;");
    check_lines("=", ">;");
    check_lines("=x", ">x;");
    check_lines("x=", "x>;");
    check_lines("x", "-;");
    check_lines("x\ny=1", "-;y>1;");
    check_lines("==", ">=;");
}
END_TEST

START_TEST(spaces_and_carriage_returns_are_bytes_like_others)
{
    check_lines(" v = 2 \r\nw=\t1", " v > 2 \r;w>\t1;");
}
END_TEST

START_TEST(reading_at_or_behind_the_end_is_the_end)
{
    struct anytls_text none = {NULL, 0};

    ck_assert_int_eq(anytls_settings_next(text_of("v=2"), 3).status, ANYTLS_END);
    ck_assert_int_eq(anytls_settings_next(text_of("v=2"), 4).status, ANYTLS_END);
    ck_assert_int_eq(anytls_settings_next(none, 0).status, ANYTLS_END);
}
END_TEST

/* SETTINGS-DUPLICATES */
START_TEST(of_a_key_that_stands_there_twice_the_last_value_counts)
{
    struct anytls_text text = text_of("a=1\nb=2\na=3\nab=4\nA=5\na");

    check_text(anytls_settings_find(text, "a").value, "3");
    check_text(anytls_settings_find(text, "b").value, "2");
    check_text(anytls_settings_find(text, "ab").value, "4");
    ck_assert(anytls_settings_find(text, "a").found);
    ck_assert(!anytls_settings_find(text, "c").found);
    ck_assert(!anytls_settings_find(text, "").found);
    ck_assert(!anytls_settings_find(text_of("a"), "a").found);
}
END_TEST

START_TEST(an_empty_value_is_found)
{
    struct anytls_setting_value value = anytls_settings_find(text_of("a=1\na="), "a");

    ck_assert(value.found);
    ck_assert_uint_eq(value.value.size, 0);
}
END_TEST

/* SETTINGS-VERSION */
START_TEST(a_version_is_1_unless_a_number_of_2_or_more_stands_there)
{
    static const struct {
        const char *text;
        unsigned version;
    } rows[] = {
        {"", 1},
        {"v=", 1},
        {"v=0", 1},
        {"v=1", 1},
        {"v=2", 2},
        {"v=3", 2},
        {"v=255", 2},
        {"v=256", 2},
        {"v=65536", 2},
        {"v=4294967296", 2},
        {"v=4294967298", 2},
        {"v=99999999999999999999", 2},
        {"v=18446744073709551616", 2},
        {"v=-2", 1},
        {"v=+2", 1},
        {"v= 2", 1},
        {"v=2 ", 1},
        {"v=2\r", 1},
        {"v=02", 2},
        {"v=two", 1},
        {"V=2", 1},
        {"client=x", 1},
        {"v=2\nv=1", 1},
        {"v=1\nv=2", 2},
        {"v=2\nv=x", 1},
        {"client=v=2", 1},
        {"x=1\nv=2\ny=1", 2},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        ck_assert_msg(anytls_settings_version(text_of(rows[i].text)) == rows[i].version, "%s",
                      rows[i].text);
}
END_TEST

/* ---- Writing ---- */

static const uint8_t md5[] = RIG_MD5;

/* SETTINGS-CLIENT */
START_TEST(client_settings_are_version_name_and_md5_in_this_order)
{
    uint8_t out[100];
    struct anytls_written written =
        anytls_settings_client_write(2, text_of("anytls-ref/1"), md5, out, sizeof out);
    struct anytls_text text = {out, written.size};

    ck_assert_int_eq(written.status, ANYTLS_OK);
    check_text(text, "v=2\nclient=anytls-ref/1\npadding-md5=" RIG_MD5);
    text.size = anytls_settings_client_write(1, text_of(""), md5, out, sizeof out).size;
    check_text(text, "v=1\nclient=\npadding-md5=" RIG_MD5);
}
END_TEST

START_TEST(client_settings_are_written_where_they_fit_and_not_at_all_where_not)
{
    const size_t need = 3 + 8 + 5 + 13 + 32;

    for (size_t capacity = 0; capacity <= need + 1; capacity++) {
        uint8_t out[100];
        struct anytls_written written;

        memset(out, 0xee, sizeof out);
        written = anytls_settings_client_write(2, text_of("name1"), md5, out, capacity);
        ck_assert_int_eq(written.status, capacity < need ? ANYTLS_NO_ROOM : ANYTLS_OK);
        ck_assert_uint_eq(written.size, capacity < need ? 0 : need);
        for (size_t i = written.size; i < sizeof out; i++)
            ck_assert_uint_eq(out[i], 0xee);
    }
}
END_TEST

/* LIMIT-NAME */
START_TEST(a_client_name_over_its_limit_is_too_long)
{
    static const uint8_t name[ANYTLS_CLIENT_NAME_MAX + 1] = {0};
    struct anytls_text text = {name, ANYTLS_CLIENT_NAME_MAX};
    uint8_t out[300];

    ck_assert_int_eq(anytls_settings_client_write(2, text, md5, out, sizeof out).status, ANYTLS_OK);
    text.size++;
    ck_assert_int_eq(anytls_settings_client_write(2, text, md5, out, sizeof out).status,
                     ANYTLS_TOO_LONG);
    ck_assert_uint_eq(anytls_settings_client_write(2, text, md5, out, sizeof out).size, 0);
}
END_TEST

/* SETTINGS-SERVER */
START_TEST(server_settings_are_the_version)
{
    uint8_t out[4] = {0};

    ck_assert_uint_eq(anytls_settings_server_write(2, out, 3).size, 3);
    ck_assert_mem_eq(out, "v=2", 4);
    ck_assert_uint_eq(anytls_settings_server_write(1, out, 4).size, 3);
    ck_assert_mem_eq(out, "v=1", 4);
    for (size_t capacity = 0; capacity < 3; capacity++) {
        memset(out, 0xee, sizeof out);
        ck_assert_int_eq(anytls_settings_server_write(2, out, capacity).status, ANYTLS_NO_ROOM);
        ck_assert_uint_eq(out[0], 0xee);
    }
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
    uint8_t out[100];
    struct anytls_text text = {out, 0};

    text.size = anytls_settings_client_write(2, text_of("n"), md5, out, sizeof out).size;
    ck_assert_uint_eq(anytls_settings_version(text), 2);
    check_text(anytls_settings_find(text, "client").value, "n");
    check_text(anytls_settings_find(text, "padding-md5").value, RIG_MD5);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_text_is_lines_and_the_first_equals_sign_splits_a_line,
        spaces_and_carriage_returns_are_bytes_like_others,
        reading_at_or_behind_the_end_is_the_end,
        of_a_key_that_stands_there_twice_the_last_value_counts,
        an_empty_value_is_found,
        a_version_is_1_unless_a_number_of_2_or_more_stands_there,
        client_settings_are_version_name_and_md5_in_this_order,
        client_settings_are_written_where_they_fit_and_not_at_all_where_not,
        a_client_name_over_its_limit_is_too_long,
        server_settings_are_the_version,
        what_is_written_is_read_back,
    };

    return suite_run("settings", tests, COUNT(tests));
}
