/* The part of session_bench that writes. */
#include <stdio.h>
#include <stdlib.h>

#include "functions.h"
#include "shared.h"

#define CLIENTS 64u
#define SHAPED_WRITES 6u /* 2 to 7: the preamble was 0, the stream's opening 1 */

/* Connections over a transport that only counts: what remains is shaping and framing. */
struct writing {
    struct anytls_connection *clients; /* CLIENTS of them */
    size_t size;
    uint64_t records; /* that left */
    uint64_t left;    /* bytes that left */
    uint64_t failed;
};

static enum anytls_io_status count_write(void *context, const uint8_t *bytes, size_t size,
                                         uint64_t deadline)
{
    struct writing *self = context;

    (void)deadline;
    bench_use(bytes);
    self->records++;
    self->left += size;
    return ANYTLS_IO_OK;
}

static uint64_t no_time(void *context)
{
    (void)context;
    return 0;
}

static uint32_t same_number(void *context)
{
    (void)context;
    return 77777;
}

static void connect_one(struct writing *self, struct anytls_connection *client)
{
    struct anytls_transport transport = {self, NULL, count_write, no_time, same_number};

    if (anytls_connect(client, pair_config(), transport) != ANYTLS_OK ||
        anytls_open(client, pair_destination()).status != ANYTLS_OK)
        self->failed++;
}

static void writing_prepare(void *context, uint64_t count)
{
    struct writing *self = context;

    for (uint64_t i = 0; i < count; i++)
        connect_one(self, &self->clients[i]);
    self->records = 0;
    self->left = 0;
}

static void write_one(struct writing *self, struct anytls_connection *client)
{
    if (anytls_write(client, 1, pair_payload(), self->size) != ANYTLS_OK)
        self->failed++;
}

static void shaped_run(void *context, uint64_t count)
{
    struct writing *self = context;

    for (uint64_t i = 0; i < count; i++)
        for (size_t j = 0; j < SHAPED_WRITES; j++)
            write_one(self, &self->clients[i]);
}

static bool shaped_right(void *context)
{
    struct writing *self = context;

    /* Each of these writes carries 500 bytes or more, most of it padding where there is less. */
    return self->failed == 0 && self->records >= SHAPED_WRITES && self->left > 6 * 400 &&
           !anytls_session_shaped(&self->clients[0].endpoint.session);
}

static void begin_run(void *context, uint64_t count)
{
    struct writing *self = context;

    for (uint64_t i = 0; i < count; i++)
        connect_one(self, &self->clients[i]);
}

static bool begin_right(void *context)
{
    struct writing *self = context;

    return self->failed == 0 && self->records == 2 && self->left >= 64 + 100;
}

static void later_prepare(void *context, uint64_t count)
{
    (void)count;
    writing_prepare(context, 1);
    shaped_run(context, 1);
}

static void later_run(void *context, uint64_t count)
{
    struct writing *self = context;

    for (uint64_t i = 0; i < count; i++)
        write_one(self, &self->clients[0]);
}

static bool later_right(void *context)
{
    struct writing *self = context;
    uint64_t before = self->left;

    later_run(self, 1);
    return self->failed == 0 && self->left - before == self->size + ANYTLS_FRAME_HEADER_SIZE;
}

void bench_session_write_frame(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096};
    struct writing writing = {.clients = calloc(CLIENTS, sizeof(struct anytls_connection))};
    struct bench_row row = {.parameters = "writes 0 and 1",
                            .context = &writing,
                            .prepare = writing_prepare,
                            .run = begin_run,
                            .check = begin_right,
                            .elements = 2,
                            .count_max = CLIENTS};
    char name[64];

    if (writing.clients == NULL) {
        bench_fail(bench, "out of memory");
        return;
    }
    bench_measure(bench, &row);
    row.parameters = name;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        writing.size = sizes[i];
        snprintf(name, sizeof name, "writes 2-7 of %zu", sizes[i]);
        row = (struct bench_row){name,       &writing,     writing_prepare,
                                 shaped_run, shaped_right, SHAPED_WRITES * sizes[i],
                                 0,          CLIENTS};
        bench_measure(bench, &row);
        snprintf(name, sizeof name, "later writes of %zu", sizes[i]);
        row = (struct bench_row){name, &writing, later_prepare, later_run, later_right, sizes[i],
                                 0,    0};
        bench_measure(bench, &row);
    }
    free(writing.clients);
}

/* What of the distance to OpenSSL alone is the second record that a header makes necessary, and what
 * the buffers that are given back. */
static void bare_parts_measure(struct bench *bench, struct bare_sending *bare)
{
    struct bench_row row = {
        .context = bare, .run = bare_sending_run, .check = bare_sending_arrived, .bytes = 16384};

    bare->size = 16384 + ANYTLS_FRAME_HEADER_SIZE;
    row.parameters = "16384 and 7 by OpenSSL alone";
    bench_measure(bench, &row);
    SSL_set_mode(bare->bare.client, SSL_MODE_RELEASE_BUFFERS);
    SSL_set_mode(bare->bare.server, SSL_MODE_RELEASE_BUFFERS);
    row.parameters = "16384 and 7 by OpenSSL alone, buffers released";
    bench_measure(bench, &row);
}

void bench_session_write_data_frame(struct bench *bench)
{
    static const size_t sizes[] = {64, 256, 1024, 4096, 16384};
    struct bare_sending bare = {.writes = 1};
    struct sending plain = {.writes = 1, .read = true};
    struct sending tls = {.writes = 1, .read = true};
    char name[64];

    sending_begin(&plain, false);
    sending_begin_fastest(&tls);
    bare_sending_begin(&bare);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bench_row row = {
            name, &plain, sending_prepare, sending_run, sending_arrived, sizes[i], 0, 0};

        plain.size = tls.size = bare.size = sizes[i];
        snprintf(name, sizeof name, "%zu in memory", sizes[i]);
        bench_measure(bench, &row);
        snprintf(name, sizeof name, "%zu over TLS", sizes[i]);
        row.context = &tls;
        bench_measure(bench, &row);
        snprintf(name, sizeof name, "%zu by OpenSSL alone", sizes[i]);
        row = (struct bench_row){name,     &bare, NULL, bare_sending_run, bare_sending_arrived,
                                 sizes[i], 0,     0};
        bench_measure(bench, &row);
    }
    bare_parts_measure(bench, &bare);
    bare_end(&bare.bare);
    sending_end(&plain);
    sending_end(&tls);
}

void bench_session_multiple_streams(struct bench *bench)
{
    static const uint32_t counts[] = {1, 5, 10, 20, 50, 256, 1000, 10000};
    char name[64];

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct sending sending = {
            .streams = counts[i], .size = 1024, .writes = counts[i], .read = true};
        struct bench_row row = {.parameters = name,
                                .context = &sending,
                                .prepare = sending_prepare,
                                .run = sending_run,
                                .check = sending_arrived,
                                .bytes = 1024 * (uint64_t)counts[i]};

        snprintf(name, sizeof name, "%u streams", (unsigned)counts[i]);
        if (!bench_wants(bench, name))
            continue;
        sending_begin(&sending, false);
        bench_measure(bench, &row);
        sending_end(&sending);
    }
}
