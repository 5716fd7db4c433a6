/* The destinations with which the streams of an endpoint begin, for endpoint.c.
 * Not part of the public interface. */
#ifndef ANYTLS_CORE_ENDPOINT_DESTINATION_H
#define ANYTLS_CORE_ENDPOINT_DESTINATION_H

#include "endpoint_state.h"

/*@ // Room for a refusal and an Alert.
    predicate refusal_room{L}(struct anytls_endpoint *e, uint8_t *out, integer n) =
        n >= 526 && \valid(out + (0 .. n - 1)) && endpoint_apart(e, out, n);
*/

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
size_t anytls_endpoint_input_limit(const struct anytls_endpoint *endpoint, size_t size);

/* What an event of the session means for its streams' destinations: the answer that the caller of
 * the endpoint gets instead. */
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
struct anytls_received anytls_endpoint_destination(struct anytls_endpoint *endpoint,
                                                   struct anytls_received result, uint8_t *out,
                                                   size_t capacity);

#endif
