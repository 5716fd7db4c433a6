/* TLS connections of the suite's own peers. */
#ifndef ANYTLS_CONFORM_TLS_H
#define ANYTLS_CONFORM_TLS_H

#include <openssl/ssl.h>

#include "conform.h"

/* To be called once, before cases are started. false: OpenSSL does not work. */
bool tls_set_up(const char *keylog);

/* A second file for the secrets, of one case. NULL: none. */
void tls_keylog_also(const char *path);

/* Do the handshake on a connected socket. NULL: failed, or not done by the deadline. */
SSL *tls_connect(int descriptor, const char *sni, uint64_t until);
SSL *tls_accept(int descriptor, uint64_t until);

/* Waits for an event of poll() on a descriptor: false at the deadline. */
bool wait_for(int descriptor, short events, uint64_t until);

/* Connects to HOST and PORT; -1: failed, errno says why. */
int tcp_connect(const char *host, const char *port, uint64_t until);
/* Listens on a host; port 0: a free one, which port_of tells. */
int tcp_listen(const char *host, const char *port, int backlog);
uint16_t port_of(int descriptor);

#endif
