#include <stdlib.h>
#include <string.h>

#include "vectors.h"

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size = -1;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    rewind(file);
    if (size >= 0 && (text = malloc((size_t)size + 1)) != NULL) {
        size_t got = fread(text, 1, (size_t)size, file);

        text[got] = '\0';
    }
    fclose(file);
    return text;
}

static size_t line_of(const char *text, const char *at)
{
    size_t line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

static cJSON *file_parse(const char *path)
{
    char *text = file_text(path);
    const char *end = NULL;
    cJSON *json;

    if (text == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return NULL;
    }
    json = cJSON_ParseWithOpts(text, &end, true);
    if (json == NULL)
        fprintf(stderr, "%s:%zu: no JSON\n", path, line_of(text, end));
    free(text);
    return json;
}

char **table_lines(const char *path)
{
    char *text = file_text(path);
    char *line = text;
    char **lines;
    size_t count = 0;

    if (text == NULL)
        return NULL;
    lines = calloc(line_of(text, text + strlen(text)) + 2, sizeof *lines);
    while (lines != NULL && *line != '\0') {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end = '\0';
        lines[count] = strdup(line);
        lines[count][strcspn(line, "\t")] = '\0';
        count++;
        line = end != NULL ? end + 1 : line + strlen(line);
    }
    free(text);
    return lines;
}

static void lines_free(char **lines)
{
    for (size_t i = 0; lines != NULL && lines[i] != NULL; i++)
        free(lines[i]);
    free(lines);
}

/* What adapters are given: plain hexadecimal, and texts as bytes. */
static cJSON *expanded(const cJSON *input)
{
    static const char *const keys[] = {"bytes", "data"};
    cJSON *copy = cJSON_Duplicate(input, true);

    for (size_t i = 0; i < 2; i++) {
        bool text = i == 0 && cJSON_GetObjectItemCaseSensitive(input, "text") != NULL;
        struct bytes bytes;

        if (!text && cJSON_GetObjectItemCaseSensitive(input, keys[i]) == NULL)
            continue;
        bytes = json_bytes_of(input, keys[i]);
        cJSON_DeleteItemFromObjectCaseSensitive(copy, keys[i]);
        json_add_bytes(copy, keys[i], bytes.at, bytes.size);
        scratch_release();
    }
    return copy;
}

/* Expected answers may hold pieces, too: everywhere under "bytes" and "data". */
static void expand_answers(cJSON *json)
{
    cJSON *member = json->child;

    while (member != NULL) {
        cJSON *next = member->next;

        if (cJSON_IsArray(member) && member->string != NULL &&
            (strcmp(member->string, "bytes") == 0 || strcmp(member->string, "data") == 0)) {
            char key[8];
            struct bytes bytes = json_bytes_of(json, member->string);

            snprintf(key, sizeof key, "%s", member->string);
            cJSON_DeleteItemFromObjectCaseSensitive(json, key);
            json_add_bytes(json, key, bytes.at, bytes.size);
            scratch_release();
        } else {
            expand_answers(member);
        }
        member = next;
    }
}

static bool is_second(const struct vectors *vectors, const char *id)
{
    for (size_t i = 0; i < vectors->count; i++)
        if (strcmp(vectors->at[i].id, id) == 0)
            return true;
    return false;
}

static bool requirements_known(const cJSON *vector, char **known, const char **missing)
{
    const cJSON *id;

    cJSON_ArrayForEach(id, cJSON_GetObjectItemCaseSensitive(vector, "requirements"))
    {
        size_t i = 0;

        while (known[i] != NULL && strcmp(known[i], id->valuestring) != 0)
            i++;
        *missing = id->valuestring;
        if (known[i] == NULL)
            return false;
    }
    return true;
}

static bool vector_add(struct vectors *vectors, const char *path, const cJSON *file, cJSON *json,
                       char **known)
{
    const char *group = json_string(file, "group");
    const char *id = json_string(json, "id");
    const char *what = vector_fault(json, group, cJSON_GetObjectItemCaseSensitive(file, "flags"));
    const char *missing = "";

    scratch_release();
    if (what == NULL && is_second(vectors, id))
        what = "its id was there before";
    if (what != NULL) {
        fprintf(stderr, "%s: vector \"%s\": %s\n", path, id, what);
        return false;
    }
    if (known != NULL && !requirements_known(json, known, &missing)) {
        fprintf(stderr, "%s: vector \"%s\": there is no requirement %s\n", path, id, missing);
        return false;
    }
    if (vectors->count == vectors->capacity) {
        vectors->capacity = 2 * vectors->capacity + 256;
        vectors->at = realloc(vectors->at, vectors->capacity * sizeof *vectors->at);
        if (vectors->at == NULL)
            abort();
    }
    vectors->at[vectors->count].group = group;
    vectors->at[vectors->count].id = id;
    vectors->at[vectors->count].operation = json_string(json, "op");
    vectors->at[vectors->count].json = json;
    vectors->at[vectors->count].input = expanded(cJSON_GetObjectItemCaseSensitive(json, "input"));
    vectors->count++;
    expand_answers(json);
    return true;
}

static bool file_add(struct vectors *vectors, const char *path, char **known)
{
    cJSON *file = file_parse(path);
    const char *what;
    cJSON *vector;

    if (file == NULL)
        return false;
    vectors->files[vectors->file_count] = file;
    vectors->file_count++;
    what = header_fault(file);
    if (what != NULL) {
        fprintf(stderr, "%s: %s\n", path, what);
        return false;
    }
    cJSON_ArrayForEach(vector, cJSON_GetObjectItemCaseSensitive(file, "vectors"))
    {
        if (!vector_add(vectors, path, file, vector, known))
            return false;
    }

    return true;
}

bool vectors_read(struct vectors *vectors, char *const *paths, int count, const char *requirements)
{
    char **known = NULL;
    bool good = true;

    memset(vectors, 0, sizeof *vectors);
    vectors->files = calloc((size_t)count + 1, sizeof *vectors->files);
    if (requirements != NULL && (known = table_lines(requirements)) == NULL) {
        fprintf(stderr, "%s: cannot be read\n", requirements);
        return false;
    }
    for (int i = 0; good && i < count; i++)
        good = file_add(vectors, paths[i], known);
    lines_free(known);
    return good;
}

void vectors_release(struct vectors *vectors)
{
    for (size_t i = 0; i < vectors->count; i++)
        cJSON_Delete((cJSON *)vectors->at[i].input);
    for (size_t i = 0; i < vectors->file_count; i++)
        cJSON_Delete(vectors->files[i]);
    free(vectors->at);
    free(vectors->files);
}
