#include "machine.h"

#include <gnu/libc-version.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static const char *const telling[] = {"sse4_2", "avx2", "avx512f", "bmi2",
                                      "erms",   "fsrm", "aes",     "vaes"};

/* Whether the words of a line have this one among them. */
static bool has_word(const char *line, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = strstr(line, word); at != NULL; at = strstr(at + size, word))
        if (at[-1] == ' ' && (at[size] == ' ' || at[size] == '\n'))
            return true;
    return false;
}

static void flags_set(struct machine *machine, const char *line)
{
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
        size_t used = strlen(machine->flags);

        if (has_word(line, telling[i]))
            snprintf(machine->flags + used, sizeof machine->flags - used, "%s%s",
                     used > 0 ? " " : "", telling[i]);
    }
}

static void processor_read(struct machine *machine)
{
    static char line[8192];
    FILE *file = fopen("/proc/cpuinfo", "re");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *value = strchr(line, ':');

        if (value == NULL)
            continue;
        if (strncmp(line, "model name", 10) == 0 && machine->processor[0] == '\0')
            snprintf(machine->processor, sizeof machine->processor, "%.*s",
                     (int)strcspn(value + 2, "\n"), value + 2);
        if (strncmp(line, "flags", 5) == 0 && machine->flags[0] == '\0')
            flags_set(machine, value);
    }
    if (file != NULL)
        fclose(file);
}

struct machine machine_read(void)
{
    struct machine machine = {.cores = sysconf(_SC_NPROCESSORS_ONLN)};
    struct utsname system;

    processor_read(&machine);
    if (uname(&system) == 0)
        snprintf(machine.kernel, sizeof machine.kernel, "%.20s %.60s", system.sysname,
                 system.release);
    snprintf(machine.compiler, sizeof machine.compiler, "%s", COMPILER);
    snprintf(machine.libc, sizeof machine.libc, "glibc %s", gnu_get_libc_version());
    snprintf(machine.openssl, sizeof machine.openssl, "%s", OpenSSL_version(OPENSSL_VERSION));
    return machine;
}
