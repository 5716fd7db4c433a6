/* The main job: bytes through the whole chain, under curl and by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "runner.h"

#define MIB (1024u * 1024u)

/* PROXY-RELAY */
static void a_file_through_curl_arrives_with_its_digest(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    char sent[65];
    char got[65];
    uint8_t *bytes;
    size_t size;

    file_write_pattern("original", 7, 16 * MIB + 12345);
    expect(curl(chain.socks, "-o", "copy", url(http->port, "/file/original")) == 0, "curl failed");
    bytes = file_read("original", &size);
    sha256_text(bytes, size, sent);
    free(bytes);
    bytes = file_read("copy", &size);
    sha256_text(bytes, size, got);
    free(bytes);
    expect(strcmp(sent, got) == 0, "sent %s, got %s", sent, got);
}

static void an_upload_through_curl_arrives_with_its_digest(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    char sent[65];
    uint8_t *bytes;
    size_t size;

    file_write_pattern("original", 8, 8 * MIB + 1);
    expect(curl(chain.socks, "-T", "original", "-o", "answer", url(http->port, "/there")) == 0,
           "curl failed");
    bytes = file_read("original", &size);
    sha256_text(bytes, size, sent);
    free(bytes);
    bytes = file_read("answer", &size);
    expect(strcmp(sent, (char *)bytes) == 0, "sent %s, arrived %s", sent, (char *)bytes);
    free(bytes);
}

static void two_hundred_concurrent_downloads_all_have_the_right_bytes(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);

    expect(curl(chain.socks, "--parallel", "--parallel-immediate", "--parallel-max", "200", "-o",
                "got-#1", url(http->port, "/bytes/[1-200]/200000")) == 0,
           "curl failed");
    for (unsigned seed = 1; seed <= 200; seed++) {
        char name[32];

        snprintf(name, sizeof name, "got-%u", seed);
        expect(file_is_pattern(name, seed, 200000), "download %u has wrong bytes", seed);
    }
    expect(counter_get(&http->accepted) == 200, "%u connections at the target",
           (unsigned)counter_get(&http->accepted));
}

static void writes_come_back_whole(size_t size)
{
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    int descriptor = socks_connect(chain.socks, echo->port);

    for (uint64_t seed = 1; seed <= 3; seed++)
        must_echo(descriptor, seed, size);
    close(descriptor);
}

static void writes_of_65535_bytes_come_back_whole(void)
{
    writes_come_back_whole(65535);
}

static void writes_of_65536_bytes_come_back_whole(void)
{
    writes_come_back_whole(65536);
}

static void writes_of_131071_bytes_come_back_whole(void)
{
    writes_come_back_whole(131071);
}

/* Clients may be in a hurry: whether their first bytes come with the request or behind it makes no
 * difference. */
static void bytes_behind_a_socks_request_arrive_however_they_are_cut(void)
{
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    uint8_t bytes[64] = {5, 1, 0, 5, 1, 0};
    uint8_t got[12 + 8];
    size_t size = 6 + socks_address_put("127.0.0.1", echo->port, bytes + 6);

    memcpy(bytes + size, "question", 8);
    for (size_t cut = 1; cut <= size + 8; cut++) {
        int descriptor = net_connect(chain.socks);

        net_write(descriptor, bytes, cut);
        net_write(descriptor, bytes + cut, size + 8 - cut);
        expect(net_read_all(descriptor, got, sizeof got) == sizeof got, "cut at %zu: no answer",
               cut);
        expect(memcmp(got + 12, "question", 8) == 0, "cut at %zu: another answer", cut);
        close(descriptor);
    }
}

static void everything_works_over_ipv6(void)
{
    const char *const options[] = {"-l", "[::1]:0", NULL};
    struct target *http = target_start(serve_http);
    struct program *server = server_start_with(options);
    struct program *client;
    char where[64];
    int code;

    snprintf(where, sizeof where, "[::1]:%u", (unsigned)program_port(server));
    client = plain_client_start("-l", "[::1]:0", "-s", where, "-p", PASSWORD, "--insecure");
    snprintf(where, sizeof where, "[::1]:%u", (unsigned)program_port(client));
    code = program_wait(
        program_start("curl", OPTIONS("--disable", "--silent", "--show-error", "--socks5-hostname",
                                      where, "-o", "got", url(http->port, "/bytes/5/500000"))),
        10000);
    expect(code == 0 && file_is_pattern("got", 5, 500000), "curl ended with %d", code);
}

static void serve_filling_then_reading(struct target *target, int descriptor)
{
    counter_add(&target->sent, net_write_until_full(descriptor, target->seed, 64 * MIB, 500));
    expect(counter_reaches(&target->go, 1, NET_DEADLINE), "the test does not go on");
    serve_sink(target, descriptor);
}

/* PROXY-RELAY: with all that lies between them full both ways, either end needs only read for its
 * bytes to move; two programs that stop reading because they cannot write would wait for ever. */
static void both_directions_full_at_once_go_on_when_they_are_read(void)
{
    struct chain chain = chain_start();
    struct target *target = target_start(serve_filling_then_reading);
    int descriptor;
    size_t sent;
    uint64_t coming;

    target->seed = 9;
    descriptor = socks_connect(chain.socks, target->port);
    sent = net_write_until_full(descriptor, 9, 64 * MIB, 1000);
    coming = counter_settles(&target->sent, 1000);
    expect(coming > MIB && sent > MIB, "%zu and %zu bytes filled everything", sent, (size_t)coming);
    counter_add(&target->go, 1);
    expect(pattern_read(descriptor, 9, 0, coming), "what the target sent does not arrive");
    expect(counter_reaches(&target->received, sent, NET_DEADLINE), "%zu of %zu bytes arrived",
           (size_t)counter_get(&target->received), sent);
    expect(counter_get(&target->wrong) == 0, "wrong bytes arrived");
    close(descriptor);
}

/* Started by a shell that allows few descriptors. */
static void out_of_descriptors_the_server_waits_and_serves_again(void)
{
    char command[4400];
    struct program *server;
    struct program *client;
    struct target *echo = target_start(serve_echo);
    int connections[80];
    int descriptor;

    snprintf(command, sizeof command,
             "ulimit -n 40 && exec '%s/anytls-server' -l 127.0.0.1:0 -p '" PASSWORD
             "' --workers 1 --allow-local",
             build_folder());
    server = program_start("sh", OPTIONS("-c", command));
    client = client_start(program_port(server), NULL);
    descriptor = socks_connect(program_port(client), echo->port);
    must_echo(descriptor, 1, 1000);
    for (size_t i = 0; i < 80; i++)
        connections[i] = net_connect(program_port(server));
    must_echo(descriptor, 2, 100000);
    for (size_t i = 0; i < 80; i++)
        close(connections[i]);
    must_echo(descriptor, 3, 1000);
    for (uint64_t end = clock_ms() + 5000;;) {
        int code;
        int next = socks_connect_to(program_port(client), "127.0.0.1", echo->port, &code);
        uint8_t byte;

        if (code == 0 && net_write(next, "x", 1) && net_read(next, &byte, 1, 2000) == 1)
            break;
        expect(clock_ms() < end, "no new stream, %zu descriptors are in use",
               process_descriptors(program_pid(server)));
        close(next);
    }
}

const struct test tests_transfer[] = {
    TEST(a_file_through_curl_arrives_with_its_digest),
    TEST(an_upload_through_curl_arrives_with_its_digest),
    TEST(two_hundred_concurrent_downloads_all_have_the_right_bytes),
    TEST(bytes_behind_a_socks_request_arrive_however_they_are_cut),
    TEST(both_directions_full_at_once_go_on_when_they_are_read),
    TEST(everything_works_over_ipv6),
    TEST(out_of_descriptors_the_server_waits_and_serves_again),
    TEST(writes_of_65535_bytes_come_back_whole),
    TEST(writes_of_65536_bytes_come_back_whole),
    TEST(writes_of_131071_bytes_come_back_whole),
    TESTS_END,
};
