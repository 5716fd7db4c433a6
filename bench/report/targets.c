#include "targets.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const foreign[] = {"anytls-go", "sing-box", "anytls-rs"};

static const struct json *rows_of(const struct json *results)
{
    const struct json *rows = json_get(results, "rows");

    return rows != NULL ? rows->first : NULL;
}

double bench_median(const struct json *bench, const char *name)
{
    for (const struct json *row = rows_of(bench); row != NULL; row = row->next)
        if (strcmp(json_text(row, "name", ""), name) == 0)
            return json_number(row, "median", -1);
    return -1;
}

static double bench_allocations(const struct json *bench, const char *name)
{
    for (const struct json *row = rows_of(bench); row != NULL; row = row->next)
        if (strcmp(json_text(row, "name", ""), name) == 0)
            return json_number(row, "allocations", -1);
    return -1;
}

double peers_median(const struct json *peers, const char *workload, const char *metric,
                    const char *contender)
{
    for (const struct json *row = rows_of(peers); row != NULL; row = row->next)
        if (strcmp(json_text(row, "workload", ""), workload) == 0 &&
            strcmp(json_text(row, "metric", ""), metric) == 0 &&
            strcmp(json_text(row, "contender", ""), contender) == 0)
            return json_number(row, "median", -1);
    return -1;
}

/* ---- Writing one ---- */

struct list {
    struct target *targets;
    size_t count;
};

static struct target *add(struct list *list, const char *what, const char *goal)
{
    struct target *target = &list->targets[list->count++];

    memset(target, 0, sizeof *target);
    snprintf(target->what, sizeof target->what, "%s", what);
    snprintf(target->goal, sizeof target->goal, "%s", goal);
    snprintf(target->measured, sizeof target->measured, "not measured");
    return target;
}

__attribute__((format(printf, 3, 4))) static void found(struct target *target, bool met,
                                                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(target->measured, sizeof target->measured, format, arguments);
    va_end(arguments);
    target->known = true;
    target->met = met;
}

/* A ratio of two numbers that must both be there. */
static void ratio(struct target *target, double value, double to, double goal, bool at_least)
{
    double is = value / to;

    if (value < 0 || to <= 0)
        return;
    found(target, at_least ? is >= goal : is <= goal, "%.2f (%.4g against %.4g)", is, value, to);
}

static void at_most(struct target *target, double value, double goal, const char *unit)
{
    if (value >= 0)
        found(target, value <= goal, "%.4g %s", value, unit);
}

static void at_least(struct target *target, double value, double goal, const char *unit)
{
    if (value >= 0)
        found(target, value >= goal, "%.4g %s", value, unit);
}

/* Megabytes a second of a row that moves so many bytes. */
static double rate(const struct json *bench, const char *name, double bytes)
{
    double median = bench_median(bench, name);

    return median > 0 ? bytes / median * 1000 : -1;
}

/* The best of the foreign implementations. */
static double best_foreign(const struct json *peers, const char *workload, const char *metric,
                           bool more)
{
    double best = -1;

    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        double value = peers_median(peers, workload, metric, foreign[i]);

        if (value >= 0 && (best < 0 || (more ? value > best : value < best)))
            best = value;
    }
    return best;
}

/* ---- The seed project's ---- */

static void seed_targets(struct list *list, const struct json *bench, const struct json *peers)
{
    const char *session = "session_bench/";
    char name[160];
    double worst = INFINITY;
    double decode = INFINITY;

    static const unsigned sizes[] = {1024, 4096, 16384};

    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%sbench_frame_encoding/%u", session, sizes[i]);
        worst = fmin(worst, rate(bench, name, sizes[i]));
        snprintf(name, sizeof name, "%sbench_frame_decode/%u", session, sizes[i]);
        decode = fmin(decode, rate(bench, name, sizes[i]));
    }
    at_least(add(list, "seed: frame encode, the least of 1 to 16 KiB", "> 500 MB/s"), worst, 500,
             "MB/s");
    at_least(add(list, "seed: frame decode, the least of 1 to 16 KiB", "> 500 MB/s"), decode, 500,
             "MB/s");
    at_most(add(list, "seed: stream creation in memory", "< 1 ms"),
            bench_median(bench, "session_bench/bench_stream_creation/in memory") / 1e6, 1, "ms");
    at_most(add(list, "seed: session start, TLS handshake included", "< 10 ms"),
            bench_median(bench, "session_bench/bench_session_startup_complete/over TLS with its "
                                "handshake") /
                1e6,
            10, "ms");
    at_least(add(list, "seed: data frame write over TLS, 16 KiB", "> 100 MB/s"),
             rate(bench, "session_bench/bench_session_write_data_frame/16384 over TLS", 16384), 100,
             "MB/s");
    at_least(add(list, "seed: end to end, up, 64 KiB writes", "> 100 MB/s"),
             rate(bench, "e2e_bench/bench_e2e_data_throughput/1024 x 65536 up", 67108864), 100,
             "MB/s");
    {
        struct target *target =
            add(list, "seed: concurrent connections: live TLS sessions", "> 1,000");

        if (bench_median(bench, "concurrent_bench/bench_concurrent_session_creation/2000 live "
                                "sessions over TLS") > 0)
            found(target, true, "2000, each echoes");
        if (peers_median(peers, "idle-server", "server private memory, 10000 idle sessions",
                         "reference") > 0)
            found(target, true, "10000 idle, none lost");
    }
    ratio(add(list, "seed: zero-copy first: decode of 16 KiB against 64 bytes", "flat (<= 1.2)"),
          bench_median(bench, "session_bench/bench_frame_decode/16384"),
          bench_median(bench, "session_bench/bench_frame_decode/64"), 1.2, false);
}

/* ---- Our own ---- */

static void core_targets(struct list *list, const struct json *bench)
{
    ratio(add(list, "frame encode at 16 KiB, speed against memcpy", ">= 0.8"),
          bench_median(bench, "comparison_bench/bench_baseline_frame_encoding/16384 memcpy of the "
                              "payload"),
          bench_median(bench, "comparison_bench/bench_baseline_frame_encoding/16384 encoded"), 0.8,
          true);
    at_most(add(list, "decode of a frame of 16 KiB", "a few ns"),
            bench_median(bench, "session_bench/bench_frame_decode/16384"), 10, "ns");
    ratio(add(list, "session start against a bare TLS 1.3 handshake", "<= 1.15"),
          bench_median(bench, "session_bench/bench_session_startup_complete/over TLS with its "
                              "handshake"),
          bench_median(bench, "session_bench/bench_session_startup_complete/OpenSSL handshake "
                              "alone"),
          1.15, false);
    at_most(add(list, "stream open over the transport in memory", "<= 2 us"),
            bench_median(bench, "session_bench/bench_stream_creation/in memory") / 1000, 2, "us");
    ratio(add(list, "data frame write over TLS at 16 KiB, speed against bare TLS", ">= 0.95"),
          bench_median(bench, "session_bench/bench_session_write_data_frame/16384 by OpenSSL "
                              "alone"),
          bench_median(bench, "session_bench/bench_session_write_data_frame/16384 over TLS"), 0.95,
          true);
    at_most(
        add(list, "allocations a frame in ref/core", "0"),
        bench_allocations(bench, "session_bench/bench_session_write_data_frame/16384 in memory"), 0,
        "");
    ratio(add(list, "cost of a frame with 256 streams against 1", "<= 2"),
          bench_median(bench, "session_bench/bench_session_multiple_streams/256 streams") / 256,
          bench_median(bench, "session_bench/bench_session_multiple_streams/1 streams"), 2, false);
}

static void chain_targets(struct list *list, const struct json *peers)
{
    static const char *const ways[] = {"up-1", "down-1", "both-1", "up-32", "down-32", "both-32"};
    const char *cpu = "MB a CPU second";

    for (size_t i = 0; i < 6; i++) {
        double ours = peers_median(peers, ways[i], cpu, "reference");
        char what[128];

        snprintf(what, sizeof what, "%s, MB a CPU second, against the plain relay pair", ways[i]);
        ratio(add(list, what, ">= 1.2"), ours, peers_median(peers, ways[i], cpu, "relay-plain"),
              1.2, true);
        snprintf(what, sizeof what, "%s, against the batched pair", ways[i]);
        ratio(add(list, what, ">= 0.9"), ours, peers_median(peers, ways[i], cpu, "relay-batched"),
              0.9, true);
        snprintf(what, sizeof what, "%s, against the best peer", ways[i]);
        ratio(add(list, what, ">= 1.5"), ours, best_foreign(peers, ways[i], cpu, true), 1.5, true);
    }
}

static void program_targets(struct list *list, const struct json *peers)
{
    double client = peers_median(peers, "slow-reader", "client resident", "reference");
    double server = peers_median(peers, "slow-reader", "server resident", "reference");

    ratio(add(list, "echo p50 against the best peer's", "<= 1"),
          peers_median(peers, "echo", "p50", "reference"),
          best_foreign(peers, "echo", "p50", false), 1, false);
    at_most(add(list, "echo p99, us", "reported"), peers_median(peers, "echo", "p99", "reference"),
            INFINITY, "us");
    ratio(add(list, "new streams a second against the best peer", ">= 2"),
          peers_median(peers, "streams", "new streams a second", "reference"),
          best_foreign(peers, "streams", "new streams a second", true), 2, true);
    ratio(add(list, "server CPU to set up a session, against OpenSSL's handshake", "<= 1.2"),
          peers_median(peers, "sessions", "server CPU a session", "reference"),
          peers_median(peers, "sessions", "server CPU a session", "relay-plain"), 1.2, false);
    at_most(add(list, "private memory of each of 10,000 idle sessions, server", "<= 22 KiB"),
            peers_median(peers, "idle-server", "server private memory, 10000 idle sessions",
                         "reference"),
            22, "KiB");
    at_most(add(list, "resident after 2 GiB through a slow reader, the greater", "< 64 MiB"),
            fmax(client, server), 64, "MiB");
}

size_t targets_read(const struct json *bench, const struct json *peers, struct target *targets)
{
    struct list list = {targets, 0};

    seed_targets(&list, bench, peers);
    core_targets(&list, bench);
    chain_targets(&list, peers);
    program_targets(&list, peers);
    return list.count;
}
