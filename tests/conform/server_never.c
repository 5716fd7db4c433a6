/* What a server must never send, provoked. */
#include <string.h>

#include "target.h"

static void opens_no_stream(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_SPEAKER, 0));
    await_bytes(peer, 1, oracle_string("hello"));
    echo(run, peer, 1, 50);
    barrier(peer);
    never(peer, ORACLE_SYN, ANY);
    never(peer, ORACLE_SETTINGS, ANY);
}

static void refused_without_fin(struct run *run)
{
    struct peer *peer = session(run);

    need_version_two(run);
    add_open(peer, 1, destination(run, port_refused(run)));
    flush(peer);
    if (await(peer, ORACLE_SYNACK, 1)->data.size == 0)
        fail(run, "SYNACK without an error for a refused connection");
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 2, 50);
    barrier(peer);
    never(peer, ORACLE_FIN, ANY);
}

/* The target's end crosses bytes of ours; what comes for the stream ends with FIN. */
static void nothing_after_fin(struct run *run)
{
    struct peer *peer = session(run);
    const struct seen *frames;
    bool ended = false;
    size_t count;

    open_stream(run, peer, 1, target_start(run, TARGET_SOURCE, 100000));
    send_frame(peer, ORACLE_PSH, 1, "bytes that cross the end");
    await(peer, ORACLE_FIN, 1);
    add(peer, ORACLE_PSH, 1, "bytes behind the end");
    add(peer, ORACLE_FIN, 1, "");
    flush(peer);
    barrier(peer);
    count = seen_all(peer, &frames);
    for (size_t i = 0; i < count; i++) {
        if (frames[i].stream == 1 && ended)
            fail(run, "%s behind FIN", oracle_command_name(frames[i].command));
        ended = ended || (frames[i].command == ORACLE_FIN && frames[i].stream == 1);
    }
}

static void no_heart_in_version_one(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    add_preamble(peer, run->options->password, 30);
    add_settings(peer, "v=1\nclient=conform");
    add_open(peer, 1, destination(run, target->port));
    flush(peer);
    for (int i = 0; i < 3; i++) {
        echo(run, peer, 1, 100);
        barrier(peer);
    }
    if (run->argument > 0) /* in silence a side would ask, where it may */
        await_try(peer, ORACLE_HEART_REQUEST, ANY, now_ms() + (uint64_t)run->argument);
    never(peer, ORACLE_HEART_REQUEST, ANY);
}

/* Streams that fail and frames that mean nothing are no reason to refuse a client. */
static void no_alert_without_cause(struct run *run)
{
    struct peer *peer = session(run);

    add_open(peer, 1, destination(run, port_refused(run)));
    flush(peer);
    await(peer, run->options->protocol > 1 ? ORACLE_SYNACK : ORACLE_FIN, 1);
    add(peer, ORACLE_FIN, 1, "");
    add(peer, ORACLE_WASTE, 0, "waste");
    add(peer, ORACLE_FIN, 77, "");
    flush(peer);
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 2, 50);
    barrier(peer);
    never(peer, ORACLE_ALERT, ANY);
}

/* A datagram whose address has the type of SOCKS, which is none of 0, 1, 2: not sent anywhere. */
static void socks_type_in_datagram(struct run *run)
{
    struct target *target = target_udp(run);
    struct peer *peer = session(run);
    struct oracle_address address = {.kind = ORACLE_NAME, .port = target->port};
    struct oracle_buffer request = destination(run, target->port);
    struct oracle_buffer bytes = {0};

    address.size = (uint8_t)strlen(run->options->targets);
    memcpy(address.host, run->options->targets, address.size);
    oracle_buffer_byte(&bytes, 0);
    oracle_buffer_add(&bytes, oracle_buffer_bytes(&request));
    open_stream(run, peer, 2, target_start(run, TARGET_ECHO, 0));
    add_open(peer, 1, destination_name(ORACLE_UOT_NAME, 0));
    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&bytes));
    bytes.size = 0;
    oracle_packet_write(&bytes, false, &address, oracle_string("datagram"));
    bytes.at[0] = 3; /* a name, in SOCKS */
    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&bytes));
    flush(peer);
    barrier(peer);
    echo(run, peer, 2, 50);
    barrier(peer);
    no_more_connections(run, target, 0, "a datagram with address type 3 was sent");
}

static const struct test tests[] = {
    {"opens-no-stream", "STREAM-CLIENT-OPENS", "a server sends no SYN", opens_no_stream, 0, 0},
    {"fin-behind-error-synack", "SYNACK-ERROR", "no FIN for a stream that was refused",
     refused_without_fin, 0, CASE_MAY},
    {"nothing-behind-fin", "FIN-SEND", "nothing on a stream behind its FIN", nothing_after_fin, 0,
     0},
    {"heart-in-version-1", "HEART-VERSION", "no HeartRequest in version 1, in traffic",
     no_heart_in_version_one, 0, 0},
    {"heart-in-version-1-idle", "HEART-VERSION", "nor in 20 s of silence", no_heart_in_version_one,
     20000, CASE_SLOW},
    {"alert-without-cause", "ALERT-SEND", "no Alert where nothing is refused",
     no_alert_without_cause, 0, 0},
    {"socks-type-in-datagram", "UDP-PACKET-ADDRESS", "address type 3 is none of a datagram",
     socks_type_in_datagram, 0, 0},
};

SECTION(server_never, "never", tests);
