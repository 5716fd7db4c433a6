/* Client mode: the client under test, and applications that use it. */
#ifndef ANYTLS_CONFORM_CLIENT_H
#define ANYTLS_CONFORM_CLIENT_H

#include "conform.h"
#include "peer.h"

/* Connects to the client's SOCKS port and asks for HOST:PORT; does not wait for the answer. */
int app_begin(struct run *run, const char *host, uint16_t port);
int app_begin_at(struct run *run, const struct oracle_address *address);
int app_associate(struct run *run); /* UDP ASSOCIATE */
/* Waits for the answer of SOCKS and takes its port. */
int app_reply_port(struct run *run, int app, uint16_t *port);
/* Waits for the request to fail: by SOCKS's answer, or by an end without data. */
void app_fails(struct run *run, int app);
/* Waits for the answer of SOCKS: its code, 0 a success, or -1 where the connection ended. */
int app_reply(struct run *run, int app);
void app_send(struct run *run, int app, struct oracle_bytes bytes);
/* Waits for these bytes. */
void app_await(struct run *run, int app, struct oracle_bytes bytes);
/* Waits for the end, reset or not. true: a clean one. Bytes before it fail the case. */
bool app_ended(struct run *run, int app);

/* A stream from application to scripted server, ready on both sides. */
struct flow {
    int app;
    struct peer *peer;
    uint32_t stream;
};

/* Of a new session: accepted, Settings taken and answered, stream accepted. */
struct flow flow_first(struct run *run);
struct flow flow_accept(struct run *run, int app); /* the same for a request that was made */
/* The same on a session that is there. */
struct flow flow_next(struct run *run, struct peer *peer);
/* The application closes; the client's FIN is awaited. */
void flow_end(struct run *run, struct flow *flow);
/* Data both ways. */
void flow_exchange(struct run *run, struct flow *flow, size_t size);

/* Settings are awaited and answered. */
const struct seen *welcome(struct peer *peer);
/* SYN and destination are awaited; *stream is the id. */
struct oracle_address stream_await(struct run *run, struct peer *peer, uint32_t *stream);

#endif
