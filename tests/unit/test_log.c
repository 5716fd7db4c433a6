/* The log: what a line looks like. */
#include "programs/log.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static char text[8192];
static int saved;
static int ends[2];

/* Standard error goes into a pipe between these two. */
static void listen_in(void)
{
    ck_assert_int_eq(pipe(ends), 0);
    saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
}

static void hear(void)
{
    ssize_t size;

    dup2(saved, STDERR_FILENO);
    close(saved);
    size = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    text[size > 0 ? size : 0] = '\0';
}

static void check_form(const char *form)
{
    regex_t expression;

    ck_assert_int_eq(regcomp(&expression, form, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&expression, text, 0, NULL, 0) != 0)
        ck_abort_msg("not of the form: %s", text);
    regfree(&expression);
}

START_TEST(an_entry_is_a_line_of_time_level_and_text)
{
    listen_in();
    anytls_log(ANYTLS_LOG_ERROR, "%s and %d", "this", 7);
    hear();
    check_form("^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z "
               "error: this and 7\n$");
}
END_TEST

START_TEST(entries_above_the_level_are_left_out)
{
    listen_in();
    anytls_log(ANYTLS_LOG_INFO, "shown by default");
    anytls_log(ANYTLS_LOG_DEBUG, "hidden by default");
    anytls_log_level_set(ANYTLS_LOG_DEBUG);
    anytls_log(ANYTLS_LOG_DEBUG, "shown now");
    anytls_log_level_set(ANYTLS_LOG_WARN);
    anytls_log(ANYTLS_LOG_INFO, "hidden now");
    anytls_log(ANYTLS_LOG_WARN, "the last");
    anytls_log_level_set(ANYTLS_LOG_INFO);
    hear();
    check_form("^[^ ]* info: shown by default\n[^ ]* debug: shown now\n"
               "[^ ]* warning: the last\n$");
}
END_TEST

START_TEST(bytes_that_would_break_the_line_or_steer_a_terminal_become_question_marks)
{
    listen_in();
    anytls_log(ANYTLS_LOG_INFO, "a\nb\x1b[31mc\rd\x7f\te \xc3\xa9");
    hear();
    check_form("info: a\\?b\\?\\[31mc\\?d\\?\\?e \xc3\xa9\n$");
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
}
END_TEST

START_TEST(a_line_is_cut_at_a_kibibyte)
{
    static char many[3000];

    memset(many, 'm', sizeof many - 1);
    listen_in();
    anytls_log(ANYTLS_LOG_INFO, "%s", many);
    hear();
    ck_assert_uint_le(strlen(text), 1024);
    ck_assert_uint_ge(strlen(text), 1000);
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
}
END_TEST

START_TEST(a_closed_standard_error_is_borne)
{
    int copy = dup(STDERR_FILENO);

    close(STDERR_FILENO);
    anytls_log(ANYTLS_LOG_ERROR, "nobody reads this");
    dup2(copy, STDERR_FILENO);
    close(copy);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_entry_is_a_line_of_time_level_and_text,
        entries_above_the_level_are_left_out,
        bytes_that_would_break_the_line_or_steer_a_terminal_become_question_marks,
        a_line_is_cut_at_a_kibibyte,
        a_closed_standard_error_is_borne,
    };

    return suite_run("io log", tests, COUNT(tests));
}
