#include "endpoint.h"

#include "endpoint_destination.h"
#include "put.h"

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
    endpoint->phase = ANYTLS_PHASE_ENDED;
    return (struct anytls_received){
        .event = {.type = ANYTLS_EVENT_FALLBACK,
                  .data = {endpoint->preamble.bytes, endpoint->preamble.size}}};
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
    endpoint->phase = ANYTLS_PHASE_ENDED;
    anytls_session_close(&endpoint->session);
    return (struct anytls_received){.event = {.type = ANYTLS_EVENT_CLOSED, .violation = why}};
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
    /*@ assert each: \forall integer i; 0 <= i < endpoint->pending_count ==>
            \separated(endpoint->pending + i, endpoint); */
    result = anytls_session_receive(
        &endpoint->session, bytes, anytls_endpoint_input_limit(endpoint, size), now, out, capacity);
    /*@ assert fields: endpoint->pending == \at(endpoint->pending, Pre) &&
            endpoint->config == \at(endpoint->config, Pre) &&
            endpoint->phase == \at(endpoint->phase, Pre) &&
            endpoint->pending_count == \at(endpoint->pending_count, Pre) &&
            endpoint->pending_capacity == \at(endpoint->pending_capacity, Pre); */
    /*@ assert place: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert session: session_valid(&endpoint->session); */
    /*@ assert streams: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].stream == \at(endpoint->pending[i].stream, Pre); */
    /*@ assert sizes: \forall integer i; 0 <= i < endpoint->pending_count ==>
            endpoint->pending[i].udp == \at(endpoint->pending[i].udp, Pre) &&
            endpoint->pending[i].size == \at(endpoint->pending[i].size, Pre); */
    /*@ assert kept: \forall integer i, j; 0 <= i < endpoint->pending_count && 0 <= j < 3 ==>
            endpoint->pending[i].bytes[j] == \at(endpoint->pending[i].bytes[j], Pre); */
    /*@ assert pending: same_pendings{Pre, Here}(endpoint); */
    /*@ assert first: \forall integer i, stream; 0 <= i < endpoint->pending_count &&
            pending_first(endpoint->pending, i, stream) ==>
                pending_first{Pre}(\at(endpoint->pending, Pre), i, stream); */
    /*@ assert need: \forall integer i; 0 <= i < endpoint->pending_count ==>
            destination_need(endpoint->pending[i].udp, &endpoint->pending[i].bytes[0],
                             endpoint->pending[i].size) ==
            \at(destination_need(endpoint->pending[i].udp, &endpoint->pending[i].bytes[0],
                                 endpoint->pending[i].size), Pre); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    /*@ assert valid: endpoint_valid(endpoint); */
    /*@ assert progress: result.status == ANYTLS_OK ==> result.consumed > 0; */
    /*@ assert room: refusal_room(endpoint, out, capacity); */
    return anytls_endpoint_destination(endpoint, result, out, capacity);
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
    struct anytls_received result = ANYTLS_NOTHING;

    if (endpoint->phase == ANYTLS_PHASE_ENDED)
        result.status = ANYTLS_CLOSED;
    else if (endpoint->phase == ANYTLS_PHASE_SESSION)
        result = anytls_session_tick(&endpoint->session, now, out, capacity);
    else if (deadline.set && now >= deadline.at)
        return cut_short(endpoint, ANYTLS_PEER_SILENT);
    /*@ assert place: same_endpoint{Pre, Here}(endpoint) && same_phase{Pre, Here}(endpoint); */
    /*@ assert pending: same_pendings{Pre, Here}(endpoint); */
    /*@ assert blocks: endpoint_blocks(endpoint); */
    return result;
}
