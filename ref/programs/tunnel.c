#include "tunnel.h"

#include <string.h>

/* With its header, this fills four TLS records to the last byte. */
#define PAYLOAD_MAX (4u * 16384u - ANYTLS_FRAME_HEADER_SIZE)

static struct tunnel *tunnel_of(struct wire *wire)
{
    return wire->owner;
}

static bool is_gone(const struct tunnel *tunnel)
{
    return tunnel->wire.closing || tunnel->wire.lingering;
}

static void failed(struct tunnel *tunnel)
{
    char text[ANYTLS_ERROR_TEXT_SIZE];

    anytls_tls_error_text(&tunnel->tls, text);
    tunnel_flush(tunnel); /* the TLS alert that says why */
    tunnel->events->on_end(tunnel, text);
}

/* ---- Writing ---- */

void tunnel_flush(struct tunnel *tunnel)
{
    struct workspace *space = tunnel->wire.space;
    size_t size = space->sealed.size;

    if (space->sealing != &tunnel->wire)
        return;
    space->sealing = NULL;
    space->sealed.size = 0;
    wire_write(&tunnel->wire, space->sealed.bytes, size);
}

/* The output buffer holds the records of one tunnel at a time. */
static struct anytls_buffer *output_for(struct tunnel *tunnel)
{
    struct workspace *space = tunnel->wire.space;

    if (space->sealing != NULL && space->sealing != &tunnel->wire)
        tunnel_flush(tunnel_of(space->sealing));
    space->sealing = &tunnel->wire;
    return &space->sealed;
}

void tunnel_write(struct tunnel *tunnel, const uint8_t *bytes, size_t size)
{
    enum anytls_tls_status status;

    if (is_gone(tunnel))
        return;
    status = anytls_tls_write(&tunnel->tls, bytes, size, output_for(tunnel));
    if (status == ANYTLS_TLS_NO_ROOM) {
        tunnel_flush(tunnel);
        if (is_gone(tunnel))
            return;
        status = anytls_tls_write(&tunnel->tls, bytes, size, output_for(tunnel));
    }
    if (status != ANYTLS_TLS_OK)
        failed(tunnel);
}

/* A shaped record leaves by itself, so that it is a packet of its own as well. */
static void write_record(struct tunnel *tunnel, const uint8_t *payload, struct anytls_record record)
{
    uint8_t *out = tunnel->wire.space->record;
    size_t size = record.payload;

    memcpy(out, payload, record.payload);
    if (record.waste > 0)
        size += anytls_waste_encode(record.waste, out + size, RECORD_SIZE - size).size;
    tunnel_write(tunnel, out, size);
    tunnel_flush(tunnel);
}

void tunnel_write_frames(struct tunnel *tunnel, struct anytls_session *session,
                         const uint8_t *bytes, size_t size)
{
    struct anytls_plan plan;
    struct anytls_record record;

    if (size == 0)
        return;
    if (!anytls_session_shaped(session)) {
        tunnel_write(tunnel, bytes, size);
        return;
    }
    plan = anytls_session_plan(session, size);
    record = anytls_plan_next(&plan, workspace_random());
    while (record.more && !is_gone(tunnel)) {
        write_record(tunnel, bytes, record);
        bytes += record.payload;
        record = anytls_plan_next(&plan, workspace_random());
    }
}

bool tunnel_send(struct tunnel *tunnel, struct anytls_session *session, uint32_t stream,
                 uint8_t *payload, size_t size)
{
    while (size > 0) {
        size_t part = size < PAYLOAD_MAX ? size : PAYLOAD_MAX;
        uint8_t *frame = payload - ANYTLS_FRAME_HEADER_SIZE;
        struct anytls_sent sent = anytls_session_send(session, stream, part, frame);

        if (sent.status != ANYTLS_OK)
            return false;
        tunnel_write_frames(tunnel, session, frame, ANYTLS_FRAME_HEADER_SIZE + sent.payload);
        payload += sent.payload;
        size -= sent.payload;
    }
    return true;
}

/* ---- Reading ---- */

static void read_plain(struct tunnel *tunnel)
{
    struct workspace *space = tunnel->wire.space;
    struct anytls_tls_result result = {ANYTLS_TLS_OK, 0};

    while (result.status == ANYTLS_TLS_OK && !is_gone(tunnel)) {
        result = anytls_tls_read(&tunnel->tls, space->plain, READ_SIZE, output_for(tunnel));
        if (result.size > 0)
            tunnel->events->on_plain(tunnel, space->plain, result.size);
        wire_views_send(space);
    }
    if (is_gone(tunnel))
        return;
    if (result.status == ANYTLS_TLS_FAILED)
        failed(tunnel);
    else if (result.status == ANYTLS_TLS_ENDED)
        tunnel->events->on_end(tunnel, NULL);
}

static void advance(struct tunnel *tunnel)
{
    if (!tunnel->established) {
        enum anytls_tls_status status = anytls_tls_handshake(&tunnel->tls, output_for(tunnel));

        if (status == ANYTLS_TLS_FAILED) {
            failed(tunnel);
            return;
        }
        if (status != ANYTLS_TLS_OK)
            return;
        tunnel->established = true;
        tunnel->events->on_established(tunnel);
    }
    if (!is_gone(tunnel))
        read_plain(tunnel);
}

static void on_read(struct wire *wire, uint8_t *bytes, size_t size)
{
    struct tunnel *tunnel = tunnel_of(wire);

    anytls_tls_feed(&tunnel->tls, bytes, size);
    advance(tunnel);
    tunnel_flush(tunnel);
}

static void on_end(struct wire *wire)
{
    tunnel_of(wire)->events->on_end(tunnel_of(wire), "cut off without an end of TLS");
}

static void on_error(struct wire *wire, int error)
{
    tunnel_of(wire)->events->on_end(tunnel_of(wire), uv_strerror(error));
}

static void on_drained(struct wire *wire)
{
    tunnel_of(wire)->events->on_drained(tunnel_of(wire));
    tunnel_flush(tunnel_of(wire));
}

static void on_timeout(struct wire *wire)
{
    tunnel_of(wire)->events->on_timeout(tunnel_of(wire));
    wire_views_send(wire->space);
    tunnel_flush(tunnel_of(wire));
}

static void on_closed(struct wire *wire)
{
    struct tunnel *tunnel = tunnel_of(wire);

    anytls_tls_end(&tunnel->tls);
    tunnel->events->on_closed(tunnel);
}

/* ---- Beginning and end ---- */

static const struct wire_events wire_events = {on_read,    on_end,     on_error, NULL,
                                               on_drained, on_timeout, on_closed};

bool tunnel_begin(struct tunnel *tunnel, struct workspace *space,
                  const struct tunnel_events *events, struct anytls_tls_context *context,
                  const char *name)
{
    wire_begin(&tunnel->wire, space, &wire_events, tunnel);
    tunnel->events = events;
    tunnel->established = false;
    if (anytls_tls_begin(&tunnel->tls, context, name))
        return true;
    wire_close(&tunnel->wire);
    return false;
}

void tunnel_opened(struct tunnel *tunnel)
{
    wire_opened(&tunnel->wire);
    uv_tcp_keepalive(&tunnel->wire.tcp, 1, 60);
    wire_read_start(&tunnel->wire);
    advance(tunnel);
    tunnel_flush(tunnel);
}

void tunnel_close(struct tunnel *tunnel)
{
    if (is_gone(tunnel))
        return;
    anytls_tls_close(&tunnel->tls, output_for(tunnel));
    tunnel_flush(tunnel);
    wire_close_when_sent(&tunnel->wire);
}
