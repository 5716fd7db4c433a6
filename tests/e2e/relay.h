/* A path between client and server that can be counted, cut, and fall silent. */
#ifndef TESTS_E2E_RELAY_H
#define TESTS_E2E_RELAY_H

#include "net.h"

struct relay {
    uint16_t port;
    int listener;
    uint16_t towards;
    struct counter accepted;
    struct counter ended; /* connections */
    struct counter down;  /* bytes from the server to the client */
    unsigned mutings;     /* connections accepted before the last one pass nothing on */
    unsigned cuts;        /* and these are to be reset */
    unsigned ends;        /* and these are to end, as if both sides had closed */
};

/* Passes connections on to a port of 127.0.0.1. */
struct relay *relay_start(uint16_t towards);

/* What happens to the connections that there are; later ones are passed on. */
void relay_mute(struct relay *relay); /* nothing comes through any more, in both directions */
void relay_cut(struct relay *relay);  /* both sides get a reset */
void relay_end(struct relay *relay);  /* both sides get an end of TCP, without one of TLS */

#endif
