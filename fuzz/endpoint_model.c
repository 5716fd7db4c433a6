#include <string.h>

#include "endpoint.h"

struct path_stream *path_find(struct path *path, uint32_t id)
{
    for (size_t i = 0; i < path->count; i++)
        if (path->streams[i].id == id)
            return &path->streams[i];
    return NULL;
}

void path_remove(struct path *path, uint32_t id)
{
    struct path_stream *stream = path_find(path, id);

    if (stream == NULL)
        return;
    *stream = path->streams[path->count - 1];
    path->count--;
}

static struct path_stream *add(struct path *path, uint32_t id)
{
    struct path_stream *stream = path_find(path, id);

    if (stream != NULL)
        return stream;
    FUZZ_ASSERT(path->count < PATH_STREAMS_MAX);
    stream = &path->streams[path->count++];
    stream->id = id;
    stream->dialled = false;
    stream->size = 0;
    stream->told = 0;
    return stream;
}

static const struct anytls_stream *open_stream(const struct path *path, uint32_t id)
{
    const struct anytls_streams *streams = &path->endpoint.session.streams;

    for (size_t i = 0; i < streams->count; i++)
        if (streams->entries[i].id == id)
            return &streams->entries[i];
    return NULL;
}

void path_expect(struct path *path, uint32_t id, struct anytls_text data)
{
    struct path_stream *stream;
    size_t size;

    if (open_stream(path, id) == NULL)
        return;
    stream = add(path, id);
    size = PATH_BYTES_MAX - stream->size < data.size ? PATH_BYTES_MAX - stream->size : data.size;
    if (size > 0)
        memcpy(stream->bytes + stream->size, data.bytes, size);
    stream->size += size;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void trace(struct path *path, const struct anytls_event *event)
{
    bool data = event->type == ANYTLS_EVENT_DATA;
    uint32_t numbers[3] = {(uint32_t)event->type, (uint32_t)event->violation, event->stream};

    if (event->type == ANYTLS_EVENT_NONE && event->violation == ANYTLS_OK)
        return;
    if (!data || !path->in_data || path->data_stream != event->stream)
        path->events = mix(path->events, numbers, sizeof numbers);
    path->events = mix(path->events, event->data.bytes, event->data.size);
    path->in_data = data;
    path->data_stream = event->stream;
}

/* The destination is what the stream began with, read from its bytes at once. */
static void on_dial(struct path *path, const struct anytls_event *event)
{
    const struct anytls_uot_request *request = &path->endpoint.request;
    const struct anytls_stream *open = open_stream(path, event->stream);
    bool udp = event->type == ANYTLS_EVENT_DIAL_UDP;
    struct path_stream *stream = add(path, event->stream);
    struct anytls_address_result address;

    FUZZ_ASSERT(open != NULL);
    FUZZ_ASSERT(open->state == (udp ? ANYTLS_STREAM_OPEN : ANYTLS_STREAM_OPENING));
    FUZZ_ASSERT(!stream->dialled);
    stream->dialled = true;
    path->events = mix(path->events, request->address.host, request->address.size);
    if (!path->aligned)
        return;
    address = anytls_address_decode(ANYTLS_TABLE_SOCKS, stream->bytes, stream->size);
    FUZZ_ASSERT(address.status == ANYTLS_OK);
    FUZZ_ASSERT(anytls_uot_is_destination(&address.address) == udp);
    stream->told = address.consumed;
    if (udp) {
        struct anytls_uot_request_result again =
            anytls_uot_request_decode(stream->bytes + stream->told, stream->size - stream->told);

        FUZZ_ASSERT(again.status == ANYTLS_OK && again.request.connect == request->connect);
        address.address = again.request.address;
        stream->told += again.consumed;
    }
    FUZZ_ASSERT(request->address.kind == address.address.kind);
    FUZZ_ASSERT(request->address.port == address.address.port);
    FUZZ_ASSERT(request->address.size == address.address.size);
    FUZZ_ASSERT(memcmp(request->address.host, address.address.host, address.address.size) == 0);
}

static void on_data(struct path *path, const struct anytls_event *event)
{
    struct path_stream *stream = path_find(path, event->stream);
    struct anytls_text data = event->data;

    FUZZ_ASSERT(stream != NULL && stream->dialled && data.size > 0);
    if (path->aligned && stream->told + data.size <= stream->size)
        FUZZ_ASSERT(memcmp(stream->bytes + stream->told, data.bytes, data.size) == 0);
    FUZZ_ASSERT(!path->aligned || stream->told + data.size <= stream->size ||
                stream->size == PATH_BYTES_MAX);
    stream->told += data.size;
    if (stream->told > stream->size)
        stream->told = stream->size;
}

void path_event(struct path *path, const struct anytls_event *event)
{
    bool authenticated = path->endpoint.phase == ANYTLS_PHASE_SESSION;
    struct path_stream *stream = path_find(path, event->stream);

    switch (event->type) {
    case ANYTLS_EVENT_NONE:
    case ANYTLS_EVENT_SETTINGS:
    case ANYTLS_EVENT_AUTHENTICATED:
    case ANYTLS_EVENT_HEART_ANSWERED:
        FUZZ_ASSERT(authenticated || event->type == ANYTLS_EVENT_NONE);
        break;
    case ANYTLS_EVENT_FALLBACK:
        FUZZ_ASSERT(!authenticated && path->came <= ANYTLS_HASH_SIZE);
        FUZZ_ASSERT(event->data.size == path->came);
        FUZZ_ASSERT(fuzz_same(event->data.bytes, path->first, path->came));
        path->over = true;
        break;
    case ANYTLS_EVENT_DIAL:
    case ANYTLS_EVENT_DIAL_UDP: on_dial(path, event); break;
    case ANYTLS_EVENT_DATA: on_data(path, event); break;
    case ANYTLS_EVENT_STREAM_FINISHED:
        FUZZ_ASSERT(stream != NULL && stream->dialled);
        path_remove(path, event->stream);
        break;
    case ANYTLS_EVENT_CLOSED: path->over = true; break;
    default: FUZZ_NEVER("an event that a server's endpoint does not have");
    }
    FUZZ_ASSERT(!path->config.session.strict || event->violation == ANYTLS_OK || path->over);
    trace(path, event);
}

void path_output(struct path *path, size_t size)
{
    size_t at = 0;

    FUZZ_ASSERT(size == 0 || path->endpoint.phase == ANYTLS_PHASE_SESSION);
    while (at < size) {
        struct anytls_frame_result frame = anytls_frame_decode(path->out + at, size - at);

        FUZZ_ASSERT(frame.status == ANYTLS_OK);
        FUZZ_ASSERT(frame.frame.header.command >= ANYTLS_FIN &&
                    frame.frame.header.command <= ANYTLS_SERVER_SETTINGS &&
                    frame.frame.header.command != ANYTLS_SETTINGS);
        at += frame.consumed;
    }
    path->output = mix(path->output, path->out, size);
}

static bool is_pending(const struct path *path, uint32_t id)
{
    for (size_t i = 0; i < path->endpoint.pending_count; i++)
        if (path->endpoint.pending[i].stream == id)
            return true;
    return false;
}

void path_check(struct path *path)
{
    const struct anytls_endpoint *endpoint = &path->endpoint;

    FUZZ_ASSERT(path->over == (endpoint->phase == ANYTLS_PHASE_ENDED ||
                               endpoint->session.state == ANYTLS_STATE_CLOSED));
    FUZZ_ASSERT(endpoint->pending_count <= endpoint->pending_capacity);
    for (size_t i = 0; !path->over && i < endpoint->pending_count; i++) {
        const struct anytls_pending *pending = &endpoint->pending[i];
        const struct anytls_stream *open = open_stream(path, pending->stream);
        const struct path_stream *known = path_find(path, pending->stream);

        FUZZ_ASSERT(open != NULL);
        FUZZ_ASSERT(open->state == (pending->udp ? ANYTLS_STREAM_OPEN : ANYTLS_STREAM_OPENING));
        FUZZ_ASSERT(pending->size < ANYTLS_UOT_REQUEST_SIZE_MAX);
        FUZZ_ASSERT(known == NULL || !known->dialled);
        for (size_t j = 0; j < i; j++)
            FUZZ_ASSERT(endpoint->pending[j].stream != pending->stream);
    }
    for (size_t i = 0; !path->over && i < path->count;) {
        const struct path_stream *stream = &path->streams[i];
        bool open = open_stream(path, stream->id) != NULL;

        FUZZ_ASSERT(!stream->dialled || open);
        FUZZ_ASSERT(stream->dialled || !open || is_pending(path, stream->id));
        if (open)
            i++;
        else
            path_remove(path, stream->id);
    }
}
