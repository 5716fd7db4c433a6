/* An endpoint: the preamble, the fallback, the end. */
#include "support.h"

#include <string.h>

static struct rig rig;
static struct bytes in;

static void begin(void)
{
    rig_reset(&rig);
    rig.config.preamble_timeout = 500;
    rig_begin(&rig, RIG_ENDPOINT);
}

/* ---- The preamble ---- */

/* AUTH-SPLIT: the rig gives it in all cuts */
START_TEST(a_right_preamble_in_any_pieces_begins_a_session)
{
    static const size_t paddings[] = {0, 1, 30, 300, 3000};

    for (size_t i = 0; i < COUNT(paddings); i++) {
        uint8_t length[2] = {(uint8_t)(paddings[i] / 256), (uint8_t)(paddings[i] % 256)};
        static const uint8_t padding[3000];

        begin();
        in.size = 0;
        bytes_add_frames(&in, "raw " RIG_HASH);
        bytes_add(&in, length, 2);
        bytes_add(&in, padding, paddings[i]);
        bytes_add_frames(&in, RIG_SETTINGS_V2);
        ck_assert_int_eq(feed_bytes(&rig, in.at, in.size), ANYTLS_OK);
        saw(&rig, "authenticated|settings v=2\npadding-md5=" RIG_MD5);
        sent(&rig, "ServerSettings 0 v=2");
    }
}
END_TEST

/* AUTH-PADDING-READ */
START_TEST(padding_of_any_content_is_read_and_ignored)
{
    begin();
    exchange(&rig, "raw " RIG_HASH "<0007ff040000000100>|HeartRequest 7", "authenticated",
             "HeartResponse 7");
}
END_TEST

START_TEST(a_preamble_that_is_not_whole_begins_nothing)
{
    begin();
    exchange(&rig, "raw " RIG_HASH "<000501020304>", "", "");
}
END_TEST

/* ---- The fallback ---- */

/* AUTH-FALLBACK */
START_TEST(another_hash_falls_back_with_exactly_the_bytes_that_came)
{
    begin();
    ck_assert_int_eq(feed(&rig, "raw " RIG_OTHER_HASH), ANYTLS_OK);
    saw(&rig, "fallback <00010203040506070809>\n<0b0c0d0e0f101112131415161718191a1b1c1d1e> ");
    ck_assert_int_eq(feed(&rig, "raw x"), ANYTLS_CLOSED);
    ck_assert_uint_eq(rig.consumed, 0);
    sent(&rig, "");
}
END_TEST

START_TEST(what_follows_another_hash_is_left_to_the_fallback)
{
    begin();
    ck_assert_int_eq(feed(&rig, "raw GET / HTTP/1.1\nHost: example.com\n\nmore"), ANYTLS_CLOSED);
    saw(&rig, "fallback GET / HTTP/1.1\nHost: example.com");
    ck_assert_uint_eq(rig.consumed, 32);
    sent(&rig, "");
}
END_TEST

START_TEST(an_end_before_the_verdict_falls_back_with_what_came)
{
    for (size_t size = 1; size < 32; size++) {
        static char expected[TEXT_MAX];
        static const uint8_t bytes[] = "GET / HTTP/1.0\n\n0123456789abcdef";

        begin();
        ck_assert_int_eq(feed_bytes(&rig, bytes, size), ANYTLS_OK);
        saw(&rig, "");
        ck_assert_int_eq(rig_end(&rig), ANYTLS_OK);
        expected[0] = '\0';
        text_add(expected, "fallback ");
        text_add_data(expected, bytes, size);
        saw(&rig, expected);
        ck_assert_int_eq(rig_end(&rig), ANYTLS_CLOSED);
    }
}
END_TEST

START_TEST(an_end_without_a_byte_is_no_fallback)
{
    begin();
    ck_assert_int_eq(rig_end(&rig), ANYTLS_OK);
    saw(&rig, "closed");
    ck_assert_int_eq(rig_end(&rig), ANYTLS_CLOSED);
    ck_assert_int_eq(feed(&rig, "raw x"), ANYTLS_CLOSED);
}
END_TEST

START_TEST(an_end_behind_the_right_hash_closes)
{
    static const char *const behind[] = {"", "<00>", "<0005>", "<000501020304>"};

    for (size_t i = 0; i < COUNT(behind); i++) {
        begin();
        in.size = 0;
        bytes_add_frames(&in, "raw " RIG_HASH);
        bytes_add_data(&in, behind[i]);
        feed_bytes(&rig, in.at, in.size);
        saw(&rig, "");
        ck_assert_int_eq(rig_end(&rig), ANYTLS_OK);
        saw(&rig, "closed (incomplete)");
        ck_assert_int_eq(feed(&rig, "raw x"), ANYTLS_CLOSED);
    }
}
END_TEST

START_TEST(an_end_in_the_session_closes)
{
    rig_speak(&rig, RIG_ENDPOINT, 2);
    feed(&rig, "SYN 1|PSH 1 <01>");
    ck_assert_int_eq(rig_end(&rig), ANYTLS_OK);
    saw(&rig, "closed");
    ck_assert_int_eq(rig_end(&rig), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_tick(&rig, 999999), ANYTLS_CLOSED);
    sent(&rig, "");
}
END_TEST

START_TEST(an_end_after_the_session_has_closed_answers_closed)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_ENDPOINT);
    feed(&rig, "raw " RIG_HASH "<0000>|SYN 1");
    saw(&rig, "authenticated|closed (SYN before Settings)");
    ck_assert_int_eq(rig_end(&rig), ANYTLS_CLOSED);
    saw(&rig, "");
}
END_TEST

/* ---- Deadlines ---- */

/* AUTH-DEADLINE */
START_TEST(a_preamble_that_is_late_falls_back_or_closes)
{
    static const struct {
        const char *came;
        const char *events;
    } rows[] = {
        {"", "fallback"},
        {"raw <00>", "fallback <00>"},
        {"raw 0123456789012345678901234567890", "fallback 0123456789012345678901234567890"},
        {"raw " RIG_HASH, "closed (peer is silent)"},
        {"raw " RIG_HASH "<00>", "closed (peer is silent)"},
        {"raw " RIG_HASH "<0002>x", "closed (peer is silent)"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        begin();
        ck_assert(rig_deadline(&rig).set);
        rig.now = 1400;
        feed(&rig, rows[i].came);
        ck_assert_uint_eq(rig_deadline(&rig).at, 1500); /* bytes do not put it off */
        ck_assert_int_eq(rig_tick(&rig, 1499), ANYTLS_OK);
        saw(&rig, "");
        ck_assert_int_eq(rig_tick(&rig, 1500), ANYTLS_OK);
        saw(&rig, rows[i].events);
        ck_assert_int_eq(rig_tick(&rig, 1501), ANYTLS_CLOSED);
        ck_assert(!rig_deadline(&rig).set);
        sent(&rig, "");
    }
}
END_TEST

START_TEST(a_preamble_that_is_in_time_ends_its_deadline)
{
    begin();
    feed(&rig, "raw " RIG_HASH "<0000>");
    ck_assert(!rig_deadline(&rig).set);
    ck_assert_int_eq(rig_tick(&rig, 99999), ANYTLS_OK);
    saw(&rig, "authenticated");
}
END_TEST

START_TEST(without_a_timeout_a_preamble_is_waited_for)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_ENDPOINT);
    ck_assert(!rig_deadline(&rig).set);
    ck_assert_int_eq(rig_tick(&rig, 1000000000), ANYTLS_OK);
    saw(&rig, "");
}
END_TEST

START_TEST(the_deadlines_of_the_session_begin_with_it)
{
    begin();
    rig.config.session.heart_interval = 200;
    rig.config.session.heart_timeout = 50;
    rig.now = 1400;
    feed(&rig, "raw " RIG_HASH "<0000>|" RIG_SETTINGS_V2);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    ck_assert_uint_eq(rig_deadline(&rig).at, 1600);
    ck_assert_int_eq(rig_tick(&rig, 1600), ANYTLS_OK);
    sent(&rig, "HeartRequest 0");
    ck_assert_int_eq(rig_tick(&rig, 1650), ANYTLS_OK);
    saw(&rig, "closed (peer is silent)");
    ck_assert_int_eq(rig_end(&rig), ANYTLS_CLOSED);
}
END_TEST

/* ---- Calls at the wrong time ---- */

START_TEST(before_the_preamble_is_whole_there_are_no_streams_to_answer)
{
    begin();
    ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(rig_refuse(&rig, 1, "x"), ANYTLS_UNKNOWN_STREAM);
    sent(&rig, "");
}
END_TEST

START_TEST(an_ended_endpoint_answers_closed_and_writes_nothing)
{
    rig_speak(&rig, RIG_ENDPOINT, 2);
    feed(&rig, "SYN 1|PSH 1 <017f0000010050>|SYN 2|PSH 2 <017f0000010050>");
    rig_accept(&rig, 1);
    ck_assert_int_eq(rig_end(&rig), ANYTLS_OK);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    ck_assert_int_eq(feed(&rig, "Waste 0"), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_accept(&rig, 2), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_refuse(&rig, 1, "x"), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_refuse(&rig, 2, "x"), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_tick(&rig, 99999), ANYTLS_CLOSED);
    saw(&rig, "");
    sent(&rig, "");
}
END_TEST

START_TEST(a_step_without_input_does_nothing)
{
    static struct rig_state before;
    uint8_t out[1000];

    for (int phase = 0; phase < 2; phase++) {
        struct anytls_received received;

        begin();
        if (phase == 1)
            feed(&rig, "raw " RIG_HASH "<0000>");
        memcpy(&before, &rig.state, sizeof before);
        received = rig_receive(&rig, NULL, 0, out, sizeof out);
        ck_assert_int_eq(received.status, ANYTLS_OK);
        ck_assert_int_eq(received.event.type, ANYTLS_EVENT_NONE);
        ck_assert(rig_untouched(&before, &rig.state));
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_right_preamble_in_any_pieces_begins_a_session,
        padding_of_any_content_is_read_and_ignored,
        a_preamble_that_is_not_whole_begins_nothing,
        another_hash_falls_back_with_exactly_the_bytes_that_came,
        what_follows_another_hash_is_left_to_the_fallback,
        an_end_before_the_verdict_falls_back_with_what_came,
        an_end_without_a_byte_is_no_fallback,
        an_end_behind_the_right_hash_closes,
        an_end_in_the_session_closes,
        an_end_after_the_session_has_closed_answers_closed,
        a_preamble_that_is_late_falls_back_or_closes,
        a_preamble_that_is_in_time_ends_its_deadline,
        without_a_timeout_a_preamble_is_waited_for,
        the_deadlines_of_the_session_begin_with_it,
        before_the_preamble_is_whole_there_are_no_streams_to_answer,
        an_ended_endpoint_answers_closed_and_writes_nothing,
        a_step_without_input_does_nothing,
    };

    return suite_run("endpoint", tests, COUNT(tests));
}
