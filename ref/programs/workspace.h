/* The buffers of one event loop. Everything that the loop does passes through them and leaves them
 * again within one turn, so that no connection needs buffers of its own while nothing is queued. */
#ifndef ANYTLS_PROGRAMS_WORKSPACE_H
#define ANYTLS_PROGRAMS_WORKSPACE_H

#include <stdbool.h>
#include <uv.h>

#include "io/buffer.h"

#define READ_SIZE ((size_t)256 * 1024)   /* bytes that one read from a socket takes at most */
#define READ_HEADROOM 64u                /* bytes before them, for a frame's header */
#define SEALED_SIZE ((size_t)512 * 1024) /* bytes of TLS records that wait for the end of a turn */
#define RECORD_SIZE ((size_t)160 * 1024) /* a shaped record: payload and padding */
#define FRAMES_SIZE ((size_t)16 * 1024)  /* frames that one step of a session may yield */
#define QUEUE_HIGH ((size_t)256 * 1024)  /* a queue this long stops its source */
#define QUEUE_LOW ((size_t)64 * 1024)    /* below this, the source goes on */
#define ANSWERS_MAX ((size_t)64 * 1024)  /* answers behind a full queue that stop the asking */
#define VIEWS_MAX 32u                    /* pieces that one system call sends */

struct wire;

struct workspace {
    uv_loop_t *loop;
    struct wire *sealing; /* whose TLS records `sealed` holds */
    struct anytls_buffer sealed;
    struct wire *viewing; /* whose views into `plain` wait for the end of a turn */
    uv_buf_t views[VIEWS_MAX];
    unsigned view_count;
    uint8_t *plain; /* READ_SIZE bytes: decrypted */
    uint8_t *record;
    uint8_t *frames;
    uint8_t *read_area; /* READ_HEADROOM bytes, then READ_SIZE */
};

/* false: no memory. A workspace lives as long as its process. */
bool workspace_begin(struct workspace *space, uv_loop_t *loop);

/* A random number, from the system's source. */
uint32_t workspace_random(void);

#endif
