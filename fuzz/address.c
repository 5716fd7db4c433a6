/* Addresses of both tables of types, over any bytes:
 *  - an address that is accepted, written again, is the same bytes;
 *  - every shorter piece of it is incomplete, and never wanted longer than it is;
 *  - a host's size fits its kind; too little room writes nothing;
 *  - an address that does not fit its kind is not written.
 *
 * reaches: anytls_address_decode, anytls_address_size, anytls_address_encode */
#include <stdlib.h>
#include <string.h>

#include "core/address.h"
#include "fuzz.h"

static void check_pieces(enum anytls_address_table table, const uint8_t *bytes, size_t whole)
{
    for (size_t size = 0; size < whole; size++) {
        uint8_t *piece = fuzz_copy(bytes, size);
        struct anytls_address_size wanted = anytls_address_size(table, piece, size);

        FUZZ_ASSERT(wanted.status == ANYTLS_OK);
        FUZZ_ASSERT(wanted.size > size && wanted.size <= whole);
        FUZZ_ASSERT(anytls_address_decode(table, piece, size).status == ANYTLS_INCOMPLETE);
        free(piece);
        if (size > 2 && size + 4 < whole)
            size = whole - 4;
    }
}

static void check_again(enum anytls_address_table table, struct anytls_address_result decoded,
                        const uint8_t *bytes)
{
    uint8_t *again = fuzz_memory(decoded.consumed);
    struct anytls_written written;

    again[0] = 0x5a;
    written = anytls_address_encode(table, &decoded.address, again, decoded.consumed - 1);
    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0 && again[0] == 0x5a);
    written = anytls_address_encode(table, &decoded.address, again, decoded.consumed);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == decoded.consumed);
    FUZZ_ASSERT(memcmp(again, bytes, decoded.consumed) == 0);
    decoded.address.size = (uint8_t)(decoded.address.kind == ANYTLS_NAME ? 0 : 15);
    written = anytls_address_encode(table, &decoded.address, again, decoded.consumed);
    FUZZ_ASSERT(written.status == ANYTLS_BAD_ADDRESS && written.size == 0);
    free(again);
}

static void check(enum anytls_address_table table, const uint8_t *bytes, size_t size)
{
    struct anytls_address_result decoded = anytls_address_decode(table, bytes, size);
    struct anytls_address_size wanted = anytls_address_size(table, bytes, size);

    if (decoded.status != ANYTLS_OK) {
        FUZZ_ASSERT(decoded.consumed == 0);
        FUZZ_ASSERT(decoded.status == ANYTLS_BAD_ADDRESS || decoded.status == ANYTLS_INCOMPLETE);
        FUZZ_ASSERT((decoded.status == ANYTLS_BAD_ADDRESS) ==
                    (wanted.status == ANYTLS_BAD_ADDRESS));
        FUZZ_ASSERT(wanted.status != ANYTLS_OK || wanted.size > size);
        return;
    }
    FUZZ_ASSERT(wanted.status == ANYTLS_OK && wanted.size == decoded.consumed);
    FUZZ_ASSERT(decoded.consumed <= size && decoded.consumed <= ANYTLS_ADDRESS_SIZE_MAX);
    FUZZ_ASSERT(decoded.address.size == 4 || decoded.address.kind != ANYTLS_IPV4);
    FUZZ_ASSERT(decoded.address.size == 16 || decoded.address.kind != ANYTLS_IPV6);
    FUZZ_ASSERT(decoded.address.size >= 1);
    FUZZ_ASSERT(decoded.address.port ==
                bytes[decoded.consumed - 2] * 256u + bytes[decoded.consumed - 1]);
    check_again(table, decoded, bytes);
    check_pieces(table, bytes, decoded.consumed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(ANYTLS_TABLE_SOCKS, data, size);
    check(ANYTLS_TABLE_UOT, data, size);
    return 0;
}
