#include "settings.h"

#include "bytes.h"

struct anytls_setting anytls_settings_next(struct anytls_text text, size_t position)
{
    struct anytls_setting result = {ANYTLS_END, false, {0, 0}, {0, 0}, position};
    size_t end;
    size_t equals;

    if (position >= text.size)
        return result;
    end = anytls_text_find(text, position, '\n');
    equals = anytls_text_find(anytls_text_part(text, 0, end), position, '=');
    result.status = ANYTLS_OK;
    result.next = end < text.size ? end + 1 : end;
    if (equals >= end)
        return result;
    result.item = true;
    result.key = anytls_text_part(text, position, equals);
    result.value = anytls_text_part(text, equals + 1, end);
    return result;
}

struct anytls_setting_value anytls_settings_find(struct anytls_text text, const char *key)
{
    struct anytls_setting_value result = {false, {0, 0}};
    struct anytls_setting line = anytls_settings_next(text, 0);

    /*@ loop invariant line.status == ANYTLS_OK ==> 0 < line.next <= text.size;
        loop invariant line.status == ANYTLS_OK || line.status == ANYTLS_END;
        loop invariant text_valid(line.key) && text_valid(line.value);
        loop invariant text_valid(result.value);
        loop invariant result.value.size <= text.size;
        loop invariant line.item ==> line.value.size < text.size;
        loop assigns line, result;
        loop variant line.status == ANYTLS_OK ? text.size + 1 - line.next : 0;
    */
    while (line.status == ANYTLS_OK) {
        if (line.item && anytls_text_is(line.key, key)) {
            result.found = true;
            result.value = line.value;
        }
        line = anytls_settings_next(text, line.next);
    }
    return result;
}

unsigned anytls_settings_version(struct anytls_text text)
{
    static const char key[] = "v";
    struct anytls_setting_value found;
    struct anytls_number number = {false, 0};

    /*@ assert word_of(&key[0], sizeof(key) - 1); */
    found = anytls_settings_find(text, key);
    if (found.found)
        number = anytls_number_read(found.value);
    return number.valid && number.value >= 2 ? 2 : 1;
}

/*@ requires \valid(out + (at .. at + size - 1));
    requires \valid_read(bytes + (0 .. size - 1));
    requires \separated(out + (at .. at + size - 1), bytes + (0 .. size - 1));
    requires at + size <= SIZE_MAX;
    assigns out[at .. at + size - 1];
    ensures \result == at + size;
    ensures \forall integer i; at <= i < at + size ==> out[i] == \old(bytes[i - at]);
*/
static size_t append(uint8_t *out, size_t at, const uint8_t *bytes, size_t size)
{
    anytls_bytes_copy(out + at, bytes, size);
    return at + size;
}

struct anytls_written anytls_settings_client_write(unsigned version, struct anytls_text name,
                                                   const uint8_t *md5, uint8_t *out,
                                                   size_t capacity)
{
    const uint8_t client[] = "\nclient=";
    const uint8_t padding[] = "\npadding-md5=";
    const size_t fixed = 3 + (sizeof client - 1) + (sizeof padding - 1) + ANYTLS_MD5_TEXT_SIZE;
    struct anytls_written result = {ANYTLS_NO_ROOM, 0};
    size_t at;

    if (name.size > ANYTLS_CLIENT_NAME_MAX) {
        result.status = ANYTLS_TOO_LONG;
        return result;
    }
    if (capacity < fixed + name.size)
        return result;
    at = anytls_settings_server_write(version, out, capacity).size;
    at = append(out, at, client, sizeof client - 1);
    at = append(out, at, name.bytes, name.size);
    at = append(out, at, padding, sizeof padding - 1);
    at = append(out, at, md5, ANYTLS_MD5_TEXT_SIZE);
    result.status = ANYTLS_OK;
    result.size = at;
    return result;
}

struct anytls_written anytls_settings_server_write(unsigned version, uint8_t *out, size_t capacity)
{
    struct anytls_written result = {ANYTLS_NO_ROOM, 0};

    if (capacity < 3)
        return result;
    out[0] = 'v';
    out[1] = '=';
    out[2] = version >= 2 ? '2' : '1';
    result.status = ANYTLS_OK;
    result.size = 3;
    return result;
}
