/* The port of a client under test, which is chosen before the client takes it. */
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runner.h"
#include "tls.h"

/* Whether no other case has this port: a name in Linux's abstract space is held to the case's end. */
static bool port_reserve(unsigned port)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int holder = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int size = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "anytls-conform-%u", port);

    if (holder >= 0 &&
        bind(holder, (struct sockaddr *)&name,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)size)) == 0)
        return true;
    close(holder);
    return false;
}

/* A free port below those that outgoing connections take, so that none comes between the choice and
 * the client's start. */
bool client_port_choose(struct run *run)
{
    unsigned first = (unsigned)getpid() * 7;

    for (unsigned i = 0; i < 12000; i++) {
        unsigned port = 20000 + (first + i) % 12000;
        int probe;

        if (!port_reserve(port))
            continue;
        snprintf(run->socks_port, sizeof run->socks_port, "%u", port);
        probe = tcp_listen(run->socks_host, run->socks_port, -1);
        close(probe);
        if (probe >= 0)
            return true;
    }
    return false;
}
