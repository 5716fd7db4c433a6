#include "support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    "Waste",
    "SYN",
    "PSH",
    "FIN",
    "Settings",
    "Alert",
    "UpdatePaddingScheme",
    "SYNACK",
    "HeartRequest",
    "HeartResponse",
    "ServerSettings",
};

int suite_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 60); /* sanitizers and valgrind are slow */
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

uint32_t random_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

struct anytls_text text_of(const char *string)
{
    struct anytls_text text = {(const uint8_t *)string, strlen(string)};

    return text;
}

struct anytls_address address_name(const char *name, uint16_t port)
{
    struct anytls_address address = {ANYTLS_NAME, port, (uint8_t)strlen(name), {0}};

    memcpy(address.host, name, strlen(name));
    return address;
}

/* ---- Text to bytes ---- */

void bytes_add(struct bytes *bytes, const void *more, size_t size)
{
    must(size <= BYTES_MAX - bytes->size, "too many bytes for the helper");
    if (size > 0)
        memcpy(bytes->at + bytes->size, more, size);
    bytes->size += size;
}

static const char *add_hex(struct bytes *bytes, const char *at)
{
    while (*at != '>') {
        char digits[3] = {at[0], at[1], '\0'};
        char *end;
        uint8_t byte = (uint8_t)strtoul(digits, &end, 16);

        must(end == digits + 2, "no two hexadecimal digits: %s", at);
        bytes_add(bytes, &byte, 1);
        at += 2;
    }
    return at + 1;
}

static const char *add_data(struct bytes *bytes, const char *at)
{
    while (*at != '\0' && *at != '|') {
        if (*at == '<') {
            at = add_hex(bytes, at + 1);
            continue;
        }
        bytes_add(bytes, at, 1);
        at++;
    }
    return at;
}

void bytes_add_data(struct bytes *bytes, const char *data)
{
    must(*add_data(bytes, data) == '\0', "a bar in data: %s", data);
}

void bytes_add_header(struct bytes *bytes, uint8_t command, uint32_t stream, size_t length)
{
    uint8_t header[7] = {
        command,         (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
        (uint8_t)stream, (uint8_t)(length >> 8),  (uint8_t)length};

    must(length <= 65535, "no frame has so many bytes");
    bytes_add(bytes, header, sizeof header);
}

static uint8_t command_of(const char *name, size_t size)
{
    if (name[0] == '#')
        return (uint8_t)strtoul(name + 1, NULL, 10);
    for (size_t i = 0; i < COUNT(names); i++)
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
            return (uint8_t)i;
    ck_abort_msg("no such command: %.*s", (int)size, name);
    return 0;
}

static const char *add_frame(struct bytes *bytes, const char *at)
{
    static struct bytes data;
    size_t name = strcspn(at, " ");
    uint8_t command = command_of(at, name);
    char *end;
    uint32_t stream = (uint32_t)strtoul(at + name, &end, 10);

    data.size = 0;
    at = add_data(&data, *end == ' ' ? end + 1 : end);
    bytes_add_header(bytes, command, stream, data.size);
    bytes_add(bytes, data.at, data.size);
    return at;
}

void bytes_add_frames(struct bytes *bytes, const char *items)
{
    const char *at = items;

    while (*at != '\0') {
        if (strncmp(at, "raw ", 4) == 0)
            at = add_data(bytes, at + 4);
        else
            at = add_frame(bytes, at);
        if (*at == '|')
            at++;
    }
}

/* ---- Bytes to text ---- */

void text_add(char *text, const char *format, ...)
{
    size_t size = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + size, TEXT_MAX - size, format, arguments);
    va_end(arguments);
    must(strlen(text) < TEXT_MAX - 1, "the text is full");
}

static bool is_plain(uint8_t byte)
{
    return byte == '\n' || (byte >= ' ' && byte <= '~' && !strchr("<>|", byte));
}

/* Long data stand as their size alone, in braces. */
void text_add_data(char *text, const uint8_t *data, size_t size)
{
    char *at;

    if (size > 8192) {
        text_add(text, "{%zu}", size);
        return;
    }
    at = text + strlen(text);
    must((size_t)(at - text) + 4 * size < TEXT_MAX, "too much for the helper");
    for (size_t i = 0; i < size; i++) {
        bool plain = is_plain(data[i]);

        if (plain)
            *at++ = (char)data[i];
        else
            at += sprintf(at, i > 0 && !is_plain(data[i - 1]) ? "%02x" : "<%02x", data[i]);
        if (!plain && (i + 1 == size || is_plain(data[i + 1])))
            *at++ = '>';
    }
    *at = '\0';
}

static size_t text_add_frame(char *text, const uint8_t *at, size_t left)
{
    size_t length;

    if (text[0] != '\0')
        text_add(text, "|");
    if (left < 7 || left < 7 + (size_t)at[5] * 256 + at[6]) {
        text_add(text, "cut ");
        text_add_data(text, at, left);
        return left;
    }
    length = (size_t)at[5] * 256 + at[6];
    if (at[0] < COUNT(names))
        text_add(text, "%s", names[at[0]]);
    else
        text_add(text, "#%d", at[0]);
    text_add(text, " %u", at[1] * 16777216u + at[2] * 65536u + at[3] * 256u + at[4]);
    if (length > 0)
        text_add(text, " ");
    text_add_data(text, at + 7, length);
    return 7 + length;
}

void text_add_frames(char *text, const uint8_t *frames, size_t size)
{
    size_t at = 0;

    while (at < size)
        at += text_add_frame(text, frames + at, size - at);
}

static void text_add_request(char *text, const struct anytls_uot_request *request, bool udp)
{
    static const char *const kinds[] = {"ipv4", "ipv6", "name"};

    if (udp)
        text_add(text, request->connect ? " connect" : " each");
    text_add(text, " %s ", kinds[request->address.kind]);
    text_add_data(text, request->address.host, request->address.size);
    text_add(text, ":%d", request->address.port);
}

static const struct event_form {
    enum anytls_event_type type;
    const char *name;
    bool stream; /* the event speaks of a stream */
} forms[] = {
    {ANYTLS_EVENT_NONE, "", false},
    {ANYTLS_EVENT_SETTINGS, "settings", false},
    {ANYTLS_EVENT_SERVER_SETTINGS, "server settings", false},
    {ANYTLS_EVENT_SCHEME, "scheme", false},
    {ANYTLS_EVENT_STREAM_OPENED, "opened", true},
    {ANYTLS_EVENT_STREAM_ACCEPTED, "accepted", true},
    {ANYTLS_EVENT_STREAM_REFUSED, "refused", true},
    {ANYTLS_EVENT_DATA, "data", true},
    {ANYTLS_EVENT_STREAM_FINISHED, "finished", true},
    {ANYTLS_EVENT_HEART_ANSWERED, "heart answered", false},
    {ANYTLS_EVENT_ALERT, "alert", false},
    {ANYTLS_EVENT_CLOSED, "closed", false},
    {ANYTLS_EVENT_AUTHENTICATED, "authenticated", false},
    {ANYTLS_EVENT_FALLBACK, "fallback", false},
    {ANYTLS_EVENT_DIAL, "dial", true},
    {ANYTLS_EVENT_DIAL_UDP, "dial udp", true},
};

static const struct event_form *form_of(enum anytls_event_type type)
{
    for (size_t i = 0; i < COUNT(forms); i++)
        if (forms[i].type == type)
            return &forms[i];
    ck_abort_msg("no such event: %d", (int)type);
    return NULL;
}

void text_add_event(char *text, const struct anytls_event *event,
                    const struct anytls_uot_request *request)
{
    const struct event_form *form = form_of(event->type);

    if (text[0] != '\0')
        text_add(text, "|");
    text_add(text, "%s", form->name);
    if (form->stream)
        text_add(text, " %u", event->stream);
    if (event->type == ANYTLS_EVENT_DIAL || event->type == ANYTLS_EVENT_DIAL_UDP)
        text_add_request(text, request, event->type == ANYTLS_EVENT_DIAL_UDP);
    if (event->data.size > 0)
        text_add(text, " ");
    text_add_data(text, event->data.bytes, event->data.size);
    if (form->stream && event->user)
        text_add(text, " @%s", (const char *)event->user);
    if (event->violation != ANYTLS_OK)
        text_add(text, "%s(%s)", form->name[0] ? " " : "", anytls_status_text(event->violation));
}
