#include <stdio.h>
#include <string.h>

#include "generate.h"
#include "oracle.h"

#define RANDOM_COUNT 8

static const uint32_t zeros[RANDOM_COUNT];
static const uint32_t mixed[RANDOM_COUNT] = {7, 100, 12345, 99, 0x80000000u, 501, 1, 3};
static const uint32_t greatest[RANDOM_COUNT] = {0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu,
                                                0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu};

/* The size that was drawn for the record with this index; 0: it has none. */
static uint32_t drawn(const char *scheme, unsigned write, const uint32_t *random, int index)
{
    struct oracle_item items[ORACLE_ITEMS_MAX];
    size_t count = oracle_scheme_items(oracle_string(scheme), write, items);
    int ranges = 0;

    for (size_t i = 0; i < count; i++) {
        if (items[i].check)
            continue;
        if (ranges == index)
            return items[i].min + random[index] % (items[i].max - items[i].min + 1);
        ranges++;
    }
    return 0;
}

/* What others write: records that are all Waste of size + 7, none where exactly 7 are left. */
static cJSON *others(const char *scheme, unsigned write, const uint32_t *random, bool longer,
                     bool none)
{
    cJSON *answer = cJSON_Duplicate(expected_last(), true);
    cJSON *record;
    int index = 0;

    cJSON_ArrayForEach(record, cJSON_GetObjectItemCaseSensitive(answer, "records"))
    {
        uint32_t size = drawn(scheme, write, random, index);
        bool empty = json_number(record, "payload") == 0;
        double waste = json_number(record, "waste");

        if (longer && empty)
            waste = (double)size + 7;
        if (none && !empty && json_number(record, "waste") == 7)
            waste = 0;
        cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(record, "waste"), waste);
        index++;
    }
    return answer;
}

static void others_allow(const char *scheme, unsigned write, const uint32_t *random)
{
    cJSON *longer = others(scheme, write, random, true, false);
    cJSON *none = others(scheme, write, random, false, true);
    bool is_longer = !cJSON_Compare(longer, expected_last(), true);
    bool is_none = !cJSON_Compare(none, expected_last(), true);

    if (is_longer)
        allow(cJSON_Duplicate(longer, true),
              "a record that is all Waste may count its size without the header of the frame");
    if (is_none)
        allow(cJSON_Duplicate(none, true),
              "where exactly 7 bytes are left to fill there may be no Waste frame");
    if (is_longer && is_none)
        allow(others(scheme, write, random, true, true), "both of these");
    cJSON_Delete(longer);
    cJSON_Delete(none);
}

static void shape(const char *scheme, unsigned write, size_t size, const uint32_t *random,
                  const char *flags, const char *requirements, const char *comment)
{
    cJSON *input = text_input(scheme);
    cJSON *numbers;

    json_add_number(input, "write", write);
    json_add_number(input, "size", size);
    numbers = cJSON_AddArrayToObject(input, "random");
    for (int i = 0; i < RANDOM_COUNT; i++)
        cJSON_AddItemToArray(numbers, cJSON_CreateNumber(random[i]));
    vector("shape", input, flags, requirements, "%s", comment);
    others_allow(scheme, write, random);
}

static void default_writes(void)
{
    static const size_t sizes[] = {1, 100, 450, 2000};
    char comment[128];

    for (unsigned write = 1; write <= 8; write++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            snprintf(comment, sizeof comment, "default scheme, write %u of %zu bytes", write,
                     sizes[i]);
            shape(default_scheme(), write, sizes[i], mixed, "", "PAD-RECORDS PAD-WRITES", comment);
        }
    }
    shape(default_scheme(), 2, 3000, zeros, "", "PAD-RECORDS", "the least random numbers");
    shape(default_scheme(), 2, 3000, greatest, "", "PAD-RECORDS",
          "the greatest random numbers: the remainder counts, not the number");
    shape(default_scheme(), 2, 100000, mixed, "", "PAD-RECORDS",
          "far more payload than sizes: the rest is one record, as it is");
    shape(default_scheme(), 1000000, 500, mixed, "stop", "PAD-WRITES", "a write far above stop");
}

static void random_numbers(void)
{
    static const uint32_t numbers[] = {0, 1, 299, 300, 301, 302, 0x7fffffffu, 0xffffffffu};
    char comment[128];

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uint32_t random[RANDOM_COUNT] = {numbers[i]};

        snprintf(comment, sizeof comment, "range 100-400 and random number %u", numbers[i]);
        shape("stop=3\n1=100-400", 1, 50, random, "", "PAD-RECORDS", comment);
    }
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t random[RANDOM_COUNT] = {i, 0, i};

        snprintf(comment, sizeof comment, "each record has a random number of its own: %u, 0, %u",
                 i, i);
        shape("stop=3\n1=10-11,20-20,30-32", 1, 1000, random, "", "PAD-RECORDS", comment);
    }
    shape("stop=2\n1=1-65535", 1, 40000, greatest, "", "PAD-RECORDS", "the widest range");
}

static void fill_cases(void)
{
    char comment[128];

    for (size_t size = 90; size <= 102; size++) {
        snprintf(comment, sizeof comment, "%zu bytes for a record of 100", size);
        shape("stop=2\n1=100-100", 1, size, zeros, "fixed", "PAD-RECORDS PAD-WASTE", comment);
    }
    for (size_t size = 1; size <= 8; size++) {
        char scheme[64];

        snprintf(scheme, sizeof scheme, "stop=2\n1=50-50,%zu-%zu", size, size);
        snprintf(comment, sizeof comment, "a record that is all Waste of size %zu", size);
        shape(scheme, 1, 40, zeros, "fixed", "PAD-RECORDS PAD-WASTE", comment);
    }
    shape("stop=2\n1=50-50,500-500,65535-65535", 1, 40, zeros, "fixed", "PAD-RECORDS PAD-WASTE",
          "records that are all Waste, up to the greatest size");
    shape("stop=2\n1=65535-65535", 1, 7, zeros, "fixed", "PAD-RECORDS PAD-WASTE",
          "a record of the greatest size, nearly all Waste");
    shape("stop=2\n1=1-1,1-1,1-1", 1, 3, zeros, "fixed", "PAD-RECORDS", "records of one byte");
}

static void checks(void)
{
    static const struct {
        const char *items;
        size_t size;
        const char *comment;
    } cases[] = {
        {"50-50,c,60-60", 50, "a check with nothing left ends the write"},
        {"50-50,c,60-60", 51, "a check with a byte left does not"},
        {"50-50,c,60-60", 40, "a check behind a filled record ends the write"},
        {"50-50,c,60-60", 110, "sizes that fit exactly"},
        {"50-50,c,60-60", 111, "one byte more than the sizes: it is a record of its own"},
        {"c,50-50", 10, "a check before the first size means nothing"},
        {"c,c,50-50,c,c", 80, "checks in pairs"},
        {"c", 80, "nothing but a check: the write is as it is"},
        {"50-50,60-60,c", 10, "no check between: a record that is all Waste follows"},
        {"50-50,c,60-60,c,70-70", 100, "the second check ends the write"},
        {"9-9,50-50", 8, "the first record is smaller than what is left by one"},
        {"9-9,50-50", 9, "the first record is full, the second all Waste"},
        {"9-9,50-50", 10, "the second record holds one byte and Waste"},
        {"x,50-50,5,c,60-60", 40, "items that are ignored between"},
    };
    char scheme[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(scheme, sizeof scheme, "stop=3\n2=%s", cases[i].items);
        shape(scheme, 2, cases[i].size, zeros, "fixed", "PAD-RECORDS PAD-ITEMS", cases[i].comment);
    }
}

static void stops(void)
{
    shape("stop=2\n1=50-50\n2=60-60", 1, 10, zeros, "fixed", "PAD-WRITES",
          "the last write below stop");
    shape("stop=2\n1=50-50\n2=60-60", 2, 10, zeros, "fixed stop", "PAD-WRITES",
          "the write at stop is as it is, though it has a line");
    shape("stop=0\n1=50-50", 1, 10, zeros, "fixed stop", "PAD-WRITES", "stop=0 shapes nothing");
    shape("stop=5\n1=50-50\n3=60-60", 2, 10, zeros, "fixed stop", "PAD-LINES",
          "a write below stop without a line is as it is");
    shape("stop=5\n1=", 1, 10, zeros, "fixed stop", "PAD-LINES",
          "a write with an empty line is as it is");
    shape("stop=5\n1=50-50\n1=60-60", 1, 10, zeros, "fixed duplicate", "PAD-LINES",
          "the last of two lines for one write counts");
    allow(json("{'records':[{'payload':10,'waste':40}]}"),
          "the document says nothing of a key that stands there twice");
    shape("stop=5\n01=50-50", 1, 10, zeros, "fixed stop", "PAD-LINES", "01 is not line 1");
    shape("stop=4294967295\n4294967294=20-20", 4294967294u, 10, zeros, "", "PAD-LINES",
          "the greatest number that a line can have");
}

static void zero(const char *scheme, uint32_t random, const char *flags, const char *comment)
{
    cJSON *input = text_input(scheme);

    cJSON_AddItemToArray(cJSON_AddArrayToObject(input, "random"), cJSON_CreateNumber(random));
    vector("padding_zero", input, flags, "PAD-ZERO", "%s", comment);
}

static void zeros_of(void)
{
    static const uint32_t numbers[] = {0, 10, 11, 0xffffffffu};

    zero(default_scheme(), 0, "fixed", "padding0 of the default scheme");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        zero("stop=2\n0=20-30", numbers[i], "", "padding0 drawn from a range");
    zero("stop=2\n1=5-5", 0, "fixed", "no line 0: no padding");
    zero("stop=0\n0=30-30", 0, "fixed ambiguous", "stop=0: no padding");
    allow(json("{'size':30}"), "stop may count for the writes behind the preamble only");
    zero("stop=2\n0=", 0, "fixed", "an empty line 0: no padding");
    zero("stop=2\n0=5-5,7-7", 0, "fixed", "the first size counts");
    zero("stop=2\n0=x,7-7", 0, "fixed", "the first item that is a size counts");
    zero("stop=2\n0=c,7-7", 0, "fixed ambiguous", "a check is no size: the first size counts");
    allow(json("{'size':0}"), "the first item may count, and a check is no size");
    zero("stop=2\n0=65535-65535", 0, "fixed", "the greatest padding0");
    zero("stop=2\n0=1-65535", 0xfffffffeu, "", "the widest range");
}

void generate_shapes(void)
{
    file_begin("shapes", "Whole writes of a client, shaped: from the scheme, the number of the "
                         "write, the bytes that it has, and a random number for each record, the "
                         "records: bytes of payload, and of the Waste frame behind them with its "
                         "header. The size of a record is min + random % (max - min + 1); the nth "
                         "record uses the nth number. Also the size of padding0.");
    flag("fixed",
         "Each range is of one size: the random numbers do not matter, and implementations "
         "that draw their own can answer.");
    flag("stop", "The write is not shaped.");
    flag("duplicate", "A key stands there twice.");
    flag("ambiguous", "The protocol document leaves this open; allowed says which other answers "
                      "are right, too.");
    default_writes();
    random_numbers();
    fill_cases();
    checks();
    stops();
    zeros_of();
}
