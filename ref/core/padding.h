/* Padding schemes: reading one, and planning a write as records by it.
 * Implements the sections "cmdUpdatePaddingScheme" and "paddingScheme" of the protocol document.
 * A scheme stays the text that it is: it is checked once, and its line for a write is looked up
 * when that write comes, since only the first few writes of a session are shaped.
 * It does not count writes and holds no bytes: the session counts, the caller has the bytes. */
#ifndef ANYTLS_CORE_PADDING_H
#define ANYTLS_CORE_PADDING_H

#include "settings.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_SCHEME_SIZE_MAX 4096u /* bytes of a scheme's text (LIMIT-SCHEME) */
#define ANYTLS_SCHEME_ITEMS_MAX 64u  /* items in one line (LIMIT-ITEMS) */
#define ANYTLS_PADDING_SIZE_MAX 65535u

struct anytls_scheme {
    struct anytls_text text; /* not owned: the caller keeps it as long as the scheme is in use */
    uint32_t stop;           /* writes with this number and above are not shaped */
    uint8_t md5[ANYTLS_MD5_TEXT_SIZE]; /* of text, lower-case hexadecimal; the caller fills it in,
                                          since the core computes no digests */
};

/* The scheme that every client begins with, and its MD5 (PAD-DEFAULT). Static memory. */
extern const struct anytls_scheme anytls_scheme_default;

/*@ predicate scheme_valid(struct anytls_scheme *s) =
        \valid_read(s) && text_valid(s->text) && s->text.size <= ANYTLS_SCHEME_SIZE_MAX;
*/

struct anytls_scheme_result {
    enum anytls_status status;
    size_t line; /* with an error: the line of the text, from 1; 0 where a line is missing */
    struct anytls_scheme scheme; /* md5 is all zero bytes */
};

/* Checks a scheme's text (PAD-STOP, PAD-SIZES, PAD-ITEMS).
 * ANYTLS_TOO_LONG: over ANYTLS_SCHEME_SIZE_MAX. ANYTLS_BAD_STOP: no stop line, or no number in it.
 * ANYTLS_BAD_SIZE: a size over 65,535. ANYTLS_TOO_MANY_ITEMS: over ANYTLS_SCHEME_ITEMS_MAX. */
/*@ requires text_valid(text);
    assigns \nothing;
    ensures \result.status == ANYTLS_OK || \result.status == ANYTLS_TOO_LONG ||
            \result.status == ANYTLS_BAD_STOP || \result.status == ANYTLS_BAD_SIZE ||
            \result.status == ANYTLS_TOO_MANY_ITEMS;
    ensures \result.status == ANYTLS_TOO_LONG <==> text.size > ANYTLS_SCHEME_SIZE_MAX;
    ensures \result.scheme.text == text;
    ensures \result.line <= text.size;
    ensures \result.status == ANYTLS_OK ==> \result.line >= 1;
*/
struct anytls_scheme_result anytls_scheme_read(struct anytls_text text);

enum anytls_item_kind {
    ANYTLS_ITEM_END,     /* no item is left */
    ANYTLS_ITEM_IGNORED, /* neither a range nor a check: skipped (PAD-ITEMS) */
    ANYTLS_ITEM_CHECK,   /* "c": stop here if no payload is left */
    ANYTLS_ITEM_RANGE,   /* min-max */
    ANYTLS_ITEM_TOO_BIG  /* a range with a number over 65,535 */
};

struct anytls_item {
    enum anytls_item_kind kind;
    uint32_t min; /* of a range: 1 <= min <= max <= 65,535 */
    uint32_t max; /* included */
    size_t next;  /* where the next item begins */
};

/*@ // The item that begins at position ends before e: at a comma, or where the line ends.
    predicate item_end{L}(struct anytls_text t, integer position, integer e) =
        position <= e <= t.size && (e < t.size ==> t.bytes[e] == ',') &&
        (\forall integer i; position <= i < e ==> t.bytes[i] != ',');
    predicate number_text{L}(uint8_t *p, integer n) = n > 0 && digits(p, n);
    logic integer smaller(integer a, integer b) = a < b ? a : b;
    logic integer greater(integer a, integer b) = a < b ? b : a;
    // What two numbers with a dash between them mean (PAD-ITEMS).
    predicate range_of(integer kind, integer min, integer max, integer a, integer b) =
        a > 65535 || b > 65535 ? kind == ANYTLS_ITEM_TOO_BIG
        : a == 0 || b == 0 ? kind == ANYTLS_ITEM_IGNORED
        : kind == ANYTLS_ITEM_RANGE && min == smaller(a, b) && max == greater(a, b);
    predicate item_range(struct anytls_item item) =
        item.kind == ANYTLS_ITEM_RANGE ==>
            1 <= item.min <= item.max <= ANYTLS_PADDING_SIZE_MAX;
    predicate no_dash{L}(uint8_t *p, integer n) = \forall integer i; 0 <= i < n ==> p[i] != '-';
    predicate check_text{L}(uint8_t *p, integer n) = n == 1 && p[0] == 'c';
    // What an item of n bytes at p means: the first dash splits a range.
    predicate item_means{L}(integer kind, integer min, integer max, uint8_t *p, integer n) =
        (no_dash(p, n) ==>
            (check_text(p, n) ? kind == ANYTLS_ITEM_CHECK : kind == ANYTLS_ITEM_IGNORED)) &&
        (\forall integer d; 0 <= d < n && no_dash(p, d) && p[d] == '-' ==>
            (number_text(p, d) && number_text(p + (d + 1), n - (d + 1))
                 ? range_of(kind, min, max, held(decimal(p, d)),
                            held(decimal(p + (d + 1), n - (d + 1))))
                 : kind == ANYTLS_ITEM_IGNORED));
*/

/* Reads the item that begins at position of a line's value; one a call (PAD-ITEMS). */
/*@ requires text_valid(line);
    assigns \nothing;
    ensures item_range(\result);
    behavior end:
        assumes position >= line.size;
        ensures \result.kind == ANYTLS_ITEM_END && \result.next == position;
    behavior item:
        assumes position < line.size;
        ensures \result.kind == ANYTLS_ITEM_IGNORED || \result.kind == ANYTLS_ITEM_CHECK ||
                \result.kind == ANYTLS_ITEM_RANGE || \result.kind == ANYTLS_ITEM_TOO_BIG;
        ensures position < \result.next <= line.size;
        ensures \forall integer e; item_end(line, position, e) ==>
            \result.next == (e < line.size ? e + 1 : e);
        ensures item_end(line, position, \result.next - 1) ||
                (\result.next == line.size && item_end(line, position, line.size));
        ensures \forall integer e; item_end(line, position, e) ==>
            item_means(\result.kind, \result.min, \result.max, line.bytes + position, e - position);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_item anytls_padding_item_next(struct anytls_text line, size_t position);

/* The value of the line for a write: of two lines with the same number the last, an empty text
 * where there is none (PAD-LINES). */
/*@ requires text_valid(text);
    assigns \nothing;
    ensures text_valid(\result);
    ensures \result.size <= text.size;
*/
struct anytls_text anytls_padding_line(struct anytls_text text, uint32_t write);

/* The size in bytes of padding0, drawn from line 0 with one random number; 0 where the scheme has
 * none, or its stop is 0 (PAD-ZERO). */
/*@ requires scheme_valid(scheme);
    assigns \nothing;
    ensures scheme->stop == 0 ==> \result == 0;
*/
uint16_t anytls_padding_zero(const struct anytls_scheme *scheme, uint32_t random);

/* A write in progress. The caller keeps it from the first record to the last. */
struct anytls_plan {
    struct anytls_text line; /* the items that shape the write; empty: not shaped */
    size_t position;         /* in line */
    size_t remaining;        /* bytes of payload not yet planned */
};

struct anytls_record {
    bool more;      /* false: the plan has ended, and there is no record */
    size_t payload; /* bytes to take from the write */
    size_t waste;   /* bytes of a Waste frame behind them, header included: 0, or 7 to 65,535 */
};

/*@ // The size that a random number draws from a range.
    logic integer drawn(integer min, integer max, integer random) =
        min + random % (max - min + 1);
    // Where the item at q is a range, and size is what random draws from it.
    predicate drawn_at{L}(struct anytls_text line, integer q, integer random, integer size) =
        0 <= q < line.size &&
        (\exists integer e, min, max; item_end(line, q, e) &&
            item_means(ANYTLS_ITEM_RANGE, min, max, line.bytes + q, e - q) &&
            size == drawn(min, max, random) && min <= size <= max);
    // The record that one size gives, of a write with that much payload left: the payload first; a
    // Waste frame fills up the rest where a header fits into it, and is all of a record without
    // payload.
    logic integer record_payload(integer size, integer remaining) = smaller(size, remaining);
    logic integer record_waste(integer size, integer remaining) =
        remaining == 0 ? greater(size, 7) : size - remaining >= 7 ? size - remaining : 0;
    predicate waste_fits(integer waste) =
        waste == 0 || 7 <= waste <= 7 + ANYTLS_FRAME_DATA_MAX;
*/

/* Begins a write of size bytes, number write of its session (PAD-WRITES). */
/*@ requires scheme_valid(scheme);
    assigns \nothing;
    ensures text_valid(\result.line) && \result.line.size <= scheme->text.size;
    ensures \result.position == 0;
    ensures \result.remaining == size;
    ensures write >= scheme->stop ==> \result.line.size == 0;
*/
struct anytls_plan anytls_plan_begin(const struct anytls_scheme *scheme, uint32_t write,
                                     size_t size);

/* Plans the next record: one write to TLS (PAD-RECORDS). The nth record of a write uses the nth
 * random number: size = min + random % (max - min + 1). */
/*@ requires \valid(plan);
    requires text_valid(plan->line);
    requires \separated(plan, plan->line.bytes + (0 .. plan->line.size - 1));
    assigns plan->position, plan->remaining;
    // The payload is planned exactly, in order, once.
    ensures plan->remaining == \old(plan->remaining) - \result.payload;
    ensures waste_fits(\result.waste);
    ensures plan->position >= \old(plan->position);
    ensures !\result.more ==>
        plan->remaining == 0 && \result.payload == 0 && \result.waste == 0 &&
        plan->position >= plan->line.size;
    ensures \result.more ==> \result.payload + \result.waste > 0;
    // Every step goes on in the line, or plans the rest of the payload.
    ensures \result.more ==> plan->position > \old(plan->position) ||
        (plan->remaining == 0 && \old(plan->remaining) > 0);
    // A record is what a range of the line gives, or the rest of the payload behind the last.
    ensures \result.more ==>
        (\result.payload == \old(plan->remaining) && \result.waste == 0 &&
         plan->position >= plan->line.size) ||
        (\exists integer q, size; \old(plan->position) <= q < plan->position &&
            drawn_at(plan->line, q, random, size) &&
            \result.payload == record_payload(size, \old(plan->remaining)) &&
            \result.waste == record_waste(size, \old(plan->remaining)));
*/
struct anytls_record anytls_plan_next(struct anytls_plan *plan, uint32_t random);

/* Writes a Waste frame of size bytes, its header included, filled with zeros (PAD-WASTE).
 * size: 7 to 65,542. out: capacity bytes. ANYTLS_NO_ROOM: capacity is below size.
 * ANYTLS_TOO_LONG: size is out of its range. */
/*@ requires \valid(out + (0 .. capacity - 1));
    assigns out[0 .. size - 1];
    behavior too_long:
        assumes size < 7 || size > 65542;
        assigns \nothing;
        ensures \result.status == ANYTLS_TOO_LONG && \result.size == 0;
    behavior no_room:
        assumes 7 <= size <= 65542 && capacity < size;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM && \result.size == 0;
    behavior room:
        assumes 7 <= size <= 65542 && capacity >= size;
        ensures \result.status == ANYTLS_OK && \result.size == size;
        ensures out[0] == ANYTLS_WASTE && be32(out + 1) == 0 && be16(out + 5) == size - 7;
        ensures \forall integer i; 7 <= i < size ==> out[i] == 0;
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_waste_encode(size_t size, uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
