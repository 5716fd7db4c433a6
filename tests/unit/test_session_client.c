/* A client's session: opening streams, and what it does with each command. */
#include "support.h"

#include <string.h>

static struct rig rig;

#define OPEN_1 "SYN 1|PSH 1 <030b>example.com<01bb>"
#define OPEN_2 "SYN 2|PSH 2 <030b>example.com<01bb>"

/* A client that speaks the version and has opened streams 1 and 2, as "one" and "two". */
static void two_streams(unsigned version)
{
    struct anytls_address address = address_name("example.com", 443);

    rig_speak(&rig, RIG_CLIENT, version);
    ck_assert_int_eq(rig_open(&rig, &address, "one"), ANYTLS_OK);
    ck_assert_int_eq(rig_open(&rig, &address, "two"), ANYTLS_OK);
    sent(&rig, RIG_OPENS OPEN_1 "|" OPEN_2);
}

/* ---- Opening ---- */

/* PAD-WRITE-ONE, SETTINGS-SEND, STREAM-IDS */
START_TEST(the_first_stream_brings_settings_syn_and_destination)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_CLIENT);
    ck_assert_int_eq(rig_open_name(&rig, "example.com"), ANYTLS_OK);
    ck_assert_uint_eq(rig.opened, 1);
    sent(&rig, RIG_OPENS OPEN_1);
    ck_assert_int_eq(rig_open_name(&rig, "example.com"), ANYTLS_OK);
    ck_assert_uint_eq(rig.opened, 2);
    sent(&rig, OPEN_2);
}
END_TEST

START_TEST(a_client_of_version_1_says_so_and_stays_there)
{
    rig_reset(&rig);
    rig.config.session.version = 1;
    rig_begin(&rig, RIG_CLIENT);
    rig_open_name(&rig, "example.com");
    sent(&rig, "Settings 0 v=1\nclient=test/1\npadding-md5=" RIG_MD5 "|" OPEN_1);
    exchange(&rig, "ServerSettings 0 v=2", "server settings v=2", "");
    ck_assert_int_eq(rig_session(&rig)->state, ANYTLS_STATE_V1);
    exchange(&rig, "SYNACK 1", "(command of a version not agreed on)", "");
}
END_TEST

START_TEST(each_kind_of_destination_is_sent)
{
    struct anytls_address ipv4 = {ANYTLS_IPV4, 80, 4, {127, 0, 0, 1}};
    struct anytls_address ipv6 = {ANYTLS_IPV6, 80, 16, {0x20, 1}};

    two_streams(2);
    rig_open(&rig, &ipv4, NULL);
    rig_open(&rig, &ipv6, NULL);
    sent(&rig, "SYN 3|PSH 3 <017f00000100>P|"
               "SYN 4|PSH 4 <04> <01000000000000000000000000000000>P");
}
END_TEST

START_TEST(the_longest_opening_fits_its_stated_room)
{
    static char name[ANYTLS_CLIENT_NAME_MAX + 1];
    struct anytls_address address = {ANYTLS_NAME, 1, 255, {0}};

    memset(name, 'n', ANYTLS_CLIENT_NAME_MAX);
    rig_reset(&rig);
    rig.config.session.client = text_of(name);
    rig_begin(&rig, RIG_CLIENT);
    ck_assert_int_eq(rig_open(&rig, &address, NULL), ANYTLS_OK);
    ck_assert_uint_le(rig.output.size, ANYTLS_OPEN_SIZE_MAX);
}
END_TEST

/* LIMIT-NAME */
START_TEST(a_client_name_over_its_limit_opens_nothing)
{
    static char name[ANYTLS_CLIENT_NAME_MAX + 2];

    memset(name, 'n', ANYTLS_CLIENT_NAME_MAX + 1);
    rig_reset(&rig);
    rig.config.session.client = text_of(name);
    rig_begin(&rig, RIG_CLIENT);
    ck_assert_int_eq(rig_open_name(&rig, "x"), ANYTLS_TOO_LONG);
    sent(&rig, "");
}
END_TEST

START_TEST(a_bad_address_opens_nothing)
{
    struct anytls_address bad = {ANYTLS_IPV4, 80, 5, {127, 0, 0, 1}};

    rig_reset(&rig);
    rig_begin(&rig, RIG_CLIENT);
    ck_assert_int_eq(rig_open(&rig, &bad, NULL), ANYTLS_BAD_ADDRESS);
    sent(&rig, "");
    rig_open_name(&rig, "example.com");
    sent(&rig, RIG_OPENS OPEN_1);
}
END_TEST

/* LIMIT-STREAMS */
START_TEST(a_client_opens_no_more_streams_than_its_table_holds)
{
    two_streams(2);
    rig_open_name(&rig, "three");
    rig_open_name(&rig, "four");
    rig.output.size = 0;
    ck_assert_int_eq(rig_open_name(&rig, "five"), ANYTLS_TOO_MANY_STREAMS);
    sent(&rig, "");
    rig_finish(&rig, 2);
    ck_assert_int_eq(rig_open_name(&rig, "five"), ANYTLS_OK);
    ck_assert_uint_eq(rig.opened, 5);
}
END_TEST

/* STREAM-IDS-END */
START_TEST(after_the_last_stream_id_a_client_opens_no_more)
{
    two_streams(2);
    rig_session(&rig)->streams.highest = 4294967294u;
    ck_assert_int_eq(rig_open_name(&rig, "x"), ANYTLS_OK);
    ck_assert_uint_eq(rig.opened, 4294967295u);
    sent(&rig, "SYN 4294967295|PSH 4294967295 <0301>x<01bb>");
    ck_assert_int_eq(rig_open_name(&rig, "y"), ANYTLS_NO_MORE_IDS);
    ck_assert_int_eq(rig_finish(&rig, 4294967295u), ANYTLS_OK);
    ck_assert_int_eq(rig_open_name(&rig, "y"), ANYTLS_NO_MORE_IDS);
    exchange(&rig, "PSH 2 on", "data 2 on @two", "FIN 4294967295");
}
END_TEST

/* STREAM-CLIENT-OPENS */
START_TEST(a_server_opens_no_streams)
{
    rig_speak(&rig, RIG_SERVER, 2);
    ck_assert_int_eq(rig_open_name(&rig, "x"), ANYTLS_NOT_ALLOWED);
}
END_TEST

/* ---- ServerSettings and the version ---- */

/* SETTINGS-VERSION-RULE */
START_TEST(version_2_is_spoken_once_server_settings_say_so)
{
    two_streams(1);
    exchange(&rig, "SYNACK 1", "(command of a version not agreed on)", "");
    exchange(&rig, "ServerSettings 0 v=2", "server settings v=2", "");
    exchange(&rig, "SYNACK 1", "accepted 1 @one", "");
    exchange(&rig, "ServerSettings 0 v=1", "(second settings)", "");
    exchange(&rig, "SYNACK 2", "accepted 2 @two", "");
}
END_TEST

START_TEST(server_settings_of_version_1_leave_version_1)
{
    two_streams(1);
    exchange(&rig, "ServerSettings 0 v=1|ServerSettings 0 x|ServerSettings 0",
             "server settings v=1|server settings x|(empty settings)", "");
    ck_assert_int_eq(rig_session(&rig)->state, ANYTLS_STATE_V1);
}
END_TEST

/* LIMIT-TEXT */
START_TEST(texts_over_the_buffer_are_ignored_or_cut_as_the_header_says)
{
    rig_reset(&rig);
    rig.text_capacity = 10;
    rig_begin(&rig, RIG_CLIENT);
    exchange(&rig, "ServerSettings 0 v=2\nabcdefg", "(too long)", "");
    ck_assert_int_eq(rig_session(&rig)->state, ANYTLS_STATE_V1);
    exchange(&rig, "ServerSettings 0 v=2\nabcdef", "server settings v=2\nabcdef", "");
    exchange(&rig, "UpdatePaddingScheme 0 stop=1\n1=1-1", "(too long)", "");
    exchange(&rig, "UpdatePaddingScheme 0 stop=1\n1=1", "scheme stop=1\n1=1", "");
    rig_open_name(&rig, "a");
    rig_open_name(&rig, "b");
    rig.output.size = 0;
    exchange(&rig, "SYNACK 1 0123456789abc|SYNACK 2 0123456789",
             "refused 1 0123456789|refused 2 0123456789", "");
    exchange(&rig, "Alert 0 0123456789abc", "alert 0123456789 (alert from the peer)", "");
}
END_TEST

START_TEST(a_text_of_65535_bytes_is_cut_at_the_buffer)
{
    static struct bytes in;
    static uint8_t text[65535];

    two_streams(2);
    memset(text, 't', sizeof text);
    in.size = 0;
    bytes_add_header(&in, 7, 1, sizeof text);
    bytes_add(&in, text, 6000); /* the rest later, in one piece */
    feed_bytes(&rig, in.at, in.size);
    saw(&rig, "");
    feed_bytes(&rig, text, sizeof text - 6000);
    ck_assert_uint_eq(strlen(rig.seen), strlen("refused 1  @one") + RIG_TEXT);
}
END_TEST

/* ---- SYNACK ---- */

/* SYNACK-SUCCESS, SYNACK-RECEIVE, SYNACK-SECOND */
START_TEST(synack_accepts_a_stream_once)
{
    two_streams(2);
    exchange(&rig, "SYNACK 2|SYNACK 2|SYNACK 1", "accepted 2 @two|(second SYNACK)|accepted 1 @one",
             "");
}
END_TEST

/* SYNACK-ERROR, SYNACK-ERROR-RECEIVE */
START_TEST(synack_with_an_error_text_closes_the_stream_in_silence)
{
    two_streams(2);
    exchange(&rig, "SYNACK 1 no route|FIN 1|PSH 1 x|SYNACK 1", "refused 1 no route @one", "");
    ck_assert_int_eq(rig_send_text(&rig, 1, "x"), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_UNKNOWN_STREAM);
    sent(&rig, "");
    exchange(&rig, "SYNACK 2|SYNACK 2 broke later", "accepted 2 @two|refused 2 broke later @two",
             "");
}
END_TEST

START_TEST(synack_for_an_unknown_or_closed_stream_is_ignored)
{
    two_streams(2);
    rig_finish(&rig, 1);
    rig.output.size = 0;
    exchange(&rig, "SYNACK 1|SYNACK 9|SYNACK 0|SYNACK 1 text|SYNACK 9 text", "", "");
}
END_TEST

/* SYNACK-VERSION */
START_TEST(synack_before_version_2_is_reported_and_its_error_heeded)
{
    two_streams(1);
    exchange(&rig, "SYNACK 1|SYNACK 9 x|SYNACK 2 refused",
             "(command of a version not agreed on)|(command of a version not agreed on)|"
             "refused 2 refused @two (command of a version not agreed on)",
             "");
    ck_assert_uint_eq(rig_session(&rig)->streams.count, 1);
}
END_TEST

START_TEST(a_stream_that_was_finished_while_its_error_text_came_is_told_no_more)
{
    two_streams(2);
    exchange(&rig, "raw <07000000010003>no", "", "");
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_OK);
    exchange(&rig, "raw !|SYNACK 2", "accepted 2 @two", "FIN 1");
}
END_TEST

/* ---- Data and FIN ---- */

/* SYNACK-DATA-EARLY */
START_TEST(data_are_delivered_before_and_after_synack)
{
    two_streams(2);
    exchange(&rig, "PSH 1 a|SYNACK 1|PSH 1 b|PSH 2 c|PSH 2 d|PSH 1",
             "data 1 a @one|accepted 1 @one|data 1 b @one|data 2 cd @two", "");
}
END_TEST

/* FIN-RECEIVE, FIN-AFTER */
START_TEST(data_before_fin_come_first_and_none_behind_it)
{
    two_streams(2);
    exchange(&rig, "PSH 1 last|FIN 1|PSH 1 late|FIN 1", "data 1 last @one|finished 1 @one", "");
    ck_assert_uint_eq(rig_session(&rig)->streams.count, 1);
}
END_TEST

/* FIN-UNKNOWN */
START_TEST(crossing_fins_close_a_stream_once)
{
    two_streams(2);
    ck_assert_int_eq(rig_finish(&rig, 1), ANYTLS_OK);
    exchange(&rig, "PSH 1 on its way|FIN 1", "", "FIN 1");
}
END_TEST

/* ---- The scheme ---- */

/* PAD-UPDATE */
START_TEST(a_valid_scheme_is_told_and_does_not_alter_the_session)
{
    two_streams(2);
    exchange(&rig, "UpdatePaddingScheme 0 stop=9\n1=7-7", "scheme stop=9\n1=7-7", "");
    ck_assert_ptr_eq(rig_session(&rig)->scheme, &rig.scheme);
    ck_assert(!anytls_session_shaped(rig_session(&rig)));
}
END_TEST

/* PAD-INVALID */
START_TEST(an_invalid_scheme_is_ignored_and_reported)
{
    two_streams(2);
    exchange(&rig,
             "UpdatePaddingScheme 0 1=7-7|UpdatePaddingScheme 0 stop=9\n1=1-65536|"
             "UpdatePaddingScheme 0",
             "(no valid stop line)|(padding size over 65535)|(no valid stop line)", "");
}
END_TEST

START_TEST(update_and_server_settings_come_in_any_order)
{
    two_streams(1);
    exchange(&rig, "UpdatePaddingScheme 0 stop=1|ServerSettings 0 v=2",
             "scheme stop=1|server settings v=2", "");
    two_streams(1);
    exchange(&rig, "ServerSettings 0 v=2|UpdatePaddingScheme 0 stop=1",
             "server settings v=2|scheme stop=1", "");
}
END_TEST

/* ---- The session ---- */

/* ALERT-RECEIVE */
START_TEST(an_alert_of_any_length_ends_the_session)
{
    two_streams(2);
    exchange(&rig, "Alert 0 go away|PSH 1 x", "alert go away (alert from the peer)", "");
    two_streams(1);
    exchange(&rig, "Alert 7", "alert (alert from the peer)", "");
    ck_assert_int_eq(feed(&rig, "Waste 0"), ANYTLS_CLOSED);
}
END_TEST

START_TEST(heartbeats_are_answered_and_answers_told)
{
    for (unsigned version = 1; version <= 2; version++) {
        two_streams(version);
        exchange(&rig, "HeartRequest 3|HeartResponse 4|HeartRequest 5 x|Waste 0 xyz",
                 "heart answered|(data on a command without data)",
                 "HeartResponse 3|HeartResponse 5");
    }
}
END_TEST

START_TEST(commands_of_a_client_and_unknown_ones_are_ignored_and_reported_by_a_client)
{
    two_streams(2);
    exchange(&rig, "SYN 1|SYN 9 x|Settings 0|Settings 0 v=1|#11 0|#255 1 x|PSH 1 on",
             "(command from the wrong side)|(command from the wrong side)|"
             "(command from the wrong side)|(command from the wrong side)|"
             "(unknown command)|(unknown command)|data 1 on @one",
             "");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_first_stream_brings_settings_syn_and_destination,
        a_client_of_version_1_says_so_and_stays_there,
        each_kind_of_destination_is_sent,
        the_longest_opening_fits_its_stated_room,
        a_client_name_over_its_limit_opens_nothing,
        a_bad_address_opens_nothing,
        a_client_opens_no_more_streams_than_its_table_holds,
        after_the_last_stream_id_a_client_opens_no_more,
        a_server_opens_no_streams,
        version_2_is_spoken_once_server_settings_say_so,
        server_settings_of_version_1_leave_version_1,
        texts_over_the_buffer_are_ignored_or_cut_as_the_header_says,
        a_text_of_65535_bytes_is_cut_at_the_buffer,
        synack_accepts_a_stream_once,
        synack_with_an_error_text_closes_the_stream_in_silence,
        synack_for_an_unknown_or_closed_stream_is_ignored,
        synack_before_version_2_is_reported_and_its_error_heeded,
        a_stream_that_was_finished_while_its_error_text_came_is_told_no_more,
        data_are_delivered_before_and_after_synack,
        data_before_fin_come_first_and_none_behind_it,
        crossing_fins_close_a_stream_once,
        a_valid_scheme_is_told_and_does_not_alter_the_session,
        an_invalid_scheme_is_ignored_and_reported,
        update_and_server_settings_come_in_any_order,
        an_alert_of_any_length_ends_the_session,
        heartbeats_are_answered_and_answers_told,
        commands_of_a_client_and_unknown_ones_are_ignored_and_reported_by_a_client,
    };

    return suite_run("session client", tests, COUNT(tests));
}
