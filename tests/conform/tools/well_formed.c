/* well_formed json|xml FILE ...: whether files are; a small parser of each, for the suite's tests. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *at;

static void blanks(void)
{
    at += strspn(at, " \t\r\n");
}

static bool take(char wanted)
{
    blanks();
    if (*at != wanted)
        return false;
    at++;
    return true;
}

/* ---- JSON ---- */

static bool json_value(unsigned depth);

static bool json_string(void)
{
    if (!take('"'))
        return false;
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            return false;
        if (*at != '\\')
            continue;
        at++;
        if (*at == 'u') {
            for (int i = 0; i < 4; i++)
                if (!isxdigit((unsigned char)*++at))
                    return false;
        } else if (*at == '\0' || strchr("\"\\/bfnrt", *at) == NULL) {
            return false;
        }
    }
    at++;
    return true;
}

static bool json_members(char end, bool object, unsigned depth)
{
    at++;
    if (take(end))
        return true;
    do {
        if (object && !(json_string() && take(':')))
            return false;
        if (!json_value(depth + 1))
            return false;
    } while (take(','));
    return take(end);
}

static bool json_word(const char *word)
{
    size_t size = strlen(word);

    if (strncmp(at, word, size) != 0)
        return false;
    at += size;
    return true;
}

static bool json_value(unsigned depth)
{
    char *end;

    blanks();
    if (depth > 64)
        return false;
    switch (*at) {
    case '{': return json_members('}', true, depth);
    case '[': return json_members(']', false, depth);
    case '"': return json_string();
    case 't': return json_word("true");
    case 'f': return json_word("false");
    case 'n': return json_word("null");
    default: break;
    }
    if (*at != '-' && !isdigit((unsigned char)*at))
        return false;
    strtod(at, &end);
    at = end;
    return true;
}

static bool json(void)
{
    bool right = json_value(0);

    blanks();
    return right && *at == '\0';
}

/* ---- XML, without comments and sections of other kinds ---- */

static bool xml_reference(void)
{
    static const char *const names[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (json_word(names[i]))
            return true;
    return false;
}

static size_t name_size(void)
{
    size_t size = 0;

    while (isalnum((unsigned char)at[size]) ||
           (at[size] != '\0' && strchr("-_.:", at[size]) != NULL))
        size++;
    return size;
}

static bool xml_attribute(void)
{
    size_t size = name_size();

    at += size;
    if (size == 0 || *at++ != '=' || *at++ != '"')
        return false;
    while (*at != '"') {
        if (*at == '\0' || *at == '<' || (*at == '&' && !xml_reference()))
            return false;
        if (*at != '"' && *at != '&')
            at++;
    }
    at++;
    return true;
}

static bool xml_element(unsigned depth)
{
    const char *name = at + 1;
    size_t size;

    at++;
    size = name_size();
    at += size;
    if (size == 0 || depth > 64)
        return false;
    for (blanks(); *at != '>' && *at != '/'; blanks())
        if (!xml_attribute())
            return false;
    if (json_word("/>"))
        return true;
    if (*at++ != '>')
        return false;
    while (strncmp(at, "</", 2) != 0) {
        if (*at == '\0' || (*at == '<' && !xml_element(depth + 1)) ||
            (*at == '&' && !xml_reference()))
            return false;
        if (*at != '<' && *at != '&' && *at != '\0')
            at++;
    }
    at += 2;
    if (strncmp(at, name, size) != 0)
        return false;
    at += size;
    return take('>');
}

static bool xml(void)
{
    bool right;

    if (json_word("<?xml") || json_word("<!DOCTYPE"))
        at += strcspn(at, ">") + 1;
    blanks();
    right = *at == '<' && xml_element(0);
    blanks();
    return right && *at == '\0';
}

static bool file_is(const char *kind, const char *path)
{
    static char text[16777216];
    FILE *file = fopen(path, "re");
    size_t size;

    if (file == NULL)
        return false;
    size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    at = text;
    return strcmp(kind, "json") == 0 ? json() : xml();
}

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (file_is(argv[1], argv[i]))
            continue;
        fprintf(stderr, "%s: not well-formed %s, near: %.60s\n", argv[i], argv[1], at);
        return 1;
    }
    return argc < 3;
}
