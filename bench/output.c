/* Results on the terminal and as JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine.h"
#include "machine.h"

void bench_progress(const struct bench *bench, const char *name, const char *what)
{
    if (!bench->progress)
        return;
    fprintf(stderr, "\r\033[K");
    if (name != NULL)
        fprintf(stderr, "%s: %s", name, what);
    fflush(stderr);
}

/* A time with three digits that count, and its unit. */
static const char *time_text(double nanoseconds, char *text, size_t size)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t unit = 0;

    while (nanoseconds >= 1000 && unit < 3) {
        nanoseconds /= 1000;
        unit++;
    }
    snprintf(text, size, "%.*f %s",
             nanoseconds < 10    ? 2
             : nanoseconds < 100 ? 1
                                 : 0,
             nanoseconds, units[unit]);
    return text;
}

static const char *rate_text(const struct bench_result *result, char *text, size_t size)
{
    double seconds = result->statistics.median / 1e9;

    text[0] = '\0';
    if (seconds <= 0)
        return text;
    if (result->bytes > 0)
        snprintf(text, size, "%.0f MB/s", (double)result->bytes / 1e6 / seconds);
    else if (result->elements > 0)
        snprintf(text, size, "%.3g M/s", (double)result->elements / 1e6 / seconds);
    return text;
}

static void outliers_print(const struct statistics *all)
{
    size_t low = all->low_mild + all->low_severe;
    size_t high = all->high_mild + all->high_severe;

    if (low + high > 0)
        printf("  outliers: %zu low, %zu high of %zu (%zu severe)", low, high, all->count,
               all->low_severe + all->high_severe);
}

void bench_print(const struct bench *bench, const struct bench_result *result)
{
    const struct statistics *all = &result->statistics;
    char texts[5][32];

    bench_progress(bench, NULL, NULL);
    if (strcmp(result->unit, "ns") != 0) {
        printf("%-76s %.6g %s\n", result->name, result->value, result->unit);
    } else if (bench->options.quick) {
        printf("%-76s right\n", result->name);
    } else {
        printf("%-76s %9s  [%s .. %s]  min %s  +-%.1f %%  %s", result->name,
               time_text(all->median, texts[0], sizeof texts[0]),
               time_text(all->low, texts[1], sizeof texts[1]),
               time_text(all->high, texts[2], sizeof texts[2]),
               time_text(all->min, texts[3], sizeof texts[3]),
               all->mean > 0 ? 100 * all->deviation / all->mean : 0,
               rate_text(result, texts[4], sizeof texts[4]));
        if (result->allocations > 0)
            printf("  %.3g allocations, %.4g B, peak %llu B", result->allocations,
                   result->allocated, (unsigned long long)result->peak);
        outliers_print(all);
        putchar('\n');
    }
    fflush(stdout);
}

/* ---- JSON ---- */

static void string_write(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', file);
        if ((unsigned char)*text >= ' ')
            fputc(*text, file);
    }
    fputc('"', file);
}

static void machine_write(FILE *file)
{
    struct machine machine = machine_read();

    fprintf(file, "  \"machine\": {\"processor\": ");
    string_write(file, machine.processor);
    fprintf(file, ", \"cores\": %ld, \"flags\": ", machine.cores);
    string_write(file, machine.flags);
    fprintf(file, ", \"kernel\": ");
    string_write(file, machine.kernel);
    fprintf(file, ", \"compiler\": ");
    string_write(file, machine.compiler);
    fprintf(file, ", \"libc\": ");
    string_write(file, machine.libc);
    fprintf(file, ", \"openssl\": ");
    string_write(file, machine.openssl);
    fprintf(file, "},\n");
}

static void statistics_write(FILE *file, const struct bench_result *result)
{
    const struct statistics *all = &result->statistics;

    fprintf(file,
            ", \"min\": %.4f, \"median\": %.4f, \"mean\": %.4f, \"deviation\": %.4f, "
            "\"low\": %.4f, \"high\": %.4f, \"max\": %.4f, \"batch\": %llu,\n     ",
            all->min, all->median, all->mean, all->deviation, all->low, all->high, all->max,
            (unsigned long long)result->batch);
    fprintf(file,
            "\"outliers\": {\"low_severe\": %zu, \"low_mild\": %zu, \"high_mild\": %zu, "
            "\"high_severe\": %zu},\n     ",
            all->low_severe, all->low_mild, all->high_mild, all->high_severe);
    fprintf(file,
            "\"bytes\": %llu, \"elements\": %llu, \"allocations\": %.3f, \"allocated\": %.1f, "
            "\"peak\": %llu,\n     \"samples\": [",
            (unsigned long long)result->bytes, (unsigned long long)result->elements,
            result->allocations, result->allocated, (unsigned long long)result->peak);
    for (size_t i = 0; i < all->count; i++)
        fprintf(file, "%s%.4f", i > 0 ? ", " : "", result->samples[i]);
    fprintf(file, "]");
}

static void results_write(const struct bench *bench, FILE *file)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    fprintf(file, "{\"format\": \"anytls-bench 1\",\n");
    machine_write(file);
    fprintf(file, "  \"loop_cost\": %.4f, \"clock_cost\": %.4f, \"peak_resident\": %ld,\n",
            bench->loop_cost, bench->clock_cost, usage.ru_maxrss * 1024);
    fprintf(file, "  \"yardstick\": {\"arithmetic\": %.1f, \"copying\": %.1f},\n  \"rows\": [",
            bench->yardstick.arithmetic, bench->yardstick.copying);
    for (size_t i = 0; i < bench->result_count; i++) {
        const struct bench_result *result = &bench->results[i];

        fprintf(file, "%s\n    {\"name\": ", i > 0 ? "," : "");
        string_write(file, result->name);
        fprintf(file, ", \"gate\": %s, \"unit\": \"%s\"", result->gate ? "true" : "false",
                result->unit);
        if (strcmp(result->unit, "ns") != 0)
            fprintf(file, ", \"value\": %.6g", result->value);
        else if (result->statistics.count > 0)
            statistics_write(file, result);
        fprintf(file, "}");
    }
    fprintf(file, "\n  ]}\n");
}

static char temporary[4096]; /* the file that is being written, if any */

static FILE *temporary_open(const char *path)
{
    snprintf(temporary, sizeof temporary, "%.4000s.%ld.tmp", path, (long)getpid());
    return fopen(temporary, "we");
}

static bool unwritable(const char *path)
{
    fprintf(stderr, "anytls-bench: cannot write %s: %s\n", path, strerror(errno));
    bench_json_discard();
    return false;
}

void bench_json_discard(void)
{
    if (temporary[0] != '\0')
        unlink(temporary);
}

bool bench_json_try(const char *path)
{
    FILE *file = temporary_open(path);

    if (file == NULL)
        return unwritable(path);
    fclose(file);
    bench_json_discard();
    return true;
}

bool bench_json_write(const struct bench *bench, const char *path)
{
    FILE *file = temporary_open(path);
    bool written = file != NULL;

    if (written) {
        results_write(bench, file);
        written = ferror(file) == 0;
        written = fclose(file) == 0 && written;
    }
    return (written && rename(temporary, path) == 0) || unwritable(path);
}
