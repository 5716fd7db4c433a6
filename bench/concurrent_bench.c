/* Many sessions and many streams at once. */
#include <stdio.h>
#include <stdlib.h>

#include "chain.h"
#include "functions.h"
#include "live.h"
#include "shared.h"

/* ---- Sessions in memory ---- */

#define PAIRS_MAX 100u
#define LIVE_MAX 2000u

struct pairs {
    struct pair *all[PAIRS_MAX];
    size_t count;
    size_t streams; /* in each */
};

static void pairs_begin(struct pairs *self)
{
    for (size_t i = 0; i < self->count; i++)
        self->all[i] = pair_new(false);
}

static void pairs_end(struct pairs *self)
{
    for (size_t i = 0; i < self->count; i++)
        pair_free(self->all[i]);
}

static void sessions_run(void *context, uint64_t count)
{
    struct pairs *self = context;

    for (uint64_t i = 0; i < count; i++) {
        for (size_t j = 0; j < self->count; j++) {
            pair_begin(self->all[j]);
            pair_connect(self->all[j]);
            pair_open(self->all[j]); /* Settings leave with it */
        }
    }
}

static bool sessions_right(void *context)
{
    struct pairs *self = context;

    for (size_t i = 0; i < self->count; i++)
        if (self->all[i]->failed || self->all[i]->streams_accepted != 1)
            return false;
    return true;
}

/* ---- Sessions over TLS, all of them live at the same time ---- */

struct lives {
    struct chain *chain;
    struct live *all;
    size_t count;
    size_t open;
    const char *error;
};

static void lives_close(void *context, uint64_t count)
{
    struct lives *self = context;

    (void)count;
    while (self->open > 0)
        live_close(&self->all[--self->open]);
}

static void lives_run(void *context, uint64_t count)
{
    struct lives *self = context;

    for (uint64_t i = 0; i < count && self->error == NULL; i++) {
        lives_close(self, 1);
        while (self->open < self->count && self->error == NULL) {
            struct live *live = &self->all[self->open++];

            if (!live_echo(live, live_config(CHAIN_PASSWORD), self->chain->server_port,
                           self->chain->target_port, 1))
                self->error = live->error;
        }
    }
}

/* The first is still there when the last has come. */
static bool lives_right(void *context)
{
    struct lives *self = context;
    struct live *first = &self->all[0];

    if (self->error != NULL || self->open != self->count)
        fprintf(stderr, "anytls-bench: session %zu: %s\n", self->open,
                self->error != NULL ? self->error : "missing");
    else if (live_open(first, self->chain->target_port) &&
             live_send(first, (const uint8_t[]){'E', 0, 0, 0, 0, 0, 0, 0, 1, 7}, 10))
        return live_read(first, 2) && first->last == 7;
    return false;
}

static void lives_measure(struct bench *bench, size_t count, const char *name)
{
    static struct lives lives;
    struct bench_row row = {.parameters = name,
                            .context = &lives,
                            .prepare = lives_close,
                            .run = lives_run,
                            .check = lives_right,
                            .elements = count,
                            .count_max = 1};

    if (!bench_wants(bench, name) || (lives.chain = chain_get(bench)) == NULL)
        return;
    lives.all = calloc(count, sizeof *lives.all);
    if (lives.all == NULL) {
        bench_fail(bench, "out of memory");
        return;
    }
    lives.count = count;
    lives.error = NULL;
    bench_measure(bench, &row);
    lives_close(&lives, 1);
    free(lives.all);
}

void bench_concurrent_session_creation(struct bench *bench)
{
    static const size_t counts[] = {1, 5, 10, 20, 50, 100};
    static struct pairs pairs;
    char name[48];

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &pairs,
                                .run = sessions_run,
                                .check = sessions_right,
                                .elements = counts[i]};

        snprintf(name, sizeof name, "%zu sessions in memory", counts[i]);
        if (!bench_wants(bench, name))
            continue;
        pairs.count = counts[i];
        pairs_begin(&pairs);
        bench_measure(bench, &row);
        pairs_end(&pairs);
    }
    lives_measure(bench, 1000, "1000 live sessions over TLS");
    lives_measure(bench, LIVE_MAX, "2000 live sessions over TLS");
}

/* ---- Streams ---- */

struct opening {
    struct pair *pair;
    size_t count;
    uint64_t finished;
};

static void opening_run(void *context, uint64_t count)
{
    struct opening *self = context;

    for (uint64_t i = 0; i < count; i++) {
        for (size_t j = 0; j < self->count; j++)
            pair_open(self->pair);
        self->finished = self->pair->client.endpoint.session.streams.count;
        for (size_t j = 0; j < self->count; j++)
            pair_finish(self->pair, self->pair->stream - (uint32_t)j);
        pair_serve(self->pair);
    }
}

static bool opening_right(void *context)
{
    struct opening *self = context;

    return !self->pair->failed && self->finished == self->count &&
           self->pair->server.endpoint.session.streams.count == 0;
}

void bench_concurrent_stream_creation(struct bench *bench)
{
    static const size_t counts[] = {1, 5, 10, 20, 50, 100};
    struct opening opening = {.pair = pair_new(false)};
    char name[48];

    pair_connect(opening.pair);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &opening,
                                .run = opening_run,
                                .check = opening_right,
                                .elements = counts[i]};

        opening.count = counts[i];
        snprintf(name, sizeof name, "%zu streams opened and then closed", counts[i]);
        bench_measure(bench, &row);
    }
    pair_free(opening.pair);
}

void bench_concurrent_stream_data_send(struct bench *bench)
{
    static const uint32_t counts[] = {5, 10, 20, 50};
    char name[48];

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct sending sending = {
            .streams = counts[i], .size = 1024, .writes = 10 * (size_t)counts[i], .read = true};
        struct bench_row row = {.parameters = name,
                                .context = &sending,
                                .prepare = sending_prepare,
                                .run = sending_run,
                                .check = sending_arrived,
                                .bytes = 10240 * (uint64_t)counts[i]};

        snprintf(name, sizeof name, "%u streams x 10 x 1024", (unsigned)counts[i]);
        sending_begin(&sending, false);
        bench_measure(bench, &row);
        sending_end(&sending);
    }
}

/* ---- Sessions with streams ---- */

static void streams_run(void *context, uint64_t count)
{
    struct pairs *self = context;

    for (uint64_t i = 0; i < count; i++) {
        sessions_run(self, 1);
        for (size_t j = 0; j < self->count; j++)
            for (size_t k = 1; k < self->streams; k++)
                pair_open(self->all[j]);
        for (size_t k = 1; k <= self->streams; k++)
            for (size_t j = 0; j < self->count; j++)
                pair_write(self->all[j], (uint32_t)k, 1024);
        for (size_t j = 0; j < self->count; j++)
            pair_serve(self->all[j]);
    }
}

static bool streams_right(void *context)
{
    struct pairs *self = context;

    for (size_t i = 0; i < self->count; i++)
        if (self->all[i]->failed || self->all[i]->streams_accepted != self->streams ||
            self->all[i]->at_server != 1024 * self->streams)
            return false;
    return true;
}

void bench_concurrent_multi_session_multi_stream(struct bench *bench)
{
    static const size_t cases[][2] = {{2, 5}, {5, 10}, {10, 10}};
    static struct pairs pairs;
    char name[48];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench_row row = {.parameters = name,
                                .context = &pairs,
                                .run = streams_run,
                                .check = streams_right,
                                .bytes = 1024 * cases[i][0] * cases[i][1]};

        pairs.count = cases[i][0];
        pairs.streams = cases[i][1];
        snprintf(name, sizeof name, "%zu sessions x %zu streams with 1024", pairs.count,
                 pairs.streams);
        pairs_begin(&pairs);
        bench_measure(bench, &row);
        pairs_end(&pairs);
    }
}
