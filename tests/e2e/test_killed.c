/* Processes that are killed, at any moment: nothing hangs, and nothing is left behind. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "peer.h"
#include "runner.h"

#define MIB (1024u * 1024u)

/* PROXY-KILLED */
static void a_killed_client_leaves_no_descriptor_at_the_server_and_resets_its_targets(void)
{
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    size_t before = server_descriptors(chain.server);
    int streams[20];

    for (size_t i = 0; i < 20; i++) {
        streams[i] = socks_connect(chain.socks, echo->port);
        must_echo(streams[i], i, 5000);
    }
    expect(process_descriptors(program_pid(chain.server)) >= before + 40,
           "no descriptors are used");
    program_kill(chain.client);
    process_must_return_to(program_pid(chain.server), before, 3000);
    expect(counter_reaches(&echo->reset, 20, 2000), "%u targets saw a reset, %u a proper end",
           (unsigned)counter_get(&echo->reset), (unsigned)counter_get(&echo->ended));
    for (size_t i = 0; i < 20; i++)
        expect(net_wait_end(streams[i], 1000) != NET_SILENCE, "application %zu hangs", i);
}

/* The end of the connection is the only end that such a download has. */
static void a_server_killed_amid_a_download_makes_curl_fail(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    struct program *download = curl_start(chain.socks, "--limit-rate", "20M", "-o", "got",
                                          url(http->port, "/stream/1/300000000"));
    int code;

    expect(counter_reaches(&http->sent, 10 * MIB, 10000), "no download began");
    program_kill(chain.server);
    code = program_wait(download, 5000);
    expect(code != PROGRAM_RUNS, "curl hangs");
    expect(code != 0, "curl took a cut download for a whole one");
}

static void a_server_killed_amid_an_upload_makes_curl_fail(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    struct program *upload;
    int code;

    file_write_pattern("original", 1, 64 * MIB);
    upload = curl_start(chain.socks, "--limit-rate", "10M", "-T", "original", "-o", "answer",
                        url(http->port, "/there"));
    expect(counter_reaches(&http->received, 2 * MIB, 10000), "no upload began");
    program_kill(chain.server);
    code = program_wait(upload, 5000);
    expect(code != PROGRAM_RUNS, "curl hangs");
    expect(code != 0, "curl took a cut upload for a whole one");
}

/* The moments go from the first packet of a session to the middle of its downloads. */
static void killed_at_many_moments(bool of_server)
{
    struct target *http = target_start(serve_http);

    for (unsigned moment = 0; moment < 10; moment++) {
        struct chain chain = chain_start();
        struct program *download =
            curl_start(chain.socks, "--parallel", "--parallel-immediate", "--parallel-max", "20",
                       "-o", "got-#1", url(http->port, "/stream/[1-20]/5000000"));
        int code;

        poll(NULL, 0, (int)(moment * moment * 4));
        program_kill(of_server ? chain.server : chain.client);
        code = program_wait(download, 5000);
        expect(code != PROGRAM_RUNS, "curl hangs, moment %u", moment);
        for (unsigned seed = 1; of_server && code == 0 && seed <= 20; seed++) {
            char name[32];

            snprintf(name, sizeof name, "got-%u", seed);
            expect(file_is_pattern(name, seed, 5000000),
                   "curl took a cut download for a whole one");
        }
        program_stop(of_server ? chain.client : chain.server);
    }
}

static void a_server_killed_at_any_moment_leaves_no_hang_and_no_short_file(void)
{
    killed_at_many_moments(true);
}

static void a_client_killed_at_any_moment_leaves_no_hang(void)
{
    killed_at_many_moments(false);
}

static void a_server_killed_and_started_again_is_used_again(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    char where[32];
    uint64_t began;

    expect(curl(chain.socks, "-o", "got", url(http->port, "/bytes/1/10")) == 0, "curl failed");
    program_kill(chain.server);
    expect(curl(chain.socks, "-o", "got", url(http->port, "/bytes/1/10")) != 0,
           "curl did not fail without a server");
    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)chain.server_port);
    program_port(server_start("-l", where));
    began = clock_ms();
    while (curl(chain.socks, "-o", "got", url(http->port, "/bytes/2/10")) != 0) {
        expect(clock_ms() - began < 9000, "the server is back, and not used");
        poll(NULL, 0, 50);
    }
    expect(file_is_pattern("got", 2, 10), "wrong bytes");
}

static pid_t children[8];

struct workers_wanted {
    pid_t parent;
    pid_t without;
};

static bool workers_are_two(void *context)
{
    const struct workers_wanted *wanted = context;
    size_t count = process_children(wanted->parent, children, 8);

    for (size_t i = 0; i < count; i++)
        if (children[i] == wanted->without)
            return false;
    return count == 2;
}

/* PROXY-WORKERS */
static void a_killed_worker_is_replaced_and_service_goes_on(void)
{
    struct program *server =
        plain_server_start("-p", PASSWORD, "--workers", "2", "--allow-local", "-v");
    struct program *client = client_start(program_port(server), "--no-reuse");
    struct target *http = target_start(serve_http);
    struct workers_wanted wanted = {program_pid(server), 0};
    uint16_t socks = program_port(client);

    for (int round = 0; round < 2; round++) {
        expect(wait_until(workers_are_two, &wanted, 5000), "there are not two workers");
        wanted.without = children[0];
        kill(children[0], SIGKILL);
        program_must_log_times(server, "starting another", (unsigned)round + 1, 5000);
        for (unsigned i = 1; i <= 5; i++)
            expect(curl(socks, "-o", "got", url(http->port, "/bytes/1/1000")) == 0,
                   "curl failed beside a dead worker");
    }
    expect(wait_until(workers_are_two, &wanted, 5000), "the worker was not replaced");
}

static void workers_leave_when_their_parent_is_killed(void)
{
    struct program *server = plain_server_start("-p", PASSWORD, "--workers", "2");
    struct workers_wanted wanted = {0, 0};
    uint64_t end = clock_ms() + 8000;

    program_port(server);
    wanted.parent = program_pid(server);
    expect(wait_until(workers_are_two, &wanted, 5000), "there are not two workers");
    program_kill(server);
    for (size_t i = 0; i < 2; i++) {
        while (kill(children[i], 0) == 0) {
            expect(clock_ms() < end, "worker %d lives on", (int)children[i]);
            poll(NULL, 0, 20);
        }
    }
}

static void a_target_that_breaks_off_makes_a_download_of_known_length_fail(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    uint64_t began = clock_ms();

    expect(curl(chain.socks, "-o", "got", url(http->port, "/short/1/5000000")) == 18,
           "curl did not report a partial file");
    expect(clock_ms() - began < 5000, "it took %u ms", (unsigned)(clock_ms() - began));
    expect(curl(chain.socks, "-o", "got", url(http->port, "/bytes/1/1000")) == 0, "curl failed");
}

static void a_killed_application_ends_its_target_and_nothing_else(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    struct target *echo = target_start(serve_echo);
    struct program *download = curl_start(chain.socks, "--limit-rate", "1M", "-o", "got",
                                          url(http->port, "/stream/1/1000000000000"));
    int other = socks_connect(chain.socks, echo->port);

    expect(counter_reaches(&http->sent, 1 * MIB, 10000), "no download began");
    program_kill(download);
    expect(counter_reaches(&http->reset, 1, 5000), "the target still sends");
    must_echo(other, 1, 100000);
}

/* An application leaves at each step of an open; then everything is as before. */
static void an_application_that_leaves_at_any_step_leaves_nothing_behind(void)
{
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    size_t client;
    size_t server;
    int descriptor = socks_connect(chain.socks, echo->port);

    must_echo(descriptor, 1, 1000);
    close(descriptor);
    expect(counter_reaches(&echo->ended, 1, 5000), "the first stream did not end");
    client = process_descriptors(program_pid(chain.client));
    server = process_descriptors(program_pid(chain.server));
    for (int step = 0; step < 10; step++) {
        descriptor = net_connect(chain.socks);
        if (step >= 2)
            socks_greet(descriptor);
        if (step >= 4)
            socks_request(descriptor, 1, "127.0.0.1", echo->port);
        if (step >= 6)
            expect(net_read_all(descriptor, (uint8_t[12]){0}, 12) == 12, "no replies");
        if (step >= 8)
            net_write(descriptor, "bytes", 5);
        if (step % 2 == 0)
            close(descriptor);
        else
            net_reset(descriptor);
    }
    /* More sessions than one may have come to be; they stay, idle. */
    process_must_return_to(program_pid(chain.server), server + 6, 12000);
    process_must_return_to(program_pid(chain.client), client + 6, 12000);
    descriptor = socks_connect(chain.socks, echo->port);
    must_echo(descriptor, 2, 1000);
}

static void descriptors_return_to_the_start_after_all_clients_closed(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    size_t client = process_descriptors(program_pid(chain.client));
    size_t server = server_descriptors(chain.server);

    expect(curl(chain.socks, "--parallel", "--parallel-immediate", "--parallel-max", "100", "-o",
                "got-#1", url(http->port, "/bytes/[1-100]/50000")) == 0,
           "curl failed");
    program_signal(chain.client, SIGTERM);
    expect(program_wait(chain.client, 6000) == 0, "the client did not leave at TERM");
    process_must_return_to(program_pid(chain.server), server, 5000);
    expect(client > 0, "no descriptors at the start");
}

const struct test tests_killed[] = {
    TEST(an_application_that_leaves_at_any_step_leaves_nothing_behind),
    TEST(a_server_killed_at_any_moment_leaves_no_hang_and_no_short_file),
    TEST(a_client_killed_at_any_moment_leaves_no_hang),
    TEST(a_server_killed_and_started_again_is_used_again),
    TEST(a_killed_worker_is_replaced_and_service_goes_on),
    TEST(workers_leave_when_their_parent_is_killed),
    TEST(a_killed_client_leaves_no_descriptor_at_the_server_and_resets_its_targets),
    TEST(a_server_killed_amid_a_download_makes_curl_fail),
    TEST(a_server_killed_amid_an_upload_makes_curl_fail),
    TEST(a_target_that_breaks_off_makes_a_download_of_known_length_fail),
    TEST(a_killed_application_ends_its_target_and_nothing_else),
    TEST(descriptors_return_to_the_start_after_all_clients_closed),
    TESTS_END,
};
