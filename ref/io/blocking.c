#include "io/blocking.h"

#include <string.h>

#include "io/digest.h"
#include "io/wait.h"

static const struct anytls_event no_event = {ANYTLS_EVENT_NONE, ANYTLS_OK, 0, NULL, {NULL, 0}};

static struct anytls_text text_of(const char *word)
{
    return (struct anytls_text){(const uint8_t *)word, strlen(word)};
}

bool anytls_connection_config_set(struct anytls_connection_config *config, const char *password)
{
    struct anytls_session_config session = {.version = 2,
                                            .client = text_of("anytls-ref/" ANYTLS_VERSION),
                                            .answer_timeout = ANYTLS_ANSWER_TIMEOUT,
                                            .synack_timeout = ANYTLS_SYNACK_TIMEOUT,
                                            .heart_timeout = ANYTLS_HEART_TIMEOUT};

    config->endpoint.session = session;
    config->endpoint.preamble_timeout = ANYTLS_PREAMBLE_TIMEOUT;
    config->scheme = &anytls_scheme_default;
    config->write_timeout = ANYTLS_WRITE_TIMEOUT;
    return anytls_password_hash(text_of(password), config->endpoint.hash);
}

static struct anytls_session *session_of(struct anytls_connection *self)
{
    return &self->endpoint.session;
}

static uint64_t clock_of(const struct anytls_connection *self)
{
    return self->transport.now(self->transport.context);
}

/* ---- Output ---- */

static bool output_write(struct anytls_connection *self, size_t size)
{
    uint64_t timeout = self->config->write_timeout > 0 ? self->config->write_timeout : ANYTLS_NEVER;
    uint64_t deadline = anytls_deadline_after(clock_of(self), timeout);

    self->unwritable = self->transport.write(self->transport.context, self->output, size, deadline);
    return self->unwritable == ANYTLS_IO_OK;
}

static size_t take(struct anytls_text *from, size_t size, uint8_t *out)
{
    size_t taken = size < from->size ? size : from->size;

    if (taken > 0)
        memcpy(out, from->bytes, taken);
    *from = anytls_text_part(*from, taken, from->size);
    return taken;
}

/* Writes head_size bytes of self->control, and body behind them, as one write of the session, cut
 * into the records of its plan. */
static enum anytls_status put_out(struct anytls_connection *self, size_t head_size,
                                  struct anytls_text body)
{
    bool shaped = anytls_session_shaped(session_of(self));
    struct anytls_text head = {self->control, head_size};
    struct anytls_plan plan = anytls_session_plan(session_of(self), head.size + body.size);

    while (self->unwritable == ANYTLS_IO_OK) {
        uint32_t random = shaped ? self->transport.random(self->transport.context) : 0;
        struct anytls_record record = anytls_plan_next(&plan, random);
        size_t size;

        if (!record.more)
            return ANYTLS_OK;
        size = take(&head, record.payload, self->output);
        size += take(&body, record.payload - size, self->output + size);
        size += anytls_waste_encode(record.waste, self->output + size, record.waste).size;
        output_write(self, size);
    }
    return ANYTLS_CLOSED;
}

static enum anytls_status put_control(struct anytls_connection *self, struct anytls_written frames)
{
    struct anytls_text none = {NULL, 0};

    return frames.status == ANYTLS_OK ? put_out(self, frames.size, none) : frames.status;
}

struct anytls_opened anytls_open(struct anytls_connection *connection,
                                 const struct anytls_address *destination)
{
    struct anytls_opened opened =
        anytls_session_open(session_of(connection), destination, NULL, clock_of(connection),
                            connection->control, sizeof connection->control);

    opened.status = put_control(connection, (struct anytls_written){opened.status, opened.size});
    return opened;
}

enum anytls_status anytls_write(struct anytls_connection *connection, uint32_t stream,
                                const void *bytes, size_t size)
{
    struct anytls_text left = {bytes, size};
    enum anytls_status status;

    do {
        struct anytls_sent sent =
            anytls_session_send(session_of(connection), stream, left.size, connection->control);

        status = sent.status;
        if (status == ANYTLS_OK && sent.payload > 0)
            status = put_out(connection, ANYTLS_FRAME_HEADER_SIZE,
                             anytls_text_part(left, 0, sent.payload));
        left = anytls_text_part(left, sent.payload, left.size);
    } while (status == ANYTLS_OK && left.size > 0);
    return status;
}

enum anytls_status anytls_answer(struct anytls_connection *connection, uint32_t stream,
                                 const char *refusal)
{
    struct anytls_endpoint *endpoint = &connection->endpoint;
    uint8_t *out = connection->control;
    size_t capacity = sizeof connection->control;

    if (endpoint->session.role != ANYTLS_SERVER)
        return ANYTLS_NOT_ALLOWED;
    if (refusal == NULL)
        return put_control(connection, anytls_endpoint_accept(endpoint, stream, out, capacity));
    return put_control(connection,
                       anytls_endpoint_refuse(endpoint, stream, text_of(refusal), out, capacity));
}

enum anytls_status anytls_finish(struct anytls_connection *connection, uint32_t stream)
{
    return put_control(connection,
                       anytls_session_finish(session_of(connection), stream, connection->control,
                                             sizeof connection->control));
}

enum anytls_status anytls_alert(struct anytls_connection *connection, const char *reason)
{
    struct anytls_written alert = anytls_session_alert(
        session_of(connection), text_of(reason), connection->control, sizeof connection->control);

    if (alert.status == ANYTLS_OK)
        connection->ended = ANYTLS_IO_END;
    return put_control(connection, alert);
}

/* ---- Input ---- */

/* Reads from the transport. Where a deadline of the core has come, what lies there is still read
 * first: the peer may be innocent, and the caller late. ANYTLS_IO_OK: there is a step to take. */
static enum anytls_io_status fill(struct anytls_connection *self, uint64_t until)
{
    struct anytls_deadline own = anytls_endpoint_deadline(&self->endpoint);
    struct anytls_io_result result;

    if (own.set && own.at < until)
        until = own.at;
    if (self->unwritable != ANYTLS_IO_OK)
        until = 0; /* whom we cannot answer we do not wait for */
    result = self->transport.read(self->transport.context, self->input + ANYTLS_PREAMBLE_SIZE,
                                  ANYTLS_READ_SIZE, until);
    self->now = clock_of(self);
    self->due = own.set && own.at <= self->now;
    self->input_start = ANYTLS_PREAMBLE_SIZE;
    self->input_size = result.size;
    if (result.status != ANYTLS_IO_TIMEOUT)
        return result.status;
    if (self->unwritable != ANYTLS_IO_OK)
        return ANYTLS_IO_FAILED;
    self->tick = self->due;
    return self->due ? ANYTLS_IO_OK : ANYTLS_IO_TIMEOUT;
}

static struct anytls_received step(struct anytls_connection *self)
{
    struct anytls_received result;

    if (self->tick) {
        self->tick = false;
        return anytls_endpoint_tick(&self->endpoint, self->now, self->control,
                                    sizeof self->control);
    }
    result =
        anytls_endpoint_receive(&self->endpoint, self->input + self->input_start, self->input_size,
                                self->now, self->control, sizeof self->control);
    self->input_start += result.consumed;
    self->input_size -= result.consumed;
    self->tick = self->due;
    self->due = false;
    return result;
}

/* Lays what the preamble has kept in front of what follows it: room for that was left free. */
static struct anytls_text all_that_came(struct anytls_connection *self)
{
    const struct anytls_preamble *preamble = &self->endpoint.preamble;
    uint8_t *first = self->input + self->input_start - preamble->size;

    memcpy(first, preamble->bytes, preamble->size);
    return (struct anytls_text){first, preamble->size + self->input_size};
}

static struct anytls_incoming tell(struct anytls_connection *self, enum anytls_io_status status,
                                   struct anytls_event event)
{
    struct anytls_incoming incoming = {status, event, NULL};

    if (event.type == ANYTLS_EVENT_DIAL || event.type == ANYTLS_EVENT_DIAL_UDP)
        incoming.request = &self->endpoint.request;
    if (event.type == ANYTLS_EVENT_FALLBACK)
        incoming.event.data = all_that_came(self);
    if (event.type == ANYTLS_EVENT_FALLBACK || event.type == ANYTLS_EVENT_ALERT ||
        event.type == ANYTLS_EVENT_CLOSED)
        self->ended = ANYTLS_IO_END;
    if (status == ANYTLS_IO_FAILED)
        self->ended = ANYTLS_IO_FAILED;
    if (self->ended != ANYTLS_IO_OK)
        anytls_session_close(session_of(self));
    return incoming;
}

struct anytls_incoming anytls_read(struct anytls_connection *connection, uint64_t timeout)
{
    uint64_t until = anytls_deadline_after(clock_of(connection), timeout);
    bool looked = false;

    while (connection->ended == ANYTLS_IO_OK) {
        enum anytls_io_status status = ANYTLS_IO_OK;
        struct anytls_received result;

        if (!connection->tick && connection->input_size == 0) {
            /* Input that means nothing must not keep the caller beyond its timeout. */
            if (looked && connection->now > until)
                return tell(connection, ANYTLS_IO_TIMEOUT, no_event);
            status = fill(connection, until);
            looked = true;
        }
        if (status == ANYTLS_IO_TIMEOUT || status == ANYTLS_IO_FAILED)
            return tell(connection, status, no_event);
        result =
            status == ANYTLS_IO_END ? anytls_endpoint_end(&connection->endpoint) : step(connection);
        if (result.status != ANYTLS_OK)
            return tell(connection, ANYTLS_IO_FAILED, no_event);
        if (result.output > 0)
            put_out(connection, result.output, (struct anytls_text){NULL, 0});
        if (result.event.type != ANYTLS_EVENT_NONE || result.event.violation != ANYTLS_OK)
            return tell(connection, ANYTLS_IO_OK, result.event);
    }
    return tell(connection, connection->ended, no_event);
}

/* ---- Begin and end ---- */

static void begin(struct anytls_connection *self, const struct anytls_connection_config *config,
                  struct anytls_transport transport)
{
    self->config = config;
    self->transport = transport;
    self->ended = ANYTLS_IO_OK;
    self->unwritable = ANYTLS_IO_OK;
    self->now = clock_of(self);
    self->due = false;
    self->tick = false;
    self->input_start = ANYTLS_PREAMBLE_SIZE;
    self->input_size = 0;
    anytls_endpoint_begin(&self->endpoint, &config->endpoint, config->scheme, self->streams,
                          ANYTLS_STREAMS_MAX, self->pending, ANYTLS_PENDING_MAX, self->text,
                          sizeof self->text, self->now);
}

enum anytls_status anytls_connect(struct anytls_connection *connection,
                                  const struct anytls_connection_config *config,
                                  struct anytls_transport transport)
{
    uint32_t random = transport.random(transport.context);
    struct anytls_written preamble;

    begin(connection, config, transport);
    /* A client's endpoint is one past its preamble that no stream is opened at: the session. */
    connection->endpoint.phase = ANYTLS_PHASE_SESSION;
    anytls_session_begin(session_of(connection), ANYTLS_CLIENT, &config->endpoint.session,
                         config->scheme, connection->streams, ANYTLS_STREAMS_MAX, connection->text,
                         sizeof connection->text, connection->now);
    preamble =
        anytls_preamble_encode(config->endpoint.hash, anytls_padding_zero(config->scheme, random),
                               connection->output, sizeof connection->output);
    return output_write(connection, preamble.size) ? ANYTLS_OK : ANYTLS_CLOSED;
}

struct anytls_incoming anytls_accept(struct anytls_connection *connection,
                                     const struct anytls_connection_config *config,
                                     struct anytls_transport transport)
{
    begin(connection, config, transport);
    return anytls_read(connection, ANYTLS_FOREVER);
}

void anytls_close(struct anytls_connection *connection)
{
    anytls_session_close(session_of(connection));
    connection->ended = ANYTLS_IO_END;
}
