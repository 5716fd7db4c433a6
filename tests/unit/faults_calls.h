/* Every call of the system and of OpenSSL that ref/io names, made to fail at will. A program with
 * faults is linked with objects of ref/io whose undefined symbols have new names: send is
 * fault_send, which is send, unless it is its turn to fail. So only calls of ref/io fail, and of
 * these only those of the thread that armed the fault. */
#ifndef ANYTLS_TESTS_UNIT_FAULTS_CALLS_H
#define ANYTLS_TESTS_UNIT_FAULTS_CALLS_H

#include <stdbool.h>
#include <stddef.h>

enum fault_call {
#define CALL(type, name, parameters, arguments, failure, number) FAULT_##name,
#define OWN(name) FAULT_##name,
#include "faults_list.h"
#undef CALL
#undef OWN
    FAULT_CALLS /* so many; as a call: none */
};

struct fault_plan {
    enum fault_call call;
    int number;     /* errno; 0: the call's own */
    unsigned first; /* which call of its name fails first, 1: the next one */
    bool lasting;   /* and so do all after it, and every end of a descriptor or file */
};

/* Arms a fault for this thread; the stage is then "none". */
void fault_arm(struct fault_plan plan);

/* Ends it. The stage at which the call failed first; NULL: it has not failed. */
const char *fault_disarm(void);

/* What the scenario is doing, for fault_disarm. */
void fault_stage(const char *stage);

/* The calls of one name since fault_arm. */
unsigned fault_count(enum fault_call call);

const char *fault_name(enum fault_call call);

/* The call of a name, or FAULT_CALLS. */
enum fault_call fault_find(const char *name);

#endif
