/* The suite's own TCP and UDP targets: a thread for each, in the process of the case. */
#ifndef ANYTLS_CONFORM_TARGET_H
#define ANYTLS_CONFORM_TARGET_H

#include <stdatomic.h>

#include "conform.h"
#include "peer.h"

enum target_kind {
    TARGET_ECHO,
    TARGET_SINK,   /* reads and counts */
    TARGET_SOURCE, /* sends size bytes of pattern(size, 1), then closes */
    TARGET_CLOSE,  /* closes at once */
    TARGET_RESET,  /* resets once a byte has come */
    TARGET_HOLD,   /* accepts and does nothing */
    TARGET_ANSWER, /* reads 4 bytes, waits for 300 ms, sends "answer", closes */
    TARGET_SPEAKER /* says "hello" first, then echo */
};

struct target {
    enum target_kind kind;
    int descriptor;
    uint16_t port;
    size_t size;
    atomic_uint connections;
    atomic_uint ended; /* connections whose end was seen */
    atomic_size_t bytes;
    _Atomic uint32_t sum; /* of the bytes that came, each times its place from 1 */
};

struct target *target_start(struct run *run, enum target_kind kind, size_t size);
struct target *target_udp(struct run *run); /* echo of datagrams */
uint16_t port_refused(struct run *run);     /* a port where nothing listens */
uint16_t port_stalled(struct run *run);     /* a port that does not answer SYNs of TCP */

/* Wait for a count to be reached; the case fails where it is not. */
void await_connections(struct run *run, struct target *target, unsigned count);
void await_ended(struct run *run, struct target *target, unsigned count);
void await_target_bytes(struct run *run, struct target *target, size_t size);
/* Watches for 500 ms: the case fails, saying what, where more than count come. Names are resolved and
 * datagrams travel beside the session, so an answer in the session does not show that none comes. */
void no_more_connections(struct run *run, struct target *target, unsigned count, const char *what);
uint32_t sum_of(struct oracle_bytes bytes);

/* The destination in SOCKS form, as a stream begins with it. */
struct oracle_buffer destination(struct run *run, uint16_t port);
struct oracle_buffer destination_name(const char *name, uint16_t port);
struct oracle_buffer destination_ipv6(const uint8_t host[16], uint16_t port);

/* SYN and destination in one write; with open_stream, the wait for SYNACK in version 2. */
void add_open(struct peer *peer, uint32_t stream, struct oracle_buffer where);
void open_stream(struct run *run, struct peer *peer, uint32_t stream, struct target *target);
/* Sends bytes and waits for them to come back. */
void echo(struct run *run, struct peer *peer, uint32_t stream, size_t size);

#endif
