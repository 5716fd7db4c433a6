#include "diff_act.h"

#include <stdlib.h>
#include <string.h>

#include "io/digest.h"

static void fail(struct act *act, const char *what)
{
    if (act->fault[0] == '\0')
        snprintf(act->fault, FAULT_SIZE, "%s", act->side.fault[0] != '\0' ? act->side.fault : what);
}

static bool is_failed(struct act *act)
{
    if (act->side.fault[0] != '\0' || act->link.failed)
        fail(act, "the connection broke");
    return act->fault[0] != '\0';
}

static struct act_stream *find(struct act *act, uint32_t id)
{
    for (size_t i = act->count; i > 0; i--)
        if (act->streams[i - 1].id == id)
            return &act->streams[i - 1];
    return NULL;
}

static struct act_stream *begin_stream(struct act *act, uint32_t id)
{
    struct act_stream *stream = &act->streams[act->count];

    if (act->count == SCRIPT_STREAMS_MAX) {
        fail(act, "more streams than the script has");
        return &act->streams[0];
    }
    act->count++;
    memset(stream, 0, sizeof *stream);
    stream->id = id;
    stream->tally = tally_begin();
    snprintf(stream->end, sizeof stream->end, "open");
    return stream;
}

void act_free(struct act *act)
{
    for (size_t i = 0; i < act->count; i++)
        blob_free(&act->streams[i].pending);
    side_free(&act->side);
    link_free(&act->link);
}

/* ---- Events ---- */

static void refused(struct act_stream *stream, struct anytls_text text)
{
    snprintf(stream->end, sizeof stream->end, "refused:%.*s", (int)text.size,
             (const char *)text.bytes);
    for (char *at = stream->end; *at != '\0'; at++)
        if (*at == ' ')
            *at = '_';
}

static void listen_to(void *context, const struct anytls_event *event)
{
    struct act *act = context;
    struct act_stream *stream = find(act, event->stream);

    if (event->violation != ANYTLS_OK)
        fail(act, anytls_status_text(event->violation));
    switch (event->type) {
    case ANYTLS_EVENT_STREAM_OPENED: begin_stream(act, event->stream); return;
    case ANYTLS_EVENT_HEART_ANSWERED: act->hearts--; return;
    case ANYTLS_EVENT_SCHEME:
        act->scheme_came = true;
        act->scheme = tally_begin();
        tally_add(&act->scheme, event->data.bytes, event->data.size);
        return;
    case ANYTLS_EVENT_ALERT: fail(act, "Alert from the peer"); return;
    default: break;
    }
    if (stream == NULL)
        return;
    if (event->type == ANYTLS_EVENT_STREAM_ACCEPTED)
        stream->accepted = true;
    if (event->type == ANYTLS_EVENT_STREAM_FINISHED)
        snprintf(stream->end, sizeof stream->end, "finished");
    if (event->type == ANYTLS_EVENT_STREAM_REFUSED)
        refused(stream, event->data);
    if (event->type != ANYTLS_EVENT_DATA)
        return;
    if (act->script->server)
        blob_add(&stream->pending, event->data.bytes, event->data.size);
    else
        tally_add(&stream->tally, event->data.bytes, event->data.size);
}

/* ---- Both ---- */

static void begin(struct act *act)
{
    struct side_options options = {ANYTLS_CLIENT, act->script->version,   false,
                                   SIDE_STREAMS,  ANYTLS_SCHEME_SIZE_MAX, {0},
                                   NULL};

    if (act->script->server) {
        options.role = ANYTLS_SERVER;
        options.scheme = act->script->scheme[0] != '\0' ? act->script->scheme : NULL;
    }
    act->seed = act->script->seed;
    side_begin(&act->side, &options, 0);
    act->side.listener = listen_to;
    act->side.context = act;
}

/* Sends what the side wrote, a record at a time. */
static void flush(struct act *act)
{
    struct blob wire = {NULL, 0, 0};
    struct blob lengths = {NULL, 0, 0};
    size_t at = 0;

    if (act->side.out.size > 0)
        side_write(&act->side, &act->seed, &wire, &lengths);
    for (size_t i = 0; i < lengths.size; i += sizeof(uint32_t)) {
        uint32_t length;

        memcpy(&length, lengths.at + i, sizeof length);
        link_write(&act->link, wire.at + at, length);
        at += length;
    }
    blob_free(&wire);
    blob_free(&lengths);
}

static void pump(struct act *act, int timeout_ms)
{
    link_pump(&act->link, timeout_ms);
    if (act->link.in.size == 0)
        return;
    side_receive(&act->side, act->link.in.at, act->link.in.size, 0, draw_below(&act->seed, 3));
    act->link.in.size = 0;
    flush(act);
}

/* ---- The client ---- */

static void send_preamble(struct act *act)
{
    static const struct anytls_text password = {(const uint8_t *)PASSWORD, sizeof PASSWORD - 1};
    uint8_t hash[ANYTLS_HASH_SIZE];
    uint8_t out[1024];
    uint16_t padding = anytls_padding_zero(&act->side.scheme, draw(&act->seed));

    if (!anytls_password_hash(password, hash))
        abort();
    link_write(&act->link, out, anytls_preamble_encode(hash, padding, out, sizeof out).size);
}

static bool is_settled(const struct act *act, const struct act_stream *stream)
{
    if (strcmp(stream->end, "closed") == 0)
        return true;
    if (act->script->version == 2 && !stream->accepted && stream->port != PORT_FAIL &&
        (stream->port != PORT_LATE_ECHO || stream->written > 0))
        return false;
    if (stream->port == PORT_FAIL)
        return strcmp(stream->end, "open") != 0;
    if (stream->port == PORT_SINK)
        return stream->tally.size == 1;
    if (stream->port >= PORT_SEND)
        return strcmp(stream->end, "finished") == 0;
    return stream->tally.size == stream->written;
}

static bool all_settled(const struct act *act)
{
    for (size_t i = 0; i < act->count; i++)
        if (!is_settled(act, &act->streams[i]))
            return false;
    return act->hearts == 0;
}

static void wait_for_all(struct act *act)
{
    long long deadline = now_ms() + PATIENCE_MS;

    while (!is_failed(act) && !all_settled(act)) {
        if (act->link.ended || now_ms() > deadline)
            fail(act, act->link.ended ? "the peer has closed" : "what had to come did not come");
        pump(act, 50);
    }
}

static void open_stream(struct act *act, const struct step *step)
{
    static const uint8_t ipv4[] = {192, 0, 2, 7};
    static const uint8_t ipv6[] = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
    struct anytls_address address = {ANYTLS_NAME, (uint16_t)step->port, 14, "target.example"};
    uint32_t id;

    if (step->host == 1) {
        address.kind = ANYTLS_IPV4;
        address.size = sizeof ipv4;
        memcpy(address.host, ipv4, sizeof ipv4);
    } else if (step->host == 2) {
        address.kind = ANYTLS_IPV6;
        address.size = sizeof ipv6;
        memcpy(address.host, ipv6, sizeof ipv6);
    }
    if (side_open(&act->side, &address, 0, &id) != ANYTLS_OK)
        fail(act, "a stream cannot be opened");
    begin_stream(act, id)->port = step->port;
}

static void take_step(struct act *act, const struct step *step)
{
    struct act_stream *stream = &act->streams[step->stream];
    struct blob data = {NULL, 0, 0};

    switch (step->kind) {
    case 'o': open_stream(act, step); break;
    case 'w':
        blob_add_pattern(&data, step->size, step->seed);
        if (side_send(&act->side, stream->id, data.at, data.size) != ANYTLS_OK)
            fail(act, "data cannot be sent");
        stream->written += data.size;
        blob_free(&data);
        break;
    case 'c':
        side_finish(&act->side, stream->id); /* the peer may have ended it before */
        snprintf(stream->end, sizeof stream->end, "closed");
        break;
    case 'h':
        if (side_heartbeat(&act->side, 0) == ANYTLS_OK)
            act->hearts++;
        break;
    default: wait_for_all(act); break;
    }
}

/* Reads to the end: a socket that is closed over unread input loses what the peer has not read. */
static void read_to_end(struct act *act)
{
    long long deadline = now_ms() + PATIENCE_MS;

    while (!is_failed(act) && !act->link.ended) {
        if (now_ms() > deadline)
            fail(act, "the peer does not close");
        pump(act, 50);
    }
}

bool act_client(struct act *act)
{
    begin(act);
    send_preamble(act);
    for (size_t i = 0; i < act->script->count && !is_failed(act); i++) {
        take_step(act, &act->script->steps[i]);
        flush(act);
        pump(act, 0);
    }
    if (!is_failed(act))
        link_shut(&act->link);
    read_to_end(act);
    return !is_failed(act);
}

/* ---- The server ---- */

/* The destination stands before a stream's data. */
static void take_destination(struct act *act, struct act_stream *stream)
{
    struct oracle_bytes all = {stream->pending.at, stream->pending.size};
    struct anytls_address_result result =
        anytls_address_decode(ANYTLS_TABLE_SOCKS, all.at, all.size);
    struct oracle_address other;
    size_t consumed = 0;
    enum oracle_status status = oracle_address_read(ORACLE_SOCKS_TYPES, all, &other, &consumed);

    if (strcmp(anytls_status_text(result.status), oracle_status_text(status)) != 0 ||
        (result.status == ANYTLS_OK && result.consumed != consumed))
        fail(act, "reference and oracle read different destinations");
    if (result.status != ANYTLS_OK)
        return;
    stream->named = true;
    stream->port = result.address.port;
    if (result.address.kind == ANYTLS_NAME)
        snprintf(stream->destination, sizeof stream->destination, "%.*s:%u", result.address.size,
                 (const char *)result.address.host, stream->port);
    else
        snprintf(stream->destination, sizeof stream->destination,
                 result.address.kind == ANYTLS_IPV4 ? "%s:%u" : "[%s]:%u",
                 script_host(result.address.kind == ANYTLS_IPV4 ? 1 : 2), stream->port);
    blob_drop(&stream->pending, result.consumed);
}

static void send_all(struct act *act, struct act_stream *stream)
{
    struct blob data = {NULL, 0, 0};

    side_accept(&act->side, stream->id);
    blob_add_pattern(&data, (size_t)stream->port * SEND_FACTOR, stream->port);
    for (size_t at = 0; at < data.size;) {
        size_t size = 1 + draw_below(&act->seed, 70000);

        if (size > data.size - at)
            size = data.size - at;
        side_send(&act->side, stream->id, data.at + at, size);
        at += size;
    }
    side_finish(&act->side, stream->id);
    blob_free(&data);
}

static void refuse(struct act *act, struct act_stream *stream)
{
    char reason[400];

    snprintf(reason, sizeof reason, "cannot reach %s", stream->destination);
    side_refuse(&act->side, stream->id, reason);
}

static void accept_stream(struct act *act, struct act_stream *stream)
{
    if (stream->accepted)
        return;
    stream->accepted = true;
    side_accept(&act->side, stream->id);
    if (stream->port == PORT_SINK)
        side_send(&act->side, stream->id, (const uint8_t *)"k", 1);
}

/* Does for a stream what its port says. The client may have ended it: then calls change nothing. */
static void serve(struct act *act, struct act_stream *stream)
{
    if (!stream->named)
        take_destination(act, stream);
    if (!stream->named)
        return;
    if ((stream->port == PORT_FAIL || stream->port >= PORT_SEND) && !stream->begun) {
        stream->begun = true;
        if (stream->port == PORT_FAIL)
            refuse(act, stream);
        else
            send_all(act, stream);
    } else if (!stream->begun && (stream->port != PORT_LATE_ECHO || stream->pending.size > 0)) {
        accept_stream(act, stream);
    }
    tally_add(&stream->tally, stream->pending.at, stream->pending.size);
    if (stream->pending.size > 0 && stream->port != PORT_SINK && !stream->begun)
        side_send(&act->side, stream->id, stream->pending.at, stream->pending.size);
    stream->pending.size = 0;
}

/* Takes the preamble off what has come; true: it is whole. */
static bool take_preamble(struct act *act, struct anytls_preamble *preamble)
{
    static const struct anytls_text password = {(const uint8_t *)PASSWORD, sizeof PASSWORD - 1};
    struct oracle_bytes all = {act->link.in.at, act->link.in.size};
    uint8_t hash[ANYTLS_HASH_SIZE];
    size_t consumed = 0;
    struct anytls_preamble_result result;

    if (act->link.in.size < ANYTLS_PREAMBLE_SIZE || !anytls_password_hash(password, hash))
        return false;
    result = anytls_preamble_receive(preamble, hash, all.at, all.size);
    if (result.status != ANYTLS_OK || oracle_preamble_read(all, hash, &consumed) != ORACLE_OK ||
        consumed != result.consumed)
        fail(act, "the preamble is not what both read");
    blob_drop(&act->link.in, result.consumed);
    return true;
}

bool act_server(struct act *act)
{
    struct anytls_preamble preamble = anytls_preamble_begin();
    long long deadline = now_ms() + 2 * PATIENCE_MS;
    bool known = false;

    begin(act);
    while (!is_failed(act) && !act->link.ended) {
        if (now_ms() > deadline)
            fail(act, "the session does not end");
        if (!known) {
            link_pump(&act->link, 50);
            known = take_preamble(act, &preamble);
            continue;
        }
        pump(act, act->link.in.size > 0 ? 0 : 50);
        for (size_t i = 0; i < act->count; i++)
            serve(act, &act->streams[i]);
        flush(act);
    }
    if (!is_failed(act))
        link_shut(&act->link);
    return !is_failed(act);
}
