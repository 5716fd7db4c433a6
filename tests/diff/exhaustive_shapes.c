/* Padding schemes: every text of a few tokens; what lines, items and writes come of it; the limits. */
#include <stdio.h>
#include <string.h>

#include "exhaustive.h"

static void tell_scheme(const char *what, const uint8_t *text, size_t size)
{
    if (!tell())
        return;
    printf("  %s:", what);
    show("scheme", text, size);
    printf("\n");
}

static bool same_items(struct anytls_text ours, struct oracle_bytes theirs, uint32_t write)
{
    struct oracle_item items[ORACLE_ITEMS_MAX];
    size_t count = oracle_scheme_items(theirs, write, items);
    struct anytls_text line = anytls_padding_line(ours, write);
    struct anytls_item item = anytls_padding_item_next(line, 0);
    size_t i = 0;

    for (; item.kind != ANYTLS_ITEM_END; item = anytls_padding_item_next(line, item.next)) {
        if (item.kind == ANYTLS_ITEM_IGNORED)
            continue;
        if (i == count || items[i].check != (item.kind == ANYTLS_ITEM_CHECK))
            return false;
        if (!items[i].check && (items[i].min != item.min || items[i].max != item.max))
            return false;
        i++;
    }
    return i == count;
}

static bool same_shape(const struct anytls_scheme *ours, struct oracle_bytes theirs, uint32_t write,
                       size_t size, const uint32_t *random, size_t random_count)
{
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    size_t count = oracle_shape(theirs, write, size, random, random_count, records);
    struct anytls_plan plan = anytls_plan_begin(ours, write, size);

    for (size_t i = 0; i <= count; i++) {
        uint32_t number = i < random_count ? random[i] : 0;
        struct anytls_record record = anytls_plan_next(&plan, number);

        if (record.more != (i < count))
            return false;
        if (i < count && (record.payload != records[i].payload || record.waste != records[i].waste))
            return false;
    }
    return true;
}

static const uint32_t randoms[][3] = {{0, 0, 0}, {1, 2, 3}, {UINT32_MAX, 65534, 7}, {10, 11, 5}};
static const size_t sizes[] = {0,  1,  2,  3,  4,  5,   7,     8,     9,
                               10, 11, 16, 17, 18, 100, 65535, 65536, 70000};

static bool same_shapes(const struct anytls_scheme *ours, struct oracle_bytes theirs)
{
    for (size_t r = 0; r < COUNT_OF(randoms); r++) {
        if (anytls_padding_zero(ours, randoms[r][0]) != oracle_padding_zero(theirs, randoms[r][0]))
            return false;
        for (uint32_t write = 0; write <= 2; write++)
            for (size_t size = 0; size < COUNT_OF(sizes); size++)
                if (!same_shape(ours, theirs, write, sizes[size], randoms[r], 3))
                    return false;
    }
    return true;
}

static void compare_scheme(const uint8_t *text, size_t size, bool with_shapes)
{
    struct anytls_text our_text = {text, size};
    struct oracle_bytes their_text = {text, size};
    struct anytls_scheme_result ours = anytls_scheme_read(our_text);
    struct oracle_scheme theirs = oracle_scheme_read(their_text);
    bool same = same_status(ours.status, theirs.status) && ours.line == theirs.line;

    if (same && ours.status == ANYTLS_OK) {
        same = ours.scheme.stop == theirs.stop;
        for (uint32_t write = 0; same && write <= 11; write++)
            same = same_items(our_text, their_text, write);
        if (with_shapes)
            same = same && same_shapes(&ours.scheme, their_text);
    }
    if (!agree(same))
        tell_scheme("scheme", text, size);
}

static void visit_scheme(const uint8_t *text, size_t size)
{
    compare_scheme(text, size, false);
}

static void visit_behind_stop(const uint8_t *text, size_t size)
{
    uint8_t whole[256] = "stop=2\n";

    memcpy(whole + 7, text, size);
    compare_scheme(whole, 7 + size, false);
}

static void visit_line(const uint8_t *text, size_t size)
{
    uint8_t whole[256] = "stop=2\n1=";

    memcpy(whole + 9, text, size);
    compare_scheme(whole, 9 + size, true);
    whole[7] = '0';
    compare_scheme(whole, 9 + size, true);
}

/* Lines of 63 to 66 items, the last of each kind. */
static void compare_many_items(void)
{
    static const char *const kinds[] = {"c", "9-8", "x", "", "0-1", "70000-1"};

    for (size_t all = 0; all < COUNT_OF(kinds); all++) {
        for (size_t last = 0; last < COUNT_OF(kinds); last++) {
            for (size_t count = 62; count <= 66; count++) {
                char text[1024] = "stop=2\n1=";

                for (size_t i = 1; i < count; i++) {
                    strcat(text, kinds[all]);
                    strcat(text, ",");
                }
                strcat(text, kinds[last]);
                compare_scheme((const uint8_t *)text, strlen(text), true);
            }
        }
    }
}

/* Texts of 4,095 to 4,097 bytes. */
static void compare_long_schemes(void)
{
    static uint8_t text[4097] = "stop=2\n1=1-9\n";

    for (size_t i = strlen((const char *)text); i < sizeof text; i++)
        text[i] = i % 50 == 0 ? '\n' : 'x';
    for (size_t size = 4095; size <= 4097; size++)
        compare_scheme(text, size, true);
}

/* Writes by the default scheme: every size up to 1,500 and around the limit of a frame, each
 * number of a write, the ends of every range (PAD-RANGE, PAD-NO-LINE). */
static void compare_default(void)
{
    struct oracle_bytes theirs = oracle_string(oracle_default_scheme);
    struct anytls_text text = anytls_scheme_default.text;
    static const uint32_t ends[][9] = {{0, 0, 0, 0, 0, 0, 0, 0, 0},
                                       {300, 500, 500, 500, 500, 500, 500, 500, 500},
                                       {100, 101, 102, 103, 104, 105, 106, 107, 108}};

    part_begin("writes by the default scheme");
    agree(same_bytes(text.bytes, text.size, theirs.at, theirs.size) &&
          same_bytes(anytls_scheme_default.md5, 32, (const uint8_t *)oracle_default_md5, 32));
    for (uint32_t write = 0; write <= 9; write++)
        for (size_t size = 0; size <= 66000; size = size == 1500 ? 64900 : size + 1)
            for (size_t r = 0; r < COUNT_OF(ends); r++)
                if (!agree(same_shape(&anytls_scheme_default, theirs, write, size, ends[r], 9)) &&
                    tell())
                    printf("  write %u of %zu bytes\n", (unsigned)write, size);
}

void compare_shapes(void)
{
    static const char *const whole[] = {"stop=", "0", "1", "=", "-", ",", "c", "\n", "65535", "x"};
    static const char *const lines[] = {"0", "1", "=", "-", ",", "c", "\n", "6"};
    static const char *const items[] = {"1", "8", "0", "-", ",", "c", "65535", "65536", " "};

    part_begin("schemes up to 6 tokens");
    each_text(whole, COUNT_OF(whole), 6, visit_scheme);
    part_begin("schemes behind a stop line, up to 6 bytes");
    each_text(lines, COUNT_OF(lines), 6, visit_behind_stop);
    part_begin("lines and their writes, up to 5 tokens");
    each_text(items, COUNT_OF(items), 5, visit_line);
    compare_many_items();
    compare_long_schemes();
    compare_default();
}
