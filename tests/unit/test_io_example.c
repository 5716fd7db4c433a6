/* The example of the README, run against a blocking server. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support_io.h"

int example_main(int argc, char **argv);

#define main example_main
#include "example_client.c"
#undef main

static struct served served;
static const char page[] = "HTTP/1.0 200 OK\r\n\r\nIt works.\n";

/* A web server behind an AnyTLS server. */
static void serve_page(struct served *self)
{
    struct anytls_incoming incoming =
        anytls_accept(&self->connection, &self->config, anytls_socket_transport(&self->socket));

    while (incoming.status == ANYTLS_IO_OK) {
        uint32_t stream = incoming.event.stream;

        if (incoming.event.type == ANYTLS_EVENT_DIAL)
            anytls_answer(&self->connection, stream, NULL);
        if (incoming.event.type == ANYTLS_EVENT_DATA) {
            bytes_add(&self->data, incoming.event.data.bytes, incoming.event.data.size);
            anytls_write(&self->connection, stream, page, sizeof page - 1);
            anytls_finish(&self->connection, stream);
        }
        incoming = anytls_read(&self->connection, self->timeout);
    }
}

/* Runs the example; what it prints goes to output, 200 bytes. */
static int run(const char *password, const char *ca, char *output)
{
    char *arguments[] = {(char *)"example_client", (char *)"127.0.0.1", served.port,
                         (char *)password,         (char *)ca,          NULL};
    const char *path = temporary_path(".out");
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    int saved = dup(STDOUT_FILENO);
    int quiet = dup(STDERR_FILENO);
    ssize_t size;
    int code;

    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    code = example_main(5, arguments);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    dup2(quiet, STDERR_FILENO);
    close(saved);
    close(quiet);
    size = pread(file, output, 199, 0);
    close(file);
    output[size > 0 ? size : 0] = '\0';
    return code;
}

static void begin(const char *pem)
{
    served_reset(&served, pem);
    served.serve = serve_page;
    served_begin(&served);
}

START_TEST(the_example_fetches_a_page)
{
    const char *pem = certificate_file("127.0.0.1");
    char output[200];

    begin(pem);
    ck_assert_int_eq(run("secret", pem, output), 0);
    ck_assert_str_eq(output, page);
    served_end(&served);
    ck_assert_uint_eq(served.data.size, 18);
}
END_TEST

START_TEST(the_example_fails_with_a_wrong_password)
{
    const char *pem = certificate_file("127.0.0.1");
    char output[200];

    begin(pem);
    ck_assert_int_eq(run("wrong", pem, output), 1);
    ck_assert_str_eq(output, "no page: \n");
    served_end(&served);
}
END_TEST

START_TEST(the_example_says_that_it_does_not_trust_the_server)
{
    const char *pem = certificate_file("127.0.0.1");
    char output[200];

    begin(pem);
    ck_assert_int_eq(run("secret", certificate_file("127.0.0.1"), output), 1);
    ck_assert_ptr_nonnull(strstr(output, "certificate not trusted"));
    served_end(&served);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_example_fetches_a_page,
        the_example_fails_with_a_wrong_password,
        the_example_says_that_it_does_not_trust_the_server,
    };

    return suite_run("io example", tests, COUNT(tests));
}
