#include <string.h>

#include "session_harness.h"

static uint64_t mix(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t mix_bytes(uint64_t hash, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void harness_trace_event(struct harness *harness, const struct anytls_event *event)
{
    struct harness_trace *trace = &harness->trace;
    bool data = event->type == ANYTLS_EVENT_DATA;

    if (event->type == ANYTLS_EVENT_NONE && event->violation == ANYTLS_OK)
        return;
    if (!data || !trace->in_data || trace->stream != event->stream) {
        trace->events = mix(trace->events, (uint64_t)event->type);
        trace->events = mix(trace->events, (uint64_t)event->violation);
        trace->events = mix(trace->events, event->stream);
    }
    trace->events = mix_bytes(trace->events, event->data.bytes, event->data.size);
    trace->in_data = data;
    trace->stream = event->stream;
}

void harness_trace_output(struct harness *harness, const uint8_t *bytes, size_t size)
{
    harness->trace.output = mix_bytes(harness->trace.output, bytes, size);
}

static bool may_send(const struct harness *harness, struct anytls_header header)
{
    bool server = harness->session.role == ANYTLS_SERVER;
    bool version_2 = harness->state == ANYTLS_STATE_V2 || harness->state == ANYTLS_STATE_CLOSED;

    switch (header.command) {
    case ANYTLS_SYN: return !server && header.length == 0;
    case ANYTLS_PSH: return header.length > 0;
    case ANYTLS_FIN: return header.length == 0;
    case ANYTLS_SETTINGS: return !server && header.length > 0;
    case ANYTLS_ALERT: return server && header.length <= ANYTLS_REASON_MAX;
    case ANYTLS_UPDATE_PADDING_SCHEME: return server;
    case ANYTLS_SYNACK: return server && version_2 && header.length <= ANYTLS_REASON_MAX;
    case ANYTLS_HEART_REQUEST: return version_2 && header.length == 0;
    case ANYTLS_HEART_RESPONSE: return header.length == 0;
    case ANYTLS_SERVER_SETTINGS: return server && version_2 && header.length == 3;
    default: return false;
    }
}

void harness_check_output(struct harness *harness, const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    while (at < size) {
        struct anytls_frame_result frame = anytls_frame_decode(bytes + at, size - at);

        FUZZ_ASSERT(frame.status == ANYTLS_OK);
        FUZZ_ASSERT(may_send(harness, frame.frame.header));
        if (frame.frame.header.command == ANYTLS_UPDATE_PADDING_SCHEME) {
            struct anytls_text text = harness->config.scheme.text;

            FUZZ_ASSERT(frame.frame.header.length == text.size);
            FUZZ_ASSERT(fuzz_same(frame.frame.data, text.bytes, text.size));
        }
        at += frame.consumed;
    }
    harness_trace_output(harness, bytes, size);
    if (size == 0)
        return;
    harness_check_plan(harness, size);
    if (harness->watch != NULL)
        harness->watch->output(harness->watch->context, bytes, size);
}

void harness_check_plan(struct harness *harness, size_t size)
{
    bool shaped = anytls_session_shaped(&harness->session);
    uint32_t number = harness->session.writes;
    struct anytls_plan plan = anytls_session_plan(&harness->session, size);
    struct anytls_record record = anytls_plan_next(&plan, fuzz_next(&harness->numbers));
    size_t left = size;
    size_t count = 0;

    FUZZ_ASSERT(!shaped || harness->session.role == ANYTLS_CLIENT);
    FUZZ_ASSERT(shaped ==
                (harness->session.role == ANYTLS_CLIENT && number < harness->config.scheme.stop));
    FUZZ_ASSERT(harness->session.writes == number + (shaped ? 1 : 0));
    harness->waste_count = 0;
    while (record.more) {
        FUZZ_ASSERT(record.payload <= left);
        left -= record.payload;
        FUZZ_ASSERT(record.waste == 0 || (left == 0 && shaped && record.waste >= 7));
        if (record.waste > 0)
            harness->waste[harness->waste_count++] = record.waste;
        count++;
        FUZZ_ASSERT(count <= ANYTLS_SCHEME_ITEMS_MAX + 1);
        record = anytls_plan_next(&plan, fuzz_next(&harness->numbers));
    }
    FUZZ_ASSERT(left == 0);
    FUZZ_ASSERT(shaped || count == 1);
}
