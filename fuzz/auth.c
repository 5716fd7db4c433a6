/* The preamble, over any bytes:
 *  - the verdict on the hash comes with its 32nd byte, and is the right one;
 *  - a right preamble takes exactly 34 bytes and its padding, however it was cut;
 *  - what a client writes is read back, and too little room writes nothing.
 * The right hash is the input's own, the same with one bit turned, and that of "password" in turn.
 *
 * reaches: anytls_preamble_begin, anytls_preamble_receive, anytls_preamble_encode */
#include <stdlib.h>
#include <string.h>

#include "core/auth.h"
#include "fuzz.h"

/* SHA-256 of "password". */
static const uint8_t password[ANYTLS_HASH_SIZE] = {
    0x5e, 0x88, 0x48, 0x98, 0xda, 0x28, 0x04, 0x71, 0x51, 0xd0, 0xe5, 0x6f, 0x8d, 0xc6, 0x29, 0x27,
    0x73, 0x60, 0x3d, 0x0d, 0x6a, 0xab, 0xbd, 0xd6, 0x2a, 0x11, 0xef, 0x72, 0x1d, 0x15, 0x42, 0xd8};

/* What has to come of it all. */
static struct anytls_preamble_result expected(const uint8_t *hash, struct anytls_text input)
{
    struct anytls_preamble_result result = {ANYTLS_INCOMPLETE, input.size};
    size_t whole;

    if (input.size < ANYTLS_HASH_SIZE)
        return result;
    if (memcmp(input.bytes, hash, ANYTLS_HASH_SIZE) != 0) {
        result.status = ANYTLS_BAD_PASSWORD;
        result.consumed = ANYTLS_HASH_SIZE;
        return result;
    }
    if (input.size < ANYTLS_PREAMBLE_SIZE)
        return result;
    whole = ANYTLS_PREAMBLE_SIZE + input.bytes[32] * 256u + input.bytes[33];
    if (input.size < whole)
        return result;
    result.status = ANYTLS_OK;
    result.consumed = whole;
    return result;
}

static void check(const uint8_t *hash, struct anytls_text input, struct fuzz_numbers *numbers)
{
    struct anytls_preamble preamble = anytls_preamble_begin();
    struct anytls_preamble_result right = expected(hash, input);
    struct anytls_preamble_result step = {ANYTLS_INCOMPLETE, 0};
    size_t cut[3] = {fuzz_upto(numbers, input.size), fuzz_upto(numbers, input.size), input.size};
    size_t consumed = 0;

    if (cut[0] > cut[1])
        cut[0] = cut[1];
    for (size_t i = 0; i < 3 && step.status == ANYTLS_INCOMPLETE; i++) {
        size_t size = cut[i] - consumed;
        uint8_t *piece = fuzz_copy(input.bytes + consumed, size);

        step = anytls_preamble_receive(&preamble, hash, piece, size);
        free(piece);
        FUZZ_ASSERT(step.consumed <= size);
        FUZZ_ASSERT(step.status != ANYTLS_INCOMPLETE || step.consumed == size);
        consumed += step.consumed;
        FUZZ_ASSERT(preamble.size <= ANYTLS_PREAMBLE_SIZE && preamble.size <= consumed);
        FUZZ_ASSERT(fuzz_same(preamble.bytes, input.bytes, preamble.size));
    }
    FUZZ_ASSERT(step.status == right.status);
    FUZZ_ASSERT(consumed == right.consumed);
}

static void check_encode(const uint8_t *hash, uint16_t padding, struct fuzz_numbers *numbers)
{
    size_t need = ANYTLS_PREAMBLE_SIZE + (size_t)padding;
    uint8_t *out = fuzz_memory(need);
    struct anytls_text text = {out, need};
    struct anytls_written written = anytls_preamble_encode(hash, padding, out, need - 1);

    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0);
    written = anytls_preamble_encode(hash, padding, out, need);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == need);
    FUZZ_ASSERT(expected(hash, text).consumed == need);
    FUZZ_ASSERT(padding == 0 || (out[34] == 0 && out[need - 1] == 0));
    check(hash, text, numbers);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_numbers numbers = fuzz_numbers_of(data, size);
    struct anytls_text input = {data, size};
    uint8_t hash[ANYTLS_HASH_SIZE] = {0};
    uint16_t padding;
    size_t bit;

    check(password, input, &numbers);
    for (size_t i = 0; i < sizeof hash && i < size; i++)
        hash[i] = data[i];
    check(hash, input, &numbers);
    padding = (uint16_t)(size >= 34 ? data[32] * 256u + data[33] : size);
    /* Long ones cost time: mostly a short one does. */
    check_encode(hash, fuzz_upto(&numbers, 31) == 0 ? padding : padding % 512u, &numbers);
    bit = fuzz_upto(&numbers, 255);
    hash[bit / 8] = (uint8_t)(hash[bit / 8] ^ (1u << bit % 8));
    check(hash, input, &numbers);
    return 0;
}
