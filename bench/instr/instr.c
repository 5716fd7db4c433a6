/* anytls-bench-instr: the pure functions of the core, each run a fixed number of times, so that
 * callgrind can count their instructions: `make bench-instr`. It measures no time.
 *
 * Everything is in static memory with a fixed alignment, and all random numbers are fixed: the
 * same build gives the same counts. */
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "../machine.h"
#include "core/anytls.h"

#define TURNS 200u
#define AREA (1u << 17)

static alignas(64) uint8_t payload[AREA];
static alignas(64) uint8_t area[AREA];
static alignas(64) uint8_t output[AREA];
static alignas(64) struct anytls_stream streams[2][ANYTLS_STREAMS_MAX];
static alignas(64) struct anytls_pending pending[ANYTLS_PENDING_MAX];
static alignas(64) uint8_t text[2][ANYTLS_SCHEME_SIZE_MAX];
static alignas(64) struct anytls_session client;
static alignas(64) struct anytls_endpoint server;
static struct anytls_endpoint_config config;
static bool wrong;

static void use(const void *pointer)
{
    __asm__ volatile("" : : "r"(pointer) : "memory");
}

static void expect(bool right)
{
    if (!right)
        wrong = true;
}

static void encode(size_t size)
{
    struct anytls_frame frame = {{ANYTLS_PSH, (uint16_t)size, 3}, payload};

    for (unsigned i = 0; i < TURNS; i++) {
        expect(anytls_frame_encode(frame, area, sizeof area).size == size + 7);
        use(area);
    }
}

static void frame_encode_64(void)
{
    encode(64);
}

static void frame_encode_1024(void)
{
    encode(1024);
}

static void frame_encode_16384(void)
{
    encode(16384);
}

static void frames_lay(size_t size, size_t count)
{
    struct anytls_frame frame = {{ANYTLS_PSH, (uint16_t)size, 1}, payload};
    size_t at = 0;

    for (size_t i = 0; i < count; i++)
        at += anytls_frame_encode(frame, area + at, sizeof area - at).size;
}

static void frame_decode(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        size_t at = 0;

        for (int j = 0; j < 64; j++) {
            struct anytls_frame_result result = anytls_frame_decode(area + at, sizeof area - at);

            at += result.consumed;
            use(result.frame.data);
        }
        expect(at == (size_t)64 * 1031);
    }
}

static void scheme_read(void)
{
    for (unsigned i = 0; i < TURNS; i++)
        expect(anytls_scheme_read(anytls_scheme_default.text).scheme.stop == 8);
}

static void plan_writes(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        for (uint32_t write = 0; write < 10; write++) {
            struct anytls_plan plan = anytls_plan_begin(&anytls_scheme_default, write, 2048);
            struct anytls_record record = anytls_plan_next(&plan, i * 2654435761u);

            while (record.more)
                record = anytls_plan_next(&plan, i * 40503u);
            expect(plan.remaining == 0);
        }
    }
}

static void waste_encode(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        expect(anytls_waste_encode(700, output, sizeof output).size == 700);
        use(output);
    }
}

static const struct anytls_address destination = {
    .kind = ANYTLS_NAME, .port = 443, .size = 15, .host = "www.example.com"};

static void address_both_ways(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        struct anytls_written written =
            anytls_address_encode(ANYTLS_TABLE_SOCKS, &destination, output, sizeof output);

        use(output);
        expect(anytls_address_decode(ANYTLS_TABLE_SOCKS, output, written.size).address.port == 443);
    }
}

static void settings_both_ways(void)
{
    struct anytls_text name = {payload, 16};

    for (unsigned i = 0; i < TURNS; i++) {
        struct anytls_written written =
            anytls_settings_client_write(2, name, anytls_scheme_default.md5, output, sizeof output);
        struct anytls_text settings = {output, written.size};

        expect(anytls_settings_version(settings) == 2);
        expect(anytls_settings_find(settings, "padding-md5").found);
    }
}

static void preamble_both_ways(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        struct anytls_preamble preamble = anytls_preamble_begin();
        struct anytls_written written =
            anytls_preamble_encode(config.hash, 30, output, sizeof output);

        expect(anytls_preamble_receive(&preamble, config.hash, output, written.size).status ==
               ANYTLS_OK);
    }
}

/* ---- Sessions ---- */

static void server_feed(const uint8_t *bytes, size_t size)
{
    static alignas(64) uint8_t answer[8192];

    while (size > 0) {
        struct anytls_received result =
            anytls_endpoint_receive(&server, bytes, size, 0, answer, sizeof answer);

        expect(result.status == ANYTLS_OK);
        if (result.event.type == ANYTLS_EVENT_DIAL)
            expect(anytls_endpoint_accept(&server, result.event.stream, answer, sizeof answer)
                       .status == ANYTLS_OK);
        bytes += result.consumed;
        size -= result.consumed;
    }
}

static void sessions_begin(void)
{
    struct anytls_written preamble;

    anytls_session_begin(&client, ANYTLS_CLIENT, &config.session, &anytls_scheme_default,
                         streams[0], ANYTLS_STREAMS_MAX, text[0], sizeof text[0], 0);
    anytls_endpoint_begin(&server, &config, &anytls_scheme_default, streams[1], ANYTLS_STREAMS_MAX,
                          pending, ANYTLS_PENDING_MAX, text[1], sizeof text[1], 0);
    preamble = anytls_preamble_encode(config.hash, 30, output, sizeof output);
    server_feed(output, preamble.size);
}

static uint32_t stream_open(void)
{
    struct anytls_opened opened =
        anytls_session_open(&client, &destination, NULL, 0, output, sizeof output);

    expect(opened.status == ANYTLS_OK);
    server_feed(output, opened.size);
    return opened.stream;
}

static void session_start(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        sessions_begin();
        stream_open();
    }
}

static void streams_prepare(void)
{
    sessions_begin();
    stream_open();
}

static void stream_open_and_finish(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        struct anytls_written fin =
            anytls_session_finish(&client, stream_open(), output, sizeof output);

        server_feed(output, fin.size);
    }
    expect(server.session.streams.count == 1);
}

static void data_prepare(void)
{
    streams_prepare();
    frames_lay(1024, 64);
}

static void data_receive(void)
{
    for (unsigned i = 0; i < TURNS; i++)
        server_feed(area, (size_t)64 * 1031);
}

static void data_send(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        expect(anytls_session_send(&client, 1, 1024, output).payload == 1024);
        use(output);
    }
}

static void many_streams_prepare(void)
{
    streams_prepare();
    for (int i = 1; i < 200; i++)
        stream_open();
}

static void data_send_to_200_streams(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        expect(anytls_session_send(&client, 1 + i, 1024, output).payload == 1024);
        use(output);
    }
}

static struct anytls_pool_entry pool[50];

static void pool_prepare(void)
{
    for (size_t i = 0; i < 50; i++)
        pool[i] = (struct anytls_pool_entry){i + 1, i, i % 3 != 0, NULL};
}

static void pool_take_and_retire(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        expect(anytls_pool_take(pool, 50).index == 49);
        expect(anytls_pool_retire(pool, 50, 100000, 60000, 5).index == 1);
    }
}

static void uot_both_ways(void)
{
    for (unsigned i = 0; i < TURNS; i++) {
        struct anytls_written written =
            anytls_uot_header_encode(false, &destination, 64, output, sizeof output);

        expect(anytls_uot_packet_decode(false, output, written.size + 64).size == 64);
    }
}

static void frames_prepare(void)
{
    frames_lay(1024, 64);
}

static const struct {
    const char *name;
    void (*prepare)(void);
    void (*run)(void);
} cases[] = {
    {"frame_encode_64", NULL, frame_encode_64},
    {"frame_encode_1024", NULL, frame_encode_1024},
    {"frame_encode_16384", NULL, frame_encode_16384},
    {"frame_decode_64_of_1024", frames_prepare, frame_decode},
    {"scheme_read_default", NULL, scheme_read},
    {"plan_writes_0_to_9", NULL, plan_writes},
    {"waste_encode_700", NULL, waste_encode},
    {"address_both_ways", NULL, address_both_ways},
    {"settings_both_ways", NULL, settings_both_ways},
    {"preamble_both_ways", NULL, preamble_both_ways},
    {"session_start", NULL, session_start},
    {"stream_open_and_finish", streams_prepare, stream_open_and_finish},
    {"data_receive_64_of_1024", data_prepare, data_receive},
    {"data_send_1024", streams_prepare, data_send},
    {"data_send_to_200_streams", many_streams_prepare, data_send_to_200_streams},
    {"pool_take_and_retire_of_50", pool_prepare, pool_take_and_retire},
    {"uot_both_ways", NULL, uot_both_ways},
};

static void header_print(void)
{
    struct machine machine = machine_read();

    printf("# compiler\t%s\n# libc\t%s\n# processor\t%s\n", machine.compiler, machine.libc,
           machine.flags);
}

int main(int argc, char **argv)
{
    static const uint8_t name[] = "anytls-bench/1";

    if (argc > 1 && strcmp(argv[1], "--header") == 0) {
        header_print();
        return 0;
    }
    config.session.version = 2;
    config.session.client.bytes = name;
    config.session.client.size = sizeof name - 1;
    for (size_t i = 0; i < AREA; i++)
        payload[i] = (uint8_t)('a' + i % 23);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].prepare != NULL)
            cases[i].prepare();
        cases[i].run(); /* the linker's work is done then */
        if (cases[i].prepare != NULL)
            cases[i].prepare();
        CALLGRIND_ZERO_STATS;
        CALLGRIND_TOGGLE_COLLECT;
        cases[i].run();
        CALLGRIND_TOGGLE_COLLECT;
        CALLGRIND_DUMP_STATS_AT(cases[i].name);
        if (wrong) {
            fprintf(stderr, "anytls-bench-instr: %s: the result is wrong\n", cases[i].name);
            return 1;
        }
    }
    return 0;
}
