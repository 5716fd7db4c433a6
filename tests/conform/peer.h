/* A scripted side of a session: sends what a case tells it to, right or wrong, and keeps every frame
 * that comes. */
#ifndef ANYTLS_CONFORM_PEER_H
#define ANYTLS_CONFORM_PEER_H

#include "conform.h"

struct seen {
    uint8_t command;
    uint32_t stream;
    struct oracle_buffer data;
    bool used; /* taken by await or take */
};

struct peer;

/* ---- Server mode: a client's side ---- */

struct peer *peer_connect(struct run *run);               /* TLS, and nothing sent */
struct peer *peer_try(struct run *run, const char **why); /* NULL: why says what failed */
struct peer *session(struct run *run);                    /* preamble and Settings are sent */
void add_preamble(struct peer *peer, const char *password, uint16_t padding);
void add_preamble_bytes(struct peer *peer, const char *password, struct oracle_bytes padding);
/* What was added and not flushed is taken back; valid until the next add. */
struct oracle_bytes peer_take_out(struct peer *peer);
/* Whether bytes that make no whole frame were left, and begin with this one. */
bool peer_left_is(const struct peer *peer, uint8_t byte);
void add_settings(struct peer *peer, const char *text);
void add_hello(struct peer *peer); /* right Settings of --protocol, with the scheme's right MD5 */

/* ---- Client mode: a server's side ---- */

struct peer *session_accept(struct run *run); /* TLS done, preamble read and checked */
bool session_pending(struct run *run);        /* a connection waits to be accepted */
bool session_comes(struct run *run);          /* one comes in time */
size_t peer_padding(const struct peer *peer); /* bytes of padding0 */
size_t peer_bytes(const struct peer *peer);   /* of plaintext that came */
/* Plaintext bytes of each TLS record that came, the preamble's first. */
size_t peer_records(const struct peer *peer, const size_t **sizes);

/* ---- Both ---- */

void add(struct peer *peer, uint8_t command, uint32_t stream, const char *data);
void add_bytes(struct peer *peer, uint8_t command, uint32_t stream, struct oracle_bytes data);
void add_raw(struct peer *peer, struct oracle_bytes bytes);
void flush(struct peer *peer);                        /* everything in one write to TLS */
void flush_in_pieces(struct peer *peer, size_t size); /* a record each size bytes */
void send_frame(struct peer *peer, uint8_t command, uint32_t stream, const char *data);

/* Waits for a frame; the case fails where it does not come. any stream: ANY. */
#define ANY UINT32_MAX
const struct seen *await(struct peer *peer, uint8_t command, uint32_t stream);
/* The same; NULL at the end of the session or of the wait. */
const struct seen *await_try(struct peer *peer, uint8_t command, uint32_t stream, uint64_t until);
/* Waits for size bytes of a stream, which are to be these. */
void await_bytes(struct peer *peer, uint32_t stream, struct oracle_bytes bytes);
/* Waits for the end of the session: Alert, close and reset are one. */
void await_closed(struct peer *peer);
bool closed_by(struct peer *peer, uint64_t until);
bool peer_is_closed(struct peer *peer); /* as far as was read */

/* A HeartRequest, answered: everything sent before it has been taken. The case fails if not. */
void barrier(struct peer *peer);
/* How many such frames have come so far. */
size_t seen_count(const struct peer *peer, uint8_t command, uint32_t stream);
size_t seen_all(const struct peer *peer, const struct seen **frames);
/* Fails if such a frame has come. */
void never(struct peer *peer, uint8_t command, uint32_t stream);

void peer_cut(struct peer *peer);   /* reset of the TCP connection */
void peer_close(struct peer *peer); /* close_notify and close */
void peer_shut(struct peer *peer);  /* TCP end of our direction without close_notify */
void peer_stop_reading(struct peer *peer, bool stop); /* flush does not read then */

#endif
