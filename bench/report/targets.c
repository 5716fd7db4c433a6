#include "targets.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "quantity.h"

static const char *const foreign[] = {"anytls-go", "sing-box", "anytls-rs"};

static const struct json *rows_of(const struct json *results)
{
    const struct json *rows = json_get(results, "rows");

    return rows != NULL ? rows->first : NULL;
}

/* A number of a row of anytls-bench, which is of session_bench where no file is named; below 0:
 * there is none. */
static double bench_number(const struct json *bench, const char *name, const char *key)
{
    char full[160];

    snprintf(full, sizeof full, "%s%s", strncmp(name, "bench_", 6) == 0 ? "session_bench/" : "",
             name);
    for (const struct json *row = rows_of(bench); row != NULL; row = row->next)
        if (strcmp(json_text(row, "name", ""), full) == 0)
            return json_number(row, key, -1);
    return -1;
}

static double median_of(const struct json *bench, const char *name)
{
    return bench_number(bench, name, "median");
}

/* The fastest sample: for ratios of short rows, since another process on the machine only adds. */
static double least_of(const struct json *bench, const char *name)
{
    return bench_number(bench, name, "min");
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
static void ratio(struct target *target, double value, double to, const char *unit, double goal,
                  bool at_least)
{
    char texts[2][32];
    double is = value / to;

    if (value <= 0 || to <= 0)
        return;
    found(target, at_least ? is >= goal : is <= goal, "%.2f (%s against %s)", is,
          quantity_text(value, unit, texts[0], sizeof texts[0]),
          quantity_text(to, unit, texts[1], sizeof texts[1]));
}

/* By how much a time is faster than another: theirs divided by ours. */
static void speed(struct target *target, double ours, double theirs, double goal)
{
    char texts[2][32];
    double is = theirs / ours;

    if (ours <= 0 || theirs <= 0)
        return;
    found(target, is >= goal, "%.2f (%s, the other %s)", is,
          quantity_text(ours, "ns", texts[0], sizeof texts[0]),
          quantity_text(theirs, "ns", texts[1], sizeof texts[1]));
}

static void at_most(struct target *target, double value, double goal, const char *unit)
{
    char text[32];

    if (value >= 0)
        found(target, value <= goal, "%s", quantity_text(value, unit, text, sizeof text));
}

static void at_least(struct target *target, double value, double goal, const char *unit)
{
    char text[32];

    if (value >= 0)
        found(target, value >= goal, "%s", quantity_text(value, unit, text, sizeof text));
}

/* Megabytes a second of a row that moves so many bytes. */
static double rate(const struct json *bench, const char *name, double bytes)
{
    double median = median_of(bench, name);

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

static double least_rate(const struct json *bench, const char *function)
{
    static const unsigned sizes[] = {1024, 4096, 16384};
    double least = INFINITY;
    char name[160];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        snprintf(name, sizeof name, "%s/%u", function, sizes[i]);
        least = fmin(least, rate(bench, name, sizes[i]));
    }
    return least;
}

static void seed_concurrent(struct target *target, const struct json *bench,
                            const struct json *peers)
{
    double idle = peers_median(peers, "idle-server", "server private memory, 10000 idle sessions",
                               "reference");

    if (idle > 0)
        found(target, true, "10,000 idle, none lost");
    else if (median_of(bench, "concurrent_bench/bench_concurrent_session_creation/2000 live "
                              "sessions over TLS") > 0)
        found(target, true, "2,000, each echoes");
}

static void seed_targets(struct list *list, const struct json *bench, const struct json *peers)
{
    at_least(add(list, "frame encode, the least of 1 to 16 KiB", "> 500 MB/s"),
             least_rate(bench, "bench_frame_encoding"), 500, "MB/s");
    at_least(add(list, "frame decode, the least of 1 to 16 KiB", "> 500 MB/s"),
             least_rate(bench, "bench_frame_decode"), 500, "MB/s");
    at_most(add(list, "stream creation, in memory", "< 1 ms"),
            median_of(bench, "bench_stream_creation/in memory"), 1e6, "ns");
    at_most(add(list, "session start, TLS handshake included", "< 10 ms"),
            median_of(bench, "bench_session_startup_complete/over TLS with its handshake"), 1e7,
            "ns");
    at_least(add(list, "data frame write over TLS, 16 KiB", "> 100 MB/s"),
             rate(bench, "bench_session_write_data_frame/16384 over TLS", 16384), 100, "MB/s");
    at_least(add(list, "end to end, up, 64 KiB writes", "> 100 MB/s"),
             rate(bench, "e2e_bench/bench_e2e_data_throughput/1024 x 65536 up", 67108864), 100,
             "MB/s");
    seed_concurrent(add(list, "concurrent connections: live TLS sessions", "> 1,000"), bench,
                    peers);
    ratio(add(list, "zero-copy first: decode of 16 KiB against that of 64 bytes", "<= 1.2"),
          least_of(bench, "bench_frame_decode/16384"), least_of(bench, "bench_frame_decode/64"),
          "ns", 1.2, false);
}

/* ---- Our own ---- */

static void core_targets(struct list *list, const struct json *bench)
{
    const char *write = "bench_session_write_data_frame/16384 over TLS";
    double one = least_of(bench, "bench_session_multiple_streams/1 streams");

    speed(add(list, "frame encode at 16 KiB, speed against memcpy", ">= 0.8"),
          least_of(bench, "comparison_bench/bench_baseline_frame_encoding/16384 encoded"),
          least_of(bench, "comparison_bench/bench_baseline_frame_encoding/16384 memcpy of the "
                          "payload"),
          0.8);
    at_most(add(list, "decode of a frame of 16 KiB", "a few ns"),
            median_of(bench, "bench_frame_decode/16384"), 10, "ns");
    ratio(add(list, "session start against a bare TLS 1.3 handshake", "<= 1.15"),
          least_of(bench, "bench_session_startup_complete/over TLS with its handshake"),
          least_of(bench, "bench_session_startup_complete/OpenSSL handshake alone"), "ns", 1.15,
          false);
    at_most(add(list, "stream open over the transport in memory", "<= 2 us"),
            median_of(bench, "bench_stream_creation/in memory"), 2000, "ns");
    speed(add(list, "data frame write over TLS at 16 KiB, speed against bare TLS", ">= 0.95"),
          least_of(bench, write),
          least_of(bench, "bench_session_write_data_frame/16384 by OpenSSL alone"), 0.95);
    speed(add(list, "... against bare TLS with the same records and released buffers", ">= 0.95"),
          least_of(bench, write),
          least_of(bench, "bench_session_write_data_frame/16384 and 7 by OpenSSL alone, buffers "
                          "released"),
          0.95);
    at_most(add(list, "allocations a frame in ref/core", "0"),
            bench_number(bench, "bench_session_write_data_frame/16384 in memory", "allocations"), 0,
            "");
    ratio(add(list, "cost of a frame with 256 streams against 1", "<= 2"),
          least_of(bench, "bench_session_multiple_streams/256 streams") / 256, one, "ns", 2, false);
    ratio(add(list, "cost of a frame with 10,000 streams against 1", "reported"),
          least_of(bench, "bench_session_multiple_streams/10000 streams") / 10000, one, "ns",
          INFINITY, false);
}

static void chain_targets(struct list *list, const struct json *peers)
{
    static const char *const ways[] = {"up-1", "down-1", "both-1", "up-32", "down-32", "both-32"};
    const char *cpu = "MB a CPU second";
    const char *unit = "MB";

    for (size_t i = 0; i < 6; i++) {
        double ours = peers_median(peers, ways[i], cpu, "reference");
        char what[128];

        snprintf(what, sizeof what, "%s, MB a CPU second, against the plain relay pair", ways[i]);
        ratio(add(list, what, ">= 1.2"), ours, peers_median(peers, ways[i], cpu, "relay-plain"),
              unit, 1.2, true);
        snprintf(what, sizeof what, "%s, against the batched pair", ways[i]);
        ratio(add(list, what, ">= 0.9"), ours, peers_median(peers, ways[i], cpu, "relay-batched"),
              unit, 0.9, true);
        snprintf(what, sizeof what, "%s, against the best peer", ways[i]);
        ratio(add(list, what, ">= 1.5"), ours, best_foreign(peers, ways[i], cpu, true), unit, 1.5,
              true);
    }
}

static void program_targets(struct list *list, const struct json *peers)
{
    double client = peers_median(peers, "slow-reader", "client resident", "reference");
    double server = peers_median(peers, "slow-reader", "server resident", "reference");

    ratio(add(list, "echo p50 against the best peer's", "<= 1"),
          peers_median(peers, "echo", "p50", "reference"),
          best_foreign(peers, "echo", "p50", false), "us", 1, false);
    at_most(add(list, "echo p99", "reported"), peers_median(peers, "echo", "p99", "reference"),
            INFINITY, "us");
    ratio(add(list, "new streams a second against the best peer", ">= 2"),
          peers_median(peers, "streams", "new streams a second", "reference"),
          best_foreign(peers, "streams", "new streams a second", true), "", 2, true);
    ratio(add(list, "server CPU to set up a session, against OpenSSL's handshake", "<= 1.2"),
          peers_median(peers, "sessions", "server CPU a session", "reference"),
          peers_median(peers, "sessions", "server CPU a session", "relay-plain"), "ms", 1.2, false);
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
    for (size_t i = 0; i < list.count; i++)
        targets[i].seed = true;
    core_targets(&list, bench);
    chain_targets(&list, peers);
    program_targets(&list, peers);
    return list.count;
}
