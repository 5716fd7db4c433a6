/* HUP rereads files for new connections; TERM and INT finish what is in flight. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "http.h"
#include "peer.h"
#include "runner.h"

static void text_write(const char *path, const char *text)
{
    file_write(path, text, strlen(text));
}

static void hang_up(struct program *server, unsigned times)
{
    program_signal(server, SIGHUP);
    program_must_log_times(server, "reread certificate, password and padding scheme", times, 5000);
}

static void must_work(struct peer *peer, uint32_t stream, struct target *echo)
{
    struct frame frame;

    peer_must_open(peer, stream, echo->port);
    peer_send(peer, PSH, stream, "question", 8);
    peer_find(peer, &frame, PSH);
    expect(frame.stream == stream && frame.size == 8, "no echo");
}

static void the_password_must_be(uint16_t port, const char *right, const char *wrong,
                                 struct target *echo)
{
    struct peer *peer = peer_connect(port);

    peer_greet(peer, right);
    must_work(peer, 1, echo);
    peer_close(peer);
    peer = peer_connect(port);
    peer_greet(peer, wrong);
    expect(peer_fill(peer, 5000) <= 0, "the wrong password was taken");
    peer_drop(peer);
}

static void hup_rereads_the_password_and_running_sessions_go_on(void)
{
    struct program *server;
    struct target *echo = target_start(serve_echo);
    struct peer *running;
    uint16_t port;

    text_write("password", "first\n");
    server = plain_server_start("--password-file", "password", "--workers", "1", "--allow-local");
    port = program_port(server);
    running = peer_connect(port);
    peer_greet(running, "first");
    must_work(running, 1, echo);
    text_write("password", "second\n");
    the_password_must_be(port, "first", "second", echo);
    hang_up(server, 1);
    the_password_must_be(port, "second", "first", echo);
    must_work(running, 2, echo);
}

static const char *common_name(struct peer *peer)
{
    static char name[128];
    X509 *certificate = SSL_get1_peer_certificate(peer->ssl);

    expect(certificate != NULL, "no certificate");
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    X509_free(certificate);
    return name;
}

static void hup_rereads_the_certificate(void)
{
    struct program *server;
    struct target *echo = target_start(serve_echo);
    struct peer *running;
    struct peer *later;

    file_write_certificate("certificate", "first.example");
    server = server_start("--cert", "certificate");
    running = peer_connect(program_port(server));
    peer_greet(running, PASSWORD);
    expect(strcmp(common_name(running), "first.example") == 0, "it is of %s", common_name(running));
    file_write_certificate("certificate", "second.example");
    hang_up(server, 1);
    later = peer_connect(program_port(server));
    expect(strcmp(common_name(later), "second.example") == 0, "it is of %s", common_name(later));
    must_work(running, 1, echo);
}

static void hup_rereads_the_padding_scheme(void)
{
    struct program *server;
    struct peer *peer;
    struct frame frame;

    text_write("scheme", "stop=1\n0=1-1\n");
    server = server_start("--padding-scheme", "scheme");
    text_write("scheme", "stop=2\n0=2-2\n");
    program_port(server);
    hang_up(server, 1);
    peer = peer_connect(program_port(server));
    peer_greet(peer, PASSWORD);
    peer_must_get(peer, &frame, UPDATE_PADDING_SCHEME, 0);
    expect(strcmp((char *)frame.data, "stop=2\n0=2-2") == 0, "it is \"%s\"", frame.data);
}

static void hup_with_a_bad_file_says_so_and_keeps_the_old_settings(void)
{
    struct program *server;
    struct target *echo = target_start(serve_echo);

    text_write("password", "first\n");
    text_write("scheme", "stop=1\n0=1-1\n");
    server = plain_server_start("--password-file", "password", "--workers", "1", "--allow-local",
                                "--padding-scheme", "scheme");
    program_port(server);
    text_write("password", "second\n");
    text_write("scheme", "stop=1\n0=1-99999\n");
    program_signal(server, SIGHUP);
    program_must_log(server, "not reread, the old settings stay: scheme, line 2", 5000);
    the_password_must_be(program_port(server), "first", "second", echo);
}

static void hup_right_after_the_start_does_not_end_the_server(void)
{
    struct program *server = server_start(NULL);
    struct target *echo = target_start(serve_echo);

    program_must_log(server, "listening on", 5000);
    program_signal(server, SIGHUP);
    the_password_must_be(program_port(server), PASSWORD, "another", echo);
}

static void hup_reaches_all_workers(void)
{
    struct program *server;
    pid_t workers[8];
    struct target *echo = target_start(serve_echo);

    text_write("password", "first\n");
    server = plain_server_start("--password-file", "password", "--workers", "3", "--allow-local");
    the_password_must_be(program_port(server), "first", "second", echo);
    expect(process_children(program_pid(server), workers, 8) == 3, "there are not three workers");
    for (int i = 0; i < 3; i++)
        process_must_be_ready(workers[i]);
    text_write("password", "second\n");
    hang_up(server, 3);
    for (int i = 0; i < 12; i++)
        the_password_must_be(program_port(server), "second", "first", echo);
}

static void all_workers_show_the_same_self_signed_certificate(void)
{
    struct program *server = plain_server_start("-p", PASSWORD, "--workers", "3");
    X509 *first = SSL_get1_peer_certificate(peer_connect(program_port(server))->ssl);

    for (int i = 0; i < 12; i++) {
        X509 *next = SSL_get1_peer_certificate(peer_connect(program_port(server))->ssl);

        expect(X509_cmp(first, next) == 0, "connection %d has another one", i);
        X509_free(next);
    }
    X509_free(first);
}

/* ---- TERM and INT ---- */

/* A download that takes a second or two, and a signal amid it. */
static void download_survives(struct chain *chain, struct program *told, int signal)
{
    struct target *http = target_start(serve_http);
    struct program *download = curl_start(chain->socks, "--limit-rate", "4M", "-o", "got",
                                          url(http->port, "/bytes/1/8000000"));

    expect(counter_reaches(&http->sent, 65536, 5000), "no download began");
    program_signal(told, signal);
    expect(program_wait(download, 10000) == 0, "the download was cut");
    expect(file_is_pattern("got", 1, 8000000), "wrong bytes");
    expect(program_wait(told, 3000) == 0, "it did not leave with exit code 0 thereafter");
}

static void term_lets_the_server_finish_a_download(void)
{
    struct chain chain = chain_start();

    download_survives(&chain, chain.server, SIGTERM);
}

static void int_lets_the_server_finish_a_download(void)
{
    struct chain chain = chain_start();

    download_survives(&chain, chain.server, SIGINT);
}

static void term_lets_the_client_finish_a_download(void)
{
    struct chain chain = chain_start();

    download_survives(&chain, chain.client, SIGTERM);
}

static void term_lets_workers_finish_a_download(void)
{
    struct chain chain;

    chain.server = plain_server_start("-p", PASSWORD, "--workers", "2", "--allow-local");
    chain.client = client_start(program_port(chain.server), NULL);
    chain.socks = program_port(chain.client);
    download_survives(&chain, chain.server, SIGTERM);
}

static void after_term_no_connection_is_taken(void)
{
    struct chain chain = chain_start();
    struct target *echo = target_start(serve_echo);
    int descriptor = socks_connect(chain.socks, echo->port);
    int code;

    must_echo(descriptor, 1, 1000);
    program_signal(chain.server, SIGTERM);
    expect(wait_until(net_port_is_closed, &chain.server_port, 3000), "the server still listens");
    must_echo(descriptor, 2, 1000);
    close(socks_connect_to(chain.socks, "127.0.0.1", echo->port, &code));
    expect(code != 0, "a new session was begun");
    program_signal(chain.client, SIGTERM);
    expect(wait_until(net_port_is_closed, &chain.socks, 3000), "the client still listens");
    must_echo(descriptor, 3, 1000);
    close(descriptor);
    expect(program_wait(chain.client, 6000) == 0, "the client did not leave");
    expect(program_wait(chain.server, 6000) == 0, "the server did not leave");
}

static void term_ends_idle_programs_at_once(void)
{
    struct chain chain = chain_start();
    struct target *http = target_start(serve_http);
    uint64_t began;

    expect(curl(chain.socks, "-o", "got", url(http->port, "/bytes/1/10")) == 0, "curl failed");
    began = clock_ms();
    program_signal(chain.server, SIGTERM);
    expect(program_wait(chain.server, 5000) == 0, "the server did not leave");
    program_signal(chain.client, SIGTERM);
    expect(program_wait(chain.client, 5000) == 0, "the client did not leave");
    expect(clock_ms() - began < 1000, "it took %u ms", (unsigned)(clock_ms() - began));
}

const struct test tests_signals[] = {
    TEST(hup_rereads_the_password_and_running_sessions_go_on),
    TEST(hup_rereads_the_certificate),
    TEST(hup_rereads_the_padding_scheme),
    TEST(hup_with_a_bad_file_says_so_and_keeps_the_old_settings),
    TEST(hup_right_after_the_start_does_not_end_the_server),
    TEST(hup_reaches_all_workers),
    TEST(all_workers_show_the_same_self_signed_certificate),
    TEST(term_lets_the_server_finish_a_download),
    TEST(int_lets_the_server_finish_a_download),
    TEST(term_lets_the_client_finish_a_download),
    TEST(term_lets_workers_finish_a_download),
    TEST(after_term_no_connection_is_taken),
    TEST(term_ends_idle_programs_at_once),
    TESTS_END,
};
