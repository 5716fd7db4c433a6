/* Each call to OpenSSL that ref/io makes, made to fail. */
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "faults.h"
#include "io/certificate.h"
#include "io/scheme.h"
#include "support_io.h"

FAULTY(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *method), (method), NULL)
FAULTY(int, SSL_CTX_set_ex_data, (SSL_CTX * context, int index, void *data), (context, index, data),
       0)
FAULTY(int, SSL_CTX_set_default_verify_paths, (SSL_CTX * context), (context), 0)
FAULTY(SSL *, SSL_new, (SSL_CTX * context), (context), NULL)
FAULTY(int, SSL_set1_host, (SSL * ssl, const char *name), (ssl, name), 0)
FAULTY(BIO *, BIO_new, (const BIO_METHOD *method), (method), NULL)
FAULTY(BIO *, BIO_new_mem_buf, (const void *bytes, int size), (bytes, size), NULL)
FAULTY(X509 *, X509_new, (void), (), NULL)
FAULTY(int, X509_sign, (X509 * certificate, EVP_PKEY *key, const EVP_MD *digest),
       (certificate, key, digest), 0)
FAULTY(int, X509_add_ext, (X509 * certificate, X509_EXTENSION *extension, int place),
       (certificate, extension, place), 0)
FAULTY(int, EVP_Digest,
       (const void *bytes, size_t size, unsigned char *out, unsigned *out_size, const EVP_MD *kind,
        ENGINE *engine),
       (bytes, size, out, out_size, kind, engine), 0)
FAULTY(int, RAND_bytes, (unsigned char *bytes, int size), (bytes, size), 0)

static struct anytls_socket near;
static struct anytls_tls_context *context;

static void no_context(const char *call, struct anytls_tls_config config, const char *text)
{
    char error[ANYTLS_ERROR_TEXT_SIZE] = "";

    fail_call(call, 0, 0, 1);
    ck_assert_ptr_null(anytls_tls_context_new(&config, error));
    no_faults();
    ck_assert_str_eq(error, text);
}

START_TEST(a_context_that_cannot_be_made_says_why)
{
    struct anytls_tls_config server = {.server = true};
    struct anytls_tls_config logged = {.insecure = true, .key_log = temporary_path(".keys")};
    struct anytls_tls_config client = {.server = false};

    no_context("SSL_CTX_new", client, "out of memory");
    no_context("SSL_CTX_set_ex_data", logged, "out of memory");
    no_context("SSL_CTX_set_default_verify_paths", client,
               "cannot load the system's CA certificates");
    no_context("X509_new", server, "cannot make a certificate");
    no_context("X509_sign", server, "cannot make a certificate");
    no_context("X509_add_ext", server, "cannot make a certificate");
    no_context("RAND_bytes", server, "cannot make a certificate");
}
END_TEST

START_TEST(a_connection_that_cannot_begin_leaves_nothing)
{
    static const char *const calls[] = {"SSL_new", "BIO_new", "SSL_set1_host"};
    struct anytls_tls_config config = {.server = false};
    struct anytls_tls tls;
    char error[ANYTLS_ERROR_TEXT_SIZE];

    context = anytls_tls_context_new(&config, error);
    ck_assert_ptr_nonnull(context);
    for (size_t i = 0; i < COUNT(calls); i++) {
        fail_call(calls[i], 0, 0, 1);
        ck_assert(!anytls_tls_begin(&tls, context, "web.example"));
        no_faults();
        ck_assert_ptr_null(tls.ssl);
    }
    anytls_tls_context_free(context);
}
END_TEST

START_TEST(digests_that_are_refused_are_reported)
{
    static struct anytls_scheme_copy copy;
    struct anytls_connection_config config;

    fail_call("EVP_Digest", 0, 0, 1);
    ck_assert(!anytls_connection_config_set(&config, "secret"));
    fail_call("EVP_Digest", 0, 0, 1);
    ck_assert_int_eq(anytls_scheme_copy(text_of("stop=1"), &copy).status, ANYTLS_NOT_ALLOWED);
    no_faults();
    ck_assert_ptr_null(copy.scheme.text.bytes);
}
END_TEST

START_TEST(pem_without_memory_is_none)
{
    struct anytls_certificate made;
    struct anytls_certificate read;
    char *pem;

    ck_assert(anytls_certificate_make("web.example", &made));
    fail_call("BIO_new", 0, 0, 1);
    ck_assert_ptr_null(anytls_certificate_pem(&made));
    no_faults();
    pem = anytls_certificate_pem(&made);
    fail_call("BIO_new_mem_buf", 0, 0, 1);
    ck_assert(!anytls_certificate_read(pem, &read));
    no_faults();
    free(pem);
    anytls_certificate_free(&made);
}
END_TEST

START_TEST(without_random_numbers_the_smallest_sizes_are_drawn)
{
    struct anytls_transport transport = anytls_socket_transport(&near);

    fail_call("RAND_bytes", 0, 0, 1);
    ck_assert_uint_eq(transport.random(transport.context), 0);
    no_faults();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_context_that_cannot_be_made_says_why,
        a_connection_that_cannot_begin_leaves_nothing,
        digests_that_are_refused_are_reported,
        pem_without_memory_is_none,
        without_random_numbers_the_smallest_sizes_are_drawn,
    };

    return suite_run("io faults openssl", tests, COUNT(tests));
}
