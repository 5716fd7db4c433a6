/* replace FILE OLD NEW: replaces a text that stands exactly once in a file. In OLD and NEW, \n is a
 * newline, \t a tab, \\ a backslash. Exit code 1: it stands there more or less often. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        *to++ = (char)(*from == 'n' ? '\n' : *from == 't' ? '\t' : *from);
    }
    *to = '\0';
    return text;
}

int main(int argc, char **argv)
{
    static char text[1048576];
    FILE *file = argc == 4 ? fopen(argv[1], "re") : NULL;
    const char *old = argc == 4 ? unescape(argv[2]) : NULL;
    const char *at;

    if (file == NULL)
        return 2;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    at = strstr(text, old);
    if (at == NULL || strstr(at + 1, old) != NULL) {
        fprintf(stderr, "%s: the text stands there %s\n", argv[1],
                at == NULL ? "nowhere" : "more than once");
        return 1;
    }
    file = fopen(argv[1], "we");
    if (file == NULL)
        return 2;
    fprintf(file, "%.*s%s%s", (int)(at - text), text, unescape(argv[3]), at + strlen(old));
    return fclose(file) != 0;
}
