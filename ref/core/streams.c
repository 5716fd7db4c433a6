#include "streams.h"

/*@ lemma streams_opening_range{L}: \forall struct anytls_stream *e, integer n; n >= 0 ==>
        0 <= streams_opening(e, n) <= n;
    lemma streams_opening_split{L}: \forall struct anytls_stream *e, integer k, integer at;
        k >= 0 ==> at >= 0 ==>
        streams_opening(e, at + 1 + k) == streams_opening(e, at) +
            (e[at].state == ANYTLS_STREAM_OPENING ? 1 : 0) + streams_opening(e + (at + 1), k);
    lemma streams_opening_changed{K, L}: \forall struct anytls_stream *e, integer n, at;
        n >= 0 ==> 0 <= at < n ==>
        (\forall integer i; 0 <= i < n && i != at ==>
            \at(e[i].state, K) == \at(e[i].state, L)) ==>
        streams_opening{L}(e, n) == streams_opening{K}(e, n) -
            (\at(e[at].state, K) == ANYTLS_STREAM_OPENING ? 1 : 0) +
            (\at(e[at].state, L) == ANYTLS_STREAM_OPENING ? 1 : 0);
    lemma streams_opening_some{L}: \forall struct anytls_stream *e, integer n, at;
        n >= 0 ==> 0 <= at < n ==> e[at].state == ANYTLS_STREAM_OPENING ==>
        streams_opening(e, n) >= 1;
*/

struct anytls_stream_place anytls_streams_find(struct anytls_streams *streams, uint32_t id)
{
    if (streams->last < streams->count && streams->entries[streams->last].id == id)
        return (struct anytls_stream_place){true, streams->last};
    /*@ loop invariant 0 <= i <= streams->count;
        loop invariant \forall integer j; 0 <= j < i ==> streams->entries[j].id != id;
        loop assigns i;
        loop variant streams->count - i;
    */
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
    /*@ assert \forall integer i; 0 <= i < streams->count ==>
            streams->entries[i].id == \at(streams->entries[i].id, Pre); */
    /*@ assert \forall integer i; 0 <= i < streams->count ==>
            streams->entries[i].state == \at(streams->entries[i].state, Pre); */
    /*@ assert streams_opening(streams->entries, streams->count) == streams->opening; */
    /*@ assert streams_opening(streams->entries, streams->count + 1) == streams->opening + 1; */
    /*@ assert \forall integer i; 0 <= i < streams->count ==> streams->entries[i].id != id; */
    /*@ assert streams_distinct(streams->entries, streams->count + 1); */
    /*@ ghost laid:; */
    streams->last = streams->count;
    streams->count++;
    streams->opening++;
    if (id > streams->highest)
        streams->highest = id;
    /*@ assert \forall integer i; 0 <= i < streams->count ==>
            streams->entries[i].id == \at(streams->entries[i].id, laid); */
    /*@ assert \forall integer i; 0 <= i < streams->count ==>
            streams->entries[i].state == \at(streams->entries[i].state, laid); */
    /*@ assert streams_opening(streams->entries, streams->count) == streams->opening; */
    /*@ assert streams_memory(streams); */
    /*@ assert streams_distinct(streams->entries, streams->count); */
    /*@ assert streams_below(streams->entries, streams->count, streams->highest); */
    /*@ assert streams_states(streams->entries, streams->count); */
}

void anytls_streams_accept(struct anytls_streams *streams, size_t index)
{
    if (streams->entries[index].state == ANYTLS_STREAM_OPENING)
        streams->opening--;
    streams->entries[index].state = ANYTLS_STREAM_OPEN;
    /*@ assert streams_opening(streams->entries, streams->count) == streams->opening; */
    /*@ assert \forall integer i; 0 <= i < streams->count ==>
            streams->entries[i].id == \at(streams->entries[i].id, Pre); */
    /*@ assert \forall integer i; 0 <= i < streams->count && i != index ==>
            streams->entries[i].state == \at(streams->entries[i].state, Pre); */
    /*@ assert streams_distinct(streams->entries, streams->count); */
    /*@ assert streams_below(streams->entries, streams->count, streams->highest); */
    /*@ assert streams_states(streams->entries, streams->count); */
}

void anytls_streams_close(struct anytls_streams *streams, size_t index)
{
    if (streams->entries[index].state == ANYTLS_STREAM_OPENING)
        streams->opening--;
    streams->count--;
    /*@ assert streams_opening(streams->entries, streams->count) == streams->opening +
            (streams->entries[index].state == ANYTLS_STREAM_OPENING ? 1 : 0) -
            (streams->entries[streams->count].state == ANYTLS_STREAM_OPENING ? 1 : 0); */
    /*@ ghost before:; */
    streams->entries[index] = streams->entries[streams->count];
    /*@ assert \forall integer i; 0 <= i < streams->count && i != index ==>
            streams->entries[i] == \at(streams->entries[i], before); */
    /*@ assert streams_opening(streams->entries, streams->count) == streams->opening; */
    /*@ assert \forall integer i; 0 <= i < streams->count && i != index ==>
            streams->entries[i].id == \at(streams->entries[i].id, Pre); */
    /*@ assert index < streams->count ==> streams->entries[index].id ==
            \at(streams->entries[\at(streams->count, Here)].id, Pre); */
    /*@ assert \forall integer i; 0 <= i < streams->count ==>
            streams->entries[i].id != \at(streams->entries[index].id, Pre); */
    /*@ assert streams_distinct(streams->entries, streams->count); */
    /*@ assert streams_below(streams->entries, streams->count, streams->highest); */
    /*@ assert streams_states(streams->entries, streams->count); */
}
