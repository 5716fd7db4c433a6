/* UDP-over-TCP, over any bytes: a request, and datagrams in both modes.
 *  - What is accepted, written again, is the same bytes; too little room writes nothing.
 *  - A datagram takes exactly its header and its data; however the bytes are cut in two, the
 *    datagrams are the same.
 *  - The special name is recognised, and no other.
 *
 * reaches: anytls_uot_request_decode, anytls_uot_request_size, anytls_uot_request_encode,
 * anytls_uot_packet_decode, anytls_uot_header_encode, anytls_uot_is_destination,
 * anytls_uot_destination */
#include <stdlib.h>
#include <string.h>

#include "core/uot.h"
#include "fuzz.h"

static void check_name(const struct anytls_address *address)
{
    static const char name[] = ANYTLS_UOT_NAME;
    bool same = address->kind == ANYTLS_NAME && address->size == sizeof name - 1 &&
                memcmp(address->host, name, sizeof name - 1) == 0;

    FUZZ_ASSERT(anytls_uot_is_destination(address) == same);
}

static void check_request(const uint8_t *bytes, size_t size)
{
    struct anytls_uot_request_result decoded = anytls_uot_request_decode(bytes, size);
    struct anytls_address_size wanted = anytls_uot_request_size(bytes, size);
    uint8_t again[ANYTLS_UOT_REQUEST_SIZE_MAX];
    struct anytls_written written;

    if (decoded.status != ANYTLS_OK) {
        FUZZ_ASSERT(decoded.consumed == 0);
        FUZZ_ASSERT(decoded.status ==
                    (wanted.status == ANYTLS_OK ? ANYTLS_INCOMPLETE : wanted.status));
        FUZZ_ASSERT(wanted.status != ANYTLS_OK || wanted.size > size);
        FUZZ_ASSERT((decoded.status == ANYTLS_BAD_REQUEST) == (size > 0 && bytes[0] > 1));
        return;
    }
    FUZZ_ASSERT(wanted.status == ANYTLS_OK && wanted.size == decoded.consumed);
    FUZZ_ASSERT(decoded.consumed <= size && decoded.consumed <= sizeof again);
    FUZZ_ASSERT(decoded.request.connect == (bytes[0] == 1));
    check_name(&decoded.request.address);
    written = anytls_uot_request_encode(&decoded.request, again, decoded.consumed);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == decoded.consumed);
    FUZZ_ASSERT(memcmp(again, bytes, written.size) == 0);
    for (size_t room = 0; room < decoded.consumed; room += decoded.consumed - 1) {
        written = anytls_uot_request_encode(&decoded.request, again, room);
        FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0);
    }
}

static void check_header(bool connect, const struct anytls_uot_packet_result *packet,
                         const uint8_t *bytes)
{
    size_t header = packet->consumed - packet->size;
    const struct anytls_address *address = connect ? NULL : &packet->address;
    uint8_t *again = fuzz_memory(header);
    struct anytls_written written;

    again[0] = 0x5a;
    written = anytls_uot_header_encode(connect, address, packet->size, again, header - 1);
    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0 && again[0] == 0x5a);
    written = anytls_uot_header_encode(connect, address, packet->size, again, header);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == header);
    FUZZ_ASSERT(memcmp(again, bytes, header) == 0);
    written = anytls_uot_header_encode(connect, address, ANYTLS_UOT_DATA_MAX + 1u, again, header);
    FUZZ_ASSERT(written.status == ANYTLS_TOO_LONG && written.size == 0);
    written = anytls_uot_header_encode(connect, address, packet->size, again, 1);
    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0);
    free(again);
}

/* Reads datagrams from start as long as they are whole; how far that was. */
static size_t read_upto(bool connect, const uint8_t *data, size_t start, size_t end)
{
    for (;;) {
        struct anytls_uot_packet_result packet =
            anytls_uot_packet_decode(connect, data + start, end - start);

        if (packet.status != ANYTLS_OK) {
            FUZZ_ASSERT(packet.consumed == 0);
            FUZZ_ASSERT(packet.status == ANYTLS_INCOMPLETE ||
                        (!connect && packet.status == ANYTLS_BAD_ADDRESS));
            return start;
        }
        FUZZ_ASSERT(packet.consumed >= 2 + packet.size && packet.consumed <= end - start);
        FUZZ_ASSERT(packet.data == data + start + packet.consumed - packet.size);
        FUZZ_ASSERT(packet.size <= ANYTLS_UOT_DATA_MAX);
        FUZZ_ASSERT(!connect || packet.consumed == 2 + packet.size);
        check_header(connect, &packet, data + start);
        start += packet.consumed;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_numbers numbers = fuzz_numbers_of(data, size);
    size_t cut = fuzz_upto(&numbers, size);
    struct anytls_address special = anytls_uot_destination();
    size_t at;

    check_request(data, size);
    check_request(data, cut);
    for (int connect = 0; connect < 2; connect++) {
        at = read_upto(connect == 1, data, 0, cut);
        at = read_upto(connect == 1, data, at, size);
        FUZZ_ASSERT(read_upto(connect == 1, data, 0, size) == at);
    }
    check_name(&special);
    if (size > 0)
        special.host[data[0] % special.size] ^= (uint8_t)(data[size - 1] & 0x7f);
    check_name(&special);
    return 0;
}
