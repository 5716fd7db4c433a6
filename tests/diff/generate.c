/* Usage: generate FOLDER. Writes one file a group into it. */
#include "generate.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors_oracle.h"

#define RUN_MIN 32u /* so many equal bytes are written as one piece */

static const char *folder;
static cJSON *file;
static cJSON *last;
static unsigned number;

static void give_up(const char *what, const char *name)
{
    fprintf(stderr, "generate: %s: %s\n", what, name);
    exit(1);
}

/* ---- Writing ---- */

static void value_write(FILE *out, const cJSON *value)
{
    char *text = cJSON_PrintUnformatted(value);

    fputs(text, out);
    free(text);
}

/* One member a line, of the file and of each vector; a member is one line. */
static void members_write(FILE *out, const cJSON *object, const char *indent)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, object)
    {
        cJSON *name = cJSON_CreateString(member->string);

        fputs(indent, out);
        value_write(out, name);
        cJSON_Delete(name);
        fputs(": ", out);
        if (strcmp(member->string, "vectors") == 0) {
            const cJSON *one;

            fputs("[\n", out);
            cJSON_ArrayForEach(one, member)
            {
                fputs("    {\n", out);
                members_write(out, one, "      ");
                fputs(one->next != NULL ? "    },\n" : "    }\n", out);
            }
            fprintf(out, "%s]", indent);
        } else {
            value_write(out, member);
        }
        fputs(member->next != NULL ? ",\n" : "\n", out);
    }
}

static void file_write(void)
{
    char path[512];
    FILE *out;

    if (file == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s.json", folder, json_string(file, "group"));
    out = fopen(path, "w");
    if (out == NULL)
        give_up("cannot write", path);
    fputs("{\n", out);
    members_write(out, file, "  ");
    fputs("}\n", out);
    if (fclose(out) != 0)
        give_up("cannot write", path);
    cJSON_Delete(file);
    file = NULL;
}

/* ---- Bytes with long runs of one byte, as pieces ---- */

static size_t run_at(const char *digits)
{
    size_t count = 1;

    while (strncmp(digits, digits + 2 * count, 2) == 0 && digits[2 * count] != '\0')
        count++;
    return count;
}

static void part_add(cJSON *pieces, const char *digits, size_t size)
{
    char *part = scratch(size);

    if (size == 0)
        return;
    memcpy(part, digits, size);
    cJSON_AddItemToArray(pieces, cJSON_CreateString(part));
}

static cJSON *pieces_of(const char *digits)
{
    cJSON *pieces = cJSON_CreateArray();
    size_t start = 0;
    size_t at = 0;

    while (digits[at] != '\0') {
        size_t count = run_at(digits + at);
        char two[3] = {digits[at], digits[at + 1], '\0'};
        cJSON *piece;

        if (count < RUN_MIN) {
            at += 2;
            continue;
        }
        part_add(pieces, digits + start, at - start);
        piece = cJSON_CreateObject();
        cJSON_AddStringToObject(piece, "repeat", two);
        json_add_number(piece, "count", count);
        cJSON_AddItemToArray(pieces, piece);
        at += 2 * count;
        start = at;
    }
    part_add(pieces, digits + start, at - start);
    return pieces;
}

static void compact(cJSON *value)
{
    cJSON *member = value->child;

    while (member != NULL) {
        cJSON *next = member->next;
        bool bytes = cJSON_IsString(member) && member->string != NULL &&
                     (strcmp(member->string, "bytes") == 0 || strcmp(member->string, "data") == 0);

        compact(member);
        if (bytes) {
            cJSON *pieces = pieces_of(member->valuestring);

            if (pieces->child != NULL &&
                (pieces->child->next != NULL || cJSON_IsObject(pieces->child)))
                cJSON_ReplaceItemInObjectCaseSensitive(value, member->string, pieces);
            else
                cJSON_Delete(pieces);
        }
        member = next;
    }
}

/* ---- Building ---- */

void file_begin(const char *group, const char *description)
{
    file_write();
    file = cJSON_CreateObject();
    cJSON_AddStringToObject(file, "format", "anytls-vectors");
    cJSON_AddNumberToObject(file, "version", 1);
    cJSON_AddStringToObject(file, "group", group);
    cJSON_AddStringToObject(file, "description", description);
    cJSON_AddObjectToObject(file, "flags");
    cJSON_AddArrayToObject(file, "vectors");
    number = 0;
}

void flag(const char *name, const char *explanation)
{
    cJSON_AddStringToObject(cJSON_GetObjectItemCaseSensitive(file, "flags"), name, explanation);
}

static char *print(const char *format, va_list arguments)
{
    va_list again;
    char *text;
    int size;

    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = scratch((size_t)size);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return text;
}

cJSON *json(const char *format, ...)
{
    va_list arguments;
    char *text;
    cJSON *value;

    va_start(arguments, format);
    text = print(format, arguments);
    va_end(arguments);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    value = cJSON_Parse(text);
    if (value == NULL)
        give_up("no JSON", text);
    return value;
}

cJSON *text_input(const char *text)
{
    cJSON *input = cJSON_CreateObject();

    cJSON_AddStringToObject(input, "text", text);
    return input;
}

cJSON *bytes_input(const char *format, ...)
{
    cJSON *input = cJSON_CreateObject();
    va_list arguments;

    va_start(arguments, format);
    cJSON_AddStringToObject(input, "bytes", print(format, arguments));
    va_end(arguments);
    return input;
}

static cJSON *names(const char *list)
{
    cJSON *array = cJSON_CreateArray();

    while (*list != '\0') {
        size_t size = strcspn(list, " ");
        char *name = scratch(size);

        memcpy(name, list, size);
        cJSON_AddItemToArray(array, cJSON_CreateString(name));
        list += size + (list[size] == ' ');
    }
    return array;
}

static const char *result_of(const cJSON *expected)
{
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(expected, "status");

    return status == NULL || strcmp(status->valuestring, "ok") == 0 ? "valid" : "invalid";
}

static void add(const char *operation, cJSON *input, cJSON *expected, const char *flags,
                const char *requirements, const char *comment)
{
    cJSON *vector = cJSON_CreateObject();
    char id[64];

    number++;
    snprintf(id, sizeof id, "%s-%03u", json_string(file, "group"), number);
    cJSON_AddStringToObject(vector, "id", id);
    cJSON_AddStringToObject(vector, "comment", comment);
    cJSON_AddItemToObject(vector, "flags", names(flags));
    cJSON_AddItemToObject(vector, "requirements", names(requirements));
    cJSON_AddStringToObject(vector, "op", operation);
    cJSON_AddItemToObject(vector, "input", input);
    cJSON_AddStringToObject(vector, "result", result_of(expected));
    cJSON_AddItemToObject(vector, "expected", expected);
    compact(vector);
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(file, "vectors"), vector);
    last = vector;
    scratch_release();
}

void vector(const char *operation, cJSON *input, const char *flags, const char *requirements,
            const char *comment, ...)
{
    cJSON *expected = oracle_answer(operation, input);
    va_list arguments;

    if (expected == NULL)
        give_up("the oracle has no answer", operation);
    va_start(arguments, comment);
    comment = print(comment, arguments);
    va_end(arguments);
    add(operation, input, expected, flags, requirements, comment);
}

const cJSON *expected_last(void)
{
    return cJSON_GetObjectItemCaseSensitive(last, "expected");
}

void allow(cJSON *answer, const char *why)
{
    cJSON *allowed = cJSON_GetObjectItemCaseSensitive(last, "allowed");
    cJSON *one = cJSON_CreateObject();

    if (allowed == NULL)
        allowed = cJSON_AddArrayToObject(last, "allowed");
    cJSON_ReplaceItemInObjectCaseSensitive(last, "result", cJSON_CreateString("acceptable"));
    cJSON_AddItemToObject(one, "answer", answer);
    cJSON_AddStringToObject(one, "why", why);
    compact(one);
    cJSON_AddItemToArray(allowed, one);
}

const char *fill(const char *digits, unsigned size)
{
    char *text = scratch(2 * (size_t)size);

    for (size_t i = 0; i < size; i++)
        memcpy(text + 2 * i, digits, 2);
    return text;
}

const char *hex(const char *text)
{
    char *digits = scratch(2 * strlen(text));

    for (size_t i = 0; text[i] != '\0'; i++)
        snprintf(digits + 2 * i, 3, "%02x", (unsigned)(unsigned char)text[i]);
    return digits;
}

const char *md5(const char *text)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    char *digits = scratch(32);

    if (EVP_Digest(text, strlen(text), digest, NULL, EVP_md5(), NULL) != 1)
        give_up("no MD5", text);
    for (size_t i = 0; i < 16; i++)
        snprintf(digits + 2 * i, 3, "%02x", digest[i]);
    return digits;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: generate FOLDER\n", stderr);
        return 2;
    }
    folder = argv[1];
    generate_frames();
    generate_streams();
    generate_settings();
    generate_schemes();
    generate_shapes();
    generate_preambles();
    generate_addresses();
    generate_uot();
    generate_uris();
    file_write();
    return 0;
}
