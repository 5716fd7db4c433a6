/* Reuse of sessions; what a client does when they fail. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "tls.h"

static void no_new_session(struct run *run)
{
    if (session_pending(run))
        fail(run, "the client dials a new session, though one is idle");
}

static void reuse(struct run *run)
{
    struct flow flow = flow_first(run);

    for (long i = 0; i < run->argument; i++) {
        flow_exchange(run, &flow, 300);
        flow_end(run, &flow);
        barrier(flow.peer);
        flow = flow_next(run, flow.peer);
        no_new_session(run);
    }
    flow_exchange(run, &flow, 300);
}

static void reuse_after_server_fin(struct run *run)
{
    struct flow flow = flow_first(run);

    send_frame(flow.peer, ORACLE_FIN, flow.stream, "");
    app_ended(run, flow.app);
    close(flow.app);
    barrier(flow.peer);
    flow = flow_next(run, flow.peer);
    no_new_session(run);
    flow_exchange(run, &flow, 100);
}

static void one_stream_each(struct run *run)
{
    struct flow first = flow_first(run);
    struct flow second = flow_first(run); /* dials, since the first session is busy */

    flow_exchange(run, &first, 100);
    flow_exchange(run, &second, 100);
}

/* Sessions 1, 2, 3; they go idle in the order of argument; the next streams are on 3, 2, 1. */
static void newest_first(struct run *run)
{
    static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
    struct flow flows[3];
    struct flow next;

    for (int i = 0; i < 3; i++) {
        int app = app_begin(run, "target.example", 80);

        if (i > 0 && !session_comes(run))
            skip(run,
                 "the client opens a stream on a session that is in use, so none is to choose");
        flows[i] = flow_accept(run, app);
    }
    for (int i = 0; i < 3; i++) {
        flow_end(run, &flows[orders[run->argument][i]]);
        barrier(flows[orders[run->argument][i]].peer);
    }
    for (int i = 2; i >= 0; i--) {
        int app = app_begin(run, "target.example", 80);

        if (await_try(flows[i].peer, ORACLE_SYN, ANY, deadline(run)) == NULL)
            fail(run, "the next stream is not on session %d, the newest that is idle", i + 1);
        next = (struct flow){app, flows[i].peer, 0};
        (void)next;
    }
    no_new_session(run);
}

static void dead_is_not_used(struct run *run)
{
    struct flow flow = flow_first(run);

    flow_end(run, &flow);
    barrier(flow.peer);
    if (run->argument == 0) {
        peer_close(flow.peer);
        await_closed(flow.peer);
    } else if (run->argument == 1) {
        peer_cut(flow.peer);
        usleep(100000);
    } else {
        send_frame(flow.peer, ORACLE_ALERT, 0, "the server stops");
        await_closed(flow.peer);
        usleep(1000000); /* a client may wait after an Alert before it dials again */
    }
    flow = flow_first(run);
    flow_exchange(run, &flow, 100);
}

static void cut_ends_streams(struct run *run)
{
    struct flow flow = flow_first(run);

    flow_exchange(run, &flow, 100);
    if (run->argument == 0)
        peer_close(flow.peer);
    else
        peer_cut(flow.peer);
    app_ended(run, flow.app);
}

static void no_fins_at_end(struct run *run)
{
    struct flow flow = flow_first(run);

    peer_close(flow.peer);
    await_closed(flow.peer);
    never(flow.peer, ORACLE_FIN, ANY);
}

/* A server that takes no password: the application is told, and the client does not dial on and
 * on. */
static void refused_password(struct run *run)
{
    unsigned dials = 0;
    uint64_t until = now_ms() + 2000;
    int app = app_begin(run, "target.example", 80);

    peer_close(session_accept(run));
    app_fails(run, app);
    close(app);
    while (now_ms() < until) {
        if (session_pending(run)) {
            close(accept4(run->listening, NULL, NULL, SOCK_CLOEXEC));
            dials++;
        }
        usleep(5000);
    }
    if (dials > 20)
        fail(run, "%u connections in 2 s that no application asked for", dials);
}

static void tls_fails(struct run *run)
{
    int app = app_begin(run, "target.example", 80);
    int descriptor;

    if (!wait_for(run->listening, 1 /* POLLIN */, deadline(run)))
        fail(run, "the client does not dial the server");
    descriptor = accept4(run->listening, NULL, NULL, SOCK_CLOEXEC);
    if (run->argument == 1)
        send(descriptor, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL);
    close(descriptor);
    app_fails(run, app);
}

/* A flow with a client that may wait before it dials again. */
static struct flow flow_at_last(struct run *run)
{
    struct flow flow = {-1, NULL, 0};
    uint64_t until = now_ms() + 10000;

    while (!session_pending(run)) {
        if (now_ms() > until)
            fail(run, "the client does not dial again within 10 s");
        flow.app = app_begin(run, "target.example", 80);
        wait_for(run->listening, 1 /* POLLIN */, now_ms() + 300);
    }
    flow.peer = session_accept(run);
    welcome(flow.peer);
    stream_await(run, flow.peer, &flow.stream);
    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "");
    if (app_reply(run, flow.app) != 0)
        fail(run, "SOCKS: the client refuses the request");
    return flow;
}

static void works_after_failure(struct run *run)
{
    struct flow flow;
    int app = app_begin(run, "target.example", 80);

    peer_cut(session_accept(run));
    app_fails(run, app);
    close(app);
    flow = flow_at_last(run);
    flow_exchange(run, &flow, 100);
}

static void silent_server(struct run *run)
{
    int app = app_begin(run, "target.example", 80);
    struct peer *peer = session_accept(run);

    (void)app;
    if (!closed_by(peer, now_ms() + 90000))
        fail(run, "a server that says nothing keeps a session for 90 s");
}

/* Seven idle sessions: some may be kept; those that are closed are the oldest. */
static void retire_oldest(struct run *run)
{
    struct flow flows[7];
    uint64_t until = now_ms() + 75000;
    bool any = false;

    for (int i = 0; i < 7; i++)
        flows[i] = flow_first(run);
    for (int i = 0; i < 7; i++) /* the oldest is idle first, so that it is due first, too */
        flow_end(run, &flows[i]);
    while (!any && now_ms() < until) {
        for (int i = 0; i < 7; i++)
            any = any || peer_is_closed(flows[i].peer);
        usleep(50000);
    }
    if (!any)
        fail(run, "none of seven sessions, idle for 75 s, was closed");
    usleep(500000);
    for (int i = 1; i < 7; i++)
        if (peer_is_closed(flows[i].peer) && !peer_is_closed(flows[i - 1].peer))
            fail(run, "session %d was closed, and the older session %d kept", i + 1, i);
}

static void slow_synack(struct run *run)
{
    struct flow flow = flow_first(run);
    uint64_t until;

    flow_end(run, &flow);
    flow.app = app_begin(run, "target.example", 80);
    stream_await(run, flow.peer, &flow.stream);
    for (until = now_ms() + 4500; now_ms() < until;) /* alive, only the target is slow */
        if (await_try(flow.peer, ORACLE_HEART_REQUEST, ANY, now_ms() + 100) != NULL)
            send_frame(flow.peer, ORACLE_HEART_RESPONSE, 0, "");
    if (peer_is_closed(flow.peer))
        fail(run, "the session was ended for a slow target");
    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "");
    if (app_reply(run, flow.app) != 0)
        fail(run, "SOCKS: the client refuses the request");
    flow_exchange(run, &flow, 100);
}

static void app_leaves_early(struct run *run)
{
    struct flow flow;

    for (int i = 0; i < 2; i++)
        close(app_begin(run, "target.example", 80));
    usleep(200000);
    while (session_pending(run))
        close(accept4(run->listening, NULL, NULL, SOCK_CLOEXEC));
    flow = flow_at_last(run);
    flow_exchange(run, &flow, 100);
}

static void many_at_once(struct run *run)
{
    struct flow flows[12];

    for (int i = 0; i < 12; i++)
        flows[i] = flow_first(run);
    for (int i = 11; i >= 0; i--)
        flow_exchange(run, &flows[i], 1000);
}

static void random_frames(struct run *run)
{
    struct flow flow = flow_first(run);

    for (int k = 0; k < 200; k++) {
        uint8_t command = (uint8_t)(random_number(run) % 14);
        bool carries = command == ORACLE_WASTE || command == ORACLE_PSH;
        struct oracle_buffer data =
            pattern(carries ? random_number(run) % 40 : 0, random_number(run));

        add_bytes(flow.peer, command == ORACLE_ALERT ? ORACLE_WASTE : command, 1000000,
                  oracle_buffer_bytes(&data));
        oracle_buffer_free(&data);
    }
    flush(flow.peer);
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

static void slow_application(struct run *run)
{
    struct flow flow = flow_first(run);
    struct oracle_buffer bytes = pattern(200000, 3);

    for (size_t at = 0; at < bytes.size; at += 50000)
        add_bytes(flow.peer, ORACLE_PSH, flow.stream, (struct oracle_bytes){bytes.at + at, 50000});
    flush(flow.peer);
    usleep(300000);
    app_await(run, flow.app, oracle_buffer_bytes(&bytes));
}

static const struct test tests[] = {
    {"reuse", "POOL-REUSE", "the next stream is on the same session", reuse, 1, 0},
    {"reuse-20", "POOL-REUSE", "20 exchanges on one session", reuse, 20, 0},
    {"reuse-after-server-fin", "POOL-REUSE", "also where the server ended the stream",
     reuse_after_server_fin, 0, 0},
    {"one-stream-each", "POOL-ONE-STREAM", "two streams at a time are two sessions",
     one_stream_each, 0, 0},
    {"newest-of-idle-in-order", "POOL-TAKE-NEWEST", "idle in the order 1, 2, 3: next on 3",
     newest_first, 0, 0},
    {"newest-of-idle-backwards", "POOL-TAKE-NEWEST", "idle in the order 3, 2, 1: next on 3",
     newest_first, 1, 0},
    {"newest-of-idle-mixed", "POOL-TAKE-NEWEST", "idle in the order 2, 3, 1: next on 3",
     newest_first, 2, 0},
    {"closed-idle", "POOL-DEAD", "a session closed while idle is not used", dead_is_not_used, 0, 0},
    {"reset-idle", "POOL-DEAD", "nor one that was reset", dead_is_not_used, 1, 0},
    {"alerted-idle", "POOL-DEAD", "nor one that got an Alert", dead_is_not_used, 2, 0},
    {"close-ends-streams", "FIN-SESSION", "the end of a session ends its stream", cut_ends_streams,
     0, 0},
    {"reset-ends-streams", "FIN-SESSION", "a reset does, too", cut_ends_streams, 1, 0},
    {"no-fins-at-end", "FIN-SESSION", "a session ends without FINs", no_fins_at_end, 0, 0},
    {"refused-password", "AUTH-PREAMBLE", "closed at once: an error, and few dials",
     refused_password, 0, 0},
    {"tls-closed", "AUTH-PREAMBLE", "closed before TLS: an error", tls_fails, 0, 0},
    {"not-tls", "AUTH-PREAMBLE", "an answer that is no TLS: an error", tls_fails, 1, 0},
    {"works-after-failure", "POOL-DEAD", "a failure is not for ever", works_after_failure, 0, 0},
    {"application-leaves", "POOL-DEAD", "applications that do not wait", app_leaves_early, 0, 0},
    {"many-at-once", "POOL-ONE-STREAM", "12 applications at a time", many_at_once, 0, 0},
    {"random-frames", "FRAME-LENGTH", "200 random frames of no stream", random_frames, 0, 0},
    {"slow-application", "STREAM-PSH", "an application that reads late", slow_application, 0, 0},
    {"slow-target", "SYNACK-DEADLINE", "SYNACK after 4.5 s, the session alive", slow_synack, 0,
     CASE_SLOW},
    {"silent-server", "SYNACK-SILENT-SERVER", "a server that says nothing", silent_server, 0,
     CASE_SLOW},
    {"retire-oldest", "POOL-RETIRE-OLDEST", "idle sessions are closed, the oldest first",
     retire_oldest, 0, CASE_SLOW},
};

SECTION(client_pool, "pool", tests);
