/* ref/core against the oracle of spec/, over any bytes: frames, the preamble, addresses of both
 * tables, UDP-over-TCP requests and datagrams. Same verdicts, same sizes, same fields; what the
 * oracle writes again is what ref/ read.
 *
 * reaches: anytls_frame_decode, anytls_frame_encode, anytls_preamble_receive,
 * anytls_address_decode, anytls_address_encode, anytls_uot_request_decode, anytls_uot_packet_decode,
 * anytls_uot_header_encode, anytls_uot_is_destination, anytls_command_name, anytls_status_text */
#include <string.h>

#include "core/auth.h"
#include "core/uot.h"
#include "diff.h"

static void diff_frames(struct oracle_bytes bytes)
{
    static uint8_t again[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_FRAME_DATA_MAX];

    for (;;) {
        struct anytls_frame_result ours = anytls_frame_decode(bytes.at, bytes.size);
        struct oracle_frame theirs;
        enum oracle_status status = oracle_frame_read(bytes, &theirs);
        struct anytls_written written;

        FUZZ_ASSERT(diff_same_status(ours.status, status));
        if (status != ORACLE_OK)
            return;
        FUZZ_ASSERT(ours.frame.header.command == theirs.command);
        FUZZ_ASSERT(ours.frame.header.stream == theirs.stream);
        FUZZ_ASSERT(ours.frame.header.length == theirs.data.size);
        FUZZ_ASSERT(ours.frame.data == theirs.data.at && ours.consumed == theirs.consumed);
        FUZZ_ASSERT(theirs.command > 10 || strcmp(anytls_command_name(theirs.command),
                                                  oracle_command_name(theirs.command)) == 0);
        written = anytls_frame_encode(ours.frame, again, sizeof again);
        FUZZ_ASSERT(written.size == theirs.consumed && memcmp(again, bytes.at, written.size) == 0);
        bytes.at += theirs.consumed;
        bytes.size -= theirs.consumed;
    }
}

/* The oracle writes the same frames; quadratic in nothing, so only for the first. */
static void diff_written(struct oracle_bytes bytes)
{
    struct oracle_buffer buffer = {0};
    struct oracle_frame frame;

    if (oracle_frame_read(bytes, &frame) != ORACLE_OK)
        return;
    oracle_frame_write(&buffer, frame.command, frame.stream, frame.data);
    FUZZ_ASSERT(buffer.size == frame.consumed && memcmp(buffer.at, bytes.at, buffer.size) == 0);
    oracle_buffer_free(&buffer);
}

static void diff_preamble(const uint8_t *hash, struct oracle_bytes bytes)
{
    struct anytls_preamble preamble = anytls_preamble_begin();
    struct anytls_preamble_result ours =
        anytls_preamble_receive(&preamble, hash, bytes.at, bytes.size);
    size_t consumed = 0;
    enum oracle_status status = oracle_preamble_read(bytes, hash, &consumed);

    FUZZ_ASSERT(diff_same_status(ours.status, status) && ours.consumed == consumed);
}

static void diff_addresses(struct oracle_bytes bytes, bool uot)
{
    enum anytls_address_table table = uot ? ANYTLS_TABLE_UOT : ANYTLS_TABLE_SOCKS;
    enum oracle_types types = uot ? ORACLE_UOT_TYPES : ORACLE_SOCKS_TYPES;
    struct anytls_address_result ours = anytls_address_decode(table, bytes.at, bytes.size);
    struct oracle_address theirs;
    size_t consumed;
    struct oracle_buffer buffer = {0};
    uint8_t again[ANYTLS_ADDRESS_SIZE_MAX];

    FUZZ_ASSERT(
        diff_same_status(ours.status, oracle_address_read(types, bytes, &theirs, &consumed)));
    if (ours.status != ANYTLS_OK)
        return;
    FUZZ_ASSERT(diff_same_address(&ours.address, &theirs) && ours.consumed == consumed);
    FUZZ_ASSERT(oracle_address_write(&buffer, types, &theirs) == ORACLE_OK);
    FUZZ_ASSERT(anytls_address_encode(table, &ours.address, again, sizeof again).size ==
                buffer.size);
    FUZZ_ASSERT(memcmp(again, buffer.at, buffer.size) == 0);
    FUZZ_ASSERT(anytls_uot_is_destination(&ours.address) == oracle_is_uot(&theirs));
    oracle_buffer_free(&buffer);
}

static void diff_request(struct oracle_bytes bytes)
{
    struct anytls_uot_request_result ours = anytls_uot_request_decode(bytes.at, bytes.size);
    struct oracle_request theirs;
    size_t consumed;

    FUZZ_ASSERT(diff_same_status(ours.status, oracle_request_read(bytes, &theirs, &consumed)));
    if (ours.status != ANYTLS_OK)
        return;
    FUZZ_ASSERT(ours.consumed == consumed && ours.request.connect == theirs.connect);
    FUZZ_ASSERT(diff_same_address(&ours.request.address, &theirs.address));
}

static void diff_packets(struct oracle_bytes bytes, bool connect)
{
    for (;;) {
        struct anytls_uot_packet_result ours =
            anytls_uot_packet_decode(connect, bytes.at, bytes.size);
        struct oracle_packet theirs;
        size_t consumed;
        uint8_t header[ANYTLS_UOT_HEADER_SIZE_MAX];
        struct anytls_written written;

        FUZZ_ASSERT(
            diff_same_status(ours.status, oracle_packet_read(connect, bytes, &theirs, &consumed)));
        if (ours.status != ANYTLS_OK)
            return;
        FUZZ_ASSERT(ours.consumed == consumed && ours.size == theirs.data.size);
        FUZZ_ASSERT(ours.data == theirs.data.at);
        FUZZ_ASSERT(connect || diff_same_address(&ours.address, &theirs.address));
        written =
            anytls_uot_header_encode(connect, &ours.address, ours.size, header, sizeof header);
        FUZZ_ASSERT(written.size + ours.size == consumed);
        FUZZ_ASSERT(memcmp(header, bytes.at, written.size) == 0);
        bytes.at += consumed;
        bytes.size -= consumed;
    }
}

/* Every status has a text, and nothing else has. */
static void check_text(uint8_t byte)
{
    enum anytls_status status = (enum anytls_status)(byte % (ANYTLS_STATUS_COUNT + 1));
    const char *unknown = anytls_status_text(ANYTLS_STATUS_COUNT);

    FUZZ_ASSERT((strcmp(anytls_status_text(status), unknown) == 0) ==
                (status == ANYTLS_STATUS_COUNT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oracle_bytes bytes = {data, size};
    uint8_t hash[ANYTLS_HASH_SIZE] = {0};

    check_text(size > 0 ? data[0] : 0);
    diff_frames(bytes);
    diff_written(bytes);
    diff_addresses(bytes, false);
    diff_addresses(bytes, true);
    diff_request(bytes);
    diff_packets(bytes, false);
    diff_packets(bytes, true);
    diff_preamble(hash, bytes);
    for (size_t i = 0; i < sizeof hash && i < size; i++)
        hash[i] = data[i];
    diff_preamble(hash, bytes);
    return 0;
}
