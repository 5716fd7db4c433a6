#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net.h"

#define PORT_WAIT 10000 /* ms */
#define STOP_WAIT 1000  /* ms */

static void sleep_ms(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void child_begin(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    descriptors_raise();
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

static int log_open(struct process *process)
{
    int descriptor;

    snprintf(process->log, sizeof process->log, "%.60s/anytls-bench.XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    descriptor = mkostemp(process->log, O_APPEND | O_CLOEXEC);
    if (descriptor < 0)
        process->log[0] = '\0';
    return descriptor;
}

bool process_start(struct process *process, const char *const *arguments,
                   const char *const *environment)
{
    pid_t parent = getpid();
    int output = log_open(process);

    fflush(stdout);
    process->pid = output >= 0 ? fork() : -1;
    if (process->pid == 0) {
        child_begin(parent);
        for (; environment != NULL && *environment != NULL; environment++)
            putenv((char *)(uintptr_t)*environment);
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        execv(arguments[0], (char *const *)(uintptr_t)arguments);
        fprintf(stderr, "%s: %s\n", arguments[0], strerror(errno));
        _exit(127);
    }
    if (output >= 0)
        close(output);
    if (process->pid > 0)
        return true;
    process->pid = 0;
    return false;
}

bool process_fork(struct process *process, void (*run)(void *context), void *context)
{
    pid_t parent = getpid();

    fflush(stdout);
    process->log[0] = '\0';
    process->pid = fork();
    if (process->pid == 0) {
        child_begin(parent);
        run(context);
        _exit(0);
    }
    if (process->pid > 0)
        return true;
    process->pid = 0;
    return false;
}

static bool has_ended(struct process *process)
{
    if (process->pid <= 0 || waitpid(process->pid, NULL, WNOHANG) == 0)
        return process->pid <= 0;
    process->pid = 0;
    return true;
}

bool process_wait_port(struct process *process, uint16_t port)
{
    for (int waited = 0; waited < PORT_WAIT; waited += 2) {
        int descriptor = net_connect(port);

        if (descriptor >= 0) {
            close(descriptor);
            /* Another program may hold the port: ours would have ended by now. */
            sleep_ms(5);
            return !has_ended(process);
        }
        if (has_ended(process))
            return false;
        sleep_ms(2);
    }
    return false;
}

const char *process_last_line(const struct process *process)
{
    static char line[256];
    char next[256];
    FILE *file = process->log[0] != '\0' ? fopen(process->log, "re") : NULL;

    snprintf(line, sizeof line, "it said nothing");
    while (file != NULL && fgets(next, sizeof next, file) != NULL)
        snprintf(line, sizeof line, "%.*s", (int)strcspn(next, "\n"), next);
    if (file != NULL)
        fclose(file);
    return line;
}

void process_stop(struct process *process)
{
    if (process->pid > 0)
        kill(process->pid, SIGTERM);
    for (int waited = 0; waited < STOP_WAIT && !has_ended(process); waited += 5)
        sleep_ms(5);
    if (process->pid > 0) {
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
        process->pid = 0;
    }
    if (process->log[0] != '\0')
        unlink(process->log);
    process->log[0] = '\0';
}

/* ---- What it has used ---- */

/* Adds up a number over a process and its children. */
static uint64_t sum_over(pid_t pid, uint64_t (*read_one)(pid_t pid))
{
    char path[64];
    uint64_t sum = read_one(pid);
    FILE *file;
    int child;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    file = fopen(path, "re");
    while (file != NULL && fscanf(file, "%d", &child) == 1)
        sum += sum_over(child, read_one);
    if (file != NULL)
        fclose(file);
    return sum;
}

static uint64_t cpu_of(pid_t pid)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

/* The sum of the lines of a file of /proc that begin with this word, in bytes. */
static uint64_t kilobytes_of(pid_t pid, const char *name, const char *word)
{
    char path[64];
    char line[256];
    uint64_t sum = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, word, strlen(word)) == 0 && strchr(line, ':') != NULL)
            sum += strtoull(strchr(line, ':') + 1, NULL, 10) * 1024;
    if (file != NULL)
        fclose(file);
    return sum;
}

static uint64_t private_of(pid_t pid)
{
    return kilobytes_of(pid, "smaps_rollup", "Private_Clean") +
           kilobytes_of(pid, "smaps_rollup", "Private_Dirty");
}

static uint64_t resident_of(pid_t pid)
{
    return kilobytes_of(pid, "status", "VmRSS");
}

static uint64_t peak_of(pid_t pid)
{
    return kilobytes_of(pid, "status", "VmHWM");
}

uint64_t process_cpu(const struct process *process)
{
    return sum_over(process->pid, cpu_of);
}

uint64_t process_private(const struct process *process)
{
    return sum_over(process->pid, private_of);
}

uint64_t process_resident(const struct process *process)
{
    return sum_over(process->pid, resident_of);
}

uint64_t process_resident_peak(const struct process *process)
{
    return sum_over(process->pid, peak_of);
}
