/* anytls-server and anytls-client, joined; and what runs through them. */
#ifndef TESTS_E2E_CHAIN_H
#define TESTS_E2E_CHAIN_H

#include "net.h"
#include "process.h"

#define PASSWORD "a password"

/* Starts anytls-server with -l on a free port, the password, --workers 1, --allow-local, -v, and
 * what else is given. NULL stands for nothing. */
#define server_start(...) server_start_with(OPTIONS(__VA_ARGS__))
struct program *server_start_with(const char *const *options);

/* The same with nothing but -l on a free port, and the options. */
#define plain_server_start(...) plain_server_start_with(OPTIONS(__VA_ARGS__))
struct program *plain_server_start_with(const char *const *options);

/* Starts anytls-client towards a port of 127.0.0.1, with -l on a free port, the password,
 * --insecure and -v. */
#define client_start(server, ...) client_start_with(server, OPTIONS(__VA_ARGS__))
struct program *client_start_with(uint16_t server, const char *const *options);

#define plain_client_start(...) plain_client_start_with(OPTIONS(__VA_ARGS__))
struct program *plain_client_start_with(const char *const *options);

struct chain {
    struct program *server;
    struct program *client;
    uint16_t server_port;
    uint16_t socks;
};

/* Both, without further options. */
struct chain chain_start(void);

/* ---- curl ---- */

/* Starts curl through the SOCKS port, silent but for errors. */
#define curl_start(socks, ...) curl_start_with(socks, OPTIONS(__VA_ARGS__))
struct program *curl_start_with(uint16_t socks, const char *const *options);

/* Runs it to its end, and returns its exit code. */
#define curl(socks, ...) curl_with(socks, OPTIONS(__VA_ARGS__))
int curl_with(uint16_t socks, const char *const *options);

/* An URL of a target on 127.0.0.1, in one of a few static texts. */
const char *url(uint16_t port, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- Files in the test's folder ---- */

void file_write(const char *path, const void *bytes, size_t size);
void file_write_pattern(const char *path, uint64_t seed, size_t size);

/* Certificate and key of a name, self-signed, as PEM text. */
void file_write_certificate(const char *path, const char *name);

/* Its bytes, with a zero byte behind them; fails the test if there is none. */
uint8_t *file_read(const char *path, size_t *size);
bool file_is_pattern(const char *path, uint64_t seed, size_t size);

/* ---- SOCKS ---- */

#define SOCKS_NO_REPLY (-1)

/* Asks for a destination, an address or a name, and returns the connection; code: the reply's code,
 * or SOCKS_NO_REPLY. The test fails unless code is NULL or the answer came. */
int socks_connect_to(uint16_t socks, const char *host, uint16_t port, int *code);

/* The same for a target on 127.0.0.1; it must succeed. */
int socks_connect(uint16_t socks, uint16_t port);

/* The same without waiting for the reply. */
int socks_begin(uint16_t socks, const char *host, uint16_t port);

/* Sends a greeting and a request: the parts of the above. */
void socks_greet(int descriptor);
void socks_request(int descriptor, uint8_t command, const char *host, uint16_t port);

/* An address or a name as SOCKS has it; returns the size. */
size_t socks_address_put(const char *host, uint16_t port, uint8_t *out);

/* Reads a reply; returns its code, or SOCKS_NO_REPLY. port: of its address; may be NULL. */
int socks_reply_read(int descriptor, uint16_t *port);

/* A round trip through an echo on this connection. */
void must_echo(int descriptor, uint64_t seed, size_t size);

#endif
