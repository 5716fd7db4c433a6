#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct anytls_connection_config *pair_config(void)
{
    static struct anytls_connection_config config;

    if (config.scheme == NULL && !anytls_connection_config_set(&config, PAIR_PASSWORD))
        exit(1);
    return &config;
}

const struct anytls_address *pair_destination(void)
{
    static const struct anytls_address destination = {
        .kind = ANYTLS_NAME, .port = 443, .size = 15, .host = "www.example.com"};

    return &destination;
}

/* Data that came: counted, handed on to the compiler, and compared where that was asked for. */
static void take(struct pair *pair, uint64_t *count, struct anytls_text data)
{
    bench_use(data.bytes);
    if (pair->period > 0) {
        const uint8_t *payload = pair_payload();
        size_t at = (size_t)(*count % pair->period);

        for (size_t i = 0; i < data.size; i++) {
            if (data.bytes[i] != payload[at])
                pair->failed = true;
            at = at + 1 == pair->period ? 0 : at + 1;
        }
    }
    *count += data.size;
}

static void serve_event(struct pair *pair, const struct anytls_incoming *incoming)
{
    enum anytls_status status = ANYTLS_OK;

    if (incoming->event.violation != ANYTLS_OK)
        pair->failed = true;
    if (incoming->event.type == ANYTLS_EVENT_DIAL)
        status = anytls_answer(&pair->server, incoming->event.stream, NULL);
    if (incoming->event.type == ANYTLS_EVENT_DATA) {
        take(pair, &pair->at_server, incoming->event.data);
        if (pair->echo)
            status = anytls_write(&pair->server, incoming->event.stream, incoming->event.data.bytes,
                                  incoming->event.data.size);
    }
    if (status != ANYTLS_OK)
        pair->failed = true;
}

/* The server's turn: all that has come, without waiting. */
static void server_step(void *context)
{
    struct pair *pair = context;
    struct anytls_incoming incoming;

    if (!pair->accepted) {
        struct anytls_transport transport = pair->tls ? secure_transport(&pair->secure[1])
                                                      : anytls_memory_transport(&pair->memory, 1);

        incoming = anytls_accept(&pair->server, pair_config(), transport);
        pair->accepted = incoming.event.type == ANYTLS_EVENT_AUTHENTICATED;
        if (!pair->accepted)
            pair->failed = true;
    }
    while (pair->accepted) {
        incoming = anytls_read(&pair->server, 0);
        if (incoming.status != ANYTLS_IO_OK)
            break;
        serve_event(pair, &incoming);
    }
}

struct pair *pair_new(bool tls)
{
    struct pair *pair = malloc(sizeof *pair);

    if (pair == NULL)
        return NULL;
    memset(pair, 0, sizeof *pair);
    pair->tls = tls;
    pair_begin(pair);
    return pair;
}

void pair_free(struct pair *pair)
{
    secure_end(&pair->secure[0]);
    secure_end(&pair->secure[1]);
    free(pair->tables);
    free(pair);
}

void pair_begin(struct pair *pair)
{
    struct secure_contexts contexts;

    anytls_memory_begin(&pair->memory, pair->pipes, PAIR_PIPE_SIZE);
    pair->accepted = false;
    pair->echo = false;
    pair->failed = false;
    pair->at_server = 0;
    pair->at_client = 0;
    pair->period = 0;
    pair->stream = 0;
    pair->streams_accepted = 0;
    if (!pair->tls)
        return;
    contexts = secure_contexts();
    secure_end(&pair->secure[0]);
    secure_end(&pair->secure[1]);
    if (!secure_begin(&pair->secure[0], contexts.client,
                      anytls_memory_transport(&pair->memory, 0)) ||
        !secure_begin(&pair->secure[1], contexts.server, anytls_memory_transport(&pair->memory, 1)))
        pair->failed = true;
}

void pair_connect(struct pair *pair)
{
    struct anytls_transport transport = anytls_memory_transport(&pair->memory, 0);

    if (pair->tls) {
        if (!secure_handshake(&pair->secure[0], &pair->secure[1]))
            pair->failed = true;
        transport = secure_transport(&pair->secure[0]);
    }
    pair->memory.ends[1].step = server_step;
    pair->memory.ends[1].step_context = pair;
    if (anytls_connect(&pair->client, pair_config(), transport) != ANYTLS_OK)
        pair->failed = true;
}

void pair_grow(struct pair *pair)
{
    size_t streams = PAIR_STREAMS_MAX * sizeof(struct anytls_stream);
    size_t pending = PAIR_STREAMS_MAX * sizeof(struct anytls_pending);
    uint8_t *tables = pair->tables != NULL ? pair->tables : malloc(2 * streams + 2 * pending);
    struct anytls_connection *const sides[2] = {&pair->client, &pair->server};

    if (tables == NULL)
        exit(1);
    pair->tables = tables;
    pair_serve(pair); /* so that the server has begun */
    for (size_t i = 0; i < 2; i++) {
        sides[i]->endpoint.session.streams.entries = (void *)(tables + i * streams);
        sides[i]->endpoint.session.streams.capacity = PAIR_STREAMS_MAX;
        sides[i]->endpoint.pending = (void *)(tables + 2 * streams + i * pending);
        sides[i]->endpoint.pending_capacity = PAIR_STREAMS_MAX;
    }
}

static void client_event(struct pair *pair, const struct anytls_event *event)
{
    if (event->type == ANYTLS_EVENT_STREAM_ACCEPTED)
        pair->streams_accepted++;
    if (event->type == ANYTLS_EVENT_DATA)
        take(pair, &pair->at_client, event->data);
    if (event->violation != ANYTLS_OK)
        pair->failed = true;
}

uint32_t pair_open(struct pair *pair)
{
    struct anytls_opened opened = anytls_open(&pair->client, pair_destination());
    uint64_t before = pair->streams_accepted;

    if (opened.status != ANYTLS_OK)
        pair->failed = true;
    pair->stream = opened.stream;
    while (pair->streams_accepted == before && !pair->failed) {
        struct anytls_incoming incoming = anytls_read(&pair->client, 0);

        if (incoming.status != ANYTLS_IO_OK)
            pair->failed = true;
        else
            client_event(pair, &incoming.event);
    }
    return opened.stream;
}

void pair_write(struct pair *pair, uint32_t stream, size_t size)
{
    if (anytls_write(&pair->client, stream, pair_payload(), size) != ANYTLS_OK)
        pair->failed = true;
}

void pair_server_write(struct pair *pair, uint32_t stream, size_t size)
{
    if (anytls_write(&pair->server, stream, pair_payload(), size) != ANYTLS_OK)
        pair->failed = true;
}

void pair_finish(struct pair *pair, uint32_t stream)
{
    if (anytls_finish(&pair->client, stream) != ANYTLS_OK)
        pair->failed = true;
}

void pair_serve(struct pair *pair)
{
    pair->memory.stepping = true;
    server_step(pair);
    pair->memory.stepping = false;
}

void pair_read(struct pair *pair, uint64_t at_client)
{
    while (pair->at_client < at_client && !pair->failed) {
        struct anytls_incoming incoming = anytls_read(&pair->client, 0);

        if (incoming.status != ANYTLS_IO_OK)
            pair->failed = true;
        else
            client_event(pair, &incoming.event);
    }
}
