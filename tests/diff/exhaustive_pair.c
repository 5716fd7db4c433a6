/* A session of the reference and one of the oracle, given the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exhaustive.h"

static const char md5[] = "0123456789abcdef0123456789abcdef";
static const char scheme[] = "stop=3\n0=30-30\n1=100-400\n2=9-9,c,500-1000";
static const char name[] = "test/1";

const char *const call_names[CALL_COUNT] = {"open",  "send",      "finish", "accept", "refuse",
                                            "alert", "heartbeat", "close",  "tick"};

#define ANSWER_TIMEOUT 30000u
#define SYNACK_TIMEOUT 3000u
#define HEART_INTERVAL 7000u
#define HEART_TIMEOUT 1000u

static void begin_ours(struct pair *pair, const struct pair_setup *setup)
{
    pair->config.version = setup->version;
    pair->config.strict = setup->strict;
    pair->config.client.bytes = (const uint8_t *)name;
    pair->config.client.size = sizeof name - 1;
    pair->config.answer_timeout = ANSWER_TIMEOUT;
    pair->config.synack_timeout = SYNACK_TIMEOUT;
    pair->config.heart_interval = HEART_INTERVAL;
    pair->config.heart_timeout = HEART_TIMEOUT;
    pair->scheme.text.bytes = (const uint8_t *)scheme;
    pair->scheme.text.size = sizeof scheme - 1;
    pair->scheme.stop = 3;
    memcpy(pair->scheme.md5, md5, sizeof pair->scheme.md5);
    anytls_session_begin(&pair->ours.session, setup->client ? ANYTLS_CLIENT : ANYTLS_SERVER,
                         &pair->config, &pair->scheme, pair->ours.streams, setup->streams_max,
                         pair->ours.text, setup->text_max, pair->now);
    pair->ours.session.streams.highest = setup->highest;
}

static void begin_theirs(struct pair *pair, const struct pair_setup *setup)
{
    struct oracle_config config =
        oracle_config_default(setup->client ? ORACLE_CLIENT : ORACLE_SERVER);

    config.version = setup->version;
    config.strict = setup->strict;
    config.name = oracle_string(name);
    config.scheme = oracle_string(scheme);
    config.md5 = md5;
    config.streams_max = setup->streams_max;
    config.text_max = setup->text_max;
    config.answer_timeout = ANSWER_TIMEOUT;
    config.synack_timeout = SYNACK_TIMEOUT;
    config.heart_interval = HEART_INTERVAL;
    config.heart_timeout = HEART_TIMEOUT;
    config.highest = setup->highest;
    pair->theirs = oracle_session_new(&config, pair->now);
}

void pair_begin(struct pair *pair, const struct pair_setup *setup)
{
    pair->now = 1000;
    begin_ours(pair, setup);
    begin_theirs(pair, setup);
}

void pair_end(struct pair *pair)
{
    oracle_session_free(pair->theirs);
    pair->theirs = NULL;
}

void pair_copy(struct pair *to, const struct pair *from)
{
    to->config = from->config;
    to->scheme = from->scheme;
    to->now = from->now;
    ours_copy(&to->ours, &from->ours);
    to->ours.session.config = &to->config;
    to->ours.session.scheme = &to->scheme;
    to->theirs = oracle_session_copy(from->theirs);
}

/* ---- What was said ---- */

void said_reset(struct said *said)
{
    said->events_count = 0;
    said->data_size = 0;
    said->output_size = 0;
}

void said_add(struct said *said, const char *type, const char *violation, uint32_t stream,
              const uint8_t *data, size_t size)
{
    struct said_event *event = &said->events[said->events_count];
    struct said_event *last = said->events_count > 0 ? event - 1 : NULL;

    if (size > sizeof said->data - said->data_size || said->events_count == SAID_EVENTS)
        abort(); /* no case says that much */
    if (size > 0)
        memcpy(said->data + said->data_size, data, size);
    said->data_size += size;
    if (last != NULL && strcmp(type, "data") == 0 && strcmp(last->type, "data") == 0 &&
        last->stream == stream) {
        last->size += size;
        return;
    }
    event->type = type;
    event->violation = violation;
    event->stream = stream;
    event->start = said->data_size - size;
    event->size = size;
    said->events_count++;
}

void said_output(struct said *said, const uint8_t *bytes, size_t size)
{
    if (size > sizeof said->output - said->output_size)
        abort();
    if (size > 0)
        memcpy(said->output + said->output_size, bytes, size);
    said->output_size += size;
}

static bool same_event(const struct said *a, const struct said *b, size_t i)
{
    const struct said_event *x = &a->events[i];
    const struct said_event *y = &b->events[i];

    return strcmp(x->type, y->type) == 0 && strcmp(x->violation, y->violation) == 0 &&
           x->stream == y->stream &&
           same_bytes(a->data + x->start, x->size, b->data + y->start, y->size);
}

bool said_same(const struct said *a, const struct said *b)
{
    if (a->events_count != b->events_count)
        return false;
    for (size_t i = 0; i < a->events_count; i++)
        if (!same_event(a, b, i))
            return false;
    return same_bytes(a->output, a->output_size, b->output, b->output_size);
}

void said_show(const char *who, const struct said *said)
{
    printf("    %s:", who);
    for (size_t i = 0; i < said->events_count; i++) {
        const struct said_event *event = &said->events[i];

        printf(" %s(%s) stream %u", event->type, event->violation, (unsigned)event->stream);
        show("data", said->data + event->start, event->size);
    }
    show("output", said->output, said->output_size);
    printf("\n");
}

const char *event_name(enum anytls_event_type type)
{
    static const char *const types[] = {
        "none",           "settings",      "server-settings",
        "scheme",         "stream-opened", "stream-accepted",
        "stream-refused", "data",          "stream-finished",
        "heart-answered", "alert",         "closed",
        "authenticated",  "fallback",      "dial",
        "dial-udp",
    };

    return types[type];
}

static void say_event(struct said *said, const struct anytls_event *event)
{
    if (event->type == ANYTLS_EVENT_NONE && event->violation == ANYTLS_OK)
        return;
    said_add(said, event_name(event->type), anytls_status_text(event->violation), event->stream,
             event->data.bytes, event->data.size);
}

static void say_received(struct said *said, const struct anytls_received *result,
                         const uint8_t *out)
{
    said_output(said, out, result->output);
    say_event(said, &result->event);
}

void ours_feed(struct ours *ours, const uint8_t *bytes, size_t size, uint64_t now,
               struct said *said)
{
    uint8_t out[1024];

    while (size > 0) {
        struct anytls_received result =
            anytls_session_receive(&ours->session, bytes, size, now, out, sizeof out);

        if (result.status == ANYTLS_CLOSED)
            return;
        if (result.status != ANYTLS_OK || result.consumed == 0)
            abort(); /* the buffer is large enough; a step always takes something */
        say_received(said, &result, out);
        bytes += result.consumed;
        size -= result.consumed;
    }
}

void ours_copy(struct ours *to, const struct ours *from)
{
    size_t text = from->session.text_size;

    to->session = from->session;
    to->session.streams.entries = to->streams;
    to->session.text = to->text;
    memcpy(to->streams, from->streams, sizeof to->streams);
    memcpy(to->text, from->text, text);
}

void theirs_feed(struct oracle_session *theirs, const uint8_t *bytes, size_t size, uint64_t now)
{
    struct oracle_bytes all = {bytes, size};

    oracle_session_receive(theirs, all, now);
}

void theirs_said(struct oracle_session *theirs, struct said *said)
{
    struct oracle_bytes output = oracle_session_output(theirs);

    said_reset(said);
    for (size_t i = 0; i < oracle_session_events(theirs); i++) {
        struct oracle_event event = oracle_session_event(theirs, i);

        said_add(said, oracle_event_name(event.type), oracle_status_text(event.violation),
                 event.stream, event.data.at, event.data.size);
    }
    said_output(said, output.at, output.size);
    oracle_session_clear(theirs);
}

bool same_state(struct ours *ours, const struct oracle_session *theirs, const uint32_t *ids,
                size_t count)
{
    static const char *const states[] = {"new", "v1", "v2", "closed"};
    static const char *const streams[] = {"fresh", "past", "opening", "open"};
    struct anytls_deadline deadline = anytls_session_deadline(&ours->session);
    uint64_t at;

    if (strcmp(states[ours->session.state], oracle_session_state(theirs)) != 0)
        return false;
    if (ours->session.streams.count != oracle_session_streams(theirs))
        return false;
    if (deadline.set != oracle_session_deadline(theirs, &at) || (deadline.set && deadline.at != at))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(streams[anytls_streams_state(&ours->session.streams, ids[i])],
                   oracle_session_stream(theirs, ids[i])) != 0)
            return false;
    return true;
}

size_t frame_lay(uint8_t *out, uint8_t command, uint32_t stream, const void *data, size_t size)
{
    out[0] = command;
    out[1] = (uint8_t)(stream >> 24);
    out[2] = (uint8_t)(stream >> 16);
    out[3] = (uint8_t)(stream >> 8);
    out[4] = (uint8_t)stream;
    out[5] = (uint8_t)(size >> 8);
    out[6] = (uint8_t)size;
    if (size > 0)
        memcpy(out + 7, data, size);
    return 7 + size;
}

void pair_feed(struct pair *pair, const uint8_t *bytes, size_t size)
{
    static struct said ours;
    static struct said theirs;

    said_reset(&ours);
    ours_feed(&pair->ours, bytes, size, pair->now, &ours);
    theirs_feed(pair->theirs, bytes, size, pair->now);
    theirs_said(pair->theirs, &theirs);
    if (!agree(said_same(&ours, &theirs)) && tell()) {
        printf("  while a state was made:\n");
        said_show("ref   ", &ours);
        said_show("oracle", &theirs);
    }
}
