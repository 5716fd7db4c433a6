/* The blocking interface over TLS on loopback sockets, with a server in a thread. */
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/host.h"
#include "io/tls_context.h"
#include "io/wait.h"
#include "support_io.h"

static struct served served;
static struct anytls_socket near;
static struct anytls_connection client;
static struct anytls_connection_config config;
static struct bytes came;
static char seen[TEXT_MAX];

/* Connects a client to the server in the thread, over TLS up to a version. */
static void connect_client(int version)
{
    struct anytls_tls_context *context = client_context(NULL);
    enum anytls_io_status status;

    SSL_CTX_set_max_proto_version(context->ssl, version);
    status = anytls_socket_connect(&near, context, "127.0.0.1", served.port, "web.example", 10000);
    must(status == ANYTLS_IO_OK, "%s", near.error);
    anytls_tls_context_free(context);
    must(anytls_connection_config_set(&config, "secret"), "no SHA-256");
    ck_assert_int_eq(anytls_connect(&client, &config, anytls_socket_transport(&near)), ANYTLS_OK);
    came.size = 0;
    seen[0] = '\0';
}

static uint32_t open_stream(void)
{
    struct anytls_address address;
    struct anytls_opened opened;

    ck_assert(anytls_host_read("web.example", 80, &address));
    opened = anytls_open(&client, &address);
    ck_assert_int_eq(opened.status, ANYTLS_OK);
    return opened.stream;
}

static void end_client(void)
{
    anytls_close(&client);
    anytls_socket_close(&near, 5000);
    served_end(&served);
}

/* Reads until size bytes of data have come, or something ends it. */
static enum anytls_io_status read_until(size_t size)
{
    while (came.size < size) {
        struct anytls_incoming incoming = anytls_read(&client, 20000);

        if (incoming.status != ANYTLS_IO_OK)
            return incoming.status;
        if (incoming.event.type == ANYTLS_EVENT_DATA)
            bytes_add(&came, incoming.event.data.bytes, incoming.event.data.size);
        else
            text_add_event(seen, &incoming.event, incoming.request);
    }
    return ANYTLS_IO_OK;
}

/* STREAM-SPLIT */
START_TEST(writes_of_65535_65536_and_131071_bytes_come_back_over_tls_1_2_and_1_3)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    static const size_t sizes[] = {1, 65535, 65536, 131071};
    static uint8_t bytes[131071];

    pattern_fill(bytes, sizeof bytes);
    for (size_t i = 0; i < COUNT(versions); i++) {
        served_reset(&served, NULL);
        served_begin(&served);
        connect_client(versions[i]);
        for (size_t j = 0; j < COUNT(sizes); j++) {
            uint32_t stream = open_stream();

            came.size = 0;
            ck_assert_int_eq(anytls_write(&client, stream, bytes, sizes[j]), ANYTLS_OK);
            ck_assert_int_eq(read_until(sizes[j]), ANYTLS_IO_OK);
            must(came.size == sizes[j] && memcmp(came.at, bytes, sizes[j]) == 0, "other bytes");
            ck_assert_int_eq(anytls_finish(&client, stream), ANYTLS_OK);
        }
        ck_assert_int_eq(SSL_version(near.tls.ssl), versions[i]);
        end_client();
        ck_assert_str_eq(seen, "server settings v=2|accepted 1|accepted 2|accepted 3|accepted 4");
    }
}
END_TEST

START_TEST(what_was_written_before_a_close_arrives_though_the_answers_are_not_read)
{
    static uint8_t bytes[100000];
    uint32_t stream;

    pattern_fill(bytes, sizeof bytes);
    served_reset(&served, NULL);
    served_begin(&served);
    connect_client(TLS1_3_VERSION);
    stream = open_stream();
    ck_assert_int_eq(anytls_write(&client, stream, bytes, sizeof bytes), ANYTLS_OK);
    ck_assert_int_eq(anytls_finish(&client, stream), ANYTLS_OK);
    end_client();
    ck_assert_uint_eq(served.data.size, sizeof bytes);
    must(memcmp(served.data.at, bytes, sizeof bytes) == 0, "other bytes");
    ck_assert_ptr_nonnull(strstr(served.seen, "finished 1|closed"));
}
END_TEST

static void wait_for_the_end_of_tcp(struct served *self)
{
    uint8_t bytes[1000];

    while (recv(self->socket.descriptor, bytes, sizeof bytes, 0) > 0)
        ;
}

START_TEST(a_close_is_seen_by_a_peer_that_looks_for_the_end_of_tcp_alone)
{
    uint64_t began;

    served_reset(&served, NULL);
    served.serve = wait_for_the_end_of_tcp;
    served_begin(&served);
    connect_client(TLS1_3_VERSION);
    began = anytls_clock();
    end_client(); /* waits up to five seconds for the peer to close, too */
    ck_assert_uint_le(anytls_clock() - began, 3000);
}
END_TEST

static void refuse_and_alert(struct served *self)
{
    struct anytls_incoming incoming =
        anytls_accept(&self->connection, &self->config, anytls_socket_transport(&self->socket));

    while (incoming.status == ANYTLS_IO_OK) {
        if (incoming.event.type == ANYTLS_EVENT_DIAL && incoming.event.stream == 1)
            anytls_answer(&self->connection, 1, "no such host");
        if (incoming.event.type == ANYTLS_EVENT_DIAL && incoming.event.stream == 2)
            anytls_alert(&self->connection, "enough");
        incoming = anytls_read(&self->connection, self->timeout);
    }
}

START_TEST(refusals_and_alerts_reach_the_client_and_then_the_end)
{
    served_reset(&served, NULL);
    served.serve = refuse_and_alert;
    served_begin(&served);
    connect_client(TLS1_3_VERSION);
    open_stream();
    open_stream();
    ck_assert_int_eq(read_until(1), ANYTLS_IO_END);
    ck_assert_int_eq(strncmp(seen, "server settings v=2|refused 1 no such host|alert enough (", 57),
                     0);
    end_client();
}
END_TEST

/* AUTH-FALLBACK */
static void hand_on(struct served *self)
{
    struct anytls_transport transport = anytls_socket_transport(&self->socket);
    struct anytls_incoming incoming = anytls_accept(&self->connection, &self->config, transport);

    text_add_event(self->seen, &incoming.event, NULL);
    if (incoming.event.type == ANYTLS_EVENT_FALLBACK)
        transport.write(transport.context, (const uint8_t *)"HTTP/1.0 400", 12, ANYTLS_NEVER);
}

START_TEST(a_client_that_speaks_another_protocol_is_handed_on_and_answered)
{
    static const char request[] = "GET / HTTP/1.0\r\nHost: web.example\r\n\r\n";
    struct anytls_tls_context *context = client_context(NULL);
    struct anytls_transport transport;
    uint8_t bytes[100];

    served_reset(&served, NULL);
    served.serve = hand_on;
    served_begin(&served);
    ck_assert_int_eq(anytls_socket_connect(&near, context, "127.0.0.1", served.port, NULL, 10000),
                     ANYTLS_IO_OK);
    transport = anytls_socket_transport(&near);
    ck_assert_int_eq(transport.write(transport.context, (const uint8_t *)request,
                                     sizeof request - 1, ANYTLS_NEVER),
                     ANYTLS_IO_OK);
    ck_assert_uint_eq(transport.read(transport.context, bytes, sizeof bytes, ANYTLS_NEVER).size,
                      12);
    ck_assert_mem_eq(bytes, "HTTP/1.0 400", 12);
    ck_assert_int_eq(transport.read(transport.context, bytes, sizeof bytes, ANYTLS_NEVER).status,
                     ANYTLS_IO_END);
    anytls_socket_close(&near, 1000);
    served_end(&served);
    anytls_tls_context_free(context);
    ck_assert_str_eq(served.seen, "fallback GET / HTTP/1.0<0d>\nHost: web.example<0d>\n<0d>\n");
}
END_TEST

START_TEST(a_wrong_password_without_a_fallback_ends_the_connection_without_a_word)
{
    served_reset(&served, NULL);
    ck_assert(anytls_connection_config_set(&served.config, "another"));
    served_begin(&served);
    connect_client(TLS1_3_VERSION);
    ck_assert_int_eq(read_until(1), ANYTLS_IO_END);
    ck_assert_str_eq(seen, "closed");
    end_client();
}
END_TEST

/* A server that reads the opening of a stream and then nothing, until the client has gone. */
static volatile bool client_gone;

static void fall_silent(struct served *self)
{
    struct anytls_incoming incoming =
        anytls_accept(&self->connection, &self->config, anytls_socket_transport(&self->socket));

    while (incoming.status == ANYTLS_IO_OK && incoming.event.type != ANYTLS_EVENT_DIAL)
        incoming = anytls_read(&self->connection, self->timeout);
    anytls_answer(&self->connection, 1, NULL);
    for (int i = 0; i < 2000 && !client_gone; i++)
        usleep(10000);
}

static void connect_to_silence(void)
{
    client_gone = false;
    served_reset(&served, NULL);
    served.serve = fall_silent;
    served_begin(&served);
    connect_client(TLS1_3_VERSION);
    open_stream();
}

static void leave_silence(void)
{
    client_gone = true;
    end_client();
}

/* HEART-DEADLINE */
START_TEST(a_peer_that_falls_silent_is_found_by_a_heartbeat)
{
    uint64_t began = anytls_clock();

    connect_to_silence();
    config.endpoint.session.heart_interval = 100;
    config.endpoint.session.heart_timeout = 200;
    ck_assert_int_eq(read_until(1), ANYTLS_IO_END);
    ck_assert_int_eq(strncmp(seen, "server settings v=2|accepted 1|closed (", 39), 0);
    ck_assert_uint_ge(anytls_clock() - began, 300);
    ck_assert_uint_le(anytls_clock() - began, 5000);
    leave_silence();
}
END_TEST

START_TEST(a_read_waits_as_long_as_it_is_told_and_no_longer)
{
    uint64_t began;

    connect_to_silence();
    while (anytls_read(&client, 300).status == ANYTLS_IO_OK)
        ;
    began = anytls_clock();
    ck_assert_int_eq(anytls_read(&client, 150).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_ge(anytls_clock() - began, 150);
    ck_assert_uint_le(anytls_clock() - began, 5000);
    ck_assert_int_eq(anytls_read(&client, 0).status, ANYTLS_IO_TIMEOUT);
    leave_silence();
}
END_TEST

START_TEST(a_write_that_the_peer_does_not_take_fails_at_its_timeout)
{
    static uint8_t bytes[1000000];
    enum anytls_status status = ANYTLS_OK;
    uint64_t began = anytls_clock();

    connect_to_silence();
    config.write_timeout = 200;
    for (int i = 0; i < 100 && status == ANYTLS_OK; i++)
        status = anytls_write(&client, 1, bytes, sizeof bytes);
    ck_assert_int_eq(status, ANYTLS_CLOSED);
    ck_assert_int_eq(client.unwritable, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_ge(anytls_clock() - began, 200);
    ck_assert_uint_le(anytls_clock() - began, 10000);
    ck_assert_int_eq(read_until(1), ANYTLS_IO_FAILED);
    ck_assert_str_eq(seen, "server settings v=2|accepted 1");
    leave_silence();
}
END_TEST

static void reset_connection(struct served *self)
{
    struct linger hard = {1, 0};

    anytls_accept(&self->connection, &self->config, anytls_socket_transport(&self->socket));
    setsockopt(self->socket.descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    shutdown(self->socket.descriptor, SHUT_RD);
    close(self->socket.descriptor);
    self->socket.descriptor = dup(self->listener); /* for the close that follows */
}

START_TEST(a_connection_that_is_reset_fails_with_the_reason)
{
    struct anytls_incoming incoming;

    served_reset(&served, NULL);
    served.serve = reset_connection;
    served_begin(&served);
    connect_client(TLS1_3_VERSION);
    incoming = anytls_read(&client, 10000);
    ck_assert_int_eq(incoming.status, ANYTLS_IO_FAILED);
    ck_assert_str_eq(near.error, strerror(ECONNRESET));
    ck_assert_int_eq(anytls_open(&client, &(struct anytls_address){ANYTLS_NAME, 1, 1, "n"}).status,
                     ANYTLS_CLOSED);
    end_client();
}
END_TEST

START_TEST(a_socket_draws_random_numbers)
{
    struct anytls_transport transport = anytls_socket_transport(&near);
    uint32_t first = transport.random(transport.context);
    unsigned same = 0;

    for (int i = 0; i < 8; i++)
        same += transport.random(transport.context) == first ? 1 : 0;
    ck_assert_uint_lt(same, 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        writes_of_65535_65536_and_131071_bytes_come_back_over_tls_1_2_and_1_3,
        what_was_written_before_a_close_arrives_though_the_answers_are_not_read,
        a_close_is_seen_by_a_peer_that_looks_for_the_end_of_tcp_alone,
        refusals_and_alerts_reach_the_client_and_then_the_end,
        a_client_that_speaks_another_protocol_is_handed_on_and_answered,
        a_wrong_password_without_a_fallback_ends_the_connection_without_a_word,
        a_peer_that_falls_silent_is_found_by_a_heartbeat,
        a_read_waits_as_long_as_it_is_told_and_no_longer,
        a_write_that_the_peer_does_not_take_fails_at_its_timeout,
        a_connection_that_is_reset_fails_with_the_reason,
        a_socket_draws_random_numbers,
    };

    return suite_run("io socket", tests, COUNT(tests));
}
