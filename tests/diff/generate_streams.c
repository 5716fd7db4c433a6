#include <stdio.h>
#include <string.h>

#include "generate.h"

static void question(const char *role, unsigned opened, const char *items, const char *flags,
                     const char *requirements, const char *comment)
{
    vector("session", json("{'role':'%s','open':%u,'bytes':'%s'}", role, opened, frames(items)),
           flags, requirements, "%s", comment);
}

static void server(const char *items, const char *flags, const char *requirements,
                   const char *comment)
{
    question("server", 0, items, flags, requirements, comment);
}

static void client(unsigned opened, const char *items, const char *flags, const char *requirements,
                   const char *comment)
{
    question("client", opened, items, flags, requirements, comment);
}

static void server_streams(void)
{
    server(SETTINGS_V2 "|SYN 1", "", "STREAM-OPEN", "Settings, then SYN: a stream is open");
    server(SETTINGS_V2 "|SYN 1|PSH 1 hello", "", "STREAM-PSH", "a stream with data");
    server(SETTINGS_V2 "|SYN 1|PSH 1 hel|PSH 1 lo", "", "STREAM-PSH",
           "data of two frames are one stream of bytes");
    server(SETTINGS_V2 "|SYN 1|PSH 1 hello|FIN 1", "", "STREAM-PSH FIN-RECEIVE",
           "data and FIN together: the data are delivered, then the stream is closed");
    server(SETTINGS_V2 "|SYN 1|FIN 1", "", "FIN-RECEIVE", "FIN is not answered");
    server(SETTINGS_V2 "|SYN 1|FIN 1|PSH 1 late", "", "STREAM-UNKNOWN",
           "data behind FIN are dropped");
    server(SETTINGS_V2 "|SYN 1|FIN 1|FIN 1", "", "FIN-UNKNOWN", "a second FIN means nothing");
    server(SETTINGS_V2 "|FIN 5|SYN 1", "", "FIN-UNKNOWN",
           "FIN of a stream that never was means nothing");
    server(SETTINGS_V2 "|PSH 5 data|SYN 1", "", "STREAM-UNKNOWN",
           "data of a stream that never was are dropped");
    server(SETTINGS_V2 "|SYN 1|PSH 1", "", "STREAM-PSH-EMPTY", "PSH without data means nothing");
    server(SETTINGS_V2 "|SYN 1|SYN 2|SYN 3|PSH 2 b|PSH 1 a|PSH 3 c|FIN 2|PSH 1 aa", "",
           "STREAM-OPEN STREAM-PSH", "three streams at once; one ends, the others go on");
    server(SETTINGS_V2 "|SYN 1|PSH 1 a|FIN 1|SYN 2|PSH 2 b|FIN 2|SYN 3|PSH 3 c", "",
           "STREAM-OPEN FIN-RECEIVE", "streams one after the other: a reused session");
    server(SETTINGS_V2 "|SYN 4294967295|PSH 4294967295 end", "", "STREAM-OPEN",
           "the greatest id there is");
    server(SETTINGS_V2 "|SYN 7|PSH 7 x", "", "STREAM-OPEN", "ids may have gaps");
    server(SETTINGS_V2 "|SYN 1|PSH 2 data", "", "STREAM-UNKNOWN",
           "data of the next id, which is not open, go to no stream");
    server(SETTINGS_V1 "|SYN 1|PSH 1 data|FIN 1", "version1", "STREAM-PSH FIN-RECEIVE",
           "a client of version 1 opens a stream");
}

static void server_ids(void)
{
    const char *ignored = "the document lets ids only ascend and does not say what a receiver does "
                          "with others: the SYN may be ignored";
    const char *ended = "the session may be ended for it";
    static const struct {
        const char *items;
        const char *comment;
        int stream;
    } cases[] = {
        {SETTINGS_V2 "|SYN 0", "SYN of id 0", 0},
        {SETTINGS_V2 "|SYN 5|SYN 3", "SYN of an id below an earlier one", 1},
        {SETTINGS_V2 "|SYN 1|FIN 1|SYN 1", "SYN of an id that was open before", 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        server(cases[i].items, "ambiguous", "STREAM-IDS-ORDER", cases[i].comment);
        allow(without_stream(variant(), cases[i].stream), ignored);
        allow(with_closed(without_stream(variant(), cases[i].stream), true), ended);
        allow(
            with_output(with_closed(without_stream(variant(), cases[i].stream), true), 5, 0, NULL),
            ended);
    }
    server(SETTINGS_V2 "|SYN 1|PSH 1 a|SYN 1|PSH 1 b", "ambiguous", "STREAM-SYN-SECOND",
           "a second SYN of an open stream is ignored: its data go on");
    allow(with_closed(with_stream(variant(), 0, "61", "open"), true), ended);
    allow(with_output(with_closed(with_stream(variant(), 0, "61", "open"), true), 5, 0, NULL),
          ended);
}

static void server_order(void)
{
    server("SYN 1", "", "SETTINGS-FIRST", "SYN before Settings: Alert, and the session ends");
    server("SYN 1|PSH 1 data|" SETTINGS_V2, "", "SETTINGS-FIRST",
           "what follows a SYN before Settings is not looked at");
    server("PSH 1 data|" SETTINGS_V2 "|SYN 1", "", "STREAM-UNKNOWN",
           "data before Settings belong to no stream");
    server("FIN 1|" SETTINGS_V2 "|SYN 1", "", "FIN-UNKNOWN", "FIN before Settings means nothing");
    server("Waste 0 xx|" SETTINGS_V2, "", "FRAME-WASTE", "Waste before Settings");
    server("HeartRequest 0|" SETTINGS_V2, "ambiguous", "HEART-ANSWER",
           "HeartRequest before Settings is answered");
    allow(without_output(variant(), 0), "version 2 is not spoken yet: it may stay unanswered");
    server("Settings 0", "", "SETTINGS-EMPTY", "Settings without text do not count");
    server("Settings 0|SYN 1", "", "SETTINGS-EMPTY SETTINGS-FIRST",
           "SYN behind Settings without text: Alert, and the session ends");
    server("Settings 0|" SETTINGS_V2 "|SYN 1", "", "SETTINGS-EMPTY",
           "Settings without text, then real ones");
    server(SETTINGS_V2 "|" SETTINGS_V2 "|SYN 1", "ambiguous", "SETTINGS-SECOND",
           "second Settings are ignored");
    allow(with_output(variant(), 10, 0, hex("v=2")), "they may be answered again");
    server("Settings 7 v=2\nclient=x\npadding-md5=" DEFAULT_MD5, "", "SETTINGS-VERSION-RULE",
           "the stream id of Settings means nothing");
}

/* Frames inside the data of frames that should have none. */
static void server_smuggled(void)
{
    static const struct {
        const char *items;
        const char *comment;
    } cases[] = {
        {SETTINGS_V2 "|SYN 1 " HIDDEN_SERVER "|PSH 1 a", "SYN"},
        {SETTINGS_V2 "|SYN 1|FIN 1 <01000000090000>|SYN 2", "FIN of an open stream"},
        {SETTINGS_V2 "|SYN 1|FIN 5 " HIDDEN_SERVER "|PSH 1 a", "FIN of an unknown stream"},
        {SETTINGS_V2 "|SYN 1|HeartRequest 3 " HIDDEN_SERVER "|PSH 1 a", "HeartRequest"},
        {SETTINGS_V2 "|SYN 1|HeartResponse 0 " HIDDEN_SERVER "|PSH 1 a", "HeartResponse"},
        {SETTINGS_V2 "|SYN 1|#11 0 " HIDDEN_SERVER "|PSH 1 a", "command 11, which is unknown"},
        {SETTINGS_V2 "|SYN 1|#255 0 " HIDDEN_SERVER "|PSH 1 a", "command 255, which is unknown"},
        {SETTINGS_V2 "|SYN 1|SYNACK 1 " HIDDEN_SERVER "|PSH 1 a", "SYNACK, from the wrong side"},
        {SETTINGS_V2 "|SYN 1|ServerSettings 0 " HIDDEN_SERVER "|PSH 1 a",
         "ServerSettings, from the wrong side"},
        {SETTINGS_V2 "|SYN 1|UpdatePaddingScheme 0 " HIDDEN_SERVER "|PSH 1 a",
         "UpdatePaddingScheme, from the wrong side"},
        {SETTINGS_V2 "|SYN 1|Waste 0 " HIDDEN_SERVER "|PSH 1 a", "Waste"},
        {SETTINGS_V2 "|SYN 1|" SETTINGS_V2 "\n" HIDDEN_SERVER "|PSH 1 a", "second Settings"},
        {SETTINGS_V2 "|SYN 1|PSH 1 " HIDDEN_SERVER "|PSH 1 a", "PSH: they are the stream's"},
        {SETTINGS_V2 "|SYN 1|SYN 1 " HIDDEN_SERVER "|PSH 1 a", "a second SYN"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char comment[128];

        snprintf(comment, sizeof comment, "frames hidden in the data of %s", cases[i].comment);
        server(cases[i].items, "desync", "FRAME-NO-DATA FRAME-UNKNOWN", comment);
        if (strstr(comment, "second Settings") != NULL)
            allow(with_output(variant(), 10, 0, hex("v=2")), "they may be answered again");
    }
}

static void server_other(void)
{
    server(SETTINGS_V2 "|Alert 0 bye|SYN 1", "wrong-side ambiguous", "FRAME-WRONG-SIDE",
           "Alert at a server is ignored");
    allow(with_closed(without_stream(variant(), 0), true),
          "the document says that both sides close on an Alert, without saying whose");
    server(SETTINGS_V2 "|SYNACK 1|SYN 1", "wrong-side", "FRAME-WRONG-SIDE",
           "SYNACK at a server is ignored");
    server(SETTINGS_V2 "|ServerSettings 0 v=2|SYN 1", "wrong-side", "FRAME-WRONG-SIDE",
           "ServerSettings at a server are ignored");
    server(SETTINGS_V2 "|UpdatePaddingScheme 0 stop=1|SYN 1", "wrong-side", "FRAME-WRONG-SIDE",
           "UpdatePaddingScheme at a server is ignored");
    server(SETTINGS_V2 "|SYN 1|SYNACK 1 refused|PSH 1 a", "wrong-side", "FRAME-WRONG-SIDE",
           "SYNACK with an error at a server does not close the stream");
    server(SETTINGS_V2 "|Waste 0|Waste 1 abc|Waste 4294967295 x|SYN 1", "", "FRAME-WASTE",
           "Waste with and without data, of any id");
    server(SETTINGS_V2 "|SYN 1|Waste 1 abc|PSH 1 a", "", "FRAME-WASTE",
           "Waste with the id of an open stream is not its data");
    server(SETTINGS_V2 "|HeartRequest 0", "", "HEART-ANSWER", "HeartRequest of id 0");
    server(SETTINGS_V2 "|HeartRequest 77", "ambiguous", "HEART-ANSWER",
           "the answer to a HeartRequest has its id");
    allow(with_output(without_output(variant(), 1), 9, 0, ""), "the answer's id may be 0");
    server(SETTINGS_V2 "|HeartRequest 0|SYN 1|HeartRequest 0|PSH 1 a|HeartRequest 0", "",
           "HEART-ANSWER", "HeartRequests between other frames, each answered");
    server(SETTINGS_V1 "|HeartRequest 0", "version1 ambiguous", "HEART-ANSWER",
           "HeartRequest where version 1 is spoken is answered");
    allow(without_output(variant(), 0), "it is no command of version 1: it may stay unanswered");
    server(SETTINGS_V2 "|HeartResponse 0|SYN 1", "", "HEART-RESPONSE",
           "HeartResponse to no request means nothing");
    server(SETTINGS_V2 "|#11 0|#200 1 data|SYN 1", "unknown", "FRAME-UNKNOWN",
           "unknown commands are dropped");
}

static void client_streams(void)
{
    client(1, "ServerSettings 0 v=2|SYNACK 1|PSH 1 hello|FIN 1", "",
           "SYNACK-RECEIVE STREAM-PSH FIN-RECEIVE", "a stream's whole life");
    client(1, "PSH 1 hello", "version1", "STREAM-PSH", "a server of version 1 sends data at once");
    client(1, "ServerSettings 0 v=2|PSH 1 early|SYNACK 1", "", "STREAM-PSH",
           "data before SYNACK are delivered");
    client(1, "ServerSettings 0 v=2|SYNACK 1 refused", "", "SYNACK-ERROR-RECEIVE",
           "SYNACK with an error closes the stream");
    fin_allow(1);
    client(1, "ServerSettings 0 v=2|SYNACK 1 refused|FIN 1", "", "SYNACK-ERROR-RECEIVE FIN-UNKNOWN",
           "FIN behind an error is fine");
    fin_allow(1);
    client(1, "ServerSettings 0 v=2|SYNACK 1 refused|PSH 1 late", "", "STREAM-UNKNOWN",
           "data behind an error are dropped");
    fin_allow(1);
    client(2, "ServerSettings 0 v=2|SYNACK 2 no|SYNACK 1|PSH 1 a", "", "SYNACK-ERROR-RECEIVE",
           "an error closes its own stream only");
    fin_allow(2);
    client(3, "ServerSettings 0 v=2|SYNACK 1|SYNACK 3|PSH 1 a|PSH 3 c|FIN 3", "", "SYNACK-RECEIVE",
           "one of three streams stays without SYNACK");
    client(1, "ServerSettings 0 v=2|SYNACK 9|SYNACK 9 no|SYNACK 1", "", "STREAM-UNKNOWN",
           "SYNACK of an unknown stream means nothing");
    client(1, "ServerSettings 0 v=2|SYNACK 1|SYNACK 1|PSH 1 a", "", "SYNACK-SECOND",
           "a second SYNACK means nothing");
    client(1, "ServerSettings 0 v=2|SYNACK 1|PSH 1 a|SYNACK 1 died", "ambiguous",
           "SYNACK-ERROR-RECEIVE", "SYNACK with an error behind a good one closes the stream");
    fin_allow(1);
    allow(with_stream(variant(), 0, "61", "open"),
          "a stream that is open already may be left alone");
    client(1, "SYNACK 1|PSH 1 a", "version1", "SYNACK-VERSION",
           "SYNACK without ServerSettings before it means nothing");
    client(1, "SYNACK 1 refused", "version1 ambiguous", "SYNACK-VERSION",
           "SYNACK with an error without ServerSettings before it closes the stream all the same");
    fin_allow(1);
    allow(with_stream(variant(), 0, "", "open"),
          "it is no command of version 1: it may be ignored");
    client(2, "PSH 1 a|FIN 1|FIN 1|PSH 1 b|PSH 2 c", "", "FIN-RECEIVE FIN-UNKNOWN STREAM-UNKNOWN",
           "FIN, then what belongs to no stream any more");
    client(1, "PSH 2 x|FIN 2|PSH 1 a", "", "STREAM-UNKNOWN FIN-UNKNOWN",
           "data and FIN of a stream that was never opened");
    client(1, "PSH 1|PSH 1 a", "", "STREAM-PSH-EMPTY", "PSH without data means nothing");
}

static void client_session(void)
{
    client(1, "Alert 0 go away", "", "ALERT-RECEIVE", "Alert ends the session");
    client(1, "PSH 1 a|Alert 0 go away|PSH 1 b", "", "ALERT-RECEIVE",
           "what follows an Alert is not looked at");
    client(1, "Alert 0|PSH 1 a", "ambiguous", "ALERT-RECEIVE", "an empty Alert is one, too");
    allow(with_stream(with_closed(variant(), false), 0, "61", "open"),
          "the document speaks of an Alert's text: one without any may be ignored");
    client(1, "UpdatePaddingScheme 0 stop=2\n1=100-200|PSH 1 a", "", "PAD-UPDATE",
           "a new padding scheme");
    client(1, "UpdatePaddingScheme 0 stop=x|PSH 1 a", "", "PAD-UPDATE",
           "an invalid padding scheme is ignored");
    client(1, "UpdatePaddingScheme 0|PSH 1 a", "", "PAD-UPDATE",
           "an empty padding scheme is ignored");
    client(1, "ServerSettings 0 v=2|ServerSettings 0 v=1|SYNACK 1", "", "SETTINGS-SECOND",
           "second ServerSettings are ignored");
    client(1, "ServerSettings 0|SYNACK 1|PSH 1 a", "", "SETTINGS-EMPTY",
           "ServerSettings without text do not count");
    client(1, "ServerSettings 0 v=1|PSH 1 a", "version1", "SETTINGS-VERSION-RULE",
           "ServerSettings of version 1");
    client(1, "ServerSettings 0 v=3\nfeature=x|SYNACK 1|PSH 1 a", "", "SETTINGS-VERSION-RULE",
           "ServerSettings of a version to come");
    client(1, "HeartRequest 0|HeartRequest 5", "ambiguous", "HEART-ANSWER",
           "the client answers HeartRequests, too");
    allow(without_output(without_output(variant(), 0), 0),
          "no ServerSettings came, so version 2 is not spoken: they may stay unanswered");
    client(1, "ServerSettings 0 v=2|HeartRequest 0", "", "HEART-ANSWER",
           "HeartRequest where version 2 is spoken");
    client(1, "HeartResponse 0|PSH 1 a", "", "HEART-RESPONSE",
           "HeartResponse to no request means nothing");
    client(1, "SYN 9|PSH 9 x|PSH 1 a", "wrong-side", "FRAME-WRONG-SIDE",
           "SYN at a client is ignored and opens nothing");
    client(1, SETTINGS_V2 "|PSH 1 a", "wrong-side", "FRAME-WRONG-SIDE",
           "Settings at a client are ignored");
    client(1, "Waste 0 xyz|Waste 1|PSH 1 a", "", "FRAME-WASTE", "Waste at a client");
    client(1, "#99 1 data|PSH 1 a", "unknown", "FRAME-UNKNOWN", "an unknown command is dropped");
}

static void client_smuggled(void)
{
    static const struct {
        const char *items;
        const char *comment;
    } cases[] = {
        {"FIN 7 " HIDDEN_CLIENT "|PSH 1 a", "FIN of an unknown stream"},
        {"HeartRequest 0 " HIDDEN_CLIENT "|PSH 1 a", "HeartRequest"},
        {"HeartResponse 0 " HIDDEN_CLIENT "|PSH 1 a", "HeartResponse"},
        {"#77 1 " HIDDEN_CLIENT "|PSH 1 a", "an unknown command"},
        {"SYN 9 " HIDDEN_CLIENT "|PSH 1 a", "SYN, from the wrong side"},
        {"Settings 0 " HIDDEN_CLIENT "|PSH 1 a", "Settings, from the wrong side"},
        {"SYNACK 9 " HIDDEN_CLIENT "|PSH 1 a", "SYNACK of an unknown stream"},
        {"ServerSettings 0 v=2\n" HIDDEN_CLIENT "|PSH 1 a", "ServerSettings"},
        {"UpdatePaddingScheme 0 " HIDDEN_CLIENT "|PSH 1 a", "a bad UpdatePaddingScheme"},
        {"Waste 0 " HIDDEN_CLIENT "|PSH 1 a", "Waste"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char comment[128];

        snprintf(comment, sizeof comment, "frames hidden in the data of %s", cases[i].comment);
        client(1, cases[i].items, "desync", "FRAME-NO-DATA FRAME-UNKNOWN", comment);
        if (i == 1)
            allow(without_output(variant(), 0), "version 2 is not spoken: no answer is needed");
    }
}

void generate_streams(void)
{
    file_begin("streams", "Frames of a whole session as they come in, in pieces as cuts says, at a "
                          "server or at a client that has opened some streams. The application "
                          "does nothing but read. The answer: each stream in the order of opening, "
                          "what was sent in reply, and whether the session has ended.");
    flag("desync",
         "Data on a frame that should have none looks like frames. Its length counts: the "
         "data are dropped. Finds receivers that leave them in the stream, so that one "
         "peer can smuggle frames past another.");
    flag("cut", "The bytes come in pieces. The answer must not depend on them.");
    flag("truncated", "The bytes end inside a frame.");
    flag("unknown", "A command that the protocol does not have.");
    flag("wrong-side", "A command that only the other side may send.");
    flag("version1", "Version 1 is spoken.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    server_streams();
    server_ids();
    server_order();
    server_smuggled();
    server_other();
    client_streams();
    client_session();
    client_smuggled();
    generate_cuts();
}
