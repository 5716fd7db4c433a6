/* What several files of benchmarks use. */
#ifndef BENCH_SHARED_H
#define BENCH_SHARED_H

#include "core/anytls.h"
#include "engine.h"
#include "pair.h"

#define CORE_STREAMS_MAX 4096u

/* A client session of the core without a transport: what it writes stays in out. */
struct core_client {
    struct anytls_session session;
    struct anytls_stream streams[CORE_STREAMS_MAX];
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
    uint8_t out[ANYTLS_OPEN_SIZE_MAX];
    struct anytls_opened opened;   /* by the last core_client_open */
    struct anytls_written written; /* by the last call of another kind */
    size_t fed_output;             /* bytes that the last core_client_feed made it write */
    enum anytls_event_type event;  /* the last one that it made */
};

struct core_client *core_client_new(void);
void core_client_begin(struct core_client *self);
void core_client_open(struct core_client *self);
void core_client_feed(struct core_client *self, const uint8_t *bytes, size_t size);

/* Full handshakes of OpenSSL alone, with the contexts of the reference; context: struct bare. */
void bare_handshake_run(void *context, uint64_t count);
bool bare_handshaken(void *context);

/* Sending on a pair: frames of size bytes each, until the server has read them. */
struct sending {
    struct pair *pair;
    uint32_t stream;
    uint32_t streams; /* the frames go to so many streams in turn, from stream on */
    size_t size;      /* of a write */
    size_t writes;    /* in an operation */
    bool read;        /* whether the server reads before an operation ends */
};

/* A steady state: connected, streams open, past the writes that are shaped. */
void sending_begin(struct sending *self, bool tls);

/* The same over TLS, and the fastest of some pairs. */
void sending_begin_fastest(struct sending *self);
void sending_end(struct sending *self);

/* For rows whose context is a struct sending. */
void sending_prepare(void *context, uint64_t count);
void sending_run(void *context, uint64_t count);
bool sending_arrived(void *context);

/* The same bytes by OpenSSL alone. */
struct bare_sending {
    struct bare bare;
    size_t size;
    size_t writes;
    bool failed;
};

void bare_sending_begin(struct bare_sending *self);
void bare_sending_run(void *context, uint64_t count);
bool bare_sending_arrived(void *context);

/* ---- Rows that stand in two functions, with the same parameters ---- */

void streams_measure(struct bench *bench);
void startups_measure(struct bench *bench);
void passwords_measure(struct bench *bench, const size_t *sizes, size_t count);
void client_contexts_measure(struct bench *bench, const char *name);
void handshakes_measure(struct bench *bench, const char *name);

#endif
