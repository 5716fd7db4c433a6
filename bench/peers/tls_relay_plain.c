/* The textbook: OpenSSL is given the socket. One SSL_read or SSL_write is a record of 16 KiB. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "relay.h"

#define RECORD 16384u

/* What has been read and not yet sent, each way. */
struct pending {
    uint8_t up[RECORD];
    uint8_t down[RECORD];
    size_t up_start, up_size;
    size_t down_start, down_size;
};

static bool begin(struct relay_pair *pair)
{
    pair->user = calloc(1, sizeof(struct pending));
    return pair->user != NULL && SSL_set_fd(pair->ssl, pair->secure) == 1;
}

static enum relay_move result_of(struct relay_pair *pair, int returned)
{
    switch (SSL_get_error(pair->ssl, returned)) {
    case SSL_ERROR_WANT_READ: return RELAY_WAIT_READ;
    case SSL_ERROR_WANT_WRITE: return RELAY_WAIT_WRITE;
    default: return RELAY_ENDED;
    }
}

static enum relay_move handshake(struct relay_pair *pair)
{
    int returned = SSL_do_handshake(pair->ssl);

    return returned == 1 ? RELAY_MOVED : result_of(pair, returned);
}

static enum relay_move up(struct relay_pair *pair)
{
    struct pending *self = pair->user;

    if (self->up_start == self->up_size) {
        ssize_t got = recv(pair->plain, self->up, RECORD, 0);

        if (got <= 0)
            return got < 0 && errno == EAGAIN ? RELAY_WAIT_READ : RELAY_ENDED;
        self->up_start = 0;
        self->up_size = (size_t)got;
    }
    while (self->up_start < self->up_size) {
        size_t done = 0;
        int returned = SSL_write_ex(pair->ssl, self->up + self->up_start,
                                    self->up_size - self->up_start, &done);

        if (returned != 1)
            return result_of(pair, returned);
        self->up_start += done;
    }
    return RELAY_MOVED;
}

static enum relay_move down(struct relay_pair *pair)
{
    struct pending *self = pair->user;

    if (self->down_start == self->down_size) {
        int returned;

        self->down_start = self->down_size = 0;
        returned = SSL_read_ex(pair->ssl, self->down, RECORD, &self->down_size);
        if (returned != 1)
            return result_of(pair, returned);
    }
    return relay_send(pair->plain, self->down, &self->down_start, self->down_size);
}

static void end(struct relay_pair *pair)
{
    free(pair->user);
}

int main(int argc, char **argv)
{
    static const struct relay_way way = {"plain", begin, handshake, up, down, end};

    return relay_main(argc, argv, &way);
}
