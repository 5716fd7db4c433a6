/* Connecting, listening, accepting, and handshakes that do not come about. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/wait.h"
#include "support_io.h"

static struct served served;
static struct anytls_socket near;
static char error[ANYTLS_ERROR_TEXT_SIZE];

static void check_error(const char *text, const char *expected)
{
    if (strncmp(text, expected, strlen(expected)) != 0)
        ck_abort_msg("not \"%s\": %s", expected, text);
}

static enum anytls_io_status dial(const char *host, const char *port, uint64_t timeout)
{
    struct anytls_tls_context *context = client_context(NULL);
    enum anytls_io_status status = anytls_socket_connect(&near, context, host, port, NULL, timeout);

    anytls_tls_context_free(context);
    return status;
}

/* A plain socket, connected to the server in the thread. */
static int dial_plain(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((uint16_t)port_of(served.listener));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0, "no connection");
    return descriptor;
}

START_TEST(a_port_that_nobody_listens_on_is_named_with_the_reason)
{
    int listener = anytls_socket_listen("127.0.0.1", "0", error);
    char port[8];

    ck_assert_int_ge(listener, 0);
    snprintf(port, sizeof port, "%u", port_of(listener));
    close(listener);
    ck_assert_int_eq(dial("127.0.0.1", port, 5000), ANYTLS_IO_FAILED);
    check_error(near.error, "cannot connect to 127.0.0.1 port ");
    ck_assert_ptr_nonnull(strstr(near.error, ": Connection refused"));
}
END_TEST

START_TEST(a_host_or_port_that_does_not_exist_is_named)
{
    ck_assert_int_eq(dial("127.0.0.1", "no-such-service", 5000), ANYTLS_IO_FAILED);
    check_error(near.error, "cannot connect to 127.0.0.1 port no-such-service: ");
    ck_assert_int_eq(dial("a..b", "443", 5000), ANYTLS_IO_FAILED);
    check_error(near.error, "cannot connect to a..b port 443: ");
    ck_assert_int_eq(anytls_socket_listen("a..b", "443", error), -1);
    check_error(error, "cannot listen on a..b port 443: ");
}
END_TEST

START_TEST(a_port_that_is_taken_is_named_with_the_reason)
{
    int listener = anytls_socket_listen(NULL, "0", error);
    char port[8];

    ck_assert_int_ge(listener, 0);
    snprintf(port, sizeof port, "%u", port_of(listener));
    ck_assert_int_eq(anytls_socket_listen(NULL, port, error), -1);
    check_error(error, "cannot listen on any address port ");
    ck_assert_ptr_nonnull(strstr(error, ": Address already in use"));
    close(listener);
}
END_TEST

START_TEST(a_server_can_be_dialled_by_name)
{
    served_reset(&served, NULL);
    served_begin(&served);
    ck_assert_int_eq(dial("localhost", served.port, 10000), ANYTLS_IO_OK);
    anytls_socket_close(&near, 0);
    served_end(&served);
    ck_assert_int_eq(served.handshake, ANYTLS_IO_OK);
}
END_TEST

START_TEST(accepting_ends_at_its_timeout)
{
    int listener = anytls_socket_listen("127.0.0.1", "0", error);
    uint64_t began = anytls_clock();

    errno = 0;
    ck_assert_int_eq(anytls_socket_accept(listener, 50), -1);
    ck_assert_int_eq(errno, ETIMEDOUT);
    ck_assert_uint_ge(anytls_clock() - began, 50);
    close(listener);
    ck_assert_int_eq(anytls_socket_accept(listener, 50), -1);
}
END_TEST

static void begin_plain(uint64_t timeout)
{
    served_reset(&served, NULL);
    served.timeout = timeout;
    served_begin(&served);
}

START_TEST(bytes_that_are_no_tls_end_the_handshake_at_once)
{
    static const char *const rows[][2] = {
        {"GET / HTTP/1.1\r\n\r\n", "http request"},
        {"SSH-2.0-OpenSSH_9.2p1\r\n", "wrong version number"},
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on, and so on", ""},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t began = anytls_clock();
        char answer[64];
        int plain;

        begin_plain(20000);
        plain = dial_plain();
        ck_assert_int_gt(send(plain, rows[i][0], strlen(rows[i][0]), MSG_NOSIGNAL), 0);
        shutdown(plain, SHUT_WR);
        while (recv(plain, answer, sizeof answer, 0) > 0)
            ;
        close(plain);
        served_end(&served);
        ck_assert_int_ne(served.handshake, ANYTLS_IO_OK);
        check_error(served.error, rows[i][1]);
        ck_assert_uint_ne(strlen(served.error), 0);
        ck_assert_uint_le(anytls_clock() - began, 5000);
    }
}
END_TEST

START_TEST(a_handshake_that_never_ends_is_ended)
{
    uint64_t began = anytls_clock();
    int plain;

    begin_plain(200);
    plain = dial_plain();
    ck_assert_int_eq((int)send(plain, "\x16\x03\x01", 3, MSG_NOSIGNAL), 3);
    served_end(&served);
    ck_assert_int_eq(served.handshake, ANYTLS_IO_TIMEOUT);
    ck_assert_str_eq(served.error, "the TLS handshake took too long");
    ck_assert_uint_ge(anytls_clock() - began, 200);
    ck_assert_uint_le(anytls_clock() - began, 5000);
    close(plain);
}
END_TEST

START_TEST(a_client_that_leaves_in_the_handshake_is_told_of)
{
    begin_plain(20000);
    close(dial_plain());
    served_end(&served);
    ck_assert_int_eq(served.handshake, ANYTLS_IO_END);
    ck_assert_str_eq(served.error, "the peer ended the connection in the TLS handshake");
}
END_TEST

START_TEST(a_server_that_says_nothing_does_not_hold_a_client_beyond_its_timeout)
{
    int listener = anytls_socket_listen("127.0.0.1", "0", error);
    uint64_t began = anytls_clock();
    char port[8];

    snprintf(port, sizeof port, "%u", port_of(listener));
    ck_assert_int_eq(dial("127.0.0.1", port, 200), ANYTLS_IO_TIMEOUT);
    ck_assert_str_eq(near.error, "the TLS handshake took too long");
    ck_assert_uint_ge(anytls_clock() - began, 200);
    ck_assert_uint_le(anytls_clock() - began, 5000);
    close(listener);
}
END_TEST

START_TEST(a_name_that_no_certificate_can_have_is_refused_before_a_byte_is_sent)
{
    struct anytls_tls_context *context = client_context(NULL);
    char name[400];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    begin_plain(20000);
    ck_assert_int_eq(anytls_socket_connect(&near, context, "127.0.0.1", served.port, name, 5000),
                     ANYTLS_IO_FAILED);
    check_error(near.error, "out of memory, or no name for a certificate");
    served_end(&served);
    ck_assert_int_eq(served.handshake, ANYTLS_IO_END);
    anytls_tls_context_free(context);
}
END_TEST

START_TEST(deadlines_are_counted_from_now_and_never_wrap)
{
    ck_assert_uint_eq(anytls_deadline_after(1000, 0), 1000);
    ck_assert_uint_eq(anytls_deadline_after(1000, 25), 1025);
    ck_assert_uint_eq(anytls_deadline_after(1000, ANYTLS_NEVER), ANYTLS_NEVER);
    ck_assert_uint_eq(anytls_deadline_after(1000, ANYTLS_NEVER - 1), ANYTLS_NEVER);
}
END_TEST

START_TEST(a_wait_ends_when_there_is_something_or_at_its_deadline)
{
    int ends[2];
    uint64_t began = anytls_clock();

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(anytls_wait(ends[0], POLLIN, began + 40), ANYTLS_IO_TIMEOUT);
    ck_assert_uint_ge(anytls_clock(), began + 40);
    ck_assert_int_eq(anytls_wait(ends[0], POLLIN, 0), ANYTLS_IO_TIMEOUT);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    ck_assert_int_eq(anytls_wait(ends[0], POLLIN, ANYTLS_NEVER), ANYTLS_IO_OK);
    ck_assert_int_eq(anytls_wait(ends[0], POLLIN, ANYTLS_NEVER - 1), ANYTLS_IO_OK);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_port_that_nobody_listens_on_is_named_with_the_reason,
        a_host_or_port_that_does_not_exist_is_named,
        a_port_that_is_taken_is_named_with_the_reason,
        a_server_can_be_dialled_by_name,
        accepting_ends_at_its_timeout,
        bytes_that_are_no_tls_end_the_handshake_at_once,
        a_handshake_that_never_ends_is_ended,
        a_client_that_leaves_in_the_handshake_is_told_of,
        a_server_that_says_nothing_does_not_hold_a_client_beyond_its_timeout,
        a_name_that_no_certificate_can_have_is_refused_before_a_byte_is_sent,
        deadlines_are_counted_from_now_and_never_wrap,
        a_wait_ends_when_there_is_something_or_at_its_deadline,
    };

    return suite_run("io socket dial", tests, COUNT(tests));
}
