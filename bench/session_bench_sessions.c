/* The part of session_bench that has sessions on both sides. */
#include <stdio.h>
#include <stdlib.h>

#include "core/anytls.h"
#include "functions.h"
#include "pair.h"
#include "shared.h"

/* ---- Streams ---- */

static void core_prepare(void *context, uint64_t count)
{
    struct core_client *self = context;

    (void)count;
    core_client_begin(self);
    core_client_open(self); /* with Settings: not what is measured */
}

static void core_open(void *context, uint64_t count)
{
    struct core_client *self = context;

    for (uint64_t i = 0; i < count; i++) {
        core_client_open(self);
        bench_use(self->out);
    }
}

static bool core_opened(void *context)
{
    struct core_client *self = context;

    return self->opened.status == ANYTLS_OK && self->opened.stream == 2 &&
           self->out[0] == ANYTLS_SYN && self->out[7] == ANYTLS_PSH;
}

static void pair_prepare(void *context, uint64_t count)
{
    struct pair *pair = context;

    (void)count;
    pair_begin(pair);
    pair_connect(pair);
    pair_grow(pair);
    pair_open(pair);
}

static void pair_open_run(void *context, uint64_t count)
{
    struct pair *pair = context;

    for (uint64_t i = 0; i < count; i++)
        pair_open(pair);
}

static bool pair_two_opened(void *context)
{
    struct pair *pair = context;

    return !pair->failed && pair->stream == 2 && pair->streams_accepted == 2;
}

static void session_and_stream_run(void *context, uint64_t count)
{
    struct pair *pair = context;

    for (uint64_t i = 0; i < count; i++) {
        pair_begin(pair);
        pair_connect(pair);
        pair_open(pair);
    }
}

static bool pair_one_opened(void *context)
{
    struct pair *pair = context;

    return !pair->failed && pair->stream == 1 && pair->streams_accepted == 1;
}

void streams_measure(struct bench *bench)
{
    struct core_client *core = core_client_new();
    struct pair *plain = pair_new(false);
    struct bench_row row = {.parameters = "core alone",
                            .context = core,
                            .prepare = core_prepare,
                            .run = core_open,
                            .check = core_opened,
                            .count_max = CORE_STREAMS_MAX - 1};

    bench_measure(bench, &row);
    row = (struct bench_row){.parameters = "in memory",
                             .context = plain,
                             .prepare = pair_prepare,
                             .run = pair_open_run,
                             .check = pair_two_opened,
                             .count_max = 256};
    bench_measure(bench, &row);
    row = (struct bench_row){.parameters = "in memory with its session",
                             .context = plain,
                             .run = session_and_stream_run,
                             .check = pair_one_opened};
    bench_measure(bench, &row);
    pair_free(plain);
    free(core);
}

void bench_stream_creation(struct bench *bench)
{
    streams_measure(bench);
}

/* ---- Sessions ---- */

static void object_run(void *context, uint64_t count)
{
    struct core_client *self = context;

    for (uint64_t i = 0; i < count; i++) {
        core_client_begin(self);
        bench_use(&self->session);
    }
}

static bool object_made(void *context)
{
    struct core_client *self = context;

    return self->session.state == ANYTLS_STATE_V1 && self->session.streams.count == 0;
}

struct server_object {
    struct anytls_endpoint endpoint;
    struct anytls_stream streams[ANYTLS_STREAMS_MAX];
    struct anytls_pending pending[ANYTLS_PENDING_MAX];
    uint8_t text[ANYTLS_SETTINGS_SIZE_MAX];
};

static void server_object_run(void *context, uint64_t count)
{
    struct server_object *self = context;

    for (uint64_t i = 0; i < count; i++) {
        anytls_endpoint_begin(&self->endpoint, &pair_config()->endpoint, &anytls_scheme_default,
                              self->streams, ANYTLS_STREAMS_MAX, self->pending, ANYTLS_PENDING_MAX,
                              self->text, sizeof self->text, 0);
        bench_use(&self->endpoint);
    }
}

static bool server_object_made(void *context)
{
    struct server_object *self = context;

    return self->endpoint.phase == ANYTLS_PHASE_PREAMBLE &&
           self->endpoint.session.state == ANYTLS_STATE_NEW;
}

void bench_session_startup(struct bench *bench)
{
    static struct server_object server;
    struct core_client *core = core_client_new();
    struct bench_row row = {.parameters = "client object alone",
                            .context = core,
                            .run = object_run,
                            .check = object_made};

    bench_measure(bench, &row);
    row = (struct bench_row){.parameters = "server object alone",
                             .context = &server,
                             .run = server_object_run,
                             .check = server_object_made};
    bench_measure(bench, &row);
    free(core);
}

void startups_measure(struct bench *bench)
{
    struct pair *plain = pair_new(false);
    struct pair *tls = pair_new(true);
    struct bare bare = {NULL, NULL};
    struct bench_row row = {.parameters = "in memory",
                            .context = plain,
                            .run = session_and_stream_run,
                            .check = pair_one_opened};

    bench_measure(bench, &row);
    row.parameters = "over TLS with its handshake";
    row.context = tls;
    bench_measure(bench, &row);
    row = (struct bench_row){.parameters = "OpenSSL handshake alone",
                             .context = &bare,
                             .run = bare_handshake_run,
                             .check = bare_handshaken};
    bench_measure(bench, &row);
    bare_end(&bare);
    pair_free(plain);
    pair_free(tls);
}

void bench_session_startup_complete(struct bench *bench)
{
    startups_measure(bench);
}

/* ---- Frames of control ---- */

static void fin_prepare(void *context, uint64_t count)
{
    core_prepare(context, count);
    core_open(context, count);
}

static void fin_run(void *context, uint64_t count)
{
    struct core_client *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->written =
            anytls_session_finish(&self->session, self->session.streams.highest - (uint32_t)i,
                                  self->out, sizeof self->out);
        bench_use(self->out);
    }
}

static bool fin_written(void *context)
{
    struct core_client *self = context;

    return self->written.size == 7 && self->out[0] == ANYTLS_FIN;
}

static void v2_prepare(void *context, uint64_t count)
{
    static const uint8_t settings[] = {ANYTLS_SERVER_SETTINGS, 0, 0, 0, 0, 0, 3, 'v', '=', '2'};

    core_prepare(context, count);
    core_client_feed(context, settings, sizeof settings);
}

/* A request can only follow the answer to the one before, so that its cost is in here. */
static void heart_request_run(void *context, uint64_t count)
{
    static const uint8_t response[7] = {ANYTLS_HEART_RESPONSE};
    struct core_client *self = context;

    for (uint64_t i = 0; i < count; i++) {
        self->written = anytls_session_heartbeat(&self->session, 0, self->out, sizeof self->out);
        bench_use(self->out);
        core_client_feed(self, response, sizeof response);
    }
}

static bool heart_requested(void *context)
{
    struct core_client *self = context;

    return self->written.size == 7 && self->out[0] == ANYTLS_HEART_REQUEST &&
           self->event == ANYTLS_EVENT_HEART_ANSWERED;
}

static void heart_response_run(void *context, uint64_t count)
{
    static const uint8_t request[7] = {ANYTLS_HEART_REQUEST, 0, 0, 0, 9};
    struct core_client *self = context;

    for (uint64_t i = 0; i < count; i++) {
        core_client_feed(self, request, sizeof request);
        bench_use(self->out);
    }
}

static bool heart_responded(void *context)
{
    struct core_client *self = context;

    return self->fed_output == 7 && self->out[0] == ANYTLS_HEART_RESPONSE && self->out[4] == 9;
}

void bench_session_control_frames(struct bench *bench)
{
    struct core_client *core = core_client_new();
    struct bench_row row = {.parameters = "SYN with its destination",
                            .context = core,
                            .prepare = core_prepare,
                            .run = core_open,
                            .check = core_opened,
                            .count_max = CORE_STREAMS_MAX - 1};

    bench_measure(bench, &row);
    row.parameters = "FIN";
    row.prepare = fin_prepare;
    row.run = fin_run;
    row.check = fin_written;
    bench_measure(bench, &row);
    row.parameters = "HeartRequest and its answer";
    row.prepare = v2_prepare;
    row.run = heart_request_run;
    row.check = heart_requested;
    row.count_max = 0;
    bench_measure(bench, &row);
    row.parameters = "HeartResponse";
    row.run = heart_response_run;
    row.check = heart_responded;
    bench_measure(bench, &row);
    free(core);
}
