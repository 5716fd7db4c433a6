/* anytls-bench-stopwatch: does something so many times, in a plain loop, and measures nothing: for
 * a stopwatch outside, a count of system calls or a profiler, which tools/claims lays beside what
 * anytls-bench says. */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pair.h"
#include "../shared.h"
#include "core/pool.h"

static uint8_t area[1 << 17];

static void encode(uint64_t count, uint16_t size)
{
    struct anytls_frame frame = {{ANYTLS_PSH, size, 1}, pair_payload()};

    for (uint64_t i = 0; i < count; i++) {
        anytls_frame_encode(frame, area, sizeof area);
        bench_use(area);
    }
}

static void encode_1024(uint64_t count)
{
    encode(count, 1024);
}

static void encode_16384(uint64_t count)
{
    encode(count, 16384);
}

static void decode_16384(uint64_t count)
{
    size_t consumed = 0;

    encode(1, 16384);
    for (uint64_t i = 0; i < count; i++) {
        bench_use(area);
        consumed += anytls_frame_decode(area, 16391).consumed;
    }
    if (consumed != count * 16391)
        exit(1);
}

/* What a password's hash is, by OpenSSL's function itself. */
static void sha256_22(uint64_t count)
{
    uint8_t hash[32];

    for (uint64_t i = 0; i < count; i++) {
        SHA256(pair_payload(), 22, hash);
        bench_use(hash);
    }
}

static void allocate_and_copy_16384(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint8_t *made = malloc(16384);

        if (made == NULL)
            exit(1);
        memcpy(made, pair_payload(), 16384);
        bench_use(made);
        free(made);
    }
}

static void pool_50(uint64_t count)
{
    static struct anytls_pool_entry entries[50];

    for (uint64_t i = 0; i < count; i++) {
        for (size_t j = 0; j < 50; j++)
            entries[j] = (struct anytls_pool_entry){j + 1, 1000 + j, true, NULL};
        for (size_t j = 0; j < 50; j++)
            entries[anytls_pool_take(entries, 50).index].idle = false;
        bench_use(entries);
    }
}

static void plan_writes(uint64_t count)
{
    size_t payload = 0;

    for (uint64_t i = 0; i < count; i++) {
        for (uint32_t write = 0; write <= 9; write++) {
            struct anytls_plan plan = anytls_plan_begin(&anytls_scheme_default, write, 1024);
            struct anytls_record record = anytls_plan_next(&plan, write * 2654435761u);

            while (record.more) {
                payload += record.payload;
                record = anytls_plan_next(&plan, write * 40503u);
            }
        }
    }
    if (payload != count * 10240)
        exit(1);
}

static void session_and_stream(uint64_t count)
{
    struct pair *pair = pair_new(false);

    for (uint64_t i = 0; i < count; i++) {
        pair_begin(pair);
        pair_connect(pair);
        pair_open(pair);
    }
    pair_free(pair);
}

static void session_over_tls(uint64_t count)
{
    struct pair *pair = pair_new(true);

    for (uint64_t i = 0; i < count; i++) {
        pair_begin(pair);
        pair_connect(pair);
        pair_open(pair);
    }
    pair_free(pair);
}

static void handshake(uint64_t count)
{
    struct bare bare = {NULL, NULL};

    bare_handshake_run(&bare, count);
    bare_end(&bare);
}

static void write_16384(uint64_t count, bool tls)
{
    struct sending sending = {.size = 16384, .writes = 1, .read = true};

    sending_begin(&sending, tls);
    sending_prepare(&sending, 1);
    sending_run(&sending, count);
    if (sending.pair->at_server != count * 16384)
        exit(1);
    sending_end(&sending);
}

static void write_in_memory(uint64_t count)
{
    write_16384(count, false);
}

static void write_over_tls(uint64_t count)
{
    write_16384(count, true);
}

static void write_by_openssl(uint64_t count)
{
    struct bare_sending bare = {.size = 16384, .writes = 1};

    bare_sending_begin(&bare);
    bare_sending_run(&bare, count);
    if (bare.failed)
        exit(1);
    bare_end(&bare.bare);
}

static void nothing(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        bench_use_number(i);
}

static const struct {
    const char *name;
    void (*run)(uint64_t count);
} all[] = {
    {"nothing", nothing},
    {"encode_1024", encode_1024},
    {"encode_16384", encode_16384},
    {"decode_16384", decode_16384},
    {"sha256_22", sha256_22},
    {"allocate_and_copy_16384", allocate_and_copy_16384},
    {"pool_50", pool_50},
    {"plan_writes", plan_writes},
    {"session_and_stream", session_and_stream},
    {"session_over_tls", session_over_tls},
    {"handshake", handshake},
    {"write_in_memory", write_in_memory},
    {"write_over_tls", write_over_tls},
    {"write_by_openssl", write_by_openssl},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(argv[1], all[i].name) == 0) {
            all[i].run(strtoull(argv[2], NULL, 10));
            return 0;
        }
    }
    fputs("Usage: anytls-bench-stopwatch WHAT COUNT\n", stderr);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        fprintf(stderr, "    %s\n", all[i].name);
    return 2;
}
