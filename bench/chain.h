/* The programs of the reference with targets behind them, for the benchmarks that go through TLS
 * and sockets between processes. Started at the first use, stopped at the end. */
#ifndef BENCH_CHAIN_H
#define BENCH_CHAIN_H

#include <stdint.h>

#include "process.h"

struct bench;

struct chain {
    struct process target;
    struct process datagrams;
    struct process server;
    struct process client;
    uint16_t target_port;
    uint16_t datagram_port;
    uint16_t server_port;
    uint16_t socks_port;
};

#define CHAIN_PASSWORD "bench"

/* NULL: something did not start; bench_fail has said what. */
struct chain *chain_get(struct bench *bench);

/* Starts client and server anew, up to where both take connections. false: bench_fail was told. */
bool chain_programs_start(struct bench *bench, struct chain *chain);
void chain_programs_stop(struct chain *chain);

void chain_stop(void);

/* The same from a signal handler: at once. */
void chain_kill(void);

#endif
