/* Datagrams through client and server program to an echo and back; set-up is outside. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chain.h"
#include "functions.h"
#include "net.h"
#include "pair.h"

#define HEADER_SIZE 10u /* SOCKS 5: RSV, FRAG, type, IPv4 address, port */
#define DATAGRAM_MAX 2048u

struct datagrams {
    int descriptor;
    size_t size;
    size_t rounds;
    uint8_t out[HEADER_SIZE + DATAGRAM_MAX];
    uint8_t back[HEADER_SIZE + DATAGRAM_MAX];
    uint64_t lost;
};

static void round_trip(struct datagrams *self)
{
    ssize_t size = (ssize_t)(HEADER_SIZE + self->size);

    if (send(self->descriptor, self->out, (size_t)size, 0) != size ||
        recv(self->descriptor, self->back, sizeof self->back, 0) != size)
        self->lost++;
}

static void rounds_run(void *context, uint64_t count)
{
    struct datagrams *self = context;

    for (uint64_t i = 0; i < count && self->lost == 0; i++)
        for (size_t j = 0; j < self->rounds; j++)
            round_trip(self);
}

static bool rounds_right(void *context)
{
    struct datagrams *self = context;

    return self->lost == 0 && memcmp(self->back + HEADER_SIZE, pair_payload(), self->size) == 0;
}

void bench_udp_round_trips(struct bench *bench)
{
    static const size_t cases[][2] = {{64, 5}, {256, 5}, {1024, 3}};
    static struct datagrams datagrams;
    struct chain *chain;
    char name[32];
    int control;

    if (!bench_wants(bench, "") || (chain = chain_get(bench)) == NULL)
        return;
    datagrams.descriptor = net_udp_associate(chain->socks_port, &control);
    if (datagrams.descriptor < 0) {
        bench_fail(bench, "the client takes no UDP ASSOCIATE");
        return;
    }
    memcpy(datagrams.out, (const uint8_t[]){0, 0, 0, 1, 127, 0, 0, 1}, 8);
    datagrams.out[8] = (uint8_t)(chain->datagram_port >> 8);
    datagrams.out[9] = (uint8_t)chain->datagram_port;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &datagrams,
                                .run = rounds_run,
                                .check = rounds_right,
                                .elements = cases[i][1]};

        datagrams.size = cases[i][0];
        datagrams.rounds = cases[i][1];
        memcpy(datagrams.out + HEADER_SIZE, pair_payload(), datagrams.size);
        snprintf(name, sizeof name, "%zu x %zu", datagrams.rounds, datagrams.size);
        bench_measure(bench, &row);
    }
    close(datagrams.descriptor);
    close(control);
}
