/* An endpoint: the destination with which each stream begins, and the answer to it. */
#include "support.h"

#include <string.h>

static struct rig rig;

#define IPV4 "<017f0000010050>"
#define NAME "<030b>example.com<01bb>"
#define UOT "<0317>sp.v2.udp-over-tcp.arpa<0000>"
#define DIAL_NAME " name example.com:443"

static void begin(unsigned version)
{
    rig_speak(&rig, RIG_ENDPOINT, version);
}

/* ---- TCP ---- */

/* STREAM-DESTINATION */
START_TEST(a_whole_destination_is_told_to_be_dialled)
{
    begin(2);
    exchange(&rig,
             "SYN 1|PSH 1 " NAME "|SYN 2|PSH 2 " IPV4
             "|SYN 3|PSH 3 <0420010db8000000000000000000000001ffff>",
             "dial 1" DIAL_NAME "|dial 2 ipv4 <7f000001>:80|"
             "dial 3 ipv6  <010db8000000000000000000000001>:65535",
             "");
    ck_assert_uint_eq(rig.state.endpoint.pending_count, 0);
}
END_TEST

START_TEST(data_behind_the_destination_in_the_same_frame_come_after_it)
{
    begin(2);
    exchange(&rig, "SYN 1|PSH 1 " NAME "GET /|PSH 1 <20>HTTP",
             "dial 1" DIAL_NAME "|data 1 GET / HTTP", "");
}
END_TEST

START_TEST(a_destination_may_be_split_over_frames_at_every_place)
{
    static struct bytes destination;
    static struct bytes in;

    destination.size = 0;
    bytes_add_data(&destination, NAME "data");
    for (size_t at = 0; at <= destination.size; at++) {
        begin(2);
        in.size = 0;
        bytes_add_frames(&in, "SYN 1|SYN 2");
        bytes_add_header(&in, 2, 1, at);
        bytes_add(&in, destination.at, at);
        bytes_add_frames(&in, "PSH 2 " IPV4 "|Waste 0 x");
        bytes_add_header(&in, 2, 1, destination.size - at);
        bytes_add(&in, destination.at + at, destination.size - at);
        feed_bytes(&rig, in.at, in.size);
        if (at < destination.size - 4)
            saw(&rig, "dial 2 ipv4 <7f000001>:80|dial 1" DIAL_NAME "|data 1 data");
        else
            ck_assert_ptr_nonnull(strstr(rig.seen, "dial 1" DIAL_NAME));
    }
}
END_TEST

START_TEST(a_destination_may_come_in_frames_of_one_byte)
{
    static struct bytes destination;
    static struct bytes in;

    begin(1);
    destination.size = 0;
    in.size = 0;
    bytes_add_data(&destination, NAME "ab");
    bytes_add_frames(&in, "SYN 1");
    for (size_t i = 0; i < destination.size; i++) {
        bytes_add_header(&in, 2, 1, 1);
        bytes_add(&in, destination.at + i, 1);
        bytes_add_frames(&in, "PSH 1"); /* and empty ones between them */
    }
    feed_bytes(&rig, in.at, in.size);
    saw(&rig, "dial 1" DIAL_NAME "|data 1 ab");
}
END_TEST

START_TEST(the_longest_name_is_a_destination)
{
    static struct bytes in;
    static char expected[TEXT_MAX];
    static uint8_t name[255];

    begin(2);
    memset(name, 'n', sizeof name);
    in.size = 0;
    bytes_add_frames(&in, "SYN 1");
    bytes_add_header(&in, 2, 1, 259 + 1);
    bytes_add(&in, "\3\377", 2);
    bytes_add(&in, name, sizeof name);
    bytes_add(&in, "\0\1x", 3);
    feed_bytes(&rig, in.at, in.size);
    expected[0] = '\0';
    text_add(expected, "dial 1 name %.255s:1|data 1 x", (const char *)name);
    saw(&rig, expected);
}
END_TEST

START_TEST(a_dialled_stream_is_accepted_or_refused)
{
    begin(2);
    feed(&rig, "SYN 1|PSH 1 " IPV4 "|SYN 2|PSH 2 " IPV4);
    rig.seen[0] = '\0';
    ck_assert_int_eq(rig_send_text(&rig, 1, "early"), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_OK);
    ck_assert_int_eq(rig_send_text(&rig, 1, "hello"), ANYTLS_OK);
    ck_assert_int_eq(rig_refuse(&rig, 2, "no route"), ANYTLS_OK);
    ck_assert_int_eq(rig_refuse(&rig, 2, "no route"), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(rig_accept(&rig, 9), ANYTLS_UNKNOWN_STREAM);
    exchange(&rig, "PSH 1 in|FIN 1", "data 1 in|finished 1",
             "SYNACK 1|PSH 1 hello|SYNACK 2 no route");
}
END_TEST

START_TEST(in_version_1_the_answer_is_nothing_or_fin)
{
    begin(1);
    feed(&rig, "SYN 1|PSH 1 " IPV4 "|SYN 2|PSH 2 " IPV4);
    ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_OK);
    sent(&rig, "");
    ck_assert_int_eq(rig_refuse(&rig, 2, "no route"), ANYTLS_OK);
    sent(&rig, "FIN 2");
}
END_TEST

START_TEST(the_user_of_a_dialled_stream_comes_with_its_data)
{
    begin(2);
    feed(&rig, "SYN 1|PSH 1 " IPV4);
    rig.seen[0] = '\0';
    anytls_session_user_set(rig_session(&rig), 1, "one");
    exchange(&rig, "PSH 1 x|FIN 1", "data 1 x @one|finished 1 @one", "");
}
END_TEST

/* ---- What ends before it is dialled ---- */

START_TEST(a_stream_that_ends_before_its_destination_is_whole_is_never_told)
{
    begin(2);
    exchange(&rig, "SYN 1|FIN 1|SYN 2|PSH 2 <017f>|FIN 2|PSH 2 <0000010050>", "", "");
    ck_assert_uint_eq(rig.state.endpoint.pending_count, 0);
    exchange(&rig, "SYN 3|PSH 3 <01>|FIN 3 x", "(data on a command without data)", "");
}
END_TEST

/* STREAM-DESTINATION-BAD */
START_TEST(a_bad_destination_is_refused_at_its_first_bad_byte)
{
    begin(2);
    exchange(&rig, "SYN 1|PSH 1 <00>rest|SYN 2|PSH 2 <0300>|SYN 3|PSH 3 <02017f>|FIN 3",
             "(bad address)|(bad address)|(bad address)",
             "SYNACK 1 bad address|SYNACK 2 bad address|SYNACK 3 bad address");
    ck_assert_uint_eq(rig_session(&rig)->streams.count, 0);
    begin(1);
    exchange(&rig, "SYN 1|PSH 1 <ff>", "(bad address)", "FIN 1");
}
END_TEST

/* LIMIT-PENDING */
START_TEST(a_stream_over_the_table_of_destinations_is_refused)
{
    begin(2);
    exchange(&rig, "SYN 1|SYN 2|SYN 3|PSH 3 " IPV4, "(too many streams)",
             "SYNACK 3 too many streams");
    exchange(&rig, "PSH 1 " IPV4 "|SYN 4|PSH 4 " IPV4 "|PSH 2 " IPV4,
             "dial 1 ipv4 <7f000001>:80|dial 4 ipv4 <7f000001>:80|dial 2 ipv4 <7f000001>:80", "");
    begin(1);
    exchange(&rig, "SYN 1|SYN 2|SYN 3", "(too many streams)", "FIN 3");
}
END_TEST

START_TEST(a_stream_over_the_stream_table_is_refused_by_the_session)
{
    rig_reset(&rig);
    rig.pending_capacity = RIG_PENDING;
    rig_begin(&rig, RIG_ENDPOINT);
    feed(&rig, "raw " RIG_HASH "<0000>|" RIG_SETTINGS_V2);
    rig.seen[0] = '\0';
    rig.output.size = 0;
    exchange(&rig, "SYN 1|SYN 2|SYN 3|SYN 4|SYN 5", "(too many streams)",
             "SYNACK 5 too many streams");
    ck_assert_uint_eq(rig.state.endpoint.pending_count, 4);
}
END_TEST

START_TEST(a_violation_at_syn_is_told_although_the_stream_is_not)
{
    begin(2);
    exchange(&rig, "SYN 7|PSH 7 " IPV4 "|SYN 5|PSH 5 " IPV4 "|SYN 8 x",
             "dial 7 ipv4 <7f000001>:80|(stream id not ascending)|dial 5 ipv4 <7f000001>:80|"
             "(data on a command without data)",
             "");
}
END_TEST

START_TEST(a_strict_endpoint_ends_at_the_first_violation_of_a_session)
{
    rig_reset(&rig);
    rig.config.session.strict = true;
    rig_begin(&rig, RIG_ENDPOINT);
    feed(&rig, "raw " RIG_HASH "<0000>|" RIG_SETTINGS_V2 "|SYN 1");
    rig.seen[0] = '\0';
    rig.output.size = 0;
    exchange(&rig, "SYN 0|PSH 1 " IPV4, "closed (stream id not ascending)",
             "Alert 0 stream id not ascending");
}
END_TEST

/* LIMIT-STRICT: what the endpoint finds wrong counts like what the session does. */
START_TEST(a_strict_endpoint_ends_at_a_bad_destination)
{
    rig_reset(&rig);
    rig.config.session.strict = true;
    rig_begin(&rig, RIG_ENDPOINT);
    feed(&rig, "raw " RIG_HASH "<0000>|" RIG_SETTINGS_V2 "|SYN 1");
    rig.seen[0] = '\0';
    rig.output.size = 0;
    exchange(&rig, "PSH 1 <00>|SYN 2", "closed (bad address)",
             "SYNACK 1 bad address|Alert 0 bad address");
}
END_TEST

/* ---- UDP-over-TCP ---- */

/* UDP-REQUEST, UDP-ACCEPT */
START_TEST(a_udp_stream_is_accepted_at_once_and_its_request_dialled)
{
    begin(2);
    exchange(&rig, "SYN 1|PSH 1 " UOT, "", "SYNACK 1");
    exchange(&rig, "PSH 1 <01>" NAME "<0003>abc",
             "dial udp 1 connect" DIAL_NAME "|data 1 <0003>abc", "");
    ck_assert_int_eq(rig_accept(&rig, 1), ANYTLS_OK);
    sent(&rig, "");
    ck_assert_int_eq(rig_send_text(&rig, 1, "datagram"), ANYTLS_OK);
    sent(&rig, "PSH 1 datagram");
}
END_TEST

START_TEST(a_udp_request_may_stand_in_the_frame_of_the_name_and_be_split_over_frames)
{
    static struct bytes all;
    static struct bytes in;

    all.size = 0;
    bytes_add_data(&all, UOT "<00>" IPV4 "<00>");
    for (size_t at = 0; at <= all.size; at++) {
        begin(2);
        in.size = 0;
        bytes_add_frames(&in, "SYN 1");
        bytes_add_header(&in, 2, 1, at);
        bytes_add(&in, all.at, at);
        bytes_add_header(&in, 2, 1, all.size - at);
        bytes_add(&in, all.at + at, all.size - at);
        feed_bytes(&rig, in.at, in.size);
        saw(&rig, "dial udp 1 each ipv4 <7f000001>:80|data 1 <00>");
        sent(&rig, "SYNACK 1");
    }
}
END_TEST

START_TEST(in_version_1_a_udp_stream_is_accepted_without_a_frame)
{
    begin(1);
    exchange(&rig, "SYN 1|PSH 1 " UOT "<01>" IPV4, "dial udp 1 connect ipv4 <7f000001>:80", "");
    ck_assert_int_eq(rig_send_text(&rig, 1, "x"), ANYTLS_OK);
}
END_TEST

START_TEST(a_udp_stream_that_is_refused_gets_a_fin)
{
    begin(2);
    feed(&rig, "SYN 1|PSH 1 " UOT "<01>" IPV4);
    rig.output.size = 0;
    ck_assert_int_eq(rig_refuse(&rig, 1, "no route"), ANYTLS_OK);
    sent(&rig, "FIN 1");
    ck_assert_int_eq(rig_refuse(&rig, 1, "no route"), ANYTLS_UNKNOWN_STREAM);
}
END_TEST

/* UDP-REQUEST-BAD */
START_TEST(a_bad_udp_request_gets_a_fin)
{
    begin(2);
    exchange(&rig, "SYN 1|PSH 1 " UOT "<02>rest|SYN 2|PSH 2 " UOT "<0105>",
             "(bad UDP-over-TCP request)|(bad address)", "SYNACK 1|FIN 1|SYNACK 2|FIN 2");
    ck_assert_uint_eq(rig.state.endpoint.pending_count, 0);
}
END_TEST

START_TEST(a_udp_stream_that_ends_before_its_request_is_never_told)
{
    begin(2);
    exchange(&rig, "SYN 1|PSH 1 " UOT "<01>|FIN 1", "", "SYNACK 1");
    ck_assert_uint_eq(rig.state.endpoint.pending_count, 0);
}
END_TEST

START_TEST(a_name_that_contains_the_udp_name_is_an_ordinary_one)
{
    begin(2);
    exchange(&rig, "SYN 1|PSH 1 <0318>xsp.v2.udp-over-tcp.arpa<0001>",
             "dial 1 name xsp.v2.udp-over-tcp.arpa:1", "");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_whole_destination_is_told_to_be_dialled,
        data_behind_the_destination_in_the_same_frame_come_after_it,
        a_destination_may_be_split_over_frames_at_every_place,
        a_destination_may_come_in_frames_of_one_byte,
        the_longest_name_is_a_destination,
        a_dialled_stream_is_accepted_or_refused,
        in_version_1_the_answer_is_nothing_or_fin,
        the_user_of_a_dialled_stream_comes_with_its_data,
        a_stream_that_ends_before_its_destination_is_whole_is_never_told,
        a_bad_destination_is_refused_at_its_first_bad_byte,
        a_stream_over_the_table_of_destinations_is_refused,
        a_stream_over_the_stream_table_is_refused_by_the_session,
        a_violation_at_syn_is_told_although_the_stream_is_not,
        a_strict_endpoint_ends_at_the_first_violation_of_a_session,
        a_strict_endpoint_ends_at_a_bad_destination,
        a_udp_stream_is_accepted_at_once_and_its_request_dialled,
        a_udp_request_may_stand_in_the_frame_of_the_name_and_be_split_over_frames,
        in_version_1_a_udp_stream_is_accepted_without_a_frame,
        a_udp_stream_that_is_refused_gets_a_fin,
        a_bad_udp_request_gets_a_fin,
        a_udp_stream_that_ends_before_its_request_is_never_told,
        a_name_that_contains_the_udp_name_is_an_ordinary_one,
    };

    return suite_run("endpoint destination", tests, COUNT(tests));
}
