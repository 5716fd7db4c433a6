#ifndef BENCH_PEERS_SESSIONS_H
#define BENCH_PEERS_SESSIONS_H

#include "../live.h"
#include "contender.h"

/* A stream through the client that runs, with one byte echoed. */
bool stream_once(const struct running *running);

/* A session with the server that runs, with one byte echoed in a stream, which stays open. */
bool session_once(const struct running *running, struct live *live);

#endif
