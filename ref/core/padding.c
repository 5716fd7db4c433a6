#include "padding.h"

#include "bytes.h"

static const uint8_t default_text[] = "stop=8\n"
                                      "0=30-30\n"
                                      "1=100-400\n"
                                      "2=400-500,c,500-1000,c,500-1000,c,500-1000,c,500-1000\n"
                                      "3=9-9,500-1000\n"
                                      "4=500-1000\n"
                                      "5=500-1000\n"
                                      "6=500-1000\n"
                                      "7=500-1000";

const struct anytls_scheme anytls_scheme_default = {
    {default_text, sizeof default_text - 1},
    8,
    {'7', '5', 'c', 'f', 'f', '2', 'a', 'd', '8', '9', 'a', 'a', 'd', 'f', '5', 'e',
     '2', '5', '7', '0', '5', '9', 'e', 'e', '5', '7', '1', 'e', 'b', 'e', '1', '1'},
};

/*@ requires text_valid(min) && text_valid(max);
    assigns \nothing;
    ensures item_range(\result);
    ensures number_text(min.bytes, min.size) && number_text(max.bytes, max.size)
                ? range_of(\result, held(decimal(min.bytes, min.size)),
                           held(decimal(max.bytes, max.size)))
                : \result.kind == ANYTLS_ITEM_IGNORED;
    ensures \result.kind == ANYTLS_ITEM_IGNORED || \result.kind == ANYTLS_ITEM_RANGE ||
            \result.kind == ANYTLS_ITEM_TOO_BIG;
*/
static struct anytls_item range_read(struct anytls_text min, struct anytls_text max)
{
    struct anytls_item item = {ANYTLS_ITEM_IGNORED, 0, 0, 0};
    struct anytls_number low = anytls_number_read(min);
    struct anytls_number high = anytls_number_read(max);

    if (!low.valid || !high.valid)
        return item;
    if (low.value > ANYTLS_PADDING_SIZE_MAX || high.value > ANYTLS_PADDING_SIZE_MAX) {
        item.kind = ANYTLS_ITEM_TOO_BIG;
        return item;
    }
    if (low.value == 0 || high.value == 0)
        return item;
    item.kind = ANYTLS_ITEM_RANGE;
    item.min = low.value < high.value ? low.value : high.value;
    item.max = low.value < high.value ? high.value : low.value;
    return item;
}

struct anytls_item anytls_padding_item_next(struct anytls_text line, size_t position)
{
    struct anytls_item item = {ANYTLS_ITEM_END, 0, 0, position};
    size_t end;
    size_t dash;

    if (position >= line.size)
        return item;
    end = anytls_text_find(line, position, ',');
    dash = anytls_text_find(anytls_text_part(line, 0, end), position, '-');
    /*@ assert item_end(line, position, end); */
    /*@ assert \forall integer e; item_end(line, position, e) ==> e == end; */
    /*@ assert dash < end ==> item_dash(line, position, dash, end); */
    /*@ assert \forall integer d; item_dash(line, position, d, end) ==> d == dash; */
    if (dash < end)
        item = range_read(anytls_text_part(line, position, dash),
                          anytls_text_part(line, dash + 1, end));
    else if (end - position == 1 && line.bytes[position] == 'c')
        item.kind = ANYTLS_ITEM_CHECK;
    else
        item.kind = ANYTLS_ITEM_IGNORED;
    item.next = end < line.size ? end + 1 : end;
    return item;
}

/* A line is found by its number as a decimal without leading zeros, and by no other spelling. */
/*@ requires text_valid(key);
    assigns \nothing;
    ensures \result.valid <==> number_text(key.bytes, key.size) &&
                               (key.size == 1 || key.bytes[0] != '0');
    ensures \result.valid ==> \result.value == held(decimal(key.bytes, key.size));
*/
static struct anytls_number line_number_read(struct anytls_text key)
{
    struct anytls_number none = {false, 0};

    if (key.size > 1 && key.bytes[0] == '0')
        return none;
    return anytls_number_read(key);
}

struct anytls_text anytls_padding_line(struct anytls_text text, uint32_t write)
{
    struct anytls_text found = {0, 0};
    struct anytls_setting line = anytls_settings_next(text, 0);

    /*@ loop invariant line.status == ANYTLS_OK ==> 0 < line.next <= text.size;
        loop invariant line.status == ANYTLS_OK || line.status == ANYTLS_END;
        loop invariant text_valid(line.key) && text_valid(line.value);
        loop invariant line.item ==> line.value.size < text.size;
        loop invariant text_valid(found) && found.size <= text.size;
        loop assigns line, found;
        loop variant line.status == ANYTLS_OK ? text.size + 1 - line.next : 0;
    */
    while (line.status == ANYTLS_OK) {
        if (line.item) {
            struct anytls_number number = line_number_read(line.key);

            if (number.valid && number.value == write)
                found = line.value;
        }
        line = anytls_settings_next(text, line.next);
    }
    return found;
}

/*@ requires text_valid(line);
    assigns \nothing;
    ensures \result == ANYTLS_OK || \result == ANYTLS_BAD_SIZE || \result == ANYTLS_TOO_MANY_ITEMS;
*/
static enum anytls_status line_check(struct anytls_text line)
{
    struct anytls_item item = anytls_padding_item_next(line, 0);
    size_t count = 0;

    /*@ loop invariant item.kind != ANYTLS_ITEM_END ==> 0 < item.next <= line.size;
        loop invariant 0 <= count <= ANYTLS_SCHEME_ITEMS_MAX;
        loop assigns item, count;
        loop variant item.kind != ANYTLS_ITEM_END ? line.size + 1 - item.next : 0;
    */
    while (item.kind != ANYTLS_ITEM_END) {
        if (item.kind == ANYTLS_ITEM_TOO_BIG)
            return ANYTLS_BAD_SIZE;
        if (count == ANYTLS_SCHEME_ITEMS_MAX)
            return ANYTLS_TOO_MANY_ITEMS;
        count++;
        item = anytls_padding_item_next(line, item.next);
    }
    return ANYTLS_OK;
}

struct anytls_scheme_result anytls_scheme_read(struct anytls_text text)
{
    static const char stop_key[] = "stop";
    struct anytls_scheme_result result = {ANYTLS_OK, 0, {text, 0, {0}}};
    struct anytls_number stop = {false, 0};
    struct anytls_setting line;
    size_t stop_line = 0;
    size_t number = 1;

    if (text.size > ANYTLS_SCHEME_SIZE_MAX) {
        result.status = ANYTLS_TOO_LONG;
        return result;
    }
    line = anytls_settings_next(text, 0);
    /*@ assert word_of(&stop_key[0], sizeof(stop_key) - 1); */
    /*@ loop invariant line.status == ANYTLS_OK ==> 0 < line.next <= text.size;
        loop invariant line.status == ANYTLS_OK || line.status == ANYTLS_END;
        loop invariant text_valid(line.key) && text_valid(line.value);
        loop invariant line.status == ANYTLS_OK ==> 1 <= number <= line.next;
        loop invariant 1 <= number <= text.size + 1;
        loop invariant 0 <= stop_line <= text.size;
        loop invariant stop.valid ==> stop_line >= 1;
        loop invariant result.status == ANYTLS_OK && result.scheme.text == text;
        loop assigns line, number, stop, stop_line, result.status, result.line;
        loop variant line.status == ANYTLS_OK ? text.size + 1 - line.next : 0;
    */
    while (line.status == ANYTLS_OK) {
        if (line.item && anytls_text_is(line.key, stop_key)) {
            stop = anytls_number_read(line.value);
            stop_line = number;
        } else if (line.item && line_number_read(line.key).valid) {
            result.status = line_check(line.value);
            result.line = number;
            if (result.status != ANYTLS_OK)
                return result;
        }
        number++;
        line = anytls_settings_next(text, line.next);
    }
    result.line = stop_line;
    if (!stop.valid)
        result.status = ANYTLS_BAD_STOP;
    else
        result.scheme.stop = stop.value;
    return result;
}
