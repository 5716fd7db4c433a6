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

struct anytls_stream_place {
    bool found;
    size_t index;
};

/* Where the stream with this id stands. An id that is not open is not found. */
struct anytls_stream_place anytls_streams_find(struct anytls_streams *streams, uint32_t id);

/* What is known of an id, for anytls_decide. */
enum anytls_stream_state anytls_streams_state(struct anytls_streams *streams, uint32_t id);

/* Adds a stream in state ANYTLS_STREAM_OPENING. id is not open; count is below capacity. */
void anytls_streams_open(struct anytls_streams *streams, uint32_t id, void *user);

/* Marks a stream as ANYTLS_STREAM_OPEN. index is below count. */
void anytls_streams_accept(struct anytls_streams *streams, size_t index);

/* Removes a stream; the last one takes its place. index is below count. */
void anytls_streams_close(struct anytls_streams *streams, size_t index);

#ifdef __cplusplus
}
#endif

#endif
