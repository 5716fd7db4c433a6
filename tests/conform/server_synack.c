/* How the opening of a stream is answered; streams that fail beside others. */
#include <string.h>

#include "target.h"

static void synack_once(struct run *run)
{
    struct peer *peer = session(run);

    need_version_two(run);
    open_stream(run, peer, 1, target_start(run, TARGET_SPEAKER, 0));
    await_bytes(peer, 1, oracle_string("hello"));
    echo(run, peer, 1, 50);
    barrier(peer);
    if (seen_count(peer, ORACLE_SYNACK, 1) != 1 || seen_count(peer, ORACLE_SYNACK, ANY) != 1)
        fail(run, "more than one SYNACK");
}

static void synack_before_data(struct run *run)
{
    struct peer *peer = session(run);
    const struct seen *frames;
    size_t count;
    bool accepted = false;

    need_version_two(run);
    open_stream(run, peer, 1, target_start(run, TARGET_SPEAKER, 0));
    await_bytes(peer, 1, oracle_string("hello"));
    count = seen_all(peer, &frames);
    for (size_t i = 0; i < count; i++) {
        accepted = accepted || frames[i].command == ORACLE_SYNACK;
        if (frames[i].command == ORACLE_PSH && !accepted)
            fail(run, "data came before SYNACK");
    }
}

/* SYNACK is not to come before the connection: a port that answers no SYN gives none, while the
 * session answers. */
static void synack_waits(struct run *run)
{
    struct peer *peer = session(run);

    need_version_two(run);
    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    add_open(peer, 2, destination(run, port_stalled(run)));
    flush(peer);
    for (int i = 0; i < 5; i++) {
        barrier(peer);
        echo(run, peer, 1, 1000);
    }
    if (seen_count(peer, ORACLE_SYNACK, 2) > 0)
        fail(run, "SYNACK for a destination that is not connected");
}

static void refused(struct run *run)
{
    struct peer *peer = session(run);

    need_version_two(run);
    add_open(peer, 1, destination(run, port_refused(run)));
    flush(peer);
    if (await(peer, ORACLE_SYNACK, 1)->data.size == 0)
        fail(run, "SYNACK without an error for a refused connection");
    add(peer, ORACLE_PSH, 1, "late bytes of a refused stream");
    add(peer, ORACLE_FIN, 1, "");
    flush(peer);
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 2, 50);
    if (seen_count(peer, ORACLE_SYNACK, 1) != 1)
        fail(run, "more than one SYNACK for a stream");
}

static void name_unknown(struct run *run)
{
    struct peer *peer = session(run);
    const struct seen *answer;

    need_version_two(run);
    add_open(peer, 1, destination_name("no-such-host.invalid", 80));
    flush(peer);
    answer = await_try(peer, ORACLE_SYNACK, 1, now_ms() + 20000);
    if (answer == NULL)
        fail(run, "no SYNACK for a name that does not exist");
    if (answer->data.size == 0)
        fail(run, "SYNACK without an error for a name that does not exist");
    barrier(peer);
}

static void refused_in_version_one(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, 30);
    add_settings(peer, "v=1\nclient=conform");
    add_open(peer, 1, destination(run, port_refused(run)));
    flush(peer);
    await(peer, ORACLE_FIN, 1);
    never(peer, ORACLE_SYNACK, ANY);
}

static void siblings_of_a_stalled(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);
    uint16_t stalled = port_stalled(run);

    for (uint32_t i = 1; i <= 13; i++) {
        add_open(peer, i, destination(run, i == 7 ? stalled : target->port));
        flush(peer);
    }
    for (uint32_t i = 1; i <= 13; i++)
        if (i != 7)
            echo(run, peer, i, 100);
}

static void siblings_of_a_reset(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    open_stream(run, peer, 2, target_start(run, TARGET_RESET, 0));
    send_frame(peer, ORACLE_PSH, 2, "x");
    await(peer, ORACLE_FIN, 2);
    echo(run, peer, 1, 100);
}

static void stalled_gets_an_answer(struct run *run)
{
    struct peer *peer = session(run);
    const struct seen *answer;

    need_version_two(run);
    add_open(peer, 1, destination(run, port_stalled(run)));
    flush(peer);
    answer = await_try(peer, ORACLE_SYNACK, 1, now_ms() + 35000);
    if (answer == NULL || answer->data.size == 0)
        fail(run, "a destination that does not answer is not given up within 35 s");
    barrier(peer);
}

static const struct test tests[] = {
    {"synack-once", "SYNACK-ONCE", "one SYNACK a stream", synack_once, 0, 0},
    {"synack-before-data", "SYNACK-BEFORE-DATA", "SYNACK comes before the target's first words",
     synack_before_data, 0, 0},
    {"synack-waits", "SYNACK-SUCCESS", "no SYNACK before the destination is connected",
     synack_waits, 0, 0},
    {"refused", "SYNACK-ERROR", "a refused connection is an error SYNACK", refused, 0, 0},
    {"name-unknown", "SYNACK-ERROR", "a name that does not exist is one", name_unknown, 0, 0},
    {"refused-version-1", "SYNACK-VERSION", "in version 1 it is a FIN alone",
     refused_in_version_one, 0, 0},
    {"siblings-of-stalled", "STREAM-INDEPENDENT", "one slow target of 13 streams",
     siblings_of_a_stalled, 0, 0},
    {"siblings-of-reset", "STREAM-INDEPENDENT", "a target that resets", siblings_of_a_reset, 0, 0},
    {"stalled", "SYNACK-ERROR", "a target that never answers is given up", stalled_gets_an_answer,
     0, CASE_SLOW},
};

SECTION(server_synack, "synack", tests);
