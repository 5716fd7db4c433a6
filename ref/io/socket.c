#include "io/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/wait.h"

/* The first reason is the right one: later calls only find the connection broken. */
static enum anytls_io_status fail(struct anytls_socket *self, const char *reason)
{
    if (self->error[0] == '\0')
        snprintf(self->error, sizeof self->error, "%s", reason);
    return ANYTLS_IO_FAILED;
}

static enum anytls_io_status fail_tls(struct anytls_socket *self)
{
    char reason[ANYTLS_ERROR_TEXT_SIZE];

    anytls_tls_error_text(&self->tls, reason);
    return fail(self, reason);
}

/* Without a deadline a call may wait by itself, which saves one to poll. */
static int flags_for(uint64_t deadline)
{
    return deadline == ANYTLS_NEVER ? MSG_NOSIGNAL : MSG_NOSIGNAL | MSG_DONTWAIT;
}

/* After a system call that failed: ANYTLS_IO_OK means try again. */
static enum anytls_io_status look_into(struct anytls_socket *self, short events, uint64_t deadline)
{
    if (errno == EINTR)
        return ANYTLS_IO_OK;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        enum anytls_io_status status = anytls_wait(self->descriptor, events, deadline);

        if (status != ANYTLS_IO_FAILED)
            return status;
    }
    return fail(self, strerror(errno));
}

static enum anytls_io_status receive(struct anytls_socket *self, uint64_t deadline)
{
    enum anytls_io_status status = ANYTLS_IO_OK;
    ssize_t got = -1;

    while (got < 0 && status == ANYTLS_IO_OK) {
        got = recv(self->descriptor, self->input, sizeof self->input, flags_for(deadline));
        if (got < 0)
            status = look_into(self, POLLIN, deadline);
    }
    if (got > 0)
        anytls_tls_feed(&self->tls, self->input, (size_t)got);
    return got == 0 ? ANYTLS_IO_END : status;
}

static enum anytls_io_status flush(struct anytls_socket *self, const struct anytls_buffer *output,
                                   uint64_t deadline)
{
    enum anytls_io_status status = ANYTLS_IO_OK;
    size_t done = 0;

    while (done < output->size && status == ANYTLS_IO_OK) {
        ssize_t sent =
            send(self->descriptor, output->bytes + done, output->size - done, flags_for(deadline));

        if (sent >= 0)
            done += (size_t)sent;
        else
            status = look_into(self, POLLOUT, deadline);
    }
    return status;
}

static struct anytls_buffer empty(struct anytls_socket *self)
{
    return (struct anytls_buffer){self->output, sizeof self->output, 0};
}

/* Reads what has been fed, and sends what TLS answers to it. What was read before a failure is
 * still good: the failure is told by the next call. */
static struct anytls_tls_result read_fed(struct anytls_socket *self, uint8_t *bytes, size_t size,
                                         uint64_t deadline)
{
    struct anytls_buffer output = empty(self);
    struct anytls_tls_result step = anytls_tls_read(&self->tls, bytes, size, &output);

    self->broken = step.status == ANYTLS_TLS_FAILED;
    if (self->broken)
        fail_tls(self);
    if (flush(self, &output, deadline) != ANYTLS_IO_OK) {
        self->broken = true;
        fail(self, "the peer takes no answers of TLS");
    }
    return step;
}

static struct anytls_io_result socket_read(void *context, uint8_t *bytes, size_t size,
                                           uint64_t deadline)
{
    struct anytls_socket *self = context;
    struct anytls_io_result result = {ANYTLS_IO_OK, 0};

    while (result.status == ANYTLS_IO_OK && !self->broken) {
        struct anytls_tls_result step = read_fed(self, bytes, size, deadline);

        result.size = step.size;
        if (step.size > 0)
            return result;
        if (step.status == ANYTLS_TLS_ENDED)
            result.status = ANYTLS_IO_END;
        else if (step.status == ANYTLS_TLS_WANT_INPUT && !self->broken)
            result.status = receive(self, deadline);
    }
    if (self->broken)
        result.status = ANYTLS_IO_FAILED;
    return result;
}

static enum anytls_io_status socket_write(void *context, const uint8_t *bytes, size_t size,
                                          uint64_t deadline)
{
    struct anytls_socket *self = context;
    enum anytls_io_status status = ANYTLS_IO_OK;

    while (size > 0 && status == ANYTLS_IO_OK) {
        struct anytls_buffer output = empty(self);
        size_t part = size < ANYTLS_SOCKET_WRITE_MAX ? size : ANYTLS_SOCKET_WRITE_MAX;

        if (anytls_tls_write(&self->tls, bytes, part, &output) != ANYTLS_TLS_OK)
            return fail_tls(self);
        status = flush(self, &output, deadline);
        bytes += part;
        size -= part;
    }
    return status;
}

static uint64_t socket_now(void *context)
{
    (void)context;
    return anytls_clock();
}

/* Padding is no secret, so that without randomness the smallest sizes do. */
static uint32_t socket_random(void *context)
{
    uint32_t number = 0;

    (void)context;
    return RAND_bytes((unsigned char *)&number, sizeof number) == 1 ? number : 0;
}

struct anytls_transport anytls_socket_transport(struct anytls_socket *socket)
{
    return (struct anytls_transport){socket, socket_read, socket_write, socket_now, socket_random};
}

static enum anytls_io_status handshake(struct anytls_socket *self, uint64_t deadline)
{
    enum anytls_io_status status = ANYTLS_IO_OK;

    while (status == ANYTLS_IO_OK) {
        struct anytls_buffer output = empty(self);
        enum anytls_tls_status step = anytls_tls_handshake(&self->tls, &output);

        if (step == ANYTLS_TLS_FAILED)
            fail_tls(self);
        status = flush(self, &output, deadline); /* with a failure: the TLS alert that tells why */
        if (step == ANYTLS_TLS_FAILED)
            return ANYTLS_IO_FAILED;
        if (step == ANYTLS_TLS_OK && status == ANYTLS_IO_OK)
            return status;
        if (step == ANYTLS_TLS_WANT_INPUT && status == ANYTLS_IO_OK)
            status = receive(self, deadline);
        else if (step == ANYTLS_TLS_ENDED)
            status = ANYTLS_IO_END;
    }
    fail(self, status == ANYTLS_IO_TIMEOUT ? "the TLS handshake took too long"
                                           : "the peer ended the connection in the TLS handshake");
    return status;
}

enum anytls_io_status anytls_socket_begin(struct anytls_socket *socket,
                                          struct anytls_tls_context *context, int descriptor,
                                          const char *name, uint64_t timeout)
{
    enum anytls_io_status status;
    int on = 1;

    /* Small writes leave at once, and calls without a deadline wait by themselves. Where the
     * system refuses that, it is only slower. */
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(descriptor, F_SETFL, 0);
    socket->descriptor = descriptor;
    socket->broken = false;
    socket->error[0] = '\0';
    if (anytls_tls_begin(&socket->tls, context, name))
        status = handshake(socket, anytls_deadline_after(anytls_clock(), timeout));
    else
        status = fail(socket, "out of memory, or no name for a certificate");
    if (status == ANYTLS_IO_OK)
        return status;
    anytls_tls_end(&socket->tls);
    close(descriptor);
    return status;
}

void anytls_socket_close(struct anytls_socket *socket, uint64_t timeout)
{
    uint64_t deadline = anytls_deadline_after(anytls_clock(), timeout);
    struct anytls_buffer output = empty(socket);
    enum anytls_io_status status;

    anytls_tls_close(&socket->tls, &output);
    status = flush(socket, &output, deadline);
    anytls_tls_end(&socket->tls);
    shutdown(socket->descriptor, SHUT_WR);
    while (status == ANYTLS_IO_OK && timeout > 0 && anytls_clock() < deadline)
        status = receive(socket, deadline);
    close(socket->descriptor);
}
