/* The reference on padding schemes and on the records of a write. */
#include <string.h>

#include "core/anytls.h"
#include "io/digest.h"
#include "json.h"

static struct anytls_text text_of(struct bytes bytes)
{
    struct anytls_text text = {bytes.at, bytes.size};

    return text;
}

static cJSON *scheme_parse(const cJSON *input)
{
    static const struct {
        enum anytls_status status;
        const char *reason;
    } reasons[] = {
        {ANYTLS_TOO_LONG, "length"},
        {ANYTLS_BAD_STOP, "stop"},
        {ANYTLS_BAD_SIZE, "size"},
        {ANYTLS_TOO_MANY_ITEMS, "items"},
    };
    struct anytls_scheme_result result = anytls_scheme_read(text_of(json_bytes_of(input, "bytes")));
    cJSON *answer = json_status(result.status == ANYTLS_OK ? "ok" : "invalid");

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == result.status)
            cJSON_AddStringToObject(answer, "reason", reasons[i].reason);
    if (result.status != ANYTLS_OK || !anytls_scheme_md5_set(&result.scheme))
        return answer;
    json_add_number(answer, "stop", result.scheme.stop);
    json_add_text(answer, "md5", result.scheme.md5, ANYTLS_MD5_TEXT_SIZE);
    return answer;
}

static cJSON *scheme_sizes(const cJSON *input)
{
    struct anytls_text line =
        anytls_padding_line(text_of(json_bytes_of(input, "bytes")), json_number(input, "write"));
    struct anytls_item item = anytls_padding_item_next(line, 0);
    cJSON *answer = cJSON_CreateObject();
    cJSON *sizes = cJSON_AddArrayToObject(answer, "sizes");

    for (; item.kind != ANYTLS_ITEM_END; item = anytls_padding_item_next(line, item.next)) {
        cJSON *range;

        if (item.kind == ANYTLS_ITEM_CHECK)
            cJSON_AddItemToArray(sizes, cJSON_CreateString("c"));
        if (item.kind != ANYTLS_ITEM_RANGE)
            continue;
        range = cJSON_CreateObject();
        json_add_number(range, "min", item.min);
        json_add_number(range, "max", item.max);
        cJSON_AddItemToArray(sizes, range);
    }
    return answer;
}

static uint32_t random_of(const cJSON *input, int index)
{
    const cJSON *numbers = cJSON_GetObjectItemCaseSensitive(input, "random");
    const cJSON *number = cJSON_GetArrayItem(numbers, index);

    return number != NULL ? (uint32_t)number->valuedouble : 0;
}

static cJSON *shape(const cJSON *input)
{
    struct anytls_scheme scheme = anytls_scheme_read(text_of(json_bytes_of(input, "bytes"))).scheme;
    struct anytls_plan plan =
        anytls_plan_begin(&scheme, json_number(input, "write"), json_number(input, "size"));
    struct anytls_record record = anytls_plan_next(&plan, random_of(input, 0));
    cJSON *answer = cJSON_CreateObject();
    cJSON *records = cJSON_AddArrayToObject(answer, "records");

    for (int i = 1; record.more; i++) {
        cJSON *one = cJSON_CreateObject();

        json_add_number(one, "payload", record.payload);
        json_add_number(one, "waste", record.waste);
        cJSON_AddItemToArray(records, one);
        record = anytls_plan_next(&plan, random_of(input, i));
    }
    return answer;
}

static cJSON *padding_zero(const cJSON *input)
{
    struct anytls_scheme scheme = anytls_scheme_read(text_of(json_bytes_of(input, "bytes"))).scheme;
    cJSON *answer = cJSON_CreateObject();

    json_add_number(answer, "size", anytls_padding_zero(&scheme, random_of(input, 0)));
    return answer;
}

cJSON *reference_padding(const char *operation, const cJSON *input)
{
    static const struct {
        const char *name;
        cJSON *(*answer)(const cJSON *input);
    } operations[] = {
        {"scheme_parse", scheme_parse},
        {"scheme_sizes", scheme_sizes},
        {"shape", shape},
        {"padding_zero", padding_zero},
    };

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operation, operations[i].name) == 0)
            return operations[i].answer(input);
    return NULL;
}
