/* Keys, contexts and handshakes. */
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "io/certificate.h"
#include "io/tls_context.h"
#include "shared.h"

struct making {
    const char *name;
    const char *pem;
    bool server;
    struct anytls_certificate made;
    struct anytls_tls_context *context;
};

static void making_free(struct making *self)
{
    anytls_certificate_free(&self->made);
    memset(&self->made, 0, sizeof self->made);
    anytls_tls_context_free(self->context);
    self->context = NULL;
}

static void key_run(void *context, uint64_t count)
{
    struct making *self = context;

    for (uint64_t i = 0; i < count; i++) {
        making_free(self);
        if (!anytls_certificate_make(self->name, &self->made))
            return;
    }
}

static bool key_right(void *context)
{
    struct making *self = context;

    return self->made.certificate != NULL &&
           X509_check_host(self->made.certificate, self->name, 0, 0, NULL) == 1 &&
           X509_check_private_key(self->made.certificate, self->made.key) == 1;
}

static void key_row(struct bench *bench, const char *name)
{
    struct making making = {.name = name};
    struct bench_row row = {
        .parameters = name, .context = &making, .run = key_run, .check = key_right};

    bench_measure(bench, &row);
    making_free(&making);
}

void bench_tls_generate_key_pair(struct bench *bench)
{
    key_row(bench, "anytls-ref");
}

void bench_tls_generate_key_pair_with_name(struct bench *bench)
{
    key_row(bench, "example.com");
}

static void context_run(void *context, uint64_t count)
{
    struct making *self = context;
    struct anytls_tls_config config = {
        .server = self->server, .pem = self->pem, .insecure = !self->server};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    for (uint64_t i = 0; i < count; i++) {
        making_free(self);
        self->context = anytls_tls_context_new(&config, error);
    }
}

static bool context_right(void *context)
{
    struct making *self = context;
    bool has_key =
        self->context != NULL && SSL_CTX_get0_privatekey(bare_context(self->context)) != NULL;

    return self->context != NULL && has_key == self->server;
}

static void context_row(struct bench *bench, const char *name, struct making making)
{
    struct bench_row row = {
        .parameters = name, .context = &making, .run = context_run, .check = context_right};

    bench_measure(bench, &row);
    making_free(&making);
}

void bench_tls_create_server_config(struct bench *bench)
{
    context_row(bench, "with a new key", (struct making){.server = true});
    context_row(bench, "with a key that is there",
                (struct making){.server = true, .pem = secure_pem()});
}

void client_contexts_measure(struct bench *bench, const char *name)
{
    context_row(bench, name, (struct making){.server = false});
}

void bench_tls_create_client_config(struct bench *bench)
{
    client_contexts_measure(bench, "one context");
}

/* ---- Handshakes from contexts that are used again ---- */

struct secure_pair {
    struct anytls_memory memory;
    struct secure client;
    struct secure server;
    bool done;
    uint8_t pipes[2 * 65536];
};

static void secure_pair_end(struct secure_pair *self)
{
    secure_end(&self->client);
    secure_end(&self->server);
}

static void full_run(void *context, uint64_t count)
{
    struct secure_pair *self = context;
    struct secure_contexts contexts = secure_contexts();

    for (uint64_t i = 0; i < count; i++) {
        secure_pair_end(self);
        anytls_memory_begin(&self->memory, self->pipes, sizeof self->pipes / 2);
        self->done = secure_begin(&self->client, contexts.client,
                                  anytls_memory_transport(&self->memory, 0)) &&
                     secure_begin(&self->server, contexts.server,
                                  anytls_memory_transport(&self->memory, 1)) &&
                     secure_handshake(&self->client, &self->server);
    }
}

static bool full_right(void *context)
{
    struct secure_pair *self = context;

    return self->done && SSL_version(self->client.tls.ssl) == TLS1_3_VERSION &&
           SSL_session_reused(self->client.tls.ssl) == 0;
}

void handshakes_measure(struct bench *bench, const char *name)
{
    struct secure_pair *pair = calloc(1, sizeof *pair);
    struct bench_row row = {
        .parameters = name, .context = pair, .run = full_run, .check = full_right};

    if (pair == NULL)
        exit(1);
    bench_measure(bench, &row);
    secure_pair_end(pair);
    free(pair);
}

/* The reference gives no tickets, since its clients keep their sessions: so this one is OpenSSL's
 * alone, with a server context that gives them. */
struct resumption {
    struct bare bare;
    SSL_CTX *client;
    SSL_CTX *server;
    SSL_SESSION *session; /* the newest that the server gave */
    bool done;
};

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct resumption *self = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    SSL_SESSION_free(self->session);
    self->session = session;
    return 1;
}

static bool resumption_begin(struct resumption *self)
{
    struct anytls_certificate own = {NULL, NULL};
    bool made = anytls_certificate_read(secure_pem(), &own);

    self->client = SSL_CTX_new(TLS_client_method());
    self->server = SSL_CTX_new(TLS_server_method());
    made = made && self->client != NULL && self->server != NULL &&
           SSL_CTX_use_certificate(self->server, own.certificate) == 1 &&
           SSL_CTX_use_PrivateKey(self->server, own.key) == 1;
    anytls_certificate_free(&own);
    if (!made)
        return false;
    SSL_CTX_set_app_data(self->client, self);
    SSL_CTX_set_session_cache_mode(self->client,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(self->client, keep_session);
    return true;
}

/* One handshake, and the reading of the tickets that follow it. */
static void resume_once(struct resumption *self)
{
    uint8_t byte;
    size_t got;

    bare_end(&self->bare);
    self->done =
        bare_begin(&self->bare, self->client, self->server) &&
        (self->session == NULL || SSL_set_session(self->bare.client, self->session) == 1) &&
        bare_handshake(&self->bare);
    if (self->done)
        SSL_read_ex(self->bare.client, &byte, 1, &got);
    /* Else OpenSSL takes the end without a word for an attack, and its sessions for spoilt. */
    if (self->done)
        SSL_set_shutdown(self->bare.client, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

static void resumed_run(void *context, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        resume_once(context);
}

static bool resumed_right(void *context)
{
    struct resumption *self = context;

    return self->done && SSL_session_reused(self->bare.client) == 1;
}

static void resumption_measure(struct bench *bench)
{
    static struct resumption resumption;
    struct bench_row row = {.parameters = "resumed handshake by OpenSSL alone with tickets",
                            .context = &resumption,
                            .run = resumed_run,
                            .check = resumed_right};

    if (!resumption_begin(&resumption)) {
        bench_fail(bench, "OpenSSL makes no contexts");
        return;
    }
    resume_once(&resumption); /* a full one, for its ticket */
    bench_measure(bench, &row);
    bare_end(&resumption.bare);
    SSL_SESSION_free(resumption.session);
    SSL_CTX_free(resumption.client);
    SSL_CTX_free(resumption.server);
}

void bench_tls_config_reuse(struct bench *bench)
{
    struct bare bare = {NULL, NULL};
    struct bench_row row = {.parameters = "full handshake by OpenSSL alone",
                            .context = &bare,
                            .run = bare_handshake_run,
                            .check = bare_handshaken};

    handshakes_measure(bench, "full handshake");
    bench_measure(bench, &row);
    bare_end(&bare);
    resumption_measure(bench);
}
