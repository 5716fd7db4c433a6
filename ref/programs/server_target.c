/* TCP targets: dial, and relay. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dial.h"
#include "log.h"
#include "server.h"

struct tcp_target {
    struct target target;
    struct server *server;
    struct wire wire;
    struct dial dial;
    char text[ADDRESS_TEXT_SIZE]; /* the destination, for messages */
    bool fallback;
    bool wired;    /* the wire is not closed yet */
    bool dialling; /* nor is the dial */
};

static struct tcp_target *tcp_of(struct target *target)
{
    return (struct tcp_target *)target;
}

static struct tcp_target *owner(struct wire *wire)
{
    return wire->owner;
}

static void free_if_done(struct tcp_target *tcp)
{
    struct server *server = tcp->server;

    if (tcp->wired || tcp->dialling)
        return;
    free(tcp);
    server->target_count--;
    server_stop_if_done(server);
}

/* ---- Events of the wire, once connected ---- */

static void on_read(struct wire *wire, uint8_t *bytes, size_t size)
{
    struct tcp_target *tcp = owner(wire);
    struct session *session = tcp->target.session;

    if (session == NULL)
        return;
    session_send(session, &tcp->target, bytes, size);
    if (tcp->target.session != NULL && session_is_full(session))
        wire_read_stop(wire);
}

static void finish(struct tcp_target *tcp)
{
    struct session *session = tcp->target.session;
    uint32_t stream = tcp->target.stream;

    if (session == NULL)
        return;
    target_detach(&tcp->target);
    session_finish(session, stream);
}

static void on_end(struct wire *wire)
{
    finish(owner(wire));
    wire_close_when_sent(wire);
}

static void on_error(struct wire *wire, int error)
{
    anytls_log(ANYTLS_LOG_DEBUG, "%s: %s", owner(wire)->text, uv_strerror(error));
    finish(owner(wire));
    wire_close(wire);
}

static void on_full(struct wire *wire)
{
    struct tcp_target *tcp = owner(wire);

    if (tcp->target.session != NULL)
        session_block(tcp->target.session, &tcp->target);
}

static void on_drained(struct wire *wire)
{
    struct tcp_target *tcp = owner(wire);

    if (tcp->target.session != NULL)
        session_unblock(tcp->target.session, &tcp->target);
}

static void on_timeout(struct wire *wire)
{
    (void)wire; /* none is set */
}

static void on_closed(struct wire *wire)
{
    owner(wire)->wired = false;
    free_if_done(owner(wire));
}

static const struct wire_events events = {on_read,    on_end,     on_error, on_full,
                                          on_drained, on_timeout, on_closed};

/* ---- Dialling ---- */

static void failed(struct tcp_target *tcp, const char *reason)
{
    struct session *session = tcp->target.session;
    uint32_t stream = tcp->target.stream;
    char text[ANYTLS_REASON_MAX + 1];

    snprintf(text, sizeof text, "%.180s: %.70s", tcp->text, reason);
    target_detach(&tcp->target);
    wire_close(&tcp->wire);
    if (session == NULL)
        return;
    if (tcp->fallback) {
        anytls_log(ANYTLS_LOG_WARN, "fallback %s", text);
        session_finish(session, stream);
    } else {
        session_dial_failed(session, stream, text);
    }
}

static void on_dialled(struct dial *dial, int descriptor, const char *reason)
{
    struct tcp_target *tcp = dial->owner;

    if (descriptor < 0) {
        failed(tcp, reason);
        return;
    }
    wire_open(&tcp->wire, descriptor);
    if (tcp->target.session != NULL && !tcp->fallback)
        session_dialled(tcp->target.session, tcp->target.stream);
    if (tcp->target.session != NULL)
        wire_read_start(&tcp->wire);
}

static void on_dial_closed(struct dial *dial)
{
    struct tcp_target *tcp = dial->owner;

    tcp->dialling = false;
    free_if_done(tcp);
}

static const struct dial_events dial_events = {on_dialled, on_dial_closed};

void tcp_target_dial(struct session *session, uint32_t stream, const struct anytls_address *address,
                     bool fallback)
{
    struct workspace *space = &session->server->space;
    struct tcp_target *tcp = calloc(1, sizeof *tcp);

    if (tcp == NULL) {
        if (!fallback)
            session_dial_failed(session, stream, "out of memory");
        return;
    }
    tcp->target.kind = TARGET_TCP;
    tcp->server = session->server;
    tcp->server->target_count++;
    tcp->fallback = fallback;
    address_print(address, tcp->text);
    wire_begin(&tcp->wire, space, &events, tcp);
    tcp->wired = true;
    session_add_target(session, &tcp->target, stream);
    if (fallback)
        session->fallback = &tcp->target;
    dial_begin(&tcp->dial, space->loop, address, DIAL_TIMEOUT,
               fallback || session->server->options->allow_local, &dial_events, tcp);
    tcp->dialling = true;
}

/* ---- Relaying ---- */

void tcp_target_data(struct target *target, const uint8_t *bytes, size_t size)
{
    struct tcp_target *tcp = tcp_of(target);

    wire_write_view(&tcp->wire, bytes, size);
}

void tcp_target_resume(struct target *target)
{
    struct tcp_target *tcp = tcp_of(target);

    if (tcp->wire.open)
        wire_read_start(&tcp->wire);
}

void tcp_target_half_end(struct target *target)
{
    wire_end_when_sent(&tcp_of(target)->wire);
}

void tcp_target_end(struct target *target, bool cut)
{
    struct tcp_target *tcp = tcp_of(target);

    wire_views_send(tcp->wire.space);
    /* A dial in progress goes on where bytes wait to be delivered. */
    if (cut || (!tcp->wire.open && wire_queued(&tcp->wire) == 0)) {
        dial_cancel(&tcp->dial);
        wire_reset(&tcp->wire);
    } else {
        wire_close_when_sent(&tcp->wire);
    }
}
