/* Addresses with both tables of types, UDP-over-TCP, frames alone, preambles: every short input over
 * a few bytes, every prefix of whole ones, every size. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exhaustive.h"

static const char *const kinds[] = {"ipv4", "ipv6", "name"};
static const char *const their_kinds[] = {"ipv4", "ipv6", "name"};

static void tell_bytes(const char *what, const uint8_t *bytes, size_t size)
{
    if (!tell())
        return;
    printf("  %s:", what);
    show("bytes", bytes, size);
    printf("\n");
}

static bool same_address(const struct anytls_address *ours, const struct oracle_address *theirs)
{
    return strcmp(kinds[ours->kind], their_kinds[theirs->kind]) == 0 &&
           ours->port == theirs->port &&
           same_bytes(ours->host, ours->size, theirs->host, theirs->size);
}

/* ---- Reading ---- */

static void compare_address(int table, const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};
    struct anytls_address_result ours =
        anytls_address_decode((enum anytls_address_table)table, bytes, size);
    struct anytls_address_size whole =
        anytls_address_size((enum anytls_address_table)table, bytes, size);
    struct oracle_address address;
    size_t consumed = 0;
    enum oracle_status status =
        oracle_address_read((enum oracle_types)table, all, &address, &consumed);
    bool same = same_status(ours.status, status) && ours.consumed == consumed;

    if (same && status == ORACLE_OK)
        same = same_address(&ours.address, &address) && whole.size == consumed;
    if (status == ORACLE_INCOMPLETE)
        same = same && whole.status == ANYTLS_OK && whole.size > size;
    else
        same = same && same_status(whole.status, status);
    if (!agree(same))
        tell_bytes(table == 0 ? "address, SOCKS types" : "address, UDP-over-TCP types", bytes,
                   size);
}

static void compare_request(const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};
    struct anytls_uot_request_result ours = anytls_uot_request_decode(bytes, size);
    struct anytls_address_size whole = anytls_uot_request_size(bytes, size);
    struct oracle_request request;
    size_t consumed = 0;
    enum oracle_status status = oracle_request_read(all, &request, &consumed);
    bool same = same_status(ours.status, status) && ours.consumed == consumed;

    if (same && status == ORACLE_OK)
        same = ours.request.connect == request.connect && whole.size == consumed &&
               same_address(&ours.request.address, &request.address);
    if (status == ORACLE_INCOMPLETE)
        same = same && whole.status == ANYTLS_OK && whole.size > size;
    else
        same = same && same_status(whole.status, status);
    if (!agree(same))
        tell_bytes("UDP-over-TCP request", bytes, size);
}

static void compare_packet(bool connect, const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};
    struct anytls_uot_packet_result ours = anytls_uot_packet_decode(connect, bytes, size);
    struct oracle_packet packet;
    size_t consumed = 0;
    enum oracle_status status = oracle_packet_read(connect, all, &packet, &consumed);
    bool same = same_status(ours.status, status) && ours.consumed == consumed;

    if (same && status == ORACLE_OK)
        same = ours.data == packet.data.at && ours.size == packet.data.size &&
               (connect || same_address(&ours.address, &packet.address));
    if (!agree(same))
        tell_bytes(connect ? "datagram, connected" : "datagram", bytes, size);
}

static void compare_frame(const uint8_t *bytes, size_t size)
{
    struct oracle_bytes all = {bytes, size};
    struct anytls_frame_result ours = anytls_frame_decode(bytes, size);
    struct oracle_frame frame = {0};
    enum oracle_status status = oracle_frame_read(all, &frame);
    bool same = same_status(ours.status, status) && ours.consumed == frame.consumed;

    if (same && status == ORACLE_OK)
        same = ours.frame.header.command == frame.command &&
               ours.frame.header.stream == frame.stream &&
               ours.frame.header.length == frame.data.size && ours.frame.data == frame.data.at;
    if (!agree(same))
        tell_bytes("frame", bytes, size);
}

static void compare_all(const uint8_t *bytes, size_t size)
{
    compare_address(0, bytes, size);
    compare_address(1, bytes, size);
    compare_request(bytes, size);
    compare_packet(false, bytes, size);
    compare_packet(true, bytes, size);
    compare_frame(bytes, size);
}

/* Every sequence of up to length bytes of an alphabet, in front of a tail of zeros or without. */
static void compare_short(const uint8_t *alphabet, size_t count, size_t length)
{
    uint8_t bytes[16] = {0};
    size_t combinations = 1;

    for (size_t size = 0; size <= length; size++) {
        for (size_t number = 0; number < combinations; number++) {
            size_t rest = number;

            for (size_t i = 0; i < size; i++) {
                bytes[i] = alphabet[rest % count];
                rest /= count;
            }
            compare_all(bytes, size);
        }
        combinations *= count;
    }
}

/* ---- Writing, and all prefixes of what was written ---- */

static void compare_prefixes(const uint8_t *bytes, size_t size)
{
    uint8_t *exact;

    for (size_t prefix = 0; prefix <= size; prefix++) {
        exact = malloc(prefix > 0 ? prefix : 1); /* so that sanitizers see a byte too far */
        memcpy(exact, bytes, prefix);
        compare_all(exact, prefix);
        free(exact);
    }
}

static void compare_written(int kind, size_t host, int table)
{
    struct anytls_address ours = {(enum anytls_address_kind)kind, 443, (uint8_t)host, {0}};
    struct oracle_address theirs = {(enum oracle_kind)kind, (uint8_t)host, {0}, 443};
    struct oracle_buffer buffer = {0};
    uint8_t out[ANYTLS_ADDRESS_SIZE_MAX + 1];
    struct anytls_written written;
    enum oracle_status status;

    for (size_t i = 0; i < host; i++) {
        ours.host[i] = (uint8_t)(i * 3 + 1);
        theirs.host[i] = ours.host[i];
    }
    status = oracle_address_write(&buffer, (enum oracle_types)table, &theirs);
    written = anytls_address_encode((enum anytls_address_table)table, &ours, out,
                                    ANYTLS_ADDRESS_SIZE_MAX);
    if (!agree(same_status(written.status, status) &&
               same_bytes(out, written.size, buffer.at, buffer.size)) &&
        tell())
        printf("  writing %s of %zu bytes\n", kinds[kind], host);
    if (status == ORACLE_OK) {
        oracle_buffer_u16(&buffer, 2); /* and a datagram's length and data */
        oracle_buffer_u16(&buffer, 0x4142);
        compare_prefixes(buffer.at, buffer.size);
    }
    oracle_buffer_free(&buffer);
}

static void compare_headers(bool connect, size_t size)
{
    static uint8_t data[65536];
    struct anytls_address ours = {ANYTLS_NAME, 53, 1, {'n'}};
    struct oracle_address theirs = {ORACLE_NAME, 1, {'n'}, 53};
    struct oracle_bytes bytes = {data, size};
    struct oracle_buffer buffer = {0};
    uint8_t out[ANYTLS_UOT_HEADER_SIZE_MAX];
    enum oracle_status status = oracle_packet_write(&buffer, connect, &theirs, bytes);
    struct anytls_written written =
        anytls_uot_header_encode(connect, connect ? NULL : &ours, size, out, sizeof out);
    size_t header = status == ORACLE_OK ? buffer.size - size : 0;

    if (!agree(same_status(written.status, status) &&
               same_bytes(out, written.size, buffer.at, header)) &&
        tell())
        printf("  writing a datagram of %zu bytes\n", size);
    oracle_buffer_free(&buffer);
}

static void compare_uot_names(void)
{
    static const char *const names[] = {ORACLE_UOT_NAME,
                                        "sp.v2.udp-over-tcp.arp",
                                        "sp.v2.udp-over-tcp.arpa.",
                                        "xsp.v2.udp-over-tcp.arpa",
                                        "SP.v2.udp-over-tcp.arpa",
                                        "sp.udp-over-tcp.arpa",
                                        "a"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        for (int kind = 0; kind <= 2; kind++) {
            struct anytls_address ours = {(enum anytls_address_kind)kind, 0, 0, {0}};
            struct oracle_address theirs = {(enum oracle_kind)kind, 0, {0}, 0};

            ours.size = theirs.size = (uint8_t)strlen(names[i]);
            memcpy(ours.host, names[i], ours.size);
            memcpy(theirs.host, names[i], ours.size);
            if (!agree(anytls_uot_is_destination(&ours) == oracle_is_uot(&theirs)) && tell())
                printf("  the name %s\n", names[i]);
        }
    }
}

/* ---- Preambles ---- */

static void compare_preamble(const uint8_t *bytes, size_t size, size_t cut, const uint8_t *hash)
{
    struct anytls_preamble preamble = anytls_preamble_begin();
    struct anytls_preamble_result ours = anytls_preamble_receive(&preamble, hash, bytes, cut);
    struct oracle_bytes all = {bytes, size};
    size_t consumed = ours.consumed;
    size_t their_consumed;
    enum oracle_status status = oracle_preamble_read(all, hash, &their_consumed);

    if (ours.status == ANYTLS_INCOMPLETE) {
        ours = anytls_preamble_receive(&preamble, hash, bytes + cut, size - cut);
        consumed += ours.consumed;
    }
    if (!agree(same_status(ours.status, status) && consumed == their_consumed))
        tell_bytes("preamble", bytes, size);
}

static void compare_preambles(void)
{
    static const uint16_t paddings[] = {0, 1, 2, 30, 255, 256, 65535};
    static uint8_t ours[34 + 65535];
    uint8_t hash[32];
    uint8_t other[32];

    for (size_t i = 0; i < sizeof hash; i++)
        hash[i] = (uint8_t)(i * 11);
    for (size_t p = 0; p < COUNT_OF(paddings); p++) {
        struct oracle_buffer buffer = {0};
        struct anytls_written written =
            anytls_preamble_encode(hash, paddings[p], ours, sizeof ours);

        oracle_preamble_write(&buffer, hash, paddings[p]);
        agree(same_bytes(ours, written.size, buffer.at, buffer.size));
        oracle_buffer_byte(&buffer, 'x'); /* what comes behind it is not taken */
        for (size_t size = 0; size <= buffer.size; size = size == 300 ? buffer.size - 2 : size + 1)
            for (size_t cut = 0; cut <= size && cut <= 40; cut++)
                if (size <= buffer.size)
                    compare_preamble(buffer.at, size, cut, hash);
        for (size_t wrong = 0; wrong < 32; wrong++) {
            memcpy(other, hash, sizeof other);
            other[wrong] ^= 128;
            for (size_t cut = 30; cut <= 34; cut++)
                compare_preamble(buffer.at, buffer.size, cut, other);
        }
        oracle_buffer_free(&buffer);
    }
}

void compare_addresses(void)
{
    static const uint8_t bytes[] = {0, 1, 2, 3, 4, 5, 255};
    static const size_t datagrams[] = {0, 1, 255, 256, 65534, 65535, 65536};

    part_begin("addresses and frames up to 6 bytes");
    compare_short(bytes, COUNT_OF(bytes), 6);
    part_begin("addresses of every size, every prefix");
    for (int table = 0; table <= 1; table++)
        for (int kind = 0; kind <= 2; kind++)
            for (size_t host = 0; host <= 255; host++)
                compare_written(kind, host, table);
    for (size_t i = 0; i < COUNT_OF(datagrams); i++) {
        compare_headers(false, datagrams[i]);
        compare_headers(true, datagrams[i]);
    }
    compare_uot_names();
    part_begin("preambles, every cut");
    compare_preambles();
}
