/* Hosts and ports as people write them, and destinations as they are shown. */
#ifndef ANYTLS_PROGRAMS_NAMES_H
#define ANYTLS_PROGRAMS_NAMES_H

#include <stdbool.h>
#include <sys/socket.h>

#include "core/address.h"

#define HOST_SIZE 256u         /* bytes of a host, its final zero byte included */
#define ADDRESS_TEXT_SIZE 272u /* bytes of "host:port" or "[host]:port" */

struct host_port {
    bool valid;
    char host[HOST_SIZE]; /* without brackets; "" where the text began with ':' */
    uint16_t port;
};

/* Reads HOST:PORT, [IPV6]:PORT or :PORT. */
struct host_port host_port_read(const char *text);

/* A destination as text. text: ADDRESS_TEXT_SIZE bytes. Bytes of a name that are not printable
 * become '?'. */
void address_print(const struct anytls_address *address, char *text);

/* A host as a destination: an address if it is one, else a name. false: empty or too long. */
bool address_from_host(const char *host, uint16_t port, struct anytls_address *address);

/* The same of a socket address, IPv4 or IPv6; and back, where it is an address. */
struct anytls_address address_from_socket(const struct sockaddr *socket);
bool address_to_socket(const struct anytls_address *address, struct sockaddr_storage *socket);

/* Whether a socket address leads to this host or its links: loopback, unspecified, link-local, also
 * as IPv4 in IPv6 (PROXY-LOCAL). */
bool socket_is_local(const struct sockaddr *socket);

#endif
