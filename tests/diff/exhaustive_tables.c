/* The tables themselves: for every case exactly one row; and anytls_decide is transitions.tsv. */
#include <stdio.h>
#include <string.h>

#include "exhaustive.h"

static const char *const roles[] = {"server", "client"};
static const char *const states[] = {"new", "v1", "v2", "closed"};
static const char *const streams[] = {"fresh", "past", "opening", "open"};

static const char *const actions[] = {
    "drop",          "report",        "refuse-session",       "open-stream",    "deliver",
    "finish-stream", "take-settings", "take-server-settings", "take-scheme",    "take-alert",
    "accept-stream", "refuse-stream", "answer-heart",         "heart-answered",
};
static const char *const nexts[] = {"same", "by-version", "closed"};

/* A violation as the table names it. */
static const char *violation_name(enum anytls_status status)
{
    for (int i = ORACLE_OK + 1; i < ORACLE_STATUS_COUNT; i++)
        if (same_status(status, (enum oracle_status)i))
            return oracle_status_name((enum oracle_status)i);
    return "-";
}

static void compare_row(int role, int state, unsigned command, int stream, bool data)
{
    unsigned matches;
    struct oracle_row row = oracle_rules_row(oracle_rules_builtin(), roles[role], states[state],
                                             (uint8_t)command, streams[stream], data, &matches);
    struct anytls_decision decision =
        anytls_decide((enum anytls_role)role, (enum anytls_state)state, (uint8_t)command,
                      (enum anytls_stream_state)stream, data);
    bool same = matches == 1 && strcmp(row.action, actions[decision.action]) == 0 &&
                strcmp(row.violation, violation_name(decision.violation)) == 0 &&
                strcmp(row.next, nexts[decision.next]) == 0;

    if (!agree(same) && tell())
        printf("  %s %s command %u %s %s: %u rows, line %u: %s %s %s; decide.c: %s %s %s\n",
               roles[role], states[state], command, streams[stream], data ? "some" : "empty",
               matches, row.line, row.action, row.violation, row.next, actions[decision.action],
               violation_name(decision.violation), nexts[decision.next]);
}

static void compare_call_row(int role, int state, const char *call, const char *when)
{
    unsigned matches;
    struct oracle_call_row row =
        oracle_rules_call(oracle_rules_builtin(), roles[role], states[state], call, when, &matches);

    if (!agree(matches == 1) && tell())
        printf("  %s %s %s %s: %u rows, the first is line %u\n", roles[role], states[state], call,
               when, matches, row.line);
}

static const struct {
    const char *call;
    const char *when[4];
} conditions[] = {
    {"open", {"ids-ended", "full", "free", NULL}},
    {"send", {"fresh", "past", "opening", "open"}},
    {"finish", {"fresh", "past", "opening", "open"}},
    {"accept", {"fresh", "past", "opening", "open"}},
    {"refuse", {"fresh", "past", "opening", "open"}},
    {"heartbeat", {"idle", "waiting", NULL, NULL}},
    {"tick", {"nothing", "heart-due", "end-due", NULL}},
    {"alert", {"always", NULL, NULL, NULL}},
    {"close", {"always", NULL, NULL, NULL}},
};

static bool exists(int role, int state)
{
    return !(role == ANYTLS_CLIENT && state == ANYTLS_STATE_NEW);
}

static void compare_state_rows(int role, int state)
{
    for (unsigned command = 0; command <= 255; command++)
        for (int stream = 0; stream < 4; stream++)
            for (int data = 0; data < 2; data++)
                compare_row(role, state, command, stream, data == 1);
}

static void compare_state_calls(int role, int state)
{
    for (size_t i = 0; i < COUNT_OF(conditions); i++)
        for (size_t when = 0; when < 4 && conditions[i].when[when] != NULL; when++)
            compare_call_row(role, state, conditions[i].call, conditions[i].when[when]);
}

void compare_tables(void)
{
    part_begin("transitions.tsv and decide.c, each row once");
    for (int role = ANYTLS_SERVER; role <= ANYTLS_CLIENT; role++)
        for (int state = ANYTLS_STATE_NEW; state < ANYTLS_STATE_CLOSED; state++)
            if (exists(role, state))
                compare_state_rows(role, state);
    part_begin("calls.tsv, each row once");
    for (int role = ANYTLS_SERVER; role <= ANYTLS_CLIENT; role++)
        for (int state = ANYTLS_STATE_NEW; state <= ANYTLS_STATE_CLOSED; state++)
            if (exists(role, state))
                compare_state_calls(role, state);
}
