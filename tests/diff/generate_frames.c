#include <stdio.h>

#include "generate.h"

static const char *const command_names[] = {"Waste",
                                            "SYN",
                                            "PSH",
                                            "FIN",
                                            "Settings",
                                            "Alert",
                                            "UpdatePaddingScheme",
                                            "SYNACK",
                                            "HeartRequest",
                                            "HeartResponse",
                                            "ServerSettings"};
static const uint32_t ids[] = {0, 1, 0x80000000u, 0xffffffffu};
static const unsigned unknown[] = {11, 127, 128, 255};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void decode_known(void)
{
    for (unsigned i = 0; i < COUNT(command_names); i++) {
        vector("frame_decode", bytes_input("%02x000000010000", i), "",
               "FRAME-HEADER FRAME-COMMANDS", "%s, stream 1, no data", command_names[i]);
        vector("frame_decode", bytes_input("%02xfffffffe0003616263", i), "",
               "FRAME-HEADER FRAME-COMMANDS",
               "%s with 3 bytes of data: any frame can be decoded, whether or not it may be sent",
               command_names[i]);
    }
    for (unsigned i = 0; i < COUNT(ids); i++)
        vector("frame_decode", bytes_input("02%08x000178", ids[i]), "", "FRAME-HEADER",
               "stream id %u", ids[i]);
    vector("frame_decode", bytes_input("02010203040001ff"), "", "FRAME-HEADER",
           "each byte of the stream id differs: big-endian");
    vector("frame_decode", bytes_input("0200000001%04x%s", 258u, fill("61", 258)), "",
           "FRAME-HEADER", "length 258 = 0102 hexadecimal: big-endian");
    for (unsigned i = 0; i < COUNT(unknown); i++) {
        const char *why = "an implementation may name what it does not know Waste, since both are "
                          "dropped";

        vector("frame_decode", bytes_input("%02x000000050002abcd", unknown[i]), "unknown ambiguous",
               "FRAME-COMMANDS", "command %u is unknown; its length counts all the same",
               unknown[i]);
        allow(json("{'status':'ok','command':0,'stream':5,'data':'abcd','consumed':9}"), why);
    }
}

static void decode_lengths(void)
{
    static const unsigned sizes[] = {1,    2,     127,   128,   255,   256,  257,
                                     1024, 16384, 32767, 32768, 65534, 65535};

    for (unsigned i = 0; i < COUNT(sizes); i++)
        vector("frame_decode", bytes_input("0200000003%04x%s", sizes[i], fill("5a", sizes[i])), "",
               "FRAME-HEADER FRAME-LENGTH", "PSH with %u bytes", sizes[i]);
    vector("frame_decode", bytes_input("010000000100000200000001000161"), "following",
           "FRAME-HEADER", "SYN, and another frame behind it, which stays");
    vector("frame_decode", bytes_input("0200000001000161ff"), "following", "FRAME-HEADER",
           "PSH, and one byte of what follows");
    vector("frame_decode", bytes_input("000000000000%s", fill("00", 100)), "following",
           "FRAME-HEADER", "nothing but zeros is a Waste frame without data");
}

static void decode_truncated(void)
{
    const char whole[] = "02000000010005";

    for (int size = 0; size < 7; size++)
        vector("frame_decode", bytes_input("%.*s", 2 * size, whole), "truncated", "FRAME-HEADER",
               "%d bytes of a header", size);
    vector("frame_decode", bytes_input("%s", whole), "truncated", "FRAME-LENGTH",
           "a header, and none of its 5 bytes of data");
    vector("frame_decode", bytes_input("%s61626364", whole), "truncated", "FRAME-LENGTH",
           "a header, and 4 of its 5 bytes of data");
    vector("frame_decode", bytes_input("0000000000ffff%s", fill("00", 65534)), "truncated",
           "FRAME-LENGTH", "Waste of 65,535 bytes, of which one is missing");
    vector("frame_decode", bytes_input("ff000000000001"), "truncated unknown", "FRAME-LENGTH",
           "an unknown command, and its data missing");
}

static cJSON *encode_input(unsigned command, uint32_t stream, const char *data)
{
    return json("{'command':%u,'stream':%u,'data':'%s'}", command, stream, data);
}

static void encode(void)
{
    static const unsigned sizes[] = {1, 255, 256, 65534, 65535};

    for (unsigned i = 0; i < COUNT(command_names); i++)
        vector("frame_encode", encode_input(i, 7, ""), "", "FRAME-HEADER FRAME-COMMANDS",
               "%s, stream 7, no data", command_names[i]);
    for (unsigned i = 0; i < COUNT(ids); i++)
        vector("frame_encode", encode_input(2, ids[i], "00ff"), "", "FRAME-HEADER", "stream id %u",
               ids[i]);
    for (unsigned i = 0; i < COUNT(sizes); i++)
        vector("frame_encode", encode_input(2, 1, fill("a5", sizes[i])), "",
               "FRAME-HEADER FRAME-LENGTH", "PSH with %u bytes", sizes[i]);
    vector("frame_encode", encode_input(4, 0, hex("v=2\nclient=x\npadding-md5=0")), "",
           "FRAME-HEADER", "Settings with their text");
    vector("frame_encode", encode_input(7, 9, hex("connection refused")), "", "FRAME-HEADER",
           "SYNACK with an error text");
}

static void encode_payload(void)
{
    static const unsigned sizes[] = {1, 2, 1400, 16384, 65534, 65535, 65536, 65537, 131070, 131071};

    vector("data_encode", json("{'stream':3,'data':''}"), "ambiguous", "STREAM-PSH",
           "a payload of no bytes: nothing is sent");
    allow(json("{'status':'ok','bytes':'02000000030000'}"), "an empty PSH means nothing");
    for (unsigned i = 0; i < COUNT(sizes); i++)
        vector("data_encode", json("{'stream':%u,'data':'%s'}", i + 1, fill("c3", sizes[i])),
               sizes[i] > 65535 ? "split" : "", "STREAM-PSH STREAM-SPLIT",
               "a payload of %u bytes as PSH frames", sizes[i]);
}

void generate_frames(void)
{
    file_begin("frames",
               "Single frames read and written, and payloads cut into PSH frames. A frame "
               "is a header of 7 bytes (command, stream id, length) and its data.");
    flag("truncated", "The bytes end inside the frame: more have to come; nothing is consumed. "
                      "Finds readers that trust the length without looking at what is there.");
    flag("following", "Bytes follow the frame. They are not a part of it: consumed says where it "
                      "ends.");
    flag("unknown", "The command is none that the protocol has. Finds readers that leave the data "
                    "of such a frame in the stream, where it would be read as the next header.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    flag("split",
         "The payload is larger than one frame can hold. Finds writers whose 16-bit length "
         "wraps, so that framing is lost.");
    decode_known();
    decode_lengths();
    decode_truncated();
    encode();
    encode_payload();
}
