/* The tables: read, and looked into. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "oracle.h"
#include "tables.h"

#define COLUMNS 9u
#define ROWS_MAX 128u

/* One row: the words of its columns, cut out of the table's text by zero bytes. */
struct words {
    unsigned line;
    const char *column[COLUMNS];
};

struct table {
    char *text;
    struct words rows[ROWS_MAX];
    size_t count;
};

struct oracle_rules {
    struct table transitions;
    struct table calls;
};

/* ---- Reading ---- */

static bool row_read(char *line, unsigned number, struct words *row)
{
    size_t columns = 0;

    row->line = number;
    while (line != NULL && columns < COLUMNS) {
        char *tab = strchr(line, '\t');

        if (tab != NULL)
            *tab = '\0';
        if (*line == '\0')
            return false;
        row->column[columns] = line;
        columns++;
        line = tab != NULL ? tab + 1 : NULL;
    }
    return columns == COLUMNS && line == NULL;
}

/* text: allocated; the table takes it. The first row that is no comment is the headline. */
static bool table_read(char *text, const char *name, struct table *table)
{
    bool headline = true;
    unsigned number = 0;
    char *line = text;

    table->text = text;
    table->count = 0;
    while (*line != '\0') {
        char *end = strchr(line, '\n');
        char *next = end != NULL ? end + 1 : line + strlen(line);

        number++;
        if (end != NULL)
            *end = '\0';
        if (*line != '#' && *line != '\0') {
            if (table->count == ROWS_MAX || !row_read(line, number, &table->rows[table->count])) {
                fprintf(stderr, "%s:%u: too many rows, or not %u columns\n", name, number, COLUMNS);
                return false;
            }
            if (!headline)
                table->count++;
            headline = false;
        }
        line = next;
    }
    return true;
}

static char *file_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct oracle_buffer buffer = {0};
    int byte;

    if (file == NULL) {
        perror(path);
        return NULL;
    }
    while ((byte = fgetc(file)) != EOF)
        oracle_buffer_byte(&buffer, (uint8_t)byte);
    fclose(file);
    oracle_buffer_byte(&buffer, '\0');
    return (char *)buffer.at;
}

struct oracle_rules *oracle_rules_read(const char *transitions, const char *calls)
{
    struct oracle_rules *rules = oracle_memory(1, sizeof *rules);
    char *first = file_read(transitions);
    char *second = file_read(calls);

    if (first != NULL && second != NULL && table_read(first, transitions, &rules->transitions) &&
        table_read(second, calls, &rules->calls))
        return rules;
    free(first);
    free(second);
    free(rules);
    return NULL;
}

void oracle_rules_free(struct oracle_rules *rules)
{
    if (rules == NULL)
        return;
    free(rules->transitions.text);
    free(rules->calls.text);
    free(rules);
}

static char *copy(const char *text)
{
    char *own = oracle_memory(strlen(text) + 1, 1);

    strcpy(own, text);
    return own;
}

const struct oracle_rules *oracle_rules_builtin(void)
{
    static struct oracle_rules rules;

    if (rules.transitions.count == 0 &&
        (!table_read(copy(oracle_transitions_text), "transitions.tsv", &rules.transitions) ||
         !table_read(copy(oracle_calls_text), "calls.tsv", &rules.calls)))
        oracle_fault("the built-in tables cannot be read");
    return &rules;
}

/* ---- Looking into ---- */

/* Whether a cell, "a|b" or "*", holds the word. */
static bool cell_has(const char *cell, const char *word)
{
    size_t size = strlen(word);

    if (strcmp(cell, "*") == 0)
        return true;
    while (cell != NULL) {
        const char *bar = strchr(cell, '|');
        size_t length = bar != NULL ? (size_t)(bar - cell) : strlen(cell);

        if (length == size && memcmp(cell, word, size) == 0)
            return true;
        cell = bar != NULL ? bar + 1 : NULL;
    }
    return false;
}

/* The first row whose first columns hold the words; the number of all such rows. */
static const struct words *find(const struct table *table, const char *const *words, size_t count,
                                unsigned *matches)
{
    const struct words *found = NULL;

    *matches = 0;
    for (size_t i = 0; i < table->count; i++) {
        bool fits = true;

        for (size_t column = 0; column < count; column++)
            fits = fits && cell_has(table->rows[i].column[column], words[column]);
        if (!fits)
            continue;
        if (found == NULL)
            found = &table->rows[i];
        (*matches)++;
    }
    return found;
}

struct oracle_row oracle_rules_row(const struct oracle_rules *rules, const char *role,
                                   const char *state, uint8_t command, const char *stream,
                                   bool data, unsigned *matches)
{
    const char *words[] = {role, state, oracle_command_name(command), stream,
                           data ? "some" : "empty"};
    struct oracle_row row = {0, "-", "-", "same"};
    unsigned count;
    const struct words *found = find(&rules->transitions, words, 5, &count);

    if (matches != NULL)
        *matches = count;
    if (found != NULL) {
        row.line = found->line;
        row.action = found->column[5];
        row.violation = found->column[6];
        row.next = found->column[7];
    }
    return row;
}

struct oracle_call_row oracle_rules_call(const struct oracle_rules *rules, const char *role,
                                         const char *state, const char *call, const char *when,
                                         unsigned *matches)
{
    const char *words[] = {role, state, call, when};
    struct oracle_call_row row = {0, "-", "-", "-", "same"};
    unsigned count;
    const struct words *found = find(&rules->calls, words, 4, &count);

    if (matches != NULL)
        *matches = count;
    if (found != NULL) {
        row.line = found->line;
        row.status = found->column[4];
        row.output = found->column[5];
        row.effect = found->column[6];
        row.next = found->column[7];
    }
    return row;
}
