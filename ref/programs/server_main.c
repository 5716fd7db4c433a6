/* anytls-server: its command line and its start. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/certificate.h"
#include "listen.h"
#include "log.h"
#include "options.h"
#include "server_workers.h"

static const char help[] =
    "Usage: anytls-server -p PASSWORD [option ...]\n"
    "An AnyTLS server: carries the streams of its clients to where they ask.\n"
    "\n"
    "  -l ADDR                listen on HOST:PORT (0.0.0.0:8443; port 0: a free one)\n"
    "  -p PASSWORD            the password; hidden from process lists after the start\n"
    "  --password-file F      read it from the first line of F instead\n"
    "  --cert F, --key F      certificate chain and key, PEM; without them a self-signed\n"
    "                         certificate is made in memory\n"
    "  --padding-scheme F     padding scheme to give to clients (the protocol's default)\n"
    "  --fallback HOST:PORT   hand connections without a valid preamble to this address,\n"
    "                         with the bytes that they sent (close them)\n"
    "  --allow-local          let clients reach loopback and link-local addresses of this host\n"
    "  --workers N            processes, 1 to 64 (one for each core)\n"
    "  --strict               end a session at the first violation of the protocol\n"
    "  -v                     log more\n"
    "  --help, --version\n"
    "\n"
    "Deadlines: 10 s for the TLS handshake and the preamble, 10 s to connect a stream, 300 s\n"
    "without a datagram for a UDP stream, 10 s to send what is left of an ended stream, 5 s to\n"
    "finish what is in flight at TERM or INT, about 70 s to notice a client that is gone.\n"
    "HUP rereads certificate, key, password file and padding scheme for new connections.\n";

enum {
    OPTION_PASSWORD_FILE = 256,
    OPTION_CERT,
    OPTION_KEY,
    OPTION_SCHEME,
    OPTION_FALLBACK,
    OPTION_LOCAL,
    OPTION_WORKERS,
    OPTION_STRICT,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
    {"cert", required_argument, NULL, OPTION_CERT},
    {"key", required_argument, NULL, OPTION_KEY},
    {"padding-scheme", required_argument, NULL, OPTION_SCHEME},
    {"fallback", required_argument, NULL, OPTION_FALLBACK},
    {"allow-local", no_argument, NULL, OPTION_LOCAL},
    {"workers", required_argument, NULL, OPTION_WORKERS},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static uint32_t core_count(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : cores > 64 ? 64 : (uint32_t)cores;
}

static void option_take(struct server_options *options, int option)
{
    switch (option) {
    case 'l': options->listen = optarg; break;
    case 'p': options->password = secret_take(optarg); break;
    case 'v': options->verbose = true; break;
    case OPTION_PASSWORD_FILE: options->password_file = optarg; break;
    case OPTION_CERT: options->certificate = optarg; break;
    case OPTION_KEY: options->key = optarg; break;
    case OPTION_SCHEME: options->padding_scheme = optarg; break;
    case OPTION_FALLBACK: options->fallback = optarg; break;
    case OPTION_LOCAL: options->allow_local = true; break;
    case OPTION_WORKERS: options->workers = option_number("--workers", optarg, 1, 64); break;
    case OPTION_STRICT: options->strict = true; break;
    case 'h':
    case OPTION_HELP: fputs(help, stdout); exit(0);
    case OPTION_VERSION: puts("anytls-server " ANYTLS_VERSION); exit(0);
    default: exit(EXIT_USAGE); /* getopt has said which option is wrong */
    }
}

static bool is_destination(const char *text)
{
    struct host_port where = host_port_read(text);

    return where.valid && where.host[0] != '\0' && where.port > 0;
}

static void options_check(const struct server_options *options)
{
    if (options->password == NULL && options->password_file == NULL)
        usage_error("no password: give one with -p or --password-file");
    if (options->password != NULL && options->password_file != NULL)
        usage_error("two passwords: give either -p or --password-file");
    if (options->password != NULL && options->password[0] == '\0')
        usage_error("-p: the password is empty; give one");
    if (options->key != NULL && options->certificate == NULL)
        usage_error("--key without --cert: give the certificate, too");
    if (options->fallback != NULL && !is_destination(options->fallback))
        usage_error("--fallback %s: give HOST:PORT", options->fallback);
}

static struct server_options options_read(int argc, char **argv)
{
    struct server_options options = {.listen = "0.0.0.0:8443", .workers = core_count()};
    int option;

    while ((option = getopt_long_only(argc, argv, "l:p:vh", long_options, NULL)) != -1)
        option_take(&options, option);
    if (optind < argc)
        usage_error("unexpected argument %s; see --help", argv[optind]);
    return options;
}

/* Finds mistakes in the files before anything is started. */
static void files_check(const struct server_options *options)
{
    char error[ANYTLS_ERROR_TEXT_SIZE];
    struct server_settings *settings = server_settings_new(options, error);

    if (settings == NULL)
        usage_error("%s; correct it and start again", error);
    server_settings_release(settings);
}

/* All workers shall show the same certificate. */
static void certificate_make(struct server_options *options)
{
    struct anytls_certificate made;

    if (options->certificate != NULL || !anytls_certificate_make("anytls-ref", &made))
        return;
    options->pem = anytls_certificate_pem(&made);
    anytls_certificate_free(&made);
}

static char **worker_arguments(struct server_options *options)
{
    static char *arguments[32];
    size_t count = 0;
    const char *const pairs[][2] = {
        {"--password-file", options->password_file},
        {"--cert", options->certificate},
        {"--key", options->key},
        {"--padding-scheme", options->padding_scheme},
        {"--fallback", options->fallback},
    };
    const struct {
        const char *name;
        bool on;
    } flags[] = {
        {"--allow-local", options->allow_local},
        {"--strict", options->strict},
        {"-v", options->verbose},
    };

    arguments[count++] = strdup("anytls-server");
    arguments[count++] = strdup(WORKER_ARGUMENT);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i][1] == NULL)
            continue;
        arguments[count++] = strdup(pairs[i][0]);
        arguments[count++] = strdup(pairs[i][1]);
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (flags[i].on)
            arguments[count++] = strdup(flags[i].name);
    return arguments;
}

static int worker_main(int argc, char **argv)
{
    static struct server_options options;

    options = options_read(argc - 1, argv + 1);
    if (options.verbose)
        anytls_log_level_set(ANYTLS_LOG_DEBUG);
    if (!worker_secrets_read(&options))
        return 1;
    return server_run(&options, WORKER_LISTENING, WORKER_PIPE);
}

int main(int argc, char **argv)
{
    static struct server_options options;
    int listening;

    options_program_set("anytls-server");
    signal(SIGHUP, SIG_IGN); /* until there is something to reread */
    if (argc > 1 && strcmp(argv[1], WORKER_ARGUMENT) == 0)
        return worker_main(argc, argv);
    options = options_read(argc, argv);
    options_check(&options);
    if (options.verbose)
        anytls_log_level_set(ANYTLS_LOG_DEBUG);
    certificate_make(&options);
    files_check(&options);
    listening = listen_on("anytls-server", options.listen);
    if (options.workers == 1)
        return server_run(&options, listening, -1);
    return workers_run(&options, worker_arguments(&options), listening);
}
