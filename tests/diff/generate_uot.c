#include <stdio.h>
#include <string.h>

#include "generate.h"

#define LOCAL_SOCKS "017f0000010035" /* 127.0.0.1 port 53 */
#define LOCAL6_SOCKS                                                                               \
    "0400000000000000000000000000000001"                                                           \
    "0035"
#define NAME_SOCKS "030b6578616d706c652e6f726701bb" /* example.org port 443 */
#define LOCAL_UOT "007f0000010035"
#define LOCAL6_UOT                                                                                 \
    "0100000000000000000000000000000001"                                                           \
    "0035"
#define NAME_UOT "020b6578616d706c652e6f726701bb"

static void request(const char *digits, const char *flags, const char *requirements,
                    const char *comment)
{
    vector("uot_request_decode", bytes_input("%s", digits), flags, requirements, "%s", comment);
}

static void requests(void)
{
    static const char *const whole[] = {LOCAL_SOCKS, LOCAL6_SOCKS, NAME_SOCKS};
    static const char *const names[] = {"IPv4", "IPv6", "a name"};
    char digits[128];
    char comment[128];

    for (unsigned connect = 0; connect < 2; connect++) {
        for (size_t i = 0; i < 3; i++) {
            snprintf(digits, sizeof digits, "%02x%s", connect, whole[i]);
            snprintf(comment, sizeof comment, "request with isConnect = %u and %s", connect,
                     names[i]);
            request(digits, "", "UDP-REQUEST", comment);
        }
    }
    for (unsigned first = 2; first < 256; first += 253 / 2) {
        snprintf(digits, sizeof digits, "%02x%s", first, LOCAL_SOCKS);
        snprintf(comment, sizeof comment, "isConnect = %u is neither 0 nor 1", first);
        request(digits, "ambiguous", "UDP-REQUEST-BAD", comment);
        allow(json("{'status':'ok','connect':true,'type':'ipv4','host':'7f000001','port':53,"
                   "'consumed':8}"),
              "anything that is not 0 may count as 1");
    }
    request("01" LOCAL_UOT, "table", "UDP-REQUEST",
            "the request has the types of SOCKS: 0 is none");
    request("01" NAME_UOT, "table", "UDP-REQUEST", "the request has the types of SOCKS: 2 is none");
    request("", "truncated", "UDP-REQUEST", "nothing");
    request("01", "truncated", "UDP-REQUEST", "isConnect and nothing behind it");
    request("0101", "truncated", "UDP-REQUEST", "isConnect and a type");
    request("01017f00000100", "truncated", "UDP-REQUEST", "the port's second byte is missing");
    request("01" NAME_SOCKS "000568656c6c6f", "following", "UDP-REQUEST",
            "a request and the first datagram behind it");
    request("01030000350000", "empty ambiguous", "STREAM-DESTINATION-BAD",
            "a request with a name of no bytes");
    allow(json("{'status':'ok','connect':true,'type':'name','host':'','port':53,'consumed':5}"),
          "the document does not exclude it; but nothing can be done with it");
    for (unsigned connect = 0; connect < 2; connect++) {
        const char *flag_text = connect ? "true" : "false";

        vector("uot_request_encode",
               json("{'connect':%s,'type':'ipv4','host':'7f000001','port':53}", flag_text), "",
               "UDP-REQUEST", "request to an IPv4 address, connect %s", flag_text);
        vector("uot_request_encode",
               json("{'connect':%s,'type':'ipv6','host':'00000000000000000000000000000001',"
                    "'port':53}",
                    flag_text),
               "", "UDP-REQUEST", "request to an IPv6 address, connect %s", flag_text);
        vector("uot_request_encode",
               json("{'connect':%s,'type':'name','host':'%s','port':443}", flag_text,
                    hex("example.org")),
               "", "UDP-REQUEST", "request to a name, connect %s", flag_text);
    }
}

static void packet(bool connect, const char *digits, const char *flags, const char *comment)
{
    vector("uot_packet_decode",
           json("{'connect':%s,'bytes':'%s'}", connect ? "true" : "false", digits), flags,
           connect ? "UDP-PACKET" : "UDP-PACKET UDP-PACKET-ADDRESS", "%s: %s",
           connect ? "connected" : "with addresses", comment);
}

static void packets_decode(void)
{
    static const unsigned sizes[] = {0, 1, 2, 255, 256, 1472, 65535};
    char *digits;
    char comment[64];

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(comment, sizeof comment, "a datagram of %u bytes", sizes[i]);
        for (int connect = 0; connect < 2; connect++) {
            digits = scratch(2 * 65535 + 64);
            sprintf(digits, "%s%04x%s", connect ? "" : LOCAL_UOT, sizes[i], fill("2a", sizes[i]));
            packet(connect, digits, "", comment);
        }
    }
    packet(false, LOCAL6_UOT "0003616263", "", "an IPv6 address");
    packet(false, NAME_UOT "0003616263", "", "a name");
    packet(true,
           "0003616263"
           "000178",
           "following", "another datagram behind it");
    packet(false, LOCAL_UOT "0003616263" LOCAL_UOT "000178", "following",
           "another datagram behind it");
    packet(false, LOCAL_SOCKS "0003616263", "table desync",
           "the type 1 of SOCKS for IPv4 is IPv6 here: more bytes would have to come");
    packet(false, NAME_SOCKS "0003616263", "table", "the type 3 of SOCKS is none here");
    packet(false, LOCAL6_SOCKS "0003616263", "table", "the type 4 of SOCKS is none here");
    packet(false, "ff", "table", "type 255");
    packet(false, "020000500001aa", "empty ambiguous", "a name of no bytes");
    allow(json("{'status':'ok','type':'name','host':'','port':80,'data':'aa','consumed':7}"),
          "the document does not exclude it; but nothing can be done with it");
}

static void packets_truncated(void)
{
    static const char whole[] = LOCAL_UOT "0003616263";
    static const char connected[] = "0003616263";
    char digits[64];
    char comment[64];

    for (int size = 0; size < 12; size++) {
        snprintf(digits, sizeof digits, "%.*s", 2 * size, whole);
        snprintf(comment, sizeof comment, "%d of 12 bytes", size);
        packet(false, digits, "truncated", comment);
    }
    for (int size = 0; size < 5; size++) {
        snprintf(digits, sizeof digits, "%.*s", 2 * size, connected);
        snprintf(comment, sizeof comment, "%d of 5 bytes", size);
        packet(true, digits, "truncated", comment);
    }
}

static void packets_encode(void)
{
    static const unsigned sizes[] = {0, 1, 1472, 65535};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        vector("uot_packet_encode", json("{'connect':true,'data':'%s'}", fill("2a", sizes[i])), "",
               "UDP-PACKET", "connected: a datagram of %u bytes", sizes[i]);
        vector("uot_packet_encode",
               json("{'connect':false,'type':'ipv4','host':'01020304','port':53,'data':'%s'}",
                    fill("2a", sizes[i])),
               "", "UDP-PACKET UDP-PACKET-ADDRESS", "with addresses: a datagram of %u bytes",
               sizes[i]);
    }
    vector("uot_packet_encode", json("{'connect':true,'data':'%s'}", fill("2a", 65536)), "limit",
           "UDP-PACKET", "connected: 65,536 bytes do not fit into a datagram");
    vector("uot_packet_encode",
           json("{'connect':false,'type':'ipv6','host':'20010db8000000000000000000000001',"
                "'port':53,'data':'616263'}"),
           "", "UDP-PACKET UDP-PACKET-ADDRESS", "with addresses: IPv6");
    vector("uot_packet_encode",
           json("{'connect':false,'type':'name','host':'%s','port':53,'data':'616263'}",
                hex("example.org")),
           "", "UDP-PACKET UDP-PACKET-ADDRESS", "with addresses: a name");
}

void generate_uot(void)
{
    file_begin("uot", "UDP-over-TCP version 2: the request, which names its address by the types "
                      "of SOCKS, and datagrams, which have types of their own: connected ones are "
                      "length and data, the others address, length and data.");
    flag("table",
         "The types of the other table. Finds implementations that use one table for both.");
    flag("truncated", "The bytes end inside the item: more have to come.");
    flag("following", "Bytes follow the item. They are not a part of it.");
    flag("desync", "Read by the wrong rule, what follows would be read at the wrong place.");
    flag("empty", "A name without bytes.");
    flag("limit", "More than the length of a datagram can hold.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    requests();
    packets_decode();
    packets_truncated();
    packets_encode();
}
