/* The server's side of a connection after TLS: the preamble, then a session, and in it the
 * destination with which each stream begins.
 * Implements the sections "Authentication" (server) and "Proxy" of the protocol document.
 * It dials nothing: it says what to dial, and is told what came of it. A client needs no endpoint:
 * it writes anytls_preamble_encode and opens streams with their destinations. */
#ifndef ANYTLS_CORE_ENDPOINT_H
#define ANYTLS_CORE_ENDPOINT_H

#include "endpoint_state.h"
#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

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
    ensures valid: endpoint_valid(endpoint);
    ensures kept: same_endpoint{Pre, Post}(endpoint);
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
    ensures valid: endpoint_valid(endpoint);
    ensures kept: same_endpoint{Pre, Post}(endpoint);
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
    ensures valid: endpoint_valid(endpoint);
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
