/* Streams: ids, destinations, data, how opening is answered. */
#include <string.h>

#include "target.h"
#include "tls.h"

static void opens(struct run *run, struct oracle_buffer where)
{
    struct peer *peer = session(run);

    add_open(peer, 1, where);
    flush(peer);
    if (run->options->protocol > 1 && await(peer, ORACLE_SYNACK, 1)->data.size > 0)
        fail(run, "SYNACK with an error");
    echo(run, peer, 1, 100);
}

static void to_ipv4(struct run *run)
{
    opens(run, destination(run, target_start(run, TARGET_ECHO, 0)->port));
}

static void to_name(struct run *run)
{
    opens(run, destination_name(run->options->targets, target_start(run, TARGET_ECHO, 0)->port));
}

static void to_localhost(struct run *run)
{
    if (strcmp(run->options->targets, "127.0.0.1") != 0)
        skip(run, "the targets are not on the server's own host");
    opens(run, destination_name("localhost", target_start(run, TARGET_ECHO, 0)->port));
}

static void to_ipv6(struct run *run)
{
    uint8_t host[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
    struct target *target = target_start(run, TARGET_ECHO, 0);
    struct peer *peer = session(run);
    const struct seen *answer;

    need_version_two(run);
    if (strcmp(run->options->targets, "127.0.0.1") != 0)
        skip(run, "the targets are not on the server's own host");
    add_open(peer, 1, destination_ipv6(host, target->port)); /* mapped: reached without IPv6 */
    flush(peer);
    answer = await(peer, ORACLE_SYNACK, 1);
    if (answer->data.size > 0)
        skip(run, "the server does not dial mapped addresses");
    echo(run, peer, 1, 100);
}

static void destination_in_pieces(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);
    struct oracle_buffer where = run->argument == 0
                                     ? destination(run, target->port)
                                     : destination_name(run->options->targets, target->port);

    add(peer, ORACLE_SYN, 1, "");
    for (size_t i = 0; i < where.size; i++)
        add_bytes(peer, ORACLE_PSH, 1, (struct oracle_bytes){where.at + i, 1});
    flush(peer);
    echo(run, peer, 1, 100);
}

static void data_behind_destination(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);
    struct oracle_buffer where = destination(run, target->port);

    oracle_buffer_add(&where, oracle_string("in the same frame"));
    add(peer, ORACLE_SYN, 1, "");
    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&where));
    add(peer, ORACLE_PSH, 1, ", and behind it");
    flush(peer);
    await_bytes(peer, 1, oracle_string("in the same frame, and behind it"));
}

/* An address that cannot be: the stream ends, the session and its other stream go on. But for its
 * type, it is the name of a target that can be reached. */
static void bad_destination(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);
    struct oracle_buffer where = destination_name(run->options->targets, target->port);

    where.at[0] = (uint8_t)run->argument;
    if (run->argument == 3)
        where.at[1] = 0;
    open_stream(run, peer, 1, target);
    add_open(peer, 2, where);
    flush(peer);
    if (run->options->protocol > 1) {
        const struct seen *answer = await_try(peer, ORACLE_SYNACK, 2, now_ms() + 500);

        if (answer == NULL)
            await(peer, ORACLE_FIN, 2);
        else if (answer->data.size == 0)
            fail(run, "a stream with such a destination was accepted");
    }
    echo(run, peer, 1, 50);
}

static void id(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, (uint32_t)run->argument, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, (uint32_t)run->argument, 50);
}

static void id_descending(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    open_stream(run, peer, 10, target);
    open_stream(run, peer, 5, target);
    echo(run, peer, 5, 50);
    echo(run, peer, 10, 50);
}

static void id_used_again(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    open_stream(run, peer, 1, target);
    send_frame(peer, ORACLE_FIN, 1, "");
    await_ended(run, target, 1);
    open_stream(run, peer, 1, target);
    echo(run, peer, 1, 50);
}

static void second_syn(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    open_stream(run, peer, 1, target);
    send_frame(peer, ORACLE_SYN, 1, "");
    echo(run, peer, 1, 50);
    barrier(peer);
    if (seen_count(peer, ORACLE_SYNACK, 1) > 1)
        fail(run, "a second SYN got a second SYNACK");
}

static void psh_of_no_stream(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    add(peer, ORACLE_PSH, 2, "never opened");
    add(peer, ORACLE_PSH, 0, "no stream");
    add(peer, ORACLE_PSH, UINT32_MAX, "nor this");
    flush(peer);
    echo(run, peer, 1, 50);
    if (seen_count(peer, ORACLE_PSH, 1) != seen_count(peer, ORACLE_PSH, ANY))
        fail(run, "PSH of a stream that was never opened");
}

static void empty_psh(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    send_frame(peer, ORACLE_PSH, 1, "");
    echo(run, peer, 1, 50);
    send_frame(peer, ORACLE_PSH, 1, "");
    echo(run, peer, 1, 50);
}

static void many_streams(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);
    uint32_t count = (uint32_t)run->argument;

    for (uint32_t i = 1; i <= count; i++)
        open_stream(run, peer, i, target);
    for (uint32_t i = count; i >= 1; i--)
        echo(run, peer, i, 20 + i);
}

static void one_after_the_other(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    for (uint32_t i = 1; i <= 20; i++) {
        open_stream(run, peer, i, target);
        echo(run, peer, i, 200);
        send_frame(peer, ORACLE_FIN, i, "");
        await_ended(run, target, i);
    }
    barrier(peer);
}

static void interleaved(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);
    struct oracle_buffer bytes[3];

    for (uint32_t i = 0; i < 3; i++) {
        bytes[i] = pattern(3000, i + 1);
        open_stream(run, peer, i + 1, target);
    }
    for (size_t at = 0; at < 3000; at += 100)
        for (uint32_t i = 0; i < 3; i++)
            add_bytes(peer, ORACLE_PSH, i + 1, (struct oracle_bytes){bytes[i].at + at, 100});
    flush(peer);
    for (uint32_t i = 0; i < 3; i++)
        await_bytes(peer, i + 1, oracle_buffer_bytes(&bytes[i]));
}

static void upload(struct run *run)
{
    struct peer *peer = session(run);
    struct target *target = target_start(run, TARGET_SINK, 0);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 21);

    open_stream(run, peer, 1, target);
    for (size_t at = 0; at < bytes.size; at += 65535)
        add_bytes(peer, ORACLE_PSH, 1,
                  (struct oracle_bytes){bytes.at + at,
                                        bytes.size - at < 65535 ? bytes.size - at : 65535});
    flush(peer);
    await_target_bytes(run, target, bytes.size);
    if (atomic_load(&target->sum) != sum_of(oracle_buffer_bytes(&bytes)))
        fail(run, "the target got other bytes than were sent");
}

static void download(struct run *run)
{
    struct peer *peer = session(run);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 1);

    open_stream(run, peer, 1, target_start(run, TARGET_SOURCE, bytes.size));
    await_bytes(peer, 1, oracle_buffer_bytes(&bytes));
    await(peer, ORACLE_FIN, 1);
    barrier(peer);
}

static void both_ways(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 1, 2000000);
}

static const struct test tests[] = {
    {"ipv4", "STREAM-DESTINATION", "a destination of type 1", to_ipv4, 0, 0},
    {"name-of-digits", "STREAM-DESTINATION", "type 3, an address as text", to_name, 0, 0},
    {"name", "STREAM-DESTINATION", "type 3, a name", to_localhost, 0, 0},
    {"ipv6", "STREAM-DESTINATION", "a destination of type 4", to_ipv6, 0, 0},
    {"ipv4-in-pieces", "STREAM-DESTINATION", "a PSH for each byte of the destination",
     destination_in_pieces, 0, 0},
    {"name-in-pieces", "STREAM-DESTINATION", "the same for a name", destination_in_pieces, 1, 0},
    {"data-behind-destination", "STREAM-DESTINATION", "data in the frame of the destination",
     data_behind_destination, 0, 0},
    {"bad-type-0", "STREAM-DESTINATION-BAD", "address type 0 ends its stream alone",
     bad_destination, 0, 0},
    {"bad-type-2", "STREAM-DESTINATION-BAD", "address type 2 (BIND) ends its stream alone",
     bad_destination, 2, 0},
    {"bad-type-5", "STREAM-DESTINATION-BAD", "address type 5 ends its stream alone",
     bad_destination, 5, 0},
    {"bad-type-255", "STREAM-DESTINATION-BAD", "address type 255 ends its stream alone",
     bad_destination, 255, 0},
    {"empty-name", "STREAM-DESTINATION-BAD", "a name of no bytes ends its stream alone",
     bad_destination, 3, 0},
    {"id-1", "STREAM-PSH", "the first id", id, 1, 0},
    {"id-2", "STREAM-PSH", "a session may begin with another id", id, 2, 0},
    {"id-0", "STREAM-IDS-ORDER", "id zero", id, 0, 0},
    {"id-highest", "STREAM-IDS-ORDER", "the highest id", id, (long)UINT32_MAX - 1, 0},
    {"id-descending", "STREAM-IDS-ORDER", "an id below one before it", id_descending, 0, 0},
    {"id-used-again", "STREAM-IDS-ORDER", "an id whose stream has ended", id_used_again, 0, 0},
    {"second-syn", "STREAM-SYN-SECOND", "SYN for a stream that is open", second_syn, 0, 0},
    {"psh-of-no-stream", "STREAM-UNKNOWN", "PSH without SYN", psh_of_no_stream, 0, 0},
    {"empty-psh", "STREAM-PSH-EMPTY", "PSH without data", empty_psh, 0, 0},
    {"streams-2", "STREAM-PSH", "two streams at a time", many_streams, 2, 0},
    {"streams-100", "STREAM-PSH", "100 streams at a time", many_streams, 100, 0},
    {"reused-20", "STREAM-SESSION-STAYS", "20 exchanges on one session", one_after_the_other, 0, 0},
    {"interleaved", "STREAM-PSH", "three streams interleaved", interleaved, 0, 0},
    {"upload-1-byte", "STREAM-PSH", "one byte up", upload, 1, 0},
    {"upload-131071", "STREAM-PSH", "131,071 bytes up", upload, 131071, 0},
    {"upload-3000000", "STREAM-PSH", "3 MB up", upload, 3000000, 0},
    {"download-1-byte", "STREAM-PSH", "one byte down, then the end", download, 1, 0},
    {"download-65536", "STREAM-SPLIT", "65,536 bytes down, then the end", download, 65536, 0},
    {"download-3000000", "STREAM-SPLIT", "3 MB down, then the end", download, 3000000, 0},
    {"both-ways", "STREAM-PSH", "2 MB both ways", both_ways, 0, 0},
};

SECTION(server_stream, "stream", tests);
