/* Deadlines: silent servers, SYNACK, heartbeats, pause. The rig's clock begins at 1000. */
#include "support.h"

#include <string.h>

static struct rig rig;

static void begin(enum rig_kind kind)
{
    rig_reset(&rig);
    rig.config.session.answer_timeout = 300;
    rig.config.session.synack_timeout = 30;
    rig.config.session.heart_interval = 0;
    rig.config.session.heart_timeout = 100;
    rig_begin(&rig, kind);
}

static void feed_at(uint64_t now, const char *frames)
{
    rig.now = now;
    feed(&rig, frames);
}

static void open_at(uint64_t now)
{
    rig.now = now;
    ck_assert_int_eq(rig_open_name(&rig, "x"), ANYTLS_OK);
    rig.output.size = 0;
}

/* Nothing is due before `at`, and `at` is the deadline. */
#define due(rig, when)                                                                             \
    do {                                                                                           \
        struct anytls_deadline due_deadline = rig_deadline(rig);                                   \
        ck_assert(due_deadline.set);                                                               \
        ck_assert_uint_eq(due_deadline.at, when);                                                  \
        ck_assert_int_eq(rig_tick(rig, (when) - 1), ANYTLS_OK);                                    \
        saw(rig, "");                                                                              \
        sent(rig, "");                                                                             \
    } while (0)

#define never_due(rig)                                                                             \
    do {                                                                                           \
        ck_assert(!rig_deadline(rig).set);                                                         \
        ck_assert_int_eq(rig_tick(rig, (rig)->now + 1000000000000), ANYTLS_OK);                    \
        saw(rig, "");                                                                              \
        sent(rig, "");                                                                             \
    } while (0)

/* The server gives no sign of life within the 100 ms after a HeartRequest. */
#define ends_at(rig, when)                                                                         \
    do {                                                                                           \
        due(rig, when);                                                                            \
        ck_assert_int_eq(rig_tick(rig, when), ANYTLS_OK);                                          \
        saw(rig, "closed (peer is silent)");                                                       \
        sent(rig, "");                                                                             \
        ck_assert_int_eq(rig_tick(rig, when), ANYTLS_CLOSED);                                      \
    } while (0)

#define asks_at(rig, when)                                                                         \
    do {                                                                                           \
        due(rig, when);                                                                            \
        ck_assert_int_eq(rig_tick(rig, when), ANYTLS_OK);                                          \
        saw(rig, "");                                                                              \
        sent(rig, "HeartRequest 0");                                                               \
    } while (0)

/* ---- A server that says nothing at all ---- */

START_TEST(nothing_is_due_before_the_first_stream)
{
    begin(RIG_CLIENT);
    never_due(&rig);
    begin(RIG_SERVER);
    never_due(&rig);
    feed(&rig, RIG_SETTINGS_V2 "|SYN 1");
    rig.seen[0] = '\0';
    rig.output.size = 0;
    never_due(&rig);
}
END_TEST

/* SYNACK-SILENT-SERVER */
START_TEST(a_server_that_stays_silent_ends_the_session_at_the_answer_deadline)
{
    begin(RIG_CLIENT);
    open_at(1500);
    open_at(1700); /* a later stream does not put the deadline off */
    ends_at(&rig, 1800);
}
END_TEST

START_TEST(a_finished_stream_does_not_put_the_answer_deadline_off)
{
    begin(RIG_CLIENT);
    open_at(1500);
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_OK);
    open_at(1700);
    ends_at(&rig, 1800);
}
END_TEST

START_TEST(any_byte_from_the_server_meets_the_answer_deadline)
{
    begin(RIG_CLIENT);
    open_at(1500);
    feed_at(1799, "raw <00>");
    never_due(&rig);
}
END_TEST

START_TEST(without_an_answer_timeout_a_silent_server_is_waited_for)
{
    begin(RIG_CLIENT);
    rig.config.session.answer_timeout = 0;
    open_at(1500);
    never_due(&rig);
}
END_TEST

/* ---- SYNACK ---- */

/* SYNACK-DEADLINE */
START_TEST(a_late_synack_is_asked_after_and_silence_to_that_ends_the_session)
{
    begin(RIG_CLIENT);
    open_at(1500);
    feed_at(1600, "ServerSettings 0 v=2");
    rig.seen[0] = '\0';
    asks_at(&rig, 1630);
    ends_at(&rig, 1730);
}
END_TEST

START_TEST(a_slow_target_alone_does_not_end_a_session)
{
    begin(RIG_CLIENT);
    open_at(1500);
    feed_at(1600, "ServerSettings 0 v=2");
    rig.seen[0] = '\0';
    for (uint64_t at = 1630; at < 10000; at += 50) {
        asks_at(&rig, at);
        feed_at(at + 20, "HeartResponse 0");
        saw(&rig, "heart answered");
    }
    feed(&rig, "SYNACK 1");
    saw(&rig, "accepted 1");
    never_due(&rig);
}
END_TEST

START_TEST(no_synack_is_due_where_version_1_is_spoken)
{
    begin(RIG_CLIENT);
    open_at(1500);
    feed_at(1600, "Waste 0");
    never_due(&rig);
}
END_TEST

START_TEST(a_byte_from_the_server_puts_the_question_off)
{
    begin(RIG_CLIENT);
    open_at(1500);
    feed_at(1600, "ServerSettings 0 v=2");
    rig.seen[0] = '\0';
    feed_at(1620, "raw <00>");
    asks_at(&rig, 1650);
}
END_TEST

START_TEST(the_question_counts_from_the_stream_that_was_opened_on_a_quiet_session)
{
    begin(RIG_CLIENT);
    open_at(1500);
    feed_at(1600, "ServerSettings 0 v=2|SYNACK 1");
    rig.seen[0] = '\0';
    open_at(5000);
    open_at(5020); /* one more does not put it off */
    asks_at(&rig, 5030);
}
END_TEST

START_TEST(streams_that_are_refused_or_finished_owe_no_synack)
{
    begin(RIG_CLIENT);
    open_at(1500);
    open_at(1500);
    feed_at(1600, "ServerSettings 0 v=2|SYNACK 1 no");
    rig.seen[0] = '\0';
    ck_assert(rig_deadline(&rig).set);
    ck_assert_int_eq(rig_finish(&rig, 2), ANYTLS_OK);
    rig.output.size = 0;
    never_due(&rig);
}
END_TEST

START_TEST(without_a_synack_timeout_nothing_is_asked)
{
    begin(RIG_CLIENT);
    rig.config.session.synack_timeout = 0;
    open_at(1500);
    feed_at(1600, "ServerSettings 0 v=2");
    rig.seen[0] = '\0';
    never_due(&rig);
}
END_TEST

/* ---- Heartbeats ---- */

/* HEART-ACTIVE, HEART-DEADLINE */
START_TEST(heartbeats_leave_at_their_interval_on_either_side)
{
    static const enum rig_kind kinds[] = {RIG_CLIENT, RIG_SERVER};

    for (size_t i = 0; i < COUNT(kinds); i++) {
        begin(kinds[i]);
        rig.config.session.heart_interval = 500;
        never_due(&rig);
        rig.now = 1000;
        feed(&rig, kinds[i] == RIG_CLIENT ? "ServerSettings 0 v=2" : RIG_SETTINGS_V2);
        rig.seen[0] = '\0';
        rig.output.size = 0;
        asks_at(&rig, 1500);
        feed_at(1550, "HeartResponse 0");
        saw(&rig, "heart answered");
        asks_at(&rig, 2000);
        ends_at(&rig, 2100);
    }
}
END_TEST

START_TEST(any_byte_is_a_sign_of_life)
{
    begin(RIG_SERVER);
    rig.config.session.heart_interval = 500;
    feed(&rig, RIG_SETTINGS_V2);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    asks_at(&rig, 1500);
    feed_at(1599, "raw <00>");
    asks_at(&rig, 2000);
}
END_TEST

START_TEST(a_heartbeat_may_be_asked_for_once_at_a_time)
{
    begin(RIG_SERVER);
    ck_assert_int_eq(rig_heartbeat(&rig), ANYTLS_NOT_ALLOWED);
    feed(&rig, RIG_SETTINGS_V2);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    rig.now = 1200;
    ck_assert_int_eq(rig_heartbeat(&rig), ANYTLS_OK);
    ck_assert_int_eq(rig_heartbeat(&rig), ANYTLS_NOT_ALLOWED);
    sent(&rig, "HeartRequest 0");
    ends_at(&rig, 1300);
}
END_TEST

/* HEART-VERSION */
START_TEST(no_heartbeat_is_sent_where_version_1_is_spoken)
{
    begin(RIG_SERVER);
    rig.config.session.heart_interval = 500;
    feed(&rig, RIG_SETTINGS_V1);
    rig.seen[0] = '\0';
    ck_assert_int_eq(rig_heartbeat(&rig), ANYTLS_NOT_ALLOWED);
    never_due(&rig);
}
END_TEST

START_TEST(without_a_heart_timeout_an_answer_is_waited_for)
{
    begin(RIG_SERVER);
    rig.config.session.heart_timeout = 0;
    rig.config.session.heart_interval = 500;
    feed(&rig, RIG_SETTINGS_V2);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    asks_at(&rig, 1500);
    never_due(&rig);
}
END_TEST

START_TEST(the_sooner_of_heartbeat_and_synack_is_due)
{
    static const struct {
        uint32_t heart;
        uint32_t synack;
        uint64_t at;
    } rows[] = {
        {500, 400, 1400}, {400, 500, 1400}, {400, 400, 1400}, {400, 0, 1400}, {0, 400, 1400}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        begin(RIG_CLIENT);
        rig.config.session.heart_interval = rows[i].heart;
        rig.config.session.synack_timeout = rows[i].synack;
        open_at(1000);
        feed(&rig, "ServerSettings 0 v=2");
        rig.seen[0] = '\0';
        asks_at(&rig, rows[i].at);
    }
}
END_TEST

START_TEST(a_heartbeat_without_room_is_due_still)
{
    uint8_t out[6];
    struct anytls_received received;

    begin(RIG_SERVER);
    rig.config.session.heart_interval = 500;
    feed(&rig, RIG_SETTINGS_V2);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    received = anytls_session_tick(rig_session(&rig), 1500, out, sizeof out);
    ck_assert_int_eq(received.status, ANYTLS_NO_ROOM);
    ck_assert_uint_eq(received.output, 0);
    asks_at(&rig, 1500);
}
END_TEST

/* ---- Pause ---- */

/* HEART-PAUSE */
START_TEST(no_deadline_runs_while_reading_is_paused_and_all_begin_anew_after_it)
{
    begin(RIG_CLIENT);
    open_at(1500);
    anytls_session_pause(rig_session(&rig));
    never_due(&rig);
    anytls_session_resume(rig_session(&rig), 9000);
    ends_at(&rig, 9300);

    begin(RIG_CLIENT);
    open_at(1500);
    feed_at(1600, "ServerSettings 0 v=2");
    rig.seen[0] = '\0';
    anytls_session_pause(rig_session(&rig));
    never_due(&rig);
    anytls_session_resume(rig_session(&rig), 9000);
    asks_at(&rig, 9030);
    anytls_session_pause(rig_session(&rig));
    never_due(&rig);
    anytls_session_resume(rig_session(&rig), 20000);
    ends_at(&rig, 20100);
}
END_TEST

START_TEST(heartbeats_are_paused_too)
{
    begin(RIG_SERVER);
    rig.config.session.heart_interval = 500;
    feed(&rig, RIG_SETTINGS_V2);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    anytls_session_pause(rig_session(&rig));
    never_due(&rig);
    anytls_session_resume(rig_session(&rig), 9000);
    asks_at(&rig, 9500);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        nothing_is_due_before_the_first_stream,
        a_server_that_stays_silent_ends_the_session_at_the_answer_deadline,
        a_finished_stream_does_not_put_the_answer_deadline_off,
        any_byte_from_the_server_meets_the_answer_deadline,
        without_an_answer_timeout_a_silent_server_is_waited_for,
        a_late_synack_is_asked_after_and_silence_to_that_ends_the_session,
        a_slow_target_alone_does_not_end_a_session,
        no_synack_is_due_where_version_1_is_spoken,
        a_byte_from_the_server_puts_the_question_off,
        the_question_counts_from_the_stream_that_was_opened_on_a_quiet_session,
        streams_that_are_refused_or_finished_owe_no_synack,
        without_a_synack_timeout_nothing_is_asked,
        heartbeats_leave_at_their_interval_on_either_side,
        any_byte_is_a_sign_of_life,
        a_heartbeat_may_be_asked_for_once_at_a_time,
        no_heartbeat_is_sent_where_version_1_is_spoken,
        without_a_heart_timeout_an_answer_is_waited_for,
        the_sooner_of_heartbeat_and_synack_is_due,
        a_heartbeat_without_room_is_due_still,
        no_deadline_runs_while_reading_is_paused_and_all_begin_anew_after_it,
        heartbeats_are_paused_too,
    };

    return suite_run("session time", tests, COUNT(tests));
}
