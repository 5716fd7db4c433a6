#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    max_align_t memory[];
};

static struct block *blocks;

void *scratch(size_t size)
{
    struct block *block = malloc(sizeof *block + size + 1);

    if (block == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    block->next = blocks;
    blocks = block;
    memset(block->memory, 0, size + 1);
    return block->memory;
}

void scratch_release(void)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;

        free(blocks);
        blocks = next;
    }
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends what digits stand for, count times. */
static bool append(struct bytes *out, const char *digits, size_t count)
{
    size_t size = strlen(digits) / 2;
    uint8_t *at = scratch(out->size + size * count);

    if (strlen(digits) % 2 != 0)
        return false;
    if (out->size > 0)
        memcpy(at, out->at, out->size);
    for (size_t i = 0; i < size; i++) {
        if (digit(digits[2 * i]) < 0 || digit(digits[2 * i + 1]) < 0)
            return false;
        for (size_t j = 0; j < count; j++)
            at[out->size + j * size + i] =
                (uint8_t)(digit(digits[2 * i]) * 16 + digit(digits[2 * i + 1]));
    }
    out->at = at;
    out->size += size * count;
    return true;
}

static bool append_piece(struct bytes *out, const cJSON *piece)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(piece, "count");

    if (cJSON_IsString(piece))
        return append(out, piece->valuestring, 1);
    if (!cJSON_IsNumber(count) || count->valuedouble < 1 || count->valuedouble > 1000000)
        return false;
    return append(out, json_string(piece, "repeat"), (size_t)count->valuedouble);
}

bool json_bytes(const cJSON *object, const char *key, struct bytes *out)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    const cJSON *piece;

    out->at = scratch(0);
    out->size = 0;
    if (member == NULL) {
        const char *text = strcmp(key, "bytes") == 0 ? json_string(object, "text") : "";

        out->size = strlen(text);
        out->at = scratch(out->size);
        memcpy(out->at, text, out->size);
        return true;
    }
    if (!cJSON_IsArray(member))
        return cJSON_IsString(member) && append_piece(out, member);
    cJSON_ArrayForEach(piece, member)
    {
        if (!append_piece(out, piece))
            return false;
    }

    return true;
}

struct bytes json_bytes_of(const cJSON *object, const char *key)
{
    struct bytes out;

    if (!json_bytes(object, key, &out))
        out.size = 0;
    return out;
}

uint32_t json_number(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(member) && member->valuedouble >= 0 && member->valuedouble < 4294967296.0
               ? (uint32_t)member->valuedouble
               : 0;
}

bool json_flag(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

const char *json_string(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsString(member) ? member->valuestring : "";
}

void json_add_bytes(cJSON *object, const char *key, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = scratch(2 * size);

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] / 16];
        text[2 * i + 1] = digits[bytes[i] % 16];
    }
    cJSON_AddStringToObject(object, key, text);
}

void json_add_text(cJSON *object, const char *key, const uint8_t *bytes, size_t size)
{
    char *text = scratch(size);

    if (size > 0)
        memcpy(text, bytes, size);
    cJSON_DeleteItemFromObjectCaseSensitive(object, key); /* of two of one name the last counts */
    cJSON_AddStringToObject(object, key, text);
}

void json_add_number(cJSON *object, const char *key, size_t number)
{
    cJSON_AddNumberToObject(object, key, (double)number);
}

cJSON *json_status(const char *status)
{
    cJSON *answer = cJSON_CreateObject();

    cJSON_AddStringToObject(answer, "status", status);
    return answer;
}
