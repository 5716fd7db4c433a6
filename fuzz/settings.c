/* Settings texts, over any bytes:
 *  - the lines, put together again, are the text; the first '=' of a line splits it;
 *  - a key finds the value of its last line;
 *  - the version is 1 or 2, and says what the digits say;
 *  - what our own side writes is read back as it was, and too little room writes nothing.
 *
 * reaches: anytls_settings_next, anytls_settings_find, anytls_settings_version,
 * anytls_settings_client_write, anytls_settings_server_write, anytls_number_read, anytls_text_find,
 * anytls_text_part, anytls_text_is */
#include <stdlib.h>
#include <string.h>

#include "core/settings.h"
#include "fuzz.h"

static bool has_byte(struct anytls_text text, int byte)
{
    return text.size > 0 && memchr(text.bytes, byte, text.size) != NULL;
}

static bool same_text(struct anytls_text a, struct anytls_text b)
{
    return a.size == b.size && fuzz_same(a.bytes, b.bytes, a.size);
}

/* The value of the last line with this key, in the most obvious way. */
static struct anytls_text last_value(struct anytls_text text, struct anytls_text key)
{
    struct anytls_text value = {NULL, 0};
    struct anytls_setting line = anytls_settings_next(text, 0);

    while (line.status == ANYTLS_OK) {
        if (line.item && same_text(line.key, key))
            value = line.value;
        line = anytls_settings_next(text, line.next);
    }
    return value;
}

static void check_find(struct anytls_text text, struct anytls_text key)
{
    char word[16];
    struct anytls_setting_value found;

    if (key.size >= sizeof word || has_byte(key, '\0'))
        return;
    if (key.size > 0)
        memcpy(word, key.bytes, key.size);
    word[key.size] = '\0';
    found = anytls_settings_find(text, word);
    FUZZ_ASSERT(found.found && same_text(found.value, last_value(text, key)));
}

/* The lines one by one; how many there are. */
static size_t check_lines(struct anytls_text text)
{
    size_t position = 0;
    size_t count = 0;

    for (;;) {
        struct anytls_setting line = anytls_settings_next(text, position);
        size_t end;

        if (line.status == ANYTLS_END) {
            FUZZ_ASSERT(position == text.size && line.next == position);
            return count;
        }
        FUZZ_ASSERT(line.status == ANYTLS_OK);
        FUZZ_ASSERT(line.next > position && line.next <= text.size);
        end = line.next - (text.bytes[line.next - 1] == '\n' ? 1 : 0);
        FUZZ_ASSERT(memchr(text.bytes + position, '\n', end - position) == NULL);
        FUZZ_ASSERT(line.item == (memchr(text.bytes + position, '=', end - position) != NULL));
        if (line.item) {
            FUZZ_ASSERT(line.key.size + 1 + line.value.size == end - position);
            FUZZ_ASSERT(fuzz_same(line.key.bytes, text.bytes + position, line.key.size));
            FUZZ_ASSERT(text.bytes[position + line.key.size] == '=');
            FUZZ_ASSERT(!has_byte(line.key, '='));
            FUZZ_ASSERT(
                fuzz_same(line.value.bytes, text.bytes + end - line.value.size, line.value.size));
            if (count < 8)
                check_find(text, line.key);
        }
        position = line.next;
        count++;
    }
}

static unsigned obvious_version(struct anytls_text text)
{
    static const struct anytls_text key = {(const uint8_t *)"v", 1};
    struct anytls_text value = last_value(text, key);
    bool over = false;

    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] < '0' || value.bytes[i] > '9')
            return 1;
        over = over || value.bytes[i] > (i + 1 == value.size ? '1' : '0');
    }
    return over ? 2 : 1;
}

/* Our own settings, with a name and an MD5 taken from the input. */
static void check_client_write(unsigned version, struct anytls_text name, const uint8_t *md5)
{
    size_t need = 3 + 8 + name.size + 13 + ANYTLS_MD5_TEXT_SIZE;
    uint8_t *out = fuzz_memory(need);
    struct anytls_written written = anytls_settings_client_write(version, name, md5, out, need - 1);
    struct anytls_text text = {out, need};
    struct anytls_text md5_text = {md5, ANYTLS_MD5_TEXT_SIZE};

    if (name.size > ANYTLS_CLIENT_NAME_MAX) {
        FUZZ_ASSERT(written.status == ANYTLS_TOO_LONG && written.size == 0);
        free(out);
        return;
    }
    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0);
    written = anytls_settings_client_write(version, name, md5, out, need);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == need);
    if (!has_byte(name, '\n') && !has_byte(md5_text, '\n')) {
        FUZZ_ASSERT(anytls_settings_version(text) == (version >= 2 ? 2u : 1u));
        FUZZ_ASSERT(same_text(anytls_settings_find(text, "client").value, name));
        FUZZ_ASSERT(same_text(anytls_settings_find(text, "padding-md5").value, md5_text));
        FUZZ_ASSERT(check_lines(text) == 3);
    }
    free(out);
}

static void check_server_write(unsigned version)
{
    uint8_t out[3] = {0};
    struct anytls_text text = {out, sizeof out};
    struct anytls_written written = anytls_settings_server_write(version, out, sizeof out - 1);

    FUZZ_ASSERT(written.status == ANYTLS_NO_ROOM && written.size == 0 && out[0] == 0);
    written = anytls_settings_server_write(version, out, sizeof out);
    FUZZ_ASSERT(written.status == ANYTLS_OK && written.size == sizeof out);
    FUZZ_ASSERT(anytls_settings_version(text) == (version >= 2 ? 2u : 1u));
    FUZZ_ASSERT(check_lines(text) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct anytls_text text = {data, size};
    uint8_t md5[ANYTLS_MD5_TEXT_SIZE] = {0};
    struct anytls_text name = {data, size < 200 ? size : 200};
    unsigned version = anytls_settings_version(text);

    check_lines(text);
    FUZZ_ASSERT(version == obvious_version(text));
    for (size_t i = 0; i < sizeof md5 && i < size; i++)
        md5[i] = data[size - 1 - i];
    check_client_write(version, name, md5);
    check_server_write(version);
    return 0;
}
