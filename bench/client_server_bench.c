/* What clients and servers are made of, and how long they take to start. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "functions.h"
#include "net.h"
#include "shared.h"

#define POOL_MAX 64u

/* What a client has before its first connection. */
struct client_object {
    struct anytls_connection_config config;
    struct anytls_tls_context *tls;
    struct anytls_pool_entry pool[POOL_MAX];
    size_t sessions;
    uint64_t next_check;
    bool with_pool;
};

static void client_free(struct client_object *self)
{
    anytls_tls_context_free(self->tls);
    self->tls = NULL;
}

/* Checks every 30 s, retires after 60 s, keeps 2. */
static void pool_set_up(struct client_object *self)
{
    memset(self->pool, 0, sizeof self->pool);
    self->sessions = 0;
    self->next_check = 30000;
    while (anytls_pool_retire(self->pool, self->sessions, 0, 60000, 2).found)
        self->sessions--;
}

static void client_run(void *context, uint64_t count)
{
    struct client_object *self = context;
    struct anytls_tls_config tls = {.insecure = true};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    for (uint64_t i = 0; i < count; i++) {
        client_free(self);
        if (!anytls_connection_config_set(&self->config, "bench"))
            return;
        self->tls = anytls_tls_context_new(&tls, error);
        if (self->with_pool)
            pool_set_up(self);
        bench_use(self);
    }
}

static bool client_right(void *context)
{
    struct client_object *self = context;

    return self->tls != NULL && self->config.endpoint.session.version == 2 &&
           self->config.scheme == &anytls_scheme_default &&
           (!self->with_pool || self->next_check == 30000);
}

static void client_measure(struct bench *bench, const char *name, bool with_pool)
{
    static struct client_object client;
    struct bench_row row = {
        .parameters = name, .context = &client, .run = client_run, .check = client_right};

    client.with_pool = with_pool;
    bench_measure(bench, &row);
    client_free(&client);
}

void bench_client_creation(struct bench *bench)
{
    client_measure(bench, "password, scheme and TLS context", false);
}

void bench_client_with_pool_config(struct bench *bench)
{
    client_measure(bench, "check 30 s and idle 60 s and minimum 2", true);
}

void bench_tls_connector_creation(struct bench *bench)
{
    client_contexts_measure(bench, "client context");
}

/* ---- A connection's TLS from a context that is there ---- */

static void connector_run(void *context, uint64_t count)
{
    struct anytls_tls *tls = context;

    for (uint64_t i = 0; i < count; i++) {
        anytls_tls_end(tls);
        if (!anytls_tls_begin(tls, secure_contexts().client, "anytls-ref"))
            return;
    }
}

static bool connector_right(void *context)
{
    struct anytls_tls *tls = context;

    return tls->ssl != NULL;
}

void bench_tls_connector_reuse(struct bench *bench)
{
    struct anytls_tls tls = {.ssl = NULL};
    struct bench_row row = {.parameters = "connection begun",
                            .context = &tls,
                            .run = connector_run,
                            .check = connector_right};

    bench_measure(bench, &row);
    anytls_tls_end(&tls);
    handshakes_measure(bench, "connection up to its handshake");
}

void bench_client_password_hashing(struct bench *bench)
{
    static const size_t sizes[] = {5, 15, 30};

    passwords_measure(bench, sizes, 3);
}

/* ---- Both sides ---- */

struct components {
    struct client_object client;
    struct anytls_tls_context *server;
    int listener;
    uint16_t port;
};

static void components_free(struct components *self)
{
    client_free(&self->client);
    anytls_tls_context_free(self->server);
    self->server = NULL;
    if (self->listener >= 0)
        close(self->listener);
    self->listener = -1;
}

static void components_run(void *context, uint64_t count)
{
    struct components *self = context;
    struct anytls_tls_config tls = {.server = true, .pem = secure_pem()};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    for (uint64_t i = 0; i < count; i++) {
        components_free(self);
        client_run(&self->client, 1);
        self->server = anytls_tls_context_new(&tls, error);
        self->listener = net_listen(&self->port);
    }
}

static bool components_right(void *context)
{
    struct components *self = context;

    return client_right(&self->client) && self->server != NULL && self->listener >= 0 &&
           self->port > 0;
}

struct programs {
    struct bench *bench;
    struct chain chain;
    int error;
    bool echoed;
};

static void programs_stop(void *context, uint64_t count)
{
    struct programs *self = context;

    (void)count;
    chain_programs_stop(&self->chain);
}

static void programs_run(void *context, uint64_t count)
{
    struct programs *self = context;
    uint8_t bytes[NET_REQUEST_SIZE + 1] = {0};
    int descriptor;

    for (uint64_t i = 0; i < count; i++) {
        self->echoed = false;
        if (!chain_programs_start(self->bench, &self->chain))
            return;
        descriptor = net_connect_through(self->chain.socks_port, self->chain.target_port);
        net_request(bytes, NET_ECHO, 1);
        bytes[NET_REQUEST_SIZE] = 42;
        self->echoed = descriptor >= 0 && net_write(descriptor, bytes, sizeof bytes) &&
                       net_read(descriptor, bytes, 1) && bytes[0] == 42;
        if (descriptor >= 0)
            close(descriptor);
    }
}

static bool programs_right(void *context)
{
    struct programs *self = context;

    return self->echoed;
}

static void programs_measure(struct bench *bench)
{
    static struct programs programs;
    struct bench_row row = {.parameters = "both programs from start to the first byte",
                            .context = &programs,
                            .prepare = programs_stop,
                            .run = programs_run,
                            .check = programs_right,
                            .count_max = 1};
    struct chain *chain;

    if (!bench_wants(bench, row.parameters) || (chain = chain_get(bench)) == NULL)
        return;
    programs.bench = bench;
    programs.chain.target_port = chain->target_port;
    bench_measure(bench, &row);
    programs_stop(&programs, 1);
}

void bench_client_server_setup_components(struct bench *bench)
{
    static struct components components = {.listener = -1};
    struct bench_row row = {.parameters = "client and server and listening socket",
                            .context = &components,
                            .run = components_run,
                            .check = components_right};

    bench_measure(bench, &row);
    components_free(&components);
    programs_measure(bench);
}
