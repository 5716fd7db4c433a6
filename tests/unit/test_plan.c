/* Planning a write as records by a padding scheme. */
#include "support.h"

#include <string.h>

static char found[TEXT_MAX];

static struct anytls_scheme scheme_of(const char *text)
{
    struct anytls_scheme_result result = anytls_scheme_read(text_of(text));

    ck_assert_int_eq(result.status, ANYTLS_OK);
    return result.scheme;
}

/* The records of write 1 as "payload+waste", all with the same random number. */
static const char *plan(const char *line, size_t size, uint32_t random)
{
    static char text[TEXT_MAX];
    struct anytls_scheme scheme;
    struct anytls_plan plan;
    struct anytls_record record;

    text[0] = '\0';
    text_add(text, "stop=2\n1=%s", line);
    scheme = scheme_of(text);
    plan = anytls_plan_begin(&scheme, 1, size);
    found[0] = '\0';
    for (record = anytls_plan_next(&plan, random); record.more;
         record = anytls_plan_next(&plan, random))
        text_add(found, "%zu+%zu ", record.payload, record.waste);
    ck_assert_uint_eq(record.payload + record.waste, 0);
    ck_assert(!anytls_plan_next(&plan, random).more);
    return found;
}

/* ---- Records ---- */

/* PAD-RECORDS */
START_TEST(payload_over_the_sizes_is_cut_at_them_and_the_rest_written_as_it_is)
{
    ck_assert_str_eq(plan("100-100,50-50", 1000, 0), "100+0 50+0 850+0 ");
    ck_assert_str_eq(plan("100-100", 101, 0), "100+0 1+0 ");
}
END_TEST

START_TEST(payload_under_the_size_is_filled_with_waste)
{
    ck_assert_str_eq(plan("100-100", 1, 0), "1+99 ");
    ck_assert_str_eq(plan("100-100", 93, 0), "93+7 ");
}
END_TEST

START_TEST(fewer_than_7_bytes_left_to_fill_stay_unfilled)
{
    ck_assert_str_eq(plan("100-100", 94, 0), "94+0 ");
    ck_assert_str_eq(plan("100-100", 99, 0), "99+0 ");
    ck_assert_str_eq(plan("100-100", 100, 0), "100+0 ");
}
END_TEST

START_TEST(a_size_without_payload_is_a_record_of_waste_of_exactly_that_size)
{
    ck_assert_str_eq(plan("100-100,50-50,65535-65535", 100, 0), "100+0 0+50 0+65535 ");
    ck_assert_str_eq(plan("8-8", 0, 0), "0+8 ");
}
END_TEST

START_TEST(a_record_of_waste_has_at_least_its_header)
{
    ck_assert_str_eq(plan("1-1,6-6,7-7,8-8", 0, 0), "0+7 0+7 0+7 0+8 ");
}
END_TEST

START_TEST(a_check_ends_the_write_where_no_payload_is_left)
{
    ck_assert_str_eq(plan("100-100,c,50-50", 100, 0), "100+0 ");
    ck_assert_str_eq(plan("100-100,c,50-50", 101, 0), "100+0 1+49 ");
    ck_assert_str_eq(plan("c,50-50", 0, 0), "");
    ck_assert_str_eq(plan("c,50-50", 1, 0), "1+49 ");
    ck_assert_str_eq(plan("c,c,10-10,c", 10, 0), "10+0 ");
}
END_TEST

START_TEST(items_that_are_ignored_plan_nothing)
{
    ck_assert_str_eq(plan("x,0-0,10-10,junk", 15, 0), "10+0 5+0 ");
    ck_assert_str_eq(plan("x", 15, 0), "15+0 ");
    ck_assert_str_eq(plan("x", 0, 0), "");
}
END_TEST

START_TEST(a_write_of_no_bytes_without_sizes_is_no_record)
{
    ck_assert_str_eq(plan("", 0, 0), "");
    ck_assert_str_eq(plan("", 5, 0), "5+0 ");
}
END_TEST

/* PAD-RANGE */
START_TEST(the_size_is_drawn_from_the_closed_range_by_the_random_number)
{
    static const struct {
        uint32_t random;
        const char *records;
    } rows[] = {
        {0, "0+100 "},   {1, "0+101 "},           {100, "0+200 "},
        {101, "0+100 "}, {4294967295u, "0+167 "}, {201, "0+200 "},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        ck_assert_str_eq(plan("100-200", 0, rows[i].random), rows[i].records);
    ck_assert_str_eq(plan("200-100", 0, 100), "0+200 ");
}
END_TEST

/* ---- Which writes ---- */

/* PAD-WRITES, PAD-NO-LINE */
START_TEST(writes_from_stop_on_and_writes_without_a_line_are_one_record)
{
    struct anytls_scheme scheme = scheme_of("stop=3\n1=10-10\n3=10-10");

    for (uint32_t write = 0; write < 5; write++) {
        struct anytls_plan one = anytls_plan_begin(&scheme, write, 25);
        struct anytls_record record = anytls_plan_next(&one, 0);

        ck_assert(record.more);
        ck_assert_uint_eq(record.payload, write == 1 ? 10 : 25);
        ck_assert_uint_eq(record.waste, 0);
    }
}
END_TEST

START_TEST(the_default_scheme_shapes_its_writes)
{
    static const struct {
        uint32_t write;
        size_t size;
        uint32_t random;
        const char *records;
    } rows[] = {
        {1, 50, 0, "50+50 "},          {1, 50, 300, "50+350 "},
        {1, 500, 300, "400+0 100+0 "}, {2, 100, 0, "100+300 "},
        {2, 400, 0, "400+0 "},         {2, 2600, 0, "400+0 500+0 500+0 500+0 500+0 200+0 "},
        {3, 9, 0, "9+0 0+500 "},       {3, 600, 500, "9+0 591+409 "},
        {7, 0, 0, "0+500 "},           {8, 70000, 0, "70000+0 "},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct anytls_plan step =
            anytls_plan_begin(&anytls_scheme_default, rows[i].write, rows[i].size);
        struct anytls_record record;

        found[0] = '\0';
        for (record = anytls_plan_next(&step, rows[i].random); record.more;
             record = anytls_plan_next(&step, rows[i].random))
            text_add(found, "%zu+%zu ", record.payload, record.waste);
        ck_assert_str_eq(found, rows[i].records);
    }
}
END_TEST

START_TEST(a_plan_covers_the_payload_once_in_records_within_their_range)
{
    struct anytls_scheme scheme = scheme_of("stop=2\n1=20-60,c,5-9,x,1-100,c,30-30,8-4");
    static const uint32_t ranges[][2] = {{20, 60}, {5, 9}, {1, 100}, {30, 30}, {4, 8}};
    uint32_t seed = 5;

    for (size_t size = 0; size < 300; size++) {
        struct anytls_plan one = anytls_plan_begin(&scheme, 1, size);
        struct anytls_record record;
        size_t covered = 0;
        size_t at = 0;

        for (record = anytls_plan_next(&one, random_next(&seed)); record.more;
             record = anytls_plan_next(&one, random_next(&seed))) {
            size_t total = record.payload + record.waste;

            covered += record.payload;
            must(one.remaining == size - covered, "remaining at %zu", size);
            must(record.waste == 0 || record.waste >= 7, "waste of %zu", record.waste);
            must(total > 0, "an empty record");
            if (at < COUNT(ranges)) {
                must(total <= (ranges[at][1] < 7 ? 7 : ranges[at][1]), "%zu is over", total);
                must(total >= ranges[at][0] || covered == size, "%zu is under", total);
            }
            at++;
        }
        must(covered == size, "%zu of %zu bytes", covered, size);
    }
}
END_TEST

/* ---- padding0 ---- */

/* PAD-ZERO */
START_TEST(padding0_is_drawn_from_the_first_range_of_line_0)
{
    static const struct {
        const char *scheme;
        uint32_t random;
        uint16_t size;
    } rows[] = {
        {"stop=8\n0=30-30", 12345, 30},
        {"stop=8\n0=30-40", 0, 30},
        {"stop=8\n0=30-40", 10, 40},
        {"stop=8\n0=30-40", 11, 30},
        {"stop=8\n0=65535-65535", 1, 65535},
        {"stop=8\n0=c,x,5-5,9-9", 1, 5},
        {"stop=8\n0=c,x", 1, 0},
        {"stop=8\n0=", 1, 0},
        {"stop=8\n1=30-30", 1, 0},
        {"stop=0\n0=30-30", 1, 0},
        {"stop=1\n0=30-30", 1, 30},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct anytls_scheme scheme = scheme_of(rows[i].scheme);

        ck_assert_msg(anytls_padding_zero(&scheme, rows[i].random) == rows[i].size, "%s",
                      rows[i].scheme);
    }
    ck_assert_uint_eq(anytls_padding_zero(&anytls_scheme_default, 99), 30);
}
END_TEST

/* ---- Waste ---- */

/* PAD-WASTE */
START_TEST(waste_is_a_frame_of_zeros_with_its_header_in_the_size)
{
    static uint8_t out[65600];
    static const size_t sizes[] = {7, 8, 9, 1000, 65535, 65541, 65542};

    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct anytls_written written;
        size_t length = sizes[i] - 7;

        memset(out, 0xee, sizeof out);
        written = anytls_waste_encode(sizes[i], out, sizes[i]);
        ck_assert_int_eq(written.status, ANYTLS_OK);
        ck_assert_uint_eq(written.size, sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            must(out[at] == (at == 5 ? length / 256 : at == 6 ? length % 256 : 0), "at %zu", at);
        ck_assert_uint_eq(out[sizes[i]], 0xee);
    }
}
END_TEST

START_TEST(waste_of_another_size_or_without_room_is_not_written)
{
    uint8_t out[10];

    memset(out, 0xee, sizeof out);
    for (size_t size = 0; size < 7; size++)
        ck_assert_int_eq(anytls_waste_encode(size, out, sizeof out).status, ANYTLS_TOO_LONG);
    ck_assert_int_eq(anytls_waste_encode(65543, out, 70000).status, ANYTLS_TOO_LONG);
    ck_assert_uint_eq(anytls_waste_encode(65543, out, 70000).size, 0);
    for (size_t capacity = 0; capacity < 9; capacity++)
        ck_assert_int_eq(anytls_waste_encode(9, out, capacity).status, ANYTLS_NO_ROOM);
    for (size_t i = 0; i < sizeof out; i++)
        ck_assert_uint_eq(out[i], 0xee);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        payload_over_the_sizes_is_cut_at_them_and_the_rest_written_as_it_is,
        payload_under_the_size_is_filled_with_waste,
        fewer_than_7_bytes_left_to_fill_stay_unfilled,
        a_size_without_payload_is_a_record_of_waste_of_exactly_that_size,
        a_record_of_waste_has_at_least_its_header,
        a_check_ends_the_write_where_no_payload_is_left,
        items_that_are_ignored_plan_nothing,
        a_write_of_no_bytes_without_sizes_is_no_record,
        the_size_is_drawn_from_the_closed_range_by_the_random_number,
        writes_from_stop_on_and_writes_without_a_line_are_one_record,
        the_default_scheme_shapes_its_writes,
        a_plan_covers_the_payload_once_in_records_within_their_range,
        padding0_is_drawn_from_the_first_range_of_line_0,
        waste_is_a_frame_of_zeros_with_its_header_in_the_size,
        waste_of_another_size_or_without_room_is_not_written,
    };

    return suite_run("plan", tests, COUNT(tests));
}
