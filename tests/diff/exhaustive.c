/* Compares ref/core with the oracle on everything that is small enough to try all of it.
 * Usage: exhaustive [PART ...]. Prints how many cases each part had; exit code 1: they differ. */
#include "exhaustive.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TELL_MAX 5u /* differences of a part that are told in full */

static struct {
    const char *name;
    uint64_t cases;
    uint64_t differences;
    clock_t began;
} part;

static uint64_t all_cases;
static uint64_t all_differences;

static void part_end(void)
{
    if (part.name == NULL)
        return;
    printf("  %-40s %12" PRIu64 " cases %6" PRIu64 " differences %6.1f s\n", part.name, part.cases,
           part.differences, (double)(clock() - part.began) / CLOCKS_PER_SEC);
    fflush(stdout);
    all_cases += part.cases;
    all_differences += part.differences;
}

void part_begin(const char *name)
{
    part_end();
    part.name = name;
    part.cases = 0;
    part.differences = 0;
    part.began = clock();
}

bool agree(bool same)
{
    part.cases++;
    if (!same)
        part.differences++;
    return same;
}

bool tell(void)
{
    return part.differences <= TELL_MAX;
}

bool same_bytes(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

bool same_status(enum anytls_status ours, enum oracle_status theirs)
{
    return strcmp(anytls_status_text(ours), oracle_status_text(theirs)) == 0;
}

void show(const char *name, const uint8_t *bytes, size_t size)
{
    printf(" %s=\"", name);
    for (size_t i = 0; i < size && i < 100; i++) {
        if (bytes[i] >= ' ' && bytes[i] < 127)
            putchar(bytes[i]);
        else
            printf("\\x%02x", bytes[i]);
    }
    printf("%s\"", size > 100 ? "..." : "");
}

void each_text(const char *const *tokens, size_t count, size_t length,
               void (*visit)(const uint8_t *text, size_t size))
{
    size_t chosen[16] = {0};
    uint8_t text[256] = {0};
    size_t used = 0;

    for (;;) {
        size_t size = 0;

        for (size_t i = 0; i < used; i++) {
            memcpy(text + size, tokens[chosen[i]], strlen(tokens[chosen[i]]));
            size += strlen(tokens[chosen[i]]);
        }
        visit(text, size);
        /* The next one: counting, the first token as the lowest digit; then one token more. */
        size_t digit = 0;
        while (digit < used && ++chosen[digit] == count) {
            chosen[digit] = 0;
            digit++;
        }
        if (digit == used && ++used > length)
            return;
    }
}

static bool wanted(int count, char *const *names, const char *name)
{
    for (int i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count < 2;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*compare)(void);
    } parts[] = {
        {"tables", compare_tables}, {"frames", compare_frames},       {"calls", compare_calls},
        {"walks", compare_walks},   {"endpoints", compare_endpoints}, {"texts", compare_texts},
        {"shapes", compare_shapes}, {"addresses", compare_addresses},
    };

    printf("ref/core against the oracle:\n");
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (wanted(argc, argv, parts[i].name))
            parts[i].compare();
    part_end();
    if (all_cases == 0) {
        fprintf(stderr,
                "exhaustive: no such part: tables, frames, calls, walks, endpoints, texts, shapes, "
                "addresses\n");
        return 2;
    }
    printf("%.0f%%: Checks: %" PRIu64 ", Failures: %" PRIu64 ", Errors: 0\n",
           100.0 * (double)(all_cases - all_differences) / (double)all_cases, all_cases,
           all_differences);
    return all_differences == 0 ? 0 : 1;
}
