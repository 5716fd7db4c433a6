#include "chain.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/certificate.h"
#include "runner.h"

#define CURL_TIMEOUT 45000u

/* Puts options behind the arguments that are there. */
static void arguments_put(const char **arguments, const char *const *more)
{
    size_t count = 0;

    while (arguments[count] != NULL)
        count++;
    while (*more != NULL)
        arguments[count++] = *more++;
    arguments[count] = NULL;
}

struct program *server_start_with(const char *const *options)
{
    const char *arguments[ARGUMENTS_MAX] = {"-l", "127.0.0.1:0",   "-p", PASSWORD, "--workers",
                                            "1",  "--allow-local", "-v", NULL};

    arguments_put(arguments, options);
    return program_start("anytls-server", arguments);
}

struct program *plain_server_start_with(const char *const *options)
{
    const char *arguments[ARGUMENTS_MAX] = {"-l", "127.0.0.1:0", NULL};

    arguments_put(arguments, options);
    return program_start("anytls-server", arguments);
}

struct program *client_start_with(uint16_t server, const char *const *options)
{
    char where[32];
    const char *arguments[ARGUMENTS_MAX] = {"-l",     "127.0.0.1:0", "-s", where, "-p",
                                            PASSWORD, "--insecure",  "-v", NULL};

    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)server);
    arguments_put(arguments, options);
    return program_start("anytls-client", arguments);
}

struct program *plain_client_start_with(const char *const *options)
{
    const char *arguments[ARGUMENTS_MAX] = {"-l", "127.0.0.1:0", NULL};

    arguments_put(arguments, options);
    return program_start("anytls-client", arguments);
}

struct chain chain_start(void)
{
    struct chain chain;

    chain.server = server_start(NULL);
    chain.server_port = program_port(chain.server);
    chain.client = client_start(chain.server_port, NULL);
    chain.socks = program_port(chain.client);
    return chain;
}

/* ---- curl ---- */

static void curl_arguments(const char **arguments, char *proxy, size_t size, uint16_t socks)
{
    const char *const common[] = {"--silent", "--show-error",      "--disable", "--max-time",
                                  "40",       "--socks5-hostname", proxy,       NULL};

    snprintf(proxy, size, "127.0.0.1:%u", (unsigned)socks);
    arguments_put(arguments, common);
}

struct program *curl_start_with(uint16_t socks, const char *const *options)
{
    const char *arguments[ARGUMENTS_MAX] = {"--disable", NULL};
    char proxy[32];

    curl_arguments(arguments, proxy, sizeof proxy, socks);
    arguments_put(arguments, options);
    return program_start("curl", arguments);
}

int curl_with(uint16_t socks, const char *const *options)
{
    const char *arguments[ARGUMENTS_MAX] = {"--disable", NULL};
    char proxy[32];

    curl_arguments(arguments, proxy, sizeof proxy, socks);
    arguments_put(arguments, options);
    return program_wait(program_start("curl", arguments), CURL_TIMEOUT);
}

const char *url(uint16_t port, const char *format, ...)
{
    static char texts[8][512];
    static size_t next;
    char *text = texts[next++ % 8];
    va_list arguments;
    int size = snprintf(text, sizeof texts[0], "http://127.0.0.1:%u", (unsigned)port);

    va_start(arguments, format);
    vsnprintf(text + size, sizeof texts[0] - (size_t)size, format, arguments);
    va_end(arguments);
    return text;
}

/* ---- Files ---- */

void file_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "we");

    expect(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0,
           "cannot write %s", path);
}

void file_write_pattern(const char *path, uint64_t seed, size_t size)
{
    uint8_t *bytes = malloc(size);

    expect(bytes != NULL, "no memory");
    pattern_fill(seed, 0, bytes, size);
    file_write(path, bytes, size);
    free(bytes);
}

void file_write_certificate(const char *path, const char *name)
{
    struct anytls_certificate made;
    char *pem;

    expect(anytls_certificate_make(name, &made), "no certificate");
    pem = anytls_certificate_pem(&made);
    expect(pem != NULL, "no memory");
    file_write(path, pem, strlen(pem));
    free(pem);
    anytls_certificate_free(&made);
}

uint8_t *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    uint8_t *bytes = NULL;
    size_t room = 65536;

    *size = 0;
    expect(file != NULL, "no file %s", path);
    do {
        room *= 2;
        bytes = realloc(bytes, room + 1);
        expect(bytes != NULL, "no memory");
        *size += fread(bytes + *size, 1, room - *size, file);
    } while (*size == room);
    bytes[*size] = 0;
    fclose(file);
    return bytes;
}

bool file_is_pattern(const char *path, uint64_t seed, size_t size)
{
    size_t there;
    uint8_t *bytes = file_read(path, &there);
    bool is = there == size && pattern_is(seed, 0, bytes, size);

    free(bytes);
    return is;
}

/* ---- SOCKS ---- */

void socks_greet(int descriptor)
{
    net_write(descriptor, "\x05\x01\x00", 3);
}

size_t socks_address_put(const char *host, uint16_t port, uint8_t *out)
{
    size_t size = 0;

    if (inet_pton(AF_INET, host, out + 1) == 1) {
        out[0] = 1;
        size = 5;
    } else if (inet_pton(AF_INET6, host, out + 1) == 1) {
        out[0] = 4;
        size = 17;
    } else {
        out[0] = 3;
        out[1] = (uint8_t)strlen(host);
        memcpy(out + 2, host, strlen(host));
        size = 2 + strlen(host);
    }
    out[size] = (uint8_t)(port / 256);
    out[size + 1] = (uint8_t)(port % 256);
    return size + 2;
}

void socks_request(int descriptor, uint8_t command, const char *host, uint16_t port)
{
    uint8_t request[300] = {5, command, 0};

    net_write(descriptor, request, 3 + socks_address_put(host, port, request + 3));
}

int socks_reply_read(int descriptor, uint16_t *port)
{
    uint8_t reply[22];
    size_t left;

    if (net_read_all(descriptor, reply, 4) != 4)
        return SOCKS_NO_REPLY;
    left = reply[3] == 4 ? 18 : 6;
    if (net_read_all(descriptor, reply + 4, left) != left)
        return SOCKS_NO_REPLY;
    if (port != NULL)
        *port = (uint16_t)(reply[2 + left] * 256 + reply[3 + left]);
    return reply[1];
}

int socks_begin(uint16_t socks, const char *host, uint16_t port)
{
    int descriptor = net_connect(socks);
    uint8_t method[2];

    socks_greet(descriptor);
    expect(net_read_all(descriptor, method, 2) == 2 && method[0] == 5 && method[1] == 0,
           "no answer to the SOCKS greeting");
    socks_request(descriptor, 1, host, port);
    return descriptor;
}

int socks_connect_to(uint16_t socks, const char *host, uint16_t port, int *code)
{
    int descriptor = socks_begin(socks, host, port);
    int got = socks_reply_read(descriptor, NULL);

    if (code != NULL)
        *code = got;
    else
        expect(got == 0, "SOCKS reply %d for %s port %u", got, host, (unsigned)port);
    return descriptor;
}

int socks_connect(uint16_t socks, uint16_t port)
{
    return socks_connect_to(socks, "127.0.0.1", port, NULL);
}

struct pattern_sending {
    int descriptor;
    uint64_t seed;
    size_t size;
};

static void *send_pattern(void *context)
{
    struct pattern_sending sending = *(struct pattern_sending *)context;

    free(context);
    pattern_write(sending.descriptor, sending.seed, 0, sending.size);
    return NULL;
}

void must_echo(int descriptor, uint64_t seed, size_t size)
{
    struct pattern_sending *sending = malloc(sizeof *sending);

    expect(sending != NULL, "no memory");
    sending->descriptor = descriptor;
    sending->seed = seed;
    sending->size = size;
    thread_start(send_pattern, sending);
    expect(pattern_read(descriptor, seed, 0, size), "an echo of %zu bytes came back wrong", size);
}
