/* A server's session: streams, and what it does with each command. */
#include "support.h"

#include <string.h>

static struct rig rig;

/* ---- Streams ---- */

START_TEST(syn_opens_a_stream_and_psh_brings_its_data)
{
    for (unsigned version = 1; version <= 2; version++) {
        rig_speak(&rig, RIG_SERVER, version);
        exchange(&rig, "SYN 1|PSH 1 hello|PSH 1 <20>world|FIN 1",
                 "opened 1|data 1 hello world|finished 1", "");
        ck_assert_uint_eq(rig_session(&rig)->streams.count, 0);
    }
}
END_TEST

START_TEST(the_user_of_a_stream_comes_with_its_events)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 1|SYN 2", "opened 1|opened 2", "");
    ck_assert_int_eq(anytls_session_user_set(rig_session(&rig), 1, "one"), ANYTLS_OK);
    ck_assert_int_eq(anytls_session_user_set(rig_session(&rig), 3, "x"), ANYTLS_UNKNOWN_STREAM);
    exchange(&rig, "PSH 1 a|PSH 2 b|FIN 2|FIN 1",
             "data 1 a @one|data 2 b|finished 2|finished 1 @one", "");
}
END_TEST

/* STREAM-SYN-SECOND */
START_TEST(syn_of_an_open_stream_is_ignored_and_reported)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 1|SYN 1|SYN 1 data|PSH 1 x",
             "opened 1|(SYN of an open stream)|(SYN of an open stream)|data 1 x", "");
    rig_accept(&rig, 1);
    exchange(&rig, "SYN 1", "(SYN of an open stream)", "SYNACK 1");
}
END_TEST

/* STREAM-IDS-ORDER */
START_TEST(syn_of_a_used_or_lower_or_zero_id_opens_a_stream_and_is_reported)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 5|FIN 5|SYN 5|SYN 4|SYN 0",
             "opened 5|finished 5|opened 5 (stream id not ascending)|"
             "opened 4 (stream id not ascending)|opened 0 (stream id not ascending)",
             "");
}
END_TEST

START_TEST(the_greatest_stream_id_opens_a_stream)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 4294967295|PSH 4294967295 x|SYN 7",
             "opened 4294967295|data 4294967295 x|opened 7 (stream id not ascending)", "");
}
END_TEST

START_TEST(syn_with_data_opens_a_stream_and_is_reported)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 1 data|PSH 1 x", "opened 1 (data on a command without data)|data 1 x", "");
    exchange(&rig, "SYN 1|SYN 0 data", "(SYN of an open stream)|opened 0 (stream id not ascending)",
             "");
}
END_TEST

/* FRAME-NO-DATA */
START_TEST(frames_hidden_in_data_that_a_command_does_not_carry_are_never_executed)
{
    static const char *const carriers[] = {"SYN 1",   "FIN 9",    "HeartResponse 0", "#99 0",
                                           "Alert 0", "SYNACK 1", "ServerSettings 0"};

    for (size_t i = 0; i < COUNT(carriers); i++) {
        static char text[TEXT_MAX];

        text[0] = '\0';
        text_add(text, "%s <01000000070000>|PSH 7 smuggled", carriers[i]);
        rig_speak(&rig, RIG_SERVER, 2);
        feed(&rig, text);
        ck_assert_ptr_null(strstr(rig.seen, "opened 7"));
        ck_assert_ptr_null(strstr(rig.seen, "smuggled"));
    }
}
END_TEST

/* STREAM-UNKNOWN, STREAM-PSH-EMPTY */
START_TEST(psh_for_an_unknown_or_closed_stream_and_empty_psh_are_dropped)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "PSH 1 early|SYN 1|PSH 2 other|PSH 1|FIN 1|PSH 1 late|FIN 1",
             "opened 1|finished 1", "");
}
END_TEST

START_TEST(fin_with_data_closes_the_stream_and_is_reported)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 1|FIN 1 data|FIN 1 data|FIN 9 x",
             "opened 1|finished 1 (data on a command without data)|"
             "(data on a command without data)|(data on a command without data)",
             "");
}
END_TEST

/* LIMIT-STREAMS */
START_TEST(a_stream_over_the_table_is_refused)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 1|SYN 2|SYN 3|SYN 4|SYN 5|PSH 5 x|FIN 5",
             "opened 1|opened 2|opened 3|opened 4|(too many streams)", "SYNACK 5 too many streams");
    exchange(&rig, "FIN 1|SYN 5", "finished 1|opened 5 (stream id not ascending)", "");
}
END_TEST

START_TEST(a_stream_over_the_table_is_finished_where_version_1_is_spoken)
{
    rig_speak(&rig, RIG_SERVER, 1);
    exchange(&rig, "SYN 1|SYN 2|SYN 3|SYN 4|SYN 5|SYN 0 x",
             "opened 1|opened 2|opened 3|opened 4|(too many streams)|(too many streams)",
             "FIN 5|FIN 0");
    ck_assert_uint_eq(rig_session(&rig)->streams.highest, 5);
}
END_TEST

START_TEST(a_caller_may_move_the_stream_table_to_a_larger_one)
{
    static struct anytls_stream larger[300];

    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "SYN 1|SYN 2|SYN 3|SYN 4", "opened 1|opened 2|opened 3|opened 4", "");
    memcpy(larger, rig.state.streams, 4 * sizeof larger[0]);
    rig_session(&rig)->streams.entries = larger;
    rig_session(&rig)->streams.capacity = COUNT(larger);
    exchange(&rig, "PSH 4 x", "data 4 x", "");
    ck_assert_int_eq(rig_finish(&rig, 2), ANYTLS_OK);
    sent(&rig, "FIN 2");
}
END_TEST

START_TEST(a_table_of_the_stated_default_holds_256_streams)
{
    static struct bytes in;

    rig_reset(&rig);
    rig.streams_capacity = ANYTLS_STREAMS_MAX;
    rig_begin(&rig, RIG_SERVER);
    feed(&rig, RIG_SETTINGS_V2);
    rig.output.size = 0;
    in.size = 0;
    for (uint32_t id = 1; id <= 257; id++)
        bytes_add_header(&in, 1, id, 0);
    feed_bytes(&rig, in.at, in.size);
    sent(&rig, "SYNACK 257 too many streams");
    ck_assert_uint_eq(rig_session(&rig)->streams.count, 256);
}
END_TEST

/* ---- The other commands ---- */

/* FRAME-WASTE */
START_TEST(waste_is_dropped_in_silence)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "Waste 0|Waste 0 xxxxxxxxxx|Waste 4294967295 <0000000000>", "", "");
}
END_TEST

/* HEART-ANSWER */
START_TEST(heart_request_is_answered_with_its_stream_id)
{
    for (unsigned version = 1; version <= 2; version++) {
        rig_speak(&rig, RIG_SERVER, version);
        exchange(&rig, "HeartRequest 0|HeartRequest 4294967295|HeartRequest 7 data",
                 "(data on a command without data)",
                 "HeartResponse 0|HeartResponse 4294967295|HeartResponse 7");
    }
}
END_TEST

START_TEST(heart_response_is_told)
{
    rig_speak(&rig, RIG_SERVER, 2);
    exchange(&rig, "HeartResponse 0|HeartResponse 3 data",
             "heart answered|heart answered (data on a command without data)", "");
}
END_TEST

/* FRAME-WRONG-SIDE */
START_TEST(commands_of_a_server_are_ignored_and_reported_by_a_server)
{
    static const char *const commands[] = {"Alert", "UpdatePaddingScheme", "SYNACK",
                                           "ServerSettings"};

    for (size_t i = 0; i < COUNT(commands); i++) {
        static char text[TEXT_MAX];

        text[0] = '\0';
        text_add(text, "SYN 1|%s 1|%s 1 v=2|PSH 1 on", commands[i], commands[i]);
        rig_speak(&rig, RIG_SERVER, 2);
        exchange(&rig, text,
                 "opened 1|(command from the wrong side)|(command from the wrong side)|"
                 "data 1 on",
                 "");
    }
}
END_TEST

/* FRAME-UNKNOWN */
START_TEST(unknown_commands_are_ignored_and_reported)
{
    for (int command = 11; command <= 255; command++) {
        static char text[TEXT_MAX];

        text[0] = '\0';
        text_add(text, "#%d 1|#%d 1 data|Waste 0", command, command);
        rig_speak(&rig, RIG_SERVER, 2);
        exchange(&rig, text, "(unknown command)|(unknown command)", "");
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        syn_opens_a_stream_and_psh_brings_its_data,
        the_user_of_a_stream_comes_with_its_events,
        syn_of_an_open_stream_is_ignored_and_reported,
        syn_of_a_used_or_lower_or_zero_id_opens_a_stream_and_is_reported,
        the_greatest_stream_id_opens_a_stream,
        syn_with_data_opens_a_stream_and_is_reported,
        frames_hidden_in_data_that_a_command_does_not_carry_are_never_executed,
        psh_for_an_unknown_or_closed_stream_and_empty_psh_are_dropped,
        fin_with_data_closes_the_stream_and_is_reported,
        a_stream_over_the_table_is_refused,
        a_stream_over_the_table_is_finished_where_version_1_is_spoken,
        a_caller_may_move_the_stream_table_to_a_larger_one,
        a_table_of_the_stated_default_holds_256_streams,
        waste_is_dropped_in_silence,
        heart_request_is_answered_with_its_stream_id,
        heart_response_is_told,
        commands_of_a_server_are_ignored_and_reported_by_a_server,
        unknown_commands_are_ignored_and_reported,
    };

    return suite_run("session server", tests, COUNT(tests));
}
