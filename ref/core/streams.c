#include "streams.h"

struct anytls_stream_place anytls_streams_find(struct anytls_streams *streams, uint32_t id)
{
    if (streams->last < streams->count && streams->entries[streams->last].id == id)
        return (struct anytls_stream_place){true, streams->last};
    for (size_t i = 0; i < streams->count; i++) {
        if (streams->entries[i].id == id) {
            streams->last = i;
            return (struct anytls_stream_place){true, i};
        }
    }
    return (struct anytls_stream_place){false, 0};
}

enum anytls_stream_state anytls_streams_state(struct anytls_streams *streams, uint32_t id)
{
    struct anytls_stream_place place = anytls_streams_find(streams, id);

    if (place.found)
        return streams->entries[place.index].state;
    return id > streams->highest ? ANYTLS_STREAM_FRESH : ANYTLS_STREAM_PAST;
}

void anytls_streams_open(struct anytls_streams *streams, uint32_t id, void *user)
{
    struct anytls_stream *stream = &streams->entries[streams->count];

    stream->id = id;
    stream->state = ANYTLS_STREAM_OPENING;
    stream->user = user;
    streams->last = streams->count;
    streams->count++;
    streams->opening++;
    if (id > streams->highest)
        streams->highest = id;
}

void anytls_streams_accept(struct anytls_streams *streams, size_t index)
{
    if (streams->entries[index].state != ANYTLS_STREAM_OPENING)
        return;
    streams->entries[index].state = ANYTLS_STREAM_OPEN;
    streams->opening--;
}

void anytls_streams_close(struct anytls_streams *streams, size_t index)
{
    if (streams->entries[index].state == ANYTLS_STREAM_OPENING)
        streams->opening--;
    streams->count--;
    streams->entries[index] = streams->entries[streams->count];
}
