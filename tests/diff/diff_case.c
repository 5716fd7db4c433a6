/* Random sessions run one by one; one that differs is shrunk and saved. */
#include <stdlib.h>
#include <string.h>

#include "diff_random.h"

#define SHRINK_RUNS_MAX 4000u

static void plan_drop(struct plan *plan, size_t at, size_t count)
{
    memmove(&plan->operations[at], &plan->operations[at + count],
            (plan->count - at - count) * sizeof *plan->operations);
    plan->count -= count;
}

/* Drops what is not needed for the failure: halves first, single operations last. */
static void plan_shrink(struct plan *plan)
{
    char fault[FAULT_SIZE];
    unsigned runs = 0;

    for (size_t size = plan->count / 2; size > 0; size /= 2) {
        size_t at = 0;

        while (at + size <= plan->count && runs < SHRINK_RUNS_MAX) {
            struct plan smaller = *plan;

            plan_drop(&smaller, at, size);
            runs++;
            if (plan_run(&smaller, fault))
                at += size;
            else
                *plan = smaller;
        }
    }
}

static void plan_save(const struct plan *plan, const char *folder)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/random-%llu.txt", folder, (unsigned long long)plan->seed);
    file = fopen(path, "w");
    if (file == NULL)
        return;
    fprintf(file, "%llu\n", (unsigned long long)plan->seed);
    for (size_t i = 0; i < plan->count; i++)
        fprintf(file, "%d %u %u %u\n", (int)plan->operations[i].kind, plan->operations[i].side,
                plan->operations[i].a, plan->operations[i].b);
    fclose(file);
    printf("saved: %s (%zu operations); run it again with --case\n", path, plan->count);
}

bool random_session(uint64_t seed, const char *folder)
{
    static struct plan plan;
    char fault[FAULT_SIZE];

    plan_make(&plan, seed);
    if (plan_run(&plan, fault))
        return true;
    printf("seed %llu: reference and oracle differ: %s\n", (unsigned long long)seed, fault);
    plan_shrink(&plan);
    plan_run(&plan, fault);
    printf("shrunk: %s\n", fault);
    plan_save(&plan, folder);
    return false;
}

bool random_case(const char *path)
{
    static struct plan plan;
    char fault[FAULT_SIZE];
    FILE *file = fopen(path, "r");
    unsigned long long seed;
    int kind;

    if (file == NULL || fscanf(file, "%llu", &seed) != 1) {
        fprintf(stderr, "%s: no case\n", path);
        if (file != NULL)
            fclose(file);
        return false;
    }
    plan.seed = seed;
    while (plan.count < OPERATIONS_MAX &&
           fscanf(file, "%d %u %u %u", &kind, &plan.operations[plan.count].side,
                  &plan.operations[plan.count].a, &plan.operations[plan.count].b) == 4) {
        plan.operations[plan.count].kind = (enum kind)kind;
        plan.operations[plan.count].side %= 2;
        plan.count++;
    }
    fclose(file);
    if (plan_run(&plan, fault)) {
        printf("%s: no difference\n", path);
        return true;
    }
    printf("%s: %s\n", path, fault);
    return false;
}
