#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "server.h"

#define STREAMS_FIRST 4u /* a session begins with small tables, and grows them up to the limit */

static struct session *session_of(struct tunnel *tunnel)
{
    return (struct session *)tunnel;
}

static uint64_t now(const struct session *session)
{
    return uv_now(session->server->space.loop);
}

static void write_frames(struct session *session, size_t size)
{
    tunnel_write(&session->tunnel, session->server->space.frames, size);
}

static void timer_set(struct session *session)
{
    struct anytls_deadline deadline = anytls_endpoint_deadline(&session->endpoint);
    uint64_t at = now(session);

    if (session->ended || !deadline.set)
        wire_timeout_set(&session->tunnel.wire, 0);
    else
        wire_timeout_set(&session->tunnel.wire, deadline.at > at ? deadline.at - at : 1);
}

/* ---- Targets ---- */

static void target_end(struct target *target, bool cut)
{
    target_detach(target);
    if (target->kind == TARGET_TCP)
        tcp_target_end(target, cut);
    else
        udp_target_end(target);
}

void session_add_target(struct session *session, struct target *target, uint32_t stream)
{
    target->session = session;
    target->stream = stream;
    target->blocking = false;
    target->previous = NULL;
    target->next = session->targets;
    if (session->targets != NULL)
        session->targets->previous = target;
    session->targets = target;
    anytls_session_user_set(&session->endpoint.session, stream, target);
}

void target_detach(struct target *target)
{
    struct session *session = target->session;

    if (session == NULL)
        return;
    session_unblock(session, target);
    if (target->next != NULL)
        target->next->previous = target->previous;
    if (target->previous != NULL)
        target->previous->next = target->next;
    else
        session->targets = target->next;
    if (session->fallback == target)
        session->fallback = NULL;
    target->session = NULL;
}

/* The streams of a session that ends properly end so, too; why says that it did not. */
static void end(struct session *session, const char *why)
{
    if (session->ended)
        return;
    session->ended = true;
    if (why != NULL)
        anytls_log(ANYTLS_LOG_DEBUG, "session ended: %s", why);
    anytls_session_close(&session->endpoint.session);
    while (session->targets != NULL)
        target_end(session->targets, why != NULL);
    tunnel_close(&session->tunnel);
}

/* A server that is stopping has nothing more to wait for in a session without streams. */
static void end_if_done(struct session *session)
{
    if (session->server->stopping && session->targets == NULL)
        end(session, "the server is stopping");
}

void session_dialled(struct session *session, uint32_t stream)
{
    struct workspace *space = &session->server->space;
    struct anytls_written written =
        anytls_endpoint_accept(&session->endpoint, stream, space->frames, FRAMES_SIZE);

    write_frames(session, written.size);
    tunnel_flush(&session->tunnel);
}

void session_dial_failed(struct session *session, uint32_t stream, const char *reason)
{
    struct workspace *space = &session->server->space;
    struct anytls_text text = {(const uint8_t *)reason, strlen(reason)};
    struct anytls_written written =
        anytls_endpoint_refuse(&session->endpoint, stream, text, space->frames, FRAMES_SIZE);

    anytls_log(ANYTLS_LOG_DEBUG, "stream %u refused: %s", (unsigned)stream, reason);
    write_frames(session, written.size);
    tunnel_flush(&session->tunnel);
    end_if_done(session);
}

void session_send(struct session *session, struct target *target, uint8_t *bytes, size_t size)
{
    if (session->fallback == target)
        tunnel_write(&session->tunnel, bytes, size);
    else
        tunnel_send(&session->tunnel, &session->endpoint.session, target->stream, bytes, size);
    tunnel_flush(&session->tunnel);
}

void session_finish(struct session *session, uint32_t stream)
{
    struct workspace *space = &session->server->space;

    write_frames(
        session,
        anytls_session_finish(&session->endpoint.session, stream, space->frames, FRAMES_SIZE).size);
    tunnel_flush(&session->tunnel);
    if (session->endpoint.phase == ANYTLS_PHASE_ENDED)
        end(session, "the fallback has ended");
    else
        end_if_done(session);
}

bool session_is_full(struct session *session)
{
    return wire_is_full(&session->tunnel.wire);
}

/* ---- Reading and not reading ---- */

/* A full queue alone stops only the targets: two sides that each stop reading because they cannot
 * write would wait for each other for ever. What must not grow without end is what we answer. */
static bool is_glutted(struct session *session)
{
    return session->answered > ANSWERS_MAX && session_is_full(session);
}

static void read_if_free(struct session *session)
{
    if (session->ended || session->blocked > 0 || is_glutted(session))
        return;
    if (session->endpoint.session.paused) {
        anytls_session_resume(&session->endpoint.session, now(session));
        timer_set(session);
    }
    wire_read_start(&session->tunnel.wire);
}

static void read_stop(struct session *session)
{
    wire_read_stop(&session->tunnel.wire);
    anytls_session_pause(&session->endpoint.session);
}

void session_block(struct session *session, struct target *target)
{
    if (target->blocking)
        return;
    target->blocking = true;
    session->blocked++;
    read_stop(session);
}

void session_unblock(struct session *session, struct target *target)
{
    if (!target->blocking)
        return;
    target->blocking = false;
    session->blocked--;
    read_if_free(session);
}

/* ---- Events of the endpoint ---- */

static void fall_back(struct session *session, struct anytls_text first)
{
    const struct anytls_address *fallback = &session->server->fallback;

    if (fallback->size == 0) {
        end(session, "no valid preamble");
        return;
    }
    anytls_log(ANYTLS_LOG_DEBUG, "no valid preamble: handed to the fallback");
    tcp_target_dial(session, 0, fallback, true);
    if (session->fallback != NULL)
        tcp_target_data(session->fallback, first.bytes, first.size);
}

static void on_data(struct anytls_event event)
{
    struct target *target = event.user;

    if (target->kind == TARGET_TCP)
        tcp_target_data(target, event.data.bytes, event.data.size);
    else
        udp_target_data(target, event.data.bytes, event.data.size);
}

static void on_event(struct session *session, struct anytls_event event)
{
    if (event.violation != ANYTLS_OK)
        anytls_log(ANYTLS_LOG_DEBUG, "client: %s", anytls_status_text(event.violation));
    switch (event.type) {
    case ANYTLS_EVENT_FALLBACK: fall_back(session, event.data); break;
    case ANYTLS_EVENT_DIAL:
        tcp_target_dial(session, event.stream, &session->endpoint.request.address, false);
        break;
    case ANYTLS_EVENT_DIAL_UDP:
        udp_target_open(session, event.stream, &session->endpoint.request);
        break;
    case ANYTLS_EVENT_DATA: on_data(event); break;
    case ANYTLS_EVENT_STREAM_FINISHED:
        target_end(event.user, false);
        end_if_done(session);
        break;
    case ANYTLS_EVENT_CLOSED:
        end(session, event.violation != ANYTLS_OK ? anytls_status_text(event.violation) : NULL);
        break;
    default: break;
    }
}

static void *grow(void *table, size_t size, size_t *capacity, size_t limit)
{
    size_t wanted = 2 * *capacity < limit ? 2 * *capacity : limit;
    void *grown = realloc(table, wanted * size);

    if (grown == NULL)
        return table; /* the limit is what there is, then */
    *capacity = wanted;
    return grown;
}

static void tables_grow(struct anytls_endpoint *endpoint)
{
    struct anytls_streams *streams = &endpoint->session.streams;

    if (streams->count == streams->capacity && streams->capacity < ANYTLS_STREAMS_MAX)
        streams->entries = grow(streams->entries, sizeof *streams->entries, &streams->capacity,
                                ANYTLS_STREAMS_MAX);
    if (endpoint->pending_count == endpoint->pending_capacity &&
        endpoint->pending_capacity < ANYTLS_PENDING_MAX)
        endpoint->pending = grow(endpoint->pending, sizeof *endpoint->pending,
                                 &endpoint->pending_capacity, ANYTLS_PENDING_MAX);
}

static void on_plain(struct tunnel *tunnel, uint8_t *bytes, size_t size)
{
    struct session *session = session_of(tunnel);
    struct workspace *space = &session->server->space;

    while (size > 0 && !session->ended) {
        struct anytls_received step;

        if (session->endpoint.phase == ANYTLS_PHASE_ENDED) {
            if (session->fallback != NULL)
                tcp_target_data(session->fallback, bytes, size);
            return;
        }
        tables_grow(&session->endpoint);
        step = anytls_endpoint_receive(&session->endpoint, bytes, size, now(session), space->frames,
                                       FRAMES_SIZE);
        if (step.status != ANYTLS_OK)
            return;
        write_frames(session, step.output);
        session->answered += step.output;
        bytes += step.consumed;
        size -= step.consumed;
        on_event(session, step.event);
    }
    timer_set(session);
    if (!session_is_full(session))
        session->answered = 0;
    if (is_glutted(session))
        read_stop(session);
}

static void on_end(struct tunnel *tunnel, const char *why)
{
    struct session *session = session_of(tunnel);

    if (tunnel->established && session->endpoint.phase == ANYTLS_PHASE_PREAMBLE)
        on_event(session, anytls_endpoint_end(&session->endpoint).event);
    if (session->fallback == NULL || session->ended) {
        end(session, why);
        return;
    }
    tcp_target_half_end(session->fallback);
    wire_timeout_set(&tunnel->wire, LINGER_TIMEOUT); /* for the fallback's answer */
}

static void on_timeout(struct tunnel *tunnel)
{
    struct session *session = session_of(tunnel);
    struct workspace *space = &session->server->space;
    struct anytls_received step;

    if (!tunnel->established) {
        end(session, "no TLS handshake in time");
        return;
    }
    if (session->endpoint.phase == ANYTLS_PHASE_ENDED) {
        end(session, "no answer from the fallback in time");
        return;
    }
    step = anytls_endpoint_tick(&session->endpoint, now(session), space->frames, FRAMES_SIZE);
    write_frames(session, step.output);
    on_event(session, step.event);
    timer_set(session);
}

static void on_drained(struct tunnel *tunnel)
{
    struct session *session = session_of(tunnel);
    struct target *target = session->targets;

    session->answered = 0;
    while (target != NULL && !session_is_full(session)) {
        struct target *next = target->next;

        if (target->kind == TARGET_TCP)
            tcp_target_resume(target);
        target = next;
    }
    read_if_free(session);
}

static void on_established(struct tunnel *tunnel)
{
    (void)tunnel;
}

static void on_closed(struct tunnel *tunnel)
{
    struct session *session = session_of(tunnel);
    struct server *server = session->server;

    if (session->next != NULL)
        session->next->previous = session->previous;
    if (session->previous != NULL)
        session->previous->next = session->next;
    else
        server->sessions = session->next;
    server->session_count--;
    server_settings_release(session->settings);
    free(session->endpoint.session.streams.entries);
    free(session->endpoint.pending);
    free(session);
    server_stop_if_done(server);
}

static const struct tunnel_events events = {on_established, on_plain,   on_end,
                                            on_drained,     on_timeout, on_closed};

/* ---- Beginning ---- */

static bool endpoint_begin(struct session *session)
{
    struct anytls_stream *streams = calloc(STREAMS_FIRST, sizeof *streams);
    struct anytls_pending *pending = calloc(STREAMS_FIRST, sizeof *pending);

    anytls_endpoint_begin(&session->endpoint, &session->settings->config,
                          &session->settings->scheme, streams, STREAMS_FIRST, pending,
                          STREAMS_FIRST, session->text, sizeof session->text, now(session));
    return streams != NULL && pending != NULL;
}

void session_accept(struct server *server)
{
    struct session *session = calloc(1, sizeof *session);
    bool ready;

    if (session == NULL)
        return;
    session->server = server;
    session->settings = server->settings;
    session->settings->users++;
    session->next = server->sessions;
    if (session->next != NULL)
        session->next->previous = session;
    server->sessions = session;
    server->session_count++;
    ready = endpoint_begin(session);
    if (!tunnel_begin(&session->tunnel, &server->space, &events, session->settings->tls, NULL)) {
        session->ended = true;
        return;
    }
    if (!ready || uv_accept((uv_stream_t *)&server->listener,
                            (uv_stream_t *)&session->tunnel.wire.tcp) != 0) {
        session->ended = true;
        wire_close(&session->tunnel.wire);
        return;
    }
    timer_set(session);
    tunnel_opened(&session->tunnel);
}

void sessions_stop(struct server *server)
{
    struct session *session = server->sessions;

    while (session != NULL) {
        struct session *next = session->next;

        end_if_done(session);
        session = next;
    }
}

void sessions_cut(struct server *server)
{
    struct session *session = server->sessions;

    while (session != NULL) {
        struct session *next = session->next;

        end(session, "the server has stopped");
        session = next;
    }
}
