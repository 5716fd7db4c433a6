#include "padding.h"

#include "bytes.h"

/*@ requires text_valid(min) && text_valid(max);
    assigns \nothing;
    ensures item_range(\result);
    ensures number_text(min.bytes, min.size) && number_text(max.bytes, max.size)
                ? range_of(\result.kind, \result.min, \result.max, held(decimal(min.bytes, min.size)),
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

/* Reads an item: all of text. */
/*@ requires text_valid(text);
    assigns \nothing;
    ensures item_range(\result);
    ensures item_means(\result.kind, \result.min, \result.max, text.bytes, text.size);
    ensures \result.kind == ANYTLS_ITEM_IGNORED || \result.kind == ANYTLS_ITEM_CHECK ||
            \result.kind == ANYTLS_ITEM_RANGE || \result.kind == ANYTLS_ITEM_TOO_BIG;
*/
static struct anytls_item item_read(struct anytls_text text)
{
    struct anytls_item item = {ANYTLS_ITEM_IGNORED, 0, 0, 0};
    size_t dash = anytls_text_find(text, 0, '-');

    /*@ assert no_dash(text.bytes, dash); */
    /*@ assert dash < text.size ==> !no_dash(text.bytes, text.size); */
    /*@ assert \forall integer d; 0 <= d < text.size && no_dash(text.bytes, d) &&
            text.bytes[d] == '-' ==> d == dash; */
    if (dash < text.size)
        return range_read(anytls_text_part(text, 0, dash),
                          anytls_text_part(text, dash + 1, text.size));
    if (text.size == 1 && text.bytes[0] == 'c')
        item.kind = ANYTLS_ITEM_CHECK;
    return item;
}

struct anytls_item anytls_padding_item_next(struct anytls_text line, size_t position)
{
    struct anytls_item item = {ANYTLS_ITEM_END, 0, 0, position};
    size_t end;

    if (position >= line.size)
        return item;
    end = anytls_text_find(line, position, ',');
    /*@ assert \forall integer e; item_end(line, position, e) ==> e == end; */
    item = item_read(anytls_text_part(line, position, end));
    /*@ assert position < end ==> item_means(item.kind, item.min, item.max, line.bytes + position, end - position); */
    /*@ assert position == end ==> item.kind == ANYTLS_ITEM_IGNORED; */
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
