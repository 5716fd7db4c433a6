/* Endpoints: the preamble, and the destinations of streams, in all pieces; and random walks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exhaustive.h"

#define STREAMS 4u
#define PENDING 2u
#define TIMEOUT 10000u

static const char md5[] = "0123456789abcdef0123456789abcdef";
static const char scheme_text[] = "stop=1";
static uint8_t hash[32];

static struct anytls_endpoint_config config;
static struct anytls_scheme scheme;
static struct anytls_endpoint ours;
static struct anytls_stream streams[STREAMS];
static struct anytls_pending pending[PENDING];
static uint8_t text[256];
static struct oracle_endpoint *theirs;
static uint64_t now;

static struct said our_said;
static struct said their_said;

static void begin(bool strict)
{
    struct oracle_endpoint_config other = {oracle_config_default(ORACLE_SERVER), hash, TIMEOUT,
                                           PENDING};

    for (size_t i = 0; i < sizeof hash; i++)
        hash[i] = (uint8_t)(200 - i);
    now = 500;
    config.session.version = 2;
    config.session.strict = strict;
    memcpy(config.hash, hash, sizeof hash);
    config.preamble_timeout = TIMEOUT;
    scheme.text.bytes = (const uint8_t *)scheme_text;
    scheme.text.size = sizeof scheme_text - 1;
    scheme.stop = 1;
    memcpy(scheme.md5, md5, sizeof scheme.md5);
    anytls_endpoint_begin(&ours, &config, &scheme, streams, STREAMS, pending, PENDING, text,
                          sizeof text, now);
    other.session.strict = strict;
    other.session.scheme = oracle_string(scheme_text);
    other.session.md5 = md5;
    other.session.streams_max = STREAMS;
    other.session.text_max = sizeof text;
    theirs = oracle_endpoint_new(&other, now);
    said_reset(&our_said);
}

static void end(void)
{
    oracle_endpoint_free(theirs);
    theirs = NULL;
}

/* ---- What was said ---- */

static void say_dial(const struct anytls_event *event)
{
    uint8_t bytes[ANYTLS_UOT_REQUEST_SIZE_MAX];
    struct anytls_written written;

    if (event->type == ANYTLS_EVENT_DIAL)
        written =
            anytls_address_encode(ANYTLS_TABLE_SOCKS, &ours.request.address, bytes, sizeof bytes);
    else
        written = anytls_uot_request_encode(&ours.request, bytes, sizeof bytes);
    said_add(&our_said, event_name(event->type), anytls_status_text(event->violation),
             event->stream, bytes, written.size);
}

static void say(const struct anytls_received *result, const uint8_t *out)
{
    const struct anytls_event *event = &result->event;

    said_output(&our_said, out, result->output);
    if (event->type == ANYTLS_EVENT_DIAL || event->type == ANYTLS_EVENT_DIAL_UDP)
        say_dial(event);
    else if (event->type != ANYTLS_EVENT_NONE || event->violation != ANYTLS_OK)
        said_add(&our_said, event_name(event->type), anytls_status_text(event->violation),
                 event->stream, event->data.bytes, event->data.size);
}

static void feed_ours(const uint8_t *bytes, size_t size)
{
    uint8_t out[2048];

    while (size > 0) {
        struct anytls_received result =
            anytls_endpoint_receive(&ours, bytes, size, now, out, sizeof out);

        if (result.status != ANYTLS_OK)
            return;
        say(&result, out);
        bytes += result.consumed;
        size -= result.consumed;
    }
}

static void feed_theirs(const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};

    oracle_endpoint_receive(theirs, all, now);
}

static void take_theirs(void)
{
    struct oracle_bytes output = oracle_endpoint_output(theirs);

    said_reset(&their_said);
    for (size_t i = 0; i < oracle_endpoint_events(theirs); i++) {
        struct oracle_event event = oracle_endpoint_event(theirs, i);

        said_add(&their_said, oracle_event_name(event.type), oracle_status_text(event.violation),
                 event.stream, event.data.at, event.data.size);
    }
    said_output(&their_said, output.at, output.size);
    oracle_endpoint_clear(theirs);
}

/* Compares all that was said since the last time, and the deadline. */
static bool compare_said(const char *what, size_t where)
{
    struct anytls_deadline deadline = anytls_endpoint_deadline(&ours);
    uint64_t at = 0;
    bool set = oracle_endpoint_deadline(theirs, &at);
    bool same;

    take_theirs();
    same = said_same(&our_said, &their_said) && deadline.set == set && (!set || deadline.at == at);
    if (!agree(same) && tell()) {
        printf("  %s, %zu:\n", what, where);
        said_show("ref   ", &our_said);
        said_show("oracle", &their_said);
    }
    said_reset(&our_said);
    return same;
}

static void end_both(const char *what, size_t where)
{
    struct anytls_received result = anytls_endpoint_end(&ours);
    enum oracle_status status = oracle_endpoint_end(theirs);

    agree(same_status(result.status, status));
    say(&result, NULL);
    compare_said(what, where);
}

static void tick_both(const char *what, size_t where)
{
    uint8_t out[2048];
    struct anytls_received result = anytls_endpoint_tick(&ours, now, out, sizeof out);
    enum oracle_status status = oracle_endpoint_tick(theirs, now);

    agree(same_status(result.status, status));
    say(&result, out);
    compare_said(what, where);
}

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

    add(hash, sizeof hash);
    add(length, sizeof length);
    for (uint8_t i = 0; i < padding; i++)
        add("p", 1);
}

static void add_settings(unsigned version)
{
    char settings[64];

    snprintf(settings, sizeof settings, "v=%u\npadding-md5=%s", version, md5);
    add_frame(ANYTLS_SETTINGS, 0, settings, strlen(settings));
}

/* ---- Preambles (AUTH-SPLIT, AUTH-PADDING-READ, AUTH-VERDICT, AUTH-FALLBACK, AUTH-DEADLINE) ---- */

static void compare_preamble(size_t cut, size_t size)
{
    begin(false);
    feed_ours(input, cut);
    feed_ours(input + cut, size - cut);
    feed_theirs(input, size);
    compare_said("preamble", size);
    now += TIMEOUT - 1;
    tick_both("in time", size);
    now++;
    tick_both("late", size);
    end();
    begin(false);
    feed_ours(input, size);
    feed_theirs(input, size);
    end_both("end behind a preamble", size);
    end();
}

static void compare_preambles(void)
{
    for (size_t wrong = 0; wrong <= 32; wrong++) {
        for (uint8_t padding = 0; padding <= 3; padding++) {
            begin(false);
            end();
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

static void answer_both(uint32_t stream, bool accept)
{
    static const uint8_t reason[] = "no";
    struct anytls_text our_reason = {reason, 2};
    struct oracle_bytes their_reason = {reason, 2};
    uint8_t out[512];
    struct anytls_written written;
    enum oracle_status status;

    if (accept) {
        written = anytls_endpoint_accept(&ours, stream, out, sizeof out);
        status = oracle_endpoint_accept(theirs, stream);
    } else {
        written = anytls_endpoint_refuse(&ours, stream, our_reason, out, sizeof out);
        status = oracle_endpoint_refuse(theirs, stream, their_reason);
    }
    agree(same_status(written.status, status));
    said_output(&our_said, out, written.size);
}

static void feed_in_pieces(size_t cut)
{
    if (cut > input_size) { /* byte by byte */
        for (size_t i = 0; i < input_size; i++)
            feed_ours(input + i, 1);
        return;
    }
    feed_ours(input, cut);
    feed_ours(input + cut, input_size - cut);
}

/* A destination in two frames, the input cut at a place; then an answer, data, and FIN. */
static void compare_destination(unsigned version, bool strict, size_t split, size_t cut,
                                bool accept)
{
    begin(strict);
    input_size = 0;
    add_preamble(0);
    add_settings(version);
    add_frame(ANYTLS_SYN, 1, NULL, 0);
    add_frame(ANYTLS_PSH, 1, destination, split);
    add_frame(ANYTLS_SYN, 2, NULL, 0);
    add_frame(ANYTLS_PSH, 1, destination + split, destination_size - split);
    add_frame(ANYTLS_SYN, 3, NULL, 0); /* no room in the table of destinations, perhaps */
    feed_in_pieces(cut);
    feed_theirs(input, input_size);
    compare_said("destination", cut);
    answer_both(1, accept);
    input_size = 0;
    add_frame(ANYTLS_PSH, 1, "more", 4);
    add_frame(ANYTLS_FIN, 1, "x", cut % 2);
    add_frame(ANYTLS_FIN, 2, NULL, 0);
    feed_ours(input, input_size);
    feed_theirs(input, input_size);
    compare_said("behind a destination", cut);
    end_both("end of a session", cut);
    end();
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
    begin(seed % 4 == 3);
    state = seed * 2654435761u + 1;
    input_size = 0;
    add_preamble((uint8_t)below(3));
    add_settings(1 + below(2));
    for (size_t step = 0; step < 30; step++) {
        size_t cut = below((uint32_t)input_size + 1);

        feed_ours(input, cut);
        feed_ours(input + cut, input_size - cut);
        feed_theirs(input, input_size);
        if (below(3) == 0)
            answer_both(1 + below(6), below(3) > 0);
        if (!compare_said("walk", seed))
            break;
        input_size = 0;
        walk_frame();
    }
    end();
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
