/* TLS as a byte machine: two of them, fed from one another. */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/tls_context.h"
#include "support_io.h"

#define OUT_MAX 400000u

struct machine {
    struct anytls_tls tls;
    struct anytls_buffer out;
    uint8_t bytes[OUT_MAX]; /* of out */
    uint8_t fed[OUT_MAX];   /* what it was fed, as that has to stay in place */
};

static struct machine client;
static struct machine server;
static char error[ANYTLS_ERROR_TEXT_SIZE];

static struct anytls_tls_context *context_of(const struct anytls_tls_config *config)
{
    struct anytls_tls_context *context = anytls_tls_context_new(config, error);

    must(context != NULL, "%s", error);
    return context;
}

static void machine_begin(struct machine *machine, struct anytls_tls_context *context,
                          const char *name)
{
    machine->out.bytes = machine->bytes;
    machine->out.capacity = OUT_MAX;
    machine->out.size = 0;
    must(anytls_tls_begin(&machine->tls, context, name), "cannot begin");
}

/* Gives what the one has laid out to the other. */
static void pass(struct machine *from, struct machine *to)
{
    memcpy(to->fed, from->bytes, from->out.size);
    anytls_tls_feed(&to->tls, to->fed, from->out.size);
    from->out.size = 0;
}

/* The handshake, from both ends in turn; what the one that ended it says. */
static enum anytls_tls_status shake(void)
{
    for (int i = 0; i < 10; i++) {
        enum anytls_tls_status near = anytls_tls_handshake(&client.tls, &client.out);
        enum anytls_tls_status far;

        if (near != ANYTLS_TLS_OK && near != ANYTLS_TLS_WANT_INPUT)
            return near;
        pass(&client, &server);
        far = anytls_tls_handshake(&server.tls, &server.out);
        if (far != ANYTLS_TLS_OK && far != ANYTLS_TLS_WANT_INPUT)
            return far;
        pass(&server, &client);
        if (near == ANYTLS_TLS_OK && far == ANYTLS_TLS_OK)
            return ANYTLS_TLS_OK;
    }
    return ANYTLS_TLS_WANT_INPUT;
}

static void begin_pair(int version)
{
    static const struct anytls_tls_config serves = {.server = true};
    static const struct anytls_tls_config trusts = {.insecure = true};
    struct anytls_tls_context *near = context_of(&trusts);
    struct anytls_tls_context *far = context_of(&serves);

    SSL_CTX_set_max_proto_version(far->ssl, version);
    machine_begin(&client, near, "web.example");
    machine_begin(&server, far, NULL);
    anytls_tls_context_free(near); /* the connections live on */
    anytls_tls_context_free(far);
}

static void end_pair(void)
{
    anytls_tls_end(&client.tls);
    anytls_tls_end(&server.tls);
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

START_TEST(bytes_pass_both_ways_over_tls_1_2_and_1_3)
{
    static uint8_t bytes[100000];
    static uint8_t got[100000];

    pattern_fill(bytes, sizeof bytes);
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct anytls_tls_result result;

        begin_pair(versions[i]);
        ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
        ck_assert_int_eq(SSL_version(client.tls.ssl), versions[i]);
        ck_assert_int_eq(anytls_tls_write(&client.tls, bytes, sizeof bytes, &client.out),
                         ANYTLS_TLS_OK);
        pass(&client, &server);
        result = anytls_tls_read(&server.tls, got, 60000, &server.out);
        ck_assert_int_eq(result.status, ANYTLS_TLS_OK);
        ck_assert_uint_eq(result.size, 60000);
        result = anytls_tls_read(&server.tls, got + 60000, 60000, &server.out);
        ck_assert_int_eq(result.status, ANYTLS_TLS_WANT_INPUT);
        ck_assert_uint_eq(result.size, 40000);
        must(memcmp(got, bytes, sizeof bytes) == 0, "other bytes");
        ck_assert_int_eq(anytls_tls_write(&server.tls, bytes, 5, &server.out), ANYTLS_TLS_OK);
        pass(&server, &client);
        ck_assert_uint_eq(anytls_tls_read(&client.tls, got, 100, &client.out).size, 5);
        end_pair();
    }
}
END_TEST

START_TEST(a_byte_at_a_time_is_enough)
{
    for (size_t i = 0; i < COUNT(versions); i++) {
        uint8_t got[40];
        size_t size = 0;

        begin_pair(versions[i]);
        ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
        anytls_tls_write(&client.tls, (const uint8_t *)"drop by drop", 12, &client.out);
        memcpy(server.fed, client.bytes, client.out.size);
        for (size_t at = 0; at < client.out.size; at++) {
            anytls_tls_feed(&server.tls, server.fed + at, 1);
            size += anytls_tls_read(&server.tls, got + size, sizeof got - size, &server.out).size;
        }
        ck_assert_uint_eq(size, 12);
        ck_assert_mem_eq(got, "drop by drop", 12);
        end_pair();
    }
}
END_TEST

START_TEST(a_write_is_all_or_nothing_and_never_beyond_its_sealed_size)
{
    static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 32768, 65542, 131072};
    static uint8_t bytes[131072];
    static const char *const suites[] = {"ECDHE-ECDSA-AES128-SHA256",
                                         "ECDHE-ECDSA-CHACHA20-POLY1305",
                                         "ECDHE-ECDSA-AES256-GCM-SHA384", NULL};

    for (size_t i = 0; i < COUNT(suites); i++) {
        begin_pair(suites[i] != NULL ? TLS1_2_VERSION : TLS1_3_VERSION);
        if (suites[i] != NULL)
            SSL_set_cipher_list(client.tls.ssl, suites[i]);
        ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
        for (size_t j = 0; j < COUNT(sizes); j++) {
            size_t sealed = anytls_tls_sealed_size(sizes[j]);

            client.out.size = 0;
            client.out.capacity = sealed - 1;
            if (sizes[j] > 0) {
                ck_assert_int_eq(anytls_tls_write(&client.tls, bytes, sizes[j], &client.out),
                                 ANYTLS_TLS_NO_ROOM);
                ck_assert_uint_eq(client.out.size, 0);
            }
            client.out.capacity = sealed;
            ck_assert_int_eq(anytls_tls_write(&client.tls, bytes, sizes[j], &client.out),
                             ANYTLS_TLS_OK);
            ck_assert_uint_le(client.out.size, sealed);
            ck_assert_uint_ge(client.out.size, sizes[j]);
        }
        end_pair();
    }
}
END_TEST

START_TEST(a_handshake_goes_on_after_its_output_was_sent)
{
    begin_pair(TLS1_3_VERSION);
    ck_assert_int_eq(anytls_tls_handshake(&client.tls, &client.out), ANYTLS_TLS_WANT_INPUT);
    pass(&client, &server);
    server.out.size = server.out.capacity - 100;
    ck_assert_int_eq(anytls_tls_handshake(&server.tls, &server.out), ANYTLS_TLS_NO_ROOM);
    ck_assert_int_eq(anytls_tls_handshake(&server.tls, &server.out), ANYTLS_TLS_NO_ROOM);
    ck_assert_uint_eq(server.out.size, server.out.capacity - 100);
    server.out.size = 0;
    ck_assert_int_eq(anytls_tls_handshake(&server.tls, &server.out), ANYTLS_TLS_WANT_INPUT);
    pass(&server, &client);
    ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
    end_pair();
}
END_TEST

START_TEST(a_proper_end_is_told_as_one)
{
    uint8_t got[10];

    for (size_t i = 0; i < COUNT(versions); i++) {
        begin_pair(versions[i]);
        ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
        anytls_tls_write(&client.tls, (const uint8_t *)"last", 4, &client.out);
        anytls_tls_close(&client.tls, &client.out);
        pass(&client, &server);
        ck_assert_uint_eq(anytls_tls_read(&server.tls, got, 4, &server.out).size, 4);
        ck_assert_int_eq(anytls_tls_read(&server.tls, got, 10, &server.out).status,
                         ANYTLS_TLS_ENDED);
        ck_assert_int_eq(anytls_tls_write(&server.tls, got, 4, &server.out), ANYTLS_TLS_OK);
        end_pair();
    }
}
END_TEST

START_TEST(a_close_before_the_handshake_says_nothing)
{
    begin_pair(TLS1_3_VERSION);
    anytls_tls_close(&client.tls, &client.out);
    ck_assert_uint_eq(client.out.size, 0);
    end_pair();
}
END_TEST

START_TEST(a_change_of_one_bit_is_a_failure_with_a_text)
{
    uint8_t got[10];

    for (size_t i = 0; i < COUNT(versions); i++) {
        begin_pair(versions[i]);
        ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
        anytls_tls_write(&client.tls, (const uint8_t *)"x", 1, &client.out);
        client.bytes[client.out.size - 1] ^= 1;
        pass(&client, &server);
        ck_assert_int_eq(anytls_tls_read(&server.tls, got, 10, &server.out).status,
                         ANYTLS_TLS_FAILED);
        anytls_tls_error_text(&server.tls, error);
        ck_assert_str_eq(error, "decryption failed or bad record mac");
        ck_assert_uint_gt(server.out.size, 0); /* an alert */
        pass(&server, &client);
        ck_assert_int_eq(anytls_tls_read(&client.tls, got, 10, &client.out).status,
                         ANYTLS_TLS_FAILED);
        end_pair();
    }
}
END_TEST

START_TEST(garbage_is_a_failure_with_a_text)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", "http request"},
        {"SSH-2.0-OpenSSH_9.2p1\r\n", "wrong version number"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        begin_pair(TLS1_3_VERSION);
        anytls_tls_feed(&server.tls, (const uint8_t *)rows[i].bytes, strlen(rows[i].bytes));
        ck_assert_int_eq(anytls_tls_handshake(&server.tls, &server.out), ANYTLS_TLS_FAILED);
        anytls_tls_error_text(&server.tls, error);
        ck_assert_str_eq(error, rows[i].text);
        end_pair();
    }
}
END_TEST

START_TEST(random_bytes_at_any_moment_end_in_a_failure_or_in_waiting)
{
    uint32_t seed = 11;

    for (int i = 0; i < 200; i++) {
        uint8_t got[64];
        size_t size = 1 + random_next(&seed) % 600;
        bool shaken = i % 2 == 0;

        begin_pair(versions[i / 2 % 2]);
        if (shaken)
            must(shake() == ANYTLS_TLS_OK, "no handshake");
        for (size_t j = 0; j < size; j++)
            server.fed[j] = (uint8_t)random_next(&seed);
        if (i % 3 == 0)
            memcpy(server.fed, "\x16\x03\x01", 3);
        anytls_tls_feed(&server.tls, server.fed, size);
        if (shaken)
            must(anytls_tls_read(&server.tls, got, sizeof got, &server.out).size == 0, "plaintext");
        else
            must(anytls_tls_handshake(&server.tls, &server.out) != ANYTLS_TLS_OK, "accepted");
        end_pair();
    }
}
END_TEST

START_TEST(a_key_update_is_answered_by_a_read)
{
    uint8_t got[10];

    begin_pair(TLS1_3_VERSION);
    ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
    ck_assert_int_eq(SSL_key_update(client.tls.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    ck_assert_int_eq(anytls_tls_write(&client.tls, (const uint8_t *)"new", 3, &client.out),
                     ANYTLS_TLS_OK);
    pass(&client, &server);
    ck_assert_uint_eq(anytls_tls_read(&server.tls, got, 10, &server.out).size, 3);
    ck_assert_int_eq(anytls_tls_write(&server.tls, (const uint8_t *)"newer", 5, &server.out),
                     ANYTLS_TLS_OK);
    pass(&server, &client);
    ck_assert_uint_eq(anytls_tls_read(&client.tls, got, 10, &client.out).size, 5);
    ck_assert_mem_eq(got, "newer", 5);
    end_pair();
}
END_TEST

/* URI-SNI */
START_TEST(a_name_is_sent_as_sni_and_an_address_is_not)
{
    static const struct {
        const char *name;
        const char *sni;
    } rows[] = {
        {"web.example", "web.example"}, {"192.0.2.1", NULL}, {"2001:db8::1", NULL}, {NULL, NULL}};
    static const struct anytls_tls_config trusts = {.insecure = true};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct anytls_tls_context *context = context_of(&trusts);
        const char *seen;

        begin_pair(TLS1_3_VERSION);
        anytls_tls_end(&client.tls);
        machine_begin(&client, context, rows[i].name);
        ck_assert_int_eq(shake(), ANYTLS_TLS_OK);
        seen = SSL_get_servername(server.tls.ssl, TLSEXT_NAMETYPE_host_name);
        if (rows[i].sni == NULL)
            ck_assert_ptr_null(seen);
        else
            ck_assert_str_eq(seen, rows[i].sni);
        anytls_tls_context_free(context);
        end_pair();
    }
}
END_TEST

START_TEST(a_name_that_no_certificate_can_have_is_refused)
{
    static const struct anytls_tls_config trusts = {.insecure = true};
    struct anytls_tls_context *context = context_of(&trusts);
    char name[400];
    struct anytls_tls tls;

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert(!anytls_tls_begin(&tls, context, name));
    ck_assert(!anytls_tls_begin(&tls, context, ""));
    ck_assert_ptr_null(tls.ssl);
    anytls_tls_end(&tls);
    anytls_tls_context_free(context);
}
END_TEST

START_TEST(versions_before_1_2_are_refused)
{
    begin_pair(TLS1_3_VERSION);
    SSL_set_min_proto_version(client.tls.ssl, TLS1_VERSION);
    SSL_set_max_proto_version(client.tls.ssl, TLS1_1_VERSION);
    SSL_set_security_level(client.tls.ssl, 0);
    ck_assert_int_eq(shake(), ANYTLS_TLS_FAILED);
    anytls_tls_error_text(&server.tls, error);
    ck_assert_str_eq(error, "unsupported protocol");
    end_pair();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        bytes_pass_both_ways_over_tls_1_2_and_1_3,
        a_byte_at_a_time_is_enough,
        a_write_is_all_or_nothing_and_never_beyond_its_sealed_size,
        a_handshake_goes_on_after_its_output_was_sent,
        a_proper_end_is_told_as_one,
        a_close_before_the_handshake_says_nothing,
        a_change_of_one_bit_is_a_failure_with_a_text,
        garbage_is_a_failure_with_a_text,
        random_bytes_at_any_moment_end_in_a_failure_or_in_waiting,
        a_key_update_is_answered_by_a_read,
        a_name_is_sent_as_sni_and_an_address_is_not,
        a_name_that_no_certificate_can_have_is_refused,
        versions_before_1_2_are_refused,
    };

    return suite_run("io tls", tests, COUNT(tests));
}
