/* Calls to the system and to OpenSSL that can be made to fail: a program that names them by FAULTY
 * has functions of its own in front of theirs. To be included by one file of a program. Calls of
 * other threads than the test's never fail. */
#ifndef ANYTLS_TESTS_UNIT_FAULTS_H
#define ANYTLS_TESTS_UNIT_FAULTS_H

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "support.h"

static struct {
    const char *name; /* the call that fails, or two of them; NULL: none */
    int number;       /* and what errno is then */
    int skip;         /* it succeeds so often before */
    int times;        /* and fails so often */
    pthread_t thread;
} fault;

static void fail_call(const char *name, int number, int skip, int times)
{
    fault.name = name;
    fault.number = number;
    fault.skip = skip;
    fault.times = times;
    fault.thread = pthread_self();
}

static void no_faults(void)
{
    must(fault.times == 0 || fault.times > 1000, "%s did not fail", fault.name);
    fault.name = NULL;
}

static bool is_due(const char *name)
{
    if (fault.name == NULL || strstr(fault.name, name) == NULL || fault.times == 0 ||
        !pthread_equal(fault.thread, pthread_self()))
        return false;
    if (fault.skip > 0) {
        fault.skip--;
        return false;
    }
    fault.times--;
    errno = fault.number;
    return true;
}

#define FAULTY(type, name, parameters, arguments, failure)                                         \
    type name parameters                                                                           \
    {                                                                                              \
        type(*real) parameters;                                                                    \
                                                                                                   \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                 \
        return is_due(#name) ? (failure) : real arguments;                                         \
    }

#endif
