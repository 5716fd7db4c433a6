/* Who is compared: what runs as server and client, and how a measurement starts them. */
#ifndef BENCH_CONTENDER_H
#define BENCH_CONTENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "../process.h"

#define CONTENDER_PASSWORD "bench"

struct contender {
    const char *name;
    const char *what;
    const char *server; /* command line; NULL: none runs, load goes straight to the target */
    const char *client;
    const char *const *environment;
    bool socks;  /* the client is a SOCKS 5 proxy; else its port leads to the target */
    bool anytls; /* the server speaks AnyTLS */
};

/* Ended by one without a name. In a command line {programs}, {peers} and {work} stand for folders,
 * {server} and {client} for ports to listen on, {reach} for the port that the client is to reach,
 * {target} for the target's. */
extern const struct contender contenders[];

struct places {
    const char *programs;
    const char *peers;
    char work[256]; /* certificate, key and configurations, written by places_prepare */
    uint16_t target;
};

/* Writes what the contenders' command lines refer to. false: errno says why. */
bool places_prepare(struct places *places);
void places_remove(struct places *places);

/* One that runs. */
struct running {
    const struct contender *contender;
    const struct places *places;
    struct process server;
    struct process client;
    uint16_t server_port;
    uint16_t client_port;
    uint16_t reach; /* where the client finds the server; the server itself, unless set before */
    char error[256];
};

/* Whether its programs are there. */
bool contender_is_there(const struct contender *contender, const struct places *places);

/* Starts server and client; parts that the contender does not have are left out.
 * false: running->error says why. */
bool running_start(struct running *running, const struct contender *contender,
                   const struct places *places);
bool running_server_start(struct running *running, const struct contender *contender,
                          const struct places *places);
bool running_client_start(struct running *running);
void running_stop(struct running *running);

/* CPU nanoseconds of both. */
uint64_t running_cpu(const struct running *running);

/* A connection to the target through it; -1: none. */
int running_connect(const struct running *running);

#endif
