#include "frame_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define COMMANDS 11u

static void hex_print(FILE *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        fputc(digits[bytes[i] / 16], out);
        fputc(digits[bytes[i] % 16], out);
    }
}

static void name_print(FILE *out, uint8_t command)
{
    if (command < COMMANDS)
        fputs(anytls_command_name(command), out);
    else
        fprintf(out, "%u", (unsigned)command);
}

static void json_print(FILE *out, const struct anytls_frame *frame)
{
    fprintf(out, "{\"command\":%u,\"name\":\"%s\",\"stream\":%u,\"length\":%u,\"data\":\"",
            (unsigned)frame->header.command, anytls_command_name(frame->header.command),
            (unsigned)frame->header.stream, (unsigned)frame->header.length);
    hex_print(out, frame->data, frame->header.length);
    fputs("\"}\n", out);
}

void frame_print(FILE *out, const struct anytls_frame *frame, bool json)
{
    if (json) {
        json_print(out, frame);
        return;
    }
    name_print(out, frame->header.command);
    fprintf(out, " stream=%u length=%u", (unsigned)frame->header.stream,
            (unsigned)frame->header.length);
    if (frame->header.length > 0)
        fputs(" data=", out);
    hex_print(out, frame->data, frame->header.length);
    fputc('\n', out);
}

void preamble_print(FILE *out, const uint8_t *preamble, bool json)
{
    unsigned padding = preamble[ANYTLS_HASH_SIZE] * 256u + preamble[ANYTLS_HASH_SIZE + 1];

    fputs(json ? "{\"preamble\":true,\"hash\":\"" : "preamble hash=", out);
    hex_print(out, preamble, ANYTLS_HASH_SIZE);
    fprintf(out, json ? "\",\"padding\":%u}\n" : " padding=%u\n", padding);
}

/* ---- Reading ---- */

/* A line, as far as its fields have been read. */
struct fields {
    struct anytls_text name;
    struct anytls_text stream;
    struct anytls_text length;
    struct anytls_text data;
    struct anytls_text hash;
    struct anytls_text padding;
};

int hex_value(int digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (isxdigit(digit))
        return tolower(digit) - 'a' + 10;
    return -1;
}

static const char *hex_read(struct anytls_text text, uint8_t *out, size_t max)
{
    if (text.size % 2 != 0)
        return "an odd number of hexadecimal digits";
    if (text.size / 2 > max)
        return "more data than a frame can have";
    for (size_t i = 0; i < text.size / 2; i++) {
        int high = hex_value(text.bytes[2 * i]);
        int low = hex_value(text.bytes[2 * i + 1]);

        if (high < 0 || low < 0)
            return "something other than hexadecimal digits in the data";
        out[i] = (uint8_t)(high * 16 + low);
    }
    return NULL;
}

static struct anytls_text *field_of(struct fields *fields, struct anytls_text key)
{
    const struct {
        const char *name;
        struct anytls_text *value;
    } known[] = {
        {"stream", &fields->stream}, {"length", &fields->length},   {"data", &fields->data},
        {"hash", &fields->hash},     {"padding", &fields->padding},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (anytls_text_is(key, known[i].name))
            return known[i].value;
    return NULL;
}

/* Splits a line at blanks: a name, then key=value fields. */
static const char *split(const char *line, struct fields *fields)
{
    struct anytls_text text = {(const uint8_t *)line, strcspn(line, "\r\n")};
    size_t at = anytls_text_find(text, 0, ' ');

    fields->name = anytls_text_part(text, 0, at);
    while (at < text.size) {
        size_t end = anytls_text_find(text, at + 1, ' ');
        struct anytls_text word = anytls_text_part(text, at + 1, end);
        size_t equals = anytls_text_find(word, 0, '=');
        struct anytls_text *value = field_of(fields, anytls_text_part(word, 0, equals));

        at = end;
        if (word.size == 0)
            continue;
        if (value == NULL || equals == word.size)
            return "a field that is none of stream=, length=, data=, hash=, padding=";
        *value = anytls_text_part(word, equals + 1, word.size);
    }
    return NULL;
}

static bool command_read(struct anytls_text name, uint8_t *command)
{
    struct anytls_number number = anytls_number_read(name);

    *command = (uint8_t)number.value;
    if (number.valid)
        return number.value <= 255;
    for (*command = 0; *command < COMMANDS; (*command)++)
        if (anytls_text_is(name, anytls_command_name(*command)))
            return true;
    return false;
}

/* A number up to 2^32 - 1, at which the value of greater ones is held. */
static struct anytls_number stream_read(struct anytls_text text)
{
    struct anytls_number number = anytls_number_read(text);

    if (number.value == UINT32_MAX && !anytls_text_is(text, "4294967295"))
        number.valid = false;
    return number;
}

static const char *preamble_read(const struct fields *fields, uint8_t *out, size_t *size)
{
    struct anytls_number padding = anytls_number_read(fields->padding);
    uint8_t hash[ANYTLS_HASH_SIZE];
    const char *wrong = hex_read(fields->hash, hash, sizeof hash);

    if (wrong != NULL || fields->hash.size != 2 * sizeof hash)
        return "a hash that is not 64 hexadecimal digits";
    if (!padding.valid || padding.value > 65535)
        return "a padding that is not a number up to 65535";
    *size = anytls_preamble_encode(hash, (uint16_t)padding.value, out, FRAME_BYTES_MAX).size;
    return NULL;
}

const char *frame_text_read(const char *line, uint8_t *out, size_t *size)
{
    struct fields fields = {0};
    struct anytls_header header = {0, 0, 0};
    struct anytls_number stream = {true, 0};
    const char *wrong = split(line, &fields);

    *size = 0;
    if (fields.name.size == 0 || fields.name.bytes[0] == '#')
        return NULL;
    if (wrong != NULL)
        return wrong;
    if (anytls_text_is(fields.name, "preamble"))
        return preamble_read(&fields, out, size);
    if (!command_read(fields.name, &header.command))
        return "a command that is neither a name nor a number up to 255";
    if (fields.stream.bytes != NULL)
        stream = stream_read(fields.stream);
    if (!stream.valid)
        return "a stream that is not a number of 32 bits";
    wrong = hex_read(fields.data, out + ANYTLS_FRAME_HEADER_SIZE, ANYTLS_FRAME_DATA_MAX);
    if (wrong != NULL)
        return wrong;
    header.stream = stream.value;
    header.length = (uint16_t)(fields.data.size / 2);
    if (fields.length.bytes != NULL && (!anytls_number_read(fields.length).valid ||
                                        anytls_number_read(fields.length).value != header.length))
        return "a length that is not that of the data";
    anytls_header_encode(header, out);
    *size = ANYTLS_FRAME_HEADER_SIZE + (size_t)header.length;
    return NULL;
}
