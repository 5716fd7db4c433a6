/* What corpus/vectors/schema.json says, as far as the runner depends on it, and the rules that a
 * JSON Schema cannot express. */
#include <string.h>

#include "vectors.h"

static const struct {
    const char *name;
    const char *inputs; /* the members of its input, each followed by a blank */
} operations[] = {
    {"frame_decode", "bytes "},
    {"frame_encode", "command stream data "},
    {"data_encode", "stream data "},
    {"session", "role open bytes cuts "},
    {"settings_parse", "text bytes "},
    {"scheme_parse", "text bytes "},
    {"scheme_sizes", "text bytes write "},
    {"shape", "text write size random "},
    {"padding_zero", "text random "},
    {"preamble_decode", "password bytes cuts "},
    {"preamble_encode", "password padding "},
    {"address_decode", "table bytes "},
    {"address_encode", "table type host port "},
    {"uot_request_decode", "bytes "},
    {"uot_request_encode", "connect type host port "},
    {"uot_packet_decode", "connect bytes "},
    {"uot_packet_encode", "connect type host port data "},
    {"uri_parse", "text bytes "},
};

static bool has(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key) != NULL;
}

const char *header_fault(const cJSON *file)
{
    const cJSON *flags = cJSON_GetObjectItemCaseSensitive(file, "flags");
    const cJSON *vectors = cJSON_GetObjectItemCaseSensitive(file, "vectors");
    const cJSON *flag;

    if (!cJSON_IsObject(file) || strcmp(json_string(file, "format"), "anytls-vectors") != 0)
        return "\"format\" is not \"anytls-vectors\"";
    if (json_number(file, "version") != 1)
        return "\"version\" is not 1: this runner reads no other";
    if (json_string(file, "group")[0] == '\0' || json_string(file, "description")[0] == '\0')
        return "\"group\" or \"description\" is missing";
    if (!cJSON_IsObject(flags))
        return "\"flags\" is no object";
    cJSON_ArrayForEach(flag, flags)
    {
        if (!cJSON_IsString(flag) || flag->valuestring[0] == '\0')
            return "a flag is not explained";
    }

    if (!cJSON_IsArray(vectors) || vectors->child == NULL)
        return "\"vectors\" is no array, or empty";
    return NULL;
}

static const char *strings_fault(const cJSON *list)
{
    const cJSON *one;

    if (!cJSON_IsArray(list))
        return "\"flags\" or \"requirements\" is no array";
    cJSON_ArrayForEach(one, list)
    {
        if (!cJSON_IsString(one))
            return "a flag or requirement is no string";
    }

    return NULL;
}

static const char *flags_fault(const cJSON *vector, const cJSON *flags)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(vector, "flags");
    const char *what = strings_fault(list);
    const cJSON *flag;

    if (what == NULL)
        what = strings_fault(cJSON_GetObjectItemCaseSensitive(vector, "requirements"));
    if (what != NULL)
        return what;
    cJSON_ArrayForEach(flag, list)
    {
        if (!has(flags, flag->valuestring))
            return "it has a flag that the header does not explain";
        if (strcmp(flag->valuestring, "ambiguous") == 0 && !has(vector, "allowed"))
            return "it is ambiguous, but allows one answer only";
    }
    return NULL;
}

/* Cuts ascend and lie inside the bytes. */
static const char *cuts_fault(const cJSON *input, size_t size)
{
    const cJSON *cuts = cJSON_GetObjectItemCaseSensitive(input, "cuts");
    const cJSON *cut;
    double before = 0;

    if (cuts != NULL && !cJSON_IsArray(cuts))
        return "\"cuts\" is no array";
    cJSON_ArrayForEach(cut, cuts)
    {
        if (!cJSON_IsNumber(cut) || cut->valuedouble < before || cut->valuedouble > (double)size)
            return "its cuts do not ascend inside the bytes";
        before = cut->valuedouble;
    }
    return NULL;
}

static const char *random_fault(const cJSON *input)
{
    const cJSON *numbers = cJSON_GetObjectItemCaseSensitive(input, "random");
    const cJSON *number;

    if (numbers != NULL && (!cJSON_IsArray(numbers) || numbers->child == NULL))
        return "\"random\" is no array, or empty";
    cJSON_ArrayForEach(number, numbers)
    {
        if (!cJSON_IsNumber(number) || number->valuedouble < 0 || number->valuedouble > 4294967295)
            return "a random number is not one of 32 bits";
    }

    return NULL;
}

static bool is_listed(const char *list, const char *name)
{
    size_t size = strlen(name);
    const char *at = size > 0 ? strstr(list, name) : NULL;

    for (; at != NULL; at = strstr(at + 1, name))
        if (at[size] == ' ' && (at == list || at[-1] == ' '))
            return true;
    return false;
}

static const char *input_fault(const cJSON *input, const char *inputs)
{
    const cJSON *member;
    struct bytes bytes;
    const char *what;

    cJSON_ArrayForEach(member, input)
    {
        if (!is_listed(inputs, member->string))
            return "its input has a member that "
                   "the operation does not know";
    }

    if (!has(input, "bytes") && !has(input, "text") && is_listed(inputs, "bytes"))
        return "its input has neither \"bytes\" nor \"text\"";
    if (!json_bytes(input, "data", &bytes) || !json_bytes(input, "bytes", &bytes))
        return "\"bytes\" or \"data\" is no hexadecimal text";
    what = cuts_fault(input, bytes.size);
    return what != NULL ? what : random_fault(input);
}

static const char *result_fault(const cJSON *vector)
{
    const char *result = json_string(vector, "result");
    const cJSON *allowed = cJSON_GetObjectItemCaseSensitive(vector, "allowed");
    const cJSON *one;

    if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(vector, "expected")))
        return "\"expected\" is no object";
    if (strcmp(result, "valid") != 0 && strcmp(result, "invalid") != 0 &&
        strcmp(result, "acceptable") != 0)
        return "\"result\" is none of valid, invalid, acceptable";
    if ((strcmp(result, "acceptable") == 0) != (cJSON_IsArray(allowed) && allowed->child != NULL))
        return "\"allowed\" has to stand where the result is acceptable, and only there";
    cJSON_ArrayForEach(one, allowed)
    {
        if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(one, "answer")) ||
            json_string(one, "why")[0] == '\0')
            return "an allowed answer without \"answer\" or \"why\"";
    }

    return NULL;
}

const char *vector_fault(const cJSON *vector, const char *group, const cJSON *flags)
{
    const char *id = json_string(vector, "id");
    const char *operation = json_string(vector, "op");
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(vector, "input");
    size_t at = 0;
    const char *what;

    if (strncmp(id, group, strlen(group)) != 0 || id[strlen(group)] != '-')
        return "its id does not begin with the group and '-'";
    if (json_string(vector, "comment")[0] == '\0')
        return "it has no comment";
    what = flags_fault(vector, flags);
    if (what != NULL)
        return what;
    while (at < sizeof operations / sizeof *operations &&
           strcmp(operations[at].name, operation) != 0)
        at++;
    if (at == sizeof operations / sizeof *operations)
        return "there is no such operation";
    if (!cJSON_IsObject(input))
        return "\"input\" is no object";
    what = input_fault(input, operations[at].inputs);
    return what != NULL ? what : result_fault(vector);
}
