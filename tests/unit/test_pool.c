/* The pool's choices. */
#include "support.h"

#include <string.h>

static struct anytls_pool_entry entry(uint64_t sequence, uint64_t idle_since, bool idle)
{
    struct anytls_pool_entry made = {sequence, idle_since, idle, NULL};

    return made;
}

/* POOL-TAKE-NEWEST */
START_TEST(the_idle_session_with_the_highest_number_is_taken)
{
    struct anytls_pool_entry entries[4] = {entry(5, 0, true), entry(9, 0, false), entry(7, 0, true),
                                           entry(6, 0, true)};
    struct anytls_pool_choice choice = anytls_pool_take(entries, 4);

    ck_assert(choice.found);
    ck_assert_uint_eq(choice.index, 2);
}
END_TEST

START_TEST(no_session_is_taken_where_none_is_idle)
{
    struct anytls_pool_entry entries[2] = {entry(1, 0, false), entry(2, 0, false)};

    ck_assert(!anytls_pool_take(entries, 2).found);
    ck_assert(!anytls_pool_take(entries, 0).found);
    ck_assert(!anytls_pool_take(NULL, 0).found);
    ck_assert(!anytls_pool_retire(NULL, 0, 100, 1, 0).found);
}
END_TEST

START_TEST(numbers_above_32_bits_are_compared_whole)
{
    struct anytls_pool_entry entries[2] = {entry(4294967296u, 0, true),
                                           entry(4294967295u, 0, true)};

    ck_assert_uint_eq(anytls_pool_take(entries, 2).index, 0);
    ck_assert_uint_eq(anytls_pool_retire(entries, 2, 10, 1, 0).index, 1);
}
END_TEST

/* POOL-RETIRE-OLDEST */
START_TEST(the_expired_session_with_the_lowest_number_is_retired)
{
    struct anytls_pool_entry entries[4] = {entry(5, 100, true), entry(2, 100, false),
                                           entry(3, 100, true), entry(1, 900, true)};
    struct anytls_pool_choice choice = anytls_pool_retire(entries, 4, 1000, 500, 0);

    ck_assert(choice.found);
    ck_assert_uint_eq(choice.index, 2);
}
END_TEST

START_TEST(a_session_expires_after_the_timeout_and_not_at_it)
{
    struct anytls_pool_entry entries[1] = {entry(1, 100, true)};

    ck_assert(!anytls_pool_retire(entries, 1, 600, 500, 0).found);
    ck_assert(anytls_pool_retire(entries, 1, 601, 500, 0).found);
    ck_assert(!anytls_pool_retire(entries, 1, 100, 0, 0).found);
    ck_assert(anytls_pool_retire(entries, 1, 101, 0, 0).found);
}
END_TEST

START_TEST(a_clock_that_went_back_retires_nothing)
{
    struct anytls_pool_entry entries[1] = {entry(1, 1000, true)};

    ck_assert(!anytls_pool_retire(entries, 1, 999, 0, 0).found);
    ck_assert(!anytls_pool_retire(entries, 1, 0, 5, 0).found);
}
END_TEST

/* POOL-KEEP */
START_TEST(as_many_idle_sessions_as_asked_for_are_kept)
{
    struct anytls_pool_entry entries[3] = {entry(1, 0, true), entry(2, 0, true),
                                           entry(3, 0, false)};

    ck_assert(anytls_pool_retire(entries, 3, 100, 1, 0).found);
    ck_assert(anytls_pool_retire(entries, 3, 100, 1, 1).found);
    ck_assert(!anytls_pool_retire(entries, 3, 100, 1, 2).found);
    ck_assert(!anytls_pool_retire(entries, 3, 100, 1, 3).found);
}
END_TEST

/* ---- Against a naive model: sort, then walk ---- */

static void sort(struct anytls_pool_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (entries[j].sequence < entries[i].sequence) {
                struct anytls_pool_entry swapped = entries[i];

                entries[i] = entries[j];
                entries[j] = swapped;
            }
}

/* Retires from the oldest on, as a reader of the rule would: the numbers that go, as bits. */
static uint64_t naive(const struct anytls_pool_entry *entries, size_t count, uint64_t now,
                      uint64_t timeout, size_t keep)
{
    struct anytls_pool_entry sorted[8];
    size_t idle = 0;
    uint64_t gone = 0;

    memcpy(sorted, entries, count * sizeof sorted[0]);
    sort(sorted, count);
    for (size_t i = 0; i < count; i++)
        idle += sorted[i].idle;
    for (size_t i = 0; i < count && idle > keep; i++) {
        if (!sorted[i].idle || sorted[i].idle_since + timeout >= now)
            continue;
        gone |= (uint64_t)1 << sorted[i].sequence;
        idle--;
    }
    return gone;
}

static uint64_t one_by_one(struct anytls_pool_entry *entries, size_t count, uint64_t now,
                           uint64_t timeout, size_t keep)
{
    uint64_t gone = 0;
    struct anytls_pool_choice choice = anytls_pool_retire(entries, count, now, timeout, keep);

    while (choice.found) {
        must(choice.index < count, "place %zu of %zu", choice.index, count);
        gone |= (uint64_t)1 << entries[choice.index].sequence;
        count--;
        entries[choice.index] = entries[count];
        choice = anytls_pool_retire(entries, count, now, timeout, keep);
    }
    return gone;
}

START_TEST(random_pools_agree_with_a_naive_model)
{
    uint32_t seed = 21;

    for (int round = 0; round < 20000; round++) {
        struct anytls_pool_entry entries[8];
        size_t count = random_next(&seed) % 9;
        uint64_t now = 10 + random_next(&seed) % 20;
        uint64_t timeout = random_next(&seed) % 15;
        size_t keep = random_next(&seed) % 5;
        uint64_t expected;

        for (size_t i = 0; i < count; i++) {
            uint64_t shuffled = (i * 5 + (uint64_t)round) % 8;

            entries[i] = entry(shuffled, random_next(&seed) % 30, random_next(&seed) % 3 > 0);
        }
        expected = naive(entries, count, now, timeout, keep);
        must(one_by_one(entries, count, now, timeout, keep) == expected, "round %d", round);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_idle_session_with_the_highest_number_is_taken,
        no_session_is_taken_where_none_is_idle,
        numbers_above_32_bits_are_compared_whole,
        the_expired_session_with_the_lowest_number_is_retired,
        a_session_expires_after_the_timeout_and_not_at_it,
        a_clock_that_went_back_retires_nothing,
        as_many_idle_sessions_as_asked_for_are_kept,
        random_pools_agree_with_a_naive_model,
    };

    return suite_run("pool", tests, COUNT(tests));
}
