/* Sessions are reused, the newest first, and retired, the oldest first. */
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "raw_server.h"
#include "relay.h"
#include "runner.h"

struct counted {
    struct relay *relay;
    uint16_t socks;
    struct program *client;
};

/* Client and server with a relay between them that counts the sessions. */
static struct counted counted_start(const char *option, const char *value)
{
    struct counted counted;
    struct program *server = server_start(NULL);

    counted.relay = relay_start(program_port(server));
    counted.client = client_start(counted.relay->port, option, value);
    counted.socks = program_port(counted.client);
    return counted;
}

static void downloads_one_by_one(uint16_t socks, uint16_t http, unsigned count)
{
    for (unsigned i = 1; i <= count; i++) {
        expect(curl(socks, "-o", "got", url(http, "/bytes/%u/%u", i, 1000 * i)) == 0,
               "download %u failed", i);
        expect(file_is_pattern("got", i, 1000 * i), "download %u has wrong bytes", i);
    }
}

/* POOL-REUSE */
static void twenty_exchanges_one_after_the_other_use_one_session(void)
{
    struct counted counted = counted_start(NULL, NULL);
    struct target *http = target_start(serve_http);

    downloads_one_by_one(counted.socks, http->port, 20);
    expect(counter_get(&http->accepted) == 20, "%u streams",
           (unsigned)counter_get(&http->accepted));
    expect(counter_get(&counted.relay->accepted) == 1, "%u sessions",
           (unsigned)counter_get(&counted.relay->accepted));
}

/* POOL-ONE-STREAM */
static void with_no_reuse_each_stream_has_a_session_of_its_own(void)
{
    struct counted counted = counted_start("--no-reuse", NULL);
    struct target *http = target_start(serve_http);

    downloads_one_by_one(counted.socks, http->port, 5);
    expect(counter_get(&counted.relay->accepted) == 5, "%u sessions",
           (unsigned)counter_get(&counted.relay->accepted));
    expect(counter_reaches(&counted.relay->ended, 5, 5000), "%u sessions ended",
           (unsigned)counter_get(&counted.relay->ended));
}

/* Streams at once are as many sessions; each is a connection of its own to an echo. */
static void streams_open(uint16_t socks, uint16_t port, int *streams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        streams[i] = socks_connect(socks, port);
        must_echo(streams[i], i, 1000);
    }
}

static void streams_close(const int *streams, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(streams[i]);
}

/* POOL-OPTIONS */
static void idle_sessions_above_min_idle_are_closed_after_the_timeout(void)
{
    const char *const options[] = {
        "--idle-timeout", "1", "--idle-check", "1", "--min-idle", "2", NULL};
    struct relay *relay = relay_start(program_port(server_start(NULL)));
    uint16_t socks = program_port(client_start_with(relay->port, options));
    struct target *echo = target_start(serve_echo);
    int streams[5];

    streams_open(socks, echo->port, streams, 5);
    expect(counter_get(&relay->accepted) == 5, "not five sessions");
    streams_close(streams, 5);
    expect(counter_reaches(&relay->ended, 3, 6000), "%u sessions were closed",
           (unsigned)counter_get(&relay->ended));
    expect(!counter_reaches(&relay->ended, 4, 2500), "an idle session below min-idle was closed");
    streams_open(socks, echo->port, streams, 2);
    expect(counter_get(&relay->accepted) == 5, "the sessions that were kept are not used");
}

static void with_min_idle_0_no_idle_session_is_kept(void)
{
    const char *const options[] = {
        "--idle-timeout", "1", "--idle-check", "1", "--min-idle", "0", NULL};
    struct relay *relay = relay_start(program_port(server_start(NULL)));
    uint16_t socks = program_port(client_start_with(relay->port, options));
    struct target *echo = target_start(serve_echo);
    int streams[2];

    streams_open(socks, echo->port, streams, 2);
    streams_close(streams, 2);
    expect(counter_reaches(&relay->ended, 2, 6000), "%u sessions were closed",
           (unsigned)counter_get(&relay->ended));
}

/* POOL-NUMBERS */
static void the_newest_idle_session_is_taken_first(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream first = raw_stream_open(&server);
    struct raw_stream second = raw_stream_open(&server);
    struct raw_stream third;

    raw_stream_leave(&second);
    raw_stream_leave(&first);
    third = raw_stream_begin_in(&server, second.peer);
    expect(third.stream > second.stream, "stream ids do not grow");
    raw_stream_begin_in(&server, first.peer);
}

/* FIN-BEFORE-END */
static void without_reuse_fin_is_sent_before_the_session_ends(void)
{
    struct raw_server server = raw_server_start("--no-reuse", NULL);
    struct raw_stream raw = raw_stream_open(&server);

    raw_stream_must_work(&raw);
    raw_stream_leave(&raw);
    expect(peer_wait_end(raw.peer, 5000) == NET_END, "the session did not end properly");
}

/* POOL-DEAD */
static void a_session_that_the_server_ended_while_idle_is_not_used_again(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream first = raw_stream_open(&server);
    struct raw_stream second;

    raw_stream_leave(&first);
    SSL_shutdown(first.peer->ssl);
    expect(peer_wait_end(first.peer, 5000) == NET_END, "the client did not end its side");
    second = raw_stream_open(&server);
    raw_stream_must_work(&second);
}

const struct test tests_reuse[] = {
    WAITING_TEST(idle_sessions_above_min_idle_are_closed_after_the_timeout),
    WAITING_TEST(with_min_idle_0_no_idle_session_is_kept),
    TEST(twenty_exchanges_one_after_the_other_use_one_session),
    TEST(with_no_reuse_each_stream_has_a_session_of_its_own),
    TEST(the_newest_idle_session_is_taken_first),
    TEST(without_reuse_fin_is_sent_before_the_session_ends),
    TEST(a_session_that_the_server_ended_while_idle_is_not_used_again),
    TESTS_END,
};
