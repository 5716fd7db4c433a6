#include "wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    bytes->at = NULL;
    bytes->size = 0;
    bytes->capacity = 0;
}

static bool bytes_append(struct bytes *to, const uint8_t *from, size_t size)
{
    if (to->capacity - to->size < size) {
        size_t capacity = 2 * (to->size + size);
        uint8_t *grown = realloc(to->at, capacity);

        if (grown == NULL)
            return false;
        to->at = grown;
        to->capacity = capacity;
    }
    memcpy(to->at + to->size, from, size);
    to->size += size;
    return true;
}

static void on_timer(uv_timer_t *timer)
{
    struct wire *wire = timer->data;

    if (wire->lingering && wire_queued(wire) > 0)
        wire_reset(wire); /* no proper end of what is not whole */
    else if (wire->lingering)
        wire_close(wire);
    else
        wire->events->on_timeout(wire);
}

void wire_begin(struct wire *wire, struct workspace *space, const struct wire_events *events,
                void *owner)
{
    memset(wire, 0, sizeof *wire);
    wire->space = space;
    wire->events = events;
    wire->owner = owner;
    uv_tcp_init(space->loop, &wire->tcp);
    uv_timer_init(space->loop, &wire->timer);
    wire->tcp.data = wire;
    wire->timer.data = wire;
    wire->request.data = wire;
    wire->shutdown.data = wire;
    wire->handles = 2;
}

static void fail(struct wire *wire, int error)
{
    if (wire->closing)
        return;
    if (wire->lingering)
        wire_close(wire);
    else
        wire->events->on_error(wire, error);
}

/* ---- Reading ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct wire *wire = handle->data;

    (void)suggested;
    *buffer = uv_buf_init((char *)wire->space->read_area + READ_HEADROOM, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct wire *wire = stream->data;

    if (size == UV_EOF && wire->lingering) {
        wire_close(wire);
    } else if (size == UV_EOF) {
        wire_read_stop(wire);
        wire->events->on_end(wire);
    } else if (size < 0) {
        fail(wire, (int)size);
    } else if (size > 0 && wire->reading) {
        wire->events->on_read(wire, (uint8_t *)buffer->base, (size_t)size);
    }
}

void wire_read_start(struct wire *wire)
{
    if (wire->reading || wire->closing || wire->lingering)
        return;
    wire->reading = uv_read_start((uv_stream_t *)&wire->tcp, on_alloc, on_read) == 0;
}

void wire_read_stop(struct wire *wire)
{
    if (!wire->reading)
        return;
    wire->reading = false;
    uv_read_stop((uv_stream_t *)&wire->tcp);
}

/* ---- Writing ---- */

static void send_queued(struct wire *wire);

/* Closing a socket that holds unread bytes resets the connection, and takes from the other side
 * what it has not read yet: so read to the end first, for a while. */
static void on_shut_down(uv_shutdown_t *request, int status)
{
    struct wire *wire = request->data;

    if (wire->closing || !wire->lingering)
        return;
    if (status < 0 || uv_read_start((uv_stream_t *)&wire->tcp, on_alloc, on_read) != 0)
        wire_close(wire);
    else
        uv_timer_start(&wire->timer, on_timer, DRAIN_TIMEOUT, 0);
}

/* The queue is empty, or shorter. */
static void on_sent(struct wire *wire)
{
    if (wire->ending && wire_queued(wire) == 0) {
        if (uv_shutdown(&wire->shutdown, (uv_stream_t *)&wire->tcp, on_shut_down) != 0 &&
            wire->lingering)
            wire_close(wire);
        return;
    }
    if (!wire->full || wire_queued(wire) > QUEUE_LOW)
        return;
    wire->full = false;
    wire->events->on_drained(wire);
}

static void on_written(uv_write_t *request, int status)
{
    struct wire *wire = request->data;

    wire->writing = false;
    bytes_free(&wire->sending);
    if (status < 0) {
        if (status != UV_ECANCELED)
            fail(wire, status);
        return;
    }
    if (wire->queued.size > 0)
        send_queued(wire);
    else
        on_sent(wire);
}

static void send_queued(struct wire *wire)
{
    uv_buf_t buffer;
    int error;

    wire->sending = wire->queued;
    memset(&wire->queued, 0, sizeof wire->queued);
    buffer = uv_buf_init((char *)wire->sending.at, (unsigned)wire->sending.size);
    error = uv_write(&wire->request, (uv_stream_t *)&wire->tcp, &buffer, 1, on_written);
    if (error != 0) {
        bytes_free(&wire->sending);
        fail(wire, error);
        return;
    }
    wire->writing = true;
}

void wire_opened(struct wire *wire)
{
    wire->open = true;
    uv_tcp_nodelay(&wire->tcp, 1);
    if (wire->queued.size > 0)
        send_queued(wire);
    else if (wire->ending)
        on_sent(wire);
}

void wire_open(struct wire *wire, int descriptor)
{
    int error = wire->closing ? UV_ECANCELED : uv_tcp_open(&wire->tcp, descriptor);

    if (error == 0) {
        wire_opened(wire);
        return;
    }
    close(descriptor);
    fail(wire, error);
}

/* What the socket takes at once; less than nothing: an error, which was told. */
static ssize_t send_now(struct wire *wire, const uv_buf_t *parts, unsigned count)
{
    int sent;

    if (!wire->open || wire->writing || wire->queued.size > 0)
        return 0;
    sent = uv_try_write((uv_stream_t *)&wire->tcp, parts, count);
    if (sent >= 0)
        return sent;
    if (sent == UV_EAGAIN)
        return 0;
    fail(wire, sent);
    return -1;
}

static void write_parts(struct wire *wire, const uv_buf_t *parts, unsigned count)
{
    ssize_t sent = send_now(wire, parts, count);
    size_t skip = (size_t)sent;

    if (sent < 0)
        return;
    for (unsigned i = 0; i < count; i++) {
        size_t gone = skip < parts[i].len ? skip : parts[i].len;

        skip -= gone;
        if (gone < parts[i].len &&
            !bytes_append(&wire->queued, (uint8_t *)parts[i].base + gone, parts[i].len - gone)) {
            fail(wire, UV_ENOMEM);
            return;
        }
    }
    if (wire->open && !wire->writing && wire->queued.size > 0)
        send_queued(wire);
    if (wire->events->on_full != NULL && !wire->closing && wire_is_full(wire))
        wire->events->on_full(wire);
}

void wire_views_send(struct workspace *space)
{
    struct wire *wire = space->viewing;

    space->viewing = NULL;
    if (wire != NULL)
        write_parts(wire, space->views, space->view_count);
    space->view_count = 0;
}

void wire_write_view(struct wire *wire, const uint8_t *bytes, size_t size)
{
    struct workspace *space = wire->space;

    if (wire->closing || wire->ending || size == 0)
        return;
    if (space->viewing != wire || space->view_count == VIEWS_MAX)
        wire_views_send(space);
    if (wire->closing || wire->ending)
        return;
    space->viewing = wire;
    space->views[space->view_count] = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)size);
    space->view_count++;
}

void wire_write(struct wire *wire, const uint8_t *bytes, size_t size)
{
    uv_buf_t part = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)size);

    if (wire->space->viewing == wire)
        wire_views_send(wire->space);
    if (wire->closing || wire->ending || size == 0)
        return;
    write_parts(wire, &part, 1);
}

size_t wire_queued(const struct wire *wire)
{
    return wire->sending.size + wire->queued.size;
}

bool wire_is_full(struct wire *wire)
{
    if (wire_queued(wire) >= QUEUE_HIGH)
        wire->full = true;
    return wire->full;
}

/* ---- Ending ---- */

void wire_timeout_set(struct wire *wire, uint64_t milliseconds)
{
    if (wire->closing || wire->lingering)
        return;
    if (milliseconds == 0)
        uv_timer_stop(&wire->timer);
    else
        uv_timer_start(&wire->timer, on_timer, milliseconds, 0);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct wire *wire = handle->data;

    wire->handles--;
    if (wire->handles > 0)
        return;
    bytes_free(&wire->sending);
    bytes_free(&wire->queued);
    wire->events->on_closed(wire);
}

static void close_begin(struct wire *wire)
{
    wire->closing = true;
    wire->reading = false;
    if (wire->space->sealing == wire) {
        wire->space->sealing = NULL;
        wire->space->sealed.size = 0;
    }
    if (wire->space->viewing == wire) {
        wire->space->viewing = NULL;
        wire->space->view_count = 0;
    }
    uv_close((uv_handle_t *)&wire->timer, on_handle_closed);
}

void wire_close(struct wire *wire)
{
    if (wire->closing)
        return;
    close_begin(wire);
    uv_close((uv_handle_t *)&wire->tcp, on_handle_closed);
}

void wire_reset(struct wire *wire)
{
    if (wire->closing)
        return;
    close_begin(wire);
    if (!wire->open || uv_tcp_close_reset(&wire->tcp, on_handle_closed) != 0)
        uv_close((uv_handle_t *)&wire->tcp, on_handle_closed);
}

void wire_end_when_sent(struct wire *wire)
{
    if (wire->space->viewing == wire)
        wire_views_send(wire->space);
    if (wire->closing || wire->ending)
        return;
    wire->ending = true;
    if (wire->open && wire_queued(wire) == 0)
        on_sent(wire);
}

void wire_close_when_sent(struct wire *wire)
{
    if (wire->space->viewing == wire)
        wire_views_send(wire->space);
    if (wire->closing || wire->lingering)
        return;
    wire_read_stop(wire);
    wire_timeout_set(wire, LINGER_TIMEOUT);
    wire->lingering = true;
    if (wire->ending && wire->open && wire_queued(wire) == 0)
        wire_close(wire); /* our side has been ended before */
    else
        wire_end_when_sent(wire);
}
