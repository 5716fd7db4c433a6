/* What an endpoint is: its configuration, its fields and the invariant that its calls keep. The calls
 * are in endpoint.h. */
#ifndef ANYTLS_CORE_ENDPOINT_STATE_H
#define ANYTLS_CORE_ENDPOINT_STATE_H

#include "auth.h"
#include "pending.h"
#include "session_state.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_PREAMBLE_TIMEOUT 10000u /* ms (AUTH-DEADLINE) */

struct anytls_endpoint_config {
    struct anytls_session_config session;
    uint8_t hash[ANYTLS_HASH_SIZE]; /* SHA-256 of the password */
    uint32_t preamble_timeout;      /* ms for a whole preamble; 0: for ever (AUTH-DEADLINE) */
};

enum anytls_endpoint_phase {
    ANYTLS_PHASE_PREAMBLE,
    ANYTLS_PHASE_SESSION,
    ANYTLS_PHASE_ENDED /* given to a fallback, or ended before a session began */
};

/* All fields are the endpoint's own, but the tables: pending and pending_capacity, and those of the
 * session, which a caller may move to larger ones between calls. */
struct anytls_endpoint {
    const struct anytls_endpoint_config *config;
    enum anytls_endpoint_phase phase;
    uint64_t began;
    struct anytls_preamble preamble;
    struct anytls_session session;
    struct anytls_pending *pending;
    size_t pending_capacity;
    size_t pending_count;
    struct anytls_uot_request request; /* of a DIAL event: its address, and for UDP its mode */
};

/*@ // Where an endpoint is: the caller's memory, all of it valid, and apart from what it reads.
    predicate endpoint_memory{L}(struct anytls_endpoint *e) =
        \valid(e) && \valid(e->pending + (0 .. e->pending_capacity - 1)) &&
        \valid_read(e->config) && session_memory(&e->session) &&
        e->pending_count <= e->pending_capacity &&
        \separated(e, e->pending + (0 .. e->pending_capacity - 1)) &&
        \separated(e, e->session.streams.entries + (0 .. e->session.streams.capacity - 1)) &&
        \separated(e, e->session.text + (0 .. e->session.text_capacity - 1)) &&
        \separated(e, e->config) && \separated(e, e->session.config) &&
        \separated(e, e->session.scheme) &&
        \separated(e, e->session.config->client.bytes +
                          (0 .. e->session.config->client.size - 1)) &&
        \separated(e, e->session.scheme->text.bytes +
                          (0 .. e->session.scheme->text.size - 1)) &&
        \separated(e->pending + (0 .. e->pending_capacity - 1),
                   e->session.streams.entries + (0 .. e->session.streams.capacity - 1)) &&
        \separated(e->pending + (0 .. e->pending_capacity - 1),
                   e->session.text + (0 .. e->session.text_capacity - 1)) &&
        \separated(e->pending + (0 .. e->pending_capacity - 1), e->config) &&
        \separated(e->pending + (0 .. e->pending_capacity - 1), e->session.config) &&
        \separated(e->pending + (0 .. e->pending_capacity - 1), e->session.scheme) &&
        \separated(e->pending + (0 .. e->pending_capacity - 1),
                   e->session.config->client.bytes +
                       (0 .. e->session.config->client.size - 1)) &&
        \separated(e->pending + (0 .. e->pending_capacity - 1),
                   e->session.scheme->text.bytes + (0 .. e->session.scheme->text.size - 1));

    // Between two points: steps of proofs. (A lemma of an axiomatic block is shown to the provers
    // where a predicate of the block is used, and nowhere else.)
    predicate same_endpoint{K, L}(struct anytls_endpoint *e) =
        same_place{K, L}(\at(&e->session, L)) &&
        \at(e->pending, K) == \at(e->pending, L) && \at(e->config, K) == \at(e->config, L) &&
        \at(e->pending_capacity, K) == \at(e->pending_capacity, L);

    axiomatic Endpoint_apart {
        // A buffer of an endpoint's caller that is no memory of the endpoint, and nothing it reads.
        predicate endpoint_apart{L}(struct anytls_endpoint *e, uint8_t *p, integer n) =
            \separated(p + (0 .. n - 1), e) &&
            \separated(p + (0 .. n - 1), e->pending + (0 .. e->pending_capacity - 1)) &&
            \separated(p + (0 .. n - 1), e->config) && session_apart(&e->session, p, n);
        lemma out_apart{L}: \forall struct anytls_endpoint *e, uint8_t *p, integer n, m, i, j;
            endpoint_memory(e) && endpoint_apart(e, p, n) && m <= n &&
            0 <= i < e->pending_count && 0 <= j < ANYTLS_UOT_REQUEST_SIZE_MAX ==>
                \separated(&e->pending[i].bytes[j], p + (0 .. m - 1));
        lemma endpoint_apart_part{L}:
            \forall struct anytls_endpoint *e, uint8_t *p, integer n, k, m;
            endpoint_apart{L}(e, p, n) && 0 <= k && k + m <= n ==> endpoint_apart{L}(e, p + k, m);
        lemma endpoint_apart_same{K, L}:
            \forall struct anytls_endpoint *e, uint8_t *p, integer n;
            endpoint_apart{K}(e, p, n) && same_endpoint{K, L}(e) ==> endpoint_apart{L}(e, p, n);
    }

    // The invariant, but for the destinations.
    predicate endpoint_core{L}(struct anytls_endpoint *e) =
        endpoint_memory(e) && session_valid(&e->session) &&
        e->session.role == ANYTLS_SERVER && preamble_valid(&e->preamble) &&
        e->began <= INT64_MAX &&
        (e->phase == ANYTLS_PHASE_PREAMBLE || e->phase == ANYTLS_PHASE_SESSION ||
         e->phase == ANYTLS_PHASE_ENDED);
    // The invariant: every call requires it, and leaves it.
    predicate endpoint_valid{L}(struct anytls_endpoint *e) =
        endpoint_core(e) && pendings_valid(e->pending, e->pending_count);

    axiomatic Endpoint_kept {
        predicate same_phase{K, L}(struct anytls_endpoint *e) =
            \at(e->phase, K) == \at(e->phase, L) && \at(e->began, K) == \at(e->began, L) &&
            \at(e->preamble.size, K) == \at(e->preamble.size, L) &&
            \at(e->preamble.padding_left, K) == \at(e->preamble.padding_left, L);
        predicate same_pendings{K, L}(struct anytls_endpoint *e) =
            \at(e->pending_count, K) == \at(e->pending_count, L) &&
            \forall integer i; 0 <= i < \at(e->pending_count, L) ==>
                same_pending{K, L}(\at(e->pending, L) + i, \at(e->pending, L) + i);
        predicate endpoint_blocks{L}(struct anytls_endpoint *e) =
            \valid(e) && \valid(e->pending + (0 .. e->pending_capacity - 1)) &&
            \valid_read(e->config) && session_blocks(&e->session) &&
            e->pending_count <= e->pending_capacity;
        lemma endpoint_memory_kept{K, L}: \forall struct anytls_endpoint *e;
            endpoint_memory{K}(e) && same_endpoint{K, L}(e) && endpoint_blocks{L}(e) &&
            session_memory{L}(\at(&e->session, L)) ==>
            endpoint_memory{L}(e);
        lemma core_same{K, L}: \forall struct anytls_endpoint *e;
            endpoint_core{K}(e) && same_endpoint{K, L}(e) && same_phase{K, L}(e) &&
            same_session{K, L}(\at(&e->session, L)) && endpoint_blocks{L}(e) ==>
            endpoint_core{L}(e);
        // An endpoint stays valid where nothing has changed but its session, and that is valid.
        lemma endpoint_kept{K, L}: \forall struct anytls_endpoint *e;
            endpoint_valid{K}(e) && session_valid{L}(\at(&e->session, L)) &&
            \at(e->session.role, L) == ANYTLS_SERVER && same_endpoint{K, L}(e) &&
            same_phase{K, L}(e) && same_pendings{K, L}(e) && endpoint_blocks{L}(e) ==>
            endpoint_valid{L}(e);
        lemma endpoint_same{K, L}: \forall struct anytls_endpoint *e;
            endpoint_valid{K}(e) && same_endpoint{K, L}(e) && same_phase{K, L}(e) &&
            same_pendings{K, L}(e) && same_session{K, L}(\at(&e->session, L)) &&
            endpoint_blocks{L}(e) ==> endpoint_valid{L}(e);
    }
*/

#ifdef __cplusplus
}
#endif

#endif
