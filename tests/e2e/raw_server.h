/* A raw server for anytls-client: the test itself, in step with the application. */
#ifndef TESTS_E2E_RAW_SERVER_H
#define TESTS_E2E_RAW_SERVER_H

#include "chain.h"
#include "peer.h"

struct raw_server {
    int listener;
    uint16_t port;
    struct program *client;
    uint16_t socks;
};

/* Listens, and starts a client towards it, with an option and its value, each of which may be
 * NULL. */
struct raw_server raw_server_start(const char *option, const char *value);

/* An application and the session and stream that it got. */
struct raw_stream {
    int application;
    struct peer *peer;
    uint32_t stream;
};

/* Opens a stream in a new session: preamble, Settings, SYN; ServerSettings are sent, SYNACK is
 * not. */
struct raw_stream raw_stream_begin(const struct raw_server *server);

/* The same with SYNACK. */
struct raw_stream raw_stream_open(const struct raw_server *server);

/* Opens one more stream, which must come in the idle session of another one. */
struct raw_stream raw_stream_begin_in(const struct raw_server *server, struct peer *peer);

/* Bytes both ways. */
void raw_stream_must_work(const struct raw_stream *raw);

/* The application closes; FIN must come. */
void raw_stream_leave(const struct raw_stream *raw);

/* Opens a stream in the idle session, uses it, and leaves. */
void raw_session_must_work(const struct raw_server *server, struct peer *peer);

#endif
