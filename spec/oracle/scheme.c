#include "oracle.h"

const char *const oracle_default_scheme = "stop=8\n"
                                          "0=30-30\n"
                                          "1=100-400\n"
                                          "2=400-500,c,500-1000,c,500-1000,c,500-1000,c,500-1000\n"
                                          "3=9-9,500-1000\n"
                                          "4=500-1000\n"
                                          "5=500-1000\n"
                                          "6=500-1000\n"
                                          "7=500-1000";

const char *const oracle_default_md5 = "75cff2ad89aadf5e257059ee571ebe11";

/* ---- Items: "min-max", "c", or anything else, which is ignored ---- */

enum kind { IGNORED, CHECK, RANGE, TOO_BIG };

/* Takes the text up to the next comma off a list. false: the list is empty. */
static bool word_next(struct oracle_bytes *list, struct oracle_bytes *word)
{
    if (list->size == 0)
        return false;
    word->at = list->at;
    word->size = 0;
    while (list->size > 0 && *list->at != ',') {
        word->size++;
        list->at++;
        list->size--;
    }
    if (list->size > 0) {
        list->at++;
        list->size--;
    }
    return true;
}

static enum kind word_read(struct oracle_bytes word, struct oracle_item *item)
{
    struct oracle_bytes left = {word.at, 0};
    struct oracle_bytes right;
    uint32_t a;
    uint32_t b;

    item->check = oracle_is(word, "c");
    if (item->check)
        return CHECK;
    while (left.size < word.size && word.at[left.size] != '-')
        left.size++;
    if (left.size == word.size)
        return IGNORED; /* no '-' */
    right.at = word.at + left.size + 1;
    right.size = word.size - left.size - 1;
    if (!oracle_number(left, &a) || !oracle_number(right, &b))
        return IGNORED;
    if (a > 65535 || b > 65535)
        return TOO_BIG;
    if (a == 0 || b == 0)
        return IGNORED;
    item->min = a < b ? a : b;
    item->max = a < b ? b : a;
    return RANGE;
}

/* ---- Lines ---- */

/* Whether a key is a number as one writes it: no zero in front of another digit. */
static bool key_is_number(struct oracle_bytes key, uint32_t *number)
{
    if (key.size > 1 && key.at[0] == '0')
        return false;
    return oracle_number(key, number);
}

static enum oracle_status check_items(struct oracle_bytes list)
{
    struct oracle_bytes word;
    struct oracle_item item;
    size_t count = 0;

    while (word_next(&list, &word)) {
        count++;
        if (word_read(word, &item) == TOO_BIG)
            return ORACLE_BAD_SIZE;
        if (count > ORACLE_ITEMS_MAX)
            return ORACLE_TOO_MANY_ITEMS;
    }
    return ORACLE_OK;
}

struct oracle_scheme oracle_scheme_read(struct oracle_bytes text)
{
    struct oracle_scheme result = {ORACLE_BAD_STOP, 0, 0};
    struct oracle_line line;
    size_t number = 0;
    uint32_t write;

    if (text.size > ORACLE_SCHEME_SIZE_MAX) {
        result.status = ORACLE_TOO_LONG;
        return result;
    }
    while (oracle_line_next(&text, &line)) {
        number++;
        if (!line.item)
            continue;
        if (oracle_is(line.key, "stop")) {
            result.line = number;
            result.status = oracle_number(line.value, &result.stop) ? ORACLE_OK : ORACLE_BAD_STOP;
        }
        if (key_is_number(line.key, &write)) {
            enum oracle_status status = check_items(line.value);

            if (status != ORACLE_OK) {
                result.status = status;
                result.line = number;
                return result;
            }
        }
    }
    return result;
}

size_t oracle_scheme_items(struct oracle_bytes text, uint32_t write,
                           struct oracle_item items[ORACLE_ITEMS_MAX])
{
    struct oracle_bytes list = {NULL, 0};
    struct oracle_bytes word;
    struct oracle_line line;
    size_t count = 0;
    uint32_t number;

    while (oracle_line_next(&text, &line))
        if (line.item && key_is_number(line.key, &number) && number == write)
            list = line.value;
    while (count < ORACLE_ITEMS_MAX && word_next(&list, &word)) {
        enum kind kind = word_read(word, &items[count]);

        if (kind == CHECK || kind == RANGE)
            count++;
    }
    return count;
}

/* ---- Sizes and records ---- */

static uint32_t draw(struct oracle_item range, uint32_t random)
{
    uint32_t choices = range.max - range.min + 1;

    return range.min + random % choices;
}

uint16_t oracle_padding_zero(struct oracle_bytes text, uint32_t random)
{
    struct oracle_item items[ORACLE_ITEMS_MAX];
    size_t count = oracle_scheme_items(text, 0, items);

    if (oracle_scheme_read(text).stop == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!items[i].check)
            return (uint16_t)draw(items[i], random);
    return 0;
}

/* One record of a wanted size, of which up to left bytes can be payload. */
static struct oracle_record fill(size_t wanted, size_t left)
{
    struct oracle_record record = {0, 0};

    while (record.payload < wanted && record.payload < left)
        record.payload++;
    if (wanted - record.payload >= 7)
        record.waste = wanted - record.payload;
    else if (record.payload == 0)
        record.waste = 7; /* a record cannot be empty, and no Waste frame is smaller */
    return record;
}

size_t oracle_shape(struct oracle_bytes scheme, uint32_t write, size_t size, const uint32_t *random,
                    size_t random_count, struct oracle_record records[ORACLE_ITEMS_MAX + 1])
{
    struct oracle_item items[ORACLE_ITEMS_MAX];
    size_t items_count = 0;
    size_t count = 0;
    size_t left = size;

    if (write < oracle_scheme_read(scheme).stop)
        items_count = oracle_scheme_items(scheme, write, items);
    for (size_t i = 0; i < items_count; i++) {
        if (items[i].check) {
            if (left == 0)
                return count;
        } else {
            uint32_t number = count < random_count ? random[count] : 0;

            records[count] = fill(draw(items[i], number), left);
            left -= records[count].payload;
            count++;
        }
    }
    if (left > 0) {
        records[count].payload = left;
        records[count].waste = 0;
        count++;
    }
    return count;
}
