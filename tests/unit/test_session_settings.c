/* A server's session: Settings, the version, the scheme, and what has to come first. */
#include "support.h"

#include <string.h>

static struct rig rig;

/* ---- Settings and the version ---- */

/* SETTINGS-VERSION-RULE */
START_TEST(settings_of_version_2_are_answered_with_server_settings)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, RIG_SETTINGS_V2, "settings v=2\npadding-md5=" RIG_MD5, "ServerSettings 0 v=2");
}
END_TEST

START_TEST(settings_of_version_1_are_not_answered)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, RIG_SETTINGS_V1, "settings v=1\npadding-md5=" RIG_MD5, "");
    ck_assert_int_eq(rig_session(&rig)->state, ANYTLS_STATE_V1);
}
END_TEST

START_TEST(a_server_of_version_1_speaks_version_1_to_any_client)
{
    rig_reset(&rig);
    rig.config.session.version = 1;
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, RIG_SETTINGS_V2, "settings v=2\npadding-md5=" RIG_MD5, "");
    ck_assert_int_eq(rig_session(&rig)->state, ANYTLS_STATE_V1);
}
END_TEST

/* SETTINGS-VERSION */
START_TEST(the_version_is_read_as_the_settings_module_reads_it)
{
    static const struct {
        const char *v;
        enum anytls_state state;
    } rows[] = {
        {"v=3", ANYTLS_STATE_V2},      {"v=256", ANYTLS_STATE_V2}, {"v=", ANYTLS_STATE_V1},
        {"v=two", ANYTLS_STATE_V1},    {"x=2", ANYTLS_STATE_V1},   {"v=0", ANYTLS_STATE_V1},
        {"v=1\nv=2", ANYTLS_STATE_V2},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        static char text[TEXT_MAX];

        text[0] = '\0';
        text_add(text, "Settings 0 padding-md5=" RIG_MD5 "\n%s", rows[i].v);
        rig_reset(&rig);
        rig_begin(&rig, RIG_SERVER);
        feed(&rig, text);
        ck_assert_int_eq(rig_session(&rig)->state, rows[i].state);
        sent(&rig, rows[i].state == ANYTLS_STATE_V2 ? "ServerSettings 0 v=2" : "");
    }
}
END_TEST

/* ---- The scheme ---- */

#define UPDATE "UpdatePaddingScheme 0 stop=0"

/* PAD-UPDATE-SEND */
START_TEST(the_scheme_is_pushed_where_the_md5_is_missing_or_differs)
{
    static const char *const md5s[] = {
        "",
        "\npadding-md5=",
        "\npadding-md5=0123456789abcdef0123456789abcdee",
        "\npadding-md5=0123456789ABCDEF0123456789ABCDEF",
        "\npadding-md5=0123456789abcdef0123456789abcde",
        "\npadding-md5=0123456789abcdef0123456789abcdeff",
        "\npadding-md5=" RIG_MD5 "\npadding-md5=other",
    };

    for (size_t i = 0; i < COUNT(md5s); i++) {
        static char text[TEXT_MAX];

        for (int version = 1; version <= 2; version++) {
            text[0] = '\0';
            text_add(text, "Settings 0 v=%d%s", version, md5s[i]);
            rig_reset(&rig);
            rig_begin(&rig, RIG_SERVER);
            feed(&rig, text);
            sent(&rig, version == 2 ? UPDATE "|ServerSettings 0 v=2" : UPDATE);
        }
    }
}
END_TEST

/* LIMIT-OUTPUT */
START_TEST(the_greatest_scheme_fits_the_stated_output)
{
    static uint8_t scheme[ANYTLS_SCHEME_SIZE_MAX];
    static char expected[TEXT_MAX];

    memset(scheme, 'x', sizeof scheme);
    memcpy(scheme, "stop=0\n", 7);
    rig_reset(&rig);
    rig.scheme.text.bytes = scheme;
    rig.scheme.text.size = sizeof scheme;
    rig_begin(&rig, RIG_SERVER);
    feed(&rig, "Settings 0 v=2");
    expected[0] = '\0';
    text_add(expected, "UpdatePaddingScheme 0 ");
    text_add_data(expected, scheme, sizeof scheme);
    text_add(expected, "|ServerSettings 0 v=2");
    sent(&rig, expected);
}
END_TEST

/* ---- What has to come first ---- */

#define ALERT_SYN "Alert 0 SYN before Settings"

/* SETTINGS-FIRST */
START_TEST(syn_before_settings_is_alerted_and_ends_the_session)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_SERVER);
    ck_assert_int_eq(feed(&rig, "SYN 1|" RIG_SETTINGS_V2), ANYTLS_CLOSED);
    saw(&rig, "closed (SYN before Settings)");
    sent(&rig, ALERT_SYN);
    ck_assert_uint_eq(rig.consumed, 7);
}
END_TEST

START_TEST(syn_with_data_before_settings_is_alerted_once_the_data_have_come)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, "SYN 1 abc", "closed (SYN before Settings)", ALERT_SYN);
}
END_TEST

/* SETTINGS-EMPTY */
START_TEST(settings_without_data_count_as_none)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, "Settings 0", "(empty settings)", "");
    exchange(&rig, "SYN 1", "closed (SYN before Settings)", ALERT_SYN);
}
END_TEST

START_TEST(other_frames_before_settings_do_no_harm)
{
    rig_reset(&rig);
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, "Waste 0 xx|PSH 1 hello|FIN 1|HeartRequest 5|HeartResponse 6|#77 0 x",
             "heart answered|(unknown command)", "HeartResponse 5");
    exchange(&rig, RIG_SETTINGS_V1 "|SYN 1", "settings v=1\npadding-md5=" RIG_MD5 "|opened 1", "");
}
END_TEST

/* SETTINGS-SECOND */
START_TEST(second_settings_are_ignored_and_reported)
{
    for (unsigned version = 1; version <= 2; version++) {
        rig_speak(&rig, RIG_SERVER, version);
        exchange(&rig, RIG_SETTINGS_V1, "(second settings)", "");
        exchange(&rig, "Settings 0", "(second settings)", "");
        ck_assert_int_eq(rig_session(&rig)->state,
                         version == 2 ? ANYTLS_STATE_V2 : ANYTLS_STATE_V1);
    }
}
END_TEST

/* LIMIT-TEXT, LIMIT-SETTINGS */
START_TEST(settings_over_the_text_buffer_are_alerted_and_end_the_session)
{
    rig_reset(&rig);
    rig.text_capacity = 15;
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, "Settings 0 v=2\nclient=abcd", "settings v=2\nclient=abcd",
             UPDATE "|ServerSettings 0 v=2");
    rig_begin(&rig, RIG_SERVER);
    exchange(&rig, "Settings 0 v=2\nclient=abcde", "closed (too long)", "Alert 0 too long");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        settings_of_version_2_are_answered_with_server_settings,
        settings_of_version_1_are_not_answered,
        a_server_of_version_1_speaks_version_1_to_any_client,
        the_version_is_read_as_the_settings_module_reads_it,
        the_scheme_is_pushed_where_the_md5_is_missing_or_differs,
        the_greatest_scheme_fits_the_stated_output,
        syn_before_settings_is_alerted_and_ends_the_session,
        syn_with_data_before_settings_is_alerted_once_the_data_have_come,
        settings_without_data_count_as_none,
        other_frames_before_settings_do_no_harm,
        second_settings_are_ignored_and_reported,
        settings_over_the_text_buffer_are_alerted_and_end_the_session,
    };

    return suite_run("session settings", tests, COUNT(tests));
}
