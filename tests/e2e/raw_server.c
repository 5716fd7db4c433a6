#include "raw_server.h"

#include <string.h>
#include <unistd.h>

#include "runner.h"

struct raw_server raw_server_start(const char *option, const char *value)
{
    struct raw_server server;

    server.listener = net_listen(&server.port);
    server.client = client_start(server.port, option, value);
    server.socks = program_port(server.client);
    return server;
}

struct raw_stream raw_stream_begin(const struct raw_server *server)
{
    struct raw_stream raw;
    struct frame frame;

    raw.application = socks_begin(server->socks, "127.0.0.1", 9);
    raw.peer = peer_accept(server->listener, NET_DEADLINE);
    expect(raw.peer != NULL, "no session came");
    peer_welcome(raw.peer, &frame);
    raw.stream = peer_take_stream(raw.peer, &frame);
    expect(socks_reply_read(raw.application, NULL) == 0, "SOCKS was refused");
    return raw;
}

struct raw_stream raw_stream_open(const struct raw_server *server)
{
    struct raw_stream raw = raw_stream_begin(server);

    peer_send(raw.peer, SYNACK, raw.stream, NULL, 0);
    return raw;
}

struct raw_stream raw_stream_begin_in(const struct raw_server *server, struct peer *peer)
{
    struct raw_stream raw = {.peer = peer};
    struct frame frame;

    raw.application = socks_begin(server->socks, "127.0.0.1", 9);
    raw.stream = peer_take_stream(peer, &frame);
    expect(socks_reply_read(raw.application, NULL) == 0, "SOCKS was refused");
    return raw;
}

void raw_stream_must_work(const struct raw_stream *raw)
{
    struct frame frame;
    char answer[6];

    net_write(raw->application, "question", 8);
    peer_find(raw->peer, &frame, PSH); /* heartbeats may come before */
    expect(frame.stream == raw->stream, "data of stream %u", (unsigned)frame.stream);
    expect(frame.size == 8 && memcmp(frame.data, "question", 8) == 0, "other bytes came");
    peer_send(raw->peer, PSH, raw->stream, "answer", 6);
    expect(net_read_all(raw->application, answer, 6) == 6 && memcmp(answer, "answer", 6) == 0,
           "the application got something else");
}

void raw_stream_leave(const struct raw_stream *raw)
{
    struct frame frame;

    close(raw->application);
    peer_must_get(raw->peer, &frame, FIN, raw->stream);
}

void raw_session_must_work(const struct raw_server *server, struct peer *peer)
{
    struct raw_stream raw = raw_stream_begin_in(server, peer);

    peer_send(peer, SYNACK, raw.stream, NULL, 0);
    raw_stream_must_work(&raw);
    raw_stream_leave(&raw);
}
