/* A raw AnyTLS peer: TLS by OpenSSL on a socket, bytes and frames by hand. It shares no code with
 * ref/core, keeps no rule of the protocol, and so can break each. */
#ifndef TESTS_E2E_PEER_H
#define TESTS_E2E_PEER_H

#include <openssl/ssl.h>

#include "net.h"
#include "process.h"

enum {
    WASTE,
    SYN,
    PSH,
    FIN,
    SETTINGS,
    ALERT,
    UPDATE_PADDING_SCHEME,
    SYNACK,
    HEART_REQUEST,
    HEART_RESPONSE,
    SERVER_SETTINGS
};

#define RECORDS_MAX 64

struct peer {
    int descriptor;
    SSL *ssl;
    uint8_t *input; /* plaintext that was not taken yet */
    size_t input_size;
    size_t records[RECORDS_MAX]; /* bytes of plaintext in each TLS record that came */
    size_t record_count;
    uint8_t unsent[32768]; /* of peer_try_send */
    size_t unsent_size;
};

struct frame {
    uint8_t command;
    uint32_t stream;
    uint16_t size;
    uint8_t data[65536]; /* a zero byte follows */
};

/* As a client: connects and does the handshake, trusting everybody. */
struct peer *peer_connect(uint16_t port);

/* As a server: waits for a connection and does the handshake. NULL: nothing came within ms. */
struct peer *peer_accept(int listener, uint64_t ms);

/* Begins TLS on a connection. NULL: the handshake failed. */
struct peer *peer_begin(int descriptor, bool server);

/* One write: one record, where it is not over 16 KiB. false: the other side is gone. */
bool peer_write(struct peer *peer, const void *bytes, size_t size);

/* Reads more plaintext, waiting up to ms: as net_read, but of one record. */
ssize_t peer_fill(struct peer *peer, uint64_t ms);

/* Takes size bytes; fails the test if they do not come. */
void peer_take(struct peer *peer, void *bytes, size_t size);

/* The next frame; false: the end came, or nothing within ms. */
bool peer_frame(struct peer *peer, struct frame *frame, uint64_t ms);

/* The next frame that is not Waste must be this one. */
void peer_must_get(struct peer *peer, struct frame *frame, uint8_t command, uint32_t stream);

/* Skips frames until one with this command comes; fails the test if none does. */
void peer_find(struct peer *peer, struct frame *frame, uint8_t command);

/* Reads to the end: NET_END (of TLS, properly), NET_RESET (any other), NET_SILENCE. */
int peer_wait_end(struct peer *peer, uint64_t ms);

/* Ends TLS properly and closes; closes without; closes with a reset. */
void peer_close(struct peer *peer);
void peer_drop(struct peer *peer);
void peer_break(struct peer *peer);

/* Descriptors of a server without clients. While it starts it has fewer; so a client looks. */
size_t server_descriptors(struct program *server);

/* ---- Bytes ---- */

/* Lays a frame at out, returns its size. */
size_t put_frame(uint8_t *out, uint8_t command, uint32_t stream, const void *data, size_t size);
size_t put_preamble(uint8_t *out, const char *password, uint16_t padding);
size_t put_settings(uint8_t *out); /* the frame; v=2, and the MD5 of the default scheme */
size_t put_destination(uint8_t *out, uint16_t port); /* of 127.0.0.1 */

/* Writes one frame as one record. */
void peer_send(struct peer *peer, uint8_t command, uint32_t stream, const void *data, size_t size);

/* The same, but gives up when nothing is taken for ms: false; peer_finish_send sends the rest then. */
bool peer_try_send(struct peer *peer, uint8_t command, uint32_t stream, const void *data,
                   size_t size, uint64_t ms);
void peer_finish_send(struct peer *peer);

/* As a client: preamble, Settings; then a stream to 127.0.0.1, whose SYNACK must come. */
void peer_greet(struct peer *peer, const char *password);
void peer_open(struct peer *peer, uint32_t stream, uint16_t port);
void peer_must_open(struct peer *peer, uint32_t stream, uint16_t port);

/* As a server: takes the preamble and Settings, and answers with ServerSettings. */
void peer_welcome(struct peer *peer, struct frame *frame);

/* As a server: the next stream: SYN and its destination. Returns its id. */
uint32_t peer_take_stream(struct peer *peer, struct frame *frame);

/* As a server: echoes all streams until the end: SYNACK, PSH, FIN, heartbeats. */
void peer_serve_echo(struct peer *peer);

/* The stream must bring size bytes of the pattern, in any number of PSH frames. */
void peer_must_get_pattern(struct peer *peer, uint32_t stream, uint64_t seed, size_t size);

#endif
