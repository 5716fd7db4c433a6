/* Numbers, settings and links: every text of a few tokens, chosen so that each rule is reached. */
#include <stdio.h>
#include <string.h>

#include "exhaustive.h"
#include "programs/uri.h"

static struct anytls_text our_text(const uint8_t *text, size_t size)
{
    struct anytls_text result = {text, size};

    return result;
}

static struct oracle_bytes their_text(const uint8_t *text, size_t size)
{
    struct oracle_bytes result = {text, size};

    return result;
}

static void tell_text(const char *what, const uint8_t *text, size_t size)
{
    if (!tell())
        return;
    printf("  %s:", what);
    show("text", text, size);
    printf("\n");
}

/* ---- Numbers ---- */

static void visit_number(const uint8_t *text, size_t size)
{
    struct anytls_number ours = anytls_number_read(our_text(text, size));
    uint32_t theirs = 0;
    bool valid = oracle_number(their_text(text, size), &theirs);

    if (!agree(ours.valid == valid && (!valid || ours.value == theirs)))
        tell_text("number", text, size);
}

/* ---- Settings ---- */

static bool same_part(struct anytls_text ours, struct oracle_bytes theirs)
{
    return same_bytes(ours.bytes, ours.size, theirs.at, theirs.size);
}

static bool same_lines(struct anytls_text ours, struct oracle_bytes theirs)
{
    struct anytls_setting line = anytls_settings_next(ours, 0);
    struct oracle_line other;

    while (oracle_line_next(&theirs, &other)) {
        if (line.status != ANYTLS_OK || line.item != other.item)
            return false;
        if (line.item && (!same_part(line.key, other.key) || !same_part(line.value, other.value)))
            return false;
        line = anytls_settings_next(ours, line.next);
    }
    return line.status == ANYTLS_END;
}

static void visit_settings(const uint8_t *text, size_t size)
{
    struct anytls_text ours = our_text(text, size);
    struct oracle_bytes theirs = their_text(text, size);
    struct anytls_setting_value found = anytls_settings_find(ours, "v");
    struct oracle_bytes value = {NULL, 0};
    bool same = same_lines(ours, theirs);

    same = same && found.found == oracle_setting(theirs, "v", &value);
    same = same && (!found.found || same_part(found.value, value));
    same = same && anytls_settings_version(ours) == oracle_settings_version(theirs);
    if (!agree(same))
        tell_text("settings", text, size);
}

/* ---- Links ---- */

static const char *uri_fault(enum anytls_uri_status status)
{
    switch (status) {
    case ANYTLS_URI_OK: return "";
    case ANYTLS_URI_BAD_SCHEME: return "scheme";
    case ANYTLS_URI_BAD_PASSWORD: return "password";
    case ANYTLS_URI_BAD_HOST: return "host";
    case ANYTLS_URI_BAD_PORT: return "port";
    case ANYTLS_URI_BAD_PATH: return "path";
    default: return "parameter";
    }
}

static void visit_whole_uri(const uint8_t *text, size_t size)
{
    char string[512];
    struct anytls_uri ours;
    struct oracle_uri theirs = oracle_uri_read(their_text(text, size));
    bool same;

    memcpy(string, text, size);
    string[size] = '\0';
    ours = anytls_uri_read(string);
    same = strcmp(uri_fault(ours.status), theirs.fault != NULL ? theirs.fault : "") == 0;
    if (ours.status == ANYTLS_URI_OK)
        same = same && strcmp(ours.password, theirs.password) == 0 &&
               strcmp(ours.host, theirs.host) == 0 && ours.port == theirs.port &&
               strcmp(ours.sni, theirs.sni) == 0 && ours.insecure == theirs.insecure;
    if (!agree(same))
        tell_text("link", text, size);
}

/* URI-FRAGMENT and the other rules of links. */
static void visit_uri(const uint8_t *text, size_t size)
{
    uint8_t whole[512] = "anytls://";

    visit_whole_uri(text, size);
    memcpy(whole + 9, text, size);
    visit_whole_uri(whole, 9 + size);
}

static void visit_parameters(const uint8_t *text, size_t size)
{
    uint8_t whole[512] = "anytls://h/?";

    memcpy(whole + 12, text, size);
    visit_whole_uri(whole, 12 + size);
}

/* Hosts, passwords and names around the limit of 255 bytes. */
static void compare_long_links(void)
{
    static const char *const forms[] = {"anytls://%s@h", "anytls://%s", "anytls://[%s]",
                                        "anytls://h?sni=%s"};

    for (size_t form = 0; form < COUNT_OF(forms); form++) {
        for (size_t size = 254; size <= 257; size++) {
            char long_part[300] = "";
            char link[400];

            memset(long_part, 'a', size);
            long_part[size] = '\0';
            int length = snprintf(link, sizeof link, forms[form], long_part);
            visit_whole_uri((const uint8_t *)link, (size_t)length);
        }
    }
}

void compare_texts(void)
{
    static const char *const digits[] = {"0", "1", "2", "4", "9", "-", "+", " "};
    static const char *const large[] = {"4294967", "29", "5", "6", "0", "x"};
    static const char *const settings[] = {"v", "=", "\n", "1", "2", " ", "x", "\r"};
    static const char *const links[] = {"@", ":", "/", "?", "#", "%41",
                                        "%", "[", "]", "a", "1", " "};
    static const char *const parameters[] = {"sni", "insecure", "=",   "&", "0",
                                             "1",   "%41",      "%00", "x", "#"};

    part_begin("numbers up to 6 bytes");
    each_text(digits, COUNT_OF(digits), 6, visit_number);
    each_text(large, COUNT_OF(large), 5, visit_number);
    part_begin("settings up to 6 bytes");
    each_text(settings, COUNT_OF(settings), 6, visit_settings);
    part_begin("links up to 5 tokens");
    each_text(links, COUNT_OF(links), 5, visit_uri);
    each_text(parameters, COUNT_OF(parameters), 5, visit_parameters);
    compare_long_links();
}
