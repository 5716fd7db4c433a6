/* Idle sessions: which are closed, which are kept; sessions that go mute. */
#include <string.h>
#include <unistd.h>

#include "client.h"

#define SESSIONS 7

/* Seven sessions, idle in the order of their numbers or against it. */
static void make_idle(struct run *run, struct flow *flows, bool backwards)
{
    for (int i = 0; i < SESSIONS; i++)
        flows[i] = flow_first(run);
    for (int i = 0; i < SESSIONS; i++)
        flow_end(run, &flows[backwards ? SESSIONS - 1 - i : i]);
}

/* Waits for the first to be closed, and for those that are closed with it. */
static void await_retired(struct run *run, struct flow *flows)
{
    uint64_t until = now_ms() + 75000;
    bool any = false;

    while (!any) {
        if (now_ms() > until)
            fail(run, "none of %d sessions, idle for 75 s, was closed", SESSIONS);
        for (int i = 0; i < SESSIONS; i++)
            any = any || peer_is_closed(flows[i].peer);
        usleep(20000);
    }
    usleep(500000);
}

/* The newer an idle session is, the shorter it has been idle; still the oldest goes first. A check
 * may fall between the ends of two streams, and see the timeout passed for one alone: so twice. */
static void oldest_by_number(struct run *run)
{
    for (int round = 0;; round++) {
        struct flow flows[SESSIONS];
        int wrong = 0;

        make_idle(run, flows, true);
        await_retired(run, flows);
        for (int i = 1; i < SESSIONS; i++)
            if (peer_is_closed(flows[i].peer) && !peer_is_closed(flows[i - 1].peer))
                wrong = i;
        if (wrong == 0)
            return;
        if (round == 1)
            fail(run, "session %d was closed, and the older session %d kept", wrong + 1, wrong);
        for (int i = 0; i < SESSIONS; i++)
            peer_cut(flows[i].peer);
        usleep(500000);
    }
}

/* As many as the client was told to keep are alive after the others were closed. */
static void kept(struct run *run)
{
    struct flow flows[SESSIONS];
    unsigned alive = 0;
    unsigned wanted = run->options->min_idle;

    if (wanted >= SESSIONS)
        skip(run, "--min-idle %u: the case has %d sessions", wanted, SESSIONS);
    make_idle(run, flows, false);
    await_retired(run, flows);
    for (int i = 0; i < SESSIONS; i++) {
        if (peer_is_closed(flows[i].peer))
            continue;
        barrier(flows[i].peer);
        alive++;
    }
    if (alive != wanted)
        fail(run, "%u of %d idle sessions were kept; the client was to keep %u (see --min-idle)",
             alive, SESSIONS, wanted);
}

/* A session with a stream is not idle, however long nothing is said on it. */
static void busy_is_not_retired(struct run *run)
{
    struct flow busy = flow_first(run);
    struct flow flows[SESSIONS];

    flow_exchange(run, &busy, 100);
    make_idle(run, flows, false);
    await_retired(run, flows);
    flow_exchange(run, &busy, 100);
}

/* ---- Mute sessions ---- */

/* The path of an idle session is cut in silence: what is asked next fails, or moves, in bounded
 * time. */
static void mute_while_idle(struct run *run)
{
    struct flow flow = flow_first(run);
    uint64_t until = now_ms() + 45000;
    int app;

    flow_end(run, &flow);
    barrier(flow.peer);
    app = app_begin(run, "target.example", 80);
    while (!session_pending(run) && !peer_is_closed(flow.peer)) {
        if (now_ms() > until)
            fail(run, "a mute session holds a request for 45 s");
        usleep(50000);
    }
    close(app);
}

/* Of five streams one is never answered: the others live. */
static void one_unanswered(struct run *run)
{
    struct flow flows[5];

    for (int i = 0; i < 5; i++) {
        int app = app_begin(run, "target.example", 80);

        flows[i] = (struct flow){app, session_accept(run), 0};
        welcome(flows[i].peer);
        stream_await(run, flows[i].peer, &flows[i].stream);
    }
    for (int i = 0; i < 5; i++)
        if (i != 2)
            send_frame(flows[i].peer, ORACLE_SYNACK, flows[i].stream, "");
    for (int i = 0; i < 5; i++) {
        if (i == 2)
            continue;
        if (app_reply(run, flows[i].app) != 0)
            fail(run, "SOCKS: the client refuses the request");
        flow_exchange(run, &flows[i], 1000);
    }
}

/* SYNACK of the first stream only after so many ms, the server alive. */
static void late_first_synack(struct run *run)
{
    int app = app_begin(run, "target.example", 80);
    struct flow flow = {app, session_accept(run), 0};
    uint64_t until;

    welcome(flow.peer);
    stream_await(run, flow.peer, &flow.stream);
    for (until = now_ms() + (uint64_t)run->argument; now_ms() < until;)
        if (await_try(flow.peer, ORACLE_HEART_REQUEST, ANY, now_ms() + 50) != NULL)
            send_frame(flow.peer, ORACLE_HEART_RESPONSE, 0, "");
    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "");
    if (app_reply(run, app) != 0)
        fail(run, "SOCKS: the client refuses the request");
    flow_exchange(run, &flow, 100);
}

static const struct test tests[] = {
    {"oldest-by-number", "POOL-RETIRE-OLDEST", "the oldest is closed, though idle the last",
     oldest_by_number, 0, CASE_SLOW},
    {"kept", "POOL-KEEP", "as many as wanted are kept, and live", kept, 0, CASE_SLOW},
    {"busy-retired", "POOL-RETIRE-OLDEST", "a session with a stream is not closed",
     busy_is_not_retired, 0, CASE_SLOW},
    {"mute-while-idle", "SYNACK-DEADLINE", "a session cut in silence holds no request for ever",
     mute_while_idle, 0, CASE_SLOW},
    {"one-unanswered-of-five", "POOL-ONE-STREAM", "one SYN without answer harms no other",
     one_unanswered, 0, 0},
    {"first-synack-after-2-s", "SYNACK-DEADLINE", "a slow target for the first stream",
     late_first_synack, 2000, CASE_SLOW},
    {"first-synack-after-4-s", "SYNACK-DEADLINE", "a slower one", late_first_synack, 4000,
     CASE_SLOW},
};

SECTION(client_idle, "idle", tests);
