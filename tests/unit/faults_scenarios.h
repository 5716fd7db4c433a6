/* What ref/io is made to do while its calls fail, one after the other. */
#ifndef ANYTLS_TESTS_UNIT_FAULTS_SCENARIOS_H
#define ANYTLS_TESTS_UNIT_FAULTS_SCENARIOS_H

#include <stdbool.h>

struct scenario {
    const char *name;
    void (*set_up)(void); /* without faults; NULL: nothing */
    /* true: all was done, and came out right. false: a function of ref/io said that it failed, in
     * the way that its header documents. Anything else fails the test. */
    bool (*run)(void);
    void (*tear_down)(void); /* without faults; NULL: nothing */
};

extern const struct scenario scenario_log;
extern const struct scenario scenario_digest;
extern const struct scenario scenario_certificate;
extern const struct scenario scenario_server_context;
extern const struct scenario scenario_client_context;
extern const struct scenario scenario_listen;
extern const struct scenario scenario_client;
extern const struct scenario scenario_server;

/* What happens once in a process only; so it has to be run in a new one each time. */
extern const struct scenario scenario_first;

#endif
