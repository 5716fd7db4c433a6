#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256
#define BUDGET 4 /* moves each way in one turn */

struct relay {
    const struct relay_way *way;
    SSL_CTX *context;
    bool server;
    uint16_t to;
    int poll;
    int listener;
};

/* What epoll tells of: one of a pair's two descriptors. */
struct end {
    struct connection *owner;
    uint32_t events; /* that were asked for */
};

struct connection {
    struct relay_pair pair;
    struct end plain;
    struct end secure;
    enum relay_move up;
    enum relay_move down;
    bool dead;
};

enum relay_move relay_send(int descriptor, const uint8_t *bytes, size_t *start, size_t size)
{
    while (*start < size) {
        ssize_t sent = send(descriptor, bytes + *start, size - *start, MSG_NOSIGNAL);

        if (sent < 0)
            return errno == EAGAIN ? RELAY_WAIT_WRITE : RELAY_ENDED;
        *start += (size_t)sent;
    }
    return RELAY_MOVED;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int dial(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0)
        return descriptor;
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

static void socket_set_up(int descriptor)
{
    int on = 1;

    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
}

static void connection_free(struct relay *relay, struct connection *self)
{
    if (self->pair.ssl != NULL) {
        if (self->pair.handshake_done)
            SSL_shutdown(self->pair.ssl);
        relay->way->end(&self->pair);
        SSL_free(self->pair.ssl);
    }
    if (self->pair.plain >= 0)
        close(self->pair.plain);
    if (self->pair.secure >= 0)
        close(self->pair.secure);
    free(self);
}

static void interest_set(struct relay *relay, struct end *end, int descriptor, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = end};

    if (end->events == events)
        return;
    end->events = events;
    epoll_ctl(relay->poll, EPOLL_CTL_MOD, descriptor, &event);
}

/* Which way waits for which descriptor. */
static void interests_set(struct relay *relay, struct connection *self)
{
    uint32_t plain = 0;
    uint32_t secure = 0;

    if (!self->pair.handshake_done) {
        secure = self->up == RELAY_WAIT_WRITE ? EPOLLOUT : EPOLLIN;
    } else {
        plain |= self->up == RELAY_WAIT_WRITE ? 0u : EPOLLIN;
        secure |= self->up == RELAY_WAIT_WRITE ? EPOLLOUT : 0u;
        secure |= self->down == RELAY_WAIT_WRITE ? 0u : EPOLLIN;
        plain |= self->down == RELAY_WAIT_WRITE ? EPOLLOUT : 0u;
    }
    interest_set(relay, &self->plain, self->pair.plain, plain);
    interest_set(relay, &self->secure, self->pair.secure, secure);
}

static void turn(struct relay *relay, struct connection *self)
{
    struct relay_pair *pair = &self->pair;

    if (!pair->handshake_done) {
        self->up = relay->way->handshake(pair);
        pair->handshake_done = self->up == RELAY_MOVED;
        self->dead = self->up == RELAY_ENDED;
    }
    if (pair->handshake_done) {
        self->up = self->down = RELAY_MOVED;
        for (int i = 0; i < BUDGET && self->up == RELAY_MOVED; i++)
            self->up = relay->way->up(pair);
        for (int i = 0; i < BUDGET && self->down == RELAY_MOVED; i++)
            self->down = relay->way->down(pair);
        /* What the other side still has to send of ours is in its buffers by now, or it is not
         * taking it: these ends are those of measured connections, after the last answer. */
        self->dead = self->up == RELAY_ENDED || self->down == RELAY_ENDED;
    }
    if (!self->dead)
        interests_set(relay, self);
}

/* A turn may leave bytes inside OpenSSL that epoll knows nothing of: then it goes on. */
static void turns(struct relay *relay, struct connection *self)
{
    do {
        turn(relay, self);
    } while (!self->dead && self->pair.handshake_done && self->down == RELAY_MOVED &&
             SSL_pending(self->pair.ssl) > 0);
    if (self->dead) {
        epoll_ctl(relay->poll, EPOLL_CTL_DEL, self->pair.plain, NULL);
        epoll_ctl(relay->poll, EPOLL_CTL_DEL, self->pair.secure, NULL);
    }
}

static bool connection_begin(struct relay *relay, struct connection *self, int accepted)
{
    int dialled = dial(relay->to);
    struct epoll_event event = {.events = 0};

    self->pair.plain = relay->server ? dialled : accepted;
    self->pair.secure = relay->server ? accepted : dialled;
    self->plain.owner = self->secure.owner = self;
    if (dialled < 0)
        return false;
    socket_set_up(accepted);
    socket_set_up(dialled);
    self->pair.ssl = SSL_new(relay->context);
    if (self->pair.ssl == NULL || !relay->way->begin(&self->pair))
        return false;
    if (relay->server)
        SSL_set_accept_state(self->pair.ssl);
    else
        SSL_set_connect_state(self->pair.ssl);
    event.data.ptr = &self->plain;
    epoll_ctl(relay->poll, EPOLL_CTL_ADD, self->pair.plain, &event);
    event.data.ptr = &self->secure;
    epoll_ctl(relay->poll, EPOLL_CTL_ADD, self->pair.secure, &event);
    turns(relay, self);
    return !self->dead;
}

static void take_connection(struct relay *relay)
{
    int accepted = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    struct connection *self = accepted >= 0 ? calloc(1, sizeof *self) : NULL;

    if (self == NULL) {
        if (accepted >= 0)
            close(accepted);
        return;
    }
    if (!connection_begin(relay, self, accepted))
        connection_free(relay, self);
}

static void run(struct relay *relay)
{
    struct epoll_event events[EVENTS];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    epoll_ctl(relay->poll, EPOLL_CTL_ADD, relay->listener, &event);
    while (true) {
        int count = epoll_wait(relay->poll, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            struct end *end = events[i].data.ptr;

            if (end == NULL)
                take_connection(relay);
            else if (!end->owner->dead)
                turns(relay, end->owner);
        }
        for (int i = 0; i < count; i++) {
            struct end *end = events[i].data.ptr;
            struct connection *owner = end != NULL ? end->owner : NULL;

            if (owner == NULL || !owner->dead)
                continue;
            for (int j = i + 1; j < count; j++) { /* its other descriptor */
                struct end *other = events[j].data.ptr;

                if (other != NULL && other->owner == owner)
                    events[j].data.ptr = NULL;
            }
            connection_free(relay, owner);
        }
    }
}

static int listen_at(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (descriptor >= 0)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (descriptor >= 0 && bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(descriptor, 1024) == 0)
        return descriptor;
    return -1;
}

static int fail(const struct relay_way *way, const char *what)
{
    fprintf(stderr, "tls_relay_%s: %s\n", way->name, what);
    return 2;
}

int relay_main(int argc, char **argv, const struct relay_way *way)
{
    struct relay relay = {.way = way, .server = argc > 1 && strcmp(argv[1], "server") == 0};

    if (argc != (relay.server ? 6 : 4))
        return fail(way, "give client LISTEN SERVER, or server LISTEN TARGET CERTIFICATE KEY");
    signal(SIGPIPE, SIG_IGN);
    relay.to = (uint16_t)atoi(argv[3]);
    relay.context = SSL_CTX_new(relay.server ? TLS_server_method() : TLS_client_method());
    if (relay.context == NULL)
        return fail(way, "OpenSSL makes no context");
    SSL_CTX_set_mode(relay.context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(relay.context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_num_tickets(relay.context, 0);
    if (relay.server &&
        (SSL_CTX_use_certificate_chain_file(relay.context, argv[4]) != 1 ||
         SSL_CTX_use_PrivateKey_file(relay.context, argv[5], SSL_FILETYPE_PEM) != 1))
        return fail(way, "cannot read certificate or key");
    relay.listener = listen_at((uint16_t)atoi(argv[2]));
    relay.poll = epoll_create1(EPOLL_CLOEXEC);
    if (relay.listener < 0 || relay.poll < 0)
        return fail(way, strerror(errno));
    run(&relay);
    return 0;
}
