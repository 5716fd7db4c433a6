/* The HTTP target as a program, for the demonstration: http_target FOLDER serves FOLDER/NAME as
 * /file/NAME on a free port of 127.0.0.1, which it prints. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "runner.h"

_Noreturn void test_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "http_target: %s:%d: %s: ", file, line, condition);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

uint64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    struct target *target;

    if (argc != 2) {
        fputs("usage: http_target FOLDER\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    target = target_start(serve_http);
    target->folder = argv[1];
    printf("listening on 127.0.0.1:%u\n", (unsigned)target->port);
    fflush(stdout);
    for (;;)
        pause();
}
