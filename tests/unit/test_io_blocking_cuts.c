/* The blocking interface over memory: wrong passwords and the fallback, and connections that are
 * cut at every byte. */
#include <string.h>

#include "io/digest.h"
#include "io/host.h"
#include "support_io.h"

static struct pair pair;
static struct anytls_transport raw; /* the client's end, without a client */

static void begin_server(const void *bytes, size_t size)
{
    pair_reset(&pair);
    anytls_memory_begin(&pair.memory, pair.pipes, PAIR_PIPE);
    tap_begin(&pair.taps[SERVER], anytls_memory_transport(&pair.memory, SERVER));
    raw = anytls_memory_transport(&pair.memory, CLIENT);
    ck_assert_int_eq(raw.write(raw.context, bytes, size, 0), ANYTLS_IO_OK);
}

static struct anytls_incoming accept_now(void)
{
    return anytls_accept(&pair.server, &pair.configs[SERVER], tap_transport(&pair.taps[SERVER]));
}

/* AUTH-FALLBACK */
START_TEST(a_fallback_gets_exactly_the_bytes_that_came_whatever_their_cuts)
{
    static const char request[] =
        "GET /a/rather/long/path/to/a/page HTTP/1.1\r\nHost: web.example\r\n";
    const size_t size = sizeof request - 1;

    for (size_t piece = 1; piece <= size; piece++) {
        static uint8_t got[200];
        struct anytls_incoming incoming;
        size_t have;

        begin_server(request, size);
        pair.taps[SERVER].read_max = piece;
        incoming = accept_now();
        must(incoming.event.type == ANYTLS_EVENT_FALLBACK, "piece %zu: no fallback", piece);
        have = incoming.event.data.size;
        must(have >= 32 && have <= size, "piece %zu: %zu bytes", piece, have);
        memcpy(got, incoming.event.data.bytes, have);
        while (have < size)
            have += pair.taps[SERVER]
                        .inner.read(pair.taps[SERVER].inner.context, got + have, size - have, 0)
                        .size;
        must(memcmp(got, request, size) == 0, "piece %zu: other bytes", piece);
        must(pair.taps[SERVER].writes == 0, "piece %zu: the server wrote", piece);
        must(anytls_read(&pair.server, 0).status == ANYTLS_IO_END, "more events");
    }
}
END_TEST

START_TEST(fewer_bytes_than_a_preamble_and_the_end_go_to_the_fallback)
{
    static const uint8_t bytes[31] = "GET / HTTP/1.0";

    for (size_t size = 1; size <= sizeof bytes; size++) {
        struct anytls_incoming incoming;

        begin_server(bytes, size);
        anytls_memory_close(&pair.memory, CLIENT);
        incoming = accept_now();
        ck_assert_int_eq(incoming.event.type, ANYTLS_EVENT_FALLBACK);
        ck_assert_uint_eq(incoming.event.data.size, size);
        ck_assert_mem_eq(incoming.event.data.bytes, bytes, size);
    }
}
END_TEST

START_TEST(the_end_without_a_byte_or_in_the_padding_is_the_end)
{
    uint8_t bytes[50] = {0};

    begin_server(bytes, 0);
    anytls_memory_close(&pair.memory, CLIENT);
    ck_assert_int_eq(accept_now().event.type, ANYTLS_EVENT_CLOSED);

    ck_assert(anytls_password_hash(text_of("secret"), bytes));
    bytes[33] = 30;
    begin_server(bytes, sizeof bytes);
    anytls_memory_close(&pair.memory, CLIENT);
    ck_assert_int_eq(accept_now().event.type, ANYTLS_EVENT_CLOSED);
    ck_assert_uint_eq(pair.taps[SERVER].writes, 0);
}
END_TEST

/* AUTH-REFUSE: not a byte is sent. */
START_TEST(a_client_with_a_wrong_password_sees_the_connection_end)
{
    pair_reset(&pair);
    ck_assert(anytls_connection_config_set(&pair.configs[SERVER], "another"));
    ck_assert_int_eq(pair_connect(&pair), ANYTLS_OK);
    pair_open(&pair, "web.example");
    ck_assert_int_eq(strncmp(pair.seen[SERVER], "fallback +<b8", 13), 0); /* the hash's begin */
    anytls_memory_close(&pair.memory, SERVER);
    ck_assert_int_eq(pair_read(&pair, ANYTLS_FOREVER), ANYTLS_IO_END);
    pair_saw(&pair, CLIENT, "closed");
}
END_TEST

/* ---- Cuts ---- */

#define UP "what the client sends"
#define DOWN "what the server sends: somewhat more"

/* The client's part, up to the first call that fails. */
static void client_run(void)
{
    struct anytls_address address;

    ck_assert(anytls_host_read("web.example", 80, &address));
    if (anytls_open(&pair.client, &address).status != ANYTLS_OK ||
        anytls_write(&pair.client, 1, UP, sizeof UP) != ANYTLS_OK)
        return;
    if (pair_read(&pair, 0) != ANYTLS_IO_TIMEOUT)
        return;
    anytls_write(&pair.server, 1, DOWN, sizeof DOWN);
    anytls_finish(&pair.server, 1);
    if (pair_read(&pair, 0) != ANYTLS_IO_TIMEOUT)
        return;
    if (anytls_open(&pair.client, &address).status == ANYTLS_OK)
        anytls_finish(&pair.client, 2);
    pair_read(&pair, 0);
}

static void run(size_t client_writes, size_t client_reads)
{
    pair_reset(&pair);
    pair.quiet = true;
    anytls_memory_begin(&pair.memory, pair.pipes, PAIR_PIPE);
    pair_connect(&pair);
    pair.taps[CLIENT].write_left = client_writes;
    pair.taps[CLIENT].read_left = client_reads;
    client_run();
    anytls_memory_close(&pair.memory, CLIENT);
    pair_serve(&pair);
}

static bool is_prefix_then_end(const char *seen, const char *whole)
{
    size_t size = strlen(seen);

    if (size >= 6 && strcmp(seen + size - 6, "closed") == 0)
        size -= 6;
    if (size > 0 && seen[size - 1] == '|')
        size--;
    return strncmp(seen, whole, size) == 0;
}

static bool is_prefix(const struct bytes *data, const char *whole, size_t size)
{
    return data->size <= size && memcmp(data->at, whole, data->size) == 0;
}

static char whole[2][TEXT_MAX];

static size_t whole_run(void)
{
    run(TAP_OPEN, TAP_OPEN);
    strcpy(whole[CLIENT], pair.seen[CLIENT]);
    strcpy(whole[SERVER], pair.seen[SERVER]);
    ck_assert_str_eq(whole[CLIENT], "server settings v=2|accepted 1|finished 1");
    ck_assert_str_eq(whole[SERVER], "authenticated|settings v=2|dial 1 name web.example:80|"
                                    "dial 2 name web.example:80|finished 2|closed");
    ck_assert_uint_eq(pair.data[SERVER].size, sizeof UP);
    ck_assert_uint_eq(pair.data[CLIENT].size, sizeof DOWN);
    return pair.taps[CLIENT].written.size - 64; /* without the preamble */
}

START_TEST(what_a_client_sent_before_a_cut_at_any_byte_arrives_and_then_the_end)
{
    size_t total = whole_run();

    ck_assert_uint_gt(total, 500);
    for (size_t cut = 0; cut < total; cut++) {
        run(cut, TAP_OPEN);
        must(is_prefix_then_end(pair.seen[SERVER], whole[SERVER]), "cut at %zu: %s", cut,
             pair.seen[SERVER]);
        must(is_prefix(&pair.data[SERVER], UP, sizeof UP), "cut at %zu: other data", cut);
        must(pair.server.ended != ANYTLS_IO_OK, "cut at %zu: the server lives on", cut);
        must(anytls_write(&pair.server, 1, "x", 1) == ANYTLS_CLOSED, "cut at %zu", cut);
        must(anytls_read(&pair.client, ANYTLS_FOREVER).status != ANYTLS_IO_TIMEOUT,
             "cut at %zu: the client waits", cut);
    }
}
END_TEST

START_TEST(what_a_server_sent_before_a_cut_at_any_byte_arrives_and_then_the_end)
{
    size_t total;

    whole_run();
    total = pair.taps[SERVER].written.size;
    ck_assert_uint_gt(total, 50);
    for (size_t cut = 0; cut < total; cut++) {
        run(TAP_OPEN, cut);
        must(is_prefix_then_end(pair.seen[CLIENT], whole[CLIENT]), "cut at %zu: %s", cut,
             pair.seen[CLIENT]);
        must(is_prefix(&pair.data[CLIENT], DOWN, sizeof DOWN), "cut at %zu: other data", cut);
        must(pair.client.ended == ANYTLS_IO_END, "cut at %zu: the client lives on", cut);
        must(anytls_write(&pair.client, 1, "x", 1) == ANYTLS_CLOSED, "cut at %zu", cut);
    }
}
END_TEST

START_TEST(a_preamble_cut_at_any_byte_never_begins_a_session)
{
    for (size_t cut = 0; cut < 64; cut++) {
        pair_reset(&pair);
        pair_connect(&pair);
        pair.memory.pipes[SERVER].size = cut;
        anytls_memory_close(&pair.memory, CLIENT);
        pair_serve(&pair);
        must(strncmp(pair.seen[SERVER], cut > 0 && cut < 32 ? "fallback" : "closed", 6) == 0,
             "cut at %zu: %s", cut, pair.seen[SERVER]);
    }
}
END_TEST

START_TEST(a_connect_that_cannot_write_says_so)
{
    pair_reset(&pair);
    pair_connect(&pair);
    pair.taps[CLIENT].write_left = 63;
    ck_assert_int_eq(
        anytls_connect(&pair.client, &pair.configs[CLIENT], tap_transport(&pair.taps[CLIENT])),
        ANYTLS_CLOSED);
    ck_assert_int_eq(anytls_read(&pair.client, ANYTLS_FOREVER).status, ANYTLS_IO_FAILED);
}
END_TEST

START_TEST(after_a_failed_write_what_had_come_is_still_told)
{
    pair_reset(&pair);
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    pair.seen[CLIENT][0] = '\0';
    anytls_alert(&pair.server, "too many sessions");
    pair.taps[CLIENT].write_left = 0;
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_CLOSED);
    ck_assert_int_eq(pair_read(&pair, ANYTLS_FOREVER), ANYTLS_IO_END);
    ck_assert_int_eq(strncmp(pair.seen[CLIENT], "alert too many sessions (", 25), 0);
}
END_TEST

START_TEST(a_transport_that_fails_to_read_ends_the_session)
{
    pair_reset(&pair);
    pair_connect(&pair);
    pair_open(&pair, "web.example");
    pair.configs[CLIENT].endpoint.session.synack_timeout = 0;
    pair.memory.ends[SERVER].step = NULL; /* nothing can ever come: memory fails */
    ck_assert_int_eq(anytls_read(&pair.client, ANYTLS_FOREVER).status, ANYTLS_IO_FAILED);
    ck_assert_int_eq(anytls_read(&pair.client, 5).status, ANYTLS_IO_FAILED);
    ck_assert_int_eq(anytls_write(&pair.client, 1, "x", 1), ANYTLS_CLOSED);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_fallback_gets_exactly_the_bytes_that_came_whatever_their_cuts,
        fewer_bytes_than_a_preamble_and_the_end_go_to_the_fallback,
        the_end_without_a_byte_or_in_the_padding_is_the_end,
        a_client_with_a_wrong_password_sees_the_connection_end,
        what_a_client_sent_before_a_cut_at_any_byte_arrives_and_then_the_end,
        what_a_server_sent_before_a_cut_at_any_byte_arrives_and_then_the_end,
        a_preamble_cut_at_any_byte_never_begins_a_session,
        a_connect_that_cannot_write_says_so,
        after_a_failed_write_what_had_come_is_still_told,
        a_transport_that_fails_to_read_ends_the_session,
    };

    return suite_run("io blocking cuts", tests, COUNT(tests));
}
