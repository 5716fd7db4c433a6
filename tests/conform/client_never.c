/* What a client must never send, provoked; applications that leave in the middle. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

static void settings_not_again(struct run *run)
{
    struct flow flow = flow_first(run);

    for (int i = 0; i < 2; i++) {
        flow_end(run, &flow);
        flow = flow_next(run, flow.peer);
        flow_exchange(run, &flow, 50);
    }
    barrier(flow.peer);
    if (seen_count(flow.peer, ORACLE_SETTINGS, ANY) != 1)
        fail(run, "%zu Settings in one session", seen_count(flow.peer, ORACLE_SETTINGS, ANY));
}

/* Lines of key=value, joined by newlines: none is empty, none ends in CR. */
static void settings_form(struct run *run)
{
    const struct seen *settings;
    struct oracle_bytes text;
    size_t line = 0;
    bool split = false;

    app_begin(run, "target.example", 80);
    settings = await(session_accept(run), ORACLE_SETTINGS, ANY);
    text = oracle_buffer_bytes(&settings->data);
    for (size_t i = 0; i <= text.size; i++) {
        bool end = i == text.size || text.at[i] == '\n';

        if (!end) {
            split = split || (text.at[i] == '=' && i > line);
            continue;
        }
        if (i == line)
            fail(run, "an empty line in Settings, or a newline at their end");
        if (!split)
            fail(run, "a line of Settings that is no key=value");
        if (text.at[i - 1] == '\r')
            fail(run, "a line of Settings ends in CR");
        line = i + 1;
        split = false;
    }
}

/* Whether each PSH and FIN belongs to a stream that a SYN opened and no FIN ended. */
static void judge_frames(struct run *run, struct peer *peer)
{
    const struct seen *frames;
    size_t count = seen_all(peer, &frames);
    bool open[256] = {false};

    for (size_t i = 0; i < count; i++) {
        uint32_t id = frames[i].stream;

        if (frames[i].command != ORACLE_SYN && frames[i].command != ORACLE_PSH &&
            frames[i].command != ORACLE_FIN)
            continue;
        if (id > 255)
            skip(run, "stream ids above 255 are not followed");
        if (frames[i].command == ORACLE_SYN && open[id])
            fail(run, "a second SYN of stream %u", (unsigned)id);
        if (frames[i].command != ORACLE_SYN && !open[id])
            fail(run, "%s of stream %u, which is not open", oracle_command_name(frames[i].command),
                 (unsigned)id);
        open[id] = frames[i].command != ORACLE_FIN;
    }
}

static void frames_of_open_streams(struct run *run)
{
    struct flow flow = flow_first(run);

    for (int i = 0; i < 3; i++) {
        flow_exchange(run, &flow, 70000);
        flow_end(run, &flow);
        barrier(flow.peer);
        flow = flow_next(run, flow.peer);
    }
    judge_frames(run, flow.peer);
}

/* FIN of an application that is gone. A client may hold it back while an answer is owed, and learns
 * from answers that nobody takes them. */
static void fin_of_gone(struct run *run, struct peer *peer, uint32_t stream)
{
    uint64_t until = deadline(run);

    while (await_try(peer, ORACLE_FIN, stream, now_ms() + 50) == NULL) {
        if (now_ms() > until)
            fail(run, "no FIN for stream %u, whose application is gone", (unsigned)stream);
        send_frame(peer, ORACLE_PSH, stream, "an answer");
    }
}

/* A large write, then the application's end: all of it comes, then FIN, and nothing behind. */
static void nothing_after_fin(struct run *run)
{
    struct flow flow = flow_first(run);
    struct oracle_buffer bytes = pattern(300000, 31);

    app_send(run, flow.app, oracle_buffer_bytes(&bytes));
    if (run->argument == 1)
        shutdown(flow.app, SHUT_WR);
    else
        close(flow.app);
    await_bytes(flow.peer, flow.stream, oracle_buffer_bytes(&bytes));
    if (run->argument == 1)
        send_frame(flow.peer, ORACLE_FIN, flow.stream, "");
    else
        fin_of_gone(run, flow.peer, flow.stream);
    barrier(flow.peer);
    judge_frames(run, flow.peer);
}

/* A stream that is refused; the next one has a higher id, and the refused one gets no FIN. */
static void after_refusal(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};
    uint32_t refused;

    need_version_two(run);
    flow.peer = session_accept(run);
    welcome(flow.peer);
    stream_await(run, flow.peer, &flow.stream);
    refused = flow.stream;
    send_frame(flow.peer, ORACLE_SYNACK, refused, "connection refused");
    app_fails(run, flow.app);
    close(flow.app);
    barrier(flow.peer);
    if (run->argument == 0) {
        never(flow.peer, ORACLE_FIN, ANY);
        return;
    }
    flow = flow_next(run, flow.peer);
    if (flow.stream <= refused)
        fail(run, "stream id %u follows %u, which was refused", (unsigned)flow.stream,
             (unsigned)refused);
}

/* ---- Version 1 ---- */

static struct flow version_one(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};

    flow.peer = session_accept(run);
    await(flow.peer, ORACLE_SETTINGS, ANY);
    stream_await(run, flow.peer, &flow.stream);
    if (app_reply(run, flow.app) != 0)
        fail(run, "SOCKS: the client refuses the request: does it wait for SYNACK?");
    return flow;
}

static void synack_in_version_one(struct run *run)
{
    struct flow flow = version_one(run);

    send_frame(flow.peer, ORACLE_SYNACK, flow.stream, run->argument == 0 ? "" : "an error");
    barrier(flow.peer);
    if (run->argument == 0)
        flow_exchange(run, &flow, 100);
    else
        app_ended(run, flow.app);
}

/* A target that says nothing for longer than a SYNACK may take in version 2. */
static void no_heart_in_version_one(struct run *run)
{
    struct flow flow = version_one(run);

    await_try(flow.peer, ORACLE_HEART_REQUEST, ANY, now_ms() + (uint64_t)run->argument);
    never(flow.peer, ORACLE_HEART_REQUEST, ANY);
    flow_exchange(run, &flow, 100);
    never(flow.peer, ORACLE_HEART_REQUEST, ANY);
}

/* ---- Sessions that break off ---- */

static void cut_in_frame(struct run *run)
{
    static const uint8_t bytes[] = {2, 0, 0, 0, 0, 0, 9, 'h', 'a', 'l', 'f'};
    struct flow flow = flow_first(run);

    flow_exchange(run, &flow, 100);
    add_raw(flow.peer, (struct oracle_bytes){bytes, (size_t)run->argument});
    flush(flow.peer);
    peer_close(flow.peer);
    await_closed(flow.peer);
    app_ended(run, flow.app);
    close(flow.app);
    flow = flow_first(run);
    flow_exchange(run, &flow, 100);
}

/* Where the session ends with its stream, FIN is there first. */
static void fin_before_close(struct run *run)
{
    struct flow flow = flow_first(run);

    flow_exchange(run, &flow, 1000);
    flow_end(run, &flow);
}

/* ---- Applications that leave ---- */

static void reset(int app)
{
    struct linger linger = {1, 0};

    setsockopt(app, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(app);
}

/* In the middle of 2 MB: frames stay whole, and the session serves the next one. */
static void cancelled_write(struct run *run)
{
    struct flow flow = flow_first(run);
    struct oracle_buffer bytes = pattern(2000000, 17);

    app_send(run, flow.app, (struct oracle_bytes){bytes.at, 50000});
    send(flow.app, bytes.at + 50000, bytes.size - 50000, MSG_NOSIGNAL | MSG_DONTWAIT);
    await(flow.peer, ORACLE_PSH, flow.stream);
    reset(flow.app);
    fin_of_gone(run, flow.peer, flow.stream);
    barrier(flow.peer);
    flow = flow_next(run, flow.peer);
    flow_exchange(run, &flow, 100);
    judge_frames(run, flow.peer);
}

/* Between SYN and SYNACK. */
static void cancelled_open(struct run *run)
{
    struct flow flow = {app_begin(run, "target.example", 80), NULL, 0};
    uint32_t cancelled;

    flow.peer = session_accept(run);
    welcome(flow.peer);
    stream_await(run, flow.peer, &cancelled);
    reset(flow.app);
    fin_of_gone(run, flow.peer, cancelled);
    send_frame(flow.peer, ORACLE_SYNACK, cancelled, "");
    barrier(flow.peer);
    flow = flow_next(run, flow.peer);
    if (flow.stream <= cancelled)
        fail(run, "stream id %u follows %u", (unsigned)flow.stream, (unsigned)cancelled);
    flow_exchange(run, &flow, 100);
    judge_frames(run, flow.peer);
}

static const struct test tests[] = {
    {"settings-again", "SETTINGS-SEND", "one Settings for three streams", settings_not_again, 0, 0},
    {"settings-form", "SETTINGS-CLIENT", "lines of key=value and nothing else", settings_form, 0,
     CASE_MAY},
    {"frames-of-no-stream", "STREAM-OPEN", "PSH and FIN only between SYN and FIN",
     frames_of_open_streams, 0, 0},
    {"nothing-behind-fin", "FIN-SEND", "300 kB and the end: all, FIN, and nothing behind",
     nothing_after_fin, 0, 0},
    {"bytes-lost-at-half-close", "PROXY-RELAY", "300 kB and half an end: all of it",
     nothing_after_fin, 1, 0},
    {"fin-behind-error-synack", "SYNACK-ERROR-RECEIVE", "no FIN for a stream that was refused",
     after_refusal, 0, CASE_MAY},
    {"id-again-after-refusal", "STREAM-IDS", "the id behind a refused one is higher", after_refusal,
     1, 0},
    {"synack-in-version-1", "SYNACK-VERSION", "SYNACK in version 1 changes nothing",
     synack_in_version_one, 0, 0},
    {"synack-error-in-version-1", "SYNACK-VERSION", "its error text closes the stream",
     synack_in_version_one, 1, 0},
    {"heart-in-version-1", "HEART-VERSION", "no HeartRequest in version 1, 5 s of silence",
     no_heart_in_version_one, 5000, CASE_SLOW},
    {"cut-in-header", "FRAME-HEADER", "a session that ends inside a header", cut_in_frame, 4, 0},
    {"cut-in-data", "FRAME-HEADER", "a session that ends inside data", cut_in_frame, 11, 0},
    {"close-before-fin", "FIN-BEFORE-END", "FIN comes before a session's end", fin_before_close, 0,
     0},
    {"cancelled-write", "PROXY-RELAY", "an application that resets amid 2 MB", cancelled_write, 0,
     CASE_MAY},
    {"cancelled-open", "STREAM-IDS", "an application that resets before SYNACK", cancelled_open, 0,
     CASE_MAY},
};

SECTION(client_never, "never", tests);
