/* Runs the test vectors.
 *     vectors check [--requirements FILE] FILE...
 * checks the files, and the reference and the oracle against them, in this process.
 *     vectors run [--timeout MS] [--deviations FILE] [--report FILE] [--adapter NAME=COMMAND]... FILE...
 * asks adapters, and prints the grid. Exit code 0: all is as expected; 1: not; 2: wrong usage. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"
#include "vectors_oracle.h"

#define COLUMNS_MAX 16u

struct run {
    const char *requirements;
    const char *deviations;
    const char *report;
    int timeout_ms;
    struct adapter adapters[COLUMNS_MAX];
    struct column columns[COLUMNS_MAX];
    size_t count;
};

static bool column_inside(struct run *run, const char *name, json_answer *answer)
{
    struct adapter adapter = {name, answer, NULL, 0, -1, -1, NULL, 0, 0, false, false};

    run->adapters[run->count] = adapter;
    run->count++;
    return true;
}

/* NAME=COMMAND */
static bool column_adapter(struct run *run, char *argument)
{
    char *equals = strchr(argument, '=');

    if (equals == NULL || equals == argument || run->count == COLUMNS_MAX) {
        fprintf(stderr, "--adapter wants NAME=COMMAND, at most %u times\n", COLUMNS_MAX - 2);
        return false;
    }
    *equals = '\0';
    if (!adapter_start(&run->adapters[run->count], argument, equals + 1))
        return false;
    run->count++;
    return true;
}

static void ask(struct run *run, size_t index, const struct vector *vector, size_t at)
{
    struct column *column = &run->columns[index];
    struct adapter *adapter = &run->adapters[index];
    cJSON *answer = adapter_ask(adapter, vector, run->timeout_ms);

    column->answers[at] = answer;
    if (answer != NULL && adapter->inside != NULL)
        column->outcomes[at] = answer_is_expected(vector, answer) ? PASSED : FAILED;
    else if (answer != NULL)
        column->outcomes[at] = answer_passes(vector, answer) ? PASSED : FAILED;
    else
        column->outcomes[at] = adapter->faulty ? NOT_ASKED : UNSUPPORTED;
    scratch_release();
}

static void ask_all(struct run *run, const struct vectors *vectors)
{
    for (size_t i = 0; i < run->count; i++) {
        run->columns[i].name = run->adapters[i].name;
        run->columns[i].outcomes = calloc(vectors->count, sizeof *run->columns[i].outcomes);
        run->columns[i].answers = calloc(vectors->count, sizeof *run->columns[i].answers);
        if (run->columns[i].outcomes == NULL || run->columns[i].answers == NULL)
            abort();
        for (size_t j = 0; j < vectors->count; j++)
            ask(run, i, &vectors->at[j], j);
        adapter_stop(&run->adapters[i]);
    }
}

static size_t failures_print(const struct run *run, const struct vectors *vectors)
{
    size_t failures = 0;

    for (size_t i = 0; i < run->count; i++) {
        for (size_t j = 0; j < vectors->count; j++) {
            char *answer;

            if (run->columns[i].outcomes[j] != FAILED)
                continue;
            failures++;
            answer = cJSON_PrintUnformatted(run->columns[i].answers[j]);
            printf("%s fails %s (%s): it answers %.400s\n", run->columns[i].name, vectors->at[j].id,
                   json_string(vectors->at[j].json, "comment"), answer);
            free(answer);
        }
    }
    return failures;
}

static void release(struct run *run, struct vectors *vectors)
{
    for (size_t i = 0; i < run->count; i++) {
        for (size_t j = 0; j < vectors->count; j++)
            cJSON_Delete(run->columns[i].answers[j]);
        free(run->columns[i].outcomes);
        free(run->columns[i].answers);
    }
    vectors_release(vectors);
}

/* The reference has to answer every vector; the oracle may leave some to others, but not fail. What
 * is allowed to others is not to them. */
static int check(struct run *run, struct vectors *vectors)
{
    size_t checks = 0;
    size_t failures;

    column_inside(run, "reference", reference_answer);
    column_inside(run, "oracle", oracle_answer);
    ask_all(run, vectors);
    failures = failures_print(run, vectors);
    for (size_t i = 0; i < run->count; i++) {
        size_t answered = 0;

        for (size_t j = 0; j < vectors->count; j++) {
            answered += run->columns[i].answers[j] != NULL;
            if (i == 0 && run->columns[i].answers[j] == NULL) {
                printf("reference has no answer to %s\n", vectors->at[j].id);
                failures++;
            }
        }
        printf("%s: %zu of %zu vectors answered\n", run->columns[i].name, answered, vectors->count);
        checks += answered;
    }
    printf("vectors: %zu passed, %zu failed\n", checks - failures, failures);
    return failures == 0 ? 0 : 1;
}

static int run_adapters(struct run *run, struct vectors *vectors)
{
    size_t failures = 0;
    FILE *report = run->report != NULL ? fopen(run->report, "w") : NULL;

    if (run->report != NULL && report == NULL) {
        fprintf(stderr, "%s: cannot be written\n", run->report);
        return 2;
    }
    ask_all(run, vectors);
    grid_print(stdout, vectors, run->columns, run->count);
    if (report != NULL) {
        grid_print(report, vectors, run->columns, run->count);
        fclose(report);
    }
    for (size_t i = 0; i < run->count; i++)
        failures += run->adapters[i].faulty;
    if (run->deviations != NULL)
        failures += deviations_check(run->deviations, vectors, run->columns, run->count);
    else
        failures += failures_print(run, vectors);
    return failures == 0 ? 0 : 1;
}

static bool options_read(struct run *run, int argc, char **argv)
{
    static const struct option options[] = {
        {"requirements", required_argument, NULL, 'q'}, {"timeout", required_argument, NULL, 't'},
        {"deviations", required_argument, NULL, 'd'},   {"report", required_argument, NULL, 'r'},
        {"adapter", required_argument, NULL, 'a'},      {NULL, 0, NULL, 0}};

    for (int option = getopt_long(argc, argv, "", options, NULL); option != -1;
         option = getopt_long(argc, argv, "", options, NULL)) {
        switch (option) {
        case 'q': run->requirements = optarg; break;
        case 't': run->timeout_ms = atoi(optarg); break;
        case 'd': run->deviations = optarg; break;
        case 'r': run->report = optarg; break;
        case 'a':
            if (!column_adapter(run, optarg))
                return false;
            break;
        default: return false;
        }
    }
    return run->timeout_ms > 0 && optind < argc;
}

int main(int argc, char **argv)
{
    static struct run run = {.timeout_ms = 5000};
    struct vectors vectors;
    bool checking = argc > 1 && strcmp(argv[1], "check") == 0;
    int result = 1;

    if (argc < 2 || (!checking && strcmp(argv[1], "run") != 0) ||
        !options_read(&run, argc - 1, argv + 1)) {
        fputs("usage: vectors check|run [options] FILE...; see the head of vectors.c\n", stderr);
        return 2;
    }
    if (vectors_read(&vectors, argv + 1 + optind, argc - 1 - optind, run.requirements))
        result = checking ? check(&run, &vectors) : run_adapters(&run, &vectors);
    for (size_t i = 0; i < run.count; i++)
        adapter_stop(&run.adapters[i]);
    if (run.columns[0].answers != NULL)
        release(&run, &vectors);
    else
        vectors_release(&vectors);
    return result;
}
