/* The server's path under test, for endpoint.c: an endpoint, what its events said so far, and what
 * the bytes of each stream were. */
#ifndef ANYTLS_FUZZ_ENDPOINT_H
#define ANYTLS_FUZZ_ENDPOINT_H

#include "core/endpoint.h"
#include "session_program.h"

#define PATH_STREAMS_MAX 64u
#define PATH_BYTES_MAX 640u

/* A stream as its bytes tell it. */
struct path_stream {
    uint32_t id;
    bool dialled;
    size_t size; /* bytes that came for it, as far as they are kept */
    size_t told; /* of them: the destination, and what data events held */
    uint8_t bytes[PATH_BYTES_MAX];
};

struct path {
    struct anytls_endpoint endpoint;
    struct anytls_endpoint_config endpoint_config;
    struct fuzz_config config;
    struct anytls_stream *table;
    struct anytls_pending *pending;
    uint8_t *text;
    uint8_t *out;
    size_t capacity;
    uint64_t now;
    struct fuzz_numbers numbers;

    size_t came;      /* bytes from the client */
    bool over;        /* fallback, or the end */
    bool ended_early; /* by a deadline or the client's end, before the preamble's verdict */
    bool aligned;     /* all bytes came as whole frames, so that streams' bytes are known */
    uint8_t first[ANYTLS_PREAMBLE_SIZE]; /* of the bytes that came */
    struct path_stream streams[PATH_STREAMS_MAX];
    size_t count;
    uint64_t events; /* what came out, as numbers */
    uint64_t output;
    bool in_data;
    uint32_t data_stream;
};

struct path_stream *path_find(struct path *path, uint32_t id);
void path_remove(struct path *path, uint32_t id);
/* Bytes of a PSH frame that is about to come, for a stream that is open. */
void path_expect(struct path *path, uint32_t id, struct anytls_text data);

/* What an event of a step has to be; bytes: what the step consumed. */
void path_event(struct path *path, const struct anytls_event *event);
/* Frames of the right kinds; none before the client has shown the password. */
void path_output(struct path *path, size_t size);
/* The tables: streams that wait for a destination are open, each once, and within their bounds. */
void path_check(struct path *path);

#endif
