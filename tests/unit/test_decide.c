/* The decision function against a table of its own: role, state, command, stream, data. */
#include "support.h"

#include <string.h>

/* Letters of the columns: role s, c; state n (new), 1, 2; stream f (fresh), p (past), o (opening),
 * a (accepted); data - (none), d. Each combination is in exactly one row. */
static const struct row {
    const char *role;
    const char *state;
    unsigned command;
    const char *stream;
    const char *data;
    enum anytls_action action;
    enum anytls_status violation;
    enum anytls_next next;
} rows[] = {
    {"sc", "n12", 0, "fpoa", "-d", ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME},

    {"s", "n", 1, "fpoa", "-d", ANYTLS_REFUSE_SESSION, ANYTLS_SYN_BEFORE_SETTINGS,
     ANYTLS_NEXT_CLOSED},
    {"s", "12", 1, "f", "-", ANYTLS_OPEN_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"s", "12", 1, "f", "d", ANYTLS_OPEN_STREAM, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME},
    {"s", "12", 1, "p", "-d", ANYTLS_OPEN_STREAM, ANYTLS_ID_NOT_ASCENDING, ANYTLS_NEXT_SAME},
    {"s", "12", 1, "oa", "-d", ANYTLS_REPORT, ANYTLS_SECOND_SYN, ANYTLS_NEXT_SAME},
    {"c", "n12", 1, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME},

    {"sc", "n12", 2, "fp", "-d", ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"sc", "n12", 2, "oa", "-", ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"sc", "n12", 2, "oa", "d", ANYTLS_DELIVER, ANYTLS_OK, ANYTLS_NEXT_SAME},

    {"sc", "n12", 3, "fp", "-", ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"sc", "n12", 3, "fp", "d", ANYTLS_REPORT, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME},
    {"sc", "n12", 3, "oa", "-", ANYTLS_FINISH_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"sc", "n12", 3, "oa", "d", ANYTLS_FINISH_STREAM, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME},

    {"s", "n", 4, "fpoa", "-", ANYTLS_REPORT, ANYTLS_EMPTY_SETTINGS, ANYTLS_NEXT_SAME},
    {"s", "n", 4, "fpoa", "d", ANYTLS_TAKE_SETTINGS, ANYTLS_OK, ANYTLS_NEXT_BY_VERSION},
    {"s", "12", 4, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_SECOND_SETTINGS, ANYTLS_NEXT_SAME},
    {"c", "n12", 4, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME},

    {"s", "n12", 5, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME},
    {"c", "n12", 5, "fpoa", "-d", ANYTLS_TAKE_ALERT, ANYTLS_OK, ANYTLS_NEXT_CLOSED},

    {"s", "n12", 6, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME},
    {"c", "n12", 6, "fpoa", "-d", ANYTLS_TAKE_SCHEME, ANYTLS_OK, ANYTLS_NEXT_SAME},

    {"s", "n12", 7, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME},
    {"c", "n1", 7, "fpoa", "-", ANYTLS_REPORT, ANYTLS_WRONG_VERSION, ANYTLS_NEXT_SAME},
    {"c", "n1", 7, "fp", "d", ANYTLS_REPORT, ANYTLS_WRONG_VERSION, ANYTLS_NEXT_SAME},
    {"c", "n1", 7, "oa", "d", ANYTLS_REFUSE_STREAM, ANYTLS_WRONG_VERSION, ANYTLS_NEXT_SAME},
    {"c", "2", 7, "fp", "-d", ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"c", "2", 7, "o", "-", ANYTLS_ACCEPT_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"c", "2", 7, "a", "-", ANYTLS_REPORT, ANYTLS_SECOND_SYNACK, ANYTLS_NEXT_SAME},
    {"c", "2", 7, "oa", "d", ANYTLS_REFUSE_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME},

    {"sc", "n12", 8, "fpoa", "-", ANYTLS_ANSWER_HEART, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"sc", "n12", 8, "fpoa", "d", ANYTLS_ANSWER_HEART, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME},
    {"sc", "n12", 9, "fpoa", "-", ANYTLS_HEART_ANSWERED, ANYTLS_OK, ANYTLS_NEXT_SAME},
    {"sc", "n12", 9, "fpoa", "d", ANYTLS_HEART_ANSWERED, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME},

    {"s", "n12", 10, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME},
    {"c", "n1", 10, "fpoa", "-", ANYTLS_REPORT, ANYTLS_EMPTY_SETTINGS, ANYTLS_NEXT_SAME},
    {"c", "n1", 10, "fpoa", "d", ANYTLS_TAKE_SERVER_SETTINGS, ANYTLS_OK, ANYTLS_NEXT_BY_VERSION},
    {"c", "2", 10, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_SECOND_SETTINGS, ANYTLS_NEXT_SAME},

    /* 11 stands for all unknown commands */
    {"sc", "n12", 11, "fpoa", "-d", ANYTLS_REPORT, ANYTLS_UNKNOWN_COMMAND, ANYTLS_NEXT_SAME},
};

static bool in_row(const struct row *row, unsigned role, unsigned state, unsigned command,
                   unsigned stream, unsigned data)
{
    return strchr(row->role, "sc"[role]) && strchr(row->state, "n12"[state]) &&
           row->command == (command > 11 ? 11 : command) && strchr(row->stream, "fpoa"[stream]) &&
           strchr(row->data, "-d"[data]);
}

/* The row of a combination; fails unless there is exactly one. */
static const struct row *row_of(unsigned role, unsigned state, unsigned command, unsigned stream,
                                unsigned data)
{
    const struct row *found = NULL;

    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!in_row(&rows[i], role, state, command, stream, data))
            continue;
        must(!found, "two rows for %u %u %u %u %u", role, state, command, stream, data);
        found = &rows[i];
    }
    must(found, "no row for %u %u %u %u %u", role, state, command, stream, data);
    return found;
}

static void check(unsigned role, unsigned state, unsigned command, unsigned stream, unsigned data)
{
    const struct row *row = row_of(role, state, command, stream, data);
    struct anytls_decision decision =
        anytls_decide(role == 0 ? ANYTLS_SERVER : ANYTLS_CLIENT, (enum anytls_state)state,
                      (uint8_t)command, (enum anytls_stream_state)stream, data == 1);

    must(decision.action == row->action && decision.violation == row->violation &&
             decision.next == row->next,
         "role %u, state %u, command %u, stream %u, data %u: action %d, violation %s, next %d",
         role, state, command, stream, data, (int)decision.action,
         anytls_status_text(decision.violation), (int)decision.next);
}

START_TEST(every_command_in_every_state_is_decided_as_the_table_says)
{
    for (unsigned role = 0; role < 2; role++)
        for (unsigned state = 0; state < 3; state++)
            for (unsigned command = 0; command <= 255; command++)
                for (unsigned stream = 0; stream < 4; stream++)
                    for (unsigned data = 0; data < 2; data++)
                        check(role, state, command, stream, data);
}
END_TEST

/* The letters of the table stand for the numbers of the enums. */
START_TEST(the_columns_of_the_table_are_the_enums)
{
    ck_assert_int_eq(ANYTLS_STATE_NEW, 0);
    ck_assert_int_eq(ANYTLS_STATE_V1, 1);
    ck_assert_int_eq(ANYTLS_STATE_V2, 2);
    ck_assert_int_eq(ANYTLS_STREAM_FRESH, 0);
    ck_assert_int_eq(ANYTLS_STREAM_PAST, 1);
    ck_assert_int_eq(ANYTLS_STREAM_OPENING, 2);
    ck_assert_int_eq(ANYTLS_STREAM_OPEN, 3);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_command_in_every_state_is_decided_as_the_table_says,
        the_columns_of_the_table_are_the_enums,
    };

    return suite_run("decide", tests, COUNT(tests));
}
