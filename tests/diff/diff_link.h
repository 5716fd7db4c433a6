/* A connection to the peer: bytes both ways over a socket, plain or in TLS, without blocking. */
#ifndef ANYTLS_TESTS_DIFF_LINK_H
#define ANYTLS_TESTS_DIFF_LINK_H

#include "diff.h"
#include "io/tls.h"

struct link {
    int descriptor;
    bool secure;
    bool shaken; /* the TLS handshake is done */
    bool ended;  /* the peer has ended its side */
    bool failed;
    struct anytls_tls tls;
    struct blob in; /* what came, in plain */
    struct blob
        waiting;     /* what is to be sent, in plain: records, each behind its uint32_t length */
    struct blob out; /* what is to be sent, as it is on the wire */
};

/* descriptor becomes the link's. context: NULL: no TLS. */
bool link_begin(struct link *link, int descriptor, struct anytls_tls_context *context);
void link_free(struct link *link);

/* One write to the connection: a TLS record, or several where it is over 16 KiB. */
void link_write(struct link *link, const uint8_t *bytes, size_t size);

/* Sends and receives what can be, waiting timeout_ms at most for the first of it. */
void link_pump(struct link *link, int timeout_ms);

/* Says that nothing more comes. */
void link_shut(struct link *link);

long long now_ms(void);

#endif
