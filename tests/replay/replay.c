/* Replays traces of spec/models/session.pml on two sessions of ref/core, and compares each step.
 *
 * A trace comes on standard input, as the model prints it: "B" begins one, with the configuration;
 * "T" is a step: who does what, and what the model says comes of it: the row of the table, the
 * status, the event and its violation, the frames that leave, and the state after it. Before the
 * numbers stands the depth of the step in the model's tree: sessions are copied at each depth, so
 * that a step may go on from any step before it; 0 says that it follows the one before it. Frames that leave are kept as bytes, and are what
 * the other side is given. The layout of frames is written here a second time. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/anytls.h"
#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEPTH_MAX 20000
#define WIRE_MAX 2048
#define OUT_MAX 2048
#define IDS 4

enum { CLIENT, SERVER };
enum { OUTPUTS = 3, NUMBERS = 27 }; /* of a T line */

struct frame {
    int command, id, data;
};

/* Both sessions, the callers' memory, and the bytes in flight. */
struct pair {
    struct anytls_session session[2];
    struct anytls_stream streams[2][IDS];
    uint8_t text[2][256];
    uint8_t wire[2][WIRE_MAX];
    size_t wire_size[2];
};

/* A line of a trace. */
struct step {
    int depth, side, what, command, id, data;
    int row, status, event, event_id, violation;
    int outs;
    struct frame out[OUTPUTS];
    int state, known[IDS], waiting;
};

/* What a session answered. */
struct answer {
    int status, event, event_id, violation;
    size_t outs;
    struct frame out[OUTPUTS];
};

static struct anytls_session_config config[2];
static struct anytls_scheme scheme[2];
static int wild;
static struct pair pairs[DEPTH_MAX];
static int depths[DEPTH_MAX];
static size_t height;
static unsigned long traces, steps, differences;
static bool row_seen[256];

/* ---- The model's words ---- */

struct name {
    const char *word;
    int value;
};

static const struct name names[] = {
    {"C_Waste", ANYTLS_WASTE},
    {"C_SYN", ANYTLS_SYN},
    {"C_PSH", ANYTLS_PSH},
    {"C_FIN", ANYTLS_FIN},
    {"C_Settings", ANYTLS_SETTINGS},
    {"C_Alert", ANYTLS_ALERT},
    {"C_UpdatePaddingScheme", ANYTLS_UPDATE_PADDING_SCHEME},
    {"C_SYNACK", ANYTLS_SYNACK},
    {"C_HeartRequest", ANYTLS_HEART_REQUEST},
    {"C_HeartResponse", ANYTLS_HEART_RESPONSE},
    {"C_ServerSettings", ANYTLS_SERVER_SETTINGS},
    {"C_other", 200},
    {"S_new", ANYTLS_STATE_NEW},
    {"S_v1", ANYTLS_STATE_V1},
    {"S_v2", ANYTLS_STATE_V2},
    {"S_closed", ANYTLS_STATE_CLOSED},
    {"T_fresh", ANYTLS_STREAM_FRESH},
    {"T_past", ANYTLS_STREAM_PAST},
    {"T_opening", ANYTLS_STREAM_OPENING},
    {"T_open", ANYTLS_STREAM_OPEN},
    {"Z_ok", ANYTLS_OK},
    {"Z_closed", ANYTLS_CLOSED},
    {"Z_not_allowed", ANYTLS_NOT_ALLOWED},
    {"Z_unknown_stream", ANYTLS_UNKNOWN_STREAM},
    {"Z_too_many_streams", ANYTLS_TOO_MANY_STREAMS},
    {"Z_no_more_ids", ANYTLS_NO_MORE_IDS},
    {"V_none", ANYTLS_OK},
    {"V_unexpected_data", ANYTLS_UNEXPECTED_DATA},
    {"V_syn_before_settings", ANYTLS_SYN_BEFORE_SETTINGS},
    {"V_id_not_ascending", ANYTLS_ID_NOT_ASCENDING},
    {"V_second_syn", ANYTLS_SECOND_SYN},
    {"V_empty_settings", ANYTLS_EMPTY_SETTINGS},
    {"V_second_settings", ANYTLS_SECOND_SETTINGS},
    {"V_wrong_side", ANYTLS_WRONG_SIDE},
    {"V_unknown_command", ANYTLS_UNKNOWN_COMMAND},
    {"V_wrong_version", ANYTLS_WRONG_VERSION},
    {"V_second_synack", ANYTLS_SECOND_SYNACK},
    {"V_too_many_streams", ANYTLS_TOO_MANY_STREAMS},
    {"V_bad_stop", ANYTLS_BAD_STOP},
    {"V_alerted", ANYTLS_ALERTED},
    {"E_none", ANYTLS_EVENT_NONE},
    {"E_settings", ANYTLS_EVENT_SETTINGS},
    {"E_server_settings", ANYTLS_EVENT_SERVER_SETTINGS},
    {"E_scheme", ANYTLS_EVENT_SCHEME},
    {"E_opened", ANYTLS_EVENT_STREAM_OPENED},
    {"E_accepted", ANYTLS_EVENT_STREAM_ACCEPTED},
    {"E_refused", ANYTLS_EVENT_STREAM_REFUSED},
    {"E_data", ANYTLS_EVENT_DATA},
    {"E_finished", ANYTLS_EVENT_STREAM_FINISHED},
    {"E_heart_answered", ANYTLS_EVENT_HEART_ANSWERED},
    {"E_alert", ANYTLS_EVENT_ALERT},
    {"E_closed", ANYTLS_EVENT_CLOSED},
};

static const char *word_of(int number)
{
    if (number < 0 || (size_t)number >= COUNT(words)) {
        fprintf(stderr, "replay: %d is no number of the model\n", number);
        exit(2);
    }
    return words[number];
}

static int value_of(int number)
{
    static int values[COUNT(words)]; /* one above the value */
    const char *word = word_of(number);

    for (size_t i = 0; values[number] == 0 && i < COUNT(names); i++)
        if (strcmp(names[i].word, word) == 0)
            values[number] = names[i].value + 1;
    if (values[number] == 0) {
        fprintf(stderr, "replay: the model's word %s has no counterpart\n", word);
        exit(2);
    }
    return values[number] - 1;
}

static bool is(int number, const char *word)
{
    return strcmp(word_of(number), word) == 0;
}

/* ---- Frames ---- */

static struct anytls_text text_of(const char *string)
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

static bool closed(const struct pair *pair, int side)
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

    if (is(step->what, "K_open"))
        return open_one(session, out);
    if (is(step->what, "K_send"))
        return send_text(session, id, out);
    if (is(step->what, "K_finish"))
        return anytls_session_finish(session, id, out, OUT_MAX);
    if (is(step->what, "K_accept"))
        return anytls_session_accept(session, id, out, OUT_MAX);
    if (is(step->what, "K_refuse"))
        return anytls_session_refuse(session, id, text_of("no"), out, OUT_MAX);
    if (is(step->what, "K_heartbeat"))
        return anytls_session_heartbeat(session, 0, out, OUT_MAX);
    if (is(step->what, "K_alert"))
        return anytls_session_alert(session, text_of("no"), out, OUT_MAX);
    if (!is(step->what, "K_close") && !is(step->what, "K_end")) {
        fprintf(stderr, "replay: no call %s\n", word_of(step->what));
        exit(2);
    }
    anytls_session_close(session);
    return (struct anytls_written){ANYTLS_OK, 0};
}

static struct answer take_step(struct pair *pair, const struct step *step)
{
    static uint8_t out[OUT_MAX];
    struct answer answer = {ANYTLS_OK, ANYTLS_EVENT_NONE, 0, ANYTLS_OK, 0, {{0, 0, 0}}};
    size_t size = 0;
    bool was_closed = closed(pair, step->side);

    if (is(step->what, "K_cut")) {
        pair->wire_size[CLIENT] = 0;
        pair->wire_size[SERVER] = 0;
    } else if (is(step->what, "K_any")) {
        int command = value_of(step->command);

        add_frame(pair, step->side, command, step->id, content(command, step->data));
    } else {
        if (is(step->what, "K_receive")) {
            receive(pair, step->side, &answer, out, &size);
        } else {
            struct anytls_written written = call(&pair->session[step->side], step, out);

            answer.status = (int)written.status;
            size = written.size;
        }
        leave(pair, step->side, &answer, out, size, wild != 0 || closed(pair, 1 - step->side));
        if (!was_closed && closed(pair, step->side))
            pair->wire_size[1 - step->side] = 0; /* what was on the way to it is lost */
    }
    return answer;
}

/* ---- Comparing ---- */

static bool agrees(struct pair *pair, const struct step *step, const struct answer *answer)
{
    struct anytls_session *session = &pair->session[step->side];

    if (is(step->what, "K_cut") || is(step->what, "K_any"))
        return true;
    if (answer->status != value_of(step->status) || answer->event != value_of(step->event) ||
        answer->violation != value_of(step->violation) || answer->outs != (size_t)step->outs)
        return false;
    if (is(step->what, "K_receive") && answer->event_id != step->event_id)
        return false;
    for (size_t i = 0; i < answer->outs && i < OUTPUTS; i++)
        if (answer->out[i].command != value_of(step->out[i].command) ||
            answer->out[i].id != step->out[i].id || answer->out[i].data != step->out[i].data)
            return false;
    if ((int)session->state != value_of(step->state))
        return false;
    if (session->state == ANYTLS_STATE_CLOSED)
        return true;
    for (int id = 0; id < IDS; id++)
        if ((int)anytls_streams_state(&session->streams, (uint32_t)id) != value_of(step->known[id]))
            return false;
    return session->heart_sent == (step->waiting != 0);
}

static void tell_difference(const struct pair *pair, const struct step *step,
                            const struct answer *answer, const char *line)
{
    differences++;
    if (differences > 5)
        return;
    printf("differs, at depth %d: %s %s, %s, id %d, data %d (row %d)\n", step->depth,
           step->side == CLIENT ? "client" : "server", word_of(step->what), word_of(step->command),
           step->id, step->data, step->row);
    printf("  the model: status %s, event %s, violation %s, %d frames, then %s\n",
           word_of(step->status), word_of(step->event), word_of(step->violation), step->outs,
           word_of(step->state));
    printf("  the code: status %d, event %d of %d, violation %d, %zu frames, then state %d\n",
           answer->status, answer->event, answer->event_id, answer->violation, answer->outs,
           (int)pair->session[step->side].state);
    printf("  the line: %s", line);
}

/* ---- Reading traces ---- */

static void begin(const int *n)
{
    static const char text[] = "stop=0";
    struct pair *pair = &pairs[0];

    wild = n[1];
    for (int side = 0; side < 2; side++) {
        config[side] = (struct anytls_session_config){0};
        config[side].version = (unsigned)n[2 + side];
        config[side].client = text_of("replay/1");
        config[side].strict = wild != 0 && side == (wild == 2 ? CLIENT : SERVER) && n[6] >= 2;
        scheme[side] = (struct anytls_scheme){.text = text_of(text)};
        memset(scheme[side].md5, side == SERVER && n[6] % 2 == 1 ? 'b' : 'a',
               sizeof scheme[side].md5);
        anytls_session_begin(&pair->session[side], side == CLIENT ? ANYTLS_CLIENT : ANYTLS_SERVER,
                             &config[side], &scheme[side], pair->streams[side], (size_t)n[4 + side],
                             pair->text[side], sizeof pair->text[side], 0);
        pair->wire_size[side] = 0;
    }
    depths[0] = n[0] - 1;
    height = 1;
    traces++;
}

/* A copy of the pair below, whose pointers are its own. Depth 0: of the step before it. */
static struct pair *copy_up(int depth)
{
    struct pair *pair;

    if (depth == 0 && height > 0)
        depth = depths[height - 1] + 1;
    while (height > 1 && depths[height - 1] >= depth)
        height--;
    if (height == 0 || height == DEPTH_MAX) {
        fprintf(stderr, "replay: no trace has begun, or one is too deep\n");
        exit(2);
    }
    pair = &pairs[height];
    *pair = pairs[height - 1];
    for (int side = 0; side < 2; side++) {
        pair->session[side].streams.entries = pair->streams[side];
        pair->session[side].text = pair->text[side];
    }
    depths[height] = depth;
    height++;
    return pair;
}

static void replay_line(const char *line)
{
    struct step step;
    struct answer answer;
    struct pair *pair;
    int n[NUMBERS];
    int used = 0;
    int at = 1;
    size_t count = 0;

    while (count < NUMBERS && sscanf(line + at, "%d%n", &n[count], &used) == 1) {
        at += used;
        count++;
    }
    if (line[0] == 'B' && count == 7) {
        begin(n);
        return;
    }
    if (line[0] != 'T' || count != NUMBERS) {
        fprintf(stderr, "replay: not a line of a trace: %s", line);
        exit(2);
    }
    step = (struct step){n[0],
                         n[1],
                         n[2],
                         n[3],
                         n[4],
                         n[5],
                         n[6],
                         n[7],
                         n[8],
                         n[9],
                         n[10],
                         n[11],
                         {{n[12], n[13], n[14]}, {n[15], n[16], n[17]}, {n[18], n[19], n[20]}},
                         n[21],
                         {n[22], n[23], n[24], n[25]},
                         n[26]};
    pair = copy_up(step.depth);
    answer = take_step(pair, &step);
    steps++;
    row_seen[step.row & 255] = true;
    if (!agrees(pair, &step, &answer))
        tell_difference(pair, &step, &answer, line);
}

static unsigned rows(unsigned from, unsigned count)
{
    unsigned seen = 0;

    for (unsigned i = from; i < from + count; i++)
        seen += row_seen[i];
    return seen;
}

int main(int argc, char **argv)
{
    char line[512];

    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t blank = strspn(line, " ");

        if ((line[blank] == 'B' || line[blank] == 'T') && line[blank + 1] == ' ')
            replay_line(line + blank);
    }
    printf("%s: %lu steps of %lu traces, %lu differ; rows of transitions.tsv: %u of %u, of "
           "calls.tsv: %u of %u\n",
           argc > 1 ? argv[1] : "replay", steps, traces, differences, rows(1, ROWS_TRANSITIONS),
           ROWS_TRANSITIONS, rows(101, ROWS_CALLS), ROWS_CALLS);
    return steps == 0 || differences > 0;
}
