#include "pool.h"

struct anytls_pool_choice anytls_pool_take(const struct anytls_pool_entry *entries, size_t count)
{
    struct anytls_pool_choice choice = {false, 0};

    /*@ loop invariant 0 <= i <= count;
        loop invariant choice.found ==> choice.index < i && entries[choice.index].idle;
        loop invariant choice.found ==> (\forall integer j; 0 <= j < i && entries[j].idle ==>
            entries[j].sequence <= entries[choice.index].sequence);
        loop invariant !choice.found ==> (\forall integer j; 0 <= j < i ==> !entries[j].idle);
        loop assigns i, choice;
        loop variant count - i;
    */
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

/*@ requires \valid_read(entries + (0 .. count - 1));
    assigns \nothing;
    ensures \result == pool_idle(entries, count);
*/
static size_t idle_count(const struct anytls_pool_entry *entries, size_t count)
{
    size_t idle = 0;

    /*@ loop invariant 0 <= i <= count;
        loop invariant idle == pool_idle(entries, i);
        loop invariant 0 <= idle <= i;
        loop assigns i, idle;
        loop variant count - i;
    */
    for (size_t i = 0; i < count; i++)
        if (entries[i].idle)
            idle++;
    return idle;
}

/* A clock that went back makes nothing expire. */
/*@ requires \valid_read(entry);
    assigns \nothing;
    ensures \result <==> pool_expired(entry, now, timeout);
*/
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
    /*@ loop invariant 0 <= i <= count;
        loop invariant choice.found ==>
            choice.index < i && pool_expired(entries + choice.index, now, timeout);
        loop invariant choice.found ==> (\forall integer j;
            0 <= j < i && pool_expired(entries + j, now, timeout) ==>
            entries[j].sequence >= entries[choice.index].sequence);
        loop invariant !choice.found ==>
            (\forall integer j; 0 <= j < i ==> !pool_expired(entries + j, now, timeout));
        loop assigns i, choice;
        loop variant count - i;
    */
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
