#include "session_harness.h"

#include <stdlib.h>
#include <string.h>

static uint8_t users[256];

/* What a stream's events carry: something of its id. */
static void *user_of(uint32_t id)
{
    return &users[(id * 2654435761u) >> 24];
}

void harness_begin(struct harness *harness, enum anytls_role role, const struct fuzz_config *config)
{
    memset(harness, 0, sizeof *harness);
    harness->config = *config;
    harness->capacity = config->streams;
    harness->table = fuzz_memory(config->streams * sizeof *harness->table);
    harness->text = fuzz_memory(config->text);
    harness->now = 1000;
    harness->numbers.state = config->cuts + UINT64_C(77);
    harness->state = role == ANYTLS_SERVER ? ANYTLS_STATE_NEW : ANYTLS_STATE_V1;
    anytls_session_begin(&harness->session, role, &harness->config.session, &harness->config.scheme,
                         harness->table, config->streams, harness->text, config->text,
                         harness->now);
    if ((config->flags & FUZZ_LAST_IDS) != 0) {
        harness->highest = UINT32_MAX - 3;
        harness->session.streams.highest = harness->highest;
    }
    harness->out = fuzz_memory(anytls_session_output_max(&harness->session));
    harness_check(harness);
}

void harness_end(struct harness *harness)
{
    free(harness->table);
    free(harness->text);
    free(harness->out);
}

/* ---- The model ---- */

struct harness_stream *harness_find(struct harness *harness, uint32_t id)
{
    for (size_t i = 0; i < harness->count; i++)
        if (harness->streams[i].id == id)
            return &harness->streams[i];
    return NULL;
}

uint32_t harness_stream_of(const struct harness *harness, uint32_t stream)
{
    if (stream < 0x80000000u || harness->count == 0)
        return stream;
    return harness->streams[stream % harness->count].id;
}

void harness_model_open(struct harness *harness, uint32_t id)
{
    struct harness_stream *stream = &harness->streams[harness->count];

    FUZZ_ASSERT(harness_find(harness, id) == NULL);
    FUZZ_ASSERT(harness->count < harness->capacity);
    stream->id = id;
    stream->state = ANYTLS_STREAM_OPENING;
    stream->user = NULL;
    harness->count++;
    if (id > harness->highest)
        harness->highest = id;
}

void harness_model_close(struct harness *harness, uint32_t id)
{
    struct harness_stream *stream = harness_find(harness, id);

    FUZZ_ASSERT(stream != NULL);
    *stream = harness->streams[harness->count - 1];
    harness->count--;
}

void harness_check(const struct harness *harness)
{
    const struct anytls_streams *table = &harness->session.streams;
    size_t opening = 0;

    FUZZ_ASSERT(harness->session.state == harness->state);
    if (harness->state == ANYTLS_STATE_CLOSED)
        return;
    FUZZ_ASSERT(table->count == harness->count && table->count <= table->capacity);
    FUZZ_ASSERT(table->highest == harness->highest);
    FUZZ_ASSERT(harness->session.heart_sent == harness->heart_sent);
    for (size_t i = 0; i < harness->count; i++) {
        const struct harness_stream *stream = &harness->streams[i];
        size_t at = 0;

        while (at < table->count && table->entries[at].id != stream->id)
            at++;
        FUZZ_ASSERT(at < table->count);
        FUZZ_ASSERT(table->entries[at].state == stream->state);
        FUZZ_ASSERT(table->entries[at].user == stream->user);
        opening += stream->state == ANYTLS_STREAM_OPENING ? 1 : 0;
    }
    FUZZ_ASSERT(table->opening == opening);
}

/* streams.last is a memory of where to look first, and no state. */
void harness_check_unchanged(const struct harness *harness, const struct anytls_session *before)
{
    struct anytls_session after;

    memcpy(&after, &harness->session, sizeof after);
    after.streams.last = before->streams.last;
    FUZZ_ASSERT(memcmp(&after, before, sizeof after) == 0);
}

/* ---- Events ---- */

static bool is_violation(enum anytls_status status)
{
    return status == ANYTLS_TOO_MANY_STREAMS || status == ANYTLS_TOO_LONG ||
           (status >= ANYTLS_BAD_STOP && status <= ANYTLS_PEER_SILENT);
}

static bool event_is_ours(enum anytls_role role, enum anytls_event_type type)
{
    switch (type) {
    case ANYTLS_EVENT_SETTINGS:
    case ANYTLS_EVENT_STREAM_OPENED: return role == ANYTLS_SERVER;
    case ANYTLS_EVENT_SERVER_SETTINGS:
    case ANYTLS_EVENT_SCHEME:
    case ANYTLS_EVENT_STREAM_ACCEPTED:
    case ANYTLS_EVENT_STREAM_REFUSED:
    case ANYTLS_EVENT_ALERT: return role == ANYTLS_CLIENT;
    default: return type <= ANYTLS_EVENT_CLOSED;
    }
}

static void check_text(const struct harness *harness, struct anytls_text data)
{
    FUZZ_ASSERT(data.bytes == harness->text && data.size <= harness->config.text);
}

static void take_settings(struct harness *harness, const struct anytls_event *event)
{
    enum anytls_state next = harness->session.state;

    FUZZ_ASSERT(event->type != ANYTLS_EVENT_SETTINGS || harness->state == ANYTLS_STATE_NEW);
    FUZZ_ASSERT(event->type != ANYTLS_EVENT_SERVER_SETTINGS || harness->state == ANYTLS_STATE_V1);
    check_text(harness, event->data);
    FUZZ_ASSERT(event->data.size > 0 || harness->config.text == 0);
    FUZZ_ASSERT(next == ANYTLS_STATE_V1 ||
                (next == ANYTLS_STATE_V2 && harness->config.session.version == 2));
    harness->state = next;
}

static void take_stream_event(struct harness *harness, const struct anytls_event *event)
{
    struct harness_stream *stream = harness_find(harness, event->stream);

    FUZZ_ASSERT(stream != NULL && event->user == stream->user);
    if (event->type == ANYTLS_EVENT_STREAM_ACCEPTED) {
        FUZZ_ASSERT(harness->state == ANYTLS_STATE_V2);
        FUZZ_ASSERT(stream->state == ANYTLS_STREAM_OPENING);
        stream->state = ANYTLS_STREAM_OPEN;
    } else if (event->type != ANYTLS_EVENT_DATA) {
        harness_model_close(harness, event->stream);
    }
    if (event->type == ANYTLS_EVENT_STREAM_REFUSED)
        check_text(harness, event->data);
    if (event->type == ANYTLS_EVENT_DATA)
        FUZZ_ASSERT(event->data.size > 0 && event->violation == ANYTLS_OK);
}

static void take_event(struct harness *harness, const struct anytls_event *event)
{
    FUZZ_ASSERT(event_is_ours(harness->session.role, event->type));
    FUZZ_ASSERT(event->violation == ANYTLS_OK || is_violation(event->violation));
    if (event->violation == ANYTLS_TOO_MANY_STREAMS && event->stream > harness->highest) {
        FUZZ_ASSERT(harness->count == harness->capacity);
        harness->highest = event->stream;
    }
    switch (event->type) {
    case ANYTLS_EVENT_SETTINGS:
    case ANYTLS_EVENT_SERVER_SETTINGS: take_settings(harness, event); break;
    case ANYTLS_EVENT_SCHEME:
        check_text(harness, event->data);
        FUZZ_ASSERT(anytls_scheme_read(event->data).status == ANYTLS_OK);
        break;
    case ANYTLS_EVENT_STREAM_OPENED:
        FUZZ_ASSERT(harness->state != ANYTLS_STATE_NEW && event->user == NULL);
        harness_model_open(harness, event->stream);
        break;
    case ANYTLS_EVENT_STREAM_ACCEPTED:
    case ANYTLS_EVENT_STREAM_REFUSED:
    case ANYTLS_EVENT_DATA:
    case ANYTLS_EVENT_STREAM_FINISHED: take_stream_event(harness, event); break;
    case ANYTLS_EVENT_ALERT:
        check_text(harness, event->data);
        harness->state = ANYTLS_STATE_CLOSED;
        break;
    case ANYTLS_EVENT_CLOSED:
        FUZZ_ASSERT(event->violation != ANYTLS_OK);
        harness->state = ANYTLS_STATE_CLOSED;
        break;
    default: break;
    }
    FUZZ_ASSERT(!harness->config.session.strict || event->violation == ANYTLS_OK ||
                harness->state == ANYTLS_STATE_CLOSED);
    harness_trace_event(harness, event);
    if (harness->watch != NULL)
        harness->watch->event(harness->watch->context, event);
}

/* ---- What comes in, and time ---- */

/* A receive that has to fail: there is too little room, or the session has ended. */
static void receive_nothing(struct harness *harness, struct anytls_text bytes, size_t room,
                            enum anytls_status expected)
{
    struct anytls_session before;
    struct anytls_received result;

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_receive(&harness->session, bytes.bytes, bytes.size, harness->now,
                                    harness->out, room);
    FUZZ_ASSERT(result.status == expected);
    FUZZ_ASSERT(result.consumed == 0 && result.output == 0);
    FUZZ_ASSERT(result.event.type == ANYTLS_EVENT_NONE);
    harness_check_unchanged(harness, &before);
}

struct anytls_received harness_receive(struct harness *harness, const uint8_t *bytes, size_t size)
{
    size_t room = anytls_session_output_max(&harness->session);
    struct anytls_received result =
        anytls_session_receive(&harness->session, bytes, size, harness->now, harness->out, room);

    FUZZ_ASSERT(result.output <= room && result.consumed <= size);
    FUZZ_ASSERT(result.status == ANYTLS_OK && (result.consumed > 0) == (size > 0));
    if (size > 0)
        harness->heart_sent = false;
    if (result.event.type == ANYTLS_EVENT_DATA)
        FUZZ_ASSERT(result.event.data.bytes == bytes && result.event.data.size == result.consumed);
    take_event(harness, &result.event);
    harness_check_output(harness, harness->out, result.output);
    harness_check(harness);
    return result;
}

size_t harness_feed(struct harness *harness, struct anytls_text bytes)
{
    const struct anytls_text none = {bytes.bytes, 0};
    size_t room = anytls_session_output_max(&harness->session);
    size_t consumed = 0;

    if (harness->state == ANYTLS_STATE_CLOSED) {
        receive_nothing(harness, bytes, room, ANYTLS_CLOSED);
        return 0;
    }
    receive_nothing(harness, bytes, room - 1, ANYTLS_NO_ROOM);
    receive_nothing(harness, none, room, ANYTLS_OK);
    while (consumed < bytes.size && harness->state != ANYTLS_STATE_CLOSED) {
        size_t size = fuzz_piece(&harness->numbers, harness->config.cuts, bytes.size - consumed);
        uint8_t *piece = fuzz_copy(bytes.bytes + consumed, size);
        size_t taken = 0;

        while (taken < size && harness->state != ANYTLS_STATE_CLOSED)
            taken += harness_receive(harness, piece + taken, size - taken).consumed;
        free(piece);
        consumed += taken;
    }
    return consumed;
}

static bool tick_once(struct harness *harness, size_t room)
{
    struct anytls_deadline deadline = anytls_session_deadline(&harness->session);
    bool due = deadline.set && harness->now >= deadline.at;
    struct anytls_session before;
    struct anytls_received result;

    memcpy(&before, &harness->session, sizeof before);
    result = anytls_session_tick(&harness->session, harness->now, harness->out, room);
    FUZZ_ASSERT(!deadline.set || !harness->session.paused);
    FUZZ_ASSERT(result.consumed == 0);
    if (harness->state == ANYTLS_STATE_CLOSED || !due || result.status == ANYTLS_NO_ROOM) {
        FUZZ_ASSERT(result.output == 0 && result.event.type == ANYTLS_EVENT_NONE);
        FUZZ_ASSERT((result.status == ANYTLS_CLOSED) == (harness->state == ANYTLS_STATE_CLOSED));
        FUZZ_ASSERT(result.status != ANYTLS_NO_ROOM || (due && room < 7));
        FUZZ_ASSERT(harness->state != ANYTLS_STATE_CLOSED || !deadline.set);
        harness_check_unchanged(harness, &before);
        return false;
    }
    FUZZ_ASSERT(result.status == ANYTLS_OK);
    FUZZ_ASSERT((result.output == 7) != (result.event.type == ANYTLS_EVENT_CLOSED));
    FUZZ_ASSERT(result.output == 7 || result.event.violation == ANYTLS_PEER_SILENT);
    FUZZ_ASSERT(!harness->heart_sent || result.output == 0);
    harness->heart_sent = result.output == 7;
    take_event(harness, &result.event);
    harness_check_output(harness, harness->out, result.output);
    harness_check(harness);
    return true;
}

void harness_tick(struct harness *harness, bool tight)
{
    size_t rounds = 0;

    if (tight)
        tick_once(harness, 6);
    while (tick_once(harness, anytls_session_output_max(&harness->session))) {
        rounds++;
        FUZZ_ASSERT(rounds <= 2); /* a heartbeat, and the end */
    }
}

/* ---- Programs ---- */

void harness_user(struct harness *harness, uint32_t stream)
{
    struct harness_stream *known = harness_find(harness, stream);
    enum anytls_status status = anytls_session_user_set(&harness->session, stream, user_of(stream));

    if (harness->state != ANYTLS_STATE_CLOSED)
        FUZZ_ASSERT(status == (known != NULL ? ANYTLS_OK : ANYTLS_UNKNOWN_STREAM));
    if (known != NULL)
        known->user = user_of(stream);
    harness_check(harness);
}

void harness_run(enum anytls_role role, struct fuzz_input input)
{
    struct fuzz_config config = fuzz_config_take(&input, role);
    struct harness one;
    struct harness other;
    struct fuzz_numbers numbers = fuzz_numbers_of(input.at, input.size);
    struct fuzz_step step;

    harness_begin(&one, role, &config);
    config.cuts = config.cuts > 0 ? 0 : 1 + fuzz_next(&numbers) % 16;
    harness_begin(&other, role, &config);
    while (fuzz_step_next(&input, &step)) {
        harness_step(&one, &step);
        harness_step(&other, &step);
        FUZZ_ASSERT(one.trace.events == other.trace.events);
        FUZZ_ASSERT(one.trace.output == other.trace.output);
        FUZZ_ASSERT(one.state == other.state && one.count == other.count);
        FUZZ_ASSERT(one.session.writes == other.session.writes);
    }
    harness_end(&one);
    harness_end(&other);
}
