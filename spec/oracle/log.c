#include <stdlib.h>

#include "fault.h"
#include "session.h"

void oracle_log_add(struct oracle_log *log, struct oracle_event event)
{
    struct oracle_event *last = log->count > 0 ? &log->events[log->count - 1].event : NULL;

    if (last != NULL && event.type == ORACLE_EVENT_DATA && last->type == ORACLE_EVENT_DATA &&
        last->stream == event.stream) {
        oracle_buffer_add(&log->data, event.data);
        last->data.size += event.data.size;
        return;
    }
    if (log->count == log->capacity) {
        log->capacity = log->capacity * 2 + 16;
        log->events = realloc(log->events, log->capacity * sizeof *log->events);
        if (log->events == NULL)
            oracle_fault("out of memory");
    }
    log->events[log->count].event = event;
    log->events[log->count].start = log->data.size;
    log->count++;
    oracle_buffer_add(&log->data, event.data);
}

struct oracle_event oracle_log_event(const struct oracle_log *log, size_t index)
{
    struct oracle_event event = log->events[index].event;

    event.data.at = event.data.size > 0 ? log->data.at + log->events[index].start : NULL;
    return event;
}

void oracle_log_clear(struct oracle_log *log)
{
    log->count = 0;
    log->data.size = 0;
}

struct oracle_buffer oracle_buffer_copy(const struct oracle_buffer *buffer)
{
    struct oracle_buffer copy = {0};

    oracle_buffer_add(&copy, oracle_buffer_bytes(buffer));
    return copy;
}

struct oracle_log oracle_log_copy(const struct oracle_log *log)
{
    struct oracle_log copy = {NULL, log->count, log->count, oracle_buffer_copy(&log->data)};

    copy.events = oracle_memory(log->count, sizeof *copy.events);
    for (size_t i = 0; i < log->count; i++)
        copy.events[i] = log->events[i];
    return copy;
}

void oracle_log_free(struct oracle_log *log)
{
    oracle_buffer_free(&log->data);
    free(log->events);
}
