#include "log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static enum anytls_log_level shown = ANYTLS_LOG_INFO;

void anytls_log_level_set(enum anytls_log_level level)
{
    shown = level;
}

static size_t prefix_write(char *line, size_t size, enum anytls_log_level level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    struct timespec now = {0, 0};
    struct tm utc;
    size_t used;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    return used + (size_t)snprintf(line + used, size - used, ".%03ldZ %s: ", now.tv_nsec / 1000000,
                                   names[level]);
}

void anytls_log(enum anytls_log_level level, const char *format, ...)
{
    char line[1024];
    size_t used;
    size_t start;
    va_list arguments;
    int written;

    if (level > shown)
        return;
    start = prefix_write(line, sizeof line, level);
    va_start(arguments, format);
    written = vsnprintf(line + start, sizeof line - start - 1, format, arguments);
    va_end(arguments);
    used = start + (written > 0 ? (size_t)written : 0);
    if (used > sizeof line - 2)
        used = sizeof line - 2;
    for (size_t i = start; i < used; i++)
        if (iscntrl((unsigned char)line[i]))
            line[i] = '?';
    line[used] = '\n';
    /* One write, so that lines of several processes do not mix; there is nowhere to report to. */
    if (write(STDERR_FILENO, line, used + 1) < 0)
        return;
}
