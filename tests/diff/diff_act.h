/* Our end of a session with the Go module: a client that follows a script, and a server that treats
 * each stream by its port. Both drive a side, and so the reference and the oracle at once. */
#ifndef ANYTLS_TESTS_DIFF_ACT_H
#define ANYTLS_TESTS_DIFF_ACT_H

#include "diff_link.h"
#include "diff_script.h"

#define PASSWORD "differential"
#define PATIENCE_MS 4000

/* A stream as our end sees it. */
struct act_stream {
    uint32_t id;
    struct tally tally;    /* what was read */
    struct blob pending;   /* server: what is to be sent back; before that, the destination */
    char destination[300]; /* server: once it is known */
    uint32_t port;
    bool named;
    bool accepted;
    bool begun; /* server: refused, or all is being sent */
    size_t written;
    char end[300]; /* open, closed, finished, refused:TEXT */
};

struct act {
    const struct script *script;
    struct side side;
    struct link link;
    struct act_stream streams[SCRIPT_STREAMS_MAX];
    size_t count;
    unsigned hearts; /* HeartRequests that wait for an answer */
    bool scheme_came;
    struct tally scheme; /* client: the scheme that the server has pushed */
    uint64_t seed;
    char fault[FAULT_SIZE];
};

/* Runs our end to the end of the connection. false: fault says why. */
bool act_client(struct act *act);
bool act_server(struct act *act);

void act_free(struct act *act);

/* Whether what both ends saw is what the script comes to; else fault says what is not. line: what
 * the program says that it saw; it is changed. */
bool check_ours(struct act *act, const struct outcome *outcomes, size_t count);
bool check_server_line(struct act *act, char *line, const struct outcome *outcomes, size_t count);
bool check_client_line(struct act *act, char *line, const struct outcome *outcomes, size_t count);

#endif
