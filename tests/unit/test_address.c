/* SOCKS addresses, and the same form with the type numbers of UDP-over-TCP packets. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define IPV4 "<7f0000010050>"
#define IPV6 "<20010db8000000000000000000000001ffff>"

static const struct row {
    enum anytls_address_table table;
    const char *bytes;
    enum anytls_address_kind kind;
    const char *host;
    uint16_t port;
} rows[] = {
    {ANYTLS_TABLE_SOCKS, "<01>" IPV4, ANYTLS_IPV4, "<7f000001>", 80},
    {ANYTLS_TABLE_SOCKS, "<04>" IPV6, ANYTLS_IPV6, "<20010db8000000000000000000000001>", 65535},
    {ANYTLS_TABLE_SOCKS, "<030b>example.com<01bb>", ANYTLS_NAME, "example.com", 443},
    {ANYTLS_TABLE_SOCKS, "<0301>x<0000>", ANYTLS_NAME, "x", 0},
    {ANYTLS_TABLE_SOCKS, "<0302ff000102>", ANYTLS_NAME, "<ff00>", 258},
    {ANYTLS_TABLE_UOT, "<00>" IPV4, ANYTLS_IPV4, "<7f000001>", 80},
    {ANYTLS_TABLE_UOT, "<01>" IPV6, ANYTLS_IPV6, "<20010db8000000000000000000000001>", 65535},
    {ANYTLS_TABLE_UOT, "<020b>example.com<01bb>", ANYTLS_NAME, "example.com", 443},
};

static struct bytes in;
static struct bytes host;

static void row_make(const struct row *row)
{
    in.size = 0;
    bytes_add_data(&in, row->bytes);
    host.size = 0;
    bytes_add_data(&host, row->host);
}

static void check_address(const struct anytls_address *address, const struct row *row)
{
    ck_assert_int_eq(address->kind, row->kind);
    ck_assert_uint_eq(address->port, row->port);
    ck_assert_uint_eq(address->size, host.size);
    ck_assert_mem_eq(address->host, host.at, host.size);
}

/* In memory of its own, so that tools see a read beyond it. */
static struct anytls_address_result decode(enum anytls_address_table table, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    struct anytls_address_result result;

    memcpy(copy, in.at, size);
    result = anytls_address_decode(table, copy, size);
    free(copy);
    return result;
}

/* STREAM-DESTINATION, UDP-PACKET-ADDRESS */
START_TEST(each_kind_of_address_is_read)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct anytls_address_result result;
        size_t size;

        row_make(&rows[i]);
        size = in.size;
        bytes_add(&in, "more", 4);
        result = decode(rows[i].table, in.size);
        ck_assert_int_eq(result.status, ANYTLS_OK);
        ck_assert_uint_eq(result.consumed, size);
        check_address(&result.address, &rows[i]);
    }
}
END_TEST

START_TEST(each_kind_of_address_is_written_where_it_fits)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct anytls_address address;

        row_make(&rows[i]);
        address = decode(rows[i].table, in.size).address;
        for (size_t capacity = 0; capacity <= in.size + 1; capacity++) {
            uint8_t out[50];
            struct anytls_written written;
            bool fits = capacity >= in.size;

            memset(out, 0xee, sizeof out);
            written = anytls_address_encode(rows[i].table, &address, out, capacity);
            ck_assert_int_eq(written.status, fits ? ANYTLS_OK : ANYTLS_NO_ROOM);
            ck_assert_uint_eq(written.size, fits ? in.size : 0);
            ck_assert(memcmp(out, in.at, written.size) == 0);
            for (size_t at = written.size; at < sizeof out; at++)
                ck_assert_uint_eq(out[at], 0xee);
        }
    }
}
END_TEST

START_TEST(an_address_that_is_cut_anywhere_is_incomplete)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        row_make(&rows[i]);
        for (size_t cut = 0; cut < in.size; cut++) {
            struct anytls_address_result result = decode(rows[i].table, cut);
            struct anytls_address_size size = anytls_address_size(rows[i].table, in.at, cut);

            ck_assert_int_eq(result.status, ANYTLS_INCOMPLETE);
            ck_assert_uint_eq(result.consumed, 0);
            ck_assert_int_eq(size.status, ANYTLS_OK);
            ck_assert_uint_gt(size.size, cut);
            ck_assert_uint_le(size.size, in.size);
        }
        ck_assert_uint_eq(anytls_address_size(rows[i].table, in.at, in.size).size, in.size);
    }
}
END_TEST

START_TEST(the_longest_name_is_read_and_written)
{
    uint8_t bytes[ANYTLS_ADDRESS_SIZE_MAX] = {3, 255};
    uint8_t out[ANYTLS_ADDRESS_SIZE_MAX];
    struct anytls_address_result result;

    for (size_t i = 2; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    result = anytls_address_decode(ANYTLS_TABLE_SOCKS, bytes, sizeof bytes);
    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.consumed, 259);
    ck_assert_uint_eq(result.address.size, 255);
    ck_assert_uint_eq(
        anytls_address_encode(ANYTLS_TABLE_SOCKS, &result.address, out, sizeof out).size, 259);
    ck_assert_mem_eq(out, bytes, sizeof out);
}
END_TEST

/* STREAM-DESTINATION-BAD */
START_TEST(any_other_type_and_an_empty_name_are_bad)
{
    for (unsigned type = 0; type <= 255; type++) {
        uint8_t bytes[30] = {(uint8_t)type, 3};
        bool socks = type == 1 || type == 3 || type == 4;
        enum anytls_status expected_socks = socks ? ANYTLS_OK : ANYTLS_BAD_ADDRESS;
        enum anytls_status expected_uot = type <= 2 ? ANYTLS_OK : ANYTLS_BAD_ADDRESS;

        ck_assert_int_eq(anytls_address_decode(ANYTLS_TABLE_SOCKS, bytes, sizeof bytes).status,
                         expected_socks);
        ck_assert_int_eq(anytls_address_size(ANYTLS_TABLE_SOCKS, bytes, 1).status, expected_socks);
        ck_assert_int_eq(anytls_address_decode(ANYTLS_TABLE_UOT, bytes, sizeof bytes).status,
                         expected_uot);
        ck_assert_int_eq(anytls_address_size(ANYTLS_TABLE_UOT, bytes, 1).status, expected_uot);
    }
    ck_assert_int_eq(anytls_address_decode(ANYTLS_TABLE_SOCKS, (const uint8_t *)"\3\0", 2).status,
                     ANYTLS_BAD_ADDRESS);
    ck_assert_int_eq(anytls_address_decode(ANYTLS_TABLE_UOT, (const uint8_t *)"\2\0", 2).status,
                     ANYTLS_BAD_ADDRESS);
}
END_TEST

START_TEST(an_address_whose_size_does_not_fit_its_kind_is_not_written)
{
    for (unsigned size = 0; size <= 255; size++) {
        struct anytls_address address = {ANYTLS_IPV4, 1, (uint8_t)size, {0}};
        uint8_t out[ANYTLS_ADDRESS_SIZE_MAX];

        ck_assert_int_eq(
            anytls_address_encode(ANYTLS_TABLE_SOCKS, &address, out, sizeof out).status,
            size == 4 ? ANYTLS_OK : ANYTLS_BAD_ADDRESS);
        address.kind = ANYTLS_IPV6;
        ck_assert_int_eq(
            anytls_address_encode(ANYTLS_TABLE_SOCKS, &address, out, sizeof out).status,
            size == 16 ? ANYTLS_OK : ANYTLS_BAD_ADDRESS);
        address.kind = ANYTLS_NAME;
        ck_assert_int_eq(anytls_address_encode(ANYTLS_TABLE_UOT, &address, out, sizeof out).status,
                         size > 0 ? ANYTLS_OK : ANYTLS_BAD_ADDRESS);
    }
}
END_TEST

START_TEST(random_bytes_are_read_within_their_size)
{
    uint32_t seed = 3;

    for (int round = 0; round < 20000; round++) {
        size_t size = random_next(&seed) % 40;
        struct anytls_address_result result;

        for (size_t i = 0; i < size; i++)
            in.at[i] = (uint8_t)(random_next(&seed) % (i < 2 ? 6 : 256));
        result = decode(round % 2 ? ANYTLS_TABLE_SOCKS : ANYTLS_TABLE_UOT, size);
        must(result.consumed <= size, "%zu of %zu", result.consumed, size);
        must((result.status == ANYTLS_OK) == (result.consumed > 0), "round %d", round);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        each_kind_of_address_is_read,
        each_kind_of_address_is_written_where_it_fits,
        an_address_that_is_cut_anywhere_is_incomplete,
        the_longest_name_is_read_and_written,
        any_other_type_and_an_empty_name_are_bad,
        an_address_whose_size_does_not_fit_its_kind_is_not_written,
        random_bytes_are_read_within_their_size,
    };

    return suite_run("address", tests, COUNT(tests));
}
