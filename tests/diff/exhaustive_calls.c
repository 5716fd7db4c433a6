/* Every situation x call x stream; and the same calls while a frame is coming in. */
#include <stdio.h>
#include <string.h>

#include "exhaustive.h"

static const struct anytls_address our_address = {ANYTLS_NAME, 80, 3, {'a', '.', 'b'}};
static const struct oracle_address their_address = {ORACLE_NAME, 3, {'a', '.', 'b'}, 80};

/* ---- A call on the reference: its output and events are added to said. ---- */

static enum anytls_status written(struct anytls_written result, const uint8_t *out,
                                  struct said *said)
{
    memcpy(said->output + said->output_size, out, result.size);
    said->output_size += result.size;
    return result.status;
}

static enum anytls_status send_all(struct ours *ours, uint32_t stream, const uint8_t *data,
                                   size_t size, struct said *said)
{
    uint8_t header[ANYTLS_FRAME_HEADER_SIZE];
    struct anytls_sent sent;

    do {
        struct anytls_written frame = {ANYTLS_OK, sizeof header};
        struct anytls_written payload = {ANYTLS_OK, 0};

        sent = anytls_session_send(&ours->session, stream, size, header);
        if (sent.status != ANYTLS_OK || sent.payload == 0)
            return sent.status;
        payload.size = sent.payload;
        written(frame, header, said);
        written(payload, data, said);
        data += sent.payload;
        size -= sent.payload;
    } while (size > 0);
    return sent.status;
}

static enum anytls_status tick(struct ours *ours, uint64_t now, struct said *said)
{
    uint8_t out[1024];
    struct anytls_received result = anytls_session_tick(&ours->session, now, out, sizeof out);
    struct anytls_written output = {result.status, result.output};

    written(output, out, said);
    if (result.event.type == ANYTLS_EVENT_CLOSED) {
        struct said_event event = {"closed", anytls_status_text(result.event.violation),
                                   result.event.stream, 0, 0};

        said->events[said->events_count] = event;
        said->events_count++;
    }
    return result.status;
}

static enum anytls_status our_call(struct ours *ours, enum call call, uint32_t stream,
                                   const uint8_t *data, size_t size, uint64_t now, uint32_t *opened,
                                   struct said *said)
{
    struct anytls_session *session = &ours->session;
    struct anytls_text text = {data, size};
    struct anytls_opened open;
    uint8_t out[1024];

    switch (call) {
    case CALL_OPEN:
        open = anytls_session_open(session, &our_address, NULL, now, out, sizeof out);
        *opened = open.stream;
        return written((struct anytls_written){open.status, open.size}, out, said);
    case CALL_SEND: return send_all(ours, stream, data, size, said);
    case CALL_FINISH:
        return written(anytls_session_finish(session, stream, out, sizeof out), out, said);
    case CALL_ACCEPT:
        return written(anytls_session_accept(session, stream, out, sizeof out), out, said);
    case CALL_REFUSE:
        return written(anytls_session_refuse(session, stream, text, out, sizeof out), out, said);
    case CALL_ALERT:
        return written(anytls_session_alert(session, text, out, sizeof out), out, said);
    case CALL_HEART:
        return written(anytls_session_heartbeat(session, now, out, sizeof out), out, said);
    case CALL_CLOSE: anytls_session_close(session); return ANYTLS_OK;
    default: return tick(ours, now, said);
    }
}

static enum oracle_status their_call(struct oracle_session *session, enum call call,
                                     uint32_t stream, const uint8_t *data, size_t size,
                                     uint64_t now, uint32_t *opened)
{
    struct oracle_bytes bytes = {data, size};

    switch (call) {
    case CALL_OPEN: return oracle_session_open(session, &their_address, now, opened);
    case CALL_SEND: return oracle_session_send(session, stream, bytes);
    case CALL_FINISH: return oracle_session_finish(session, stream);
    case CALL_ACCEPT: return oracle_session_accept(session, stream);
    case CALL_REFUSE: return oracle_session_refuse(session, stream, bytes);
    case CALL_ALERT: return oracle_session_alert(session, bytes);
    case CALL_HEART: return oracle_session_heartbeat(session, now);
    case CALL_CLOSE: return oracle_session_close(session);
    default: return oracle_session_tick(session, now);
    }
}

bool pair_call(struct pair *pair, enum call call, uint32_t stream, const uint8_t *data, size_t size)
{
    static struct said ours;
    static struct said theirs;
    uint32_t our_stream = 0;
    uint32_t their_stream = 0;
    enum anytls_status our_status;
    enum oracle_status their_status;
    bool same;

    said_reset(&ours);
    our_status = our_call(&pair->ours, call, stream, data, size, pair->now, &our_stream, &ours);
    their_status = their_call(pair->theirs, call, stream, data, size, pair->now, &their_stream);
    theirs_said(pair->theirs, &theirs);
    same = same_status(our_status, their_status) && our_stream == their_stream &&
           said_same(&ours, &theirs) && same_state(&pair->ours, pair->theirs, &stream, 1);
    if (!agree(same) && tell()) {
        printf("  call %s of stream %u:\n", call_names[call], (unsigned)stream);
        printf("    ref: %s  oracle: %s\n", anytls_status_text(our_status),
               oracle_status_text(their_status));
        said_show("ref   ", &ours);
        said_show("oracle", &theirs);
    }
    return same;
}

/* ---- What is tried ---- */

/* Payloads and reasons: none, one byte, and around the limits of frames and reasons. */
static const size_t call_sizes[] = {0, 1, 255, 256, 257, 65535, 65536, 131071};

/* The situation that is tried, and a session in it, which stays as it is. */
static struct situation situation;
static struct pair before;

/* SETTINGS-SEND, STREAM-IDS, FRAME-SEND-NO-DATA, SYNACK-DATA-EARLY, among those of calls.tsv. */
static void call_in(size_t number, enum call call, size_t id, size_t size, uint64_t later)
{
    static uint8_t data[131071];
    static struct pair pair;
    uint32_t stream = situation.ids[id];

    data[0] = 'd';
    pair_copy(&pair, &before);
    pair.now += later;
    if (call == CALL_SEND && size > 65536 && number % 4 != 0)
        size = 2;
    pair_call(&pair, call, stream, data, size);
    /* And once more: a heartbeat that is out, a stream that has gone, a session that has ended. */
    pair_call(&pair, call, stream, data, size > 2 ? 2 : size);
    pair_call(&pair, CALL_TICK, stream, data, 0);
    pair_end(&pair);
}

static void calls_of(size_t number, enum call call, size_t ids)
{
    bool takes_data = call == CALL_SEND || call == CALL_REFUSE || call == CALL_ALERT;
    bool takes_time = call == CALL_HEART || call == CALL_TICK || call == CALL_OPEN;
    static const uint64_t times[] = {0, 1, 999, 1000, 2999, 3000, 6999, 7000, 29999, 30000, 99999};

    for (size_t id = 0; id < ids; id++) {
        for (size_t size = 0; size < (takes_data ? COUNT_OF(call_sizes) : 1); size++)
            call_in(number, call, id, call_sizes[size], 0);
        for (size_t time = 0; time < (takes_time ? COUNT_OF(times) : 0); time++)
            call_in(number, call, id, 0, times[time]);
    }
}

/* A call between the header of a frame and its data, and after its first byte. */
static void call_within(enum call call, uint8_t command, size_t id, size_t cut)
{
    static struct pair pair;
    uint8_t bytes[32];
    size_t size = frame_lay(bytes, command, situation.ids[id], "v=", 2);

    size += frame_lay(bytes + size, ANYTLS_HEART_REQUEST, 77, NULL, 0);
    pair_copy(&pair, &before);
    pair_feed(&pair, bytes, cut);
    pair_call(&pair, call, situation.ids[id], bytes, 3);
    pair_feed(&pair, bytes + cut, size - cut);
    agree(same_state(&pair.ours, pair.theirs, situation.ids, situation.ids_count));
    pair_end(&pair);
}

static void calls_within(enum call call)
{
    for (uint8_t command = 0; command <= 11; command++)
        for (size_t id = 0; id < situation.ids_count; id++)
            for (size_t cut = 6; cut <= 8; cut++)
                call_within(call, command, id, cut);
}

void compare_calls(void)
{
    part_begin("situation x call x stream x size x time");
    for (size_t number = 0; number < situation_count(); number++) {
        situation = situation_make(number, &before);
        for (int call = 0; call < CALL_COUNT; call++)
            calls_of(number, (enum call)call, situation.ids_count);
        pair_end(&before);
    }
    part_begin("the same calls within a frame");
    for (size_t number = 0; number < situation_count(); number++) {
        situation = situation_make(number, &before);
        for (int call = 0; call < CALL_COUNT; call++)
            calls_within((enum call)call);
        pair_end(&before);
    }
}
