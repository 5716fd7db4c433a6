#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/frame.h"
#include "network.h"

#define REPLY_MAX 65536u
#define QUIET 25u /* ms without a byte after which a server has said what it wants to say */

uint64_t clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void clock_sleep(uint64_t milliseconds)
{
    struct timespec pause = {(time_t)(milliseconds / 1000u),
                             (long)(milliseconds % 1000u) * 1000000L};

    nanosleep(&pause, NULL);
}

const char *finding_name(enum finding finding)
{
    static const char *const names[] = {"none", "crash", "hang", "open", "no-frame"};

    return names[finding];
}

const char *finding_text(enum finding finding)
{
    static const char *const texts[] = {
        "nothing",
        "the server takes no connections any more, or ended a session that did nothing wrong",
        "the server takes connections, and does not answer a regular session",
        "the server keeps a connection open that it should have closed",
        "behind a right preamble the server sent bytes that are no frame of a server",
    };

    return texts[finding];
}

/* ---- What came back ---- */

struct reply {
    uint8_t bytes[REPLY_MAX];
    size_t size;
    bool cut; /* there was more */
    enum anytls_io_status ended;
};

/* Reads until deadline, or until nothing has come for quiet milliseconds. */
static void read_on(struct anytls_transport transport, struct reply *reply, uint64_t deadline,
                    uint64_t quiet)
{
    static uint8_t bytes[16384];

    while (reply->ended == ANYTLS_IO_OK) {
        uint64_t until = transport.now(transport.context) + quiet;
        struct anytls_io_result result = transport.read(transport.context, bytes, sizeof bytes,
                                                        until < deadline ? until : deadline);
        size_t kept = REPLY_MAX - reply->size < result.size ? REPLY_MAX - reply->size : result.size;

        if (result.status == ANYTLS_IO_TIMEOUT)
            return;
        memcpy(reply->bytes + reply->size, bytes, kept);
        reply->size += kept;
        reply->cut = reply->cut || kept < result.size;
        reply->ended = result.status;
        if (transport.now(transport.context) >= deadline)
            return;
    }
}

static bool is_servers(struct anytls_header header)
{
    return header.command == ANYTLS_WASTE || header.command == ANYTLS_PSH ||
           header.command == ANYTLS_FIN ||
           (header.command >= ANYTLS_ALERT && header.command <= ANYTLS_SERVER_SETTINGS);
}

/* Whether the reply holds nothing but frames of a server; the last may be cut. */
static bool are_frames(const struct reply *reply)
{
    size_t at = 0;

    while (at < reply->size) {
        struct anytls_header_result header =
            anytls_header_decode(reply->bytes + at, reply->size - at);

        if (header.status != ANYTLS_OK)
            return true;
        if (!is_servers(header.header))
            return false;
        at += ANYTLS_FRAME_HEADER_SIZE + (size_t)header.header.length;
    }
    return true;
}

static bool has_frame(const struct reply *reply, enum anytls_command command)
{
    size_t at = 0;

    for (;;) {
        struct anytls_frame_result frame = anytls_frame_decode(reply->bytes + at, reply->size - at);

        if (frame.status != ANYTLS_OK)
            return false;
        if (frame.frame.header.command == command)
            return true;
        at += frame.consumed;
    }
}

/* ---- What was sent ---- */

struct meaning {
    bool right;      /* the preamble is whole and right */
    bool must_close; /* the first frame that means anything is a SYN: Alert, and close */
};

static struct meaning meaning_of(const struct target *target, const struct sample *sample)
{
    struct meaning meaning = {false, false};
    struct anytls_preamble preamble = anytls_preamble_begin();
    struct anytls_preamble_result head =
        anytls_preamble_receive(&preamble, target->hash, sample->bytes, sample->size);
    const uint8_t *bytes = sample->bytes + head.consumed;
    size_t size = sample->size - head.consumed;
    struct anytls_frame_result frame = anytls_frame_decode(bytes, size);

    meaning.right = head.status == ANYTLS_OK;
    /* Frames before it are skipped only where every server takes them the same. */
    while (frame.status == ANYTLS_OK && frame.frame.header.command == ANYTLS_WASTE) {
        bytes += frame.consumed;
        size -= frame.consumed;
        frame = anytls_frame_decode(bytes, size);
    }
    meaning.must_close = meaning.right && frame.status == ANYTLS_OK &&
                         frame.frame.header.command == ANYTLS_SYN && frame.frame.header.length == 0;
    return meaning;
}

/* The preamble in one piece, since servers may want it so; the rest in pieces that depend on it. */
static void send_pieces(const struct target *target, struct anytls_transport transport,
                        const struct sample *sample)
{
    uint32_t random = (uint32_t)sample->size * 2654435761u;
    size_t at = 0;

    while (at < sample->size) {
        size_t piece = sample->size - at;

        random = random * 1664525u + 1013904223u;
        if (at > 0 && (random >> 24) % 4 != 0)
            piece = 1 + (random >> 8) % piece;
        else if (at == 0 && piece > 8192 + 64)
            piece = 8192 + 64;
        if (transport.write(transport.context, sample->bytes + at, piece,
                            clock_now() + target->timeout) != ANYTLS_IO_OK)
            return;
        at += piece;
    }
}

/* ---- The connection ---- */

/* A server that is away for a moment, since it replaces a process, is not gone. */
static enum finding connect_to(struct target *target, struct anytls_socket *socket)
{
    enum anytls_io_status status = ANYTLS_IO_FAILED;

    for (int i = 0; i < 4 && status == ANYTLS_IO_FAILED; i++) {
        if (i > 0)
            clock_sleep(250);
        status = anytls_socket_connect(socket, target->context, target->host, target->port,
                                       target->name, target->timeout);
    }
    if (status == ANYTLS_IO_OK)
        return FINDING_NONE;
    return status == ANYTLS_IO_TIMEOUT ? FINDING_HANG : FINDING_CRASH;
}

enum finding target_send(struct target *target, const struct sample *sample)
{
    static struct reply reply;
    struct meaning meaning = meaning_of(target, sample);
    struct anytls_transport transport;
    enum finding finding = connect_to(target, &target->socket);

    if (finding != FINDING_NONE)
        return finding;
    transport = anytls_socket_transport(&target->socket);
    reply.size = 0;
    reply.cut = false;
    reply.ended = ANYTLS_IO_OK;
    send_pieces(target, transport, sample);
    read_on(transport, &reply, clock_now() + (meaning.must_close ? target->timeout : 500),
            meaning.must_close ? target->timeout : QUIET);
    if (meaning.must_close && reply.ended == ANYTLS_IO_OK)
        finding = FINDING_OPEN;
    if (reply.ended == ANYTLS_IO_OK) {
        shutdown(target->socket.descriptor, SHUT_WR);
        read_on(transport, &reply, clock_now() + target->timeout, target->timeout);
        if (reply.ended == ANYTLS_IO_OK)
            finding = FINDING_OPEN;
    }
    if (finding == FINDING_NONE && meaning.right && !reply.cut && !are_frames(&reply))
        finding = FINDING_NO_FRAME;
    anytls_socket_close(&target->socket, 0);
    return finding;
}

/* Sends a sample over a socket, and waits for the answer to the HeartRequest in it. */
static enum finding ask(struct target *target, struct anytls_socket *socket,
                        const struct sample *sample)
{
    static struct reply reply;
    struct anytls_transport transport = anytls_socket_transport(socket);
    uint64_t deadline = clock_now() + target->timeout;

    reply.size = 0;
    reply.cut = false;
    reply.ended = ANYTLS_IO_OK;
    transport.write(transport.context, sample->bytes, sample->size, deadline);
    while (reply.ended == ANYTLS_IO_OK && !has_frame(&reply, ANYTLS_HEART_RESPONSE) &&
           clock_now() < deadline)
        read_on(transport, &reply, deadline, QUIET);
    if (has_frame(&reply, ANYTLS_HEART_RESPONSE))
        return FINDING_NONE;
    return reply.ended == ANYTLS_IO_OK ? FINDING_HANG : FINDING_CRASH;
}

static enum finding ask_bystander(struct target *target, struct bystander *bystander)
{
    static const struct sample heart = {{ANYTLS_HEART_REQUEST}, ANYTLS_FRAME_HEADER_SIZE, 0};
    static struct sample whole;
    enum finding finding;

    if (bystander->open)
        return ask(target, &bystander->socket, &heart);
    finding = connect_to(target, &bystander->socket);
    if (finding != FINDING_NONE)
        return finding;
    sample_probe(&whole, target->hash);
    finding = ask(target, &bystander->socket, &whole);
    bystander->open = finding == FINDING_NONE;
    return finding;
}

enum finding target_probe(struct target *target)
{
    static struct sample probe;
    enum finding finding;

    sample_probe(&probe, target->hash);
    finding = connect_to(target, &target->socket);
    if (finding != FINDING_NONE)
        return finding;
    finding = ask(target, &target->socket, &probe);
    anytls_socket_close(&target->socket, 0);
    for (size_t i = 0; i < BYSTANDERS && finding == FINDING_NONE; i++)
        finding = ask_bystander(target, &target->bystanders[i]);
    return finding;
}

enum finding target_look(struct target *target)
{
    for (size_t i = 0; i < BYSTANDERS; i++) {
        struct bystander *bystander = &target->bystanders[i];
        struct anytls_transport transport = anytls_socket_transport(&bystander->socket);
        uint8_t bytes[64];

        if (bystander->open &&
            transport.read(transport.context, bytes, sizeof bytes, clock_now()).status !=
                ANYTLS_IO_TIMEOUT)
            return FINDING_CRASH;
    }
    return FINDING_NONE;
}
