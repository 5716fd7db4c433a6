/* A step of the model, done by two sessions of ref/core. Frames that leave are kept as bytes, and are
 * what the other side is given; their layout is written here a second time. */
#ifndef REPLAY_STEP_H
#define REPLAY_STEP_H

#include "core/anytls.h"

#define WIRE_MAX 2048
#define IDS 4

enum { CLIENT, SERVER };
enum { OUTPUTS = 3 }; /* frames of a step */

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

struct anytls_text text_of(const char *string);

bool closed(const struct pair *pair, int side);

/* Does what the step says. one_side: what leaves goes nowhere. */
struct answer take_step(struct pair *pair, const struct step *step, bool one_side);

#endif
