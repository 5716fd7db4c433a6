/* The server's side of a connection after TLS: the preamble, then a session, and in it the
 * destination with which each stream begins.
 * Implements the sections "Authentication" (server) and "Proxy" of the protocol document.
 * It dials nothing: it says what to dial, and is told what came of it. A client needs no endpoint:
 * it writes anytls_preamble_encode and opens streams with their destinations. */
#ifndef ANYTLS_CORE_ENDPOINT_H
#define ANYTLS_CORE_ENDPOINT_H

#include "auth.h"
#include "session.h"
#include "uot.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_PREAMBLE_TIMEOUT 10000u /* ms (AUTH-DEADLINE) */
#define ANYTLS_PENDING_MAX 256u        /* default size of a table of destinations (LIMIT-PENDING) */

struct anytls_endpoint_config {
    struct anytls_session_config session;
    uint8_t hash[ANYTLS_HASH_SIZE]; /* SHA-256 of the password */
    uint32_t preamble_timeout;      /* ms for a whole preamble; 0: for ever (AUTH-DEADLINE) */
};

/* A stream whose destination has not come whole. */
struct anytls_pending {
    uint32_t stream;
    bool udp; /* the destination was UDP-over-TCP: now its request comes in */
    size_t size;
    uint8_t bytes[ANYTLS_UOT_REQUEST_SIZE_MAX];
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

/*@ // How many bytes a destination takes, or behind it the request of UDP-over-TCP, as far as the
    // bytes that are there tell it; and bytes that begin neither.
    logic integer destination_need{L}(integer udp, uint8_t *p, integer size) =
        udp == 0 ? address_need(ANYTLS_TABLE_SOCKS, p, size)
        : size == 0 ? 1 : 1 + address_need(ANYTLS_TABLE_SOCKS, p + 1, size - 1);
    predicate destination_bad{L}(integer udp, uint8_t *p, integer size) =
        udp != 0 ? size > 0 && (p[0] > 1 || address_bad(ANYTLS_TABLE_SOCKS, p + 1, size - 1))
            : address_bad(ANYTLS_TABLE_SOCKS, p, size);

    // A destination of which something is missing.
    predicate pending_valid{L}(struct anytls_pending *p) =
        !destination_bad(p->udp, &p->bytes[0], p->size) &&
        p->size < destination_need(p->udp, &p->bytes[0], p->size);
    predicate pendings_valid{L}(struct anytls_pending *p, integer n) =
        \forall integer i; 0 <= i < n ==> pending_valid(p + i);
    // The first of n with a stream: the one that is found.
    predicate pending_first{L}(struct anytls_pending *p, integer i, integer stream) =
        p[i].stream == stream && \forall integer j; 0 <= j < i ==> p[j].stream != stream;

    // Where an endpoint is: the caller's memory, all of it valid, and apart from what it reads.
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

    axiomatic Pending_kept {
        predicate same_pending{K, L}(struct anytls_pending *p, struct anytls_pending *q) =
            \at(p->udp, K) == \at(q->udp, L) && \at(p->size, K) == \at(q->size, L) &&
            \at(p->bytes[0], K) == \at(q->bytes[0], L) &&
            \at(p->bytes[1], K) == \at(q->bytes[1], L) &&
            \at(p->bytes[2], K) == \at(q->bytes[2], L);
        lemma pending_kept{K, L}: \forall struct anytls_pending *p, *q;
            pending_valid{K}(p) && same_pending{K, L}(p, q) ==> pending_valid{L}(q);
        lemma need_kept{K, L}: \forall struct anytls_pending *p, *q;
            same_pending{K, L}(p, q) ==>
            destination_need{K}(\at(p->udp, K), \at(&p->bytes[0], K), \at(p->size, K)) ==
                destination_need{L}(\at(q->udp, L), \at(&q->bytes[0], L), \at(q->size, L));
    }
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

/* Begins to serve a connection. config is not owned and outlives the endpoint. pending: the
 * caller's, pending_capacity entries, uninitialised. The rest: see anytls_session_begin. */
/*@ requires \valid(endpoint) && \valid_read(config) && scheme_valid(scheme);
    requires text_valid(config->session.client) && now <= INT64_MAX;
    requires \valid(streams + (0 .. capacity - 1)) && \valid(text + (0 .. text_capacity - 1));
    requires \valid(pending + (0 .. pending_capacity - 1));
    requires \separated(endpoint, streams + (0 .. capacity - 1));
    requires \separated(endpoint, text + (0 .. text_capacity - 1));
    requires \separated(endpoint, pending + (0 .. pending_capacity - 1));
    requires \separated(endpoint, config) && \separated(endpoint, scheme);
    requires \separated(endpoint, config->session.client.bytes +
                                      (0 .. config->session.client.size - 1));
    requires \separated(endpoint, scheme->text.bytes + (0 .. scheme->text.size - 1));
    requires \separated(text + (0 .. text_capacity - 1), streams + (0 .. capacity - 1));
    requires \separated(streams + (0 .. capacity - 1), config);
    requires \separated(streams + (0 .. capacity - 1), scheme);
    requires \separated(streams + (0 .. capacity - 1),
                        config->session.client.bytes + (0 .. config->session.client.size - 1));
    requires \separated(streams + (0 .. capacity - 1),
                        scheme->text.bytes + (0 .. scheme->text.size - 1));
    requires \separated(text + (0 .. text_capacity - 1), config);
    requires \separated(text + (0 .. text_capacity - 1), scheme);
    requires \separated(text + (0 .. text_capacity - 1),
                        config->session.client.bytes + (0 .. config->session.client.size - 1));
    requires \separated(text + (0 .. text_capacity - 1),
                        scheme->text.bytes + (0 .. scheme->text.size - 1));
    requires \separated(pending + (0 .. pending_capacity - 1), streams + (0 .. capacity - 1));
    requires \separated(pending + (0 .. pending_capacity - 1), text + (0 .. text_capacity - 1));
    requires \separated(pending + (0 .. pending_capacity - 1), config);
    requires \separated(pending + (0 .. pending_capacity - 1), scheme);
    requires \separated(pending + (0 .. pending_capacity - 1),
                        config->session.client.bytes + (0 .. config->session.client.size - 1));
    requires \separated(pending + (0 .. pending_capacity - 1),
                        scheme->text.bytes + (0 .. scheme->text.size - 1));
    assigns *endpoint;
    ensures endpoint_valid(endpoint);
    ensures endpoint->phase == ANYTLS_PHASE_PREAMBLE && endpoint->preamble.size == 0;
    ensures endpoint->session.state == ANYTLS_STATE_NEW;
*/
void anytls_endpoint_begin(struct anytls_endpoint *endpoint,
                           const struct anytls_endpoint_config *config,
                           const struct anytls_scheme *scheme, struct anytls_stream *streams,
                           size_t capacity, struct anytls_pending *pending, size_t pending_capacity,
                           uint8_t *text, size_t text_capacity, uint64_t now);

/* Takes the next step, as anytls_session_receive does, and answers with the same events, but:
 *  - ANYTLS_EVENT_AUTHENTICATED: the preamble was right, and a session has begun.
 *  - ANYTLS_EVENT_FALLBACK: it was not (AUTH-FALLBACK). data and, behind them, the rest of the input
 *    and all later input are what the client sent: hand them on, or close without a byte.
 *  - ANYTLS_EVENT_DIAL: connect endpoint->request.address, then answer by anytls_endpoint_accept or
 *    anytls_endpoint_refuse (STREAM-DESTINATION). Data events of the stream may come before.
 *  - ANYTLS_EVENT_DIAL_UDP: the same for UDP-over-TCP in the mode endpoint->request.connect
 *    (UDP-REQUEST). Data of the stream are its datagrams, in any pieces.
 *  - No event tells of a stream before its DIAL: one that ends before, or whose destination is bad,
 *    is dealt with here.
 * ANYTLS_CLOSED: also after a fallback. */
/*@ requires endpoint_valid(endpoint);
    requires now <= INT64_MAX;
    requires \valid_read(bytes + (0 .. size - 1));
    requires \valid(out + (0 .. capacity - 1));
    requires endpoint_apart(endpoint, out, capacity) && endpoint_apart(endpoint, bytes, size);
    assigns endpoint->phase, endpoint->preamble, endpoint->session, endpoint->pending_count,
            endpoint->request, endpoint->pending[0 .. endpoint->pending_capacity - 1],
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            endpoint->session.text[0 .. endpoint->session.text_capacity - 1],
            out[0 .. capacity - 1];
    ensures valid: endpoint_valid(endpoint);
    ensures \result.consumed <= size && \result.output <= capacity;
    ensures \result.status == ANYTLS_OK && size > 0 &&
        \old(endpoint->phase) != ANYTLS_PHASE_PREAMBLE ==> \result.consumed > 0;
    ensures \result.status != ANYTLS_OK ==> \result.consumed == 0 && \result.output == 0;
    ensures \old(endpoint->phase) == ANYTLS_PHASE_ENDED ||
            \old(endpoint->session.state) == ANYTLS_STATE_CLOSED ==>
        \result.status == ANYTLS_CLOSED;
    // No event tells of a stream that was opened: its destination comes first.
    ensures \result.event.type != ANYTLS_EVENT_STREAM_OPENED;
*/
struct anytls_received anytls_endpoint_receive(struct anytls_endpoint *endpoint,
                                               const uint8_t *bytes, size_t size, uint64_t now,
                                               uint8_t *out, size_t capacity);

/* The room that receive and tick want in out. */
/*@ requires endpoint_valid(endpoint);
    assigns \nothing;
    ensures \result == session_output(&endpoint->session) + 263;
*/
size_t anytls_endpoint_output_max(const struct anytls_endpoint *endpoint);

/* The client has ended its side. Before the verdict on its preamble this is a fallback with what
 * came, unless nothing did; else the end of the session. */
/*@ requires endpoint_valid(endpoint);
    assigns endpoint->phase, endpoint->session.state;
    ensures endpoint_valid(endpoint);
    ensures \result.consumed == 0 && \result.output == 0;
    ensures text_valid(\result.event.data);
    ensures \old(endpoint->phase) == ANYTLS_PHASE_ENDED ||
            \old(endpoint->session.state) == ANYTLS_STATE_CLOSED ==>
        \result.status == ANYTLS_CLOSED;
    ensures endpoint->phase == ANYTLS_PHASE_ENDED ||
            endpoint->session.state == ANYTLS_STATE_CLOSED;
*/
struct anytls_received anytls_endpoint_end(struct anytls_endpoint *endpoint);

/* Answers a DIAL event: the destination is connected. Of a stream that was accepted before, as one
 * of UDP-over-TCP was, it writes nothing. Errors: as for anytls_session_accept. */
/*@ requires endpoint_valid(endpoint);
    requires \valid(out + (0 .. capacity - 1));
    requires endpoint_apart(endpoint, out, capacity);
    assigns endpoint->session.streams.last, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. written_max(capacity, 7) - 1];
    // The endpoint stays valid, by the lemma endpoint_kept.
    ensures session: session_valid(&endpoint->session);
    ensures kept: same_endpoint{Pre, Post}(endpoint) && same_phase{Pre, Post}(endpoint) &&
        endpoint->pending_count == \old(endpoint->pending_count) &&
        endpoint->session.role == \old(endpoint->session.role);
    ensures sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
        endpoint->pending[i].udp == \old(endpoint->pending[i].udp) &&
        endpoint->pending[i].size == \old(endpoint->pending[i].size);
    ensures bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
        endpoint->pending[i].bytes[j] == \old(endpoint->pending[i].bytes[j]);
    ensures \result.status != ANYTLS_OK ==> \result.size == 0;
    ensures \result.size == 0 || \result.size == 7;
    ensures endpoint->session.state == ANYTLS_STATE_CLOSED ==> \result.status == ANYTLS_CLOSED;
*/
struct anytls_written anytls_endpoint_accept(struct anytls_endpoint *endpoint, uint32_t stream,
                                             uint8_t *out, size_t capacity);

/* Answers a DIAL event: it cannot be. A UDP-over-TCP stream was accepted as soon as it asked for
 * that (UDP-ACCEPT) and gets a FIN. Errors: as for anytls_session_refuse. */
/*@ requires endpoint_valid(endpoint);
    requires text_valid(reason);
    requires \valid(out + (0 .. capacity - 1));
    requires endpoint_apart(endpoint, out, capacity) && text_apart(reason, out, capacity);
    requires \separated(reason.bytes + (0 .. reason.size - 1), endpoint->session.streams.entries +
                            (0 .. endpoint->session.streams.capacity - 1));
    assigns endpoint->session.streams.last, endpoint->session.streams.count,
            endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. written_max(capacity, 7 + ANYTLS_REASON_MAX) - 1];
    // The endpoint stays valid, by the lemma endpoint_kept.
    ensures session: session_valid(&endpoint->session);
    ensures kept: same_endpoint{Pre, Post}(endpoint) && same_phase{Pre, Post}(endpoint) &&
        endpoint->pending_count == \old(endpoint->pending_count) &&
        endpoint->session.role == \old(endpoint->session.role);
    ensures sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
        endpoint->pending[i].udp == \old(endpoint->pending[i].udp) &&
        endpoint->pending[i].size == \old(endpoint->pending[i].size);
    ensures bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
        endpoint->pending[i].bytes[j] == \old(endpoint->pending[i].bytes[j]);
    ensures \result.status != ANYTLS_OK ==> \result.size == 0;
    ensures \result.size <= 7 + ANYTLS_REASON_MAX;
    ensures endpoint->session.state == ANYTLS_STATE_CLOSED ==> \result.status == ANYTLS_CLOSED;
*/
struct anytls_written anytls_endpoint_refuse(struct anytls_endpoint *endpoint, uint32_t stream,
                                             struct anytls_text reason, uint8_t *out,
                                             size_t capacity);

/* When tick wants to be called, and the call: as for a session; and a preamble that is not whole in
 * time gives a fallback with what came, or, behind a right hash, the end. */
/*@ requires endpoint_valid(endpoint);
    assigns \nothing;
    ensures endpoint->phase == ANYTLS_PHASE_ENDED ==> !\result.set;
    ensures \result.at <= INT64_MAX + UINT32_MAX;
*/
struct anytls_deadline anytls_endpoint_deadline(const struct anytls_endpoint *endpoint);
/*@ requires endpoint_valid(endpoint);
    requires now <= INT64_MAX;
    requires \valid(out + (0 .. capacity - 1));
    requires endpoint_apart(endpoint, out, capacity);
    assigns endpoint->phase, endpoint->session.state, endpoint->session.heart_sent,
            endpoint->session.last_heart, out[0 .. written_max(capacity, 7) - 1];
    // The endpoint stays valid, in a session by the lemma endpoint_kept.
    ensures valid: \old(endpoint->phase) != ANYTLS_PHASE_SESSION ==> endpoint_valid(endpoint);
    ensures session: session_valid(&endpoint->session);
    ensures kept: \old(endpoint->phase) == ANYTLS_PHASE_SESSION ==>
        same_endpoint{Pre, Post}(endpoint) && same_phase{Pre, Post}(endpoint) &&
        endpoint->pending_count == \old(endpoint->pending_count) &&
        (\forall integer i; 0 <= i < endpoint->pending_count ==>
            same_pending{Pre, Post}(endpoint->pending + i, endpoint->pending + i)) &&
        endpoint->session.role == \old(endpoint->session.role);
    ensures \result.consumed == 0 && \result.output <= 7;
    ensures text_valid(\result.event.data);
    ensures \old(endpoint->phase) == ANYTLS_PHASE_ENDED ==>
        \result.status == ANYTLS_CLOSED && \result.output == 0;
*/
struct anytls_received anytls_endpoint_tick(struct anytls_endpoint *endpoint, uint64_t now,
                                            uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
