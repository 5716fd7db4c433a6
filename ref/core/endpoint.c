#include "endpoint.h"

#include "bytes.h"
#include "put.h"

/*@ // Room for a refusal and an Alert.
    predicate refusal_room{L}(struct anytls_endpoint *e, uint8_t *out, integer n) =
        n >= 526 && \valid(out + (0 .. n - 1)) && endpoint_apart(e, out, n);
    axiomatic Others {
        // All destinations but one, which is being dealt with.
        predicate others_valid{L}(struct anytls_endpoint *e, integer index) =
            \forall integer i; 0 <= i < e->pending_count && i != index ==>
                pending_valid(e->pending + i);
        lemma pending_apart{L}: \forall struct anytls_endpoint *e, integer i;
            endpoint_memory(e) && 0 <= i < e->pending_count ==> \separated(e->pending + i, e);
        lemma request_apart{L}: \forall struct anytls_endpoint *e, integer i;
            endpoint_memory(e) && 0 <= i < e->pending_count ==>
                \separated(&e->request, &e->pending[i].udp) &&
                \separated(&e->request, &e->pending[i].bytes[0]) &&
                \separated(&e->request, &e->pending[i].bytes[1]) &&
                \separated(&e->request, &e->pending[i].bytes[2]);
    }
    axiomatic Grows {
        // What is there of a destination is not more than it takes.
        predicate fits{L}(integer udp, uint8_t *p, integer size) =
            size <= destination_need(udp, p, size);
        lemma destination_need_max{L}: \forall integer udp, uint8_t *p, integer size;
            p[1] <= 255 && p[2] <= 255 && fits(udp, p, size) ==>
                size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
        // More of the bytes that are needed make no destination shorter than what is there.
        lemma destination_grows{K, L}: \forall uint8_t *p, integer n, m;
            0 <= n <= m <= destination_need{K}(0, p, n) && n < destination_need{K}(0, p, n) &&
            (n > 0 ==> \at(p[0], K) == \at(p[0], L)) &&
            (n > 1 ==> \at(p[1], K) == \at(p[1], L)) && \at(p[1], L) >= 0 ==> fits{L}(0, p, m);
        lemma request_grows{K, L}: \forall integer udp, uint8_t *p, integer n, m;
            udp != 0 && 0 < n <= m <= destination_need{K}(udp, p, n) &&
            n < destination_need{K}(udp, p, n) &&
            (n > 1 ==> \at(p[1], K) == \at(p[1], L)) &&
            (n > 2 ==> \at(p[2], K) == \at(p[2], L)) && \at(p[2], L) >= 0 ==> fits{L}(udp, p, m);
    }
    axiomatic Constant {
        predicate constant{L}(struct anytls_text t, uint8_t *p) =
            (0 <= p - t.bytes < t.size ==> !\valid(t.bytes + (p - t.bytes))) &&
            (t.size > 0 ==> !\valid(t.bytes + 0));
        lemma constant_apart{L}: \forall struct anytls_text t, uint8_t *p, integer n;
            constant(t, p) && \valid(p + (0 .. n - 1)) ==> text_apart(t, p, n);
    }
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
    /*@ assert fields: endpoint->config == config && endpoint->began == now &&
            endpoint->phase == ANYTLS_PHASE_PREAMBLE && endpoint->pending == pending &&
            endpoint->pending_capacity == pending_capacity && endpoint->pending_count == 0; */
    /*@ assert begun: endpoint->preamble.size == 0 && preamble_valid(&endpoint->preamble); */
    /*@ assert read: config->session.client.bytes == \at(config->session.client.bytes, Pre) &&
            config->session.client.size == \at(config->session.client.size, Pre) &&
            scheme->text.bytes == \at(scheme->text.bytes, Pre) &&
            scheme->text.size == \at(scheme->text.size, Pre); */
    /*@ ghost made:; */
    anytls_session_begin(&endpoint->session, ANYTLS_SERVER, &config->session, scheme, streams,
                         capacity, text, text_capacity, now);
    /*@ assert same: endpoint->config == config && endpoint->began == now &&
            endpoint->phase == ANYTLS_PHASE_PREAMBLE && endpoint->pending == pending &&
            endpoint->pending_capacity == pending_capacity && endpoint->pending_count == 0; */
    /*@ assert preamble: endpoint->preamble.size == 0 && preamble_valid(&endpoint->preamble); */
    /*@ assert read2: config->session.client.bytes == \at(config->session.client.bytes, Pre) &&
            config->session.client.size == \at(config->session.client.size, Pre) &&
            scheme->text.bytes == \at(scheme->text.bytes, Pre) &&
            scheme->text.size == \at(scheme->text.size, Pre); */
    /*@ assert given: endpoint->session.config == &config->session &&
            endpoint->session.scheme == scheme && endpoint->session.text == text &&
            endpoint->session.text_capacity == text_capacity &&
            endpoint->session.streams.entries == streams &&
            endpoint->session.streams.capacity == capacity; */
    /*@ assert apart1: \separated(endpoint, &config->session) &&
            \separated(pending + (0 .. pending_capacity - 1), &config->session); */
    /*@ assert smemory: session_memory(&endpoint->session); */
    /*@ assert there: \valid(endpoint) &&
            \valid(endpoint->pending + (0 .. endpoint->pending_capacity - 1)) &&
            \valid_read(endpoint->config) &&
            endpoint->pending_count <= endpoint->pending_capacity; */
    /*@ assert client: endpoint->session.config->client.bytes == config->session.client.bytes &&
            endpoint->session.config->client.size == config->session.client.size; */
    /*@ assert own: \separated(endpoint, endpoint->config) &&
            \separated(endpoint, endpoint->session.scheme) &&
            \separated(endpoint, endpoint->pending + (0 .. endpoint->pending_capacity - 1)) &&
            \separated(endpoint, endpoint->session.config) &&
            \separated(endpoint, endpoint->session.config->client.bytes +
                                      (0 .. endpoint->session.config->client.size - 1)) &&
            \separated(endpoint, endpoint->session.scheme->text.bytes +
                                      (0 .. endpoint->session.scheme->text.size - 1)) &&
            \separated(endpoint, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(endpoint, endpoint->session.text +
                                      (0 .. endpoint->session.text_capacity - 1)); */
    /*@ assert table: \separated(endpoint->pending + (0 .. endpoint->pending_capacity - 1),
                                 endpoint->config) &&
            \separated(endpoint->pending + (0 .. endpoint->pending_capacity - 1),
                       endpoint->session.scheme) &&
            \separated(endpoint->pending + (0 .. endpoint->pending_capacity - 1),
                       endpoint->session.config) &&
            \separated(endpoint->pending + (0 .. endpoint->pending_capacity - 1),
                       endpoint->session.config->client.bytes +
                           (0 .. endpoint->session.config->client.size - 1)) &&
            \separated(endpoint->pending + (0 .. endpoint->pending_capacity - 1),
                       endpoint->session.scheme->text.bytes +
                           (0 .. endpoint->session.scheme->text.size - 1)) &&
            \separated(endpoint->pending + (0 .. endpoint->pending_capacity - 1),
                       endpoint->session.streams.entries +
                           (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(endpoint->pending + (0 .. endpoint->pending_capacity - 1),
                       endpoint->session.text + (0 .. endpoint->session.text_capacity - 1)); */
    /*@ assert memory: endpoint_memory(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
    /*@ assert none: pendings_valid(endpoint->pending, endpoint->pending_count); */
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

/*@ requires endpoint_valid(endpoint);
    requires refusal_room(endpoint, out, capacity) && result.output == 0;
    assigns endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures \result.output <= 526;
    ensures same: \result.status == result.status && \result.consumed == result.consumed &&
        \result.event.data == result.event.data;
    ensures \result.event.type == ANYTLS_EVENT_CLOSED ||
            \result.event.type == result.event.type;
*/
static struct anytls_received refuse(struct anytls_endpoint *endpoint, uint32_t stream,
                                     enum anytls_status why, struct anytls_received result,
                                     uint8_t *out, size_t capacity)
{
    struct anytls_written written = anytls_endpoint_refuse(
        endpoint, stream, anytls_reason(why), out + result.output, capacity - result.output);

    /*@ assert pending1: same_pendings{Pre, Here}(endpoint); */
    /*@ assert blocks1: endpoint_blocks(endpoint); */
    /*@ assert valid1: endpoint_valid(endpoint); */
    /*@ ghost refused:; */
    result.output += written.size;
    result.event.violation = why;
    /*@ assert some: result.output <= 263 && result.output <= capacity; */
    /*@ assert room: endpoint_apart(endpoint, out, capacity); */
    /*@ assert room2: endpoint_apart(endpoint, out + result.output, capacity - result.output); */
    /*@ assert room3: session_apart(&endpoint->session, out + result.output,
                                    capacity - result.output) &&
            \valid(out + result.output + (0 .. capacity - result.output - 1)); */
    /*@ assert apart2: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            \separated(&endpoint->pending[i].bytes[j], out + result.output +
                           (0 .. written_max(capacity - result.output, 263) - 1)); */
    if (!endpoint->config->session.strict)
        return result;
    written = anytls_session_alert(&endpoint->session, anytls_reason(why), out + result.output,
                                   capacity - result.output);
    /*@ assert place3: same_endpoint{refused, Here}(endpoint) &&
            same_phase{refused, Here}(endpoint); */
    /*@ assert pending3: same_pendings{refused, Here}(endpoint); */
    /*@ assert blocks3: endpoint_blocks(endpoint); */
    /*@ assert valid3: endpoint_valid(endpoint); */
    result.output += written.size;
    result.event.type = ANYTLS_EVENT_CLOSED;
    return result;
}

/*@ requires endpoint_valid(endpoint);
    requires refusal_room(endpoint, out, capacity) && result.output == 0;
    assigns endpoint->pending[0 .. endpoint->pending_capacity - 1], endpoint->pending_count,
            endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures \result.output <= 526;
    ensures same: \result.status == result.status && \result.consumed == result.consumed;
    ensures \result.event.type == ANYTLS_EVENT_CLOSED ||
            \result.event.type == ANYTLS_EVENT_NONE;
    ensures text: text_valid(\result.event.data);
*/
static struct anytls_received begin_destination(struct anytls_endpoint *endpoint,
                                                struct anytls_received result, uint8_t *out,
                                                size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[endpoint->pending_count];
    uint32_t stream = result.event.stream;

    result.event = without_stream(result.event);
    if (endpoint->pending_count == endpoint->pending_capacity)
        return refuse(endpoint, stream, ANYTLS_TOO_MANY_STREAMS, result, out, capacity);
    /*@ assert apart1: \separated(pending, endpoint) &&
            \separated(pending, &endpoint->session.config->client.size) &&
            \separated(pending, &endpoint->session.scheme->text.size); */
    /*@ assert apart2: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(pending, &endpoint->session.streams.entries[i].id) &&
            \separated(pending, &endpoint->session.streams.entries[i].state); */
    pending->stream = stream;
    pending->udp = false;
    pending->size = 0;
    endpoint->pending_count++;
    /*@ assert new: pending_valid(pending); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count - 1 ==>
            same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert place1: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert ids1: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert states1: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert frame1: same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session1: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks1: endpoint_blocks(endpoint); */
    /*@ assert core1: endpoint_core(endpoint); */
    /*@ assert pvalid: pendings_valid(endpoint->pending, endpoint->pending_count); */
    return result;
}

/* What a destination asks for that is whole. */
/*@ requires \valid_read(pending) && pending->size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    assigns \nothing;
*/
static struct anytls_uot_request pending_request(const struct anytls_pending *pending)
{
    if (pending->udp)
        return anytls_uot_request_decode(pending->bytes, pending->size).request;
    return (struct anytls_uot_request){
        false, anytls_address_decode(ANYTLS_TABLE_SOCKS, pending->bytes, pending->size).address};
}

/* The destination is that of UDP-over-TCP: such a stream is accepted at once (UDP-ACCEPT), and its
 * request is read. */
/*@ requires endpoint_core(endpoint);
    requires refusal_room(endpoint, out, capacity) && result.output == 0;
    requires index < endpoint->pending_count;
    requires others_valid(endpoint, index);
    assigns endpoint->pending[index], endpoint->session.streams.last,
            endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. 6];
    ensures valid: endpoint_valid(endpoint);
    ensures \result.output <= 7;
    ensures same: \result.status == result.status && \result.consumed == result.consumed &&
        \result.event == result.event;
*/
static struct anytls_received await_request(struct anytls_endpoint *endpoint, size_t index,
                                            struct anytls_received result, uint8_t *out,
                                            size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[index];

    /*@ assert apart1: \separated(pending, endpoint) &&
            \separated(pending, &endpoint->session.config->client.size) &&
            \separated(pending, &endpoint->session.scheme->text.size); */
    /*@ assert apart2: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(pending, &endpoint->session.streams.entries[i].id) &&
            \separated(pending, &endpoint->session.streams.entries[i].state); */
    pending->udp = true;
    pending->size = 0;
    /*@ assert new: pending_valid(pending); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert place1: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert ids1: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert states1: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert frame1: same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session1: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks1: endpoint_blocks(endpoint); */
    /*@ assert core1: endpoint_core(endpoint); */
    /*@ assert valid1: endpoint_valid(endpoint); */
    /*@ assert room1: endpoint_apart(endpoint, out, capacity); */
    /*@ assert bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            \separated(&endpoint->pending[i].bytes[j],
                       out + (0 .. written_max(capacity, 7) - 1)); */
    /*@ ghost waiting:; */
    result.output += anytls_session_accept(&endpoint->session, pending->stream, out, capacity).size;
    /*@ assert place2: same_endpoint{waiting, Here}(endpoint) &&
            same_phase{waiting, Here}(endpoint); */
    /*@ assert pending2: same_pendings{waiting, Here}(endpoint); */
    /*@ assert blocks2: endpoint_blocks(endpoint); */
    /*@ assert valid2: endpoint_valid(endpoint); */
    return result;
}

/* The destination is whole: dial it, or read on if it asks for UDP-over-TCP. */
/*@ requires endpoint_core(endpoint);
    requires refusal_room(endpoint, out, capacity) && result.output == 0;
    requires index < endpoint->pending_count;
    requires endpoint->pending[index].size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    requires others_valid(endpoint, index);
    assigns endpoint->request, endpoint->pending[0 .. endpoint->pending_capacity - 1],
            endpoint->pending_count, endpoint->session.streams.last,
            endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. 6];
    ensures valid: endpoint_valid(endpoint);
    ensures \result.output <= 7;
    ensures same: \result.status == result.status && \result.consumed == result.consumed &&
        \result.event.data == result.event.data;
    ensures \result.event.type == ANYTLS_EVENT_DIAL ||
            \result.event.type == ANYTLS_EVENT_DIAL_UDP ||
            \result.event.type == result.event.type;
*/
static struct anytls_received end_destination(struct anytls_endpoint *endpoint, size_t index,
                                              struct anytls_received result, uint8_t *out,
                                              size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[index];

    /*@ assert request: \separated(&endpoint->request, &endpoint->session) &&
            \separated(&endpoint->request, &endpoint->phase) &&
            \separated(&endpoint->request, &endpoint->session.state) &&
            \separated(&endpoint->request, &endpoint->session.role) &&
            \separated(&endpoint->request, &endpoint->session.frame.stream) &&
            \separated(&endpoint->request, &endpoint->session.decision.action) &&
            \separated(&endpoint->request, &endpoint->session.streams.highest); */
    /*@ assert within: index < endpoint->pending_capacity && capacity >= 7; */
    /*@ assert each: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint) &&
            \separated(&endpoint->request, &endpoint->pending[i].udp) &&
            \separated(&endpoint->request, &endpoint->pending[i].bytes[0]) &&
            \separated(&endpoint->request, &endpoint->pending[i].bytes[1]) &&
            \separated(&endpoint->request, &endpoint->pending[i].bytes[2]); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(&endpoint->request, &endpoint->session.streams.entries[i].id) &&
            \separated(&endpoint->request, &endpoint->session.streams.entries[i].state); */
    endpoint->request = pending_request(pending);
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
    /*@ assert out1: endpoint_apart(endpoint, out, capacity); */
    if (!pending->udp && anytls_uot_is_destination(&endpoint->request.address))
        return await_request(endpoint, index, result, out, capacity);
    result.event.type = pending->udp ? ANYTLS_EVENT_DIAL_UDP : ANYTLS_EVENT_DIAL;
    pending_remove(endpoint, index);
    return result;
}

/* Adds to a destination what came of it. */
/*@ requires \valid(pending) && pending_valid(pending) && text_valid(data);
    requires \separated(data.bytes + (0 .. data.size - 1), pending);
    requires pending->size + data.size <=
        destination_need(pending->udp, &pending->bytes[0], pending->size);
    assigns pending->size, pending->bytes[0 .. ANYTLS_UOT_REQUEST_SIZE_MAX - 1];
    ensures pending->size == \old(pending->size) + data.size;
    ensures limit: pending->size <= ANYTLS_UOT_REQUEST_SIZE_MAX;
    ensures grown: fits(pending->udp, &pending->bytes[0], pending->size);
*/
static void pending_add(struct anytls_pending *pending, struct anytls_text data)
{
    /*@ assert byte: pending->bytes[1] <= 255 && pending->bytes[2] <= 255; */
    /*@ assert room: fits(pending->udp, &pending->bytes[0], pending->size + data.size); */
    /*@ assert more: pending->size + data.size <= ANYTLS_UOT_REQUEST_SIZE_MAX; */
    anytls_bytes_copy(pending->bytes + pending->size, data.bytes, data.size);
    /*@ assert first: (pending->size > 0 ==> pending->bytes[0] == \at(pending->bytes[0], Pre)) &&
            (pending->size > 1 ==> pending->bytes[1] == \at(pending->bytes[1], Pre)) &&
            (pending->size > 2 ==> pending->bytes[2] == \at(pending->bytes[2], Pre)); */
    pending->size += data.size;
    /*@ assert kept: pending->udp == \at(pending->udp, Pre) && pending->bytes[1] >= 0 &&
            pending->bytes[2] >= 0; */
    /*@ assert plain: pending->udp == 0 ==> fits(0, &pending->bytes[0], pending->size); */
    /*@ assert none: pending->udp != 0 && \at(pending->size, Pre) == 0 ==>
            fits(pending->udp, &pending->bytes[0], pending->size); */
    /*@ assert some: pending->udp != 0 && \at(pending->size, Pre) > 0 ==>
            fits(pending->udp, &pending->bytes[0], pending->size); */
}

/*@ requires endpoint_valid(endpoint);
    requires refusal_room(endpoint, out, capacity) && result.output == 0;
    requires index < endpoint->pending_count;
    requires text_valid(result.event.data);
    requires \separated(result.event.data.bytes + (0 .. result.event.data.size - 1),
                        endpoint->pending + (0 .. endpoint->pending_capacity - 1));
    requires endpoint->pending[index].size + result.event.data.size <=
        destination_need(endpoint->pending[index].udp, &endpoint->pending[index].bytes[0],
                         endpoint->pending[index].size);
    assigns endpoint->request, endpoint->pending[0 .. endpoint->pending_capacity - 1],
            endpoint->pending_count, endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures \result.output <= 526;
    ensures same: \result.status == result.status && \result.consumed == result.consumed;
    ensures \result.event.type == ANYTLS_EVENT_DIAL ||
            \result.event.type == ANYTLS_EVENT_DIAL_UDP ||
            \result.event.type == ANYTLS_EVENT_CLOSED ||
            \result.event.type == ANYTLS_EVENT_NONE;
    ensures text: text_valid(\result.event.data);
*/
static struct anytls_received take_destination(struct anytls_endpoint *endpoint, size_t index,
                                               struct anytls_received result, uint8_t *out,
                                               size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[index];
    uint32_t stream = result.event.stream;
    struct anytls_address_size whole;

    /*@ assert within: index < endpoint->pending_capacity; */
    /*@ assert mine: pending_valid(pending) && others_valid(endpoint, index); */
    /*@ assert own: \separated(pending, endpoint) &&
            \separated(pending, &endpoint->session.config->client.size) &&
            \separated(pending, &endpoint->session.scheme->text.size); */
    pending_add(pending, result.event.data);
    /*@ assert place1: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert i1: same_ids{Pre, Here}(&endpoint->session); */
    /*@ assert a1: same_states{Pre, Here}(&endpoint->session); */
    /*@ assert f1: same_frame{Pre, Here}(&endpoint->session); */
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
    /*@ assert room1: refusal_room(endpoint, out, capacity); */
    result.event = without_stream(result.event);
    whole = pending_size(pending);
    if (whole.status != ANYTLS_OK) {
        pending_remove(endpoint, index);
        /*@ assert room2: refusal_room(endpoint, out, capacity); */
        return refuse(endpoint, stream, whole.status, result, out, capacity);
    }
    if (whole.size == pending->size)
        return end_destination(endpoint, index, result, out, capacity);
    /*@ assert last: pending_valid(pending); */
    /*@ assert all: pendings_valid(endpoint->pending, endpoint->pending_count); */
    return result;
}

/*@ requires endpoint_valid(endpoint);
    requires refusal_room(endpoint, out, capacity) && result.output <= capacity;
    requires result.event.type == ANYTLS_EVENT_STREAM_OPENED ||
             result.event.type == ANYTLS_EVENT_DATA ==> result.output == 0;
    requires text_valid(result.event.data);
    requires result.event.type == ANYTLS_EVENT_DATA ==>
        \separated(result.event.data.bytes + (0 .. result.event.data.size - 1),
                   endpoint->pending + (0 .. endpoint->pending_capacity - 1));
    requires result.event.type == ANYTLS_EVENT_DATA ==>
        \forall integer i; 0 <= i < endpoint->pending_count &&
            pending_first(endpoint->pending, i, result.event.stream) ==>
                endpoint->pending[i].size + result.event.data.size <=
                    destination_need(endpoint->pending[i].udp, &endpoint->pending[i].bytes[0],
                                     endpoint->pending[i].size);
    assigns endpoint->request, endpoint->pending[0 .. endpoint->pending_capacity - 1],
            endpoint->pending_count, endpoint->session.state, endpoint->session.streams.last,
            endpoint->session.streams.count, endpoint->session.streams.opening,
            endpoint->session.streams.entries[0 .. endpoint->session.streams.capacity - 1],
            out[0 .. 525];
    ensures valid: endpoint_valid(endpoint);
    ensures \result.output <= capacity;
    ensures same: \result.status == result.status && \result.consumed == result.consumed;
    ensures quiet: result.event.type != ANYTLS_EVENT_STREAM_OPENED &&
            result.event.type != ANYTLS_EVENT_DATA ==>
        \result.output == result.output;
    ensures \result.event.type != ANYTLS_EVENT_STREAM_OPENED;
    ensures text: text_valid(\result.event.data);
*/
static struct anytls_received look_for_destination(struct anytls_endpoint *endpoint,
                                                   struct anytls_received result, uint8_t *out,
                                                   size_t capacity)
{
    struct anytls_stream_place place;

    if (result.event.type == ANYTLS_EVENT_STREAM_OPENED)
        return begin_destination(endpoint, result, out, capacity);
    if (result.event.type != ANYTLS_EVENT_DATA && result.event.type != ANYTLS_EVENT_STREAM_FINISHED)
        return result;
    place = pending_find(endpoint, result.event.stream);
    if (!place.found)
        return result;
    if (result.event.type == ANYTLS_EVENT_DATA)
        return take_destination(endpoint, place.index, result, out, capacity);
    pending_remove(endpoint, place.index);
    result.event = without_stream(result.event);
    return result;
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

    if (endpoint->phase == ANYTLS_PHASE_ENDED || endpoint->session.state == ANYTLS_STATE_CLOSED)
        result.status = ANYTLS_CLOSED;
    else if (capacity < anytls_endpoint_output_max(endpoint))
        result.status = ANYTLS_NO_ROOM;
    if (result.status != ANYTLS_OK || size == 0)
        return result;
    if (endpoint->phase == ANYTLS_PHASE_PREAMBLE)
        return receive_preamble(endpoint, bytes, size, now);
    /*@ assert tables: \separated(&endpoint->phase, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->pending, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)) &&
            \separated(&endpoint->config, endpoint->session.streams.entries +
                                      (0 .. endpoint->session.streams.capacity - 1)); */
    /*@ assert bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            \separated(&endpoint->pending[i].bytes[j], out + (0 .. capacity - 1)) &&
            \separated(&endpoint->pending[i].bytes[j],
                       endpoint->session.text + (0 .. endpoint->session.text_capacity - 1)) &&
            \separated(&endpoint->pending[i].bytes[j], &endpoint->session); */
    /*@ assert sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint); */
    result = anytls_session_receive(&endpoint->session, bytes, input_limit(endpoint, size), now,
                                    out, capacity);
    /*@ assert x1: endpoint->pending == \at(endpoint->pending, Pre) &&
            endpoint->config == \at(endpoint->config, Pre) &&
            endpoint->pending_capacity == \at(endpoint->pending_capacity, Pre); */
    /*@ assert x3: endpoint->phase == \at(endpoint->phase, Pre) &&
            endpoint->began == \at(endpoint->began, Pre) &&
            endpoint->preamble.size == \at(endpoint->preamble.size, Pre) &&
            endpoint->preamble.padding_left == \at(endpoint->preamble.padding_left, Pre) &&
            endpoint->pending_count == \at(endpoint->pending_count, Pre); */
    /*@ assert place3: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert session3: session_valid(&endpoint->session); */
    /*@ assert e_stream: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].stream == \at(endpoint->pending[i].stream, Pre); */
    /*@ assert e_udp: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].udp == \at(endpoint->pending[i].udp, Pre); */
    /*@ assert e_size: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].size == \at(endpoint->pending[i].size, Pre); */
    /*@ assert e_b0: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].bytes[0] == \at(endpoint->pending[i].bytes[0], Pre); */
    /*@ assert e_b1: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].bytes[1] == \at(endpoint->pending[i].bytes[1], Pre); */
    /*@ assert e_b2: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].bytes[2] == \at(endpoint->pending[i].bytes[2], Pre); */
    /*@ assert pending3: same_pendings{Pre, Here}(endpoint); */
    /*@ assert first3: \forall integer i, stream; 0 <= i < endpoint->pending_count &&
            pending_first(endpoint->pending, i, stream) ==>
                pending_first{Pre}(\at(endpoint->pending, Pre), i, stream); */
    /*@ assert need3: \forall integer i; 0 <= i < endpoint->pending_count ==>
            destination_need(endpoint->pending[i].udp, &endpoint->pending[i].bytes[0],
                             endpoint->pending[i].size) ==
            \at(destination_need(endpoint->pending[i].udp, &endpoint->pending[i].bytes[0],
                                 endpoint->pending[i].size), Pre); */
    /*@ assert blocks3: endpoint_blocks(endpoint); */
    /*@ assert valid3: endpoint_valid(endpoint); */
    /*@ assert progress3: result.status == ANYTLS_OK ==> result.consumed > 0; */
    /*@ assert room3: refusal_room(endpoint, out, capacity); */
    return look_for_destination(endpoint, result, out, capacity);
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
            \separated(endpoint->pending + i, endpoint); */
    /*@ assert bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            \separated(&endpoint->pending[i].bytes[j],
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
            \separated(endpoint->pending + i, endpoint); */
    /*@ assert bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            \separated(&endpoint->pending[i].bytes[j],
                       out + (0 .. written_max(capacity, 7) - 1)) &&
            \separated(&endpoint->pending[i].bytes[j],
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
