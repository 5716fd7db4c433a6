/* FIN, the end of sessions, heartbeats. */
#include <string.h>

#include "target.h"

static void fin_ends_target(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    open_stream(run, peer, 1, target);
    send_frame(peer, ORACLE_FIN, 1, "");
    await_ended(run, target, 1);
}

static void fin_not_answered(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    open_stream(run, peer, 1, target);
    open_stream(run, peer, 2, target);
    echo(run, peer, 1, 50);
    send_frame(peer, ORACLE_FIN, 1, "");
    await_ended(run, target, 1); /* the target's own end, which is not to be told either */
    barrier(peer);
    echo(run, peer, 2, 50);
    never(peer, ORACLE_FIN, 1);
}

static void data_before_fin(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_SINK, 0);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 4);

    open_stream(run, peer, 1, target);
    for (size_t at = 0; at < bytes.size; at += 60000)
        add_bytes(peer, ORACLE_PSH, 1,
                  (struct oracle_bytes){bytes.at + at,
                                        bytes.size - at < 60000 ? bytes.size - at : 60000});
    add(peer, ORACLE_FIN, 1, "");
    flush(peer);
    await_ended(run, target, 1);
    if (atomic_load(&target->bytes) != bytes.size ||
        atomic_load(&target->sum) != sum_of(oracle_buffer_bytes(&bytes)))
        fail(run, "the target got %zu bytes of %zu before its end", atomic_load(&target->bytes),
             bytes.size);
}

static void all_in_one_write(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_SINK, 0);

    add_open(peer, 1, destination(run, target->port));
    add(peer, ORACLE_PSH, 1, "seven b");
    add(peer, ORACLE_FIN, 1, "");
    flush(peer);
    await_ended(run, target, 1);
    if (atomic_load(&target->bytes) != 7)
        fail(run, "the target got %zu bytes of 7", atomic_load(&target->bytes));
    barrier(peer);
}

static void psh_after_fin(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_SINK, 0);

    open_stream(run, peer, 1, target);
    add(peer, ORACLE_PSH, 1, "before");
    add(peer, ORACLE_FIN, 1, "");
    add(peer, ORACLE_PSH, 1, "behind");
    flush(peer);
    await_ended(run, target, 1);
    barrier(peer);
    if (atomic_load(&target->bytes) != 6)
        fail(run, "the target got %zu bytes, not the 6 before FIN", atomic_load(&target->bytes));
}

static void fin_of_unknown(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    add(peer, ORACLE_FIN, 99, "");
    add(peer, ORACLE_FIN, 0, "");
    flush(peer);
    echo(run, peer, 1, 50);
    never(peer, ORACLE_FIN, ANY);
}

static void fin_twice(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    open_stream(run, peer, 1, target);
    add(peer, ORACLE_FIN, 1, "");
    add(peer, ORACLE_FIN, 1, "");
    flush(peer);
    await_ended(run, target, 1);
    barrier(peer);
    never(peer, ORACLE_FIN, ANY);
}

static void fins_cross(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_CLOSE, 0);

    for (uint32_t i = 1; i <= 10; i++) {
        add_open(peer, i, destination(run, target->port));
        add(peer, ORACLE_FIN, i, "");
        flush(peer);
    }
    barrier(peer);
    open_stream(run, peer, 11, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 11, 50);
}

static void fin_before_destination(struct run *run)
{
    struct peer *peer = session(run);

    add(peer, ORACLE_SYN, 1, "");
    if (run->argument == 1)
        add_bytes(peer, ORACLE_PSH, 1, (struct oracle_bytes){(const uint8_t *)"\1\0\0", 3});
    add(peer, ORACLE_FIN, 1, "");
    flush(peer);
    barrier(peer);
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 2, 50);
    never(peer, ORACLE_FIN, 1);
}

static void target_ends(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_CLOSE, 0));
    await(peer, ORACLE_FIN, 1);
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 2, 50);
    if (seen_count(peer, ORACLE_FIN, ANY) != 1)
        fail(run, "more than one FIN");
}

static void fin_after_target_ends(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_SOURCE, 10));
    await(peer, ORACLE_FIN, 1);
    send_frame(peer, ORACLE_FIN, 1, "");
    barrier(peer);
    if (seen_count(peer, ORACLE_FIN, ANY) != 1)
        fail(run, "FIN of a stream that had ended is answered");
}

static void answer_before_fin(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ANSWER, 0));
    send_frame(peer, ORACLE_PSH, 1, "ask?");
    await_bytes(peer, 1, oracle_string("answer"));
    await(peer, ORACLE_FIN, 1);
}

static void session_ends(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    for (uint32_t i = 1; i <= 3; i++)
        open_stream(run, peer, i, target);
    if (run->argument == 0)
        peer_close(peer);
    else if (run->argument == 1)
        peer_cut(peer);
    else
        peer_shut(peer);
    await_ended(run, target, 3);
    if (run->argument != 1)
        await_closed(peer);
    never(peer, ORACLE_FIN, ANY);
}

/* ---- Heartbeats ---- */

static void heart(struct run *run)
{
    struct peer *peer = session(run);
    uint32_t id = (uint32_t)run->argument;

    send_frame(peer, ORACLE_HEART_REQUEST, id, "");
    if (await(peer, ORACLE_HEART_RESPONSE, ANY)->stream != id)
        fail(run, "HeartResponse has another stream id than the request");
}

static void heart_first(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, 30);
    if (run->argument == 1)
        add_settings(peer, "v=1");
    add(peer, ORACLE_HEART_REQUEST, 0, "");
    flush(peer);
    await(peer, ORACLE_HEART_RESPONSE, 0);
}

static void hearts(struct run *run)
{
    struct peer *peer = session(run);

    for (uint32_t i = 1; i <= 100; i++)
        add(peer, ORACLE_HEART_REQUEST, i, "");
    flush(peer);
    for (uint32_t i = 1; i <= 100; i++)
        await(peer, ORACLE_HEART_RESPONSE, i);
    barrier(peer);
    if (seen_count(peer, ORACLE_HEART_RESPONSE, ANY) != 101)
        fail(run, "more HeartResponses than requests");
}

static void heart_in_stream(struct run *run)
{
    struct peer *peer = session(run);
    struct oracle_buffer bytes = pattern(30000, 9);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    for (size_t at = 0; at < bytes.size; at += 1000) {
        add_bytes(peer, ORACLE_PSH, 1, (struct oracle_bytes){bytes.at + at, 1000});
        add(peer, ORACLE_HEART_REQUEST, 1, "");
    }
    flush(peer);
    await_bytes(peer, 1, oracle_buffer_bytes(&bytes));
    for (int i = 0; i < 30; i++)
        await(peer, ORACLE_HEART_RESPONSE, 1);
}

static void heart_with_data(struct run *run)
{
    struct peer *peer = session(run);

    send_frame(peer, ORACLE_HEART_REQUEST, 3, "data");
    if (await(peer, ORACLE_HEART_RESPONSE, 3)->data.size > 0)
        fail(run, "HeartResponse has data");
    barrier(peer);
}

static void heart_response(struct run *run)
{
    struct peer *peer = session(run);
    size_t before;

    barrier(peer);
    before = peer_bytes(peer);
    send_frame(peer, ORACLE_HEART_RESPONSE, 8, "");
    barrier(peer);
    if (peer_bytes(peer) != before + 7)
        fail(run, "a HeartResponse that nobody asked for is answered");
}

static const struct test tests[] = {
    {"fin-ends-target", "FIN-RECEIVE", "FIN ends the target's connection", fin_ends_target, 0, 0},
    {"fin-not-answered", "FIN-RECEIVE", "FIN is not answered by FIN", fin_not_answered, 0, 0},
    {"data-before-fin-10", "FIN-RECEIVE", "10 bytes and FIN in one record", data_before_fin, 10, 0},
    {"data-before-fin-1000000", "FIN-RECEIVE", "1 MB and FIN", data_before_fin, 1000000, 0},
    {"whole-stream-in-one-write", "FIN-RECEIVE", "SYN, destination, data, FIN in one write",
     all_in_one_write, 0, 0},
    {"psh-after-fin", "FIN-AFTER", "PSH behind FIN is dropped", psh_after_fin, 0, 0},
    {"fin-unknown-id", "FIN-UNKNOWN", "FIN of ids that were never opened", fin_of_unknown, 0, 0},
    {"fin-twice", "FIN-UNKNOWN", "a second FIN", fin_twice, 0, 0},
    {"fins-cross", "FIN-UNKNOWN", "both sides end at a time", fins_cross, 0, 0},
    {"fin-behind-syn", "FIN-RECEIVE", "FIN before a destination", fin_before_destination, 0, 0},
    {"fin-in-destination", "FIN-RECEIVE", "FIN in half a destination", fin_before_destination, 1,
     0},
    {"target-ends", "STREAM-SESSION-STAYS", "a target's end is FIN; the session stays", target_ends,
     0, 0},
    {"fin-after-target-ends", "FIN-RECEIVE", "a late FIN is not answered", fin_after_target_ends, 0,
     0},
    {"answer-before-fin", "FIN-SEND", "a target's last words come before FIN", answer_before_fin, 0,
     0},
    {"session-close", "FIN-SESSION", "close_notify ends all targets, without FINs", session_ends, 0,
     0},
    {"session-reset", "FIN-SESSION", "a reset ends all targets", session_ends, 1, 0},
    {"session-cut", "FIN-SESSION", "an end of TCP without close_notify does, too", session_ends, 2,
     0},
    {"heart-0", "HEART-ANSWER", "a HeartRequest with stream id 0", heart, 0, 0},
    {"heart-7", "HEART-ANSWER", "the stream id is that of the request", heart, 7, 0},
    {"heart-highest", "HEART-ANSWER", "the highest id", heart, (long)UINT32_MAX - 1, 0},
    {"heart-before-settings", "HEART-ANSWER", "a HeartRequest before Settings", heart_first, 0, 0},
    {"heart-version-1", "HEART-ANSWER", "a HeartRequest in version 1", heart_first, 1, 0},
    {"heart-100", "HEART-ANSWER", "100 requests, 100 answers", hearts, 0, 0},
    {"heart-in-stream", "HEART-ANSWER", "requests among data", heart_in_stream, 0, 0},
    {"heart-data", "FRAME-NO-DATA", "a request with data is answered, without data",
     heart_with_data, 0, 0},
    {"heart-response", "HEART-RESPONSE", "a response nobody asked for", heart_response, 0, 0},
};

SECTION(server_end, "end", tests);
