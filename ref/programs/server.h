/* What the files of anytls-server share.
 *
 * connection → struct session: a tunnel, the endpoint that its bytes go through, and its streams'
 * targets. A target is where a stream leads: a TCP connection, or a UDP socket. */
#ifndef ANYTLS_PROGRAMS_SERVER_H
#define ANYTLS_PROGRAMS_SERVER_H

#include "core/endpoint.h"
#include "names.h"
#include "tunnel.h"

#define DIAL_TIMEOUT 10000u      /* ms for name look-up and connection together */
#define UDP_IDLE_TIMEOUT 300000u /* ms without a datagram, until a UDP stream is finished */
#define CUT_TIMEOUT 500u         /* ms behind it, to tell that the rest is cut off */
#define STOP_TIMEOUT 5000u       /* ms for what is in flight when the server is told to stop */

struct server_options {
    const char *listen;
    char *password; /* NULL: from the file */
    const char *password_file;
    const char *certificate;
    const char *key;
    const char *padding_scheme;
    const char *fallback;
    uint32_t workers;
    bool strict;
    bool allow_local;
    bool verbose;
    const char *pem; /* a worker's own: the self-signed certificate that all share */
};

/* What HUP may replace. Sessions keep the one that they began with. */
struct server_settings {
    unsigned users; /* sessions, and the server itself */
    struct anytls_endpoint_config config;
    struct anytls_scheme scheme;
    uint8_t *scheme_text; /* NULL: the default scheme */
    struct anytls_tls_context *tls;
};

/* NULL: error (ANYTLS_ERROR_TEXT_SIZE bytes) says why. */
struct server_settings *server_settings_new(const struct server_options *options, char *error);
void server_settings_release(struct server_settings *settings);

struct session;

struct server {
    struct workspace space;
    const struct server_options *options;
    struct server_settings *settings;
    struct anytls_address fallback; /* size 0: none */
    uv_tcp_t listener;
    uv_timer_t stop_timer;
    struct session *sessions; /* all of them, a list */
    size_t session_count;
    size_t target_count; /* connections to targets, those without a session, too */
    bool stopping;
};

/* Serves the connections of a listening socket until told to stop by a signal; returns the exit
 * code. parent: a descriptor whose end of file means the same; -1: none. */
int server_run(const struct server_options *options, int listening, int parent);

/* Accepts the next connection of the listener into a session. */
void session_accept(struct server *server);

/* Closes all sessions without a stream; they close themselves with their last stream then. */
void sessions_stop(struct server *server);

/* Stops the loop if it is told to stop and nothing is left to do. */
void server_stop_if_done(struct server *server);

/* Breaks off all sessions. */
void sessions_cut(struct server *server);

enum target_kind { TARGET_TCP, TARGET_UDP };

struct target {
    enum target_kind kind;
    struct session *session; /* NULL: the stream has ended, and nothing is told to it any more */
    uint32_t stream;
    bool blocking; /* its queue is full, and the session has stopped reading for it */
    struct target *next;
    struct target *previous;
};

struct session {
    struct tunnel tunnel;
    struct server *server;
    struct server_settings *settings;
    struct anytls_endpoint endpoint;
    struct target *targets;  /* a list */
    struct target *fallback; /* not NULL: the tunnel's bytes go there as they are */
    size_t blocked;          /* targets that are blocking */
    size_t answered;         /* bytes of answers since the queue was last drained */
    uint8_t text[ANYTLS_SETTINGS_SIZE_MAX];
    bool ended;
    struct session *next;
    struct session *previous;
};

/* ---- Called by targets ---- */

void session_add_target(struct session *session, struct target *target, uint32_t stream);

/* Takes target off its session: its stream has ended, or is about to. */
void target_detach(struct target *target);

/* Answers a dial. */
void session_dialled(struct session *session, uint32_t stream);
void session_dial_failed(struct session *session, uint32_t stream, const char *reason);

/* Sends bytes of a target; bytes has READ_HEADROOM before it. */
void session_send(struct session *session, struct target *target, uint8_t *bytes, size_t size);

/* The target sends nothing more: FIN. It must have been detached. */
void session_finish(struct session *session, uint32_t stream);

/* The target's queue is full, or has drained. */
void session_block(struct session *session, struct target *target);
void session_unblock(struct session *session, struct target *target);

/* Whether targets shall stop reading. */
bool session_is_full(struct session *session);

/* ---- Targets ---- */

/* Dials an address for a stream, or for a fallback. */
void tcp_target_dial(struct session *session, uint32_t stream, const struct anytls_address *address,
                     bool fallback);
void tcp_target_data(struct target *target, const uint8_t *bytes, size_t size);
void tcp_target_resume(struct target *target);
/* Nothing more comes for it, but what it sends is still wanted. */
void tcp_target_half_end(struct target *target);
/* The stream has ended: sends what is queued, and closes. cut: the session broke off; the target
 * gets a reset. The target was detached. */
void tcp_target_end(struct target *target, bool cut);

void udp_target_open(struct session *session, uint32_t stream,
                     const struct anytls_uot_request *request);
void udp_target_data(struct target *target, const uint8_t *bytes, size_t size);
void udp_target_end(struct target *target);

#endif
