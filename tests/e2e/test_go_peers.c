/* A real peer: the programs of tests/diff/peers/go, which stand on a published Go module, with ours,
 * in both directions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "association.h"
#include "chain.h"
#include "http.h"
#include "relay.h"
#include "runner.h"

struct pair {
    struct program *server;
    struct program *client;
    struct relay *relay; /* between them */
    uint16_t socks;
    struct target *http;
};

static const char scheme[] = "stop=4\n0=20-40\n1=200-300\n2=100-200,c,300-400\n3=50-60,c,70-80";

/* Skips the test where the Go programs could not be built; the log of the build says why. */
static void go_is_needed(void)
{
    char path[4200];
    uint8_t *log;
    size_t size;

    snprintf(path, sizeof path, "%s/peers/go-server", build_folder());
    if (access(path, X_OK) == 0)
        return;
    snprintf(path, sizeof path, "%s/peers.log", build_folder());
    if (access(path, R_OK) != 0)
        test_skip("the Go programs are not built: make peers-go");
    log = file_read(path, &size);
    test_skip("the Go programs are not built: %s", (char *)log);
}

static struct pair pair_begin(void)
{
    struct pair pair = {NULL, NULL, NULL, 0, NULL};

    go_is_needed();
    file_write("scheme", scheme, sizeof scheme - 1);
    pair.http = target_start(serve_http);
    return pair;
}

static struct pair our_client_start(const char *option, const char *value)
{
    struct pair pair = pair_begin();

    pair.server = program_start("peers/go-server",
                                OPTIONS("-l", "127.0.0.1:0", "-p", PASSWORD, option, value));
    pair.relay = relay_start(program_port(pair.server));
    pair.client = client_start(pair.relay->port, NULL);
    pair.socks = program_port(pair.client);
    return pair;
}

static struct pair our_server_start(const char *option, const char *value)
{
    struct pair pair = pair_begin();
    char where[32];

    pair.server = server_start(option, value);
    pair.relay = relay_start(program_port(pair.server));
    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)pair.relay->port);
    pair.client = program_start("peers/go-client", OPTIONS("-l", "127.0.0.1:0", "-s", where, "-p",
                                                           PASSWORD, "-insecure", "-v"));
    pair.socks = program_port(pair.client);
    return pair;
}

static void must_move_files(const struct pair *pair)
{
    char sent[65];
    uint8_t *bytes;
    size_t size;

    file_write_pattern("original", 3, 8000001);
    expect(curl(pair->socks, "-o", "copy", url(pair->http->port, "/file/original")) == 0,
           "the download failed");
    expect(file_is_pattern("copy", 3, 8000001), "the download has wrong bytes");
    expect(curl(pair->socks, "-T", "original", "-o", "answer", url(pair->http->port, "/there")) ==
               0,
           "the upload failed");
    bytes = file_read("original", &size);
    sha256_text(bytes, size, sent);
    free(bytes);
    bytes = file_read("answer", &size);
    expect(strcmp(sent, (char *)bytes) == 0, "the upload has wrong bytes");
    free(bytes);
}

static void must_run_streams_at_once(const struct pair *pair)
{
    expect(curl(pair->socks, "--parallel", "--parallel-immediate", "--parallel-max", "40", "-o",
                "got-#1", url(pair->http->port, "/bytes/[1-40]/300000")) == 0,
           "a download failed");
    for (unsigned seed = 1; seed <= 40; seed++) {
        char name[32];

        snprintf(name, sizeof name, "got-%u", seed);
        expect(file_is_pattern(name, seed, 300000), "download %u has wrong bytes", seed);
    }
}

static void must_reuse_a_session(const struct pair *pair)
{
    for (unsigned i = 1; i <= 20; i++) {
        expect(curl(pair->socks, "-o", "got", url(pair->http->port, "/bytes/%u/%u", i, 1000 * i)) ==
                   0,
               "download %u failed", i);
        expect(file_is_pattern("got", i, 1000 * i), "download %u has wrong bytes", i);
    }
    expect(counter_get(&pair->relay->accepted) == 1, "%u sessions",
           (unsigned)counter_get(&pair->relay->accepted));
}

static void must_survive_a_refused_target(const struct pair *pair)
{
    uint64_t began;

    expect(curl(pair->socks, "-o", "got", url(pair->http->port, "/bytes/1/10")) == 0,
           "the first download failed");
    began = clock_ms();
    expect(curl(pair->socks, url(net_closed_port(), "/")) != 0, "curl did not fail");
    expect(clock_ms() - began < 3000, "it took %u ms", (unsigned)(clock_ms() - began));
    expect(curl(pair->socks, "-o", "got", url(pair->http->port, "/bytes/1/10")) == 0,
           "the next download failed");
}

static void must_echo_sizes(const struct pair *pair)
{
    struct target *echo = target_start(serve_echo);
    int descriptor = socks_connect(pair->socks, echo->port);
    static const size_t sizes[] = {1, 65535, 65536, 131071, 1000000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        must_echo(descriptor, i, sizes[i]);
    close(descriptor);
}

static void must_carry_datagrams(const struct pair *pair)
{
    uint16_t echo = udp_echo_start();
    struct association made = associate(pair->socks);
    static const size_t sizes[] = {1, 1400, 9000, 500};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        must_round_trip(made.socket, "127.0.0.1", echo, i, sizes[i]);
}

/* The scheme is taken in the first session; a second one at the same time uses it. */
static void must_work_with_a_pushed_scheme(const struct pair *pair)
{
    struct target *echo = target_start(serve_echo);
    int first = socks_connect(pair->socks, echo->port);
    int second;

    must_echo(first, 1, 100000);
    second = socks_connect(pair->socks, echo->port);
    must_echo(second, 2, 100000);
    must_echo(first, 3, 100000);
    expect(counter_get(&pair->relay->accepted) == 2, "%u sessions",
           (unsigned)counter_get(&pair->relay->accepted));
    close(first);
    close(second);
    must_move_files(pair);
}

static void files_pass_from_our_client_through_the_go_server(void)
{
    struct pair pair = our_client_start(NULL, NULL);

    must_move_files(&pair);
}

static void files_pass_from_the_go_client_through_our_server(void)
{
    struct pair pair = our_server_start(NULL, NULL);

    must_move_files(&pair);
}

static void streams_at_once_pass_from_our_client_through_the_go_server(void)
{
    struct pair pair = our_client_start(NULL, NULL);

    must_run_streams_at_once(&pair);
}

static void streams_at_once_pass_from_the_go_client_through_our_server(void)
{
    struct pair pair = our_server_start(NULL, NULL);

    must_run_streams_at_once(&pair);
}

static void twenty_exchanges_use_one_session_of_our_client_with_the_go_server(void)
{
    struct pair pair = our_client_start(NULL, NULL);

    must_reuse_a_session(&pair);
}

static void twenty_exchanges_use_one_session_of_the_go_client_with_our_server(void)
{
    struct pair pair = our_server_start(NULL, NULL);

    must_reuse_a_session(&pair);
}

static void a_refused_target_at_the_go_server_leaves_our_client_working(void)
{
    struct pair pair = our_client_start(NULL, NULL);

    must_survive_a_refused_target(&pair);
    program_must_log(pair.client, "stream refused: ", 1000);
}

static void a_refused_target_at_our_server_leaves_the_go_client_working(void)
{
    struct pair pair = our_server_start(NULL, NULL);

    must_survive_a_refused_target(&pair);
    program_must_log(pair.server, "refused: 127.0.0.1:", 1000);
}

static void writes_of_all_sizes_pass_from_our_client_through_the_go_server(void)
{
    struct pair pair = our_client_start(NULL, NULL);

    must_echo_sizes(&pair);
}

static void writes_of_all_sizes_pass_from_the_go_client_through_our_server(void)
{
    struct pair pair = our_server_start(NULL, NULL);

    must_echo_sizes(&pair);
}

static void a_scheme_of_the_go_server_is_used_by_our_client(void)
{
    struct pair pair = our_client_start("-padding-scheme", "scheme");

    must_work_with_a_pushed_scheme(&pair);
    expect(program_log_count(pair.client, "padding scheme for sessions to come") == 1,
           "it was pushed again, or never");
}

static void a_scheme_of_our_server_is_used_by_the_go_client(void)
{
    struct pair pair = our_server_start("--padding-scheme", "scheme");

    must_work_with_a_pushed_scheme(&pair);
}

static void datagrams_pass_from_our_client_through_the_go_server(void)
{
    struct pair pair = our_client_start(NULL, NULL);

    must_carry_datagrams(&pair);
}

static void datagrams_pass_from_the_go_client_through_our_server(void)
{
    struct pair pair = our_server_start(NULL, NULL);

    must_carry_datagrams(&pair);
}

static void datagrams_in_connect_mode_pass_from_the_go_client_through_our_server(void)
{
    struct pair pair = pair_begin();
    char where[32];

    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)program_port(server_start(NULL)));
    pair.client = program_start("peers/go-client", OPTIONS("-l", "127.0.0.1:0", "-s", where, "-p",
                                                           PASSWORD, "-insecure", "-udp-connect"));
    pair.socks = program_port(pair.client);
    must_carry_datagrams(&pair);
}

const struct test tests_go_peers[] = {
    TEST(files_pass_from_our_client_through_the_go_server),
    TEST(files_pass_from_the_go_client_through_our_server),
    TEST(streams_at_once_pass_from_our_client_through_the_go_server),
    TEST(streams_at_once_pass_from_the_go_client_through_our_server),
    TEST(twenty_exchanges_use_one_session_of_our_client_with_the_go_server),
    TEST(twenty_exchanges_use_one_session_of_the_go_client_with_our_server),
    TEST(a_refused_target_at_the_go_server_leaves_our_client_working),
    TEST(a_refused_target_at_our_server_leaves_the_go_client_working),
    TEST(writes_of_all_sizes_pass_from_our_client_through_the_go_server),
    TEST(writes_of_all_sizes_pass_from_the_go_client_through_our_server),
    TEST(a_scheme_of_the_go_server_is_used_by_our_client),
    TEST(a_scheme_of_our_server_is_used_by_the_go_client),
    TEST(datagrams_pass_from_our_client_through_the_go_server),
    TEST(datagrams_pass_from_the_go_client_through_our_server),
    TEST(datagrams_in_connect_mode_pass_from_the_go_client_through_our_server),
    TESTS_END,
};
