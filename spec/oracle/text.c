#include "oracle.h"

bool oracle_number(struct oracle_bytes text, uint32_t *value)
{
    uint64_t number = 0;

    if (text.size == 0)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.at[i] - '0');
        if (number > 4294967295u)
            number = 4294967295u;
    }
    *value = (uint32_t)number;
    return true;
}

static void take_byte(struct oracle_bytes *text)
{
    text->at++;
    text->size--;
}

bool oracle_line_next(struct oracle_bytes *text, struct oracle_line *line)
{
    bool in_value = false;

    if (text->size == 0)
        return false;
    line->key.at = text->at;
    line->key.size = 0;
    line->value.at = text->at;
    line->value.size = 0;
    while (text->size > 0 && *text->at != '\n') {
        if (in_value) {
            line->value.size++;
        } else if (*text->at == '=') {
            in_value = true;
            line->value.at = text->at + 1;
        } else {
            line->key.size++;
        }
        take_byte(text);
    }
    line->item = in_value;
    if (text->size > 0)
        take_byte(text); /* the newline */
    return true;
}

bool oracle_setting(struct oracle_bytes text, const char *key, struct oracle_bytes *value)
{
    struct oracle_line line;
    bool found = false;

    while (oracle_line_next(&text, &line)) {
        if (line.item && oracle_is(line.key, key)) {
            *value = line.value;
            found = true;
        }
    }
    return found;
}

unsigned oracle_settings_version(struct oracle_bytes text)
{
    struct oracle_bytes value;
    uint32_t number;

    if (!oracle_setting(text, "v", &value))
        return 1;
    if (!oracle_number(value, &number))
        return 1;
    return number >= 2 ? 2 : 1;
}

void oracle_settings_server_write(struct oracle_buffer *out, unsigned version)
{
    oracle_buffer_add(out, oracle_string(version >= 2 ? "v=2" : "v=1"));
}

void oracle_settings_client_write(struct oracle_buffer *out, unsigned version,
                                  struct oracle_bytes name, const char *md5)
{
    oracle_buffer_add(out, oracle_string(version >= 2 ? "v=2" : "v=1"));
    oracle_buffer_add(out, oracle_string("\nclient="));
    oracle_buffer_add(out, name);
    oracle_buffer_add(out, oracle_string("\npadding-md5="));
    oracle_buffer_add(out, oracle_string(md5));
}
