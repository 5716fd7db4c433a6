/* The rig: the calls of a session and an endpoint. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define GUARD 16u
#define GUARD_BYTE 0xa5

enum call_kind { CALL_OPEN, CALL_FINISH, CALL_ACCEPT, CALL_REFUSE, CALL_ALERT, CALL_HEARTBEAT };

struct call {
    enum call_kind kind;
    uint32_t stream;
    struct anytls_text reason;
    const struct anytls_address *destination;
    void *user;
};

/* The room that the header says a call needs. */
static size_t room_of(const struct call *call)
{
    switch (call->kind) {
    case CALL_OPEN: return ANYTLS_OPEN_SIZE_MAX;
    case CALL_FINISH:
    case CALL_ACCEPT:
    case CALL_HEARTBEAT: break;
    case CALL_REFUSE:
    case CALL_ALERT: return 7 + ANYTLS_REASON_MAX;
    }
    return 7;
}

static struct anytls_written attempt_open(struct rig *rig, const struct call *call, uint8_t *out,
                                          size_t capacity)
{
    struct anytls_opened opened = anytls_session_open(rig_session(rig), call->destination,
                                                      call->user, rig->now, out, capacity);
    struct anytls_written written = {opened.status, opened.size};

    if (opened.status == ANYTLS_OK)
        rig->opened = opened.stream;
    return written;
}

static struct anytls_written attempt(struct rig *rig, const struct call *call, uint8_t *out,
                                     size_t capacity)
{
    struct anytls_session *session = rig_session(rig);
    struct anytls_endpoint *endpoint = &rig->state.endpoint;
    bool whole = rig->kind == RIG_ENDPOINT;

    switch (call->kind) {
    case CALL_OPEN: break;
    case CALL_FINISH: return anytls_session_finish(session, call->stream, out, capacity);
    case CALL_ACCEPT:
        return whole ? anytls_endpoint_accept(endpoint, call->stream, out, capacity)
                     : anytls_session_accept(session, call->stream, out, capacity);
    case CALL_REFUSE:
        return whole ? anytls_endpoint_refuse(endpoint, call->stream, call->reason, out, capacity)
                     : anytls_session_refuse(session, call->stream, call->reason, out, capacity);
    case CALL_ALERT: return anytls_session_alert(session, call->reason, out, capacity);
    case CALL_HEARTBEAT: return anytls_session_heartbeat(session, rig->now, out, capacity);
    }
    return attempt_open(rig, call, out, capacity);
}

static uint8_t *out_new(size_t capacity)
{
    uint8_t *out = malloc(capacity + GUARD);

    memset(out, GUARD_BYTE, capacity + GUARD);
    return out;
}

static void out_end(struct rig *rig, uint8_t *out, size_t size, size_t capacity)
{
    for (size_t i = size; i < capacity + GUARD; i++)
        must(out[i] == GUARD_BYTE, "wrote at %zu, said %zu bytes", i, size);
    bytes_add(&rig->output, out, size);
    free(out);
}

/* A call with this much room; one that fails has to write and change nothing. */
static enum anytls_status try_with(struct rig *rig, const struct call *call, size_t capacity)
{
    static struct rig_state before;
    uint8_t *out = out_new(capacity);
    struct anytls_written written;

    memcpy(&before, &rig->state, sizeof before);
    written = attempt(rig, call, out, capacity);
    if (written.status != ANYTLS_OK) {
        ck_assert_uint_eq(written.size, 0);
        must(rig_untouched(&before, &rig->state), "a failed call changed the state");
    }
    out_end(rig, out, written.size, capacity);
    return written.status;
}

static enum anytls_status call_with_checks(struct rig *rig, struct call call)
{
    static struct rig_state before;
    size_t room = room_of(&call);
    enum anytls_status status;
    enum anytls_status short_of_room;

    memcpy(&before, &rig->state, sizeof before);
    short_of_room = try_with(rig, &call, room - 1);
    if (short_of_room == ANYTLS_OK) /* a call that had nothing to write */
        must(rig_untouched(&before, &rig->state), "a call without room did something");
    status = try_with(rig, &call, room);
    if (short_of_room != status)
        ck_assert(short_of_room == ANYTLS_NO_ROOM);
    return status;
}

enum anytls_status rig_open(struct rig *rig, const struct anytls_address *destination, void *user)
{
    return call_with_checks(rig, (struct call){CALL_OPEN, 0, {0, 0}, destination, user});
}

enum anytls_status rig_open_name(struct rig *rig, const char *name)
{
    struct anytls_address address = address_name(name, 443);

    return rig_open(rig, &address, NULL);
}

enum anytls_status rig_finish(struct rig *rig, uint32_t stream)
{
    return call_with_checks(rig, (struct call){CALL_FINISH, stream, {0, 0}, NULL, NULL});
}

enum anytls_status rig_accept(struct rig *rig, uint32_t stream)
{
    return call_with_checks(rig, (struct call){CALL_ACCEPT, stream, {0, 0}, NULL, NULL});
}

/* A UDP-over-TCP stream of an endpoint is refused with a FIN, which needs less room. */
enum anytls_status rig_refuse(struct rig *rig, uint32_t stream, const char *reason)
{
    struct call call = {CALL_REFUSE, stream, text_of(reason), NULL, NULL};
    struct rig_state *state = &rig->state;

    if (rig->kind == RIG_ENDPOINT && state->endpoint.session.state != ANYTLS_STATE_CLOSED &&
        anytls_streams_state(&state->endpoint.session.streams, stream) == ANYTLS_STREAM_OPEN)
        return try_with(rig, &call, 7);
    return call_with_checks(rig, call);
}

enum anytls_status rig_alert(struct rig *rig, const char *reason)
{
    return call_with_checks(rig, (struct call){CALL_ALERT, 0, text_of(reason), NULL, NULL});
}

enum anytls_status rig_heartbeat(struct rig *rig)
{
    return call_with_checks(rig, (struct call){CALL_HEARTBEAT, 0, {0, 0}, NULL, NULL});
}

enum anytls_status rig_send(struct rig *rig, uint32_t stream, const uint8_t *data, size_t size)
{
    static struct rig_state before;
    size_t done = 0;

    memcpy(&before, &rig->state, sizeof before);
    do {
        uint8_t *out = out_new(7);
        struct anytls_sent result = anytls_session_send(rig_session(rig), stream, size - done, out);

        must(rig_untouched(&before, &rig->state), "sending changed the state");
        ck_assert_uint_le(result.payload, size - done);
        out_end(rig, out, result.payload > 0 ? 7 : 0, 7);
        if (result.status != ANYTLS_OK) {
            ck_assert_uint_eq(result.payload, 0);
            return result.status;
        }
        ck_assert(size == 0 || result.payload > 0);
        bytes_add(&rig->output, data + done, result.payload);
        done += result.payload;
    } while (done < size);
    return ANYTLS_OK;
}

enum anytls_status rig_send_text(struct rig *rig, uint32_t stream, const char *text)
{
    return rig_send(rig, stream, (const uint8_t *)text, strlen(text));
}

/* ---- Time, and the end ---- */

static void show(struct rig *rig, const struct anytls_received *received)
{
    if (received->event.type != ANYTLS_EVENT_NONE || received->event.violation != ANYTLS_OK)
        text_add_event(rig->seen, &received->event, &rig->state.endpoint.request);
}

static struct anytls_received tick(struct rig *rig, uint8_t *out, size_t capacity)
{
    if (rig->kind == RIG_ENDPOINT)
        return anytls_endpoint_tick(&rig->state.endpoint, rig->now, out, capacity);
    return anytls_session_tick(rig_session(rig), rig->now, out, capacity);
}

/* A tick without room fails only where it has something to write; then it changes nothing. */
static void tick_without_room(struct rig *rig)
{
    static struct rig_state before;
    static struct rig_state after;
    uint8_t *out = out_new(6);
    struct anytls_received received;

    memcpy(&before, &rig->state, sizeof before);
    received = tick(rig, out, 6);
    memcpy(&after, &rig->state, sizeof after);
    ck_assert_uint_eq(received.output, 0);
    if (received.status != ANYTLS_OK || received.event.type == ANYTLS_EVENT_NONE)
        must(rig_untouched(&before, &after), "a failed tick changed the state");
    memcpy(&rig->state, &before, sizeof before);
    out_end(rig, out, 0, 6);
}

enum anytls_status rig_tick(struct rig *rig, uint64_t now)
{
    size_t capacity = rig_output_max(rig);
    uint8_t *out = out_new(capacity);
    struct anytls_received received;

    rig->now = now;
    tick_without_room(rig);
    received = tick(rig, out, capacity);
    ck_assert_uint_eq(received.consumed, 0);
    out_end(rig, out, received.output, capacity);
    show(rig, &received);
    return received.status;
}

enum anytls_status rig_end(struct rig *rig)
{
    struct anytls_received received = anytls_endpoint_end(&rig->state.endpoint);

    ck_assert_uint_eq(received.output, 0);
    show(rig, &received);
    return received.status;
}

struct anytls_deadline rig_deadline(struct rig *rig)
{
    if (rig->kind == RIG_ENDPOINT)
        return anytls_endpoint_deadline(&rig->state.endpoint);
    return anytls_session_deadline(rig_session(rig));
}
