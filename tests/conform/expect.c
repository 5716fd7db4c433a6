/* Files of cases that are expected to fail. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runner.h"

static bool is_case_of(const struct section *const *sections, const char *mode, const char *name)
{
    char made[128];

    for (; *sections != NULL; sections++)
        for (size_t i = 0; i < (*sections)->count; i++) {
            snprintf(made, sizeof made, "%s/%s/%s", mode, (*sections)->name,
                     (*sections)->tests[i].name);
            if (strcmp(made, name) == 0)
                return true;
        }
    return false;
}

static bool is_case(const char *name)
{
    return is_case_of(server_sections, "server", name) ||
           is_case_of(client_sections, "client", name) || is_case_of(chain_sections, "chain", name);
}

/* A line of --expect: a case's name, blanks, a reason. Cases that are not chosen may stand there; a
 * name that is no case's may not, or the file would grow old unseen. */
static bool expect_line(struct results *results, const char *path, char *line)
{
    size_t name = strcspn(line, " \t\n");
    const char *reason = line + name + strspn(line + name, " \t");

    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0' || line[0] == '#')
        return true;
    if (*reason == '\0') {
        fprintf(stderr, "anytls-conform: %s: %s: no reason stands behind the name\n", path, line);
        return false;
    }
    line[name] = '\0';
    if (!is_case(line)) {
        fprintf(stderr, "anytls-conform: %s: there is no case %s\n", path, line);
        return false;
    }
    for (size_t i = 0; i < results->count; i++) {
        if (strcmp(results->outcomes[i].name, line) != 0)
            continue;
        results->outcomes[i].expected = true;
        snprintf(results->outcomes[i].expectation, sizeof results->outcomes[i].expectation, "%s",
                 reason);
    }
    return true;
}

bool expect_read(struct results *results, const char *path)
{
    char line[512];
    FILE *file = fopen(path, "re");
    bool right = true;

    if (file == NULL) {
        fprintf(stderr, "anytls-conform: --expect %s: %s\n", path, strerror(errno));
        return false;
    }
    while (right && fgets(line, sizeof line, file) != NULL)
        right = expect_line(results, path, line);
    fclose(file);
    return right;
}
