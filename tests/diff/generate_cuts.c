/* The part of the group streams that is about where the bytes are cut. */
#include <stdio.h>
#include <string.h>

#include "generate.h"

static cJSON *cut_input(const char *role, unsigned opened, const char *items, const char *cuts)
{
    return json("{'role':'%s','open':%u,'bytes':'%s','cuts':[%s]}", role, opened, frames(items),
                cuts);
}

static const char *every_byte(const char *items)
{
    size_t size = strlen(frames(items)) / 2;
    char *cuts = scratch(8 * size);

    for (size_t i = 1; i < size; i++)
        sprintf(cuts + strlen(cuts), "%s%zu", i > 1 ? "," : "", i);
    return cuts;
}

static void cut_streams(void)
{
    static const struct {
        const char *role;
        const char *items;
        const char *comment;
    } cases[] = {
        {"server", SETTINGS_V2 "|SYN 1|PSH 1 hello|FIN 1", "a stream's whole life"},
        {"server", SETTINGS_V2 "|SYN 1|#99 0 abc|Waste 0 def|PSH 1 a|HeartRequest 4",
         "dropped data"},
        {"server", "Settings 0 v=2\nclient=x\npadding-md5=0|SYN 1", "Settings that bring a scheme"},
        {"server", SETTINGS_V2 "|SYN 1 " HIDDEN_SERVER "|PSH 1 a", "data on SYN"},
        {"server", "PSH 1 x|SYN 1|PSH 1 y", "SYN before Settings"},
        {"client", "ServerSettings 0 v=2|SYNACK 1|PSH 1 hello|FIN 1", "a stream's whole life"},
        {"client", "ServerSettings 0 v=2|SYNACK 1 refused|PSH 1 a", "an error text"},
        {"client", "UpdatePaddingScheme 0 stop=2\n1=100-200|PSH 1 a", "a scheme"},
        {"client", "PSH 1 a|Alert 0 go away|PSH 1 b", "Alert"},
    };
    static const char *const places[] = {"1", "6", "7", "8", "6,7,8", "0,0,3,3"};
    static const char items[] = SETTINGS_V2 "|SYN 1|PSH 1 data";

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        vector("session",
               cut_input(cases[i].role, cases[i].role[0] == 'c', cases[i].items,
                         every_byte(cases[i].items)),
               "cut", "FRAME-CUTS", "byte by byte, at a %s: %s", cases[i].role, cases[i].comment);
        if (strstr(cases[i].items, "SYNACK 1 refused") != NULL)
            fin_allow(1);
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        vector("session", cut_input("server", 0, items, places[i]), "cut", "FRAME-CUTS",
               "cut at %s", places[i]);
}

static void truncated(void)
{
    static const char *const tails[] = {"02", "0200000001", "020000000100", "01000000020000"};

    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        vector("session",
               json("{'role':'server','open':0,'bytes':'%s%s'}",
                    frames(SETTINGS_V2 "|SYN 1|PSH 1 a"), tails[i]),
               strlen(tails[i]) < 14 ? "truncated" : "", "FRAME-HEADER",
               "a stream, and behind it %zu bytes of a header", strlen(tails[i]) / 2);
    vector("session",
           json("{'role':'server','open':0,'bytes':'%s0200000001000568656c'}",
                frames(SETTINGS_V2 "|SYN 1")),
           "truncated ambiguous", "STREAM-PSH", "PSH of 5 bytes, of which 3 have come");
    allow(with_stream(variant(), 0, "", "open"),
          "a receiver may wait for the whole frame before it passes data on");
    vector("session",
           json("{'role':'client','open':1,'bytes':'%s0500000000000362'}", frames("PSH 1 a")),
           "truncated", "ALERT-RECEIVE", "Alert of 3 bytes, of which 1 has come");
    vector("session",
           json("{'role':'server','open':0,'bytes':'%s02000000010000%s'}",
                frames(SETTINGS_V2 "|SYN 1"), frames("PSH 1 x")),
           "", "STREAM-PSH-EMPTY", "an empty PSH, then one with data");
    vector("session",
           json("{'role':'server','open':0,'bytes':'%s0200000001ffff%s%s'}",
                frames(SETTINGS_V2 "|SYN 1"), fill("6b", 65535), frames("PSH 1 z|FIN 1")),
           "", "FRAME-LENGTH STREAM-PSH", "PSH of 65,535 bytes");
    vector("session",
           json("{'role':'server','open':0,'bytes':'%s0000000000ffff%s%s'}",
                frames(SETTINGS_V2 "|SYN 1"), fill("01", 65535), frames("PSH 1 z")),
           "", "FRAME-LENGTH FRAME-WASTE", "Waste of 65,535 bytes");
}

void generate_cuts(void)
{
    cut_streams();
    truncated();
}
