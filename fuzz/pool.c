/* The pool's rule, by a program drawn from the input: sessions are dialled, taken, returned, and
 * retired, on a clock that runs as the input says; also backwards. A naive model, which sorts the
 * idle sessions by their numbers, must name the same sessions.
 *
 * reaches: anytls_pool_take, anytls_pool_retire */
#include <stdlib.h>
#include <string.h>

#include "core/pool.h"
#include "fuzz.h"

#define SESSIONS 24u

struct pool {
    struct anytls_pool_entry entries[SESSIONS];
    size_t count;
    uint64_t next; /* sequence number */
    uint64_t now;
};

static int by_sequence(const void *a, const void *b)
{
    const struct anytls_pool_entry *left = a;
    const struct anytls_pool_entry *right = b;

    return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

/* The idle sessions in the order of their numbers; how many. */
static size_t model_idle(const struct pool *pool, struct anytls_pool_entry idle[SESSIONS])
{
    size_t count = 0;

    for (size_t i = 0; i < pool->count; i++)
        if (pool->entries[i].idle)
            idle[count++] = pool->entries[i];
    qsort(idle, count, sizeof *idle, by_sequence);
    return count;
}

static void dial(struct pool *pool, uint8_t place)
{
    struct anytls_pool_entry entry = {pool->next++, 0, false, NULL};
    size_t at = place % (pool->count + 1);

    if (pool->count == SESSIONS)
        return;
    pool->entries[pool->count] = pool->entries[at];
    pool->entries[at] = entry;
    pool->count++;
}

static void give_back(struct pool *pool, uint8_t which)
{
    struct anytls_pool_entry *entry;

    if (pool->count == 0)
        return;
    entry = &pool->entries[which % pool->count];
    if (entry->idle)
        return;
    entry->idle = true;
    entry->idle_since = pool->now;
}

static void remove_entry(struct pool *pool, size_t index)
{
    pool->count--;
    pool->entries[index] = pool->entries[pool->count];
}

static void take(struct pool *pool)
{
    struct anytls_pool_entry idle[SESSIONS];
    size_t count = model_idle(pool, idle);
    struct anytls_pool_choice choice = anytls_pool_take(pool->entries, pool->count);

    FUZZ_ASSERT(choice.found == (count > 0));
    if (!choice.found)
        return;
    FUZZ_ASSERT(choice.index < pool->count);
    FUZZ_ASSERT(pool->entries[choice.index].idle);
    FUZZ_ASSERT(pool->entries[choice.index].sequence == idle[count - 1].sequence);
    pool->entries[choice.index].idle = false;
}

/* Retires until nothing is left to retire. */
static void retire(struct pool *pool, uint64_t timeout, size_t keep)
{
    for (;;) {
        struct anytls_pool_entry idle[SESSIONS];
        size_t count = model_idle(pool, idle);
        struct anytls_pool_choice choice =
            anytls_pool_retire(pool->entries, pool->count, pool->now, timeout, keep);
        size_t oldest = 0;

        while (oldest < count && (pool->now < idle[oldest].idle_since ||
                                  pool->now - idle[oldest].idle_since <= timeout))
            oldest++;
        FUZZ_ASSERT(choice.found == (count > keep && oldest < count));
        if (!choice.found)
            return;
        FUZZ_ASSERT(choice.index < pool->count);
        FUZZ_ASSERT(pool->entries[choice.index].sequence == idle[oldest].sequence);
        remove_entry(pool, choice.index);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct pool pool = {.count = 0, .next = 1, .now = 1000};

    while (input.size > 0) {
        uint8_t op = fuzz_byte(&input);

        switch (op % 7) {
        case 0: dial(&pool, fuzz_byte(&input)); break;
        case 1: give_back(&pool, fuzz_byte(&input)); break;
        case 2: take(&pool); break;
        case 3: pool.now += fuzz_u16(&input); break;
        case 4: retire(&pool, fuzz_u16(&input), fuzz_byte(&input) % 8u); break;
        case 5: /* a session broke */
            if (pool.count > 0)
                remove_entry(&pool, fuzz_byte(&input) % pool.count);
            break;
        default: pool.now -= pool.now < 100 ? 0 : 100; break;
        }
    }
    take(&pool);
    retire(&pool, 0, 0);
    return 0;
}
