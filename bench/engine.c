#include "engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"

#define WARM_UP 0.2    /* of the time for the samples */
#define SAMPLES_MIN 5u /* of slow rows */
#define PATIENCE 4     /* times the time for the samples, set-up included */
#define YARDSTICK_STEPS 20000u
#define YARDSTICK_SIZE 16384u

const char *bench_folder(const struct bench *bench)
{
    return bench->options.folder;
}

bool bench_is_quick(const struct bench *bench)
{
    return bench->options.quick;
}

void bench_fail(struct bench *bench, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bench_progress(bench, NULL, NULL);
    fprintf(stderr, "anytls-bench: %s/%s: %s\n", bench->function->file, bench->function->name,
            text);
    bench->failures++;
}

/* ---- Which rows ---- */

static void name_set(const struct bench *bench, const char *parameters, char *name)
{
    snprintf(name, BENCH_NAME_MAX, "%s/%s/%s", bench->function->file, bench->function->name,
             parameters);
}

/* Whether the part stands in a name that begins so: within the beginning, behind it (parameters have
 * no slash), or across its end. */
static bool may_stand_in(const char *part, const char *beginning)
{
    if (strchr(part, '/') == NULL && strstr(part, "bench") == NULL)
        return true;
    if (strstr(beginning, part) != NULL)
        return true;
    for (const char *end = beginning; *end != '\0'; end++)
        if (strncmp(part, end, strlen(end)) == 0)
            return true;
    return false;
}

/* Whether one of the parts that were asked for stands in the name, or may where it goes on. */
static bool matches(const struct bench *bench, const char *name, bool beginning)
{
    const char *list = bench->options.match;

    while (list != NULL && *list != '\0') {
        size_t size = strcspn(list, ",");
        char part[BENCH_NAME_MAX];

        snprintf(part, sizeof part, "%.*s", (int)size, list);
        if (size > 0 && (beginning ? may_stand_in(part, name) : strstr(name, part) != NULL))
            return true;
        list += size + (list[size] == ',');
    }
    return bench->options.match == NULL;
}

static bool wanted(const struct bench *bench, const char *parameters, bool beginning)
{
    char name[BENCH_NAME_MAX];

    name_set(bench, parameters, name);
    if (bench->options.gate && !bench_gate_has(name))
        return false;
    return matches(bench, name, beginning);
}

bool bench_wants(struct bench *bench, const char *parameters)
{
    return wanted(bench, parameters, true);
}

static bool wanted_function(const struct bench *bench)
{
    char name[BENCH_NAME_MAX];

    snprintf(name, sizeof name, "%s/%s", bench->function->file, bench->function->name);
    return (!bench->options.gate || bench_gate_has(name)) && matches(bench, name, true);
}

/* ---- Timing ---- */

/* Nanoseconds of count operations, set-up left out; as many calls as count_max makes necessary. */
static double time_of(const struct bench *bench, const struct bench_row *row, uint64_t count)
{
    double total = 0;

    while (count > 0) {
        uint64_t part = row->count_max > 0 && count > row->count_max ? row->count_max : count;
        uint64_t begin;
        uint64_t end;

        if (row->prepare != NULL)
            row->prepare(row->context, part);
        begin = bench_clock();
        row->run(row->context, part);
        end = bench_clock();
        total += (double)(end - begin) - bench->clock_cost - bench->loop_cost * (double)part;
        count -= part;
    }
    return total > 0 ? total : 0;
}

static void empty_loop(void *context, uint64_t count)
{
    (void)context;
    for (uint64_t i = 0; i < count; i++)
        bench_use_number(i);
}

static void costs_measure(struct bench *bench)
{
    const struct bench_row loop = {.run = empty_loop};
    double best = 1e9;

    for (int i = 0; i < 1000; i++) {
        double cost = time_of(bench, &loop, 0) + time_of(bench, &loop, 1);

        best = cost < best ? cost : best;
    }
    bench->clock_cost = best;
    best = 1e9;
    for (int i = 0; i < 50; i++) {
        double cost = time_of(bench, &loop, 100000) / 100000;

        best = cost < best ? cost : best;
    }
    bench->loop_cost = best;
}

static double yardstick_arithmetic(void)
{
    uint64_t begin = bench_clock();
    uint64_t number = begin;

    for (uint32_t i = 0; i < YARDSTICK_STEPS; i++)
        number = number * 6364136223846793005u + 1442695040888963407u;
    bench_use_number(number);
    return (double)(bench_clock() - begin);
}

static double yardstick_copying(void)
{
    static uint8_t from[YARDSTICK_SIZE];
    static uint8_t to[YARDSTICK_SIZE];
    uint64_t begin = bench_clock();

    for (int i = 0; i < 100; i++) {
        bench_use(from);
        memcpy(to, from, sizeof to);
        bench_use(to);
    }
    return (double)(bench_clock() - begin);
}

static double best_of_three(double (*measure)(void))
{
    double best = measure();

    for (int i = 0; i < 2; i++) {
        double again = measure();

        best = again < best ? again : best;
    }
    return best;
}

static double lesser(double before, double now)
{
    return before > 0 && before < now ? before : now;
}

/* After each row; the least says how fast the machine was when nothing came between. */
static void yardstick_measure(struct bench *bench)
{
    struct bench_yardstick *best = &bench->yardstick;

    best->arithmetic = lesser(best->arithmetic, best_of_three(yardstick_arithmetic));
    best->copying = lesser(best->copying, best_of_three(yardstick_copying));
}

/* ---- A row ---- */

static struct bench_result *result_add(struct bench *bench, const char *parameters)
{
    size_t size = (bench->result_count + 1) * sizeof *bench->results;
    struct bench_result *grown = realloc(bench->results, size);
    struct bench_result *result;

    if (grown == NULL) {
        fprintf(stderr, "anytls-bench: out of memory\n");
        exit(1);
    }
    bench->results = grown;
    result = &grown[bench->result_count];
    memset(result, 0, sizeof *result);
    name_set(bench, parameters, result->name);
    result->gate = bench_gate_has(result->name);
    bench->result_count++;
    return result;
}

static bool check_once(struct bench *bench, const struct bench_row *row)
{
    if (row->prepare != NULL)
        row->prepare(row->context, 1);
    row->run(row->context, 1);
    if (row->check == NULL || row->check(row->context))
        return true;
    bench_fail(bench, "%s: the result is wrong", row->parameters);
    return false;
}

/* Runs ever more operations until the time for warming up is over; nanoseconds of one. */
static double warm_up(const struct bench *bench, const struct bench_row *row)
{
    uint64_t begin = bench_clock();
    double limit = bench->options.time * WARM_UP * 1e9;
    uint64_t count = 1;
    double taken = 0;

    do {
        taken = time_of(bench, row, count);
        if ((double)(bench_clock() - begin) >= limit)
            break;
        count *= 2;
    } while (true);
    return taken / (double)count;
}

static struct allocations allocations_of(const struct bench_row *row, uint64_t count)
{
    if (row->prepare != NULL)
        row->prepare(row->context, count);
    allocations_begin();
    row->run(row->context, count);
    return allocations_end();
}

static void allocations_measure(const struct bench_row *row, struct bench_result *result)
{
    uint64_t count = row->count_max > 0 && row->count_max < 16 ? row->count_max : 16;
    struct allocations seen = allocations_of(row, 1);

    result->peak = seen.peak;
    if (result->batch > 1)
        seen = allocations_of(row, count);
    else
        count = 1; /* once is long enough */
    result->allocations = (double)seen.calls / (double)count;
    result->allocated = (double)seen.bytes / (double)count;
}

static uint64_t batch_for(const struct bench *bench, double one)
{
    double sample = bench->options.time * 1e9 / (double)bench->options.samples;
    double count = one > 0 ? sample / one : 1e9;

    return count < 1 ? 1 : count > 1e9 ? 1000000000u : (uint64_t)count;
}

static void sample(struct bench *bench, const struct bench_row *row, struct bench_result *result)
{
    uint64_t begin = bench_clock();
    double patience = bench->options.time * PATIENCE * 1e9;
    size_t count = 0;

    result->samples = malloc(bench->options.samples * sizeof *result->samples);
    if (result->samples == NULL)
        return;
    while (count < bench->options.samples) {
        result->samples[count++] = time_of(bench, row, result->batch) / (double)result->batch;
        if (count >= SAMPLES_MIN && (double)(bench_clock() - begin) > patience)
            break;
    }
    result->statistics = statistics_of(result->samples, count);
}

void bench_measure(struct bench *bench, const struct bench_row *row)
{
    struct bench_result *result;
    char name[BENCH_NAME_MAX];

    if (!wanted(bench, row->parameters, false))
        return;
    name_set(bench, row->parameters, name);
    bench_progress(bench, name, bench->options.quick ? "once" : "warming up");
    if (!check_once(bench, row))
        return;
    result = result_add(bench, row->parameters);
    result->unit = "ns";
    result->bytes = row->bytes;
    result->elements = row->elements;
    result->batch = 1;
    if (!bench->options.quick) {
        result->batch = batch_for(bench, warm_up(bench, row));
        bench_progress(bench, name, "measuring");
        allocations_measure(row, result);
        sample(bench, row, result);
        yardstick_measure(bench);
    }
    bench_print(bench, result);
}

void bench_value(struct bench *bench, const char *parameters, const char *unit, double value)
{
    struct bench_result *result;

    if (!wanted(bench, parameters, false))
        return;
    result = result_add(bench, parameters);
    result->unit = unit;
    result->value = value;
    bench_print(bench, result);
}

int bench_run(struct bench *bench)
{
    costs_measure(bench);
    for (const struct bench_function *each = bench_functions; each->name != NULL; each++) {
        bench->function = each;
        if (wanted_function(bench))
            each->measure(bench);
    }
    bench_progress(bench, NULL, NULL);
    if (bench->result_count == 0 && bench->failures == 0) {
        fprintf(stderr, "anytls-bench: nothing has a name with %s in it; see --list\n",
                bench->options.match != NULL ? bench->options.match : "the gate");
        return 2;
    }
    if (bench->failures > 0) {
        fprintf(stderr, "anytls-bench: %zu failed%s\n", bench->failures,
                bench->options.json != NULL ? "; no results are written" : "");
        return 1;
    }
    if (bench->options.json != NULL && !bench_json_write(bench, bench->options.json))
        return 1;
    return 0;
}
