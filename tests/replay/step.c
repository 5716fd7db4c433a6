#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_words.h"

#define OUT_MAX 2048

/* ---- Frames ---- */

struct anytls_text text_of(const char *string)
{
    return (struct anytls_text){(const uint8_t *)string, strlen(string)};
}

/* What stands in a frame that the model says carries data. */
static const char *content(int command, int data)
{
    if (data == 0)
        return "";
    if (command == ANYTLS_SETTINGS || command == ANYTLS_SERVER_SETTINGS)
        return data == 2 ? "v=2" : "v=1";
    return command == ANYTLS_UPDATE_PADDING_SCHEME ? "stop=1" : "text";
}

static void add_bytes(struct pair *pair, int side, const uint8_t *bytes, size_t size)
{
    if (pair->wire_size[side] + size > WIRE_MAX) {
        fprintf(stderr, "replay: more in flight than a trace can have\n");
        exit(2);
    }
    memcpy(pair->wire[side] + pair->wire_size[side], bytes, size);
    pair->wire_size[side] += size;
}

static void add_frame(struct pair *pair, int side, int command, int id, const char *data)
{
    size_t size = strlen(data);
    uint8_t header[7] = {(uint8_t)command,     0, 0, 0, (uint8_t)id, (uint8_t)(size / 256),
                         (uint8_t)(size % 256)};

    add_bytes(pair, side, header, sizeof header);
    add_bytes(pair, side, (const uint8_t *)data, size);
}

static size_t frame_size(const uint8_t *bytes)
{
    return 7 + (size_t)bytes[5] * 256 + bytes[6];
}

/* Frames as the model has them: of settings their version, of others whether there are data. */
static void list_frames(struct answer *answer, const uint8_t *bytes, size_t size)
{
    while (size >= 7 && frame_size(bytes) <= size) {
        struct frame frame = {bytes[0], bytes[4], frame_size(bytes) > 7};

        if (frame.data &&
            (frame.command == ANYTLS_SETTINGS || frame.command == ANYTLS_SERVER_SETTINGS))
            frame.data = memcmp(bytes + 7, "v=", 2) == 0 ? bytes[9] - '0' : 9;
        if (answer->outs < OUTPUTS)
            answer->out[answer->outs] = frame;
        answer->outs++;
        size -= frame_size(bytes);
        bytes += frame_size(bytes);
    }
    if (size > 0)
        answer->outs += 100; /* not whole frames */
}

/* ---- A step on the sessions ---- */

bool closed(const struct pair *pair, int side)
{
    return pair->session[side].state == ANYTLS_STATE_CLOSED;
}

static void leave(struct pair *pair, int side, struct answer *answer, const uint8_t *bytes,
                  size_t size, bool lost)
{
    list_frames(answer, bytes, size);
    if (!lost)
        add_bytes(pair, side, bytes, size);
}

/* Gives one frame from the wire to a side. */
static void receive(struct pair *pair, int side, struct answer *answer, uint8_t *out, size_t *size)
{
    uint8_t *in = pair->wire[1 - side];
    size_t whole;
    size_t at = 0;

    if (pair->wire_size[1 - side] < 7) {
        answer->status = -1; /* the model has a frame here, the code none */
        return;
    }
    whole = frame_size(in);
    while (at < whole && !closed(pair, side)) {
        struct anytls_received result = anytls_session_receive(
            &pair->session[side], in + at, whole - at, 0, out + *size, OUT_MAX - *size);

        if (result.status != ANYTLS_OK) {
            answer->status = (int)result.status;
            break;
        }
        at += result.consumed;
        *size += result.output;
        if (result.event.type != ANYTLS_EVENT_NONE)
            answer->event = (int)result.event.type;
        if (result.event.violation != ANYTLS_OK)
            answer->violation = (int)result.event.violation;
        answer->event_id = (int)result.event.stream;
    }
    memmove(in, in + whole, pair->wire_size[1 - side] - whole);
    pair->wire_size[1 - side] -= whole;
}

static struct anytls_written send_text(struct anytls_session *session, uint32_t id, uint8_t *out)
{
    static const char payload[] = "text";
    struct anytls_sent sent = anytls_session_send(session, id, sizeof payload - 1, out);

    if (sent.status != ANYTLS_OK)
        return (struct anytls_written){sent.status, 0};
    memcpy(out + ANYTLS_FRAME_HEADER_SIZE, payload, sent.payload);
    return (struct anytls_written){ANYTLS_OK, ANYTLS_FRAME_HEADER_SIZE + sent.payload};
}

static struct anytls_written open_one(struct anytls_session *session, uint8_t *out)
{
    static const struct anytls_address address = {ANYTLS_IPV4, 80, 4, {192, 0, 2, 1}};
    struct anytls_opened opened = anytls_session_open(session, &address, NULL, 0, out, OUT_MAX);

    return (struct anytls_written){opened.status, opened.size};
}

static struct anytls_written call(struct anytls_session *session, const struct step *step,
                                  uint8_t *out)
{
    uint32_t id = (uint32_t)step->id;

    if (word_is(step->what, "K_open"))
        return open_one(session, out);
    if (word_is(step->what, "K_send"))
        return send_text(session, id, out);
    if (word_is(step->what, "K_finish"))
        return anytls_session_finish(session, id, out, OUT_MAX);
    if (word_is(step->what, "K_accept"))
        return anytls_session_accept(session, id, out, OUT_MAX);
    if (word_is(step->what, "K_refuse"))
        return anytls_session_refuse(session, id, text_of("no"), out, OUT_MAX);
    if (word_is(step->what, "K_heartbeat"))
        return anytls_session_heartbeat(session, 0, out, OUT_MAX);
    if (word_is(step->what, "K_alert"))
        return anytls_session_alert(session, text_of("no"), out, OUT_MAX);
    if (!word_is(step->what, "K_close") && !word_is(step->what, "K_end")) {
        fprintf(stderr, "replay: no call %s\n", word_of(step->what));
        exit(2);
    }
    anytls_session_close(session);
    return (struct anytls_written){ANYTLS_OK, 0};
}

struct answer take_step(struct pair *pair, const struct step *step, bool one_side)
{
    static uint8_t out[OUT_MAX];
    struct answer answer = {ANYTLS_OK, ANYTLS_EVENT_NONE, 0, ANYTLS_OK, 0, {{0, 0, 0}}};
    size_t size = 0;
    bool was_closed = closed(pair, step->side);

    if (word_is(step->what, "K_cut")) {
        pair->wire_size[CLIENT] = 0;
        pair->wire_size[SERVER] = 0;
    } else if (word_is(step->what, "K_any")) {
        int command = value_of(step->command);

        add_frame(pair, step->side, command, step->id, content(command, step->data));
    } else {
        if (word_is(step->what, "K_receive")) {
            receive(pair, step->side, &answer, out, &size);
        } else {
            struct anytls_written written = call(&pair->session[step->side], step, out);

            answer.status = (int)written.status;
            size = written.size;
        }
        leave(pair, step->side, &answer, out, size, one_side || closed(pair, 1 - step->side));
        if (!was_closed && closed(pair, step->side))
            pair->wire_size[1 - step->side] = 0; /* what was on the way to it is lost */
    }
    return answer;
}
