/* What leaves a socket: TLS records and their lengths, and how many of them in one system call.
 * This program puts a send of its own in front of the system's, which takes notes. */
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/host.h"
#include "io/scheme.h"
#include "support_io.h"

#define SENDS_MAX 64u

static struct {
    size_t size;
    uint8_t bytes[70000];
} sends[SENDS_MAX];
static size_t send_count;
static int noted = -1; /* the descriptor whose sends are noted */

ssize_t send(int descriptor, const void *bytes, size_t size, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int);

    *(void **)&real = dlsym(RTLD_NEXT, "send");
    if (descriptor == noted && send_count < SENDS_MAX && size <= sizeof sends[0].bytes) {
        sends[send_count].size = size;
        memcpy(sends[send_count].bytes, bytes, size);
        send_count++;
    }
    return real(descriptor, bytes, size, flags);
}

static struct served served;
static struct anytls_socket near;
static struct anytls_connection client;
static struct anytls_connection_config config;
static struct tap tap;

/* Bytes that TLS adds to a record: in 1.3 the type and the tag of the message. */
#define SEAL_1_3 17u
#define RECORD_HEADER 5u

static void connect_client(const char *scheme, struct anytls_scheme_copy *copy)
{
    struct anytls_tls_context *context = client_context(NULL);

    must(anytls_scheme_copy(text_of(scheme), copy).status == ANYTLS_OK, "no scheme");
    must(anytls_connection_config_set(&config, "secret"), "no SHA-256");
    config.scheme = &copy->scheme;
    served_reset(&served, NULL);
    served.config.scheme = &copy->scheme;
    served_begin(&served);
    must(anytls_socket_connect(&near, context, "127.0.0.1", served.port, NULL, 10000) ==
             ANYTLS_IO_OK,
         "%s", near.error);
    anytls_tls_context_free(context);
    ck_assert_int_eq(SSL_version(near.tls.ssl), TLS1_3_VERSION);
    tap_begin(&tap, anytls_socket_transport(&near));
    tap.fixed = true;
    noted = near.descriptor;
    send_count = 0;
    ck_assert_int_eq(anytls_connect(&client, &config, tap_transport(&tap)), ANYTLS_OK);
}

static void end_client(void)
{
    noted = -1;
    anytls_close(&client);
    anytls_socket_close(&near, 5000);
    served_end(&served);
}

/* The records of one send: their plaintext sizes. */
static size_t records_of(size_t number, size_t *sizes, size_t max)
{
    const uint8_t *bytes = sends[number].bytes;
    size_t count = 0;
    size_t at = 0;

    while (at < sends[number].size) {
        size_t length = (size_t)bytes[at + 3] * 256 + bytes[at + 4];

        must(count < max && bytes[at] == 23 && length >= SEAL_1_3, "no record of data");
        sizes[count] = length - SEAL_1_3;
        count++;
        at += RECORD_HEADER + length;
    }
    must(at == sends[number].size, "a send ends inside a record");
    return count;
}

/* PAD-RECORDS, PAD-RECORD-WRITE */
START_TEST(the_first_writes_are_tls_records_of_the_planned_sizes_each_in_a_send_of_its_own)
{
    static struct anytls_scheme_copy copy;
    /* The sizes that follow from the numbers 0, 1, 2 ..., one for each record and for each end of
     * a plan: 1 + 0 for line 0, which takes the first. */
    static const size_t expected[] = {34 + 100, 402, 500, 601, 302, 7 + 1};
    struct anytls_address address;
    uint8_t payload[1000] = {0};

    connect_client("stop=4\n0=100-120\n1=400-420\n2=498-520,598-620\n3=300-320", &copy);
    ck_assert(anytls_host_read("web.example", 80, &address));
    tap.number = 2; /* 402, and its end takes another */
    anytls_open(&client, &address);
    tap.number = 2; /* 500, 601 */
    anytls_write(&client, 1, payload, 1000);
    tap.number = 2; /* 302 */
    anytls_write(&client, 1, payload, 200);
    anytls_write(&client, 1, payload, 1);
    ck_assert_uint_eq(send_count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        size_t size = 0;

        ck_assert_uint_eq(records_of(i, &size, 1), 1);
        ck_assert_uint_eq(size, expected[i]);
    }
    end_client();
    ck_assert_uint_eq(served.data.size, 1201);
}
END_TEST

START_TEST(all_records_of_one_write_leave_in_one_send)
{
    static struct anytls_scheme_copy copy;
    static uint8_t payload[65535];
    struct anytls_address address;
    size_t sizes[6];

    connect_client("stop=0", &copy);
    ck_assert(anytls_host_read("web.example", 80, &address));
    anytls_open(&client, &address);
    send_count = 0;
    ck_assert_int_eq(anytls_write(&client, 1, payload, sizeof payload), ANYTLS_OK);
    ck_assert_uint_eq(send_count, 1);
    ck_assert_uint_eq(records_of(0, sizes, COUNT(sizes)), 5);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(sizes[i], 16384);
    ck_assert_uint_eq(sizes[4], 6);
    end_client();
}
END_TEST

START_TEST(a_transport_write_over_the_limit_of_one_send_takes_several)
{
    static struct anytls_scheme_copy copy;
    static uint8_t bytes[200000];
    struct anytls_transport transport;
    static uint8_t waste[200000];

    connect_client("stop=0", &copy);
    /* Waste frames, so that the server bears them. */
    for (size_t at = 0; at < sizeof bytes; at += 20000)
        anytls_waste_encode(20000, bytes + at, 20000);
    memcpy(waste, bytes, sizeof waste);
    transport = anytls_socket_transport(&near);
    send_count = 0;
    ck_assert_int_eq(transport.write(transport.context, bytes, sizeof bytes, ANYTLS_NEVER),
                     ANYTLS_IO_OK);
    ck_assert_uint_eq(send_count,
                      (sizeof bytes + ANYTLS_SOCKET_WRITE_MAX - 1) / ANYTLS_SOCKET_WRITE_MAX);
    ck_assert_mem_eq(bytes, waste, sizeof bytes);
    end_client();
    ck_assert_str_eq(served.seen, "authenticated|closed");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_first_writes_are_tls_records_of_the_planned_sizes_each_in_a_send_of_its_own,
        all_records_of_one_write_leave_in_one_send,
        a_transport_write_over_the_limit_of_one_send_takes_several,
    };

    return suite_run("io socket records", tests, COUNT(tests));
}
