#include "io/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "io/tls_context.h"

#define RECORD_MAX 16384u
#define RECORD_OVERHEAD 128u /* of any suite: TLS 1.2 with CBC adds up to 85 bytes to a record */

static bool is_address(const char *name)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    bool is = address != NULL;

    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return is;
}

static bool name_use(SSL *ssl, const char *name, bool verify)
{
    X509_VERIFY_PARAM *check = SSL_get0_param(ssl);

    if (is_address(name))
        return !verify || X509_VERIFY_PARAM_set1_ip_asc(check, name) == 1;
    if (SSL_set_tlsext_host_name(ssl, name) != 1)
        return false;
    return !verify || SSL_set1_host(ssl, name) == 1;
}

bool anytls_tls_begin(struct anytls_tls *tls, struct anytls_tls_context *context, const char *name)
{
    BIO *bio;

    memset(tls, 0, sizeof *tls);
    tls->ssl = SSL_new(context->ssl);
    if (tls->ssl == NULL)
        return false;
    bio = anytls_tls_bio_new(tls);
    if (bio == NULL) {
        anytls_tls_end(tls);
        return false;
    }
    SSL_set_bio(tls->ssl, bio, bio);
    if (SSL_is_server(tls->ssl)) {
        SSL_set_accept_state(tls->ssl);
        return true;
    }
    SSL_set_connect_state(tls->ssl);
    if (name == NULL || name_use(tls->ssl, name, context->verify))
        return true;
    anytls_tls_end(tls);
    return false;
}

void anytls_tls_end(struct anytls_tls *tls)
{
    SSL_free(tls->ssl);
    tls->ssl = NULL;
}

void anytls_tls_feed(struct anytls_tls *tls, const uint8_t *bytes, size_t size)
{
    tls->input = bytes;
    tls->input_size = size;
}

static enum anytls_tls_status status_of(struct anytls_tls *tls, int returned)
{
    switch (SSL_get_error(tls->ssl, returned)) {
    case SSL_ERROR_WANT_READ: return ANYTLS_TLS_WANT_INPUT;
    case SSL_ERROR_WANT_WRITE: return ANYTLS_TLS_NO_ROOM;
    case SSL_ERROR_ZERO_RETURN: return ANYTLS_TLS_ENDED;
    default: return ANYTLS_TLS_FAILED;
    }
}

enum anytls_tls_status anytls_tls_handshake(struct anytls_tls *tls, struct anytls_buffer *output)
{
    int returned;

    ERR_clear_error();
    tls->output = output;
    returned = SSL_do_handshake(tls->ssl);
    return returned == 1 ? ANYTLS_TLS_OK : status_of(tls, returned);
}

struct anytls_tls_result anytls_tls_read(struct anytls_tls *tls, uint8_t *bytes, size_t size,
                                         struct anytls_buffer *output)
{
    struct anytls_tls_result result = {ANYTLS_TLS_OK, 0};

    ERR_clear_error();
    tls->output = output;
    while (result.size < size && result.status == ANYTLS_TLS_OK) {
        size_t done = 0;
        int returned = SSL_read_ex(tls->ssl, bytes + result.size, size - result.size, &done);

        result.size += done;
        if (returned != 1)
            result.status = status_of(tls, returned);
    }
    return result;
}

size_t anytls_tls_sealed_size(size_t size)
{
    return size + (size / RECORD_MAX + 1) * RECORD_OVERHEAD;
}

enum anytls_tls_status anytls_tls_write(struct anytls_tls *tls, const uint8_t *bytes, size_t size,
                                        struct anytls_buffer *output)
{
    size_t done = 0;
    int returned;

    if (size == 0)
        return ANYTLS_TLS_OK;
    if (output->capacity - output->size < anytls_tls_sealed_size(size))
        return ANYTLS_TLS_NO_ROOM;
    ERR_clear_error();
    tls->output = output;
    returned = SSL_write_ex(tls->ssl, bytes, size, &done);
    return returned == 1 ? ANYTLS_TLS_OK : status_of(tls, returned);
}

void anytls_tls_close(struct anytls_tls *tls, struct anytls_buffer *output)
{
    ERR_clear_error();
    tls->output = output;
    SSL_shutdown(tls->ssl); /* refuses in a handshake */
    ERR_clear_error();
}

void anytls_tls_error_text(const struct anytls_tls *tls, char *text)
{
    long verdict = SSL_get_verify_result(tls->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error()); /* TLS says most last */

    if (verdict != X509_V_OK && !SSL_is_server(tls->ssl) &&
        SSL_get_verify_mode(tls->ssl) == SSL_VERIFY_PEER)
        snprintf(text, ANYTLS_ERROR_TEXT_SIZE, "certificate not trusted: %s",
                 X509_verify_cert_error_string(verdict));
    else
        snprintf(text, ANYTLS_ERROR_TEXT_SIZE, "%s",
                 reason != NULL ? reason : "connection ended in the middle of TLS");
    ERR_clear_error();
}
