/* UDP ASSOCIATE: datagrams of an application, carried by UDP-over-TCP in one stream. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "log.h"

#define SOCKS_UDP_HEADER 3u /* two reserved bytes, and the fragment number */
#define PACKET_SIZE_MAX (ANYTLS_UOT_HEADER_SIZE_MAX + ANYTLS_UOT_DATA_MAX)

struct association {
    uv_udp_t socket;
    struct inbound *inbound; /* NULL: it is closing */
    struct workspace *space;
    struct sockaddr_storage host;        /* of the application: the one that asked */
    struct sockaddr_storage application; /* where its datagrams come from; family 0: none came */
    uint8_t *rest; /* the beginning of a datagram from the server that has not come whole */
    size_t rest_size;
};

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr *b)
{
    struct anytls_address first = address_from_socket((const struct sockaddr *)a);
    struct anytls_address second = address_from_socket(b);

    return first.size == second.size && memcmp(first.host, second.host, first.size) == 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct association *association = handle->data;

    free(association->rest);
    free(association);
}

void association_end(struct association *association)
{
    association->inbound = NULL;
    uv_close((uv_handle_t *)&association->socket, on_closed);
}

/* ---- From the application to the stream ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct association *association = handle->data;

    (void)suggested;
    *buffer = uv_buf_init((char *)association->space->read_area + READ_HEADROOM +
                              ANYTLS_UOT_HEADER_SIZE_MAX,
                          ANYTLS_UOT_DATA_MAX);
}

/* A header of SOCKS is replaced by one of UDP-over-TCP, in place: it is never shorter. */
static void pass_on(struct association *association, uint8_t *bytes, size_t size)
{
    struct session *session = association->inbound->session;
    uint8_t header[ANYTLS_UOT_HEADER_SIZE_MAX];
    struct anytls_address_result address;
    struct anytls_written written;
    uint8_t *data;

    if (size < SOCKS_UDP_HEADER || bytes[2] != 0)
        return; /* fragments are not supported, as the standard allows */
    address = anytls_address_decode(ANYTLS_TABLE_SOCKS, bytes + SOCKS_UDP_HEADER,
                                    size - SOCKS_UDP_HEADER);
    if (address.status != ANYTLS_OK)
        return;
    data = bytes + SOCKS_UDP_HEADER + address.consumed;
    size -= SOCKS_UDP_HEADER + address.consumed;
    written = anytls_uot_header_encode(false, &address.address, size, header, sizeof header);
    if (written.status != ANYTLS_OK || session_is_full(session))
        return; /* UDP may drop what the way does not take */
    memcpy(data - written.size, header, written.size);
    session_send(session, data - written.size, written.size + size);
}

static void on_datagram(uv_udp_t *socket, ssize_t size, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct association *association = socket->data;

    if (size <= 0 || from == NULL || (flags & UV_UDP_PARTIAL) != 0)
        return;
    if (association->inbound == NULL || association->inbound->session == NULL ||
        association->inbound->phase != INBOUND_RELAYING || !same_host(&association->host, from))
        return;
    memcpy(&association->application, from,
           from->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
    pass_on(association, (uint8_t *)buffer->base, (size_t)size);
}

/* ---- From the stream to the application ---- */

static void deliver(struct association *association, const struct anytls_uot_packet_result *packet)
{
    uint8_t header[SOCKS_UDP_HEADER + ANYTLS_ADDRESS_SIZE_MAX] = {0, 0, 0};
    struct anytls_written address = anytls_address_encode(
        ANYTLS_TABLE_SOCKS, &packet->address, header + SOCKS_UDP_HEADER, ANYTLS_ADDRESS_SIZE_MAX);
    uv_buf_t parts[2] = {
        uv_buf_init((char *)header, (unsigned)(SOCKS_UDP_HEADER + address.size)),
        uv_buf_init((char *)(uintptr_t)packet->data, (unsigned)packet->size),
    };

    if (association->application.ss_family != AF_UNSPEC)
        uv_udp_try_send(&association->socket, parts, 2,
                        (const struct sockaddr *)&association->application);
}

/* Takes whole datagrams off the front; returns the bytes taken. */
static size_t packets_take(struct association *association, const uint8_t *bytes, size_t size)
{
    size_t taken = 0;
    struct anytls_uot_packet_result packet = anytls_uot_packet_decode(false, bytes, size);

    while (packet.status == ANYTLS_OK) {
        deliver(association, &packet);
        taken += packet.consumed;
        packet = anytls_uot_packet_decode(false, bytes + taken, size - taken);
    }
    if (packet.status == ANYTLS_INCOMPLETE)
        return taken;
    anytls_log(ANYTLS_LOG_WARN, "server: bad address in a datagram; the UDP stream ends");
    wire_timeout_set(&association->inbound->wire, 1); /* ends it outside of this call */
    return size;
}

void association_data(struct association *association, const uint8_t *bytes, size_t size)
{
    size_t taken;

    while (association->rest_size > 0 && size > 0) {
        size_t part = PACKET_SIZE_MAX - association->rest_size;

        if (part > size)
            part = size;
        memcpy(association->rest + association->rest_size, bytes, part);
        bytes += part;
        size -= part;
        association->rest_size += part;
        taken = packets_take(association, association->rest, association->rest_size);
        association->rest_size -= taken;
        memmove(association->rest, association->rest + taken, association->rest_size);
    }
    taken = packets_take(association, bytes, size);
    memcpy(association->rest, bytes + taken, size - taken);
    association->rest_size += size - taken;
}

/* ---- Beginning ---- */

static bool bind_beside(struct association *association, const uv_tcp_t *control,
                        struct anytls_address *where)
{
    struct sockaddr_storage local;
    struct anytls_address address;
    int size = sizeof local;

    if (uv_tcp_getsockname(control, (struct sockaddr *)&local, &size) != 0)
        return false;
    address = address_from_socket((struct sockaddr *)&local);
    address.port = 0;
    address_to_socket(&address, &local);
    size = sizeof local;
    if (uv_udp_bind(&association->socket, (struct sockaddr *)&local, 0) != 0 ||
        uv_udp_getsockname(&association->socket, (struct sockaddr *)&local, &size) != 0)
        return false;
    *where = address_from_socket((struct sockaddr *)&local);
    size = sizeof association->host;
    return uv_tcp_getpeername(control, (struct sockaddr *)&association->host, &size) == 0;
}

struct association *association_new(struct inbound *inbound, struct anytls_address *where)
{
    struct association *association = calloc(1, sizeof *association);

    if (association == NULL)
        return NULL;
    association->inbound = inbound;
    association->space = &inbound->client->space;
    association->rest = malloc(PACKET_SIZE_MAX);
    uv_udp_init(association->space->loop, &association->socket);
    association->socket.data = association;
    if (association->rest != NULL && bind_beside(association, &inbound->wire.tcp, where) &&
        uv_udp_recv_start(&association->socket, on_alloc, on_datagram) == 0)
        return association;
    association_end(association);
    return NULL;
}
