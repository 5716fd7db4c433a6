#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/socket.h"
#include "io/wait.h"

/* errno says why not, also after the two functions behind it. */
static bool connects(int descriptor, const struct addrinfo *address, uint64_t deadline)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (connect(descriptor, address->ai_addr, address->ai_addrlen) == 0)
        return true;
    if (errno != EINPROGRESS || anytls_wait(descriptor, POLLOUT, deadline) != ANYTLS_IO_OK ||
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return false;
    errno = error;
    return error == 0;
}

static bool listens(int descriptor, const struct addrinfo *address, uint64_t deadline)
{
    int on = 1;

    (void)deadline;
    return setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
           listen(descriptor, SOMAXCONN) == 0;
}

static int open_first(const struct addrinfo *list, uint64_t deadline,
                      bool (*ready)(int, const struct addrinfo *, uint64_t))
{
    for (const struct addrinfo *one = list; one != NULL; one = one->ai_next) {
        int descriptor = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int error;

        if (descriptor >= 0 && ready(descriptor, one, deadline))
            return descriptor;
        error = errno;
        if (descriptor >= 0)
            close(descriptor);
        errno = error;
    }
    return -1;
}

static int open_named(const char *host, const char *port, uint64_t deadline,
                      bool (*ready)(int, const struct addrinfo *, uint64_t), char *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *list = NULL;
    int code = getaddrinfo(host, port, &hints, &list);
    int descriptor = code == 0 ? open_first(list, deadline, ready) : -1;
    int reason = errno;

    if (descriptor < 0)
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "cannot %s %.100s port %.20s: %s",
                 ready == listens ? "listen on" : "connect to", host != NULL ? host : "any address",
                 port, code != 0 ? gai_strerror(code) : strerror(reason));
    if (code == 0)
        freeaddrinfo(list);
    errno = code != 0 ? EADDRNOTAVAIL : reason;
    return descriptor;
}

enum anytls_io_status anytls_socket_connect(struct anytls_socket *socket,
                                            struct anytls_tls_context *context, const char *host,
                                            const char *port, const char *name, uint64_t timeout)
{
    uint64_t deadline = anytls_deadline_after(anytls_clock(), timeout);
    int descriptor = open_named(host, port, deadline, connects, socket->error);
    uint64_t now = anytls_clock();

    if (descriptor < 0)
        return errno == ETIMEDOUT ? ANYTLS_IO_TIMEOUT : ANYTLS_IO_FAILED;
    if (timeout != ANYTLS_NEVER)
        timeout = deadline > now ? deadline - now : 0;
    return anytls_socket_begin(socket, context, descriptor, name != NULL ? name : host, timeout);
}

int anytls_socket_listen(const char *host, const char *port, char *error)
{
    return open_named(host, port, ANYTLS_NEVER, listens, error);
}

int anytls_socket_accept(int listener, uint64_t timeout)
{
    uint64_t deadline = anytls_deadline_after(anytls_clock(), timeout);
    int descriptor = -1;

    while (descriptor < 0 && anytls_wait(listener, POLLIN, deadline) == ANYTLS_IO_OK) {
        descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (descriptor < 0 && errno != EINTR && errno != ECONNABORTED && errno != EAGAIN)
            return -1;
    }
    return descriptor;
}
