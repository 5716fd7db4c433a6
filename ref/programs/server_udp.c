/* UDP targets: the datagrams of a UDP-over-TCP stream, to and from a socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "server.h"

#define PACKET_SIZE_MAX (ANYTLS_UOT_HEADER_SIZE_MAX + ANYTLS_UOT_DATA_MAX)
#define LOOK_UPS_MAX 16u /* at once, a stream; the datagrams of more are dropped */

struct udp_target {
    struct target target;
    struct workspace *space;
    uv_udp_t socket;
    uv_timer_t timer;
    unsigned handles;
    unsigned look_ups;
    bool connect;
    bool local_allowed;
    bool bound;
    bool closing;
    struct sockaddr_storage peer; /* in connect mode; family 0: not known yet */
    uint8_t *rest;                /* the beginning of a datagram that has not come whole */
    size_t rest_size;
    size_t rest_capacity;
};

/* A name that is being looked up, with the datagram that waits for it. */
struct look_up {
    uv_getaddrinfo_t request;
    struct udp_target *udp;
    size_t size;
    uint8_t data[];
};

static void free_if_done(struct udp_target *udp)
{
    if (udp->handles > 0 || udp->look_ups > 0)
        return; /* the loop, or a look-up, still refers to it */
    free(udp->rest);
    free(udp);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct udp_target *udp = handle->data;

    udp->handles--;
    free_if_done(udp);
}

static void close_all(struct udp_target *udp)
{
    if (udp->closing)
        return;
    udp->closing = true;
    uv_close((uv_handle_t *)&udp->socket, on_handle_closed);
    uv_close((uv_handle_t *)&udp->timer, on_handle_closed);
}

/* The target ends the stream. */
static void finish(struct udp_target *udp, const char *why)
{
    struct session *session = udp->target.session;
    uint32_t stream = udp->target.stream;

    anytls_log(ANYTLS_LOG_DEBUG, "UDP stream %u ends: %s", (unsigned)stream, why);
    target_detach(&udp->target);
    close_all(udp);
    if (session != NULL)
        session_finish(session, stream);
}

static void on_idle(uv_timer_t *timer)
{
    finish(timer->data, "idle");
}

/* ---- From the socket to the stream ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct udp_target *udp = handle->data;

    (void)suggested;
    *buffer =
        uv_buf_init((char *)udp->space->read_area + READ_HEADROOM + ANYTLS_UOT_HEADER_SIZE_MAX,
                    ANYTLS_UOT_DATA_MAX);
}

static void on_datagram(uv_udp_t *socket, ssize_t size, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct udp_target *udp = socket->data;
    uint8_t header[ANYTLS_UOT_HEADER_SIZE_MAX];
    struct anytls_address address;
    struct anytls_written written;
    uint8_t *packet;

    if (size < 0 || from == NULL || (flags & UV_UDP_PARTIAL) != 0 || udp->target.session == NULL)
        return; /* an ICMP error, or nothing: UDP promises no delivery */
    if (session_is_full(udp->target.session))
        return; /* the client does not keep up: datagrams may be dropped */
    address = address_from_socket(from);
    written = anytls_uot_header_encode(udp->connect, &address, (size_t)size, header, sizeof header);
    if (written.status != ANYTLS_OK)
        return;
    packet = (uint8_t *)buffer->base - written.size;
    memcpy(packet, header, written.size);
    uv_timer_again(&udp->timer);
    session_send(udp->target.session, &udp->target, packet, written.size + (size_t)size);
}

/* ---- From the stream to the socket ---- */

static bool bind_for(struct udp_target *udp, const struct sockaddr *peer)
{
    struct sockaddr_storage any = {.ss_family = peer->sa_family};

    if (udp->bound)
        return true;
    if (uv_udp_bind(&udp->socket, (const struct sockaddr *)&any, 0) != 0 ||
        uv_udp_recv_start(&udp->socket, on_alloc, on_datagram) != 0)
        return false;
    udp->bound = true;
    return true;
}

/* In connect mode the socket is bound to the one peer, so that datagrams of others are not taken.
 */
static bool connect_to(struct udp_target *udp, const struct sockaddr *peer)
{
    size_t size =
        peer->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

    memcpy(&udp->peer, peer, size);
    return uv_udp_connect(&udp->socket, peer) == 0 &&
           uv_udp_recv_start(&udp->socket, on_alloc, on_datagram) == 0;
}

static bool is_allowed(const struct udp_target *udp, const struct sockaddr *peer)
{
    return udp->local_allowed || !socket_is_local(peer);
}

static void send_to(struct udp_target *udp, const struct sockaddr *peer, const uint8_t *data,
                    size_t size)
{
    uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)size);

    if (udp->closing || !is_allowed(udp, peer) || (!udp->connect && !bind_for(udp, peer)))
        return;
    /* What the socket does not take at once is dropped, as a router would. */
    uv_udp_try_send(&udp->socket, &buffer, 1, udp->connect ? NULL : peer);
}

static void rest_take(struct udp_target *udp);

/* The name of connect mode's one destination is known. */
static void resolved(struct udp_target *udp, const struct sockaddr *peer)
{
    if (!is_allowed(udp, peer)) {
        finish(udp, "local destinations are not allowed");
    } else if (!connect_to(udp, peer)) {
        finish(udp, "destination not reachable");
    } else {
        rest_take(udp);
        if (udp->target.session != NULL)
            session_unblock(udp->target.session, &udp->target);
    }
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct look_up *done = request->data;
    struct udp_target *udp = done->udp;

    udp->look_ups--;
    if (!udp->closing && udp->connect) {
        if (status == 0)
            resolved(udp, found->ai_addr);
        else
            finish(udp, uv_strerror(status));
    } else if (!udp->closing && status == 0) {
        send_to(udp, found->ai_addr, done->data, done->size);
    }
    uv_freeaddrinfo(found);
    free(done);
    free_if_done(udp);
}

/* Looks a name up, then sends data there; in connect mode, connects. */
static bool look_up_begin(struct udp_target *udp, const struct anytls_address *address,
                          const uint8_t *data, size_t size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    char host[HOST_SIZE] = "";
    char port[6];
    struct look_up *look_up;

    memcpy(host, address->host, address->size);
    if (udp->look_ups == LOOK_UPS_MAX || strlen(host) != address->size)
        return false;
    look_up = malloc(sizeof *look_up + size);
    if (look_up == NULL)
        return false;
    look_up->request.data = look_up;
    look_up->udp = udp;
    look_up->size = size;
    if (size > 0)
        memcpy(look_up->data, data, size);
    snprintf(port, sizeof port, "%u", (unsigned)address->port);
    if (uv_getaddrinfo(udp->space->loop, &look_up->request, on_looked_up, host, port, &hints) !=
        0) {
        free(look_up);
        return false;
    }
    udp->look_ups++;
    return true;
}

static void on_packet(struct udp_target *udp, const struct anytls_uot_packet_result *packet)
{
    struct sockaddr_storage peer;

    uv_timer_again(&udp->timer);
    if (udp->connect)
        send_to(udp, (const struct sockaddr *)&udp->peer, packet->data, packet->size);
    else if (address_to_socket(&packet->address, &peer))
        send_to(udp, (const struct sockaddr *)&peer, packet->data, packet->size);
    else
        look_up_begin(udp, &packet->address, packet->data, packet->size);
}

/* Takes whole datagrams off the front; returns the bytes taken, or size where the stream cannot be
 * read on. */
static size_t packets_take(struct udp_target *udp, const uint8_t *bytes, size_t size)
{
    size_t taken = 0;
    struct anytls_uot_packet_result packet = anytls_uot_packet_decode(udp->connect, bytes, size);

    while (packet.status == ANYTLS_OK && !udp->closing) {
        on_packet(udp, &packet);
        taken += packet.consumed;
        packet = anytls_uot_packet_decode(udp->connect, bytes + taken, size - taken);
    }
    if (packet.status == ANYTLS_BAD_ADDRESS) {
        finish(udp, "bad address in a datagram");
        return size;
    }
    return udp->closing ? size : taken;
}

static bool rest_reserve(struct udp_target *udp, size_t size)
{
    uint8_t *grown;

    if (size <= udp->rest_capacity)
        return true;
    grown = realloc(udp->rest, size);
    if (grown == NULL) {
        finish(udp, "out of memory");
        return false;
    }
    udp->rest = grown;
    udp->rest_capacity = size;
    return true;
}

static void rest_append(struct udp_target *udp, const uint8_t *bytes, size_t size)
{
    memcpy(udp->rest + udp->rest_size, bytes, size);
    udp->rest_size += size;
}

static void rest_take(struct udp_target *udp)
{
    size_t taken;

    if (udp->rest_size == 0)
        return;
    taken = packets_take(udp, udp->rest, udp->rest_size);
    udp->rest_size -= taken;
    memmove(udp->rest, udp->rest + taken, udp->rest_size);
}

/* The name of the destination is being looked up: nothing is sent, and nothing lost, until then. */
static void hold(struct udp_target *udp, const uint8_t *bytes, size_t size)
{
    if (!rest_reserve(udp, udp->rest_size + size))
        return;
    rest_append(udp, bytes, size);
    if (udp->rest_size >= QUEUE_LOW)
        session_block(udp->target.session, &udp->target);
}

static bool is_waiting(const struct udp_target *udp)
{
    return udp->connect && udp->peer.ss_family == AF_UNSPEC;
}

void udp_target_data(struct target *target, const uint8_t *bytes, size_t size)
{
    struct udp_target *udp = (struct udp_target *)target;
    size_t taken;

    if (udp->closing)
        return;
    if (is_waiting(udp)) {
        hold(udp, bytes, size);
        return;
    }
    while (udp->rest_size > 0 && size > 0) {
        size_t part = PACKET_SIZE_MAX - udp->rest_size;

        if (part > size)
            part = size;
        if (!rest_reserve(udp, PACKET_SIZE_MAX))
            return;
        rest_append(udp, bytes, part);
        bytes += part;
        size -= part;
        rest_take(udp);
        if (udp->closing)
            return;
    }
    taken = packets_take(udp, bytes, size);
    if (taken < size && rest_reserve(udp, PACKET_SIZE_MAX))
        rest_append(udp, bytes + taken, size - taken);
}

void udp_target_end(struct target *target)
{
    close_all((struct udp_target *)target);
}

/* ---- Beginning ---- */

void udp_target_open(struct session *session, uint32_t stream,
                     const struct anytls_uot_request *request)
{
    struct udp_target *udp = calloc(1, sizeof *udp);
    const struct sockaddr *peer;

    if (udp == NULL) {
        session_dial_failed(session, stream, "out of memory");
        return;
    }
    udp->target.kind = TARGET_UDP;
    udp->space = &session->server->space;
    udp->connect = request->connect;
    udp->local_allowed = session->server->options->allow_local;
    uv_udp_init(udp->space->loop, &udp->socket);
    uv_timer_init(udp->space->loop, &udp->timer);
    udp->socket.data = udp;
    udp->timer.data = udp;
    udp->handles = 2;
    uv_timer_start(&udp->timer, on_idle, UDP_IDLE_TIMEOUT, UDP_IDLE_TIMEOUT);
    session_add_target(session, &udp->target, stream);
    if (!udp->connect)
        return;
    peer = (const struct sockaddr *)&udp->peer;
    if (!address_to_socket(&request->address, &udp->peer)) {
        if (!look_up_begin(udp, &request->address, NULL, 0))
            finish(udp, "the name cannot be looked up");
    } else {
        resolved(udp, peer);
    }
}
