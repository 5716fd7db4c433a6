/* A client and a server joined by a channel that the input cuts, delays and closes.
 *  - Every byte that is sent arrives once, in order, on its stream; what the other end closed before
 *    it came may be missing, from the end.
 *  - No end sees a violation by the other, but a limit that the input set.
 *  - When all has arrived, both ends agree on the version, on which streams are open and accepted;
 *    no heartbeat is unanswered.
 *  - The end of one is the end of both.
 * The input is a stream of frames, as in session_program.h; here a frame from a peer stands for the
 * call that sends it, and the tight bit of an instruction for the server's side. Each session is
 * checked as session_harness.h says.
 *
 * reaches: anytls_session_receive, anytls_session_open, anytls_session_accept,
 * anytls_session_refuse, anytls_session_send, anytls_session_finish, anytls_session_alert,
 * anytls_session_heartbeat, anytls_session_tick, anytls_session_plan, anytls_waste_encode,
 * anytls_decide */
#include <string.h>

#include "session_harness.h"

#define STREAMS 64u
#define CHANNEL_MAX 400000u
#define SENT_MAX 200000u /* bytes of payload an input sends in each direction */

enum { CLIENT, SERVER };

struct way {
    uint8_t *bytes; /* on their way: from start to end */
    size_t start;
    size_t end;
};

struct pair_stream {
    uint8_t destination[ANYTLS_ADDRESS_SIZE_MAX];
    size_t destination_size;
    size_t sent[2];     /* by client, by server */
    size_t received[2]; /* by server, by client */
    bool known[2];      /* the side has it, or had it */
    bool left[2];       /* the side closed it itself */
};

struct side {
    struct pair *pair;
    int which;
    struct harness harness;
    struct harness_watch watch;
    struct way out;
};

struct pair {
    struct side sides[2];
    struct pair_stream streams[STREAMS];
    uint32_t first; /* the id before the first */
    size_t sent[2];
};

static uint8_t channel[2][CHANNEL_MAX];
static uint8_t payload[SENT_MAX];

static struct pair_stream *stream_of(struct pair *pair, uint32_t id)
{
    FUZZ_ASSERT(id > pair->first && id - pair->first <= STREAMS);
    return &pair->streams[id - pair->first - 1];
}

/* Byte number at of what a side sends on a stream. */
static uint8_t byte_of(const struct pair_stream *stream, int which, uint32_t id, size_t at)
{
    if (which == CLIENT && at < stream->destination_size)
        return stream->destination[at];
    return (uint8_t)(id * 31u + (unsigned)which * 17u + at * 7u + at / 256u);
}

/* ---- The channel ---- */

static void append(struct way *way, const uint8_t *bytes, size_t size)
{
    FUZZ_ASSERT(size <= CHANNEL_MAX - way->end);
    memcpy(way->bytes + way->end, bytes, size);
    way->end += size;
}

/* Waste may be left out: where the channel is nearly full it is. */
static void append_waste(struct side *side)
{
    struct way *way = &side->out;

    for (size_t i = 0; i < side->harness.waste_count; i++) {
        size_t size = side->harness.waste[i];
        struct anytls_written written;

        if (size > 3000 || size + SENT_MAX > CHANNEL_MAX - way->end)
            return;
        written = anytls_waste_encode(size, way->bytes + way->end, CHANNEL_MAX - way->end);
        FUZZ_ASSERT(written.status == ANYTLS_OK);
        way->end += written.size;
    }
}

static void on_output(void *context, const uint8_t *bytes, size_t size)
{
    struct side *side = context;

    append(&side->out, bytes, size);
    append_waste(side);
}

/* Up to size bytes arrive at a side. */
static void move(struct side *side, size_t size)
{
    struct way *way = &side->pair->sides[1 - side->which].out;
    struct anytls_text bytes = {way->bytes + way->start, way->end - way->start};

    if (bytes.size > size)
        bytes.size = size;
    way->start += bytes.size;
    if (bytes.size > 0)
        harness_feed(&side->harness, bytes);
    if (way->start == way->end) {
        way->start = 0;
        way->end = 0;
    }
}

/* ---- Events ---- */

static void on_data(struct side *side, const struct anytls_event *event)
{
    int from = 1 - side->which;
    struct pair_stream *stream = stream_of(side->pair, event->stream);

    for (size_t i = 0; i < event->data.size; i++)
        FUZZ_ASSERT(event->data.bytes[i] ==
                    byte_of(stream, from, event->stream, stream->received[from] + i));
    stream->received[from] += event->data.size;
    FUZZ_ASSERT(stream->received[from] <= stream->sent[from]);
}

static bool may_be_violated(const struct side *side, enum anytls_status violation)
{
    size_t text = side->harness.config.text;

    switch (violation) {
    case ANYTLS_OK:
    case ANYTLS_TOO_MANY_STREAMS:
    case ANYTLS_ALERTED:
    case ANYTLS_PEER_SILENT: return true;
    case ANYTLS_TOO_LONG: return text < ANYTLS_SETTINGS_SIZE_MAX;
    default: return false;
    }
}

static void on_event(void *context, const struct anytls_event *event)
{
    struct side *side = context;
    struct anytls_text scheme = side->pair->sides[SERVER].harness.config.scheme.text;

    FUZZ_ASSERT(may_be_violated(side, event->violation));
    switch (event->type) {
    case ANYTLS_EVENT_STREAM_OPENED:
        FUZZ_ASSERT(!stream_of(side->pair, event->stream)->known[SERVER]);
        stream_of(side->pair, event->stream)->known[SERVER] = true;
        break;
    case ANYTLS_EVENT_DATA: on_data(side, event); break;
    case ANYTLS_EVENT_SCHEME:
        FUZZ_ASSERT(event->data.size == scheme.size);
        FUZZ_ASSERT(fuzz_same(event->data.bytes, scheme.bytes, scheme.size));
        break;
    case ANYTLS_EVENT_STREAM_FINISHED:
    case ANYTLS_EVENT_STREAM_REFUSED: {
        int from = 1 - side->which;
        struct pair_stream *stream = stream_of(side->pair, event->stream);

        FUZZ_ASSERT(stream->received[from] == stream->sent[from]);
        break;
    }
    default: break;
    }
}

/* ---- Calls ---- */

static void open_stream(struct pair *pair, struct anytls_text data)
{
    struct anytls_address address = fuzz_destination(data);
    struct harness *harness = &pair->sides[CLIENT].harness;
    struct pair_stream *stream;

    if (harness->highest - pair->first >= STREAMS)
        return;
    stream = &pair->streams[harness->highest - pair->first];
    if (harness_open(harness, &address, false).status != ANYTLS_OK)
        return;
    stream->destination_size =
        anytls_address_encode(ANYTLS_TABLE_SOCKS, &address, stream->destination,
                              sizeof stream->destination)
            .size;
    stream->sent[CLIENT] = stream->destination_size;
    stream->known[CLIENT] = true;
}

/* One frame of payload. */
static size_t send_some(struct side *side, uint32_t id, size_t size)
{
    struct anytls_sent sent = harness_send(&side->harness, id, size);
    struct pair_stream *stream;

    if (sent.payload == 0)
        return 0;
    stream = stream_of(side->pair, id);
    for (size_t i = 0; i < sent.payload; i++)
        payload[i] = byte_of(stream, side->which, id, stream->sent[side->which] + i);
    append(&side->out, side->harness.out, ANYTLS_FRAME_HEADER_SIZE);
    append(&side->out, payload, sent.payload);
    append_waste(side);
    stream->sent[side->which] += sent.payload;
    return sent.payload;
}

static void send_bytes(struct side *side, uint32_t id, size_t size)
{
    size_t *total = &side->pair->sent[side->which];
    size_t sent = 1;

    if (size > SENT_MAX - *total)
        size = SENT_MAX - *total;
    *total += size;
    while (size > 0 && sent > 0) {
        sent = send_some(side, id, size);
        size -= sent;
    }
}

static void finish(struct side *side, uint32_t id)
{
    if (harness_finish(&side->harness, id, false).status == ANYTLS_OK)
        stream_of(side->pair, id)->left[side->which] = true;
}

static void refuse(struct pair *pair, uint32_t id, struct anytls_text reason)
{
    if (harness_refuse(&pair->sides[SERVER].harness, id, reason, false).status == ANYTLS_OK)
        stream_of(pair, id)->left[SERVER] = true;
}

static void let_time_pass(struct pair *pair, uint32_t milliseconds)
{
    for (int i = 0; i < 2; i++) {
        pair->sides[i].harness.now += milliseconds;
        harness_tick(&pair->sides[i].harness, false);
    }
}

/* A frame from a peer stands for the call that sends it. */
static struct fuzz_step as_call(struct fuzz_step step)
{
    static const enum fuzz_op calls[] = {
        [ANYTLS_WASTE] = FUZZ_MOVE,    [ANYTLS_SYN] = FUZZ_OPEN,
        [ANYTLS_PSH] = FUZZ_SEND,      [ANYTLS_FIN] = FUZZ_FINISH,
        [ANYTLS_SETTINGS] = FUZZ_OPEN, [ANYTLS_ALERT] = FUZZ_ALERT,
        [ANYTLS_SYNACK] = FUZZ_ACCEPT, [ANYTLS_HEART_REQUEST] = FUZZ_HEARTBEAT,
    };
    uint8_t command;

    if (step.op != FUZZ_PEER)
        return step;
    command = step.data.bytes[0];
    step.op = command < sizeof calls / sizeof *calls ? calls[command] : FUZZ_MOVE;
    if (step.op == FUZZ_ACCEPT && step.data.size > ANYTLS_FRAME_HEADER_SIZE)
        step.op = FUZZ_REFUSE;
    if (step.data.size >= ANYTLS_FRAME_HEADER_SIZE) {
        step.data.bytes += ANYTLS_FRAME_HEADER_SIZE;
        step.data.size -= ANYTLS_FRAME_HEADER_SIZE;
    }
    return step;
}

static void do_step(struct pair *pair, struct fuzz_step step)
{
    struct side *side = &pair->sides[step.tight ? SERVER : CLIENT];
    struct harness *server = &pair->sides[SERVER].harness;
    uint32_t id = harness_stream_of(&side->harness, step.stream);

    switch (step.op) {
    case FUZZ_OPEN: open_stream(pair, step.data); break;
    case FUZZ_SEND: send_bytes(side, id, fuzz_send_size(step.data)); break;
    case FUZZ_FINISH: finish(side, id); break;
    case FUZZ_ACCEPT: harness_accept(server, harness_stream_of(server, step.stream), false); break;
    case FUZZ_REFUSE: refuse(pair, harness_stream_of(server, step.stream), step.data); break;
    case FUZZ_USER: harness_user(&side->harness, id); break;
    case FUZZ_HEARTBEAT: harness_heartbeat(&side->harness, false); break;
    case FUZZ_ALERT: harness_alert(server, step.data, false); break;
    case FUZZ_CLOSE: harness_close(&side->harness); break;
    case FUZZ_TIME: let_time_pass(pair, step.stream % 65536u); break;
    case FUZZ_PAUSE: anytls_session_pause(&side->harness.session); break;
    case FUZZ_RESUME: anytls_session_resume(&side->harness.session, side->harness.now); break;
    case FUZZ_GROW: harness_grow(&side->harness); break;
    default: move(side, step.stream % 1024u); break;
    }
}

/* ---- The end ---- */

static bool is_closed(const struct pair *pair, int which)
{
    return pair->sides[which].harness.state == ANYTLS_STATE_CLOSED;
}

/* All that is under way arrives; then, if one side has ended, so does the transport of the other. */
static void drain(struct pair *pair)
{
    for (int i = 0; i < 4; i++) {
        move(&pair->sides[SERVER], CHANNEL_MAX);
        move(&pair->sides[CLIENT], CHANNEL_MAX);
    }
    FUZZ_ASSERT(pair->sides[CLIENT].out.end == 0 && pair->sides[SERVER].out.end == 0);
}

static void check_stream(struct pair *pair, uint32_t id)
{
    struct pair_stream *stream = stream_of(pair, id);
    struct harness_stream *client = harness_find(&pair->sides[CLIENT].harness, id);
    struct harness_stream *server = harness_find(&pair->sides[SERVER].harness, id);

    FUZZ_ASSERT((client == NULL) == (server == NULL));
    if (client != NULL && pair->sides[CLIENT].harness.state == ANYTLS_STATE_V2)
        FUZZ_ASSERT(client->state == server->state);
    FUZZ_ASSERT(stream->received[CLIENT] == stream->sent[CLIENT] || stream->left[SERVER] ||
                !stream->known[SERVER]);
    FUZZ_ASSERT(stream->received[SERVER] == stream->sent[SERVER] || stream->left[CLIENT]);
}

static void check_agreement(struct pair *pair)
{
    struct harness *client = &pair->sides[CLIENT].harness;
    struct harness *server = &pair->sides[SERVER].harness;

    if (is_closed(pair, CLIENT) || is_closed(pair, SERVER)) {
        for (int i = 0; i < 2; i++)
            harness_close(&pair->sides[i].harness);
        drain(pair);
        return;
    }
    if (client->settings_sent && client->config.text >= ANYTLS_SETTINGS_SIZE_MAX)
        FUZZ_ASSERT((client->state == ANYTLS_STATE_V2) == (server->state == ANYTLS_STATE_V2));
    FUZZ_ASSERT(client->count == server->count);
    FUZZ_ASSERT(!client->heart_sent && !server->heart_sent);
    for (uint32_t id = pair->first + 1; id - pair->first <= client->highest - pair->first; id++)
        check_stream(pair, id);
}

static void begin_side(struct pair *pair, int which, const struct fuzz_config *config)
{
    struct side *side = &pair->sides[which];

    side->pair = pair;
    side->which = which;
    side->out.bytes = channel[which];
    side->watch.context = side;
    side->watch.event = on_event;
    side->watch.output = on_output;
    harness_begin(&side->harness, which == SERVER ? ANYTLS_SERVER : ANYTLS_CLIENT, config);
    side->harness.watch = &side->watch;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pair pair;
    struct fuzz_input input = {data, size};
    struct fuzz_config config = fuzz_config_take(&input, ANYTLS_CLIENT);
    struct fuzz_step step;

    memset(&pair, 0, sizeof pair);
    begin_side(&pair, CLIENT, &config);
    config.scheme = anytls_scheme_default;
    config.session.version = (config.flags & FUZZ_OWN_HASH) != 0 ? 1 : 2;
    if (config.streams > 0)
        config.streams--;
    begin_side(&pair, SERVER, &config);
    pair.first = pair.sides[CLIENT].harness.highest;
    while (fuzz_step_next(&input, &step))
        do_step(&pair, as_call(step));
    drain(&pair);
    check_agreement(&pair);
    harness_end(&pair.sides[CLIENT].harness);
    harness_end(&pair.sides[SERVER].harness);
    return 0;
}
