#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer_inside.h"
#include "tls.h"

#define FRAMES_MAX 1000000u
#define HELD_MAX 134217728u /* bytes of frames that a peer may send us in one case */

static void *grown(struct run *run, void *old, size_t size)
{
    void *memory = realloc(old, size);

    if (memory == NULL)
        broken(run, "out of memory");
    return memory;
}

/* ---- Transcript ---- */

void save_bytes(struct peer *peer, const char *name, const uint8_t *bytes, size_t size)
{
    char path[640];
    FILE *file;

    if (peer->run->folder[0] == '\0')
        return;
    snprintf(path, sizeof path, "%s/session-%u.%s", peer->run->folder, peer->number, name);
    file = fopen(path, "abe");
    if (file == NULL)
        return;
    fwrite(bytes, 1, size, file);
    fclose(file);
}

void note_frame(struct peer *peer, char direction, uint8_t command, uint32_t stream,
                struct oracle_bytes data)
{
    char hex[3 * 32 + 4] = "";
    size_t shown = data.size < 32 ? data.size : 32;

    for (size_t i = 0; i < shown; i++)
        snprintf(hex + 3 * i, 4, " %02x", data.at[i]);
    if (shown < data.size)
        strcat(hex, " ..");
    note(peer->run, "session %u %c %s (%u) stream %u, %zu bytes%s%s", peer->number, direction,
         oracle_command_name(command), command, (unsigned)stream, data.size, shown > 0 ? ":" : "",
         hex);
}

/* ---- Reading ---- */

static void keep(struct peer *peer, const struct oracle_frame *frame)
{
    struct seen *seen;

    peer->held += frame->consumed;
    if (peer->held > HELD_MAX || peer->count == FRAMES_MAX)
        fail(peer->run, "floods: %zu bytes in %zu frames that nothing asked for", peer->held,
             peer->count);
    seen = &peer->frames[peer->count++];
    *seen = (struct seen){frame->command, frame->stream, {0}, false};
    oracle_buffer_add(&seen->data, frame->data);
    note_frame(peer, '<', frame->command, frame->stream, frame->data);
}

static void drop_front(struct oracle_buffer *buffer, size_t size)
{
    memmove(buffer->at, buffer->at + size, buffer->size - size);
    buffer->size -= size;
}

void hash_password(const char *password, uint8_t hash[32])
{
    EVP_Digest(password, strlen(password), hash, NULL, EVP_sha256(), NULL);
}

static void take_preamble(struct peer *peer)
{
    uint8_t hash[32];
    size_t consumed = 0;
    enum oracle_status status;

    hash_password(peer->run->options->password, hash);
    status = oracle_preamble_read(oracle_buffer_bytes(&peer->in), hash, &consumed);
    if (status == ORACLE_BAD_PASSWORD)
        fail(peer->run, "the preamble's first 32 bytes are not the SHA-256 of the password");
    if (status != ORACLE_OK)
        return;
    peer->preamble = false;
    peer->padding = consumed - 34;
    note(peer->run, "session %u < preamble, padding0 of %zu bytes", peer->number, peer->padding);
    drop_front(&peer->in, consumed);
}

static void take_frames(struct peer *peer)
{
    struct oracle_frame frame;
    struct oracle_bytes bytes = oracle_buffer_bytes(&peer->in);
    size_t whole = 0;

    if (peer->preamble)
        take_preamble(peer);
    if (peer->preamble)
        return;
    bytes = oracle_buffer_bytes(&peer->in);
    while (oracle_frame_read(bytes, &frame) == ORACLE_OK) {
        keep(peer, &frame);
        bytes.at += frame.consumed;
        bytes.size -= frame.consumed;
        whole += frame.consumed;
    }
    drop_front(&peer->in, whole);
}

bool pull(struct peer *peer)
{
    static uint8_t bytes[32768];
    int size;

    if (peer->closed)
        return false;
    size = SSL_read(peer->ssl, bytes, sizeof bytes);
    if (size > 0) {
        peer->records =
            grown(peer->run, peer->records, (peer->record_count + 1) * sizeof *peer->records);
        peer->records[peer->record_count++] = (size_t)size;
        save_bytes(peer, "received", bytes, (size_t)size);
        oracle_buffer_add(&peer->in, (struct oracle_bytes){bytes, (size_t)size});
        take_frames(peer);
        return true;
    }
    size = SSL_get_error(peer->ssl, size);
    if (size == SSL_ERROR_WANT_READ || size == SSL_ERROR_WANT_WRITE)
        return false;
    peer->closed = true;
    note(peer->run, "session %u < end", peer->number);
    return false;
}

/* Waits for something to come. false: the end, or the deadline. */
static bool pull_until(struct peer *peer, uint64_t until)
{
    while (!peer->closed && now_ms() < until) {
        if (pull(peer))
            return true;
        if (!peer->closed)
            wait_for(peer->descriptor, POLLIN, until);
    }
    return false;
}

/* ---- Beginning ---- */

static struct peer *peer_new(struct run *run, int descriptor, SSL *ssl)
{
    struct peer *peer = grown(run, NULL, sizeof *peer);

    *peer = (struct peer){.run = run, .ssl = ssl, .descriptor = descriptor};
    peer->frames = grown(run, NULL, FRAMES_MAX * sizeof *peer->frames); /* pages come with use */
    peer->number = ++run->peers;
    return peer;
}

struct peer *peer_try(struct run *run, const char **why)
{
    const struct options *options = run->options;
    uint64_t until = deadline(run);
    int descriptor = tcp_connect(options->host, options->port, until);
    SSL *ssl;

    if (descriptor < 0) {
        *why = strerror(errno);
        return NULL;
    }
    ssl = tls_connect(descriptor, options->sni, until);
    if (ssl == NULL) {
        *why = now_ms() >= until ? "the TLS handshake is not answered"
                                 : "the TLS handshake fails: is this a TLS server?";
        close(descriptor);
        return NULL;
    }
    return peer_new(run, descriptor, ssl);
}

struct peer *peer_connect(struct run *run)
{
    const char *why = "";
    struct peer *peer = peer_try(run, &why);

    if (peer == NULL)
        fail(run, "no TLS connection: %s", why);
    return peer;
}

struct peer *session(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, 30);
    flush(peer);
    add_hello(peer);
    flush(peer);
    return peer;
}

bool session_pending(struct run *run)
{
    return wait_for(run->listening, POLLIN, 0);
}

bool session_comes(struct run *run)
{
    return wait_for(run->listening, POLLIN, deadline(run));
}

struct peer *session_accept(struct run *run)
{
    uint64_t until = deadline(run);
    struct peer *peer;
    int descriptor;
    SSL *ssl;

    if (!wait_for(run->listening, POLLIN, until))
        fail(run, "the client does not dial the server");
    descriptor = accept4(run->listening, NULL, NULL, SOCK_CLOEXEC);
    if (descriptor < 0)
        broken(run, "accept: %s", strerror(errno));
    ssl = tls_accept(descriptor, until);
    if (ssl == NULL)
        fail(run, "the client does not end the TLS handshake");
    peer = peer_new(run, descriptor, ssl);
    peer->preamble = true;
    while (peer->preamble && pull_until(peer, until))
        ;
    if (peer->preamble)
        fail(run, "no whole preamble: %zu bytes came%s", peer->in.size,
             peer->closed ? ", then the end" : "");
    return peer;
}

size_t peer_bytes(const struct peer *peer)
{
    size_t size = 0;

    for (size_t i = 0; i < peer->record_count; i++)
        size += peer->records[i];
    return size;
}

size_t peer_padding(const struct peer *peer)
{
    return peer->padding;
}

size_t peer_records(const struct peer *peer, const size_t **sizes)
{
    *sizes = peer->records;
    return peer->record_count;
}

/* ---- Waiting ---- */

static bool matches(const struct seen *seen, uint8_t command, uint32_t stream)
{
    return seen->command == command && (stream == ANY || seen->stream == stream);
}

const struct seen *await_try(struct peer *peer, uint8_t command, uint32_t stream, uint64_t until)
{
    size_t next = 0;

    for (;;) {
        for (; next < peer->count; next++) {
            if (!peer->frames[next].used && matches(&peer->frames[next], command, stream)) {
                peer->frames[next].used = true;
                return &peer->frames[next];
            }
        }
        if (!pull_until(peer, until))
            return NULL;
    }
}

const struct seen *await(struct peer *peer, uint8_t command, uint32_t stream)
{
    const struct seen *seen = await_try(peer, command, stream, deadline(peer->run));

    if (seen != NULL)
        return seen;
    if (stream == ANY)
        fail(peer->run, "no %s: %s", oracle_command_name(command),
             peer->closed ? "the session was closed" : "nothing of the kind in time");
    fail(peer->run, "no %s for stream %u: %s", oracle_command_name(command), (unsigned)stream,
         peer->closed ? "the session was closed" : "nothing of the kind in time");
}

void await_bytes(struct peer *peer, uint32_t stream, struct oracle_bytes bytes)
{
    size_t got = 0;
    uint64_t until = deadline(peer->run) + bytes.size / 10000;

    while (got < bytes.size) {
        const struct seen *seen = await_try(peer, ORACLE_PSH, stream, until);

        if (seen == NULL)
            fail(peer->run, "stream %u: %zu of %zu bytes came, then %s", (unsigned)stream, got,
                 bytes.size, peer->closed ? "the session was closed" : "nothing");
        if (seen->data.size > bytes.size - got ||
            (seen->data.size > 0 && memcmp(seen->data.at, bytes.at + got, seen->data.size) != 0))
            fail(peer->run, "stream %u: other bytes than those that were to come, at byte %zu",
                 (unsigned)stream, got);
        got += seen->data.size;
    }
}

bool closed_by(struct peer *peer, uint64_t until)
{
    while (pull_until(peer, until))
        if (seen_count(peer, ORACLE_ALERT, ANY) > 0)
            return true;
    return peer->closed;
}

void await_closed(struct peer *peer)
{
    if (!closed_by(peer, deadline(peer->run)))
        fail(peer->run, "the session was to be closed, and is still open");
}

bool peer_is_closed(struct peer *peer)
{
    while (pull(peer))
        ;
    return peer->closed;
}

void barrier(struct peer *peer)
{
    uint32_t id = 0x7f000000u + ++peer->barriers;

    send_frame(peer, ORACLE_HEART_REQUEST, id, "");
    if (await_try(peer, ORACLE_HEART_RESPONSE, id, deadline(peer->run)) != NULL)
        return;
    fail(peer->run, "HeartRequest, sent to see whether the session goes on, is not answered: %s",
         peer->closed ? "the session was closed" : "nothing came in time");
}

size_t seen_count(const struct peer *peer, uint8_t command, uint32_t stream)
{
    size_t count = 0;

    for (size_t i = 0; i < peer->count; i++)
        count += matches(&peer->frames[i], command, stream);
    return count;
}

size_t seen_all(const struct peer *peer, const struct seen **frames)
{
    *frames = peer->frames;
    return peer->count;
}

void never(struct peer *peer, uint8_t command, uint32_t stream)
{
    if (seen_count(peer, command, stream) > 0)
        fail(peer->run, "%s came, which was not to be sent", oracle_command_name(command));
}
