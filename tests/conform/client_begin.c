/* How a client begins: preamble, Settings, versions. */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

static void preamble(struct run *run)
{
    app_begin(run, "target.example", 80);
    session_accept(run); /* judges the hash */
}

static void preamble_one_record(struct run *run)
{
    const size_t *sizes;
    struct peer *peer;

    app_begin(run, "target.example", 80);
    peer = session_accept(run);
    if (peer_records(peer, &sizes) != 1 || sizes[0] != 34 + peer_padding(peer))
        fail(run, "the preamble of %zu bytes is not one record: the first has %zu",
             34 + peer_padding(peer), sizes[0]);
}

static void default_padding(struct run *run)
{
    struct peer *peer;

    app_begin(run, "target.example", 80);
    peer = session_accept(run);
    if (peer_padding(peer) != 30)
        fail(run, "padding0 has %zu bytes; line 0 of the default scheme says 30-30",
             peer_padding(peer));
}

static const struct seen *settings_of(struct run *run)
{
    app_begin(run, "target.example", 80);
    return await(session_accept(run), ORACLE_SETTINGS, ANY);
}

static void settings_first(struct run *run)
{
    const struct seen *frames;
    struct peer *peer;

    app_begin(run, "target.example", 80);
    peer = session_accept(run);
    await(peer, ORACLE_SYN, ANY);
    seen_all(peer, &frames);
    if (frames[0].command != ORACLE_SETTINGS)
        fail(run, "the first frame is %s, not Settings", oracle_command_name(frames[0].command));
    if (seen_count(peer, ORACLE_SETTINGS, ANY) != 1)
        fail(run, "more than one Settings");
}

static void settings_keys(struct run *run)
{
    const struct seen *settings = settings_of(run);
    struct oracle_bytes value;
    static const char *const keys[] = {"v", "client", "padding-md5"};

    if (!oracle_setting(oracle_buffer_bytes(&settings->data), keys[run->argument], &value))
        fail(run, "Settings do not state %s", keys[run->argument]);
    if (value.size == 0 && run->argument != 1) /* a client without a name: see settings-name */
        fail(run, "%s is empty", keys[run->argument]);
}

static void settings_version(struct run *run)
{
    const struct seen *settings = settings_of(run);

    if (oracle_settings_version(oracle_buffer_bytes(&settings->data)) != 2)
        fail(run, "Settings state a version below 2, or none");
}

static void settings_md5(struct run *run)
{
    const struct seen *settings = settings_of(run);
    struct oracle_bytes value = {NULL, 0};

    oracle_setting(oracle_buffer_bytes(&settings->data), "padding-md5", &value);
    if (!oracle_is(value, oracle_default_md5))
        fail(run, "padding-md5 is not %s, that of the default scheme", oracle_default_md5);
}

static void settings_name(struct run *run)
{
    const struct seen *settings = settings_of(run);
    struct oracle_bytes value = {NULL, 0};

    oracle_setting(oracle_buffer_bytes(&settings->data), "client", &value);
    for (size_t i = 0; i < value.size; i++)
        if (isdigit(value.at[i]))
            return;
    fail(run, "client has no digit, so no version: '%.*s'", (int)value.size,
         (const char *)value.at);
}

/* Answers Settings in some way; then all works. */
static void answered_by(struct run *run)
{
    static const char *const texts[] = {"v=2",  "v=1",           "v=3",       "v=256", "x=y\nv=2\n",
                                        "",     "client=abc",    "v=abc",     "v=2\r", "v=2\nv=1",
                                        "v=02", "\n\nno item\n", "v=\xff\xfe"};
    int app = app_begin(run, "target.example", 80);
    struct flow flow = {app, session_accept(run), 0};

    await(flow.peer, ORACLE_SETTINGS, ANY);
    send_frame(flow.peer, ORACLE_SERVER_SETTINGS, 0, texts[run->argument]);
    stream_await(run, flow.peer, &flow.stream);
    if (oracle_settings_version(oracle_string(texts[run->argument])) == 2)
        send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "");
    if (app_reply(run, app) != 0)
        fail(run, "SOCKS: the client refuses the request");
    flow_exchange(run, &flow, 100);
    flow_end(run, &flow);
}

/* A server of version 1 sends neither ServerSettings nor SYNACK. */
static void version_one(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};

    flow.peer = session_accept(run);
    for (int i = 0; i < 3; i++) {
        stream_await(run, flow.peer, &flow.stream);
        if (app_reply(run, flow.app) != 0)
            fail(run, "SOCKS: the client refuses the request: does it wait for SYNACK?");
        flow_exchange(run, &flow, 100);
        flow_end(run, &flow);
        if (i < 2)
            flow.app = app_begin(run, "target.example", 80);
    }
    never(flow.peer, ORACLE_HEART_REQUEST, ANY);
}

static void late_server_settings(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};

    flow.peer = session_accept(run);
    stream_await(run, flow.peer, &flow.stream);
    send_frame(flow.peer, ORACLE_SERVER_SETTINGS, 0, "v=2");
    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, "");
    if (app_reply(run, flow.app) != 0)
        fail(run, "SOCKS: the client refuses the request");
    flow_exchange(run, &flow, 100);
}

static void second_server_settings(struct run *run)
{
    struct flow flow = flow_first(run);

    send_frame(flow.peer, ORACLE_SERVER_SETTINGS, 0, "v=1");
    barrier(flow.peer);
    flow_exchange(run, &flow, 100);
}

static void nothing_else_sent(struct run *run)
{
    struct flow flow = flow_first(run);
    const struct seen *frames;
    size_t count;

    flow_exchange(run, &flow, 1000);
    flow_end(run, &flow);
    barrier(flow.peer);
    count = seen_all(flow.peer, &frames);
    for (size_t i = 0; i < count; i++) {
        uint8_t command = frames[i].command;

        if ((command >= ORACLE_ALERT && command <= ORACLE_SYNACK) || command > 9)
            fail(run, "command %u, which a client does not send", command);
        if ((command == ORACLE_SYN || command == ORACLE_FIN || command == ORACLE_HEART_RESPONSE) &&
            frames[i].data.size > 0)
            fail(run, "%s came with data", oracle_command_name(command));
    }
}

static const struct test tests[] = {
    {"preamble", "AUTH-PREAMBLE", "hash, length, padding0", preamble, 0, 0},
    {"preamble-one-record", "AUTH-ONE-WRITE", "the preamble is one record", preamble_one_record, 0,
     0},
    {"padding0-default", "PAD-DEFAULT", "padding0 is that of the default scheme", default_padding,
     0, 0},
    {"settings-first", "SETTINGS-SEND", "Settings are the first frame, and come once",
     settings_first, 0, 0},
    {"settings-v", "SETTINGS-CLIENT", "Settings state v", settings_keys, 0, 0},
    {"settings-client", "SETTINGS-CLIENT", "Settings state client", settings_keys, 1, 0},
    {"settings-padding-md5", "SETTINGS-CLIENT", "Settings state padding-md5", settings_keys, 2, 0},
    {"settings-version-2", "SETTINGS-VERSION-RULE", "v is 2", settings_version, 0, 0},
    {"settings-md5", "PAD-MD5", "padding-md5 is that of the default scheme", settings_md5, 0, 0},
    {"settings-name", "SETTINGS-NAME", "client has a version", settings_name, 0, 0},
    {"server-version-2", "SETTINGS-VERSION-RULE", "a server of version 2", answered_by, 0, 0},
    {"server-version-1-stated", "SETTINGS-VERSION-RULE", "ServerSettings with v=1", answered_by, 1,
     0},
    {"server-version-3", "SETTINGS-VERSION", "ServerSettings with v=3", answered_by, 2, 0},
    {"server-version-256", "SETTINGS-VERSION", "ServerSettings with v=256", answered_by, 3, 0},
    {"server-unknown-keys", "SETTINGS-UNKNOWN", "ServerSettings with unknown keys", answered_by, 4,
     0},
    {"server-settings-empty", "SETTINGS-EMPTY", "ServerSettings without data", answered_by, 5, 0},
    {"server-version-missing", "SETTINGS-VERSION", "ServerSettings without v", answered_by, 6, 0},
    {"server-version-letters", "SETTINGS-VERSION", "ServerSettings with v=abc", answered_by, 7, 0},
    {"server-version-cr", "SETTINGS-NUMBER", "ServerSettings with CR", answered_by, 8, 0},
    {"server-version-twice", "SETTINGS-DUPLICATES", "v=2, then v=1", answered_by, 9, 0},
    {"server-version-zero-first", "SETTINGS-NUMBER", "v=02", answered_by, 10, 0},
    {"server-settings-no-items", "SETTINGS-ITEMS", "lines that are no items", answered_by, 11, 0},
    {"server-settings-not-utf-8", "SETTINGS-NUMBER", "bytes that are no UTF-8", answered_by, 12, 0},
    {"server-version-1", "SETTINGS-VERSION-RULE", "no ServerSettings and no SYNACK, three streams",
     version_one, 0, 0},
    {"server-settings-late", "SETTINGS-VERSION-RULE", "ServerSettings behind the first SYN",
     late_server_settings, 0, 0},
    {"server-settings-twice", "SETTINGS-SECOND", "a second ServerSettings is ignored",
     second_server_settings, 0, 0},
    {"sends-right-frames", "FRAME-SEND-NO-DATA", "only commands of clients, without data where so",
     nothing_else_sent, 0, 0},
};

SECTION(client_begin, "begin", tests);
