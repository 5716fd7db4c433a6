/* anytls-client: its command line, its loop and its signals. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "io/digest.h"
#include "listen.h"
#include "log.h"
#include "options.h"
#include "uri.h"

#define STOP_TIMEOUT 5000u
#define CUT_TIMEOUT 500u

static const char help[] =
    "Usage: anytls-client -s HOST:PORT -p PASSWORD [option ...]\n"
    "       anytls-client -s anytls://PASSWORD@HOST:PORT/?sni=NAME [option ...]\n"
    "A SOCKS 5 proxy (CONNECT, UDP ASSOCIATE) that reaches the world through an AnyTLS server.\n"
    "\n"
    "  -l ADDR                listen for SOCKS on HOST:PORT (127.0.0.1:1080; port 0: a free one)\n"
    "  -s SERVER              the server, or a link with its password and parameters\n"
    "  -p PASSWORD            the password; hidden from process lists after the start\n"
    "  --password-file F      read it from the first line of F instead\n"
    "  --sni NAME             server name to send and to verify (HOST)\n"
    "  --ca F                 trust the certificates in F (PEM) instead of the system's\n"
    "  --insecure             do not verify the server's certificate\n"
    "  -m, --min-idle N       idle sessions to keep, 0 to 1000 (5)\n"
    "  --idle-timeout S       close sessions that were idle for longer, in seconds (30)\n"
    "  --idle-check S         look for them this often, in seconds (30)\n"
    "  --no-reuse             a new session for each stream\n"
    "  --heartbeat S          ask the server for a sign of life this often, in seconds (0: never)\n"
    "  --synack-timeout S     silence after which it is asked while it owes a SYNACK (3; 0: "
    "never)\n"
    "  -v                     log more\n"
    "  --help, --version\n"
    "\n"
    "Deadlines: 10 s for a SOCKS request, 10 s to reach the server and 10 s for TLS, 30 s for the\n"
    "first byte of a new session, 10 s for the answer to a heartbeat, 5 s of silence until the "
    "end\n"
    "of an unanswered application is passed on, 10 s to send what is left of an ended stream, 5 s\n"
    "to finish at TERM or INT. After a failure the server is not dialled for 250 ms, then 500 ms,\n"
    "up to 8 s; requests are refused meanwhile.\n";

enum {
    OPTION_PASSWORD_FILE = 256,
    OPTION_SNI,
    OPTION_CA,
    OPTION_INSECURE,
    OPTION_IDLE_TIMEOUT,
    OPTION_IDLE_CHECK,
    OPTION_NO_REUSE,
    OPTION_HEARTBEAT,
    OPTION_SYNACK,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
    {"sni", required_argument, NULL, OPTION_SNI},
    {"ca", required_argument, NULL, OPTION_CA},
    {"insecure", no_argument, NULL, OPTION_INSECURE},
    {"min-idle", required_argument, NULL, 'm'},
    {"idle-timeout", required_argument, NULL, OPTION_IDLE_TIMEOUT},
    {"idle-check", required_argument, NULL, OPTION_IDLE_CHECK},
    {"no-reuse", no_argument, NULL, OPTION_NO_REUSE},
    {"dr", no_argument, NULL, OPTION_NO_REUSE}, /* the original's name for it */
    {"heartbeat", required_argument, NULL, OPTION_HEARTBEAT},
    {"synack-timeout", required_argument, NULL, OPTION_SYNACK},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

/* ---- The command line ---- */

static void link_take(struct client_options *options, const char *text)
{
    static struct anytls_uri uri;

    uri = anytls_uri_read(text);
    if (uri.status != ANYTLS_URI_OK)
        usage_error("-s %s: %s", text, anytls_uri_status_text(uri.status));
    memcpy(options->host, uri.host, sizeof options->host);
    options->port = uri.port;
    if (uri.password[0] != '\0' && options->password == NULL)
        options->password = uri.password;
    if (uri.sni[0] != '\0' && options->sni == NULL)
        options->sni = uri.sni;
    options->insecure = options->insecure || uri.insecure;
}

static void server_take(struct client_options *options, const char *text)
{
    struct host_port server;

    if (strncmp(text, "anytls:", 7) == 0) {
        link_take(options, text);
        return;
    }
    server = host_port_read(text);
    if (!server.valid || server.host[0] == '\0' || server.port == 0)
        usage_error("-s %s: give HOST:PORT or an anytls:// link", text);
    memcpy(options->host, server.host, sizeof options->host);
    options->port = server.port;
}

static void option_take(struct client_options *options, int option, char **server)
{
    switch (option) {
    case 'l': options->listen = optarg; break;
    case 's': *server = optarg; break;
    case 'p': options->password = secret_take(optarg); break;
    case 'm': options->min_idle = option_number("--min-idle", optarg, 0, 1000); break;
    case 'v': options->verbose = true; break;
    case OPTION_PASSWORD_FILE: options->password_file = optarg; break;
    case OPTION_SNI: options->sni = optarg; break;
    case OPTION_CA: options->ca = optarg; break;
    case OPTION_INSECURE: options->insecure = true; break;
    case OPTION_IDLE_TIMEOUT:
        options->idle_timeout = option_number("--idle-timeout", optarg, 1, 86400);
        break;
    case OPTION_IDLE_CHECK:
        options->idle_check = option_number("--idle-check", optarg, 1, 86400);
        break;
    case OPTION_NO_REUSE: options->no_reuse = true; break;
    case OPTION_HEARTBEAT:
        options->heartbeat = option_number("--heartbeat", optarg, 0, 86400);
        break;
    case OPTION_SYNACK:
        options->synack_timeout = option_number("--synack-timeout", optarg, 0, 86400);
        break;
    case 'h':
    case OPTION_HELP: fputs(help, stdout); exit(0);
    case OPTION_VERSION: puts("anytls-client " ANYTLS_VERSION); exit(0);
    default: exit(EXIT_USAGE); /* getopt has said which option is wrong */
    }
}

static struct client_options options_read(int argc, char **argv)
{
    struct client_options options = {.listen = "127.0.0.1:1080",
                                     .min_idle = 5,
                                     .idle_timeout = 30,
                                     .idle_check = 30,
                                     .synack_timeout = 3};
    char *server = NULL;
    int option;

    while ((option = getopt_long_only(argc, argv, "l:s:p:m:vh", long_options, NULL)) != -1)
        option_take(&options, option, &server);
    if (optind < argc)
        usage_error("unexpected argument %s; see --help", argv[optind]);
    if (server == NULL)
        usage_error("no server: give one with -s HOST:PORT or -s anytls://...");
    if (options.password != NULL && options.password_file != NULL)
        usage_error("two passwords: give either -p or --password-file");
    if (options.password_file != NULL) {
        char error[ANYTLS_ERROR_TEXT_SIZE];

        options.password = password_file_read(options.password_file, error);
        if (options.password == NULL)
            usage_error("%s; correct it and start again", error);
    }
    server_take(&options, server);
    if (strncmp(server, "anytls:", 7) == 0)
        secret_hide(server);
    if (options.password == NULL || options.password[0] == '\0')
        usage_error("no password: give one with -p or --password-file, or in the link");
    if (options.insecure && options.ca != NULL)
        usage_error("--ca and --insecure: give one of them");
    return options;
}

/* ---- The loop ---- */

static void on_connection(uv_stream_t *listener, int status)
{
    if (status == 0)
        inbound_accept(listener->data);
    else
        anytls_log(ANYTLS_LOG_WARN, "accept: %s", uv_strerror(status));
}

static void on_check(uv_timer_t *timer)
{
    pool_retire(timer->data, false);
}

static void on_cut_timeout(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void on_stop_timeout(uv_timer_t *timer)
{
    inbounds_cut(timer->data);
    uv_timer_start(timer, on_cut_timeout, CUT_TIMEOUT, 0); /* the last of them stops the loop */
}

static void on_stop_signal(uv_signal_t *signal, int number)
{
    struct client *client = signal->data;

    (void)number;
    if (client->stopping) {
        uv_stop(client->space.loop); /* told twice: at once */
        return;
    }
    client->stopping = true;
    uv_close((uv_handle_t *)&client->listener, NULL);
    pool_retire(client, true);
    if (client->inbounds == NULL)
        uv_stop(client->space.loop);
    else
        uv_timer_start(&client->stop_timer, on_stop_timeout, STOP_TIMEOUT, 0);
}

static void client_set_up(struct client *client, const struct client_options *options)
{
    static const uint8_t name[] = "anytls-ref/" ANYTLS_VERSION;
    struct anytls_tls_config tls = {
        .ca = options->ca, .insecure = options->insecure, .key_log = getenv("SSLKEYLOGFILE")};
    struct anytls_text password = {(const uint8_t *)options->password, strlen(options->password)};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    client->options = options;
    client->tls = anytls_tls_context_new(&tls, error);
    if (client->tls == NULL)
        usage_error("%s; correct it and start again", error);
    client->scheme = client_scheme_new(anytls_scheme_default.text);
    if (client->scheme == NULL || !anytls_password_hash(password, client->hash))
        usage_error("OpenSSL gives no digests; check its configuration");
    if (!address_from_host(options->host, options->port, &client->server))
        usage_error("-s %s: give HOST:PORT", options->host);
    client->config.version = 2;
    client->config.client.bytes = name;
    client->config.client.size = sizeof name - 1;
    client->config.answer_timeout = ANYTLS_ANSWER_TIMEOUT;
    client->config.synack_timeout = options->synack_timeout * 1000;
    client->config.heart_interval = options->heartbeat * 1000;
    client->config.heart_timeout = ANYTLS_HEART_TIMEOUT;
    client->next_sequence = 1;
}

int main(int argc, char **argv)
{
    static struct client client;
    static struct client_options options;
    static uv_signal_t signals[2];
    uv_loop_t *loop = uv_default_loop();

    options_program_set("anytls-client");
    options = options_read(argc, argv);
    if (options.verbose)
        anytls_log_level_set(ANYTLS_LOG_DEBUG);
    signal(SIGPIPE, SIG_IGN);
    client_set_up(&client, &options);
    if (!workspace_begin(&client.space, loop))
        usage_error("out of memory");
    descriptors_raise();
    uv_tcp_init(loop, &client.listener);
    client.listener.data = &client;
    if (uv_tcp_open(&client.listener, listen_on("anytls-client", options.listen)) != 0 ||
        uv_listen((uv_stream_t *)&client.listener, 1024, on_connection) != 0)
        usage_error("-l %s: cannot listen; choose another address or port", options.listen);
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(loop, &signals[i]);
        signals[i].data = &client;
        uv_signal_start(&signals[i], on_stop_signal, i == 0 ? SIGTERM : SIGINT);
    }
    uv_timer_init(loop, &client.stop_timer);
    client.stop_timer.data = &client;
    uv_timer_init(loop, &client.check_timer);
    client.check_timer.data = &client;
    uv_timer_start(&client.check_timer, on_check, options.idle_check * UINT64_C(1000),
                   options.idle_check * UINT64_C(1000));
    uv_run(loop, UV_RUN_DEFAULT);
    return 0;
}
