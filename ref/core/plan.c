#include "padding.h"

#include "bytes.h"

/*@ requires range.kind == ANYTLS_ITEM_RANGE && item_range(range);
    assigns \nothing;
    ensures \result == drawn(range.min, range.max, random);
    ensures range.min <= \result <= range.max;
*/
static uint32_t size_draw(struct anytls_item range, uint32_t random)
{
    return range.min + random % (range.max - range.min + 1u);
}

uint16_t anytls_padding_zero(const struct anytls_scheme *scheme, uint32_t random)
{
    struct anytls_text line;
    struct anytls_item item;

    if (scheme->stop == 0)
        return 0;
    line = anytls_padding_line(scheme->text, 0);
    item = anytls_padding_item_next(line, 0);
    /*@ loop invariant item.kind != ANYTLS_ITEM_END ==> 0 < item.next <= line.size;
        loop invariant item_range(item);
        loop assigns item;
        loop variant item.kind != ANYTLS_ITEM_END ? line.size + 1 - item.next : 0;
    */
    while (item.kind != ANYTLS_ITEM_END) {
        if (item.kind == ANYTLS_ITEM_RANGE)
            return (uint16_t)size_draw(item, random);
        item = anytls_padding_item_next(line, item.next);
    }
    return 0;
}

struct anytls_plan anytls_plan_begin(const struct anytls_scheme *scheme, uint32_t write,
                                     size_t size)
{
    struct anytls_plan plan = {{0, 0}, 0, size};

    if (write < scheme->stop)
        plan.line = anytls_padding_line(scheme->text, write);
    return plan;
}

/* The record for one size: payload first, then what of the size is left as a Waste frame, if it
 * is enough for a header. A record without payload is all Waste, 7 bytes at least. */
/*@ requires size >= 1;
    assigns \nothing;
    ensures \result.more;
    ensures \result.payload == record_payload(size, remaining);
    ensures \result.waste == record_waste(size, remaining);
*/
static struct anytls_record record_fill(size_t size, size_t remaining)
{
    struct anytls_record record = {true, 0, 0};

    if (remaining == 0) {
        record.waste = size < ANYTLS_FRAME_HEADER_SIZE ? ANYTLS_FRAME_HEADER_SIZE : size;
        return record;
    }
    if (size < remaining) {
        record.payload = size;
        return record;
    }
    record.payload = remaining;
    if (size - remaining >= ANYTLS_FRAME_HEADER_SIZE)
        record.waste = size - remaining;
    return record;
}

struct anytls_record anytls_plan_next(struct anytls_plan *plan, uint32_t random)
{
    struct anytls_record record = {false, 0, 0};
    struct anytls_item item = anytls_padding_item_next(plan->line, plan->position);

    /*@ loop invariant item.kind != ANYTLS_ITEM_END ==>
            0 <= plan->position < item.next <= plan->line.size &&
            (\forall integer e; item_end(plan->line, plan->position, e) ==>
                item_means(item.kind, item.min, item.max, plan->line.bytes + plan->position,
                           e - plan->position));
        loop invariant item.kind != ANYTLS_ITEM_END ==>
            item_end(plan->line, plan->position, item.next - 1) ||
            item_end(plan->line, plan->position, plan->line.size);
        loop invariant item.kind == ANYTLS_ITEM_END ==> plan->position >= plan->line.size;
        loop invariant item_range(item);
        loop invariant plan->position >= \at(plan->position, Pre);
        loop assigns item, plan->position;
        loop variant item.kind != ANYTLS_ITEM_END ? plan->line.size + 1 - item.next : 0;
    */
    while (item.kind != ANYTLS_ITEM_END) {
        /*@ ghost size_t start = plan->position; */
        plan->position = item.next;
        if (item.kind == ANYTLS_ITEM_CHECK && plan->remaining == 0) {
            plan->position = plan->line.size;
            return record;
        }
        if (item.kind == ANYTLS_ITEM_RANGE) {
            uint32_t size = size_draw(item, random);

            /*@ assert drawn_at(plan->line, start, random, size); */
            record = record_fill(size, plan->remaining);
            plan->remaining -= record.payload;
            return record;
        }
        item = anytls_padding_item_next(plan->line, plan->position);
    }
    if (plan->remaining == 0)
        return record;
    record.more = true;
    record.payload = plan->remaining;
    plan->remaining = 0;
    return record;
}

struct anytls_written anytls_waste_encode(size_t size, uint8_t *out, size_t capacity)
{
    struct anytls_written result = {ANYTLS_NO_ROOM, 0};
    struct anytls_header header = {ANYTLS_WASTE, 0, 0};

    if (size < ANYTLS_FRAME_HEADER_SIZE ||
        size > ANYTLS_FRAME_HEADER_SIZE + (size_t)ANYTLS_FRAME_DATA_MAX) {
        result.status = ANYTLS_TOO_LONG;
        return result;
    }
    if (capacity < size)
        return result;
    header.length = (uint16_t)(size - ANYTLS_FRAME_HEADER_SIZE);
    anytls_header_encode(header, out);
    anytls_bytes_zero(out + ANYTLS_FRAME_HEADER_SIZE, header.length);
    /*@ assert header_at(out, header); */
    result.status = ANYTLS_OK;
    result.size = size;
    return result;
}
