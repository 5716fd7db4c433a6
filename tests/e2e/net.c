#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

static int listen_on(struct sockaddr *address, socklen_t size)
{
    int listener = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    expect(listener >= 0, "socket: %s", strerror(errno));
    expect(bind(listener, address, size) == 0, "bind: %s", strerror(errno));
    expect(listen(listener, 1024) == 0, "listen: %s", strerror(errno));
    expect(getsockname(listener, address, &size) == 0, "getsockname: %s", strerror(errno));
    return listener;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int net_listen(uint16_t *port)
{
    struct sockaddr_in address = loopback(0);
    int listener = listen_on((struct sockaddr *)&address, sizeof address);

    *port = ntohs(address.sin_port);
    return listener;
}

int net_listen_ipv6(uint16_t *port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int listener = listen_on((struct sockaddr *)&address, sizeof address);

    *port = ntohs(address.sin6_port);
    return listener;
}

int net_connect(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    expect(descriptor >= 0, "socket: %s", strerror(errno));
    expect(connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0,
           "connect to port %u: %s", (unsigned)port, strerror(errno));
    return descriptor;
}

bool net_port_is_closed(void *port)
{
    struct sockaddr_in address = loopback(*(uint16_t *)port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused = connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0;

    close(descriptor);
    return refused;
}

/* Bound, not listening: connections to it are refused. */
static int closed_port = -1;

uint16_t net_closed_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;

    closed_port = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect(closed_port >= 0 && bind(closed_port, (struct sockaddr *)&address, size) == 0 &&
               getsockname(closed_port, (struct sockaddr *)&address, &size) == 0,
           "no port: %s", strerror(errno));
    return ntohs(address.sin_port);
}

void net_closed_port_release(void)
{
    close(closed_port);
}

static bool wait_for(int descriptor, short events, uint64_t end)
{
    struct pollfd item = {descriptor, events, 0};

    for (;;) {
        uint64_t now = clock_ms();
        int ready = poll(&item, 1, end > now ? (int)(end - now) : 0);

        if (ready > 0)
            return true;
        if (ready == 0 && clock_ms() >= end)
            return false;
    }
}

int net_accept(int listener, uint64_t ms)
{
    if (!wait_for(listener, POLLIN, clock_ms() + ms))
        return -1;
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

ssize_t net_read(int descriptor, void *bytes, size_t size, uint64_t ms)
{
    ssize_t got;

    if (!wait_for(descriptor, POLLIN, clock_ms() + ms))
        return NET_SILENCE;
    got = recv(descriptor, bytes, size, 0);
    return got < 0 ? NET_RESET : got;
}

size_t net_read_all(int descriptor, void *bytes, size_t size)
{
    uint8_t *at = bytes;
    size_t done = 0;

    while (done < size) {
        ssize_t got = net_read(descriptor, at + done, size - done, NET_DEADLINE);

        expect(got != NET_SILENCE, "%zu of %zu bytes came within %u ms", done, size, NET_DEADLINE);
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

int net_wait_end(int descriptor, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;
    uint8_t bytes[65536];

    for (;;) {
        uint64_t now = clock_ms();
        ssize_t got = net_read(descriptor, bytes, sizeof bytes, end > now ? end - now : 0);

        if (got <= 0)
            return (int)got;
    }
}

/* false: nothing was taken within ms. */
static bool write_some(int descriptor, const uint8_t *bytes, size_t size, uint64_t ms,
                       ssize_t *sent)
{
    uint64_t end = clock_ms() + ms;

    do {
        if (!wait_for(descriptor, POLLOUT, end))
            return false;
        *sent = send(descriptor, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (*sent < 0 && errno == EAGAIN);
    return true;
}

bool net_write(int descriptor, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    while (size > 0) {
        ssize_t sent;

        expect(write_some(descriptor, at, size, NET_DEADLINE, &sent),
               "%zu bytes were not taken within %u ms", size, NET_DEADLINE);
        if (sent < 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

size_t net_write_until_full(int descriptor, uint64_t seed, size_t limit, uint64_t ms)
{
    uint8_t bytes[65536];
    size_t done = 0;

    while (done < limit) {
        ssize_t sent;

        pattern_fill(seed, done, bytes, sizeof bytes);
        if (!write_some(descriptor, bytes, sizeof bytes, ms, &sent) || sent < 0)
            break;
        done += (size_t)sent;
    }
    return done;
}

void net_finish(int descriptor)
{
    shutdown(descriptor, SHUT_WR);
}

void net_reset(int descriptor)
{
    struct linger linger = {1, 0};

    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(descriptor);
}

/* ---- The pattern ---- */

static uint64_t word_at(uint64_t seed, uint64_t index)
{
    uint64_t mixed = (index + 1) * UINT64_C(0x9e3779b97f4a7c15) + seed;

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        uint64_t word = word_at(seed, (offset + done) / 8);
        size_t from = (offset + done) % 8;
        size_t part = 8 - from < size - done ? 8 - from : size - done;

        memcpy(bytes + done, (uint8_t *)&word + from, part);
        done += part;
    }
}

bool pattern_is(uint64_t seed, uint64_t offset, const uint8_t *bytes, size_t size)
{
    uint8_t wanted[4096];

    while (size > 0) {
        size_t part = size < sizeof wanted ? size : sizeof wanted;

        pattern_fill(seed, offset, wanted, part);
        if (memcmp(wanted, bytes, part) != 0)
            return false;
        offset += part;
        bytes += part;
        size -= part;
    }
    return true;
}

bool pattern_write(int descriptor, uint64_t seed, uint64_t offset, size_t size)
{
    uint8_t bytes[65536];

    while (size > 0) {
        size_t part = size < sizeof bytes ? size : sizeof bytes;

        pattern_fill(seed, offset, bytes, part);
        if (!net_write(descriptor, bytes, part))
            return false;
        offset += part;
        size -= part;
    }
    return true;
}

bool pattern_read(int descriptor, uint64_t seed, uint64_t offset, size_t size)
{
    uint8_t bytes[65536];

    while (size > 0) {
        size_t part = size < sizeof bytes ? size : sizeof bytes;

        if (net_read_all(descriptor, bytes, part) != part)
            return false;
        if (!pattern_is(seed, offset, bytes, part))
            return false;
        offset += part;
        size -= part;
    }
    return true;
}

/* ---- Counters ---- */

static pthread_mutex_t counters_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t counters_grown = PTHREAD_COND_INITIALIZER;

void counter_add(struct counter *counter, uint64_t amount)
{
    pthread_mutex_lock(&counters_lock);
    counter->value += amount;
    pthread_cond_broadcast(&counters_grown);
    pthread_mutex_unlock(&counters_lock);
}

uint64_t counter_get(const struct counter *counter)
{
    uint64_t value;

    pthread_mutex_lock(&counters_lock);
    value = counter->value;
    pthread_mutex_unlock(&counters_lock);
    return value;
}

bool counter_reaches(const struct counter *counter, uint64_t value, uint64_t ms)
{
    struct timespec end;
    bool reached;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += (time_t)(ms / 1000);
    end.tv_nsec += (long)(ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&counters_lock);
    while (counter->value < value && late == 0)
        late = pthread_cond_timedwait(&counters_grown, &counters_lock, &end);
    reached = counter->value >= value;
    pthread_mutex_unlock(&counters_lock);
    return reached;
}

uint64_t counter_settles(const struct counter *counter, uint64_t quiet)
{
    uint64_t value = counter_get(counter);

    while (counter_reaches(counter, value + 1, quiet))
        value = counter_get(counter);
    return value;
}

void thread_start(void *(*run)(void *), void *context)
{
    pthread_t thread;

    expect(pthread_create(&thread, NULL, run, context) == 0, "no thread");
    pthread_detach(thread);
}
