/* The blocking interface over memory: deadlines, heartbeats and timeouts, on a clock that is a
 * field. */
#include <string.h>

#include "io/host.h"
#include "support_io.h"

static struct pair pair;

static void open_stream(void)
{
    struct anytls_address address;

    ck_assert(anytls_host_read("web.example", 80, &address));
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    ck_assert_int_eq(anytls_open(&pair.client, &address).status, ANYTLS_OK);
}

static struct anytls_incoming accept_now(void)
{
    return anytls_accept(&pair.server, &pair.configs[SERVER], tap_transport(&pair.taps[SERVER]));
}

static unsigned count(const char *text, const char *word)
{
    unsigned found = 0;

    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        found++;
    return found;
}

START_TEST(a_read_ends_at_its_timeout)
{
    pair_reset(&pair);
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    ck_assert_int_eq(anytls_read(&pair.client, 250).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(pair.memory.now, 1250);
    ck_assert_int_eq(anytls_read(&pair.client, 0).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(pair.memory.now, 1250);
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_OK);
}
END_TEST

/* A peer that sends a Waste frame whenever it is asked, and a tenth of a second goes by. */
static void waste_step(void *context)
{
    static const uint8_t waste[7];
    struct anytls_transport raw = anytls_memory_transport(&pair.memory, SERVER);

    (void)context;
    pair.memory.now += 100;
    raw.write(raw.context, waste, sizeof waste, 0);
}

START_TEST(a_peer_that_sends_nothing_but_waste_does_not_hold_a_read_beyond_its_timeout)
{
    pair_reset(&pair);
    open_stream();
    pair.memory.ends[SERVER].step = waste_step;
    ck_assert_int_eq(anytls_read(&pair.client, 1000).status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(pair.memory.now, 2100);
}
END_TEST

/* AUTH-DEADLINE */
START_TEST(a_client_that_says_nothing_is_given_to_the_fallback_after_ten_seconds)
{
    struct anytls_incoming incoming;

    pair_reset(&pair);
    anytls_memory_begin(&pair.memory, pair.pipes, PAIR_PIPE);
    tap_begin(&pair.taps[SERVER], anytls_memory_transport(&pair.memory, SERVER));
    incoming = accept_now();
    ck_assert_int_eq(incoming.event.type, ANYTLS_EVENT_FALLBACK);
    ck_assert_uint_eq(incoming.event.data.size, 0);
    ck_assert_uint_eq(pair.memory.now, 10000);
}
END_TEST

START_TEST(a_preamble_that_stops_in_its_padding_ends_the_connection_after_ten_seconds)
{
    struct anytls_incoming incoming;

    pair_reset(&pair);
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    pair.taps[SERVER].read_max = 40;
    pair.memory.pipes[SERVER].size = 50; /* of 64 */
    incoming = accept_now();
    ck_assert_int_eq(incoming.event.type, ANYTLS_EVENT_CLOSED);
    ck_assert_int_eq(incoming.event.violation, ANYTLS_PEER_SILENT);
    ck_assert_uint_eq(pair.memory.now, 11000);
    ck_assert_int_eq(anytls_read(&pair.server, 5).status, ANYTLS_IO_END);
}
END_TEST

/* A byte a second. */
static void drop_step(void *context)
{
    struct anytls_transport raw = anytls_memory_transport(&pair.memory, CLIENT);

    (void)context;
    pair.memory.now += 1000;
    raw.write(raw.context, (const uint8_t *)"x", 1, 0);
}

START_TEST(a_client_that_sends_its_preamble_too_slowly_is_given_to_the_fallback_in_time)
{
    struct anytls_incoming incoming;

    pair_reset(&pair);
    anytls_memory_begin(&pair.memory, pair.pipes, PAIR_PIPE);
    tap_begin(&pair.taps[SERVER], anytls_memory_transport(&pair.memory, SERVER));
    pair.memory.ends[CLIENT].step = drop_step;
    incoming = accept_now();
    ck_assert_int_eq(incoming.event.type, ANYTLS_EVENT_FALLBACK);
    ck_assert_uint_eq(incoming.event.data.size, 10);
    ck_assert_mem_eq(incoming.event.data.bytes, "xxxxxxxxxx", 10);
    ck_assert_uint_eq(pair.memory.now, 10000);
}
END_TEST

/* SYNACK-SILENT-SERVER */
START_TEST(a_server_that_never_says_a_word_ends_the_session_after_thirty_seconds)
{
    pair_reset(&pair);
    open_stream();
    pair.memory.ends[SERVER].step = NULL;
    ck_assert_int_eq(pair_read(&pair, ANYTLS_FOREVER), ANYTLS_IO_END);
    ck_assert_uint_eq(pair.memory.now, 31000);
    ck_assert_int_eq(strncmp(pair.seen[CLIENT], "closed (", 8), 0);
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_CLOSED);
}
END_TEST

/* SYNACK-DEADLINE: it is asked every three seconds, and lives. */
START_TEST(a_slow_target_does_not_end_the_session)
{
    pair_reset(&pair);
    pair.mute = true;
    open_stream();
    ck_assert_int_eq(pair_read(&pair, 40000), ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(count(pair.seen[CLIENT], "heart answered"), 13);
    ck_assert_int_eq(anytls_answer(&pair.server, 1, NULL), ANYTLS_OK);
    pair.seen[CLIENT][0] = '\0';
    ck_assert_int_eq(pair_read(&pair, 60000), ANYTLS_IO_TIMEOUT);
    pair_saw(&pair, CLIENT, "accepted 1");
}
END_TEST

/* HEART-ACTIVE, HEART-DEADLINE */
START_TEST(heartbeats_keep_to_their_interval_and_silence_after_one_ends_the_session)
{
    pair_reset(&pair);
    pair.configs[CLIENT].endpoint.session.heart_interval = 7000;
    open_stream();
    ck_assert_int_eq(pair_read(&pair, 30000), ANYTLS_IO_TIMEOUT);
    pair_saw(&pair, CLIENT,
             "server settings v=2|accepted 1|heart answered|heart answered|heart answered|"
             "heart answered");
    pair.memory.ends[SERVER].step = NULL;
    ck_assert_int_eq(pair_read(&pair, ANYTLS_FOREVER), ANYTLS_IO_END);
    ck_assert_uint_eq(pair.memory.now, 1000 + 5 * 7000 + 10000);
    ck_assert_int_eq(strncmp(pair.seen[CLIENT], "closed (", 8), 0);
}
END_TEST

START_TEST(a_server_sends_heartbeats_too)
{
    struct anytls_incoming incoming;

    pair_reset(&pair);
    pair.configs[SERVER].endpoint.session.heart_interval = 5000;
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    pair.memory.ends[SERVER].step = NULL;
    incoming = anytls_read(&pair.server, 5500);
    ck_assert_int_eq(incoming.status, ANYTLS_IO_TIMEOUT);
    ck_assert_uint_eq(pair.memory.now, 6500);
    ck_assert_int_eq(anytls_read(&pair.client, 0).status, ANYTLS_IO_TIMEOUT);
    incoming = anytls_read(&pair.server, 0);
    ck_assert_int_eq(incoming.event.type, ANYTLS_EVENT_HEART_ANSWERED);
}
END_TEST

START_TEST(heartbeats_are_sent_to_a_peer_that_never_stops_sending)
{
    struct anytls_incoming incoming;

    pair_reset(&pair);
    pair.configs[CLIENT].endpoint.session.heart_interval = 2000;
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    pair.memory.ends[SERVER].step = waste_step;
    pair.taps[CLIENT].written.size = 0;
    incoming = anytls_read(&pair.client, 2050);
    ck_assert_int_eq(incoming.status, ANYTLS_IO_TIMEOUT);
    ck_assert_int_eq(pair.taps[CLIENT].written.at[0], ANYTLS_HEART_REQUEST);
}
END_TEST

START_TEST(a_caller_that_comes_late_does_not_find_a_peer_dead_that_has_answered)
{
    pair_reset(&pair);
    pair.configs[CLIENT].endpoint.session.heart_interval = 7000;
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    pair.memory.ends[SERVER].step = NULL;
    ck_assert_int_eq(pair_read(&pair, 7001), ANYTLS_IO_TIMEOUT); /* the request has left */
    pair.memory.ends[SERVER].step = NULL;
    pair_serve(&pair); /* and is answered; nobody reads that for an hour */
    pair.memory.now += 3600000;
    pair.seen[CLIENT][0] = '\0';
    ck_assert_int_eq(pair_read(&pair, 0), ANYTLS_IO_TIMEOUT);
    pair_saw(&pair, CLIENT, "heart answered");
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_OK);
}
END_TEST

START_TEST(a_write_that_nobody_takes_fails_at_its_timeout)
{
    static uint8_t bytes[PAIR_PIPE + 100];

    pair_reset(&pair);
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    pair.memory.ends[SERVER].step = NULL;
    ck_assert_int_eq(anytls_write(&pair.client, 1, bytes, sizeof bytes), ANYTLS_CLOSED);
    ck_assert_uint_eq(pair.memory.now, 31000);
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_CLOSED);
    ck_assert_uint_eq(pair.memory.now, 31000);
    ck_assert_int_eq(anytls_read(&pair.client, ANYTLS_FOREVER).status, ANYTLS_IO_FAILED);
    ck_assert_int_eq(anytls_read(&pair.client, ANYTLS_FOREVER).status, ANYTLS_IO_FAILED);
}
END_TEST

START_TEST(a_write_timeout_of_0_waits_for_ever)
{
    static uint8_t bytes[PAIR_PIPE + 100];

    pair_reset(&pair);
    pair.configs[CLIENT].write_timeout = 0;
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    pair.memory.ends[SERVER].step = NULL; /* memory knows that this never ends, and fails */
    ck_assert_int_eq(anytls_write(&pair.client, 1, bytes, sizeof bytes), ANYTLS_CLOSED);
    ck_assert_int_eq(pair.client.unwritable, ANYTLS_IO_FAILED);
    ck_assert_uint_eq(pair.memory.now, 1000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_read_ends_at_its_timeout,
        a_peer_that_sends_nothing_but_waste_does_not_hold_a_read_beyond_its_timeout,
        a_client_that_says_nothing_is_given_to_the_fallback_after_ten_seconds,
        a_preamble_that_stops_in_its_padding_ends_the_connection_after_ten_seconds,
        a_client_that_sends_its_preamble_too_slowly_is_given_to_the_fallback_in_time,
        a_server_that_never_says_a_word_ends_the_session_after_thirty_seconds,
        a_slow_target_does_not_end_the_session,
        heartbeats_keep_to_their_interval_and_silence_after_one_ends_the_session,
        a_server_sends_heartbeats_too,
        heartbeats_are_sent_to_a_peer_that_never_stops_sending,
        a_caller_that_comes_late_does_not_find_a_peer_dead_that_has_answered,
        a_write_that_nobody_takes_fails_at_its_timeout,
        a_write_timeout_of_0_waits_for_ever,
    };

    return suite_run("io blocking time", tests, COUNT(tests));
}
