/* The rig: feeding, with all cuts of the input. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define GUARD 16u
#define GUARD_BYTE 0xa5
#define OUT_MAX 6000u
#define SEEN_MAX 1024u
#define COPY_MAX 4096u /* longer pieces are fed from where they stand */

struct segment {
    size_t at; /* in the input of the feed */
    size_t size;
};

struct seen {
    struct anytls_event event; /* data: unused */
    struct anytls_uot_request request;
    size_t output; /* bytes of output before it */
    size_t first;  /* segments of a data event */
    size_t segments;
    size_t text; /* in record.text: what any other event carries */
    size_t text_size;
};

/* What came of one way to feed an input. */
struct record {
    enum anytls_status status;
    size_t consumed;
    size_t seen_count;
    size_t segment_count;
    struct seen seen[SEEN_MAX];
    struct segment segments[SEEN_MAX];
    struct bytes text;
    struct bytes output;
};

/* ---- One way to feed ---- */

size_t rig_output_max(struct rig *rig)
{
    if (rig->kind == RIG_ENDPOINT)
        return anytls_endpoint_output_max(&rig->state.endpoint);
    return anytls_session_output_max(rig_session(rig));
}

struct anytls_received rig_receive(struct rig *rig, const uint8_t *bytes, size_t size, uint8_t *out,
                                   size_t capacity)
{
    if (rig->kind == RIG_ENDPOINT)
        return anytls_endpoint_receive(&rig->state.endpoint, bytes, size, rig->now, out, capacity);
    return anytls_session_receive(rig_session(rig), bytes, size, rig->now, out, capacity);
}

static void note_data(struct record *record, const struct anytls_event *event, size_t at)
{
    struct seen *last = &record->seen[record->seen_count - 1];
    struct segment *next = &record->segments[record->segment_count];

    if (last->segments > 0 && next[-1].at + next[-1].size == at) {
        next[-1].size += event->data.size; /* goes on where the last piece ended */
        return;
    }
    must(record->segment_count < SEEN_MAX, "too much for the helper");
    next->at = at;
    next->size = event->data.size;
    record->segment_count++;
    last->segments++;
}

static bool joins(const struct record *record, const struct anytls_event *event)
{
    const struct seen *last;

    if (record->seen_count == 0 || event->type != ANYTLS_EVENT_DATA)
        return false;
    last = &record->seen[record->seen_count - 1];
    return last->event.type == ANYTLS_EVENT_DATA && last->event.stream == event->stream &&
           last->event.user == event->user && event->violation == ANYTLS_OK;
}

/* at: where the piece that the step saw begins in the input; data are a view into the piece. */
static void note(struct rig *rig, struct record *record, const struct anytls_event *event,
                 const uint8_t *piece, size_t piece_size, size_t at)
{
    struct seen *seen = &record->seen[record->seen_count];

    if (event->type == ANYTLS_EVENT_NONE && event->violation == ANYTLS_OK)
        return;
    if (!joins(record, event)) {
        must(record->seen_count < SEEN_MAX, "too much for the helper");
        memset(seen, 0, sizeof *seen);
        seen->event = *event;
        seen->output = record->output.size;
        seen->first = record->segment_count;
        seen->text = record->text.size;
        if (event->type == ANYTLS_EVENT_DIAL || event->type == ANYTLS_EVENT_DIAL_UDP)
            seen->request = rig->state.endpoint.request;
        record->seen_count++;
    }
    if (event->type == ANYTLS_EVENT_DATA) {
        must(event->data.size > 0, "a data event without data");
        must(event->data.bytes >= piece &&
                 event->data.bytes + event->data.size <= piece + piece_size,
             "data are no view into the input");
        note_data(record, event, at + (size_t)(event->data.bytes - piece));
        return;
    }
    seen->text_size = event->data.size;
    bytes_add(&record->text, event->data.bytes, event->data.size);
}

/* The output of one step; behind what was written stand guard bytes, always. */
static uint8_t out[OUT_MAX + GUARD];
static uint8_t guard[OUT_MAX + GUARD];

static void check_guard(size_t written)
{
    must(memcmp(out + written, guard, sizeof out - written) == 0,
         "a step wrote more than the %zu bytes that it told of", written);
    memcpy(out, guard, written);
}

static void check_no_room(struct rig *rig, const uint8_t *bytes, size_t size, size_t capacity)
{
    static struct rig_state before;
    struct anytls_received received;

    memcpy(&before, &rig->state, sizeof before);
    received = rig_receive(rig, bytes, size, out, capacity - 1);
    must(received.status == ANYTLS_NO_ROOM || received.status == ANYTLS_CLOSED,
         "a step without room answers %d", (int)received.status);
    must(received.consumed == 0 && received.output == 0 && received.event.type == ANYTLS_EVENT_NONE,
         "a step without room did something");
    check_guard(0);
    must(rig_untouched(&before, &rig->state), "a step without room changed the state");
}

static void check_step(const struct anytls_received *received, size_t size, size_t capacity)
{
    if (received->status != ANYTLS_OK)
        must(received->status == ANYTLS_CLOSED && received->consumed == 0 &&
                 received->output == 0 && received->event.type == ANYTLS_EVENT_NONE,
             "a step that failed with %d did something", (int)received->status);
    else
        must(received->consumed > 0, "a step without progress");
    must(received->consumed <= size, "more was consumed than there was");
    must(received->output <= capacity, "more was written than there was room for");
}

/* Feeds one piece, in memory of its own so that tools see a read beyond it. */
static void feed_piece(struct rig *rig, struct record *record, const uint8_t *bytes, size_t size,
                       size_t at, bool first_time)
{
    size_t capacity = rig_output_max(rig);
    uint8_t *copy = size <= COPY_MAX ? malloc(size) : NULL;
    size_t done = 0;

    if (copy) {
        memcpy(copy, bytes, size);
        bytes = copy;
    }
    must(capacity <= OUT_MAX, "too much output for the helper");
    while (done < size && record->status == ANYTLS_OK) {
        struct anytls_received received;

        if (first_time)
            check_no_room(rig, bytes + done, size - done, capacity);
        received = rig_receive(rig, bytes + done, size - done, out, capacity);
        check_step(&received, size - done, capacity);
        record->status = received.status;
        note(rig, record, &received.event, bytes + done, size - done, at + done);
        bytes_add(&record->output, out, received.output);
        check_guard(received.output);
        done += received.consumed;
    }
    record->consumed += done;
    free(copy);
}

static void record_begin(struct record *record)
{
    record->status = ANYTLS_OK;
    record->consumed = 0;
    record->seen_count = 0;
    record->segment_count = 0;
    record->text.size = 0;
    record->output.size = 0;
}

/* ---- All ways to feed ---- */

static bool same_seen(const struct record *a, const struct record *b, size_t i)
{
    const struct seen *x = &a->seen[i];
    const struct seen *y = &b->seen[i];

    return x->event.type == y->event.type && x->event.violation == y->event.violation &&
           x->event.stream == y->event.stream && x->event.user == y->event.user &&
           x->output == y->output && x->first == y->first && x->segments == y->segments &&
           x->text == y->text && x->text_size == y->text_size &&
           x->request.connect == y->request.connect &&
           x->request.address.kind == y->request.address.kind &&
           x->request.address.port == y->request.address.port &&
           x->request.address.size == y->request.address.size &&
           memcmp(x->request.address.host, y->request.address.host, x->request.address.size) == 0;
}

static bool same_bytes(const struct bytes *a, const struct bytes *b)
{
    return a->size == b->size && memcmp(a->at, b->at, a->size) == 0;
}

static void check_same(const struct record *a, const struct record *b, size_t cut)
{
    must(a->status == b->status && a->consumed == b->consumed && a->seen_count == b->seen_count &&
             a->segment_count == b->segment_count,
         "cut at %zu: %zu bytes and %zu events, not %zu and %zu", cut, b->consumed, b->seen_count,
         a->consumed, a->seen_count);
    for (size_t i = 0; i < a->seen_count; i++)
        must(same_seen(a, b, i), "cut at %zu: event %zu is another", cut, i);
    for (size_t i = 0; i < a->segment_count; i++)
        must(a->segments[i].at == b->segments[i].at && a->segments[i].size == b->segments[i].size,
             "cut at %zu: other data", cut);
    must(same_bytes(&a->text, &b->text), "cut at %zu: another text", cut);
    must(same_bytes(&a->output, &b->output), "cut at %zu: another output", cut);
}

static void feed_cut(struct rig *rig, struct record *record, const uint8_t *bytes, size_t size,
                     size_t cut)
{
    record_begin(record);
    feed_piece(rig, record, bytes, cut, 0, false);
    feed_piece(rig, record, bytes + cut, size - cut, cut, false);
}

static void feed_single(struct rig *rig, struct record *record, const uint8_t *bytes, size_t size)
{
    record_begin(record);
    for (size_t i = 0; i < size; i++)
        feed_piece(rig, record, bytes + i, 1, i, false);
}

static void show(struct rig *rig, const struct record *record, const uint8_t *bytes)
{
    static struct bytes data;

    for (size_t i = 0; i < record->seen_count; i++) {
        const struct seen *seen = &record->seen[i];
        struct anytls_event event = seen->event;

        data.size = 0;
        for (size_t j = seen->first; j < seen->first + seen->segments; j++)
            bytes_add(&data, bytes + record->segments[j].at, record->segments[j].size);
        bytes_add(&data, record->text.at + seen->text, seen->text_size);
        event.data.bytes = data.at;
        event.data.size = data.size;
        text_add_event(rig->seen, &event, &seen->request);
    }
    bytes_add(&rig->output, record->output.at, record->output.size);
    rig->consumed = record->consumed;
}

enum anytls_status feed_bytes(struct rig *rig, const uint8_t *bytes, size_t size)
{
    static struct record whole;
    static struct record again;
    static struct rig_state before;
    static struct rig_state after;

    memset(guard, GUARD_BYTE, sizeof guard);
    memcpy(out, guard, sizeof out);
    memcpy(&before, &rig->state, sizeof before);
    record_begin(&whole);
    feed_piece(rig, &whole, bytes, size, 0, true);
    memcpy(&after, &rig->state, sizeof after);
    for (size_t cut = 1; cut <= size; cut++) {
        memcpy(&rig->state, &before, sizeof before);
        if (cut < size)
            feed_cut(rig, &again, bytes, size, cut);
        else
            feed_single(rig, &again, bytes, size);
        check_same(&whole, &again, cut);
        must(rig_same(&after, &rig->state), "cut at %zu: another state", cut);
    }
    show(rig, &whole, bytes);
    return whole.status;
}

enum anytls_status feed(struct rig *rig, const char *items)
{
    static struct bytes bytes;

    bytes.size = 0;
    bytes_add_frames(&bytes, items);
    return feed_bytes(rig, bytes.at, bytes.size);
}
