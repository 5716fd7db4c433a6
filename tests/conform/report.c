/* The readable report. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner.h"

static const char *colour(enum verdict verdict)
{
    static const char *const codes[] = {"\033[32m", "\033[31m", "\033[33m", "\033[35m"};

    return isatty(STDOUT_FILENO) ? codes[verdict] : "";
}

static const char *plain(void)
{
    return isatty(STDOUT_FILENO) ? "\033[0m" : "";
}

static void print_command(const struct options *options, const struct outcome *outcome)
{
    printf("    again:    anytls-conform %s", mode_name(options));
    if (!options->client_mode)
        printf(" %s:%s", options->host, options->port);
    printf(" -p PASSWORD --verbose --match %s%s", outcome->name,
           (outcome->test->flags & CASE_SLOW) != 0 ? " --slow" : "");
    if (options->client_mode) {
        printf(" --");
        for (char *const *word = options->command; *word != NULL; word++)
            printf(" %s", *word);
    }
    putchar('\n');
}

static void print_transcript(const char *text)
{
    while (text != NULL && *text != '\0') {
        int length = (int)strcspn(text, "\n");

        printf("      %.*s\n", length, text);
        text += length + (text[length] == '\n');
    }
}

/* The end of a transcript: what a failure shows. */
static const char *last_lines(const char *text, int count)
{
    const char *at = text == NULL ? NULL : text + strlen(text);

    while (text != NULL && at > text) {
        at--;
        if (*at == '\n' && at[1] != '\0' && --count == 0)
            return at + 1;
    }
    return text;
}

void report_case(const struct options *options, const struct outcome *outcome)
{
    const struct requirement *requirement = outcome->requirement;
    bool failed = outcome->verdict == VERDICT_FAIL || outcome->verdict == VERDICT_ERROR;

    printf("%s%-5s%s %-6s %s  (%llu ms)\n", colour(outcome->verdict),
           verdict_name(outcome->verdict), plain(), level_name(outcome->level), outcome->name,
           (unsigned long long)outcome->took);
    if (outcome->expected)
        printf("    expected to fail: %s%s\n", outcome->expectation,
               outcome->verdict == VERDICT_PASS ? "; but it passes: take it off the list" : "");
    if (outcome->verdict == VERDICT_SKIP)
        printf("    %s\n", outcome->message);
    if (failed) {
        printf("    case:     %s\n", outcome->test->what);
        printf("    required: %s\n              (%s, %s; document: %s%s)\n", requirement->sentence,
               requirement->id, level_name(outcome->level), requirement->section,
               requirement->note ? "; it is silent here, and this is the reference's reading" : "");
        printf("    came:     %s\n", outcome->message);
        print_command(options, outcome);
    }
    if (options->verbose || failed)
        print_transcript(options->verbose ? outcome->transcript
                                          : last_lines(outcome->transcript, 24));
}

struct counts {
    unsigned verdicts[4];
    unsigned expected;
};

static struct counts count(const struct results *results, const struct section *section, int level)
{
    struct counts counts = {{0}, 0};

    for (size_t i = 0; i < results->count; i++) {
        const struct outcome *outcome = &results->outcomes[i];

        if ((section != NULL && outcome->section != section) ||
            (level >= 0 && outcome->level != (enum level)level))
            continue;
        counts.verdicts[outcome->verdict]++;
        counts.expected += outcome->expected && outcome->verdict == VERDICT_FAIL;
    }
    return counts;
}

static void print_counts(const char *name, struct counts counts)
{
    printf("%-14s %4u passed %4u failed %4u skipped %4u errors", name,
           counts.verdicts[VERDICT_PASS], counts.verdicts[VERDICT_FAIL],
           counts.verdicts[VERDICT_SKIP], counts.verdicts[VERDICT_ERROR]);
    if (counts.expected > 0)
        printf(" (%u as expected)", counts.expected);
    putchar('\n');
}

void report_summary(const struct options *options, const struct results *results)
{
    const struct section *const *sections = mode_sections(options);
    unsigned bad = 0;

    for (size_t i = 0; i < results->count; i++)
        bad += outcome_counts(options, &results->outcomes[i]);
    putchar('\n');
    for (; *sections != NULL; sections++) {
        struct counts counts = count(results, *sections, -1);

        if (counts.verdicts[0] + counts.verdicts[1] + counts.verdicts[2] + counts.verdicts[3] > 0)
            print_counts((*sections)->name, counts);
    }
    for (int level = LEVEL_MUST; level <= LEVEL_MAY; level++)
        print_counts(level_name((enum level)level), count(results, NULL, level));
    printf("%s: %u of %zu cases count against it\n", bad == 0 ? "CONFORMS" : "DOES NOT CONFORM",
           bad, results->count);
}
