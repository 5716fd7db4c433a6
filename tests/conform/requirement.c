/* spec/requirements.tsv, which was compiled in. */
#include <stdio.h>
#include <string.h>

#include "runner.h"

extern const char conform_requirements_text[];

static size_t field(const char *line, char *out, size_t size)
{
    size_t length = strcspn(line, "\t\n");
    size_t kept = length < size ? length : size - 1;

    memcpy(out, line, kept);
    out[kept] = '\0';
    return line[length] == '\t' ? length + 1 : length;
}

const struct requirement *requirement_find(const char *id)
{
    static struct requirement rows[512];
    static size_t count;
    const char *line = conform_requirements_text;

    while (count == 0 && *line != '\0') { /* the first row is the heading, and no requirement */
        size_t rows_read = 0;

        for (; *line != '\0' && rows_read < 512; rows_read++) {
            struct requirement *row = &rows[rows_read];
            char word[16];

            line += field(line, row->id, sizeof row->id);
            line += field(line, word, sizeof word);
            row->level = strcmp(word, "MUST") == 0     ? LEVEL_MUST
                         : strcmp(word, "SHOULD") == 0 ? LEVEL_SHOULD
                                                       : LEVEL_MAY;
            row->note = strcmp(word, "NOTE") == 0;
            line += field(line, word, sizeof word);
            line += field(line, row->section, sizeof row->section);
            line += field(line, row->sentence, sizeof row->sentence);
            line += strcspn(line, "\n");
            line += *line == '\n';
        }
        count = rows_read;
    }
    for (size_t i = 1; i < count; i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

const char *level_name(enum level level)
{
    static const char *const names[] = {"MUST", "SHOULD", "MAY"};

    return names[level];
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"PASS", "FAIL", "SKIP", "ERROR"};

    return names[verdict];
}

const char *mode_name(const struct options *options)
{
    return options->chain_mode ? "chain" : options->client_mode ? "client" : "server";
}

const struct section *const *mode_sections(const struct options *options)
{
    if (options->chain_mode)
        return chain_sections;
    return options->client_mode ? client_sections : server_sections;
}
