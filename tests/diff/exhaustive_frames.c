/* Every situation x every command byte x lengths x streams x cuts of the input into two pieces. */
#include <stdio.h>
#include <string.h>

#include "exhaustive.h"

#define MD5_LINE "padding-md5=0123456789abcdef0123456789abcdef"

/* Behind each frame comes another, so that a fault in the length of the first is seen. */
#define PROBE_STREAM 77u

#define INPUT_MAX (7u + 65535u + 7u)

static uint8_t input[INPUT_MAX];
static struct said theirs_all;
static struct said ours_all;

/* The situation that is tried, and a session in it, which stays as it is. */
static struct situation situation;
static struct pair before;

static size_t input_make(uint8_t command, uint32_t stream, const uint8_t *data, size_t size)
{
    size_t at = frame_lay(input, command, stream, data, size);

    return at + frame_lay(input + at, ANYTLS_HEART_REQUEST, PROBE_STREAM, NULL, 0);
}

static void tell_difference(size_t size, size_t cut)
{
    printf("  %s; %zu bytes cut at %zu:", situation.name, size, cut);
    show("input", input, size);
    printf("\n");
    said_show("ref   ", &ours_all);
    said_show("oracle", &theirs_all);
}

/* One cut: from the same state, two pieces (FRAME-CUTS). */
static void compare_cut(const struct pair *pair, size_t size, size_t cut)
{
    static struct ours ours;
    bool same;

    ours_copy(&ours, &pair->ours);
    said_reset(&ours_all);
    ours_feed(&ours, input, cut, pair->now, &ours_all);
    ours_feed(&ours, input + cut, size - cut, pair->now, &ours_all);
    same = said_same(&ours_all, &theirs_all) &&
           same_state(&ours, pair->theirs, situation.ids, situation.ids_count);
    if (!agree(same) && tell())
        tell_difference(size, cut);
}

/* All places where a short input can be cut; of a long one those at its head, around the frame's
 * end, around the limit of a text, and before the last byte. */
static void compare_cuts(struct pair *pair, size_t size, size_t text_max)
{
    const size_t frame = size - 7;
    const size_t places[] = {7 + text_max - 1, 7 + text_max, 7 + text_max + 1,
                             frame - 1,        frame,        frame + 1,
                             size - 1,         size};

    theirs_feed(pair->theirs, input, size, pair->now);
    theirs_said(pair->theirs, &theirs_all);
    for (size_t cut = 0; cut <= size && (cut <= 8 || size <= 16); cut++)
        compare_cut(pair, size, cut);
    for (size_t i = 0; i < COUNT_OF(places) && size > 16; i++)
        if (places[i] <= size)
            compare_cut(pair, size, places[i]);
}

static void compare_one(uint8_t command, size_t id, const uint8_t *data, size_t length)
{
    static struct pair pair;
    size_t size = input_make(command, situation.ids[id], data, length);

    pair_copy(&pair, &before);
    pair.now++;
    compare_cuts(&pair, size, situation.client ? 4096 : 1024);
    pair_end(&pair);
}

/* The situations of which the long frames are tried, too: those without an extra. */
static bool is_plain(size_t number)
{
    return number < situation_count() / 6;
}

static void compare_command(size_t number, uint8_t command, const uint8_t *filler)
{
    const size_t text_max = number % 2 == 1 ? 4096 : 1024;
    const size_t lengths[] = {0, 1, 2, text_max - 1, text_max, text_max + 1, 65535};
    size_t count = is_plain(number) ? COUNT_OF(lengths) : 3;

    for (size_t i = 0; i < count; i++)
        for (size_t id = 0; id < 8; id++)
            compare_one(command, id, filler, lengths[i]);
}

/* ---- Texts that mean something ---- */

static const char *const texts[] = {
    "v=1",
    "v=2",
    "v=0",
    "v=3",
    "v=256",
    "v=4294967296",
    "v=-2",
    "v=+2",
    "v= 2",
    "v=2 ",
    "v=x",
    "v=",
    "v=2\r",
    "v",
    "=2",
    "v=2\nv=1",
    "v=1\nv=2",
    "V=2",
    "v=2\n" MD5_LINE,
    MD5_LINE "\nv=2",
    MD5_LINE,
    MD5_LINE " ",
    MD5_LINE "0",
    "padding-md5=0123456789ABCDEF0123456789ABCDEF",
    "padding-md5=0123456789abcdef0123456789abcdee",
    "padding-md5=",
    MD5_LINE "\npadding-md5=",
    "client=a/1\nv=2\n" MD5_LINE "\nnew=1",
    "stop=8",
    "stop=0",
    "stop=",
    "stop=x",
    "stop=1\nstop=x",
    "stop=x\nstop=1",
    "stop=1\n1=1-65535",
    "stop=1\n1=1-65536",
    "stop=1\n9=65536-1",
    "0=1-1",
    "stop=1\r\n",
    " stop=1",
    "stop=4294967296",
    "\n",
    "\n\n",
    "stop=1\n01=1-70000",
    "refused",
};

/* SETTINGS-UNKNOWN, SETTINGS-DUPLICATES, PAD-UPDATE-SEND, PAD-INVALID */
static void compare_text(const char *text)
{
    for (uint8_t command = 0; command <= 11; command++)
        for (size_t id = 0; id < 4; id++)
            compare_one(command, id, (const uint8_t *)text, strlen(text));
}

/* A valid beginning, and filler up to the limit: what is too long is not read (LIMIT-SETTINGS,
 * LIMIT-TEXT). */
static void compare_long_text(size_t number, const char *begin, uint8_t *filler, size_t filler_size)
{
    const size_t text_max = number % 2 == 1 ? 4096 : 1024;

    memset(filler, 'x', filler_size);
    memcpy(filler, begin, strlen(begin));
    for (uint8_t command = 0; command <= 11; command++)
        for (size_t length = text_max - 1; length <= text_max + 1; length++)
            compare_one(command, 0, filler, length);
}

void compare_frames(void)
{
    static uint8_t filler[65535];

    part_begin("situation x command x length x stream x cut");
    for (size_t i = 0; i < sizeof filler; i++)
        filler[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t number = 0; number < situation_count(); number++) {
        situation = situation_make(number, &before);
        for (unsigned command = 0; command <= 255; command++)
            compare_command(number, (uint8_t)command, filler);
        pair_end(&before);
    }
    part_begin("situation x command x text x stream x cut");
    for (size_t number = 0; number < situation_count(); number++) {
        situation = situation_make(number, &before);
        for (size_t i = 0; i < COUNT_OF(texts); i++)
            compare_text(texts[i]);
        compare_long_text(number, "v=2\n" MD5_LINE "\n", filler, sizeof filler);
        compare_long_text(number, "stop=1\n", filler, sizeof filler);
        pair_end(&before);
    }
}
