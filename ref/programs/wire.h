/* A TCP connection in the event loop, with a queue of what the socket does not take yet.
 * Bytes are pushed forward: what comes is handed to on_read at once, and whoever cannot pass it on
 * stops reading. */
#ifndef ANYTLS_PROGRAMS_WIRE_H
#define ANYTLS_PROGRAMS_WIRE_H

#include "workspace.h"

struct wire;

/* All may call any function of this file on the wire, wire_close included. */
struct wire_events {
    void (*on_read)(struct wire *wire, uint8_t *bytes, size_t size); /* bytes has READ_HEADROOM */
    void (*on_end)(struct wire *wire);              /* the other side sends nothing more */
    void (*on_error)(struct wire *wire, int error); /* it is of no more use; close it */
    void (*on_full)(struct wire *wire);    /* the queue is above QUEUE_HIGH; NULL: nobody cares */
    void (*on_drained)(struct wire *wire); /* the queue is below QUEUE_LOW again, or empty */
    void (*on_timeout)(struct wire *wire); /* wire_timeout_set has passed */
    void (*on_closed)(struct wire *wire);  /* its memory may go */
};

struct bytes {
    uint8_t *at;
    size_t size;
    size_t capacity;
};

struct wire {
    uv_tcp_t tcp;
    uv_timer_t timer;
    struct workspace *space;
    const struct wire_events *events;
    void *owner;
    uv_write_t request;
    uv_shutdown_t shutdown;
    struct bytes sending; /* held by the write in progress */
    struct bytes queued;  /* behind it */
    bool open;            /* connected */
    bool writing;
    bool reading;
    bool full;      /* the queue was above QUEUE_HIGH, and on_drained is owed */
    bool ending;    /* our side is to be ended, or has been */
    bool lingering; /* and then the wire is to be closed */
    bool closing;
    unsigned handles; /* still to be closed by the loop */
};

/* Begins a wire without a connection: its tcp is then accepted into, or it is given one by
 * wire_open. What is written before is queued. */
void wire_begin(struct wire *wire, struct workspace *space, const struct wire_events *events,
                void *owner);

/* tcp has a connection: sends what was queued. */
void wire_opened(struct wire *wire);

/* Takes over a connected socket; then as wire_opened. On failure on_error follows at once. */
void wire_open(struct wire *wire, int descriptor);

void wire_read_start(struct wire *wire);
void wire_read_stop(struct wire *wire);

/* Sends bytes, or queues a copy of them. */
void wire_write(struct wire *wire, const uint8_t *bytes, size_t size);

/* Sends bytes that stay in place until wire_views_send: those of one turn in one system call. */
void wire_write_view(struct wire *wire, const uint8_t *bytes, size_t size);
void wire_views_send(struct workspace *space);

/* Bytes queued. */
size_t wire_queued(const struct wire *wire);

/* Whether the queue asks for its source to stop. If so, on_drained follows. */
bool wire_is_full(struct wire *wire);

/* Calls on_timeout in milliseconds; 0: never. */
void wire_timeout_set(struct wire *wire, uint64_t milliseconds);

/* Ends our side once the queue is sent, and goes on reading. */
void wire_end_when_sent(struct wire *wire);

/* Closes at once. on_closed follows, later. */
void wire_close(struct wire *wire);

/* Closes at once with a reset, so that the other side does not take it for a proper end. */
void wire_reset(struct wire *wire);

#define LINGER_TIMEOUT 10000u /* ms to send what is queued */
#define DRAIN_TIMEOUT 2000u   /* ms behind it for the other side to end, too */

/* Closes once the queue is sent and the other side has ended, or a timeout has passed. Of the
 * events only on_closed follows. */
void wire_close_when_sent(struct wire *wire);

#endif
