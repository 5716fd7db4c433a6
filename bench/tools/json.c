#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (256u << 20)
#define DEPTH_MAX 64

struct reader {
    const char *at;
    const char *begin;
    int depth;
    bool broken;
};

static void *get_memory(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL) {
        fprintf(stderr, "bench: out of memory\n");
        exit(1);
    }
    return memory;
}

static void space_skip(struct reader *reader)
{
    while (*reader->at != '\0' && strchr(" \t\r\n", *reader->at) != NULL)
        reader->at++;
}

static bool take(struct reader *reader, char byte)
{
    space_skip(reader);
    if (*reader->at != byte)
        return false;
    reader->at++;
    return true;
}

/* A string without its quotes; of escapes only those of one character are known. */
static char *string_read(struct reader *reader)
{
    char *text;
    size_t size = 0;

    if (!take(reader, '"')) {
        reader->broken = true;
        return NULL;
    }
    text = get_memory(strcspn(reader->at, "\n") + 1);
    while (*reader->at != '"' && *reader->at != '\0' && *reader->at != '\n') {
        if (*reader->at == '\\' && reader->at[1] != '\0')
            reader->at++;
        text[size++] = *reader->at++;
    }
    if (!take(reader, '"'))
        reader->broken = true;
    return text;
}

static struct json *value_read(struct reader *reader);

static void members_read(struct reader *reader, struct json *value, char end)
{
    struct json **last = &value->first;

    if (take(reader, end))
        return;
    do {
        char *key = NULL;

        if (value->kind == JSON_OBJECT) {
            key = string_read(reader);
            if (reader->broken || !take(reader, ':')) {
                reader->broken = true;
                return;
            }
        }
        *last = value_read(reader);
        if (reader->broken)
            return;
        (*last)->key = key;
        last = &(*last)->next;
    } while (take(reader, ','));
    if (!take(reader, end))
        reader->broken = true;
}

static bool word_read(struct reader *reader, const char *word)
{
    size_t size = strlen(word);

    if (strncmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

static void number_read(struct reader *reader, struct json *value)
{
    char *end;

    value->kind = JSON_NUMBER;
    value->number = strtod(reader->at, &end);
    if (end == reader->at)
        reader->broken = true;
    reader->at = end;
}

static struct json *value_read(struct reader *reader)
{
    struct json *value = get_memory(sizeof *value);

    space_skip(reader);
    if (++reader->depth > DEPTH_MAX) {
        reader->broken = true;
    } else if (*reader->at == '"') {
        value->kind = JSON_STRING;
        value->text = string_read(reader);
    } else if (take(reader, '[')) {
        value->kind = JSON_ARRAY;
        members_read(reader, value, ']');
    } else if (take(reader, '{')) {
        value->kind = JSON_OBJECT;
        members_read(reader, value, '}');
    } else if (word_read(reader, "true")) {
        value->kind = JSON_TRUE;
    } else if (word_read(reader, "false")) {
        value->kind = JSON_FALSE;
    } else if (!word_read(reader, "null")) {
        number_read(reader, value);
    }
    reader->depth--;
    return value;
}

static char *text_read(const char *path, char *error)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    long size = -1;

    if (file != NULL && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size >= 0 && size <= (long)FILE_MAX && fseek(file, 0, SEEK_SET) == 0) {
        text = get_memory((size_t)size + 1);
        if (fread(text, 1, (size_t)size, file) != (size_t)size) {
            free(text);
            text = NULL;
        }
    }
    if (text == NULL)
        snprintf(error, 256, "%.150s: %.80s", path,
                 size > (long)FILE_MAX ? "too long" : strerror(errno));
    if (file != NULL)
        fclose(file);
    return text;
}

struct json *json_read(const char *path, char *error)
{
    char *text = text_read(path, error);
    struct reader reader = {text, text, 0, false};
    struct json *value;
    size_t line = 1;

    if (text == NULL)
        return NULL;
    value = value_read(&reader);
    space_skip(&reader);
    if (!reader.broken && *reader.at == '\0')
        return value;
    for (const char *at = text; at < reader.at; at++)
        line += *at == '\n';
    snprintf(error, 256, "%.150s: line %zu is no JSON: the file is broken", path, line);
    return NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
    if (object == NULL || object->kind != JSON_OBJECT)
        return NULL;
    for (const struct json *each = object->first; each != NULL; each = each->next)
        if (strcmp(each->key, key) == 0)
            return each;
    return NULL;
}

double json_number(const struct json *object, const char *key, double otherwise)
{
    const struct json *value = json_get(object, key);

    return value != NULL && value->kind == JSON_NUMBER ? value->number : otherwise;
}

const char *json_text(const struct json *object, const char *key, const char *otherwise)
{
    const struct json *value = json_get(object, key);

    return value != NULL && value->kind == JSON_STRING ? value->text : otherwise;
}

bool json_true(const struct json *object, const char *key)
{
    const struct json *value = json_get(object, key);

    return value != NULL && value->kind == JSON_TRUE;
}

double *json_numbers(const struct json *object, const char *key, size_t *count)
{
    const struct json *array = json_get(object, key);
    size_t size = 0;
    double *numbers;

    for (const struct json *each = array != NULL ? array->first : NULL; each != NULL;
         each = each->next)
        size++;
    numbers = get_memory((size + 1) * sizeof *numbers);
    *count = 0;
    for (const struct json *each = array != NULL ? array->first : NULL; each != NULL;
         each = each->next)
        if (each->kind == JSON_NUMBER)
            numbers[(*count)++] = each->number;
    return numbers;
}
