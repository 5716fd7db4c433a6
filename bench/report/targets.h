/* The targets, each with what was measured and whether it is met. */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "../tools/json.h"

#define TARGETS_MAX 48u

struct target {
    char what[128];
    char goal[48];
    char measured[160]; /* "not measured" where results lack */
    bool known;
    bool seed; /* one of the seed project's */
    bool met;
};

/* bench, peers: results, either may be NULL. The number of targets. */
size_t targets_read(const struct json *bench, const struct json *peers, struct target *targets);

/* The median of a metric of a contender; below 0: there is none. */
double peers_median(const struct json *peers, const char *workload, const char *metric,
                    const char *contender);

#endif
