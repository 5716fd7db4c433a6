/* What the tests of ref/io share: a tap on a transport, a client and a server over memory, and a
 * server with TLS in a thread. */
#ifndef ANYTLS_TESTS_UNIT_SUPPORT_IO_H
#define ANYTLS_TESTS_UNIT_SUPPORT_IO_H

#include <pthread.h>

#include "io/blocking.h"
#include "io/memory.h"
#include "io/socket.h"
#include "support.h"

/* ---- A tap: hands everything on to another transport, and notes, cuts and limits ---- */

#define TAP_WRITES 64u
#define TAP_OPEN SIZE_MAX

struct tap {
    struct anytls_transport inner;
    struct bytes written;
    size_t sizes[TAP_WRITES]; /* of the writes, as far as they fit */
    size_t writes;
    size_t read_left;  /* bytes that may still be read: then it ends */
    size_t write_left; /* bytes that may still be written: then it fails */
    size_t read_max;   /* bytes that one read gives at most */
    bool fixed;        /* random numbers are number, and rise by one */
    uint32_t number;
};

void tap_begin(struct tap *tap, struct anytls_transport inner);
struct anytls_transport tap_transport(struct tap *tap);

/* ---- A client and a server over memory; the server lives in the step of its end ---- */

#define PAIR_PIPE 600000u

enum { CLIENT, SERVER };

struct pair {
    struct anytls_connection_config configs[2];
    bool echo;           /* the server sends back what it gets */
    bool mute;           /* the server does not answer DIAL events */
    const char *refusal; /* the server refuses all */
    bool quiet;          /* no data events in seen */

    struct anytls_memory memory;
    struct tap taps[2];
    struct anytls_connection client;
    struct anytls_connection server;
    bool accepted;
    struct bytes data[2]; /* what came to the client, and to the server */
    char seen[2][TEXT_MAX];
    uint8_t pipes[2 * PAIR_PIPE];
};

/* Defaults of both sides, password "secret". */
void pair_reset(struct pair *pair);
/* The transports, and the client's preamble; the server begins when it is first looked at. */
enum anytls_status pair_connect(struct pair *pair);
/* The server does what there is to do; so does every wait of the client. */
void pair_serve(struct pair *pair);
/* The client reads for so long, and until nothing more is there; what ended it. */
enum anytls_io_status pair_read(struct pair *pair, uint64_t timeout);
/* Opens a stream to name, port 80, and returns its id, once all has been answered. */
uint32_t pair_open(struct pair *pair, const char *name);
/* Notes an event in pair->seen and pair->data. */
void pair_note(struct pair *pair, int side, struct anytls_incoming incoming);

/* The events at one side since the last pair_saw. */
#define pair_saw(pair, side, expected)                                                             \
    do {                                                                                           \
        ck_assert_str_eq((pair)->seen[side], expected);                                            \
        (pair)->seen[side][0] = '\0';                                                              \
    } while (0)

/* Bytes that differ from place to place; both ends know them. */
void pattern_fill(uint8_t *bytes, size_t size);

/* ---- A blocking server with TLS on a loopback socket, in a thread ---- */

struct served {
    /* Set by the test */
    struct anytls_connection_config config;
    struct anytls_tls_context *context;
    void (*serve)(struct served *served); /* what to do after the handshake; NULL: echo */
    uint64_t timeout;                     /* for each wait */

    int listener;
    char port[8];
    pthread_t thread;
    enum anytls_io_status handshake;
    struct anytls_socket socket;
    struct anytls_connection connection;
    char seen[TEXT_MAX]; /* the events */
    char error[ANYTLS_ERROR_TEXT_SIZE];
    struct bytes data;
};

/* Defaults, and a context with a certificate made in memory or, if given, from a PEM file. */
void served_reset(struct served *served, const char *certificate);
/* Listens on a free port of 127.0.0.1, and serves one connection in a thread. */
void served_begin(struct served *served);
/* Waits for the thread, and frees the context. */
void served_end(struct served *served);
/* Serves the connection as an AnyTLS server that accepts all streams and sends back all data. */
void served_echo(struct served *served);

/* A client's context; ca: a PEM file, or NULL for no verification. */
struct anytls_tls_context *client_context(const char *ca);

/* Writes a self-signed certificate for a name and its key as one PEM file, and gives its path,
 * which is valid until the next call. The file is removed when the program ends. */
const char *certificate_file(const char *name);

/* A path for a new file under the directory of temporary files, removed when the program ends. */
const char *temporary_path(const char *suffix);

/* The local port of a descriptor. */
unsigned port_of(int descriptor);

#endif
