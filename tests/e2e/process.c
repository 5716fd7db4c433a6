#include "process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner.h"

#define PROGRAMS_MAX 64
#define LOG_MAX (8u * 1024u * 1024u)
#define LOG_SHOWN 6000u /* bytes of a log that are printed: its end */
#define START_TIMEOUT 10000u
#define STOP_TIMEOUT 8000u
#define STOP_PATIENCE 200u /* ms until a program is told again, to stop at once */

struct program {
    pid_t pid;
    char name[64];
    int output;
    pthread_t reader;
    pthread_mutex_t lock;
    pthread_cond_t grown;
    char *log;
    size_t log_size;
    bool log_ended;
    bool reaped;
    bool forgotten; /* its end is no matter */
    int status;
};

static struct program *programs[PROGRAMS_MAX];
static size_t program_count;

bool is_sanitized(void)
{
#if defined __SANITIZE_ADDRESS__
    return true;
#elif defined __has_feature
#if __has_feature(address_sanitizer)
    return true;
#endif
#endif
    return false;
}

/* ---- The log ---- */

static void *log_read(void *context)
{
    struct program *program = context;
    char bytes[16384];
    ssize_t got;

    while ((got = read(program->output, bytes, sizeof bytes)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        pthread_mutex_lock(&program->lock);
        if (program->log_size + (size_t)got < LOG_MAX) {
            char *grown = realloc(program->log, program->log_size + (size_t)got + 1);

            if (grown != NULL) {
                memcpy(grown + program->log_size, bytes, (size_t)got);
                program->log = grown;
                program->log_size += (size_t)got;
                grown[program->log_size] = '\0';
            }
        }
        pthread_cond_broadcast(&program->grown);
        pthread_mutex_unlock(&program->lock);
    }
    pthread_mutex_lock(&program->lock);
    program->log_ended = true;
    pthread_cond_broadcast(&program->grown);
    pthread_mutex_unlock(&program->lock);
    return NULL;
}

static struct timespec time_after(uint64_t ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(ms / 1000);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

static const char *log_find(const struct program *program, const char *text)
{
    return program->log != NULL ? strstr(program->log, text) : NULL;
}

static unsigned log_count(const struct program *program, const char *text)
{
    unsigned count = 0;
    const char *at;

    for (at = log_find(program, text); at != NULL; at = strstr(at + 1, text))
        count++;
    return count;
}

static bool logs_times(struct program *program, const char *text, unsigned times, uint64_t ms)
{
    struct timespec end = time_after(ms);
    bool found;
    int late = 0;

    pthread_mutex_lock(&program->lock);
    while (!(found = log_count(program, text) >= times) && !program->log_ended && late == 0)
        late = pthread_cond_timedwait(&program->grown, &program->lock, &end);
    pthread_mutex_unlock(&program->lock);
    return found;
}

bool program_logs(struct program *program, const char *text, uint64_t ms)
{
    return logs_times(program, text, 1, ms);
}

void program_must_log_times(struct program *program, const char *text, unsigned times, uint64_t ms)
{
    expect(logs_times(program, text, times, ms), "%s did not log \"%s\" %u times within %u ms",
           program->name, text, times, (unsigned)ms);
}

void program_must_log(struct program *program, const char *text, uint64_t ms)
{
    program_must_log_times(program, text, 1, ms);
}

unsigned program_log_count(struct program *program, const char *text)
{
    unsigned count;

    pthread_mutex_lock(&program->lock);
    count = log_count(program, text);
    pthread_mutex_unlock(&program->lock);
    return count;
}

size_t program_log_copy(struct program *program, char *text, size_t size)
{
    size_t copied;

    pthread_mutex_lock(&program->lock);
    copied = program->log_size < size - 1 ? program->log_size : size - 1;
    if (copied > 0)
        memcpy(text, program->log, copied);
    text[copied] = '\0';
    pthread_mutex_unlock(&program->lock);
    return copied;
}

static bool is_reaped(void *context)
{
    struct program *program = context;
    int status;

    if (!program->reaped && waitpid(program->pid, &status, WNOHANG) == program->pid) {
        program->reaped = true;
        program->status = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
    }
    return program->reaped;
}

void programs_print(void)
{
    for (size_t i = 0; i < program_count; i++) {
        struct program *program = programs[i];
        size_t start;

        pthread_mutex_lock(&program->lock);
        start = program->log_size > LOG_SHOWN ? program->log_size - LOG_SHOWN : 0;
        printf("    ---- %s (%d), ", program->name, (int)program->pid);
        if (is_reaped(program))
            printf("ended with %d:\n", program->status);
        else
            printf("running:\n");
        printf("%s", program->log != NULL ? program->log + start : "");
        pthread_mutex_unlock(&program->lock);
    }
}

/* ---- Start ---- */

static void program_path(const char *name, char *path, size_t size)
{
    bool built = strncmp(name, "anytls-", 7) == 0 || strchr(name, '/') != NULL;

    if (built)
        snprintf(path, size, "%s/%s", build_folder(), name);
    else
        snprintf(path, size, "%s", name);
}

_Noreturn static void become(const char *path, const char *const *arguments, int output)
{
    char *copies[ARGUMENTS_MAX + 1] = {strdup(path)};

    for (size_t i = 0; i < ARGUMENTS_MAX - 1 && arguments[i] != NULL; i++)
        copies[i + 1] = strdup(arguments[i]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(path, copies);
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    _exit(127);
}

struct program *program_start(const char *name, const char *const *arguments)
{
    struct program *program = calloc(1, sizeof *program);
    pthread_condattr_t clock;
    char path[4400];
    int ends[2];

    expect(program != NULL && program_count < PROGRAMS_MAX, "no room for one more program");
    expect(pipe2(ends, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    program_path(name, path, sizeof path);
    snprintf(program->name, sizeof program->name, "%.60s", name);
    program->output = ends[0];
    pthread_mutex_init(&program->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&program->grown, &clock);
    programs[program_count] = program;
    program_count++;
    program->pid = fork();
    if (program->pid == 0)
        become(path, arguments, ends[1]);
    close(ends[1]);
    expect(program->pid > 0, "fork: %s", strerror(errno));
    expect(pthread_create(&program->reader, NULL, log_read, program) == 0, "no thread");
    return program;
}

pid_t program_pid(const struct program *program)
{
    return program->pid;
}

/* Whether a process has a handler for TERM: its loop runs, or is about to. */
static bool catches_term_or_is_gone(void *pid)
{
    char path[64];
    char line[256];
    uint64_t caught = 0;
    bool gone = false;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)*(pid_t *)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return true;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "State:\tZ", 8) == 0)
            gone = true;
        else if (strncmp(line, "SigCgt:", 7) == 0)
            caught = strtoull(line + 7, NULL, 16);
    fclose(file);
    return gone || (caught >> (SIGTERM - 1) & 1) != 0;
}

void process_must_be_ready(pid_t pid)
{
    expect(wait_until(catches_term_or_is_gone, &pid, START_TIMEOUT),
           "process %d does not get ready", (int)pid);
}

uint16_t program_port(struct program *program)
{
    static const char mark[] = "listening on ";
    const char *at;
    unsigned long port = 0;

    program_must_log(program, mark, START_TIMEOUT);
    process_must_be_ready(program->pid);
    expect(!is_reaped(program), "%s ended after its start, with %d", program->name,
           program->status);
    pthread_mutex_lock(&program->lock);
    at = log_find(program, mark) + sizeof mark - 1;
    at += strcspn(at, " \n");
    while (isdigit((unsigned char)at[-1]))
        at--;
    port = strtoul(at, NULL, 10);
    pthread_mutex_unlock(&program->lock);
    expect(port > 0 && port < 65536, "%s listens on port %lu", program->name, port);
    return (uint16_t)port;
}

/* ---- End ---- */

int program_wait(struct program *program, uint64_t ms)
{
    if (!wait_until(is_reaped, program, ms))
        return PROGRAM_RUNS;
    program->forgotten = true;
    return program->status;
}

void program_signal(struct program *program, int signal)
{
    expect(!is_reaped(program), "%s has ended already, with %d", program->name, program->status);
    kill(program->pid, signal);
}

static void sanitizers_check(struct program *program)
{
    static const char *const words[] = {"AddressSanitizer", "LeakSanitizer", "runtime error:"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        expect(program_log_count(program, words[i]) == 0, "%s: %s", program->name, words[i]);
}

void program_stop(struct program *program)
{
    int status;

    program_signal(program, SIGTERM);
    if (program_wait(program, STOP_PATIENCE) == PROGRAM_RUNS)
        program_signal(program, SIGTERM);
    status = program_wait(program, STOP_TIMEOUT);
    expect(status != PROGRAM_RUNS, "%s did not stop within %u ms of TERM", program->name,
           STOP_TIMEOUT);
    expect(status == 0, "%s ended with %d at TERM", program->name, status);
    sanitizers_check(program);
}

void program_kill(struct program *program)
{
    program_signal(program, SIGKILL);
    expect(program_wait(program, STOP_TIMEOUT) != PROGRAM_RUNS, "KILL did not end %s",
           program->name);
}

void program_forget(struct program *program)
{
    program->forgotten = true;
}

void programs_stop(void)
{
    for (size_t i = program_count; i > 0; i--) {
        struct program *program = programs[i - 1];

        sanitizers_check(program);
        if (program->forgotten)
            continue;
        expect(!is_reaped(program), "%s ended by itself, with %d", program->name, program->status);
        program_stop(program);
    }
}
