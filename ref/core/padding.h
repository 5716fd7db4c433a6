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

struct anytls_scheme_result {
    enum anytls_status status;
    size_t line; /* with an error: the line of the text, from 1; 0 where a line is missing */
    struct anytls_scheme scheme; /* md5 is all zero bytes */
};

/* Checks a scheme's text (PAD-STOP, PAD-SIZES, PAD-ITEMS).
 * ANYTLS_TOO_LONG: over ANYTLS_SCHEME_SIZE_MAX. ANYTLS_BAD_STOP: no stop line, or no number in it.
 * ANYTLS_BAD_SIZE: a size over 65,535. ANYTLS_TOO_MANY_ITEMS: over ANYTLS_SCHEME_ITEMS_MAX. */
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

/* Reads the item that begins at position of a line's value; one a call (PAD-ITEMS). */
struct anytls_item anytls_padding_item_next(struct anytls_text line, size_t position);

/* The value of the line for a write: of two lines with the same number the last, an empty text
 * where there is none (PAD-LINES). */
struct anytls_text anytls_padding_line(struct anytls_text text, uint32_t write);

/* The size in bytes of padding0, drawn from line 0 with one random number; 0 where the scheme has
 * none, or its stop is 0 (PAD-ZERO). */
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

/* Begins a write of size bytes, number write of its session (PAD-WRITES). */
struct anytls_plan anytls_plan_begin(const struct anytls_scheme *scheme, uint32_t write,
                                     size_t size);

/* Plans the next record: one write to TLS (PAD-RECORDS). The nth record of a write uses the nth
 * random number: size = min + random % (max - min + 1). */
struct anytls_record anytls_plan_next(struct anytls_plan *plan, uint32_t random);

/* Writes a Waste frame of size bytes, its header included, filled with zeros (PAD-WASTE).
 * size: 7 to 65,542. out: capacity bytes. ANYTLS_NO_ROOM: capacity is below size.
 * ANYTLS_TOO_LONG: size is out of its range. */
struct anytls_written anytls_waste_encode(size_t size, uint8_t *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
