/* anytls-bench-compare: what has changed between two sets of results, and whether to believe it.
 *
 * Each file is what one process of anytls-bench measured. From three processes a side on, a process
 * counts as one value, since a hundred samples of one process are hardly more than one. That value
 * is its minimum: noise only ever adds, and on a busy machine the minimum stays within a few percent
 * where the median doubles. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../statistics.h"
#include "json.h"

#define FILES_MAX 256u
#define PROCESSES_MIN 3u
#define EXIT_UNUSABLE 2

static const char usage[] =
    "Usage: anytls-bench-compare [--threshold T] [--floor NS] BASE.json ... -- HEAD.json ...\n"
    "Verdicts are for the rows of the gate. Each process stands for its fastest sample. A row is\n"
    "worse where the median and the minimum of these both grew by more than T (0.05), and by more\n"
    "than NS (10) nanoseconds, the 95 % interval of the change is above zero, and fixed work did\n"
    "not slow down as much. Exit code: 0 nothing is worse, 1 something is, 2 the files cannot be\n"
    "compared.\n";

struct side {
    const char *paths[FILES_MAX];
    struct json *files[FILES_MAX];
    size_t count;
};

struct values {
    double *all; /* sorted; the minima of processes, or the samples of the only one */
    size_t count;
    double median;
    double min;
};

struct change {
    double median; /* 0.05: 5 % more */
    double min;
    struct interval interval;
    double difference; /* nanoseconds */
    const char *verdict;
};

static double threshold = 0.05;
static double floor_ns = 10;

static void unusable(const char *format, const char *a, const char *b, const char *c)
{
    fprintf(stderr, "anytls-bench-compare: ");
    fprintf(stderr, format, a, b, c);
    fputc('\n', stderr);
    exit(EXIT_UNUSABLE);
}

/* ---- Reading ---- */

static void side_read(struct side *side)
{
    char error[256];

    for (size_t i = 0; i < side->count; i++) {
        side->files[i] = json_read(side->paths[i], error);
        if (side->files[i] == NULL)
            unusable("%s%s%s", error, "", "");
        if (strcmp(json_text(side->files[i], "format", ""), "anytls-bench 1") != 0 ||
            json_get(side->files[i], "rows") == NULL)
            unusable("%s holds no results of anytls-bench%s%s", side->paths[i], "", "");
    }
}

static void machines_compare(const struct side *base, const struct side *head)
{
    static const char *const same[] = {"processor", "flags", "compiler", "libc", "openssl"};
    const struct json *a = json_get(base->files[0], "machine");
    const struct json *b = json_get(head->files[0], "machine");

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        const char *before = json_text(a, same[i], "none");
        const char *now = json_text(b, same[i], "none");
        char both[256];

        if (strcmp(before, now) == 0)
            continue;
        snprintf(both, sizeof both, "%.100s, here it is %.100s", before, now);
        unusable("%s is of another machine: its %s is %s; save it anew", base->paths[0], same[i],
                 both);
    }
    if (json_number(a, "cores", 0) != json_number(b, "cores", 0))
        unusable("%s is of a machine with another number of cores; save it anew%s%s",
                 base->paths[0], "", "");
}

static const struct json *row_of(const struct json *file, const char *name)
{
    const struct json *rows = json_get(file, "rows");

    for (const struct json *each = rows->first; each != NULL; each = each->next)
        if (strcmp(json_text(each, "name", ""), name) == 0)
            return each;
    return NULL;
}

static struct values values_of(const struct side *side, const char *name)
{
    struct values values = {calloc(FILES_MAX, sizeof(double)), 0, 0, INFINITY};
    const struct json *only = NULL;

    for (size_t i = 0; i < side->count && values.all != NULL; i++) {
        const struct json *row = row_of(side->files[i], name);
        double min = json_number(row, "min", -1);

        if (min < 0)
            continue;
        only = row;
        values.all[values.count++] = min;
        values.min = fmin(values.min, min);
    }
    if (values.count > 0 && values.count < PROCESSES_MIN) {
        free(values.all);
        values.all = json_numbers(only, "samples", &values.count);
    }
    if (values.count == 0)
        return values;
    values_sort(values.all, values.count);
    values.median = values_quantile(values.all, values.count, 0.5);
    return values;
}

/* ---- Judging ---- */

static double yardstick(const struct side *side, const char *what)
{
    double values[FILES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < side->count; i++) {
        double value = json_number(json_get(side->files[i], "yardstick"), what, 0);

        if (value > 0)
            values[count++] = value;
    }
    values_sort(values, count);
    return count > 0 ? values_quantile(values, count, 0.5) : 1;
}

/* By how much fixed work took longer in head than in base: the greatest and the least of two. */
static struct interval drift_of(const struct side *base, const struct side *head)
{
    double arithmetic = yardstick(head, "arithmetic") / yardstick(base, "arithmetic");
    double copying = yardstick(head, "copying") / yardstick(base, "copying");
    struct interval drift = {fmin(arithmetic, copying), fmax(arithmetic, copying)};

    return drift;
}

/* A change that fixed work shows too is the machine's: what remains of it. */
static double without(double change, struct interval drift)
{
    if (change > 0 && drift.high > 1)
        return fmax(0, (1 + change) / drift.high - 1);
    if (change < 0 && drift.low < 1)
        return fmin(0, (1 + change) / drift.low - 1);
    return change;
}

static const char *verdict_of(const struct change *change, struct interval drift)
{
    double median = without(change->median, drift);
    double min = without(change->min, drift);

    if (fabs(change->difference) < floor_ns)
        return "same";
    if (median > threshold && min > threshold && change->interval.low > 1)
        return "worse";
    if (median < -threshold && min < -threshold && change->interval.high < 1)
        return "better";
    if (fabs(median) <= threshold && fabs(min) <= threshold)
        return "same";
    return "too noisy to say";
}

static struct change change_of(const struct values *base, const struct values *head,
                               struct interval drift)
{
    struct change change;

    change.median = head->median / base->median - 1;
    change.min = head->min / base->min - 1;
    change.difference = head->median - base->median;
    change.interval = ratio_interval(base->all, base->count, head->all, head->count);
    change.verdict = verdict_of(&change, drift);
    return change;
}

/* ---- Printing ---- */

static const char *time_text(double nanoseconds, char *text, size_t size)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t unit = 0;

    while (nanoseconds >= 1000 && unit < 3) {
        nanoseconds /= 1000;
        unit++;
    }
    snprintf(text, size, "%.4g %s", nanoseconds, units[unit]);
    return text;
}

/* Half the width of the middle half, in percent of the median. */
static double noise_of(const struct values *values)
{
    double width = values_quantile(values->all, values->count, 0.75) -
                   values_quantile(values->all, values->count, 0.25);

    return 50 * width / values->median;
}

static void row_print(const char *name, const struct values *base, const struct values *head,
                      const struct change *change, bool judged)
{
    char texts[2][32];

    printf("%-78s %10s +-%4.1f %%  %10s +-%4.1f %%  %+6.1f %% [%+.1f .. %+.1f]  min %+.1f %%  %s\n",
           name, time_text(base->median, texts[0], sizeof texts[0]), noise_of(base),
           time_text(head->median, texts[1], sizeof texts[1]), noise_of(head), 100 * change->median,
           100 * (change->interval.low - 1), 100 * (change->interval.high - 1), 100 * change->min,
           judged ? change->verdict : "");
}

/* The rows of the gate, or the others; how many are worse. */
static size_t rows_compare(const struct side *base, const struct side *head, bool gate,
                           struct interval drift, size_t *seen)
{
    size_t worse = 0;
    const struct json *rows = json_get(base->files[0], "rows");

    for (const struct json *each = rows->first; each != NULL; each = each->next) {
        const char *name = json_text(each, "name", "");
        struct values before = values_of(base, name);
        struct values now = values_of(head, name);
        struct change change;

        if (json_true(each, "gate") != gate || before.count == 0 || now.count == 0 ||
            before.median <= 0 || before.min <= 0)
            continue;
        change = change_of(&before, &now, drift);
        row_print(name, &before, &now, &change, gate);
        worse += gate && strcmp(change.verdict, "worse") == 0;
        (*seen)++;
    }
    return worse;
}

static void options_read(int argc, char **argv, struct side *base, struct side *head)
{
    struct side *side = base;

    for (int i = 1; i < argc; i++) {
        double *number = strcmp(argv[i], "--threshold") == 0 ? &threshold
                         : strcmp(argv[i], "--floor") == 0   ? &floor_ns
                                                             : NULL;

        if (number != NULL && i + 1 < argc) {
            char *end;

            *number = strtod(argv[++i], &end);
            if (*end != '\0' || !(*number >= 0))
                unusable("%s %s: give a number, such as 0.05%s", argv[i - 1], argv[i], "");
        } else if (strcmp(argv[i], "--") == 0) {
            side = head;
        } else if (argv[i][0] == '-') {
            fputs(usage, strcmp(argv[i], "--help") == 0 ? stdout : stderr);
            exit(strcmp(argv[i], "--help") == 0 ? 0 : EXIT_UNUSABLE);
        } else if (side->count < FILES_MAX) {
            side->paths[side->count++] = argv[i];
        }
    }
    if (base->count == 0 || head->count == 0)
        unusable("%s%s%s", "give files, --, and files; see --help", "", "");
}

int main(int argc, char **argv)
{
    static struct side base;
    static struct side head;
    struct interval drift;
    size_t seen = 0;
    size_t worse;

    options_read(argc, argv, &base, &head);
    side_read(&base);
    side_read(&head);
    machines_compare(&base, &head);
    drift = drift_of(&base, &head);
    printf("%zu against %zu processes; threshold %.1f %%, floor %g ns; fixed work took %+.1f to "
           "%+.1f %% longer\n",
           base.count, head.count, 100 * threshold, floor_ns, 100 * (drift.low - 1),
           100 * (drift.high - 1));
    worse = rows_compare(&base, &head, true, drift, &seen);
    if (seen == 0)
        unusable("%s and %s have no row of the gate in common%s", base.paths[0], head.paths[0], "");
    seen = 0;
    rows_compare(&base, &head, false, drift, &seen);
    printf("%zu of the gate's rows worse\n", worse);
    return worse > 0 ? 1 : 0;
}
