/* TLS apart from the socket, over memory BIOs: a read takes up to 256 KiB, and all records that
 * come of it leave with one call. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "relay.h"

static uint8_t area[RELAY_AREA];
static uint8_t plain_area[RELAY_AREA + 32768]; /* what a read completes, too */

/* What could not be sent at once, each way; seldom more than nothing. */
struct pending {
    uint8_t *down;
    size_t down_start, down_size;
    size_t up_start; /* of what the write BIO holds */
};

static bool begin(struct relay_pair *pair)
{
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());

    pair->user = calloc(1, sizeof(struct pending));
    if (pair->user == NULL || in == NULL || out == NULL)
        return false;
    SSL_set_bio(pair->ssl, in, out);
    return true;
}

/* Sends what the write BIO holds. */
static enum relay_move flush(struct relay_pair *pair)
{
    struct pending *self = pair->user;
    BIO *out = SSL_get_wbio(pair->ssl);
    char *bytes;
    long size = BIO_get_mem_data(out, &bytes);
    enum relay_move move = RELAY_MOVED;

    if (size > 0)
        move = relay_send(pair->secure, (const uint8_t *)bytes, &self->up_start, (size_t)size);
    if (move != RELAY_MOVED)
        return move;
    self->up_start = 0;
    BIO_reset(out);
    return move;
}

static enum relay_move feed(struct relay_pair *pair)
{
    ssize_t got = recv(pair->secure, area, sizeof area, 0);

    if (got <= 0)
        return got < 0 && errno == EAGAIN ? RELAY_WAIT_READ : RELAY_ENDED;
    return BIO_write(SSL_get_rbio(pair->ssl), area, (int)got) == (int)got ? RELAY_MOVED
                                                                          : RELAY_ENDED;
}

static enum relay_move handshake(struct relay_pair *pair)
{
    while (true) {
        int returned = SSL_do_handshake(pair->ssl);
        enum relay_move move = flush(pair);

        if (move != RELAY_MOVED)
            return move;
        if (returned == 1)
            return RELAY_MOVED;
        if (SSL_get_error(pair->ssl, returned) != SSL_ERROR_WANT_READ)
            return RELAY_ENDED;
        move = feed(pair);
        if (move != RELAY_MOVED)
            return move;
    }
}

static enum relay_move up(struct relay_pair *pair)
{
    enum relay_move move = flush(pair);
    ssize_t got;
    size_t done;

    if (move != RELAY_MOVED)
        return move;
    got = recv(pair->plain, area, sizeof area, 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN ? RELAY_WAIT_READ : RELAY_ENDED;
    for (size_t at = 0; at < (size_t)got; at += done)
        if (SSL_write_ex(pair->ssl, area + at, (size_t)got - at, &done) != 1)
            return RELAY_ENDED;
    return flush(pair);
}

/* Sends plaintext, and keeps what the socket does not take. */
static enum relay_move pass_on(struct relay_pair *pair, size_t size)
{
    struct pending *self = pair->user;
    size_t start = 0;
    enum relay_move move = relay_send(pair->plain, plain_area, &start, size);

    if (move != RELAY_WAIT_WRITE)
        return move;
    self->down_start = 0;
    self->down_size = size - start;
    self->down = malloc(self->down_size);
    if (self->down == NULL)
        return RELAY_ENDED;
    memcpy(self->down, plain_area + start, self->down_size);
    return move;
}

static enum relay_move down(struct relay_pair *pair)
{
    struct pending *self = pair->user;
    enum relay_move move = RELAY_MOVED;
    size_t size = 0;
    size_t done = 0;

    if (self->down != NULL) {
        move = relay_send(pair->plain, self->down, &self->down_start, self->down_size);
        if (move != RELAY_MOVED)
            return move;
        free(self->down);
        self->down = NULL;
    }
    if (BIO_ctrl_pending(SSL_get_rbio(pair->ssl)) == 0 && SSL_pending(pair->ssl) == 0)
        move = feed(pair);
    if (move != RELAY_MOVED)
        return move;
    while (size < sizeof plain_area &&
           SSL_read_ex(pair->ssl, plain_area + size, sizeof plain_area - size, &done) == 1)
        size += done;
    if (size > 0)
        return pass_on(pair, size);
    if ((SSL_get_shutdown(pair->ssl) & SSL_RECEIVED_SHUTDOWN) != 0)
        return RELAY_ENDED;
    return feed(pair); /* a record has come in part */
}

static void end(struct relay_pair *pair)
{
    struct pending *self = pair->user;

    if (self == NULL)
        return;
    flush(pair); /* the end of TLS */
    free(self->down);
    free(self);
}

int main(int argc, char **argv)
{
    static const struct relay_way way = {"batched", begin, handshake, up, down, end};

    return relay_main(argc, argv, &way);
}
