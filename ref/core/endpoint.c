#include "endpoint.h"

#include "bytes.h"
#include "put.h"

/*@ // An answer that is being made: no memory of the endpoint, and nothing that it reads.
    predicate result_apart{L}(struct anytls_endpoint *e, struct anytls_received *r) =
        \valid(r) && \separated(r, e) && \separated(r, e->config) &&
        \separated(r, e->pending + (0 .. e->pending_capacity - 1)) &&
        \separated(r, e->session.streams.entries + (0 .. e->session.streams.capacity - 1)) &&
        \separated(r, e->session.text + (0 .. e->session.text_capacity - 1)) &&
        \separated(r, e->session.config) && \separated(r, e->session.scheme) &&
        \separated(r, e->session.config->client.bytes +
                          (0 .. e->session.config->client.size - 1)) &&
        \separated(r, e->session.scheme->text.bytes +
                          (0 .. e->session.scheme->text.size - 1));
    // Room for a refusal and an Alert, apart from everything else.
    predicate refusal_room{L}(struct anytls_endpoint *e, struct anytls_received *r, uint8_t *out,
                              integer n) =
        n >= 526 && \valid(out + (0 .. n - 1)) && endpoint_apart(e, out, n) &&
        \separated(r, out + (0 .. n - 1));
    // All destinations but one, which is being dealt with.
    predicate others_valid{L}(struct anytls_endpoint *e, integer index) =
        \forall integer i; 0 <= i < e->pending_count && i != index ==>
            pending_valid(e->pending + i);
    lemma destination_need_max{L}: \forall integer udp, uint8_t *p, integer size;
        p[1] <= 255 && p[2] <= 255 ==>
            destination_need(udp, p, size) <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    // More of the bytes that are needed make no destination shorter than what is there.
    lemma destination_grows{K, L}: \forall uint8_t *p, integer n, m;
        0 <= n <= m <= destination_need{K}(0, p, n) && n < destination_need{K}(0, p, n) &&
        (n > 0 ==> \at(p[0], K) == \at(p[0], L)) && (n > 1 ==> \at(p[1], K) == \at(p[1], L)) &&
        \at(p[1], L) >= 0 ==> m <= destination_need{L}(0, p, m);
    lemma request_grows{K, L}: \forall integer udp, uint8_t *p, integer n, m;
        udp != 0 && 0 < n <= m <= destination_need{K}(udp, p, n) &&
        n < destination_need{K}(udp, p, n) &&
        (n > 1 ==> \at(p[1], K) == \at(p[1], L)) && (n > 2 ==> \at(p[2], K) == \at(p[2], L)) &&
        \at(p[2], L) >= 0 ==> m <= destination_need{L}(udp, p, m);
    lemma constant_apart{L}: \forall struct anytls_text t, uint8_t *p, integer n;
        (0 <= p - t.bytes < t.size ==> !\valid(t.bytes + (p - t.bytes))) &&
        (t.size > 0 ==> !\valid(t.bytes + 0)) && \valid(p + (0 .. n - 1)) ==>
        text_apart(t, p, n);
    lemma pending_apart{L}: \forall struct anytls_endpoint *e, integer i;
        endpoint_memory(e) && 0 <= i < e->pending_count ==> \separated(e->pending + i, e);
    lemma request_apart{L}: \forall struct anytls_endpoint *e, integer i;
        endpoint_memory(e) && 0 <= i < e->pending_count ==>
            \separated(&e->request, &e->pending[i].udp) &&
            \separated(&e->request, &e->pending[i].bytes[0]) &&
            \separated(&e->request, &e->pending[i].bytes[1]) &&
            \separated(&e->request, &e->pending[i].bytes[2]);
    lemma answer_apart{L}: \forall struct anytls_endpoint *e, struct anytls_received *r, integer i;
        endpoint_memory(e) && result_apart(e, r) && 0 <= i < e->pending_count ==>
            \separated(e->pending + i, r) && \separated(&r->output, &e->pending[i].size) &&
            \separated(&r->event, &e->pending[i].size);
    lemma out_apart{L}: \forall struct anytls_endpoint *e, uint8_t *p, integer n, m, i, j;
        endpoint_memory(e) && endpoint_apart(e, p, n) && m <= n && 0 <= i < e->pending_count &&
        0 <= j < ANYTLS_UOT_REQUEST_SIZE_MAX ==>
            \separated(&e->pending[i].bytes[j], p + (0 .. m - 1));
    lemma result_apart_same{K, L}: \forall struct anytls_endpoint *e, struct anytls_received *r;
        result_apart{K}(e, r) && same_endpoint{K, L}(e) && \valid{L}(r) ==> result_apart{L}(e, r);
    lemma endpoint_apart_same{K, L}: \forall struct anytls_endpoint *e, uint8_t *p, integer n;
        endpoint_apart{K}(e, p, n) && same_endpoint{K, L}(e) ==> endpoint_apart{L}(e, p, n);
    lemma endpoint_apart_part{L}: \forall struct anytls_endpoint *e, uint8_t *p, integer n, k, m;
        endpoint_apart{L}(e, p, n) && 0 <= k && k + m <= n ==> endpoint_apart{L}(e, p + k, m);
*/

void anytls_endpoint_begin(struct anytls_endpoint *endpoint,
                           const struct anytls_endpoint_config *config,
                           const struct anytls_scheme *scheme, struct anytls_stream *streams,
                           size_t capacity, struct anytls_pending *pending, size_t pending_capacity,
                           uint8_t *text, size_t text_capacity, uint64_t now)
{
    endpoint->config = config;
    endpoint->phase = ANYTLS_PHASE_PREAMBLE;
    endpoint->began = now;
    endpoint->preamble = anytls_preamble_begin();
    endpoint->pending = pending;
    endpoint->pending_capacity = pending_capacity;
    endpoint->pending_count = 0;
    endpoint->request = (struct anytls_uot_request){false, {ANYTLS_IPV4, 0, 0, {0}}};
    anytls_session_begin(&endpoint->session, ANYTLS_SERVER, &config->session, scheme, streams,
                         capacity, text, text_capacity, now);
}

/* ---- The preamble ---- */

/*@ requires endpoint_valid(endpoint);
    assigns endpoint->phase;
    ensures endpoint_valid(endpoint);
    ensures endpoint->phase == ANYTLS_PHASE_ENDED;
    ensures \result.status == ANYTLS_OK && \result.consumed == 0 && \result.output == 0;
    ensures \result.event.type == ANYTLS_EVENT_FALLBACK;
    ensures \result.event.data.bytes == &endpoint->preamble.bytes[0] &&
        \result.event.data.size == endpoint->preamble.size;
    ensures text_valid(\result.event.data);
*/
static struct anytls_received fall_back(struct anytls_endpoint *endpoint)
{
    struct anytls_received result = ANYTLS_NOTHING;

    endpoint->phase = ANYTLS_PHASE_ENDED;
    result.event.type = ANYTLS_EVENT_FALLBACK;
    result.event.data.bytes = endpoint->preamble.bytes;
    result.event.data.size = endpoint->preamble.size;
    return result;
}

/*@ requires endpoint_valid(endpoint);
    assigns endpoint->phase, endpoint->session.state;
    ensures endpoint_valid(endpoint);
    ensures endpoint->phase == ANYTLS_PHASE_ENDED;
    ensures endpoint->session.state == ANYTLS_STATE_CLOSED;
    ensures \result.status == ANYTLS_OK && \result.consumed == 0 && \result.output == 0;
    ensures \result.event.type == ANYTLS_EVENT_CLOSED && \result.event.violation == why;
    ensures \result.event.data.size == 0 && text_valid(\result.event.data);
*/
static struct anytls_received end(struct anytls_endpoint *endpoint, enum anytls_status why)
{
    struct anytls_received result = ANYTLS_NOTHING;

    endpoint->phase = ANYTLS_PHASE_ENDED;
    anytls_session_close(&endpoint->session);
    result.event.type = ANYTLS_EVENT_CLOSED;
    result.event.violation = why;
    return result;
}

/*@ requires endpoint_valid(endpoint);
    requires now <= INT64_MAX && endpoint->phase == ANYTLS_PHASE_PREAMBLE;
    requires \valid_read(bytes + (0 .. size - 1)) && endpoint_apart(endpoint, bytes, size);
    assigns endpoint->phase, endpoint->preamble, endpoint->session.paused,
            endpoint->session.last_heard, endpoint->session.last_opened,
            endpoint->session.last_heart;
    ensures valid: endpoint_valid(endpoint);
    ensures \result.status == ANYTLS_OK && \result.consumed <= size && \result.output == 0;
    ensures text_valid(\result.event.data);
    ensures endpoint->phase == ANYTLS_PHASE_SESSION <==>
        \result.event.type == ANYTLS_EVENT_AUTHENTICATED;
    ensures endpoint->phase == ANYTLS_PHASE_ENDED <==>
        \result.event.type == ANYTLS_EVENT_FALLBACK;
    ensures endpoint->phase == ANYTLS_PHASE_PREAMBLE <==>
        \result.event.type == ANYTLS_EVENT_NONE;
*/
static struct anytls_received receive_preamble(struct anytls_endpoint *endpoint,
                                               const uint8_t *bytes, size_t size, uint64_t now)
{
    struct anytls_received result = ANYTLS_NOTHING;
    struct anytls_preamble_result step =
        anytls_preamble_receive(&endpoint->preamble, endpoint->config->hash, bytes, size);

    /*@ assert place: same_endpoint{Pre, Here}(endpoint); */
    /*@ assert session: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert smemory: session_memory(&endpoint->session); */
    /*@ assert svalid: session_valid(&endpoint->session); */
    /*@ assert memory: endpoint_memory(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
    /*@ assert pending: same_pendings{Pre, Here}(endpoint); */
    /*@ assert pvalid: pendings_valid(endpoint->pending, endpoint->pending_count); */
    /*@ ghost taken:; */
    if (step.status == ANYTLS_BAD_PASSWORD)
        result = fall_back(endpoint);
    if (step.status == ANYTLS_OK) {
        endpoint->phase = ANYTLS_PHASE_SESSION;
        /*@ assert session2: same_session{Pre, Here}(&endpoint->session); */
        /*@ assert memory2: session_memory(&endpoint->session); */
        /*@ assert valid2: session_valid(&endpoint->session); */
        anytls_session_resume(&endpoint->session, now);
        /*@ assert place3: same_endpoint{Pre, Here}(endpoint); */
        /*@ assert memory3: endpoint_memory(endpoint); */
        /*@ assert core3: endpoint_core(endpoint); */
        /*@ assert pending3: same_pendings{taken, Here}(endpoint); */
        /*@ assert pvalid3: pendings_valid(endpoint->pending, endpoint->pending_count); */
        result.event.type = ANYTLS_EVENT_AUTHENTICATED;
    }
    result.consumed = step.consumed;
    return result;
}

/* ---- Destinations ---- */

/*@ requires endpoint_valid(endpoint);
    assigns \nothing;
    ensures \result.found ==> \result.index < endpoint->pending_count &&
        pending_first(endpoint->pending, \result.index, stream);
    ensures !\result.found ==> \forall integer i; 0 <= i < endpoint->pending_count ==>
        endpoint->pending[i].stream != stream;
*/
static struct anytls_stream_place pending_find(const struct anytls_endpoint *endpoint,
                                               uint32_t stream)
{
    struct anytls_stream_place place = {false, 0};

    /*@ loop invariant 0 <= i <= endpoint->pending_count;
        loop invariant place.found ==> i == place.index + 1 &&
            pending_first(endpoint->pending, place.index, stream);
        loop invariant !place.found ==> \forall integer j; 0 <= j < i ==>
            endpoint->pending[j].stream != stream;
        loop assigns i, place;
        loop variant endpoint->pending_count - i;
    */
    for (size_t i = 0; i < endpoint->pending_count && !place.found; i++) {
        if (endpoint->pending[i].stream == stream) {
            place.found = true;
            place.index = i;
        }
    }
    return place;
}

/*@ requires endpoint_core(endpoint) && index < endpoint->pending_count;
    requires others_valid(endpoint, index);
    assigns endpoint->pending[index], endpoint->pending_count;
    ensures valid: endpoint_valid(endpoint);
    ensures kept: same_endpoint{Pre, Post}(endpoint);
*/
static void pending_remove(struct anytls_endpoint *endpoint, size_t index)
{
    endpoint->pending_count--;
    /*@ assert apart: \separated(endpoint->pending + index, endpoint) &&
            \separated(endpoint->pending + index, endpoint->session.config) &&
            \separated(endpoint->pending + index, endpoint->session.scheme); */
    /*@ assert apart2: \forall integer i; 0 <= i < endpoint->session.streams.capacity ==>
            \separated(endpoint->pending + index, &endpoint->session.streams.entries[i].id) &&
            \separated(endpoint->pending + index, &endpoint->session.streams.entries[i].state); */
    /*@ assert apart3: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            \separated(endpoint->pending + index, &endpoint->pending[i].udp) &&
            \separated(endpoint->pending + index, &endpoint->pending[i].size) &&
            \separated(endpoint->pending + index, &endpoint->pending[i].bytes[0]) &&
            \separated(endpoint->pending + index, &endpoint->pending[i].bytes[1]) &&
            \separated(endpoint->pending + index, &endpoint->pending[i].bytes[2]); */
    /*@ assert apart4: \separated(endpoint->pending + index,
                                  &endpoint->session.config->client.size) &&
            \separated(endpoint->pending + index, &endpoint->session.scheme->text.size); */
    /*@ assert sizes: \forall integer i; 0 <= i <= endpoint->pending_count ==>
            endpoint->pending[i].size == \at(endpoint->pending[i].size, Pre); */
    /*@ assert valid0: \forall integer i; 0 <= i <= endpoint->pending_count && i != index ==>
            pending_valid(endpoint->pending + i); */
    /*@ ghost before:; */
    endpoint->pending[index] = endpoint->pending[endpoint->pending_count];
    /*@ assert count: endpoint->pending_count == \at(endpoint->pending_count, before); */
    /*@ assert whole: endpoint->pending[index] ==
            \at(endpoint->pending[endpoint->pending_count], before); */
    /*@ assert w1: \let s = endpoint->pending[index];
            s.bytes[0] == endpoint->pending[index].bytes[0] &&
            s.bytes[1] == endpoint->pending[index].bytes[1] &&
            s.bytes[2] == endpoint->pending[index].bytes[2]; */
    /*@ assert w2: \let s = \at(endpoint->pending[endpoint->pending_count], before);
            s.bytes[0] == \at(endpoint->pending[endpoint->pending_count].bytes[0], before) &&
            s.bytes[1] == \at(endpoint->pending[endpoint->pending_count].bytes[1], before) &&
            s.bytes[2] == \at(endpoint->pending[endpoint->pending_count].bytes[2], before); */
    /*@ assert m1: endpoint->pending[index].udp ==
            \at(endpoint->pending[endpoint->pending_count].udp, before); */
    /*@ assert m2: endpoint->pending[index].size ==
            \at(endpoint->pending[endpoint->pending_count].size, before); */
    /*@ assert m3: endpoint->pending[index].bytes[0] ==
            \at(endpoint->pending[endpoint->pending_count].bytes[0], before); */
    /*@ assert m4: endpoint->pending[index].bytes[1] ==
            \at(endpoint->pending[endpoint->pending_count].bytes[1], before); */
    /*@ assert m5: endpoint->pending[index].bytes[2] ==
            \at(endpoint->pending[endpoint->pending_count].bytes[2], before); */
    /*@ assert moved: same_pending{before, Here}(
            endpoint->pending + endpoint->pending_count, endpoint->pending + index); */
    /*@ assert o_udp: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].udp == \at(endpoint->pending[i].udp, before); */
    /*@ assert o_size: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].size == \at(endpoint->pending[i].size, before); */
    /*@ assert o_b0: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], before); */
    /*@ assert o_b1: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], before); */
    /*@ assert o_b2: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], before); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{before, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert p1: index < endpoint->pending_count ==> pending_valid(endpoint->pending + index); */
    /*@ assert p2: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            pending_valid(endpoint->pending + i); */
    /*@ assert place: same_endpoint{Pre, Here}(endpoint); */
    /*@ assert s1: same_place{Pre, Here}(&endpoint->session); */
    /*@ assert s2: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert s3: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert s4: same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert smemory: session_memory(&endpoint->session); */
    /*@ assert svalid: session_valid(&endpoint->session); */
    /*@ assert memory: endpoint_memory(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
    /*@ assert pvalid: pendings_valid(endpoint->pending, endpoint->pending_count); */
}

/*@ requires \valid_read(pending) && pending->size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    assigns \nothing;
    ensures \result.status == ANYTLS_OK <==>
        !destination_bad(pending->udp, &pending->bytes[0], pending->size);
    ensures \result.status == ANYTLS_OK ==>
        \result.size == destination_need(pending->udp, &pending->bytes[0], pending->size);
    ensures 1 <= \result.size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
*/
static struct anytls_address_size pending_size(const struct anytls_pending *pending)
{
    if (pending->udp)
        return anytls_uot_request_size(pending->bytes, pending->size);
    return anytls_address_size(ANYTLS_TABLE_SOCKS, pending->bytes, pending->size);
}

/* How much of the input the session may see: a destination is read to its end and not beyond, so
 * that what follows it in the same frame is a data event of its own. */
/*@ requires endpoint_valid(endpoint);
    assigns \nothing;
    ensures \result <= size && (size > 0 ==> \result > 0);
    ensures \forall integer i; 0 <= i < endpoint->pending_count &&
        pending_first(endpoint->pending, i, endpoint->session.frame.stream) &&
        endpoint->session.header_size == ANYTLS_FRAME_HEADER_SIZE &&
        endpoint->session.decision.action == ANYTLS_DELIVER ==>
            \result + endpoint->pending[i].size <=
                destination_need(endpoint->pending[i].udp, &endpoint->pending[i].bytes[0],
                                 endpoint->pending[i].size);
*/
static size_t input_limit(const struct anytls_endpoint *endpoint, size_t size)
{
    const struct anytls_session *session = &endpoint->session;
    struct anytls_stream_place place;
    size_t missing;

    if (session->header_size < ANYTLS_FRAME_HEADER_SIZE ||
        session->decision.action != ANYTLS_DELIVER)
        return size;
    place = pending_find(endpoint, session->frame.stream);
    if (!place.found)
        return size;
    missing =
        pending_size(&endpoint->pending[place.index]).size - endpoint->pending[place.index].size;
    return size < missing ? size : missing;
}

/*@ assigns \nothing;
    ensures \result.type == ANYTLS_EVENT_NONE && \result.violation == event.violation;
    ensures \result.stream == event.stream;
    ensures \result.data.size == 0 && text_valid(\result.data);
*/
static struct anytls_event without_stream(struct anytls_event event)
{
    event.type = ANYTLS_EVENT_NONE;
    event.data = ANYTLS_NO_TEXT;
    return event;
}

/*@ requires endpoint_valid(endpoint) && result_apart(endpoint, result);
    requires refusal_room(endpoint, result, out, capacity) && result->output == 0;
    assigns endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            result->output, result->event.type, result->event.violation, out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures place: same_endpoint{Pre, Post}(endpoint);
    ensures result->output <= 526;
    ensures data: result->event.data.size == \old(result->event.data.size);
    ensures result->event.type == ANYTLS_EVENT_CLOSED ||
            result->event.type == \old(result->event.type);
*/
static void refuse(struct anytls_endpoint *endpoint, uint32_t stream, enum anytls_status why,
                   struct anytls_received *result, uint8_t *out, size_t capacity)
{
    struct anytls_written written = anytls_endpoint_refuse(
        endpoint, stream, anytls_reason(why), out + result->output, capacity - result->output);

    /*@ assert blocks1: endpoint_blocks(endpoint); */
    /*@ assert valid1: endpoint_valid(endpoint); */
    /*@ assert apart: result_apart(endpoint, result); */
    /*@ assert places: \separated(result, endpoint) &&
            \separated(result, &endpoint->session.config->client.size) &&
            \separated(result, &endpoint->session.scheme->text.size); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(&result->event.violation, &endpoint->session.streams.entries[i].id) &&
            \separated(&result->event.type, &endpoint->session.streams.entries[i].id) &&
            \separated(&result->event.violation, &endpoint->session.streams.entries[i].state) &&
            \separated(&result->event.type, &endpoint->session.streams.entries[i].state); */
    /*@ assert pending: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(&result->output, &endpoint->pending[i].size); */
    /*@ assert none: result->output == 0; */
    /*@ ghost refused:; */
    result->output += written.size;
    result->event.violation = why;
    /*@ assert place2: same_endpoint{refused, Here}(endpoint) &&
            same_phase{refused, Here}(endpoint); */
    /*@ assert pending2: same_pendings{refused, Here}(endpoint); */
    /*@ assert t1: same_place{refused, Here}(&endpoint->session); */
    /*@ assert t2: same_ids{refused, Here}(&endpoint->session); */
    /*@ assert t3: same_states{refused, Here}(&endpoint->session); */
    /*@ assert t4: same_frame{refused, Here}(&endpoint->session); */
    /*@ assert session2: same_session{refused, Here}(&endpoint->session); */
    /*@ assert blocks2: endpoint_blocks(endpoint); */
    /*@ assert valid2: endpoint_valid(endpoint); */
    /*@ assert some: result->output <= 263 && result->output <= capacity; */
    /*@ assert room: endpoint_apart(endpoint, out, capacity); */
    /*@ assert room2: endpoint_apart(endpoint, out + result->output,
                                    capacity - result->output); */
    /*@ assert room3: session_apart(&endpoint->session, out + result->output,
                                    capacity - result->output) &&
            \valid(out + result->output + (0 .. capacity - result->output - 1)); */
    /*@ assert apart2: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(&endpoint->pending[i].bytes[0], out + result->output +
                           (0 .. written_max(capacity - result->output, 263) - 1)) &&
            \separated(&endpoint->pending[i].bytes[1], out + result->output +
                           (0 .. written_max(capacity - result->output, 263) - 1)) &&
            \separated(&endpoint->pending[i].bytes[2], out + result->output +
                           (0 .. written_max(capacity - result->output, 263) - 1)); */
    if (!endpoint->config->session.strict)
        return;
    written = anytls_session_alert(&endpoint->session, anytls_reason(why), out + result->output,
                                   capacity - result->output);
    /*@ assert place3: same_endpoint{refused, Here}(endpoint) &&
            same_phase{refused, Here}(endpoint); */
    /*@ assert pending3: same_pendings{refused, Here}(endpoint); */
    /*@ assert valid3: endpoint_valid(endpoint); */
    /*@ ghost alerted:; */
    result->output += written.size;
    result->event.type = ANYTLS_EVENT_CLOSED;
    /*@ assert place4: same_endpoint{alerted, Here}(endpoint) &&
            same_phase{alerted, Here}(endpoint); */
    /*@ assert pending4: same_pendings{alerted, Here}(endpoint); */
    /*@ assert u1: same_place{alerted, Here}(&endpoint->session); */
    /*@ assert u2: same_ids{alerted, Here}(&endpoint->session); */
    /*@ assert u3: same_states{alerted, Here}(&endpoint->session); */
    /*@ assert u4: same_frame{alerted, Here}(&endpoint->session); */
    /*@ assert session4: same_session{alerted, Here}(&endpoint->session); */
    /*@ assert blocks4: endpoint_blocks(endpoint); */
    /*@ assert valid4: endpoint_valid(endpoint); */
}

/*@ requires endpoint_valid(endpoint) && result_apart(endpoint, result);
    requires refusal_room(endpoint, result, out, capacity) && result->output == 0;
    assigns endpoint->pending[0 .. endpoint->pending_capacity - 1], endpoint->pending_count,
            endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            result->output, result->event, out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures result->output <= 526;
    ensures result->event.type == ANYTLS_EVENT_CLOSED ||
            result->event.type == ANYTLS_EVENT_NONE;
    ensures text: text_valid(result->event.data);
*/
static void begin_destination(struct anytls_endpoint *endpoint, struct anytls_received *result,
                              uint8_t *out, size_t capacity)
{
    uint32_t stream = result->event.stream;

    /*@ assert places: \separated(&result->event, endpoint) &&
            \separated(&result->event, &endpoint->session.config->client) &&
            \separated(&result->event, &endpoint->session.scheme->text); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(&result->event, &endpoint->session.streams.entries[i].id) &&
            \separated(&result->event, &endpoint->session.streams.entries[i].state); */
    /*@ assert sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(&result->event, &endpoint->pending[i].size); */
    result->event = without_stream(result->event);
    /*@ assert t1: same_place{Pre, Here}(&endpoint->session); */
    /*@ assert place0: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert t2: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert t3: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert t4: same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session0: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert pending0: same_pendings{Pre, Here}(endpoint); */
    /*@ assert blocks0: endpoint_blocks(endpoint); */
    /*@ assert valid0: endpoint_valid(endpoint); */
    /*@ assert apart0: result_apart(endpoint, result); */
    /*@ assert room0: endpoint_apart(endpoint, out, capacity); */
    /*@ assert rooms0: refusal_room(endpoint, result, out, capacity); */
    /*@ assert none0: result->output == 0 && result->event.data.size == 0; */
    /*@ ghost told:; */
    if (endpoint->pending_count == endpoint->pending_capacity) {
        refuse(endpoint, stream, ANYTLS_TOO_MANY_STREAMS, result, out, capacity);
        return;
    }
    /*@ assert apart1: \separated(endpoint->pending + endpoint->pending_count, endpoint) &&
            \separated(endpoint->pending + endpoint->pending_count,
                       &endpoint->session.config->client.size) &&
            \separated(endpoint->pending + endpoint->pending_count,
                       &endpoint->session.scheme->text.size); */
    /*@ assert apart2: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(endpoint->pending + endpoint->pending_count,
                       &endpoint->session.streams.entries[i].id) &&
            \separated(endpoint->pending + endpoint->pending_count,
                       &endpoint->session.streams.entries[i].state); */
    endpoint->pending[endpoint->pending_count].stream = stream;
    endpoint->pending[endpoint->pending_count].udp = false;
    endpoint->pending[endpoint->pending_count].size = 0;
    endpoint->pending_count++;
    /*@ assert new: pending_valid(endpoint->pending + (endpoint->pending_count - 1)); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count - 1 ==>
            same_pending{told, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert place1: same_endpoint{told, Here}(endpoint) && same_phase{told, Here}(endpoint); */
    /*@ assert u1: same_place{told, Here}(&endpoint->session); */
    /*@ assert u2: same_ids{told, Here}(&endpoint->session); */
    /*@ assert u3: same_states{told, Here}(&endpoint->session); */
    /*@ assert u4: same_frame{told, Here}(&endpoint->session); */
    /*@ assert session1: same_session{told, Here}(&endpoint->session); */
    /*@ assert blocks1: endpoint_blocks(endpoint); */
    /*@ assert core1: endpoint_core(endpoint); */
    /*@ assert pvalid: pendings_valid(endpoint->pending, endpoint->pending_count); */
}

/* The destination is whole: dial it, or read on if it asks for UDP-over-TCP. */
/*@ requires endpoint_core(endpoint) && result_apart(endpoint, result);
    requires refusal_room(endpoint, result, out, capacity) && result->output == 0;
    requires index < endpoint->pending_count;
    requires endpoint->pending[index].size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    requires others_valid(endpoint, index);
    assigns endpoint->request, endpoint->pending[0 .. endpoint->pending_capacity - 1],
            endpoint->pending_count, endpoint->session.streams.last,
            endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            result->output, result->event.type, out[0 .. 6];
    ensures valid: endpoint_valid(endpoint);
    ensures result->output <= 7;
    ensures data: result->event.data.size == \old(result->event.data.size);
    ensures result->event.type == ANYTLS_EVENT_DIAL ||
            result->event.type == ANYTLS_EVENT_DIAL_UDP ||
            result->event.type == \old(result->event.type);
*/
static void end_destination(struct anytls_endpoint *endpoint, size_t index,
                            struct anytls_received *result, uint8_t *out, size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[index];

    /*@ assert request: \separated(&endpoint->request, &endpoint->session) &&
            \separated(&endpoint->request, &endpoint->phase) &&
            \separated(&endpoint->request, &endpoint->session.state) &&
            \separated(&endpoint->request, &endpoint->session.role) &&
            \separated(&endpoint->request, &endpoint->session.frame.stream) &&
            \separated(&endpoint->request, &endpoint->session.decision.action) &&
            \separated(&endpoint->request, &endpoint->session.streams.highest); */
    /*@ assert type: \separated(&result->event.type, &endpoint->phase) &&
            \separated(&result->event.type, &endpoint->session.state) &&
            \separated(&result->event.type, &endpoint->session.role) &&
            \separated(&result->event.type, &endpoint->session.frame.stream) &&
            \separated(&result->event.type, &endpoint->session.decision.action) &&
            \separated(&result->event.type, &endpoint->session.streams.highest); */
    /*@ assert memory0: endpoint_memory(endpoint); */
    /*@ assert within: index < endpoint->pending_capacity && capacity >= 7; */
    /*@ assert out0: endpoint_apart(endpoint, out, capacity); */
    /*@ assert less2: written_max(capacity, 7) <= capacity; */
    /*@ assert bytes2: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(&endpoint->pending[i].bytes[0],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[1],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[2],
                       out + (0 .. written_max(capacity, 7) - 1)); */
    /*@ assert each: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint) &&
            \separated(endpoint->pending + i, result) &&
            \separated(&endpoint->request, &endpoint->pending[i].udp) &&
            \separated(&endpoint->request, &endpoint->pending[i].bytes[0]) &&
            \separated(&endpoint->request, &endpoint->pending[i].bytes[1]) &&
            \separated(&endpoint->request, &endpoint->pending[i].bytes[2]) &&
            \separated(&result->output, &endpoint->pending[i].size); */
    /*@ assert places: \separated(result, endpoint) &&
            \separated(result, &endpoint->session.config->client.size) &&
            \separated(result, &endpoint->session.scheme->text.size) &&
            \separated(endpoint->pending + index, result) &&
            \separated(endpoint->pending + index, &result->output) &&
            \separated(endpoint->pending + index, &result->event.type) &&
            \separated(endpoint->pending + index, &result->event.data.size) &&
            \separated(&endpoint->pending_count, &result->event.data.size) &&
            \separated(&endpoint->pending_count, &result->output); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(&endpoint->request, &endpoint->session.streams.entries[i].id) &&
            \separated(&endpoint->request, &endpoint->session.streams.entries[i].state) &&
            \separated(&result->event.type, &endpoint->session.streams.entries[i].id) &&
            \separated(&result->event.type, &endpoint->session.streams.entries[i].state); */
    if (pending->udp) {
        endpoint->request = anytls_uot_request_decode(pending->bytes, pending->size).request;
        result->event.type = ANYTLS_EVENT_DIAL_UDP;
        /*@ assert s1: same_place{Pre, Here}(&endpoint->session); */
        /*@ assert i1: same_ids{Pre, Here}(&endpoint->session); */
        /*@ assert a1: same_states{Pre, Here}(&endpoint->session); */
        /*@ assert f1: same_frame{Pre, Here}(&endpoint->session); */
        /*@ assert place1: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
        /*@ assert session1: same_session{Pre, Here}(&endpoint->session); */
        /*@ assert blocks1: endpoint_blocks(endpoint); */
        /*@ assert core1: endpoint_core(endpoint); */
        /*@ assert o1: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
                endpoint->pending[i].udp == \at(endpoint->pending[i].udp, Pre) &&
                endpoint->pending[i].size == \at(endpoint->pending[i].size, Pre) &&
                endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], Pre) &&
                endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], Pre) &&
                endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], Pre); */
        /*@ assert others1: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
                same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
        /*@ assert valid1: others_valid(endpoint, index); */
        /*@ assert apart1: \separated(result, endpoint->pending + index) && result->output == 0 &&
                result->event.data.size == \at(result->event.data.size, Pre); */
        pending_remove(endpoint, index);
        return;
    }
    endpoint->request.connect = false;
    endpoint->request.address =
        anytls_address_decode(ANYTLS_TABLE_SOCKS, pending->bytes, pending->size).address;
    /*@ assert s2: same_place{Pre, Here}(&endpoint->session); */
    /*@ assert i2: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert a2: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert f2: same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert place2: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert session2: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks2: endpoint_blocks(endpoint); */
    /*@ assert core2: endpoint_core(endpoint); */
    /*@ assert o2: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].udp == \at(endpoint->pending[i].udp, Pre) &&
            endpoint->pending[i].size == \at(endpoint->pending[i].size, Pre) &&
            endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], Pre) &&
            endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], Pre) &&
            endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], Pre); */
    /*@ assert others2: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert valid2: others_valid(endpoint, index); */
    /*@ assert out2: endpoint_apart(endpoint, out, capacity); */
    /*@ assert tables2: \separated(&endpoint->phase, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->pending, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&result->event.type, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.config, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.scheme, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.text, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.streams.entries, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.config->client.bytes, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.scheme->text.bytes, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.role, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)); */
    /*@ assert memory2: endpoint_memory(endpoint); */
    /*@ assert each2: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint); */
    /*@ assert none2: result->output == 0 &&
            result->event.data.size == \at(result->event.data.size, Pre) &&
            result->event.type == \at(result->event.type, Pre); */
    /*@ ghost decoded:; */
    if (anytls_uot_is_destination(&endpoint->request.address)) {
        result->output +=
            anytls_session_accept(&endpoint->session, pending->stream, out, capacity).size;
        /*@ assert x3: endpoint->pending == \at(endpoint->pending, decoded) &&
                endpoint->config == \at(endpoint->config, decoded) &&
                endpoint->pending_capacity == \at(endpoint->pending_capacity, decoded) &&
                endpoint->pending_count == \at(endpoint->pending_count, decoded) &&
                endpoint->phase == \at(endpoint->phase, decoded) &&
                endpoint->began == \at(endpoint->began, decoded) &&
                endpoint->preamble.size == \at(endpoint->preamble.size, decoded) &&
                endpoint->preamble.padding_left == \at(endpoint->preamble.padding_left, decoded); */
        /*@ assert y3: same_place{decoded, Here}(&endpoint->session); */
        /*@ assert place3: same_endpoint{decoded, Here}(endpoint) &&
                same_phase{decoded, Here}(endpoint); */
        /*@ assert session3: session_valid(&endpoint->session); */
        /*@ assert blocks3: endpoint_blocks(endpoint); */
        /*@ assert memory3: endpoint_memory(endpoint); */
        /*@ assert core3: endpoint_core(endpoint); */
        /*@ assert o3: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
                endpoint->pending[i].udp == \at(endpoint->pending[i].udp, decoded) &&
                endpoint->pending[i].size == \at(endpoint->pending[i].size, decoded) &&
                endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], decoded) &&
                endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], decoded) &&
                endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], decoded); */
        /*@ assert others3: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
                same_pending{decoded, Here}(endpoint->pending + i, endpoint->pending + i); */
        /*@ assert valid3: others_valid(endpoint, index); */
        /*@ assert few3: result->output <= 7 &&
                result->event.data.size == \at(result->event.data.size, Pre) &&
                result->event.type == \at(result->event.type, Pre); */
        /*@ assert apart3: \separated(endpoint->pending + index, endpoint) &&
                \separated(endpoint->pending + index, &endpoint->session.config->client.size) &&
                \separated(endpoint->pending + index, &endpoint->session.scheme->text.size); */
        /*@ ghost accepted:; */
        pending->udp = true;
        pending->size = 0;
        /*@ assert place4: same_endpoint{accepted, Here}(endpoint) &&
                same_phase{accepted, Here}(endpoint); */
        /*@ assert session4: same_session{accepted, Here}(&endpoint->session); */
        /*@ assert blocks4: endpoint_blocks(endpoint); */
        /*@ assert core4: endpoint_core(endpoint); */
        /*@ assert o4: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
                endpoint->pending[i].udp == \at(endpoint->pending[i].udp, accepted) &&
                endpoint->pending[i].size == \at(endpoint->pending[i].size, accepted) &&
                endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], accepted) &&
                endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], accepted) &&
                endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], accepted); */
        /*@ assert others4: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
                same_pending{accepted, Here}(endpoint->pending + i, endpoint->pending + i); */
        /*@ assert valid4: others_valid(endpoint, index) &&
                pending_valid(endpoint->pending + index); */
        /*@ assert all4: pendings_valid(endpoint->pending, endpoint->pending_count); */
        return;
    }
    result->event.type = ANYTLS_EVENT_DIAL;
    /*@ assert i5: same_ids{decoded, Here}(&endpoint->session); */
    /*@ assert a5: same_states{decoded, Here}(&endpoint->session); */
    /*@ assert place5: same_endpoint{decoded, Here}(endpoint) &&
            same_phase{decoded, Here}(endpoint); */
    /*@ assert session5: same_session{decoded, Here}(&endpoint->session); */
    /*@ assert core5: endpoint_core(endpoint); */
    /*@ assert valid5: others_valid(endpoint, index); */
    /*@ assert apart5: \separated(result, endpoint->pending + index) && result->output == 0 &&
            result->event.data.size == \at(result->event.data.size, Pre); */
    pending_remove(endpoint, index);
}

/*@ requires endpoint_valid(endpoint) && result_apart(endpoint, result);
    requires refusal_room(endpoint, result, out, capacity) && result->output == 0;
    requires index < endpoint->pending_count;
    requires text_valid(result->event.data);
    requires \separated(result->event.data.bytes + (0 .. result->event.data.size - 1),
                        endpoint->pending + (0 .. endpoint->pending_capacity - 1));
    requires \separated(result->event.data.bytes + (0 .. result->event.data.size - 1), result);
    requires endpoint->pending[index].size + result->event.data.size <=
        destination_need(endpoint->pending[index].udp, &endpoint->pending[index].bytes[0],
                         endpoint->pending[index].size);
    assigns endpoint->request, endpoint->pending[0 .. endpoint->pending_capacity - 1],
            endpoint->pending_count, endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            result->output, result->event, out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures result->output <= 526;
    ensures result->event.type == ANYTLS_EVENT_DIAL ||
            result->event.type == ANYTLS_EVENT_DIAL_UDP ||
            result->event.type == ANYTLS_EVENT_CLOSED ||
            result->event.type == ANYTLS_EVENT_NONE;
    ensures text: text_valid(result->event.data);
*/
static void take_destination(struct anytls_endpoint *endpoint, size_t index,
                             struct anytls_received *result, uint8_t *out, size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[index];
    struct anytls_text data = result->event.data;
    struct anytls_address_size whole;

    /*@ assert memory: endpoint_memory(endpoint); */
    /*@ assert places: \separated(&result->event, endpoint) &&
            \separated(&result->event, &endpoint->session.config->client) &&
            \separated(&result->event, &endpoint->session.scheme->text); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(&result->event, &endpoint->session.streams.entries[i].id) &&
            \separated(&result->event, &endpoint->session.streams.entries[i].state); */
    /*@ assert sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(&result->event, &endpoint->pending[i].size); */
    result->event = without_stream(result->event);
    /*@ assert s0: same_place{Pre, Here}(&endpoint->session); */
    /*@ assert place0: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert i0: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert a0: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert f0: same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session0: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert pending0: same_pendings{Pre, Here}(endpoint); */
    /*@ assert blocks0: endpoint_blocks(endpoint); */
    /*@ assert valid0: endpoint_valid(endpoint); */
    /*@ assert apart0: result_apart(endpoint, result); */
    /*@ assert room0: endpoint_apart(endpoint, out, capacity); */
    /*@ assert none0: result->output == 0 && result->event.data.size == 0 &&
            result->event.type == ANYTLS_EVENT_NONE; */
    /*@ assert size0: pending->size == \at(endpoint->pending[index].size, Pre); */
    /*@ assert fits0: pending->size + data.size <=
            destination_need(pending->udp, &pending->bytes[0], pending->size); */
    /*@ assert byte: pending->bytes[1] <= 255 && pending->bytes[2] <= 255; */
    /*@ assert need: destination_need(pending->udp, &pending->bytes[0], pending->size) <=
            ANYTLS_UOT_REQUEST_SIZE_MAX; */
    /*@ assert fits: pending->size + data.size <= ANYTLS_UOT_REQUEST_SIZE_MAX; */
    /*@ assert mine0: pending_valid(pending) && others_valid(endpoint, index); */
    /*@ assert each: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            \separated(&endpoint->pending[i].bytes[0],
                       &pending->bytes[0] + pending->size + (0 .. data.size - 1)) &&
            \separated(&endpoint->pending[i].bytes[1],
                       &pending->bytes[0] + pending->size + (0 .. data.size - 1)) &&
            \separated(&endpoint->pending[i].bytes[2],
                       &pending->bytes[0] + pending->size + (0 .. data.size - 1)); */
    /*@ assert own: \separated(pending, endpoint) &&
            \separated(pending, &endpoint->session.config->client.size) &&
            \separated(pending, &endpoint->session.scheme->text.size) &&
            \separated(pending, result); */
    /*@ ghost told:; */
    anytls_bytes_copy(pending->bytes + pending->size, data.bytes, data.size);
    /*@ assert o1: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].udp == \at(endpoint->pending[i].udp, told) &&
            endpoint->pending[i].size == \at(endpoint->pending[i].size, told) &&
            endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], told) &&
            endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], told) &&
            endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], told); */
    /*@ assert others1: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{told, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert valid1: others_valid(endpoint, index); */
    /*@ assert first1: (pending->size > 0 ==> pending->bytes[0] == \at(pending->bytes[0], told)) &&
            (pending->size > 1 ==> pending->bytes[1] == \at(pending->bytes[1], told)) &&
            (pending->size > 2 ==> pending->bytes[2] == \at(pending->bytes[2], told)); */
    /*@ ghost copied:; */
    pending->size += data.size;
    /*@ assert place2: same_endpoint{told, Here}(endpoint) && same_phase{told, Here}(endpoint); */
    /*@ assert session2: same_session{told, Here}(&endpoint->session); */
    /*@ assert blocks2: endpoint_blocks(endpoint); */
    /*@ assert core2: endpoint_core(endpoint); */
    /*@ assert o2: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            endpoint->pending[i].udp == \at(endpoint->pending[i].udp, copied) &&
            endpoint->pending[i].size == \at(endpoint->pending[i].size, copied) &&
            endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], copied) &&
            endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], copied) &&
            endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], copied); */
    /*@ assert others2: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{copied, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert valid2: others_valid(endpoint, index); */
    /*@ assert apart2: result_apart(endpoint, result); */
    /*@ assert room2: refusal_room(endpoint, result, out, capacity); */
    /*@ assert none2: result->output == 0 && result->event.data.size == 0; */
    /*@ assert size2: pending->size == \at(pending->size, told) + data.size &&
            pending->size <= ANYTLS_UOT_REQUEST_SIZE_MAX; */
    whole = pending_size(pending);
    /*@ assert grown: whole.status == ANYTLS_OK ==> pending->size <= whole.size; */
    /*@ assert last: whole.status == ANYTLS_OK && whole.size != pending->size ==>
            pending_valid(endpoint->pending + index); */
    /*@ assert all: whole.status == ANYTLS_OK && whole.size != pending->size ==>
            pendings_valid(endpoint->pending, endpoint->pending_count); */
    if (whole.status != ANYTLS_OK) {
        uint32_t stream = pending->stream;

        pending_remove(endpoint, index);
        /*@ assert apart3: result_apart(endpoint, result); */
        /*@ assert room3: endpoint_apart(endpoint, out, capacity); */
        /*@ assert rooms3: refusal_room(endpoint, result, out, capacity); */
        /*@ assert none3: result->output == 0 && result->event.data.size == 0 &&
                result->event.type == ANYTLS_EVENT_NONE; */
        refuse(endpoint, stream, whole.status, result, out, capacity);
    } else if (whole.size == pending->size) {
        end_destination(endpoint, index, result, out, capacity);
    }
}

/*@ requires endpoint_valid(endpoint) && result_apart(endpoint, result);
    requires refusal_room(endpoint, result, out, capacity) && result->output <= capacity;
    requires result->event.type == ANYTLS_EVENT_STREAM_OPENED ||
             result->event.type == ANYTLS_EVENT_DATA ==> result->output == 0;
    requires text_valid(result->event.data);
    requires result->event.type == ANYTLS_EVENT_DATA ==>
        \separated(result->event.data.bytes + (0 .. result->event.data.size - 1),
                   endpoint->pending + (0 .. endpoint->pending_capacity - 1)) &&
        \separated(result->event.data.bytes + (0 .. result->event.data.size - 1), result);
    requires result->event.type == ANYTLS_EVENT_DATA ==>
        \forall integer i; 0 <= i < endpoint->pending_count &&
            pending_first(endpoint->pending, i, result->event.stream) ==>
                endpoint->pending[i].size + result->event.data.size <=
                    destination_need(endpoint->pending[i].udp, &endpoint->pending[i].bytes[0],
                                     endpoint->pending[i].size);
    assigns endpoint->request, endpoint->pending[0 .. endpoint->pending_capacity - 1],
            endpoint->pending_count, endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            result->output, result->event, out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures result->output <= 526 || result->output == \old(result->output);
    ensures result->event.type != ANYTLS_EVENT_STREAM_OPENED;
    ensures text: text_valid(result->event.data);
*/
static void look_for_destination(struct anytls_endpoint *endpoint, struct anytls_received *result,
                                 uint8_t *out, size_t capacity)
{
    struct anytls_stream_place place;

    if (result->event.type == ANYTLS_EVENT_STREAM_OPENED) {
        begin_destination(endpoint, result, out, capacity);
        return;
    }
    if (result->event.type != ANYTLS_EVENT_DATA &&
        result->event.type != ANYTLS_EVENT_STREAM_FINISHED)
        return;
    place = pending_find(endpoint, result->event.stream);
    if (!place.found)
        return;
    if (result->event.type == ANYTLS_EVENT_DATA) {
        take_destination(endpoint, place.index, result, out, capacity);
        return;
    }
    pending_remove(endpoint, place.index);
    /*@ assert apart: result_apart(endpoint, result); */
    /*@ assert places: \separated(&result->event, endpoint) &&
            \separated(&result->event, &endpoint->session.config->client) &&
            \separated(&result->event, &endpoint->session.scheme->text); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(&result->event, &endpoint->session.streams.entries[i].id) &&
            \separated(&result->event, &endpoint->session.streams.entries[i].state); */
    /*@ assert sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(&result->event, &endpoint->pending[i].size); */
    /*@ ghost removed:; */
    result->event = without_stream(result->event);
    /*@ assert s1: same_place{removed, Here}(&endpoint->session); */
    /*@ assert place1: same_endpoint{removed, Here}(endpoint) &&
            same_phase{removed, Here}(endpoint); */
    /*@ assert i1: same_ids{removed, Here}(&endpoint->session); */
    /*@ assert a1: same_states{removed, Here}(&endpoint->session); */
    /*@ assert f1: same_frame{removed, Here}(&endpoint->session); */
    /*@ assert session1: same_session{removed, Here}(&endpoint->session); */
    /*@ assert count1: endpoint->pending_count == \at(endpoint->pending_count, removed); */
    /*@ assert o1: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].size == \at(endpoint->pending[i].size, removed); */
    /*@ assert pending1: same_pendings{removed, Here}(endpoint); */
    /*@ assert blocks1: endpoint_blocks(endpoint); */
    /*@ assert valid1: endpoint_valid(endpoint); */
}

/* ---- The whole ---- */

size_t anytls_endpoint_output_max(const struct anytls_endpoint *endpoint)
{
    return anytls_session_output_max(&endpoint->session) + ANYTLS_FRAME_HEADER_SIZE +
           ANYTLS_REASON_MAX;
}

struct anytls_received anytls_endpoint_receive(struct anytls_endpoint *endpoint,
                                               const uint8_t *bytes, size_t size, uint64_t now,
                                               uint8_t *out, size_t capacity)
{
    struct anytls_received result = ANYTLS_NOTHING;

    /*@ assert apart: result_apart(endpoint, &result); */
    /*@ assert there: \valid(endpoint) && \valid_read(endpoint->config) &&
            \valid(endpoint->pending + (0 .. endpoint->pending_capacity - 1)) &&
            \valid(endpoint->session.streams.entries +
                   (0 .. endpoint->session.streams.capacity - 1)) &&
            \valid(endpoint->session.text + (0 .. endpoint->session.text_capacity - 1)) &&
            \valid_read(endpoint->session.config) && \valid_read(endpoint->session.scheme) &&
            \valid_read(endpoint->session.config->client.bytes +
                        (0 .. endpoint->session.config->client.size - 1)) &&
            \valid_read(endpoint->session.scheme->text.bytes +
                        (0 .. endpoint->session.scheme->text.size - 1)); */
    /*@ assert s1: same_place{Pre, Here}(&endpoint->session); */
    /*@ assert place1: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert i1: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert a1: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert f1: same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session1: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert pending1: same_pendings{Pre, Here}(endpoint); */
    /*@ assert blocks1: endpoint_blocks(endpoint); */
    /*@ assert valid1: endpoint_valid(endpoint); */
    /*@ assert buffers1: \valid(out + (0 .. capacity - 1)) && \valid_read(bytes + (0 .. size - 1)) &&
            \separated(&result, out + (0 .. capacity - 1)) &&
            \separated(&result, bytes + (0 .. size - 1)); */
    /*@ ghost made:; */
    if (endpoint->phase == ANYTLS_PHASE_ENDED || endpoint->session.state == ANYTLS_STATE_CLOSED)
        result.status = ANYTLS_CLOSED;
    else if (capacity < anytls_endpoint_output_max(endpoint))
        result.status = ANYTLS_NO_ROOM;
    /*@ assert s2: same_place{made, Here}(&endpoint->session); */
    /*@ assert place2: same_endpoint{made, Here}(endpoint) && same_phase{made, Here}(endpoint); */
    /*@ assert i2: same_ids{made, Here}(&endpoint->session); */
    /*@ assert a2: same_states{made, Here}(&endpoint->session); */
    /*@ assert f2: same_frame{made, Here}(&endpoint->session); */
    /*@ assert session2: same_session{made, Here}(&endpoint->session); */
    /*@ assert pending2: same_pendings{made, Here}(endpoint); */
    /*@ assert blocks2: endpoint_blocks(endpoint); */
    /*@ assert valid2: endpoint_valid(endpoint); */
    /*@ assert outer2: \valid{Pre}(endpoint) && \valid_read{Pre}(endpoint->config) &&
            \valid{Pre}(endpoint->pending + (0 .. endpoint->pending_capacity - 1)) &&
            \valid{Pre}(endpoint->session.streams.entries +
                        (0 .. endpoint->session.streams.capacity - 1)) &&
            \valid{Pre}(endpoint->session.text + (0 .. endpoint->session.text_capacity - 1)) &&
            \valid_read{Pre}(endpoint->session.config) &&
            \valid_read{Pre}(endpoint->session.scheme) &&
            \valid_read{Pre}(endpoint->session.config->client.bytes +
                             (0 .. endpoint->session.config->client.size - 1)) &&
            \valid_read{Pre}(endpoint->session.scheme->text.bytes +
                             (0 .. endpoint->session.scheme->text.size - 1)); */
    /*@ assert apart2: result_apart(endpoint, &result) && endpoint_apart(endpoint, out, capacity) &&
            endpoint_apart(endpoint, bytes, size); */
    if (result.status != ANYTLS_OK || size == 0)
        return result;
    if (endpoint->phase == ANYTLS_PHASE_PREAMBLE)
        return receive_preamble(endpoint, bytes, size, now);
    /*@ assert memory2: endpoint_memory(endpoint); */
    /*@ assert tables: \separated(&endpoint->phase, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->pending, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->config, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.config, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.scheme, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.text, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.streams.entries, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.config->client.bytes, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.scheme->text.bytes, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->session.role, endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)); */
    /*@ assert own: \separated(&result, endpoint) && \separated(&result, &endpoint->phase) &&
            \separated(&result, &endpoint->pending) && \separated(&result, &endpoint->session) &&
            \separated(&result, &endpoint->session.config->client) &&
            \separated(&result, &endpoint->session.scheme->text); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.capacity ==>
            \separated(&result, &endpoint->session.streams.entries[i].id) &&
            \separated(&result, &endpoint->session.streams.entries[i].state); */
    /*@ assert bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            \separated(&endpoint->pending[i].bytes[j], out + (0 .. capacity - 1)) &&
            \separated(&endpoint->pending[i].bytes[j],
                       endpoint->session.text + (0 .. endpoint->session.text_capacity - 1)) &&
            \separated(&endpoint->pending[i].bytes[j], &endpoint->session); */
    /*@ assert sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint) &&
            \separated(&result, &endpoint->pending[i].size); */
    /*@ ghost asked:; */
    result = anytls_session_receive(&endpoint->session, bytes, input_limit(endpoint, size), now,
                                    out, capacity);
    /*@ assert x1: endpoint->pending == \at(endpoint->pending, asked) &&
            endpoint->config == \at(endpoint->config, asked) &&
            endpoint->pending_capacity == \at(endpoint->pending_capacity, asked); */
    /*@ assert x2: same_place{asked, Here}(&endpoint->session); */
    /*@ assert x3: endpoint->phase == \at(endpoint->phase, asked) &&
            endpoint->began == \at(endpoint->began, asked) &&
            endpoint->preamble.size == \at(endpoint->preamble.size, asked) &&
            endpoint->preamble.padding_left == \at(endpoint->preamble.padding_left, asked) &&
            endpoint->pending_count == \at(endpoint->pending_count, asked); */
    /*@ assert place3: same_endpoint{asked, Here}(endpoint) && same_phase{asked, Here}(endpoint); */
    /*@ assert session3: session_valid(&endpoint->session); */
    /*@ assert pending3: same_pendings{asked, Here}(endpoint); */
    /*@ assert blocks3: endpoint_blocks(endpoint); */
    /*@ assert valid3: endpoint_valid(endpoint); */
    /*@ assert apart3: result_apart(endpoint, &result) && endpoint_apart(endpoint, out, capacity); */
    /*@ assert room3: refusal_room(endpoint, &result, out, capacity); */
    look_for_destination(endpoint, &result, out, capacity);
    /*@ assert outer4: \valid{Pre}(endpoint) && \valid_read{Pre}(endpoint->config) &&
            \valid{Pre}(endpoint->pending + (0 .. endpoint->pending_capacity - 1)) &&
            \valid{Pre}(endpoint->session.streams.entries +
                        (0 .. endpoint->session.streams.capacity - 1)) &&
            \valid{Pre}(endpoint->session.text + (0 .. endpoint->session.text_capacity - 1)) &&
            \valid_read{Pre}(endpoint->session.config) &&
            \valid_read{Pre}(endpoint->session.scheme) &&
            \valid_read{Pre}(endpoint->session.config->client.bytes +
                             (0 .. endpoint->session.config->client.size - 1)) &&
            \valid_read{Pre}(endpoint->session.scheme->text.bytes +
                             (0 .. endpoint->session.scheme->text.size - 1)); */
    return result;
}

/* What an end or a deadline means before the preamble is whole. */
/*@ requires endpoint_valid(endpoint);
    assigns endpoint->phase, endpoint->session.state;
    ensures endpoint_valid(endpoint);
    ensures endpoint->phase == ANYTLS_PHASE_ENDED;
    ensures \result.status == ANYTLS_OK && \result.consumed == 0 && \result.output == 0;
    ensures text_valid(\result.event.data);
    ensures \result.event.type == (endpoint->preamble.size < ANYTLS_HASH_SIZE
                                       ? ANYTLS_EVENT_FALLBACK : ANYTLS_EVENT_CLOSED);
*/
static struct anytls_received cut_short(struct anytls_endpoint *endpoint, enum anytls_status why)
{
    if (endpoint->preamble.size < ANYTLS_HASH_SIZE)
        return fall_back(endpoint);
    return end(endpoint, why);
}

struct anytls_received anytls_endpoint_end(struct anytls_endpoint *endpoint)
{
    if (endpoint->phase == ANYTLS_PHASE_ENDED || endpoint->session.state == ANYTLS_STATE_CLOSED)
        return (struct anytls_received){.status = ANYTLS_CLOSED};
    if (endpoint->phase == ANYTLS_PHASE_PREAMBLE && endpoint->preamble.size > 0)
        return cut_short(endpoint, ANYTLS_INCOMPLETE);
    return end(endpoint, ANYTLS_OK);
}

struct anytls_written anytls_endpoint_accept(struct anytls_endpoint *endpoint, uint32_t stream,
                                             uint8_t *out, size_t capacity)
{
    /*@ assert ends: \separated(&endpoint->pending, endpoint->session.streams.entries +
                               (0 .. endpoint->session.streams.capacity - 1)); */
    /*@ assert apart: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint) &&
            \separated(&endpoint->pending[i].bytes[0],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[1],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[2],
                       out + (0 .. written_max(capacity, 7) - 1)); */
    if (endpoint->session.state != ANYTLS_STATE_CLOSED &&
        anytls_streams_state(&endpoint->session.streams, stream) == ANYTLS_STREAM_OPEN)
        return (struct anytls_written){ANYTLS_OK, 0};
    return anytls_session_accept(&endpoint->session, stream, out, capacity);
}

struct anytls_written anytls_endpoint_refuse(struct anytls_endpoint *endpoint, uint32_t stream,
                                             struct anytls_text reason, uint8_t *out,
                                             size_t capacity)
{
    /*@ assert ends: \separated(&endpoint->pending, endpoint->session.streams.entries +
                               (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->phase, endpoint->session.streams.entries +
                                             (0 .. endpoint->session.streams.capacity - 1)); */
    /*@ assert apart: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint) &&
            \separated(endpoint->pending + i,
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(endpoint->pending + i,
                       out + (0 .. written_max(capacity, 7 + ANYTLS_REASON_MAX) - 1)) &&
            \separated(&endpoint->pending[i].bytes[0],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[1],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[2],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[0],
                       out + (0 .. written_max(capacity, 7 + ANYTLS_REASON_MAX) - 1)) &&
            \separated(&endpoint->pending[i].bytes[1],
                       out + (0 .. written_max(capacity, 7 + ANYTLS_REASON_MAX) - 1)) &&
            \separated(&endpoint->pending[i].bytes[2],
                       out + (0 .. written_max(capacity, 7 + ANYTLS_REASON_MAX) - 1)); */
    if (anytls_streams_state(&endpoint->session.streams, stream) == ANYTLS_STREAM_OPEN)
        return anytls_session_finish(&endpoint->session, stream, out, capacity);
    return anytls_session_refuse(&endpoint->session, stream, reason, out, capacity);
}

struct anytls_deadline anytls_endpoint_deadline(const struct anytls_endpoint *endpoint)
{
    uint32_t timeout = endpoint->config->preamble_timeout;

    if (endpoint->phase == ANYTLS_PHASE_SESSION)
        return anytls_session_deadline(&endpoint->session);
    return (struct anytls_deadline){endpoint->phase == ANYTLS_PHASE_PREAMBLE && timeout > 0,
                                    endpoint->began + timeout};
}

struct anytls_received anytls_endpoint_tick(struct anytls_endpoint *endpoint, uint64_t now,
                                            uint8_t *out, size_t capacity)
{
    struct anytls_deadline deadline = anytls_endpoint_deadline(endpoint);

    if (endpoint->phase == ANYTLS_PHASE_ENDED)
        return (struct anytls_received){.status = ANYTLS_CLOSED};
    if (endpoint->phase == ANYTLS_PHASE_SESSION)
        return anytls_session_tick(&endpoint->session, now, out, capacity);
    if (!deadline.set || now < deadline.at)
        return ANYTLS_NOTHING;
    return cut_short(endpoint, ANYTLS_PEER_SILENT);
}
