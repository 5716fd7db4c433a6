/* What the files of a side share. */
#ifndef ANYTLS_TESTS_DIFF_SIDE_H
#define ANYTLS_TESTS_DIFF_SIDE_H

#include "diff.h"

/* Events of one call, data of one stream joined. Begins with text and all else 0. */
struct event_log {
    struct blob *text;
    bool data; /* the last one was data */
    uint32_t stream;
    uint64_t hash;
    size_t size;
};

/* Notes an event of the reference, and tells the listener. */
void side_event(struct side *side, struct event_log *log, const struct anytls_event *event);

void event_log_end(struct event_log *log);

/* Notes a difference, unless one was noted before. */
void side_fault(struct side *side, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* After a call: the same output, events, state, streams and deadline. output: of the reference. */
void side_compare(struct side *side, const char *call, const uint8_t *output, size_t size);

#endif
