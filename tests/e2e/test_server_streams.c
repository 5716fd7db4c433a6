/* anytls-server with a raw client: what comes in a session, in every order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "peer.h"
#include "runner.h"
#include "target.h"

static struct peer *session_start(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));

    peer_greet(peer, PASSWORD);
    return peer;
}

static void stream_must_work(struct peer *peer, uint32_t stream, uint16_t echo)
{
    struct frame frame;

    peer_must_open(peer, stream, echo);
    peer_send(peer, PSH, stream, "question", 8);
    do
        peer_find(peer, &frame, PSH);
    while (frame.stream != stream);
    expect(frame.size == 8 && memcmp(frame.data, "question", 8) == 0, "the echo is another one");
    peer_send(peer, FIN, stream, NULL, 0);
}

static void syn_data_and_fin_in_one_record_give_the_target_data_then_end(void)
{
    struct peer *peer = session_start();
    struct target *sink = target_start(serve_sink);
    struct target *echo = target_start(serve_echo);
    uint8_t record[2048];
    uint8_t data[1007];
    size_t size = put_frame(record, SYN, 1, NULL, 0);

    pattern_fill(sink->seed, 0, data + put_destination(data, sink->port), 1000);
    size += put_frame(record + size, PSH, 1, data, sizeof data);
    size += put_frame(record + size, FIN, 1, NULL, 0);
    peer_write(peer, record, size);
    expect(counter_reaches(&sink->ended, 1, 5000), "the target saw no proper end");
    expect(counter_get(&sink->received) == 1000 && counter_get(&sink->wrong) == 0,
           "%u bytes arrived", (unsigned)counter_get(&sink->received));
    stream_must_work(peer, 2, echo->port);
}

static void psh_and_fin_in_one_record_give_the_target_data_then_end(void)
{
    struct peer *peer = session_start();
    struct target *sink = target_start(serve_sink);
    uint8_t record[2048];
    uint8_t data[1000];
    size_t size;

    pattern_fill(sink->seed, 0, data, sizeof data);
    peer_must_open(peer, 1, sink->port);
    size = put_frame(record, PSH, 1, data, sizeof data);
    size += put_frame(record + size, FIN, 1, NULL, 0);
    peer_write(peer, record, size);
    expect(counter_reaches(&sink->ended, 1, 5000), "the target saw no proper end");
    expect(counter_get(&sink->received) == 1000 && counter_get(&sink->wrong) == 0,
           "%u bytes arrived", (unsigned)counter_get(&sink->received));
}

static void crossing_fins_leave_the_session_usable_at_the_server(void)
{
    struct peer *peer = session_start();
    struct target *source = target_start(serve_source);
    struct target *echo = target_start(serve_echo);
    struct frame frame;

    for (uint32_t stream = 1; stream < 20; stream += 2) {
        peer_must_open(peer, stream, source->port);
        peer_send(peer, FIN, stream, NULL, 0); /* the server's own may be on its way */
        stream_must_work(peer, stream + 1, echo->port);
    }
    peer_must_open(peer, 21, source->port);
    peer_find(peer, &frame, FIN);
    peer_send(peer, FIN, frame.stream, NULL, 0);
    stream_must_work(peer, 22, echo->port);
}

static void psh_before_syn_and_of_another_stream_is_dropped(void)
{
    struct peer *peer = session_start();
    struct target *echo = target_start(serve_echo);
    struct frame frame;
    uint8_t destination[7];

    put_destination(destination, echo->port);
    peer_send(peer, PSH, 1, destination, 7);
    peer_send(peer, PSH, 1, "early", 5);
    peer_send(peer, FIN, 1, NULL, 0);
    stream_must_work(peer, 2, echo->port);
    peer_must_open(peer, 3, echo->port);
    peer_send(peer, PSH, 4, "not yours", 9);
    peer_send(peer, PSH, 2, "closed", 6);
    peer_send(peer, PSH, 3, "mine", 4);
    peer_must_get(peer, &frame, PSH, 3);
    expect(frame.size == 4 && memcmp(frame.data, "mine", 4) == 0, "got \"%s\"", frame.data);
    expect(counter_get(&echo->accepted) == 2, "%u connections to the target",
           (unsigned)counter_get(&echo->accepted));
}

static void syn_before_settings_gets_an_alert_and_the_end(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint8_t bytes[128];
    struct frame frame;

    peer_write(peer, bytes, put_preamble(bytes, PASSWORD, 0));
    peer_send(peer, SYN, 1, NULL, 0);
    peer_must_get(peer, &frame, ALERT, 0);
    expect(frame.size > 0, "the alert has no text");
    expect(peer_wait_end(peer, 5000) != NET_SILENCE, "the session did not end");
}

/* STREAM-INDEPENDENT */
static void a_dial_that_hangs_does_not_stop_its_siblings(void)
{
    struct peer *peer = session_start();
    struct target *echo = target_start(serve_echo);
    uint16_t hanging = hanging_port();

    peer_open(peer, 1, hanging);
    for (uint32_t stream = 2; stream < 15; stream++)
        stream_must_work(peer, stream, echo->port);
    peer_send(peer, FIN, 1, NULL, 0);
    stream_must_work(peer, 15, echo->port);
}

/* Wherever a client stops while it opens a stream: nothing is left, and nothing is dialled. */
static void a_stream_cut_at_any_byte_of_its_destination_leaves_the_session_usable(void)
{
    struct program *server = server_start(NULL);
    struct peer *peer = peer_connect(program_port(server));
    struct target *echo = target_start(serve_echo);
    uint8_t destination[7];
    uint32_t stream = 1;
    size_t descriptors;

    put_destination(destination, echo->port);
    peer_greet(peer, PASSWORD);
    stream_must_work(peer, stream++, echo->port);
    expect(counter_reaches(&echo->ended, 1, 5000), "the first stream did not end");
    descriptors = process_descriptors(program_pid(server)) + 1;
    for (size_t cut = 0; cut < 7; cut++, stream++) {
        peer_send(peer, SYN, stream, NULL, 0);
        if (cut > 0)
            peer_send(peer, PSH, stream, destination, cut);
        peer_send(peer, FIN, stream, NULL, 0);
    }
    stream_must_work(peer, stream, echo->port);
    expect(counter_get(&echo->accepted) == 2, "%u connections to the target",
           (unsigned)counter_get(&echo->accepted));
    process_must_return_to(program_pid(server), descriptors, 5000);
}

static void a_destination_split_over_frames_and_records_is_dialled(void)
{
    struct peer *peer = session_start();
    struct target *echo = target_start(serve_echo);
    uint8_t destination[7];
    struct frame frame;

    put_destination(destination, echo->port);
    peer_send(peer, SYN, 1, NULL, 0);
    for (size_t i = 0; i < 7; i++)
        peer_send(peer, PSH, 1, destination + i, 1);
    peer_send(peer, PSH, 1, "hello", 5);
    peer_find(peer, &frame, SYNACK);
    expect(frame.size == 0, "refused: %s", frame.data);
    peer_must_get(peer, &frame, PSH, 1);
    expect(frame.size == 5, "%u bytes came", frame.size);
}

static void one_byte_a_record_is_as_good_as_any(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    struct target *echo = target_start(serve_echo);
    uint8_t bytes[512];
    uint8_t data[16];
    struct frame frame;
    size_t size = put_preamble(bytes, PASSWORD, 30);

    size += put_settings(bytes + size);
    size += put_frame(bytes + size, SYN, 1, NULL, 0);
    memcpy(data + put_destination(data, echo->port), "hello", 5);
    size += put_frame(bytes + size, PSH, 1, data, 12);
    for (size_t i = 0; i < size; i++)
        peer_write(peer, bytes + i, 1);
    for (size_t got = 0; got < 5; got += frame.size) {
        peer_find(peer, &frame, PSH);
        expect(memcmp(frame.data, &"hello"[got], frame.size) == 0, "the echo is another one");
    }
}

static void a_refused_target_gets_a_synack_with_the_reason_and_no_fin(void)
{
    struct peer *peer = session_start();
    struct target *echo = target_start(serve_echo);
    struct frame frame;

    peer_open(peer, 1, net_closed_port());
    peer_find(peer, &frame, SYNACK);
    expect(frame.stream == 1 && strstr((char *)frame.data, "refused") != NULL, "reason: \"%s\"",
           frame.data);
    peer_send(peer, FIN, 1, NULL, 0);
    peer_open(peer, 2, echo->port);
    peer_must_get(peer, &frame, SYNACK, 2);
}

static void a_bad_destination_ends_its_stream_alone(void)
{
    struct peer *peer = session_start();
    struct target *echo = target_start(serve_echo);
    struct frame frame;

    peer_send(peer, SYN, 1, NULL, 0);
    peer_send(peer, PSH, 1, "\x09whatever", 9);
    peer_find(peer, &frame, SYNACK);
    expect(frame.stream == 1 && frame.size > 0, "it was not refused");
    peer_send(peer, SYN, 2, NULL, 0);
    peer_send(peer, PSH, 2, "\x03\x00\x00\x50", 4);
    peer_find(peer, &frame, SYNACK);
    expect(frame.stream == 2 && frame.size > 0, "an empty name was not refused");
    stream_must_work(peer, 3, echo->port);
}

static void a_heart_request_is_answered_with_its_stream_id_by_the_server(void)
{
    struct peer *peer = session_start();
    struct frame frame;

    peer_send(peer, HEART_REQUEST, 4711, NULL, 0);
    peer_find(peer, &frame, HEART_RESPONSE);
    expect(frame.stream == 4711 && frame.size == 0, "stream %u", (unsigned)frame.stream);
}

static void stream_257_is_refused_and_the_others_live(void)
{
    struct peer *peer = session_start();
    struct target *echo = target_start(serve_echo);
    struct frame frame;

    for (uint32_t stream = 1; stream <= 256; stream++)
        peer_must_open(peer, stream, echo->port);
    peer_open(peer, 257, echo->port);
    peer_find(peer, &frame, SYNACK);
    expect(frame.stream == 257 && frame.size > 0, "stream 257 was not refused");
    peer_send(peer, FIN, 17, NULL, 0);
    stream_must_work(peer, 258, echo->port);
    for (uint32_t stream = 1; stream <= 256; stream += 51) {
        peer_send(peer, PSH, stream, "still here", 10);
        peer_must_get(peer, &frame, PSH, stream);
    }
}

/* STREAM-SESSION-STAYS */
static void a_thousand_streams_one_after_the_other_leave_nothing_behind(void)
{
    struct program *server = server_start(NULL);
    struct peer *peer = peer_connect(program_port(server));
    struct target *echo = target_start(serve_echo);
    size_t descriptors;

    peer_greet(peer, PASSWORD);
    stream_must_work(peer, 1, echo->port);
    expect(counter_reaches(&echo->ended, 1, 5000), "the first stream did not end");
    descriptors = process_descriptors(program_pid(server)) + 1;
    for (uint32_t stream = 2; stream <= 1000; stream++)
        stream_must_work(peer, stream, echo->port);
    expect(counter_reaches(&echo->ended, 1000, 10000), "%u streams ended at the target",
           (unsigned)counter_get(&echo->ended));
    process_must_return_to(program_pid(server), descriptors, 5000);
}

static void frames_in_the_data_of_others_are_not_executed(void)
{
    struct peer *peer = session_start();
    struct target *echo = target_start(serve_echo);
    uint8_t smuggled[32];
    size_t size = put_frame(smuggled, FIN, 1, NULL, 0);
    struct frame frame;

    peer_must_open(peer, 1, echo->port);
    peer_send(peer, SYN, 2, smuggled, size);
    peer_send(peer, FIN, 2, smuggled, size);
    peer_send(peer, HEART_RESPONSE, 0, smuggled, size);
    peer_send(peer, 99, 0, smuggled, size);
    peer_send(peer, WASTE, 0, smuggled, size);
    peer_send(peer, PSH, 1, "alive", 5);
    peer_find(peer, &frame, PSH);
    expect(frame.stream == 1 && frame.size == 5, "stream 1 does not live");
}

static void a_client_of_version_1_gets_no_synack_and_a_fin_for_a_refused_target(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    struct target *echo = target_start(serve_echo);
    uint8_t bytes[128];
    struct frame frame;

    peer_write(peer, bytes, put_preamble(bytes, PASSWORD, 5));
    peer_send(peer, SETTINGS, 0, "v=1\nclient=old/1", 16);
    peer_open(peer, 1, echo->port);
    peer_send(peer, PSH, 1, "hello", 5);
    do {
        expect(peer_frame(peer, &frame, NET_DEADLINE), "no echo");
        expect(frame.command == UPDATE_PADDING_SCHEME || frame.command == PSH, "frame %u",
               frame.command);
    } while (frame.command != PSH);
    peer_open(peer, 2, net_closed_port());
    peer_must_get(peer, &frame, FIN, 2);
}

static void strict_ends_the_session_at_the_first_violation(void)
{
    struct program *server = server_start("--strict");
    struct target *echo = target_start(serve_echo);
    struct peer *lax = peer_connect(program_port(server));

    peer_greet(lax, PASSWORD);
    stream_must_work(lax, 1, echo->port);
    peer_send(lax, 99, 0, NULL, 0);
    expect(peer_wait_end(lax, 5000) != NET_SILENCE, "an unknown command did not end the session");
    lax = peer_connect(program_port(server));
    peer_greet(lax, PASSWORD);
    stream_must_work(lax, 5, echo->port);
}

const struct test tests_server_streams[] = {
    TEST(syn_data_and_fin_in_one_record_give_the_target_data_then_end),
    TEST(psh_and_fin_in_one_record_give_the_target_data_then_end),
    TEST(crossing_fins_leave_the_session_usable_at_the_server),
    TEST(psh_before_syn_and_of_another_stream_is_dropped),
    TEST(syn_before_settings_gets_an_alert_and_the_end),
    TEST(a_dial_that_hangs_does_not_stop_its_siblings),
    TEST(a_stream_cut_at_any_byte_of_its_destination_leaves_the_session_usable),
    TEST(a_destination_split_over_frames_and_records_is_dialled),
    TEST(one_byte_a_record_is_as_good_as_any),
    TEST(a_refused_target_gets_a_synack_with_the_reason_and_no_fin),
    TEST(a_bad_destination_ends_its_stream_alone),
    TEST(a_heart_request_is_answered_with_its_stream_id_by_the_server),
    TEST(stream_257_is_refused_and_the_others_live),
    TEST(a_thousand_streams_one_after_the_other_leave_nothing_behind),
    TEST(frames_in_the_data_of_others_are_not_executed),
    TEST(a_client_of_version_1_gets_no_synack_and_a_fin_for_a_refused_target),
    TEST(strict_ends_the_session_at_the_first_violation),
    TESTS_END,
};
