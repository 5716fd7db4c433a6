#include <stdio.h>
#include <string.h>

#include "generate.h"

/* ---- Texts ---- */

static void parse(const char *text, const char *flags, const char *requirements,
                  const char *comment)
{
    vector("settings_parse", text_input(text), flags, requirements, "%s", comment);
}

static void items_allow(const char *items, const char *why)
{
    allow(json("{'items':%s}", items), why);
}

static void texts(void)
{
    const char *trimmed = "the document says nothing of blanks: they may be taken away";
    const char *first = "the document says nothing of a key that stands there twice";

    parse("v=2", "", "SETTINGS-ITEMS", "one item");
    parse("v=2\nclient=anytls/1.0\npadding-md5=" DEFAULT_MD5, "", "SETTINGS-ITEMS",
          "what a client sends");
    parse("padding-md5=" DEFAULT_MD5 "\nclient=x\nv=2", "", "SETTINGS-ITEMS", "in another order");
    parse("v=2\n", "", "SETTINGS-ITEMS", "a newline at the end");
    parse("\nv=2", "", "SETTINGS-ITEMS", "an empty line first");
    parse("v=2\n\n\nclient=x", "", "SETTINGS-ITEMS", "empty lines between");
    parse("\n\n", "", "SETTINGS-ITEMS", "nothing but newlines");
    parse("client=a=b", "", "SETTINGS-ITEMS", "the first '=' splits");
    parse("client==", "", "SETTINGS-ITEMS", "a value that is '='");
    parse("client=", "", "SETTINGS-ITEMS", "an empty value");
    parse("nothing\nv=2", "", "SETTINGS-ITEMS", "a line without '=' is skipped");
    parse("v", "", "SETTINGS-ITEMS", "one line without '='");
    parse("V=2", "", "SETTINGS-ITEMS", "keys differ by case");
    parse("v=2;client=x", "", "SETTINGS-ITEMS", "no other separator than newline");
    parse("client=caf\xc3\xa9 \xe2\x9c\x93", "", "SETTINGS-ITEMS", "UTF-8");
    parse("client=a,b c\t\"d\"", "", "SETTINGS-ITEMS", "blanks and quotes inside a value");
    parse("=x", "ambiguous", "SETTINGS-ITEMS", "an empty key");
    items_allow("{}", "an item without a key may be skipped");
    parse("v=1\nv=2", "ambiguous", "SETTINGS-DUPLICATES", "the last of two counts");
    items_allow("{'v':'1'}", first);
    parse("v=2\nclient=x\nv=", "ambiguous", "SETTINGS-DUPLICATES",
          "the last of two counts, though it is empty");
    items_allow("{'v':'2','client':'x'}", first);
    parse("v=2 ", "ambiguous blanks", "SETTINGS-ITEMS", "a blank behind a value is a part of it");
    items_allow("{'v':'2'}", trimmed);
    parse(" v=2", "ambiguous blanks", "SETTINGS-ITEMS", "a blank before a key is a part of it");
    items_allow("{'v':'2'}", trimmed);
    parse("v = 2", "ambiguous blanks", "SETTINGS-ITEMS", "blanks around '='");
    items_allow("{'v':'2'}", trimmed);
    parse("v=2\r\nclient=x\r\n", "ambiguous blanks", "SETTINGS-ITEMS",
          "a carriage return is a part of the value");
    allow(json("{'items':{'v':'2','client':'x'}}"), trimmed);
}

/* ---- What a server makes of them ---- */

static void server(const char *text, const char *flags, const char *requirements,
                   const char *comment)
{
    char *items = scratch(strlen(text) + 20);

    sprintf(items, "Settings 0 %s", text);
    vector("session", json("{'role':'server','open':0,'bytes':'%s'}", frames(items)), flags,
           requirements, "%s", comment);
}

/* The output of a server: its scheme, its settings, or both. */
static cJSON *outputs(bool scheme, bool settings)
{
    cJSON *answer = json("{'streams':[],'output':[],'closed':false}");

    if (scheme)
        with_output(answer, 6, 0, hex(default_scheme()));
    return settings ? with_output(answer, 10, 0, hex("v=2")) : answer;
}

#define MD5_LINE "\npadding-md5=" DEFAULT_MD5

static void versions(void)
{
    static const char *const clear[] = {"2", "3", "10", "255", "002"};
    static const char *const one[] = {"1", "0"};
    static const struct {
        const char *value;
        const char *comment;
    } open[] = {
        {"", "v without a value counts as 1"},
        {"x", "v that is no number counts as 1"},
        {"2x", "v that is no number counts as 1: digits, and a letter behind them"},
        {"+2", "v that is no number counts as 1: a sign"},
        {" 2", "v that is no number counts as 1: a blank before it"},
        {"2 ", "v that is no number counts as 1: a blank behind it"},
        {"2\r", "v that is no number counts as 1: a carriage return"},
        {"-2", "v that is no number counts as 1: below zero"},
        {"0x2", "v that is no number counts as 1: hexadecimal"},
        {"2.0", "v that is no number counts as 1: a fraction"},
    };
    static const char *const large[] = {"256",
                                        "257",
                                        "258",
                                        "65538",
                                        "4294967296",
                                        "18446744073709551618",
                                        "99999999999999999999999999"};
    char text[128];
    char comment[128];

    for (size_t i = 0; i < sizeof clear / sizeof *clear; i++) {
        snprintf(text, sizeof text, "v=%s" MD5_LINE, clear[i]);
        snprintf(comment, sizeof comment, "v=%s: version 2 is spoken", clear[i]);
        server(text, "", "SETTINGS-VERSION SETTINGS-VERSION-RULE", comment);
    }
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        snprintf(text, sizeof text, "v=%s" MD5_LINE, one[i]);
        snprintf(comment, sizeof comment, "v=%s: version 1 is spoken", one[i]);
        server(text, "version1", "SETTINGS-VERSION SETTINGS-VERSION-RULE", comment);
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        snprintf(text, sizeof text, "v=%s" MD5_LINE, open[i].value);
        server(text, "ambiguous version1", "SETTINGS-VERSION", open[i].comment);
        allow(outputs(false, true), "it may be read as 2");
    }
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        snprintf(text, sizeof text, "v=%s" MD5_LINE, large[i]);
        snprintf(comment, sizeof comment, "v=%s is above 2: version 2 is spoken", large[i]);
        server(text, strlen(large[i]) > 19 ? "large ambiguous" : "large",
               "SETTINGS-VERSION SETTINGS-NUMBER", comment);
        if (strlen(large[i]) > 19)
            allow(outputs(false, false), "a number of more than 64 bits may count as none");
    }
    server("client=x" MD5_LINE, "version1", "SETTINGS-VERSION", "without v version 1 is spoken");
    server("V=2" MD5_LINE, "version1", "SETTINGS-VERSION", "V is not v");
    server("v=1\nv=2" MD5_LINE, "ambiguous", "SETTINGS-DUPLICATES", "the last v counts: 2");
    allow(outputs(false, false), "the document says nothing of a key that stands there twice");
    server("v=2\nv=1" MD5_LINE, "ambiguous version1", "SETTINGS-DUPLICATES",
           "the last v counts: 1");
    allow(outputs(false, true), "the document says nothing of a key that stands there twice");
    server("v=2\nfuture=1\nother=a=b" MD5_LINE, "", "SETTINGS-ITEMS",
           "items that nobody knows are skipped");
    server("v=2\nno item" MD5_LINE, "", "SETTINGS-ITEMS", "lines without '=' are skipped");
}

static void schemes(void)
{
    const char *missing = "the document asks for it where the digests differ; one that is missing "
                          "need not count as that";

    server("v=2\nclient=x\npadding-md5=00000000000000000000000000000000", "", "PAD-UPDATE-SEND",
           "another scheme: the server pushes its own, then says its version");
    server("v=1\nclient=x\npadding-md5=00000000000000000000000000000000", "version1",
           "PAD-UPDATE-SEND", "another scheme at version 1: the scheme alone");
    server("v=2\nclient=x", "ambiguous", "PAD-UPDATE-SEND",
           "no digest: the server pushes its scheme");
    allow(outputs(false, true), missing);
    server("v=2\npadding-md5=", "ambiguous", "PAD-UPDATE-SEND",
           "an empty digest: the server pushes its scheme");
    allow(outputs(false, true), missing);
    server("v=2\npadding-md5=75CFF2AD89AADF5E257059EE571EBE11", "ambiguous", "PAD-UPDATE-SEND",
           "a digest in upper case is another one");
    allow(outputs(false, true), "it is the same number");
    server("v=2\npadding-md5=75cff2ad89aadf5e257059ee571ebe1", "", "PAD-UPDATE-SEND",
           "a digest that is one digit short");
    server("v=2\npadding-md5=75cff2ad89aadf5e257059ee571ebe110", "", "PAD-UPDATE-SEND",
           "a digest that is one digit long");
    server("v=2\npadding-md5=" DEFAULT_MD5 " ", "ambiguous blanks", "PAD-UPDATE-SEND",
           "a blank behind the digest makes it another one");
    allow(outputs(false, true), "blanks may be taken away");
    server("v=2\npadding-md5=0" MD5_LINE, "ambiguous", "SETTINGS-DUPLICATES",
           "the last digest counts");
    allow(outputs(true, true), "the document says nothing of a key that stands there twice");
}

void generate_settings(void)
{
    file_begin("settings", "Settings texts, and what a server that speaks version 2 and holds the "
                           "default padding scheme sends in answer to them.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    flag("blanks", "Blanks or carriage returns. Nothing is taken away.");
    flag("version1", "Version 1 is spoken: no ServerSettings.");
    flag("large", "A version that does not fit into a byte or a machine word. Finds readers that "
                  "let it wrap, and so speak version 0 or 1 to a newer client.");
    texts();
    versions();
    schemes();
}
