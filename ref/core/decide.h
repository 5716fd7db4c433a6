/* The state machine of a session, as one function without memory.
 * Implements the rules of the protocol document on who may send which command when; it is the C
 * form of spec/transitions.tsv, row by row. It acts on nothing: session.c does what it says. */
#ifndef ANYTLS_CORE_DECIDE_H
#define ANYTLS_CORE_DECIDE_H

#include <stdbool.h>

#include "frame.h"

#ifdef __cplusplus
extern "C" {
#endif

enum anytls_role { ANYTLS_SERVER, ANYTLS_CLIENT };

enum anytls_state {
    ANYTLS_STATE_NEW, /* server: no Settings have come; a client never is in it */
    ANYTLS_STATE_V1,  /* version 1 is spoken */
    ANYTLS_STATE_V2,  /* version 2 is spoken */
    ANYTLS_STATE_CLOSED
};

enum anytls_stream_state {
    ANYTLS_STREAM_FRESH,   /* not open; the id is above all before it */
    ANYTLS_STREAM_PAST,    /* not open; the id is zero, or was passed */
    ANYTLS_STREAM_OPENING, /* open, without SYNACK */
    ANYTLS_STREAM_OPEN     /* open, with SYNACK */
};

enum anytls_action {
    ANYTLS_DROP,           /* consume the frame in silence */
    ANYTLS_REPORT,         /* consume the frame and report the violation */
    ANYTLS_REFUSE_SESSION, /* send Alert and close */
    ANYTLS_OPEN_STREAM,
    ANYTLS_DELIVER, /* pass the data on */
    ANYTLS_FINISH_STREAM,
    ANYTLS_TAKE_SETTINGS, /* agree on a version and answer */
    ANYTLS_TAKE_SERVER_SETTINGS,
    ANYTLS_TAKE_SCHEME,
    ANYTLS_TAKE_ALERT, /* pass the text on and close */
    ANYTLS_ACCEPT_STREAM,
    ANYTLS_REFUSE_STREAM, /* pass the text on and close the stream */
    ANYTLS_ANSWER_HEART,
    ANYTLS_HEART_ANSWERED
};

enum anytls_next { ANYTLS_NEXT_SAME, ANYTLS_NEXT_BY_VERSION, ANYTLS_NEXT_CLOSED };

struct anytls_decision {
    enum anytls_action action;
    enum anytls_status violation; /* to report beside the action; ANYTLS_OK: none */
    enum anytls_next next;        /* the session's next state */
};

/* What a session does with a frame. command: any byte. data: whether its length is above 0.
 * state is not ANYTLS_STATE_CLOSED. Its contract for proofs is made from spec/transitions.tsv. */
struct anytls_decision anytls_decide(enum anytls_role role, enum anytls_state state,
                                     uint8_t command, enum anytls_stream_state stream, bool data);

#ifdef __cplusplus
}
#endif

#endif
