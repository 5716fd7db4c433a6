/* The blocking interface over memory: which bytes a client writes, in which pieces, and the schemes
 * that it is sent. */
#include <stdio.h>
#include <string.h>

#include "io/digest.h"
#include "io/host.h"
#include "io/scheme.h"
#include "support_io.h"

static struct pair pair;

/* The frames of the client's writes from the first byte at. */
static const char *frames_from(size_t at)
{
    static char text[TEXT_MAX];

    text[0] = '\0';
    text_add_frames(text, pair.taps[CLIENT].written.at + at, pair.taps[CLIENT].written.size - at);
    return text;
}

static size_t write_size(size_t write)
{
    ck_assert_uint_lt(write, pair.taps[CLIENT].writes);
    return pair.taps[CLIENT].sizes[write];
}

static void connect_with(const char *scheme, struct anytls_scheme_copy *copy)
{
    pair_reset(&pair);
    ck_assert_int_eq(anytls_scheme_copy(text_of(scheme), copy).status, ANYTLS_OK);
    pair.configs[CLIENT].scheme = &copy->scheme;
    pair.configs[SERVER].scheme = &copy->scheme;
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    pair.taps[CLIENT].fixed = true;
}

/* AUTH-PREAMBLE, PAD-ZERO, AUTH-ONE-WRITE */
START_TEST(the_preamble_is_one_write_of_hash_length_and_padding)
{
    uint8_t hash[ANYTLS_HASH_SIZE];
    static const uint8_t rest[32] = {0, 30};

    pair_reset(&pair);
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    ck_assert(anytls_password_hash(text_of("secret"), hash));
    ck_assert_uint_eq(pair.taps[CLIENT].writes, 1);
    ck_assert_uint_eq(pair.taps[CLIENT].written.size, 64);
    ck_assert_mem_eq(pair.taps[CLIENT].written.at, hash, sizeof hash);
    ck_assert_mem_eq(pair.taps[CLIENT].written.at + 32, rest, sizeof rest);
}
END_TEST

START_TEST(the_greatest_padding_of_the_preamble_is_one_write)
{
    static struct anytls_scheme_copy copy;

    connect_with("stop=1\n0=65535-65535", &copy);
    ck_assert_uint_eq(pair.taps[CLIENT].writes, 1);
    ck_assert_uint_eq(write_size(0), 34 + 65535);
    ck_assert_uint_eq(pair_open(&pair, "web.example"), 1);
    ck_assert_ptr_nonnull(strstr(pair.seen[CLIENT], "accepted 1"));
}
END_TEST

START_TEST(without_a_line_0_the_preamble_has_no_padding)
{
    static struct anytls_scheme_copy copy;

    connect_with("stop=0", &copy);
    ck_assert_uint_eq(write_size(0), 34);
}
END_TEST

/* PAD-WRITE-ONE, SETTINGS-NAME */
START_TEST(settings_syn_and_destination_are_the_one_write_with_number_1)
{
    static struct anytls_scheme_copy copy;
    char expected[400];

    connect_with("stop=2\n0=5-5\n1=400-400", &copy);
    pair_open(&pair, "web.example");
    ck_assert_uint_eq(pair.taps[CLIENT].writes, 2);
    ck_assert_uint_eq(write_size(0), 39);
    ck_assert_uint_eq(write_size(1), 400);
    snprintf(expected, sizeof expected,
             "Settings 0 v=2\nclient=anytls-ref/" ANYTLS_VERSION "\npadding-md5=%.32s|SYN 1|"
             "PSH 1 <030b>web.example<00>P|Waste 0 <0000",
             (const char *)copy.scheme.md5);
    ck_assert_int_eq(strncmp(frames_from(39), expected, strlen(expected)), 0);
}
END_TEST

/* PAD-RECORDS, PAD-WASTE */
START_TEST(records_have_the_sizes_that_the_scheme_says)
{
    static struct anytls_scheme_copy copy;
    static const size_t expected[] = {44, 300, 50, 60, 80, 7, 50, 26, 9};
    uint8_t payload[200] = {0};

    /* Write 2 ends at its check, write 3 has a record that is all Waste, write 4 goes on past the
     * last size, write 5 is not shaped. */
    connect_with("stop=5\n0=10-10\n1=300-300\n2=50-50,60-60,c,70-70\n3=80-80,3-3\n4=50-50", &copy);
    pair_open(&pair, "web.example");
    ck_assert_int_eq(anytls_write(&pair.client, 1, payload, 90), ANYTLS_OK);
    ck_assert_int_eq(anytls_write(&pair.client, 1, payload, 20), ANYTLS_OK);
    ck_assert_int_eq(anytls_write(&pair.client, 1, payload, 69), ANYTLS_OK);
    ck_assert_int_eq(anytls_write(&pair.client, 1, payload, 2), ANYTLS_OK);
    ck_assert_uint_eq(pair.taps[CLIENT].writes, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++)
        ck_assert_uint_eq(write_size(i), expected[i]);
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(pair.data[SERVER].size, 90 + 20 + 69 + 2);
}
END_TEST

/* The nth record of a write has the size min + random % (max - min + 1) for the nth number. */
START_TEST(record_sizes_follow_from_the_random_numbers)
{
    static struct anytls_scheme_copy copy;
    uint8_t payload[200] = {0};

    connect_with("stop=4\n0=1-1\n1=400-600\n2=30-40,100-199\n3=500-509", &copy);
    pair.taps[CLIENT].number = 201 * 5 + 17;
    pair_open(&pair, "web.example");
    ck_assert_uint_eq(write_size(1), 400 + 17);
    pair.taps[CLIENT].number = 9;
    anytls_write(&pair.client, 1, payload, 100);
    ck_assert_uint_eq(write_size(2), 30 + 9);
    ck_assert_uint_eq(write_size(3), 100 + 10);
    pair.taps[CLIENT].number = 4294967289u; /* 9 more than a multiple of 10 */
    anytls_write(&pair.client, 1, payload, 1);
    ck_assert_uint_eq(write_size(4), 509);
    ck_assert_uint_eq(pair.taps[CLIENT].writes, 5);
}
END_TEST

START_TEST(unshaped_data_are_one_write_a_frame)
{
    static struct anytls_scheme_copy copy;
    static uint8_t payload[131071];

    connect_with("stop=0", &copy);
    pair_open(&pair, "web.example");
    anytls_write(&pair.client, 1, payload, sizeof payload);
    ck_assert_uint_eq(pair.taps[CLIENT].writes, 5);
    ck_assert_uint_eq(write_size(2), 7 + 65535);
    ck_assert_uint_eq(write_size(3), 7 + 65535);
    ck_assert_uint_eq(write_size(4), 7 + 1);
}
END_TEST

/* PAD-LATER-SESSIONS: the running connection goes on with the scheme that it began with. */
START_TEST(a_scheme_update_shapes_the_next_connection_only)
{
    static struct anytls_scheme_copy server;
    static struct anytls_scheme_copy kept;
    static const char text[] = "stop=3\n0=11-11\n1=700-700\n2=90-90";

    pair_reset(&pair);
    ck_assert_int_eq(anytls_scheme_copy(text_of(text), &server).status, ANYTLS_OK);
    pair.configs[SERVER].scheme = &server.scheme;
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    ck_assert_uint_eq(write_size(0), 64);
    pair.taps[CLIENT].fixed = true;
    pair.taps[CLIENT].number = 200; /* 100-400: write 1 is one record of 300 */
    pair_open(&pair, "web.example");
    ck_assert_uint_eq(write_size(1), 300);
    pair_saw(&pair, CLIENT,
             "scheme stop=3\n0=11-11\n1=700-700\n2=90-90|server settings v=2|accepted 1");
    anytls_write(&pair.client, 1, "x", 1);
    ck_assert_uint_ge(write_size(2), 400); /* of the default scheme: 400-500 */
    ck_assert_int_eq(anytls_scheme_copy(text_of(text), &kept).status, ANYTLS_OK);
    anytls_close(&pair.client);

    pair.configs[CLIENT].scheme = &kept.scheme;
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    pair.taps[CLIENT].fixed = true;
    pair_open(&pair, "web.example");
    pair_saw(&pair, CLIENT, "server settings v=2|accepted 1");
    anytls_write(&pair.client, 1, "x", 1);
    ck_assert_uint_eq(write_size(0), 45);
    ck_assert_uint_eq(write_size(1), 700);
    ck_assert_uint_eq(write_size(2), 90);
}
END_TEST

START_TEST(a_server_with_a_scheme_over_the_limit_fails_at_the_first_step)
{
    static char text[ANYTLS_SCHEME_SIZE_MAX + 400];
    struct anytls_scheme huge = {text_of("stop=1"), 1, {0}};

    memset(text, '\n', sizeof text - 1);
    huge.text = text_of(text);
    pair_reset(&pair);
    pair.configs[SERVER].scheme = &huge;
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    ck_assert_int_eq(
        anytls_accept(&pair.server, &pair.configs[SERVER], tap_transport(&pair.taps[SERVER]))
            .status,
        ANYTLS_IO_FAILED);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_preamble_is_one_write_of_hash_length_and_padding,
        the_greatest_padding_of_the_preamble_is_one_write,
        without_a_line_0_the_preamble_has_no_padding,
        settings_syn_and_destination_are_the_one_write_with_number_1,
        records_have_the_sizes_that_the_scheme_says,
        record_sizes_follow_from_the_random_numbers,
        unshaped_data_are_one_write_a_frame,
        a_scheme_update_shapes_the_next_connection_only,
        a_server_with_a_scheme_over_the_limit_fails_at_the_first_step,
    };

    return suite_run("io blocking shape", tests, COUNT(tests));
}
