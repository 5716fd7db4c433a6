/* The oracle on texts and what follows from them: settings, padding schemes, the records of a
 * write, the preamble, URIs. Digests are OpenSSL's, as they are no part of the protocol. */
#include "vectors_oracle.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

#define RANDOM_MAX 256u

static struct oracle_bytes text_of(const cJSON *input)
{
    struct bytes from = json_bytes_of(input, "bytes");
    struct oracle_bytes text = {from.at, from.size};

    return text;
}

static const uint8_t *digest(const EVP_MD *kind, const void *bytes, size_t size)
{
    uint8_t *out = scratch(EVP_MAX_MD_SIZE);

    if (EVP_Digest(bytes, size, out, NULL, kind, NULL) != 1)
        abort();
    return out;
}

static cJSON *settings_parse(const cJSON *input)
{
    struct oracle_bytes text = text_of(input);
    struct oracle_line line;
    cJSON *answer = cJSON_CreateObject();
    cJSON *items = cJSON_AddObjectToObject(answer, "items");

    while (oracle_line_next(&text, &line)) {
        char *key;

        if (!line.item)
            continue;
        key = scratch(line.key.size);
        memcpy(key, line.key.at, line.key.size);
        json_add_text(items, key, line.value.at, line.value.size);
    }
    return answer;
}

static const char *reason_of(enum oracle_status status)
{
    switch (status) {
    case ORACLE_TOO_LONG: return "length";
    case ORACLE_BAD_STOP: return "stop";
    case ORACLE_BAD_SIZE: return "size";
    case ORACLE_TOO_MANY_ITEMS: return "items";
    default: abort();
    }
}

static cJSON *scheme_parse(const cJSON *input)
{
    struct oracle_bytes text = text_of(input);
    struct oracle_scheme scheme = oracle_scheme_read(text);
    cJSON *answer = json_status(scheme.status == ORACLE_OK ? "ok" : "invalid");

    if (scheme.status != ORACLE_OK) {
        cJSON_AddStringToObject(answer, "reason", reason_of(scheme.status));
        return answer;
    }
    json_add_number(answer, "stop", scheme.stop);
    json_add_bytes(answer, "md5", digest(EVP_md5(), text.at, text.size), 16);
    return answer;
}

static cJSON *scheme_sizes(const cJSON *input)
{
    struct oracle_item items[ORACLE_ITEMS_MAX];
    size_t count = oracle_scheme_items(text_of(input), json_number(input, "write"), items);
    cJSON *answer = cJSON_CreateObject();
    cJSON *sizes = cJSON_AddArrayToObject(answer, "sizes");

    for (size_t i = 0; i < count; i++) {
        cJSON *range = items[i].check ? cJSON_CreateString("c") : cJSON_CreateObject();

        if (!items[i].check) {
            json_add_number(range, "min", items[i].min);
            json_add_number(range, "max", items[i].max);
        }
        cJSON_AddItemToArray(sizes, range);
    }
    return answer;
}

static size_t random_of(const cJSON *input, uint32_t *random)
{
    const cJSON *number;
    size_t count = 0;

    cJSON_ArrayForEach(number, cJSON_GetObjectItemCaseSensitive(input, "random"))
    {
        if (count == RANDOM_MAX)
            abort();
        random[count] = (uint32_t)number->valuedouble;
        count++;
    }
    return count;
}

static cJSON *shape(const cJSON *input)
{
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    uint32_t random[RANDOM_MAX];
    size_t random_count = random_of(input, random);
    size_t count = oracle_shape(text_of(input), json_number(input, "write"),
                                json_number(input, "size"), random, random_count, records);
    cJSON *answer = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(answer, "records");

    for (size_t i = 0; i < count; i++) {
        cJSON *record = cJSON_CreateObject();

        json_add_number(record, "payload", records[i].payload);
        json_add_number(record, "waste", records[i].waste);
        cJSON_AddItemToArray(list, record);
    }
    return answer;
}

static cJSON *padding_zero(const cJSON *input)
{
    uint32_t random[RANDOM_MAX] = {0};
    cJSON *answer = cJSON_CreateObject();

    random_of(input, random);
    json_add_number(answer, "size", oracle_padding_zero(text_of(input), random[0]));
    return answer;
}

static const uint8_t *hash_of(const cJSON *input)
{
    const char *password = json_string(input, "password");

    return digest(EVP_sha256(), password, strlen(password));
}

static cJSON *preamble_encode(const cJSON *input)
{
    struct oracle_buffer out = {0};
    cJSON *answer = json_status("ok");

    oracle_preamble_write(&out, hash_of(input), (uint16_t)json_number(input, "padding"));
    json_add_bytes(answer, "bytes", out.at, out.size);
    oracle_buffer_free(&out);
    return answer;
}

/* The oracle takes single bytes: cuts cannot mean anything to it. */
static cJSON *preamble_decode(const cJSON *input)
{
    size_t consumed = 0;
    enum oracle_status status = oracle_preamble_read(text_of(input), hash_of(input), &consumed);
    cJSON *answer;

    if (status != ORACLE_OK)
        return json_status(status == ORACLE_INCOMPLETE ? "incomplete" : "refused");
    answer = json_status("ok");
    json_add_number(answer, "consumed", consumed);
    return answer;
}

static cJSON *uri_parse(const cJSON *input)
{
    struct oracle_uri uri = oracle_uri_read(text_of(input));
    cJSON *answer = json_status(uri.fault == NULL ? "ok" : "invalid");

    if (uri.fault != NULL) {
        cJSON_AddStringToObject(answer, "reason", uri.fault);
        return answer;
    }
    cJSON_AddStringToObject(answer, "password", uri.password);
    cJSON_AddStringToObject(answer, "host", uri.host);
    json_add_number(answer, "port", uri.port);
    cJSON_AddStringToObject(answer, "sni", uri.sni);
    cJSON_AddBoolToObject(answer, "insecure", uri.insecure);
    return answer;
}

cJSON *oracle_texts(const char *operation, const cJSON *input)
{
    static const struct {
        const char *name;
        cJSON *(*answer)(const cJSON *input);
    } operations[] = {
        {"settings_parse", settings_parse},   {"scheme_parse", scheme_parse},
        {"scheme_sizes", scheme_sizes},       {"shape", shape},
        {"padding_zero", padding_zero},       {"preamble_encode", preamble_encode},
        {"preamble_decode", preamble_decode}, {"uri_parse", uri_parse},
    };

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operation, operations[i].name) == 0)
            return operations[i].answer(input);
    return NULL;
}
