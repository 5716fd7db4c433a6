/* Settings: versions, texts, what has to come first. */
#include <stdio.h>
#include <string.h>

#include "target.h"

static struct peer *authenticated(struct run *run)
{
    struct peer *peer = peer_connect(run);

    add_preamble(peer, run->options->password, 30);
    flush(peer);
    return peer;
}

static void syn_first(struct run *run)
{
    struct peer *peer = authenticated(run);
    struct target *target = target_start(run, TARGET_ECHO, 0);

    if (run->argument == 1)
        add(peer, ORACLE_SETTINGS, 0, "");
    add_open(peer, 1, destination(run, target->port));
    flush(peer);
    await_closed(peer);
    if (seen_count(peer, ORACLE_SYNACK, ANY) + seen_count(peer, ORACLE_PSH, ANY) > 0)
        fail(run, "the stream was opened");
}

static void syn_first_alert(struct run *run)
{
    struct peer *peer = authenticated(run);

    add_open(peer, 1, destination(run, 9));
    flush(peer);
    if (await(peer, ORACLE_ALERT, ANY)->data.size == 0)
        fail(run, "the Alert does not say why");
}

static void psh_first(struct run *run)
{
    struct peer *peer = authenticated(run);

    add(peer, ORACLE_PSH, 1, "nobody's");
    add(peer, ORACLE_FIN, 1, "");
    add_hello(peer);
    flush(peer);
    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 1, 50);
}

static const char *const texts[] = {
    "v=2",
    "v=1",
    "client=conform",
    "v=abc",
    "v=",
    "v=-2",
    "v=0",
    "v=3",
    "v=256",
    "v=4294967297",
    "client=conform\nx=y\nv=2\npadding-md5=00",
    "v=1\nv=2",
    "v=2\nv=1",
    "v=2\n",
    "\n\nnothing\nv=2\n=\n==",
    "client=a=b=c\nv=2",
    "v=2\r\nclient=conform",
    "V=2",
    "client=\xff\xfe\x80\nv=2",
    "v=99999999999999999999999999999999",
    " v=2",
    "v= 2",
    "v=2 ",
    "v=0x2",
    "v=2.0",
    "xv=2",
    "v=02",
};

#define TEXT_V1 100 /* added to the number of a text: version 1 is to be spoken */

/* Opens a stream and says which version the server speaks with a client of such Settings. */
static void version_of(struct run *run)
{
    struct peer *peer = authenticated(run);
    bool want_two = run->argument < TEXT_V1;
    struct target *target = target_start(run, TARGET_ECHO, 0);

    add_settings(peer, texts[run->argument % TEXT_V1]);
    add_open(peer, 1, destination(run, target->port));
    add(peer, ORACLE_PSH, 1, "hello");
    flush(peer);
    await_bytes(peer, 1, oracle_string("hello"));
    if (want_two && seen_count(peer, ORACLE_SERVER_SETTINGS, ANY) == 0)
        fail(run, "no ServerSettings: this client is of version 2");
    if (want_two && seen_count(peer, ORACLE_SYNACK, 1) == 0)
        fail(run, "no SYNACK: this client is of version 2");
    if (!want_two)
        never(peer, ORACLE_SERVER_SETTINGS, ANY);
    if (!want_two)
        never(peer, ORACLE_SYNACK, ANY);
}

static void server_settings_at_once(struct run *run)
{
    struct peer *peer = authenticated(run);
    struct oracle_bytes value;
    const struct seen *settings;

    add_settings(peer, "v=2\nclient=conform");
    flush(peer);
    settings = await(peer, ORACLE_SERVER_SETTINGS, ANY);
    if (!oracle_setting(oracle_buffer_bytes(&settings->data), "v", &value) ||
        oracle_settings_version(oracle_buffer_bytes(&settings->data)) != 2)
        fail(run, "ServerSettings do not state v of 2 or more");
    barrier(peer);
    if (seen_count(peer, ORACLE_SERVER_SETTINGS, ANY) != 1)
        fail(run, "ServerSettings came twice");
}

static void second_settings(struct run *run)
{
    struct peer *peer = session(run);

    need_version_two(run);
    await(peer, ORACLE_SERVER_SETTINGS, ANY);
    send_frame(peer, ORACLE_SETTINGS, 0, run->argument == 0 ? "v=2" : "v=1");
    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 1, 50);
    if (seen_count(peer, ORACLE_SERVER_SETTINGS, ANY) != 1)
        fail(run, "a second Settings is answered");
}

static void empty_then_real(struct run *run)
{
    struct peer *peer = authenticated(run);

    add_settings(peer, "");
    add_hello(peer);
    flush(peer);
    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 1, 50);
}

static void long_text(struct run *run)
{
    struct peer *peer = authenticated(run);
    char text[65536];
    int start = snprintf(text, sizeof text, "v=2\nclient=");

    memset(text + start, 'x', (size_t)run->argument);
    text[start + run->argument] = '\0';
    add_settings(peer, text);
    flush(peer);
    if (run->argument < 500) {
        await(peer, ORACLE_SERVER_SETTINGS, ANY);
        return;
    }
    /* A bound is allowed: then the session is closed, and the server lives. */
    send_frame(peer, ORACLE_HEART_REQUEST, 5, "");
    if (await_try(peer, ORACLE_HEART_RESPONSE, 5, deadline(run)) == NULL && !peer_is_closed(peer))
        fail(run, "neither goes on nor closed");
    barrier(session(run));
}

static void with_stream_id(struct run *run)
{
    struct peer *peer = authenticated(run);

    send_frame(peer, ORACLE_SETTINGS, 77, "v=2");
    await(peer, ORACLE_SERVER_SETTINGS, ANY);
}

/* ---- The padding scheme ---- */

static const struct seen *scheme_of(struct run *run, const char *settings, struct peer **peer)
{
    *peer = authenticated(run);
    add_settings(*peer, settings);
    flush(*peer);
    return await(*peer, ORACLE_UPDATE_PADDING_SCHEME, ANY);
}

static void scheme_sent(struct run *run)
{
    static const char *const settings[] = {
        "v=2\npadding-md5=00000000000000000000000000000000", "v=2\nclient=conform",
        "v=2\npadding-md5=", "v=1\npadding-md5=00000000000000000000000000000000",
        "padding-md5=00000000000000000000000000000000\nclient=x\nv=2"};
    struct peer *peer;
    const struct seen *seen = scheme_of(run, settings[run->argument], &peer);

    if (!same(oracle_buffer_bytes(&seen->data), oracle_string(run->options->scheme)))
        fail(run, "another scheme than the one stated to this suite (--padding-scheme)");
    barrier(peer);
    if (seen_count(peer, ORACLE_UPDATE_PADDING_SCHEME, ANY) != 1)
        fail(run, "the scheme came twice");
}

static void scheme_not_sent(struct run *run)
{
    struct peer *peer = session(run);

    barrier(peer);
    never(peer, ORACLE_UPDATE_PADDING_SCHEME, ANY);
}

static void scheme_valid(struct run *run)
{
    struct peer *peer;
    const struct seen *seen = scheme_of(run, "v=2", &peer);

    if (oracle_scheme_read(oracle_buffer_bytes(&seen->data)).status != ORACLE_OK)
        fail(run, "the scheme that the server sends is not valid");
}

static void scheme_before_settings(struct run *run)
{
    struct peer *peer;
    const struct seen *frames;
    size_t count;

    scheme_of(run, "v=2", &peer);
    await(peer, ORACLE_SERVER_SETTINGS, ANY);
    count = seen_all(peer, &frames);
    if (count < 2 || frames[0].command != ORACLE_UPDATE_PADDING_SCHEME)
        fail(run, "UpdatePaddingScheme is not the first frame");
}

#define V2(number) (number)
#define V1(number) (TEXT_V1 + (number))

static const struct test tests[] = {
    {"syn-first", "SETTINGS-FIRST", "SYN before Settings closes the session", syn_first, 0, 0},
    {"syn-first-alert", "ALERT-SEND", "and an Alert says why", syn_first_alert, 0, 0},
    {"empty-then-syn", "SETTINGS-EMPTY", "Settings without data count as none", syn_first, 1, 0},
    {"empty-then-settings", "SETTINGS-EMPTY", "real Settings may follow empty ones",
     empty_then_real, 0, 0},
    {"psh-first", "STREAM-UNKNOWN", "PSH and FIN before Settings are dropped", psh_first, 0, 0},
    {"server-settings", "SETTINGS-SERVER", "ServerSettings come at once, once, with v",
     server_settings_at_once, 0, 0},
    {"version-2", "SETTINGS-VERSION-RULE", "v=2 is of version 2", version_of, V2(0), 0},
    {"version-1", "SYNACK-VERSION", "v=1 gets no ServerSettings and no SYNACK", version_of, V1(1),
     0},
    {"version-missing", "SETTINGS-VERSION", "no v is version 1", version_of, V1(2), 0},
    {"version-letters", "SETTINGS-VERSION", "v=abc is version 1", version_of, V1(3), 0},
    {"version-empty", "SETTINGS-VERSION", "v= is version 1", version_of, V1(4), 0},
    {"version-negative", "SETTINGS-VERSION", "v=-2 is version 1", version_of, V1(5), 0},
    {"version-0", "SETTINGS-VERSION", "v=0 is version 1", version_of, V1(6), 0},
    {"version-3", "SETTINGS-VERSION", "v=3 is spoken as 2", version_of, V2(7), 0},
    {"version-256", "SETTINGS-VERSION", "v=256 does not wrap", version_of, V2(8), 0},
    {"version-beyond-32-bits", "SETTINGS-NUMBER", "v=4294967297 does not wrap", version_of, V2(9),
     0},
    {"version-32-digits", "SETTINGS-NUMBER", "a v of 32 digits", version_of, V2(19), 0},
    {"version-leading-zero", "SETTINGS-NUMBER", "v=02 is 2", version_of, V2(26), 0},
    {"version-hexadecimal", "SETTINGS-NUMBER", "v=0x2 is no number", version_of, V1(23), 0},
    {"version-fraction", "SETTINGS-NUMBER", "v=2.0 is no number", version_of, V1(24), 0},
    {"unknown-keys", "SETTINGS-UNKNOWN", "unknown keys, any order", version_of, V2(10), 0},
    {"duplicate-last-2", "SETTINGS-DUPLICATES", "v=1, then v=2: the last counts", version_of,
     V2(11), 0},
    {"duplicate-last-1", "SETTINGS-DUPLICATES", "v=2, then v=1: the last counts", version_of,
     V1(12), 0},
    {"newline-at-end", "SETTINGS-ITEMS", "a newline at the end", version_of, V2(13), 0},
    {"lines-without-equals", "SETTINGS-ITEMS", "lines that are no items", version_of, V2(14), 0},
    {"equals-in-value", "SETTINGS-ITEMS", "the first '=' splits", version_of, V2(15), 0},
    {"not-utf-8", "SETTINGS-UNKNOWN", "bytes that are no UTF-8 in client", version_of, V2(18), 0},
    {"carriage-return", "SETTINGS-NUMBER", "CR is part of the value", version_of, V1(16), 0},
    {"capital-v", "SETTINGS-UNKNOWN", "V is not v", version_of, V1(17), 0},
    {"key-that-ends-in-v", "SETTINGS-UNKNOWN", "xv is not v", version_of, V1(25), 0},
    {"space-before-key", "SETTINGS-UNKNOWN", "blanks count in keys", version_of, V1(20), 0},
    {"space-in-value", "SETTINGS-NUMBER", "blanks count in values", version_of, V1(21), 0},
    {"space-behind-value", "SETTINGS-NUMBER", "also behind them", version_of, V1(22), 0},
    {"second-same", "SETTINGS-SECOND", "second Settings are ignored", second_settings, 0, 0},
    {"second-other-version", "SETTINGS-SECOND", "also where they state another version",
     second_settings, 1, 0},
    {"long-name", "SETTINGS-ITEMS", "Settings of 400 bytes", long_text, 400, 0},
    {"longest", "SETTINGS-ITEMS", "Settings of 65,000 bytes are taken, or end the session alone",
     long_text, 65000, 0},
    {"stream-id", "SETTINGS-ITEMS", "the stream id of Settings is no matter", with_stream_id, 0, 0},
    {"scheme-for-other-md5", "PAD-UPDATE-SEND", "another MD5 gets the scheme", scheme_sent, 0, 0},
    {"scheme-for-no-md5", "PAD-UPDATE-SEND", "a client that states no MD5 gets the scheme",
     scheme_sent, 1, 0},
    {"scheme-for-empty-md5", "PAD-UPDATE-SEND", "an empty MD5 is another one", scheme_sent, 2, 0},
    {"scheme-for-version-1", "PAD-UPDATE-SEND", "a client of version 1, too", scheme_sent, 3, 0},
    {"scheme-any-order", "PAD-UPDATE-SEND", "where padding-md5 stands is no matter", scheme_sent, 4,
     0},
    {"scheme-same-md5", "PAD-UPDATE-SEND", "the same MD5 gets none", scheme_not_sent, 0, 0},
    {"scheme-valid", "PAD-SIZES", "the scheme that is sent is valid", scheme_valid, 0, 0},
    {"scheme-first", "PAD-UPDATE-SEND", "the scheme comes before ServerSettings",
     scheme_before_settings, 0, 0},
};

SECTION(server_settings, "settings", tests);
