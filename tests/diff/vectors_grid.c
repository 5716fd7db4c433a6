#include <stdlib.h>
#include <string.h>

#include "vectors.h"

struct tally {
    size_t counts[FAILED + 1];
};

static struct tally tally_of(const struct vectors *vectors, const struct column *column,
                             const char *group)
{
    struct tally tally = {{0}};

    for (size_t i = 0; i < vectors->count; i++)
        if (group == NULL || strcmp(vectors->at[i].group, group) == 0)
            tally.counts[column->outcomes[i]]++;
    return tally;
}

static void row_print(FILE *out, const char *name, const struct vectors *vectors,
                      const struct column *columns, size_t count, const char *group)
{
    size_t total = 0;

    for (size_t i = 0; i < vectors->count; i++)
        total += group == NULL || strcmp(vectors->at[i].group, group) == 0;
    fprintf(out, "| %s | %zu |", name, total);
    for (size_t i = 0; i < count; i++) {
        struct tally tally = tally_of(vectors, &columns[i], group);

        fprintf(out, " %zu / %zu / %zu", tally.counts[PASSED], tally.counts[FAILED],
                tally.counts[UNSUPPORTED]);
        if (tally.counts[NOT_ASKED] > 0)
            fprintf(out, " (%zu not asked)", tally.counts[NOT_ASKED]);
        fputs(" |", out);
    }
    fputc('\n', out);
}

static void head_print(FILE *out, const char *first, const struct column *columns, size_t count)
{
    fprintf(out, "| %s |", first);
    for (size_t i = 0; i < count; i++)
        fprintf(out, " %s |", columns[i].name);
    fputs("\n|---|", out);
    for (size_t i = 0; i < count; i++)
        fputs("---|", out);
    fputc('\n', out);
}

static bool is_first_of_group(const struct vectors *vectors, size_t index)
{
    return index == 0 || strcmp(vectors->at[index].group, vectors->at[index - 1].group) != 0;
}

static bool same(const cJSON *a, const cJSON *b)
{
    const cJSON *draws_a = cJSON_GetObjectItemCaseSensitive(a, "drawn");
    const cJSON *draws_b = cJSON_GetObjectItemCaseSensitive(b, "drawn");

    /* Draws of the same sizes are not the same numbers: who answers so agrees with whoever gives
     * ranges that hold them, which answer_passes has found out; here only its own kind counts. */
    if (draws_a != NULL && draws_b != NULL)
        return cJSON_GetArraySize(draws_a->child) == cJSON_GetArraySize(draws_b->child);
    return answers_equal(a, b);
}

static void pair_print(FILE *out, const struct vectors *vectors, const struct column *a,
                       const struct column *b)
{
    size_t both = 0;
    size_t agree = 0;

    for (size_t i = 0; i < vectors->count; i++) {
        if (a->answers[i] == NULL || b->answers[i] == NULL)
            continue;
        both++;
        if (same(a->answers[i], b->answers[i]) ||
            (a->outcomes[i] == PASSED && b->outcomes[i] == PASSED &&
             strcmp(vectors->at[i].operation, "scheme_sizes") == 0))
            agree++;
    }
    fprintf(out, " %zu of %zu |", agree, both);
}

void grid_print(FILE *out, const struct vectors *vectors, const struct column *columns,
                size_t count)
{
    fputs("Each cell: passed / failed / unsupported.\n\n", out);
    fputs("| group | vectors |", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, " %s |", columns[i].name);
    fputs("\n|---|---|", out);
    for (size_t i = 0; i < count; i++)
        fputs("---|", out);
    fputc('\n', out);
    for (size_t i = 0; i < vectors->count; i++)
        if (is_first_of_group(vectors, i))
            row_print(out, vectors->at[i].group, vectors, columns, count, vectors->at[i].group);
    row_print(out, "all", vectors, columns, count, NULL);

    fputs("\nWho agrees with whom: the same answer, of the vectors that both answered.\n\n", out);
    head_print(out, "", columns, count);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "| %s |", columns[i].name);
        for (size_t j = 0; j < count; j++)
            pair_print(out, vectors, &columns[i], &columns[j]);
        fputc('\n', out);
    }
}

/* A line of the table: implementation, vector, reason. */
static bool line_speaks_of(const char *line, const char *name, const char *id)
{
    size_t size = strlen(name);
    size_t id_size = strlen(id);

    return strncmp(line, name, size) == 0 && line[size] == '\t' &&
           strncmp(line + size + 1, id, id_size) == 0 && line[size + 1 + id_size] == '\t' &&
           line[size + 2 + id_size] != '\0';
}

static bool is_listed(FILE *table, const char *name, const char *id)
{
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;

    rewind(table);
    while (!found && getline(&line, &capacity, table) > 0)
        found = line_speaks_of(line, name, id);
    free(line);
    return found;
}

static size_t deviation_report(FILE *table, const struct vector *vector,
                               const struct column *column, size_t index)
{
    bool listed = is_listed(table, column->name, vector->id);
    char *answer;

    if (listed == (column->outcomes[index] == FAILED) || column->outcomes[index] == NOT_ASKED)
        return 0;
    if (listed) {
        printf("%s does not fail %s any more: strike it off the table of deviations\n",
               column->name, vector->id);
        return 1;
    }
    answer = cJSON_PrintUnformatted(column->answers[index]);
    printf("%s fails %s (%s): it answers %.200s\n", column->name, vector->id,
           json_string(vector->json, "comment"), answer);
    free(answer);
    return 1;
}

size_t deviations_check(const char *path, const struct vectors *vectors,
                        const struct column *columns, size_t count)
{
    FILE *table = fopen(path, "r");
    size_t unexplained = 0;

    if (table == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < vectors->count; j++)
            unexplained += deviation_report(table, &vectors->at[j], &columns[i], j);
    fclose(table);
    return unexplained;
}
