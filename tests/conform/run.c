/* What a case can say, and what every case needs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

#define TRANSCRIPT_MAX 262144u

uint64_t now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

uint64_t deadline(const struct run *run)
{
    return now_ms() + run->options->timeout;
}

uint32_t random_number(struct run *run)
{
    run->random = run->random * 1664525u + 1013904223u;
    return run->random >> 8;
}

void need_version_two(struct run *run)
{
    if (run->options->protocol < 2)
        skip(run, "is about version 2, and the peers claim version 1");
}

struct oracle_buffer pattern(size_t size, uint32_t salt)
{
    struct oracle_buffer bytes = {0};
    uint32_t state = salt * 2654435761u + 1;

    bytes.at = malloc(size > 0 ? size : 1);
    bytes.size = bytes.at == NULL ? 0 : size;
    bytes.capacity = bytes.size;
    for (size_t i = 0; i < bytes.size; i++) {
        state = state * 1664525u + 1013904223u;
        bytes.at[i] = (uint8_t)(state >> 24);
    }
    return bytes;
}

bool same(struct oracle_bytes a, struct oracle_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

void note(struct run *run, const char *format, ...)
{
    char line[512];
    va_list arguments;
    int start =
        snprintf(line, sizeof line, "%6llu ms  ", (unsigned long long)(now_ms() - run->began));

    if (run->transcript.size > TRANSCRIPT_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(line + start, sizeof line - (size_t)start, format, arguments);
    va_end(arguments);
    oracle_buffer_add(&run->transcript, oracle_string(line));
    oracle_buffer_byte(&run->transcript, '\n');
}

static void write_whole(int descriptor, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;

    while (size > 0) {
        ssize_t written = write(descriptor, next, size);

        if (written <= 0)
            return;
        next += written;
        size -= (size_t)written;
    }
}

static void save_transcript(struct run *run, const char *message)
{
    char path[640];
    FILE *file;

    if (run->folder[0] == '\0')
        return;
    snprintf(path, sizeof path, "%s/transcript.txt", run->folder);
    file = fopen(path, "we");
    if (file == NULL)
        return;
    fwrite(run->transcript.at, 1, run->transcript.size, file);
    fprintf(file, "%s\n", message);
    fclose(file);
}

/* The verdict as one byte, the message with a final zero, the transcript. */
__attribute__((noreturn)) static void end(struct run *run, enum verdict verdict,
                                          const char *message)
{
    uint8_t byte = (uint8_t)verdict;

    client_stop(run);
    save_transcript(run, message);
    write_whole(run->result, &byte, 1);
    write_whole(run->result, message, strlen(message) + 1);
    write_whole(run->result, run->transcript.at, run->transcript.size);
    _exit(0);
}

void pass(struct run *run)
{
    end(run, VERDICT_PASS, "");
}

#define END_WITH(verdict)                                                                          \
    char message[512];                                                                             \
    va_list arguments;                                                                             \
    va_start(arguments, format);                                                                   \
    vsnprintf(message, sizeof message, format, arguments);                                         \
    va_end(arguments);                                                                             \
    end(run, verdict, message)

void fail(struct run *run, const char *format, ...)
{
    END_WITH(VERDICT_FAIL);
}

void skip(struct run *run, const char *format, ...)
{
    END_WITH(VERDICT_SKIP);
}

void broken(struct run *run, const char *format, ...)
{
    END_WITH(VERDICT_ERROR);
}
