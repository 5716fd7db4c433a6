/* A program for a session, drawn from an input that is itself a stream of frames: what a peer sent,
 * with instructions for the harness between. A capture of a real session is a program as it is, and
 * a receiver that is somebody else's can be given a program as it is, since it has to skip frames
 * with unknown commands.
 *
 *  - Frames with commands 0 to 127, and a rest that is no whole frame, are bytes from the peer.
 *  - Frames with commands from 128 on are instructions: the command's low five bits say what (see
 *    enum fuzz_op); 0x20 set: with less room for output than is needed; stream and data are the
 *    arguments. A stream from 2^31 on stands for one of the open streams, whichever it is. */
#ifndef ANYTLS_FUZZ_SESSION_PROGRAM_H
#define ANYTLS_FUZZ_SESSION_PROGRAM_H

#include "core/padding.h"
#include "core/session.h"
#include "fuzz.h"

#define FUZZ_INSTRUCTION 0x80u
#define FUZZ_TIGHT 0x20u

enum fuzz_op {
    FUZZ_CONFIG, /* first of all, or nothing: see struct fuzz_config */
    FUZZ_OPEN,   /* data: the destination in SOCKS form, or none */
    FUZZ_SEND,   /* data: the payload; where it is 2 bytes: that many bytes */
    FUZZ_FINISH,
    FUZZ_ACCEPT,
    FUZZ_REFUSE, /* data: the reason */
    FUZZ_USER,
    FUZZ_HEARTBEAT,
    FUZZ_ALERT, /* data: the reason */
    FUZZ_CLOSE,
    FUZZ_TIME, /* stream: milliseconds that pass */
    FUZZ_PAUSE,
    FUZZ_RESUME,
    FUZZ_GROW, /* the table of streams moves to a larger place */
    FUZZ_MOVE, /* session_pair, blocking: stream: bytes that arrive, one way or the other */
    FUZZ_RAW,  /* data: bytes from the peer as they are, whatever they begin with */
    FUZZ_OP_COUNT,
    FUZZ_PEER /* bytes from the peer */
};

struct fuzz_step {
    enum fuzz_op op;
    bool tight;
    uint32_t stream;
    struct anytls_text data; /* of FUZZ_PEER: the frame, header included */
};

/* Takes the next step off the input. false: nothing is left. */
bool fuzz_step_next(struct fuzz_input *input, struct fuzz_step *step);

/* A FUZZ_CONFIG instruction: its stream is the seed for cuts; its data: flags, streams, two bytes of
 * text size, three timeouts in seconds, and a padding scheme. Without it: the defaults. */
enum {
    FUZZ_STRICT = 1,
    FUZZ_VERSION_1 = 2,
    FUZZ_LAST_IDS = 4,  /* the ids are about to end */
    FUZZ_LONG_NAME = 8, /* the client's name is too long */
    FUZZ_NO_NAME = 16,
    FUZZ_OWN_HASH = 32 /* endpoint: the hash that comes is the right one */
};

struct fuzz_config {
    unsigned flags;
    uint32_t cuts; /* 0: as the steps are; 1: byte by byte; else a seed */
    size_t streams;
    size_t text;
    struct anytls_scheme scheme;
    struct anytls_session_config session;
};

/* The config at the start of an input, or the default one; takes it off the input. */
struct fuzz_config fuzz_config_take(struct fuzz_input *input, enum anytls_role role);

/* The destination that a FUZZ_OPEN names. */
struct anytls_address fuzz_destination(struct anytls_text data);

/* How many bytes a FUZZ_SEND sends. */
size_t fuzz_send_size(struct anytls_text data);

/* The size of the next piece of what comes from the peer: 1 to left. */
size_t fuzz_piece(struct fuzz_numbers *numbers, uint32_t cuts, size_t left);

#endif
