/* A wire with TLS on it, which carries a session. Shared by client and server: what the events of
 * the session mean is theirs. */
#ifndef ANYTLS_PROGRAMS_TUNNEL_H
#define ANYTLS_PROGRAMS_TUNNEL_H

#include "core/session.h"
#include "io/tls.h"
#include "wire.h"

struct tunnel;

/* All may close the tunnel. */
struct tunnel_events {
    void (*on_established)(struct tunnel *tunnel); /* TLS is up */
    void (*on_plain)(struct tunnel *tunnel, uint8_t *bytes, size_t size);
    /* The other side has ended it properly (why is NULL), or it broke off; close it. */
    void (*on_end)(struct tunnel *tunnel, const char *why);
    void (*on_drained)(struct tunnel *tunnel);
    void (*on_timeout)(struct tunnel *tunnel);
    void (*on_closed)(struct tunnel *tunnel); /* its memory may go */
};

struct tunnel {
    struct wire wire;
    struct anytls_tls tls;
    const struct tunnel_events *events;
    bool established;
};

/* Begins a tunnel; name: see anytls_tls_begin. false: no memory; wire is closing all the same, and
 * on_closed follows. */
bool tunnel_begin(struct tunnel *tunnel, struct workspace *space,
                  const struct tunnel_events *events, struct anytls_tls_context *context,
                  const char *name);

/* The TCP connection stands: a client speaks first, a server listens. */
void tunnel_opened(struct tunnel *tunnel);

/* Seals bytes as one write; they leave with tunnel_flush, which each turn ends with. */
void tunnel_write(struct tunnel *tunnel, const uint8_t *bytes, size_t size);
void tunnel_flush(struct tunnel *tunnel);

/* Writes frames of a session as one write, in the records that its scheme wants. */
void tunnel_write_frames(struct tunnel *tunnel, struct anytls_session *session,
                         const uint8_t *bytes, size_t size);

/* Sends payload of a stream as PSH frames. The ANYTLS_FRAME_HEADER_SIZE bytes before payload are
 * overwritten, and so is payload. false: the stream is not open any more. */
bool tunnel_send(struct tunnel *tunnel, struct anytls_session *session, uint32_t stream,
                 uint8_t *payload, size_t size);

/* Sends what is written, ends TLS properly and closes. */
void tunnel_close(struct tunnel *tunnel);

#endif
