#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *client_context;
static SSL_CTX *server_context;
static const char *keylog_path;
static const char *keylog_second;

static void line_append(const char *path, const char *line)
{
    FILE *file = path == NULL ? NULL : fopen(path, "ae");

    if (file == NULL)
        return;
    fprintf(file, "%s\n", line);
    fclose(file);
}

static void on_secret(const SSL *ssl, const char *line)
{
    (void)ssl;
    line_append(keylog_path, line);
    line_append(keylog_second, line);
}

static X509 *certificate_make(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name;

    if (certificate == NULL)
        return NULL;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 30L * 86400);
    X509_set_pubkey(certificate, key);
    name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());
    return certificate;
}

bool tls_set_up(const char *keylog)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key == NULL ? NULL : certificate_make(key);
    SSL_CTX *both[2];

    keylog_path = keylog;
    client_context = SSL_CTX_new(TLS_client_method());
    server_context = SSL_CTX_new(TLS_server_method());
    if (client_context == NULL || server_context == NULL || certificate == NULL)
        return false;
    both[0] = client_context;
    both[1] = server_context;
    for (size_t i = 0; i < 2; i++) {
        SSL_CTX_set_min_proto_version(both[i], TLS1_2_VERSION);
        SSL_CTX_set_mode(both[i],
                         SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_keylog_callback(both[i], on_secret);
    }
    return SSL_CTX_use_certificate(server_context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey(server_context, key) == 1;
}

void tls_keylog_also(const char *path)
{
    keylog_second = path;
}

bool wait_for(int descriptor, short events, uint64_t until)
{
    for (;;) {
        uint64_t now = now_ms();
        struct pollfd poller = {descriptor, events, 0};
        int ready = poll(&poller, 1, now < until ? (int)(until - now) : 0);

        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

static SSL *handshake(SSL_CTX *context, int descriptor, const char *sni, bool server,
                      uint64_t until)
{
    SSL *ssl = SSL_new(context);
    int result;

    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    if (ssl == NULL || SSL_set_fd(ssl, descriptor) != 1)
        return NULL;
    if (sni != NULL)
        SSL_set_tlsext_host_name(ssl, sni);
    while ((result = server ? SSL_accept(ssl) : SSL_connect(ssl)) != 1) {
        int error = SSL_get_error(ssl, result);
        short events = error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;

        if ((error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) ||
            !wait_for(descriptor, events, until)) {
            SSL_free(ssl);
            return NULL;
        }
    }
    return ssl;
}

SSL *tls_connect(int descriptor, const char *sni, uint64_t until)
{
    return handshake(client_context, descriptor, sni, false, until);
}

SSL *tls_accept(int descriptor, uint64_t until)
{
    return handshake(server_context, descriptor, NULL, true, until);
}

/* ---- Sockets ---- */

static struct addrinfo *look_up(const char *host, const char *port, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
    struct addrinfo *found = NULL;

    return getaddrinfo(host, port, &hints, &found) == 0 ? found : NULL;
}

static int connect_one(const struct addrinfo *address, uint64_t until)
{
    int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;
    socklen_t size = sizeof error;

    if (descriptor < 0)
        return -1;
    if (connect(descriptor, address->ai_addr, address->ai_addrlen) == 0)
        return descriptor;
    error = errno;
    if (error == EINPROGRESS) {
        error = ETIMEDOUT;
        if (wait_for(descriptor, POLLOUT, until))
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0)
        return descriptor;
    close(descriptor);
    errno = error;
    return -1;
}

int tcp_connect(const char *host, const char *port, uint64_t until)
{
    struct addrinfo *found = look_up(host, port, 0);
    int descriptor = -1;
    int one = 1;

    errno = found == NULL ? EADDRNOTAVAIL : 0;
    for (const struct addrinfo *next = found; next != NULL && descriptor < 0; next = next->ai_next)
        descriptor = connect_one(next, until);
    if (found != NULL)
        freeaddrinfo(found);
    if (descriptor >= 0)
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
}

int tcp_listen(const char *host, const char *port, int backlog)
{
    struct addrinfo *found = look_up(host, port, AI_PASSIVE);
    int descriptor = -1;
    int one = 1;

    if (found == NULL)
        return -1;
    descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(descriptor, found->ai_addr, found->ai_addrlen) != 0 ||
            (backlog >= 0 && listen(descriptor, backlog) != 0)) {
            close(descriptor);
            descriptor = -1;
        }
    }
    freeaddrinfo(found);
    return descriptor;
}

uint16_t port_of(int descriptor)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    uint8_t number[2];

    getsockname(descriptor, (struct sockaddr *)&address, &size);
    memcpy(number, (const uint8_t *)&address + 2, 2); /* the same place in both families */
    return (uint16_t)(number[0] * 256u + number[1]);
}
