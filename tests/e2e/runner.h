/* Tests of whole programs: each test runs in a process of its own, several at once. */
#ifndef TESTS_E2E_RUNNER_H
#define TESTS_E2E_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test {
    const char *name; /* the sentence that it checks, with underscores; NULL ends a list */
    void (*run)(void);
    bool waits; /* for a deadline of the programs, mostly: it is started early, beside others */
};

#define TEST(name) {#name, name, false}
#define WAITING_TEST(name) {#name, name, true}
#define TESTS_END {NULL, NULL, false}

/* Ends the test as failed, with the logs of the programs that it started. */
#define expect(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            test_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                \
    } while (0)

_Noreturn void test_fail(const char *file, int line, const char *condition, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Ends the test as not run. Where CI is set this is a failure. */
_Noreturn void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Where the programs are: the build folder, as an absolute path. */
const char *build_folder(void);

/* Milliseconds of a clock that does not go back. */
uint64_t clock_ms(void);

/* Waits for a condition, looking often; false: the deadline of ms has passed. For what has no event
 * to wait for: another process's memory, descriptors, children. */
bool wait_until(bool (*condition)(void *context), void *context, uint64_t ms);

/* The lists of the areas. */
extern const struct test tests_deadlines[];
extern const struct test tests_transfer[];
extern const struct test tests_reuse[];
extern const struct test tests_server_streams[];
extern const struct test tests_client_streams[];
extern const struct test tests_padding[];
extern const struct test tests_targets[];
extern const struct test tests_killed[];
extern const struct test tests_cut[];
extern const struct test tests_memory[];
extern const struct test tests_fallback[];
extern const struct test tests_password[];
extern const struct test tests_udp[];
extern const struct test tests_uot[];
extern const struct test tests_options[];
extern const struct test tests_frames[];
extern const struct test tests_garbage[];
extern const struct test tests_signals[];
extern const struct test tests_go_peers[];

#endif
