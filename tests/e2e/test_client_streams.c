/* anytls-client with a raw server: what comes in a session, in every order. */
#include <string.h>
#include <unistd.h>

#include "raw_server.h"
#include "runner.h"

static void expect_bytes(int descriptor, const char *bytes)
{
    char got[64];
    size_t size = strlen(bytes);

    expect(net_read_all(descriptor, got, size) == size && memcmp(got, bytes, size) == 0,
           "the application did not get \"%s\"", bytes);
}

static void psh_and_fin_in_one_record_give_the_application_data_then_end(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);
    uint8_t record[64];
    size_t size = put_frame(record, PSH, raw.stream, "the last bytes", 14);

    size += put_frame(record + size, FIN, raw.stream, NULL, 0);
    peer_write(raw.peer, record, size);
    expect_bytes(raw.application, "the last bytes");
    expect(net_wait_end(raw.application, 5000) == NET_END, "no proper end");
    raw_session_must_work(&server, raw.peer);
}

static void synack_data_and_fin_in_one_record_give_the_application_data_then_end(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_begin(&server);
    uint8_t record[64];
    size_t size = put_frame(record, SYNACK, raw.stream, NULL, 0);

    size += put_frame(record + size, PSH, raw.stream, "all there is", 12);
    size += put_frame(record + size, FIN, raw.stream, NULL, 0);
    peer_write(raw.peer, record, size);
    expect_bytes(raw.application, "all there is");
    expect(net_wait_end(raw.application, 5000) == NET_END, "no proper end");
    raw_session_must_work(&server, raw.peer);
}

static void a_fin_of_the_server_is_not_answered_by_a_fin(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);
    struct frame frame;

    peer_send(raw.peer, FIN, raw.stream, NULL, 0);
    expect(net_wait_end(raw.application, 5000) == NET_END, "no proper end");
    close(raw.application);
    socks_begin(server.socks, "127.0.0.1", 9);
    do
        expect(peer_frame(raw.peer, &frame, NET_DEADLINE), "no next stream");
    while (frame.command == WASTE);
    expect(frame.command == SYN, "frame %u came before the next SYN", frame.command);
}

static void crossing_fins_leave_the_session_usable(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);

    raw_stream_leave(&raw);
    peer_send(raw.peer, FIN, raw.stream, NULL, 0); /* sent before the client's was read */
    raw_session_must_work(&server, raw.peer);
    raw_session_must_work(&server, raw.peer);
}

/* FIN-AFTER */
static void data_behind_a_fin_is_dropped(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);
    struct raw_stream next;

    raw_stream_leave(&raw);
    peer_send(raw.peer, PSH, raw.stream, "too late", 8);
    next = raw_stream_begin_in(&server, raw.peer);
    peer_send(raw.peer, PSH, raw.stream, "too late", 8);
    peer_send(raw.peer, SYNACK, next.stream, NULL, 0);
    raw_stream_must_work(&next);
}

static void data_of_a_stream_that_was_never_opened_is_dropped(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);

    peer_send(raw.peer, PSH, raw.stream + 1000, "not yours", 9);
    peer_send(raw.peer, PSH, 0, "not yours", 9);
    peer_send(raw.peer, FIN, raw.stream + 1000, NULL, 0);
    peer_send(raw.peer, SYNACK, raw.stream + 1000, "no", 2);
    raw_stream_must_work(&raw);
}

static void an_error_synack_ends_the_stream_and_a_fin_behind_it_is_harmless(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_begin(&server);

    peer_send(raw.peer, SYNACK, raw.stream, "connection refused", 18);
    peer_send(raw.peer, FIN, raw.stream, NULL, 0);
    expect(net_wait_end(raw.application, 2000) == NET_RESET, "the application saw no error");
    program_must_log(server.client, "stream refused: connection refused", 1000);
    raw_session_must_work(&server, raw.peer);
}

static void a_success_synack_and_then_an_error_synack_leave_the_session_usable(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);

    raw_stream_must_work(&raw);
    peer_send(raw.peer, SYNACK, raw.stream, "too late", 8);
    peer_send(raw.peer, FIN, raw.stream, NULL, 0);
    expect(net_wait_end(raw.application, 2000) != NET_SILENCE, "the stream did not end");
    raw_session_must_work(&server, raw.peer);
}

/* Answers heartbeats and nothing else, for ms. Returns how many came. */
static unsigned heartbeats_answer(struct peer *peer, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;
    struct frame frame;
    unsigned count = 0;

    while (clock_ms() < end && peer_frame(peer, &frame, end - clock_ms())) {
        expect(frame.command == WASTE || frame.command == HEART_REQUEST, "frame %u", frame.command);
        if (frame.command == WASTE)
            continue;
        peer_send(peer, HEART_RESPONSE, frame.stream, NULL, 0);
        count++;
    }
    return count;
}

static void synack_after(uint64_t ms)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_begin(&server);

    heartbeats_answer(raw.peer, ms);
    peer_send(raw.peer, SYNACK, raw.stream, NULL, 0);
    raw_stream_must_work(&raw);
    raw_stream_leave(&raw);
    raw = raw_stream_begin_in(&server, raw.peer);
    heartbeats_answer(raw.peer, ms);
    peer_send(raw.peer, SYNACK, raw.stream, NULL, 0);
    raw_stream_must_work(&raw);
    raw_stream_leave(&raw);
    raw_session_must_work(&server, raw.peer);
}

static void a_synack_after_2_s_on_a_first_and_on_a_later_stream_is_in_time(void)
{
    synack_after(2000);
}

static void a_synack_after_4_s_on_a_first_and_on_a_later_stream_is_in_time(void)
{
    synack_after(4000);
}

static void a_stream_that_is_never_answered_does_not_end_others(void)
{
    struct raw_server server = raw_server_start("--synack-timeout", "1");
    struct raw_stream silent = raw_stream_begin(&server);
    struct raw_stream first = raw_stream_open(&server);
    struct raw_stream second = raw_stream_open(&server);

    expect(heartbeats_answer(silent.peer, 3500) >= 2,
           "the server was not asked for a sign of life");
    raw_stream_must_work(&first);
    raw_stream_must_work(&second);
    raw_stream_leave(&first);
    raw_session_must_work(&server, first.peer);
    peer_send(silent.peer, SYNACK, silent.stream, NULL, 0);
    raw_stream_must_work(&silent);
}

static void a_heart_request_is_answered_with_its_stream_id(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);
    struct frame frame;

    peer_send(raw.peer, HEART_REQUEST, 77, NULL, 0);
    peer_must_get(raw.peer, &frame, HEART_RESPONSE, 77);
    raw_stream_must_work(&raw);
}

static void heartbeats_are_sent_by_option(void)
{
    struct raw_server server = raw_server_start("--heartbeat", "1");
    struct raw_stream raw = raw_stream_open(&server);
    struct frame frame;

    raw_stream_must_work(&raw);
    for (unsigned i = 0; i < 2; i++) {
        peer_find(raw.peer, &frame, HEART_REQUEST);
        peer_send(raw.peer, HEART_RESPONSE, frame.stream, NULL, 0);
    }
    raw_stream_must_work(&raw);
}

static void an_alert_is_logged_and_ends_the_session(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);

    peer_send(raw.peer, ALERT, 0, "the server is\nfull", 18);
    program_must_log(server.client, "alert from the server: the server is?full", 2000);
    expect(net_wait_end(raw.application, 2000) == NET_RESET, "the application saw no error");
    expect(peer_wait_end(raw.peer, 5000) != NET_SILENCE, "the session did not end");
}

static void a_session_that_ends_amid_a_stream_is_an_error_for_the_application(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);

    raw_stream_must_work(&raw);
    SSL_shutdown(raw.peer->ssl); /* without FIN: there may have been more */
    expect(net_wait_end(raw.application, 5000) == NET_RESET, "the application saw no error");
}

static void a_server_of_version_1_serves(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    int application = socks_begin(server.socks, "127.0.0.1", 9);
    struct peer *peer = peer_accept(server.listener, NET_DEADLINE);
    struct raw_stream raw = {application, peer, 0};
    uint8_t preamble[64];
    struct frame frame;

    expect(peer != NULL, "no session came");
    peer_take(peer, preamble, 64);
    raw.stream = peer_take_stream(peer, &frame);
    expect(socks_reply_read(application, NULL) == 0, "SOCKS was refused");
    raw_stream_must_work(&raw);
    raw_stream_leave(&raw);
    raw = raw_stream_begin_in(&server, peer);
    raw_stream_must_work(&raw);
}

static void stray_frames_of_a_client_from_the_server_are_harmless(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_open(&server);
    uint8_t smuggled[32];
    size_t size = put_frame(smuggled, FIN, raw.stream, NULL, 0);

    peer_send(raw.peer, SYN, 5, NULL, 0);
    peer_send(raw.peer, SETTINGS, 0, "v=2", 3);
    peer_send(raw.peer, HEART_RESPONSE, 0, smuggled, size);
    peer_send(raw.peer, 200, raw.stream, smuggled, size);
    peer_send(raw.peer, SYN, raw.stream, smuggled, size);
    peer_send(raw.peer, PSH, raw.stream, NULL, 0);
    raw_stream_must_work(&raw);
}

const struct test tests_client_streams[] = {
    WAITING_TEST(a_synack_after_4_s_on_a_first_and_on_a_later_stream_is_in_time),
    WAITING_TEST(a_synack_after_2_s_on_a_first_and_on_a_later_stream_is_in_time),
    WAITING_TEST(a_stream_that_is_never_answered_does_not_end_others),
    WAITING_TEST(heartbeats_are_sent_by_option),
    TEST(psh_and_fin_in_one_record_give_the_application_data_then_end),
    TEST(synack_data_and_fin_in_one_record_give_the_application_data_then_end),
    TEST(a_fin_of_the_server_is_not_answered_by_a_fin),
    TEST(crossing_fins_leave_the_session_usable),
    TEST(data_behind_a_fin_is_dropped),
    TEST(data_of_a_stream_that_was_never_opened_is_dropped),
    TEST(an_error_synack_ends_the_stream_and_a_fin_behind_it_is_harmless),
    TEST(a_success_synack_and_then_an_error_synack_leave_the_session_usable),
    TEST(a_heart_request_is_answered_with_its_stream_id),
    TEST(an_alert_is_logged_and_ends_the_session),
    TEST(a_session_that_ends_amid_a_stream_is_an_error_for_the_application),
    TEST(a_server_of_version_1_serves),
    TEST(stray_frames_of_a_client_from_the_server_are_harmless),
    TESTS_END,
};
