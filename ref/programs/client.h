/* What the files of anytls-client share.
 *
 * application → struct inbound: a SOCKS 5 connection → struct session: a tunnel to the server,
 * which carries one stream at a time and is reused for the next. */
#ifndef ANYTLS_PROGRAMS_CLIENT_H
#define ANYTLS_PROGRAMS_CLIENT_H

#include "core/pool.h"
#include "core/session.h"
#include "core/uot.h"
#include "dial.h"
#include "names.h"
#include "socks.h"
#include "tunnel.h"

#define CONNECT_TIMEOUT 10000u   /* ms for the connection to the server, and again for TLS */
#define HALF_CLOSE_TIMEOUT 5000u /* ms of silence until an application's end is passed on */
#define SOCKS_TIMEOUT 10000u     /* ms for a SOCKS request */
#define BACK_OFF_FIRST 250u      /* ms without dialling after a failure, doubled with each */
#define BACK_OFF_MAX 8000u

struct client_options {
    const char *listen;
    char host[HOST_SIZE];
    uint16_t port;
    char *password;
    const char *password_file;
    const char *sni;
    const char *ca;
    bool insecure;
    bool no_reuse;
    bool verbose;
    uint32_t min_idle;
    uint32_t idle_timeout;   /* s */
    uint32_t idle_check;     /* s */
    uint32_t heartbeat;      /* s */
    uint32_t synack_timeout; /* s */
};

/* The padding scheme for sessions to come; sessions keep the one that they began with. */
struct client_scheme {
    unsigned users;
    struct anytls_scheme scheme;
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
};

struct inbound;

struct client {
    struct workspace space;
    const struct client_options *options;
    struct anytls_tls_context *tls;
    struct anytls_session_config config;
    struct client_scheme *scheme;
    uint8_t hash[32];
    struct anytls_address server;
    struct anytls_pool_entry *pool; /* all sessions */
    size_t pool_count;
    size_t pool_capacity;
    uint64_t next_sequence;
    unsigned failures; /* in a row */
    uint64_t retry_at; /* no dialling before */
    uv_tcp_t listener;
    uv_timer_t check_timer;
    uv_timer_t stop_timer;
    struct inbound *inbounds; /* a list */
    bool stopping;
};

struct session;

/* ---- client_pool.c: which session a stream gets ---- */

/* Finds a session for a stream to inbound->destination: inbound_started or inbound_failed follows,
 * perhaps at once. */
void pool_start(struct client *client, struct inbound *inbound);

/* A session's stream has ended. */
void pool_return(struct session *session);

/* false: no memory. */
bool pool_add(struct client *client, struct session *session, uint64_t sequence);
void pool_remove(struct client *client, const struct session *session);

/* Closes the sessions that have been idle for too long; all idle ones where all is set. */
void pool_retire(struct client *client, bool all);

/* The server was away, or refused us: it is not dialled for a while, twice as long each time, until
 * pool_answered says that it spoke. */
void pool_back_off(struct client *client, const char *why);
void pool_answered(struct client *client);

/* ---- client_session.c ---- */

/* Dials a session for a stream. false: no memory. */
bool session_dial(struct client *client, struct inbound *inbound);

/* Opens a stream in a session without one. false: the session cannot, and is closing. */
bool session_start(struct session *session, struct inbound *inbound);

/* Ends a session, properly. */
void session_end(struct session *session);

/* For an inbound: sends (bytes has READ_HEADROOM before it), finishes, holds the session back. */
void session_send(struct session *session, uint8_t *bytes, size_t size);
void session_finish(struct session *session);
bool session_is_full(struct session *session);
void session_block(struct session *session);
void session_unblock(struct session *session);

struct client *session_client(const struct session *session);

/* ---- client_scheme.c ---- */

/* A scheme from its text, which is a valid one, with one user. NULL: no memory. */
struct client_scheme *client_scheme_new(struct anytls_text text);
void client_scheme_release(struct client_scheme *scheme);

/* Takes the server's scheme for the sessions to come; without memory the old one stays. */
void client_scheme_replace(struct client *client, struct anytls_text text);

/* ---- client_inbound.c ---- */

struct association;

enum inbound_phase { INBOUND_SOCKS, INBOUND_WAITING, INBOUND_RELAYING, INBOUND_ENDED };

struct inbound {
    struct wire wire;
    struct client *client;
    struct socks socks;
    enum inbound_phase phase;
    struct anytls_address destination;
    struct session *session;         /* with whose stream it is joined, from WAITING on */
    struct association *association; /* of UDP ASSOCIATE */
    struct anytls_address relay;     /* where it takes datagrams */
    uint8_t *early;                  /* READ_HEADROOM bytes, and what came behind the request */
    size_t early_size;
    bool unanswered; /* the application has sent more than it was answered */
    bool app_ended;
    struct inbound *next;
    struct inbound *previous;
};

void inbound_accept(struct client *client);

/* Breaks off whatever is in flight. */
void inbounds_cut(struct client *client);

/* Its stream is open. */
void inbound_started(struct inbound *inbound);

/* There is no session for it. */
void inbound_failed(struct inbound *inbound, enum socks_code code);

void inbound_data(struct inbound *inbound, const uint8_t *bytes, size_t size);

/* Its stream has ended; cut: broken off, so that the application gets a reset. */
void inbound_finished(struct inbound *inbound, bool cut);

/* The session takes bytes again. */
void inbound_resume(struct inbound *inbound);

/* ---- client_udp.c ---- */

/* Begins to carry the datagrams of an application; the reply tells it where. NULL: it cannot be. */
struct association *association_new(struct inbound *inbound, struct anytls_address *where);

/* Bytes of the stream. */
void association_data(struct association *association, const uint8_t *bytes, size_t size);
void association_end(struct association *association);

#endif
