/* What is measured of each contender. A workload runs once a round for each of them, in turn. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "contender.h"

#define METRICS_MAX 12u

struct metric {
    char name[64];
    const char *unit;
    bool more; /* whether more is better */
    double value;
};

struct sizes {
    uint64_t throughput; /* bytes a run */
    uint32_t echoes;     /* closed loop */
    uint32_t rate;       /* arrivals a second */
    double rate_seconds;
    uint32_t streams; /* one after the other */
    uint32_t sessions;
    uint32_t idle[2];
    uint32_t idle_client[2];
    uint64_t slow;         /* bytes through the slow reader */
    uint32_t many_streams; /* in one client at the same time */
};

/* A histogram of latencies, for the page: counts of bins that grow by 2^(1/4), from 1 us on. */
#define HISTOGRAM_BINS 96u

struct outcome {
    struct metric metrics[METRICS_MAX];
    size_t count;
    uint32_t histogram[HISTOGRAM_BINS];
    bool has_histogram;
    char error[256]; /* empty: it worked */
};

struct workload {
    const char *name;
    const char *what;
    bool once; /* in the first round alone */
    bool (*fits)(const struct contender *contender);
    void (*run)(const struct contender *contender, const struct places *places,
                const struct sizes *sizes, struct outcome *outcome);
};

/* Ended by one without a name. */
extern const struct workload workloads[];

void outcome_put(struct outcome *outcome, const char *name, const char *unit, bool more,
                 double value);
__attribute__((format(printf, 2, 3))) void outcome_fail(struct outcome *outcome, const char *format,
                                                        ...);

/* Percentiles and histogram of latencies in nanoseconds; they are sorted. */
void outcome_put_latencies(struct outcome *outcome, double *latencies, size_t count);

/* Starts a contender, or fails. */
bool outcome_start(struct outcome *outcome, struct running *running,
                   const struct contender *contender, const struct places *places);

/* The workloads, one file each kind. */
bool codec_fits(const struct contender *);
void codec_run(const struct contender *, const struct places *, const struct sizes *,
               struct outcome *);
void throughput_up_1(const struct contender *, const struct places *, const struct sizes *,
                     struct outcome *);
void throughput_down_1(const struct contender *, const struct places *, const struct sizes *,
                       struct outcome *);
void throughput_both_1(const struct contender *, const struct places *, const struct sizes *,
                       struct outcome *);
void throughput_up_32(const struct contender *, const struct places *, const struct sizes *,
                      struct outcome *);
void throughput_down_32(const struct contender *, const struct places *, const struct sizes *,
                        struct outcome *);
void throughput_both_32(const struct contender *, const struct places *, const struct sizes *,
                        struct outcome *);
void slow_reader(const struct contender *, const struct places *, const struct sizes *,
                 struct outcome *);
void echo_closed(const struct contender *, const struct places *, const struct sizes *,
                 struct outcome *);
void echo_rate(const struct contender *, const struct places *, const struct sizes *,
               struct outcome *);
void streams_new(const struct contender *, const struct places *, const struct sizes *,
                 struct outcome *);
void streams_many(const struct contender *, const struct places *, const struct sizes *,
                  struct outcome *);
void sessions_new(const struct contender *, const struct places *, const struct sizes *,
                  struct outcome *);
void idle_server(const struct contender *, const struct places *, const struct sizes *,
                 struct outcome *);
void idle_client(const struct contender *, const struct places *, const struct sizes *,
                 struct outcome *);

#endif
