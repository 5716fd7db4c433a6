/* Half-open connections, mute peers and slow readers: each is over within the stated deadline. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "peer.h"
#include "raw_server.h"
#include "runner.h"

#define MIB ((size_t)1024 * 1024)
#define SLACK 2500u /* ms that a busy machine may be late, at the end or at the beginning */

/* An end that came between a deadline and its slack. */
static void must_end_at(uint64_t began, uint64_t deadline, int how)
{
    uint64_t took = clock_ms() - began;

    expect(how != NET_SILENCE, "still open after %u ms", (unsigned)took);
    expect(took + SLACK >= deadline, "over after %u ms already", (unsigned)took);
}

static void connection_must_end_at(int descriptor, uint64_t deadline)
{
    uint64_t began = clock_ms();

    must_end_at(began, deadline, net_wait_end(descriptor, deadline + SLACK));
}

static void peer_must_end_at(struct peer *peer, uint64_t deadline)
{
    uint64_t began = clock_ms();

    must_end_at(began, deadline, peer_wait_end(peer, deadline + SLACK));
}

/* ---- The server ---- */

static void a_silent_connection_is_closed_by_the_server_after_10_s(void)
{
    connection_must_end_at(net_connect(program_port(server_start(NULL))), 10000);
}

static void half_a_tls_handshake_is_closed_by_the_server_after_10_s(void)
{
    int descriptor = net_connect(program_port(server_start(NULL)));

    net_write(descriptor, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03half of a hello", 26);
    connection_must_end_at(descriptor, 10000);
}

static void silence_after_tls_is_closed_by_the_server_after_10_s(void)
{
    peer_must_end_at(peer_connect(program_port(server_start(NULL))), 10000);
}

static void a_right_hash_and_then_silence_is_closed_by_the_server_after_10_s(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint8_t bytes[128];

    put_preamble(bytes, PASSWORD, 30);
    peer_write(peer, bytes, 40);
    peer_must_end_at(peer, 10000);
}

/* One byte now and then does not put the deadline off. */
static void a_preamble_a_byte_a_second_is_closed_by_the_server_after_10_s(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint8_t bytes[128];
    uint64_t began = clock_ms();
    int how = NET_SILENCE;

    put_preamble(bytes, PASSWORD, 30);
    for (size_t i = 0; i < 20 && how == NET_SILENCE && clock_ms() - began < 10000 + SLACK; i++) {
        peer_write(peer, bytes + i, 1);
        how = peer_wait_end(peer, 1000);
    }
    must_end_at(began, 10000, how);
}

static void half_a_preamble_and_then_silence_reaches_the_fallback_after_10_s(void)
{
    struct target *sink = target_start(serve_sink);
    char where[32];
    struct peer *peer;
    uint8_t bytes[10];
    uint64_t began;

    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)sink->port);
    peer = peer_connect(program_port(server_start("--fallback", where)));
    pattern_fill(sink->seed, 0, bytes, sizeof bytes);
    peer_write(peer, bytes, sizeof bytes);
    began = clock_ms();
    expect(counter_reaches(&sink->received, 10, 10000 + SLACK), "nothing reached the fallback");
    expect(clock_ms() - began > 9000, "it did so after %u ms", (unsigned)(clock_ms() - began));
    peer_close(peer);
    expect(counter_reaches(&sink->ended, 1, 5000), "the fallback does not see the end");
}

static void a_fallback_that_never_answers_is_left_10_s_after_the_client_ended(void)
{
    struct target *stalled = target_start(serve_stalled);
    char where[32];
    struct peer *peer;
    uint8_t bytes[40] = {0};

    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)stalled->port);
    peer = peer_connect(program_port(server_start("--fallback", where)));
    peer_write(peer, bytes, sizeof bytes);
    expect(counter_reaches(&stalled->accepted, 1, 5000), "the fallback was not dialled");
    SSL_shutdown(peer->ssl);
    peer_must_end_at(peer, 10000);
}

static void a_dial_that_hangs_is_refused_by_the_server_after_10_s(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    uint64_t began;
    struct frame frame;

    peer_greet(peer, PASSWORD);
    peer_find(peer, &frame, SERVER_SETTINGS);
    peer_open(peer, 1, hanging_port());
    began = clock_ms();
    expect(peer_frame(peer, &frame, 10000 + SLACK), "no answer");
    expect(frame.command == SYNACK && frame.size > 0, "frame %u with %u bytes", frame.command,
           frame.size);
    must_end_at(began, 10000, NET_END);
}

/* ---- The client ---- */

static void a_silent_application_is_closed_by_the_client_after_10_s(void)
{
    connection_must_end_at(net_connect(program_port(client_start(1, NULL))), 10000);
}

static void half_a_socks_request_is_closed_by_the_client_after_10_s(void)
{
    int descriptor = net_connect(program_port(client_start(1, NULL)));

    net_write(descriptor, "\x05\x01\x00\x05\x01\x00\x03", 7);
    connection_must_end_at(descriptor, 10000);
}

static void *connections_take(void *context)
{
    while (net_accept(*(int *)context, UINT32_MAX) >= 0)
        continue;
    return NULL;
}

/* Many requests, so that a queue that grows, or a pool that is stuck, would show. */
static void a_server_that_accepts_and_says_nothing_fails_all_requests_after_10_s(void)
{
    static uint16_t port;
    static int listener;
    struct program *client;
    uint16_t socks;
    size_t descriptors;
    size_t memory;
    int requests[50];
    uint64_t began = clock_ms();

    listener = net_listen(&port);
    thread_start(connections_take, &listener);
    client = client_start(port, NULL);
    socks = program_port(client);
    descriptors = process_descriptors(program_pid(client));
    memory = process_memory(program_pid(client));
    for (size_t i = 0; i < 50; i++)
        requests[i] = socks_begin(socks, "127.0.0.1", 9);
    for (size_t i = 0; i < 50; i++) {
        uint64_t left = 10000 + SLACK - (clock_ms() - began);

        expect(net_wait_end(requests[i], left > 20000 ? 0 : left) != NET_SILENCE,
               "request %zu hangs", i);
        close(requests[i]);
    }
    program_must_log(client, "no TLS handshake in time", 1000);
    process_must_return_to(program_pid(client), descriptors, 5000);
    expect(is_sanitized() || process_memory(program_pid(client)) < memory + 8 * MIB,
           "the client has %zu bytes, and had %zu", process_memory(program_pid(client)), memory);
}

static void a_server_that_cannot_be_reached_fails_requests_after_10_s(void)
{
    struct program *client = client_start(hanging_port(), NULL);
    int request = socks_begin(program_port(client), "127.0.0.1", 9);

    connection_must_end_at(request, 10000);
    program_must_log(client, "no connection in time", 1000);
}

static void a_server_that_does_tls_and_says_nothing_fails_a_request_after_30_s(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    int request = socks_begin(server.socks, "127.0.0.1", 9);
    struct peer *peer = peer_accept(server.listener, NET_DEADLINE);

    expect(peer != NULL, "no session came");
    expect(socks_reply_read(request, NULL) == 0, "SOCKS was refused");
    connection_must_end_at(request, 30000);
    program_must_log(server.client, "is the password right?", 1000);
    expect(peer_wait_end(peer, 5000) != NET_SILENCE, "the session stays");
}

/* 3 s of silence while a SYNACK is due, then 10 s for the answer to a heartbeat. */
static void a_server_that_falls_silent_before_synack_fails_the_request_after_13_s(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw = raw_stream_begin(&server);

    connection_must_end_at(raw.application, 13000);
    expect(peer_wait_end(raw.peer, 5000) != NET_SILENCE, "the session stays");
}

/* ---- Ends that are not finished ---- */

/* Data that wait for a reader when a stream has ended: it gets them all, or sees an error; never a
 * proper end after some of them. */
struct late_reader {
    int descriptor;
    size_t size;
};

static int small_window_connect(uint16_t socks, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(socks)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int size = 4096;
    uint8_t answer[2];

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    expect(connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0, "no connection");
    socks_greet(descriptor);
    expect(net_read_all(descriptor, answer, 2) == 2, "no answer");
    socks_request(descriptor, 1, "127.0.0.1", port);
    expect(socks_reply_read(descriptor, NULL) == 0, "SOCKS was refused");
    return descriptor;
}

static void a_reader_that_comes_late_gets_everything_or_an_error(void)
{
    struct chain chain = chain_start();
    struct late_reader readers[24];

    for (size_t i = 0; i < 24; i++) {
        struct target *source = target_start(serve_source);

        source->size = (i + 1) * 150000;
        readers[i].size = source->size;
        readers[i].descriptor = small_window_connect(chain.socks, source->port);
        counter_reaches(&source->accepted, 1, 5000);
    }
    poll(NULL, 0, 13000); /* longer than the deadline for what is left of an ended stream */
    for (size_t i = 0; i < 24; i++) {
        static uint8_t bytes[65536];
        size_t got = 0;
        ssize_t part;

        while ((part = net_read(readers[i].descriptor, bytes, sizeof bytes, 5000)) > 0) {
            expect(pattern_is(1, got, bytes, (size_t)part), "wrong bytes");
            got += (size_t)part;
        }
        expect(part != NET_SILENCE, "reader %zu hangs", i);
        expect(part == NET_RESET || got == readers[i].size, "a proper end after %zu of %zu bytes",
               got, readers[i].size);
    }
}

static void term_ends_an_endless_download(bool of_server)
{
    static const char request[] = "GET /stream/1/1000000000000 HTTP/1.1\r\n\r\n";
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    struct program *told = of_server ? chain.server : chain.client;
    int descriptor = socks_connect(chain.socks, http->port);
    uint64_t began;
    uint8_t byte;

    net_write(descriptor, request, sizeof request - 1);
    expect(net_read(descriptor, &byte, 1, 5000) == 1, "no download began");
    began = clock_ms();
    program_signal(told, SIGTERM);
    expect(program_wait(told, 5000 + SLACK) == 0, "it did not leave");
    expect(clock_ms() - began > 4000, "it left after %u ms", (unsigned)(clock_ms() - began));
    expect(net_wait_end(descriptor, 5000) == NET_RESET, "the application saw no error");
}

static void term_ends_an_endless_upload(bool of_server)
{
    struct chain chain = chain_start();
    struct target *stalled = target_start(serve_stalled);
    struct program *told = of_server ? chain.server : chain.client;
    int descriptor = socks_connect(chain.socks, stalled->port);

    net_write_until_full(descriptor, stalled->seed, 100 * MIB, 500);
    program_signal(told, SIGTERM);
    expect(program_wait(told, 5000 + SLACK) == 0, "it did not leave");
    counter_add(&stalled->go, 1);
    expect(counter_reaches(&stalled->reset, 1, 5000), "the target saw no error");
    expect(net_wait_end(descriptor, 5000) == NET_RESET, "the application saw no error");
}

static void term_ends_an_endless_upload_of_the_server_after_5_s(void)
{
    term_ends_an_endless_upload(true);
}

static void term_ends_an_endless_upload_of_the_client_after_5_s(void)
{
    term_ends_an_endless_upload(false);
}

/* What an ended stream has left is in flight, too. Some of the sizes are such that the kernel does
 * not hold everything, and the server has it. */
#define OWED_COUNT 12
#define OWED(i) (500000 + (i) * 100000) /* bytes */

static void term_does_not_cut_short_what_slow_targets_are_still_owed(void)
{
    struct program *servers[OWED_COUNT];
    struct target *targets[OWED_COUNT];
    uint8_t data[10000];
    int window = 4096;

    for (size_t i = 0; i < OWED_COUNT; i++) {
        struct peer *peer;

        servers[i] = server_start(NULL);
        targets[i] = target_start(serve_stalled);
        setsockopt(targets[i]->listener, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
        peer = peer_connect(program_port(servers[i]));
        peer_greet(peer, PASSWORD);
        peer_must_open(peer, 1, targets[i]->port);
        for (size_t sent = 0; sent < OWED(i); sent += sizeof data) {
            pattern_fill(targets[i]->seed, sent, data, sizeof data);
            peer_send(peer, PSH, 1, data, sizeof data);
        }
        peer_send(peer, FIN, 1, NULL, 0);
        peer_close(peer);
    }
    for (size_t i = 0; i < OWED_COUNT; i++)
        program_signal(servers[i], SIGTERM);
    poll(NULL, 0, 1000); /* now the servers would have left if they did not care */
    for (size_t i = 0; i < OWED_COUNT; i++)
        counter_add(&targets[i]->go, 1);
    for (size_t i = 0; i < OWED_COUNT; i++) {
        expect(counter_reaches(&targets[i]->ended, 1, 7000), "target %zu saw no proper end", i);
        expect(counter_get(&targets[i]->received) == OWED(i), "target %zu got %llu bytes", i,
               (unsigned long long)counter_get(&targets[i]->received));
        expect(program_wait(servers[i], 7000) == 0, "server %zu did not leave", i);
    }
}

static void term_ends_an_endless_download_of_the_server_after_5_s(void)
{
    term_ends_an_endless_download(true);
}

static void term_ends_an_endless_download_of_the_client_after_5_s(void)
{
    term_ends_an_endless_download(false);
}

const struct test tests_deadlines[] = {
    WAITING_TEST(a_server_that_does_tls_and_says_nothing_fails_a_request_after_30_s),
    WAITING_TEST(a_reader_that_comes_late_gets_everything_or_an_error),
    WAITING_TEST(a_server_that_falls_silent_before_synack_fails_the_request_after_13_s),
    WAITING_TEST(a_silent_connection_is_closed_by_the_server_after_10_s),
    WAITING_TEST(half_a_tls_handshake_is_closed_by_the_server_after_10_s),
    WAITING_TEST(silence_after_tls_is_closed_by_the_server_after_10_s),
    WAITING_TEST(a_right_hash_and_then_silence_is_closed_by_the_server_after_10_s),
    WAITING_TEST(a_preamble_a_byte_a_second_is_closed_by_the_server_after_10_s),
    WAITING_TEST(half_a_preamble_and_then_silence_reaches_the_fallback_after_10_s),
    WAITING_TEST(a_fallback_that_never_answers_is_left_10_s_after_the_client_ended),
    WAITING_TEST(a_dial_that_hangs_is_refused_by_the_server_after_10_s),
    WAITING_TEST(a_silent_application_is_closed_by_the_client_after_10_s),
    WAITING_TEST(half_a_socks_request_is_closed_by_the_client_after_10_s),
    WAITING_TEST(a_server_that_accepts_and_says_nothing_fails_all_requests_after_10_s),
    WAITING_TEST(a_server_that_cannot_be_reached_fails_requests_after_10_s),
    WAITING_TEST(term_ends_an_endless_download_of_the_server_after_5_s),
    WAITING_TEST(term_ends_an_endless_download_of_the_client_after_5_s),
    WAITING_TEST(term_ends_an_endless_upload_of_the_server_after_5_s),
    WAITING_TEST(term_ends_an_endless_upload_of_the_client_after_5_s),
    WAITING_TEST(term_does_not_cut_short_what_slow_targets_are_still_owed),
    TESTS_END,
};
