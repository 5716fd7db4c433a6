#include "target.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

#define AREA_SIZE (251u * 1024u) /* a multiple of the period of target_byte */
#define EVENTS 256
#define ECHO_SIZE 65536u

struct connection {
    int descriptor;
    char what; /* 0: a request is coming in */
    uint8_t request[NET_REQUEST_SIZE];
    size_t request_size;
    uint64_t to_read;
    uint64_t to_send; /* of the area, or of the echo that has come */
    uint64_t sent;
    uint8_t *echo; /* what came and has not been sent back */
    size_t echo_start;
    size_t echo_size;
    bool dead;
};

static uint8_t source_area[AREA_SIZE];
static uint8_t sink_area[AREA_SIZE];

static uint64_t number_of(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void request_take(struct connection *self)
{
    uint64_t size = number_of(self->request + 1);

    self->what = (char)self->request[0];
    self->request_size = 0;
    self->sent = 0;
    self->to_read = self->what == NET_SOURCE ? 0 : size;
    self->to_send = self->what == NET_SOURCE || self->what == NET_BOTH ? size : 0;
    if (self->what == NET_ECHO && self->echo == NULL)
        self->echo = malloc(ECHO_SIZE);
}

/* Where the next bytes go, and how many of them there may be; none: not now. */
static size_t room(struct connection *self, uint8_t **to)
{
    uint64_t most = self->to_read;

    if (self->what == 0) {
        *to = self->request + self->request_size;
        return NET_REQUEST_SIZE - self->request_size;
    }
    *to = sink_area;
    if (self->what == NET_ECHO) {
        *to = self->echo;
        if (self->echo == NULL || self->echo_size > 0)
            return 0;
        return most < ECHO_SIZE ? (size_t)most : ECHO_SIZE;
    }
    return most < AREA_SIZE ? (size_t)most : AREA_SIZE;
}

static void got(struct connection *self, size_t size)
{
    if (self->what == 0) {
        self->request_size += size;
        if (self->request_size == NET_REQUEST_SIZE)
            request_take(self);
        return;
    }
    self->to_read -= size;
    if (self->what == NET_ECHO) {
        self->echo_start = 0;
        self->echo_size = size;
    }
    if (self->what == NET_SINK && self->to_read == 0)
        self->to_send = 1;
}

static bool receive(struct connection *self)
{
    uint8_t *to;
    size_t most = room(self, &to);
    ssize_t size;

    if (most == 0)
        return false;
    size = recv(self->descriptor, to, most, 0);
    if (size > 0)
        got(self, (size_t)size);
    else if (size == 0 || errno != EAGAIN)
        self->dead = true;
    return size > 0;
}

static bool transmit(struct connection *self)
{
    const uint8_t *from = source_area + self->sent % 251u;
    uint64_t most = self->to_send;
    ssize_t size;

    if (self->what == NET_ECHO) {
        from = self->echo + self->echo_start;
        most = self->echo_size;
    } else if (most > AREA_SIZE - 251u) {
        most = AREA_SIZE - 251u;
    }
    if (most == 0)
        return false;
    size = send(self->descriptor, from, most, MSG_NOSIGNAL);
    if (size < 0) {
        self->dead = errno != EAGAIN;
        return false;
    }
    if (self->what == NET_ECHO) {
        self->echo_start += (size_t)size;
        self->echo_size -= (size_t)size;
    } else {
        self->to_send -= (uint64_t)size;
        self->sent += (uint64_t)size;
    }
    return true;
}

/* One turn each way at most for each connection, so that none starves another. */
static void turn(int poll, struct connection *self)
{
    bool moved;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};

    for (int i = 0; i < 4 && !self->dead; i++) {
        moved = receive(self);
        if (!self->dead && self->what != 0)
            moved = transmit(self) || moved;
        if (self->what != 0 && self->to_read == 0 && self->to_send == 0 && self->echo_size == 0)
            self->what = 0;
        if (!moved)
            break;
    }
    if (self->dead) {
        close(self->descriptor);
        free(self->echo);
        free(self);
        return;
    }
    if (self->to_send > 0 || self->echo_size > 0)
        event.events |= EPOLLOUT;
    if (self->what == NET_SOURCE || self->echo_size > 0)
        event.events &= ~(uint32_t)EPOLLIN;
    epoll_ctl(poll, EPOLL_CTL_MOD, self->descriptor, &event);
}

static void take_connection(int poll, int listener)
{
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct connection *self = descriptor >= 0 ? calloc(1, sizeof *self) : NULL;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};
    int on = 1;

    if (self == NULL)
        return;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    self->descriptor = descriptor;
    epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

static void target_run(void *context)
{
    int listener = *(const int *)context;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    struct epoll_event events[EVENTS];

    for (size_t i = 0; i < AREA_SIZE; i++)
        source_area[i] = target_byte(i);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    while (true) {
        int count = epoll_wait(poll, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                take_connection(poll, listener);
            else
                turn(poll, events[i].data.ptr);
        }
    }
}

static void target_udp_run(void *context)
{
    int descriptor = *(const int *)context;
    struct sockaddr_in from;

    while (true) {
        socklen_t size = sizeof from;
        ssize_t got_size =
            recvfrom(descriptor, sink_area, sizeof sink_area, 0, (struct sockaddr *)&from, &size);

        if (got_size >= 0)
            sendto(descriptor, sink_area, (size_t)got_size, 0, (struct sockaddr *)&from, size);
    }
}

bool target_start(struct process *process, uint16_t *port)
{
    int listener = net_listen(port);
    bool started = listener >= 0 && process_fork(process, target_run, &listener);

    if (listener >= 0)
        close(listener);
    return started;
}

bool target_udp_start(struct process *process, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool started;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0)
        return false;
    started = bind(descriptor, (struct sockaddr *)&address, size) == 0 &&
              getsockname(descriptor, (struct sockaddr *)&address, &size) == 0 &&
              process_fork(process, target_udp_run, &descriptor);
    *port = ntohs(address.sin_port);
    close(descriptor);
    return started;
}
