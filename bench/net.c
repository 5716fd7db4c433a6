#include "net.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define DROP_SIZE (1u << 20)

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Closes without losing what errno says. */
static int give_up(int descriptor)
{
    int error = errno;

    if (descriptor >= 0)
        close(descriptor);
    errno = error;
    return -1;
}

int net_listen(uint16_t *port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, size) != 0 ||
        listen(descriptor, 4096) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&address, &size) != 0)
        return give_up(descriptor);
    *port = ntohs(address.sin_port);
    return descriptor;
}

uint16_t net_free_port(void)
{
    uint16_t port = 0;
    int descriptor = net_listen(&port);

    if (descriptor >= 0)
        close(descriptor);
    return port;
}

static void timeouts_set(int descriptor)
{
    struct timeval limit = {NET_TIMEOUT, 0};
    int on = 1;

    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int net_connect(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (descriptor < 0)
        return -1;
    timeouts_set(descriptor);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        return give_up(descriptor);
    return descriptor;
}

bool net_write(int descriptor, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;

    while (size > 0) {
        ssize_t sent = send(descriptor, from, size, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        from += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool net_read(int descriptor, void *bytes, size_t size)
{
    uint8_t *to = bytes;

    while (size > 0) {
        ssize_t got = recv(descriptor, to, size, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = ECONNRESET;
        if (got <= 0)
            return false;
        to += got;
        size -= (size_t)got;
    }
    return true;
}

static bool greet(int descriptor)
{
    static const uint8_t greeting[] = {5, 1, 0};
    uint8_t answer[2];

    return net_write(descriptor, greeting, sizeof greeting) &&
           net_read(descriptor, answer, sizeof answer) && answer[0] == 5 && answer[1] == 0;
}

/* Sends a SOCKS 5 request for an address of this host; port_answered: the port in the answer. */
static bool ask(int descriptor, uint8_t command, uint16_t port, uint16_t *port_answered)
{
    uint8_t request[] = {5, command, 0, 1, 127, 0, 0, 1, (uint8_t)(port >> 8), (uint8_t)port};
    uint8_t answer[10];

    if (command == 3)
        memset(request + 4, 0, 4);
    if (!greet(descriptor) || !net_write(descriptor, request, sizeof request) ||
        !net_read(descriptor, answer, sizeof answer))
        return false;
    if (answer[1] != 0 || answer[3] != 1) {
        errno = ECONNREFUSED;
        return false;
    }
    *port_answered = (uint16_t)(answer[8] << 8 | answer[9]);
    return true;
}

int net_connect_through(uint16_t socks, uint16_t port)
{
    int descriptor = net_connect(socks != 0 ? socks : port);
    uint16_t ignored;

    if (descriptor < 0 || socks == 0 || ask(descriptor, 1, port, &ignored))
        return descriptor;
    return give_up(descriptor);
}

int net_udp_associate(uint16_t socks, int *control)
{
    struct sockaddr_in address;
    uint16_t port = 0;
    int descriptor;

    *control = net_connect(socks);
    if (*control < 0)
        return -1;
    if (!ask(*control, 3, 0, &port))
        return give_up(*control);
    address = loopback(port);
    descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return give_up(*control);
    timeouts_set(descriptor);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0)
        return descriptor;
    give_up(*control);
    return give_up(descriptor);
}

void net_request(uint8_t *bytes, char what, uint64_t size)
{
    bytes[0] = (uint8_t)what;
    for (int i = 0; i < 8; i++)
        bytes[1 + i] = (uint8_t)(size >> (56 - 8 * i));
}

bool net_request_send(int descriptor, char what, uint64_t size)
{
    uint8_t request[NET_REQUEST_SIZE];

    net_request(request, what, size);
    return net_write(descriptor, request, sizeof request);
}

bool net_drop(int descriptor, uint64_t size)
{
    static uint8_t area[DROP_SIZE];

    while (size > 0) {
        ssize_t got = recv(descriptor, area, size < sizeof area ? size : sizeof area, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        size -= (uint64_t)got;
    }
    return true;
}
