/* Runs the whole core over inputs and prints a hash of everything that it answered, a line an
 * input. The same program on another machine (32 bits, big-endian) must print the same lines.
 *
 * Usage: replay FILE ...   a table of its own comes first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/anytls.h"

#define INPUT_MAX (1u << 20)
#define OUT_MAX 8192u

static uint64_t hash;

static void add_number(uint64_t number)
{
    for (int i = 0; i < 8; i++) {
        hash = (hash ^ (number & 255u)) * UINT64_C(0x100000001b3);
        number >>= 8;
    }
}

static void add_bytes(const uint8_t *bytes, size_t size)
{
    add_number(size);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
}

static void run_frames(const uint8_t *bytes, size_t size)
{
    static uint8_t out[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_FRAME_DATA_MAX];
    struct anytls_frame_result frame = anytls_frame_decode(bytes, size);

    while (frame.status == ANYTLS_OK) {
        struct anytls_written again = anytls_frame_encode(frame.frame, out, sizeof out);

        add_number(frame.frame.header.command);
        add_number(frame.frame.header.stream);
        add_bytes(out, again.size);
        bytes += frame.consumed;
        size -= frame.consumed;
        frame = anytls_frame_decode(bytes, size);
    }
}

static void run_scheme(struct anytls_text text)
{
    struct anytls_scheme_result scheme = anytls_scheme_read(text);

    add_number(scheme.status);
    add_number(scheme.line);
    add_number(scheme.scheme.stop);
    if (scheme.status != ANYTLS_OK)
        return;
    add_number(anytls_padding_zero(&scheme.scheme, 12345));
    for (uint32_t write = 1; write < 12; write++) {
        struct anytls_plan plan = anytls_plan_begin(&scheme.scheme, write, 100u << write);
        uint32_t random = write * 2654435761u;
        struct anytls_record record = anytls_plan_next(&plan, random);

        while (record.more) {
            add_number(record.payload);
            add_number(record.waste);
            random = random * 1664525u + 1013904223u;
            record = anytls_plan_next(&plan, random);
        }
    }
}

static void run_texts(const uint8_t *bytes, size_t size)
{
    struct anytls_text text = {bytes, size};
    struct anytls_setting line = anytls_settings_next(text, 0);

    while (line.status == ANYTLS_OK) {
        add_bytes(line.key.bytes, line.key.size);
        add_bytes(line.value.bytes, line.value.size);
        add_number(anytls_number_read(line.value).value);
        line = anytls_settings_next(text, line.next);
    }
    add_number(anytls_settings_version(text));
    run_scheme(text);
}

static void add_address(const struct anytls_address *address)
{
    uint8_t out[ANYTLS_ADDRESS_SIZE_MAX];
    struct anytls_written written =
        anytls_address_encode(ANYTLS_TABLE_SOCKS, address, out, sizeof out);

    add_number(written.status);
    add_bytes(out, written.size);
}

static void run_addresses(const uint8_t *bytes, size_t size)
{
    for (int table = 0; table < 2; table++) {
        struct anytls_address_result address =
            anytls_address_decode((enum anytls_address_table)table, bytes, size);
        struct anytls_uot_packet_result packet = anytls_uot_packet_decode(table == 1, bytes, size);

        add_number(address.status);
        add_number(address.consumed);
        add_address(&address.address);
        add_number(packet.status);
        add_bytes(packet.data, packet.size);
    }
    add_number(anytls_uot_request_decode(bytes, size).status);
    add_number(anytls_uot_request_decode(bytes, size).consumed);
}

static void add_step(const struct anytls_received *step, const uint8_t *out)
{
    add_number(step->status);
    add_number(step->consumed);
    add_bytes(out, step->output);
    add_number(step->event.type);
    add_number(step->event.violation);
    add_number(step->event.stream);
    add_bytes(step->event.data.bytes, step->event.data.size);
}

static const struct anytls_endpoint_config config = {
    {2, false, {(const uint8_t *)"replay", 6}, 30000, 3000, 5000, 10000}, {0}, 10000};

static void run_endpoint(const uint8_t *bytes, size_t size, bool preamble)
{
    static struct anytls_stream streams[4];
    static struct anytls_pending pending[2];
    static uint8_t text[256];
    static const uint8_t right[ANYTLS_PREAMBLE_SIZE];
    uint8_t out[OUT_MAX];
    struct anytls_endpoint endpoint;
    uint64_t now = 0;

    anytls_endpoint_begin(&endpoint, &config, &anytls_scheme_default, streams, 4, pending, 2, text,
                          sizeof text, now);
    if (preamble)
        anytls_endpoint_receive(&endpoint, right, sizeof right, now, out, sizeof out);
    while (size > 0) {
        struct anytls_received step =
            anytls_endpoint_receive(&endpoint, bytes, size, now, out, sizeof out);

        add_step(&step, out);
        if (step.status != ANYTLS_OK)
            return;
        if (step.event.type == ANYTLS_EVENT_DIAL || step.event.type == ANYTLS_EVENT_DIAL_UDP) {
            add_address(&endpoint.request.address);
            add_bytes(out,
                      anytls_endpoint_accept(&endpoint, step.event.stream, out, sizeof out).size);
        }
        bytes += step.consumed;
        size -= step.consumed;
        now += 1000;
        step = anytls_endpoint_tick(&endpoint, now, out, sizeof out);
        add_step(&step, out);
    }
}

static void run_client(const uint8_t *bytes, size_t size)
{
    static struct anytls_stream streams[4];
    static uint8_t text[256];
    struct anytls_address destination = anytls_uot_destination();
    uint8_t out[OUT_MAX];
    struct anytls_session session;

    anytls_session_begin(&session, ANYTLS_CLIENT, &config.session, &anytls_scheme_default, streams,
                         4, text, sizeof text, 0);
    for (int i = 0; i < 3; i++)
        add_bytes(out, anytls_session_open(&session, &destination, NULL, 0, out, sizeof out).size);
    while (size > 0) {
        struct anytls_received step =
            anytls_session_receive(&session, bytes, size, 0, out, sizeof out);

        add_step(&step, out);
        if (step.status != ANYTLS_OK)
            return;
        bytes += step.consumed;
        size -= step.consumed;
    }
}

static void run_all(const char *name, const uint8_t *bytes, size_t size)
{
    hash = UINT64_C(0xcbf29ce484222325);
    run_frames(bytes, size);
    run_texts(bytes, size);
    run_addresses(bytes, size);
    run_endpoint(bytes, size, false);
    run_endpoint(bytes, size, true);
    run_client(bytes, size);
    printf("%s %08lx%08lx\n", name, (unsigned long)(hash >> 32),
           (unsigned long)(hash & 0xffffffffu));
}

static void run_table(void)
{
    static const char *const table[] = {
        "",
        "\x01",
        "stop=8\n1=100-400\n2=1-1,c,65535-1,c",
        "stop=4294967295\n0=30-30\n3=65536-1",
        "stop=3\n1=c,9-9,500-1000\n1=7-7",
        "v=2\nclient=x\npadding-md5=y",
        "v=256",
        "v=4294967296\nv",
        "\x03\x05host.x\x01\xbb",
        "\x04"
        "0123456789abcdef\xff\xfe",
        "\x01"
        "\x03\x01"
        "a\x00\x35",
    };
    /* Settings, two SYNs with destinations, data, a heartbeat, an unknown command. */
    static const uint8_t session[] = {
        4, 0, 0,   0, 0, 0,  3, 'v', '=', '2', 1,   0,   0,   0, 1,   0, 0,   2,   0,   0,
        0, 1, 0,   9, 1, 10, 0, 0,   1,   0,   80,  'h', 'i', 1, 0,   0, 1,   0,   0,   0,
        2, 0, 0,   1, 0, 0,  8, 3,   4,   'n', 'a', 'm', 'e', 1, 187, 8, 255, 255, 255, 255,
        0, 0, 200, 0, 0, 0,  1, 0,   2,   0,   0,   3,   0,   0, 0,   1, 0,   0,
    };
    char name[32];

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        snprintf(name, sizeof name, "table-%u", (unsigned)i);
        run_all(name, (const uint8_t *)table[i], strlen(table[i]));
    }
    run_all("table-session", session, sizeof session);
}

int main(int argc, char **argv)
{
    static uint8_t bytes[INPUT_MAX];

    run_table();
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        size_t size;

        if (file == NULL) {
            fprintf(stderr, "replay: %s cannot be read\n", argv[i]);
            return 1;
        }
        size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        run_all(argv[i], bytes, size);
    }
    return 0;
}
