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

const struct test tests_transfer[] = {
    TEST(a_file_through_curl_arrives_with_its_digest),
    TEST(an_upload_through_curl_arrives_with_its_digest),
    TEST(two_hundred_concurrent_downloads_all_have_the_right_bytes),
    TEST(writes_of_65535_bytes_come_back_whole),
    TEST(writes_of_65536_bytes_come_back_whole),
    TEST(writes_of_131071_bytes_come_back_whole),
    TESTS_END,
};
