/* Scenarios with a peer, which is a thread without faults. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults_calls.h"
#include "faults_scenarios.h"
#include "io/host.h"
#include "support_io.h"

#define SIZE 40000u /* of what goes out and comes back: several records */
#define TIMEOUT 5000u

static struct {
    struct anytls_socket socket;
    struct anytls_connection connection;
    struct anytls_connection_config config;
    struct anytls_tls_context *context;
    struct bytes came;
} near;

static uint8_t sent_bytes[SIZE];
static struct served served;

/* ---- Both ends ---- */

/* The bytes that came are noted, then looked at: a thread must not fail by an assertion. */
static void note(struct bytes *came, struct anytls_text data)
{
    if (came->size + data.size <= BYTES_MAX)
        bytes_add(came, data.bytes, data.size);
}

static void check_sent(const struct bytes *came)
{
    must(came->size <= SIZE && memcmp(came->at, sent_bytes, came->size) == 0,
         "other bytes came than were sent");
}

/* A failure behind the last data is told by the next call. */
static bool nothing_failed(struct anytls_connection *connection)
{
    struct anytls_incoming in;

    do
        in = anytls_read(connection, 0);
    while (in.status == ANYTLS_IO_OK);
    return in.status != ANYTLS_IO_FAILED;
}

/* As a client: a stream, the bytes to it, and the same bytes back. */
static bool client_talks(struct anytls_connection *connection, struct bytes *came)
{
    struct anytls_address address;
    struct anytls_incoming in = {.status = ANYTLS_IO_OK};

    must(anytls_host_read("web.example", 80, &address), "no host");
    if (anytls_open(connection, &address).status != ANYTLS_OK ||
        anytls_write(connection, 1, sent_bytes, SIZE) != ANYTLS_OK)
        return false;
    while (came->size < SIZE) {
        in = anytls_read(connection, TIMEOUT);
        if (in.status != ANYTLS_IO_OK)
            return false;
        if (in.event.violation != ANYTLS_OK)
            return false;
        if (in.event.type == ANYTLS_EVENT_DATA)
            note(came, in.event.data);
    }
    return anytls_finish(connection, 1) == ANYTLS_OK && nothing_failed(connection);
}

static bool client_session(struct anytls_connection *connection,
                           const struct anytls_connection_config *config,
                           struct anytls_socket *socket, struct bytes *came)
{
    bool done = anytls_connect(connection, config, anytls_socket_transport(socket)) == ANYTLS_OK &&
                client_talks(connection, came);

    anytls_close(connection);
    return done;
}

static void begin_both(void)
{
    pattern_fill(sent_bytes, SIZE);
    must(anytls_connection_config_set(&near.config, "secret"), "no SHA-256");
    near.came.size = 0;
}

/* ---- As a client ---- */

static const char *client_ca;
static const char *client_keys;

static void client_set_up(void)
{
    struct anytls_tls_config config;
    char error[ANYTLS_ERROR_TEXT_SIZE];

    if (client_ca == NULL) {
        client_ca = certificate_file("127.0.0.1");
        client_keys = temporary_path(".keys");
    }
    config = (struct anytls_tls_config){.ca = client_ca, .key_log = client_keys};
    begin_both();
    near.context = anytls_tls_context_new(&config, error);
    must(near.context != NULL, "%s", error);
    served_reset(&served, client_ca);
    served_begin(&served);
}

static bool client_run(void)
{
    enum anytls_io_status status;
    bool done;

    fault_stage("connect");
    near.socket.error[0] = '\0';
    status =
        anytls_socket_connect(&near.socket, near.context, "127.0.0.1", served.port, NULL, TIMEOUT);
    if (status != ANYTLS_IO_OK) {
        must(status != ANYTLS_IO_TIMEOUT, "a timeout");
        must(near.socket.error[0] != '\0', "no connection, and no reason");
        return false;
    }
    fault_stage("talk");
    done = client_session(&near.connection, &near.config, &near.socket, &near.came);
    fault_stage("close");
    anytls_socket_close(&near.socket, 1000);
    return done;
}

static void client_tear_down(void)
{
    shutdown(served.listener, SHUT_RDWR); /* it may still wait for a connection */
    served_end(&served);
    anytls_tls_context_free(near.context);
    check_sent(&near.came);
    check_sent(&served.data);
}

const struct scenario scenario_client = {"client", client_set_up, client_run, client_tear_down};

/* ---- As a server ---- */

static struct {
    pthread_t thread;
    char port[8];
    struct anytls_socket socket;
    struct anytls_connection connection;
    struct anytls_tls_context *context;
    struct bytes came;
    bool done;
} far;

static void *far_run(void *unused)
{
    (void)unused;
    if (anytls_socket_connect(&far.socket, far.context, "127.0.0.1", far.port, NULL, TIMEOUT) !=
        ANYTLS_IO_OK)
        return NULL;
    far.done = client_session(&far.connection, &near.config, &far.socket, &far.came);
    anytls_socket_close(&far.socket, 1000);
    return NULL;
}

static int server_listener;

static void server_set_up(void)
{
    struct anytls_tls_config config = {.server = true};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    begin_both();
    near.context = anytls_tls_context_new(&config, error);
    must(near.context != NULL, "%s", error);
    server_listener = anytls_socket_listen("127.0.0.1", "0", error);
    must(server_listener >= 0, "%s", error);
    snprintf(far.port, sizeof far.port, "%u", port_of(server_listener));
    far.context = client_context(NULL);
    far.came.size = 0;
    far.done = false;
    must(pthread_create(&far.thread, NULL, far_run, NULL) == 0, "no thread");
}

static bool server_answers(struct anytls_incoming in)
{
    struct anytls_connection *connection = &near.connection;

    must(in.event.violation == ANYTLS_OK, "a violation");
    if (in.event.type == ANYTLS_EVENT_DIAL)
        return anytls_answer(connection, in.event.stream, NULL) == ANYTLS_OK;
    if (in.event.type != ANYTLS_EVENT_DATA)
        return true;
    note(&near.came, in.event.data);
    return anytls_write(connection, in.event.stream, in.event.data.bytes, in.event.data.size) ==
           ANYTLS_OK;
}

/* Until the client ends its side. */
static bool server_talks(void)
{
    struct anytls_incoming in =
        anytls_accept(&near.connection, &near.config, anytls_socket_transport(&near.socket));
    bool closed = false;

    while (in.status == ANYTLS_IO_OK && server_answers(in)) {
        closed = closed || in.event.type == ANYTLS_EVENT_CLOSED;
        in = anytls_read(&near.connection, TIMEOUT);
    }
    anytls_close(&near.connection);
    return closed && in.status == ANYTLS_IO_END && near.came.size == SIZE;
}

static bool server_run(void)
{
    int descriptor;
    bool done;

    fault_stage("accept");
    descriptor = anytls_socket_accept(server_listener, TIMEOUT);
    if (descriptor < 0)
        return false;
    fault_stage("connect");
    if (anytls_socket_begin(&near.socket, near.context, descriptor, NULL, TIMEOUT) !=
        ANYTLS_IO_OK) {
        must(near.socket.error[0] != '\0', "no handshake, and no reason");
        return false;
    }
    fault_stage("talk");
    done = server_talks();
    fault_stage("close");
    anytls_socket_close(&near.socket, 1000);
    return done;
}

static void server_tear_down(void)
{
    close(server_listener);
    must(pthread_join(far.thread, NULL) == 0, "no thread");
    check_sent(&near.came);
    check_sent(&far.came);
    anytls_tls_context_free(far.context);
    anytls_tls_context_free(near.context);
}

const struct scenario scenario_server = {"server", server_set_up, server_run, server_tear_down};
