/* The table of a session's open streams, in the caller's memory.
 * Implements the ids of the section "cmdSYN" of the protocol document: which are open, which have
 * been. It sends and receives nothing. */
#ifndef ANYTLS_CORE_STREAMS_H
#define ANYTLS_CORE_STREAMS_H

#include <stddef.h>

#include "decide.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_STREAMS_MAX 256u /* default size of a stream table (LIMIT-STREAMS) */

struct anytls_stream {
    uint32_t id;
    enum anytls_stream_state state; /* ANYTLS_STREAM_OPENING or ANYTLS_STREAM_OPEN */
    void *user;                     /* the caller's; never looked at */
};

struct anytls_streams {
    struct anytls_stream *entries; /* capacity of them, the caller's */
    size_t capacity;
    size_t count;     /* entries 0 .. count - 1 are open; their order means nothing */
    size_t opening;   /* those of them without SYNACK */
    size_t last;      /* where the last one was found: it is looked at first */
    uint32_t highest; /* the greatest id that was ever opened; 0: none */
};

/*@ // How many of the first n entries are without SYNACK.
    logic integer streams_opening{L}(struct anytls_stream *e, integer n) =
        n <= 0 ? 0
               : streams_opening(e, n - 1) + (e[n - 1].state == ANYTLS_STREAM_OPENING ? 1 : 0);

    lemma streams_opening_same{K, L}: \forall struct anytls_stream *e, integer n; n >= 0 ==>
        (\forall integer i; 0 <= i < n ==> \at(e[i].state, K) == \at(e[i].state, L)) ==>
        streams_opening{K}(e, n) == streams_opening{L}(e, n);

    predicate streams_distinct{L}(struct anytls_stream *e, integer n) =
        \forall integer i, j; 0 <= i < j < n ==> e[i].id != e[j].id;
    predicate streams_below{L}(struct anytls_stream *e, integer n, integer highest) =
        \forall integer i; 0 <= i < n ==> e[i].id <= highest;
    predicate streams_states{L}(struct anytls_stream *e, integer n) =
        \forall integer i; 0 <= i < n ==>
            e[i].state == ANYTLS_STREAM_OPENING || e[i].state == ANYTLS_STREAM_OPEN;

    // Where the table is: memory of its own, all of it valid.
    predicate streams_memory{L}(struct anytls_streams *s) =
        \valid(s) && \valid(s->entries + (0 .. s->capacity - 1)) &&
        \separated(s, s->entries + (0 .. s->capacity - 1)) && s->count <= s->capacity;
    // The table's invariant: ids are distinct and none above the highest, states are those of open
    // streams, and the streams without SYNACK are counted.
    predicate streams_valid{L}(struct anytls_streams *s) =
        streams_memory(s) && streams_distinct(s->entries, s->count) &&
        streams_below(s->entries, s->count, s->highest) &&
        streams_states(s->entries, s->count) &&
        s->opening == streams_opening(s->entries, s->count);

    predicate stream_is_open{L}(struct anytls_streams *s, integer id) =
        \exists integer i; 0 <= i < s->count && s->entries[i].id == id;
*/

struct anytls_stream_place {
    bool found;
    size_t index;
};

/* Where the stream with this id stands. An id that is not open is not found. */
/*@ requires streams_valid(streams);
    assigns streams->last;
    ensures streams_valid(streams);
    ensures \result.found ==> \result.index < streams->count &&
        streams->entries[\result.index].id == id;
    ensures \result.found <==> stream_is_open(streams, id);
*/
struct anytls_stream_place anytls_streams_find(struct anytls_streams *streams, uint32_t id);

/* What is known of an id, for anytls_decide. */
/*@ requires streams_valid(streams);
    assigns streams->last;
    ensures streams_valid(streams);
    ensures \result == ANYTLS_STREAM_FRESH || \result == ANYTLS_STREAM_PAST ||
            \result == ANYTLS_STREAM_OPENING || \result == ANYTLS_STREAM_OPEN;
    ensures \result == ANYTLS_STREAM_OPENING || \result == ANYTLS_STREAM_OPEN <==>
            stream_is_open(streams, id);
    ensures \forall integer i; 0 <= i < streams->count && streams->entries[i].id == id ==>
            \result == streams->entries[i].state;
    ensures \result == ANYTLS_STREAM_FRESH ==> id > streams->highest;
    ensures \result == ANYTLS_STREAM_PAST ==> id <= streams->highest;
*/
enum anytls_stream_state anytls_streams_state(struct anytls_streams *streams, uint32_t id);

/* Adds a stream in state ANYTLS_STREAM_OPENING. id is not open; count is below capacity. */
/*@ requires streams_valid(streams);
    requires !stream_is_open(streams, id);
    requires streams->count < streams->capacity;
    assigns streams->entries[streams->count], streams->last, streams->count, streams->opening,
            streams->highest;
    ensures streams_valid(streams);
    ensures streams->count == \old(streams->count) + 1;
    ensures streams->opening == \old(streams->opening) + 1;
    ensures streams->entries[\old(streams->count)].id == id;
    ensures streams->entries[\old(streams->count)].user == user;
    ensures streams->entries[\old(streams->count)].state == ANYTLS_STREAM_OPENING;
    ensures streams->highest ==
        (id > \old(streams->highest) ? id : \old(streams->highest));
*/
void anytls_streams_open(struct anytls_streams *streams, uint32_t id, void *user);

/* Marks a stream as ANYTLS_STREAM_OPEN. index is below count. */
/*@ requires streams_valid(streams);
    requires index < streams->count;
    assigns streams->entries[index].state, streams->opening;
    ensures streams_valid(streams);
    ensures streams->entries[index].state == ANYTLS_STREAM_OPEN;
    ensures streams->opening <= \old(streams->opening);
*/
void anytls_streams_accept(struct anytls_streams *streams, size_t index);

/* Removes a stream; the last one takes its place. index is below count. */
/*@ requires streams_valid(streams);
    requires index < streams->count;
    assigns streams->entries[index], streams->count, streams->opening;
    ensures streams_valid(streams);
    ensures streams->count == \old(streams->count) - 1;
    ensures streams->opening <= \old(streams->opening);
    ensures !stream_is_open(streams, \old(streams->entries[index].id));
    ensures \forall integer id; stream_is_open(streams, id) ==> \old(stream_is_open(streams, id));
*/
void anytls_streams_close(struct anytls_streams *streams, size_t index);

#ifdef __cplusplus
}
#endif

#endif
