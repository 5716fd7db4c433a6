/* The padding scheme: records, updates. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

/* Gives the client a scheme, ends that session, and begins a stream on the next one. */
static struct flow with_scheme(struct run *run, const char *scheme)
{
    struct flow flow = flow_first(run);

    send_frame(flow.peer, ORACLE_UPDATE_PADDING_SCHEME, 0, scheme);
    barrier(flow.peer);
    flow_end(run, &flow);
    peer_close(flow.peer);
    await_closed(flow.peer);
    return flow_first(run);
}

static void sizes_are(struct run *run, struct peer *peer, size_t from, const size_t *wanted,
                      size_t count)
{
    const size_t *sizes;
    size_t have = peer_records(peer, &sizes);

    for (size_t i = 0; i < count; i++) {
        if (from + i >= have)
            fail(run, "record %zu did not come; it was to have %zu bytes", from + i, wanted[i]);
        if (sizes[from + i] != wanted[i])
            fail(run, "record %zu has %zu bytes, and was to have %zu", from + i, sizes[from + i],
                 wanted[i]);
    }
}

static void md5_of(const char *text, char out[33])
{
    uint8_t digest[16];

    EVP_Digest(text, strlen(text), digest, NULL, EVP_md5(), NULL);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* The scheme whose MD5 the Settings of a session state. */
static void states(struct run *run, struct peer *peer, const char *scheme)
{
    const struct seen *frames;
    struct oracle_bytes value = {NULL, 0};
    char md5[33];

    md5_of(scheme, md5);
    seen_all(peer, &frames);
    oracle_setting(oracle_buffer_bytes(&frames[0].data), "padding-md5", &value);
    if (!oracle_is(value, md5))
        fail(run, "padding-md5 of a later session is %.*s, not %s", (int)value.size,
             (const char *)value.at, md5);
}

static void first_records(struct run *run)
{
    for (int i = 0; i < 8; i++) {
        struct flow flow = flow_first(run);
        const size_t *sizes;
        size_t have = peer_records(flow.peer, &sizes);

        if (have < 2 || sizes[0] != 64)
            fail(run, "the preamble's record has %zu bytes, not 64", sizes[0]);
        if (sizes[1] < 100 || sizes[1] > 407)
            fail(run, "the record behind the preamble has %zu bytes; line 1 says 100-400",
                 sizes[1]);
    }
}

static void write_one(struct run *run)
{
    struct flow flow = with_scheme(run, "stop=3\n0=30-30\n1=400-400\n2=50-50");
    const struct seen *frames;
    size_t count = seen_all(flow.peer, &frames);
    const size_t wanted[] = {64, 400};

    sizes_are(run, flow.peer, 0, wanted, 2);
    if (count < 3 || frames[0].command != ORACLE_SETTINGS || frames[1].command != ORACLE_SYN ||
        frames[2].command != ORACLE_PSH)
        fail(run, "write 1 does not hold Settings, SYN and the destination");
}

static void update_taken(struct run *run)
{
    static const char scheme[] = "stop=3\n0=50-50\n1=300-300\n2=200-200";
    struct flow flow = with_scheme(run, scheme);
    const size_t wanted[] = {84, 300};

    states(run, flow.peer, scheme);
    sizes_are(run, flow.peer, 0, wanted, 2);
}

static void invalid_ignored(struct run *run)
{
    static const char *const schemes[] = {
        "0=50-50\n1=300-300", "stop=abc\n0=50-50", "stop=3\n0=50-50\n1=300-65536",      "",
        "nonsense",           "stop=-1\n0=50-50",  "stop=3\n0=50-4000000000\n1=300-300"};
    struct flow flow = with_scheme(run, schemes[run->argument]);

    states(run, flow.peer, oracle_default_scheme);
    if (peer_padding(flow.peer) != 30)
        fail(run, "padding0 has %zu bytes; the default scheme was to stay",
             peer_padding(flow.peer));
}

static void running_session_stays(struct run *run)
{
    struct flow flow = flow_first(run);
    const size_t *sizes;
    size_t before;

    send_frame(flow.peer, ORACLE_UPDATE_PADDING_SCHEME, 0,
               "stop=8\n2=3000-3000\n3=3000-3000\n4=3000-3000\n5=3000-3000\n6=3000-3000");
    barrier(flow.peer);
    barrier(flow.peer);
    before = peer_records(flow.peer, &sizes);
    for (int i = 0; i < 3; i++)
        flow_exchange(run, &flow, 10);
    for (size_t i = before; i < peer_records(flow.peer, &sizes); i++)
        if (sizes[i] == 3000 || sizes[i] == 3007)
            fail(run, "a record of %zu bytes: the running session took the new scheme", sizes[i]);
}

static void update_twice(struct run *run)
{
    static const char scheme[] = "stop=2\n0=70-70\n1=300-300";
    struct flow flow = flow_first(run);

    send_frame(flow.peer, ORACLE_UPDATE_PADDING_SCHEME, 0, "stop=2\n0=60-60");
    send_frame(flow.peer, ORACLE_UPDATE_PADDING_SCHEME, 0, scheme);
    barrier(flow.peer);
    peer_close(flow.peer);
    await_closed(flow.peer);
    flow = flow_first(run);
    states(run, flow.peer, scheme);
    if (peer_padding(flow.peer) != 70)
        fail(run, "padding0 has %zu bytes, not the 70 of the last scheme", peer_padding(flow.peer));
}

static void update_before_settings(struct run *run)
{
    static const char scheme[] = "stop=2\n0=70-70\n1=300-300";
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};

    flow.peer = session_accept(run);
    send_frame(flow.peer, ORACLE_UPDATE_PADDING_SCHEME, 0, scheme);
    welcome(flow.peer);
    barrier(flow.peer);
    peer_close(flow.peer);
    await_closed(flow.peer);
    flow = flow_first(run);
    states(run, flow.peer, scheme);
}

static void padding_zero(struct run *run)
{
    static const struct {
        const char *scheme;
        size_t min;
        size_t max;
    } rows[] = {{"stop=3\n0=0-0\n1=200-200", 0, 0},         {"stop=3\n1=200-200", 0, 0},
                {"stop=0\n0=50-50\n1=900-900", 0, 0},       {"stop=3\n0=1000-1000", 1000, 1000},
                {"stop=3\n0=100-120\n1=200-200", 100, 120}, {"stop=1\n0=65535-65535", 65535, 65535},
                {"stop=1\n0=0-0,0-9,c,50-50", 50, 50}};
    struct flow flow = with_scheme(run, rows[run->argument].scheme);

    if (peer_padding(flow.peer) < rows[run->argument].min ||
        peer_padding(flow.peer) > rows[run->argument].max)
        fail(run, "padding0 has %zu bytes; the scheme says %zu to %zu", peer_padding(flow.peer),
             rows[run->argument].min, rows[run->argument].max);
}

/* The records of write 2, which carries size bytes of the application. */
static void second_write(struct run *run, const char *scheme, size_t size, const size_t *wanted,
                         size_t count)
{
    struct flow flow = with_scheme(run, scheme);
    struct oracle_buffer bytes = pattern(size, 5);
    const size_t *sizes;
    size_t before = peer_records(flow.peer, &sizes);

    app_send(run, flow.app, oracle_buffer_bytes(&bytes));
    await_bytes(flow.peer, flow.stream, oracle_buffer_bytes(&bytes));
    for (uint64_t until = now_ms() + 300; now_ms() < until;) /* all of the write */
        await_try(flow.peer, ORACLE_SYN, ANY, until);
    sizes_are(run, flow.peer, before, wanted, count);
    if (peer_records(flow.peer, &sizes) != before + count)
        fail(run, "write 2 has %zu records, not %zu", peer_records(flow.peer, &sizes) - before,
             count);
}

#define WRITE_2(line) "stop=3\n0=30-30\n1=300-300\n2=" line

static void filled_up(struct run *run)
{
    second_write(run, WRITE_2("200-200"), 10, (const size_t[]){200}, 1);
}

static void check_ends(struct run *run)
{
    second_write(run, WRITE_2("100-100,c,200-200"), 50, (const size_t[]){100}, 1);
}

static void check_goes_on(struct run *run)
{
    second_write(run, WRITE_2("100-100,c,200-200"), 150, (const size_t[]){100, 200}, 2);
}

static void rest_as_it_is(struct run *run)
{
    second_write(run, WRITE_2("100-100,c,200-200"), 500, (const size_t[]){100, 200, 207}, 3);
}

static void exact_size(struct run *run)
{
    second_write(run, WRITE_2("100-100,c,200-200"), 93, (const size_t[]){100}, 1);
}

static void swapped(struct run *run)
{
    struct flow flow = with_scheme(run, "stop=2\n0=90-80\n1=300-300");

    if (peer_padding(flow.peer) < 80 || peer_padding(flow.peer) > 90)
        fail(run, "padding0 has %zu bytes; 90-80 is 80-90", peer_padding(flow.peer));
}

static void bad_items(struct run *run)
{
    second_write(run, WRITE_2("x,-5,0-0,7,200-200,,q-q"), 10, (const size_t[]){200}, 1);
}

static void pure_waste(struct run *run)
{
    struct flow flow = with_scheme(run, WRITE_2("100-100,150-150"));
    const size_t *sizes;
    size_t before = peer_records(flow.peer, &sizes);

    app_send(run, flow.app, oracle_string("little"));
    await_bytes(flow.peer, flow.stream, oracle_string("little"));
    for (uint64_t until = deadline(run);
         peer_records(flow.peer, &sizes) < before + 2 && now_ms() < until;)
        await_try(flow.peer, ORACLE_SYN, ANY, now_ms() + 50);
    if (peer_records(flow.peer, &sizes) < before + 2)
        fail(run, "no record of Waste alone came");
    if (sizes[before] != 100 ||
        (sizes[before + 1] != 150 && (run->argument == 1 || sizes[before + 1] != 157)))
        fail(run, "records of %zu and %zu bytes, not 100 and 150", sizes[before],
             sizes[before + 1]);
}

static void no_line(struct run *run)
{
    static const char *const schemes[] = {"stop=9\n0=30-30\n1=300-300",
                                          "stop=2\n1=300-300\n2=500-500",
                                          "stop=0\n1=300-300\n2=500-500", "stop=9\n2=c"};

    second_write(run, schemes[run->argument], 10, (const size_t[]){17}, 1);
}

static void ranges(struct run *run)
{
    struct flow flow = with_scheme(run, "stop=2\n0=30-40\n1=300-320");
    size_t lowest = 1000;
    size_t highest = 0;

    for (int i = 0; i < 12; i++) {
        const size_t *sizes;

        if (peer_records(flow.peer, &sizes) < 2 || sizes[1] < 300 || sizes[1] > 320 ||
            sizes[0] < 64 || sizes[0] > 74)
            fail(run, "records of %zu and %zu bytes; the scheme says 64-74 and 300-320", sizes[0],
                 sizes[1]);
        lowest = sizes[1] < lowest ? sizes[1] : lowest;
        highest = sizes[1] > highest ? sizes[1] : highest;
        if (i < 11)
            flow = flow_first(run);
    }
    if (lowest == highest)
        fail(run, "twelve records of %zu bytes: sizes are not drawn", lowest);
}

static void waste_is_zeros(struct run *run)
{
    struct flow flow = with_scheme(run, "stop=2\n1=400-400");
    const struct seen *waste = await(flow.peer, ORACLE_WASTE, ANY);

    for (size_t i = 0; i < waste->data.size; i++)
        if (waste->data.at[i] != 0)
            fail(run, "byte %zu of Waste is not zero", i);
}

static const struct test tests[] = {
    {"default-first-records", "PAD-DEFAULT", "preamble and write 1 of eight sessions",
     first_records, 0, 0},
    {"write-1", "PAD-WRITE-ONE", "Settings, SYN and destination are write 1", write_one, 0, 0},
    {"update", "PAD-UPDATE", "a later session uses the new scheme, and states its MD5",
     update_taken, 0, 0},
    {"update-twice", "PAD-UPDATE", "the last of two schemes counts", update_twice, 0, 0},
    {"update-before-settings", "PAD-UPDATE", "a scheme before ServerSettings",
     update_before_settings, 0, 0},
    {"running-session", "PAD-LATER-SESSIONS", "the running session keeps its scheme",
     running_session_stays, 0, CASE_MAY},
    {"invalid-no-stop", "PAD-INVALID", "a scheme without stop is ignored", invalid_ignored, 0, 0},
    {"invalid-stop", "PAD-INVALID", "stop=abc is invalid", invalid_ignored, 1, 0},
    {"invalid-65536", "PAD-SIZES", "a size of 65,536 is invalid", invalid_ignored, 2, 0},
    {"invalid-empty", "PAD-INVALID", "a scheme without text is invalid", invalid_ignored, 3, 0},
    {"invalid-nonsense", "PAD-INVALID", "no item at all", invalid_ignored, 4, 0},
    {"invalid-negative-stop", "PAD-INVALID", "stop=-1 is invalid", invalid_ignored, 5, 0},
    {"invalid-huge", "PAD-SIZES", "a size of 4 billion is invalid", invalid_ignored, 6, 0},
    {"padding0-0-0", "PAD-ITEMS", "0=0-0: the item does not count", padding_zero, 0, 0},
    {"padding0-no-line", "PAD-ZERO", "no line 0, no padding0", padding_zero, 1, 0},
    {"padding0-stop-0", "PAD-STOP", "stop=0: nothing is shaped", padding_zero, 2, CASE_MAY},
    {"padding0-1000", "PAD-ZERO", "padding0 of 1,000 bytes", padding_zero, 3, 0},
    {"padding0-range", "PAD-ZERO", "padding0 of a range", padding_zero, 4, 0},
    {"padding0-65535", "PAD-ZERO", "padding0 of 65,535 bytes", padding_zero, 5, CASE_MAY},
    {"padding0-first-range", "PAD-ITEMS", "ranges with zero do not count", padding_zero, 6, 0},
    {"filled-up", "PAD-RECORDS", "a short payload is filled up with Waste", filled_up, 0, 0},
    {"check-ends", "PAD-RECORDS", "c ends the write when nothing is left", check_ends, 0, 0},
    {"check-goes-on", "PAD-RECORDS", "c does not end it when something is", check_goes_on, 0, 0},
    {"rest", "PAD-RECORDS", "what is left in the end is written as it is", rest_as_it_is, 0, 0},
    {"exact", "PAD-RECORDS", "a payload of exactly the size", exact_size, 0, 0},
    {"pure-waste", "PAD-RECORDS", "a size without payload is a record of Waste", pure_waste, 0, 0},
    {"pure-waste-exact", "PAD-WASTE", "of exactly that size", pure_waste, 1, 0},
    {"range-swapped", "PAD-ITEMS", "min above max is swapped", swapped, 0, 0},
    {"bad-items", "PAD-ITEMS", "items that are none are ignored", bad_items, 0, 0},
    {"no-line", "PAD-NO-LINE", "a write without a line is written as it is", no_line, 0, 0},
    {"stop", "PAD-STOP", "writes from stop on are not shaped", no_line, 1, 0},
    {"stop-0", "PAD-STOP", "with stop=0 none is", no_line, 2, 0},
    {"check-alone", "PAD-RECORDS", "a line that is c alone", no_line, 3, 0},
    {"ranges", "PAD-RANGE", "sizes are in their ranges, and vary", ranges, 0, 0},
    {"waste-zeros", "PAD-WASTE", "Waste is zeros", waste_is_zeros, 0, 0},
};

SECTION(client_padding, "padding", tests);
