#include <stdlib.h>

#include "client.h"
#include "core/auth.h"
#include "log.h"

#define STREAMS 4u /* one is open at a time */

struct session {
    struct tunnel tunnel;
    struct client *client;
    struct client_scheme *scheme;
    struct anytls_session session;
    struct anytls_stream streams[STREAMS];
    struct inbound *inbound; /* whose stream it carries, or that it is dialled for */
    uint32_t stream;
    struct dial dial;
    bool dialling;
    bool wired;
    bool blocked;    /* the inbound's queue is full */
    size_t answered; /* bytes of answers since the queue was last drained */
    bool heard;      /* something came from the server: it took the password */
    bool ended;
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
};

struct client *session_client(const struct session *session)
{
    return session->client;
}

static struct session *session_of(struct tunnel *tunnel)
{
    return (struct session *)tunnel;
}

static uint64_t now(const struct session *session)
{
    return uv_now(session->client->space.loop);
}

static void timer_set(struct session *session)
{
    struct anytls_deadline deadline = anytls_session_deadline(&session->session);
    uint64_t at = now(session);

    if (!session->tunnel.established)
        return; /* the handshake's deadline is set */
    if (!deadline.set)
        wire_timeout_set(&session->tunnel.wire, 0);
    else
        wire_timeout_set(&session->tunnel.wire, deadline.at > at ? deadline.at - at : 1);
}

/* ---- Ending ---- */

/* why: NULL where the session ends properly. */
static void end(struct session *session, const char *why)
{
    struct inbound *inbound = session->inbound;

    if (session->ended)
        return;
    session->ended = true;
    if (why != NULL && session->tunnel.established)
        anytls_log(ANYTLS_LOG_INFO, "session ended: %s", why);
    pool_remove(session->client, session);
    anytls_session_close(&session->session);
    session->inbound = NULL;
    if (session->dialling)
        dial_cancel(&session->dial);
    tunnel_close(&session->tunnel);
    if (inbound == NULL)
        return;
    inbound->session = NULL;
    if (session->session.settings_sent)
        inbound_finished(inbound, true); /* without a FIN nobody knows that it is whole */
    else
        inbound_failed(inbound, SOCKS_FAILURE);
}

void session_end(struct session *session)
{
    end(session, NULL);
}

/* The server, or the way to it, has ended the session. */
static void lost(struct session *session, const char *why)
{
    if (session->ended)
        return;
    if (!session->tunnel.established)
        pool_back_off(session->client, why != NULL ? why : "closed during the TLS handshake");
    else if (!session->heard && session->session.settings_sent)
        pool_back_off(session->client, "ended the session without a word; is the password right?");
    end(session, why);
}

/* ---- Events of the session ---- */

static void stream_over(struct session *session, bool cut)
{
    struct inbound *inbound = session->inbound;

    session->inbound = NULL;
    session_unblock(session);
    if (inbound != NULL) {
        inbound->session = NULL;
        inbound_finished(inbound, cut);
    }
    pool_return(session);
}

static void on_event(struct session *session, struct anytls_event event)
{
    int shown = (int)event.data.size;

    if (event.violation != ANYTLS_OK && event.violation != ANYTLS_ALERTED)
        anytls_log(ANYTLS_LOG_DEBUG, "server: %s", anytls_status_text(event.violation));
    switch (event.type) {
    case ANYTLS_EVENT_SCHEME: client_scheme_replace(session->client, event.data); break;
    case ANYTLS_EVENT_DATA: inbound_data(event.user, event.data.bytes, event.data.size); break;
    case ANYTLS_EVENT_STREAM_FINISHED: stream_over(session, false); break;
    case ANYTLS_EVENT_STREAM_REFUSED:
        anytls_log(ANYTLS_LOG_INFO, "stream refused: %.*s", shown, (const char *)event.data.bytes);
        stream_over(session, true);
        break;
    case ANYTLS_EVENT_ALERT:
        anytls_log(ANYTLS_LOG_ERROR, "alert from the server: %.*s", shown,
                   (const char *)event.data.bytes);
        pool_back_off(session->client, "refused us by an alert");
        end(session, "alert");
        break;
    case ANYTLS_EVENT_CLOSED: lost(session, anytls_status_text(event.violation)); break;
    default: break;
    }
}

/* ---- Events of the tunnel ---- */

/* A full queue alone stops only the inbound: two sides that each stop reading because they cannot
 * write would wait for each other for ever. What must not grow without end is what we answer. */
static bool is_glutted(struct session *session)
{
    return session->answered > ANSWERS_MAX && wire_is_full(&session->tunnel.wire);
}

static void on_plain(struct tunnel *tunnel, uint8_t *bytes, size_t size)
{
    struct session *session = session_of(tunnel);
    struct workspace *space = tunnel->wire.space;

    if (!session->heard) {
        session->heard = true;
        pool_answered(session->client);
    }
    while (size > 0 && !session->ended) {
        struct anytls_received step = anytls_session_receive(
            &session->session, bytes, size, now(session), space->frames, FRAMES_SIZE);

        if (step.status != ANYTLS_OK)
            return;
        tunnel_write_frames(tunnel, &session->session, space->frames, step.output);
        session->answered += step.output;
        bytes += step.consumed;
        size -= step.consumed;
        on_event(session, step.event);
    }
    if (session->ended)
        return;
    timer_set(session);
    if (!wire_is_full(&tunnel->wire))
        session->answered = 0;
    if (is_glutted(session)) {
        wire_read_stop(&tunnel->wire);
        anytls_session_pause(&session->session);
    }
}

static void on_established(struct tunnel *tunnel)
{
    struct session *session = session_of(tunnel);
    struct workspace *space = tunnel->wire.space;
    uint16_t padding = anytls_padding_zero(&session->scheme->scheme, workspace_random());
    struct anytls_written preamble =
        anytls_preamble_encode(session->client->hash, padding, space->record, RECORD_SIZE);
    struct inbound *inbound = session->inbound;

    wire_timeout_set(&tunnel->wire, 0);
    tunnel_write(tunnel, space->record, preamble.size);
    tunnel_flush(tunnel);
    anytls_session_resume(&session->session, now(session));
    if (session->ended)
        return;
    if (inbound == NULL)
        end(session, NULL); /* the application did not wait */
    else if (!session_start(session, inbound))
        inbound_failed(inbound, SOCKS_FAILURE);
}

static void on_end(struct tunnel *tunnel, const char *why)
{
    lost(session_of(tunnel), why);
}

static void read_if_free(struct session *session)
{
    if (session->ended || session->blocked || is_glutted(session))
        return;
    if (session->session.paused) {
        anytls_session_resume(&session->session, now(session));
        timer_set(session);
    }
    wire_read_start(&session->tunnel.wire);
}

static void on_drained(struct tunnel *tunnel)
{
    struct session *session = session_of(tunnel);

    session->answered = 0;
    if (session->inbound != NULL)
        inbound_resume(session->inbound);
    read_if_free(session);
}

static void on_timeout(struct tunnel *tunnel)
{
    struct session *session = session_of(tunnel);
    struct workspace *space = tunnel->wire.space;
    struct anytls_received step;

    if (!tunnel->established) {
        lost(session, "no TLS handshake in time");
        return;
    }
    step = anytls_session_tick(&session->session, now(session), space->frames, FRAMES_SIZE);
    tunnel_write_frames(tunnel, &session->session, space->frames, step.output);
    on_event(session, step.event);
    if (!session->ended)
        timer_set(session);
}

static void free_if_done(struct session *session)
{
    if (session->wired || session->dialling)
        return;
    client_scheme_release(session->scheme);
    free(session);
}

static void on_closed(struct tunnel *tunnel)
{
    session_of(tunnel)->wired = false;
    free_if_done(session_of(tunnel));
}

static const struct tunnel_events events = {on_established, on_plain,   on_end,
                                            on_drained,     on_timeout, on_closed};

/* ---- Dialling ---- */

static void on_dialled(struct dial *dial, int descriptor, const char *reason)
{
    struct session *session = dial->owner;

    if (descriptor < 0) {
        lost(session, reason);
        return;
    }
    wire_open(&session->tunnel.wire, descriptor);
    if (session->ended)
        return;
    wire_timeout_set(&session->tunnel.wire, CONNECT_TIMEOUT);
    tunnel_opened(&session->tunnel);
}

static void on_dial_closed(struct dial *dial)
{
    struct session *session = dial->owner;

    session->dialling = false;
    free_if_done(session);
}

static const struct dial_events dial_events = {on_dialled, on_dial_closed};

bool session_dial(struct client *client, struct inbound *inbound)
{
    struct session *session = calloc(1, sizeof *session);
    const char *name = client->options->sni != NULL ? client->options->sni : client->options->host;

    if (session == NULL)
        return false;
    session->client = client;
    session->scheme = client->scheme;
    session->scheme->users++;
    anytls_session_begin(&session->session, ANYTLS_CLIENT, &client->config,
                         &session->scheme->scheme, session->streams, STREAMS, session->text,
                         sizeof session->text, now(session));
    session->wired = true;
    if (!tunnel_begin(&session->tunnel, &client->space, &events, client->tls, name)) {
        session->ended = true;
        return false;
    }
    if (!pool_add(client, session, client->next_sequence)) {
        end(session, NULL);
        return false;
    }
    client->next_sequence++;
    session->inbound = inbound;
    inbound->session = session;
    session->dialling = true;
    dial_begin(&session->dial, client->space.loop, &client->server, CONNECT_TIMEOUT, true,
               &dial_events, session);
    return true;
}

/* ---- Streams ---- */

/* A UDP association asks for datagrams with addresses of their own; the address is no matter. */
static size_t put_udp_request(struct session *session, uint8_t *out)
{
    struct anytls_uot_request request = {false, {ANYTLS_IPV4, 0, 4, {0}}};
    size_t size = anytls_uot_request_encode(&request, out + ANYTLS_FRAME_HEADER_SIZE,
                                            ANYTLS_UOT_REQUEST_SIZE_MAX)
                      .size;

    anytls_session_send(&session->session, session->stream, size, out);
    return ANYTLS_FRAME_HEADER_SIZE + size;
}

bool session_start(struct session *session, struct inbound *inbound)
{
    struct workspace *space = session->tunnel.wire.space;
    struct anytls_opened opened =
        anytls_session_open(&session->session, &inbound->destination, inbound, now(session),
                            space->frames, FRAMES_SIZE);

    if (opened.status != ANYTLS_OK) {
        session->inbound = NULL;
        inbound->session = NULL;
        end(session, anytls_status_text(opened.status));
        return false;
    }
    session->stream = opened.stream;
    session->inbound = inbound;
    inbound->session = session;
    if (inbound->association != NULL)
        opened.size += put_udp_request(session, space->frames + opened.size);
    tunnel_write_frames(&session->tunnel, &session->session, space->frames, opened.size);
    tunnel_flush(&session->tunnel);
    if (session->ended)
        return true; /* and the inbound was told */
    timer_set(session);
    inbound_started(inbound);
    return true;
}

void session_send(struct session *session, uint8_t *bytes, size_t size)
{
    tunnel_send(&session->tunnel, &session->session, session->stream, bytes, size);
    tunnel_flush(&session->tunnel);
}

void session_finish(struct session *session)
{
    struct workspace *space = session->tunnel.wire.space;
    struct anytls_written fin;

    session->inbound = NULL;
    session_unblock(session);
    if (!session->session.settings_sent)
        return; /* still dialled: it then finds that nobody waits */
    fin = anytls_session_finish(&session->session, session->stream, space->frames, FRAMES_SIZE);
    tunnel_write_frames(&session->tunnel, &session->session, space->frames, fin.size);
    tunnel_flush(&session->tunnel);
    if (!session->ended)
        pool_return(session);
}

bool session_is_full(struct session *session)
{
    return wire_is_full(&session->tunnel.wire);
}

void session_block(struct session *session)
{
    session->blocked = true;
    wire_read_stop(&session->tunnel.wire);
    anytls_session_pause(&session->session);
}

void session_unblock(struct session *session)
{
    if (!session->blocked)
        return;
    session->blocked = false;
    read_if_free(session);
}
