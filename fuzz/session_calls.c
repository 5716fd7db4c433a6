#include <stdlib.h>
#include <string.h>

#include "session_harness.h"

/* Room for what any call writes; one too little with tight. */
static uint8_t *room_for(size_t need, bool tight, size_t *room)
{
    *room = tight ? need - 1 : need;
    return fuzz_memory(*room);
}

/* What was written moves to harness->out, which may be smaller than the room that a call wants. */
static void keep(struct harness *harness, uint8_t *out, size_t size)
{
    free(harness->out);
    harness->out = fuzz_memory(anytls_session_output_max(&harness->session) + size);
    if (size > 0)
        memcpy(harness->out, out, size);
    free(out);
    harness_check_output(harness, harness->out, size);
    harness_check(harness);
}

static bool fits_kind(const struct anytls_address *address)
{
    if (address->kind == ANYTLS_NAME)
        return address->size > 0;
    return address->size == (address->kind == ANYTLS_IPV4 ? 4 : 16);
}

static enum anytls_status open_status(const struct harness *harness,
                                      const struct anytls_address *address, bool tight)
{
    if (harness->state == ANYTLS_STATE_CLOSED)
        return ANYTLS_CLOSED;
    if (harness->session.role == ANYTLS_SERVER)
        return ANYTLS_NOT_ALLOWED;
    if (harness->highest == UINT32_MAX)
        return ANYTLS_NO_MORE_IDS;
    if (harness->count == harness->capacity)
        return ANYTLS_TOO_MANY_STREAMS;
    if (harness->config.session.client.size > ANYTLS_CLIENT_NAME_MAX)
        return ANYTLS_TOO_LONG;
    if (tight)
        return ANYTLS_NO_ROOM;
    return fits_kind(address) ? ANYTLS_OK : ANYTLS_BAD_ADDRESS;
}

/* Settings where they are due, SYN, and a PSH that is the destination and no more. */
static void check_open(const struct harness *harness, const uint8_t *out, size_t size,
                       const struct anytls_address *address)
{
    uint32_t stream = harness->highest;
    struct anytls_frame_result frame = anytls_frame_decode(out, size);
    struct anytls_address_result again;
    size_t at = 0;

    if (!harness->settings_sent) {
        struct anytls_text text = {frame.frame.data, frame.frame.header.length};

        FUZZ_ASSERT(frame.frame.header.command == ANYTLS_SETTINGS);
        FUZZ_ASSERT(anytls_settings_version(text) == harness->config.session.version);
        at = frame.consumed;
        frame = anytls_frame_decode(out + at, size - at);
    }
    FUZZ_ASSERT(frame.frame.header.command == ANYTLS_SYN && frame.frame.header.stream == stream);
    at += frame.consumed;
    frame = anytls_frame_decode(out + at, size - at);
    FUZZ_ASSERT(frame.frame.header.command == ANYTLS_PSH && frame.frame.header.stream == stream);
    again = anytls_address_decode(ANYTLS_TABLE_SOCKS, frame.frame.data, frame.frame.header.length);
    FUZZ_ASSERT(again.status == ANYTLS_OK && again.consumed == frame.frame.header.length);
    FUZZ_ASSERT(again.address.port == address->port && again.address.size == address->size);
    FUZZ_ASSERT(memcmp(again.address.host, address->host, address->size) == 0);
    FUZZ_ASSERT(at + frame.consumed == size);
}

struct anytls_opened harness_open(struct harness *harness, const struct anytls_address *address,
                                  bool tight)
{
    enum anytls_status expected = open_status(harness, address, tight);
    struct anytls_session before;
    struct anytls_opened result;
    size_t room;
    uint8_t *out = room_for(ANYTLS_OPEN_SIZE_MAX, tight, &room);

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_open(&harness->session, address, NULL, harness->now, out, room);
    FUZZ_ASSERT(result.status == expected);
    if (result.status == ANYTLS_OK) {
        FUZZ_ASSERT(result.stream == harness->highest + 1);
        FUZZ_ASSERT(result.size <= ANYTLS_OPEN_SIZE_MAX);
        harness_model_open(harness, result.stream);
        check_open(harness, out, result.size, address);
        harness->settings_sent = true;
    } else {
        FUZZ_ASSERT(result.size == 0);
        harness_check_unchanged(harness, &before);
    }
    keep(harness, out, result.size);
    return result;
}

struct anytls_sent harness_send(struct harness *harness, uint32_t stream, size_t size)
{
    const struct harness_stream *known = harness_find(harness, stream);
    uint8_t *out = fuzz_memory(ANYTLS_FRAME_HEADER_SIZE);
    struct anytls_sent result = anytls_session_send(&harness->session, stream, size, out);

    if (harness->state == ANYTLS_STATE_CLOSED)
        FUZZ_ASSERT(result.status == ANYTLS_CLOSED);
    else if (known == NULL)
        FUZZ_ASSERT(result.status == ANYTLS_UNKNOWN_STREAM);
    else if (harness->session.role == ANYTLS_SERVER && known->state != ANYTLS_STREAM_OPEN)
        FUZZ_ASSERT(result.status == ANYTLS_NOT_ALLOWED);
    else
        FUZZ_ASSERT(result.status == ANYTLS_OK);
    if (result.status != ANYTLS_OK || size == 0)
        FUZZ_ASSERT(result.payload == 0);
    if (result.payload > 0) {
        struct anytls_header header = anytls_header_decode(out, ANYTLS_FRAME_HEADER_SIZE).header;

        FUZZ_ASSERT(result.payload == (size < 65535 ? size : 65535));
        FUZZ_ASSERT(header.command == ANYTLS_PSH && header.stream == stream);
        FUZZ_ASSERT(header.length == result.payload);
        harness_trace_output(harness, out, ANYTLS_FRAME_HEADER_SIZE);
        harness_check_plan(harness, ANYTLS_FRAME_HEADER_SIZE + result.payload);
        memcpy(harness->out, out, ANYTLS_FRAME_HEADER_SIZE);
    }
    free(out);
    harness_check(harness);
    return result;
}

/* The one frame that a call wrote, as it has to be. */
static void check_frame(const uint8_t *out, size_t size, enum anytls_command command,
                        uint32_t stream, struct anytls_text data)
{
    struct anytls_frame_result frame = anytls_frame_decode(out, size);

    FUZZ_ASSERT(frame.status == ANYTLS_OK && frame.consumed == size);
    FUZZ_ASSERT(frame.frame.header.command == command && frame.frame.header.stream == stream);
    FUZZ_ASSERT(frame.frame.header.length == data.size);
    FUZZ_ASSERT(fuzz_same(frame.frame.data, data.bytes, data.size));
}

static const struct anytls_text no_text;

static struct anytls_text as_sent(struct anytls_text reason)
{
    if (reason.size > ANYTLS_REASON_MAX)
        reason.size = ANYTLS_REASON_MAX;
    return reason;
}

struct anytls_written harness_finish(struct harness *harness, uint32_t stream, bool tight)
{
    const struct harness_stream *known = harness_find(harness, stream);
    struct anytls_session before;
    struct anytls_written result;
    size_t room;
    uint8_t *out = room_for(ANYTLS_FRAME_HEADER_SIZE, tight, &room);

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_finish(&harness->session, stream, out, room);
    if (harness->state == ANYTLS_STATE_CLOSED)
        FUZZ_ASSERT(result.status == ANYTLS_CLOSED);
    else if (known == NULL)
        FUZZ_ASSERT(result.status == ANYTLS_UNKNOWN_STREAM);
    else
        FUZZ_ASSERT(result.status == (tight ? ANYTLS_NO_ROOM : ANYTLS_OK));
    if (result.status == ANYTLS_OK) {
        check_frame(out, result.size, ANYTLS_FIN, stream, no_text);
        harness_model_close(harness, stream);
    } else {
        FUZZ_ASSERT(result.size == 0);
        harness_check_unchanged(harness, &before);
    }
    keep(harness, out, result.size);
    return result;
}

/* What accept and refuse answer. */
static enum anytls_status answer_status(struct harness *harness, uint32_t stream, bool tight)
{
    const struct harness_stream *known = harness_find(harness, stream);

    if (harness->state == ANYTLS_STATE_CLOSED)
        return ANYTLS_CLOSED;
    if (harness->session.role == ANYTLS_CLIENT)
        return ANYTLS_NOT_ALLOWED;
    if (known == NULL)
        return ANYTLS_UNKNOWN_STREAM;
    if (known->state != ANYTLS_STREAM_OPENING)
        return ANYTLS_NOT_ALLOWED;
    return tight ? ANYTLS_NO_ROOM : ANYTLS_OK;
}

struct anytls_written harness_accept(struct harness *harness, uint32_t stream, bool tight)
{
    enum anytls_status expected = answer_status(harness, stream, tight);
    struct anytls_session before;
    struct anytls_written result;
    size_t room;
    uint8_t *out = room_for(ANYTLS_FRAME_HEADER_SIZE, tight, &room);

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_accept(&harness->session, stream, out, room);
    FUZZ_ASSERT(result.status == expected);
    if (result.status == ANYTLS_OK) {
        harness_find(harness, stream)->state = ANYTLS_STREAM_OPEN;
        if (harness->state == ANYTLS_STATE_V2)
            check_frame(out, result.size, ANYTLS_SYNACK, stream, no_text);
        else
            FUZZ_ASSERT(result.size == 0);
    } else {
        FUZZ_ASSERT(result.size == 0);
        harness_check_unchanged(harness, &before);
    }
    keep(harness, out, result.size);
    return result;
}

struct anytls_written harness_refuse(struct harness *harness, uint32_t stream,
                                     struct anytls_text reason, bool tight)
{
    static const struct anytls_text refused = {(const uint8_t *)"refused", 7};
    enum anytls_status expected = answer_status(harness, stream, tight);
    struct anytls_session before;
    struct anytls_written result;
    size_t room;
    uint8_t *out = room_for(ANYTLS_FRAME_HEADER_SIZE + (size_t)ANYTLS_REASON_MAX, tight, &room);

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_refuse(&harness->session, stream, reason, out, room);
    FUZZ_ASSERT(result.status == expected);
    if (result.status == ANYTLS_OK) {
        if (harness->state == ANYTLS_STATE_V2)
            check_frame(out, result.size, ANYTLS_SYNACK, stream,
                        reason.size > 0 ? as_sent(reason) : refused);
        else
            check_frame(out, result.size, ANYTLS_FIN, stream, no_text);
        harness_model_close(harness, stream);
    } else {
        FUZZ_ASSERT(result.size == 0);
        harness_check_unchanged(harness, &before);
    }
    keep(harness, out, result.size);
    return result;
}

struct anytls_written harness_alert(struct harness *harness, struct anytls_text reason, bool tight)
{
    struct anytls_session before;
    struct anytls_written result;
    size_t room;
    uint8_t *out = room_for(ANYTLS_FRAME_HEADER_SIZE + (size_t)ANYTLS_REASON_MAX, tight, &room);

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_alert(&harness->session, reason, out, room);
    if (harness->state == ANYTLS_STATE_CLOSED)
        FUZZ_ASSERT(result.status == ANYTLS_CLOSED);
    else if (harness->session.role == ANYTLS_CLIENT)
        FUZZ_ASSERT(result.status == ANYTLS_NOT_ALLOWED);
    else
        FUZZ_ASSERT(result.status == (tight ? ANYTLS_NO_ROOM : ANYTLS_OK));
    if (result.status == ANYTLS_OK) {
        check_frame(out, result.size, ANYTLS_ALERT, 0, as_sent(reason));
        harness->state = ANYTLS_STATE_CLOSED;
    } else {
        FUZZ_ASSERT(result.size == 0);
        harness_check_unchanged(harness, &before);
    }
    keep(harness, out, result.size);
    return result;
}

struct anytls_written harness_heartbeat(struct harness *harness, bool tight)
{
    struct anytls_session before;
    struct anytls_written result;
    size_t room;
    uint8_t *out = room_for(ANYTLS_FRAME_HEADER_SIZE, tight, &room);

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_heartbeat(&harness->session, harness->now, out, room);
    if (harness->state == ANYTLS_STATE_CLOSED)
        FUZZ_ASSERT(result.status == ANYTLS_CLOSED);
    else if (harness->state != ANYTLS_STATE_V2 || harness->heart_sent)
        FUZZ_ASSERT(result.status == ANYTLS_NOT_ALLOWED);
    else
        FUZZ_ASSERT(result.status == (tight ? ANYTLS_NO_ROOM : ANYTLS_OK));
    if (result.status == ANYTLS_OK) {
        check_frame(out, result.size, ANYTLS_HEART_REQUEST, 0, no_text);
        harness->heart_sent = true;
    } else {
        FUZZ_ASSERT(result.size == 0);
        harness_check_unchanged(harness, &before);
    }
    keep(harness, out, result.size);
    return result;
}

void harness_close(struct harness *harness)
{
    anytls_session_close(&harness->session);
    harness->state = ANYTLS_STATE_CLOSED;
    harness_check(harness);
}

/* A caller may move the table to a larger one between calls. */
void harness_grow(struct harness *harness)
{
    size_t capacity = harness->capacity + 3;
    struct anytls_stream *table;

    if (capacity > HARNESS_STREAMS_MAX)
        return;
    table = fuzz_memory(capacity * sizeof *table);
    memset(table, 0xa5, capacity * sizeof *table);
    if (harness->capacity > 0)
        memcpy(table, harness->table, harness->capacity * sizeof *table);
    free(harness->table);
    harness->table = table;
    harness->capacity = capacity;
    harness->session.streams.entries = table;
    harness->session.streams.capacity = capacity;
    harness_check(harness);
}

static void send_all(struct harness *harness, uint32_t stream, size_t size)
{
    struct anytls_sent sent = harness_send(harness, stream, size);

    while (sent.payload > 0 && sent.payload < size) {
        size -= sent.payload;
        sent = harness_send(harness, stream, size);
    }
}

void harness_step(struct harness *harness, const struct fuzz_step *step)
{
    uint32_t stream = harness_stream_of(harness, step->stream);
    struct anytls_address address;

    switch (step->op) {
    case FUZZ_OPEN:
        address = fuzz_destination(step->data);
        harness_open(harness, &address, step->tight);
        break;
    case FUZZ_SEND: send_all(harness, stream, fuzz_send_size(step->data)); break;
    case FUZZ_FINISH: harness_finish(harness, stream, step->tight); break;
    case FUZZ_ACCEPT: harness_accept(harness, stream, step->tight); break;
    case FUZZ_REFUSE: harness_refuse(harness, stream, step->data, step->tight); break;
    case FUZZ_USER: harness_user(harness, stream); break;
    case FUZZ_HEARTBEAT: harness_heartbeat(harness, step->tight); break;
    case FUZZ_ALERT: harness_alert(harness, step->data, step->tight); break;
    case FUZZ_CLOSE: harness_close(harness); break;
    case FUZZ_TIME:
        harness->now += step->stream % 65536u;
        harness_tick(harness, step->tight);
        break;
    case FUZZ_PAUSE: anytls_session_pause(&harness->session); break;
    case FUZZ_RESUME: anytls_session_resume(&harness->session, harness->now); break;
    case FUZZ_GROW: harness_grow(harness); break;
    case FUZZ_RAW:
    case FUZZ_PEER: harness_feed(harness, step->data); break;
    default: break; /* a config that is not the first step, and moves */
    }
}
