/* What raw peers say, and what they expect to hear. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"
#include "runner.h"

size_t put_frame(uint8_t *out, uint8_t command, uint32_t stream, const void *data, size_t size)
{
    const uint8_t header[7] = {command,
                               (uint8_t)(stream >> 24),
                               (uint8_t)(stream >> 16),
                               (uint8_t)(stream >> 8),
                               (uint8_t)stream,
                               (uint8_t)(size >> 8),
                               (uint8_t)size};

    memcpy(out, header, 7);
    if (size > 0)
        memcpy(out + 7, data, size);
    return 7 + size;
}

size_t put_preamble(uint8_t *out, const char *password, uint16_t padding)
{
    EVP_Digest(password, strlen(password), out, NULL, EVP_sha256(), NULL);
    out[32] = (uint8_t)(padding >> 8);
    out[33] = (uint8_t)padding;
    memset(out + 34, 0, padding);
    return 34 + (size_t)padding;
}

static const char default_scheme[] =
    "stop=8\n0=30-30\n1=100-400\n2=400-500,c,500-1000,c,500-1000,c,500-1000,c,500-1000\n"
    "3=9-9,500-1000\n4=500-1000\n5=500-1000\n6=500-1000\n7=500-1000";

size_t put_settings(uint8_t *out)
{
    char text[128];
    uint8_t md5[EVP_MAX_MD_SIZE];
    size_t size = (size_t)snprintf(text, sizeof text, "v=2\nclient=raw/1\npadding-md5=");

    EVP_Digest(default_scheme, sizeof default_scheme - 1, md5, NULL, EVP_md5(), NULL);
    for (size_t i = 0; i < 16; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%02x", md5[i]);
    return put_frame(out, SETTINGS, 0, text, size);
}

size_t put_destination(uint8_t *out, uint16_t port)
{
    const uint8_t bytes[7] = {1, 127, 0, 0, 1, (uint8_t)(port >> 8), (uint8_t)port};

    memcpy(out, bytes, 7);
    return 7;
}

void peer_send(struct peer *peer, uint8_t command, uint32_t stream, const void *data, size_t size)
{
    uint8_t *bytes = malloc(7 + size);

    expect(bytes != NULL, "no memory");
    peer_write(peer, bytes, put_frame(bytes, command, stream, data, size));
    free(bytes);
}

void peer_greet(struct peer *peer, const char *password)
{
    uint8_t bytes[512];
    size_t size = put_preamble(bytes, password, 30);

    peer_write(peer, bytes, size);
    peer_write(peer, bytes, put_settings(bytes));
}

void peer_open(struct peer *peer, uint32_t stream, uint16_t port)
{
    uint8_t bytes[64];
    uint8_t destination[7];
    size_t size = put_frame(bytes, SYN, stream, NULL, 0);

    size += put_frame(bytes + size, PSH, stream, destination, put_destination(destination, port));
    peer_write(peer, bytes, size);
}

void peer_must_open(struct peer *peer, uint32_t stream, uint16_t port)
{
    struct frame frame;

    peer_open(peer, stream, port);
    peer_find(peer, &frame, SYNACK);
    expect(frame.stream == stream && frame.size == 0, "stream %u refused: %s", (unsigned)stream,
           (const char *)frame.data);
}

void peer_welcome(struct peer *peer, struct frame *frame)
{
    uint8_t preamble[34];
    uint8_t padding[65535];

    peer_take(peer, preamble, sizeof preamble);
    peer_take(peer, padding, (size_t)preamble[32] * 256 + preamble[33]);
    peer_must_get(peer, frame, SETTINGS, 0);
    peer_send(peer, SERVER_SETTINGS, 0, "v=2", 3);
}

uint32_t peer_take_stream(struct peer *peer, struct frame *frame)
{
    uint32_t stream;

    peer_find(peer, frame, SYN);
    stream = frame->stream;
    peer_must_get(peer, frame, PSH, stream);
    return stream;
}

void peer_serve_echo(struct peer *peer)
{
    struct frame *frame = malloc(sizeof *frame);

    expect(frame != NULL, "no memory");
    while (peer_frame(peer, frame, UINT32_MAX)) {
        if (frame->command == SYN) {
            uint32_t stream = frame->stream;

            peer_must_get(peer, frame, PSH, stream);
            peer_send(peer, SYNACK, stream, NULL, 0);
        } else if (frame->command == PSH) {
            peer_send(peer, PSH, frame->stream, frame->data, frame->size);
        } else if (frame->command == HEART_REQUEST) {
            peer_send(peer, HEART_RESPONSE, frame->stream, NULL, 0);
        }
    }
    free(frame);
}

void peer_must_get_pattern(struct peer *peer, uint32_t stream, uint64_t seed, size_t size)
{
    struct frame *frame = malloc(sizeof *frame);
    size_t done = 0;

    expect(frame != NULL, "no memory");
    while (done < size) {
        peer_must_get(peer, frame, PSH, stream);
        expect(done + frame->size <= size, "more than %zu bytes", size);
        expect(pattern_is(seed, done, frame->data, frame->size), "wrong bytes behind %zu", done);
        done += frame->size;
    }
    free(frame);
}
