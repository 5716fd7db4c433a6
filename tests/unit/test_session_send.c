/* What a session sends on its caller's behalf: data, FIN, SYNACK, Alert; and the plan of a write.
 */
#include "support.h"

#include <string.h>

static struct rig rig;
static uint8_t payload[131072];

static void payload_make(void)
{
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 31 + i / 251);
}

/* A server with streams 1 (accepted) and 2 (not yet). */
static void serve(unsigned version)
{
    rig_speak(&rig, RIG_SERVER, version);
    exchange(&rig, "SYN 1|SYN 2", "opened 1|opened 2", "");
    ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_OK);
    sent(&rig, version == 2 ? "SYNACK 1" : "");
}

/* ---- Data ---- */

/* STREAM-PSH */
START_TEST(data_are_sent_in_a_psh_frame)
{
    serve(2);
    ck_assert_int_eq(rig_send_text(&rig, 1, "hello"), ANYTLS_OK);
    sent(&rig, "PSH 1 hello");
}
END_TEST

/* SYNACK-DATA-EARLY */
START_TEST(a_client_sends_before_synack)
{
    rig_speak(&rig, RIG_CLIENT, 2);
    rig_open_name(&rig, "x");
    rig.output.size = 0;
    ck_assert_int_eq(rig_send_text(&rig, 1, "early"), ANYTLS_OK);
    sent(&rig, "PSH 1 early");
}
END_TEST

/* SYNACK-BEFORE-DATA */
START_TEST(a_server_sends_only_on_a_stream_that_it_has_accepted)
{
    for (unsigned version = 1; version <= 2; version++) {
        serve(version);
        ck_assert_int_eq(rig_send_text(&rig, 2, "x"), ANYTLS_NOT_ALLOWED);
        sent(&rig, "");
    }
}
END_TEST

START_TEST(sending_nothing_writes_nothing)
{
    serve(2);
    ck_assert_int_eq(rig_send_text(&rig, 1, ""), ANYTLS_OK);
    ck_assert_int_eq(rig_send_text(&rig, 9, ""), ANYTLS_UNKNOWN_STREAM);
    sent(&rig, "");
}
END_TEST

/* STREAM-SPLIT */
START_TEST(a_payload_over_65535_bytes_is_cut_into_frames)
{
    static const struct {
        size_t size;
        const char *frames;
    } rows[] = {
        {65534, "PSH 1 {65534}"},
        {65535, "PSH 1 {65535}"},
        {65536, "PSH 1 {65535}|PSH 1 P"},
        {131070, "PSH 1 {65535}|PSH 1 {65535}"},
        {131071, "PSH 1 {65535}|PSH 1 {65535}|PSH 1 I"},
    };
    static char found[TEXT_MAX];

    payload_make();
    payload[65535] = 'P';
    payload[131070] = 'I';
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t at = 0;
        size_t frames = (rows[i].size + 65534) / 65535;

        serve(2);
        ck_assert_int_eq(rig_send(&rig, 1, payload, rows[i].size), ANYTLS_OK);
        ck_assert_uint_eq(rig.output.size, rows[i].size + 7 * frames);
        for (size_t frame = 0; frame < frames; frame++) {
            size_t size = rows[i].size - at < 65535 ? rows[i].size - at : 65535;

            ck_assert(memcmp(rig.output.at + 7 * (frame + 1) + at, payload + at, size) == 0);
            at += size;
        }
        found[0] = '\0';
        text_add_frames(found, rig.output.at, rig.output.size);
        ck_assert_str_eq(found, rows[i].frames);
    }
}
END_TEST

START_TEST(what_one_session_sends_the_other_delivers_whole)
{
    static const size_t sizes[] = {65535, 65536, 131071};
    static struct bytes wire;

    payload_make();
    for (size_t i = 0; i < COUNT(sizes); i++) {
        static char expected[TEXT_MAX];

        serve(2);
        rig_send(&rig, 1, payload, sizes[i]);
        wire = rig.output;
        rig_speak(&rig, RIG_CLIENT, 2);
        rig_open_name(&rig, "x");
        feed_bytes(&rig, wire.at, wire.size);
        expected[0] = '\0';
        text_add(expected, "data 1 {%zu}", sizes[i]);
        saw(&rig, expected);
    }
}
END_TEST

/* ---- FIN ---- */

/* FIN-SEND, FRAME-SEND-NO-DATA */
START_TEST(fin_closes_a_stream_on_either_side)
{
    serve(2);
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_OK);
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(rig_finish(&rig, 2), ANYTLS_OK);
    ck_assert_int_eq(rig_send_text(&rig, 1, "x"), ANYTLS_UNKNOWN_STREAM);
    exchange(&rig, "PSH 1 x|FIN 1|SYN 3", "opened 3", "FIN 1|FIN 2");
}
END_TEST

START_TEST(a_stream_that_was_finished_in_the_middle_of_a_frame_brings_nothing_more)
{
    serve(2);
    exchange(&rig, "raw <02000000010006>abc", "data 1 abc", "");
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_OK);
    exchange(&rig, "raw def|PSH 2 on", "data 2 on", "FIN 1");
    exchange(&rig, "raw <03000000020002>x", "", "");
    ck_assert_int_eq(rig_finish(&rig, 2), ANYTLS_OK);
    exchange(&rig, "raw y", "(data on a command without data)", "FIN 2");
}
END_TEST

/* ---- SYNACK ---- */

/* SYNACK-SUCCESS */
START_TEST(a_stream_is_accepted_with_synack_and_without_in_version_1)
{
    serve(2);
    ck_assert_int_eq(rig_accept(&rig, 2), ANYTLS_OK);
    sent(&rig, "SYNACK 2");
    serve(1);
    ck_assert_int_eq(rig_accept(&rig, 2), ANYTLS_OK);
    sent(&rig, "");
    ck_assert_int_eq(rig_send_text(&rig, 2, "x"), ANYTLS_OK);
    sent(&rig, "PSH 2 x");
}
END_TEST

/* SYNACK-ONCE */
START_TEST(a_stream_is_answered_once)
{
    for (unsigned version = 1; version <= 2; version++) {
        serve(version);
        ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_NOT_ALLOWED);
        ck_assert_int_eq(rig_refuse(&rig, 1, "late"), ANYTLS_NOT_ALLOWED);
        ck_assert_int_eq(rig_accept(&rig, 9), ANYTLS_UNKNOWN_STREAM);
        ck_assert_int_eq(rig_refuse(&rig, 9, "x"), ANYTLS_UNKNOWN_STREAM);
        sent(&rig, "");
    }
}
END_TEST

/* SYNACK-ERROR */
START_TEST(a_stream_is_refused_with_synack_and_the_reason_or_fin_in_version_1)
{
    serve(2);
    ck_assert_int_eq(rig_refuse(&rig, 2, "no route"), ANYTLS_OK);
    ck_assert_int_eq(rig_refuse(&rig, 2, "no route"), ANYTLS_UNKNOWN_STREAM);
    exchange(&rig, "PSH 2 x|FIN 2", "", "SYNACK 2 no route");
    serve(1);
    ck_assert_int_eq(rig_refuse(&rig, 2, "no route"), ANYTLS_OK);
    sent(&rig, "FIN 2");
}
END_TEST

START_TEST(an_empty_reason_becomes_refused)
{
    serve(2);
    ck_assert_int_eq(rig_refuse(&rig, 2, ""), ANYTLS_OK);
    sent(&rig, "SYNACK 2 refused");
}
END_TEST

/* LIMIT-REASON */
START_TEST(a_reason_is_cut_at_its_limit)
{
    static char reason[ANYTLS_REASON_MAX + 2];

    for (size_t over = 0; over <= 1; over++) {
        memset(reason, 'r', sizeof reason);
        reason[ANYTLS_REASON_MAX + over] = '\0';
        serve(2);
        rig_refuse(&rig, 2, reason);
        ck_assert_uint_eq(rig.output.size, 7 + ANYTLS_REASON_MAX);
        ck_assert_uint_eq(rig.output.at[5] * 256u + rig.output.at[6], ANYTLS_REASON_MAX);
        ck_assert(memcmp(rig.output.at + 7, reason, ANYTLS_REASON_MAX) == 0);
        serve(2);
        rig_alert(&rig, reason);
        ck_assert_uint_eq(rig.output.size, 7 + ANYTLS_REASON_MAX);
        ck_assert(memcmp(rig.output.at + 7, reason, ANYTLS_REASON_MAX) == 0);
    }
}
END_TEST

/* SYNACK-SERVER-ONLY */
START_TEST(a_client_accepts_and_refuses_no_streams)
{
    rig_speak(&rig, RIG_CLIENT, 2);
    rig_open_name(&rig, "x");
    rig.output.size = 0;
    ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(rig_refuse(&rig, 1, "x"), ANYTLS_NOT_ALLOWED);
    sent(&rig, "");
}
END_TEST

/* ---- Alert ---- */

/* ALERT-SEND */
START_TEST(an_alert_tells_the_reason_and_ends_the_session)
{
    serve(2);
    ck_assert_int_eq(rig_alert(&rig, "maintenance"), ANYTLS_OK);
    ck_assert_int_eq(rig_alert(&rig, "maintenance"), ANYTLS_CLOSED);
    sent(&rig, "Alert 0 maintenance");
    rig_reset(&rig);
    rig_begin(&rig, RIG_SERVER);
    ck_assert_int_eq(rig_alert(&rig, ""), ANYTLS_OK);
    sent(&rig, "Alert 0");
}
END_TEST

/* ALERT-SERVER-ONLY */
START_TEST(a_client_sends_no_alert)
{
    rig_speak(&rig, RIG_CLIENT, 2);
    ck_assert_int_eq(rig_alert(&rig, "x"), ANYTLS_NOT_ALLOWED);
    sent(&rig, "");
}
END_TEST

/* ---- The plan of a write ---- */

static size_t first_record(size_t size)
{
    struct anytls_plan plan = anytls_session_plan(rig_session(&rig), size);

    return anytls_plan_next(&plan, 0).payload;
}

/* PAD-WRITES */
START_TEST(a_clients_writes_are_shaped_by_number_from_1_up_to_stop)
{
    rig_reset(&rig);
    rig.scheme = anytls_scheme_read(text_of("stop=4\n0=5-5\n1=10-10\n2=20-20\n4=40-40")).scheme;
    rig_begin(&rig, RIG_CLIENT);
    ck_assert(anytls_session_shaped(rig_session(&rig)));
    ck_assert_uint_eq(first_record(1000), 10);
    ck_assert_uint_eq(first_record(1000), 20);
    ck_assert(anytls_session_shaped(rig_session(&rig)));
    ck_assert_uint_eq(first_record(1000), 1000); /* write 3 has no line */
    ck_assert(!anytls_session_shaped(rig_session(&rig)));
    ck_assert_uint_eq(first_record(1000), 1000);
    ck_assert_uint_eq(first_record(0), 0);
    ck_assert_uint_eq(rig_session(&rig)->writes, 4);
}
END_TEST

/* PAD-SERVER */
START_TEST(a_servers_writes_are_never_shaped)
{
    rig_reset(&rig);
    rig.scheme = anytls_scheme_read(text_of("stop=4\n1=10-10")).scheme;
    rig_begin(&rig, RIG_SERVER);
    ck_assert(!anytls_session_shaped(rig_session(&rig)));
    ck_assert_uint_eq(first_record(1000), 1000);
    ck_assert_uint_eq(rig_session(&rig)->writes, 1);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        data_are_sent_in_a_psh_frame,
        a_client_sends_before_synack,
        a_server_sends_only_on_a_stream_that_it_has_accepted,
        sending_nothing_writes_nothing,
        a_payload_over_65535_bytes_is_cut_into_frames,
        what_one_session_sends_the_other_delivers_whole,
        fin_closes_a_stream_on_either_side,
        a_stream_that_was_finished_in_the_middle_of_a_frame_brings_nothing_more,
        a_stream_is_accepted_with_synack_and_without_in_version_1,
        a_stream_is_answered_once,
        a_stream_is_refused_with_synack_and_the_reason_or_fin_in_version_1,
        an_empty_reason_becomes_refused,
        a_reason_is_cut_at_its_limit,
        a_client_accepts_and_refuses_no_streams,
        an_alert_tells_the_reason_and_ends_the_session,
        a_client_sends_no_alert,
        a_clients_writes_are_shaped_by_number_from_1_up_to_stop,
        a_servers_writes_are_never_shaped,
    };

    return suite_run("session send", tests, COUNT(tests));
}
