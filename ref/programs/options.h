/* What the programs share in reading their command line: one line for a mistake, exit code 2. */
#ifndef ANYTLS_PROGRAMS_OPTIONS_H
#define ANYTLS_PROGRAMS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#define EXIT_USAGE 2

/* The name that messages begin with. */
void options_program_set(const char *name);

/* Prints the message behind the program's name as one line, and exits with EXIT_USAGE. */
__attribute__((noreturn, format(printf, 1, 2))) void usage_error(const char *format, ...);

/* Reads a number from min to max, or ends the program, naming the option. */
uint32_t option_number(const char *option, const char *text, uint32_t min, uint32_t max);

struct file_bytes {
    uint8_t *bytes; /* to be freed by the caller; NULL: it could not be read */
    size_t size;
    char error[256]; /* why, with the file's name */
};

/* Reads a whole file of at most max bytes; a zero byte follows the bytes. */
struct file_bytes file_read(const char *path, size_t max);

/* Reads the password file: its first line, without the line's end. NULL: error (256 bytes) says
 * why. The caller frees it. */
char *password_file_read(const char *path, char *error);

/* A copy of an argument that is a secret, at most SECRET_SIZE - 1 bytes, in static memory; the
 * argument itself is overwritten, so that process lists do not show it. Once a program. */
char *secret_take(char *argument);

#define SECRET_SIZE 4096u

/* Overwrites an argument. */
void secret_hide(char *argument);

#endif
