/* The texts of the outcomes. */
#include "support.h"

#include <string.h>

START_TEST(every_status_has_a_text_of_its_own)
{
    for (int i = 0; i < ANYTLS_STATUS_COUNT; i++) {
        const char *text = anytls_status_text((enum anytls_status)i);

        ck_assert_uint_gt(strlen(text), 0);
        ck_assert_str_ne(text, "unknown status");
        ck_assert_int_ne(text[strlen(text) - 1], '.');
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(text, anytls_status_text((enum anytls_status)j));
    }
}
END_TEST

START_TEST(a_text_fits_a_reason)
{
    for (int i = 0; i < ANYTLS_STATUS_COUNT; i++)
        ck_assert_uint_le(strlen(anytls_status_text((enum anytls_status)i)), ANYTLS_REASON_MAX);
}
END_TEST

START_TEST(some_texts_are_what_a_peer_is_told)
{
    ck_assert_str_eq(anytls_status_text(ANYTLS_OK), "ok");
    ck_assert_str_eq(anytls_status_text(ANYTLS_TOO_MANY_STREAMS), "too many streams");
    ck_assert_str_eq(anytls_status_text(ANYTLS_SYN_BEFORE_SETTINGS), "SYN before Settings");
    ck_assert_str_eq(anytls_status_text(ANYTLS_BAD_ADDRESS), "bad address");
}
END_TEST

START_TEST(a_number_that_is_no_status_has_a_text_too)
{
    ck_assert_str_eq(anytls_status_text(ANYTLS_STATUS_COUNT), "unknown status");
    ck_assert_str_eq(anytls_status_text((enum anytls_status)1000), "unknown status");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_status_has_a_text_of_its_own,
        a_text_fits_a_reason,
        some_texts_are_what_a_peer_is_told,
        a_number_that_is_no_status_has_a_text_too,
    };

    return suite_run("status", tests, COUNT(tests));
}
