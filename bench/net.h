/* Blocking sockets on loopback, for what puts load on programs. All calls wait NET_TIMEOUT at
 * most. Descriptors are -1, and other answers false, where it did not work; errno says why. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_TIMEOUT 30 /* seconds */

/* What a target (target.h) is asked to do with the connection next. */
#define NET_ECHO 'E'   /* send back size bytes that follow */
#define NET_SINK 'S'   /* take size bytes that follow, then send one */
#define NET_SOURCE 'R' /* send size bytes */
#define NET_BOTH 'B'   /* send size bytes, and take as many */
#define NET_REQUEST_SIZE 9u

/* Listens on a free port. */
int net_listen(uint16_t *port);

/* A port that was free a moment ago, for a program that is told where to listen. */
uint16_t net_free_port(void);

int net_connect(uint16_t port);

/* Connects to a port of this host through a SOCKS 5 proxy; socks 0: without one. */
int net_connect_through(uint16_t socks, uint16_t port);

bool net_write(int descriptor, const void *bytes, size_t size);
bool net_read(int descriptor, void *bytes, size_t size);

/* Lays the request for a target into NET_REQUEST_SIZE bytes. */
void net_request(uint8_t *bytes, char what, uint64_t size);
bool net_request_send(int descriptor, char what, uint64_t size);

/* Drops size bytes that come, read in pieces of at most a MiB. */
bool net_drop(int descriptor, uint64_t size);

/* A UDP socket that is connected to where a SOCKS 5 proxy takes datagrams; control: the connection
 * that must stay open meanwhile. */
int net_udp_associate(uint16_t socks, int *control);

#endif
