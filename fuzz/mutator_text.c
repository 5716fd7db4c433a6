#include <stdio.h>
#include <string.h>

#include "mutator.h"

/* The text that is written, as far as it fits. */
struct text {
    uint8_t *out;
    size_t size;
};

static void put(struct text *text, const char *word)
{
    size_t size = strlen(word);

    if (size > MUTATOR_TEXT_MAX - text->size)
        size = MUTATOR_TEXT_MAX - text->size;
    memcpy(text->out + text->size, word, size);
    text->size += size;
}

static void put_number(struct mutation *mutation, struct text *text)
{
    static const char *const edges[] = {
        "0",   "1",   "2",     "7",     "8",     "9",          "30",
        "100", "400", "65535", "65536", "65542", "4294967295", "4294967296",
        "00",  "-1",  "+1",    "1 ",    "",      "x",          "18446744073709551616"};
    char number[16];

    if (mutation_below(mutation, 3) == 0) {
        put(text, edges[mutation_below(mutation, sizeof edges / sizeof *edges)]);
        return;
    }
    snprintf(number, sizeof number, "%u", (unsigned)mutation_below(mutation, 1200));
    put(text, number);
}

static void put_word(struct mutation *mutation, struct text *text)
{
    static const char *const words[] = {"v",
                                        "client",
                                        "padding-md5",
                                        "stop",
                                        "V",
                                        " v",
                                        "",
                                        "anytls/0.0.11",
                                        "75cff2ad89aadf5e257059ee571ebe11",
                                        "=",
                                        "\xc3\xa9"};

    put(text, words[mutation_below(mutation, sizeof words / sizeof *words)]);
}

static void put_settings_line(struct mutation *mutation, struct text *text)
{
    switch (mutation_below(mutation, 5)) {
    case 0:
        put(text, "v=");
        put_number(mutation, text);
        break;
    case 1: put(text, "client=fuzz/1"); break;
    case 2:
        put(text, "padding-md5=");
        put_word(mutation, text);
        break;
    case 3: put_word(mutation, text); break;
    default:
        put_word(mutation, text);
        put(text, "=");
        put_number(mutation, text);
        break;
    }
}

static void put_item(struct mutation *mutation, struct text *text)
{
    size_t kind = mutation_below(mutation, 8);

    if (kind < 2) {
        put(text, "c");
    } else if (kind == 2) {
        put_number(mutation, text);
    } else {
        put_number(mutation, text);
        put(text, "-");
        put_number(mutation, text);
    }
}

static void put_scheme_line(struct mutation *mutation, struct text *text)
{
    size_t items = 1 + mutation_below(mutation, 6);
    char number[8];

    if (mutation_below(mutation, 5) == 0) {
        put(text, "stop=");
        put_number(mutation, text);
        return;
    }
    if (mutation_below(mutation, 24) == 0)
        items += 60;
    snprintf(number, sizeof number, "%u=", (unsigned)mutation_below(mutation, 10));
    put(text, number);
    for (size_t i = 0; i < items; i++) {
        if (i > 0)
            put(text, ",");
        put_item(mutation, text);
    }
}

size_t mutator_settings(struct mutation *mutation, uint8_t *out)
{
    struct text text = {out, 0};
    size_t lines = mutation_below(mutation, 5);

    if (mutation_below(mutation, 2) == 0)
        put(&text, "v=2\nclient=fuzz/1\npadding-md5=75cff2ad89aadf5e257059ee571ebe11");
    for (size_t i = 0; i < lines; i++) {
        if (text.size > 0)
            put(&text, "\n");
        put_settings_line(mutation, &text);
    }
    return text.size;
}

size_t mutator_scheme(struct mutation *mutation, uint8_t *out)
{
    struct text text = {out, 0};
    size_t lines = mutation_below(mutation, 5);

    put(&text, "stop=");
    if (mutation_below(mutation, 4) == 0)
        put_number(mutation, &text);
    else
        put(&text, "8");
    for (size_t i = 0; i < lines; i++) {
        put(&text, mutation_below(mutation, 32) == 0 ? "\r\n" : "\n");
        put_scheme_line(mutation, &text);
    }
    return text.size;
}

/* The line of a text around a random place: where it begins, and how long it is with its end. */
static size_t line_around(struct mutation *mutation, size_t start, size_t end, size_t *size)
{
    size_t at = start + mutation_below(mutation, end - start + 1);
    size_t behind = at;

    while (at > start && mutation->data[at - 1] != '\n')
        at--;
    while (behind < end && mutation->data[behind] != '\n')
        behind++;
    *size = behind - at + (behind < end ? 1 : 0);
    return at;
}

void mutator_lines(struct mutation *mutation, size_t start, size_t end, int scheme)
{
    uint8_t line[MUTATOR_TEXT_MAX + 1];
    struct text text = {line, 0};
    size_t size;
    size_t at = line_around(mutation, start, end, &size);

    switch (mutation_below(mutation, 5)) {
    case 0: mutation_splice(mutation, at, size, NULL, 0); return;
    case 1: /* twice */
        if (size > MUTATOR_TEXT_MAX)
            return;
        memcpy(line, mutation->data + at, size);
        if (size > 0 && line[size - 1] != '\n')
            line[size++] = '\n';
        mutation_splice(mutation, at, 0, line, size);
        return;
    case 2: /* one number becomes another */
        while (at < end && (mutation->data[at] < '0' || mutation->data[at] > '9'))
            at++;
        size = 0;
        while (at + size < end && mutation->data[at + size] >= '0' &&
               mutation->data[at + size] <= '9')
            size++;
        put_number(mutation, &text);
        mutation_splice(mutation, at, size, line, text.size);
        return;
    default: break;
    }
    if (scheme)
        put_scheme_line(mutation, &text);
    else
        put_settings_line(mutation, &text);
    line[text.size++] = '\n';
    mutation_splice(mutation, at, mutation_below(mutation, 2) == 0 ? size : 0, line, text.size);
}
