/* ref/ against the oracle of spec/, over any text: settings, padding schemes and the writes that
 * they shape, links. Same verdicts, same line of a fault, same values, same records.
 *
 * reaches: anytls_settings_find, anytls_settings_version, anytls_number_read, anytls_scheme_read,
 * anytls_padding_zero, anytls_plan_begin, anytls_plan_next, anytls_uri_read */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "programs/uri.h"

static void diff_settings(struct anytls_text ours, struct oracle_bytes theirs)
{
    static const char *const keys[] = {"v", "client", "padding-md5", "stop", ""};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct anytls_setting_value value = anytls_settings_find(ours, keys[i]);
        struct oracle_bytes other = {NULL, 0};

        FUZZ_ASSERT(oracle_setting(theirs, keys[i], &other) == value.found);
        FUZZ_ASSERT(!value.found || diff_same_bytes(value.value, other));
    }
    FUZZ_ASSERT(anytls_settings_version(ours) == oracle_settings_version(theirs));
}

static void diff_lines(struct anytls_text ours, struct oracle_bytes theirs)
{
    struct anytls_setting line = anytls_settings_next(ours, 0);
    struct oracle_line other;

    while (oracle_line_next(&theirs, &other)) {
        uint32_t value = 0;

        FUZZ_ASSERT(line.status == ANYTLS_OK && line.item == other.item);
        if (line.item) {
            struct anytls_number number = anytls_number_read(line.value);

            FUZZ_ASSERT(diff_same_bytes(line.key, other.key));
            FUZZ_ASSERT(diff_same_bytes(line.value, other.value));
            FUZZ_ASSERT(oracle_number(other.value, &value) == number.valid);
            FUZZ_ASSERT(!number.valid || number.value == value);
        }
        line = anytls_settings_next(ours, line.next);
    }
    FUZZ_ASSERT(line.status == ANYTLS_END);
}

static void diff_shape(const struct anytls_scheme *scheme, struct oracle_bytes text, uint32_t write,
                       size_t size, struct fuzz_numbers *numbers)
{
    uint32_t random[ORACLE_ITEMS_MAX + 1];
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    struct anytls_plan plan = anytls_plan_begin(scheme, write, size);
    size_t count;

    for (size_t i = 0; i <= ORACLE_ITEMS_MAX; i++)
        random[i] = fuzz_next(numbers);
    count = oracle_shape(text, write, size, random, ORACLE_ITEMS_MAX + 1, records);
    for (size_t i = 0; i < count; i++) {
        struct anytls_record record = anytls_plan_next(&plan, random[i]);

        FUZZ_ASSERT(record.more && record.payload == records[i].payload);
        FUZZ_ASSERT(record.waste == records[i].waste);
    }
    FUZZ_ASSERT(!anytls_plan_next(&plan, 0).more);
}

static void diff_scheme(struct anytls_text ours, struct oracle_bytes theirs,
                        struct fuzz_numbers *numbers)
{
    struct anytls_scheme_result result = anytls_scheme_read(ours);
    struct oracle_scheme other = oracle_scheme_read(theirs);
    uint32_t random = fuzz_next(numbers);

    FUZZ_ASSERT(diff_same_status(result.status, other.status));
    FUZZ_ASSERT(result.line == other.line);
    if (result.status != ANYTLS_OK)
        return;
    FUZZ_ASSERT(result.scheme.stop == other.stop);
    FUZZ_ASSERT(anytls_padding_zero(&result.scheme, random) == oracle_padding_zero(theirs, random));
    for (uint32_t write = 1; write < 10; write++)
        diff_shape(&result.scheme, theirs, write,
                   fuzz_upto(numbers, (size_t)1 << fuzz_upto(numbers, 17)), numbers);
}

static void diff_uri(struct oracle_bytes theirs)
{
    char *text;
    struct anytls_uri uri;
    struct oracle_uri other;

    if (theirs.size > 0 && memchr(theirs.at, '\0', theirs.size) != NULL)
        theirs.size = (size_t)((const uint8_t *)memchr(theirs.at, '\0', theirs.size) - theirs.at);
    text = fuzz_memory(theirs.size + 1);
    if (theirs.size > 0)
        memcpy(text, theirs.at, theirs.size);
    text[theirs.size] = '\0';
    uri = anytls_uri_read(text);
    other = oracle_uri_read(theirs);
    FUZZ_ASSERT((uri.status == ANYTLS_URI_OK) == (other.fault == NULL));
    if (uri.status == ANYTLS_URI_OK) {
        FUZZ_ASSERT(strcmp(uri.password, other.password) == 0);
        FUZZ_ASSERT(strcmp(uri.host, other.host) == 0);
        FUZZ_ASSERT(strcmp(uri.sni, other.sni) == 0);
        FUZZ_ASSERT(uri.port == other.port && uri.insecure == other.insecure);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_numbers numbers = fuzz_numbers_of(data, size);
    struct anytls_text ours = {data, size};
    struct oracle_bytes theirs = {data, size};

    diff_settings(ours, theirs);
    diff_lines(ours, theirs);
    diff_scheme(ours, theirs, &numbers);
    diff_uri(theirs);
    return 0;
}
