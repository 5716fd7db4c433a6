#include "io/tls_context.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "certificate.h"

void anytls_openssl_error(const char *fallback, char *text)
{
    unsigned long code = ERR_get_error();
    const char *reason =
        ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);

    snprintf(text, ANYTLS_ERROR_TEXT_SIZE, "%s", reason != NULL ? reason : fallback);
    ERR_clear_error();
}

/* The key log lives as long as the SSL_CTX, which connections may keep beyond our context. */
static void key_log_free(void *parent, void *file, CRYPTO_EX_DATA *data, int index, long argl,
                         void *argp)
{
    (void)parent, (void)data, (void)index, (void)argl, (void)argp;
    if (file != NULL)
        fclose(file);
}

static int key_log_index(void)
{
    static int index = -1;

    if (index < 0)
        index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, key_log_free);
    return index;
}

static void key_log_line(const SSL *ssl, const char *line)
{
    FILE *file = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), key_log_index());

    fprintf(file, "%s\n", line);
    fflush(file);
}

static bool key_log_open(SSL_CTX *ssl, const char *path, char *error)
{
    FILE *file;

    if (path == NULL || path[0] == '\0')
        return true;
    file = fopen(path, "ae");
    if (file == NULL) {
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "cannot append to key log %.150s: %s", path,
                 strerror(errno));
        return false;
    }
    if (SSL_CTX_set_ex_data(ssl, key_log_index(), file) != 1) {
        fclose(file);
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "out of memory");
        return false;
    }
    SSL_CTX_set_keylog_callback(ssl, key_log_line); /* NOLINT(clang-analyzer-unix.Stream) */
    return true;
}

static bool pem_use(SSL_CTX *ssl, const char *pem, char *error)
{
    struct anytls_certificate own = {NULL, NULL};
    bool made = pem != NULL ? anytls_certificate_read(pem, &own)
                            : anytls_certificate_make("anytls-ref", &own);
    bool done = made && SSL_CTX_use_certificate(ssl, own.certificate) == 1 &&
                SSL_CTX_use_PrivateKey(ssl, own.key) == 1;

    if (!done)
        anytls_openssl_error("cannot make a certificate", error);
    anytls_certificate_free(&own);
    return done;
}

static bool file_error(const char *what, const char *path, char *error)
{
    char reason[ANYTLS_ERROR_TEXT_SIZE];

    anytls_openssl_error("unreadable", reason);
    snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "%s %.120s: %.100s", what, path, reason);
    return false;
}

static bool server_set_up(SSL_CTX *ssl, const struct anytls_tls_config *config, char *error)
{
    const char *key = config->key != NULL ? config->key : config->certificate;

    /* A ticket would only be of use to a client that dials again, and ours reuse sessions. */
    SSL_CTX_set_num_tickets(ssl, 0);
    SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    if (config->certificate == NULL)
        return pem_use(ssl, config->pem, error);
    if (SSL_CTX_use_certificate_chain_file(ssl, config->certificate) != 1)
        return file_error("certificate", config->certificate, error);
    if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1)
        return file_error("key", key, error);
    return true;
}

static bool client_set_up(SSL_CTX *ssl, const struct anytls_tls_config *config, char *error)
{
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    if (config->insecure)
        return true;
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (config->ca != NULL && SSL_CTX_load_verify_file(ssl, config->ca) != 1)
        return file_error("CA file", config->ca, error);
    if (config->ca == NULL && SSL_CTX_set_default_verify_paths(ssl) != 1) {
        anytls_openssl_error("cannot load the system's CA certificates", error);
        return false;
    }
    return true;
}

static bool set_up(SSL_CTX *ssl, const struct anytls_tls_config *config, char *error)
{
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!key_log_open(ssl, config->key_log, error))
        return false;
    return config->server ? server_set_up(ssl, config, error) : client_set_up(ssl, config, error);
}

struct anytls_tls_context *anytls_tls_context_new(const struct anytls_tls_config *config,
                                                  char *error)
{
    struct anytls_tls_context *context = calloc(1, sizeof *context);

    ERR_clear_error();
    if (context != NULL)
        context->ssl = SSL_CTX_new(config->server ? TLS_server_method() : TLS_client_method());
    if (context == NULL || context->ssl == NULL) {
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "out of memory");
        free(context);
        return NULL;
    }
    context->verify = !config->server && !config->insecure;
    if (set_up(context->ssl, config, error))
        return context;
    anytls_tls_context_free(context);
    return NULL;
}

void anytls_tls_context_free(struct anytls_tls_context *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->ssl);
    free(context);
}
