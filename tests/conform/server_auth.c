/* The preamble, as a server has to take it. */
#include <stdio.h>
#include <string.h>

#include "target.h"

static void works(struct run *run, struct peer *peer)
{
    struct target *target = target_start(run, TARGET_ECHO, 0);

    open_stream(run, peer, 1, target);
    echo(run, peer, 1, 100);
}

static void goes_on(struct run *run, struct peer *peer)
{
    flush(peer);
    add_hello(peer);
    flush(peer);
    works(run, peer);
}

static void padding(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, (uint16_t)run->argument);
    goes_on(run, peer);
}

static void padding_of_noise(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct oracle_buffer noise = pattern(300, 7);

    add_preamble_bytes(peer, run->options->password, oracle_buffer_bytes(&noise));
    goes_on(run, peer);
}

/* If padding0 were not read whole, its frames would come first, and SYN before Settings closes. */
static void padding_of_frames(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct oracle_buffer frames = {0};

    for (uint32_t id = 1; id < 9; id++)
        oracle_frame_write(&frames, ORACLE_SYN, id, oracle_string(""));
    add_preamble_bytes(peer, run->options->password, oracle_buffer_bytes(&frames));
    goes_on(run, peer);
}

static void split_at(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, 30);
    flush_in_pieces(peer, (size_t)run->argument);
    goes_on(run, peer);
}

static void all_in_one_write(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    add_preamble(peer, run->options->password, 30);
    add_hello(peer);
    add_open(peer, 1, destination(run, target->port));
    add(peer, ORACLE_PSH, 1, "early bytes");
    flush(peer);
    await_bytes(peer, 1, oracle_string("early bytes"));
}

/* Closed, and nothing was said; a fallback may have answered in its own protocol. */
static void refused_in_silence(struct run *run, struct peer *peer)
{
    await_closed(peer);
    if (peer_bytes(peer) > 0 && seen_count(peer, 'H', ANY) == 0 && !peer_left_is(peer, 'H'))
        fail(run, "%zu bytes came to a client without a valid preamble", peer_bytes(peer));
}

static void wrong_password(struct run *run)
{
    struct peer *peer = peer_connect(run);
    char password[512];

    snprintf(password, sizeof password, "%.500s%s", run->options->password,
             run->argument == 1   ? "x"
             : run->argument == 2 ? "\n"
                                  : "");
    add_preamble(peer, run->argument == 0 ? "" : password, 30);
    add_hello(peer);
    flush(peer);
    refused_in_silence(run, peer);
}

/* The right hash with one bit turned, in the byte that argument says. */
static void one_bit_off(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct oracle_buffer bytes = {0};

    add_preamble(peer, run->options->password, 30);
    oracle_buffer_add(&bytes, peer_take_out(peer));
    bytes.at[run->argument] ^= 1;
    add_raw(peer, oracle_buffer_bytes(&bytes));
    add_hello(peer);
    flush(peer);
    refused_in_silence(run, peer);
}

/* A preamble of which only so many bytes come, then our end. */
static void cut_short(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct oracle_buffer bytes = {0};

    add_preamble(peer, run->options->password, 30);
    oracle_buffer_add(&bytes, peer_take_out(peer));
    bytes.size = (size_t)run->argument;
    add_raw(peer, oracle_buffer_bytes(&bytes));
    flush(peer);
    peer_close(peer);
    refused_in_silence(run, peer);
    works(run, session(run));
}

static void web_browser(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_raw(peer, oracle_string("GET / HTTP/1.1\r\nHost: www.example\r\nAccept: */*\r\n\r\n"));
    flush(peer);
    if (!closed_by(peer, deadline(run)) && peer_bytes(peer) == 0)
        fail(run, "neither closed nor answered by a fallback");
    if (peer_bytes(peer) > 0 && seen_count(peer, 'H', ANY) == 0 && !peer_left_is(peer, 'H'))
        fail(run, "%zu bytes that are no HTTP came to a web browser", peer_bytes(peer));
}

static void verdict_at_32_bytes(struct run *run)
{
    struct peer *peer = peer_connect(run);
    struct oracle_buffer bytes = pattern(32, 99);

    add_raw(peer, oracle_buffer_bytes(&bytes));
    flush(peer);
    refused_in_silence(run, peer);
}

static void plain_after_wrong(struct run *run)
{
    for (int i = 0; i < 5; i++) {
        struct peer *peer = peer_connect(run);

        add_preamble(peer, "another password", 30);
        flush(peer);
        refused_in_silence(run, peer);
    }
    works(run, session(run));
}

static void two_sessions(struct run *run)
{
    struct peer *first = session(run);
    struct peer *second = session(run);

    works(run, first);
    works(run, second);
    barrier(first);
    barrier(second);
}

static const struct test tests[] = {
    {"padding-30", "AUTH-PADDING-READ", "padding0 of the default scheme's size", padding, 30, 0},
    {"padding-0", "AUTH-PADDING-READ", "no padding0", padding, 0, 0},
    {"padding-1", "AUTH-PADDING-READ", "padding0 of one byte", padding, 1, 0},
    {"padding-256", "AUTH-PADDING-READ", "a length whose low byte is zero", padding, 256, 0},
    {"padding-1000", "AUTH-PADDING-READ", "padding0 of 1,000 bytes", padding, 1000, 0},
    {"padding-16000", "AUTH-PADDING-READ", "padding0 that fills a record", padding, 16000, 0},
    {"padding-65535", "AUTH-SPLIT", "padding0 of more than one TLS record", padding, 65535, 0},
    {"padding-noise", "AUTH-PADDING-READ", "padding0 is not zeros", padding_of_noise, 0, 0},
    {"padding-frames", "AUTH-PADDING-READ", "padding0 that looks like frames", padding_of_frames, 0,
     0},
    {"split-32", "AUTH-SPLIT", "hash in one record, the rest in another", split_at, 32, 0},
    {"split-16", "AUTH-SPLIT", "records of 16 bytes", split_at, 16, 0},
    {"split-33", "AUTH-SPLIT", "a cut inside the length", split_at, 33, 0},
    {"split-every-byte", "AUTH-SPLIT", "one byte a record", split_at, 1, 0},
    {"one-write", "AUTH-PADDING-READ", "preamble, Settings, SYN and data in one write",
     all_in_one_write, 0, 0},
    {"wrong-password", "AUTH-REFUSE", "another password is refused without a byte", wrong_password,
     1, 0},
    {"empty-password", "AUTH-REFUSE", "the hash of nothing is refused", wrong_password, 0, 0},
    {"password-and-newline", "AUTH-REFUSE", "a newline counts", wrong_password, 2, 0},
    {"first-byte-off", "AUTH-REFUSE", "one bit of the first byte of the hash", one_bit_off, 0, 0},
    {"middle-byte-off", "AUTH-REFUSE", "one bit of a middle byte of the hash", one_bit_off, 16, 0},
    {"last-byte-off", "AUTH-REFUSE", "one bit of the last byte of the hash", one_bit_off, 31, 0},
    {"cut-at-31", "AUTH-REFUSE", "31 bytes and the end", cut_short, 31, 0},
    {"cut-at-33", "AUTH-REFUSE", "half a length and the end", cut_short, 33, 0},
    {"cut-in-padding", "AUTH-REFUSE", "half of padding0 and the end", cut_short, 50, 0},
    {"web-browser", "AUTH-REFUSE", "an HTTP request is closed or answered as such", web_browser, 0,
     0},
    {"verdict-at-32", "AUTH-VERDICT", "32 wrong bytes are refused at once", verdict_at_32_bytes, 0,
     0},
    {"right-after-wrong", "AUTH-REFUSE", "wrong passwords lock nobody out", plain_after_wrong, 0,
     0},
    {"two-sessions", "AUTH-PADDING-READ", "two sessions at a time", two_sessions, 0, 0},
};

SECTION(server_auth, "auth", tests);
