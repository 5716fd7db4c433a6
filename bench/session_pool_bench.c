/* The client's pool rule: reuse the newest, retire the oldest. The clock is an argument. */
#include <stdio.h>

#include "core/pool.h"
#include "functions.h"

#define SESSIONS_MAX 64u
#define CLEANUPS 256u
#define CLEANUP_SESSIONS 10u
#define CLEANUP_TIMEOUT 100u

struct pool {
    struct anytls_pool_entry entries[SESSIONS_MAX];
    size_t sessions;
    size_t takers;
    size_t taken[SESSIONS_MAX];
    size_t found;    /* in the last operation */
    uint64_t newest; /* sequence of what the last operation took first */
};

static void fill(struct pool *pool)
{
    for (size_t i = 0; i < pool->sessions; i++)
        pool->entries[i] = (struct anytls_pool_entry){i + 1, 1000 + i, true, NULL};
}

static void take(struct pool *pool, size_t count)
{
    pool->found = 0;
    for (size_t i = 0; i < count; i++) {
        struct anytls_pool_choice choice = anytls_pool_take(pool->entries, pool->sessions);

        if (!choice.found)
            return;
        if (i == 0)
            pool->newest = pool->entries[choice.index].sequence;
        pool->entries[choice.index].idle = false;
        pool->taken[pool->found++] = choice.index;
    }
}

static void add_and_get_run(void *context, uint64_t count)
{
    struct pool *pool = context;

    for (uint64_t i = 0; i < count; i++) {
        fill(pool);
        take(pool, pool->sessions);
        bench_use(pool->taken);
    }
}

static bool all_taken(void *context)
{
    struct pool *pool = context;

    return pool->found == pool->sessions && pool->newest == pool->sessions &&
           !anytls_pool_take(pool->entries, pool->sessions).found;
}

void bench_session_pool_add_and_get(struct bench *bench)
{
    static const size_t sizes[] = {1, 5, 10, 20, 50};
    struct pool pool = {.sessions = 0};
    struct bench_row row = {.context = &pool, .run = add_and_get_run, .check = all_taken};
    char name[32];

    row.parameters = name;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pool.sessions = row.elements = sizes[i];
        snprintf(name, sizeof name, "%zu sessions", sizes[i]);
        bench_measure(bench, &row);
    }
}

/* Takers and returners in turn: each takes two and gives the older one back, then all return. */
static void concurrent_run(void *context, uint64_t count)
{
    struct pool *pool = context;

    for (uint64_t i = 0; i < count; i++) {
        size_t first = pool->takers / 2;

        take(pool, first);
        for (size_t j = 0; j < first; j += 2)
            pool->entries[pool->taken[j]].idle = true;
        take(pool, pool->takers - first);
        bench_use(pool->taken);
        for (size_t j = 0; j < pool->sessions; j++) {
            pool->entries[j].idle = true;
            pool->entries[j].idle_since = i;
        }
    }
}

static bool rest_taken(void *context)
{
    struct pool *pool = context;

    return pool->found == pool->takers - pool->takers / 2 && pool->newest == pool->sessions;
}

void bench_session_pool_concurrent_get(struct bench *bench)
{
    static const size_t sizes[][2] = {{10, 5}, {20, 10}, {50, 20}};
    struct pool pool = {.sessions = 0};
    struct bench_row row = {.context = &pool, .run = concurrent_run, .check = rest_taken};
    char name[48];

    row.parameters = name;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pool.sessions = sizes[i][0];
        pool.takers = row.elements = sizes[i][1];
        fill(&pool);
        snprintf(name, sizeof name, "%zu sessions and %zu takers", sizes[i][0], sizes[i][1]);
        bench_measure(bench, &row);
    }
}

struct cleanup {
    struct anytls_pool_entry entries[CLEANUPS][CLEANUP_SESSIONS];
    size_t retired; /* in the last operation */
    uint64_t first; /* sequence of the first of them */
};

static void cleanup_prepare(void *context, uint64_t count)
{
    struct cleanup *self = context;

    for (uint64_t i = 0; i < count; i++)
        for (size_t j = 0; j < CLEANUP_SESSIONS; j++)
            self->entries[i][j] = (struct anytls_pool_entry){j + 1, 1000, true, NULL};
}

static void cleanup_run(void *context, uint64_t count)
{
    struct cleanup *self = context;
    uint64_t now = 1000 + CLEANUP_TIMEOUT + 50;

    for (uint64_t i = 0; i < count; i++) {
        struct anytls_pool_entry *entries = self->entries[i];
        size_t left = CLEANUP_SESSIONS;
        struct anytls_pool_choice choice =
            anytls_pool_retire(entries, left, now, CLEANUP_TIMEOUT, 0);

        self->first = entries[choice.index].sequence;
        while (choice.found) {
            entries[choice.index] = entries[--left];
            choice = anytls_pool_retire(entries, left, now, CLEANUP_TIMEOUT, 0);
        }
        self->retired = CLEANUP_SESSIONS - left;
        bench_use(entries);
    }
}

static bool cleaned_up(void *context)
{
    struct cleanup *self = context;

    return self->retired == CLEANUP_SESSIONS && self->first == 1;
}

void bench_session_pool_cleanup(struct bench *bench)
{
    static struct cleanup cleanup;
    struct bench_row row = {.parameters = "10 sessions after 100 ms",
                            .context = &cleanup,
                            .prepare = cleanup_prepare,
                            .run = cleanup_run,
                            .check = cleaned_up,
                            .elements = CLEANUP_SESSIONS,
                            .count_max = CLEANUPS};

    bench_measure(bench, &row);
}
