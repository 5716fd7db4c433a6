#include "http.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner.h"

#define HEAD_MAX 16384u

struct exchange {
    struct target *target;
    int descriptor;
    char head[HEAD_MAX + 1]; /* of the request, and what came behind it */
    size_t size;
    size_t head_size; /* 0: not whole */
    bool last;        /* the connection ends with it */
};

static void hex_write(const uint8_t *bytes, size_t size, char *text)
{
    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

void sha256_text(const void *bytes, size_t size, char *text)
{
    uint8_t digest[EVP_MAX_MD_SIZE];

    expect(EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL) == 1, "no SHA-256");
    hex_write(digest, 32, text);
}

static bool read_head(struct exchange *exchange)
{
    for (;;) {
        const char *end = strstr(exchange->head, "\r\n\r\n");
        ssize_t got;

        if (end != NULL) {
            exchange->head_size = (size_t)(end - exchange->head) + 4;
            return true;
        }
        if (exchange->size == HEAD_MAX)
            return false;
        got = recv(exchange->descriptor, exchange->head + exchange->size, HEAD_MAX - exchange->size,
                   0);
        if (got <= 0) {
            counter_add(got == 0 ? &exchange->target->ended : &exchange->target->reset, 1);
            return false;
        }
        exchange->size += (size_t)got;
        exchange->head[exchange->size] = '\0';
        counter_add(&exchange->target->received, (uint64_t)got);
    }
}

static void answer_head(struct exchange *exchange, const char *status, uint64_t length)
{
    char head[256];
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 %s\r\nContent-Length: %llu\r\n"
                        "Content-Type: application/octet-stream\r\n\r\n",
                        status, (unsigned long long)length);

    exchange->last = !net_write(exchange->descriptor, head, (size_t)size);
}

static void answer_text(struct exchange *exchange, const char *status, const char *text)
{
    answer_head(exchange, status, strlen(text));
    net_write(exchange->descriptor, text, strlen(text));
}

/* A slow reader is no fault: waits for as long as it takes. */
static bool send_pattern(struct exchange *exchange, uint64_t seed, uint64_t size)
{
    uint8_t bytes[65536];
    uint64_t offset = 0;

    while (offset < size) {
        size_t part = size - offset < sizeof bytes ? (size_t)(size - offset) : sizeof bytes;
        ssize_t sent;

        pattern_fill(seed, offset, bytes, part);
        sent = send(exchange->descriptor, bytes, part, MSG_NOSIGNAL);
        if (sent < 0) {
            counter_add(&exchange->target->reset, 1);
            return false;
        }
        offset += (uint64_t)sent;
        counter_add(&exchange->target->sent, (uint64_t)sent);
    }
    return true;
}

static void answer_file(struct exchange *exchange, const char *name)
{
    char path[4096];
    struct stat about;
    off_t offset = 0;
    int file;

    snprintf(path, sizeof path, "%s/%s",
             exchange->target->folder != NULL ? exchange->target->folder : ".", name);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || strstr(name, "..") != NULL || fstat(file, &about) != 0) {
        if (file >= 0)
            close(file);
        answer_text(exchange, "404 Not Found", "no such file\n");
        return;
    }
    answer_head(exchange, "200 OK", (uint64_t)about.st_size);
    while (offset < about.st_size)
        if (sendfile(exchange->descriptor, file, &offset, (size_t)(about.st_size - offset)) <= 0)
            break;
    exchange->last = offset < about.st_size;
    close(file);
}

static void answer_get(struct exchange *exchange, const char *path)
{
    static const char stream_head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    unsigned long long first = 0;
    unsigned long long second = 0;
    char text[256];

    if (sscanf(path, "/bytes/%llu/%llu", &first, &second) == 2) {
        answer_head(exchange, "200 OK", second);
        exchange->last = !send_pattern(exchange, first, second);
    } else if (sscanf(path, "/stream/%llu/%llu", &first, &second) == 2) {
        net_write(exchange->descriptor, stream_head, sizeof stream_head - 1);
        send_pattern(exchange, first, second);
        exchange->last = true;
    } else if (sscanf(path, "/short/%llu/%llu", &first, &second) == 2) {
        answer_head(exchange, "200 OK", second);
        send_pattern(exchange, first, second / 2);
        exchange->last = true;
    } else if (sscanf(path, "/after/%llu/%255[^ ]", &first, text) == 2) {
        poll(NULL, 0, (int)first);
        answer_text(exchange, "200 OK", text);
    } else if (strncmp(path, "/file/", 6) == 0 && sscanf(path, "/file/%255[^ ]", text) == 1) {
        answer_file(exchange, text);
    } else {
        answer_text(exchange, "404 Not Found", "no such thing\n");
    }
}

/* What came behind the head belongs to the body, then to the next request. */
static void answer_put(struct exchange *exchange)
{
    static const char wait[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const char *field = strcasestr(exchange->head, "\r\nContent-Length:");
    uint64_t left = field != NULL ? strtoull(field + 17, NULL, 10) : 0;
    const char *behind = exchange->head + exchange->head_size;
    size_t there = exchange->size - exchange->head_size;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t result[EVP_MAX_MD_SIZE];
    char text[65];

    EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    if (there > left)
        there = (size_t)left;
    EVP_DigestUpdate(digest, behind, there);
    exchange->head_size += there;
    left -= there;
    if (strcasestr(exchange->head, "100-continue") != NULL)
        net_write(exchange->descriptor, wait, sizeof wait - 1);
    while (left > 0) {
        char bytes[65536];
        ssize_t got =
            recv(exchange->descriptor, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes, 0);

        if (got <= 0)
            break;
        EVP_DigestUpdate(digest, bytes, (size_t)got);
        counter_add(&exchange->target->received, (uint64_t)got);
        left -= (uint64_t)got;
    }
    EVP_DigestFinal_ex(digest, result, NULL);
    EVP_MD_CTX_free(digest);
    hex_write(result, 32, text);
    answer_text(exchange, left == 0 ? "200 OK" : "400 Bad Request", text);
}

void serve_http(struct target *target, int descriptor)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    expect(exchange != NULL, "no memory");
    exchange->target = target;
    exchange->descriptor = descriptor;
    while (!exchange->last && read_head(exchange)) {
        if (strncmp(exchange->head, "GET ", 4) == 0)
            answer_get(exchange, exchange->head + 4);
        else if (strncmp(exchange->head, "PUT ", 4) == 0)
            answer_put(exchange);
        else
            answer_text(exchange, "501 Not Implemented", "GET and PUT alone\n");
        exchange->size -= exchange->head_size;
        memmove(exchange->head, exchange->head + exchange->head_size, exchange->size);
        exchange->head[exchange->size] = '\0';
    }
    free(exchange);
}
