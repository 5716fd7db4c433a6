#include "client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner.h"
#include "tls.h"

/* ---- The client under test ---- */

static void replace(char **word, const char *name, const char *value)
{
    char *at = strstr(*word, name);
    char *made;

    if (at == NULL)
        return;
    made = malloc(strlen(*word) + strlen(value) + 1);
    if (made == NULL)
        return;
    sprintf(made, "%.*s%s%s", (int)(at - *word), *word, value, at + strlen(name));
    *word = made;
    replace(word, name, value);
}

__attribute__((noreturn)) static void command_run(struct run *run, const char *port)
{
    char socks[160];
    char *words[256];
    size_t count = 0;
    char path[640];

    snprintf(socks, sizeof socks, "%s:%s", run->socks_host, run->socks_port);
    for (; run->options->command[count] != NULL && count < 255; count++) {
        words[count] = run->options->command[count];
        replace(&words[count], "{host}", run->options->host);
        replace(&words[count], "{port}", port);
        replace(&words[count], "{password}", run->options->password);
        replace(&words[count], "{socks_host}", run->socks_host);
        replace(&words[count], "{socks_port}", run->socks_port);
        replace(&words[count], "{socks}", socks);
    }
    words[count] = NULL;
    snprintf(path, sizeof path, "%s/client.log", run->folder);
    if (freopen(run->folder[0] != '\0' ? path : "/dev/null", "a", stdout) == NULL)
        _exit(126);
    dup2(STDOUT_FILENO, STDERR_FILENO);
    execvp(words[0], words);
    _exit(127);
}

static void socks_choose(struct run *run)
{
    const char *colon = strrchr(run->options->socks, ':');

    if (colon == NULL)
        broken(run, "--socks %s: give HOST:PORT", run->options->socks);
    snprintf(run->socks_host, sizeof run->socks_host, "%.*s", (int)(colon - run->options->socks),
             run->options->socks);
    snprintf(run->socks_port, sizeof run->socks_port, "%.7s", colon + 1);
    if (strcmp(run->socks_port, "0") == 0 && !client_port_choose(run))
        broken(run, "no free port on %s", run->socks_host);
}

static void client_gone(struct run *run)
{
    int status = 0;

    if (run->client <= 0 || waitpid(run->client, &status, WNOHANG) != run->client)
        return;
    run->client = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 89)
        skip(run, "the client says: not implemented");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        broken(run, "the command cannot be started: %s", run->options->command[0]);
    fail(run, "the client ended at its start (%s %d)", WIFEXITED(status) ? "exit code" : "signal",
         WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static int socks_connect(struct run *run)
{
    uint64_t until = now_ms() + 5000 + run->options->timeout;
    int app;

    while ((app = tcp_connect(run->socks_host, run->socks_port, until)) < 0) {
        client_gone(run);
        if (now_ms() > until)
            fail(run, "the client's SOCKS port %s:%s does not accept: %s", run->socks_host,
                 run->socks_port, strerror(errno));
        usleep(10000);
    }
    return app;
}

void client_start(struct run *run)
{
    char port[8];

    run->listening = tcp_listen(run->options->host, "0", 64);
    if (run->listening < 0)
        broken(run, "the scripted server cannot listen on %s", run->options->host);
    snprintf(port, sizeof port, "%u", port_of(run->listening));
    socks_choose(run);
    run->client = fork();
    if (run->client == 0)
        command_run(run, port);
    if (run->client < 0)
        broken(run, "no process for the client");
    close(socks_connect(run)); /* it is there */
}

void client_stop(struct run *run)
{
    if (run->client <= 0)
        return;
    kill(run->client, SIGKILL);
    waitpid(run->client, NULL, 0);
}

/* ---- Applications ---- */

void app_send(struct run *run, int app, struct oracle_bytes bytes)
{
    uint64_t until = deadline(run) + bytes.size / 1000;

    while (bytes.size > 0) {
        ssize_t sent = send(app, bytes.at, bytes.size, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent > 0) {
            bytes.at += sent;
            bytes.size -= (size_t)sent;
        } else if (errno != EAGAIN) {
            fail(run, "the client ended the application's connection: %s", strerror(errno));
        } else if (!wait_for(app, POLLOUT, until)) {
            fail(run, "the client takes no more of the application's bytes");
        }
    }
}

static ssize_t app_read(struct run *run, int app, uint8_t *bytes, size_t size)
{
    if (!wait_for(app, POLLIN, deadline(run)))
        fail(run, "nothing came to the application in time");
    return recv(app, bytes, size, MSG_DONTWAIT);
}

void app_await(struct run *run, int app, struct oracle_bytes bytes)
{
    size_t got = 0;
    static uint8_t came[65536];

    while (got < bytes.size) {
        size_t left = bytes.size - got;
        ssize_t size = app_read(run, app, came, left < sizeof came ? left : sizeof came);

        if (size <= 0)
            fail(run, "the application got %zu of %zu bytes, then the end", got, bytes.size);
        if (memcmp(came, bytes.at + got, (size_t)size) != 0)
            fail(run, "the application got other bytes than were sent, from byte %zu on", got);
        got += (size_t)size;
    }
}

void app_fails(struct run *run, int app)
{
    uint8_t byte;

    if (app_reply(run, app) == 0 && app_read(run, app, &byte, 1) > 0)
        fail(run, "the application got data of a stream that was not opened");
}

bool app_ended(struct run *run, int app)
{
    uint8_t byte;
    ssize_t size = app_read(run, app, &byte, 1);

    if (size > 0)
        fail(run, "the application got a byte where its connection was to end");
    return size == 0;
}

static void app_greet(struct run *run, int app)
{
    static const uint8_t greeting[] = {5, 1, 0};
    uint8_t answer[2];

    app_send(run, app, (struct oracle_bytes){greeting, 3});
    for (size_t got = 0; got < 2;) {
        ssize_t size = app_read(run, app, answer + got, 2 - got);

        if (size <= 0)
            fail(run, "SOCKS: the client ends at the greeting");
        got += (size_t)size;
    }
    if (answer[0] != 5 || answer[1] != 0)
        fail(run, "SOCKS: the client wants a method other than none");
}

/* A request of SOCKS 5; the address in SOCKS form. */
static int app_request(struct run *run, uint8_t command, const struct oracle_address *address)
{
    struct oracle_buffer request = {0};
    int app = socks_connect(run);

    app_greet(run, app);
    oracle_buffer_byte(&request, 5);
    oracle_buffer_byte(&request, command);
    oracle_buffer_byte(&request, 0);
    oracle_address_write(&request, ORACLE_SOCKS_TYPES, address);
    app_send(run, app, oracle_buffer_bytes(&request));
    oracle_buffer_free(&request);
    return app;
}

int app_begin(struct run *run, const char *host, uint16_t port)
{
    struct oracle_address address = {.kind = ORACLE_NAME, .port = port};

    address.size = (uint8_t)strlen(host);
    memcpy(address.host, host, address.size);
    note(run, "application > CONNECT %s:%u", host, port);
    return app_request(run, 1, &address);
}

int app_begin_at(struct run *run, const struct oracle_address *address)
{
    note(run, "application > CONNECT to an address");
    return app_request(run, 1, address);
}

int app_associate(struct run *run)
{
    struct oracle_address any = {.kind = ORACLE_IPV4, .size = 4};

    note(run, "application > UDP ASSOCIATE");
    return app_request(run, 3, &any);
}

int app_reply_port(struct run *run, int app, uint16_t *port)
{
    uint8_t reply[262];
    size_t got = 0;
    size_t whole = 5;

    while (got < whole) {
        ssize_t size = app_read(run, app, reply + got, whole - got);

        if (size <= 0)
            return -1;
        got += (size_t)size;
        if (got == 5)
            whole = reply[3] == 1 ? 10 : reply[3] == 4 ? 22 : 7u + reply[4];
    }
    note(run, "application < SOCKS reply %u", reply[1]);
    *port = (uint16_t)(reply[whole - 2] * 256u + reply[whole - 1]);
    return reply[1];
}

int app_reply(struct run *run, int app)
{
    uint16_t port;

    return app_reply_port(run, app, &port);
}

/* ---- Flows ---- */

const struct seen *welcome(struct peer *peer)
{
    const struct seen *settings = await(peer, ORACLE_SETTINGS, ANY);

    send_frame(peer, ORACLE_SERVER_SETTINGS, 0, "v=2");
    return settings;
}

struct oracle_address stream_await(struct run *run, struct peer *peer, uint32_t *stream)
{
    struct oracle_address address;
    struct oracle_buffer bytes = {0};
    size_t consumed = 0;
    enum oracle_status status = ORACLE_INCOMPLETE;

    *stream = await(peer, ORACLE_SYN, ANY)->stream;
    while (status == ORACLE_INCOMPLETE) {
        oracle_buffer_add(&bytes, oracle_buffer_bytes(&await(peer, ORACLE_PSH, *stream)->data));
        status = oracle_address_read(ORACLE_SOCKS_TYPES, oracle_buffer_bytes(&bytes), &address,
                                     &consumed);
    }
    if (status != ORACLE_OK)
        fail(run, "stream %u does not begin with a destination", (unsigned)*stream);
    if (consumed != bytes.size)
        fail(run,
             "stream %u: data in the frame of the destination, of an application that has "
             "sent none",
             (unsigned)*stream);
    return address;
}

static struct flow flow_on(struct run *run, int app, struct peer *peer)
{
    struct flow flow = {app, peer, 0};

    stream_await(run, peer, &flow.stream);
    if (run->options->protocol > 1)
        send_frame(peer, ORACLE_SYNACK, flow.stream, "");
    if (app_reply(run, app) != 0)
        fail(run, "SOCKS: the client refuses the request, whose stream was accepted");
    return flow;
}

struct flow flow_accept(struct run *run, int app)
{
    struct peer *peer = session_accept(run);

    if (run->options->protocol > 1)
        welcome(peer);
    else
        await(peer, ORACLE_SETTINGS, ANY);
    return flow_on(run, app, peer);
}

struct flow flow_first(struct run *run)
{
    return flow_accept(run, app_begin(run, "target.example", 80));
}

struct flow flow_next(struct run *run, struct peer *peer)
{
    return flow_on(run, app_begin(run, "target.example", 80), peer);
}

void flow_end(struct run *run, struct flow *flow)
{
    close(flow->app);
    note(run, "application > close");
    await(flow->peer, ORACLE_FIN, flow->stream);
}

void flow_exchange(struct run *run, struct flow *flow, size_t size)
{
    struct oracle_buffer bytes = pattern(size, random_number(run));
    struct oracle_bytes view = oracle_buffer_bytes(&bytes);

    app_send(run, flow->app, view);
    await_bytes(flow->peer, flow->stream, view);
    for (size_t at = 0; at < size; at += 60000)
        add_bytes(flow->peer, ORACLE_PSH, flow->stream,
                  (struct oracle_bytes){bytes.at + at, size - at < 60000 ? size - at : 60000});
    flush(flow->peer);
    app_await(run, flow->app, view);
    oracle_buffer_free(&bytes);
}

void client_preflight(struct run *run)
{
    struct flow flow = flow_first(run);

    flow_exchange(run, &flow, 100);
}

void chain_preflight(struct run *run)
{
    close(socks_connect(run));
}
