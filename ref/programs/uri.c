#include "uri.h"

#include <stdio.h>
#include <string.h>

struct part {
    const char *start;
    const char *end;
};

static const char *find(struct part part, char byte)
{
    const char *at = part.start;

    while (at < part.end && *at != byte)
        at++;
    return at;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Undoes percent-encoding. false: it is wrong, hides a zero byte, or the text is too long. */
static bool decode(struct part part, char *out)
{
    size_t size = 0;

    for (const char *at = part.start; at < part.end; at++) {
        int byte = (unsigned char)*at;

        if (*at == '%') {
            int high = part.end - at > 2 ? hex_digit(at[1]) : -1;
            int low = part.end - at > 2 ? hex_digit(at[2]) : -1;

            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return false;
            byte = high * 16 + low;
            at += 2;
        }
        if (size + 1 >= ANYTLS_URI_TEXT_MAX)
            return false;
        out[size] = (char)byte;
        size++;
    }
    out[size] = '\0';
    return true;
}

static bool copy(struct part part, char *out)
{
    size_t size = (size_t)(part.end - part.start);

    if (size >= ANYTLS_URI_TEXT_MAX)
        return false;
    memcpy(out, part.start, size);
    out[size] = '\0';
    return true;
}

static bool host_fits(struct part host)
{
    if (host.start == host.end)
        return false;
    for (const char *at = host.start; at < host.end; at++)
        if ((unsigned char)*at <= ' ' || *at == '[' || *at == ']' || *at == '%' || *at == 127)
            return false;
    return true;
}

static bool port_read(struct part part, uint16_t *port)
{
    unsigned number = 0;

    if (part.start == part.end)
        return false;
    for (const char *at = part.start; at < part.end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        number = number * 10 + (unsigned)(*at - '0');
        if (number > 65535)
            return false;
    }
    *port = (uint16_t)number;
    return number > 0;
}

static enum anytls_uri_status authority_read(struct part part, struct anytls_uri *uri)
{
    struct part host = part;
    struct part port;

    if (part.start < part.end && *part.start == '[') {
        host.start = part.start + 1;
        host.end = find(host, ']');
        if (host.end == part.end)
            return ANYTLS_URI_BAD_HOST;
        port.start = host.end + 1;
    } else {
        host.end = find(part, ':');
        port.start = host.end;
    }
    port.end = part.end;
    if (!host_fits(host) || !copy(host, uri->host))
        return ANYTLS_URI_BAD_HOST;
    if (port.start == port.end)
        return ANYTLS_URI_OK;
    if (*port.start != ':')
        return ANYTLS_URI_BAD_HOST;
    port.start++;
    return port_read(port, &uri->port) ? ANYTLS_URI_OK : ANYTLS_URI_BAD_PORT;
}

static bool part_is(struct part part, const char *word)
{
    size_t size = strlen(word);

    return (size_t)(part.end - part.start) == size && memcmp(part.start, word, size) == 0;
}

static bool parameter_read(struct part part, struct anytls_uri *uri)
{
    struct part key = {part.start, find(part, '=')};
    struct part value = {key.end < part.end ? key.end + 1 : part.end, part.end};

    if (part_is(key, "sni"))
        return decode(value, uri->sni);
    if (!part_is(key, "insecure"))
        return true;
    uri->insecure = part_is(value, "1");
    return uri->insecure || part_is(value, "0");
}

static enum anytls_uri_status parameters_read(struct part part, struct anytls_uri *uri)
{
    while (part.start < part.end) {
        struct part one = {part.start, find(part, '&')};

        if (!parameter_read(one, uri))
            return ANYTLS_URI_BAD_PARAMETER;
        part.start = one.end < part.end ? one.end + 1 : part.end;
    }
    return ANYTLS_URI_OK;
}

static const char *last_at_sign(struct part part)
{
    const char *found = NULL;

    for (const char *at = part.start; at < part.end; at++)
        if (*at == '@')
            found = at;
    return found;
}

static enum anytls_uri_status read_parts(struct part all, struct anytls_uri *uri)
{
    struct part before = {all.start, find(all, '?')};
    struct part authority;
    struct part parameters = {before.end < all.end ? before.end + 1 : all.end, all.end};
    struct part path;
    const char *at_sign;
    enum anytls_uri_status status;

    authority.start = before.start;
    authority.end = find(before, '/');
    path.start = authority.end;
    path.end = before.end;
    at_sign = last_at_sign(authority);
    if (at_sign != NULL) {
        struct part password = {authority.start, at_sign};

        if (!decode(password, uri->password))
            return ANYTLS_URI_BAD_PASSWORD;
        authority.start = at_sign + 1;
    }
    status = authority_read(authority, uri);
    if (status != ANYTLS_URI_OK)
        return status;
    if (path.start != path.end && !part_is(path, "/"))
        return ANYTLS_URI_BAD_PATH;
    return parameters_read(parameters, uri);
}

struct anytls_uri anytls_uri_read(const char *text)
{
    static const char scheme[] = "anytls://";
    struct anytls_uri uri = {ANYTLS_URI_BAD_SCHEME, "", "", ANYTLS_URI_PORT, "", false};
    struct part all = {text, text + strlen(text)};

    if (strncmp(text, scheme, sizeof scheme - 1) != 0)
        return uri;
    all.start += sizeof scheme - 1;
    all.end = find(all, '#'); /* a fragment, which links carry as a title, is no part of it */
    uri.status = read_parts(all, &uri);
    return uri;
}

static size_t encode(const char *text, char *out)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t size = 0;

    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL) {
            out[size] = *text;
            size++;
        } else {
            size += (size_t)sprintf(out + size, "%%%02X", (unsigned)(unsigned char)*text);
        }
    }
    out[size] = '\0';
    return size;
}

size_t anytls_uri_write(const struct anytls_uri *uri, char *text, size_t size)
{
    char password[3 * ANYTLS_URI_TEXT_MAX];
    char sni[3 * ANYTLS_URI_TEXT_MAX];
    const char *bracket = strchr(uri->host, ':') != NULL ? "[" : "";
    int written;

    encode(uri->password, password);
    encode(uri->sni, sni);
    written = snprintf(text, size, "anytls://%s%s%s%s%s:%u/%s%s%s%s", password,
                       password[0] != '\0' ? "@" : "", bracket, uri->host,
                       bracket[0] != '\0' ? "]" : "", (unsigned)uri->port,
                       sni[0] != '\0' || uri->insecure ? "?" : "", sni[0] != '\0' ? "sni=" : "",
                       sni, uri->insecure ? (sni[0] != '\0' ? "&insecure=1" : "insecure=1") : "");
    return written > 0 && (size_t)written < size ? (size_t)written : 0;
}

const char *anytls_uri_status_text(enum anytls_uri_status status)
{
    switch (status) {
    case ANYTLS_URI_OK: return "ok";
    case ANYTLS_URI_BAD_SCHEME: return "it does not begin with anytls://";
    case ANYTLS_URI_BAD_PASSWORD: return "the password is too long or badly percent-encoded";
    case ANYTLS_URI_BAD_HOST: return "the host is empty, too long or badly written";
    case ANYTLS_URI_BAD_PORT: return "the port is not a number from 1 to 65535";
    case ANYTLS_URI_BAD_PATH: return "there is a path between the host and the parameters";
    case ANYTLS_URI_BAD_PARAMETER:
        return "sni is too long or badly encoded, or insecure is not 0 or 1";
    }
    return "unknown";
}
