#include "diff_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536u

long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool link_begin(struct link *link, int descriptor, struct anytls_tls_context *context)
{
    memset(link, 0, sizeof *link);
    link->descriptor = descriptor;
    link->secure = context != NULL;
    link->shaken = context == NULL;
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return context == NULL || anytls_tls_begin(&link->tls, context, NULL);
}

void link_free(struct link *link)
{
    close(link->descriptor);
    anytls_tls_end(&link->tls);
    blob_free(&link->in);
    blob_free(&link->waiting);
    blob_free(&link->out);
}

void link_write(struct link *link, const uint8_t *bytes, size_t size)
{
    uint32_t length = (uint32_t)size;

    if (size == 0)
        return;
    blob_add(&link->waiting, &length, sizeof length);
    blob_add(&link->waiting, bytes, size);
}

/* An output buffer of TLS with room for some more, which becomes a part of link->out. */
static uint8_t scratch_bytes[2 * CHUNK + ANYTLS_TLS_ROOM];

static struct anytls_buffer sealed_begin(void)
{
    struct anytls_buffer buffer = {scratch_bytes, sizeof scratch_bytes, 0};

    return buffer;
}

static void sealed_end(struct link *link, const struct anytls_buffer *buffer)
{
    blob_add(&link->out, buffer->bytes, buffer->size);
}

static void seal(struct link *link, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t part = size < CHUNK ? size : CHUNK;
        struct anytls_buffer buffer = sealed_begin();

        if (anytls_tls_write(&link->tls, bytes, part, &buffer) != ANYTLS_TLS_OK)
            link->failed = true;
        sealed_end(link, &buffer);
        bytes += part;
        size -= part;
    }
}

/* Takes the records that wait, once the handshake is done. */
static void seal_waiting(struct link *link)
{
    size_t at = 0;

    if (!link->shaken)
        return;
    while (at < link->waiting.size) {
        uint32_t length;

        memcpy(&length, link->waiting.at + at, sizeof length);
        at += sizeof length;
        if (link->secure)
            seal(link, link->waiting.at + at, length);
        else
            blob_add(&link->out, link->waiting.at + at, length);
        at += length;
    }
    link->waiting.size = 0;
}

static void shake(struct link *link)
{
    struct anytls_buffer buffer = sealed_begin();
    enum anytls_tls_status status;

    if (link->shaken)
        return;
    status = anytls_tls_handshake(&link->tls, &buffer);
    sealed_end(link, &buffer);
    link->shaken = status == ANYTLS_TLS_OK;
    link->failed |= status == ANYTLS_TLS_FAILED;
}

static void unseal(struct link *link, const uint8_t *bytes, size_t size)
{
    static uint8_t plain[CHUNK];
    struct anytls_tls_result result = {ANYTLS_TLS_OK, 0};

    anytls_tls_feed(&link->tls, bytes, size);
    shake(link);
    while (link->shaken && result.status == ANYTLS_TLS_OK) {
        struct anytls_buffer buffer = sealed_begin();

        result = anytls_tls_read(&link->tls, plain, sizeof plain, &buffer);
        sealed_end(link, &buffer);
        blob_add(&link->in, plain, result.size);
    }
    link->ended |= result.status == ANYTLS_TLS_ENDED;
    link->failed |= result.status == ANYTLS_TLS_FAILED;
}

static void receive(struct link *link)
{
    static uint8_t bytes[CHUNK];
    ssize_t size = recv(link->descriptor, bytes, sizeof bytes, 0);

    if (size > 0 && link->secure)
        unseal(link, bytes, (size_t)size);
    else if (size > 0)
        blob_add(&link->in, bytes, (size_t)size);
    else if (size == 0)
        link->ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        link->failed = true;
}

static void transmit(struct link *link)
{
    ssize_t size = send(link->descriptor, link->out.at, link->out.size, MSG_NOSIGNAL);

    if (size > 0)
        blob_drop(&link->out, (size_t)size);
    else if (errno != EAGAIN && errno != EINTR)
        link->failed = true;
}

void link_pump(struct link *link, int timeout_ms)
{
    struct pollfd descriptor = {link->descriptor, 0, 0};

    shake(link);
    seal_waiting(link);
    if (!link->ended)
        descriptor.events = POLLIN;
    if (link->out.size > 0)
        descriptor.events = (short)(descriptor.events | POLLOUT);
    if (link->failed || descriptor.events == 0 || poll(&descriptor, 1, timeout_ms) <= 0)
        return;
    if (descriptor.revents & POLLOUT)
        transmit(link);
    if (descriptor.revents & (POLLIN | POLLHUP | POLLERR))
        receive(link);
}

void link_shut(struct link *link)
{
    long long deadline = now_ms() + 5000;

    if (link->secure && link->shaken) {
        struct anytls_buffer buffer = sealed_begin();

        seal_waiting(link);
        anytls_tls_close(&link->tls, &buffer);
        sealed_end(link, &buffer);
    }
    do
        link_pump(link, 10);
    while (!link->failed && link->out.size > 0 && now_ms() < deadline);
    shutdown(link->descriptor, SHUT_WR);
}
