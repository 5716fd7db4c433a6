#include <stdio.h>
#include <string.h>

#include "generate.h"
#include "vectors_oracle.h"

#define LONG_PASSWORD                                                                              \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"     \
    "89"

static const char *const passwords[] = {"password", "", "a", "p\xc3\xa4ss w\xc3\xb6rd",
                                        LONG_PASSWORD};

static cJSON *encode_input(const char *password, unsigned padding)
{
    cJSON *input = cJSON_CreateObject();

    cJSON_AddStringToObject(input, "password", password);
    json_add_number(input, "padding", padding);
    return input;
}

/* A right preamble as hexadecimal digits. */
static const char *preamble(const char *password, unsigned padding)
{
    cJSON *input = encode_input(password, padding);
    cJSON *answer = oracle_answer("preamble_encode", input);
    const char *digits = json_string(answer, "bytes");
    char *copy = scratch(strlen(digits));

    memcpy(copy, digits, strlen(digits));
    cJSON_Delete(input);
    cJSON_Delete(answer);
    return copy;
}

static void decode(const char *password, const char *digits, const char *flags,
                   const char *requirements, const char *comment)
{
    cJSON *input = cJSON_CreateObject();

    cJSON_AddStringToObject(input, "password", password);
    cJSON_AddStringToObject(input, "bytes", digits);
    vector("preamble_decode", input, flags, requirements, "%s", comment);
}

static void decode_cut(const char *digits, const char *cuts, const char *comment)
{
    cJSON *input = json("{'password':'password','bytes':'%s','cuts':[%s]}", digits, cuts);

    vector("preamble_decode", input, "cut ambiguous", "AUTH-SPLIT", "%s", comment);
    allow(json_status("refused"), "the document lets a server judge by the first read alone");
}

static void whole(void)
{
    static const unsigned paddings[] = {0, 1, 30, 255, 256, 1000, 16350};
    char comment[128];

    for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++) {
        snprintf(comment, sizeof comment, "a password of %zu bytes", strlen(passwords[i]));
        decode(passwords[i], preamble(passwords[i], 30), "", "AUTH-PREAMBLE", comment);
        vector("preamble_encode", encode_input(passwords[i], 30), "", "AUTH-PREAMBLE", "%s",
               comment);
    }
    for (size_t i = 0; i < sizeof paddings / sizeof *paddings; i++) {
        snprintf(comment, sizeof comment, "padding0 of %u bytes", paddings[i]);
        decode("password", preamble("password", paddings[i]), "", "AUTH-PREAMBLE", comment);
        vector("preamble_encode", encode_input("password", paddings[i]), "", "AUTH-PREAMBLE", "%s",
               comment);
    }
    vector("preamble_encode", encode_input("password", 65535), "", "AUTH-PREAMBLE",
           "padding0 of 65,535 bytes, the greatest size");
    decode("password", preamble("password", 65535), "ambiguous", "AUTH-PREAMBLE",
           "padding0 of 65,535 bytes: more than one TLS record");
    allow(json_status("refused"), "the document lets a server judge by the first read alone");
}

static void wrong(void)
{
    char digits[256];

    decode("password", preamble("Password", 30), "", "AUTH-FALLBACK",
           "another password, which differs by case");
    decode("", preamble("password", 0), "", "AUTH-FALLBACK",
           "an empty password and a right hash of another");
    snprintf(digits, sizeof digits, "%s", preamble("password", 2));
    digits[63] = digits[63] == '0' ? '1' : '0';
    decode("password", digits, "", "AUTH-FALLBACK", "the last digit of the hash is wrong");
    digits[64] = '\0';
    decode("password", digits, "truncated", "AUTH-VERDICT",
           "a wrong hash and nothing behind it: 32 bytes are enough for the verdict");
    snprintf(digits, sizeof digits, "%s", preamble("password", 2));
    digits[0] = digits[0] == '0' ? '1' : '0';
    decode("password", digits, "", "AUTH-FALLBACK", "the first digit of the hash is wrong");
    decode("password", fill("00", 34), "", "AUTH-FALLBACK", "nothing but zeros");
    decode("password", hex("GET / HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n"), "",
           "AUTH-FALLBACK", "an HTTP request");
    decode("password", hex(passwords[0]), "truncated ambiguous", "AUTH-SPLIT",
           "the password itself and not its hash");
    allow(json_status("refused"), "the document lets a server judge by the first read alone");
}

static void parts(void)
{
    static const struct {
        unsigned size;
        const char *comment;
    } cases[] = {
        {0, "nothing"},
        {1, "one byte"},
        {31, "a hash that is one byte short"},
        {32, "a hash and nothing behind it"},
        {33, "a hash and half a length"},
        {34, "a hash and a length, without the padding"},
        {63, "one byte of padding is missing"},
    };
    char digits[256];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(digits, 2 * cases[i].size + 1, "%s", preamble("password", 30));
        decode("password", digits, cases[i].size > 0 ? "truncated ambiguous" : "truncated",
               "AUTH-SPLIT", cases[i].comment);
        if (cases[i].size > 0)
            allow(json_status("refused"),
                  "the document lets a server judge by the first read alone");
    }
    snprintf(digits, sizeof digits, "%sff", preamble("password", 30));
    decode("password", digits, "following", "AUTH-PREAMBLE", "one byte of the session behind it");
    snprintf(digits, sizeof digits, "%s%s", preamble("password", 0), frames("Settings 0 v=2"));
    decode("password", digits, "following", "AUTH-PREAMBLE",
           "no padding, and a frame of the session behind it");
    snprintf(digits, sizeof digits, "%.64s0004deadbeef", preamble("password", 0));
    decode("password", digits, "", "AUTH-PREAMBLE", "what the padding holds means nothing");
}

static void cut(void)
{
    static const char *const places[] = {"1",  "16", "31", "32",    "33",
                                         "34", "35", "63", "32,34", "0,32,32,33,34"};
    char every[512] = "1";
    char digits[256];
    char comment[64];

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(comment, sizeof comment, "cut at %s", places[i]);
        decode_cut(preamble("password", 30), places[i], comment);
    }
    for (int i = 2; i < 64; i++)
        snprintf(every + strlen(every), 16, ",%d", i);
    decode_cut(preamble("password", 30), every, "byte by byte");
    snprintf(digits, sizeof digits, "%s%s", preamble("password", 1), frames("HeartRequest 0"));
    decode_cut(digits, "35", "cut between the preamble and the session");
}

void generate_preambles(void)
{
    file_begin("preambles",
               "What a client sends first: the SHA-256 of the password, the length of "
               "padding0, padding0. Written, and read in pieces as cuts says. refused: "
               "not a client that knows the password; to be closed, or handed to a "
               "fallback with all that it sent.");
    flag("truncated", "The bytes end inside the preamble.");
    flag("following", "Bytes follow the preamble. They are not a part of it.");
    flag("cut", "The bytes come in pieces, as TLS records may cut them.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    whole();
    wrong();
    parts();
    cut();
}
