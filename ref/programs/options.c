#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static const char *program = "anytls";

void options_program_set(const char *name)
{
    program = name;
}

void usage_error(const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", program);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_USAGE);
}

uint32_t option_number(const char *option, const char *text, uint32_t min, uint32_t max)
{
    struct anytls_text view = {(const uint8_t *)text, strlen(text)};
    struct anytls_number number = anytls_number_read(view);

    if (!number.valid || number.value < min || number.value > max)
        usage_error("%s %s: give a whole number from %u to %u", option, text, (unsigned)min,
                    (unsigned)max);
    return number.value;
}

struct file_bytes file_read(const char *path, size_t max)
{
    struct file_bytes result = {NULL, 0, ""};
    FILE *file = fopen(path, "rbe");

    if (file != NULL)
        result.bytes = malloc(max + 2);
    if (result.bytes != NULL)
        result.size = fread(result.bytes, 1, max + 1, file);
    if (result.bytes == NULL || ferror(file))
        snprintf(result.error, sizeof result.error, "%.180s: %.60s", path, strerror(errno));
    else if (result.size > max)
        snprintf(result.error, sizeof result.error, "%.180s: longer than %zu bytes", path, max);
    if (file != NULL)
        fclose(file);
    if (result.error[0] != '\0') {
        free(result.bytes);
        result.bytes = NULL;
    } else {
        result.bytes[result.size] = 0;
    }
    return result;
}

char *password_file_read(const char *path, char *error)
{
    struct file_bytes file = file_read(path, 4096);
    char *password = (char *)file.bytes;

    if (password == NULL) {
        memcpy(error, file.error, sizeof file.error);
        return NULL;
    }
    password[strcspn(password, "\r\n")] = '\0';
    if (password[0] != '\0')
        return password;
    snprintf(error, sizeof file.error, "%.180s: its first line, the password, is empty", path);
    free(password);
    return NULL;
}

char *secret_take(char *argument)
{
    static char secret[SECRET_SIZE];

    if (strlen(argument) >= sizeof secret)
        usage_error("the password is longer than %u bytes; give a shorter one", SECRET_SIZE - 1);
    memcpy(secret, argument, strlen(argument) + 1);
    secret_hide(argument);
    return secret;
}

void secret_hide(char *argument)
{
    memset(argument, '*', strlen(argument));
}
