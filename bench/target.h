/* Where streams end: a process of its own that echoes, takes in, or sends, as each connection asks
 * (net.h). And one for datagrams, which it sends back. */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include <stdint.h>

#include "process.h"

/* Starts it on a free port. false: errno says why. */
bool target_start(struct process *process, uint16_t *port);
bool target_udp_start(struct process *process, uint16_t *port);

/* Byte number at of what NET_SOURCE and NET_BOTH send. */
static inline uint8_t target_byte(uint64_t at)
{
    return (uint8_t)(at % 251u);
}

#endif
