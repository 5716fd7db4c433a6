/* The preamble. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct bytes in;
static uint8_t hash[ANYTLS_HASH_SIZE];

/* hash, the length of the padding, padding, and what follows. */
static void preamble_make(size_t padding, const char *behind)
{
    uint8_t length[2] = {(uint8_t)(padding / 256), (uint8_t)(padding % 256)};

    for (size_t i = 0; i < sizeof hash; i++)
        hash[i] = (uint8_t)(255 - i);
    in.size = 0;
    bytes_add(&in, hash, sizeof hash);
    bytes_add(&in, length, sizeof length);
    for (size_t i = 0; i < padding; i++)
        bytes_add(&in, "\xaa", 1);
    bytes_add(&in, behind, strlen(behind));
}

/* Gives in's bytes from `from` up to `to` in memory of their own. */
static struct anytls_preamble_result receive(struct anytls_preamble *preamble, size_t from,
                                             size_t to)
{
    uint8_t *copy = malloc(to - from + 1);
    struct anytls_preamble_result result;

    memcpy(copy, in.at + from, to - from);
    result = anytls_preamble_receive(preamble, hash, copy, to - from);
    must(result.consumed <= to - from, "consumed more than there was");
    free(copy);
    return result;
}

/* ---- Writing ---- */

/* AUTH-PREAMBLE */
START_TEST(a_preamble_is_hash_length_and_zeros)
{
    static const uint16_t paddings[] = {0, 1, 30, 255, 256, 65535};
    static uint8_t out[34 + 65535 + 1];

    preamble_make(0, "");
    for (size_t i = 0; i < COUNT(paddings); i++) {
        size_t size = 34u + paddings[i];
        struct anytls_written written;

        memset(out, 0xee, sizeof out);
        written = anytls_preamble_encode(hash, paddings[i], out, size);
        ck_assert_int_eq(written.status, ANYTLS_OK);
        ck_assert_uint_eq(written.size, size);
        ck_assert_mem_eq(out, hash, 32);
        ck_assert_uint_eq(out[32], paddings[i] / 256u);
        ck_assert_uint_eq(out[33], paddings[i] % 256u);
        for (size_t at = 34; at < size; at++)
            must(out[at] == 0, "padding at %zu", at);
        ck_assert_uint_eq(out[size], 0xee);
    }
}
END_TEST

START_TEST(a_preamble_without_room_is_not_written)
{
    uint8_t out[40];

    for (size_t capacity = 0; capacity < 39; capacity++) {
        memset(out, 0xee, sizeof out);
        ck_assert_int_eq(anytls_preamble_encode(hash, 5, out, capacity).status, ANYTLS_NO_ROOM);
        ck_assert_uint_eq(anytls_preamble_encode(hash, 5, out, capacity).size, 0);
        for (size_t i = 0; i < sizeof out; i++)
            ck_assert_uint_eq(out[i], 0xee);
    }
}
END_TEST

/* ---- Receiving ---- */

/* AUTH-SPLIT */
START_TEST(a_preamble_is_accepted_in_any_two_pieces)
{
    static const size_t paddings[] = {0, 1, 30, 300};

    for (size_t i = 0; i < COUNT(paddings); i++) {
        size_t end = 34 + paddings[i];

        preamble_make(paddings[i], "more");
        for (size_t cut = 0; cut <= in.size; cut++) {
            struct anytls_preamble preamble = anytls_preamble_begin();
            struct anytls_preamble_result first = receive(&preamble, 0, cut);
            struct anytls_preamble_result second = receive(&preamble, first.consumed, in.size);

            must(first.status == (cut < end ? ANYTLS_INCOMPLETE : ANYTLS_OK), "cut at %zu", cut);
            must(first.consumed == (cut < end ? cut : end), "cut at %zu", cut);
            must(second.status == ANYTLS_OK, "cut at %zu", cut);
            must(first.consumed + second.consumed == end, "cut at %zu", cut);
            must(memcmp(preamble.bytes, in.at, 34) == 0, "cut at %zu", cut);
        }
    }
}
END_TEST

START_TEST(a_preamble_is_accepted_byte_by_byte)
{
    static const size_t paddings[] = {0, 30, 65535};

    for (size_t i = 0; i < COUNT(paddings); i++) {
        struct anytls_preamble preamble = anytls_preamble_begin();

        preamble_make(paddings[i], "");
        for (size_t at = 0; at < in.size; at++) {
            struct anytls_preamble_result result = receive(&preamble, at, at + 1);

            must(result.consumed == 1, "byte %zu", at);
            must(result.status == (at + 1 < in.size ? ANYTLS_INCOMPLETE : ANYTLS_OK), "byte %zu",
                 at);
        }
    }
}
END_TEST

START_TEST(the_greatest_padding_comes_in_one_piece)
{
    struct anytls_preamble preamble = anytls_preamble_begin();
    struct anytls_preamble_result result;

    preamble_make(65535, "x");
    result = receive(&preamble, 0, in.size);
    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.consumed, 34 + 65535);
}
END_TEST

START_TEST(receiving_nothing_changes_nothing)
{
    struct anytls_preamble preamble = anytls_preamble_begin();

    preamble_make(3, "");
    ck_assert_int_eq(receive(&preamble, 0, 0).status, ANYTLS_INCOMPLETE);
    ck_assert_uint_eq(preamble.size, 0);
    receive(&preamble, 0, 35);
    ck_assert_int_eq(receive(&preamble, 35, 35).status, ANYTLS_INCOMPLETE);
    ck_assert_uint_eq(preamble.padding_left, 2);
}
END_TEST

/* AUTH-VERDICT */
START_TEST(another_hash_is_refused_at_byte_32_wherever_it_differs)
{
    preamble_make(5, "more");
    for (size_t bit = 0; bit < 256; bit++) {
        in.at[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        for (size_t cut = 0; cut <= 32; cut++) {
            struct anytls_preamble preamble = anytls_preamble_begin();
            struct anytls_preamble_result first = receive(&preamble, 0, cut);
            struct anytls_preamble_result second = {ANYTLS_BAD_PASSWORD, 0};

            must(first.status == (cut < 32 ? ANYTLS_INCOMPLETE : ANYTLS_BAD_PASSWORD),
                 "bit %zu, cut at %zu", bit, cut);
            if (cut < 32)
                second = receive(&preamble, cut, in.size);
            must(second.status == ANYTLS_BAD_PASSWORD, "bit %zu, cut at %zu", bit, cut);
            must(first.consumed + second.consumed == 32, "bit %zu, cut at %zu", bit, cut);
            must(preamble.size == 32 && memcmp(preamble.bytes, in.at, 32) == 0,
                 "bit %zu, cut at %zu: the bytes are not kept", bit, cut);
        }
        in.at[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
}
END_TEST

START_TEST(what_is_written_is_accepted)
{
    uint8_t out[200];
    struct anytls_preamble preamble = anytls_preamble_begin();
    size_t size;

    preamble_make(0, "");
    size = anytls_preamble_encode(hash, 77, out, sizeof out).size;
    ck_assert_int_eq(anytls_preamble_receive(&preamble, hash, out, size).status, ANYTLS_OK);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_preamble_is_hash_length_and_zeros,
        a_preamble_without_room_is_not_written,
        a_preamble_is_accepted_in_any_two_pieces,
        a_preamble_is_accepted_byte_by_byte,
        the_greatest_padding_comes_in_one_piece,
        receiving_nothing_changes_nothing,
        another_hash_is_refused_at_byte_32_wherever_it_differs,
        what_is_written_is_accepted,
    };

    return suite_run("auth", tests, COUNT(tests));
}
