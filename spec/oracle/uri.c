/* anytls://[password@]host[:port][/][?key=value&key=value][#title] */
#include <string.h>

#include "oracle.h"

/* Splits text at the first byte that is `at`: before it, and behind it. false: it has none, then
 * all of it is before. */
static bool split(struct oracle_bytes text, char at, struct oracle_bytes *before,
                  struct oracle_bytes *behind)
{
    before->at = text.at;
    before->size = 0;
    while (before->size < text.size && text.at[before->size] != (uint8_t)at)
        before->size++;
    behind->at = text.at + before->size;
    behind->size = 0;
    if (before->size == text.size)
        return false;
    behind->at++;
    behind->size = text.size - before->size - 1;
    return true;
}

static bool digit_value(uint8_t byte, unsigned *value)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = byte != 0 ? strchr(digits, byte) : NULL;

    if (found == NULL)
        return false;
    *value = (unsigned)(found - digits) % 16;
    return true;
}

/* Takes a byte, or %xx, off a text. false: it is badly encoded, or the byte is zero. */
static bool decoded_next(struct oracle_bytes *text, char *byte)
{
    unsigned high;
    unsigned low;

    *byte = (char)*text->at;
    text->at++;
    text->size--;
    if (*byte != '%')
        return true;
    if (text->size < 2 || !digit_value(text->at[0], &high) || !digit_value(text->at[1], &low))
        return false;
    *byte = (char)(16 * high + low);
    text->at += 2;
    text->size -= 2;
    return *byte != 0;
}

static bool decode(struct oracle_bytes text, char out[ORACLE_URI_TEXT_MAX])
{
    size_t size = 0;
    char byte;

    while (text.size > 0) {
        if (!decoded_next(&text, &byte) || size == ORACLE_URI_TEXT_MAX - 1)
            return false;
        out[size] = byte;
        size++;
    }
    out[size] = '\0';
    return true;
}

/* ---- Host and port ---- */

static bool host_read(struct oracle_bytes host, char out[ORACLE_URI_TEXT_MAX])
{
    if (host.size == 0 || host.size > ORACLE_URI_TEXT_MAX - 1)
        return false;
    for (size_t i = 0; i < host.size; i++) {
        uint8_t byte = host.at[i];

        if (byte <= ' ' || byte == 127 || byte == '[' || byte == ']' || byte == '%')
            return false;
        out[i] = (char)byte;
    }
    out[host.size] = '\0';
    return true;
}

static const char *host_and_port_read(struct oracle_bytes text, struct oracle_uri *uri)
{
    struct oracle_bytes host = text;
    struct oracle_bytes port = {NULL, 0};
    bool has_port = true;
    uint32_t number;

    if (text.size > 0 && text.at[0] == '[') {
        struct oracle_bytes inside = {text.at + 1, text.size - 1};

        if (!split(inside, ']', &host, &port))
            return "host";
        if (port.size == 0)
            has_port = false;
        else if (port.at[0] != ':')
            return "host";
        else
            port = (struct oracle_bytes){port.at + 1, port.size - 1};
    } else {
        has_port = split(text, ':', &host, &port);
    }
    if (!host_read(host, uri->host))
        return "host";
    if (!has_port)
        return NULL;
    if (!oracle_number(port, &number) || number < 1 || number > 65535)
        return "port";
    uri->port = (uint16_t)number;
    return NULL;
}

/* ---- Parameters ---- */

static bool parameter_read(struct oracle_bytes key, struct oracle_bytes value,
                           struct oracle_uri *uri)
{
    if (oracle_is(key, "sni"))
        return decode(value, uri->sni);
    if (!oracle_is(key, "insecure"))
        return true;
    uri->insecure = oracle_is(value, "1");
    return oracle_is(value, "0") || oracle_is(value, "1");
}

static bool parameters_read(struct oracle_bytes text, struct oracle_uri *uri)
{
    struct oracle_bytes one;
    struct oracle_bytes rest = text;
    struct oracle_bytes key;
    struct oracle_bytes value;

    while (rest.size > 0) {
        split(rest, '&', &one, &rest);
        split(one, '=', &key, &value);
        if (!parameter_read(key, value, uri))
            return false;
    }
    return true;
}

/* ---- The whole ---- */

static bool scheme_take(struct oracle_bytes *text)
{
    const struct oracle_bytes scheme = oracle_string("anytls://");

    if (text->size < scheme.size || memcmp(text->at, scheme.at, scheme.size) != 0)
        return false;
    text->at += scheme.size;
    text->size -= scheme.size;
    return true;
}

/* Up to the last '@' stands the password. */
static bool password_take(struct oracle_bytes *text, struct oracle_uri *uri)
{
    struct oracle_bytes password = *text;

    while (password.size > 0 && password.at[password.size - 1] != '@')
        password.size--;
    if (password.size == 0)
        return true; /* there is none */
    text->at += password.size;
    text->size -= password.size;
    password.size--;
    return decode(password, uri->password);
}

static const char *fault_of(struct oracle_bytes text, struct oracle_uri *uri)
{
    struct oracle_bytes title;
    struct oracle_bytes parameters;
    struct oracle_bytes path;
    const char *fault;

    if (!scheme_take(&text))
        return "scheme";
    split(text, '#', &text, &title);
    split(text, '?', &text, &parameters);
    split(text, '/', &text, &path);
    if (!password_take(&text, uri))
        return "password";
    fault = host_and_port_read(text, uri);
    if (fault != NULL)
        return fault;
    if (path.size > 0)
        return "path";
    return parameters_read(parameters, uri) ? NULL : "parameter";
}

struct oracle_uri oracle_uri_read(struct oracle_bytes text)
{
    struct oracle_uri uri = {NULL, "", "", 443, "", false};

    uri.fault = fault_of(text, &uri);
    return uri;
}
