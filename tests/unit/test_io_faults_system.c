/* Each call to the system that ref/io/socket.c and its neighbours make, made to fail. */
#include <dirent.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "io/tls_context.h"
#include "support_io.h"

FAULTY(int, socket, (int family, int type, int protocol), (family, type, protocol), -1)
FAULTY(int, bind, (int fd, __CONST_SOCKADDR_ARG address, socklen_t size), (fd, address, size), -1)
FAULTY(int, listen, (int fd, int backlog), (fd, backlog), -1)
FAULTY(int, accept4, (int fd, __SOCKADDR_ARG address, socklen_t *size, int flags),
       (fd, address, size, flags), -1)
FAULTY(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
       (fd, level, name, value, size), -1)
FAULTY(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
       (fd, level, name, value, size), -1)
FAULTY(ssize_t, recv, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags), -1)
FAULTY(int, SSL_write_ex, (SSL * ssl, const void *bytes, size_t size, size_t *done),
       (ssl, bytes, size, done), 0)

/* A poll that finds nothing ready, if errno is 0 or EAGAIN, as after a send that failed so. */
int poll(struct pollfd *entries, nfds_t count, int timeout)
{
    int (*real)(struct pollfd *, nfds_t, int);

    *(void **)&real = dlsym(RTLD_NEXT, "poll");
    if (!is_due("poll"))
        return real(entries, count, timeout);
    return fault.number == 0 || fault.number == EAGAIN ? 0 : -1;
}

/* A connect that is done at once, if errno is 0. */
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t size)
{
    int (*real)(int, __CONST_SOCKADDR_ARG, socklen_t);

    *(void **)&real = dlsym(RTLD_NEXT, "connect");
    if (!is_due("connect"))
        return real(fd, address, size);
    if (fault.number != 0)
        return -1;
    fcntl(fd, F_SETFL, 0);
    return real(fd, address, size);
}

/* A send of a few bytes only, if errno is 0. */
ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int);

    *(void **)&real = dlsym(RTLD_NEXT, "send");
    if (!is_due("send"))
        return real(fd, bytes, size, flags);
    return fault.number != 0 ? -1 : real(fd, bytes, size < 10 ? size : 10, flags);
}

static struct served served;
static struct anytls_socket near;
static struct anytls_transport transport;
static struct anytls_tls_context *context;
static uint8_t bytes[100];

static void serve_raw(struct served *self)
{
    struct anytls_transport raw = anytls_socket_transport(&self->socket);
    struct anytls_io_result got = {ANYTLS_IO_OK, 0};
    uint8_t taken[64];

    while (got.status == ANYTLS_IO_OK) {
        got = raw.read(raw.context, taken, sizeof taken, ANYTLS_NEVER);
        if (got.size > 0 && taken[0] == 'h') { /* a HelloRequest, which TLS answers by an alert */
            SSL_clear_options(self->socket.tls.ssl, SSL_OP_NO_RENEGOTIATION);
            SSL_renegotiate(self->socket.tls.ssl);
        }
        if (got.size > 0)
            raw.write(raw.context, (const uint8_t *)"answer", 6, ANYTLS_NEVER);
        if (got.size > 0 && taken[0] == 'g')
            send(self->socket.descriptor, "garbage that is no record", 25, MSG_NOSIGNAL);
    }
}

static size_t open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    must(folder != NULL, "no list of descriptors");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void serve(int version)
{
    served_reset(&served, NULL);
    SSL_CTX_set_max_proto_version(served.context->ssl, version);
    served.serve = serve_raw;
    served.timeout = 2000;
    context = client_context(NULL);
    served_begin(&served);
}

static enum anytls_io_status dial(void)
{
    return anytls_socket_connect(&near, context, "127.0.0.1", served.port, NULL, 5000);
}

static void connect_to(int version)
{
    serve(version);
    ck_assert_int_eq(dial(), ANYTLS_IO_OK);
}

static void hang_up(bool connected)
{
    if (connected)
        anytls_socket_close(&near, 1000);
    served_end(&served);
    anytls_tls_context_free(context);
}

static enum anytls_io_status ask(const char *text)
{
    transport = anytls_socket_transport(&near);
    return transport.write(transport.context, (const uint8_t *)text, strlen(text), ANYTLS_NEVER);
}

static struct anytls_io_result hear(uint64_t deadline)
{
    return transport.read(transport.context, bytes, sizeof bytes, deadline);
}

START_TEST(a_connect_that_fails_anywhere_says_why)
{
    static const struct {
        const char *call;
        int number;
    } rows[] = {
        {"socket", EMFILE}, {"connect", ENETUNREACH}, {"poll", ENOMEM}, {"getsockopt", ENOBUFS}};
    size_t before = open_descriptors();

    for (size_t i = 0; i < COUNT(rows); i++) {
        serve(TLS1_3_VERSION);
        fail_call(rows[i].call, rows[i].number, 0, 1);
        ck_assert_int_eq(dial(), ANYTLS_IO_FAILED);
        no_faults();
        ck_assert_ptr_nonnull(strstr(near.error, "cannot connect to 127.0.0.1 port "));
        ck_assert_ptr_nonnull(strstr(near.error, strerror(rows[i].number)));
        hang_up(false);
    }
    ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_connect_that_takes_too_long_ends_at_its_timeout)
{
    static const struct timespec nap = {0, 1000000};
    unsigned port;
    char text[8];

    context = client_context(NULL);
    served.listener = anytls_socket_listen("127.0.0.1", "0", served.error);
    port = port_of(served.listener);
    snprintf(text, sizeof text, "%u", port);
    nanosleep(&nap, NULL);
    fail_call("poll", 0, 0, 1 << 30);
    ck_assert_int_eq(anytls_socket_connect(&near, context, "127.0.0.1", text, NULL, 20),
                     ANYTLS_IO_TIMEOUT);
    no_faults();
    ck_assert_ptr_nonnull(strstr(near.error, strerror(ETIMEDOUT)));
    close(served.listener);
    anytls_tls_context_free(context);
}
END_TEST

START_TEST(a_connect_that_is_done_at_once_is_as_good)
{
    serve(TLS1_3_VERSION);
    fail_call("connect", 0, 0, 1);
    ck_assert_int_eq(dial(), ANYTLS_IO_OK);
    no_faults();
    hang_up(true);
}
END_TEST

START_TEST(a_listen_that_fails_anywhere_says_why)
{
    static const char *const calls[] = {"socket", "setsockopt", "bind", "listen"};
    size_t before = open_descriptors();

    for (size_t i = 0; i < COUNT(calls); i++) {
        fail_call(calls[i], EACCES, 0, 1);
        ck_assert_int_eq(anytls_socket_listen("127.0.0.1", "0", near.error), -1);
        no_faults();
        ck_assert_str_eq(near.error, "cannot listen on 127.0.0.1 port 0: Permission denied");
    }
    ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(an_accept_goes_on_after_an_aborted_connection_and_fails_without_descriptors)
{
    int listener = anytls_socket_listen("127.0.0.1", "0", near.error);
    int plain;
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int accepted;

    getsockname(listener, (struct sockaddr *)&address, &size);
    plain = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(plain, (struct sockaddr *)&address, size), 0);
    fail_call("accept4", EMFILE, 0, 1);
    ck_assert_int_eq(anytls_socket_accept(listener, 1000), -1);
    ck_assert_int_eq(errno, EMFILE);
    fail_call("accept4", ECONNABORTED, 0, 3);
    accepted = anytls_socket_accept(listener, 1000);
    no_faults();
    ck_assert_int_ge(accepted, 0);
    close(accepted);
    close(plain);
    close(listener);
}
END_TEST

START_TEST(interrupted_and_short_calls_are_taken_up_again)
{
    static const struct {
        const char *call;
        int number;
        int times;
    } rows[] = {{"recv", EINTR, 3},  {"recv", EAGAIN, 1}, {"send", EINTR, 3},
                {"send", EAGAIN, 1}, {"send", 0, 20},     {"poll", EINTR, 1}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        serve(TLS1_3_VERSION);
        fail_call(rows[i].call, rows[i].number, 0, rows[i].times);
        ck_assert_int_eq(dial(), ANYTLS_IO_OK);
        no_faults();
        fail_call("send", EINTR, 0, 1);
        ck_assert_int_eq(ask("x"), ANYTLS_IO_OK);
        fail_call("recv", EINTR, 0, 1);
        ck_assert_uint_eq(hear(ANYTLS_NEVER).size, 6);
        no_faults();
        ck_assert_mem_eq(bytes, "answer", 6);
        hang_up(true);
    }
}
END_TEST

START_TEST(a_handshake_without_a_connection_says_why)
{
    static const char *const calls[] = {"recv", "send"};
    size_t before = open_descriptors();

    for (size_t i = 0; i < COUNT(calls); i++) {
        serve(TLS1_3_VERSION);
        fail_call(calls[i], ECONNRESET, 0, 1);
        ck_assert_int_eq(dial(), ANYTLS_IO_FAILED);
        no_faults();
        ck_assert_str_eq(near.error, strerror(ECONNRESET));
        hang_up(false);
    }
    ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_broken_connection_fails_to_write_and_to_read)
{
    connect_to(TLS1_3_VERSION);
    fail_call("send", EPIPE, 0, 1);
    ck_assert_int_eq(ask("x"), ANYTLS_IO_FAILED);
    ck_assert_str_eq(near.error, strerror(EPIPE));
    hang_up(true);
    connect_to(TLS1_3_VERSION);
    ck_assert_int_eq(ask("x"), ANYTLS_IO_OK);
    fail_call("recv", EAGAIN, 0, 1);
    ck_assert_uint_eq(hear(ANYTLS_NEVER).size, 6);
    fail_call("recv", EIO, 0, 1);
    ck_assert_int_eq(hear(ANYTLS_NEVER).status, ANYTLS_IO_FAILED);
    no_faults();
    ck_assert_str_eq(near.error, strerror(EIO));
    hang_up(true);
}
END_TEST

START_TEST(data_before_a_broken_record_are_read_and_then_the_failure_is_told)
{
    connect_to(TLS1_3_VERSION);
    ck_assert_int_eq(ask("g"), ANYTLS_IO_OK);
    usleep(200000); /* so that both come in one read */
    ck_assert_uint_eq(hear(ANYTLS_NEVER).size, 6);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(hear(ANYTLS_NEVER).status, ANYTLS_IO_FAILED);
        ck_assert_str_eq(near.error, "wrong version number");
    }
    hang_up(true);
}
END_TEST

START_TEST(an_answer_of_tls_that_cannot_be_sent_breaks_the_connection_after_its_data)
{
    static const struct {
        const char *calls;
        int number;
        int times;
        const char *text;
    } rows[] = {{"send", EPIPE, 1, "Broken pipe"},
                {"send, poll", EAGAIN, 2, "the peer takes no answers of TLS"}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        connect_to(TLS1_2_VERSION);
        ck_assert_int_eq(ask("h"), ANYTLS_IO_OK);
        usleep(200000);
        fail_call(rows[i].calls, rows[i].number, 0, rows[i].times);
        ck_assert_uint_eq(hear(0).size, 6);
        no_faults();
        ck_assert_int_eq(hear(0).status, ANYTLS_IO_FAILED);
        ck_assert_str_eq(near.error, rows[i].text);
        hang_up(true);
    }
}
END_TEST

START_TEST(a_write_that_tls_refuses_fails)
{
    connect_to(TLS1_3_VERSION);
    fail_call("SSL_write_ex", 0, 0, 1);
    ck_assert_int_eq(ask("x"), ANYTLS_IO_FAILED);
    no_faults();
    ck_assert_str_eq(near.error, "connection ended in the middle of TLS");
    hang_up(true);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_connect_that_fails_anywhere_says_why,
        a_connect_that_takes_too_long_ends_at_its_timeout,
        a_connect_that_is_done_at_once_is_as_good,
        a_listen_that_fails_anywhere_says_why,
        an_accept_goes_on_after_an_aborted_connection_and_fails_without_descriptors,
        interrupted_and_short_calls_are_taken_up_again,
        a_handshake_without_a_connection_says_why,
        a_broken_connection_fails_to_write_and_to_read,
        data_before_a_broken_record_are_read_and_then_the_failure_is_told,
        an_answer_of_tls_that_cannot_be_sent_breaks_the_connection_after_its_data,
        a_write_that_tls_refuses_fails,
    };

    return suite_run("io faults system", tests, COUNT(tests));
}
