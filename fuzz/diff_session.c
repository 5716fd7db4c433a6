/* A session of ref/core against one of the oracle: the same bytes and calls (session_program.h), as
 * a server and as a client. After each step: same answers, events, output, states of session and
 * streams, deadline; the next write is shaped the same.
 *
 * reaches: anytls_session_receive, anytls_session_open, anytls_session_send, anytls_session_finish,
 * anytls_session_accept, anytls_session_refuse, anytls_session_alert, anytls_session_heartbeat,
 * anytls_session_tick, anytls_session_deadline, anytls_session_pause, anytls_session_resume,
 * anytls_session_close, anytls_session_plan, anytls_decide, anytls_streams_state */
#include <stdlib.h>
#include <string.h>

#include "diff_events.h"

struct both {
    struct anytls_session ours;
    struct oracle_session *theirs;
    struct fuzz_config config;
    struct anytls_stream table[16];
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
    char md5[ANYTLS_MD5_TEXT_SIZE + 1];
    struct fuzz_numbers numbers;
    uint64_t now;
    size_t to_send; /* payload that may still be sent: the oracle takes it byte by byte */
};

#define PAYLOAD_MAX ((size_t)200 * 1024)

static struct diff diff;
static uint8_t out[8192];

static void begin(struct both *both, enum anytls_role role, const struct fuzz_config *config)
{
    struct oracle_config other;

    both->config = *config;
    both->now = 1000;
    both->to_send = PAYLOAD_MAX;
    both->numbers.state = config->cuts + UINT64_C(77);
    other = diff_config(config, role == ANYTLS_SERVER ? ORACLE_SERVER : ORACLE_CLIENT, both->md5);
    both->theirs = oracle_session_new(&other, both->now);
    anytls_session_begin(&both->ours, role, &both->config.session, &both->config.scheme,
                         both->table, config->streams, both->text, config->text, both->now);
}

/* ---- Steps, of ref/ and of the oracle ---- */

static void feed(struct both *both, struct anytls_text bytes)
{
    struct oracle_bytes other = {bytes.bytes, bytes.size};
    size_t consumed = 0;

    while (consumed < bytes.size) {
        size_t size = fuzz_piece(&both->numbers, both->config.cuts, bytes.size - consumed);
        struct anytls_received result = anytls_session_receive(&both->ours, bytes.bytes + consumed,
                                                               size, both->now, out, sizeof out);

        if (result.status != ANYTLS_OK)
            break;
        diff_add_event(&diff, &result.event);
        diff_add_output(&diff, out, result.output);
        consumed += result.consumed;
    }
    FUZZ_ASSERT(oracle_session_receive(both->theirs, other, both->now) == consumed);
}

static void open_stream(struct both *both, struct anytls_text data)
{
    struct anytls_address address = fuzz_destination(data);
    struct anytls_opened opened =
        anytls_session_open(&both->ours, &address, NULL, both->now, out, sizeof out);
    struct oracle_address other = {ORACLE_IPV4, address.size, {0}, address.port};
    uint32_t stream = 0;
    enum oracle_status status;

    if (address.kind != ANYTLS_IPV4)
        other.kind = address.kind == ANYTLS_NAME ? ORACLE_NAME : ORACLE_IPV6;
    memcpy(other.host, address.host, sizeof other.host);
    status = oracle_session_open(both->theirs, &other, both->now, &stream);
    FUZZ_ASSERT(diff_same_status(opened.status, status));
    FUZZ_ASSERT(opened.status != ANYTLS_OK || opened.stream == stream);
    diff_add_output(&diff, out, opened.size);
}

static void send_bytes(struct both *both, uint32_t stream, size_t size)
{
    static const uint8_t zeros[255u * 2048u + 255u * 3u];
    struct oracle_bytes other = {zeros, size < both->to_send ? size : both->to_send};
    enum oracle_status status = oracle_session_send(both->theirs, stream, other);
    struct anytls_sent sent;

    size = other.size;
    both->to_send -= size;
    sent = anytls_session_send(&both->ours, stream, size, out);

    FUZZ_ASSERT(diff_same_status(sent.status, status));
    while (sent.payload > 0) {
        diff_add_output(&diff, out, ANYTLS_FRAME_HEADER_SIZE);
        diff_add_output(&diff, zeros, sent.payload);
        size -= sent.payload;
        sent = anytls_session_send(&both->ours, stream, size, out);
    }
}

static void written(struct anytls_written result, enum oracle_status status)
{
    FUZZ_ASSERT(diff_same_status(result.status, status));
    diff_add_output(&diff, out, result.size);
}

/* Each tick does one thing, on both sides the same. */
static void tick(struct both *both)
{
    for (int i = 0; i < 3; i++) {
        struct anytls_received result =
            anytls_session_tick(&both->ours, both->now, out, sizeof out);

        FUZZ_ASSERT(diff_same_status(result.status, oracle_session_tick(both->theirs, both->now)));
        diff_add_event(&diff, &result.event);
        diff_add_output(&diff, out, result.output);
    }
}

static void do_step(struct both *both, const struct fuzz_step *step)
{
    struct anytls_session *ours = &both->ours;
    struct oracle_session *theirs = both->theirs;
    struct oracle_bytes data = {step->data.bytes, step->data.size};
    uint32_t id = step->stream;

    if (id >= 0x80000000u && ours->streams.count > 0)
        id = ours->streams.entries[id % ours->streams.count].id;
    switch (step->op) {
    case FUZZ_OPEN: open_stream(both, step->data); break;
    case FUZZ_SEND: send_bytes(both, id, fuzz_send_size(step->data)); break;
    case FUZZ_FINISH:
        written(anytls_session_finish(ours, id, out, sizeof out),
                oracle_session_finish(theirs, id));
        break;
    case FUZZ_ACCEPT:
        written(anytls_session_accept(ours, id, out, sizeof out),
                oracle_session_accept(theirs, id));
        break;
    case FUZZ_REFUSE:
        written(anytls_session_refuse(ours, id, step->data, out, sizeof out),
                oracle_session_refuse(theirs, id, data));
        break;
    case FUZZ_HEARTBEAT:
        written(anytls_session_heartbeat(ours, both->now, out, sizeof out),
                oracle_session_heartbeat(theirs, both->now));
        break;
    case FUZZ_ALERT:
        written(anytls_session_alert(ours, step->data, out, sizeof out),
                oracle_session_alert(theirs, data));
        break;
    case FUZZ_CLOSE:
        anytls_session_close(ours);
        oracle_session_close(theirs);
        break;
    case FUZZ_TIME:
        both->now += step->stream % 65536u;
        tick(both);
        break;
    case FUZZ_PAUSE:
        anytls_session_pause(ours);
        oracle_session_pause(theirs);
        break;
    case FUZZ_RESUME:
        anytls_session_resume(ours, both->now);
        oracle_session_resume(theirs, both->now);
        break;
    case FUZZ_RAW:
    case FUZZ_PEER: feed(both, step->data); break;
    default: break;
    }
}

/* ---- What both have to agree on ---- */

static void compare_stream(struct both *both, uint32_t id)
{
    static const char *const names[] = {
        [ANYTLS_STREAM_FRESH] = "fresh",
        [ANYTLS_STREAM_PAST] = "past",
        [ANYTLS_STREAM_OPENING] = "opening",
        [ANYTLS_STREAM_OPEN] = "open",
    };
    enum anytls_stream_state state = anytls_streams_state(&both->ours.streams, id);

    FUZZ_ASSERT(strcmp(names[state], oracle_session_stream(both->theirs, id)) == 0);
}

static void compare_state(struct both *both, uint32_t id)
{
    static const char *const names[] = {
        [ANYTLS_STATE_NEW] = "new",
        [ANYTLS_STATE_V1] = "v1",
        [ANYTLS_STATE_V2] = "v2",
        [ANYTLS_STATE_CLOSED] = "closed",
    };
    struct anytls_deadline deadline = anytls_session_deadline(&both->ours);
    uint64_t at = 0;

    FUZZ_ASSERT(strcmp(names[both->ours.state], oracle_session_state(both->theirs)) == 0);
    FUZZ_ASSERT(oracle_session_deadline(both->theirs, &at) == deadline.set);
    FUZZ_ASSERT(!deadline.set || deadline.at == at);
    if (both->ours.state == ANYTLS_STATE_CLOSED)
        return;
    FUZZ_ASSERT(both->ours.streams.count == oracle_session_streams(both->theirs));
    for (size_t i = 0; i < both->ours.streams.count; i++)
        compare_stream(both, both->ours.streams.entries[i].id);
    compare_stream(both, id);
    compare_stream(both, id + 1);
}

static void compare_shape(struct both *both)
{
    uint32_t random[ORACLE_ITEMS_MAX + 1];
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    struct anytls_plan plan;
    size_t count;

    if (diff.output_size == 0)
        return;
    for (size_t i = 0; i <= ORACLE_ITEMS_MAX; i++)
        random[i] = fuzz_next(&both->numbers);
    plan = anytls_session_plan(&both->ours, diff.output_size);
    count =
        oracle_session_shape(both->theirs, diff.output_size, random, ORACLE_ITEMS_MAX + 1, records);
    for (size_t i = 0; i < count; i++) {
        struct anytls_record record = anytls_plan_next(&plan, random[i]);

        FUZZ_ASSERT(record.more && record.payload == records[i].payload);
        FUZZ_ASSERT(record.waste == records[i].waste);
    }
    FUZZ_ASSERT(!anytls_plan_next(&plan, 0).more);
}

static void run(enum anytls_role role, struct fuzz_input input)
{
    static struct both both;
    struct fuzz_config config = fuzz_config_take(&input, role);
    struct fuzz_step step;

    begin(&both, role, &config);
    while (fuzz_step_next(&input, &step)) {
        size_t count;

        diff_clear(&diff);
        oracle_session_clear(both.theirs);
        do_step(&both, &step);
        count = oracle_session_events(both.theirs);
        for (size_t i = 0; i < count && i < diff.count; i++)
            diff_compare_event(&diff, i, oracle_session_event(both.theirs, i));
        FUZZ_ASSERT(count == diff.count);
        diff_compare_output(&diff, oracle_session_output(both.theirs));
        compare_state(&both, step.stream);
        compare_shape(&both);
    }
    oracle_session_free(both.theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};

    run(ANYTLS_SERVER, input);
    run(ANYTLS_CLIENT, input);
    return 0;
}
