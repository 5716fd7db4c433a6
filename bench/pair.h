/* A client and a server of the reference, back to back in one process: the blocking interface over
 * the transport in memory, with or without TLS between. The server accepts every stream, and takes
 * in or echoes what comes. Nothing of it goes through the system. */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include <stdbool.h>

#include "engine.h"
#include "io/blocking.h"
#include "io/memory.h"
#include "secure.h"

#define PAIR_PIPE_SIZE (1u << 18)   /* bytes that are under way at most, each way */
#define PAIR_STREAMS_MAX 10240u     /* streams in a grown table */
#define PAIR_PAYLOAD_MAX (1u << 22) /* bytes of payload in one write */
#define PAIR_PASSWORD "bench"

struct pair {
    struct anytls_memory memory;
    struct anytls_connection client;
    struct anytls_connection server;
    struct secure secure[2]; /* of client and server, where tls is set */
    bool tls;
    bool accepted; /* the server has the preamble */
    bool echo;     /* the server sends back what comes */
    bool failed;   /* a call did not do what it should */

    /* Data that were delivered, at either side; with a period set they are compared to the payload,
     * which is taken to begin again each period bytes. */
    uint64_t at_server;
    uint64_t at_client;
    size_t period;

    uint32_t stream; /* the one that was opened last */
    uint64_t streams_accepted;
    void *tables; /* of pair_grow */
    uint8_t pipes[2 * PAIR_PIPE_SIZE];
};

/* Payload for all: PAIR_PAYLOAD_MAX bytes that repeat after a prime number of them. */
const uint8_t *pair_payload(void);

/* The configuration that both sides use. */
const struct anytls_connection_config *pair_config(void);

/* A destination such as programs are given. */
const struct anytls_address *pair_destination(void);

/* A new pair, or NULL: no memory. Nothing has been sent. */
struct pair *pair_new(bool tls);
void pair_free(struct pair *pair);

/* Begins again: ends what was, clears the pipes. With TLS the handshake is still to be done. */
void pair_begin(struct pair *pair);

/* TLS handshake, where there is one, and the preamble; up to where streams can be opened. */
void pair_connect(struct pair *pair);

/* Gives both sides tables for PAIR_STREAMS_MAX streams, after pair_connect. */
void pair_grow(struct pair *pair);

/* Opens a stream and waits for its SYNACK. */
uint32_t pair_open(struct pair *pair);

void pair_write(struct pair *pair, uint32_t stream, size_t size);
void pair_server_write(struct pair *pair, uint32_t stream, size_t size);
void pair_finish(struct pair *pair, uint32_t stream);

/* Lets the server take all that has come. */
void pair_serve(struct pair *pair);

/* Lets the client read until so many bytes of data in all have come to it. */
void pair_read(struct pair *pair, uint64_t at_client);

#endif
