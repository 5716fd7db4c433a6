#include "pool.h"

struct anytls_pool_choice anytls_pool_take(const struct anytls_pool_entry *entries, size_t count)
{
    struct anytls_pool_choice choice = {false, 0};

    for (size_t i = 0; i < count; i++) {
        if (!entries[i].idle)
            continue;
        if (!choice.found || entries[i].sequence > entries[choice.index].sequence) {
            choice.found = true;
            choice.index = i;
        }
    }
    return choice;
}

static size_t idle_count(const struct anytls_pool_entry *entries, size_t count)
{
    size_t idle = 0;

    for (size_t i = 0; i < count; i++)
        if (entries[i].idle)
            idle++;
    return idle;
}

/* A clock that went back makes nothing expire. */
static bool expired(const struct anytls_pool_entry *entry, uint64_t now, uint64_t timeout)
{
    return entry->idle && now > entry->idle_since && now - entry->idle_since > timeout;
}

struct anytls_pool_choice anytls_pool_retire(const struct anytls_pool_entry *entries, size_t count,
                                             uint64_t now, uint64_t timeout, size_t keep)
{
    struct anytls_pool_choice choice = {false, 0};

    if (idle_count(entries, count) <= keep)
        return choice;
    for (size_t i = 0; i < count; i++) {
        if (!expired(&entries[i], now, timeout))
            continue;
        if (!choice.found || entries[i].sequence < entries[choice.index].sequence) {
            choice.found = true;
            choice.index = i;
        }
    }
    return choice;
}
