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

/* Begins to serve a connection. config is not owned and outlives the endpoint. pending: the
 * caller's, pending_capacity entries, uninitialised. The rest: see anytls_session_begin. */
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
struct anytls_received anytls_endpoint_receive(struct anytls_endpoint *endpoint,
                                               const uint8_t *bytes, size_t size, uint64_t now,
                                               uint8_t *out, size_t capacity);

/* The room that receive and tick want in out. */
size_t anytls_endpoint_output_max(const struct anytls_endpoint *endpoint);

/* The client has ended its side. Before the verdict on its preamble this is a fallback with what
 * came, unless nothing did; else the end of the session. */
struct anytls_received anytls_endpoint_end(struct anytls_endpoint *endpoint);

/* Answers a DIAL event: the destination is connected. Of a stream that was accepted before, as one
 * of UDP-over-TCP was, it writes nothing. Errors: as for anytls_session_accept. */
struct anytls_written anytls_endpoint_accept(struct anytls_endpoint *endpoint, uint32_t stream,
                                             uint8_t *out, size_t capacity);

/* Answers a DIAL event: it cannot be. A UDP-over-TCP stream was accepted as soon as it asked for
 * that (UDP-ACCEPT) and gets a FIN. Errors: as for anytls_session_refuse. */
struct anytls_written anytls_endpoint_refuse(struct anytls_endpoint *endpoint, uint32_t stream,
                                             struct anytls_text reason, uint8_t *out,
                                             size_t capacity);

/* When tick wants to be called, and the call: as for a session; and a preamble that is not whole in
 * time gives a fallback with what came, or, behind a right hash, the end. */
struct anytls_deadline anytls_endpoint_deadline(const struct anytls_endpoint *endpoint);
struct anytls_received anytls_endpoint_tick(struct anytls_endpoint *endpoint, uint64_t now,
                                            uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
