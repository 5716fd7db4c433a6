/* How a session ends: strict mode, and what a closed session answers. */
#include "support.h"

#include <string.h>

static struct rig rig;

/* ---- Strict mode ---- */

static void strict_server(const char *settings)
{
    rig_reset(&rig);
    rig.config.session.strict = true;
    rig_begin(&rig, RIG_SERVER);
    feed(&rig, settings);
    ck_assert_int_ne(rig_session(&rig)->state, ANYTLS_STATE_CLOSED);
    rig.seen[0] = '\0';
    rig.output.size = 0;
}

static void strict_client(const char *frames)
{
    rig_reset(&rig);
    rig.config.session.strict = true;
    rig_begin(&rig, RIG_CLIENT);
    rig_open_name(&rig, "x");
    feed(&rig, frames);
    rig.seen[0] = '\0';
    rig.output.size = 0;
}

/* LIMIT-STRICT */
START_TEST(a_strict_server_alerts_and_closes_at_the_first_violation)
{
    static const struct {
        const char *frames;
        const char *events;
        const char *output;
    } rows[] = {
        {"#11 0", "closed (unknown command)", "Alert 0 unknown command"},
        {"#11 0 xyz", "closed (unknown command)", "Alert 0 unknown command"},
        {"Alert 0 x", "closed (command from the wrong side)",
         "Alert 0 command from the wrong side"},
        {"Settings 0 v=2", "closed (second settings)", "Alert 0 second settings"},
        {"SYN 1|SYN 1", "opened 1|closed (SYN of an open stream)", "Alert 0 SYN of an open stream"},
        {"SYN 0", "closed (stream id not ascending)", "Alert 0 stream id not ascending"},
        {"SYN 1 x", "closed (data on a command without data)",
         "Alert 0 data on a command without data"},
        {"FIN 1 x", "closed (data on a command without data)",
         "Alert 0 data on a command without data"},
        {"SYN 1|FIN 1 x", "opened 1|closed (data on a command without data)",
         "Alert 0 data on a command without data"},
        {"HeartRequest 3 x", "closed (data on a command without data)",
         "HeartResponse 3|Alert 0 data on a command without data"},
        {"HeartResponse 3 x", "closed (data on a command without data)",
         "Alert 0 data on a command without data"},
        {"SYN 1|SYN 2|SYN 3|SYN 4|SYN 5",
         "opened 1|opened 2|opened 3|opened 4|closed (too many streams)",
         "SYNACK 5 too many streams|Alert 0 too many streams"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        strict_server(RIG_SETTINGS_V2);
        exchange(&rig, rows[i].frames, rows[i].events, rows[i].output);
        ck_assert_int_eq(feed(&rig, "Waste 0"), ANYTLS_CLOSED);
    }
}
END_TEST

START_TEST(a_strict_server_alerts_empty_settings_and_an_early_syn_once)
{
    strict_server("Waste 0");
    exchange(&rig, "Settings 0", "closed (empty settings)", "Alert 0 empty settings");
    strict_server("Waste 0");
    exchange(&rig, "SYN 1", "closed (SYN before Settings)", "Alert 0 SYN before Settings");
}
END_TEST

START_TEST(a_strict_client_closes_without_a_frame_at_the_first_violation)
{
    static const struct {
        const char *frames;
        const char *events;
        const char *output;
    } rows[] = {
        {"#11 0", "closed (unknown command)", ""},
        {"SYN 1", "closed (command from the wrong side)", ""},
        {"ServerSettings 0", "closed (empty settings)", ""},
        {"SYNACK 1", "closed (command of a version not agreed on)", ""},
        {"UpdatePaddingScheme 0 x", "closed (no valid stop line)", ""},
        {"HeartRequest 3 x", "closed (data on a command without data)", "HeartResponse 3"},
        {"Alert 0 bye", "alert bye (alert from the peer)", ""},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        strict_client("");
        exchange(&rig, rows[i].frames, rows[i].events, rows[i].output);
        ck_assert_int_eq(rig_session(&rig)->state, ANYTLS_STATE_CLOSED);
    }
}
END_TEST

START_TEST(a_strict_session_goes_on_while_the_peer_makes_no_mistake)
{
    strict_server(RIG_SETTINGS_V2);
    exchange(&rig, "Waste 0 x|SYN 1|PSH 1 a|PSH 9 x|FIN 1|FIN 1|PSH 1 x|HeartRequest 0|SYN 2",
             "opened 1|data 1 a|finished 1|opened 2", "HeartResponse 0");
    strict_client("ServerSettings 0 v=2");
    exchange(&rig, "SYNACK 1|PSH 1 a|SYNACK 9|FIN 1|SYNACK 1 x|UpdatePaddingScheme 0 stop=1",
             "accepted 1|data 1 a|finished 1|scheme stop=1", "");
}
END_TEST

/* The most that one step may write: a strict server that answers and alerts. */
/* LIMIT-OUTPUT */
START_TEST(the_stated_output_is_enough_for_an_answer_and_an_alert)
{
    strict_server(RIG_SETTINGS_V2);
    feed(&rig, "SYN 1|SYN 2|SYN 3|SYN 4|SYN 5"); /* the rig gives exactly the stated room */
    ck_assert_uint_le(rig.output.size, anytls_session_output_max(rig_session(&rig)));
    strict_client("");
    ck_assert_uint_eq(anytls_session_output_max(rig_session(&rig)), 7);
}
END_TEST

/* ---- Closed ---- */

/* Every call that takes part in the session, on a closed one: the rig checks that none of them
 * writes or changes anything. */
static void check_closed(void)
{
    struct anytls_deadline deadline;

    rig.seen[0] = '\0';
    rig.output.size = 0;
    ck_assert_int_eq(feed(&rig, "PSH 1 x"), ANYTLS_CLOSED);
    ck_assert_uint_eq(rig.consumed, 0);
    ck_assert_int_eq(rig_open_name(&rig, "x"), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_send_text(&rig, 1, "x"), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_send_text(&rig, 1, ""), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_accept(&rig, 2), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_refuse(&rig, 2, "x"), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_alert(&rig, "x"), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_heartbeat(&rig), ANYTLS_CLOSED);
    ck_assert_int_eq(rig_tick(&rig, rig.now + 1000000), ANYTLS_CLOSED);
    deadline = anytls_session_deadline(rig_session(&rig));
    ck_assert(!deadline.set);
    saw(&rig, "");
    sent(&rig, "");
}

static void deadlines(void)
{
    rig.config.session.answer_timeout = 1;
    rig.config.session.synack_timeout = 1;
    rig.config.session.heart_interval = 1;
    rig.config.session.heart_timeout = 1;
}

/* FIN-CLOSED */
START_TEST(a_server_that_was_closed_answers_closed_and_writes_nothing)
{
    for (int way = 0; way < 4; way++) {
        rig_reset(&rig);
        deadlines();
        rig_begin(&rig, RIG_SERVER);
        feed(&rig, RIG_SETTINGS_V2 "|SYN 1|SYN 2");
        rig_accept(&rig, 1);
        if (way == 0)
            anytls_session_close(rig_session(&rig));
        else if (way == 1)
            rig_alert(&rig, "x");
        else if (way == 2)
            feed(&rig, "raw <0200000001000f>half a frame"); /* closed in the middle of a frame */
        if (way == 2)
            anytls_session_close(rig_session(&rig));
        if (way == 3) {
            rig_heartbeat(&rig);
            ck_assert_int_eq(rig_tick(&rig, rig.now + 1), ANYTLS_OK);
        }
        check_closed();
    }
}
END_TEST

START_TEST(a_client_that_was_closed_answers_closed_and_writes_nothing)
{
    for (int way = 0; way < 3; way++) {
        rig_reset(&rig);
        deadlines();
        rig_begin(&rig, RIG_CLIENT);
        rig_open_name(&rig, "x");
        rig_open_name(&rig, "y");
        if (way == 0)
            anytls_session_close(rig_session(&rig));
        else if (way == 1)
            feed(&rig, "ServerSettings 0 v=2|Alert 0 x");
        else
            ck_assert_int_eq(rig_tick(&rig, rig.now + 1), ANYTLS_OK);
        check_closed();
    }
}
END_TEST

/* FIN-SESSION */
START_TEST(closing_sends_no_frame)
{
    rig_speak(&rig, RIG_SERVER, 2);
    feed(&rig, "SYN 1|SYN 2");
    anytls_session_close(rig_session(&rig));
    anytls_session_close(rig_session(&rig));
    sent(&rig, "");
}
END_TEST

/* ---- Nothing to take ---- */

START_TEST(a_step_without_input_does_nothing)
{
    struct anytls_received received;
    static struct rig_state before;
    uint8_t out[1000];

    rig_speak(&rig, RIG_SERVER, 2);
    feed(&rig, "raw <020000>");
    memcpy(&before, &rig.state, sizeof before);
    rig.now += 50;
    received = rig_receive(&rig, NULL, 0, out, sizeof out);
    ck_assert_int_eq(received.status, ANYTLS_OK);
    ck_assert_uint_eq(received.consumed + received.output, 0);
    ck_assert_int_eq(received.event.type, ANYTLS_EVENT_NONE);
    ck_assert(rig_untouched(&before, &rig.state));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_strict_server_alerts_and_closes_at_the_first_violation,
        a_strict_server_alerts_empty_settings_and_an_early_syn_once,
        a_strict_client_closes_without_a_frame_at_the_first_violation,
        a_strict_session_goes_on_while_the_peer_makes_no_mistake,
        the_stated_output_is_enough_for_an_answer_and_an_alert,
        a_server_that_was_closed_answers_closed_and_writes_nothing,
        a_client_that_was_closed_answers_closed_and_writes_nothing,
        closing_sends_no_frame,
        a_step_without_input_does_nothing,
    };

    return suite_run("session end", tests, COUNT(tests));
}
