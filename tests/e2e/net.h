/* Sockets of the loopback with deadlines, a pattern to tell bytes by, and counters to wait for. */
#ifndef TESTS_E2E_NET_H
#define TESTS_E2E_NET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NET_DEADLINE 20000u /* ms for what should be done at once */

/* Listens on 127.0.0.1, or ::1 with ipv6, at a free port. */
int net_listen(uint16_t *port);
int net_listen_ipv6(uint16_t *port);
int net_connect(uint16_t port);

/* A port of 127.0.0.1 where nobody listens, and that nobody else can have until it is released: only
 * the last one can be. */
uint16_t net_closed_port(void);
void net_closed_port_release(void);

/* Whether connections to a port are refused. For wait_until: context is the port, a uint16_t. */
bool net_port_is_closed(void *port);

/* A connection; -1 after ms. */
int net_accept(int listener, uint64_t ms);

enum { NET_END = 0, NET_RESET = -1, NET_SILENCE = -2 };

/* Reads what comes, waiting up to ms: bytes, or one of the above. */
ssize_t net_read(int descriptor, void *bytes, size_t size, uint64_t ms);

/* Reads size bytes, fewer if the end comes before: their number. Fails the test at the deadline. */
size_t net_read_all(int descriptor, void *bytes, size_t size);

/* Reads and drops until the end: NET_END, NET_RESET, or NET_SILENCE once ms have passed. */
int net_wait_end(int descriptor, uint64_t ms);

/* Writes all; false: the other side is gone. Fails the test at the deadline. */
bool net_write(int descriptor, const void *bytes, size_t size);

/* Writes until nothing more is taken for ms; returns the bytes taken. The bytes are those of a
 * pattern from offset on. */
size_t net_write_until_full(int descriptor, uint64_t seed, size_t limit, uint64_t ms);

/* Ends what is sent; closes with a reset. */
void net_finish(int descriptor);
void net_reset(int descriptor);

/* Bytes that differ at each offset, and for each seed. */
void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *bytes, size_t size);
bool pattern_is(uint64_t seed, uint64_t offset, const uint8_t *bytes, size_t size);

/* Writes size bytes of a pattern; reads and checks them. false: the other side is gone; for the
 * reader, also a wrong byte. */
bool pattern_write(int descriptor, uint64_t seed, uint64_t offset, size_t size);
bool pattern_read(int descriptor, uint64_t seed, uint64_t offset, size_t size);

/* Counters that threads raise, and that a test waits for. */
struct counter {
    uint64_t value;
};

void counter_add(struct counter *counter, uint64_t amount);
uint64_t counter_get(const struct counter *counter);

/* Waits until it is at least value; false: ms have passed. */
bool counter_reaches(const struct counter *counter, uint64_t value, uint64_t ms);

/* Waits until it has not grown for quiet ms, and returns it. */
uint64_t counter_settles(const struct counter *counter, uint64_t quiet);

/* Starts a thread that nobody joins. */
void thread_start(void *(*run)(void *), void *context);

#endif
