/* Every call of the system and of OpenSSL that ref/io names is made to fail: each scenario is run
 * again and again, and fails at the first, the second, ... call of a name, once only, and from then
 * on. Each time a function of ref/io has to say so, apart from the places of the table below, where
 * all has to come out right in spite of it; nothing may crash, hang, be lost or stay open. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#include "faults_calls.h"
#include "faults_scenarios.h"
#include "support_io.h"

#define LIMIT 10000u /* milliseconds: what takes longer hangs */

static const struct scenario *const scenarios[] = {
    &scenario_log,
    &scenario_digest,
    &scenario_certificate,
    &scenario_server_context,
    &scenario_client_context,
    &scenario_listen,
    &scenario_client,
    &scenario_server,
};

/* ---- Where ref/io goes on after a call that failed ---- */

enum verdict {
    REPORTED, /* some function has to say that it failed */
    ABSORBED, /* all has to be done as without the fault */
    EITHER
};

static const struct {
    const char *call;
    const char *stage;
    enum verdict verdict;
} exceptions[] = {
    /* A log has nowhere to report to; its entry is cut, or lost. */
    {"clock_gettime", "log", ABSORBED},
    {"vsnprintf", "log", ABSORBED},
    {"write", "log", ABSORBED},
    /* Secrets for a dissector that cannot be written are lost, not the connection. */
    {"fprintf", "connect", ABSORBED},
    {"fflush", "connect", ABSORBED},
    {"fclose", "end", ABSORBED},
    /* TCP_NODELAY and a descriptor that waits by itself: without them it is slower. */
    {"setsockopt", "connect", ABSORBED},
    {"fcntl", "connect", ABSORBED},
    /* Padding is drawn from 0 then. */
    {"RAND_bytes", "talk", ABSORBED},
    /* Settings of a context whose call answers with the old value, or always with success. */
    {"SSL_CTX_ctrl", "context", ABSORBED},
    {"SSL_CTX_set_num_tickets", "context", ABSORBED},
    /* Who closes has had all that he waited for. */
    {"SSL_shutdown", "close", ABSORBED},
    {"shutdown", "close", ABSORBED},
    {"send", "close", ABSORBED},
    {"recv", "close", ABSORBED},
    {"poll", "close", ABSORBED},
    {"close", "close", ABSORBED},
    /* What runs once has run already. */
    {"CRYPTO_THREAD_run_once", "begin", ABSORBED},
    {"CRYPTO_THREAD_run_once", "connect", ABSORBED},
    /* A kind of BIO without a number of its own is as good. */
    {"BIO_get_new_index", "first", ABSORBED},
    /* An address without memory to read it counts as a name, which no address matches. */
    {"a2i_IPADDRESS", "certificate", ABSORBED},
    {"a2i_IPADDRESS", "context", ABSORBED},
    {"a2i_IPADDRESS", "begin", ABSORBED},
    {"a2i_IPADDRESS", "connect", EITHER},
};

static enum verdict expected(const char *call, const char *stage)
{
    for (size_t i = 0; i < COUNT(exceptions); i++)
        if (strcmp(exceptions[i].call, call) == 0 && strcmp(exceptions[i].stage, stage) == 0)
            return exceptions[i].verdict;
    return REPORTED;
}

/* ---- One run ---- */

static size_t open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    must(folder != NULL, "no list of descriptors");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static uint64_t clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

struct outcome {
    const char *failed; /* at which stage; NULL: no call failed */
    bool done;
    unsigned counts[FAULT_CALLS];
};

static struct outcome run(const struct scenario *scenario, struct fault_plan plan)
{
    size_t before = open_descriptors();
    uint64_t begun = clock_now();
    struct outcome outcome;

    if (scenario->set_up != NULL)
        scenario->set_up();
    fault_arm(plan);
    outcome.done = scenario->run();
    outcome.failed = fault_disarm();
    for (enum fault_call call = 0; call < FAULT_CALLS; call++)
        outcome.counts[call] = fault_count(call);
    if (scenario->tear_down != NULL)
        scenario->tear_down();
    ERR_clear_error();
    must(open_descriptors() == before, "%s, %s %u: descriptors stay open", scenario->name,
         fault_name(plan.call), plan.first);
    must(clock_now() - begun < LIMIT, "%s, %s %u: it takes too long", scenario->name,
         fault_name(plan.call), plan.first);
    return outcome;
}

static struct outcome run_without(const struct scenario *scenario)
{
    struct fault_plan none = {FAULT_CALLS, 0, 0, false};
    struct outcome outcome = run(scenario, none);

    must(outcome.done, "%s fails without a fault", scenario->name);
    return outcome;
}

/* ---- The sum, for a report ---- */

static void write_row(const struct scenario *scenario, enum fault_call call, const unsigned *sums)
{
    const char *path = getenv("FAULTS_TABLE");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;

    if (path == NULL)
        return;
    must(file != NULL, "cannot write %s", path);
    fprintf(file, "%s\t%s\t%u\t%u\n", fault_name(call), scenario->name, sums[REPORTED],
            sums[ABSORBED]);
    must(fclose(file) == 0, "cannot write %s", path);
}

/* ---- All runs ---- */

static void judge(const struct scenario *scenario, struct fault_plan plan, struct outcome outcome)
{
    const char *name = fault_name(plan.call);
    enum verdict verdict = expected(name, outcome.failed);

    if (plan.number != 0)
        verdict = ABSORBED; /* interrupted calls and their like are no failures */
    must(verdict != REPORTED || !outcome.done, "%s: nobody says that %s %u failed (%s)",
         scenario->name, name, plan.first, outcome.failed);
    /* With a lasting fault other calls may fail that matter more. */
    must(verdict != ABSORBED || outcome.done || plan.lasting, "%s: %s %u may fail (%s)",
         scenario->name, name, plan.first, outcome.failed);
}

static void fail_each(const struct scenario *scenario, struct fault_plan plan, unsigned *sums)
{
    for (plan.first = 1;; plan.first++) {
        struct outcome outcome = run(scenario, plan);

        if (outcome.failed == NULL) {
            must(outcome.done, "%s fails without a fault", scenario->name);
            return;
        }
        judge(scenario, plan, outcome);
        sums[outcome.done ? ABSORBED : REPORTED]++;
        must(plan.first < 1000, "%s: no end of %s", scenario->name, fault_name(plan.call));
    }
}

static void fail_all(const struct scenario *scenario)
{
    struct outcome whole = run_without(scenario);

    for (enum fault_call call = 0; call < FAULT_CALLS; call++) {
        unsigned sums[2] = {0, 0};

        if (whole.counts[call] == 0)
            continue;
        for (int lasting = 0; lasting < 2; lasting++) {
            struct fault_plan plan = {call, 0, 1, lasting == 1};

            fail_each(scenario, plan, sums);
        }
        write_row(scenario, call, sums);
    }
}

START_TEST(a_log_entry_outlives_every_fault)
{
    fail_all(&scenario_log);
}
END_TEST

START_TEST(digests_say_that_any_call_has_failed)
{
    fail_all(&scenario_digest);
}
END_TEST

START_TEST(certificates_say_that_any_call_has_failed)
{
    fail_all(&scenario_certificate);
}
END_TEST

START_TEST(contexts_say_that_any_call_has_failed)
{
    fail_all(&scenario_server_context);
    fail_all(&scenario_client_context);
}
END_TEST

START_TEST(listeners_say_that_any_call_has_failed)
{
    fail_all(&scenario_listen);
}
END_TEST

START_TEST(clients_say_that_any_call_has_failed)
{
    fail_all(&scenario_client);
}
END_TEST

START_TEST(servers_say_that_any_call_has_failed)
{
    fail_all(&scenario_server);
}
END_TEST

START_TEST(calls_that_are_interrupted_are_made_again)
{
    static const struct {
        enum fault_call call;
        int number;
    } rows[] = {{FAULT_recv, EINTR},           {FAULT_recv, EAGAIN},   {FAULT_send, EINTR},
                {FAULT_send, EAGAIN},          {FAULT_poll, EINTR},    {FAULT_accept4, EINTR},
                {FAULT_accept4, ECONNABORTED}, {FAULT_accept4, EAGAIN}};

    for (size_t i = 0; i < COUNT(scenarios); i++) {
        struct outcome whole = run_without(scenarios[i]);

        for (size_t row = 0; row < COUNT(rows); row++) {
            struct fault_plan plan = {rows[row].call, rows[row].number, 1, false};
            unsigned sums[2] = {0, 0};

            if (whole.counts[plan.call] > 0)
                fail_each(scenarios[i], plan, sums);
        }
    }
}
END_TEST

/* ---- What happens once in a process ---- */

static const enum fault_call first_calls[] = {
    FAULT_BIO_get_new_index,       FAULT_BIO_meth_new,      FAULT_BIO_meth_set_read_ex,
    FAULT_BIO_meth_set_write_ex,   FAULT_BIO_meth_set_ctrl, FAULT_CRYPTO_THREAD_run_once,
    FAULT_CRYPTO_get_ex_new_index,
};

/* The exit code of a new process that runs the scenario with this fault: none that a shell, a
 * sanitizer or a failed assertion gives. */
enum { FIRST_DONE = 40, FIRST_REPORTED, FIRST_WITHOUT };

static const char *program;

static int first_in_child(const char *call, bool lasting)
{
    struct fault_plan plan = {fault_find(call), 0, 1, lasting};
    struct outcome outcome = run(&scenario_first, plan);

    if (outcome.failed == NULL)
        return FIRST_WITHOUT;
    return outcome.done ? FIRST_DONE : FIRST_REPORTED;
}

static int first_process(const char *call, bool lasting)
{
    pid_t child = fork();
    int status = 0;

    must(child >= 0, "no process");
    if (child == 0) {
        execl(program, program, call, lasting ? "lasting" : "once", (char *)NULL);
        _exit(127);
    }
    must(waitpid(child, &status, 0) == child && WIFEXITED(status), "%s: a crash", call);
    return WEXITSTATUS(status);
}

START_TEST(a_process_whose_first_connection_fails_anywhere_says_so)
{
    must(first_process("none", false) == FIRST_WITHOUT, "it fails without a fault");
    for (size_t i = 0; i < COUNT(first_calls); i++) {
        const char *name = fault_name(first_calls[i]);
        enum verdict verdict = expected(name, "first");
        unsigned sums[2] = {0, 0};

        for (int lasting = 0; lasting < 2; lasting++) {
            int code = first_process(name, lasting == 1);

            must(code == (verdict == ABSORBED ? FIRST_DONE : FIRST_REPORTED), "%s: exit code %d",
                 name, code);
            sums[verdict]++;
        }
        write_row(&scenario_first, first_calls[i], sums);
    }
}
END_TEST

/* A call that no scenario makes is one whose failure nobody has seen. */
START_TEST(every_call_is_made_in_some_scenario)
{
    bool made[FAULT_CALLS] = {false};

    for (size_t i = 0; i < COUNT(first_calls); i++)
        made[first_calls[i]] = true;
    for (size_t i = 0; i < COUNT(scenarios); i++) {
        struct outcome whole = run_without(scenarios[i]);

        for (enum fault_call call = 0; call < FAULT_CALLS; call++)
            made[call] = made[call] || whole.counts[call] > 0;
    }
    for (enum fault_call call = 0; call < FAULT_CALLS; call++)
        must(made[call], "no scenario calls %s", fault_name(call));
}
END_TEST

static int run_tests(void)
{
    const TTest *const tests[] = {
        a_log_entry_outlives_every_fault,
        digests_say_that_any_call_has_failed,
        certificates_say_that_any_call_has_failed,
        contexts_say_that_any_call_has_failed,
        listeners_say_that_any_call_has_failed,
        clients_say_that_any_call_has_failed,
        servers_say_that_any_call_has_failed,
        calls_that_are_interrupted_are_made_again,
        a_process_whose_first_connection_fails_anywhere_says_so,
        every_call_is_made_in_some_scenario,
    };

    return suite_run("io faults every", tests, COUNT(tests));
}

/* With a call and "once" or "lasting": the process of one fault. */
static int run_as(int count, char **arguments)
{
    if (count == 3)
        return first_in_child(arguments[1], strcmp(arguments[2], "lasting") == 0);
    program = arguments[0];
    return run_tests();
}

int main(int count, char **arguments)
{
    return run_as(count, arguments);
}
