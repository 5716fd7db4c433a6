/* Dialling: looks a name up, and tries its addresses one after the other, within one deadline. */
#ifndef ANYTLS_PROGRAMS_DIAL_H
#define ANYTLS_PROGRAMS_DIAL_H

#include <stdbool.h>
#include <uv.h>

#include "core/address.h"

#define DIAL_ADDRESSES_MAX 8u /* of a name, that are tried */
#define DIAL_ERROR_SIZE 64u

struct dial;

struct dial_events {
    /* descriptor: a connected socket, now the callee's; -1: reason says why not. */
    void (*on_done)(struct dial *dial, int descriptor, const char *reason);
    /* The dial's memory may go. */
    void (*on_closed)(struct dial *dial);
};

struct dial {
    uv_loop_t *loop;
    const struct dial_events *events;
    void *owner;
    uv_getaddrinfo_t look_up;
    uv_connect_t connect;
    uv_tcp_t tcp;
    uv_timer_t timer;
    struct sockaddr_storage addresses[DIAL_ADDRESSES_MAX];
    size_t address_count;
    size_t next_address;
    char error[DIAL_ERROR_SIZE]; /* why the last address failed */
    uint32_t milliseconds;
    bool local_allowed;
    bool done; /* on_done was called, or is not wanted any more */
    bool looking_up;
    bool connecting; /* tcp is in use */
    bool timing;     /* timer is */
};

/* Begins; on_done follows, never before the loop's next turn. local_allowed: else addresses of this
 * host and its links are refused (PROXY-LOCAL). milliseconds: for all of it. */
void dial_begin(struct dial *dial, uv_loop_t *loop, const struct anytls_address *address,
                uint32_t milliseconds, bool local_allowed, const struct dial_events *events,
                void *owner);

/* The connection is not wanted any more: on_closed alone follows. Allowed at any time before it. */
void dial_cancel(struct dial *dial);

#endif
