/* Frames that a client has to take, ignore or answer; Alert; heartbeats. */
#include <string.h>
#include <unistd.h>

#include "client.h"

static void waste(struct run *run)
{
    struct flow flow = flow_first(run);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 2);

    add_bytes(flow.peer, ORACLE_WASTE, 0, oracle_buffer_bytes(&bytes));
    add_bytes(flow.peer, ORACLE_WASTE, flow.stream, oracle_buffer_bytes(&bytes));
    flush(flow.peer);
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

/* Data that look like a FIN of the open stream. */
static void smuggle(struct run *run)
{
    struct flow flow = flow_first(run);
    struct oracle_buffer hidden = {0};

    oracle_frame_write(&hidden, ORACLE_FIN, flow.stream, oracle_string(""));
    add_bytes(flow.peer, (uint8_t)run->argument, 999, oracle_buffer_bytes(&hidden));
    flush(flow.peer);
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

static void ignored(struct run *run)
{
    struct flow flow = flow_first(run);

    send_frame(flow.peer, (uint8_t)run->argument, 999, "");
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

static void of_this_stream(struct run *run)
{
    struct flow flow = flow_first(run);

    send_frame(flow.peer, (uint8_t)run->argument, flow.stream, "");
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

static void pieces(struct run *run)
{
    struct flow flow = flow_first(run);

    add(flow.peer, ORACLE_WASTE, 0, "waste");
    add(flow.peer, ORACLE_PSH, flow.stream, "in pieces");
    add(flow.peer, ORACLE_HEART_REQUEST, 3, "");
    flush_in_pieces(flow.peer, (size_t)run->argument);
    app_await(run, flow.app, oracle_string("in pieces"));
    await(flow.peer, ORACLE_HEART_RESPONSE, 3);
}

static void psh_of_no_stream(struct run *run)
{
    struct flow flow = flow_first(run);

    add(flow.peer, ORACLE_PSH, 999, "nobody's");
    add(flow.peer, ORACLE_PSH, 0, "nobody's");
    add(flow.peer, ORACLE_PSH, flow.stream, "mine");
    flush(flow.peer);
    app_await(run, flow.app, oracle_string("mine"));
}

static void psh_of_past(struct run *run)
{
    struct flow flow = flow_first(run);
    uint32_t past = flow.stream;

    flow_end(run, &flow);
    flow = flow_next(run, flow.peer);
    add(flow.peer, ORACLE_PSH, past, "of the stream before");
    add(flow.peer, ORACLE_PSH, flow.stream, "mine");
    flush(flow.peer);
    app_await(run, flow.app, oracle_string("mine"));
}

static void long_psh(struct run *run)
{
    struct flow flow = flow_first(run);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 12);

    add_bytes(flow.peer, ORACLE_PSH, flow.stream, oracle_buffer_bytes(&bytes));
    flush(flow.peer);
    app_await(run, flow.app, oracle_buffer_bytes(&bytes));
}

static void alert(struct run *run)
{
    struct flow flow = flow_first(run);

    send_frame(flow.peer, ORACLE_ALERT, 0, run->argument == 0 ? "we part" : "");
    await_closed(flow.peer);
    app_ended(run, flow.app);
}

static void alert_at_once(struct run *run)
{
    int app = app_begin(run, "target.example", 80);
    struct peer *peer = session_accept(run);

    await(peer, ORACLE_SETTINGS, ANY);
    send_frame(peer, ORACLE_ALERT, 0, "refused");
    await_closed(peer);
    app_fails(run, app);
}

static void heart(struct run *run)
{
    struct flow flow = flow_first(run);
    uint32_t id = (uint32_t)run->argument;

    send_frame(flow.peer, ORACLE_HEART_REQUEST, id, "");
    if (await(flow.peer, ORACLE_HEART_RESPONSE, ANY)->stream != id)
        fail(run, "HeartResponse has another stream id than the request");
}

static void heart_idle(struct run *run)
{
    struct flow flow = flow_first(run);

    flow_end(run, &flow);
    barrier(flow.peer);
    barrier(flow.peer);
}

static void hearts(struct run *run)
{
    struct flow flow = flow_first(run);

    for (uint32_t i = 1; i <= 100; i++)
        add(flow.peer, ORACLE_HEART_REQUEST, i, "");
    flush(flow.peer);
    for (uint32_t i = 1; i <= 100; i++)
        await(flow.peer, ORACLE_HEART_RESPONSE, i);
    barrier(flow.peer);
    if (seen_count(flow.peer, ORACLE_HEART_RESPONSE, ANY) != 101)
        fail(run, "more HeartResponses than requests");
}

static const struct test tests[] = {
    {"waste-0", "FRAME-WASTE", "Waste without data", waste, 0, 0},
    {"waste-65535", "FRAME-WASTE", "the longest Waste", waste, 65535, 0},
    {"smuggle-waste", "FRAME-WASTE", "data of Waste are not read as frames", smuggle, ORACLE_WASTE,
     0},
    {"smuggle-psh-unknown", "STREAM-UNKNOWN", "data of a PSH of no stream are not read as frames",
     smuggle, ORACLE_PSH, 0},
    {"smuggle-syn", "FRAME-WRONG-SIDE", "SYN from a server is ignored, its data consumed", smuggle,
     ORACLE_SYN, 0},
    {"smuggle-settings", "FRAME-WRONG-SIDE", "Settings from a server, too", smuggle,
     ORACLE_SETTINGS, 0},
    {"smuggle-fin", "FRAME-NO-DATA", "data of FIN are not read as frames", smuggle, ORACLE_FIN, 0},
    {"smuggle-heart-request", "FRAME-NO-DATA", "nor those of HeartRequest", smuggle,
     ORACLE_HEART_REQUEST, 0},
    {"smuggle-heart-response", "FRAME-NO-DATA", "nor those of HeartResponse", smuggle,
     ORACLE_HEART_RESPONSE, 0},
    {"smuggle-unknown-11", "FRAME-UNKNOWN", "nor those of command 11", smuggle, 11, 0},
    {"smuggle-unknown-255", "FRAME-UNKNOWN", "nor those of command 255", smuggle, 255, 0},
    {"syn-from-server", "STREAM-CLIENT-OPENS", "SYN without data is ignored", ignored, ORACLE_SYN,
     0},
    {"unknown-12", "FRAME-UNKNOWN", "an unknown command is ignored", ignored, 12, 0},
    {"unknown-128", "FRAME-UNKNOWN", "one with the highest bit is", ignored, 128, 0},
    {"fin-unknown-id", "FIN-UNKNOWN", "FIN of a stream that is not open", ignored, ORACLE_FIN, 0},
    {"heart-response", "HEART-RESPONSE", "a response nobody asked for", ignored,
     ORACLE_HEART_RESPONSE, 0},
    {"empty-psh", "STREAM-PSH-EMPTY", "PSH without data", of_this_stream, ORACLE_PSH, 0},
    {"syn-of-open", "STREAM-CLIENT-OPENS", "SYN of the open stream is ignored", of_this_stream,
     ORACLE_SYN, 0},
    {"one-byte-a-write", "FRAME-CUTS", "a record for each byte", pieces, 1, 0},
    {"five-bytes-a-write", "FRAME-CUTS", "records across headers", pieces, 5, 0},
    {"psh-of-no-stream", "STREAM-UNKNOWN", "PSH of ids that are not open", psh_of_no_stream, 0, 0},
    {"psh-of-past", "STREAM-UNKNOWN", "PSH of the stream before", psh_of_past, 0, 0},
    {"length-255", "FRAME-LENGTH", "a PSH of 255 bytes", long_psh, 255, 0},
    {"length-256", "FRAME-LENGTH", "a PSH of 256 bytes", long_psh, 256, 0},
    {"length-65535", "FRAME-LENGTH", "the longest PSH", long_psh, 65535, 0},
    {"alert", "ALERT-RECEIVE", "an Alert ends the session", alert, 0, 0},
    {"alert-empty", "ALERT-RECEIVE", "an Alert without text, too", alert, 1, CASE_MAY},
    {"alert-at-once", "ALERT-RECEIVE", "an Alert for Settings fails the request", alert_at_once, 0,
     0},
    {"heart-0", "HEART-ANSWER", "a HeartRequest with stream id 0", heart, 0, 0},
    {"heart-77", "HEART-ANSWER", "the stream id is that of the request", heart, 77, 0},
    {"heart-idle", "HEART-ANSWER", "an idle session answers", heart_idle, 0, 0},
    {"heart-100", "HEART-ANSWER", "100 requests, 100 answers", hearts, 0, 0},
};

SECTION(client_frame, "frame", tests);
