/* Long random sequences, the same at every run: what the enumeration of single steps cannot reach.
 * Frames come whole or in pieces, with calls, pauses and time between. */
#include <stdio.h>
#include <string.h>

#include "exhaustive.h"

#define WALKS 20000u
#define STEPS 60u

static uint32_t state;

static uint32_t below(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

static const char *const walk_texts[] = {
    "v=1", "v=2",    "v=2\npadding-md5=0123456789abcdef0123456789abcdef",
    "v=",  "stop=1", "stop=1\n1=9-9",
    "a",   "no",     "v=2\nclient=x/1",
};

static uint8_t walk_bytes[128];
static size_t walk_size;

static uint32_t some_id(void)
{
    return below(20) == 0 ? UINT32_MAX - below(3) : below(9);
}

static void make_frame(void)
{
    static const uint8_t usual[] = {ANYTLS_SYN,
                                    ANYTLS_PSH,
                                    ANYTLS_PSH,
                                    ANYTLS_FIN,
                                    ANYTLS_SETTINGS,
                                    ANYTLS_SYNACK,
                                    ANYTLS_SERVER_SETTINGS};
    uint8_t command = below(3) > 0 ? usual[below(COUNT_OF(usual))] : (uint8_t)below(13);
    const char *text = walk_texts[below(COUNT_OF(walk_texts))];
    size_t size = below(2) == 0 ? 0 : strlen(text);

    if (command == ANYTLS_ALERT && below(10) > 0)
        command = ANYTLS_WASTE; /* else all walks were short */
    walk_size = frame_lay(walk_bytes, command, some_id(), text, size);
}

/* Feeds up to all that is left of the frame. */
static void feed_some(struct pair *pair)
{
    size_t size;

    if (walk_size == 0)
        make_frame();
    size = below(2) == 0 ? walk_size : 1 + below((uint32_t)walk_size);
    pair_feed(pair, walk_bytes, size);
    memmove(walk_bytes, walk_bytes + size, walk_size - size);
    walk_size -= size;
}

static void call_some(struct pair *pair)
{
    enum call call = (enum call)below(CALL_COUNT);

    if ((call == CALL_CLOSE || call == CALL_ALERT) && below(10) > 0)
        call = CALL_OPEN;
    pair_call(pair, call, some_id(), walk_bytes, below(9));
}

static void pause_or_resume(struct pair *pair)
{
    if (below(2) == 0) {
        anytls_session_pause(&pair->ours.session);
        oracle_session_pause(pair->theirs);
        return;
    }
    anytls_session_resume(&pair->ours.session, pair->now);
    oracle_session_resume(pair->theirs, pair->now);
}

/* A write: a client's number decides how it is shaped (PAD-WRITES), a server's is not (PAD-SERVER). */
static void shape_some(struct pair *pair)
{
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    const uint32_t random[] = {below(1000), below(1000), below(1000)};
    size_t size = below(700);
    size_t count = oracle_session_shape(pair->theirs, size, random, COUNT_OF(random), records);
    struct anytls_plan plan = anytls_session_plan(&pair->ours.session, size);
    bool same = true;

    for (size_t i = 0; i <= count; i++) {
        struct anytls_record record = anytls_plan_next(&plan, i < COUNT_OF(random) ? random[i] : 0);

        same = same && record.more == (i < count);
        if (same && i < count)
            same = record.payload == records[i].payload && record.waste == records[i].waste;
    }
    if (!agree(same) && tell())
        printf("  a write of %zu bytes in a session\n", size);
}

static void step(struct pair *pair)
{
    switch (below(12)) {
    case 0: pause_or_resume(pair); break;
    case 1: shape_some(pair); break;
    case 2:
    case 3: pair->now += below(2) == 0 ? below(10) : below(31000); break;
    case 4: pair_call(pair, CALL_TICK, 0, NULL, 0); break;
    case 5:
    case 6:
    case 7: call_some(pair); break;
    default: feed_some(pair);
    }
}

static void walk(uint32_t seed)
{
    static const uint32_t ids[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, UINT32_MAX};
    static struct pair pair;
    struct pair_setup setup = {seed % 2 == 1, seed % 5 == 4, seed % 7 == 6 ? 1 : 2, 0, 0, 0};
    bool same = true;

    state = seed * 2654435761u + 1;
    setup.streams_max = 1 + below(PAIR_STREAMS);
    setup.text_max = 4 + below(60);
    setup.highest = below(10) == 0 ? UINT32_MAX - 3 : 0;
    walk_size = 0;
    pair_begin(&pair, &setup);
    for (size_t i = 0; i < STEPS && same; i++) {
        step(&pair);
        same = agree(same_state(&pair.ours, pair.theirs, ids, COUNT_OF(ids)));
        if (!same && tell())
            printf("  walk %u, after step %zu\n", (unsigned)seed, i);
    }
    pair_end(&pair);
}

void compare_walks(void)
{
    part_begin("random walks of 60 steps, each compared");
    for (uint32_t seed = 1; seed <= WALKS; seed++)
        walk(seed);
}
