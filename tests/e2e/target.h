/* TCP targets: where streams lead. Each runs in threads of the test. */
#ifndef TESTS_E2E_TARGET_H
#define TESTS_E2E_TARGET_H

#include "net.h"

struct target {
    uint16_t port;
    int listener;
    void (*serve)(struct target *target, int descriptor);
    uint64_t seed;      /* of what a source sends, and a sink expects */
    uint64_t size;      /* bytes that a source sends, at most */
    uint32_t delay;     /* ms until it begins to answer */
    const char *folder; /* http: where /file/NAME is looked for */

    struct counter accepted;
    struct counter received; /* bytes */
    struct counter sent;     /* bytes */
    struct counter wrong;    /* connections with bytes that a sink did not expect */
    struct counter ended;    /* connections that the other side ended properly */
    struct counter reset;    /* and those that broke off */
    struct counter go;       /* raised by a test, to let stalled connections go on */
};

/* Begins; serve is run for each connection and closes nothing. Other fields may be set before the
 * first connection comes. */
struct target *target_start(void (*serve)(struct target *target, int descriptor));
struct target *target_start_ipv6(void (*serve)(struct target *target, int descriptor));

/* Sends back what comes, until its end. */
void serve_echo(struct target *target, int descriptor);

/* Counts what comes, and compares it with the pattern of seed. */
void serve_sink(struct target *target, int descriptor);

/* Waits for delay, then sends size bytes of the pattern of seed, and closes. */
void serve_source(struct target *target, int descriptor);

/* As the source, but breaks off with a reset instead of closing. */
void serve_source_that_breaks_off(struct target *target, int descriptor);

/* Reads nothing until `go` is raised, then is a sink. */
void serve_stalled(struct target *target, int descriptor);

/* Reads one byte, waits for delay, answers with "late", goes on as echo. */
void serve_late(struct target *target, int descriptor);

/* An echo of datagrams on 127.0.0.1, or ::1; returns its port. */
uint16_t udp_echo_start(void);
uint16_t udp_echo_start_ipv6(void);

/* A target that the system never connects to: its queue of connections is full. */
uint16_t hanging_port(void);

#endif
