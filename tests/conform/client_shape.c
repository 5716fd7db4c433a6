/* The count of a client's writes; to whom a scheme belongs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "runner.h"

static void give_scheme(struct run *run, const char *scheme)
{
    struct flow flow = flow_first(run);

    send_frame(flow.peer, ORACLE_UPDATE_PADDING_SCHEME, 0, scheme);
    barrier(flow.peer);
    flow_end(run, &flow);
    peer_close(flow.peer);
    await_closed(flow.peer);
}

static size_t record(struct run *run, struct peer *peer, size_t number)
{
    const size_t *sizes;

    if (peer_records(peer, &sizes) <= number)
        fail(run, "record %zu did not come", number);
    return sizes[number];
}

/* Each write has the size that its line says: from stop on, that of its frame. */
static void counted(struct run *run)
{
    static const size_t wanted[] = {64, 300, 400, 500, 350, 17, 17};
    struct flow flow;

    give_scheme(run, "stop=5\n0=30-30\n1=300-300\n2=400-400\n3=500-500\n4=350-350");
    flow = flow_first(run);
    for (size_t i = 0; i < 7; i++) {
        if (i > 1) {
            app_send(run, flow.app, oracle_string("ten bytes!"));
            await_bytes(flow.peer, flow.stream, oracle_string("ten bytes!"));
        }
        if (record(run, flow.peer, i) != wanted[i])
            fail(run, "write %zu has a record of %zu bytes, and was to have %zu", i,
                 record(run, flow.peer, i), wanted[i]);
    }
}

/* Line 0 is for the preamble alone; write 1, without a line, is not shaped, and it is Settings, SYN
 * and destination: line 2 is for the first data. */
static void line_zero(struct run *run)
{
    struct flow flow;
    const size_t *sizes;

    give_scheme(run, "stop=3\n0=500-500\n2=450-450");
    flow = flow_first(run);
    if (record(run, flow.peer, 0) != 534)
        fail(run, "the preamble's record has %zu bytes, not 534", record(run, flow.peer, 0));
    if (seen_count(flow.peer, ORACLE_WASTE, ANY) > 0 || peer_records(flow.peer, &sizes) != 2)
        fail(run, "write 1 is shaped, though it has no line, or is more than one write");
    app_send(run, flow.app, oracle_string("ten bytes!"));
    await_bytes(flow.peer, flow.stream, oracle_string("ten bytes!"));
    if (record(run, flow.peer, 2) != 450)
        fail(run, "the first data's record has %zu bytes; line 2 says 450",
             record(run, flow.peer, 2));
}

static void one_record(struct run *run)
{
    struct peer *peer;
    char scheme[64];
    size_t whole = 34 + (size_t)run->argument;

    snprintf(scheme, sizeof scheme, "stop=1\n0=%ld-%ld", run->argument, run->argument);
    give_scheme(run, scheme);
    app_begin(run, "target.example", 80);
    peer = session_accept(run);
    if (record(run, peer, 0) != whole)
        fail(run, "the preamble of %zu bytes begins with a record of %zu: it is split", whole,
             record(run, peer, 0));
}

/* The client again, with another server: it begins with the default scheme. */
static void other_server(struct run *run)
{
    struct flow flow;
    const struct seen *frames;
    struct oracle_bytes value = {NULL, 0};

    give_scheme(run, "stop=2\n0=70-70\n1=300-300");
    client_stop(run);
    client_start(run);
    flow = flow_first(run);
    seen_all(flow.peer, &frames);
    oracle_setting(oracle_buffer_bytes(&frames[0].data), "padding-md5", &value);
    if (!oracle_is(value, oracle_default_md5) || peer_padding(flow.peer) != 30)
        fail(run,
             "another server gets padding-md5 %.*s and padding0 of %zu bytes, not those of "
             "the default scheme",
             (int)value.size, (const char *)value.at, peer_padding(flow.peer));
}

static const struct test tests[] = {
    {"writes-are-counted", "PAD-WRITES", "line k for write k, the preamble being 0", counted, 0, 0},
    {"line-0-for-write-1", "PAD-WRITES", "line 0 shapes the preamble, and nothing else", line_zero,
     0, 0},
    {"padding0-split", "AUTH-ONE-WRITE", "padding0 of 1,000 bytes is not split", one_record, 1000,
     0},
    {"padding0-split-12000", "AUTH-ONE-WRITE",
     "nor one of 12,000; a library may begin with short records", one_record, 12000, CASE_MAY},
    {"scheme-of-another-server", "PAD-LATER-SESSIONS", "a scheme is for its server alone",
     other_server, 0, 0},
};

SECTION(client_shape, "shape", tests);
