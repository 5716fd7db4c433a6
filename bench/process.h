/* Programs that are measured: started, waited for, asked what they have used. They end when the
 * program that started them does. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t pid;    /* 0: not running */
    char log[96]; /* file that its output goes to */
};

/* Starts a program. arguments: its path first, NULL last. environment: "NAME=VALUE" strings that
 * are added, NULL last; NULL: none. false: it cannot be started. */
bool process_start(struct process *process, const char *const *arguments,
                   const char *const *environment);

/* Starts a function of this program as a process of its own. */
bool process_fork(struct process *process, void (*run)(void *context), void *context);

/* Waits until a port of this host takes connections. false: the process ended, or it took longer
 * than some seconds; process_last_line then says more. */
bool process_wait_port(struct process *process, uint16_t port);

/* The last line that a process wrote: static memory. */
const char *process_last_line(const struct process *process);

/* Ends it: asks, waits for a second, then kills. */
void process_stop(struct process *process);

/* CPU time in nanoseconds, of the process and its children. */
uint64_t process_cpu(const struct process *process);

/* Bytes: private memory, and what is resident; of the process and its children. */
uint64_t process_private(const struct process *process);
uint64_t process_resident(const struct process *process);
uint64_t process_resident_peak(const struct process *process);

#endif
