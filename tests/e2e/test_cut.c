/* The path between client and server: cut, ended, or silent. */
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "relay.h"
#include "runner.h"

#define MIB (1024u * 1024u)

struct cuttable {
    struct relay *relay;
    struct target *http;
    struct program *server;
    struct program *client;
    uint16_t socks;
};

static struct cuttable cuttable_start(const char *option, const char *value)
{
    struct cuttable path;

    path.server = server_start(NULL);
    path.relay = relay_start(program_port(path.server));
    path.client = client_start(path.relay->port, option, value);
    path.socks = program_port(path.client);
    path.http = target_start(serve_http);
    return path;
}

/* A download whose length is told by its end alone: an end that is none must be an error. */
static void download_cut(void (*cut)(struct relay *relay))
{
    struct cuttable path = cuttable_start(NULL, NULL);
    struct program *download = curl_start(path.socks, "--limit-rate", "20M", "-o", "got",
                                          url(path.http->port, "/stream/1/300000000"));
    int code;

    expect(counter_reaches(&path.relay->down, 5 * MIB, 10000), "no download began");
    cut(path.relay);
    code = program_wait(download, 5000);
    expect(code != PROGRAM_RUNS, "curl hangs");
    expect(code != 0, "curl took a cut download for a whole one");
    expect(counter_reaches(&path.http->reset, 1, 5000), "the target's stream did not break off");
    expect(curl(path.socks, "-o", "got", url(path.http->port, "/bytes/1/1000")) == 0,
           "the next download failed");
}

/* PROXY-CUT */
static void a_session_that_is_reset_is_an_error_for_the_application(void)
{
    download_cut(relay_cut);
}

static void a_session_that_ends_without_an_end_of_tls_is_an_error_for_the_application(void)
{
    download_cut(relay_end);
}

static void an_upload_whose_session_is_cut_is_a_reset_for_the_target(void)
{
    struct cuttable path = cuttable_start(NULL, NULL);
    struct target *sink = target_start(serve_sink);
    int descriptor = socks_connect(path.socks, sink->port);

    expect(pattern_write(descriptor, 1, 0, 2 * MIB), "the chain broke off");
    expect(counter_reaches(&sink->received, 2 * MIB, 10000), "the upload did not arrive");
    relay_end(path.relay);
    expect(counter_reaches(&sink->reset, 1, 5000), "the target took a cut upload for a whole one");
    expect(net_wait_end(descriptor, 5000) == NET_RESET, "the application saw no reset");
}

static void an_idle_session_that_was_cut_is_not_used_again(void)
{
    struct cuttable path = cuttable_start(NULL, NULL);

    expect(curl(path.socks, "-o", "got", url(path.http->port, "/bytes/1/1000")) == 0,
           "curl failed");
    relay_cut(path.relay);
    program_must_log(path.client, "session ended", 5000);
    expect(curl(path.socks, "-o", "got", url(path.http->port, "/bytes/1/1000")) == 0,
           "the next download failed");
    expect(counter_get(&path.relay->accepted) == 2, "not two sessions");
}

/* 3 s without a SYNACK, then 10 s without an answer to a heartbeat. */
static void an_open_in_an_idle_session_on_a_silent_path_fails_within_15_s(void)
{
    struct cuttable path = cuttable_start(NULL, NULL);
    uint64_t began;

    expect(curl(path.socks, "-o", "got", url(path.http->port, "/bytes/1/1000")) == 0,
           "curl failed");
    relay_mute(path.relay);
    began = clock_ms();
    expect(curl(path.socks, "-o", "got", url(path.http->port, "/bytes/1/1000")) != 0,
           "curl did not fail on a silent path");
    expect(clock_ms() - began < 15000, "it took %u ms", (unsigned)(clock_ms() - began));
    began = clock_ms();
    expect(curl(path.socks, "-o", "got", url(path.http->port, "/bytes/1/1000")) == 0,
           "the next download failed");
    expect(clock_ms() - began < 1000, "it took %u ms", (unsigned)(clock_ms() - began));
}

/* 1 s between heartbeats, then 10 s for the answer. */
static void heartbeats_find_a_silent_path_amid_a_stream_within_13_s(void)
{
    struct cuttable path = cuttable_start("--heartbeat", "1");
    struct target *echo = target_start(serve_echo);
    int descriptor = socks_connect(path.socks, echo->port);
    uint64_t began;

    must_echo(descriptor, 1, 1000);
    relay_mute(path.relay);
    began = clock_ms();
    expect(net_wait_end(descriptor, 13000) == NET_RESET, "the application saw no reset");
    expect(clock_ms() - began > 9000, "it took only %u ms", (unsigned)(clock_ms() - began));
    program_must_log(path.client, "session ended", 1000);
}

const struct test tests_cut[] = {
    WAITING_TEST(an_open_in_an_idle_session_on_a_silent_path_fails_within_15_s),
    WAITING_TEST(heartbeats_find_a_silent_path_amid_a_stream_within_13_s),
    TEST(a_session_that_is_reset_is_an_error_for_the_application),
    TEST(a_session_that_ends_without_an_end_of_tls_is_an_error_for_the_application),
    TEST(an_upload_whose_session_is_cut_is_a_reset_for_the_target),
    TEST(an_idle_session_that_was_cut_is_not_used_again),
    TESTS_END,
};
