/* Endpoints: the preamble, and the destinations of streams, in all pieces; and random walks. */
#include <stdio.h>
#include <string.h>

#include "exhaustive_endpoint.h"

/* ---- Input ---- */

static uint8_t input[2048];
static size_t input_size;

static void add(const void *bytes, size_t size)
{
    memcpy(input + input_size, bytes, size);
    input_size += size;
}

static void add_frame(uint8_t command, uint32_t stream, const void *data, size_t size)
{
    input_size += frame_lay(input + input_size, command, stream, data, size);
}

static void add_preamble(uint8_t padding)
{
    const uint8_t length[] = {0, padding};

    add(endpoint_hash, sizeof endpoint_hash);
    add(length, sizeof length);
    for (uint8_t i = 0; i < padding; i++)
        add("p", 1);
}

static void add_settings(unsigned version)
{
    char settings[64];

    snprintf(settings, sizeof settings, "v=%u\npadding-md5=%s", version, ENDPOINT_MD5);
    add_frame(ANYTLS_SETTINGS, 0, settings, strlen(settings));
}

/* ---- Preambles (AUTH-SPLIT, AUTH-PADDING-READ, AUTH-VERDICT, AUTH-FALLBACK, AUTH-DEADLINE) ---- */

static void compare_preamble(size_t cut, size_t size)
{
    endpoint_begin(false);
    endpoint_feed_ours(input, cut);
    endpoint_feed_ours(input + cut, size - cut);
    endpoint_feed_theirs(input, size);
    endpoint_compare("preamble", size);
    endpoint_now += ENDPOINT_TIMEOUT - 1;
    endpoint_tick("in time", size);
    endpoint_now++;
    endpoint_tick("late", size);
    endpoint_end();
    endpoint_begin(false);
    endpoint_feed_ours(input, size);
    endpoint_feed_theirs(input, size);
    endpoint_end_input("end behind a preamble", size);
    endpoint_end();
}

static void compare_preambles(void)
{
    for (size_t wrong = 0; wrong <= 32; wrong++) {
        for (uint8_t padding = 0; padding <= 3; padding++) {
            endpoint_begin(false);
            endpoint_end();
            input_size = 0;
            add_preamble(padding);
            add_settings(2);
            if (wrong < 32)
                input[wrong] ^= 1;
            for (size_t size = 0; size <= 34u + padding + 9u; size++)
                for (size_t cut = 0; cut <= size; cut++)
                    compare_preamble(cut, size);
        }
    }
}

/* ---- Destinations ---- */

static uint8_t destination[600];
static size_t destination_size;

static void destination_make(size_t number)
{
    static const char uot[] = "\x03\x17sp.v2.udp-over-tcp.arpa\0\0";
    static const struct {
        const char *bytes;
        size_t size;
    } forms[] = {
        {"\x01\x7f\0\0\x01\0\x50", 7},
        {"\x04"
         "0123456789abcdef\x01\xbb",
         19},
        {"\x03\x01"
         "a\0\x50",
         5},
        {"\x03\x03"
         "a.b\0\x50rest",
         11},
        {"\x01\x01\x02\x03\x04\0\x50rest", 11},
        {"\0", 1},
        {"\x02", 1},
        {"\x05rest", 5},
        {"\xff", 1},
        {"\x03\0\0\x50", 4},
        /* Behind the name of UDP-over-TCP: */
        {"\x01\x01\x01\x02\x03\x04\0\x35", 8},
        {"\0\x03\x01"
         "a\0\x35rest",
         10},
        {"\0\x04"
         "0123456789abcdef\0\x35",
         20},
        {"\x02rest", 5},
        {"\x01\x02", 2},
        {"\x01\x03\0", 3},
        {"", 0},
    };
    const bool udp = number >= 10;

    destination_size = 0;
    if (udp) {
        memcpy(destination, uot, sizeof uot - 1);
        destination_size = sizeof uot - 1;
    }
    memcpy(destination + destination_size, forms[number].bytes, forms[number].size);
    destination_size += forms[number].size;
}

#define DESTINATIONS 17u

static void feed_in_pieces(size_t cut)
{
    if (cut > input_size) { /* byte by byte */
        for (size_t i = 0; i < input_size; i++)
            endpoint_feed_ours(input + i, 1);
        return;
    }
    endpoint_feed_ours(input, cut);
    endpoint_feed_ours(input + cut, input_size - cut);
}

/* A destination in two frames, the input cut at a place; then an answer, data, and FIN. */
static void compare_destination(unsigned version, bool strict, size_t split, size_t cut,
                                bool accept)
{
    endpoint_begin(strict);
    input_size = 0;
    add_preamble(0);
    add_settings(version);
    add_frame(ANYTLS_SYN, 1, NULL, 0);
    add_frame(ANYTLS_PSH, 1, destination, split);
    add_frame(ANYTLS_SYN, 2, NULL, 0);
    add_frame(ANYTLS_PSH, 1, destination + split, destination_size - split);
    add_frame(ANYTLS_SYN, 3, NULL, 0); /* no room in the table of destinations, perhaps */
    feed_in_pieces(cut);
    endpoint_feed_theirs(input, input_size);
    endpoint_compare("destination", cut);
    endpoint_answer(1, accept);
    input_size = 0;
    add_frame(ANYTLS_PSH, 1, "more", 4);
    add_frame(ANYTLS_FIN, 1, "x", cut % 2);
    add_frame(ANYTLS_FIN, 2, NULL, 0);
    endpoint_feed_ours(input, input_size);
    endpoint_feed_theirs(input, input_size);
    endpoint_compare("behind a destination", cut);
    endpoint_end_input("end of a session", cut);
    endpoint_end();
}

static void compare_splits(unsigned version, bool strict)
{
    for (size_t split = 0; split <= destination_size; split++) {
        const size_t all = 34 + 7 + 48 + 5 * 7 + destination_size;

        for (size_t cut = 34 + 7 + 48; cut <= all + 1; cut++)
            compare_destination(version, strict, split, cut, cut % 3 != 0);
    }
}

static void compare_longest_name(void)
{
    destination[0] = 3;
    destination[1] = 255;
    memset(destination + 2, 'n', 257);
    destination_size = 259 + 2;
    for (size_t split = 0; split <= destination_size; split++)
        compare_destination(2, false, split, 9999, true);
}

/* ---- Walks ---- */

static uint32_t state;

static uint32_t below(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

static void walk_frame(void)
{
    static const uint8_t commands[] = {ANYTLS_SYN, ANYTLS_SYN, ANYTLS_PSH,           ANYTLS_PSH,
                                       ANYTLS_PSH, ANYTLS_FIN, ANYTLS_HEART_REQUEST, 99};
    uint8_t command = commands[below(COUNT_OF(commands))];
    size_t start;
    size_t size;

    destination_make(below(DESTINATIONS));
    start = below(4) == 0 ? below((uint32_t)destination_size + 1) : 0;
    size =
        below(2) == 0 ? destination_size - start : below((uint32_t)(destination_size - start) + 1);
    if (command != ANYTLS_PSH && below(8) > 0)
        size = 0;
    add_frame(command, 1 + below(6), destination + start, size);
}

static void walk(uint32_t seed)
{
    endpoint_begin(seed % 4 == 3);
    state = seed * 2654435761u + 1;
    input_size = 0;
    add_preamble((uint8_t)below(3));
    add_settings(1 + below(2));
    for (size_t step = 0; step < 30; step++) {
        size_t cut = below((uint32_t)input_size + 1);

        endpoint_feed_ours(input, cut);
        endpoint_feed_ours(input + cut, input_size - cut);
        endpoint_feed_theirs(input, input_size);
        if (below(3) == 0)
            endpoint_answer(1 + below(6), below(3) > 0);
        if (!endpoint_compare("walk", seed))
            break;
        input_size = 0;
        walk_frame();
    }
    endpoint_end();
}

void compare_endpoints(void)
{
    part_begin("preambles and what follows, every cut");
    compare_preambles();
    part_begin("destinations, every split and cut");
    for (size_t number = 0; number < DESTINATIONS; number++) {
        destination_make(number);
        for (unsigned version = 1; version <= 2; version++) {
            compare_splits(version, false);
            compare_splits(version, true);
        }
    }
    compare_longest_name();
    part_begin("random walks of an endpoint");
    for (uint32_t seed = 1; seed <= 20000; seed++)
        walk(seed);
}
