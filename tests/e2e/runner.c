#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#define JOBS_DEFAULT 6 /* tests at once, beside those that wait */
#define JOBS_MAX 32
#define WAITING_MAX 32
#define TEST_LIMIT 60000u /* ms; what hangs for longer is killed */
#define TESTS_MAX 400
#define EXIT_FAILED 1
#define EXIT_SKIPPED 77

static const struct test *const areas[] = {
    tests_deadlines, tests_killed,         tests_memory,  tests_cut,      tests_transfer,
    tests_reuse,     tests_server_streams, tests_padding, tests_targets,  tests_client_streams,
    tests_fallback,  tests_password,       tests_udp,     tests_uot,      tests_options,
    tests_frames,    tests_garbage,        tests_signals, tests_go_peers,
};

static char build[4096];
static char scratch[64] = "/tmp/anytls-e2e-XXXXXX";

const char *build_folder(void)
{
    return build;
}

uint64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool wait_until(bool (*condition)(void *context), void *context, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;

    while (!condition(context)) {
        if (clock_ms() >= end)
            return condition(context);
        poll(NULL, 0, 5);
    }
    return true;
}

/* ---- In the process of a test ---- */

void test_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list arguments;

    printf("    %s:%d: ", file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n    expected: %s\n", condition);
    programs_print();
    fflush(stdout);
    _exit(EXIT_FAILED);
}

void test_skip(const char *format, ...)
{
    va_list arguments;
    const char *ci = getenv("CI");
    bool failed = ci != NULL && ci[0] != '\0' && strcmp(ci, "false") != 0;

    printf("    %s", failed ? "may not be skipped where CI is set: " : "");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    _exit(failed ? EXIT_FAILED : EXIT_SKIPPED);
}

static void surroundings_clear(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "all_proxy",
                                        "ALL_PROXY",  "HTTPS_PROXY", "NO_PROXY",
                                        "no_proxy",   "CURL_HOME",   "SSLKEYLOGFILE"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

_Noreturn static void run_here(const struct test *test, int output, const char *folder)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    surroundings_clear();
    if (mkdir(folder, 0700) != 0 || chdir(folder) != 0) {
        printf("    %s: %s\n", folder, strerror(errno));
        exit(EXIT_FAILED);
    }
    test->run();
    programs_stop();
    fflush(stdout);
    _exit(0);
}

/* ---- In the runner ---- */

struct job {
    const struct test *test;
    pid_t pid; /* 0: free */
    FILE *output;
    uint64_t began;
    bool timed_out;
};

struct totals {
    unsigned checks;
    unsigned failures;
    unsigned errors;
    unsigned skipped;
};

static void sentence_print(const char *name)
{
    for (; *name != '\0'; name++)
        putchar(*name == '_' ? ' ' : *name);
}

static void output_print(FILE *output)
{
    char line[2048];

    rewind(output);
    while (fgets(line, sizeof line, output) != NULL)
        fputs(line, stdout);
}

static void job_report(struct job *job, int status, struct totals *totals)
{
    double seconds = (double)(clock_ms() - job->began) / 1000;
    const char *verdict = "FAILED";

    totals->checks++;
    if (job->timed_out || !WIFEXITED(status))
        totals->errors++;
    else if (WEXITSTATUS(status) == 0)
        verdict = "pass";
    else if (WEXITSTATUS(status) == EXIT_SKIPPED)
        verdict = "skipped";
    else
        totals->failures++;
    if (strcmp(verdict, "skipped") == 0) {
        totals->checks--;
        totals->skipped++;
    }
    printf("%-7s %5.1f s  ", verdict, seconds);
    sentence_print(job->test->name);
    putchar('\n');
    if (job->timed_out)
        printf("    not done after %u s\n", TEST_LIMIT / 1000);
    else if (!WIFEXITED(status))
        printf("    ended by signal %d\n", WTERMSIG(status));
    if (strcmp(verdict, "pass") != 0)
        output_print(job->output);
    fflush(stdout);
}

static bool job_start(struct job *job, const struct test *test)
{
    char folder[sizeof scratch + 300];

    job->test = test;
    job->output = tmpfile();
    if (job->output == NULL || fcntl(fileno(job->output), F_SETFD, FD_CLOEXEC) != 0)
        return false;
    snprintf(folder, sizeof folder, "%s/%.200s", scratch, test->name);
    job->began = clock_ms();
    job->timed_out = false;
    fflush(stdout);
    job->pid = fork();
    if (job->pid == 0)
        run_here(test, fileno(job->output), folder);
    return job->pid > 0;
}

static void job_end(struct job *job, int status, struct totals *totals)
{
    kill(-job->pid, SIGKILL); /* what the test left behind */
    job_report(job, status, totals);
    fclose(job->output);
    job->pid = 0;
}

static void jobs_watch(struct job *jobs, struct totals *totals)
{
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);

    for (size_t i = 0; i < JOBS_MAX + WAITING_MAX; i++) {
        if (jobs[i].pid != 0 && jobs[i].pid == pid) {
            job_end(&jobs[i], status, totals);
        } else if (jobs[i].pid != 0 && clock_ms() - jobs[i].began > TEST_LIMIT) {
            jobs[i].timed_out = true;
            kill(jobs[i].pid, SIGKILL);
        }
    }
    if (pid <= 0)
        poll(NULL, 0, 5);
}

static size_t busy_count(const struct job *jobs, bool waiting)
{
    size_t busy = 0;

    for (size_t i = 0; i < JOBS_MAX + WAITING_MAX; i++)
        busy += jobs[i].pid != 0 && jobs[i].test->waits == waiting;
    return busy;
}

static struct job *job_free(struct job *jobs)
{
    for (size_t i = 0; i < JOBS_MAX + WAITING_MAX; i++)
        if (jobs[i].pid == 0)
            return &jobs[i];
    return NULL;
}

static bool is_wanted(const struct test *test, char **parts)
{
    if (*parts == NULL)
        return true;
    for (; *parts != NULL; parts++)
        if (strstr(test->name, *parts) != NULL)
            return true;
    return false;
}

static size_t tests_add(const struct test *list, bool waiting, char **parts,
                        const struct test **tests, size_t count)
{
    for (; list->name != NULL; list++)
        if (list->waits == waiting && is_wanted(list, parts) && count < TESTS_MAX)
            tests[count++] = list;
    return count;
}

/* Those that wait come first. */
static size_t tests_collect(const struct test *const *lists, size_t list_count, char **parts,
                            const struct test **tests)
{
    size_t count = 0;

    for (int waiting = 1; waiting >= 0; waiting--)
        for (size_t i = 0; i < list_count; i++)
            count = tests_add(lists[i], waiting == 1, parts, tests, count);
    return count;
}

static struct totals tests_run(const struct test **tests, size_t count, size_t job_count)
{
    static struct job jobs[JOBS_MAX + WAITING_MAX];
    struct totals totals = {0, 0, 0, 0};
    size_t next = 0;

    while (next < count || busy_count(jobs, true) + busy_count(jobs, false) > 0) {
        bool waits = next < count && tests[next]->waits;

        if (next < count && busy_count(jobs, waits) < (waits ? WAITING_MAX : job_count)) {
            if (!job_start(job_free(jobs), tests[next]))
                totals.errors++;
            next++;
        } else {
            jobs_watch(jobs, &totals);
        }
    }
    return totals;
}

static void scratch_remove(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execlp("rm", "rm", "-rf", scratch, (char *)NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
}

static int usage(void)
{
    fputs("Usage: e2e [-j JOBS] BUILD [PART-OF-A-TEST'S-NAME ...]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    const struct test *tests[TESTS_MAX];
    size_t jobs = JOBS_DEFAULT;
    uint64_t began = clock_ms();
    struct totals totals;
    size_t count;

    for (argv++, argc--; argc > 0 && argv[0][0] == '-'; argv++, argc--) {
        if (strcmp(argv[0], "-j") == 0 && argc > 1) {
            jobs = (size_t)strtoul(argv[1], NULL, 10);
            argv++, argc--;
        } else {
            return usage();
        }
    }
    if (argc < 1 || jobs < 1 || jobs > JOBS_MAX || realpath(argv[0], build) == NULL)
        return usage();
    if (mkdtemp(scratch) == NULL) {
        perror(scratch);
        return 1;
    }
    count = tests_collect(areas, sizeof areas / sizeof areas[0], argv + 1, tests);
    totals = tests_run(tests, count, jobs);
    scratch_remove();
    if (totals.skipped > 0)
        printf("%u skipped\n", totals.skipped);
    printf("%.0f s\n", (double)(clock_ms() - began) / 1000);
    printf("%u%%: Checks: %u, Failures: %u, Errors: %u\n",
           totals.checks == 0
               ? 100
               : 100 * (totals.checks - totals.failures - totals.errors) / totals.checks,
           totals.checks, totals.failures, totals.errors);
    return totals.failures + totals.errors == 0 ? 0 : 1;
}
