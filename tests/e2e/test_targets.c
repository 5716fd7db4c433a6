/* Targets that are slow, stalled, closed or forbidden, and how streams end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "relay.h"
#include "runner.h"

#define MIB (1024u * 1024u)

static void a_target_that_answers_after_4_s_ends_neither_its_session_nor_other_streams(void)
{
    struct relay *relay = relay_start(program_port(server_start(NULL)));
    uint16_t socks = program_port(client_start(relay->port, NULL));
    struct target *http = target_start(serve_http);
    struct target *echo = target_start(serve_echo);
    struct program *slow;
    int other = socks_connect(socks, echo->port);

    must_echo(other, 1, 1000);
    expect(curl(socks, "-o", "got", url(http->port, "/bytes/1/10")) == 0, "curl failed");
    slow = curl_start(socks, "-o", "slow", url(http->port, "/after/4000/answer"));
    expect(counter_reaches(&http->accepted, 2, 5000), "the slow stream did not begin");
    for (uint64_t seed = 2; program_wait(slow, 100) == PROGRAM_RUNS; seed++)
        must_echo(other, seed, 1000);
    expect(program_wait(slow, 0) == 0, "the slow download failed");
    must_echo(other, 1, 1000);
    expect(curl(socks, "-o", "got", url(http->port, "/bytes/1/10")) == 0, "curl failed");
    expect(counter_get(&relay->accepted) == 2, "%u sessions",
           (unsigned)counter_get(&relay->accepted));
}

/* PROXY-SOCKS-REPLY */
static void a_refused_target_makes_curl_fail_at_once_and_leaves_the_session_usable(void)
{
    struct relay *relay = relay_start(program_port(server_start(NULL)));
    struct program *client = client_start(relay->port, NULL);
    uint16_t socks = program_port(client);
    struct target *http = target_start(serve_http);
    uint64_t began;

    expect(curl(socks, "-o", "got", url(http->port, "/bytes/1/10")) == 0, "curl failed");
    began = clock_ms();
    expect(curl(socks, url(net_closed_port(), "/")) != 0, "curl did not fail");
    expect(clock_ms() - began < 2000, "it took %u ms", (unsigned)(clock_ms() - began));
    program_must_log(client, "stream refused: 127.0.0.1:", 1000);
    program_must_log(client, "connection refused", 1000);
    expect(curl(socks, "-o", "got", url(http->port, "/bytes/1/10")) == 0, "curl failed");
    expect(counter_get(&relay->accepted) == 1, "%u sessions",
           (unsigned)counter_get(&relay->accepted));
}

/* PROXY-LOCAL */
static void local_destinations_are_refused_without_allow_local(void)
{
    const char *const options[] = {"-p", PASSWORD, "--workers", "1", "-v", NULL};
    struct program *server = plain_server_start_with(options);
    struct program *client = client_start(program_port(server), NULL);
    uint16_t socks = program_port(client);
    static const char *const hosts[] = {"127.0.0.1", "127.1.2.3", "0.0.0.0",          "::1",
                                        "::",        "localhost", "::ffff:127.0.0.1", "169.254.1.1",
                                        "fe80::1"};
    struct target *echo = target_start(serve_echo);
    struct target *echo6 = target_start_ipv6(serve_echo);
    unsigned count = sizeof hosts / sizeof hosts[0];

    for (unsigned i = 0; i < count; i++) {
        int code;
        int descriptor = socks_connect_to(socks, hosts[i],
                                          strchr(hosts[i], ':') ? echo6->port : echo->port, &code);

        expect(net_wait_end(descriptor, 5000) != NET_SILENCE, "%s was not refused", hosts[i]);
        close(descriptor);
        program_must_log_times(client, "local destinations are not allowed", i + 1, 1000);
    }
    expect(counter_get(&echo->accepted) + counter_get(&echo6->accepted) == 0,
           "a target was dialled");
}

/* PROXY-DIAL */
static void names_and_ipv6_destinations_are_reached(void)
{
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    struct target *echo6 = target_start_ipv6(serve_echo);
    int by_name = socks_connect_to(chain.socks, "localhost", echo->port, NULL);
    int by_ipv6 = socks_connect_to(chain.socks, "::1", echo6->port, NULL);

    must_echo(by_name, 1, 100000);
    must_echo(by_ipv6, 2, 100000);
}

static void a_name_that_does_not_exist_is_refused_with_a_reason(void)
{
    struct chain chain = chain_start();
    int code;
    int descriptor = socks_connect_to(chain.socks, "no-such-name.invalid", 80, &code);

    expect(net_wait_end(descriptor, 12000) != NET_SILENCE, "the stream was not ended");
    program_must_log(chain.client, "stream refused: no-such-name.invalid:80", 1000);
}

static void a_stalled_target_does_not_stop_other_sessions(void)
{
    struct chain chain = chain_start();
    struct target *stalled = target_start(serve_stalled);
    struct target *http = target_start(serve_http);
    int stuck = socks_connect(chain.socks, stalled->port);
    size_t written = net_write_until_full(stuck, 1, 256u * MIB, 300);

    expect(written < 256u * MIB, "a target that reads nothing took %zu bytes", written);
    expect(curl(chain.socks, "-o", "got", url(http->port, "/bytes/1/5000000")) == 0, "curl failed");
    expect(file_is_pattern("got", 1, 5000000), "wrong bytes");
    counter_add(&stalled->go, 1);
    expect(counter_reaches(&stalled->received, written, NET_DEADLINE),
           "the stalled stream is dead");
}

static void the_last_bytes_of_a_target_arrive_before_the_end(void)
{
    struct chain chain = chain_start();
    struct target *source = target_start(serve_source);

    source->size = 3 * MIB + 7;
    for (unsigned i = 0; i < 5; i++) {
        int descriptor = socks_connect(chain.socks, source->port);
        uint8_t byte;

        expect(pattern_read(descriptor, 1, 0, source->size), "bytes are missing");
        expect(net_read(descriptor, &byte, 1, 5000) == NET_END, "no proper end");
        close(descriptor);
    }
}

static void the_last_bytes_of_an_application_arrive_before_the_end(void)
{
    struct chain chain = chain_start();
    struct target *sink = target_start(serve_sink);
    int descriptor = socks_connect(chain.socks, sink->port);

    expect(pattern_write(descriptor, 1, 0, 3 * MIB + 7), "the chain broke off");
    close(descriptor);
    expect(counter_reaches(&sink->ended, 1, 10000), "the target's stream did not end properly");
    expect(counter_get(&sink->received) == 3 * MIB + 7, "%llu bytes arrived",
           (unsigned long long)counter_get(&sink->received));
    expect(counter_get(&sink->wrong) == 0, "wrong bytes arrived");
}

/* FIN closes both directions of a stream; an application that closes its side only is still owed
 * its answer. (FIN-HALF-CLOSE) */
static void an_application_that_closes_its_side_only_still_gets_the_whole_answer(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    static const char request[] = "GET /after/1500/an-answer HTTP/1.1\r\n\r\n";
    int descriptor = socks_connect(chain.socks, http->port);
    char answer[512] = "";
    size_t size;

    net_write(descriptor, request, sizeof request - 1);
    net_finish(descriptor);
    size = net_read_all(descriptor, answer, sizeof answer - 1);
    expect(size > 9 && strcmp(answer + size - 9, "an-answer") == 0, "got \"%s\"", answer);
}

static void a_large_answer_to_a_half_closed_application_is_not_cut(void)
{
    struct chain chain = chain_start();
    struct target *source = target_start(serve_source);
    int descriptor;
    uint8_t byte;

    source->size = 30000000;
    source->delay = 500;
    descriptor = socks_connect(chain.socks, source->port);
    net_write(descriptor, "a question", 10);
    net_finish(descriptor);
    expect(pattern_read(descriptor, source->seed, 0, source->size), "the answer was cut");
    expect(net_read(descriptor, &byte, 1, 10000) == NET_END, "no proper end");
}

/* Whatever the client makes of such an end, it may not cut an answer short in silence. */
static void an_application_that_closes_its_side_amid_an_answer_gets_all_of_it_or_an_error(void)
{
    struct chain chain = chain_start();
    struct target *source = target_start(serve_source);
    uint8_t bytes[65536];
    uint64_t got = 1;
    ssize_t part;
    int descriptor;

    source->size = 30000000;
    descriptor = socks_connect(chain.socks, source->port);
    net_write(descriptor, "a question", 10);
    expect(net_read_all(descriptor, bytes, 1) == 1, "no answer");
    net_finish(descriptor);
    while ((part = net_read(descriptor, bytes, sizeof bytes, 10000)) > 0)
        got += (uint64_t)part;
    expect(part != NET_SILENCE, "it hangs");
    expect(part == NET_RESET || got == source->size, "a proper end after %llu of %llu bytes",
           (unsigned long long)got, (unsigned long long)source->size);
}

const struct test tests_targets[] = {
    WAITING_TEST(a_target_that_answers_after_4_s_ends_neither_its_session_nor_other_streams),
    WAITING_TEST(an_application_that_closes_its_side_only_still_gets_the_whole_answer),
    TEST(a_large_answer_to_a_half_closed_application_is_not_cut),
    TEST(an_application_that_closes_its_side_amid_an_answer_gets_all_of_it_or_an_error),
    TEST(a_refused_target_makes_curl_fail_at_once_and_leaves_the_session_usable),
    TEST(local_destinations_are_refused_without_allow_local),
    TEST(names_and_ipv6_destinations_are_reached),
    TEST(a_name_that_does_not_exist_is_refused_with_a_reason),
    TEST(a_stalled_target_does_not_stop_other_sessions),
    TEST(the_last_bytes_of_a_target_arrive_before_the_end),
    WAITING_TEST(the_last_bytes_of_an_application_arrive_before_the_end),
    TESTS_END,
};
