/* Connections that are no AnyTLS: the fallback gets exactly the bytes that came. */
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "http.h"
#include "peer.h"
#include "runner.h"

struct fallback {
    struct program *server;
    uint16_t port;
    struct target *target;
};

static struct fallback fallback_start(void (*serve)(struct target *target, int descriptor))
{
    struct fallback fallback;
    char where[32];

    fallback.target = target_start(serve);
    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)fallback.target->port);
    fallback.server = server_start("--fallback", where);
    fallback.port = program_port(fallback.server);
    return fallback;
}

/* Sends bytes of the pattern, which are no preamble, and ends TLS: they must arrive, no more. */
static void bytes_then_end_arrive(size_t size)
{
    struct fallback fallback = fallback_start(serve_sink);
    struct peer *peer = peer_connect(fallback.port);
    uint8_t bytes[65536];

    pattern_fill(fallback.target->seed, 0, bytes, size);
    peer_write(peer, bytes, size);
    SSL_shutdown(peer->ssl);
    expect(counter_reaches(&fallback.target->ended, 1, 5000), "the fallback saw no proper end");
    expect(counter_get(&fallback.target->received) == size, "%u bytes arrived",
           (unsigned)counter_get(&fallback.target->received));
    expect(counter_get(&fallback.target->wrong) == 0, "other bytes arrived");
}

static void one_byte_then_the_end_arrives_at_the_fallback(void)
{
    bytes_then_end_arrive(1);
}

static void ten_bytes_then_the_end_arrive_at_the_fallback(void)
{
    bytes_then_end_arrive(10);
}

static void thirty_one_bytes_then_the_end_arrive_at_the_fallback(void)
{
    bytes_then_end_arrive(31);
}

static void thirty_two_bytes_then_the_end_arrive_at_the_fallback(void)
{
    bytes_then_end_arrive(32);
}

static void thirty_three_bytes_then_the_end_arrive_at_the_fallback(void)
{
    bytes_then_end_arrive(33);
}

static void sixteen_thousand_bytes_then_the_end_arrive_at_the_fallback(void)
{
    bytes_then_end_arrive(16000);
}

static void a_connection_that_sends_nothing_does_not_reach_the_fallback(void)
{
    struct fallback fallback = fallback_start(serve_sink);
    struct peer *peer = peer_connect(fallback.port);

    SSL_shutdown(peer->ssl);
    expect(peer_wait_end(peer, 5000) != NET_SILENCE, "the connection stays");
    expect(counter_get(&fallback.target->accepted) == 0, "the fallback was dialled");
}

static void a_wrong_password_reaches_the_fallback_byte_for_byte(void)
{
    struct fallback fallback = fallback_start(serve_echo);
    struct peer *peer = peer_connect(fallback.port);
    uint8_t sent[4096];
    uint8_t got[4096];
    size_t size = put_preamble(sent, "another password", 300);

    size += put_settings(sent + size);
    size += put_frame(sent + size, SYN, 1, NULL, 0);
    peer_write(peer, sent, 10);
    peer_write(peer, sent + 10, 24);
    peer_write(peer, sent + 34, size - 34);
    peer_take(peer, got, size);
    expect(memcmp(sent, got, size) == 0, "other bytes came back");
    peer_write(peer, "more", 4);
    peer_take(peer, got, 4);
    expect(memcmp(got, "more", 4) == 0, "later bytes are other ones");
}

static void a_password_right_but_for_its_last_hash_byte_reaches_the_fallback(void)
{
    struct fallback fallback = fallback_start(serve_echo);
    struct peer *peer = peer_connect(fallback.port);
    uint8_t sent[64];
    uint8_t got[64];
    size_t size = put_preamble(sent, PASSWORD, 30);

    sent[31] ^= 1;
    peer_write(peer, sent, size);
    peer_take(peer, got, size);
    expect(memcmp(sent, got, size) == 0, "other bytes came back");
}

static void plain_https_is_answered_by_the_fallback(void)
{
    struct fallback fallback = fallback_start(serve_http);
    struct program *request;
    char https[64];

    snprintf(https, sizeof https, "https://127.0.0.1:%u/bytes/9/200000", (unsigned)fallback.port);
    request = program_start("curl", OPTIONS("--disable", "--silent", "--show-error", "--insecure",
                                            "--max-time", "10", "-o", "got", https));
    expect(program_wait(request, 12000) == 0, "curl failed");
    expect(file_is_pattern("got", 9, 200000), "wrong bytes");
}

static void a_megabyte_each_way_passes_the_fallback(void)
{
    struct fallback fallback = fallback_start(serve_echo);
    struct peer *peer = peer_connect(fallback.port);
    uint8_t sent[8192];
    uint8_t got[8192];

    for (uint64_t i = 0; i < 128; i++) {
        pattern_fill(4, i * sizeof sent, sent, sizeof sent);
        peer_write(peer, sent, sizeof sent);
        peer_take(peer, got, sizeof got);
        expect(memcmp(sent, got, sizeof sent) == 0, "wrong bytes in part %u", (unsigned)i);
    }
}

static void the_end_of_the_fallback_ends_the_connection(void)
{
    struct fallback fallback = fallback_start(serve_source);
    struct peer *peer = peer_connect(fallback.port);
    uint8_t bytes[40] = {0};
    uint8_t got[1000];

    fallback.target->size = 1000;
    peer_write(peer, bytes, sizeof bytes);
    peer_take(peer, got, sizeof got);
    expect(pattern_is(fallback.target->seed, 0, got, sizeof got), "wrong bytes");
    expect(peer_wait_end(peer, 5000) == NET_END, "no proper end");
}

static void without_a_fallback_a_wrong_password_gets_not_a_byte(void)
{
    struct program *server = server_start(NULL);
    struct peer *peer = peer_connect(program_port(server));
    uint8_t bytes[128];

    peer_write(peer, bytes, put_preamble(bytes, "another password", 30));
    expect(peer_fill(peer, 5000) == NET_END, "something came, or the connection stays");
}

static void a_fallback_that_is_away_closes_its_connection_alone(void)
{
    char where[32];
    struct program *server;
    struct target *echo = target_start(serve_echo);
    struct peer *probe;
    struct peer *peer;
    uint8_t bytes[40] = {0};

    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)net_closed_port());
    server = server_start("--fallback", where);
    peer = peer_connect(program_port(server));
    peer_greet(peer, PASSWORD);
    probe = peer_connect(program_port(server));
    peer_write(probe, bytes, sizeof bytes);
    expect(peer_fill(probe, 5000) <= 0 && peer_wait_end(probe, 5000) != NET_SILENCE,
           "something came, or the connection stays");
    program_must_log(server, "fallback 127.0.0.1:", 1000);
    peer_must_open(peer, 1, echo->port);
}

static void tls_1_2_is_spoken_too(void)
{
    struct fallback fallback = fallback_start(serve_http);
    char https[64];

    snprintf(https, sizeof https, "https://127.0.0.1:%u/bytes/9/1000", (unsigned)fallback.port);
    expect(program_wait(program_start("curl", OPTIONS("--disable", "--silent", "--show-error",
                                                      "--insecure", "--tls-max", "1.2",
                                                      "--max-time", "10", "-o", "got", https)),
                        12000) == 0,
           "curl failed");
    expect(file_is_pattern("got", 9, 1000), "wrong bytes");
}

const struct test tests_fallback[] = {
    TEST(one_byte_then_the_end_arrives_at_the_fallback),
    TEST(ten_bytes_then_the_end_arrive_at_the_fallback),
    TEST(thirty_one_bytes_then_the_end_arrive_at_the_fallback),
    TEST(thirty_two_bytes_then_the_end_arrive_at_the_fallback),
    TEST(thirty_three_bytes_then_the_end_arrive_at_the_fallback),
    TEST(sixteen_thousand_bytes_then_the_end_arrive_at_the_fallback),
    TEST(a_connection_that_sends_nothing_does_not_reach_the_fallback),
    TEST(a_wrong_password_reaches_the_fallback_byte_for_byte),
    TEST(a_password_right_but_for_its_last_hash_byte_reaches_the_fallback),
    TEST(plain_https_is_answered_by_the_fallback),
    TEST(tls_1_2_is_spoken_too),
    TEST(a_megabyte_each_way_passes_the_fallback),
    TEST(the_end_of_the_fallback_ends_the_connection),
    TEST(without_a_fallback_a_wrong_password_gets_not_a_byte),
    TEST(a_fallback_that_is_away_closes_its_connection_alone),
    TESTS_END,
};
