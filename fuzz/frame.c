/* The frame codec, over any bytes:
 *  - a decoder takes exactly 7 + length bytes, or says that the input ends inside the frame;
 *  - what it answers, written again, is the same bytes, and too little room writes nothing;
 *  - however the input is cut in three, the frames are those that its bytes say.
 *
 * reaches: anytls_header_decode, anytls_header_encode, anytls_frame_decode, anytls_frame_encode,
 * anytls_command_name */
#include <string.h>

#include "core/frame.h"
#include "fuzz.h"

/* What is written ends with this array, so that a sanitizer sees a byte behind its room. */
static uint8_t output[ANYTLS_FRAME_HEADER_SIZE + ANYTLS_FRAME_DATA_MAX];

static void check_header(const uint8_t *bytes, size_t size)
{
    struct anytls_header_result decoded = anytls_header_decode(bytes, size);
    const char *unknown = anytls_command_name(255);
    uint8_t again[ANYTLS_FRAME_HEADER_SIZE];

    FUZZ_ASSERT(decoded.status == (size >= sizeof again ? ANYTLS_OK : ANYTLS_INCOMPLETE));
    if (decoded.status != ANYTLS_OK)
        return;
    anytls_header_encode(decoded.header, again);
    FUZZ_ASSERT(memcmp(again, bytes, sizeof again) == 0);
    FUZZ_ASSERT((anytls_command_name(decoded.header.command) == unknown) ==
                (decoded.header.command > ANYTLS_SERVER_SETTINGS));
}

/* A frame that was read from size bytes, all of it there. */
static void check_frame(struct anytls_frame_result frame, const uint8_t *bytes, size_t whole)
{
    uint8_t *again = output + sizeof output - whole;
    struct anytls_written written;

    FUZZ_ASSERT(frame.status == ANYTLS_OK && frame.consumed == whole);
    FUZZ_ASSERT(frame.frame.header.length == whole - ANYTLS_FRAME_HEADER_SIZE);
    FUZZ_ASSERT(frame.frame.data == bytes + ANYTLS_FRAME_HEADER_SIZE);
    written = anytls_frame_encode(frame.frame, again, whole);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == whole);
    FUZZ_ASSERT(memcmp(again, bytes, whole) == 0);
}

static void check_no_room(struct anytls_frame frame)
{
    size_t room = ANYTLS_FRAME_HEADER_SIZE + (size_t)frame.header.length - 1;
    uint8_t *out = output + sizeof output - room;
    struct anytls_written written;

    out[0] = (uint8_t)(frame.header.command + 1);
    written = anytls_frame_encode(frame, out, room);
    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0);
    FUZZ_ASSERT(out[0] == (uint8_t)(frame.header.command + 1));
}

/* What a frame takes, by its bytes alone; 0: the input ends inside it. */
static size_t whole_size(const uint8_t *bytes, size_t size)
{
    size_t whole;

    if (size < 7)
        return 0;
    whole = 7u + bytes[5] * 256u + bytes[6];
    return size < whole ? 0 : whole;
}

/* Reads on from start with the bytes up to end; answers how far whole frames went. */
static size_t read_upto(const uint8_t *data, size_t start, size_t end)
{
    for (;;) {
        const uint8_t *bytes = data + start;
        struct anytls_frame_result frame = anytls_frame_decode(bytes, end - start);
        size_t whole = whole_size(bytes, end - start);

        if (whole == 0) {
            FUZZ_ASSERT(frame.status == ANYTLS_INCOMPLETE && frame.consumed == 0);
            return start;
        }
        check_frame(frame, bytes, whole);
        start += whole;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_numbers numbers = fuzz_numbers_of(data, size);
    size_t second = fuzz_upto(&numbers, size);
    size_t first = fuzz_upto(&numbers, second);
    struct anytls_frame_result frame = anytls_frame_decode(data, size);
    size_t at = 0;

    check_header(data, size);
    if (frame.status == ANYTLS_OK)
        check_no_room(frame.frame);
    at = read_upto(data, at, first);
    at = read_upto(data, at, second);
    at = read_upto(data, at, size);
    check_header(data + at, size - at);
    return 0;
}
