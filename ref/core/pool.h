/* Which idle session a client takes for its next stream, and which it retires.
 * Implements the section "Reuse" of the protocol document: reuse the newest, retire the oldest.
 * It closes nothing and keeps no time: it looks at the caller's array and names a place in it. */
#ifndef ANYTLS_CORE_POOL_H
#define ANYTLS_CORE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct anytls_pool_entry {
    uint64_t sequence;   /* number of the session, rising by one with each that the client dials */
    uint64_t idle_since; /* milliseconds, of the caller's clock; meaningless unless idle */
    bool idle;           /* no stream is open in it */
    void *user;          /* the caller's; never looked at */
};

struct anytls_pool_choice {
    bool found;
    size_t index; /* in the array; meaningless unless found */
};

/*@ // Idle for longer than timeout; a clock that went back makes nothing expire.
    predicate pool_expired{L}(struct anytls_pool_entry *e, integer now, integer timeout) =
        e->idle && now > e->idle_since && now - e->idle_since > timeout;
    // How many of the first n sessions are idle.
    logic integer pool_idle{L}(struct anytls_pool_entry *e, integer n) =
        n <= 0 ? 0 : pool_idle(e, n - 1) + (e[n - 1].idle ? 1 : 0);
*/

/* The idle session with the highest sequence number (POOL-TAKE-NEWEST). The caller marks it. */
/*@ requires \valid_read(entries + (0 .. count - 1));
    assigns \nothing;
    ensures \result.found ==> \result.index < count && entries[\result.index].idle;
    ensures \result.found ==> (\forall integer i; 0 <= i < count && entries[i].idle ==>
        entries[i].sequence <= entries[\result.index].sequence);
    ensures !\result.found ==> (\forall integer i; 0 <= i < count ==> !entries[i].idle);
*/
struct anytls_pool_choice anytls_pool_take(const struct anytls_pool_entry *entries, size_t count);

/* The session to retire next (POOL-RETIRE-OLDEST, POOL-KEEP): of those idle for longer than timeout
 * milliseconds the one with the lowest sequence number, unless only keep sessions are idle.
 * One a call: the caller closes and removes it, and asks again. */
/*@ requires \valid_read(entries + (0 .. count - 1));
    assigns \nothing;
    ensures \result.found ==> pool_idle(entries, count) > keep;
    ensures \result.found ==>
        \result.index < count && pool_expired(entries + \result.index, now, timeout);
    ensures \result.found ==> (\forall integer i;
        0 <= i < count && pool_expired(entries + i, now, timeout) ==>
        entries[i].sequence >= entries[\result.index].sequence);
    ensures !\result.found && pool_idle(entries, count) > keep ==>
        (\forall integer i; 0 <= i < count ==> !pool_expired(entries + i, now, timeout));
*/
struct anytls_pool_choice anytls_pool_retire(const struct anytls_pool_entry *entries, size_t count,
                                             uint64_t now, uint64_t timeout, size_t keep);

#ifdef __cplusplus
}
#endif

#endif
