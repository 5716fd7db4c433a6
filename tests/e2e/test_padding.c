/* Padding schemes: what the records on the wire are long, and which sessions a scheme is for. */
#include <stdio.h>
#include <string.h>

#include "raw_server.h"
#include "runner.h"
#include "target.h"

static const char pushed[] = "stop=4\n0=50-50\n1=300-300\n2=10-10,c,200-200,c,400-400\n3=1000-1000";

/* Opens a stream as the raw server, and notes the records up to the end of write 1. */
static struct raw_stream stream_begin(const struct raw_server *server, size_t *records)
{
    struct raw_stream raw = {.application = socks_begin(server->socks, "127.0.0.1", 9)};
    uint8_t preamble[34];
    uint8_t padding[65535];
    struct frame frame;

    raw.peer = peer_accept(server->listener, NET_DEADLINE);
    expect(raw.peer != NULL, "no session came");
    peer_take(raw.peer, preamble, sizeof preamble);
    peer_take(raw.peer, padding, (size_t)preamble[32] * 256 + preamble[33]);
    peer_must_get(raw.peer, &frame, SETTINGS, 0);
    raw.stream = peer_take_stream(raw.peer, &frame);
    *records = raw.peer->record_count;
    peer_send(raw.peer, SERVER_SETTINGS, 0, "v=2", 3);
    peer_send(raw.peer, SYNACK, raw.stream, NULL, 0);
    expect(socks_reply_read(raw.application, NULL) == 0, "SOCKS was refused");
    return raw;
}

static size_t record(const struct raw_stream *raw, size_t number)
{
    expect(raw->peer->record_count > number, "%zu records came", raw->peer->record_count);
    return raw->peer->records[number];
}

/* The application writes; returns when its bytes and the padding of one record more have come. */
static void write_and_take(const struct raw_stream *raw, size_t size)
{
    uint8_t bytes[4096];
    struct frame frame;
    size_t done = 0;

    pattern_fill(3, 0, bytes, size);
    net_write(raw->application, bytes, size);
    while (done < size) {
        peer_find(raw->peer, &frame, PSH);
        done += frame.size;
    }
}

/* AUTH-ONE-WRITE */
static void line_0_shapes_the_preamble_and_line_1_the_first_write(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    size_t records;
    struct raw_stream raw = stream_begin(&server, &records);
    size_t first;

    expect(record(&raw, 0) == 64, "the preamble has %zu bytes", record(&raw, 0));
    first = record(&raw, 1);
    expect(first >= 100 && first <= 400, "write 1 has %zu bytes", first);
    write_and_take(&raw, 10);
    first = record(&raw, records);
    expect(first >= 400 && first <= 500, "write 2 begins with %zu bytes", first);
}

/* PAD-LATER-SESSIONS, PAD-RECORD-WRITE */
static void a_pushed_scheme_shapes_later_sessions_and_not_the_running_one(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    size_t records;
    struct raw_stream old = stream_begin(&server, &records);
    struct raw_stream new;

    peer_send(old.peer, UPDATE_PADDING_SCHEME, 0, pushed, sizeof pushed - 1);
    program_must_log(server.client, "padding scheme for sessions to come", 5000);
    write_and_take(&old, 10);
    expect(record(&old, records) >= 400 && record(&old, records) <= 500,
           "write 2 of the running session has %zu bytes", record(&old, records));
    new = stream_begin(&server, &records);
    expect(record(&new, 0) == 34 + 50, "the preamble has %zu bytes", record(&new, 0));
    expect(record(&new, 1) == 300, "write 1 has %zu bytes", record(&new, 1));
    write_and_take(&new, 100);
    expect(record(&new, records) == 10 && record(&new, records + 1) == 200,
           "write 2 is %zu and %zu bytes", record(&new, records), record(&new, records + 1));
}

/* SETTINGS-NAME */
static void the_md5_of_the_scheme_that_is_held_is_told(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    struct raw_stream raw;
    struct frame frame;
    size_t records;

    raw = stream_begin(&server, &records);
    peer_send(raw.peer, UPDATE_PADDING_SCHEME, 0, "stop=0", 6);
    program_must_log(server.client, "padding scheme for sessions to come", 5000);
    socks_begin(server.socks, "127.0.0.1", 9);
    raw.peer = peer_accept(server.listener, NET_DEADLINE);
    expect(raw.peer != NULL, "no session came");
    peer_take(raw.peer, frame.data, 34);
    peer_must_get(raw.peer, &frame, SETTINGS, 0);
    /* MD5 of "stop=0" */
    expect(strstr((char *)frame.data, "padding-md5=47edb1f4ed8a99480bf416d178311f10") != NULL,
           "Settings: %s", frame.data);
}

static void an_invalid_scheme_from_the_server_is_ignored(void)
{
    static const char *const bad[] = {"", "stop=abc", "1=100-200", "stop=3\n1=1-65536",
                                      "stop=3\n1=4000000000-4000000000"};
    struct raw_server server = raw_server_start(NULL, NULL);
    size_t records;
    struct raw_stream raw = stream_begin(&server, &records);

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        peer_send(raw.peer, UPDATE_PADDING_SCHEME, 0, bad[i], strlen(bad[i]));
    raw_stream_must_work(&raw);
    raw = stream_begin(&server, &records);
    expect(record(&raw, 0) == 64, "the preamble has %zu bytes", record(&raw, 0));
    expect(program_log_count(server.client, "padding scheme for sessions") == 0, "one was taken");
}

static void schemes_with_sizes_of_65535_carry_all_bytes(void)
{
    struct raw_server server = raw_server_start(NULL, NULL);
    static const char big[] = "stop=9\n0=65535-65535\n1=65535-65535\n2=65535-65535,65535-65535";
    size_t records;
    struct raw_stream raw = stream_begin(&server, &records);

    peer_send(raw.peer, UPDATE_PADDING_SCHEME, 0, big, sizeof big - 1);
    program_must_log(server.client, "padding scheme for sessions to come", 5000);
    raw = stream_begin(&server, &records);
    raw_stream_must_work(&raw);
    raw_stream_must_work(&raw);
}

/* ---- The server's side ---- */

static void the_server_pushes_its_scheme_to_who_holds_another(void)
{
    struct program *server;
    struct peer *peer;
    struct frame frame;
    uint8_t bytes[128];

    file_write("scheme", pushed, sizeof pushed - 1);
    server = server_start("--padding-scheme", "scheme");
    peer = peer_connect(program_port(server));
    peer_greet(peer, PASSWORD);
    peer_must_get(peer, &frame, UPDATE_PADDING_SCHEME, 0);
    expect(frame.size == sizeof pushed - 1 && memcmp(frame.data, pushed, frame.size) == 0,
           "the scheme is \"%s\"", frame.data);
    peer_must_get(peer, &frame, SERVER_SETTINGS, 0);
    expect(strcmp((char *)frame.data, "v=2") == 0, "server settings \"%s\"", frame.data);
    peer = peer_connect(program_port(server));
    peer_write(peer, bytes, put_preamble(bytes, PASSWORD, 0));
    peer_send(peer, SETTINGS, 0, "v=2", 3);
    peer_must_get(peer, &frame, UPDATE_PADDING_SCHEME, 0);
}

static void the_server_pushes_no_scheme_to_who_holds_it(void)
{
    struct peer *peer = peer_connect(program_port(server_start(NULL)));
    struct frame frame;

    peer_greet(peer, PASSWORD);
    peer_must_get(peer, &frame, SERVER_SETTINGS, 0);
}

static void the_chain_carries_all_bytes_under_any_scheme(void)
{
    static const char *const schemes[] = {
        "stop=0",
        "stop=1\n0=0-0",
        "stop=200\n0=65535-65535\n1=7-7\n2=1-1,1-1,1-1,c,8-8\n9=6-6,c",
        "stop=4294967295\n1=65535-65535,c,65535-65535\n2=30000-65535\n3=100-1\n4=c,c,c,x,-,5",
    };
    struct target *echo = target_start(serve_echo);

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        struct program *server;
        struct program *client;

        file_write("scheme", schemes[i], strlen(schemes[i]));
        server = server_start("--padding-scheme", "scheme");
        client = client_start(program_port(server), "--no-reuse");
        for (uint64_t round = 1; round <= 3; round++) {
            int descriptor = socks_connect(program_port(client), echo->port);

            for (uint64_t write = 1; write <= 12; write++)
                must_echo(descriptor, write, 1u << write);
            must_echo(descriptor, round, 300000);
            net_finish(descriptor);
        }
        expect(program_log_count(client, "padding scheme for sessions to come") == 1,
               "the scheme was pushed more than once, or never");
    }
}

const struct test tests_padding[] = {
    TEST(line_0_shapes_the_preamble_and_line_1_the_first_write),
    TEST(a_pushed_scheme_shapes_later_sessions_and_not_the_running_one),
    TEST(the_md5_of_the_scheme_that_is_held_is_told),
    TEST(an_invalid_scheme_from_the_server_is_ignored),
    TEST(schemes_with_sizes_of_65535_carry_all_bytes),
    TEST(the_server_pushes_its_scheme_to_who_holds_another),
    TEST(the_server_pushes_no_scheme_to_who_holds_it),
    TEST(the_chain_carries_all_bytes_under_any_scheme),
    TESTS_END,
};
