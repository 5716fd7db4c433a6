/* The blocking interface over memory: its calls and events. Time, shaping and failures have files
 * of their own. */
#include <string.h>

#include "io/host.h"
#include "io/scheme.h"
#include "support_io.h"

static struct pair pair;

static void speak(void)
{
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    ck_assert_uint_eq(pair_open(&pair, "web.example"), 1);
}

static void speak_in_silence(void)
{
    speak();
    pair.seen[CLIENT][0] = '\0';
    pair.seen[SERVER][0] = '\0';
}

START_TEST(a_stream_is_opened_dialled_answered_used_and_finished)
{
    pair_reset(&pair);
    pair.echo = true;
    speak();
    pair_saw(&pair, SERVER, "authenticated|settings v=2|dial 1 name web.example:80");
    pair_saw(&pair, CLIENT, "server settings v=2|accepted 1");
    ck_assert_int_eq(anytls_write(&pair.client, 1, "ping", 4), ANYTLS_OK);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    pair_saw(&pair, SERVER, "data 1 ping");
    pair_saw(&pair, CLIENT, "data 1 ping");
    ck_assert_int_eq(anytls_finish(&pair.client, 1), ANYTLS_OK);
    pair_serve(&pair);
    pair_saw(&pair, SERVER, "finished 1");
    anytls_close(&pair.client);
    anytls_memory_close(&pair.memory, CLIENT);
    pair_serve(&pair);
    pair_saw(&pair, SERVER, "closed");
    ck_assert_int_eq(anytls_read(&pair.server, ANYTLS_FOREVER).status, ANYTLS_IO_END);
    ck_assert_int_eq(anytls_read(&pair.client, ANYTLS_FOREVER).status, ANYTLS_IO_END);
}
END_TEST

/* STREAM-SESSION-STAYS */
START_TEST(a_server_may_finish_a_stream_and_the_session_lives)
{
    pair_reset(&pair);
    speak_in_silence();
    ck_assert_int_eq(anytls_write(&pair.server, 1, "bye", 3), ANYTLS_OK);
    ck_assert_int_eq(anytls_finish(&pair.server, 1), ANYTLS_OK);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    pair_saw(&pair, CLIENT, "data 1 bye|finished 1");
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_UNKNOWN_STREAM);
    ck_assert_uint_eq(pair_open(&pair, "web.example"), 2);
    pair_saw(&pair, CLIENT, "accepted 2");
}
END_TEST

START_TEST(a_refusal_tells_the_reason)
{
    pair_reset(&pair);
    pair.refusal = "no route";
    speak();
    pair_saw(&pair, CLIENT, "server settings v=2|refused 1 no route");
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_UNKNOWN_STREAM);
}
END_TEST

START_TEST(a_refusal_is_a_finish_where_version_1_is_spoken)
{
    pair_reset(&pair);
    pair.configs[CLIENT].endpoint.session.version = 1;
    pair.refusal = "no route";
    speak();
    pair_saw(&pair, SERVER, "authenticated|settings v=1|dial 1 name web.example:80");
    pair_saw(&pair, CLIENT, "finished 1");
}
END_TEST

START_TEST(a_udp_over_tcp_stream_brings_its_request_and_datagrams)
{
    static const struct anytls_uot_request request = {true, {ANYTLS_IPV4, 53, 4, {9, 9, 9, 9}}};
    struct anytls_address name = anytls_uot_destination();
    uint8_t bytes[600];
    struct anytls_written size;

    pair_reset(&pair);
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    ck_assert_int_eq(anytls_open(&pair.client, &name).status, ANYTLS_OK);
    size = anytls_uot_request_encode(&request, bytes, sizeof bytes);
    size.size += anytls_uot_header_encode(true, NULL, 3, bytes + size.size, 300).size;
    memcpy(bytes + size.size, "dns", 3);
    ck_assert_int_eq(anytls_write(&pair.client, 1, bytes, size.size + 3), ANYTLS_OK);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    pair_saw(&pair, SERVER,
             "authenticated|settings v=2|dial udp 1 connect ipv4 <09090909>:53|data 1 <0003>dns");
    pair_saw(&pair, CLIENT, "server settings v=2|accepted 1");
}
END_TEST

START_TEST(an_alert_reaches_the_client_and_ends_both_sides)
{
    pair_reset(&pair);
    speak_in_silence();
    ck_assert_int_eq(anytls_alert(&pair.server, "go away"), ANYTLS_OK);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_END);
    ck_assert_int_eq(strncmp(pair.seen[CLIENT], "alert go away (", 15), 0);
    ck_assert_int_eq(anytls_read(&pair.server, 0).status, ANYTLS_IO_END);
    ck_assert_int_eq(anytls_alert(&pair.server, "again"), ANYTLS_CLOSED);
    ck_assert_int_eq(anytls_write(&pair.server, 1, "x", 1), ANYTLS_CLOSED);
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_CLOSED);
    ck_assert_int_eq(anytls_finish(&pair.client, 1), ANYTLS_CLOSED);
}
END_TEST

/* Frames that no blocking client sends, in its place. */
static void send_raw(const char *frames)
{
    struct anytls_transport raw = anytls_memory_transport(&pair.memory, CLIENT);
    static struct bytes bytes;

    bytes.size = 0;
    bytes_add_frames(&bytes, frames);
    ck_assert_int_eq(raw.write(raw.context, bytes.at, bytes.size, 0), ANYTLS_IO_OK);
}

START_TEST(a_violation_is_told_and_the_session_goes_on)
{
    pair_reset(&pair);
    speak_in_silence();
    send_raw("#77 0|PSH 1 hello");
    pair_serve(&pair);
    pair_saw(&pair, SERVER, "(unknown command)|data 1 hello");
}
END_TEST

START_TEST(a_strict_server_alerts_at_a_violation)
{
    pair_reset(&pair);
    pair.configs[SERVER].endpoint.session.strict = true;
    speak_in_silence();
    send_raw("#77 0");
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_END);
    pair_saw(&pair, SERVER, "closed (unknown command)");
    ck_assert_int_eq(strncmp(pair.seen[CLIENT], "alert unknown command (", 23), 0);
}
END_TEST

START_TEST(calls_of_the_other_role_and_of_unknown_streams_are_named_errors)
{
    struct anytls_address address;

    ck_assert(anytls_host_read("::1", 1, &address));
    pair_reset(&pair);
    pair.mute = true;
    speak();
    ck_assert_int_eq(anytls_open(&pair.server, &address).status, ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(anytls_answer(&pair.client, 1, NULL), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(anytls_answer(&pair.client, 1, "no"), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(anytls_alert(&pair.client, "no"), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(anytls_write(&pair.server, 1, "x", 1), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(anytls_write(&pair.client, 2, "x", 1), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(anytls_write(&pair.client, 2, "", 0), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(anytls_finish(&pair.client, 2), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(anytls_answer(&pair.server, 2, NULL), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(anytls_answer(&pair.server, 2, "no"), ANYTLS_UNKNOWN_STREAM);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    pair_saw(&pair, CLIENT, "server settings v=2");
    ck_assert_int_eq(anytls_answer(&pair.server, 1, NULL), ANYTLS_OK);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    ck_assert_int_eq(anytls_answer(&pair.client, 1, NULL), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(anytls_answer(&pair.client, 1, "no"), ANYTLS_NOT_ALLOWED);
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_OK);
}
END_TEST

START_TEST(one_stream_more_than_the_table_holds_is_a_named_error)
{
    struct anytls_address address;

    ck_assert(anytls_host_read("10.0.0.1", 80, &address));
    pair_reset(&pair);
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    for (unsigned i = 0; i < ANYTLS_STREAMS_MAX; i++)
        must(anytls_open(&pair.client, &address).stream == i + 1, "stream %u not opened", i);
    ck_assert_int_eq(anytls_open(&pair.client, &address).status, ANYTLS_TOO_MANY_STREAMS);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    ck_assert_ptr_nonnull(strstr(pair.seen[CLIENT], "accepted 256"));
    ck_assert_int_eq(anytls_write(&pair.client, 256, "x", 1), ANYTLS_OK);
}
END_TEST

/* STREAM-SPLIT */
START_TEST(writes_of_65535_65536_and_131071_bytes_arrive_whole_in_both_directions)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 131071};
    static uint8_t bytes[131071];

    pattern_fill(bytes, sizeof bytes);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        pair_reset(&pair);
        pair.echo = true;
        speak();
        ck_assert_int_eq(anytls_write(&pair.client, 1, bytes, sizes[i]), ANYTLS_OK);
        ck_assert_int_eq(anytls_write(&pair.client, 1, "!", 1), ANYTLS_OK);
        ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
        for (int side = CLIENT; side <= SERVER; side++) {
            ck_assert_uint_eq(pair.data[side].size, sizes[i] + 1);
            must(memcmp(pair.data[side].at, bytes, sizes[i]) == 0, "other bytes");
            ck_assert_int_eq(pair.data[side].at[sizes[i]], '!');
        }
    }
}
END_TEST

START_TEST(the_data_of_an_event_do_not_depend_on_how_the_transport_cuts)
{
    static const size_t pieces[] = {1, 2, 3, 7, 100};

    for (size_t i = 0; i < COUNT(pieces); i++) {
        pair_reset(&pair);
        pair.echo = true;
        pair.quiet = true;
        ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
        pair.taps[CLIENT].read_max = pieces[i];
        pair.taps[SERVER].read_max = pieces[i];
        ck_assert_uint_eq(pair_open(&pair, "web.example"), 1);
        ck_assert_int_eq(anytls_write(&pair.client, 1, "some longer text", 16), ANYTLS_OK);
        ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
        pair_saw(&pair, SERVER, "authenticated|settings v=2|dial 1 name web.example:80");
        pair_saw(&pair, CLIENT, "server settings v=2|accepted 1");
        ck_assert_uint_eq(pair.data[CLIENT].size, 16);
        ck_assert_mem_eq(pair.data[CLIENT].at, "some longer text", 16);
    }
}
END_TEST

START_TEST(the_configuration_has_the_stated_defaults)
{
    struct anytls_connection_config config;

    ck_assert(anytls_connection_config_set(&config, ""));
    ck_assert_uint_eq(config.endpoint.session.version, 2);
    ck_assert(!config.endpoint.session.strict);
    ck_assert_uint_eq(config.endpoint.session.answer_timeout, 30000);
    ck_assert_uint_eq(config.endpoint.session.synack_timeout, 3000);
    ck_assert_uint_eq(config.endpoint.session.heart_interval, 0);
    ck_assert_uint_eq(config.endpoint.session.heart_timeout, 10000);
    ck_assert_uint_eq(config.endpoint.preamble_timeout, 10000);
    ck_assert_uint_eq(config.write_timeout, 30000);
    ck_assert_ptr_eq(config.scheme, &anytls_scheme_default);
    ck_assert_mem_eq(config.endpoint.session.client.bytes, "anytls-ref/", 11);
    ck_assert_int_eq(config.endpoint.hash[0], 0xe3); /* SHA-256 of nothing: e3b0c442... */
    ck_assert_int_eq(config.endpoint.hash[31], 0x55);
}
END_TEST

START_TEST(a_client_name_that_is_too_long_opens_no_stream)
{
    static char name[ANYTLS_CLIENT_NAME_MAX + 2];
    struct anytls_address address;

    ck_assert(anytls_host_read("::1", 1, &address));
    pair_reset(&pair);
    memset(name, 'n', sizeof name - 1);
    pair.configs[CLIENT].endpoint.session.client = text_of(name);
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    ck_assert_int_eq(anytls_open(&pair.client, &address).status, ANYTLS_TOO_LONG);
    ck_assert_uint_eq(pair.taps[CLIENT].writes, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_stream_is_opened_dialled_answered_used_and_finished,
        a_server_may_finish_a_stream_and_the_session_lives,
        a_refusal_tells_the_reason,
        a_refusal_is_a_finish_where_version_1_is_spoken,
        a_udp_over_tcp_stream_brings_its_request_and_datagrams,
        an_alert_reaches_the_client_and_ends_both_sides,
        a_violation_is_told_and_the_session_goes_on,
        a_strict_server_alerts_at_a_violation,
        calls_of_the_other_role_and_of_unknown_streams_are_named_errors,
        one_stream_more_than_the_table_holds_is_a_named_error,
        writes_of_65535_65536_and_131071_bytes_arrive_whole_in_both_directions,
        the_data_of_an_event_do_not_depend_on_how_the_transport_cuts,
        the_configuration_has_the_stated_defaults,
        a_client_name_that_is_too_long_opens_no_stream,
    };

    return suite_run("io blocking", tests, COUNT(tests));
}
