#include <string.h>

#include "../mutator.h"
#include "core/frame.h"
#include "network.h"

#define HEADER ANYTLS_FRAME_HEADER_SIZE
#define SETTINGS "v=2\nclient=fuzz/1\npadding-md5=75cff2ad89aadf5e257059ee571ebe11"

static void put(struct sample *sample, const void *bytes, size_t size)
{
    if (size > SAMPLE_MAX - sample->size)
        size = SAMPLE_MAX - sample->size;
    if (size > 0)
        memcpy(sample->bytes + sample->size, bytes, size);
    sample->size += size;
}

static void frame(struct sample *sample, enum anytls_command command, uint32_t stream,
                  const void *data, size_t size)
{
    struct anytls_header header = {(uint8_t)command, (uint16_t)size, stream};
    uint8_t bytes[HEADER];

    anytls_header_encode(header, bytes);
    put(sample, bytes, sizeof bytes);
    put(sample, data, size);
}

static void preamble(struct sample *sample, const uint8_t *hash, uint16_t padding)
{
    static uint8_t bytes[ANYTLS_PREAMBLE_SIZE + 65535u];

    put(sample, bytes, anytls_preamble_encode(hash, padding, bytes, sizeof bytes).size);
}

void sample_probe(struct sample *sample, const uint8_t *hash)
{
    sample->size = 0;
    sample->number = 0;
    preamble(sample, hash, 30);
    frame(sample, ANYTLS_SETTINGS, 0, SETTINGS, sizeof SETTINGS - 1);
    frame(sample, ANYTLS_HEART_REQUEST, 7, NULL, 0);
}

/* ---- What mutation begins with ---- */

static void open_stream(struct sample *sample, uint32_t id, const char *destination, size_t size)
{
    frame(sample, ANYTLS_SYN, id, NULL, 0);
    frame(sample, ANYTLS_PSH, id, destination, size);
}

static void some_session(struct sample *sample, struct mutation *random)
{
    uint32_t streams = 1 + (uint32_t)mutation_below(random, 4);

    if (mutation_below(random, 10) > 0)
        frame(sample, ANYTLS_SETTINGS, 0, SETTINGS, sizeof SETTINGS - 1);
    for (uint32_t id = 1; id <= streams; id++) {
        switch (mutation_below(random, 4)) {
        case 0: open_stream(sample, id, "\x01\x7f\0\0\x01\0\x09", 7); break;
        case 1:
            open_stream(sample, id,
                        "\x03\x0c"
                        "fuzz.invalid"
                        "\0\x50",
                        16);
            break;
        case 2:
            open_stream(sample, id,
                        "\x03\x17"
                        "sp.v2.udp-over-tcp.arpa\0\0",
                        27);
            break;
        default: open_stream(sample, id, "\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\x09", 19); break;
        }
        frame(sample, ANYTLS_PSH, id, "\x01\x01\x7f\0\0\x01\0\x09\0\3abc", 13);
        if (mutation_below(random, 2) == 0)
            frame(sample, ANYTLS_FIN, id, NULL, 0);
        if (mutation_below(random, 3) == 0)
            frame(sample, ANYTLS_HEART_REQUEST, id, NULL, 0);
        if (mutation_below(random, 3) == 0)
            frame(sample, ANYTLS_WASTE, 0, SETTINGS, 40);
    }
}

/* ---- Destinations ---- */

static void tame_name(uint8_t *name, size_t size)
{
    static const char ending[] = ".invalid";

    if (size == 23 && memcmp(name, "sp.v2.udp-over-tcp.arpa", size) == 0)
        return;
    for (size_t i = 0; i < size; i++)
        name[i] = name[i] == 0 ? 0 : 'z';
    if (size > sizeof ending)
        memcpy(name + size - (sizeof ending - 1), ending, sizeof ending - 1);
}

static void tame_address(uint8_t *bytes, size_t size)
{
    static const uint8_t loopback[16] = {[15] = 1};

    if (size >= 7 && bytes[0] == 1)
        bytes[1] = 127;
    else if (size >= 19 && bytes[0] == 4)
        memcpy(bytes + 1, loopback, sizeof loopback);
    else if (size >= 2 && bytes[0] == 3)
        tame_name(bytes + 2, bytes[1] < size - 2 ? bytes[1] : size - 2);
}

/* Whatever may be a destination leads nowhere else. Streams that are put together from several
 * frames can evade this: the help text says so. */
static void tame(uint8_t *bytes, size_t size)
{
    struct anytls_frame_result next = anytls_frame_decode(bytes, size);

    while (next.status == ANYTLS_OK) {
        uint8_t *data = bytes + HEADER;
        size_t length = next.frame.header.length;

        if (next.frame.header.command == ANYTLS_PSH) {
            if (length > 8 && data[0] <= 1 && (data[1] == 1 || data[1] == 3 || data[1] == 4))
                tame_address(data + 1, length - 1);
            else
                tame_address(data, length);
        }
        bytes += next.consumed;
        size -= next.consumed;
        next = anytls_frame_decode(bytes, size);
    }
}

/* ---- Samples ---- */

static void mutate(struct sample *sample, size_t from, struct mutation *random)
{
    size_t rounds = mutation_below(random, 12);

    for (size_t i = 0; i < rounds; i++)
        sample->size =
            from + fuzz_mutate("frames", sample->bytes + from, sample->size - from, SAMPLE_MAX / 2,
                               (unsigned)mutation_below(random, 1u << 30));
    tame(sample->bytes + from, sample->size - from);
}

void sample_make(struct sample *sample, uint64_t seed, uint64_t number, const uint8_t *hash)
{
    struct mutation random = {NULL, 0, 0,
                              seed * UINT64_C(0x9e3779b97f4a7c15) ^ number << 20 ^ number};
    static const uint16_t paddings[] = {0, 30, 30, 30, 1, 300, 8000};
    size_t from;

    sample->size = 0;
    sample->number = number;
    mutation_below(&random, 2);
    mutator_bytes_seed(random.random);
    preamble(sample, hash, paddings[mutation_below(&random, sizeof paddings / sizeof *paddings)]);
    from = sample->size;
    some_session(sample, &random);
    mutate(sample, from, &random);
    switch (mutation_below(&random, 10)) {
    case 0: /* a preamble that is not right, or not whole */
        sample->size = LLVMFuzzerMutate(sample->bytes, sample->size, SAMPLE_MAX);
        if (mutation_below(&random, 2) == 0)
            sample->size = mutation_below(&random, 36);
        break;
    case 1: /* cut somewhere */
        sample->size -= mutation_below(&random, sample->size - from + 1);
        break;
    default: break;
    }
}
