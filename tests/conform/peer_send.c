/* What a scripted side sends, and how it ends. */
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer_inside.h"
#include "tls.h"

/* ---- Sending ---- */

void add_raw(struct peer *peer, struct oracle_bytes bytes)
{
    note(peer->run, "session %u > %zu bytes", peer->number, bytes.size);
    oracle_buffer_add(&peer->out, bytes);
}

void add_bytes(struct peer *peer, uint8_t command, uint32_t stream, struct oracle_bytes data)
{
    note_frame(peer, '>', command, stream, data);
    oracle_frame_write(&peer->out, command, stream, data);
}

void add(struct peer *peer, uint8_t command, uint32_t stream, const char *data)
{
    add_bytes(peer, command, stream, oracle_string(data));
}

void add_preamble(struct peer *peer, const char *password, uint16_t padding)
{
    uint8_t hash[32];

    hash_password(password, hash);
    note(peer->run, "session %u > preamble, padding0 of %u bytes", peer->number, padding);
    oracle_preamble_write(&peer->out, hash, padding);
}

void add_preamble_bytes(struct peer *peer, const char *password, struct oracle_bytes padding)
{
    uint8_t hash[32];

    hash_password(password, hash);
    note(peer->run, "session %u > preamble, padding0 of %zu bytes", peer->number, padding.size);
    oracle_buffer_add(&peer->out, (struct oracle_bytes){hash, sizeof hash});
    oracle_buffer_u16(&peer->out, (uint32_t)padding.size);
    oracle_buffer_add(&peer->out, padding);
}

struct oracle_bytes peer_take_out(struct peer *peer)
{
    struct oracle_bytes bytes = oracle_buffer_bytes(&peer->out);

    peer->out.size = 0;
    return bytes;
}

bool peer_left_is(const struct peer *peer, uint8_t byte)
{
    return peer->in.size > 0 && peer->in.at[0] == byte;
}

void add_settings(struct peer *peer, const char *text)
{
    add(peer, ORACLE_SETTINGS, 0, text);
}

static void scheme_md5(const struct options *options, char text[33])
{
    uint8_t digest[16];

    EVP_Digest(options->scheme, strlen(options->scheme), digest, NULL, EVP_md5(), NULL);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

void add_hello(struct peer *peer)
{
    struct oracle_buffer text = {0};
    char md5[33];

    scheme_md5(peer->run->options, md5);
    oracle_settings_client_write(&text, peer->run->options->protocol,
                                 oracle_string("anytls-conform/" ANYTLS_VERSION), md5);
    add_bytes(peer, ORACLE_SETTINGS, 0, oracle_buffer_bytes(&text));
    oracle_buffer_free(&text);
}

/* Writes bytes; what comes meanwhile is read, so that two full pipes do not wait for each other. */
static void write_all(struct peer *peer, const uint8_t *bytes, size_t size)
{
    uint64_t until = deadline(peer->run) + 5 * peer->run->options->timeout;

    save_bytes(peer, "sent", bytes, size);
    while (size > 0 && !peer->closed) {
        size_t written = 0;
        int result = SSL_write_ex(peer->ssl, bytes, size, &written);

        if (result == 1) {
            bytes += written;
            size -= written;
            continue;
        }
        result = SSL_get_error(peer->ssl, result);
        if (result != SSL_ERROR_WANT_WRITE && result != SSL_ERROR_WANT_READ) {
            pull(peer); /* what came before the end */
            peer->closed = true;
            return;
        }
        if (!wait_for(peer->descriptor, (short)(POLLOUT | (peer->deaf ? 0 : POLLIN)), until))
            fail(peer->run, "takes no more: %zu bytes could not be sent in %u ms", size,
                 6 * peer->run->options->timeout);
        while (!peer->deaf && pull(peer))
            ;
    }
}

void flush(struct peer *peer)
{
    write_all(peer, peer->out.at, peer->out.size);
    peer->out.size = 0;
}

void flush_in_pieces(struct peer *peer, size_t size)
{
    for (size_t at = 0; at < peer->out.size; at += size) {
        write_all(peer, peer->out.at + at, peer->out.size - at < size ? peer->out.size - at : size);
        usleep(1000); /* so that they are not joined on their way */
    }
    peer->out.size = 0;
}

void send_frame(struct peer *peer, uint8_t command, uint32_t stream, const char *data)
{
    add(peer, command, stream, data);
    flush(peer);
}

/* ---- Ending ---- */

void peer_cut(struct peer *peer)
{
    struct linger linger = {1, 0};

    setsockopt(peer->descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(peer->descriptor);
    peer->closed = true;
    note(peer->run, "session %u > reset", peer->number);
}

void peer_close(struct peer *peer)
{
    SSL_shutdown(peer->ssl);
    shutdown(peer->descriptor, SHUT_WR);
    note(peer->run, "session %u > close", peer->number);
}

void peer_shut(struct peer *peer)
{
    shutdown(peer->descriptor, SHUT_WR);
    note(peer->run, "session %u > end of TCP", peer->number);
}

void peer_stop_reading(struct peer *peer, bool stop)
{
    peer->deaf = stop;
}
