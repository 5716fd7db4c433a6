#include "peer.h"

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
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

/* ---- Bytes ---- */

size_t put_frame(uint8_t *out, uint8_t command, uint32_t stream, const void *data, size_t size)
{
    const uint8_t header[7] = {command,
                               (uint8_t)(stream >> 24),
                               (uint8_t)(stream >> 16),
                               (uint8_t)(stream >> 8),
                               (uint8_t)stream,
                               (uint8_t)(size >> 8),
                               (uint8_t)size};

    memcpy(out, header, 7);
    if (size > 0)
        memcpy(out + 7, data, size);
    return 7 + size;
}

size_t put_preamble(uint8_t *out, const char *password, uint16_t padding)
{
    EVP_Digest(password, strlen(password), out, NULL, EVP_sha256(), NULL);
    out[32] = (uint8_t)(padding >> 8);
    out[33] = (uint8_t)padding;
    memset(out + 34, 0, padding);
    return 34 + (size_t)padding;
}

static const char default_scheme[] =
    "stop=8\n0=30-30\n1=100-400\n2=400-500,c,500-1000,c,500-1000,c,500-1000,c,500-1000\n"
    "3=9-9,500-1000\n4=500-1000\n5=500-1000\n6=500-1000\n7=500-1000";

size_t put_settings(uint8_t *out)
{
    char text[128];
    uint8_t md5[EVP_MAX_MD_SIZE];
    size_t size = (size_t)snprintf(text, sizeof text, "v=2\nclient=raw/1\npadding-md5=");

    EVP_Digest(default_scheme, sizeof default_scheme - 1, md5, NULL, EVP_md5(), NULL);
    for (size_t i = 0; i < 16; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%02x", md5[i]);
    return put_frame(out, SETTINGS, 0, text, size);
}

size_t put_destination(uint8_t *out, uint16_t port)
{
    const uint8_t bytes[7] = {1, 127, 0, 0, 1, (uint8_t)(port >> 8), (uint8_t)port};

    memcpy(out, bytes, 7);
    return 7;
}

void peer_send(struct peer *peer, uint8_t command, uint32_t stream, const void *data, size_t size)
{
    uint8_t *bytes = malloc(7 + size);

    expect(bytes != NULL, "no memory");
    peer_write(peer, bytes, put_frame(bytes, command, stream, data, size));
    free(bytes);
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

void peer_greet(struct peer *peer, const char *password)
{
    uint8_t bytes[512];
    size_t size = put_preamble(bytes, password, 30);

    peer_write(peer, bytes, size);
    peer_write(peer, bytes, put_settings(bytes));
}

void peer_open(struct peer *peer, uint32_t stream, uint16_t port)
{
    uint8_t bytes[64];
    uint8_t destination[7];
    size_t size = put_frame(bytes, SYN, stream, NULL, 0);

    size += put_frame(bytes + size, PSH, stream, destination, put_destination(destination, port));
    peer_write(peer, bytes, size);
}

void peer_must_open(struct peer *peer, uint32_t stream, uint16_t port)
{
    struct frame frame;

    peer_open(peer, stream, port);
    peer_find(peer, &frame, SYNACK);
    expect(frame.stream == stream && frame.size == 0, "stream %u refused: %s", (unsigned)stream,
           (const char *)frame.data);
}

void peer_welcome(struct peer *peer, struct frame *frame)
{
    uint8_t preamble[34];
    uint8_t padding[65535];

    peer_take(peer, preamble, sizeof preamble);
    peer_take(peer, padding, (size_t)preamble[32] * 256 + preamble[33]);
    peer_must_get(peer, frame, SETTINGS, 0);
    peer_send(peer, SERVER_SETTINGS, 0, "v=2", 3);
}

uint32_t peer_take_stream(struct peer *peer, struct frame *frame)
{
    uint32_t stream;

    peer_find(peer, frame, SYN);
    stream = frame->stream;
    peer_must_get(peer, frame, PSH, stream);
    return stream;
}

void peer_serve_echo(struct peer *peer)
{
    struct frame *frame = malloc(sizeof *frame);

    expect(frame != NULL, "no memory");
    while (peer_frame(peer, frame, UINT32_MAX)) {
        if (frame->command == SYN) {
            uint32_t stream = frame->stream;

            peer_must_get(peer, frame, PSH, stream);
            peer_send(peer, SYNACK, stream, NULL, 0);
        } else if (frame->command == PSH) {
            peer_send(peer, PSH, frame->stream, frame->data, frame->size);
        } else if (frame->command == HEART_REQUEST) {
            peer_send(peer, HEART_RESPONSE, frame->stream, NULL, 0);
        }
    }
    free(frame);
}

void peer_must_get_pattern(struct peer *peer, uint32_t stream, uint64_t seed, size_t size)
{
    struct frame *frame = malloc(sizeof *frame);
    size_t done = 0;

    expect(frame != NULL, "no memory");
    while (done < size) {
        peer_must_get(peer, frame, PSH, stream);
        expect(done + frame->size <= size, "more than %zu bytes", size);
        expect(pattern_is(seed, done, frame->data, frame->size), "wrong bytes behind %zu", done);
        done += frame->size;
    }
    free(frame);
}
