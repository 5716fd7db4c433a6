/* Frames: lengths, cuts, commands that a server does not expect. */
#include <stdlib.h>
#include <string.h>

#include "target.h"

/* A session with stream 1 to an echo target. */
static struct peer *ready(struct run *run)
{
    struct peer *peer = session(run);

    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    return peer;
}

static void waste(struct run *run)
{
    struct peer *peer = ready(run);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 3);
    size_t before = peer_bytes(peer);

    add_bytes(peer, ORACLE_WASTE, 0, oracle_buffer_bytes(&bytes));
    flush(peer);
    barrier(peer);
    if (peer_bytes(peer) != before + 7)
        fail(run, "something was sent beside the HeartResponse: Waste is answered");
    echo(run, peer, 1, 50);
}

static void waste_before_settings(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, 30);
    add(peer, ORACLE_WASTE, 0, "waste");
    add_hello(peer);
    flush(peer);
    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 1, 50);
}

static void waste_of_a_stream(struct run *run)
{
    struct peer *peer = ready(run);

    add(peer, ORACLE_WASTE, 1, "not the stream's");
    add(peer, ORACLE_WASTE, 77, "nobody's");
    echo(run, peer, 1, 50);
}

/* A frame whose data is a FIN of stream 1: who does not consume the data takes the FIN. */
static void smuggle(struct run *run)
{
    struct peer *peer = ready(run);
    struct oracle_buffer hidden = {0};

    oracle_frame_write(&hidden, ORACLE_FIN, 1, oracle_string(""));
    add_bytes(peer, (uint8_t)run->argument, run->argument == ORACLE_PSH ? 55 : 9,
              oracle_buffer_bytes(&hidden));
    flush(peer);
    barrier(peer);
    echo(run, peer, 1, 50);
}

static void long_data(struct run *run)
{
    struct peer *peer = ready(run);
    struct oracle_buffer noise = pattern(65535, 5);

    add_bytes(peer, (uint8_t)run->argument, 9, oracle_buffer_bytes(&noise));
    flush(peer);
    barrier(peer);
    echo(run, peer, 1, 50);
}

static void ignored_empty(struct run *run)
{
    struct peer *peer = ready(run);
    size_t before = peer_bytes(peer);

    send_frame(peer, (uint8_t)run->argument, 1, "");
    barrier(peer);
    if (peer_bytes(peer) != before + 7)
        fail(run, "something was sent beside the HeartResponse");
    echo(run, peer, 1, 50);
}

static void pieces(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    add_preamble(peer, run->options->password, 30);
    flush(peer);
    add_hello(peer);
    add_open(peer, 1, destination(run, target->port));
    add(peer, ORACLE_WASTE, 0, "waste");
    add(peer, ORACLE_PSH, 1, "in pieces");
    flush_in_pieces(peer, (size_t)run->argument);
    await_bytes(peer, 1, oracle_string("in pieces"));
    barrier(peer);
}

static void many_in_one_write(struct run *run)
{
    struct peer *peer = ready(run);
    struct oracle_buffer bytes = pattern(500, 11);

    for (size_t i = 0; i < bytes.size; i++) {
        add_bytes(peer, ORACLE_PSH, 1, (struct oracle_bytes){bytes.at + i, 1});
        add(peer, ORACLE_WASTE, 0, "");
    }
    flush(peer);
    await_bytes(peer, 1, oracle_buffer_bytes(&bytes));
}

static void length(struct run *run)
{
    struct peer *peer = ready(run);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 13);

    add_bytes(peer, ORACLE_PSH, 1, oracle_buffer_bytes(&bytes));
    flush(peer);
    await_bytes(peer, 1, oracle_buffer_bytes(&bytes));
    barrier(peer);
}

static void stream_id_bytes(struct run *run)
{
    struct peer *peer = session(run);
    uint32_t id = (uint32_t)run->argument;

    open_stream(run, peer, id, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, id, 50);
    if (seen_count(peer, ORACLE_PSH, id) != seen_count(peer, ORACLE_PSH, ANY))
        fail(run, "PSH came with another stream id");
}

static void cut_in_header(struct run *run)
{
    struct peer *peer = ready(run);
    static const uint8_t part[] = {2, 0, 0, 0, 1, 0xff, 0xff, 1, 2, 3};

    add_raw(peer, (struct oracle_bytes){part, (size_t)run->argument});
    flush(peer);
    peer_close(peer);
    await_closed(peer);
    peer = ready(run);
    echo(run, peer, 1, 50);
}

static void no_data_sent(struct run *run)
{
    struct peer *peer = session(run);
    const struct seen *frames;
    size_t count;

    open_stream(run, peer, 1, target_start(run, TARGET_SOURCE, 1000));
    barrier(peer);
    await(peer, ORACLE_FIN, 1);
    count = seen_all(peer, &frames);
    for (size_t i = 0; i < count; i++) {
        uint8_t command = frames[i].command;

        if ((command == ORACLE_FIN || command == ORACLE_HEART_RESPONSE) && frames[i].data.size > 0)
            fail(run, "%s came with data", oracle_command_name(command));
        if (command == ORACLE_SYN || command == ORACLE_SETTINGS || command > 10)
            fail(run, "command %u, which a server does not send", command);
    }
}

static const struct test tests[] = {
    {"waste-0", "FRAME-WASTE", "Waste without data", waste, 0, 0},
    {"waste-1", "FRAME-WASTE", "Waste of one byte", waste, 1, 0},
    {"waste-1000", "FRAME-WASTE", "Waste of 1,000 bytes", waste, 1000, 0},
    {"waste-65535", "FRAME-WASTE", "the longest Waste", waste, 65535, 0},
    {"waste-before-settings", "FRAME-WASTE", "Waste between preamble and Settings",
     waste_before_settings, 0, 0},
    {"waste-with-stream-id", "FRAME-WASTE", "Waste with the id of a stream", waste_of_a_stream, 0,
     0},
    {"length-1", "FRAME-LENGTH", "a PSH of one byte", length, 1, 0},
    {"length-255", "FRAME-LENGTH", "a PSH of 255 bytes", length, 255, 0},
    {"length-256", "FRAME-LENGTH", "a PSH of 256 bytes", length, 256, 0},
    {"length-258", "FRAME-LENGTH", "lengths are big-endian", length, 258, 0},
    {"length-16384", "FRAME-LENGTH", "a PSH that crosses TLS records", length, 16384, 0},
    {"length-32768", "FRAME-LENGTH", "a length with the highest bit", length, 32768, 0},
    {"length-65535", "FRAME-LENGTH", "the longest PSH", length, 65535, 0},
    {"id-01020304", "FRAME-HEADER", "ids are big-endian", stream_id_bytes, 0x01020304, 0},
    {"id-256", "FRAME-HEADER", "an id beyond a byte", stream_id_bytes, 256, 0},
    {"id-65536", "FRAME-HEADER", "an id beyond two bytes", stream_id_bytes, 65536, 0},
    {"id-highest-bit", "FRAME-HEADER", "an id with the highest bit", stream_id_bytes, 0x80000001,
     0},
    {"one-byte-a-write", "FRAME-CUTS", "a record for each byte", pieces, 1, 0},
    {"seven-bytes-a-write", "FRAME-CUTS", "records of a header's size", pieces, 7, 0},
    {"eleven-bytes-a-write", "FRAME-CUTS", "records across headers", pieces, 11, 0},
    {"many-in-one-write", "FRAME-CUTS", "a thousand frames in one write", many_in_one_write, 0, 0},
    {"unknown-11", "FRAME-UNKNOWN", "the first number without a command", ignored_empty, 11, 0},
    {"unknown-128", "FRAME-UNKNOWN", "a command with the highest bit", ignored_empty, 128, 0},
    {"unknown-255", "FRAME-UNKNOWN", "the highest command", ignored_empty, 255, 0},
    {"unknown-11-data", "FRAME-UNKNOWN", "data of command 11 are not read as frames", smuggle, 11,
     0},
    {"unknown-200-data", "FRAME-UNKNOWN", "data of command 200 are not read as frames", smuggle,
     200, 0},
    {"unknown-65535-bytes", "FRAME-UNKNOWN", "the longest unknown frame", long_data, 77, 0},
    {"smuggle-syn", "FRAME-NO-DATA", "data of SYN are not read as frames", smuggle, ORACLE_SYN, 0},
    {"smuggle-fin", "FRAME-NO-DATA", "data of FIN are not read as frames", smuggle, ORACLE_FIN, 0},
    {"smuggle-heart-response", "FRAME-NO-DATA", "data of HeartResponse are not read as frames",
     smuggle, ORACLE_HEART_RESPONSE, 0},
    {"smuggle-heart-request", "FRAME-NO-DATA", "data of HeartRequest are not read as frames",
     smuggle, ORACLE_HEART_REQUEST, 0},
    {"smuggle-psh-unknown", "STREAM-UNKNOWN", "data of a PSH of no stream are not read as frames",
     smuggle, ORACLE_PSH, 0},
    {"smuggle-waste", "FRAME-WASTE", "data of Waste are not read as frames", smuggle, ORACLE_WASTE,
     0},
    {"alert-from-client", "FRAME-WRONG-SIDE", "an Alert from a client is ignored", ignored_empty,
     ORACLE_ALERT, 0},
    {"alert-from-client-data", "FRAME-WRONG-SIDE", "and its text consumed", smuggle, ORACLE_ALERT,
     0},
    {"scheme-from-client", "FRAME-WRONG-SIDE", "a scheme from a client is ignored", ignored_empty,
     ORACLE_UPDATE_PADDING_SCHEME, 0},
    {"scheme-from-client-data", "FRAME-WRONG-SIDE", "and its text consumed", smuggle,
     ORACLE_UPDATE_PADDING_SCHEME, 0},
    {"synack-from-client", "FRAME-WRONG-SIDE", "SYNACK from a client is ignored", ignored_empty,
     ORACLE_SYNACK, 0},
    {"synack-from-client-data", "FRAME-WRONG-SIDE", "and its text consumed", smuggle, ORACLE_SYNACK,
     0},
    {"server-settings-from-client", "FRAME-WRONG-SIDE", "ServerSettings from a client are ignored",
     ignored_empty, ORACLE_SERVER_SETTINGS, 0},
    {"server-settings-from-client-data", "FRAME-WRONG-SIDE", "and their text consumed", smuggle,
     ORACLE_SERVER_SETTINGS, 0},
    {"cut-in-header", "FRAME-HEADER", "the session ends inside a header", cut_in_header, 4, 0},
    {"cut-in-data", "FRAME-HEADER", "the session ends inside data", cut_in_header, 10, 0},
    {"sends-right-frames", "FRAME-SEND-NO-DATA", "a server's FIN and HeartResponse have no data",
     no_data_sent, 0, 0},
};

SECTION(server_frame, "frame", tests);
