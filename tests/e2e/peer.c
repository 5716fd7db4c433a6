#include "peer.h"

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/certificate.h"
#include "runner.h"

#define INPUT_SIZE (256u * 1024u)

static SSL_CTX *context_for(bool server)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static SSL_CTX *contexts[2];
    struct anytls_certificate own;

    pthread_mutex_lock(&lock);
    if (contexts[server] == NULL) {
        contexts[server] = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
        expect(contexts[server] != NULL, "no TLS");
        SSL_CTX_set_num_tickets(contexts[server], 0);
        if (server) {
            expect(anytls_certificate_make("localhost", &own), "no certificate");
            SSL_CTX_use_certificate(contexts[server], own.certificate);
            SSL_CTX_use_PrivateKey(contexts[server], own.key);
            anytls_certificate_free(&own);
        }
    }
    pthread_mutex_unlock(&lock);
    return contexts[server];
}

/* Waits for what a call wants; false: it is no matter of waiting, or the deadline has passed. */
static bool wait_more(struct peer *peer, int result, uint64_t end)
{
    int error = SSL_get_error(peer->ssl, result);
    struct pollfd item = {peer->descriptor, error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN, 0};
    uint64_t now = clock_ms();

    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return false;
    return now < end && poll(&item, 1, end - now > INT_MAX ? -1 : (int)(end - now)) > 0;
}

struct peer *peer_begin(int descriptor, bool server)
{
    struct peer *peer = calloc(1, sizeof *peer);
    uint64_t end = clock_ms() + NET_DEADLINE;
    int on = 1;
    int result;

    expect(peer != NULL, "no memory");
    peer->input = malloc(INPUT_SIZE);
    peer->ssl = SSL_new(context_for(server));
    expect(peer->input != NULL && peer->ssl != NULL, "no memory");
    peer->descriptor = descriptor;
    SSL_set_fd(peer->ssl, descriptor);
    SSL_set_mode(peer->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    do {
        ERR_clear_error();
        result = server ? SSL_accept(peer->ssl) : SSL_connect(peer->ssl);
    } while (result <= 0 && wait_more(peer, result, end));
    if (result > 0)
        return peer;
    peer_drop(peer);
    return NULL;
}

struct peer *peer_connect(uint16_t port)
{
    struct peer *peer = peer_begin(net_connect(port), false);

    expect(peer != NULL, "no TLS with port %u", (unsigned)port);
    return peer;
}

struct peer *peer_accept(int listener, uint64_t ms)
{
    int descriptor = net_accept(listener, ms);

    return descriptor < 0 ? NULL : peer_begin(descriptor, true);
}

bool peer_write(struct peer *peer, const void *bytes, size_t size)
{
    uint64_t end = clock_ms() + NET_DEADLINE;
    const uint8_t *at = bytes;

    while (size > 0) {
        int done;

        ERR_clear_error();
        done = SSL_write(peer->ssl, at, (int)size);
        if (done > 0) {
            at += done;
            size -= (size_t)done;
        } else if (!wait_more(peer, done, end)) {
            expect(clock_ms() < end, "%zu bytes were not taken", size);
            return false;
        }
    }
    return true;
}

ssize_t peer_fill(struct peer *peer, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;
    int got;

    expect(peer->input_size < INPUT_SIZE, "the input is full");
    do {
        ERR_clear_error();
        got = SSL_read(peer->ssl, peer->input + peer->input_size,
                       (int)(INPUT_SIZE - peer->input_size));
    } while (got <= 0 && wait_more(peer, got, end));
    if (got > 0) {
        peer->input_size += (size_t)got;
        if (peer->record_count < RECORDS_MAX)
            peer->records[peer->record_count++] = (size_t)got;
        return got;
    }
    switch (SSL_get_error(peer->ssl, got)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return NET_SILENCE;
    case SSL_ERROR_ZERO_RETURN: return NET_END;
    default: return NET_RESET;
    }
}

static void drop_input(struct peer *peer, size_t size)
{
    peer->input_size -= size;
    memmove(peer->input, peer->input + size, peer->input_size);
}

void peer_take(struct peer *peer, void *bytes, size_t size)
{
    while (peer->input_size < size) {
        ssize_t got = peer_fill(peer, NET_DEADLINE);

        expect(got > 0, "%zu of %zu bytes came, then %s", peer->input_size, size,
               got == NET_SILENCE ? "nothing" : "the end");
    }
    memcpy(bytes, peer->input, size);
    drop_input(peer, size);
}

/* Bytes of the frame that stands first in the input, as far as can be told. */
static size_t frame_size(const struct peer *peer)
{
    return peer->input_size < 7 ? 7 : 7 + (size_t)peer->input[5] * 256 + peer->input[6];
}

bool peer_frame(struct peer *peer, struct frame *frame, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;
    const uint8_t *in = peer->input;
    size_t whole;

    while (peer->input_size < frame_size(peer)) {
        uint64_t now = clock_ms();

        if (peer_fill(peer, end > now ? end - now : 0) <= 0)
            return false;
    }
    whole = frame_size(peer);
    frame->command = in[0];
    frame->stream = (uint32_t)in[1] << 24 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 8 | in[4];
    frame->size = (uint16_t)(whole - 7);
    memcpy(frame->data, in + 7, whole - 7);
    frame->data[whole - 7] = 0;
    drop_input(peer, whole);
    return true;
}

void peer_must_get(struct peer *peer, struct frame *frame, uint8_t command, uint32_t stream)
{
    do {
        expect(peer_frame(peer, frame, NET_DEADLINE), "no frame %u of stream %u", command,
               (unsigned)stream);
    } while (frame->command == WASTE);
    expect(frame->command == command && frame->stream == stream,
           "frame %u of stream %u (%u bytes), not %u of stream %u", frame->command,
           (unsigned)frame->stream, frame->size, command, (unsigned)stream);
}

void peer_find(struct peer *peer, struct frame *frame, uint8_t command)
{
    do
        expect(peer_frame(peer, frame, NET_DEADLINE), "no frame %u", command);
    while (frame->command != command);
}

int peer_wait_end(struct peer *peer, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;

    for (;;) {
        uint64_t now = clock_ms();
        ssize_t got = peer_fill(peer, end > now ? end - now : 0);

        if (got <= 0)
            return (int)got;
        peer->input_size = 0;
    }
}

static void peer_free(struct peer *peer)
{
    SSL_free(peer->ssl);
    free(peer->input);
    free(peer);
}

void peer_close(struct peer *peer)
{
    SSL_shutdown(peer->ssl);
    peer_drop(peer);
}

void peer_drop(struct peer *peer)
{
    close(peer->descriptor);
    peer_free(peer);
}

void peer_break(struct peer *peer)
{
    net_reset(peer->descriptor);
    peer_free(peer);
}

size_t server_descriptors(struct program *server)
{
    struct peer *peer = peer_connect(program_port(server));
    size_t descriptors = process_descriptors(program_pid(server)) - 1;

    peer_close(peer);
    process_must_return_to(program_pid(server), descriptors, NET_DEADLINE);
    return descriptors;
}

bool peer_try_send(struct peer *peer, uint8_t command, uint32_t stream, const void *data,
                   size_t size, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;
    int done;

    expect(7 + size <= sizeof peer->unsent && peer->unsent_size == 0, "too much to send");
    peer->unsent_size = put_frame(peer->unsent, command, stream, data, size);
    while (peer->unsent_size > 0) {
        ERR_clear_error();
        done = SSL_write(peer->ssl, peer->unsent, (int)peer->unsent_size);
        if (done <= 0 && !wait_more(peer, done, end))
            return false;
        if (done > 0) {
            peer->unsent_size -= (size_t)done;
            memmove(peer->unsent, peer->unsent + done, peer->unsent_size);
        }
    }
    return true;
}

void peer_finish_send(struct peer *peer)
{
    size_t size = peer->unsent_size;

    peer->unsent_size = 0;
    expect(peer_write(peer, peer->unsent, size), "the other side is gone");
}
