/* An endpoint: bytes go to the preamble until it is whole, then to the session, one at a time; what
 * the session says of streams whose destination has not come is held back. */
#include <stdlib.h>

#include "fault.h"
#include "session.h"

enum phase { PREAMBLE, SESSION, ENDED };

/* A stream whose destination has not come whole. */
struct pending {
    uint32_t stream;
    bool udp; /* the destination was UDP-over-TCP: now its request comes */
    struct oracle_buffer bytes;
};

struct oracle_endpoint {
    struct oracle_endpoint_config config;
    enum phase phase;
    uint64_t began;
    struct oracle_preamble preamble;
    struct oracle_session *session;
    struct pending *pending;
    size_t pending_count;
    struct oracle_log log;
};

struct oracle_endpoint *oracle_endpoint_new(const struct oracle_endpoint_config *config,
                                            uint64_t now)
{
    struct oracle_endpoint *endpoint = oracle_memory(1, sizeof *endpoint);

    endpoint->config = *config;
    endpoint->phase = PREAMBLE;
    endpoint->began = now;
    endpoint->session = oracle_session_new(&config->session, now);
    endpoint->pending = oracle_memory(config->pending_max, sizeof *endpoint->pending);
    return endpoint;
}

void oracle_endpoint_free(struct oracle_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    for (size_t i = 0; i < endpoint->pending_count; i++)
        oracle_buffer_free(&endpoint->pending[i].bytes);
    free(endpoint->pending);
    oracle_log_free(&endpoint->log);
    oracle_session_free(endpoint->session);
    free(endpoint);
}

static void tell(struct oracle_endpoint *endpoint, enum oracle_event_type type,
                 enum oracle_status violation, uint32_t stream, struct oracle_bytes data)
{
    struct oracle_event event = {type, violation, stream, data};

    if (type != ORACLE_EVENT_NONE || violation != ORACLE_OK)
        oracle_log_add(&endpoint->log, event);
}

static const struct oracle_bytes nothing = {NULL, 0};

/* ---- The preamble ---- */

static void fall_back(struct oracle_endpoint *endpoint)
{
    struct oracle_bytes came = {endpoint->preamble.bytes, endpoint->preamble.size};

    endpoint->phase = ENDED;
    tell(endpoint, ORACLE_EVENT_FALLBACK, ORACLE_OK, 0, came);
}

static void end(struct oracle_endpoint *endpoint, enum oracle_status why)
{
    endpoint->phase = ENDED;
    oracle_session_close(endpoint->session);
    tell(endpoint, ORACLE_EVENT_CLOSED, why, 0, nothing);
}

/* The preamble will not become whole. */
static void cut_short(struct oracle_endpoint *endpoint, enum oracle_status why)
{
    if (endpoint->preamble.size < 32)
        fall_back(endpoint);
    else
        end(endpoint, why);
}

static void preamble_byte(struct oracle_endpoint *endpoint, uint8_t byte, uint64_t now)
{
    enum oracle_status status =
        oracle_preamble_byte(&endpoint->preamble, endpoint->config.hash, byte);

    if (status == ORACLE_BAD_PASSWORD)
        fall_back(endpoint);
    if (status == ORACLE_OK) {
        endpoint->phase = SESSION;
        oracle_session_resume(endpoint->session, now);
        tell(endpoint, ORACLE_EVENT_AUTHENTICATED, ORACLE_OK, 0, nothing);
    }
}

/* ---- Destinations ---- */

static struct pending *pending_find(struct oracle_endpoint *endpoint, uint32_t stream)
{
    for (size_t i = 0; i < endpoint->pending_count; i++)
        if (endpoint->pending[i].stream == stream)
            return &endpoint->pending[i];
    return NULL;
}

static void pending_remove(struct oracle_endpoint *endpoint, struct pending *pending)
{
    oracle_buffer_free(&pending->bytes);
    endpoint->pending_count--;
    *pending = endpoint->pending[endpoint->pending_count];
}

/* Refuses a stream for what the client did, which is a violation. */
static void refuse(struct oracle_endpoint *endpoint, uint32_t stream, enum oracle_status why)
{
    struct oracle_bytes reason = oracle_string(oracle_status_text(why));
    enum oracle_event_type type = ORACLE_EVENT_NONE;

    oracle_endpoint_refuse(endpoint, stream, reason);
    if (endpoint->config.session.strict) {
        oracle_session_alert(endpoint->session, reason);
        type = ORACLE_EVENT_CLOSED;
    }
    tell(endpoint, type, why, stream, nothing);
}

static void begin_destination(struct oracle_endpoint *endpoint, struct oracle_event event)
{
    struct pending pending = {event.stream, false, {0}};

    if (endpoint->pending_count == endpoint->config.pending_max) {
        refuse(endpoint, event.stream, ORACLE_TOO_MANY_STREAMS);
        return;
    }
    endpoint->pending[endpoint->pending_count] = pending;
    endpoint->pending_count++;
    tell(endpoint, ORACLE_EVENT_NONE, event.violation, event.stream, nothing);
}

static void end_destination(struct oracle_endpoint *endpoint, struct pending *pending,
                            enum oracle_event_type type)
{
    tell(endpoint, type, ORACLE_OK, pending->stream, oracle_buffer_bytes(&pending->bytes));
    pending_remove(endpoint, pending);
}

static void destination_byte(struct oracle_endpoint *endpoint, struct pending *pending,
                             uint8_t byte)
{
    struct oracle_address address;
    struct oracle_request request;
    struct oracle_bytes bytes;
    enum oracle_status status;
    size_t consumed;

    oracle_buffer_byte(&pending->bytes, byte);
    bytes = oracle_buffer_bytes(&pending->bytes);
    if (pending->udp)
        status = oracle_request_read(bytes, &request, &consumed);
    else
        status = oracle_address_read(ORACLE_SOCKS_TYPES, bytes, &address, &consumed);
    if (status == ORACLE_INCOMPLETE)
        return;
    if (status != ORACLE_OK) {
        uint32_t stream = pending->stream;

        pending_remove(endpoint, pending);
        refuse(endpoint, stream, status);
    } else if (pending->udp) {
        end_destination(endpoint, pending, ORACLE_EVENT_DIAL_UDP);
    } else if (oracle_is_uot(&address)) {
        oracle_session_accept(endpoint->session, pending->stream);
        pending->udp = true;
        pending->bytes.size = 0;
    } else {
        end_destination(endpoint, pending, ORACLE_EVENT_DIAL);
    }
}

/* One event of the session; of data one byte, since the session gets one at a time. */
static void take_event(struct oracle_endpoint *endpoint, struct oracle_event event)
{
    struct pending *pending = pending_find(endpoint, event.stream);

    if (event.type == ORACLE_EVENT_STREAM_OPENED) {
        begin_destination(endpoint, event);
    } else if (event.type == ORACLE_EVENT_DATA && pending != NULL) {
        destination_byte(endpoint, pending, *event.data.at);
    } else if (event.type == ORACLE_EVENT_STREAM_FINISHED && pending != NULL) {
        pending_remove(endpoint, pending);
        tell(endpoint, ORACLE_EVENT_NONE, event.violation, event.stream, nothing);
    } else {
        oracle_log_add(&endpoint->log, event);
    }
}

static void take_events(struct oracle_endpoint *endpoint)
{
    for (size_t i = 0; i < oracle_session_events(endpoint->session); i++)
        take_event(endpoint, oracle_session_event(endpoint->session, i));
    oracle_log_clear(&endpoint->session->log);
}

/* ---- The whole ---- */

static bool has_ended(const struct oracle_endpoint *endpoint)
{
    return endpoint->phase == ENDED || oracle_session_is(endpoint->session, "closed");
}

size_t oracle_endpoint_receive(struct oracle_endpoint *endpoint, struct oracle_bytes bytes,
                               uint64_t now)
{
    size_t i = 0;

    while (i < bytes.size && !has_ended(endpoint)) {
        struct oracle_bytes one = {bytes.at + i, 1};

        if (endpoint->phase == PREAMBLE) {
            preamble_byte(endpoint, *one.at, now);
        } else {
            oracle_session_receive(endpoint->session, one, now);
            take_events(endpoint);
        }
        i++;
    }
    return i;
}

enum oracle_status oracle_endpoint_end(struct oracle_endpoint *endpoint)
{
    if (has_ended(endpoint))
        return ORACLE_CLOSED;
    if (endpoint->phase == PREAMBLE && endpoint->preamble.size > 0)
        cut_short(endpoint, ORACLE_INCOMPLETE);
    else
        end(endpoint, ORACLE_OK);
    return ORACLE_OK;
}

size_t oracle_endpoint_events(const struct oracle_endpoint *endpoint)
{
    return endpoint->log.count;
}

struct oracle_event oracle_endpoint_event(const struct oracle_endpoint *endpoint, size_t index)
{
    return oracle_log_event(&endpoint->log, index);
}

struct oracle_bytes oracle_endpoint_output(const struct oracle_endpoint *endpoint)
{
    return oracle_session_output(endpoint->session);
}

void oracle_endpoint_clear(struct oracle_endpoint *endpoint)
{
    oracle_log_clear(&endpoint->log);
    oracle_session_clear(endpoint->session);
}

static bool was_accepted(const struct oracle_endpoint *endpoint, uint32_t stream)
{
    return oracle_is(oracle_string(oracle_session_stream(endpoint->session, stream)), "open");
}

enum oracle_status oracle_endpoint_accept(struct oracle_endpoint *endpoint, uint32_t stream)
{
    if (was_accepted(endpoint, stream) && !oracle_session_is(endpoint->session, "closed"))
        return ORACLE_OK; /* UDP-over-TCP was, as soon as its name came */
    return oracle_session_accept(endpoint->session, stream);
}

enum oracle_status oracle_endpoint_refuse(struct oracle_endpoint *endpoint, uint32_t stream,
                                          struct oracle_bytes reason)
{
    if (was_accepted(endpoint, stream))
        return oracle_session_finish(endpoint->session, stream);
    return oracle_session_refuse(endpoint->session, stream, reason);
}

bool oracle_endpoint_deadline(const struct oracle_endpoint *endpoint, uint64_t *at)
{
    if (endpoint->phase == SESSION)
        return oracle_session_deadline(endpoint->session, at);
    *at = endpoint->began + endpoint->config.preamble_timeout;
    return endpoint->phase == PREAMBLE && endpoint->config.preamble_timeout > 0;
}

enum oracle_status oracle_endpoint_tick(struct oracle_endpoint *endpoint, uint64_t now)
{
    enum oracle_status status = ORACLE_OK;
    uint64_t at;

    if (endpoint->phase == ENDED)
        return ORACLE_CLOSED;
    if (endpoint->phase == SESSION) {
        status = oracle_session_tick(endpoint->session, now);
        take_events(endpoint);
    } else if (oracle_endpoint_deadline(endpoint, &at) && now >= at) {
        cut_short(endpoint, ORACLE_PEER_SILENT);
    }
    return status;
}

struct oracle_session *oracle_endpoint_session(struct oracle_endpoint *endpoint)
{
    return endpoint->session;
}
