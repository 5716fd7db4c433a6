#include "support_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/certificate.h"
#include "io/host.h"

/* ---- The tap ---- */

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct anytls_io_result tap_read(void *context, uint8_t *bytes, size_t size,
                                        uint64_t deadline)
{
    struct tap *tap = context;
    struct anytls_io_result result = {ANYTLS_IO_END, 0};

    if (tap->read_left == 0)
        return result;
    size = lesser(size, lesser(tap->read_left, tap->read_max));
    result = tap->inner.read(tap->inner.context, bytes, size, deadline);
    if (tap->read_left != TAP_OPEN)
        tap->read_left -= result.size;
    return result;
}

static enum anytls_io_status tap_write(void *context, const uint8_t *bytes, size_t size,
                                       uint64_t deadline)
{
    struct tap *tap = context;
    size_t part = lesser(size, tap->write_left);
    enum anytls_io_status status;

    if (tap->writes < TAP_WRITES)
        tap->sizes[tap->writes] = size;
    tap->writes++;
    if (tap->written.size + part <= BYTES_MAX)
        bytes_add(&tap->written, bytes, part);
    status = part > 0 ? tap->inner.write(tap->inner.context, bytes, part, deadline) : ANYTLS_IO_OK;
    if (tap->write_left != TAP_OPEN)
        tap->write_left -= part;
    return part < size ? ANYTLS_IO_FAILED : status;
}

static uint64_t tap_now(void *context)
{
    struct tap *tap = context;

    return tap->inner.now(tap->inner.context);
}

static uint32_t tap_random(void *context)
{
    struct tap *tap = context;

    return tap->fixed ? tap->number++ : tap->inner.random(tap->inner.context);
}

void tap_begin(struct tap *tap, struct anytls_transport inner)
{
    tap->inner = inner;
    tap->written.size = 0;
    tap->writes = 0;
    tap->read_left = TAP_OPEN;
    tap->write_left = TAP_OPEN;
    tap->read_max = TAP_OPEN;
    tap->fixed = false;
    tap->number = 0;
}

struct anytls_transport tap_transport(struct tap *tap)
{
    struct anytls_transport transport = {tap, tap_read, tap_write, tap_now, tap_random};

    return transport;
}

/* ---- The pair ---- */

void pair_note(struct pair *pair, int side, struct anytls_incoming incoming)
{
    struct anytls_event event = incoming.event;

    if (event.type == ANYTLS_EVENT_DATA)
        bytes_add(&pair->data[side], event.data.bytes, event.data.size);
    if (event.type == ANYTLS_EVENT_SETTINGS)
        event.data.size = 3; /* "v=2": the rest has a version in it */
    if (event.type != ANYTLS_EVENT_DATA || !pair->quiet)
        text_add_event(pair->seen[side], &event, incoming.request);
}

static void answer(struct pair *pair, struct anytls_incoming incoming)
{
    uint32_t stream = incoming.event.stream;

    switch (incoming.event.type) {
    case ANYTLS_EVENT_DIAL:
    case ANYTLS_EVENT_DIAL_UDP:
        if (!pair->mute)
            anytls_answer(&pair->server, stream, pair->refusal);
        break;
    case ANYTLS_EVENT_DATA:
        if (pair->echo)
            anytls_write(&pair->server, stream, incoming.event.data.bytes,
                         incoming.event.data.size);
        break;
    default: break;
    }
}

static void server_step(void *context)
{
    struct pair *pair = context;
    struct anytls_incoming incoming;

    if (!pair->accepted) {
        pair->accepted = true;
        incoming = anytls_accept(&pair->server, &pair->configs[SERVER],
                                 tap_transport(&pair->taps[SERVER]));
        if (incoming.status == ANYTLS_IO_OK)
            pair_note(pair, SERVER, incoming);
    }
    for (;;) {
        incoming = anytls_read(&pair->server, 0);
        if (incoming.status != ANYTLS_IO_OK)
            return;
        pair_note(pair, SERVER, incoming);
        answer(pair, incoming);
    }
}

void pair_serve(struct pair *pair)
{
    server_step(pair);
}

void pair_reset(struct pair *pair)
{
    ck_assert(anytls_connection_config_set(&pair->configs[CLIENT], "secret"));
    ck_assert(anytls_connection_config_set(&pair->configs[SERVER], "secret"));
    pair->echo = false;
    pair->mute = false;
    pair->refusal = NULL;
    pair->quiet = false;
}

enum anytls_status pair_connect(struct pair *pair)
{
    anytls_memory_begin(&pair->memory, pair->pipes, PAIR_PIPE);
    pair->memory.now = 1000;
    pair->memory.ends[SERVER].step = server_step;
    pair->memory.ends[SERVER].step_context = pair;
    pair->accepted = false;
    for (int side = CLIENT; side <= SERVER; side++) {
        tap_begin(&pair->taps[side], anytls_memory_transport(&pair->memory, (size_t)side));
        pair->data[side].size = 0;
        pair->seen[side][0] = '\0';
    }
    return anytls_connect(&pair->client, &pair->configs[CLIENT],
                          tap_transport(&pair->taps[CLIENT]));
}

enum anytls_io_status pair_read(struct pair *pair, uint64_t timeout)
{
    uint64_t begun = pair->memory.now;

    for (;;) {
        uint64_t passed = pair->memory.now - begun;
        uint64_t left = passed < timeout ? timeout - passed : 0;
        struct anytls_incoming incoming =
            anytls_read(&pair->client, timeout == ANYTLS_FOREVER ? timeout : left);

        if (incoming.status != ANYTLS_IO_OK)
            return incoming.status;
        pair_note(pair, CLIENT, incoming);
    }
}

uint32_t pair_open(struct pair *pair, const char *name)
{
    struct anytls_address address;
    struct anytls_opened opened;

    ck_assert(anytls_host_read(name, 80, &address));
    opened = anytls_open(&pair->client, &address);
    ck_assert_int_eq(opened.status, ANYTLS_OK);
    ck_assert_int_eq(pair_read(pair, 0), ANYTLS_IO_TIMEOUT);
    return opened.stream;
}

void pattern_fill(uint8_t *bytes, size_t size)
{
    uint32_t seed = 7;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)random_next(&seed);
}

/* ---- Files ---- */

static char made_paths[32][256];
static size_t made_count;

static void remove_made(void)
{
    for (size_t i = 0; i < made_count; i++)
        unlink(made_paths[i]);
}

const char *temporary_path(const char *suffix)
{
    const char *folder = getenv("TMPDIR");
    char *path = made_paths[made_count];

    must(made_count < COUNT(made_paths), "too many files");
    if (made_count == 0)
        atexit(remove_made);
    snprintf(path, sizeof made_paths[0], "%s/anytls-test-%d-%zu%s",
             folder != NULL ? folder : "/tmp", (int)getpid(), made_count, suffix);
    made_count++;
    return path;
}

const char *certificate_file(const char *name)
{
    const char *path = temporary_path(".pem");
    struct anytls_certificate made;
    FILE *file;
    char *pem;

    must(anytls_certificate_make(name, &made), "no certificate");
    pem = anytls_certificate_pem(&made);
    anytls_certificate_free(&made);
    file = fopen(path, "w");
    must(pem != NULL && file != NULL && fputs(pem, file) >= 0 && fclose(file) == 0,
         "cannot write %s", path);
    free(pem);
    return path;
}

/* ---- The server in a thread ---- */

unsigned port_of(int descriptor)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    must(getsockname(descriptor, (struct sockaddr *)&address, &size) == 0, "no port");
    return ntohs(address.sin_port);
}

struct anytls_tls_context *client_context(const char *ca)
{
    struct anytls_tls_config config = {.ca = ca, .insecure = ca == NULL};
    char error[ANYTLS_ERROR_TEXT_SIZE];
    struct anytls_tls_context *context = anytls_tls_context_new(&config, error);

    must(context != NULL, "%s", error);
    return context;
}

void served_reset(struct served *served, const char *certificate)
{
    struct anytls_tls_config config = {.server = true, .certificate = certificate};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    must(anytls_connection_config_set(&served->config, "secret"), "no SHA-256");
    served->context = anytls_tls_context_new(&config, error);
    must(served->context != NULL, "%s", error);
    served->serve = NULL;
    served->timeout = 20000;
}

/* Nothing in the thread may fail by an assertion: the test looks at what it left. */
static void *serve_one(void *argument)
{
    struct served *served = argument;
    int descriptor = anytls_socket_accept(served->listener, served->timeout);

    if (descriptor < 0)
        return NULL;
    served->handshake =
        anytls_socket_begin(&served->socket, served->context, descriptor, NULL, served->timeout);
    memcpy(served->error, served->socket.error, sizeof served->error);
    if (served->handshake != ANYTLS_IO_OK)
        return NULL;
    if (served->serve != NULL)
        served->serve(served);
    else
        served_echo(served);
    memcpy(served->error, served->socket.error, sizeof served->error);
    anytls_socket_close(&served->socket, 1000);
    return NULL;
}

static void echo_step(struct served *served, struct anytls_incoming incoming)
{
    struct anytls_event event = incoming.event;

    if (event.type == ANYTLS_EVENT_SETTINGS)
        event.data.size = 3;
    text_add_event(served->seen, &event, incoming.request);
    if (event.type == ANYTLS_EVENT_DIAL)
        anytls_answer(&served->connection, event.stream, NULL);
    if (event.type != ANYTLS_EVENT_DATA)
        return;
    if (served->data.size + event.data.size <= BYTES_MAX)
        bytes_add(&served->data, event.data.bytes, event.data.size);
    anytls_write(&served->connection, event.stream, event.data.bytes, event.data.size);
}

void served_echo(struct served *served)
{
    struct anytls_incoming incoming = anytls_accept(&served->connection, &served->config,
                                                    anytls_socket_transport(&served->socket));

    while (incoming.status == ANYTLS_IO_OK) {
        echo_step(served, incoming);
        incoming = anytls_read(&served->connection, served->timeout);
    }
    anytls_close(&served->connection);
}

void served_begin(struct served *served)
{
    served->listener = anytls_socket_listen("127.0.0.1", "0", served->error);
    must(served->listener >= 0, "%s", served->error);
    snprintf(served->port, sizeof served->port, "%u", port_of(served->listener));
    served->handshake = ANYTLS_IO_FAILED;
    served->seen[0] = '\0';
    served->data.size = 0;
    must(pthread_create(&served->thread, NULL, serve_one, served) == 0, "no thread");
}

void served_end(struct served *served)
{
    must(pthread_join(served->thread, NULL) == 0, "no thread");
    close(served->listener);
    anytls_tls_context_free(served->context);
}
