/* What all contenders did in all workloads: kept, printed with ratios, written as JSON. */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "cipher.h"
#include "workload.h"

#define ENTRIES_MAX 12u
#define CELLS_MAX 1024u
#define ROUNDS_MAX 99u

struct entry {
    const struct contender *contender;
    struct agreement agreement;
    char error[256]; /* why it is left out; empty: it is not */
};

/* One metric of one contender in one workload. */
struct cell {
    const struct workload *workload;
    size_t entry;
    struct metric metric;
    double values[ROUNDS_MAX];
    size_t count;
};

/* What a contender could not do. */
struct refusal {
    const struct workload *workload;
    size_t entry;
    char error[256];
};

struct results {
    struct entry entries[ENTRIES_MAX];
    size_t count;
    struct cell cells[CELLS_MAX];
    size_t cell_count;
    struct refusal refusals[CELLS_MAX];
    size_t refusal_count;
    struct {
        const struct workload *workload;
        size_t entry;
        uint32_t bins[HISTOGRAM_BINS];
    } histograms[ENTRIES_MAX * 2];
    size_t histogram_count;
};

struct entry *results_add(struct results *results, const struct contender *contender);
void entry_print(const struct entry *entry);
void results_take(struct results *results, size_t entry, const struct workload *workload,
                  const struct outcome *outcome);
void results_print(const struct results *results, const struct workload *workload);
/* Whether a file can be written there: asked before anything is measured. */
bool results_writable(const char *path);

/* Writes it whole, or leaves what was there. */
bool results_write(const struct results *results, const char *path);

#endif
