/* UDP-over-TCP: the name, the request, the datagrams. */
#include "support.h"

#include <string.h>

static struct bytes in;

static struct anytls_address ipv4(void)
{
    struct anytls_address address = {ANYTLS_IPV4, 53, 4, {8, 8, 4, 4}};

    return address;
}

/* ---- The name ---- */

/* UDP-NAME */
START_TEST(the_name_asks_for_udp_whatever_the_port)
{
    struct anytls_address address = address_name("sp.v2.udp-over-tcp.arpa", 0);

    ck_assert(anytls_uot_is_destination(&address));
    address.port = 443;
    ck_assert(anytls_uot_is_destination(&address));
    address = anytls_uot_destination();
    ck_assert(anytls_uot_is_destination(&address));
    ck_assert_int_eq(address.kind, ANYTLS_NAME);
    ck_assert_uint_eq(address.size, 23);
    ck_assert_uint_eq(address.port, 0);
}
END_TEST

START_TEST(another_name_is_an_ordinary_destination)
{
    static const char *const names[] = {
        "xsp.v2.udp-over-tcp.arpa", "sp.v2.udp-over-tcp.arpa.", "sp.v2.udp-over-tcp.arpa.example",
        "SP.V2.UDP-OVER-TCP.ARPA",  "sp.udp-over-tcp.arpa",     "sp.v2.udp-over-tcp.arp",
    };
    struct anytls_address address;

    for (size_t i = 0; i < COUNT(names); i++) {
        address = address_name(names[i], 0);
        ck_assert(!anytls_uot_is_destination(&address));
    }
    for (size_t i = 0; i < 23; i++) {
        address = anytls_uot_destination();
        address.host[i] ^= 1;
        ck_assert(!anytls_uot_is_destination(&address));
    }
    address = anytls_uot_destination();
    address.kind = ANYTLS_IPV6;
    ck_assert(!anytls_uot_is_destination(&address));
}
END_TEST

/* ---- The request ---- */

static const char *const requests[] = {
    "<01017f0000010035>",
    "<00017f0000010035>",
    "<0104000102030405060708090a0b0c0d0e0f0035>",
    "<00030b>example.com<0035>",
};

/* UDP-REQUEST */
START_TEST(a_request_is_a_mode_and_a_socks_address)
{
    struct anytls_uot_request_result result;

    in.size = 0;
    bytes_add_data(&in, "<01030b>example.com<0035>more");
    result = anytls_uot_request_decode(in.at, in.size);
    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.consumed, in.size - 4);
    ck_assert(result.request.connect);
    ck_assert_int_eq(result.request.address.kind, ANYTLS_NAME);
    ck_assert_uint_eq(result.request.address.port, 53);
    in.at[0] = 0;
    ck_assert(!anytls_uot_request_decode(in.at, in.size).request.connect);
}
END_TEST

START_TEST(a_request_that_is_cut_anywhere_is_incomplete)
{
    for (size_t i = 0; i < COUNT(requests); i++) {
        in.size = 0;
        bytes_add_data(&in, requests[i]);
        for (size_t cut = 0; cut < in.size; cut++) {
            struct anytls_address_size size = anytls_uot_request_size(in.at, cut);

            ck_assert_int_eq(anytls_uot_request_decode(in.at, cut).status, ANYTLS_INCOMPLETE);
            ck_assert_uint_eq(anytls_uot_request_decode(in.at, cut).consumed, 0);
            ck_assert_int_eq(size.status, ANYTLS_OK);
            ck_assert_uint_gt(size.size, cut);
            ck_assert_uint_le(size.size, in.size);
        }
        ck_assert_uint_eq(anytls_uot_request_size(in.at, in.size).size, in.size);
        ck_assert_int_eq(anytls_uot_request_decode(in.at, in.size).status, ANYTLS_OK);
    }
}
END_TEST

START_TEST(a_request_is_written_where_it_fits_and_read_back)
{
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct anytls_uot_request request;

        in.size = 0;
        bytes_add_data(&in, requests[i]);
        request = anytls_uot_request_decode(in.at, in.size).request;
        for (size_t capacity = 0; capacity <= in.size; capacity++) {
            bool fits = capacity == in.size;
            uint8_t out[40];
            struct anytls_written written;

            memset(out, 0xee, sizeof out);
            written = anytls_uot_request_encode(&request, out, capacity);
            ck_assert_int_eq(written.status, fits ? ANYTLS_OK : ANYTLS_NO_ROOM);
            ck_assert_uint_eq(written.size, fits ? in.size : 0);
            ck_assert(memcmp(out, in.at, written.size) == 0);
            for (size_t at = written.size; at < sizeof out; at++)
                ck_assert_uint_eq(out[at], 0xee);
        }
    }
}
END_TEST

/* UDP-REQUEST-BAD */
START_TEST(a_request_of_another_mode_is_bad)
{
    uint8_t bytes[8] = {0, 1, 127, 0, 0, 1, 0, 53};

    for (unsigned mode = 2; mode <= 255; mode++) {
        bytes[0] = (uint8_t)mode;
        ck_assert_int_eq(anytls_uot_request_decode(bytes, 8).status, ANYTLS_BAD_REQUEST);
        ck_assert_int_eq(anytls_uot_request_decode(bytes, 1).status, ANYTLS_BAD_REQUEST);
        ck_assert_int_eq(anytls_uot_request_size(bytes, 1).status, ANYTLS_BAD_REQUEST);
    }
}
END_TEST

START_TEST(a_request_with_a_bad_address_is_bad)
{
    static const uint8_t type[2] = {1, 2};
    static const uint8_t empty[3] = {0, 3, 0};
    struct anytls_uot_request request = {true, {ANYTLS_IPV4, 1, 5, {0}}};
    uint8_t out[40];

    ck_assert_int_eq(anytls_uot_request_decode(type, 2).status, ANYTLS_BAD_ADDRESS);
    ck_assert_int_eq(anytls_uot_request_size(type, 2).status, ANYTLS_BAD_ADDRESS);
    ck_assert_int_eq(anytls_uot_request_decode(empty, 3).status, ANYTLS_BAD_ADDRESS);
    ck_assert_int_eq(anytls_uot_request_size(empty, 3).status, ANYTLS_BAD_ADDRESS);
    ck_assert_int_eq(anytls_uot_request_encode(&request, out, sizeof out).status,
                     ANYTLS_BAD_ADDRESS);
}
END_TEST

/* ---- Datagrams ---- */

/* UDP-PACKET */
START_TEST(a_datagram_with_connect_is_length_and_data)
{
    struct anytls_uot_packet_result result;

    in.size = 0;
    bytes_add_data(&in, "<0003>abcmore");
    result = anytls_uot_packet_decode(true, in.at, in.size);
    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.consumed, 5);
    ck_assert_uint_eq(result.size, 3);
    ck_assert_ptr_eq(result.data, in.at + 2);
    for (size_t cut = 0; cut < 5; cut++) {
        ck_assert_int_eq(anytls_uot_packet_decode(true, in.at, cut).status, ANYTLS_INCOMPLETE);
        ck_assert_uint_eq(anytls_uot_packet_decode(true, in.at, cut).consumed, 0);
    }
}
END_TEST

START_TEST(a_datagram_without_connect_has_an_address_before_it)
{
    struct anytls_uot_packet_result result;

    in.size = 0;
    bytes_add_data(&in, "<000808040400350003>abcmore");
    result = anytls_uot_packet_decode(false, in.at, in.size);
    ck_assert_int_eq(result.status, ANYTLS_OK);
    ck_assert_uint_eq(result.consumed, 12);
    ck_assert_uint_eq(result.size, 3);
    ck_assert_ptr_eq(result.data, in.at + 9);
    ck_assert_int_eq(result.address.kind, ANYTLS_IPV4);
    ck_assert_uint_eq(result.address.port, 53);
    ck_assert_mem_eq(result.address.host, "\10\10\4\4", 4);
    for (size_t cut = 0; cut < 12; cut++)
        ck_assert_int_eq(anytls_uot_packet_decode(false, in.at, cut).status, ANYTLS_INCOMPLETE);
}
END_TEST

START_TEST(a_datagram_may_be_empty_or_of_65535_bytes)
{
    static const uint8_t empty[2] = {0, 0};
    static uint8_t full[2 + 65535] = {255, 255};

    ck_assert_int_eq(anytls_uot_packet_decode(true, empty, 2).status, ANYTLS_OK);
    ck_assert_uint_eq(anytls_uot_packet_decode(true, empty, 2).consumed, 2);
    ck_assert_uint_eq(anytls_uot_packet_decode(true, full, sizeof full).size, 65535);
    ck_assert_int_eq(anytls_uot_packet_decode(true, full, sizeof full - 1).status,
                     ANYTLS_INCOMPLETE);
}
END_TEST

START_TEST(a_datagram_with_a_bad_address_cannot_be_read)
{
    static const uint8_t type[1] = {3};
    static const uint8_t empty[2] = {2, 0};

    ck_assert_int_eq(anytls_uot_packet_decode(false, type, 1).status, ANYTLS_BAD_ADDRESS);
    ck_assert_int_eq(anytls_uot_packet_decode(false, empty, 2).status, ANYTLS_BAD_ADDRESS);
}
END_TEST

static void check_header(bool connect, const struct anytls_address *address, size_t size,
                         const char *expected)
{
    in.size = 0;
    bytes_add_data(&in, expected);
    for (size_t capacity = 0; capacity <= in.size; capacity++) {
        bool fits = capacity == in.size;
        uint8_t out[20];
        struct anytls_written written;

        memset(out, 0xee, sizeof out);
        written = anytls_uot_header_encode(connect, address, size, out, capacity);
        ck_assert_int_eq(written.status, fits ? ANYTLS_OK : ANYTLS_NO_ROOM);
        ck_assert_uint_eq(written.size, fits ? in.size : 0);
        ck_assert(memcmp(out, in.at, written.size) == 0);
        for (size_t at = written.size; at < sizeof out; at++)
            ck_assert_uint_eq(out[at], 0xee);
    }
}

START_TEST(the_header_of_a_datagram_is_written_where_it_fits)
{
    struct anytls_address address = ipv4();

    check_header(true, NULL, 0, "<0000>");
    check_header(true, NULL, 258, "<0102>");
    check_header(true, NULL, 65535, "<ffff>");
    check_header(false, &address, 3, "<000808040400350003>");
}
END_TEST

START_TEST(a_datagram_of_over_65535_bytes_or_to_a_bad_address_is_not_written)
{
    struct anytls_address address = ipv4();
    uint8_t out[20];

    ck_assert_int_eq(anytls_uot_header_encode(true, NULL, 65536, out, 20).status, ANYTLS_TOO_LONG);
    ck_assert_int_eq(anytls_uot_header_encode(false, &address, 65536, out, 20).status,
                     ANYTLS_TOO_LONG);
    address.size = 3;
    ck_assert_int_eq(anytls_uot_header_encode(false, &address, 1, out, 20).status,
                     ANYTLS_BAD_ADDRESS);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_name_asks_for_udp_whatever_the_port,
        another_name_is_an_ordinary_destination,
        a_request_is_a_mode_and_a_socks_address,
        a_request_that_is_cut_anywhere_is_incomplete,
        a_request_is_written_where_it_fits_and_read_back,
        a_request_of_another_mode_is_bad,
        a_request_with_a_bad_address_is_bad,
        a_datagram_with_connect_is_length_and_data,
        a_datagram_without_connect_has_an_address_before_it,
        a_datagram_may_be_empty_or_of_65535_bytes,
        a_datagram_with_a_bad_address_cannot_be_read,
        the_header_of_a_datagram_is_written_where_it_fits,
        a_datagram_of_over_65535_bytes_or_to_a_bad_address_is_not_written,
    };

    return suite_run("uot", tests, COUNT(tests));
}
