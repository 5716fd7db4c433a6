#include "secure.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/certificate.h"
#include "io/tls_context.h"

static char *pem_make(void)
{
    struct anytls_certificate made;
    char *pem;

    if (!anytls_certificate_make("anytls-ref", &made))
        return NULL;
    pem = anytls_certificate_pem(&made);
    anytls_certificate_free(&made);
    return pem;
}

const char *secure_pem(void)
{
    static char *pem;

    if (pem == NULL)
        pem = pem_make();
    if (pem == NULL) {
        fprintf(stderr, "anytls-bench: OpenSSL makes no certificate\n");
        exit(1);
    }
    return pem;
}

struct secure_contexts secure_contexts(void)
{
    static struct secure_contexts contexts;
    struct anytls_tls_config client = {.insecure = true};
    struct anytls_tls_config server = {.server = true, .pem = secure_pem()};
    char error[ANYTLS_ERROR_TEXT_SIZE] = "";

    if (contexts.client != NULL)
        return contexts;
    contexts.client = anytls_tls_context_new(&client, error);
    contexts.server = anytls_tls_context_new(&server, error);
    if (contexts.client == NULL || contexts.server == NULL) {
        fprintf(stderr, "anytls-bench: %s\n", error);
        exit(1);
    }
    return contexts;
}

bool secure_begin(struct secure *secure, struct anytls_tls_context *context,
                  struct anytls_transport below)
{
    secure->below = below;
    return anytls_tls_begin(&secure->tls, context, "anytls-ref");
}

void secure_end(struct secure *secure)
{
    anytls_tls_end(&secure->tls);
}

static struct anytls_buffer empty(struct secure *secure)
{
    struct anytls_buffer output = {secure->output, sizeof secure->output, 0};

    return output;
}

static bool flush(struct secure *secure, const struct anytls_buffer *output)
{
    return output->size == 0 || secure->below.write(secure->below.context, output->bytes,
                                                    output->size, 0) == ANYTLS_IO_OK;
}

/* One side's turn: what has come is read, what follows is sent. */
static enum anytls_tls_status turn(struct secure *secure)
{
    struct anytls_buffer output = empty(secure);
    struct anytls_io_result got =
        secure->below.read(secure->below.context, secure->input, sizeof secure->input, 0);
    enum anytls_tls_status status;

    if (got.status == ANYTLS_IO_OK)
        anytls_tls_feed(&secure->tls, secure->input, got.size);
    status = anytls_tls_handshake(&secure->tls, &output);
    return flush(secure, &output) ? status : ANYTLS_TLS_FAILED;
}

bool secure_handshake(struct secure *client, struct secure *server)
{
    enum anytls_tls_status first = ANYTLS_TLS_WANT_INPUT;
    enum anytls_tls_status second = ANYTLS_TLS_WANT_INPUT;

    for (int i = 0; i < 4 && (first != ANYTLS_TLS_OK || second != ANYTLS_TLS_OK); i++) {
        if (first != ANYTLS_TLS_OK)
            first = turn(client);
        if (second != ANYTLS_TLS_OK)
            second = turn(server);
    }
    return first == ANYTLS_TLS_OK && second == ANYTLS_TLS_OK;
}

static struct anytls_io_result secure_read(void *context, uint8_t *bytes, size_t size,
                                           uint64_t deadline)
{
    struct secure *secure = context;
    struct anytls_io_result result = {ANYTLS_IO_OK, 0};

    while (result.status == ANYTLS_IO_OK) {
        struct anytls_buffer output = empty(secure);
        struct anytls_tls_result step = anytls_tls_read(&secure->tls, bytes, size, &output);

        result.size = step.size;
        if (step.size > 0)
            return result;
        if (step.status != ANYTLS_TLS_WANT_INPUT || !flush(secure, &output)) {
            result.status = ANYTLS_IO_FAILED;
            return result;
        }
        result = secure->below.read(secure->below.context, secure->input, sizeof secure->input,
                                    deadline);
        anytls_tls_feed(&secure->tls, secure->input, result.size);
    }
    result.size = 0;
    return result;
}

static enum anytls_io_status secure_write(void *context, const uint8_t *bytes, size_t size,
                                          uint64_t deadline)
{
    struct secure *secure = context;

    (void)deadline;
    while (size > 0) {
        struct anytls_buffer output = empty(secure);
        size_t part = size < SECURE_WRITE_MAX ? size : SECURE_WRITE_MAX;

        if (anytls_tls_write(&secure->tls, bytes, part, &output) != ANYTLS_TLS_OK ||
            !flush(secure, &output))
            return ANYTLS_IO_FAILED;
        bytes += part;
        size -= part;
    }
    return ANYTLS_IO_OK;
}

static uint64_t secure_now(void *context)
{
    struct secure *secure = context;

    return secure->below.now(secure->below.context);
}

static uint32_t secure_random(void *context)
{
    struct secure *secure = context;

    return secure->below.random(secure->below.context);
}

struct anytls_transport secure_transport(struct secure *secure)
{
    struct anytls_transport transport = {secure, secure_read, secure_write, secure_now,
                                         secure_random};

    return transport;
}

/* ---- OpenSSL alone ---- */

SSL_CTX *bare_context(struct anytls_tls_context *context)
{
    return context->ssl;
}

bool bare_begin(struct bare *bare, SSL_CTX *client, SSL_CTX *server)
{
    BIO *up = BIO_new(BIO_s_mem());
    BIO *down = BIO_new(BIO_s_mem());

    bare->client = SSL_new(client);
    bare->server = SSL_new(server);
    if (up == NULL || down == NULL || bare->client == NULL || bare->server == NULL)
        return false;
    BIO_up_ref(up);
    BIO_up_ref(down);
    SSL_set_bio(bare->client, down, up);
    SSL_set_bio(bare->server, up, down);
    SSL_set_connect_state(bare->client);
    SSL_set_accept_state(bare->server);
    /* The textbook keeps its buffers: that is faster, and costs memory. */
    SSL_clear_mode(bare->client, SSL_MODE_RELEASE_BUFFERS);
    SSL_clear_mode(bare->server, SSL_MODE_RELEASE_BUFFERS);
    return true;
}

bool bare_handshake(struct bare *bare)
{
    int first = 0;
    int second = 0;

    for (int i = 0; i < 4 && (first != 1 || second != 1); i++) {
        first = SSL_do_handshake(bare->client);
        second = SSL_do_handshake(bare->server);
    }
    return first == 1 && second == 1;
}

bool bare_send(struct bare *bare, const uint8_t *bytes, size_t size)
{
    static uint8_t read_area[32768];
    size_t done = 0;

    if (SSL_write_ex(bare->client, bytes, size, &done) != 1)
        return false;
    for (size_t got = 0; got < size; got += done)
        if (SSL_read_ex(bare->server, read_area, sizeof read_area, &done) != 1)
            return false;
    return true;
}

void bare_end(struct bare *bare)
{
    SSL_free(bare->client);
    SSL_free(bare->server);
    bare->client = NULL;
    bare->server = NULL;
}
