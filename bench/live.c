#include "live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/digest.h"
#include "net.h"

#define AREA_SIZE 65536u

static uint8_t input[AREA_SIZE];
static uint8_t plain[AREA_SIZE];
static uint8_t record_area[2 * AREA_SIZE];
static uint8_t sealed[2 * AREA_SIZE + 2048];
static uint8_t control[ANYTLS_OPEN_SIZE_MAX];

const struct live_config *live_config(const char *password)
{
    static struct live_config config;
    static const uint8_t name[] = "anytls-bench";
    struct anytls_tls_config tls = {.insecure = true};
    struct anytls_text text = {(const uint8_t *)password, strlen(password)};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    if (config.tls == NULL)
        config.tls = anytls_tls_context_new(&tls, error);
    config.session.version = 2;
    config.session.client.bytes = name;
    config.session.client.size = sizeof name - 1;
    if (config.tls == NULL || !anytls_password_hash(text, config.hash))
        exit(1);
    return &config;
}

static bool fail(struct live *self, const char *error)
{
    self->error = error;
    return false;
}

static struct anytls_buffer empty(void)
{
    struct anytls_buffer output = {sealed, sizeof sealed, 0};

    return output;
}

static bool flush(struct live *self, const struct anytls_buffer *output)
{
    return output->size == 0 || net_write(self->descriptor, output->bytes, output->size) ||
           fail(self, "cannot send");
}

static bool feed(struct live *self)
{
    ssize_t got = recv(self->descriptor, input, sizeof input, 0);

    if (got <= 0)
        return fail(self, got == 0 ? "the server ended the connection" : "nothing came");
    anytls_tls_feed(&self->tls, input, (size_t)got);
    return true;
}

static bool handshake(struct live *self)
{
    while (true) {
        struct anytls_buffer output = empty();
        enum anytls_tls_status status = anytls_tls_handshake(&self->tls, &output);

        if (!flush(self, &output))
            return false;
        if (status == ANYTLS_TLS_OK)
            return true;
        if (status != ANYTLS_TLS_WANT_INPUT)
            return fail(self, "the TLS handshake failed");
        if (!feed(self))
            return false;
    }
}

static bool record_send(struct live *self, const uint8_t *bytes, size_t size)
{
    struct anytls_buffer output = empty();

    if (anytls_tls_write(&self->tls, bytes, size, &output) != ANYTLS_TLS_OK)
        return fail(self, "TLS does not write");
    return flush(self, &output);
}

/* One write of the session, shaped as its plan says. */
static bool put(struct live *self, const uint8_t *bytes, size_t size)
{
    struct anytls_plan plan = anytls_session_plan(&self->session, size);
    struct anytls_record record = anytls_plan_next(&plan, 7);

    while (record.more) {
        memcpy(record_area, bytes, record.payload);
        anytls_waste_encode(record.waste, record_area + record.payload, record.waste);
        if (!record_send(self, record_area, record.payload + record.waste))
            return false;
        bytes += record.payload;
        record = anytls_plan_next(&plan, 7);
    }
    return true;
}

static bool tls_connect(struct live *self, const struct live_config *config, uint16_t server)
{
    memset(&self->tls, 0, sizeof self->tls);
    self->received = 0;
    self->error = NULL;
    self->descriptor = net_connect(server);
    if (self->descriptor < 0)
        return fail(self, "cannot connect");
    if (!anytls_tls_begin(&self->tls, config->tls, "anytls-ref"))
        return fail(self, "out of memory");
    return handshake(self);
}

bool live_connect(struct live *self, const struct live_config *config, uint16_t server)
{
    struct anytls_written preamble;

    if (!tls_connect(self, config, server))
        return false;
    anytls_session_begin(&self->session, ANYTLS_CLIENT, &config->session, &anytls_scheme_default,
                         self->streams, 2, self->text, sizeof self->text, 0);
    preamble = anytls_preamble_encode(config->hash, anytls_padding_zero(&anytls_scheme_default, 7),
                                      record_area, sizeof record_area);
    return record_send(self, record_area, preamble.size);
}

bool live_open(struct live *self, uint16_t port)
{
    struct anytls_address here = {
        .kind = ANYTLS_IPV4, .port = port, .size = 4, .host = {127, 0, 0, 1}};
    struct anytls_opened opened =
        anytls_session_open(&self->session, &here, NULL, 0, control, sizeof control);

    self->stream = opened.stream;
    if (opened.status != ANYTLS_OK)
        return fail(self, anytls_status_text(opened.status));
    return put(self, control, opened.size);
}

bool live_send(struct live *self, const uint8_t *bytes, size_t size)
{
    static uint8_t frame[AREA_SIZE + ANYTLS_FRAME_HEADER_SIZE];

    while (size > 0) {
        struct anytls_sent sent = anytls_session_send(&self->session, self->stream, size, frame);

        if (sent.status != ANYTLS_OK)
            return fail(self, anytls_status_text(sent.status));
        memcpy(frame + ANYTLS_FRAME_HEADER_SIZE, bytes, sent.payload);
        if (!put(self, frame, ANYTLS_FRAME_HEADER_SIZE + sent.payload))
            return false;
        bytes += sent.payload;
        size -= sent.payload;
    }
    return true;
}

static bool take(struct live *self, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        struct anytls_received result =
            anytls_session_receive(&self->session, bytes, size, 0, control, sizeof control);

        if (result.status != ANYTLS_OK)
            return fail(self, "the session has ended");
        if (result.output > 0 && !put(self, control, result.output))
            return false;
        if (result.event.type == ANYTLS_EVENT_DATA) {
            self->received += result.event.data.size;
            self->last = result.event.data.bytes[result.event.data.size - 1];
        }
        if (result.event.type == ANYTLS_EVENT_STREAM_REFUSED ||
            result.event.type == ANYTLS_EVENT_ALERT)
            return fail(self, "the server refuses");
        bytes += result.consumed;
        size -= result.consumed;
    }
    return true;
}

bool live_read(struct live *self, uint64_t received)
{
    while (self->received < received) {
        struct anytls_buffer output = empty();
        struct anytls_tls_result step = anytls_tls_read(&self->tls, plain, sizeof plain, &output);

        if (!flush(self, &output) || !take(self, plain, step.size))
            return false;
        if (step.status == ANYTLS_TLS_ENDED || step.status == ANYTLS_TLS_FAILED)
            return fail(self, "TLS has ended");
        if (self->received < received && step.status == ANYTLS_TLS_WANT_INPUT && !feed(self))
            return false;
    }
    return true;
}

bool live_finish(struct live *self)
{
    struct anytls_written fin =
        anytls_session_finish(&self->session, self->stream, control, sizeof control);

    return fin.status != ANYTLS_OK || put(self, control, fin.size);
}

bool live_echo(struct live *self, const struct live_config *config, uint16_t server, uint16_t port,
               size_t size)
{
    static uint8_t payload[NET_REQUEST_SIZE + AREA_SIZE];

    net_request(payload, NET_ECHO, size);
    payload[NET_REQUEST_SIZE + size - 1] = 0x5a;
    return live_connect(self, config, server) && live_open(self, port) &&
           live_send(self, payload, NET_REQUEST_SIZE + size) && live_read(self, size) &&
           (self->last == 0x5a || fail(self, "the echo is wrong"));
}

bool live_plain_echo(struct live *self, const struct live_config *config, uint16_t server,
                     size_t size)
{
    static uint8_t payload[NET_REQUEST_SIZE + AREA_SIZE];

    net_request(payload, NET_ECHO, size);
    payload[NET_REQUEST_SIZE + size - 1] = 0x5a;
    if (!tls_connect(self, config, server) || !record_send(self, payload, NET_REQUEST_SIZE + size))
        return false;
    while (self->received < size) {
        struct anytls_buffer output = empty();
        struct anytls_tls_result step = anytls_tls_read(&self->tls, plain, sizeof plain, &output);

        if (step.size > 0)
            self->last = plain[step.size - 1];
        self->received += step.size;
        if (step.status == ANYTLS_TLS_ENDED || step.status == ANYTLS_TLS_FAILED)
            return fail(self, "TLS has ended");
        if (self->received < size && step.status == ANYTLS_TLS_WANT_INPUT && !feed(self))
            return false;
    }
    return self->last == 0x5a || fail(self, "the echo is wrong");
}

void live_close(struct live *self)
{
    anytls_tls_end(&self->tls);
    if (self->descriptor >= 0)
        close(self->descriptor);
    self->descriptor = -1;
}
