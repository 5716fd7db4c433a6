#include "cipher.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../net.h"

#define HELLO_MAX 1024u

struct tap {
    int listener;
    uint16_t server;
    int pipe[2]; /* takes the server's first bytes */
};

/* Carries one connection, and hands on what the server says first. */
static void connection_carry(const struct tap *tap, int client)
{
    int server = net_connect(tap->server);
    bool first = true;
    uint8_t bytes[16384];

    while (server >= 0) {
        struct pollfd both[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};

        if (poll(both, 2, -1) <= 0)
            return;
        for (int i = 0; i < 2; i++) {
            ssize_t got = both[i].revents != 0 ? recv(both[i].fd, bytes, sizeof bytes, 0) : -1;

            if (both[i].revents == 0)
                continue;
            if (got <= 0 || !net_write(both[1 - i].fd, bytes, (size_t)got))
                return;
            if (i == 1 && first) {
                first = false;
                got = got < (ssize_t)HELLO_MAX ? got : (ssize_t)HELLO_MAX;
                if (write(tap->pipe[1], bytes, (size_t)got) != got)
                    return;
            }
        }
    }
}

static void tap_run(void *context)
{
    const struct tap *tap = context;

    signal(SIGCHLD, SIG_IGN);
    while (true) {
        int client = accept(tap->listener, NULL, NULL);

        if (client >= 0 && fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            connection_carry(tap, client);
            _exit(0);
        }
        if (client >= 0)
            close(client);
    }
}

static unsigned number(const uint8_t *bytes)
{
    return bytes[0] * 256u + bytes[1];
}

static const char *cipher_name(unsigned cipher)
{
    return cipher == 0x1301   ? "AES-128-GCM"
           : cipher == 0x1302 ? "AES-256-GCM"
           : cipher == 0x1303 ? "ChaCha20-Poly1305"
                              : "unknown";
}

static const char *group_name(unsigned group)
{
    return group == 0x001d   ? "X25519"
           : group == 0x0017 ? "P-256"
           : group == 0x11ec ? "X25519MLKEM768"
                             : "unknown";
}

/* A ServerHello: record header 5, handshake header 4, version 2, random 32, session id, cipher 2,
 * compression 1, extensions. */
static bool hello_read(const uint8_t *bytes, size_t size, struct agreement *agreement)
{
    size_t at = 5 + 4 + 2 + 32;
    size_t end;

    if (size < at + 1 || bytes[0] != 22 || bytes[5] != 2)
        return false;
    at += 1 + (size_t)bytes[at];
    if (size < at + 5)
        return false;
    snprintf(agreement->cipher, sizeof agreement->cipher, "%s", cipher_name(number(bytes + at)));
    snprintf(agreement->group, sizeof agreement->group, "none");
    end = at + 5 + number(bytes + at + 3);
    for (at += 5; at + 6 <= size && at < end; at += 4 + number(bytes + at + 2))
        if (number(bytes + at) == 51)
            snprintf(agreement->group, sizeof agreement->group, "%s",
                     group_name(number(bytes + at + 4)));
    return true;
}

static void key_read(uint16_t port, struct agreement *agreement)
{
    int descriptor = net_connect(port);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = context != NULL ? SSL_new(context) : NULL;

    snprintf(agreement->key, sizeof agreement->key, "unknown");
    if (ssl != NULL && descriptor >= 0 && SSL_set_fd(ssl, descriptor) == 1 &&
        SSL_connect(ssl) == 1) {
        X509 *certificate = SSL_get1_peer_certificate(ssl);
        EVP_PKEY *key = certificate != NULL ? X509_get0_pubkey(certificate) : NULL;

        if (key != NULL)
            snprintf(agreement->key, sizeof agreement->key, "%.10s%d bits",
                     EVP_PKEY_get_id(key) == EVP_PKEY_EC    ? "ECDSA "
                     : EVP_PKEY_get_id(key) == EVP_PKEY_RSA ? "RSA "
                                                            : "other ",
                     EVP_PKEY_get_bits(key));
        X509_free(certificate);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (descriptor >= 0)
        close(descriptor);
}

static bool stream_echoes(const struct running *running)
{
    uint8_t byte = 0;
    int descriptor = running_connect(running);
    bool echoed = descriptor >= 0 && net_request_send(descriptor, NET_ECHO, 1) &&
                  net_write(descriptor, "c", 1) && net_read(descriptor, &byte, 1) && byte == 'c';

    if (descriptor >= 0)
        close(descriptor);
    return echoed;
}

static bool look(struct running *running, const struct tap *tap, struct agreement *agreement,
                 char *error)
{
    uint8_t hello[HELLO_MAX];
    struct pollfd said = {tap->pipe[0], POLLIN, 0};
    ssize_t size;

    if (!running_client_start(running)) {
        snprintf(error, 256, "%s", running->error);
        return false;
    }
    if (!stream_echoes(running)) {
        snprintf(error, 256, "no stream goes through it: %.200s",
                 process_last_line(&running->client));
        return false;
    }
    size = poll(&said, 1, 1000) == 1 ? read(tap->pipe[0], hello, sizeof hello) : 0;
    if (size <= 0 || !hello_read(hello, (size_t)size, agreement)) {
        snprintf(error, 256, "its TLS handshake is not understood");
        return false;
    }
    key_read(running->server_port, agreement);
    return true;
}

bool agreement_read(const struct contender *contender, const struct places *places,
                    struct agreement *agreement, char *error)
{
    struct running running = {.contender = contender};
    struct tap tap = {.listener = net_listen(&running.reach)};
    struct process proxy = {.pid = 0};
    bool done = false;

    memset(agreement, 0, sizeof *agreement);
    if (contender->server == NULL)
        return true;
    error[0] = '\0';
    if (tap.listener < 0 || pipe(tap.pipe) != 0) {
        snprintf(error, 256, "no port or pipe is left");
        return false;
    }
    if (!running_server_start(&running, contender, places)) {
        snprintf(error, 256, "%s", running.error);
    } else {
        tap.server = running.server_port;
        done = process_fork(&proxy, tap_run, &tap) && look(&running, &tap, agreement, error);
    }
    running_stop(&running);
    process_stop(&proxy);
    close(tap.listener);
    close(tap.pipe[0]);
    close(tap.pipe[1]);
    return done;
}
