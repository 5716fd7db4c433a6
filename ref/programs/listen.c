#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "log.h"
#include "names.h"
#include "options.h"

#define BACKLOG 1024

static struct addrinfo *look_up(const char *text)
{
    struct host_port where = host_port_read(text);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[6];
    int error;

    if (!where.valid)
        usage_error("-l %s: give HOST:PORT", text);
    snprintf(port, sizeof port, "%u", (unsigned)where.port);
    error = getaddrinfo(where.host[0] != '\0' ? where.host : NULL, port, &hints, &found);
    if (error != 0)
        usage_error("-l %s: %s; give an address of this host", text, gai_strerror(error));
    return found;
}

int listen_on(const char *program, const char *where)
{
    struct addrinfo *found = look_up(where);
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    struct anytls_address address;
    char shown[ADDRESS_TEXT_SIZE];
    int on = 1;
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (descriptor >= 0)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (descriptor < 0 || bind(descriptor, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(descriptor, BACKLOG) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&bound, &size) != 0)
        usage_error("-l %s: %s; choose another address or port", where, strerror(errno));
    freeaddrinfo(found);
    address = address_from_socket((const struct sockaddr *)&bound);
    address_print(&address, shown);
    anytls_log(ANYTLS_LOG_INFO, "%s " ANYTLS_VERSION " listening on %s", program, shown);
    return descriptor;
}

void descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}
