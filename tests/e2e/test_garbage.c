/* Bad input at every layer: a defined error, nothing hangs, and others go on. */
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "peer.h"
#include "raw_server.h"
#include "runner.h"
#include "target.h"

#define MIB ((size_t)1024 * 1024)

/* The same bytes in every run. */
static uint64_t random_state = 20261125;

static uint32_t random_number(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33);
}

static size_t random_bytes(uint8_t *bytes, size_t max)
{
    size_t size = 1 + random_number() % max;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)random_number();
    return size;
}

/* A frame whose header is often possible, and whose data are random. */
static size_t random_frame(uint8_t *out)
{
    uint8_t data[512];
    size_t size = random_number() % 3 == 0 ? 0 : random_bytes(data, sizeof data);

    return put_frame(out, (uint8_t)(random_number() % 12), random_number() % 5, data, size);
}

struct watched {
    struct program *server;
    uint16_t port;
    struct target *echo;
};

static void server_must_serve(const struct watched *watched)
{
    struct peer *peer = peer_connect(watched->port);
    struct frame frame;

    peer_greet(peer, PASSWORD);
    peer_must_open(peer, 1, watched->echo->port);
    peer_send(peer, PSH, 1, "question", 8);
    peer_find(peer, &frame, PSH);
    expect(frame.size == 8 && memcmp(frame.data, "question", 8) == 0, "the echo is another one");
    peer_close(peer);
}

/* Loads a server with bad input twice: it must serve on, and the second time must leave nothing
 * behind that the first did not. */
static void server_must_survive(void (*load)(const struct watched *watched))
{
    struct watched watched = {.server = server_start(NULL)};
    pid_t pid = program_pid(watched.server);
    size_t descriptors;
    size_t memory;

    watched.port = program_port(watched.server);
    watched.echo = target_start(serve_echo);
    descriptors = server_descriptors(watched.server);
    load(&watched);
    server_must_serve(&watched);
    process_must_return_to(pid, descriptors, 13000);
    memory = process_memory(pid);
    load(&watched);
    server_must_serve(&watched);
    process_must_return_to(pid, descriptors, 13000);
    expect(is_sanitized() || process_memory(pid) < memory + 8 * MIB,
           "memory grew from %zu to %zu bytes", memory, process_memory(pid));
}

static void load_random_bytes_instead_of_tls(const struct watched *watched)
{
    uint8_t bytes[2048];

    for (int i = 0; i < 250; i++) {
        int descriptor = net_connect(watched->port);
        size_t size = random_bytes(bytes, sizeof bytes);

        if (i % 2 == 0)
            memcpy(bytes, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
        net_write(descriptor, bytes, size);
        if (i % 3 == 0)
            net_reset(descriptor);
        else
            close(descriptor);
    }
}

static void random_bytes_instead_of_tls_leave_the_server_serving(void)
{
    server_must_survive(load_random_bytes_instead_of_tls);
}

static void load_random_bytes_instead_of_a_preamble(const struct watched *watched)
{
    uint8_t bytes[2048];

    for (int i = 0; i < 250; i++) {
        struct peer *peer = peer_connect(watched->port);

        peer_write(peer, bytes, random_bytes(bytes, i % 2 == 0 ? 40 : sizeof bytes));
        if (i % 3 == 0)
            peer_break(peer);
        else if (i % 3 == 1)
            peer_drop(peer);
        else
            peer_close(peer);
    }
}

static void random_bytes_instead_of_a_preamble_leave_the_server_serving(void)
{
    server_must_survive(load_random_bytes_instead_of_a_preamble);
}

static void load_random_frames(const struct watched *watched)
{
    uint8_t bytes[1024];

    for (int i = 0; i < 250; i++) {
        struct peer *peer = peer_connect(watched->port);
        bool there = true;

        if (i % 4 == 0)
            peer_write(peer, bytes, put_preamble(bytes, PASSWORD, 9));
        else
            peer_greet(peer, PASSWORD);
        for (int k = 0; k < 30 && there; k++)
            there = peer_write(
                peer, bytes, i % 5 == 0 ? random_bytes(bytes, sizeof bytes) : random_frame(bytes));
        if (i % 3 == 0)
            peer_break(peer);
        else if (i % 3 == 1)
            peer_drop(peer);
        else
            peer_close(peer);
    }
}

static void random_frames_leave_the_server_serving(void)
{
    server_must_survive(load_random_frames);
}

/* All that a client sends, up to a byte and no further. */
static void load_requests_cut_at_every_byte(const struct watched *watched)
{
    uint8_t whole[512];
    uint8_t data[16];
    size_t size = put_preamble(whole, PASSWORD, 30);

    size += put_settings(whole + size);
    size += put_frame(whole + size, SYN, 1, NULL, 0);
    memcpy(data + put_destination(data, watched->echo->port), "data", 4);
    size += put_frame(whole + size, PSH, 1, data, 11);
    size += put_frame(whole + size, FIN, 1, NULL, 0);
    expect(size > 150, "there are only %zu bytes to cut", size);
    for (size_t cut = 0; cut < size; cut++) {
        struct peer *peer = peer_connect(watched->port);

        peer_write(peer, whole, cut);
        if (cut % 2 == 0)
            peer_drop(peer);
        else
            peer_close(peer);
    }
}

static void requests_cut_at_every_byte_leave_the_server_serving(void)
{
    server_must_survive(load_requests_cut_at_every_byte);
}

static void load_random_datagram_streams(const struct watched *watched)
{
    static const char name[] = "\x03\x17sp.v2.udp-over-tcp.arpa\0\0";
    uint8_t bytes[1024];
    struct peer *peer = peer_connect(watched->port);
    struct frame frame;

    peer_greet(peer, PASSWORD);
    for (uint32_t stream = 1; stream <= 100; stream++) {
        peer_send(peer, SYN, stream, NULL, 0);
        peer_send(peer, PSH, stream, name, sizeof name - 1);
        for (int k = 0; k < 5; k++) {
            size_t size = random_bytes(bytes, sizeof bytes);

            bytes[0] = bytes[0] % 3;
            bytes[1] = bytes[1] % 5;
            peer_send(peer, PSH, stream, bytes, size);
        }
        peer_send(peer, FIN, stream, NULL, 0);
    }
    peer_send(peer, HEART_REQUEST, 1, NULL, 0);
    peer_find(peer, &frame, HEART_RESPONSE);
    peer_close(peer);
}

static void random_datagram_streams_leave_the_server_serving(void)
{
    server_must_survive(load_random_datagram_streams);
}

/* ---- The client's two sides ---- */

static void random_socks_bytes_leave_the_client_serving(void)
{
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    size_t before = process_descriptors(program_pid(chain.client));
    uint8_t bytes[1024];
    int descriptor;

    for (int i = 0; i < 250; i++) {
        size_t size = random_bytes(bytes, sizeof bytes);

        descriptor = net_connect(chain.socks);
        if (i % 2 == 0)
            bytes[0] = 5;
        if (i % 4 == 0)
            memcpy(bytes, "\x05\x01\x00\x05\x01\x00", size < 6 ? size : 6);
        net_write(descriptor, bytes, size);
        if (i % 3 == 0)
            net_reset(descriptor);
        else
            close(descriptor);
    }
    descriptor = socks_connect(chain.socks, echo->port);
    must_echo(descriptor, 1, 1000);
    close(descriptor);
    process_must_return_to(program_pid(chain.client), before + 20, 13000);
}

/* PROXY-SOCKS */
static void socks_requests_cut_at_every_byte_leave_the_client_serving(void)
{
    static const uint8_t request[] = "\x05\x01\x00\x05\x01\x00\x03\x09localhost\x00\x09";
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    size_t before = process_descriptors(program_pid(chain.client));

    for (size_t cut = 0; cut < sizeof request - 2; cut++) {
        int descriptor = net_connect(chain.socks);

        net_write(descriptor, request, cut);
        close(descriptor);
    }
    process_must_return_to(program_pid(chain.client), before, 5000);
    must_echo(socks_connect(chain.socks, echo->port), 1, 1000);
}

/* What a SOCKS server must answer to what it does not do (RFC 1928). */
static void what_socks_does_not_offer_is_refused_with_its_code(void)
{
    static const struct {
        const char *request;
        size_t size;
        uint8_t reply; /* the code; 0xff: of the method */
    } rows[] = {
        {"\x05\x01\x02", 3, 0xff},                                       /* a password alone */
        {"\x05\x00", 2, 0xff},                                           /* no method */
        {"\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x09", 13, 7}, /* BIND */
        {"\x05\x01\x00\x05\x09\x00\x01\x7f\x00\x00\x01\x00\x09", 13, 7},
        {"\x05\x01\x00\x05\x01\x00\x02\x7f\x00\x00\x01\x00\x09", 13, 8}, /* no such type */
        {"\x05\x01\x00\x05\x01\x00\x03\x00\x00\x09", 10, 8},             /* an empty name */
    };
    struct chain chain = chain_start();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int descriptor = net_connect(chain.socks);
        uint8_t answer[16];
        size_t at = rows[i].reply == 0xff ? 1 : 3;

        net_write(descriptor, rows[i].request, rows[i].size);
        expect(net_read_all(descriptor, answer, at + 1) == at + 1, "row %zu: no answer", i);
        expect(answer[at] == rows[i].reply, "row %zu: the answer is %u", i, answer[at]);
        expect(net_wait_end(descriptor, 5000) != NET_SILENCE, "row %zu: it stays open", i);
        close(descriptor);
    }
}

/* The next session, once the client's back-off is over: a random Alert makes it wait. */
static struct peer *session_await(const struct raw_server *server, int *application)
{
    uint64_t end = clock_ms() + 5000;

    while (clock_ms() < end) {
        struct peer *peer;

        *application = socks_begin(server->socks, "127.0.0.1", 9);
        peer = peer_accept(server->listener, 100);
        if (peer != NULL)
            return peer;
        close(*application);
    }
    expect(false, "no session came");
    return NULL;
}

static void a_server_of_random_frames_leaves_the_client_serving(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    uint8_t bytes[1024];

    for (int i = 0; i < 60; i++) {
        int application;
        struct peer *peer = session_await(&server, &application);
        bool there = true;

        for (int k = 0; k < 30 && there; k++)
            there = peer_write(
                peer, bytes, i % 3 == 0 ? random_bytes(bytes, sizeof bytes) : random_frame(bytes));
        SSL_shutdown(peer->ssl);
        expect(net_wait_end(application, 5000) != NET_SILENCE, "application %d hangs", i);
        close(application);
        peer_drop(peer);
    }
}

static void a_server_without_tls_is_an_error_and_no_hang(void)
{
    struct target *talker = target_start(serve_source);
    struct program *client;
    int application;

    talker->size = 100000;
    client = client_start(talker->port, NULL);
    application = socks_begin(program_port(client), "127.0.0.1", 9);
    expect(net_wait_end(application, 5000) != NET_SILENCE, "the application hangs");
    program_must_log(client, "warning: server 127.0.0.1: ", 1000);
}

const struct test tests_garbage[] = {
    TEST(random_bytes_instead_of_tls_leave_the_server_serving),
    TEST(random_bytes_instead_of_a_preamble_leave_the_server_serving),
    TEST(random_frames_leave_the_server_serving),
    TEST(requests_cut_at_every_byte_leave_the_server_serving),
    TEST(random_datagram_streams_leave_the_server_serving),
    TEST(random_socks_bytes_leave_the_client_serving),
    TEST(socks_requests_cut_at_every_byte_leave_the_client_serving),
    TEST(what_socks_does_not_offer_is_refused_with_its_code),
    TEST(a_server_of_random_frames_leaves_the_client_serving),
    TEST(a_server_without_tls_is_an_error_and_no_hang),
    TESTS_END,
};
