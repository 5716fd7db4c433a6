/* A transport over a TCP socket with TLS, for the blocking interface, and the calls that make such
 * sockets. Nothing here is of the protocol. */
#ifndef ANYTLS_IO_SOCKET_H
#define ANYTLS_IO_SOCKET_H

#include "io/tls.h"
#include "io/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_SOCKET_READ_MAX 65536u  /* bytes of ciphertext that one system call reads */
#define ANYTLS_SOCKET_WRITE_MAX 66048u /* bytes of plaintext that one system call sends, sealed */
#define ANYTLS_SOCKET_OUTPUT_SIZE (ANYTLS_SOCKET_WRITE_MAX + 1024u)

/* Timeouts are in milliseconds, ANYTLS_NEVER: none. */
struct anytls_socket {
    int descriptor;
    struct anytls_tls tls;
    bool broken;                        /* TLS cannot be read on */
    char error[ANYTLS_ERROR_TEXT_SIZE]; /* what went wrong, after ANYTLS_IO_FAILED */
    uint8_t input[ANYTLS_SOCKET_READ_MAX];
    uint8_t output[ANYTLS_SOCKET_OUTPUT_SIZE];
};

/* Connects to a name or an address without brackets, and a port as text, and does the TLS
 * handshake, all within timeout, apart from the look-up of the name. name: what the certificate
 * must be for, and the SNI; NULL: host. Unless ANYTLS_IO_OK, socket->error says why, and nothing
 * has to be closed. */
enum anytls_io_status anytls_socket_connect(struct anytls_socket *socket,
                                            struct anytls_tls_context *context, const char *host,
                                            const char *port, const char *name, uint64_t timeout);

/* Listens on an address and a port as text; host NULL: on all of IPv4, port "0": on a free one.
 * The descriptor, or -1: error (ANYTLS_ERROR_TEXT_SIZE bytes, the caller's) says why. */
int anytls_socket_listen(const char *host, const char *port, char *error);

/* Waits for the next connection. Its descriptor, for anytls_socket_begin, or -1: errno says why,
 * ETIMEDOUT after the timeout. */
int anytls_socket_accept(int listener, uint64_t timeout);

/* Does the TLS handshake over a connected descriptor, which becomes the socket's. name: as for
 * anytls_tls_begin. Errors as for connect; the descriptor is closed then. */
enum anytls_io_status anytls_socket_begin(struct anytls_socket *socket,
                                          struct anytls_tls_context *context, int descriptor,
                                          const char *name, uint64_t timeout);

/* The transport; the socket must not be moved while it is in use. A write of up to
 * ANYTLS_SOCKET_WRITE_MAX bytes leaves in one system call, whatever the number of its records. */
struct anytls_transport anytls_socket_transport(struct anytls_socket *socket);

/* Ends TLS, then waits for the peer to do so too, for timeout at most, dropping what it sends:
 * a socket that is closed over unread input loses what the peer has not read yet. */
void anytls_socket_close(struct anytls_socket *socket, uint64_t timeout);

#ifdef __cplusplus
}
#endif

#endif
