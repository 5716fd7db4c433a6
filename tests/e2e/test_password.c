/* Who may talk to whom: passwords, certificates, links, and the back-off when it does not work. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "peer.h"
#include "relay.h"
#include "runner.h"

/* Asks as often as it can for ms; each request must fail, and fast. */
static unsigned requests_fail_for(uint16_t socks, uint64_t ms)
{
    uint64_t end = clock_ms() + ms;
    unsigned count = 0;

    for (; clock_ms() < end; count++) {
        int code;
        int descriptor = socks_connect_to(socks, "127.0.0.1", 9, &code);

        expect(net_wait_end(descriptor, 3000) != NET_SILENCE, "request %u hangs", count);
        close(descriptor);
        poll(NULL, 0, 5);
    }
    return count;
}

/* 0, 250, 750 and 1,750 ms after the start; one more for the edges. */
#define DIALS_IN_2_S 5u

static void a_wrong_password_is_logged_and_the_server_is_dialled_at_a_bounded_rate(void)
{
    struct relay *relay = relay_start(program_port(server_start(NULL)));
    struct program *client;
    char where[32];
    unsigned count;

    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)relay->port);
    client = plain_client_start("-s", where, "-p", "another password", "--insecure");
    count = requests_fail_for(program_port(client), 2000);
    program_must_log(client, "is the password right?", 1000);
    expect(count > 20, "only %u requests were made", count);
    expect(counter_get(&relay->accepted) <= DIALS_IN_2_S, "the server was dialled %u times",
           (unsigned)counter_get(&relay->accepted));
    expect(program_log_count(client, "\n") < 20, "the log grows with each request");
}

/* PROXY-BACK-OFF */
static void a_server_that_is_away_is_dialled_at_a_bounded_rate_and_used_when_it_is_back(void)
{
    uint16_t port = net_closed_port();
    struct program *client;
    struct target *http = target_start(serve_http);
    char where[32];
    uint64_t began;
    unsigned count;

    client = client_start(port, NULL);
    count = requests_fail_for(program_port(client), 2000);
    expect(count > 20, "only %u requests were made", count);
    program_must_log(client, "connection refused; not dialled for", 1000);
    expect(program_log_count(client, "; not dialled for") <= DIALS_IN_2_S,
           "the server was dialled %u times", program_log_count(client, "; not dialled for"));
    net_closed_port_release();
    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)port);
    program_port(server_start("-l", where));
    began = clock_ms();
    while (curl(program_port(client), "-o", "got", url(http->port, "/bytes/1/1000")) != 0) {
        expect(clock_ms() - began < 9000, "the server is back, and not used");
        poll(NULL, 0, 50);
    }
    expect(file_is_pattern("got", 1, 1000), "wrong bytes");
}

static void many_requests_that_fail_at_once_count_as_one_failure(void)
{
    struct program *client = client_start(net_closed_port(), NULL);
    uint16_t socks = program_port(client);
    int requests[20];

    for (size_t i = 0; i < 20; i++)
        requests[i] = socks_begin(socks, "127.0.0.1", 9);
    for (size_t i = 0; i < 20; i++)
        expect(net_wait_end(requests[i], 3000) != NET_SILENCE, "request %zu hangs", i);
    program_must_log(client, "not dialled for 250 ms", 1000);
    expect(program_log_count(client, "not dialled for 8000 ms") == 0,
           "one moment without a server costs 8 s");
}

static void the_password_may_come_from_a_file(void)
{
    struct target *http = target_start(serve_http);
    struct program *server;
    struct program *client;
    char where[32];

    file_write("password", "from a file \xc3\xa9\r\nignored\n", 23);
    server = plain_server_start("--password-file", "password", "--allow-local", "--workers", "2");
    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)program_port(server));
    client = plain_client_start("-s", where, "--password-file", "password", "--insecure");
    expect(curl(program_port(client), "-o", "got", url(http->port, "/bytes/1/1000")) == 0,
           "curl failed");
    client = plain_client_start("-s", where, "-p", "from a file \xc3\xa9", "--insecure");
    expect(curl(program_port(client), "-o", "got", url(http->port, "/bytes/1/1000")) == 0,
           "curl failed");
}

static void a_link_gives_server_password_and_parameters(void)
{
    struct target *http = target_start(serve_http);
    char link[128];
    struct program *client;

    snprintf(link, sizeof link, "anytls://a%%20password@127.0.0.1:%u/?sni=a.example&insecure=1",
             (unsigned)program_port(server_start(NULL)));
    client = plain_client_start("-s", link);
    expect(curl(program_port(client), "-o", "got", url(http->port, "/bytes/1/1000")) == 0,
           "curl failed");
}

static void command_line_copy(pid_t pid, char *text, size_t size)
{
    char path[64];
    uint8_t *bytes;
    size_t length;

    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    bytes = file_read(path, &length);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == 0)
            bytes[i] = ' ';
    snprintf(text, size, "%s", (char *)bytes);
    free(bytes);
}

static void passwords_do_not_stand_in_the_process_list(void)
{
    struct program *server = plain_server_start("-p", "hush-hush", "--workers", "2");
    char link[128];
    char text[1024];
    struct program *clients[2];
    pid_t workers[4];
    pid_t pids[4] = {program_pid(server)};
    size_t count = 1;

    snprintf(link, sizeof link, "anytls://hush-hush@127.0.0.1:%u/", (unsigned)program_port(server));
    clients[0] = plain_client_start("-s", link);
    clients[1] = plain_client_start("-s", "127.0.0.1:1", "-p", "hush-hush");
    for (size_t i = 0; i < 2; i++) {
        program_port(clients[i]);
        pids[count++] = program_pid(clients[i]);
    }
    expect(process_children(pids[0], workers, 4) == 2, "there are not two workers");
    pids[count++] = workers[0];
    for (size_t i = 0; i < count; i++) {
        command_line_copy(pids[i], text, sizeof text);
        expect(strstr(text, "anytls-") != NULL, "process %d is \"%s\"", (int)pids[i], text);
        expect(strstr(text, "hush") == NULL, "process %d shows \"%s\"", (int)pids[i], text);
    }
}

/* ---- Certificates ---- */

static struct program *certified_server_start(const char *name)
{
    file_write_certificate("certificate", name);
    return server_start("--cert", "certificate");
}

static struct program *verifying_client_start(const char *host, uint16_t port, const char *option,
                                              const char *value)
{
    static char where[64];

    snprintf(where, sizeof where, "%s:%u", host, (unsigned)port);
    return plain_client_start("-s", where, "-p", PASSWORD, "-v", option, value);
}

static void must_not_be_trusted(struct program *client, const char *reason)
{
    struct target *http = target_start(serve_http);

    expect(curl(program_port(client), url(http->port, "/bytes/1/10")) != 0, "curl did not fail");
    program_must_log(client, reason, 1000);
    expect(counter_get(&http->accepted) == 0, "the target was reached");
}

/* PROXY-VERIFY */
static void a_certificate_that_is_not_trusted_is_refused_with_a_clear_message(void)
{
    uint16_t port = program_port(certified_server_start("localhost"));

    must_not_be_trusted(verifying_client_start("localhost", port, NULL, NULL),
                        "certificate not trusted: self-signed certificate");
}

static void a_certificate_of_another_name_is_refused_with_a_clear_message(void)
{
    uint16_t port = program_port(certified_server_start("another.example"));

    must_not_be_trusted(verifying_client_start("localhost", port, "--ca", "certificate"),
                        "certificate not trusted: hostname mismatch");
}

static void must_be_trusted(struct program *client)
{
    struct target *http = target_start(serve_http);

    expect(curl(program_port(client), "-o", "got", url(http->port, "/bytes/1/1000")) == 0,
           "curl failed");
    expect(file_is_pattern("got", 1, 1000), "wrong bytes");
}

static void a_certificate_in_the_ca_file_is_trusted_for_its_name(void)
{
    uint16_t port = program_port(certified_server_start("localhost"));

    must_be_trusted(verifying_client_start("localhost", port, "--ca", "certificate"));
}

static void a_certificate_in_the_ca_file_is_trusted_for_its_address(void)
{
    uint16_t port = program_port(certified_server_start("127.0.0.1"));

    must_be_trusted(verifying_client_start("127.0.0.1", port, "--ca", "certificate"));
}

static void the_sni_name_is_the_one_that_is_verified(void)
{
    uint16_t port = program_port(certified_server_start("server.example"));
    char where[32];

    snprintf(where, sizeof where, "127.0.0.1:%u", (unsigned)port);
    must_be_trusted(plain_client_start("-s", where, "-p", PASSWORD, "--ca", "certificate", "--sni",
                                       "server.example"));
}

static void sni_carries_the_name_and_never_an_address(void)
{
    static const struct {
        const char *host;
        const char *sni;
    } rows[] = {{"localhost", "localhost"}, {"127.0.0.1", NULL}};
    uint16_t port;
    int listener = net_listen(&port);

    for (size_t i = 0; i < 2; i++) {
        struct program *client = verifying_client_start(rows[i].host, port, "--insecure", NULL);
        struct peer *peer;
        const char *sni;

        socks_begin(program_port(client), "127.0.0.1", 9);
        peer = peer_accept(listener, NET_DEADLINE);
        expect(peer != NULL, "no handshake");
        sni = SSL_get_servername(peer->ssl, TLSEXT_NAMETYPE_host_name);
        expect(rows[i].sni == NULL ? sni == NULL : sni != NULL && strcmp(sni, rows[i].sni) == 0,
               "%s: SNI is %s", rows[i].host, sni != NULL ? sni : "not sent");
        peer_drop(peer);
    }
}

static void tls_secrets_are_written_to_the_file_that_sslkeylogfile_names(void)
{
    struct target *http = target_start(serve_http);
    struct chain chain;
    uint8_t *log;
    size_t size;
    unsigned lines = 0;

    setenv("SSLKEYLOGFILE", "secrets", 1);
    chain = chain_start();
    unsetenv("SSLKEYLOGFILE");
    expect(curl(chain.socks, "-o", "got", url(http->port, "/bytes/1/10")) == 0, "curl failed");
    log = file_read("secrets", &size);
    for (const char *at = (char *)log; (at = strstr(at, "CLIENT_TRAFFIC_SECRET_0 ")) != NULL; at++)
        lines++;
    expect(lines == 2, "%u sides have written", lines);
    free(log);
}

const struct test tests_password[] = {
    WAITING_TEST(a_wrong_password_is_logged_and_the_server_is_dialled_at_a_bounded_rate),
    WAITING_TEST(a_server_that_is_away_is_dialled_at_a_bounded_rate_and_used_when_it_is_back),
    TEST(many_requests_that_fail_at_once_count_as_one_failure),
    TEST(the_password_may_come_from_a_file),
    TEST(a_link_gives_server_password_and_parameters),
    TEST(passwords_do_not_stand_in_the_process_list),
    TEST(a_certificate_that_is_not_trusted_is_refused_with_a_clear_message),
    TEST(a_certificate_of_another_name_is_refused_with_a_clear_message),
    TEST(a_certificate_in_the_ca_file_is_trusted_for_its_name),
    TEST(a_certificate_in_the_ca_file_is_trusted_for_its_address),
    TEST(the_sni_name_is_the_one_that_is_verified),
    TEST(tls_secrets_are_written_to_the_file_that_sslkeylogfile_names),
    TEST(sni_carries_the_name_and_never_an_address),
    TESTS_END,
};
