#include "runner.h"

#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "target.h"
#include "tls.h"

#define JOBS_MAX 64u

struct job {
    pid_t pid;
    int result;
    size_t index;
    uint64_t began;
    struct oracle_buffer text;
};

/* ---- Choosing ---- */

static bool wanted(const struct options *options, const struct outcome *outcome)
{
    char pattern_text[256];

    if ((outcome->test->flags & CASE_SLOW) != 0 && !options->slow && !options->list)
        return false;
    if (outcome->level > options->level)
        return false;
    if (options->section != NULL && strcmp(options->section, outcome->section->name) != 0)
        return false;
    if (options->match == NULL || fnmatch(options->match, outcome->name, 0) == 0)
        return true;
    snprintf(pattern_text, sizeof pattern_text, "*%s*", options->match);
    return fnmatch(pattern_text, outcome->name, 0) == 0;
}

static bool results_add(struct results *results, const struct options *options,
                        const struct section *section, const struct test *test)
{
    struct outcome outcome = {.section = section, .test = test, .verdict = VERDICT_SKIP};
    struct outcome *grown;

    outcome.requirement = requirement_find(test->requirement);
    snprintf(outcome.name, sizeof outcome.name, "%s/%s/%s", mode_name(options), section->name,
             test->name);
    snprintf(outcome.message, sizeof outcome.message, "not run");
    if (outcome.requirement != NULL)
        outcome.level = (test->flags & CASE_MAY) != 0 ? LEVEL_MAY : outcome.requirement->level;
    if (outcome.requirement == NULL) {
        fprintf(stderr, "anytls-conform: %s: no requirement %s in spec/requirements.tsv\n",
                outcome.name, test->requirement);
        return false;
    }
    if (!wanted(options, &outcome))
        return true;
    grown = realloc(results->outcomes, (results->count + 1) * sizeof *grown);
    if (grown == NULL)
        return false;
    results->outcomes = grown;
    results->outcomes[results->count++] = outcome;
    return true;
}

struct results results_choose(const struct options *options)
{
    const struct section *const *sections = mode_sections(options);
    struct results results = {NULL, 0};
    bool right = true;

    for (; *sections != NULL && right; sections++)
        for (size_t i = 0; i < (*sections)->count && right; i++)
            right = results_add(&results, options, *sections, &(*sections)->tests[i]);
    if (right && options->expect != NULL)
        right = expect_read(&results, options->expect);
    if (right && results.count > 0)
        return results;
    if (right)
        fprintf(stderr, "anytls-conform: no case is chosen; see --list\n");
    free(results.outcomes);
    return (struct results){NULL, 0};
}

/* ---- Running ---- */

static void folder_make(struct run *run, const struct outcome *outcome)
{
    static char keylog[640];
    char *slash;

    if (run->options->save == NULL)
        return;
    snprintf(run->folder, sizeof run->folder, "%s/%s", run->options->save, outcome->name);
    for (slash = run->folder + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(run->folder, 0777);
        *slash = '/';
    }
    mkdir(run->folder, 0777);
    snprintf(keylog, sizeof keylog, "%s/keylog.txt", run->folder);
    tls_keylog_also(keylog);
}

__attribute__((noreturn)) static void case_run(const struct options *options,
                                               const struct outcome *outcome, int result)
{
    struct run run = {.options = options,
                      .section = outcome->section,
                      .test = outcome->test,
                      .argument = outcome->test->argument,
                      .result = result,
                      .began = now_ms(),
                      .random = options->seed,
                      .listening = -1,
                      .client = -1};

    signal(SIGPIPE, SIG_IGN);
    folder_make(&run, outcome);
    if (options->client_mode)
        client_start(&run);
    if (options->chain_mode) {
        snprintf(run.socks_host, sizeof run.socks_host, "%.127s", options->host);
        snprintf(run.socks_port, sizeof run.socks_port, "%.7s", options->port);
    }
    outcome->test->function(&run);
    pass(&run);
}

static bool job_start(const struct options *options, const struct outcome *outcome, size_t index,
                      struct job *job)
{
    int ends[2];
    pid_t parent = getpid();

    *job = (struct job){.index = index, .began = now_ms()};
    if (pipe(ends) != 0)
        return false;
    fflush(stdout);
    job->pid = fork();
    if (job->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setpgid(0, 0);
        close(ends[0]);
        if (getppid() == parent)
            case_run(options, outcome, ends[1]);
        _exit(1);
    }
    close(ends[1]);
    job->result = ends[0];
    return job->pid > 0;
}

static void job_end(struct outcome *outcome, struct job *job, bool timeout)
{
    const char *text = (const char *)job->text.at;
    size_t message;

    killpg(job->pid, SIGKILL); /* also a client under test that is left */
    kill(job->pid, SIGKILL);
    waitpid(job->pid, NULL, 0);
    close(job->result);
    oracle_buffer_byte(&job->text, 0);
    text = (const char *)job->text.at;
    outcome->took = now_ms() - job->began;
    free(outcome->transcript);
    outcome->transcript = NULL;
    if (job->text.size < 3) {
        outcome->verdict = timeout ? VERDICT_FAIL : VERDICT_ERROR;
        snprintf(outcome->message, sizeof outcome->message, "%s",
                 timeout ? "no verdict within the time of a case" : "the case's process died");
        oracle_buffer_free(&job->text);
        return;
    }
    outcome->verdict = (enum verdict)text[0];
    snprintf(outcome->message, sizeof outcome->message, "%s", text + 1);
    message = strlen(text + 1);
    if (job->text.size > message + 3)
        outcome->transcript = strdup(text + message + 2);
    oracle_buffer_free(&job->text);
}

/* Reads what a case says. true: it has ended. */
static bool job_read(struct job *job)
{
    uint8_t bytes[4096];
    ssize_t size = read(job->result, bytes, sizeof bytes);

    if (size > 0)
        oracle_buffer_add(&job->text, (struct oracle_bytes){bytes, (size_t)size});
    return size <= 0;
}

static uint64_t job_limit(const struct options *options, const struct outcome *outcome)
{
    return options->timeout * UINT64_C(8) +
           ((outcome->test->flags & CASE_SLOW) != 0 ? 120000 : 10000);
}

/* Waits for jobs; ends those that are done. Returns the index of one that is, or count. */
static size_t jobs_wait(const struct options *options, struct results *results, struct job *jobs,
                        size_t count)
{
    struct pollfd pollers[JOBS_MAX];

    for (size_t i = 0; i < count; i++)
        pollers[i] = (struct pollfd){jobs[i].result, POLLIN, 0};
    poll(pollers, (nfds_t)count, 200);
    for (size_t i = 0; i < count; i++) {
        struct outcome *outcome = &results->outcomes[jobs[i].index];
        bool late = now_ms() - jobs[i].began > job_limit(options, outcome);

        if ((pollers[i].revents == 0 || !job_read(&jobs[i])) && !late)
            continue;
        job_end(outcome, &jobs[i], late);
        return i;
    }
    return count;
}

static void progress(const struct results *results, size_t done)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%zu of %zu cases\033[K%s", done, results->count,
                done == results->count ? "\r\033[K" : "");
}

/* Cases end in any order, and are told in that of the list. */
static void tell(const struct options *options, struct results *results, const bool *done,
                 size_t *told)
{
    for (; *told < results->count && done[*told]; (*told)++)
        report_case(options, &results->outcomes[*told]);
}

static void run_all(const struct options *options, struct results *results, bool *done)
{
    struct job jobs[JOBS_MAX];
    size_t running = 0;
    size_t next = 0;
    size_t ended = 0;
    size_t told = 0;
    bool stop = false;

    while (running > 0 || (next < results->count && !stop)) {
        size_t at;

        while (running < options->jobs && next < results->count && !stop) {
            if (!job_start(options, &results->outcomes[next], next, &jobs[running])) {
                fprintf(stderr, "anytls-conform: no process for a case: %s\n", strerror(errno));
                exit(2);
            }
            running++;
            next++;
        }
        at = jobs_wait(options, results, jobs, running);
        if (at == running)
            continue;
        done[jobs[at].index] = true;
        ended++;
        stop = stop ||
               (options->fail_fast && outcome_counts(options, &results->outcomes[jobs[at].index]));
        jobs[at] = jobs[--running];
        progress(results, ended);
        tell(options, results, done, &told);
    }
    for (size_t i = told; i < results->count; i++)
        if (done[i])
            report_case(options, &results->outcomes[i]);
}

bool outcome_counts(const struct options *options, const struct outcome *outcome)
{
    enum level lowest = options->pedantic ? LEVEL_MAY : options->strict ? LEVEL_SHOULD : LEVEL_MUST;

    if (outcome->expected)
        return outcome->verdict == VERDICT_PASS;
    if (outcome->verdict == VERDICT_ERROR)
        return true;
    return outcome->verdict == VERDICT_FAIL && outcome->level <= lowest;
}

void results_run(const struct options *options, struct results *results)
{
    for (unsigned i = 0; i < options->repeat; i++) {
        bool *done = calloc(results->count, sizeof *done);
        bool failed = false;

        if (done == NULL)
            return;
        run_all(options, results, done);
        free(done);
        for (size_t k = 0; k < results->count; k++)
            failed = failed || outcome_counts(options, &results->outcomes[k]);
        if (failed)
            return; /* the round that failed is the one that is reported */
    }
}

/* ---- Before all cases ---- */

static void server_preflight(struct run *run)
{
    const char *why = "";
    struct peer *peer = peer_try(run, &why);
    struct target *target;

    if (peer == NULL)
        fail(run, "%s", why);
    target = target_start(run, TARGET_ECHO, 0);
    add_preamble(peer, run->options->password, 30);
    flush(peer);
    add_hello(peer);
    add_open(peer, 1, destination(run, target->port));
    add(peer, ORACLE_PSH, 1, "ping");
    flush(peer);
    if (await_try(peer, ORACLE_PSH, 1, deadline(run)) != NULL)
        return;
    if (!peer_is_closed(peer))
        fail(run,
             "TLS works, but a stream to an echo target brings no answer in time: may the "
             "server reach %s?",
             run->options->targets);
    if (seen_count(peer, ORACLE_ALERT, ANY) > 0)
        fail(run, "the server refuses a plain session by an Alert");
    fail(run, "TLS works, but the server closes the session: is the password right, and is this an "
              "AnyTLS server?");
}

bool preflight(const struct options *options, char *message, size_t size)
{
    static struct section section = {"preflight", NULL, 0};
    struct test test = {.name = "preflight", .requirement = "AUTH-PREAMBLE"};
    struct outcome outcome = {.section = &section, .test = &test, .name = "preflight"};
    struct results results = {&outcome, 1};
    struct job job;

    test.function = options->chain_mode    ? chain_preflight
                    : options->client_mode ? client_preflight
                                           : server_preflight;
    if (!job_start(options, &outcome, 0, &job))
        return false;
    while (jobs_wait(options, &results, &job, 1) == 1)
        ;
    snprintf(message, size, "%s", outcome.message);
    return outcome.verdict == VERDICT_PASS;
}
