/* Replays traces of spec/models/session.pml on two sessions of ref/core, and compares each step.
 *
 * A trace comes on standard input, as the model prints it: "B" begins one, with the configuration;
 * "T" is a step: who does what, and what the model says comes of it: the row of the table, the
 * status, the event and its violation, the frames that leave, and the state after it. Before the
 * numbers stands the depth of the step in the model's tree: sessions are copied at each depth, so
 * that a step may go on from any step before it; 0 says that it follows the one before it. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_words.h"
#include "step.h"
#include "words.h" /* how many rows the tables have */

#define DEPTH_MAX 20000

enum { NUMBERS = 27 }; /* of a T line */

static struct anytls_session_config config[2];
static struct anytls_scheme scheme[2];
static int wild;
static struct pair pairs[DEPTH_MAX];
static int depths[DEPTH_MAX];
static size_t height;
static unsigned long traces, steps, differences;
static bool row_seen[256];

/* ---- Comparing ---- */

static bool agrees(struct pair *pair, const struct step *step, const struct answer *answer)
{
    struct anytls_session *session = &pair->session[step->side];

    if (word_is(step->what, "K_cut") || word_is(step->what, "K_any"))
        return true;
    if (answer->status != value_of(step->status) || answer->event != value_of(step->event) ||
        answer->violation != value_of(step->violation) || answer->outs != (size_t)step->outs)
        return false;
    if (word_is(step->what, "K_receive") && answer->event_id != step->event_id)
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
    answer = take_step(pair, &step, wild != 0);
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
