/* The blocking interface: connect or accept, open, read, write, finish, close, on one thread.
 * A connection feeds what its transport reads to an endpoint or session of the core, and writes
 * what that yields. No rule of the protocol is in here: look into core/session.h and
 * core/endpoint.h for what the events and statuses mean.
 *
 * All memory is in the struct, which is the caller's; nothing is allocated. */
#ifndef ANYTLS_IO_BLOCKING_H
#define ANYTLS_IO_BLOCKING_H

#include "core/endpoint.h"
#include "io/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_FOREVER UINT64_MAX   /* a timeout that does not pass */
#define ANYTLS_WRITE_TIMEOUT 30000u /* default, ms */
#define ANYTLS_READ_SIZE 32768u     /* bytes that are read from the transport at once */
#define ANYTLS_CONTROL_SIZE 4864u   /* the frames that one step of the core may yield */

/* For many connections; not owned, like the scheme: unchanged as long as one uses it. */
struct anytls_connection_config {
    struct anytls_endpoint_config endpoint; /* a client's preamble holds its hash, too */
    const struct anytls_scheme *scheme;     /* to shape by, or to push */
    uint32_t write_timeout;                 /* ms for a write to the transport; 0: for ever */
};

/* Fills in the stated defaults: version 2, the timeouts of core/session.h, the default scheme.
 * false: OpenSSL refuses SHA-256. */
bool anytls_connection_config_set(struct anytls_connection_config *config, const char *password);

/* All fields are the connection's own. */
struct anytls_connection {
    const struct anytls_connection_config *config;
    struct anytls_transport transport;
    struct anytls_endpoint endpoint;
    enum anytls_io_status ended;      /* ANYTLS_IO_OK: events may come */
    enum anytls_io_status unwritable; /* ANYTLS_IO_OK: writes may succeed */
    uint64_t now;                     /* when the transport was last looked at */
    bool due;                         /* a deadline had come by then */
    bool tick;                        /* and the core is to be told */

    size_t input_start; /* in input: what the core has not seen yet */
    size_t input_size;
    uint8_t input[ANYTLS_PREAMBLE_SIZE + ANYTLS_READ_SIZE];
    uint8_t control[ANYTLS_CONTROL_SIZE];
    uint8_t output[ANYTLS_PREAMBLE_SIZE + ANYTLS_PADDING_SIZE_MAX]; /* the write in progress */
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
    struct anytls_stream streams[ANYTLS_STREAMS_MAX];
    struct anytls_pending pending[ANYTLS_PENDING_MAX];
};

/* What anytls_accept and anytls_read answer. */
struct anytls_incoming {
    /* ANYTLS_IO_OK: an event. ANYTLS_IO_TIMEOUT: none came in time. ANYTLS_IO_END: none will come
     * any more. ANYTLS_IO_FAILED: nor because of the transport. */
    enum anytls_io_status status;
    struct anytls_event event; /* its data are a view that is valid until the next call */
    const struct anytls_uot_request *request; /* of DIAL and DIAL_UDP: where to; else NULL */
};

/* Client: begins a connection with the preamble, over a transport that is ready (TLS is up).
 * The transport stays the caller's to close. ANYTLS_CLOSED: it failed. */
enum anytls_status anytls_connect(struct anytls_connection *connection,
                                  const struct anytls_connection_config *config,
                                  struct anytls_transport transport);

/* Server: begins a connection and reads the preamble. The event is
 *  - ANYTLS_EVENT_AUTHENTICATED: go on with anytls_read;
 *  - ANYTLS_EVENT_FALLBACK: data are all bytes that have come, from the first on; the rest is the
 *    transport's. Hand both on, or close;
 *  - ANYTLS_EVENT_CLOSED: the client has left, or took too long. */
struct anytls_incoming anytls_accept(struct anytls_connection *connection,
                                     const struct anytls_connection_config *config,
                                     struct anytls_transport transport);

/* Waits up to timeout milliseconds for the next event, of any stream: those of
 * anytls_session_receive at a client, of anytls_endpoint_receive at a server. Meanwhile answers are
 * sent, heartbeats too, and the deadlines of the configuration hold. An event of type
 * ANYTLS_EVENT_NONE tells of a violation by the peer alone. */
struct anytls_incoming anytls_read(struct anytls_connection *connection, uint64_t timeout);

/* Client: opens a stream. Its destination may be anytls_uot_destination(). Errors: as for
 * anytls_session_open. */
struct anytls_opened anytls_open(struct anytls_connection *connection,
                                 const struct anytls_address *destination);

/* The calls below answer ANYTLS_CLOSED too when the transport fails, or has failed, to write;
 * anytls_read then still tells what had come. */

/* Sends size bytes, all of them: as one write to the transport for each frame of up to 65,535, or,
 * while the client's writes are shaped, for each record. ANYTLS_UNKNOWN_STREAM.
 * ANYTLS_NOT_ALLOWED: a server has not accepted the stream. */
enum anytls_status anytls_write(struct anytls_connection *connection, uint32_t stream,
                                const void *bytes, size_t size);

/* Server: answers a DIAL event: refusal NULL: connected; else why not, which closes the stream.
 * Errors: as for anytls_session_accept. */
enum anytls_status anytls_answer(struct anytls_connection *connection, uint32_t stream,
                                 const char *refusal);

/* Closes a stream, for both directions: no data of it come any more. ANYTLS_UNKNOWN_STREAM. */
enum anytls_status anytls_finish(struct anytls_connection *connection, uint32_t stream);

/* Server: tells the client why, and ends the session. ANYTLS_NOT_ALLOWED: a client. */
enum anytls_status anytls_alert(struct anytls_connection *connection, const char *reason);

/* Ends the session without a word; the caller closes the transport. */
void anytls_close(struct anytls_connection *connection);

#ifdef __cplusplus
}
#endif

#endif
