#include "results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../machine.h"
#include "../statistics.h"

struct entry *results_add(struct results *results, const struct contender *contender)
{
    struct entry *entry = &results->entries[results->count++];

    entry->contender = contender;
    return entry;
}

void entry_print(const struct entry *entry)
{
    if (entry->error[0] != '\0')
        printf("%-16s left out: %s\n", entry->contender->name, entry->error);
    else
        printf("%-16s %s%s%s %s %s\n", entry->contender->name, entry->contender->what,
               entry->agreement.cipher[0] != '\0' ? "; " : "", entry->agreement.cipher,
               entry->agreement.group, entry->agreement.key);
    fflush(stdout);
}

/* ---- Taking ---- */

static struct cell *cell_find(struct results *results, size_t entry,
                              const struct workload *workload, const struct metric *metric)
{
    struct cell *cell;

    for (size_t i = 0; i < results->cell_count; i++) {
        cell = &results->cells[i];
        if (cell->entry == entry && cell->workload == workload &&
            strcmp(cell->metric.name, metric->name) == 0)
            return cell;
    }
    if (results->cell_count == CELLS_MAX)
        return NULL;
    cell = &results->cells[results->cell_count++];
    cell->entry = entry;
    cell->workload = workload;
    cell->metric = *metric;
    return cell;
}

static void histogram_add(struct results *results, size_t entry, const struct workload *workload,
                          const uint32_t *bins)
{
    size_t i = 0;

    while (i < results->histogram_count &&
           (results->histograms[i].entry != entry || results->histograms[i].workload != workload))
        i++;
    if (i == ENTRIES_MAX * 2)
        return;
    if (i == results->histogram_count) {
        results->histogram_count++;
        results->histograms[i].entry = entry;
        results->histograms[i].workload = workload;
    }
    for (size_t j = 0; j < HISTOGRAM_BINS; j++)
        results->histograms[i].bins[j] += bins[j];
}

void results_take(struct results *results, size_t entry, const struct workload *workload,
                  const struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->count; i++) {
        struct cell *cell = cell_find(results, entry, workload, &outcome->metrics[i]);

        if (cell != NULL && cell->count < ROUNDS_MAX)
            cell->values[cell->count++] = outcome->metrics[i].value;
    }
    if (outcome->has_histogram)
        histogram_add(results, entry, workload, outcome->histogram);
    if (outcome->error[0] != '\0' && results->refusal_count < CELLS_MAX) {
        struct refusal *refusal = &results->refusals[results->refusal_count++];

        refusal->workload = workload;
        refusal->entry = entry;
        memcpy(refusal->error, outcome->error, sizeof refusal->error);
    }
}

static struct statistics cell_statistics(const struct cell *cell)
{
    double values[ROUNDS_MAX];

    memcpy(values, cell->values, cell->count * sizeof values[0]);
    return statistics_of(values, cell->count);
}

/* ---- Printing ---- */

static const struct cell *reference_cell(const struct results *results, const struct cell *cell)
{
    for (size_t i = 0; i < results->cell_count; i++) {
        const struct cell *other = &results->cells[i];

        if (other->workload == cell->workload &&
            strcmp(other->metric.name, cell->metric.name) == 0 &&
            strcmp(results->entries[other->entry].contender->name, "reference") == 0)
            return other;
    }
    return NULL;
}

static void cell_print(const struct results *results, const struct cell *cell)
{
    const struct cell *reference = reference_cell(results, cell);
    struct statistics all = cell_statistics(cell);

    printf("    %-16s %12.5g  [%.5g .. %.5g]", results->entries[cell->entry].contender->name,
           all.median, all.min, all.max);
    if (reference != NULL && reference != cell && all.median > 0)
        printf("   reference: %.2f times", cell_statistics(reference).median / all.median);
    putchar('\n');
}

static bool printed_before(const struct results *results, size_t index)
{
    const struct cell *cell = &results->cells[index];

    for (size_t i = 0; i < index; i++)
        if (results->cells[i].workload == cell->workload &&
            strcmp(results->cells[i].metric.name, cell->metric.name) == 0)
            return true;
    return false;
}

void results_print(const struct results *results, const struct workload *workload)
{
    printf("\n%s: %s\n", workload->name, workload->what);
    for (size_t i = 0; i < results->cell_count; i++) {
        const struct cell *cell = &results->cells[i];

        if (cell->workload != workload || printed_before(results, i))
            continue;
        printf("  %s, %s (%s is better)\n", cell->metric.name, cell->metric.unit,
               cell->metric.more ? "more" : "less");
        for (size_t j = i; j < results->cell_count; j++)
            if (results->cells[j].workload == workload &&
                strcmp(results->cells[j].metric.name, cell->metric.name) == 0)
                cell_print(results, &results->cells[j]);
    }
    for (size_t i = 0; i < results->refusal_count; i++)
        if (results->refusals[i].workload == workload)
            printf("  %s: %s\n", results->entries[results->refusals[i].entry].contender->name,
                   results->refusals[i].error);
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

static void pair_write_text(FILE *file, const char *key, const char *text, const char *before)
{
    fprintf(file, "%s\"%s\": ", before, key);
    string_write(file, text);
}

static void machine_write(FILE *file)
{
    struct machine machine = machine_read();

    fprintf(file, " \"machine\": {\"cores\": %ld", machine.cores);
    pair_write_text(file, "processor", machine.processor, ", ");
    pair_write_text(file, "flags", machine.flags, ", ");
    pair_write_text(file, "kernel", machine.kernel, ", ");
    pair_write_text(file, "compiler", machine.compiler, ", ");
    pair_write_text(file, "libc", machine.libc, ", ");
    pair_write_text(file, "openssl", machine.openssl, ", ");
    fprintf(file, "},\n");
}

static void entries_write(FILE *file, const struct results *results)
{
    fprintf(file, " \"contenders\": [");
    for (size_t i = 0; i < results->count; i++) {
        const struct entry *entry = &results->entries[i];

        pair_write_text(file, "name", entry->contender->name, i > 0 ? ",\n  {" : "\n  {");
        pair_write_text(file, "what", entry->contender->what, ", ");
        pair_write_text(file, "cipher", entry->agreement.cipher, ", ");
        pair_write_text(file, "group", entry->agreement.group, ", ");
        pair_write_text(file, "key", entry->agreement.key, ", ");
        pair_write_text(file, "error", entry->error, ", ");
        fprintf(file, "}");
    }
    fprintf(file, "],\n");
}

static void cells_write(FILE *file, const struct results *results)
{
    fprintf(file, " \"rows\": [");
    for (size_t i = 0; i < results->cell_count; i++) {
        const struct cell *cell = &results->cells[i];
        struct statistics all = cell_statistics(cell);

        pair_write_text(file, "workload", cell->workload->name, i > 0 ? ",\n  {" : "\n  {");
        pair_write_text(file, "what", cell->workload->what, ", ");
        pair_write_text(file, "metric", cell->metric.name, ", ");
        pair_write_text(file, "unit", cell->metric.unit, ", ");
        pair_write_text(file, "contender", results->entries[cell->entry].contender->name, ", ");
        fprintf(file, ", \"more\": %s, \"median\": %.6g, \"min\": %.6g, \"max\": %.6g",
                cell->metric.more ? "true" : "false", all.median, all.min, all.max);
        fprintf(file, ", \"values\": [");
        for (size_t j = 0; j < cell->count; j++)
            fprintf(file, "%s%.6g", j > 0 ? ", " : "", cell->values[j]);
        fprintf(file, "]}");
    }
    fprintf(file, "],\n");
}

static void rest_write(FILE *file, const struct results *results)
{
    fprintf(file, " \"histograms\": [");
    for (size_t i = 0; i < results->histogram_count; i++) {
        pair_write_text(file, "workload", results->histograms[i].workload->name,
                        i > 0 ? ",\n  {" : "\n  {");
        pair_write_text(file, "contender",
                        results->entries[results->histograms[i].entry].contender->name, ", ");
        fprintf(file, ", \"bins\": [");
        for (size_t j = 0; j < HISTOGRAM_BINS; j++)
            fprintf(file, "%s%u", j > 0 ? ", " : "", results->histograms[i].bins[j]);
        fprintf(file, "]}");
    }
    fprintf(file, "],\n \"refusals\": [");
    for (size_t i = 0; i < results->refusal_count; i++) {
        const struct refusal *refusal = &results->refusals[i];

        pair_write_text(file, "workload", refusal->workload->name, i > 0 ? ",\n  {" : "\n  {");
        pair_write_text(file, "contender", results->entries[refusal->entry].contender->name, ", ");
        pair_write_text(file, "error", refusal->error, ", ");
        fprintf(file, "}");
    }
    fprintf(file, "]}\n");
}

static bool cannot_write(const char *path)
{
    fprintf(stderr, "bench-peers: cannot write %s: %s\n", path, strerror(errno));
    return false;
}

static void temporary_name(const char *path, char *temporary, size_t size)
{
    snprintf(temporary, size, "%.4000s.%ld.tmp", path, (long)getpid());
}

bool results_writable(const char *path)
{
    char temporary[4096];
    FILE *file;

    temporary_name(path, temporary, sizeof temporary);
    file = fopen(temporary, "we");
    if (file == NULL)
        return cannot_write(path);
    fclose(file);
    unlink(temporary);
    return true;
}

bool results_write(const struct results *results, const char *path)
{
    char temporary[4096];
    FILE *file;
    bool written;

    temporary_name(path, temporary, sizeof temporary);
    file = fopen(temporary, "we");
    written = file != NULL;
    if (written) {
        fprintf(file, "{\"format\": \"anytls-bench-peers 1\",\n");
        machine_write(file);
        entries_write(file, results);
        cells_write(file, results);
        rest_write(file, results);
        written = ferror(file) == 0;
        written = fclose(file) == 0 && written;
    }
    if (written && rename(temporary, path) == 0)
        return true;
    cannot_write(path);
    unlink(temporary);
    return false;
}
