/* The measuring engine of anytls-bench: it runs an operation many times and says what one costs.
 *
 * A benchmark function makes its set-up and calls bench_measure once for each of its rows. A row's
 * run function does count operations in a loop of its own; the engine warms up, chooses count,
 * takes many samples, takes off what an empty loop costs, and counts allocations apart from the
 * timed samples. Each row checks its result once, after its first operation. */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "statistics.h"

#define BENCH_NAME_MAX 160u

struct bench_options {
    const char *match;  /* parts of names, separated by commas; NULL: all */
    const char *json;   /* file for the results; NULL: none */
    const char *folder; /* where the programs are */
    double time;        /* seconds of samples a row */
    size_t samples;     /* samples a row */
    bool gate;          /* only the rows of the gate */
    bool quick;         /* each row once, without measuring */
};

struct bench;

struct bench_row {
    const char *parameters; /* what sets this row apart within its function */
    void *context;          /* for the functions */

    /* Set-up for the next count operations, not timed; may be NULL. */
    void (*prepare)(void *context, uint64_t count);

    /* Does count operations. It must pass what they yield to bench_use. */
    void (*run)(void *context, uint64_t count);

    /* Whether what the one operation before yielded is right. */
    bool (*check)(void *context);

    uint64_t bytes;     /* that an operation moves; 0: not stated */
    uint64_t elements;  /* things that an operation deals with; 0: one */
    uint64_t count_max; /* operations that one call of prepare can provide for; 0: any number */
};

/* Measures a row, unless it was not asked for. */
void bench_measure(struct bench *bench, const struct bench_row *row);

/* Reports a number that is not a time. */
void bench_value(struct bench *bench, const char *parameters, const char *unit, double value);

/* Whether any row of the function in progress whose name begins so was asked for: to save set-up. */
bool bench_wants(struct bench *bench, const char *parameters);

/* Says why the function in progress cannot go on; the run will end with exit code 1. */
__attribute__((format(printf, 2, 3))) void bench_fail(struct bench *bench, const char *format, ...);

/* Where the programs are, and whether rows are run only once. */
const char *bench_folder(const struct bench *bench);
bool bench_is_quick(const struct bench *bench);

/* Makes the compiler believe that the bytes behind the pointer are read and may change. */
static inline void bench_use(const void *pointer)
{
    __asm__ volatile("" : : "r"(pointer) : "memory");
}

static inline void bench_use_number(uint64_t number)
{
    __asm__ volatile("" : : "r"(number) : "memory");
}

/* Nanoseconds of the monotonic clock. */
uint64_t bench_clock(void);

struct bench_function {
    const char *file;
    const char *name;
    void (*measure)(struct bench *bench);
};

/* All functions, ended by one without a name. */
extern const struct bench_function bench_functions[];

/* What is known of a row when it has been measured. */
struct bench_result {
    char name[BENCH_NAME_MAX];
    const char *unit; /* "ns", or the unit of a value */
    bool gate;
    double value; /* where the unit is not "ns" */
    struct statistics statistics;
    double *samples; /* nanoseconds an operation; statistics.count of them */
    uint64_t batch;  /* operations a sample */
    uint64_t bytes;
    uint64_t elements;
    double allocations; /* calls an operation */
    double allocated;   /* bytes an operation */
    uint64_t peak;      /* bytes that the heap grew by at most during one operation */
};

/* What fixed work took at least on this machine while the rows were measured, in nanoseconds. */
struct bench_yardstick {
    double arithmetic;
    double copying;
};

struct bench {
    struct bench_options options;
    const struct bench_function *function;
    struct bench_result *results;
    size_t result_count;
    size_t failures;
    double loop_cost;  /* nanoseconds of one turn of an empty loop */
    double clock_cost; /* of one pair of readings of the clock */
    bool progress;     /* whether a progress line is shown */
    struct bench_yardstick yardstick;
};

/* Runs what the options ask for. The exit code: 0, or 1 where something failed. */
int bench_run(struct bench *bench);

/* The rows by which bench-compare and bench-ab judge. */
bool bench_gate_has(const char *name);

/* output.c */
void bench_print(const struct bench *bench, const struct bench_result *result);
void bench_progress(const struct bench *bench, const char *name, const char *what);

/* Writes the results to a temporary file, which then takes the place of path. */
bool bench_json_write(const struct bench *bench, const char *path);

/* Whether it could: to be told before minutes are spent. false: it has said why. */
bool bench_json_try(const char *path);

/* Removes that temporary file, also from a signal handler. */
void bench_json_discard(void);

#endif
