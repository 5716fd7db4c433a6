#include "shared.h"

#include <stdlib.h>
#include <string.h>

#define TRIALS 12u
#define TRIAL_SENDS 200
#define TRIAL_SIZE 16384u

struct core_client *core_client_new(void)
{
    struct core_client *self = calloc(1, sizeof *self);

    if (self == NULL)
        exit(1);
    core_client_begin(self);
    return self;
}

void core_client_begin(struct core_client *self)
{
    anytls_session_begin(&self->session, ANYTLS_CLIENT, &pair_config()->endpoint.session,
                         &anytls_scheme_default, self->streams, CORE_STREAMS_MAX, self->text,
                         sizeof self->text, 0);
}

void core_client_open(struct core_client *self)
{
    self->opened = anytls_session_open(&self->session, pair_destination(), NULL, 0, self->out,
                                       sizeof self->out);
}

void core_client_feed(struct core_client *self, const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    self->fed_output = 0;
    while (at < size) {
        struct anytls_received result = anytls_session_receive(
            &self->session, bytes + at, size - at, 0, self->out, sizeof self->out);

        if (result.status != ANYTLS_OK)
            return;
        at += result.consumed;
        self->fed_output += result.output;
        self->event = result.event.type;
    }
}

void bare_handshake_run(void *context, uint64_t count)
{
    struct bare *bare = context;
    struct secure_contexts contexts = secure_contexts();

    for (uint64_t i = 0; i < count; i++) {
        bare_end(bare);
        if (!bare_begin(bare, bare_context(contexts.client), bare_context(contexts.server)) ||
            !bare_handshake(bare))
            return;
    }
}

bool bare_handshaken(void *context)
{
    struct bare *bare = context;

    return SSL_is_init_finished(bare->client) && SSL_is_init_finished(bare->server) &&
           SSL_session_reused(bare->client) == 0;
}

/* ---- Sending ---- */

void sending_begin(struct sending *self, bool tls)
{
    self->pair = pair_new(tls);
    if (self->pair == NULL)
        exit(1);
    pair_connect(self->pair);
    pair_grow(self->pair);
    self->stream = pair_open(self->pair);
    for (uint32_t i = 1; i < self->streams; i++)
        pair_open(self->pair);
    while (anytls_session_shaped(&self->pair->client.endpoint.session)) {
        pair_write(self->pair, self->stream, 1);
        pair_serve(self->pair);
    }
}

void sending_end(struct sending *self)
{
    pair_free(self->pair);
    self->pair = NULL;
}

void sending_prepare(void *context, uint64_t count)
{
    struct sending *self = context;

    (void)count;
    pair_serve(self->pair);
    self->pair->at_server = 0;
}

void sending_run(void *context, uint64_t count)
{
    struct sending *self = context;
    uint32_t streams = self->streams > 0 ? self->streams : 1;

    for (uint64_t i = 0; i < count; i++) {
        for (size_t j = 0; j < self->writes; j++) {
            pair_write(self->pair, self->stream + (uint32_t)(j % streams), self->size);
            if (self->read)
                pair_serve(self->pair);
        }
    }
}

/* Compares what arrives in an operation of its own. */
bool sending_arrived(void *context)
{
    struct sending *self = context;

    sending_prepare(self, 1);
    self->pair->period = self->size;
    sending_run(self, 1);
    pair_serve(self->pair);
    self->pair->period = 0;
    return !self->pair->failed && self->pair->at_server == (uint64_t)self->size * self->writes;
}

static uint64_t sending_time(struct sending *self)
{
    uint64_t least = UINT64_MAX;

    self->size = TRIAL_SIZE;
    for (int i = 0; i < TRIAL_SENDS; i++) {
        uint64_t begin = bench_clock();

        sending_run(self, 1);
        begin = bench_clock() - begin;
        least = begin < least ? begin : least;
    }
    return least;
}

/* Where OpenSSL's buffers happen to lie makes half as much again of the time of a record, for as
 * long as a pair lives. So the fastest of some pairs stands for it, here and for OpenSSL alone. */
void sending_begin_fastest(struct sending *self)
{
    struct pair *best = NULL;
    uint64_t least = UINT64_MAX;
    void *apart[TRIALS];

    for (size_t i = 0; i < TRIALS; i++) {
        uint64_t time;

        apart[i] = malloc(512 + 640 * i);
        sending_begin(self, true);
        time = sending_time(self);
        if (time < least) {
            struct pair *slower = best;

            best = self->pair;
            self->pair = slower;
            least = time;
        }
        if (self->pair != NULL)
            sending_end(self);
    }
    for (size_t i = 0; i < TRIALS; i++)
        free(apart[i]);
    self->pair = best;
}

static bool bare_pair_begin(struct bare *bare)
{
    struct secure_contexts contexts = secure_contexts();

    return bare_begin(bare, bare_context(contexts.client), bare_context(contexts.server)) &&
           bare_handshake(bare);
}

static uint64_t bare_time(struct bare_sending *self)
{
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < TRIAL_SENDS && !self->failed; i++) {
        uint64_t begin = bench_clock();

        self->failed = !bare_send(&self->bare, pair_payload(), TRIAL_SIZE);
        begin = bench_clock() - begin;
        least = begin < least ? begin : least;
    }
    return least;
}

void bare_sending_begin(struct bare_sending *self)
{
    struct bare best = {NULL, NULL};
    uint64_t least = UINT64_MAX;
    void *apart[TRIALS];

    self->failed = false;
    for (size_t i = 0; i < TRIALS && !self->failed; i++) {
        uint64_t time;

        apart[i] = malloc(512 + 640 * i);
        self->failed = !bare_pair_begin(&self->bare);
        time = bare_time(self);
        if (time < least) {
            struct bare slower = best;

            best = self->bare;
            self->bare = slower;
            least = time;
        }
        bare_end(&self->bare);
    }
    for (size_t i = 0; i < TRIALS && !self->failed; i++)
        free(apart[i]);
    self->bare = best;
}

void bare_sending_run(void *context, uint64_t count)
{
    struct bare_sending *self = context;

    for (uint64_t i = 0; i < count; i++)
        for (size_t j = 0; j < self->writes; j++)
            if (!self->failed && !bare_send(&self->bare, pair_payload(), self->size))
                self->failed = true;
}

bool bare_sending_arrived(void *context)
{
    struct bare_sending *self = context;

    return !self->failed;
}
