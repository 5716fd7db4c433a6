/* Building blocks of vectors on whole sessions: frames by name, and answers that differ a little. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "oracle.h"

static int command_of(const char *name, size_t size)
{
    if (name[0] == '#')
        return atoi(name + 1);
    for (int i = 0; i <= ORACLE_SERVER_SETTINGS; i++)
        if (strlen(oracle_command_name((uint8_t)i)) == size &&
            strncmp(oracle_command_name((uint8_t)i), name, size) == 0)
            return i;
    fprintf(stderr, "generate: no command: %s\n", name);
    exit(1);
}

/* Data as text with <..> in it, up to end. */
static void data_digits(const char *data, const char *end, char *digits)
{
    bool raw = false;

    for (; data < end; data++) {
        if (*data == '<' || *data == '>')
            raw = *data == '<';
        else if (raw)
            digits[strlen(digits)] = *data;
        else
            snprintf(digits + strlen(digits), 3, "%02x", (unsigned)(unsigned char)*data);
    }
}

static void frame_digits(const char *item, const char *end, char *out)
{
    size_t name = strcspn(item, " ");
    char *rest = NULL;
    unsigned long stream = strtoul(item + name, &rest, 10);
    char *data = scratch(2 * (size_t)(end - item));

    if (rest < end)
        data_digits(rest + 1, end, data);
    sprintf(out + strlen(out), "%02x%08lx%04zx%s", (unsigned)command_of(item, name), stream,
            strlen(data) / 2, data);
}

const char *frames(const char *items)
{
    char *out = scratch(20 * strlen(items) + 20);

    while (*items != '\0') {
        const char *end = items + strcspn(items, "|");

        frame_digits(items, end, out);
        items = *end == '|' ? end + 1 : end;
    }
    return out;
}

const char *default_scheme(void)
{
    return oracle_default_scheme;
}

cJSON *variant(void)
{
    cJSON *answer = cJSON_Duplicate(expected_last(), true);

    cJSON_DeleteItemFromObjectCaseSensitive(answer, "violations");
    return answer;
}

cJSON *with_closed(cJSON *answer, bool closed)
{
    cJSON_ReplaceItemInObjectCaseSensitive(answer, "closed", cJSON_CreateBool(closed));
    return answer;
}

cJSON *without_stream(cJSON *answer, int index)
{
    cJSON_DeleteItemFromArray(cJSON_GetObjectItemCaseSensitive(answer, "streams"), index);
    return answer;
}

cJSON *with_stream(cJSON *answer, int index, const char *data, const char *end)
{
    cJSON *stream = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(answer, "streams"), index);

    cJSON_ReplaceItemInObjectCaseSensitive(stream, "data", cJSON_CreateString(data));
    cJSON_ReplaceItemInObjectCaseSensitive(stream, "end", cJSON_CreateString(end));
    cJSON_DeleteItemFromObjectCaseSensitive(stream, "text");
    return answer;
}

cJSON *without_output(cJSON *answer, int index)
{
    cJSON_DeleteItemFromArray(cJSON_GetObjectItemCaseSensitive(answer, "output"), index);
    return answer;
}

cJSON *with_output(cJSON *answer, unsigned command, uint32_t stream, const char *data)
{
    cJSON *frame = cJSON_CreateObject();

    cJSON_AddNumberToObject(frame, "command", command);
    cJSON_AddNumberToObject(frame, "stream", stream);
    if (data != NULL)
        cJSON_AddStringToObject(frame, "data", data);
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(answer, "output"), frame);
    return answer;
}

void fin_allow(uint32_t stream)
{
    allow(with_output(variant(), 3, stream, ""),
          "the client has to close the stream; it may send FIN for that");
}
