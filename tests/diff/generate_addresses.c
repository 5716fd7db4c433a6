#include <stdio.h>
#include <string.h>

#include "generate.h"

static const char *const tables[] = {"socks", "uot"};
static const unsigned types[][3] = {{1, 4, 3}, {0, 1, 2}}; /* IPv4, IPv6, name */

static const struct {
    const char *type;
    const char *host;
    unsigned port;
    const char *comment;
} good[] = {
    {"ipv4", "7f000001", 80, "127.0.0.1 port 80"},
    {"ipv4", "01020304", 258, "1.2.3.4 port 258: big-endian"},
    {"ipv4", "00000000", 0, "0.0.0.0 port 0"},
    {"ipv4", "ffffffff", 65535, "255.255.255.255 port 65535"},
    {"ipv6", "20010db8000000000000000000000001", 443, "2001:db8::1 port 443"},
    {"ipv6", "00000000000000000000000000000000", 53, ":: port 53"},
    {"ipv6", "000102030405060708090a0b0c0d0e0f", 65535, "16 different bytes"},
    {"name", "6578616d706c652e6f7267", 443, "example.org port 443"},
    {"name", "61", 1, "a name of one byte"},
    {"name", "312e322e332e34", 80, "a name that reads like an IPv4 address"},
    {"name", "786e2d2d6d6e636865722d337961", 80, "a name in Punycode"},
    {"name", "6d616e63c3a9", 80, "a name in UTF-8"},
    {"name", "4558414d504c452e4f52472e", 80, "upper case and a final dot: as they are"},
};

static void decode(unsigned table, const char *digits, const char *flags, const char *comment)
{
    vector("address_decode", json("{'table':'%s','bytes':'%s'}", tables[table], digits), flags,
           table == 0 ? "STREAM-DESTINATION" : "UDP-PACKET-ADDRESS", "%s: %s", tables[table],
           comment);
}

static unsigned type_of(unsigned table, const char *name)
{
    return types[table][strcmp(name, "ipv4") == 0 ? 0 : strcmp(name, "ipv6") == 0 ? 1 : 2];
}

static const char *wire(unsigned table, const char *type, const char *host, unsigned port)
{
    char *digits = scratch(2 * strlen(host) + 32);
    char length[20] = "";

    if (strcmp(type, "name") == 0)
        snprintf(length, sizeof length, "%02zx", strlen(host) / 2);
    sprintf(digits, "%02x%s%s%04x", type_of(table, type), length, host, port);
    return digits;
}

static void whole(unsigned table)
{
    char digits[600];

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        decode(table, wire(table, good[i].type, good[i].host, good[i].port), "", good[i].comment);
        vector("address_encode",
               json("{'table':'%s','type':'%s','host':'%s','port':%u}", tables[table], good[i].type,
                    good[i].host, good[i].port),
               "", table == 0 ? "STREAM-DESTINATION" : "UDP-PACKET-ADDRESS", "%s: %s",
               tables[table], good[i].comment);
    }
    decode(table, wire(table, "name", fill("78", 255), 80), "", "a name of 255 bytes");
    vector(
        "address_encode",
        json("{'table':'%s','type':'name','host':'%s','port':80}", tables[table], fill("78", 255)),
        "", "STREAM-DESTINATION", "%s: a name of 255 bytes", tables[table]);
    snprintf(digits, sizeof digits, "%s474554", wire(table, "ipv4", "7f000001", 80));
    decode(table, digits, "following", "an address and what follows it");
    snprintf(digits, sizeof digits, "%s00", wire(table, "name", "61", 80));
    decode(table, digits, "following", "a name and what follows it");
    decode(table, wire(table, "ipv6", "00000000000000000000ffff01020304", 80), "mapped ambiguous",
           "an IPv4 address inside an IPv6 address stays what it is");
    allow(json("{'status':'ok','type':'ipv4','host':'01020304','port':80,'consumed':19}"),
          "it may be turned into the IPv4 address that it stands for");
}

static void truncated(unsigned table)
{
    static const char *const names[] = {"ipv4", "ipv6", "name"};
    static const char *const hosts[] = {"7f000001", "20010db8000000000000000000000001",
                                        "6578616d706c65"};
    char digits[128];
    char comment[64];

    decode(table, "", "truncated", "nothing");
    for (size_t i = 0; i < 3; i++) {
        size_t size = strlen(wire(table, names[i], hosts[i], 8080)) / 2;
        size_t cuts[] = {1, 2, size / 2, size - 2, size - 1};

        for (size_t j = 0; j < sizeof cuts / sizeof *cuts; j++) {
            snprintf(digits, 2 * cuts[j] + 1, "%s", wire(table, names[i], hosts[i], 8080));
            snprintf(comment, sizeof comment, "%s, %zu of its %zu bytes", names[i], cuts[j], size);
            decode(table, digits, "truncated", comment);
        }
    }
}

static void invalid(unsigned table)
{
    static const unsigned unknown[][5] = {{0, 2, 5, 127, 255}, {3, 4, 5, 127, 255}};
    char digits[64];
    char comment[64];

    for (size_t i = 0; i < 5; i++) {
        snprintf(digits, sizeof digits, "%02x7f0000010050", unknown[table][i]);
        snprintf(comment, sizeof comment, "type %u is none of this table", unknown[table][i]);
        decode(table, digits, "unknown", comment);
    }
    snprintf(digits, sizeof digits, "%02x", unknown[table][1]);
    decode(table, digits, "unknown", "a type that this table does not have, and nothing behind it");
    decode(table, wire(table, "name", "", 80), "empty ambiguous", "a name of no bytes");
    allow(json("{'status':'ok','type':'name','host':'','port':80,'consumed':4}"),
          "the document does not exclude it; but nothing can be done with it");
    decode(table, wire(table, "name", "610062", 80), "", "a zero byte inside a name");
    vector("address_encode",
           json("{'table':'%s','type':'name','host':'','port':80}", tables[table]),
           "empty ambiguous", "STREAM-DESTINATION-BAD", "%s: a name of no bytes is not written",
           tables[table]);
    allow(json("{'status':'ok','bytes':'%02x000050'}", types[table][2]),
          "the document does not exclude it");
    vector("address_encode",
           json("{'table':'%s','type':'ipv4','host':'7f0000','port':80}", tables[table]), "",
           "STREAM-DESTINATION-BAD", "%s: an IPv4 address of 3 bytes is not written",
           tables[table]);
    vector("address_encode",
           json("{'table':'%s','type':'ipv6','host':'7f000001','port':80}", tables[table]), "",
           "STREAM-DESTINATION-BAD", "%s: an IPv6 address of 4 bytes is not written",
           tables[table]);
}

void generate_addresses(void)
{
    file_begin("addresses",
               "Destinations as bytes: type, host, port. table socks (a stream's "
               "destination, the request of UDP-over-TCP): 1 = IPv4, 3 = name, 4 = "
               "IPv6. table uot (datagrams of UDP-over-TCP): 0 = IPv4, 1 = IPv6, 2 = "
               "name. host is bytes: of the address in network order, or of the name.");
    flag("truncated", "The bytes end inside the address: more have to come.");
    flag("following", "Bytes follow the address. They are not a part of it.");
    flag("unknown", "A type that the table does not have, as where the other table was taken. "
                    "Finds implementations that use one table for both.");
    flag("empty", "A name without bytes.");
    flag("mapped", "::ffff:a.b.c.d");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    for (unsigned table = 0; table < 2; table++) {
        whole(table);
        truncated(table);
        invalid(table);
    }
}
