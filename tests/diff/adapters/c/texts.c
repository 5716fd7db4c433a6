/* The reference on settings, the preamble, and URIs. */
#include <string.h>

#include "core/anytls.h"
#include "io/digest.h"
#include "json.h"
#include "programs/uri.h"

static struct anytls_text text_of(struct bytes bytes)
{
    struct anytls_text text = {bytes.at, bytes.size};

    return text;
}

static cJSON *settings_parse(const cJSON *input)
{
    struct anytls_text text = text_of(json_bytes_of(input, "bytes"));
    struct anytls_setting line = anytls_settings_next(text, 0);
    cJSON *answer = cJSON_CreateObject();
    cJSON *items = cJSON_AddObjectToObject(answer, "items");

    for (; line.status == ANYTLS_OK; line = anytls_settings_next(text, line.next)) {
        char *key = scratch(line.key.size);

        if (!line.item)
            continue;
        memcpy(key, line.key.bytes, line.key.size);
        json_add_text(items, key, line.value.bytes, line.value.size);
    }
    return answer;
}

static cJSON *preamble_encode(const cJSON *input)
{
    const char *password = json_string(input, "password");
    struct anytls_text text = {(const uint8_t *)password, strlen(password)};
    uint16_t padding = (uint16_t)json_number(input, "padding");
    uint8_t hash[ANYTLS_HASH_SIZE];
    uint8_t *out = scratch(ANYTLS_PREAMBLE_SIZE + padding);
    cJSON *answer = json_status("ok");

    anytls_password_hash(text, hash);
    json_add_bytes(answer, "bytes", out,
                   anytls_preamble_encode(hash, padding, out, ANYTLS_PREAMBLE_SIZE + padding).size);
    return answer;
}

/* Gives the bytes cut at every place that the input names. */
static cJSON *preamble_decode(const cJSON *input)
{
    const char *password = json_string(input, "password");
    struct anytls_text text = {(const uint8_t *)password, strlen(password)};
    struct bytes bytes = json_bytes_of(input, "bytes");
    const cJSON *cut = cJSON_GetObjectItemCaseSensitive(input, "cuts");
    struct anytls_preamble preamble = anytls_preamble_begin();
    struct anytls_preamble_result result = {ANYTLS_INCOMPLETE, 0};
    uint8_t hash[ANYTLS_HASH_SIZE];
    size_t consumed = 0;
    cJSON *answer;

    anytls_password_hash(text, hash);
    for (cut = cut != NULL ? cut->child : NULL; result.status == ANYTLS_INCOMPLETE;
         cut = cut->next) {
        size_t end = cut != NULL ? (size_t)cut->valuedouble : bytes.size;

        result = anytls_preamble_receive(&preamble, hash, bytes.at + consumed, end - consumed);
        consumed += result.consumed;
        if (cut == NULL)
            break;
    }
    if (result.status != ANYTLS_OK)
        return json_status(result.status == ANYTLS_INCOMPLETE ? "incomplete" : "refused");
    answer = json_status("ok");
    json_add_number(answer, "consumed", consumed);
    return answer;
}

static cJSON *uri_parse(const cJSON *input)
{
    struct bytes text = json_bytes_of(input, "bytes");
    struct anytls_uri uri = anytls_uri_read((const char *)text.at);
    cJSON *answer;

    if (uri.status != ANYTLS_URI_OK)
        return json_status("invalid");
    answer = json_status("ok");
    cJSON_AddStringToObject(answer, "password", uri.password);
    cJSON_AddStringToObject(answer, "host", uri.host);
    json_add_number(answer, "port", uri.port);
    cJSON_AddStringToObject(answer, "sni", uri.sni);
    cJSON_AddBoolToObject(answer, "insecure", uri.insecure);
    return answer;
}

cJSON *reference_texts(const char *operation, const cJSON *input)
{
    static const struct {
        const char *name;
        cJSON *(*answer)(const cJSON *input);
    } operations[] = {
        {"settings_parse", settings_parse},
        {"preamble_encode", preamble_encode},
        {"preamble_decode", preamble_decode},
        {"uri_parse", uri_parse},
    };

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operation, operations[i].name) == 0)
            return operations[i].answer(input);
    return NULL;
}
