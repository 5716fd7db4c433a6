/* Padding schemes, over any bytes, and writes planned by those that are valid:
 *  - an item of any line stands inside the line; a range is 1 <= min <= max <= 65,535;
 *  - a scheme that is accepted, printed from what was read and read again, shapes the same;
 *  - the records of a write cover its payload exactly, once, in order; each fits the range that it
 *    was drawn from; Waste is 0, or 7 to 65,535 bytes, behind the last payload;
 *  - a Waste frame is one frame of zeros of exactly its size.
 * Which writes are planned, how large, and the random numbers are drawn from the input.
 *
 * reaches: anytls_scheme_read, anytls_padding_item_next, anytls_padding_line, anytls_padding_zero,
 * anytls_plan_begin, anytls_plan_next, anytls_waste_encode */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/padding.h"
#include "fuzz.h"

#define WRITES 12u

static void check_items(struct anytls_text line)
{
    struct anytls_item item = {ANYTLS_ITEM_IGNORED, 0, 0, 0};
    size_t position = 0;

    while (item.kind != ANYTLS_ITEM_END) {
        item = anytls_padding_item_next(line, position);
        FUZZ_ASSERT(item.next <= line.size);
        FUZZ_ASSERT((item.kind == ANYTLS_ITEM_END) == (item.next == position));
        if (item.kind == ANYTLS_ITEM_RANGE)
            FUZZ_ASSERT(1 <= item.min && item.min <= item.max &&
                        item.max <= ANYTLS_PADDING_SIZE_MAX);
        if (item.kind == ANYTLS_ITEM_CHECK)
            FUZZ_ASSERT(line.bytes[position] == 'c');
        position = item.next;
    }
    FUZZ_ASSERT(position == line.size);
}

/* ---- Printing a scheme from what was read of it ---- */

struct print {
    char text[3 * ANYTLS_SCHEME_SIZE_MAX + 64];
    size_t size;
};

static void print_line(struct print *print, uint32_t write, struct anytls_text line)
{
    struct anytls_item item = anytls_padding_item_next(line, 0);
    const char *comma = "";

    print->size += (size_t)sprintf(print->text + print->size, "\n%u=", (unsigned)write);
    while (item.kind != ANYTLS_ITEM_END) {
        char *at = print->text + print->size;

        if (item.kind == ANYTLS_ITEM_RANGE)
            print->size +=
                (size_t)sprintf(at, "%s%u-%u", comma, (unsigned)item.min, (unsigned)item.max);
        else if (item.kind == ANYTLS_ITEM_CHECK)
            print->size += (size_t)sprintf(at, "%sc", comma);
        if (item.kind == ANYTLS_ITEM_RANGE || item.kind == ANYTLS_ITEM_CHECK)
            comma = ",";
        item = anytls_padding_item_next(line, item.next);
    }
}

static struct anytls_scheme_result read_again(struct print *print,
                                              const struct anytls_scheme *scheme)
{
    struct anytls_text text = {(const uint8_t *)print->text, 0};

    print->size = (size_t)sprintf(print->text, "stop=%lu", (unsigned long)scheme->stop);
    for (uint32_t write = 0; write < WRITES; write++)
        print_line(print, write, anytls_padding_line(scheme->text, write));
    text.size = print->size;
    return anytls_scheme_read(text);
}

/* ---- Plans ---- */

static struct anytls_item next_counting(struct anytls_text line, size_t *position)
{
    struct anytls_item item;

    do {
        item = anytls_padding_item_next(line, *position);
        *position = item.next;
    } while (item.kind == ANYTLS_ITEM_IGNORED);
    return item;
}

static void check_waste(size_t size)
{
    uint8_t *out = fuzz_memory(size);
    struct anytls_written written = anytls_waste_encode(size, out, size - 1);
    struct anytls_frame_result frame;

    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0);
    written = anytls_waste_encode(size, out, size);
    frame = anytls_frame_decode(out, size);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == size);
    FUZZ_ASSERT(frame.status == ANYTLS_OK && frame.consumed == size);
    FUZZ_ASSERT(frame.frame.header.command == ANYTLS_WASTE && frame.frame.header.stream == 0);
    FUZZ_ASSERT(size == 7 || (out[7] == 0 && out[size - 1] == 0));
    free(out);
}

/* Whether a record is one that a range may give with so much payload left. */
static void check_record(struct anytls_record record, struct anytls_item range, size_t left)
{
    size_t size = record.payload + record.waste;

    FUZZ_ASSERT(record.payload <= left);
    FUZZ_ASSERT(record.waste == 0 || record.payload == left);
    FUZZ_ASSERT(record.waste == 0 || (record.waste >= 7 && record.waste <= 65535));
    if (range.kind != ANYTLS_ITEM_RANGE) {
        FUZZ_ASSERT(record.payload == left && record.waste == 0);
        return;
    }
    FUZZ_ASSERT(size <= range.max || (left == 0 && size == 7));
    FUZZ_ASSERT(size >= range.min || (record.payload == left && record.waste == 0 &&
                                      range.max + 7 > left && size + 7 > range.min));
}

/* One write: its records, and what they leave. The same random numbers give the same records with
 * the scheme that was printed. */
static void check_plan(const struct anytls_scheme *scheme, const struct anytls_scheme *again,
                       uint32_t write, size_t size, struct fuzz_numbers numbers)
{
    struct anytls_plan plan = anytls_plan_begin(scheme, write, size);
    struct anytls_plan plan_again = anytls_plan_begin(again, write, size);
    bool shaped = write < scheme->stop;
    struct anytls_text line = anytls_padding_line(scheme->text, write);
    size_t position = 0;
    size_t left = size;
    size_t count = 0;

    for (;;) {
        uint32_t random = fuzz_next(&numbers);
        struct anytls_record record = anytls_plan_next(&plan, random);
        struct anytls_record same = anytls_plan_next(&plan_again, random);
        struct anytls_item item = {ANYTLS_ITEM_END, 0, 0, 0};

        FUZZ_ASSERT(record.more == same.more && record.payload == same.payload &&
                    record.waste == same.waste);
        if (shaped)
            do
                item = next_counting(line, &position);
            while (item.kind == ANYTLS_ITEM_CHECK && left > 0);
        if (!record.more) {
            FUZZ_ASSERT(record.payload == 0 && record.waste == 0 && left == 0);
            FUZZ_ASSERT(item.kind == ANYTLS_ITEM_END || item.kind == ANYTLS_ITEM_CHECK);
            break;
        }
        FUZZ_ASSERT(item.kind != ANYTLS_ITEM_CHECK);
        check_record(record, item, left);
        if (record.waste > 0 && count == 0)
            check_waste(record.waste);
        left -= record.payload;
        count++;
    }
    FUZZ_ASSERT(count <= ANYTLS_SCHEME_ITEMS_MAX + 1);
    FUZZ_ASSERT(!anytls_plan_next(&plan, 0).more);
}

static void check_zero(const struct anytls_scheme *scheme, struct fuzz_numbers *numbers)
{
    uint16_t padding = anytls_padding_zero(scheme, fuzz_next(numbers));
    struct anytls_text line = anytls_padding_line(scheme->text, 0);
    size_t position = 0;
    struct anytls_item item = {ANYTLS_ITEM_END, 0, 0, 0};

    if (scheme->stop > 0)
        do
            item = next_counting(line, &position);
        while (item.kind == ANYTLS_ITEM_CHECK);
    if (item.kind == ANYTLS_ITEM_RANGE)
        FUZZ_ASSERT(item.min <= padding && padding <= item.max);
    else
        FUZZ_ASSERT(padding == 0);
}

static void check_scheme(const struct anytls_scheme *scheme, struct fuzz_numbers *numbers)
{
    static struct print print;
    struct anytls_scheme_result again = read_again(&print, scheme);

    FUZZ_ASSERT(again.status == ANYTLS_OK || again.status == ANYTLS_TOO_LONG);
    FUZZ_ASSERT(again.status != ANYTLS_OK || again.scheme.stop == scheme->stop);
    if (again.status != ANYTLS_OK)
        again.scheme = *scheme;
    check_zero(scheme, numbers);
    for (int i = 0; i < 3; i++) {
        uint32_t write = (uint32_t)fuzz_upto(numbers, WRITES - 1);
        size_t size = fuzz_upto(numbers, (size_t)1 << fuzz_upto(numbers, 18));

        check_plan(scheme, &again.scheme, write, size, *numbers);
    }
}

static void check_waste_limits(void)
{
    uint8_t out[8] = {0};

    FUZZ_ASSERT(anytls_waste_encode(6, out, sizeof out).status == ANYTLS_TOO_LONG);
    FUZZ_ASSERT(anytls_waste_encode(65543, out, sizeof out).status == ANYTLS_TOO_LONG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_numbers numbers = fuzz_numbers_of(data, size);
    struct anytls_text text = {data, size};
    struct anytls_scheme_result result = anytls_scheme_read(text);
    size_t lines = 1;

    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n' ? 1 : 0;
    FUZZ_ASSERT(result.line <= lines);
    check_items(text);
    check_waste_limits();
    if (size > ANYTLS_SCHEME_SIZE_MAX) {
        FUZZ_ASSERT(result.status == ANYTLS_TOO_LONG);
        return 0;
    }
    for (uint32_t write = 0; write < WRITES; write++)
        check_items(anytls_padding_line(text, write));
    if (result.status == ANYTLS_OK)
        check_scheme(&result.scheme, &numbers);
    else
        FUZZ_ASSERT(result.status == ANYTLS_BAD_STOP || result.status == ANYTLS_BAD_SIZE ||
                    result.status == ANYTLS_TOO_MANY_ITEMS);
    return 0;
}
