#include <stdlib.h>
#include <string.h>

#include "client.h"

static struct inbound *inbound_of(struct wire *wire)
{
    return wire->owner;
}

/* Leaves the session, which goes back to the pool. */
static void leave(struct inbound *inbound)
{
    struct session *session = inbound->session;

    inbound->session = NULL;
    if (session != NULL)
        session_finish(session);
}

static void end(struct inbound *inbound)
{
    bool unfinished = inbound->phase == INBOUND_RELAYING && inbound->session != NULL;

    inbound->phase = INBOUND_ENDED;
    if (inbound->association != NULL)
        association_end(inbound->association);
    inbound->association = NULL;
    leave(inbound);
    /* An application that ended its side only must not take what it got for a whole answer. */
    if (unfinished)
        wire_reset(&inbound->wire);
    else
        wire_close_when_sent(&inbound->wire);
}

static void reply(struct inbound *inbound, enum socks_code code,
                  const struct anytls_address *address)
{
    uint8_t bytes[SOCKS_REPLY_MAX];

    wire_write(&inbound->wire, bytes, socks_reply(code, address, bytes));
}

void inbound_failed(struct inbound *inbound, enum socks_code code)
{
    static const struct anytls_address any = {ANYTLS_IPV4, 0, 4, {0}};

    inbound->session = NULL;
    reply(inbound, code, &any);
    end(inbound);
}

/* Sends bytes of the application (with READ_HEADROOM before them) into its stream. */
static void relay(struct inbound *inbound, uint8_t *bytes, size_t size)
{
    if (inbound->session == NULL || inbound->association != NULL)
        return;
    inbound->unanswered = true;
    session_send(inbound->session, bytes, size);
    if (inbound->session != NULL && session_is_full(inbound->session))
        wire_read_stop(&inbound->wire);
}

/* The success is told before the target is known to be reached, as the original client does: the
 * application's first bytes then travel with the request. */
void inbound_started(struct inbound *inbound)
{
    static const struct anytls_address any = {ANYTLS_IPV4, 0, 4, {0}};

    if (inbound->phase != INBOUND_WAITING)
        return;
    inbound->phase = INBOUND_RELAYING;
    reply(inbound, SOCKS_SUCCEEDED, inbound->association != NULL ? &inbound->relay : &any);
    wire_timeout_set(&inbound->wire, 0);
    wire_read_start(&inbound->wire);
    if (inbound->early_size > 0)
        relay(inbound, inbound->early + READ_HEADROOM, inbound->early_size);
    free(inbound->early);
    inbound->early = NULL;
    inbound->early_size = 0;
}

void inbound_data(struct inbound *inbound, const uint8_t *bytes, size_t size)
{
    if (inbound->association != NULL) {
        association_data(inbound->association, bytes, size);
        return;
    }
    inbound->unanswered = false;
    wire_write_view(&inbound->wire, bytes, size);
    if (inbound->app_ended)
        wire_timeout_set(&inbound->wire, HALF_CLOSE_TIMEOUT);
}

void inbound_finished(struct inbound *inbound, bool cut)
{
    if (cut)
        wire_reset(&inbound->wire);
    end(inbound);
}

void inbound_resume(struct inbound *inbound)
{
    if (inbound->phase == INBOUND_RELAYING && !inbound->app_ended)
        wire_read_start(&inbound->wire);
}

/* ---- SOCKS ---- */

static void begin_udp(struct inbound *inbound)
{
    inbound->association = association_new(inbound, &inbound->relay);
    if (inbound->association == NULL) {
        inbound_failed(inbound, SOCKS_FAILURE);
        return;
    }
    inbound->destination = anytls_uot_destination();
    inbound->phase = INBOUND_WAITING;
    pool_start(inbound->client, inbound);
}

static void begin_connect(struct inbound *inbound, const struct anytls_address *address)
{
    inbound->destination = *address;
    inbound->phase = INBOUND_WAITING;
    pool_start(inbound->client, inbound);
}

static void on_request(struct inbound *inbound, const struct socks_result *result)
{
    wire_write(&inbound->wire, result->reply, result->reply_size);
    if (result->step == SOCKS_BAD) {
        end(inbound);
        return;
    }
    if (result->step == SOCKS_MORE)
        return;

    wire_read_stop(&inbound->wire);
    if (result->step == SOCKS_UDP)
        begin_udp(inbound);
    else
        begin_connect(inbound, &result->address);
}

/* An application need not wait for the answer: what it sends behind its request is the stream's. */
static void early_take(struct inbound *inbound, uint8_t *bytes, size_t size)
{
    if (inbound->phase == INBOUND_RELAYING) {
        relay(inbound, bytes, size);
        return;
    }
    if (inbound->phase != INBOUND_WAITING || inbound->association != NULL)
        return;
    inbound->early = malloc(READ_HEADROOM + size);
    if (inbound->early == NULL) {
        end(inbound);
        return;
    }
    memcpy(inbound->early + READ_HEADROOM, bytes, size);
    inbound->early_size = size;
}

static void take_socks(struct inbound *inbound, uint8_t *bytes, size_t size)
{
    while (size > 0 && inbound->phase == INBOUND_SOCKS) {
        struct socks_result result = socks_receive(&inbound->socks, bytes, size);

        bytes += result.consumed;
        size -= result.consumed;
        on_request(inbound, &result);
    }
    if (size > 0)
        early_take(inbound, bytes, size);
}

/* ---- Events of the wire ---- */

static void on_read(struct wire *wire, uint8_t *bytes, size_t size)
{
    struct inbound *inbound = inbound_of(wire);

    if (inbound->phase == INBOUND_SOCKS) {
        take_socks(inbound, bytes, size);
        return;
    }
    relay(inbound, bytes, size);
}

/* The protocol cannot say that one direction has ended: FIN closes both. An application that is
 * still owed an answer may have closed its side only, so FIN waits until the answer has come and
 * the server is silent. */
static void on_end(struct wire *wire)
{
    struct inbound *inbound = inbound_of(wire);

    inbound->app_ended = true;
    if (inbound->phase == INBOUND_RELAYING && inbound->unanswered && inbound->association == NULL)
        wire_timeout_set(wire, HALF_CLOSE_TIMEOUT);
    else
        end(inbound);
}

static void on_error(struct wire *wire, int error)
{
    (void)error;
    wire_close(wire);
    end(inbound_of(wire));
}

static void on_full(struct wire *wire)
{
    if (inbound_of(wire)->session != NULL)
        session_block(inbound_of(wire)->session);
}

static void on_drained(struct wire *wire)
{
    if (inbound_of(wire)->session != NULL)
        session_unblock(inbound_of(wire)->session);
}

static void on_timeout(struct wire *wire)
{
    end(inbound_of(wire));
}

static void on_closed(struct wire *wire)
{
    struct inbound *inbound = inbound_of(wire);
    struct client *client = inbound->client;

    if (inbound->next != NULL)
        inbound->next->previous = inbound->previous;
    if (inbound->previous != NULL)
        inbound->previous->next = inbound->next;
    else
        client->inbounds = inbound->next;
    free(inbound->early);
    free(inbound);
    if (client->stopping && client->inbounds == NULL)
        uv_stop(client->space.loop);
}

static const struct wire_events events = {on_read,    on_end,     on_error, on_full,
                                          on_drained, on_timeout, on_closed};

void inbounds_cut(struct client *client)
{
    struct inbound *inbound = client->inbounds;

    while (inbound != NULL) {
        struct inbound *next = inbound->next;

        wire_reset(&inbound->wire);
        end(inbound);
        inbound = next;
    }
}

void inbound_accept(struct client *client)
{
    struct inbound *inbound = calloc(1, sizeof *inbound);

    if (inbound == NULL)
        return;
    inbound->client = client;
    inbound->next = client->inbounds;
    if (inbound->next != NULL)
        inbound->next->previous = inbound;
    client->inbounds = inbound;
    wire_begin(&inbound->wire, &client->space, &events, inbound);
    if (uv_accept((uv_stream_t *)&client->listener, (uv_stream_t *)&inbound->wire.tcp) != 0) {
        wire_close(&inbound->wire);
        return;
    }
    wire_opened(&inbound->wire);
    wire_timeout_set(&inbound->wire, SOCKS_TIMEOUT);
    wire_read_start(&inbound->wire);
}
