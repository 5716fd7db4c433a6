/* The table of open streams. */
#include "support.h"

#include <string.h>

static struct anytls_stream entries[8];
static struct anytls_streams streams;

static void begin(void)
{
    memset(entries, 0x5a, sizeof entries);
    memset(&streams, 0, sizeof streams);
    streams.entries = entries;
    streams.capacity = COUNT(entries);
}

START_TEST(an_id_is_fresh_above_the_highest_and_past_at_or_below_it)
{
    begin();
    ck_assert_int_eq(anytls_streams_state(&streams, 0), ANYTLS_STREAM_PAST);
    ck_assert_int_eq(anytls_streams_state(&streams, 1), ANYTLS_STREAM_FRESH);
    anytls_streams_open(&streams, 5, NULL);
    ck_assert_int_eq(anytls_streams_state(&streams, 4), ANYTLS_STREAM_PAST);
    ck_assert_int_eq(anytls_streams_state(&streams, 5), ANYTLS_STREAM_OPENING);
    ck_assert_int_eq(anytls_streams_state(&streams, 6), ANYTLS_STREAM_FRESH);
    anytls_streams_close(&streams, 0);
    ck_assert_int_eq(anytls_streams_state(&streams, 5), ANYTLS_STREAM_PAST);
}
END_TEST

START_TEST(a_lower_id_leaves_the_highest_as_it_is)
{
    begin();
    anytls_streams_open(&streams, 4294967295u, NULL);
    anytls_streams_open(&streams, 3, NULL);
    ck_assert_uint_eq(streams.highest, 4294967295u);
    ck_assert_int_eq(anytls_streams_state(&streams, 4294967294u), ANYTLS_STREAM_PAST);
}
END_TEST

START_TEST(a_stream_is_accepted_once)
{
    begin();
    anytls_streams_open(&streams, 1, NULL);
    anytls_streams_open(&streams, 2, NULL);
    ck_assert_uint_eq(streams.opening, 2);
    anytls_streams_accept(&streams, 0);
    anytls_streams_accept(&streams, 0);
    ck_assert_uint_eq(streams.opening, 1);
    ck_assert_int_eq(anytls_streams_state(&streams, 1), ANYTLS_STREAM_OPEN);
    ck_assert_int_eq(anytls_streams_state(&streams, 2), ANYTLS_STREAM_OPENING);
}
END_TEST

START_TEST(closing_counts_streams_with_and_without_synack)
{
    begin();
    anytls_streams_open(&streams, 1, NULL);
    anytls_streams_open(&streams, 2, NULL);
    anytls_streams_accept(&streams, 0);
    anytls_streams_close(&streams, 0);
    ck_assert_uint_eq(streams.opening, 1);
    anytls_streams_close(&streams, 0);
    ck_assert_uint_eq(streams.opening, 0);
    ck_assert_uint_eq(streams.count, 0);
}
END_TEST

START_TEST(a_closed_stream_is_not_found_although_its_entry_is_still_there)
{
    begin();
    anytls_streams_open(&streams, 7, NULL);
    ck_assert(anytls_streams_find(&streams, 7).found);
    anytls_streams_close(&streams, 0);
    ck_assert(!anytls_streams_find(&streams, 7).found);
}
END_TEST

START_TEST(finding_is_the_same_whatever_was_found_before)
{
    begin();
    for (uint32_t id = 1; id <= 4; id++)
        anytls_streams_open(&streams, id, NULL);
    for (uint32_t first = 0; first <= 5; first++) {
        for (uint32_t second = 0; second <= 5; second++) {
            struct anytls_stream_place place;

            anytls_streams_find(&streams, first);
            place = anytls_streams_find(&streams, second);
            ck_assert_int_eq(place.found, second >= 1 && second <= 4);
            ck_assert(!place.found || entries[place.index].id == second);
        }
    }
}
END_TEST

/* ---- Against a naive model ---- */

struct model {
    bool open[10];
    bool accepted[10];
    void *user[10];
    uint32_t highest;
};

static void check_against(const struct model *model)
{
    size_t count = 0;
    size_t opening = 0;

    for (uint32_t id = 0; id < 10; id++) {
        struct anytls_stream_place place = anytls_streams_find(&streams, id);
        enum anytls_stream_state state = anytls_streams_state(&streams, id);
        enum anytls_stream_state expected =
            id > model->highest ? ANYTLS_STREAM_FRESH : ANYTLS_STREAM_PAST;

        if (model->open[id])
            expected = model->accepted[id] ? ANYTLS_STREAM_OPEN : ANYTLS_STREAM_OPENING;
        must(place.found == model->open[id], "stream %u found", id);
        must(state == expected, "state of stream %u", id);
        must(!place.found || entries[place.index].user == model->user[id], "user of %u", id);
        count += model->open[id];
        opening += model->open[id] && !model->accepted[id];
    }
    must(streams.count == count && streams.opening == opening, "counts");
    must(streams.highest == model->highest, "highest");
}

START_TEST(random_openings_and_closings_agree_with_a_naive_model)
{
    static struct model model;
    static char users[10];
    uint32_t seed = 9;

    memset(&model, 0, sizeof model);
    begin();
    for (int round = 0; round < 50000; round++) {
        uint32_t id = random_next(&seed) % 10;
        uint32_t what = random_next(&seed) % 3;
        struct anytls_stream_place place = anytls_streams_find(&streams, id);

        if (what == 0 && !model.open[id] && streams.count < streams.capacity) {
            anytls_streams_open(&streams, id, &users[id]);
            model.open[id] = true;
            model.accepted[id] = false;
            model.user[id] = &users[id];
            if (id > model.highest)
                model.highest = id;
        } else if (what == 1 && model.open[id]) {
            anytls_streams_accept(&streams, place.index);
            model.accepted[id] = true;
        } else if (what == 2 && model.open[id]) {
            anytls_streams_close(&streams, place.index);
            model.open[id] = false;
        }
        check_against(&model);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        an_id_is_fresh_above_the_highest_and_past_at_or_below_it,
        a_lower_id_leaves_the_highest_as_it_is,
        a_stream_is_accepted_once,
        closing_counts_streams_with_and_without_synack,
        a_closed_stream_is_not_found_although_its_entry_is_still_there,
        finding_is_the_same_whatever_was_found_before,
        random_openings_and_closings_agree_with_a_naive_model,
    };

    return suite_run("streams", tests, COUNT(tests));
}
