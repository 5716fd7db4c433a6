#include "endpoint.h"

#include "bytes.h"
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
    anytls_session_begin(&endpoint->session, ANYTLS_SERVER, &config->session, scheme, streams,
                         capacity, text, text_capacity, now);
}

/* ---- The preamble ---- */

static struct anytls_received fall_back(struct anytls_endpoint *endpoint)
{
    struct anytls_received result = ANYTLS_NOTHING;

    endpoint->phase = ANYTLS_PHASE_ENDED;
    result.event.type = ANYTLS_EVENT_FALLBACK;
    result.event.data.bytes = endpoint->preamble.bytes;
    result.event.data.size = endpoint->preamble.size;
    return result;
}

static struct anytls_received end(struct anytls_endpoint *endpoint, enum anytls_status why)
{
    struct anytls_received result = ANYTLS_NOTHING;

    endpoint->phase = ANYTLS_PHASE_ENDED;
    anytls_session_close(&endpoint->session);
    result.event.type = ANYTLS_EVENT_CLOSED;
    result.event.violation = why;
    return result;
}

static struct anytls_received receive_preamble(struct anytls_endpoint *endpoint,
                                               const uint8_t *bytes, size_t size, uint64_t now)
{
    struct anytls_received result = ANYTLS_NOTHING;
    struct anytls_preamble_result step =
        anytls_preamble_receive(&endpoint->preamble, endpoint->config->hash, bytes, size);

    if (step.status == ANYTLS_BAD_PASSWORD)
        result = fall_back(endpoint);
    if (step.status == ANYTLS_OK) {
        endpoint->phase = ANYTLS_PHASE_SESSION;
        anytls_session_resume(&endpoint->session, now);
        result.event.type = ANYTLS_EVENT_AUTHENTICATED;
    }
    result.consumed = step.consumed;
    return result;
}

/* ---- Destinations ---- */

static struct anytls_stream_place pending_find(const struct anytls_endpoint *endpoint,
                                               uint32_t stream)
{
    struct anytls_stream_place place = {false, 0};

    for (size_t i = 0; i < endpoint->pending_count && !place.found; i++) {
        if (endpoint->pending[i].stream == stream) {
            place.found = true;
            place.index = i;
        }
    }
    return place;
}

static void pending_remove(struct anytls_endpoint *endpoint, size_t index)
{
    endpoint->pending_count--;
    endpoint->pending[index] = endpoint->pending[endpoint->pending_count];
}

static struct anytls_address_size pending_size(const struct anytls_pending *pending)
{
    if (pending->udp)
        return anytls_uot_request_size(pending->bytes, pending->size);
    return anytls_address_size(ANYTLS_TABLE_SOCKS, pending->bytes, pending->size);
}

/* How much of the input the session may see: a destination is read to its end and not beyond, so
 * that what follows it in the same frame is a data event of its own. */
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

static struct anytls_event without_stream(struct anytls_event event)
{
    event.type = ANYTLS_EVENT_NONE;
    event.data = ANYTLS_NO_TEXT;
    return event;
}

static void refuse(struct anytls_endpoint *endpoint, uint32_t stream, enum anytls_status why,
                   struct anytls_received *result, uint8_t *out, size_t capacity)
{
    struct anytls_written written = anytls_endpoint_refuse(
        endpoint, stream, anytls_reason(why), out + result->output, capacity - result->output);

    result->output += written.size;
    result->event.violation = why;
    if (!endpoint->config->session.strict)
        return;
    written = anytls_session_alert(&endpoint->session, anytls_reason(why), out + result->output,
                                   capacity - result->output);
    result->output += written.size;
    result->event.type = ANYTLS_EVENT_CLOSED;
}

static void begin_destination(struct anytls_endpoint *endpoint, struct anytls_received *result,
                              uint8_t *out, size_t capacity)
{
    uint32_t stream = result->event.stream;

    result->event = without_stream(result->event);
    if (endpoint->pending_count == endpoint->pending_capacity) {
        refuse(endpoint, stream, ANYTLS_TOO_MANY_STREAMS, result, out, capacity);
        return;
    }
    endpoint->pending[endpoint->pending_count].stream = stream;
    endpoint->pending[endpoint->pending_count].udp = false;
    endpoint->pending[endpoint->pending_count].size = 0;
    endpoint->pending_count++;
}

/* The destination is whole: dial it, or read on if it asks for UDP-over-TCP. */
static void end_destination(struct anytls_endpoint *endpoint, size_t index,
                            struct anytls_received *result, uint8_t *out, size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[index];

    if (pending->udp) {
        endpoint->request = anytls_uot_request_decode(pending->bytes, pending->size).request;
        result->event.type = ANYTLS_EVENT_DIAL_UDP;
        pending_remove(endpoint, index);
        return;
    }
    endpoint->request.connect = false;
    endpoint->request.address =
        anytls_address_decode(ANYTLS_TABLE_SOCKS, pending->bytes, pending->size).address;
    if (anytls_uot_is_destination(&endpoint->request.address)) {
        result->output +=
            anytls_session_accept(&endpoint->session, pending->stream, out, capacity).size;
        pending->udp = true;
        pending->size = 0;
        return;
    }
    result->event.type = ANYTLS_EVENT_DIAL;
    pending_remove(endpoint, index);
}

static void take_destination(struct anytls_endpoint *endpoint, size_t index,
                             struct anytls_received *result, uint8_t *out, size_t capacity)
{
    struct anytls_pending *pending = &endpoint->pending[index];
    struct anytls_text data = result->event.data;
    struct anytls_address_size whole;

    result->event = without_stream(result->event);
    anytls_bytes_copy(pending->bytes + pending->size, data.bytes, data.size);
    pending->size += data.size;
    whole = pending_size(pending);
    if (whole.status != ANYTLS_OK) {
        uint32_t stream = pending->stream;

        pending_remove(endpoint, index);
        refuse(endpoint, stream, whole.status, result, out, capacity);
    } else if (whole.size == pending->size) {
        end_destination(endpoint, index, result, out, capacity);
    }
}

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
    result->event = without_stream(result->event);
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
    result = anytls_session_receive(&endpoint->session, bytes, input_limit(endpoint, size), now,
                                    out, capacity);
    look_for_destination(endpoint, &result, out, capacity);
    return result;
}

/* What an end or a deadline means before the preamble is whole. */
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
    if (endpoint->session.state != ANYTLS_STATE_CLOSED &&
        anytls_streams_state(&endpoint->session.streams, stream) == ANYTLS_STREAM_OPEN)
        return (struct anytls_written){ANYTLS_OK, 0};
    return anytls_session_accept(&endpoint->session, stream, out, capacity);
}

struct anytls_written anytls_endpoint_refuse(struct anytls_endpoint *endpoint, uint32_t stream,
                                             struct anytls_text reason, uint8_t *out,
                                             size_t capacity)
{
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
