#include "diff_events.h"

#include <string.h>

void diff_clear(struct diff *diff)
{
    diff->count = 0;
    diff->data_size = 0;
    diff->output_size = 0;
}

static void add_data(struct diff *diff, struct anytls_text data)
{
    FUZZ_ASSERT(data.size <= DIFF_DATA_MAX - diff->data_size);
    if (data.size > 0)
        memcpy(diff->data + diff->data_size, data.bytes, data.size);
    diff->data_size += data.size;
}

void diff_add_event(struct diff *diff, const struct anytls_event *event)
{
    struct diff_event *last = diff->count > 0 ? &diff->events[diff->count - 1] : NULL;

    if (event->type == ANYTLS_EVENT_NONE && event->violation == ANYTLS_OK)
        return;
    if (event->type != ANYTLS_EVENT_DATA || last == NULL || last->type != ANYTLS_EVENT_DATA ||
        last->stream != event->stream) {
        FUZZ_ASSERT(diff->count < DIFF_EVENTS_MAX);
        last = &diff->events[diff->count++];
        last->type = event->type;
        last->violation = event->violation;
        last->stream = event->stream;
        last->start = diff->data_size;
        last->size = 0;
    }
    last->size += event->data.size;
    add_data(diff, event->data);
}

void diff_add_output(struct diff *diff, const uint8_t *bytes, size_t size)
{
    FUZZ_ASSERT(size <= DIFF_OUTPUT_MAX - diff->output_size);
    if (size > 0)
        memcpy(diff->output + diff->output_size, bytes, size);
    diff->output_size += size;
}

static const char *name_of(enum anytls_event_type type)
{
    static const char *const names[] = {
        [ANYTLS_EVENT_NONE] = "none",
        [ANYTLS_EVENT_SETTINGS] = "settings",
        [ANYTLS_EVENT_SERVER_SETTINGS] = "server-settings",
        [ANYTLS_EVENT_SCHEME] = "scheme",
        [ANYTLS_EVENT_STREAM_OPENED] = "stream-opened",
        [ANYTLS_EVENT_STREAM_ACCEPTED] = "stream-accepted",
        [ANYTLS_EVENT_STREAM_REFUSED] = "stream-refused",
        [ANYTLS_EVENT_DATA] = "data",
        [ANYTLS_EVENT_STREAM_FINISHED] = "stream-finished",
        [ANYTLS_EVENT_HEART_ANSWERED] = "heart-answered",
        [ANYTLS_EVENT_ALERT] = "alert",
        [ANYTLS_EVENT_CLOSED] = "closed",
        [ANYTLS_EVENT_AUTHENTICATED] = "authenticated",
        [ANYTLS_EVENT_FALLBACK] = "fallback",
        [ANYTLS_EVENT_DIAL] = "dial",
        [ANYTLS_EVENT_DIAL_UDP] = "dial-udp",
    };

    return names[type];
}

void diff_compare_event(const struct diff *diff, size_t index, struct oracle_event other)
{
    const struct diff_event *ours = &diff->events[index];
    struct anytls_text data = {diff->data + ours->start, ours->size};

    FUZZ_ASSERT(strcmp(name_of(ours->type), oracle_event_name(other.type)) == 0);
    FUZZ_ASSERT(diff_same_status(ours->violation, other.violation));
    FUZZ_ASSERT(ours->stream == other.stream);
    FUZZ_ASSERT(diff_same_bytes(data, other.data));
}

void diff_compare_output(const struct diff *diff, struct oracle_bytes other)
{
    struct anytls_text ours = {diff->output, diff->output_size};

    FUZZ_ASSERT(diff_same_bytes(ours, other));
}

struct oracle_config diff_config(const struct fuzz_config *config, enum oracle_role role, char *md5)
{
    struct oracle_config other = oracle_config_default(role);

    memcpy(md5, config->scheme.md5, ANYTLS_MD5_TEXT_SIZE);
    md5[ANYTLS_MD5_TEXT_SIZE] = '\0';
    other.md5 = md5;
    other.version = config->session.version;
    other.strict = config->session.strict;
    other.name.at = config->session.client.bytes;
    other.name.size = config->session.client.size;
    other.scheme.at = config->scheme.text.bytes;
    other.scheme.size = config->scheme.text.size;
    other.streams_max = config->streams;
    other.text_max = config->text;
    other.answer_timeout = config->session.answer_timeout;
    other.synack_timeout = config->session.synack_timeout;
    other.heart_interval = config->session.heart_interval;
    other.heart_timeout = config->session.heart_timeout;
    return other;
}
