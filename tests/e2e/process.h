/* Programs under test: start, log, state, end. */
#ifndef TESTS_E2E_PROCESS_H
#define TESTS_E2E_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARGUMENTS_MAX 64

struct program;

/* Starts a program: of the build folder when its name begins with "anytls-" or holds a '/', else
 * from the path. Arguments end with NULL. To be called from the test's first thread. */
struct program *program_start(const char *name, const char *const *arguments);

/* Arguments as program_start wants them. */
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

pid_t program_pid(const struct program *program);

/* The port behind "listening on ADDRESS:" in its log, once it is ready. */
uint16_t program_port(struct program *program);

/* Waits until a process handles TERM, which is when its descriptors are all there. */
void process_must_be_ready(pid_t pid);

/* What it wrote to standard output and error. */
bool program_logs(struct program *program, const char *text, uint64_t ms); /* waits for it */
unsigned program_log_count(struct program *program, const char *text);
size_t program_log_copy(struct program *program, char *text, size_t size);

/* Waits for text in the log, or fails the test. */
void program_must_log(struct program *program, const char *text, uint64_t ms);
void program_must_log_times(struct program *program, const char *text, unsigned times, uint64_t ms);

#define PROGRAM_RUNS (-1)

/* Waits for its end: exit code, 256 + a signal's number, or PROGRAM_RUNS. */
int program_wait(struct program *program, uint64_t ms);

void program_signal(struct program *program, int signal);

/* Ends it by TERM: it must leave with exit code 0, and without a word from a sanitizer. */
void program_stop(struct program *program);

/* Ends it by KILL. */
void program_kill(struct program *program);

/* A program that ended, or was ended, must not be found fault with by programs_stop. */
void program_forget(struct program *program);

/* Descriptors and private memory (bytes) of a process. */
size_t process_descriptors(pid_t pid);
size_t process_memory(pid_t pid);

/* Waits until the process has this many descriptors, no more; else fails the test. */
void process_must_return_to(pid_t pid, size_t descriptors, uint64_t ms);

/* Children of a process; returns their number. */
size_t process_children(pid_t pid, pid_t *children, size_t max);

/* Whether the programs are built with a sanitizer, which has its own idea of memory. */
bool is_sanitized(void);

/* At the end of a test: stops what still runs, and finds fault with what ended by itself. */
void programs_stop(void);

/* Prints the logs of all programs. */
void programs_print(void);

#endif
