#include "mutator.h"

#include <string.h>

/* An engine that is not built with the memory sanitizer leaves it in the dark about what it wrote. */
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define MUTATOR_KNOWN(bytes, size) __msan_unpoison(bytes, size)
#endif
#endif
#ifndef MUTATOR_KNOWN
#define MUTATOR_KNOWN(bytes, size) (void)(bytes)
#endif

#define HEADER 7u
#define FRAMES_MAX 256u
#define PREAMBLE 34u
#define DATA_MAX 65535u

/* ---- Random numbers and splices ---- */

static uint32_t draw(struct mutation *mutation)
{
    mutation->random =
        mutation->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(mutation->random >> 32);
}

size_t mutation_below(struct mutation *mutation, size_t limit)
{
    return draw(mutation) % limit;
}

int mutation_splice(struct mutation *mutation, size_t at, size_t removed, const uint8_t *bytes,
                    size_t size)
{
    size_t behind = mutation->size - at - removed;

    if (mutation->size - removed + size > mutation->max)
        return 0;
    memmove(mutation->data + at + size, mutation->data + at + removed, behind);
    if (size > 0)
        memcpy(mutation->data + at, bytes, size);
    mutation->size = at + size + behind;
    return 1;
}

/* ---- Frames ---- */

struct frames {
    size_t at[FRAMES_MAX + 1]; /* where each begins; behind the last: where it ends */
    size_t count;
};

static size_t length_at(const uint8_t *frame)
{
    return frame[5] * 256u + frame[6];
}

static void length_write(uint8_t *frame, size_t length)
{
    frame[5] = (uint8_t)(length / 256u);
    frame[6] = (uint8_t)length;
}

static size_t frame_end(const struct mutation *mutation, size_t at)
{
    size_t end = at + HEADER + length_at(mutation->data + at);

    return end < mutation->size ? end : mutation->size;
}

static struct frames frames_find(const struct mutation *mutation, size_t start)
{
    struct frames frames = {{start}, 0};

    while (frames.count < FRAMES_MAX && frames.at[frames.count] + HEADER <= mutation->size) {
        frames.at[frames.count + 1] = frame_end(mutation, frames.at[frames.count]);
        frames.count++;
    }
    return frames;
}

/* Where the frames of an input begin that opens with a preamble. */
static size_t frames_start(const struct mutation *mutation, int preamble)
{
    size_t start = 0;

    if (!preamble)
        return 0;
    if (mutation->size >= HEADER && mutation->data[0] == 0x80)
        start = frame_end(mutation, 0);
    if (start + PREAMBLE > mutation->size)
        return mutation->size;
    start += PREAMBLE + mutation->data[start + 32] * 256u + mutation->data[start + 33];
    return start < mutation->size ? start : mutation->size;
}

static uint32_t some_id(struct mutation *mutation, const struct frames *frames)
{
    static const uint32_t edges[] = {0, 1, 2, 3, 4, 0x7fffffff, 0xffffffff, 0xfffffffe, 0x80000000};
    const uint8_t *other;

    switch (mutation_below(mutation, 4)) {
    case 0: return (uint32_t)mutation_below(mutation, 12);
    case 1: return edges[mutation_below(mutation, sizeof edges / sizeof *edges)];
    case 2: return 0x80000000u + (uint32_t)mutation_below(mutation, 16);
    default: break;
    }
    if (frames->count == 0)
        return 1;
    other = mutation->data + frames->at[mutation_below(mutation, frames->count)];
    return other[1] * 16777216u + other[2] * 65536u + other[3] * 256u + other[4] +
           (uint32_t)mutation_below(mutation, 2);
}

static void id_write(uint8_t *frame, uint32_t id)
{
    for (int i = 4; i > 0; i--) {
        frame[i] = (uint8_t)(id % 256u);
        id /= 256u;
    }
}

static uint8_t some_command(struct mutation *mutation)
{
    switch (mutation_below(mutation, 8)) {
    case 0: return (uint8_t)mutation_below(mutation, 128);
    case 1:
    case 2:
    case 3: return (uint8_t)(128u + mutation_below(mutation, 48));
    default: return (uint8_t)mutation_below(mutation, 11);
    }
}

/* SOCKS and UDP-over-TCP addresses, requests, short texts: what streams begin with. */
static size_t some_bytes(struct mutation *mutation, uint8_t *out)
{
    static const struct {
        size_t size;
        const char *bytes;
    } table[] = {
        {7, "\x01\x7f\0\0\x01\0\x50"},
        {19, "\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb"},
        {15, "\x03\x0b"
             "example.com\0\x50"},
        {28, "\x03\x18"
             "sp.v2.udp-over-tcp.arpa\0\0\0"},
        {27, "\x03\x17"
             "sp.v2.udp-over-tcp.arpa\0\0"},
        {8, "\x01\x01\x08\x08\x08\x08\0\x35"},
        {16, "\0\x03\x0b"
             "example.com\0\x35"},
        {12, "\0\x08\x08\x08\x08\0\x35\0\x03"
             "abc"},
        {5, "\0\x03"
            "abc"},
        {2, "\x03\0"},
        {5, "hello"},
        {2, "\xff\xff"},
        {1, "\xff"},
    };
    size_t which = mutation_below(mutation, sizeof table / sizeof *table);

    memcpy(out, table[which].bytes, table[which].size);
    return table[which].size;
}

/* Data that suits a command. */
static size_t some_data(struct mutation *mutation, uint8_t command, uint8_t *out)
{
    switch (command) {
    case 4: /* Settings */
    case 10: return mutator_settings(mutation, out);
    case 6: return mutator_scheme(mutation, out);
    case 128: /* the harness's configuration */
        for (int i = 0; i < 7; i++)
            out[i] = (uint8_t)draw(mutation);
        out[0] &= mutation_below(mutation, 2) == 0 ? 0x20u : 0x3fu;
        return 7 + (mutation_below(mutation, 2) == 0 ? 0 : mutator_scheme(mutation, out + 7));
    case 0: /* Waste */
    case 5: memset(out, 'x', 40); return mutation_below(mutation, 40);
    case 7: return mutation_below(mutation, 2) == 0 ? 0 : some_bytes(mutation, out);
    case 2: return some_bytes(mutation, out);
    default: return mutation_below(mutation, 8) == 0 ? some_bytes(mutation, out) : 0;
    }
}

static void insert_frame(struct mutation *mutation, const struct frames *frames)
{
    uint8_t frame[HEADER + 7 + MUTATOR_TEXT_MAX];
    size_t size;

    frame[0] = some_command(mutation);
    id_write(frame, some_id(mutation, frames));
    size = some_data(mutation, frame[0], frame + HEADER);
    length_write(frame, size);
    mutation_splice(mutation, frames->at[mutation_below(mutation, frames->count + 1)], 0, frame,
                    HEADER + size);
}

static void copy_frame(struct mutation *mutation, const struct frames *frames, size_t index,
                       int keep)
{
    static uint8_t copy[HEADER + DATA_MAX];
    size_t at = frames->at[index];
    size_t size = frames->at[index + 1] - at;
    size_t to = frames->at[mutation_below(mutation, frames->count + 1)];

    memcpy(copy, mutation->data + at, size);
    if (keep) {
        mutation_splice(mutation, to, 0, copy, size);
        return;
    }
    if (to > at && to < at + size)
        return;
    mutation_splice(mutation, at, size, NULL, 0);
    mutation_splice(mutation, to > at ? to - size : to, 0, copy, size);
}

static void change_length(struct mutation *mutation, size_t at)
{
    uint8_t *frame = mutation->data + at;
    size_t length = length_at(frame);

    switch (mutation_below(mutation, 5)) {
    case 0: length = DATA_MAX; break;
    case 1: length = 0; break;
    case 2: length++; break;
    case 3: length--; break;
    default: length = mutation_below(mutation, 40); break;
    }
    length_write(frame, length);
}

/* The data of a frame change, and its length with them. */
static void change_data(struct mutation *mutation, size_t at, size_t end)
{
    static uint8_t work[DATA_MAX];
    size_t size = end - at - HEADER;
    uint8_t command = mutation->data[at];
    size_t max = size + 64 < DATA_MAX ? size + 64 : DATA_MAX;

    if ((command == 4 || command == 10 || command == 6) && mutation_below(mutation, 2) == 0) {
        size_t before = mutation->size;

        mutator_lines(mutation, at + HEADER, end, command == 6);
        length_write(mutation->data + at, size + mutation->size - before);
        return;
    }
    if (mutation_below(mutation, 3) == 0) {
        uint8_t data[7 + MUTATOR_TEXT_MAX];
        size_t length = some_data(mutation, command, data);

        if (mutation_splice(mutation, at + HEADER, size, data, length))
            length_write(mutation->data + at, length);
        return;
    }
    memcpy(work, mutation->data + at + HEADER, size);
    max = LLVMFuzzerMutate(work, size, max);
    MUTATOR_KNOWN(&max, sizeof max);
    MUTATOR_KNOWN(work, max);
    if (mutation_splice(mutation, at + HEADER, size, work, max))
        length_write(mutation->data + at, max);
}

static void mutate_frames(struct mutation *mutation, int preamble)
{
    struct frames frames = frames_find(mutation, frames_start(mutation, preamble));
    size_t index;
    size_t at;

    if (frames.count == 0 || mutation_below(mutation, 4) == 0) {
        insert_frame(mutation, &frames);
        return;
    }
    index = mutation_below(mutation, frames.count);
    at = frames.at[index];
    switch (mutation_below(mutation, 9)) {
    case 0: mutation_splice(mutation, at, frames.at[index + 1] - at, NULL, 0); break;
    case 1: copy_frame(mutation, &frames, index, 1); break;
    case 2: copy_frame(mutation, &frames, index, 0); break;
    case 3: mutation->data[at] = some_command(mutation); break;
    case 4:
    case 5: id_write(mutation->data + at, some_id(mutation, &frames)); break;
    case 6: change_length(mutation, at); break;
    case 7: change_data(mutation, at, frames.at[index + 1]); break;
    default: mutation->size -= mutation_below(mutation, mutation->size - at); break;
    }
}

/* ---- The whole ---- */

size_t fuzz_mutate(const char *layout, uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct mutation mutation = {data, size, max_size, seed + UINT64_C(0x9e3779b97f4a7c15)};
    size_t rounds;

    draw(&mutation);
    if (strcmp(layout, "bytes") == 0 || max_size < HEADER || mutation_below(&mutation, 3) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    rounds = 1 + mutation_below(&mutation, 3);
    for (size_t i = 0; i < rounds; i++) {
        if (layout[0] == 'f')
            mutate_frames(&mutation, 0);
        else if (layout[0] == 'p')
            mutate_frames(&mutation, 1);
        else
            mutator_lines(&mutation, 0, mutation.size, strcmp(layout, "scheme") == 0);
    }
    return mutation.size;
}
