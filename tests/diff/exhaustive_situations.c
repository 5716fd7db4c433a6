/* Every state that a session can be in, as far as its rules tell states apart: role, version that
 * we are set to speak, version that the peer speaks, whether the stream table is full, whether a
 * heartbeat is out, whether the session is strict, or closed. */
#include <stdio.h>
#include <string.h>

#include "exhaustive.h"

#define MD5 "padding-md5=0123456789abcdef0123456789abcdef"

/* How the peer began. */
enum peer { SILENT, SPEAKS_1, SPEAKS_2, PEERS };
enum table { ROOMY, FULL, TABLES };
enum extra { PLAIN, STRICT, HEART_OUT, PAUSED, CLOSED, LAST_ID, EXTRAS };

#define VERSIONS 2u
#define ROLES 2u

size_t situation_count(void)
{
    return (size_t)ROLES * VERSIONS * PEERS * TABLES * EXTRAS;
}

static void feed_frame(struct pair *pair, uint8_t command, uint32_t stream, const char *data)
{
    uint8_t bytes[256];

    pair->now += 10; /* so that what is counted from different moments differs */
    pair_feed(pair, bytes, frame_lay(bytes, command, stream, data, strlen(data)));
}

static void call(struct pair *pair, enum call call, uint32_t stream)
{
    pair->now += 100;
    pair_call(pair, call, stream, NULL, 0);
}

static void add_id(struct situation *situation, uint32_t id)
{
    situation->ids[situation->ids_count] = id;
    situation->ids_count++;
}

/* Streams base + 2 (open) and base + 3 (opening); base + 5 was, base + 1 and base + 4 never were. */
static void make_server_streams(struct pair *pair, uint32_t base)
{
    feed_frame(pair, ANYTLS_SYN, base + 2, "");
    feed_frame(pair, ANYTLS_SYN, base + 3, "");
    call(pair, CALL_ACCEPT, base + 2);
    feed_frame(pair, ANYTLS_SYN, base + 5, "");
    feed_frame(pair, ANYTLS_FIN, base + 5, "");
}

static void make_server(enum peer peer, struct pair *pair, uint32_t base)
{
    if (peer == SILENT)
        return;
    feed_frame(pair, ANYTLS_SETTINGS, 0, peer == SPEAKS_2 ? "v=2\n" MD5 : "v=1\n" MD5);
    make_server_streams(pair, base);
}

/* Streams base + 1 (closed by us), 2 (accepted, if that can be), 3 (opening), 4 (closed by the
 * peer). */
static void make_client(enum peer peer, struct pair *pair, uint32_t base)
{
    call(pair, CALL_OPEN, base + 1);
    call(pair, CALL_FINISH, base + 1);
    call(pair, CALL_OPEN, base + 2);
    if (peer != SILENT)
        feed_frame(pair, ANYTLS_SERVER_SETTINGS, 0, peer == SPEAKS_2 ? "v=2" : "v=1");
    feed_frame(pair, ANYTLS_SYNACK, base + 2, "");
    call(pair, CALL_OPEN, base + 3);
    if (peer == SILENT)
        return;
    call(pair, CALL_OPEN, base + 4);
    feed_frame(pair, ANYTLS_FIN, base + 4, "");
}

static void make_extra(enum extra extra, struct pair *pair)
{
    if (extra == HEART_OUT)
        call(pair, CALL_HEART, 0);
    if (extra == CLOSED)
        call(pair, CALL_CLOSE, 0);
    if (extra == PAUSED) {
        anytls_session_pause(&pair->ours.session);
        oracle_session_pause(pair->theirs);
    }
}

static void note_ids(struct situation *situation, uint32_t base)
{
    add_id(situation, base + 2);
    add_id(situation, base + 3);
    add_id(situation, 0);
    add_id(situation, base + 1);
    add_id(situation, base + 4);
    add_id(situation, base + 5);
    add_id(situation, base + 6);
    add_id(situation, UINT32_MAX);
}

struct situation situation_make(size_t number, struct pair *pair)
{
    static const char *const peers[] = {"silent peer", "peer of version 1", "peer of version 2"};
    static const char *const extras[] = {"plain",  "strict", "heartbeat out",
                                         "paused", "closed", "last ids"};
    struct situation situation = {"", number % ROLES == 1, {0}, 0};
    unsigned version = (unsigned)(number / ROLES % VERSIONS) + 1;
    enum peer peer = (enum peer)(number / (ROLES * VERSIONS) % PEERS);
    enum table table = (enum table)(number / (ROLES * VERSIONS * PEERS) % TABLES);
    enum extra extra = (enum extra)(number / (ROLES * VERSIONS * PEERS * TABLES));
    /* Of the last ids a client uses up to the fourth, a server sees the fifth. */
    uint32_t base = extra == LAST_ID ? UINT32_MAX - (situation.client ? 4 : 5) : 0;
    struct pair_setup setup = {situation.client, extra == STRICT, version, 8, 1024, base};

    if (situation.client)
        setup.text_max = 4096;
    if (table == FULL)
        setup.streams_max = situation.client ? 2 : 3;
    snprintf(situation.name, sizeof situation.name, "%s of version %u, %s, %s table, %s",
             situation.client ? "client" : "server", version, peers[peer],
             table == FULL ? "full" : "roomy", extras[extra]);
    pair_begin(pair, &setup);
    if (situation.client)
        make_client(peer, pair, base);
    else
        make_server(peer, pair, base);
    if (table == FULL && !situation.client && peer != SILENT)
        feed_frame(pair, ANYTLS_SYN, base + 7, "");
    make_extra(extra, pair);
    note_ids(&situation, base);
    return situation;
}
