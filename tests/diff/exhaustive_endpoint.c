/* An endpoint of the reference and one of the oracle, given the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exhaustive_endpoint.h"

#define STREAMS 4u
#define PENDING 2u

static const char md5[] = ENDPOINT_MD5;
static const char scheme_text[] = "stop=1";
uint8_t endpoint_hash[32];

static struct anytls_endpoint_config config;
static struct anytls_scheme scheme;
static struct anytls_endpoint ours;
static struct anytls_stream streams[STREAMS];
static struct anytls_pending pending[PENDING];
static uint8_t text[256];
static struct oracle_endpoint *theirs;
uint64_t endpoint_now;

static struct said our_said;
static struct said their_said;

void endpoint_begin(bool strict)
{
    struct oracle_endpoint_config other = {oracle_config_default(ORACLE_SERVER), endpoint_hash,
                                           ENDPOINT_TIMEOUT, PENDING};

    for (size_t i = 0; i < sizeof endpoint_hash; i++)
        endpoint_hash[i] = (uint8_t)(200 - i);
    endpoint_now = 500;
    config.session.version = 2;
    config.session.strict = strict;
    memcpy(config.hash, endpoint_hash, sizeof endpoint_hash);
    config.preamble_timeout = ENDPOINT_TIMEOUT;
    scheme.text.bytes = (const uint8_t *)scheme_text;
    scheme.text.size = sizeof scheme_text - 1;
    scheme.stop = 1;
    memcpy(scheme.md5, md5, sizeof scheme.md5);
    anytls_endpoint_begin(&ours, &config, &scheme, streams, STREAMS, pending, PENDING, text,
                          sizeof text, endpoint_now);
    other.session.strict = strict;
    other.session.scheme = oracle_string(scheme_text);
    other.session.md5 = md5;
    other.session.streams_max = STREAMS;
    other.session.text_max = sizeof text;
    theirs = oracle_endpoint_new(&other, endpoint_now);
    said_reset(&our_said);
}

void endpoint_end(void)
{
    oracle_endpoint_free(theirs);
    theirs = NULL;
}

/* ---- What was said ---- */

static void say_dial(const struct anytls_event *event)
{
    uint8_t bytes[ANYTLS_UOT_REQUEST_SIZE_MAX];
    struct anytls_written written;

    if (event->type == ANYTLS_EVENT_DIAL)
        written =
            anytls_address_encode(ANYTLS_TABLE_SOCKS, &ours.request.address, bytes, sizeof bytes);
    else
        written = anytls_uot_request_encode(&ours.request, bytes, sizeof bytes);
    said_add(&our_said, event_name(event->type), anytls_status_text(event->violation),
             event->stream, bytes, written.size);
}

static void say(const struct anytls_received *result, const uint8_t *out)
{
    const struct anytls_event *event = &result->event;

    said_output(&our_said, out, result->output);
    if (event->type == ANYTLS_EVENT_DIAL || event->type == ANYTLS_EVENT_DIAL_UDP)
        say_dial(event);
    else if (event->type != ANYTLS_EVENT_NONE || event->violation != ANYTLS_OK)
        said_add(&our_said, event_name(event->type), anytls_status_text(event->violation),
                 event->stream, event->data.bytes, event->data.size);
}

void endpoint_feed_ours(const uint8_t *bytes, size_t size)
{
    uint8_t out[2048];

    while (size > 0) {
        struct anytls_received result =
            anytls_endpoint_receive(&ours, bytes, size, endpoint_now, out, sizeof out);

        if (result.status != ANYTLS_OK)
            return;
        if (result.consumed == 0)
            abort(); /* a step always takes something */
        say(&result, out);
        bytes += result.consumed;
        size -= result.consumed;
    }
}

void endpoint_feed_theirs(const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};

    oracle_endpoint_receive(theirs, all, endpoint_now);
}

static void take_theirs(void)
{
    struct oracle_bytes output = oracle_endpoint_output(theirs);

    said_reset(&their_said);
    for (size_t i = 0; i < oracle_endpoint_events(theirs); i++) {
        struct oracle_event event = oracle_endpoint_event(theirs, i);

        said_add(&their_said, oracle_event_name(event.type), oracle_status_text(event.violation),
                 event.stream, event.data.at, event.data.size);
    }
    said_output(&their_said, output.at, output.size);
    oracle_endpoint_clear(theirs);
}

/* Compares all that was said since the last time, and the deadline. */
bool endpoint_compare(const char *what, size_t where)
{
    struct anytls_deadline deadline = anytls_endpoint_deadline(&ours);
    uint64_t at = 0;
    bool set = oracle_endpoint_deadline(theirs, &at);
    bool same;

    take_theirs();
    same = said_same(&our_said, &their_said) && deadline.set == set && (!set || deadline.at == at);
    if (!agree(same) && tell()) {
        printf("  %s, %zu:\n", what, where);
        said_show("ref   ", &our_said);
        said_show("oracle", &their_said);
    }
    said_reset(&our_said);
    return same;
}

void endpoint_end_input(const char *what, size_t where)
{
    struct anytls_received result = anytls_endpoint_end(&ours);
    enum oracle_status status = oracle_endpoint_end(theirs);

    agree(same_status(result.status, status));
    say(&result, NULL);
    endpoint_compare(what, where);
}

void endpoint_tick(const char *what, size_t where)
{
    uint8_t out[2048];
    struct anytls_received result = anytls_endpoint_tick(&ours, endpoint_now, out, sizeof out);
    enum oracle_status status = oracle_endpoint_tick(theirs, endpoint_now);

    agree(same_status(result.status, status));
    say(&result, out);
    endpoint_compare(what, where);
}

void endpoint_answer(uint32_t stream, bool accept)
{
    static const uint8_t reason[] = "no";
    struct anytls_text our_reason = {reason, 2};
    struct oracle_bytes their_reason = {reason, 2};
    uint8_t out[512];
    struct anytls_written written;
    enum oracle_status status;

    if (accept) {
        written = anytls_endpoint_accept(&ours, stream, out, sizeof out);
        status = oracle_endpoint_accept(theirs, stream);
    } else {
        written = anytls_endpoint_refuse(&ours, stream, our_reason, out, sizeof out);
        status = oracle_endpoint_refuse(theirs, stream, their_reason);
    }
    agree(same_status(written.status, status));
    said_output(&our_said, out, written.size);
}
