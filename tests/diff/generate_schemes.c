#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"

static void parse(const char *text, const char *flags, const char *requirements,
                  const char *comment)
{
    vector("scheme_parse", text_input(text), flags, requirements, "%s", comment);
}

static void invalid_too(const char *why)
{
    allow(json_status("invalid"), why);
}

/* Valid, too: with this stop, and the digest of the text. */
static void valid_too(const char *text, unsigned stop, const char *why)
{
    allow(json("{'status':'ok','stop':%u,'md5':'%s'}", stop, md5(text)), why);
}

static void stops(void)
{
    static const char *const numbers[] = {"0", "1", "8", "100", "65536", "4294967295"};
    static const struct {
        const char *text;
        const char *comment;
    } bad[] = {
        {"1=100-200", "no stop line"},
        {"", "no text at all"},
        {"\n\n", "nothing but newlines"},
        {"stop", "stop without '='"},
        {"stop=", "stop without a number"},
        {"stop=x", "stop that is no number"},
        {"stop=2x", "stop with a letter behind its digits"},
        {"stop=1.5", "stop that is a fraction"},
        {"stop=0x8", "stop in hexadecimal"},
        {"stop=8,9", "stop with two numbers"},
        {"STOP=8", "keys differ by case"},
        {"stops=8", "another key that begins so"},
        {"xstop=8", "another key that ends so"},
        {"stop=8\nstop=x", "the last of two stop lines is no number"},
    };
    char text[64];
    char comment[64];

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        snprintf(text, sizeof text, "stop=%s\n0=30-30", numbers[i]);
        snprintf(comment, sizeof comment, "stop=%s", numbers[i]);
        parse(text, "", "PAD-STOP", comment);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        parse(bad[i].text, "", "PAD-STOP", bad[i].comment);
    parse("stop=8", "", "PAD-STOP", "a stop line and nothing else");
    parse("stop=08", "", "PAD-STOP", "a zero before the number");
    parse("0=30-30\n1=5-6\nstop=3", "", "PAD-STOP", "the stop line may stand last");
    parse("stop=2\nstop=3", "ambiguous", "PAD-STOP", "the last of two stop lines counts");
    valid_too("stop=2\nstop=3", 2, "the document says nothing of a key that stands there twice");
    parse("stop=-1", "ambiguous", "PAD-STOP", "stop below zero");
    valid_too("stop=-1", 4294967295u, "read as a signed number, which wraps");
    parse("stop=+8", "ambiguous", "PAD-STOP", "stop with a sign");
    valid_too("stop=+8", 8, "a sign may be read as a part of the number");
    parse("stop= 8", "ambiguous blanks", "PAD-STOP", "a blank before the number of stop");
    valid_too("stop= 8", 8, "blanks may be taken away");
    parse("stop=8\r\n0=30-30\r\n", "ambiguous blanks", "PAD-STOP",
          "lines that end with a carriage return: stop is no number");
    valid_too("stop=8\r\n0=30-30\r\n", 8, "carriage returns may be taken away");
    parse(" stop=8", "ambiguous blanks", "PAD-STOP", "a blank before stop");
    valid_too(" stop=8", 8, "blanks may be taken away");
    parse("stop=4294967296", "large ambiguous", "PAD-STOP",
          "stop over 32 bits is held at the greatest number");
    invalid_too("it may be refused");
    valid_too("stop=4294967296", 0, "it may wrap, though that shapes nothing");
}

static void sizes(void)
{
    static const struct {
        const char *text;
        const char *comment;
    } good[] = {
        {"stop=2\n1=1-65535", "the widest range"},
        {"stop=2\n1=65535-65535", "the greatest size"},
        {"stop=2\n1=1-1", "the smallest size"},
        {"stop=2\n1=0-0", "zero: the item is ignored"},
        {"stop=2\n1=5-0", "zero as one of two: the item is ignored"},
        {"stop=2\n1=9-3", "the greater one first: they change places"},
        {"stop=2\n1=a-b", "no numbers: the item is ignored"},
        {"stop=2\n1=5", "a single number is no range: ignored"},
        {"stop=2\n1=1-2-3", "three numbers are no range: ignored"},
        {"stop=2\n1=-5", "a number below zero: ignored"},
        {"stop=2\n1=c", "a line that is one check"},
        {"stop=2\n1=", "an empty line"},
        {"stop=2\n1=,,5-6,,", "empty items are ignored"},
        {"stop=2\n1=C", "checks are lower-case: ignored"},
        {"stop=2\n1=cc", "two checks without a comma: ignored"},
        {"stop=2\nx=70000-70000", "a line that is no write's is not looked at"},
        {"stop=2\n01=70000-70000", "nor is one whose number has a zero before it"},
        {"stop=2\n# comment\nno item", "lines without '=' are skipped"},
        {"stop=2\n1=5-6\n1=7-8", "two lines for one write"},
    };
    static const struct {
        const char *text;
        const char *comment;
    } big[] = {
        {"stop=2\n1=65536-65536", "a size over 65,535"},
        {"stop=2\n1=1-65536", "a range that ends over 65,535"},
        {"stop=2\n1=65536-1", "a range that begins over 65,535"},
        {"stop=2\n1=4294967295-4294967295", "the greatest number of 32 bits"},
        {"stop=2\n1=4294967296-4294967297", "numbers that wrap at 32 bits"},
        {"stop=2\n1=18446744073709551617-18446744073709551618", "numbers that wrap at 64 bits"},
        {"stop=2\n1=5-6,c,100-70000", "a size over 65,535 as the third item"},
        {"stop=2\n9=70000-70000", "a size over 65,535 in a line at or above stop"},
        {"stop=2\n0=70000-70000", "a size over 65,535 in line 0"},
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        parse(good[i].text, "", "PAD-SIZES PAD-ITEMS", good[i].comment);
    for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
        parse(big[i].text, "oversized ambiguous", "PAD-SIZES", big[i].comment);
        valid_too(big[i].text, 2,
                  "the document gives no bound; but then each size over 65,535 has "
                  "to be ignored or held at a bound when it is used");
    }
}

static void long_texts(void)
{
    static char text[8192];
    static char items[1024];

    parse(default_scheme(), "", "PAD-DEFAULT PAD-MD5", "the default scheme");
    sprintf(text, "%s\n", default_scheme());
    parse(text, "", "PAD-MD5", "the default scheme and a newline: another digest");
    sprintf(items, "stop=2\n1=5-5");
    for (int i = 1; i < 64; i++)
        strcat(items, ",5-5");
    parse(items, "", "LIMIT-ITEMS", "64 items in a line");
    strcat(items, ",5-5");
    parse(items, "limit ambiguous", "LIMIT-ITEMS", "65 items in a line");
    valid_too(items, 2, "the document gives no bound");
    sprintf(text, "stop=2\n");
    while (strlen(text) < 4096)
        strcat(text, "#");
    parse(text, "", "LIMIT-SCHEME", "a text of 4,096 bytes");
    strcat(text, "#");
    parse(text, "limit ambiguous", "LIMIT-SCHEME", "a text of 4,097 bytes");
    valid_too(text, 2, "the document gives no bound");
    vector("scheme_parse", bytes_input("%s00ff", hex("stop=2\n1=")), "", "PAD-ITEMS",
           "bytes that are no UTF-8 in an item: ignored");
}

/* ---- The sizes of one write ---- */

static void line(const char *text, unsigned write, const char *flags, const char *comment)
{
    cJSON *input = text_input(text);

    json_add_number(input, "write", write);
    vector("scheme_sizes", input, flags, "PAD-ITEMS PAD-LINES", "%s", comment);
}

static void lines(void)
{
    static const struct {
        const char *items;
        const char *comment;
    } cases[] = {
        {"100-400", "a range"},
        {"30-30", "one size"},
        {"5-6", "a range of two: both ends belong to it"},
        {"400-100", "the greater one first"},
        {"c", "a check"},
        {"c,c", "two checks"},
        {"9-9,500-1000", "a size and a range"},
        {"400-500,c,500-1000,c", "a check at the end"},
        {"c,400-500", "a check at the beginning"},
        {"1-65535", "the widest range"},
        {"", "nothing"},
        {",", "two empty items"},
        {"0-5,7-7", "zero: ignored"},
        {"5-0,7-7", "zero second: ignored"},
        {"0-0,7-7", "zero twice: ignored"},
        {"5,7-7", "a single number: ignored"},
        {"1-2-3,7-7", "three numbers: ignored"},
        {"-5,7-7", "below zero: ignored"},
        {"-5-10,7-7", "a sign before a range: ignored"},
        {"a-b,7-7", "letters: ignored"},
        {"5-b,7-7", "a letter second: ignored"},
        {"0x5-0x6,7-7", "hexadecimal: ignored"},
        {"C,7-7", "an upper-case C: ignored"},
        {"cc,7-7", "two letters: ignored"},
        {"-,7-7", "a dash alone: ignored"},
        {"005-006", "zeros before the numbers"},
    };
    static const char *const blanks[] = {"5- 6,7-7", " 5-6,7-7", "5-6 ,7-7",
                                         "c ,7-7",   " c,7-7",   "7-7\r"};
    char text[128];
    char comment[128];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "stop=3\n1=%s\n2=8-8", cases[i].items);
        line(text, 1, "", cases[i].comment);
    }
    for (unsigned i = 0; i < 8; i++) {
        snprintf(comment, sizeof comment, "write %u of the default scheme", i);
        line(default_scheme(), i, "", comment);
    }
    line("stop=5\n1=5-5\n3=6-6", 2, "", "a write without a line");
    line("stop=5\n1=5-5\n1=6-6", 1, "ambiguous", "the last of two lines counts");
    allow(json("{'sizes':[{'min':5,'max':5}]}"),
          "the document says nothing of a key that stands there twice");
    line("stop=5\n01=5-5", 1, "", "01 is not line 1");
    line("stop=20\n1=5-5\n11=6-6", 11, "", "line 11 is not line 1");
    line("stop=5\n1=5-5=6", 1, "", "a second '=' is a part of the items: ignored");
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        snprintf(text, sizeof text, "stop=3\n1=%s", blanks[i]);
        line(text, 1, "ambiguous blanks", "blanks or a carriage return: the item is ignored");
        allow(blanks[i][0] == 'c' || blanks[i][1] == 'c' ? json("{'sizes':['c',{'min':7,'max':7}]}")
              : i < 3 ? json("{'sizes':[{'min':5,'max':6},{'min':7,'max':7}]}")
                      : json("{'sizes':[{'min':7,'max':7}]}"),
              "they may be taken away");
    }
}

void generate_schemes(void)
{
    file_begin("schemes", "Padding schemes: which are valid, and the sizes that a line gives for a "
                          "write. An implementation that only draws sizes answers with draws "
                          "(\"drawn\"), which have to lie in the ranges, both ends included.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    flag("blanks", "Blanks or carriage returns. Nothing is taken away.");
    flag("oversized", "A size that the length of a frame cannot hold. Finds writers whose Waste "
                      "frame has a length that wraps: framing is lost.");
    flag("large", "A number that does not fit into a machine word.");
    flag("limit", "Over a limit that the reference sets itself.");
    stops();
    sizes();
    long_texts();
    lines();
}
