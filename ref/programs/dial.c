#include "dial.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "names.h"

static void closed_if_done(struct dial *dial)
{
    if (dial->done && !dial->looking_up && !dial->connecting && !dial->timing)
        dial->events->on_closed(dial);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct dial *dial = handle->data;

    dial->timing = false;
    closed_if_done(dial);
}

static void error_set(struct dial *dial, const char *text)
{
    snprintf(dial->error, sizeof dial->error, "%s", text);
}

static void finish(struct dial *dial, int descriptor)
{
    if (dial->done)
        return;
    dial->done = true;
    uv_close((uv_handle_t *)&dial->timer, on_timer_closed);
    dial->events->on_done(dial, descriptor, dial->error);
}

static void on_connected(uv_connect_t *request, int status);

static void on_attempt_closed(uv_handle_t *handle);

static void attempt_close(struct dial *dial)
{
    if (dial->connecting && !uv_is_closing((uv_handle_t *)&dial->tcp))
        uv_close((uv_handle_t *)&dial->tcp, on_attempt_closed);
}

static void try_next(struct dial *dial)
{
    const struct sockaddr *address;
    int error;

    while (dial->next_address < dial->address_count && !dial->local_allowed &&
           socket_is_local((const struct sockaddr *)&dial->addresses[dial->next_address])) {
        error_set(dial, "local destinations are not allowed");
        dial->next_address++;
    }
    if (dial->next_address == dial->address_count) {
        finish(dial, -1);
        return;
    }
    address = (const struct sockaddr *)&dial->addresses[dial->next_address];
    dial->next_address++;
    uv_tcp_init(dial->loop, &dial->tcp);
    dial->tcp.data = dial;
    dial->connect.data = dial;
    dial->connecting = true;
    error = uv_tcp_connect(&dial->connect, &dial->tcp, address, on_connected);
    if (error != 0) {
        error_set(dial, uv_strerror(error));
        attempt_close(dial);
    }
}

static void on_attempt_closed(uv_handle_t *handle)
{
    struct dial *dial = handle->data;

    dial->connecting = false;
    if (dial->done)
        closed_if_done(dial);
    else
        try_next(dial);
}

/* The handle keeps its descriptor, so that the callee gets another one of the same socket. */
static void on_connected(uv_connect_t *request, int status)
{
    struct dial *dial = request->data;
    uv_os_fd_t descriptor;
    int copy = -1;

    if (dial->done)
        return;
    if (status == 0 && uv_fileno((uv_handle_t *)&dial->tcp, &descriptor) == 0)
        copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0)
        finish(dial, copy);
    else
        error_set(dial, status != 0 ? uv_strerror(status) : "out of descriptors");
    attempt_close(dial);
}

static void on_timeout(uv_timer_t *timer)
{
    struct dial *dial = timer->data;

    error_set(dial, "no connection in time");
    finish(dial, -1);
    attempt_close(dial);
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct dial *dial = request->data;

    dial->looking_up = false;
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        if (dial->address_count < DIAL_ADDRESSES_MAX &&
            at->ai_addrlen <= sizeof dial->addresses[0]) {
            memcpy(&dial->addresses[dial->address_count], at->ai_addr, at->ai_addrlen);
            dial->address_count++;
        }
    }
    uv_freeaddrinfo(found);
    if (dial->done) {
        closed_if_done(dial);
        return;
    }
    error_set(dial, status != 0 ? uv_strerror(status) : "no address");
    try_next(dial);
}

/* What the timer does first, so that no event comes before the next turn. */
static void on_start(uv_timer_t *timer)
{
    struct dial *dial = timer->data;

    uv_timer_start(timer, on_timeout, dial->milliseconds, 0);
    try_next(dial);
}

static bool look_up(struct dial *dial, const struct anytls_address *address)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char host[HOST_SIZE] = "";
    char port[6];
    int error;

    memcpy(host, address->host, address->size);
    snprintf(port, sizeof port, "%u", (unsigned)address->port);
    if (strlen(host) != address->size) {
        error_set(dial, "a name with a zero byte");
        return false;
    }
    dial->look_up.data = dial;
    error = uv_getaddrinfo(dial->loop, &dial->look_up, on_looked_up, host, port, &hints);
    if (error != 0)
        error_set(dial, uv_strerror(error));
    dial->looking_up = error == 0;
    return error == 0;
}

void dial_begin(struct dial *dial, uv_loop_t *loop, const struct anytls_address *address,
                uint32_t milliseconds, bool local_allowed, const struct dial_events *events,
                void *owner)
{
    memset(dial, 0, sizeof *dial);
    dial->loop = loop;
    dial->events = events;
    dial->owner = owner;
    dial->local_allowed = local_allowed;
    dial->milliseconds = milliseconds;
    uv_timer_init(loop, &dial->timer);
    dial->timer.data = dial;
    dial->timing = true;
    if (address_to_socket(address, &dial->addresses[0]))
        dial->address_count = 1;
    else if (look_up(dial, address)) {
        uv_timer_start(&dial->timer, on_timeout, milliseconds, 0);
        return;
    }
    uv_timer_start(&dial->timer, on_start, 0, 0);
}

void dial_cancel(struct dial *dial)
{
    if (dial->done)
        return;
    dial->done = true;
    if (dial->looking_up)
        uv_cancel((uv_req_t *)&dial->look_up);
    attempt_close(dial);
    uv_close((uv_handle_t *)&dial->timer, on_timer_closed);
}
