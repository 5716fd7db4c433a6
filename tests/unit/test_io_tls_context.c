/* TLS contexts: trust, files and the key log; over loopback sockets where it takes two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/certificate.h"
#include "support_io.h"

static struct served served;
static struct anytls_socket near;
static char error[ANYTLS_ERROR_TEXT_SIZE];

static void only_handshake(struct served *unused)
{
    (void)unused;
}

/* One connection to a server with the certificate of a PEM file; what the client says of it. */
static enum anytls_io_status handshake(const char *certificate, struct anytls_tls_config config,
                                       const char *name)
{
    struct anytls_tls_context *context = anytls_tls_context_new(&config, error);
    enum anytls_io_status status;

    must(context != NULL, "%s", error);
    served_reset(&served, certificate);
    served.serve = only_handshake;
    served_begin(&served);
    status = anytls_socket_connect(&near, context, "127.0.0.1", served.port, name, 10000);
    if (status == ANYTLS_IO_OK)
        anytls_socket_close(&near, 1000);
    served_end(&served);
    anytls_tls_context_free(context);
    return status;
}

/* PROXY-VERIFY */
START_TEST(a_self_signed_certificate_is_refused_with_a_clear_text)
{
    struct anytls_tls_config config = {.server = false};

    ck_assert_int_eq(handshake(NULL, config, "anytls-ref"), ANYTLS_IO_FAILED);
    ck_assert_str_eq(near.error, "certificate not trusted: self-signed certificate");
    ck_assert_int_eq(served.handshake, ANYTLS_IO_FAILED);
    ck_assert_ptr_nonnull(strstr(served.error, "unknown ca"));
}
END_TEST

/* PROXY-VERIFY */
START_TEST(insecure_accepts_any_certificate)
{
    struct anytls_tls_config config = {.insecure = true};

    ck_assert_int_eq(handshake(NULL, config, "web.example"), ANYTLS_IO_OK);
    ck_assert_int_eq(served.handshake, ANYTLS_IO_OK);
}
END_TEST

START_TEST(a_ca_file_makes_its_certificate_trusted_for_its_name_alone)
{
    const char *pem = certificate_file("web.example");
    struct anytls_tls_config config = {.ca = pem};

    ck_assert_int_eq(handshake(pem, config, "web.example"), ANYTLS_IO_OK);
    ck_assert_int_eq(handshake(pem, config, "other.example"), ANYTLS_IO_FAILED);
    ck_assert_str_eq(near.error, "certificate not trusted: hostname mismatch");
    ck_assert_int_eq(handshake(pem, config, NULL), ANYTLS_IO_FAILED); /* the host: 127.0.0.1 */
    ck_assert_str_eq(near.error, "certificate not trusted: IP address mismatch");
}
END_TEST

START_TEST(a_certificate_may_be_for_an_address)
{
    const char *pem = certificate_file("127.0.0.1");
    struct anytls_tls_config config = {.ca = pem};

    ck_assert_int_eq(handshake(pem, config, NULL), ANYTLS_IO_OK);
}
END_TEST

START_TEST(another_ca_does_not_make_a_certificate_trusted)
{
    const char *pem = certificate_file("web.example");
    struct anytls_tls_config config = {.ca = certificate_file("web.example")};

    ck_assert_int_eq(handshake(pem, config, "web.example"), ANYTLS_IO_FAILED);
    ck_assert_int_eq(strncmp(near.error, "certificate not trusted: ", 25), 0);
}
END_TEST

static size_t lines_of(const char *path, const char *word)
{
    char line[400];
    FILE *file = fopen(path, "r");
    size_t found = 0;

    must(file != NULL, "no file %s", path);
    while (fgets(line, sizeof line, file) != NULL)
        found += strncmp(line, word, strlen(word)) == 0 ? 1 : 0;
    fclose(file);
    return found;
}

START_TEST(the_key_log_gets_the_secrets_of_each_connection)
{
    const char *path = temporary_path(".keys");
    struct anytls_tls_config config = {.insecure = true, .key_log = path};

    ck_assert_int_eq(handshake(NULL, config, "web.example"), ANYTLS_IO_OK);
    ck_assert_uint_eq(lines_of(path, "CLIENT_TRAFFIC_SECRET_0 "), 1);
    ck_assert_uint_eq(lines_of(path, "SERVER_HANDSHAKE_TRAFFIC_SECRET "), 1);
    ck_assert_int_eq(handshake(NULL, config, "web.example"), ANYTLS_IO_OK);
    ck_assert_uint_eq(lines_of(path, "CLIENT_TRAFFIC_SECRET_0 "), 2); /* appended */
}
END_TEST

START_TEST(the_key_log_can_be_read_while_the_connection_lasts)
{
    const char *path = temporary_path(".keys");
    struct anytls_tls_config config = {.insecure = true, .key_log = path};
    struct anytls_tls_context *context = anytls_tls_context_new(&config, error);

    served_reset(&served, NULL);
    served.serve = only_handshake;
    served_begin(&served);
    ck_assert_int_eq(anytls_socket_connect(&near, context, "127.0.0.1", served.port, NULL, 10000),
                     ANYTLS_IO_OK);
    anytls_tls_context_free(context); /* the connection keeps what it needs */
    ck_assert_uint_eq(lines_of(path, "CLIENT_TRAFFIC_SECRET_0 "), 1);
    anytls_socket_close(&near, 1000);
    served_end(&served);
}
END_TEST

START_TEST(an_empty_path_is_no_key_log)
{
    struct anytls_tls_config config = {.insecure = true, .key_log = ""};
    struct anytls_tls_context *context = anytls_tls_context_new(&config, error);

    ck_assert_ptr_nonnull(context);
    anytls_tls_context_free(context);
    anytls_tls_context_free(NULL);
}
END_TEST

static void refuses(struct anytls_tls_config config, const char *text)
{
    ck_assert_ptr_null(anytls_tls_context_new(&config, error));
    if (strstr(error, text) == NULL)
        ck_abort_msg("not \"%s\": %s", text, error);
}

static const char *file_with(const char *text)
{
    const char *path = temporary_path(".txt");
    FILE *file = fopen(path, "w");

    must(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, "cannot write %s", path);
    return path;
}

START_TEST(files_that_cannot_be_used_are_named_with_the_reason)
{
    static const char missing[] = "/nonexistent/file.pem";
    const char *garbage = file_with("this is no PEM\n");
    const char *pem = certificate_file("web.example");
    const char *other = certificate_file("web.example");

    refuses((struct anytls_tls_config){.server = true, .certificate = missing},
            "certificate /nonexistent/file.pem: No such file or directory");
    refuses((struct anytls_tls_config){.server = true, .certificate = garbage}, "no start line");
    refuses((struct anytls_tls_config){.server = true, .certificate = pem, .key = missing},
            "key /nonexistent/file.pem: No such file or directory");
    refuses((struct anytls_tls_config){.server = true, .certificate = pem, .key = garbage}, "key ");
    refuses((struct anytls_tls_config){.server = true, .certificate = pem, .key = other},
            "key values mismatch");
    refuses((struct anytls_tls_config){.ca = missing},
            "CA file /nonexistent/file.pem: No such file or directory");
    refuses((struct anytls_tls_config){.ca = garbage}, "CA file ");
    refuses((struct anytls_tls_config){.insecure = true, .key_log = missing},
            "cannot append to key log /nonexistent/file.pem: No such file or directory");
}
END_TEST

START_TEST(a_path_of_any_length_fits_the_error_text)
{
    static char path[3000];

    memset(path, 'p', sizeof path - 1);
    path[0] = '/';
    refuses((struct anytls_tls_config){.server = true, .certificate = path}, "certificate /pppp");
    refuses((struct anytls_tls_config){.key_log = path}, "cannot append to key log /pppp");
}
END_TEST

START_TEST(the_key_of_a_certificate_may_be_in_its_file_or_in_one_of_its_own)
{
    const char *pem = certificate_file("web.example");
    struct anytls_tls_config config = {.server = true, .certificate = pem, .key = pem};
    struct anytls_tls_context *context = anytls_tls_context_new(&config, error);

    ck_assert_ptr_nonnull(context);
    anytls_tls_context_free(context);
    config.key = NULL;
    context = anytls_tls_context_new(&config, error);
    ck_assert_ptr_nonnull(context);
    anytls_tls_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_self_signed_certificate_is_refused_with_a_clear_text,
        insecure_accepts_any_certificate,
        a_ca_file_makes_its_certificate_trusted_for_its_name_alone,
        a_certificate_may_be_for_an_address,
        another_ca_does_not_make_a_certificate_trusted,
        the_key_log_gets_the_secrets_of_each_connection,
        the_key_log_can_be_read_while_the_connection_lasts,
        an_empty_path_is_no_key_log,
        files_that_cannot_be_used_are_named_with_the_reason,
        a_path_of_any_length_fits_the_error_text,
        the_key_of_a_certificate_may_be_in_its_file_or_in_one_of_its_own,
    };

    return suite_run("io tls context", tests, COUNT(tests));
}
