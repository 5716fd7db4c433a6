/* Memory stays bounded, whoever stops reading. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chain.h"
#include "peer.h"
#include "runner.h"
#include "target.h"

#define MIB ((size_t)1024 * 1024)
#define BOUND (8 * MIB) /* of private memory above that of an idle process */
#define QUIET 700u      /* ms without progress: everything is full */

struct watched {
    struct program *program;
    size_t idle;
};

static struct watched watch(struct program *program)
{
    struct watched watched = {program, process_memory(program_pid(program))};

    return watched;
}

/* A sanitizer keeps freed memory, so that the bound means nothing then. */
static void must_stay_bounded(const struct watched *watched, const char *when)
{
    size_t now = process_memory(program_pid(watched->program));

    if (is_sanitized())
        return;
    expect(now < watched->idle + BOUND, "%s: %zu KiB, and %zu KiB when idle", when, now / 1024,
           watched->idle / 1024);
}

/* Works a little, so that the buffers of the loops exist. */
static void warm_up(uint16_t socks)
{
    struct target *echo = target_start(serve_echo);
    int descriptor = socks_connect(socks, echo->port);

    must_echo(descriptor, 1, 4 * MIB);
    close(descriptor);
}

static void an_application_that_stops_reading_holds_a_bound_and_then_gets_every_byte(void)
{
    struct chain chain = chain_start();
    struct target *source = target_start(serve_source);
    struct watched server;
    struct watched client;
    uint64_t stuck;
    int descriptor;

    warm_up(chain.socks);
    server = watch(chain.server);
    client = watch(chain.client);
    source->size = 200 * MIB;
    descriptor = socks_connect(chain.socks, source->port);
    stuck = counter_settles(&source->sent, QUIET);
    expect(stuck < source->size, "the whole file went somewhere, without a reader");
    must_stay_bounded(&server, "server, reader stopped");
    must_stay_bounded(&client, "client, reader stopped");
    expect(pattern_read(descriptor, source->seed, 0, source->size), "bytes are wrong or missing");
    must_stay_bounded(&server, "server, at the end");
    must_stay_bounded(&client, "client, at the end");
}

static void a_target_that_stops_reading_holds_a_bound_and_then_gets_every_byte(void)
{
    struct chain chain = chain_start();
    struct target *stalled = target_start(serve_stalled);
    struct watched server;
    struct watched client;
    size_t written;
    int descriptor;

    warm_up(chain.socks);
    server = watch(chain.server);
    client = watch(chain.client);
    descriptor = socks_connect(chain.socks, stalled->port);
    written = net_write_until_full(descriptor, stalled->seed, 200 * MIB, QUIET);
    expect(written < 200 * MIB, "everything was taken, without a reader");
    must_stay_bounded(&server, "server, target stopped");
    must_stay_bounded(&client, "client, target stopped");
    counter_add(&stalled->go, 1);
    expect(pattern_write(descriptor, stalled->seed, written, 200 * MIB - written), "broken off");
    expect(counter_reaches(&stalled->received, 200 * MIB, NET_DEADLINE), "%llu bytes arrived",
           (unsigned long long)counter_get(&stalled->received));
    net_finish(descriptor);
    expect(counter_reaches(&stalled->ended, 1, 10000), "no end");
    expect(counter_get(&stalled->wrong) == 0, "bytes are wrong");
    must_stay_bounded(&server, "server, at the end");
    must_stay_bounded(&client, "client, at the end");
}

/* There is no flow control in the protocol: a stream that its target does not read stops the whole
 * session, and other sessions of the server go on. (PROXY-BACKPRESSURE) */
static void an_unread_stream_stops_its_session_alone_within_a_bound_and_loses_nothing(void)
{
    struct program *server = server_start(NULL);
    uint16_t port = program_port(server);
    struct peer *peer = peer_connect(port);
    struct peer *other = peer_connect(port);
    struct target *stalled = target_start(serve_stalled);
    struct target *echo = target_start(serve_echo);
    struct watched watched;
    uint8_t data[16384];
    size_t sent = 0;
    struct frame *frame = malloc(sizeof *frame);
    int full = 0;

    peer_greet(peer, PASSWORD);
    peer_must_open(peer, 1, stalled->port);
    peer_must_open(peer, 2, echo->port);
    peer_greet(other, PASSWORD);
    peer_must_open(other, 1, echo->port);
    watched = watch(server);
    while (!full && sent < 100 * MIB) {
        pattern_fill(stalled->seed, sent, data, sizeof data);
        full = !peer_try_send(peer, PSH, 1, data, sizeof data, QUIET);
        sent += sizeof data;
    }
    expect(full, "a target that reads nothing took %zu bytes", sent);
    must_stay_bounded(&watched, "stalled");
    peer_send(other, PSH, 1, "alive", 5);
    peer_find(other, frame, PSH);
    counter_add(&stalled->go, 1);
    peer_finish_send(peer);
    peer_send(peer, PSH, 2, "and now", 7);
    do
        peer_find(peer, frame, PSH);
    while (frame->stream != 2);
    expect(frame->size == 7, "the echo has %u bytes", frame->size);
    expect(counter_reaches(&stalled->received, sent, NET_DEADLINE), "%llu of %zu bytes arrived",
           (unsigned long long)counter_get(&stalled->received), sent);
    peer_send(peer, FIN, 1, NULL, 0);
    expect(counter_reaches(&stalled->ended, 1, 5000) && counter_get(&stalled->wrong) == 0,
           "bytes are wrong");
    free(frame);
}

/* A client that never reads what its streams bring. */
static void a_client_that_stops_reading_holds_a_bound_at_the_server(void)
{
    struct program *server = server_start(NULL);
    struct peer *peer = peer_connect(program_port(server));
    struct target *source = target_start(serve_source);
    struct watched watched = watch(server);

    source->size = 100 * MIB;
    peer_greet(peer, PASSWORD);
    for (uint32_t stream = 1; stream <= 20; stream++)
        peer_open(peer, stream, source->port);
    expect(counter_reaches(&source->accepted, 20, 5000), "the streams did not open");
    counter_settles(&source->sent, QUIET);
    must_stay_bounded(&watched, "20 streams, nobody reads");
}

/* A dial that hangs, while its client sends on: what waits for the target is bounded, too. */
static void data_for_a_dial_that_hangs_holds_a_bound(void)
{
    struct program *server = server_start(NULL);
    struct peer *peer = peer_connect(program_port(server));
    struct watched watched = watch(server);
    uint8_t data[16384] = {0};
    size_t sent = 0;

    peer_greet(peer, PASSWORD);
    peer_open(peer, 1, hanging_port());
    while (sent < 100 * MIB && peer_try_send(peer, PSH, 1, data, sizeof data, QUIET))
        sent += sizeof data;
    expect(sent < 100 * MIB, "everything was taken, without a target");
    must_stay_bounded(&watched, "dial that hangs");
}

/* What 1,000 sessions without a stream cost, each: private memory of the server. (LIMIT-MEMORY) */
static void a_thousand_idle_sessions_cost_the_server_at_most_24_kib_each(void)
{
    struct program *server = server_start(NULL);
    uint16_t port = program_port(server);
    struct target *echo = target_start(serve_echo);
    static struct peer *peers[1100];
    struct frame *frame = malloc(sizeof *frame);
    struct watched watched;
    size_t each;

    for (size_t i = 0; i < 1100; i++) {
        if (i == 100) /* the first ones fill the buffers that all share */
            watched = watch(server);
        peers[i] = peer_connect(port);
        peer_greet(peers[i], PASSWORD);
        peer_must_open(peers[i], 1, echo->port);
        peer_send(peers[i], PSH, 1, "work", 4);
        peer_find(peers[i], frame, PSH);
        peer_send(peers[i], FIN, 1, NULL, 0);
    }
    expect(counter_reaches(&echo->ended, 1100, 10000), "the streams did not end");
    free(frame);
    each = (process_memory(program_pid(server)) - watched.idle) / 1000;
    printf("    %zu bytes each\n", each);
    if (!is_sanitized())
        expect(each <= 24 * 1024, "%zu bytes each", each);
}

const struct test tests_memory[] = {
    TEST(an_application_that_stops_reading_holds_a_bound_and_then_gets_every_byte),
    TEST(a_target_that_stops_reading_holds_a_bound_and_then_gets_every_byte),
    TEST(an_unread_stream_stops_its_session_alone_within_a_bound_and_loses_nothing),
    TEST(a_client_that_stops_reading_holds_a_bound_at_the_server),
    TEST(data_for_a_dial_that_hangs_holds_a_bound),
    TEST(a_thousand_idle_sessions_cost_the_server_at_most_24_kib_each),
    TESTS_END,
};
