#include "endpoint_destination.h"

#include "endpoint.h"
#include "put.h"

/*@ axiomatic Others {
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
    axiomatic Constant {
        predicate constant{L}(struct anytls_text t, uint8_t *p) =
            (0 <= p - t.bytes < t.size ==> !\valid(t.bytes + (p - t.bytes))) &&
            (t.size > 0 ==> !\valid(t.bytes + 0));
        lemma constant_apart{L}: \forall struct anytls_text t, uint8_t *p, integer n;
            constant(t, p) && \valid(p + (0 .. n - 1)) ==> text_apart(t, p, n);
    }
*/

/*@ requires endpoint_core(endpoint) && index < endpoint->pending_count;
    requires others_valid(endpoint, index);
    assigns endpoint->pending[index], endpoint->pending_count;
    ensures valid: endpoint_valid(endpoint);
    ensures kept: same_endpoint{Pre, Post}(endpoint);
*/
static void remove_destination(struct anytls_endpoint *endpoint, size_t index)
{
    /*@ assert apart: \separated(endpoint->pending + index, endpoint) &&
            \separated(endpoint->pending + index, &endpoint->session.config->client.size) &&
            \separated(endpoint->pending + index, &endpoint->session.scheme->text.size); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(endpoint->pending + index, &endpoint->session.streams.entries[i].id) &&
            \separated(endpoint->pending + index, &endpoint->session.streams.entries[i].state); */
    anytls_pending_remove(endpoint->pending, endpoint->pending_count, index);
    endpoint->pending_count--;
    /*@ assert as_before: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint) &&
            same_ids{Pre, Here}(&endpoint->session) && same_states{Pre, Here}(&endpoint->session) &&
            same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
}

size_t anytls_endpoint_input_limit(const struct anytls_endpoint *endpoint, size_t size)
{
    const struct anytls_session *session = &endpoint->session;
    const struct anytls_pending *pending;
    struct anytls_stream_place place;
    size_t missing;

    if (session->header_size < ANYTLS_FRAME_HEADER_SIZE ||
        session->decision.action != ANYTLS_DELIVER)
        return size;
    place = anytls_pending_find(endpoint->pending, endpoint->pending_count, session->frame.stream);
    if (!place.found)
        return size;
    pending = &endpoint->pending[place.index];
    missing = anytls_pending_size(pending).size - pending->size;
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

struct anytls_written anytls_endpoint_accept(struct anytls_endpoint *endpoint, uint32_t stream,
                                             uint8_t *out, size_t capacity)
{
    struct anytls_written written = {ANYTLS_OK, 0};

    /*@ assert ends: \separated(&endpoint->pending, endpoint->session.streams.entries +
                               (0 .. endpoint->session.streams.capacity - 1)); */
    /*@ assert apart: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint); */
    /*@ assert bytes: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            \separated(&endpoint->pending[i].bytes[j],
                       out + (0 .. written_max(capacity, 7) - 1)); */
    if (endpoint->session.state == ANYTLS_STATE_CLOSED ||
        anytls_streams_state(&endpoint->session.streams, stream) != ANYTLS_STREAM_OPEN)
        written = anytls_session_accept(&endpoint->session, stream, out, capacity);
    /*@ assert place: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert pending: same_pendings{Pre, Here}(endpoint); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    return written;
}

struct anytls_written anytls_endpoint_refuse(struct anytls_endpoint *endpoint, uint32_t stream,
                                             struct anytls_text reason, uint8_t *out,
                                             size_t capacity)
{
    struct anytls_written written;

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
        written = anytls_session_finish(&endpoint->session, stream, out, capacity);
    else
        written = anytls_session_refuse(&endpoint->session, stream, reason, out, capacity);
    /*@ assert place: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].udp == \at(endpoint->pending[i].udp, Pre) &&
            endpoint->pending[i].size == \at(endpoint->pending[i].size, Pre); */
    /*@ assert kept: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            endpoint->pending[i].bytes[j] == \at(endpoint->pending[i].bytes[j], Pre); */
    /*@ assert pending: same_pendings{Pre, Here}(endpoint); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    return written;
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
    /*@ assert apart: \separated(pending, endpoint) &&
            \separated(pending, &endpoint->session.config->client.size) &&
            \separated(pending, &endpoint->session.scheme->text.size); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(pending, &endpoint->session.streams.entries[i].id) &&
            \separated(pending, &endpoint->session.streams.entries[i].state); */
    pending->stream = stream;
    pending->udp = false;
    pending->size = 0;
    endpoint->pending_count++;
    /*@ assert new: pending_valid(pending); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count - 1 ==>
            same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert as_before: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint) &&
            same_ids{Pre, Here}(&endpoint->session) && same_states{Pre, Here}(&endpoint->session) &&
            same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
    /*@ assert pvalid: pendings_valid(endpoint->pending, endpoint->pending_count); */
    return result;
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

    /*@ assert apart: \separated(pending, endpoint) &&
            \separated(pending, &endpoint->session.config->client.size) &&
            \separated(pending, &endpoint->session.scheme->text.size); */
    /*@ assert entries: \forall integer i; 0 <= i < endpoint->session.streams.count ==>
            \separated(pending, &endpoint->session.streams.entries[i].id) &&
            \separated(pending, &endpoint->session.streams.entries[i].state); */
    pending->udp = true;
    pending->size = 0;
    /*@ assert new: pending_valid(pending); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert as_before: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint) &&
            same_ids{Pre, Here}(&endpoint->session) && same_states{Pre, Here}(&endpoint->session) &&
            same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
    /*@ assert valid: endpoint_valid(endpoint); */
    /*@ assert room: endpoint_apart(endpoint, out, capacity); */
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
    endpoint->request = anytls_pending_request(pending);
    /*@ assert as_before: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint) &&
            same_ids{Pre, Here}(&endpoint->session) && same_states{Pre, Here}(&endpoint->session) &&
            same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert valid: others_valid(endpoint, index); */
    /*@ assert out: endpoint_apart(endpoint, out, capacity); */
    if (!pending->udp && anytls_uot_is_destination(&endpoint->request.address))
        return await_request(endpoint, index, result, out, capacity);
    result.event.type = pending->udp ? ANYTLS_EVENT_DIAL_UDP : ANYTLS_EVENT_DIAL;
    remove_destination(endpoint, index);
    return result;
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
    anytls_pending_add(pending, result.event.data);
    /*@ assert as_before: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint) &&
            same_ids{Pre, Here}(&endpoint->session) && same_states{Pre, Here}(&endpoint->session) &&
            same_frame{Pre, Here}(&endpoint->session); */
    /*@ assert session: same_session{Pre, Here}(&endpoint->session); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    /*@ assert core: endpoint_core(endpoint); */
    /*@ assert others: \forall integer i; 0 <= i < endpoint->pending_count && i != index ==>
            same_pending{Pre, Here}(endpoint->pending + i, endpoint->pending + i); */
    /*@ assert valid: others_valid(endpoint, index); */
    /*@ assert room1: refusal_room(endpoint, out, capacity); */
    result.event = without_stream(result.event);
    whole = anytls_pending_size(pending);
    if (whole.status != ANYTLS_OK) {
        remove_destination(endpoint, index);
        /*@ assert room2: refusal_room(endpoint, out, capacity); */
        return refuse(endpoint, stream, whole.status, result, out, capacity);
    }
    if (whole.size == pending->size)
        return end_destination(endpoint, index, result, out, capacity);
    /*@ assert last: pending_valid(pending); */
    /*@ assert all: pendings_valid(endpoint->pending, endpoint->pending_count); */
    return result;
}

struct anytls_received anytls_endpoint_destination(struct anytls_endpoint *endpoint,
                                                   struct anytls_received result, uint8_t *out,
                                                   size_t capacity)
{
    struct anytls_stream_place place;

    if (result.event.type == ANYTLS_EVENT_STREAM_OPENED)
        return begin_destination(endpoint, result, out, capacity);
    if (result.event.type != ANYTLS_EVENT_DATA && result.event.type != ANYTLS_EVENT_STREAM_FINISHED)
        return result;
    place = anytls_pending_find(endpoint->pending, endpoint->pending_count, result.event.stream);
    if (!place.found)
        return result;
    if (result.event.type == ANYTLS_EVENT_DATA)
        return take_destination(endpoint, place.index, result, out, capacity);
    remove_destination(endpoint, place.index);
    result.event = without_stream(result.event);
    return result;
}
