/* What went wrong in the field: floods, silence, cuts. After each the server still serves. */
#include <string.h>
#include <unistd.h>

#include "target.h"
#include "tls.h"

static void still_serves(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 1, 100);
}

static void random_frames(struct run *run)
{
    for (int i = 0; i < 10; i++) {
        struct peer *peer = session(run);

        for (int k = 0; k < 100; k++) {
            struct oracle_buffer data = pattern(random_number(run) % 40, random_number(run));

            add_bytes(peer, (uint8_t)(random_number(run) % 14), random_number(run) % 4,
                      oracle_buffer_bytes(&data));
            oracle_buffer_free(&data);
        }
        flush(peer);
        peer_cut(peer);
    }
    still_serves(run);
}

static void random_bytes(struct run *run)
{
    for (int i = 0; i < 10; i++) {
        struct peer *peer = session(run);
        struct oracle_buffer data = pattern(5000, random_number(run));

        add_raw(peer, oracle_buffer_bytes(&data));
        flush(peer);
        peer_cut(peer);
        oracle_buffer_free(&data);
    }
    still_serves(run);
}

static void silent_connections(struct run *run)
{
    int count = (int)run->argument;

    for (int i = 0; i < count; i++)
        if (tcp_connect(run->options->host, run->options->port, deadline(run)) < 0)
            fail(run, "connection %d of %d is not taken", i + 1, count);
    still_serves(run);
}

static void silent_tls(struct run *run)
{
    for (int i = 0; i < 20; i++)
        peer_connect(run);
    still_serves(run);
}

static void not_tls(struct run *run)
{
    for (int i = 0; i < 5; i++) {
        int descriptor = tcp_connect(run->options->host, run->options->port, deadline(run));

        if (descriptor < 0 || write(descriptor, "GET / HTTP/1.0\r\n\r\n", 18) != 18)
            fail(run, "a connection without TLS is not taken");
        close(descriptor);
    }
    still_serves(run);
}

static void many_sessions(struct run *run)
{
    struct peer *peers[40];
    struct target *target = target_start(run, TARGET_ECHO, 0);

    for (size_t i = 0; i < 40; i++) {
        peers[i] = session(run);
        open_stream(run, peers[i], 1, target);
    }
    for (size_t i = 0; i < 40; i++)
        echo(run, peers[i], 1, 100);
}

static void open_and_cut(struct run *run)
{
    struct target *target = target_start(run, TARGET_ECHO, 0);

    for (int i = 0; i < 30; i++) {
        struct peer *peer = session(run);

        add_open(peer, 1, destination(run, target->port));
        flush(peer);
        peer_cut(peer);
    }
    still_serves(run);
}

/* 8 MB come for a client that does not read; then it reads, and nothing is lost. */
static void slow_reader(struct run *run)
{
    struct peer *peer = session(run);
    struct oracle_buffer bytes = pattern(8000000, 1);

    open_stream(run, peer, 1, target_start(run, TARGET_SOURCE, bytes.size));
    still_serves(run); /* meanwhile, on another session */
    usleep(200000);
    await_bytes(peer, 1, oracle_buffer_bytes(&bytes));
    await(peer, ORACLE_FIN, 1);
}

/* A session whose client sends and does not read does not stop other sessions. */
static void deaf_client(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_SOURCE, 20000000));
    still_serves(run);
    peer_cut(peer);
    still_serves(run);
}

static void held_target(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_HOLD, 0));
    send_frame(peer, ORACLE_PSH, 1, "nobody reads this");
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 2, 10000);
    barrier(peer);
}

static void many_syns(struct run *run)
{
    struct peer *peer = session(run);

    for (uint32_t i = 1; i <= 5000; i++)
        add(peer, ORACLE_SYN, i, "");
    flush(peer);
    send_frame(peer, ORACLE_HEART_REQUEST, 5, "");
    if (await_try(peer, ORACLE_HEART_RESPONSE, 5, deadline(run)) == NULL && !peer_is_closed(peer))
        fail(run, "neither goes on nor closed");
    still_serves(run);
}

static void small_writes(struct run *run)
{
    struct peer *peer = session(run);
    struct oracle_buffer bytes = pattern(2000, 8);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    for (size_t i = 0; i < bytes.size; i++) {
        add_bytes(peer, ORACLE_PSH, 1, (struct oracle_bytes){bytes.at + i, 1});
        flush(peer);
    }
    await_bytes(peer, 1, oracle_buffer_bytes(&bytes));
}

static void preamble_deadline(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, 100);
    {
        struct oracle_bytes bytes = peer_take_out(peer);
        struct oracle_buffer part = {0};

        oracle_buffer_add(&part, (struct oracle_bytes){bytes.at, 50});
        add_raw(peer, oracle_buffer_bytes(&part));
        oracle_buffer_free(&part);
    }
    flush(peer);
    if (!closed_by(peer, now_ms() + 30000))
        fail(run, "half a preamble keeps a connection for 30 s");
}

static const struct test tests[] = {
    {"random-frames", "FRAME-LENGTH", "1,000 random frames", random_frames, 0, 0},
    {"random-bytes", "FRAME-LENGTH", "random bytes for frames", random_bytes, 0, 0},
    {"silent-connections", "AUTH-REFUSE", "100 connections that say nothing", silent_connections,
     100, 0},
    {"silent-tls", "AUTH-REFUSE", "20 TLS connections that say nothing", silent_tls, 0, 0},
    {"not-tls", "AUTH-REFUSE", "connections that speak no TLS", not_tls, 0, 0},
    {"sessions-40", "STREAM-PSH", "40 sessions at a time", many_sessions, 0, 0},
    {"open-and-cut", "FIN-SESSION", "30 sessions cut while they open a stream", open_and_cut, 0, 0},
    {"slow-reader", "STREAM-PSH", "8 MB for a client that reads late", slow_reader, 0, 0},
    {"deaf-client", "STREAM-PSH", "a client that never reads stops no other", deaf_client, 0, 0},
    {"held-target", "STREAM-INDEPENDENT", "a target that never reads stops no other", held_target,
     0, 0},
    {"syn-flood", "STREAM-UNKNOWN", "5,000 streams: bounded, or the session ends", many_syns, 0, 0},
    {"one-byte-a-write", "STREAM-PSH", "2,000 writes of one byte", small_writes, 0, 0},
    {"preamble-deadline", "AUTH-DEADLINE", "half a preamble, then silence", preamble_deadline, 0,
     CASE_SLOW},
};

SECTION(server_robust, "robust", tests);
