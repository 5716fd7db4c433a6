#include "faults_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *const names[] = {
#define CALL(type, name, parameters, arguments, failure, number) #name,
#define OWN(name) #name,
#include "faults_list.h"
#undef CALL
#undef OWN
};

static _Thread_local struct {
    bool armed;
    struct fault_plan plan;
    unsigned counts[FAULT_CALLS];
    const char *stage;
    const char *failed;
} fault;

void fault_arm(struct fault_plan plan)
{
    fault.plan = plan;
    memset(fault.counts, 0, sizeof fault.counts);
    fault.stage = "none";
    fault.failed = NULL;
    fault.armed = true;
}

const char *fault_disarm(void)
{
    fault.armed = false;
    return fault.failed;
}

void fault_stage(const char *stage)
{
    fault.stage = stage;
}

unsigned fault_count(enum fault_call call)
{
    return fault.counts[call];
}

const char *fault_name(enum fault_call call)
{
    return call < FAULT_CALLS ? names[call] : "no call";
}

enum fault_call fault_find(const char *name)
{
    enum fault_call call = (enum fault_call)0;

    while (call < FAULT_CALLS && strcmp(names[call], name) != 0)
        call++;
    return call;
}

static bool is_turn(enum fault_call call)
{
    const struct fault_plan *plan = &fault.plan;
    unsigned count = fault.counts[call];

    if (plan->lasting && fault.failed != NULL && (call == FAULT_close || call == FAULT_fclose))
        return true;
    return call == plan->call && (count == plan->first || (plan->lasting && count > plan->first));
}

/* Whether a call fails now; where it does, errno or OpenSSL's queue says why. */
static bool is_due(enum fault_call call, int number)
{
    if (!fault.armed)
        return false;
    fault.counts[call]++;
    if (!is_turn(call))
        return false;
    if (fault.failed == NULL)
        fault.failed = fault.stage;
    if (number == 0)
        ERR_raise(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
    else
        errno = fault.plan.number != 0 ? fault.plan.number : number;
    return true;
}

#define CALL(type, name, parameters, arguments, failure, number)                                   \
    type fault_##name parameters;                                                                  \
    type fault_##name parameters                                                                   \
    {                                                                                              \
        return is_due(FAULT_##name, number) ? (failure) : name arguments;                          \
    }
#define OWN(name)
#include "faults_list.h"

/* ---- Those that are not like the others ---- */

int fault_clock_gettime(clockid_t clock, struct timespec *now);
int fault_close(int fd);
int fault_fclose(FILE *file);
int fault_fcntl(int fd, int command, ...);
int fault_fprintf(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
EVP_PKEY *fault_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *kind,
                                  ...);

/* A clock that never goes back is there on every system that the library is for: only the
 * time of day can be refused. */
int fault_clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock == CLOCK_REALTIME && is_due(FAULT_clock_gettime, EINVAL))
        return -1;
    return clock_gettime(clock, now);
}

/* A close that fails has closed all the same (Linux). */
int fault_close(int fd)
{
    int result = close(fd);

    return is_due(FAULT_close, EIO) ? -1 : result;
}

int fault_fclose(FILE *file)
{
    int result = fclose(file);

    return is_due(FAULT_fclose, ENOSPC) ? EOF : result;
}

/* ref/io gives it a number. */
int fault_fcntl(int fd, int command, ...)
{
    va_list list;
    int number;

    va_start(list, command);
    number = va_arg(list, int);
    va_end(list);
    return is_due(FAULT_fcntl, EBADF) ? -1 : fcntl(fd, command, number);
}

int fault_fprintf(FILE *file, const char *format, ...)
{
    va_list list;
    int result;

    if (is_due(FAULT_fprintf, ENOSPC))
        return -1;
    va_start(list, format);
    result = vfprintf(file, format, list);
    va_end(list);
    return result;
}

/* ref/io asks for a key on a named curve. */
EVP_PKEY *fault_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *kind,
                                  ...)
{
    va_list list;
    char *group;

    va_start(list, kind);
    group = va_arg(list, char *);
    va_end(list);
    if (is_due(FAULT_EVP_PKEY_Q_keygen, 0))
        return NULL;
    return EVP_PKEY_Q_keygen(library, properties, kind, group);
}
