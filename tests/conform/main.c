/* anytls-conform: its command line. */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"
#include "tls.h"

static const char help[] =
    "Usage: anytls-conform server HOST:PORT -p PASSWORD [option ...]\n"
    "       anytls-conform client -p PASSWORD [option ...] -- COMMAND ...\n"
    "       anytls-conform chain SOCKS-HOST:PORT [option ...]\n"
    "Judges an AnyTLS server, or client, by what it does on the wire; a chain of both\n"
    "by what applications see.\n"
    "\n"
    "  -p PASSWORD          the password\n"
    "  --protocol 1|2       the version that the suite's peers claim (2)\n"
    "server:\n"
    "  --padding-scheme F   the scheme that the server gives to clients (the default scheme)\n"
    "  --sni NAME           server name to send\n"
    "  --fallback HOST:PORT the server hands there what is no session: the suite listens there\n"
    "  --targets ADDR       IPv4 address of this machine that the server can reach (127.0.0.1)\n"
    "client:\n"
    "  -l ADDR              where the scripted server listens (127.0.0.1)\n"
    "  --socks HOST:PORT    where the client listens for SOCKS 5; port 0: a free one for each\n"
    "                       case (127.0.0.1:0)\n"
    "  --min-idle N         idle sessions that COMMAND keeps (5)\n"
    "  COMMAND              starts the client; {host} {port} {password} {socks} are replaced. It\n"
    "                       is to accept a self-signed certificate. Exit code 89 says that it\n"
    "                       does not implement what was asked for\n"
    "which cases:\n"
    "  --list               print them, and end\n"
    "  --match PATTERN      with such names (shell pattern, or a part of the name)\n"
    "  --section NAME       of one section\n"
    "  --level LEVEL        must, should or may: of this level or above (may)\n"
    "  --slow               also those that need real waiting\n"
    "how:\n"
    "  --strict             a failed SHOULD fails the run, too\n"
    "  --pedantic           any failed case does\n"
    "  --timeout MS         for one wait, 100 to 60000 (3000)\n"
    "  --repeat N           run everything N times, or up to the first round that fails\n"
    "  --jobs N             cases at a time, 1 to 64 (4)\n"
    "  --fail-fast          end at the first case that counts\n"
    "  --seed N             of the bytes that are sent (1)\n"
    "  --no-preflight       run the cases even if a plain exchange does not work\n"
    "  --expect F           lines of a case's name and a reason: these are expected to fail\n"
    "output:\n"
    "  --verbose            the transcript of each case\n"
    "  --keylog F           secrets of TLS, for Wireshark\n"
    "  --save DIR           bytes both ways, secrets and transcript of each case\n"
    "  --json F, --junit F, --html F\n"
    "                       reports as files\n"
    "  --help, --version\n"
    "\n"
    "Exit code: 0 no case counts against it; 1 one does; 2 usage, or no connection.\n";

enum option_code {
    OPTION_SCHEME = 256,
    OPTION_SNI,
    OPTION_TARGETS,
    OPTION_FALLBACK,
    OPTION_MIN_IDLE,
    OPTION_SOCKS,
    OPTION_PROTOCOL,
    OPTION_LIST,
    OPTION_MATCH,
    OPTION_SECTION,
    OPTION_LEVEL,
    OPTION_STRICT,
    OPTION_PEDANTIC,
    OPTION_TIMEOUT,
    OPTION_REPEAT,
    OPTION_JOBS,
    OPTION_FAIL_FAST,
    OPTION_SEED,
    OPTION_SLOW,
    OPTION_NO_PREFLIGHT,
    OPTION_VERBOSE,
    OPTION_KEYLOG,
    OPTION_SAVE,
    OPTION_EXPECT,
    OPTION_JSON,
    OPTION_JUNIT,
    OPTION_HTML,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"padding-scheme", required_argument, NULL, OPTION_SCHEME},
    {"sni", required_argument, NULL, OPTION_SNI},
    {"fallback", required_argument, NULL, OPTION_FALLBACK},
    {"min-idle", required_argument, NULL, OPTION_MIN_IDLE},
    {"targets", required_argument, NULL, OPTION_TARGETS},
    {"socks", required_argument, NULL, OPTION_SOCKS},
    {"protocol", required_argument, NULL, OPTION_PROTOCOL},
    {"list", no_argument, NULL, OPTION_LIST},
    {"match", required_argument, NULL, OPTION_MATCH},
    {"section", required_argument, NULL, OPTION_SECTION},
    {"level", required_argument, NULL, OPTION_LEVEL},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"pedantic", no_argument, NULL, OPTION_PEDANTIC},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"repeat", required_argument, NULL, OPTION_REPEAT},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"fail-fast", no_argument, NULL, OPTION_FAIL_FAST},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"slow", no_argument, NULL, OPTION_SLOW},
    {"no-preflight", no_argument, NULL, OPTION_NO_PREFLIGHT},
    {"verbose", no_argument, NULL, OPTION_VERBOSE},
    {"keylog", required_argument, NULL, OPTION_KEYLOG},
    {"save", required_argument, NULL, OPTION_SAVE},
    {"expect", required_argument, NULL, OPTION_EXPECT},
    {"json", required_argument, NULL, OPTION_JSON},
    {"junit", required_argument, NULL, OPTION_JUNIT},
    {"html", required_argument, NULL, OPTION_HTML},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

__attribute__((noreturn, format(printf, 1, 2))) static void usage(const char *format, ...)
{
    va_list arguments;

    fputs("anytls-conform: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("; see --help\n", stderr);
    exit(2);
}

static uint32_t number(const char *name, const char *text, uint32_t min, uint32_t max)
{
    uint32_t value = 0;

    if (!oracle_number(oracle_string(text), &value) || value < min || value > max)
        usage("%s %s: give a number from %u to %u", name, text, (unsigned)min, (unsigned)max);
    return value;
}

static char *scheme_read(const char *path)
{
    static char text[ORACLE_SCHEME_SIZE_MAX + 2];
    FILE *file = fopen(path, "re");
    size_t size;

    if (file == NULL)
        usage("--padding-scheme %s: cannot be read", path);
    size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    if (oracle_scheme_read((struct oracle_bytes){(const uint8_t *)text, size}).status != ORACLE_OK)
        usage("--padding-scheme %s: not a valid scheme", path);
    return text;
}

static enum level level_read(const char *text)
{
    if (strcmp(text, "must") == 0)
        return LEVEL_MUST;
    if (strcmp(text, "should") == 0)
        return LEVEL_SHOULD;
    if (strcmp(text, "may") != 0)
        usage("--level %s: give must, should or may", text);
    return LEVEL_MAY;
}

/* HOST:PORT, split in place. */
static void split(const char *name, char *text, const char **host, const char **port)
{
    char *colon = strrchr(text, ':');

    if (colon == NULL || colon == text)
        usage("%s %s: give HOST:PORT", name, text);
    number("port", colon + 1, 0, 65535);
    *colon = '\0';
    *host = text;
    *port = colon + 1;
    if (text[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        *host = text + 1;
    }
}

static void option_take(struct options *options, int code)
{
    switch (code) {
    case 'p': options->password = optarg; break;
    case 'l': options->host = optarg; break;
    case 'h': fputs(help, stdout); exit(0);
    case OPTION_VERSION: puts("anytls-conform " ANYTLS_VERSION); exit(0);
    case OPTION_SCHEME: options->scheme = scheme_read(optarg); break;
    case OPTION_SNI: options->sni = optarg; break;
    case OPTION_FALLBACK: options->fallback = optarg; break;
    case OPTION_MIN_IDLE: options->min_idle = number("--min-idle", optarg, 0, 1000); break;
    case OPTION_TARGETS: options->targets = optarg; break;
    case OPTION_SOCKS: options->socks = optarg; break;
    case OPTION_PROTOCOL: options->protocol = number("--protocol", optarg, 1, 2); break;
    case OPTION_LIST: options->list = true; break;
    case OPTION_MATCH: options->match = optarg; break;
    case OPTION_SECTION: options->section = optarg; break;
    case OPTION_LEVEL: options->level = level_read(optarg); break;
    case OPTION_STRICT: options->strict = true; break;
    case OPTION_PEDANTIC: options->pedantic = true; break;
    case OPTION_TIMEOUT: options->timeout = number("--timeout", optarg, 100, 60000); break;
    case OPTION_REPEAT: options->repeat = number("--repeat", optarg, 1, 1000000); break;
    case OPTION_JOBS: options->jobs = number("--jobs", optarg, 1, 64); break;
    case OPTION_FAIL_FAST: options->fail_fast = true; break;
    case OPTION_SEED: options->seed = number("--seed", optarg, 0, UINT32_MAX); break;
    case OPTION_SLOW: options->slow = true; break;
    case OPTION_NO_PREFLIGHT: options->no_preflight = true; break;
    case OPTION_VERBOSE: options->verbose = true; break;
    case OPTION_KEYLOG: options->keylog = optarg; break;
    case OPTION_SAVE: options->save = optarg; break;
    case OPTION_EXPECT: options->expect = optarg; break;
    case OPTION_JSON: options->json = optarg; break;
    case OPTION_JUNIT: options->junit = optarg; break;
    case OPTION_HTML: options->html = optarg; break;
    default: exit(2);
    }
}

static struct options options_read(int argc, char **argv)
{
    struct options options = {.targets = "127.0.0.1",
                              .socks = "127.0.0.1:0",
                              .protocol = 2,
                              .scheme = oracle_default_scheme,
                              .level = LEVEL_MAY,
                              .min_idle = 5,
                              .timeout = 3000,
                              .repeat = 1,
                              .jobs = 4,
                              .seed = 1};
    int code;

    if (argc < 2)
        usage("give a mode: server, client or chain");
    if (argv[1][0] != '-') {
        options.client_mode = strcmp(argv[1], "client") == 0;
        options.chain_mode = strcmp(argv[1], "chain") == 0;
        if (!options.client_mode && !options.chain_mode && strcmp(argv[1], "server") != 0)
            usage("%s: give a mode: server, client or chain", argv[1]);
        argc--;
        argv++;
    }
    if (!options.client_mode && argc > 1 && argv[1][0] != '-') {
        split("server", argv[1], &options.host, &options.port);
        argc--;
        argv++;
    }
    while ((code = getopt_long(argc, argv, "+p:l:h", long_options, NULL)) != -1)
        option_take(&options, code);
    options.command = argv + optind;
    if (options.client_mode && options.host == NULL)
        options.host = "127.0.0.1";
    return options;
}

static void options_check(struct options *options)
{
    if (options->list)
        return;
    if (options->password == NULL && !options->chain_mode)
        usage("no password: give one with -p");
    if (!options->client_mode && options->host == NULL)
        usage("no address: give HOST:PORT");
    if (!options->client_mode && options->command[0] != NULL)
        usage("unexpected argument %s", options->command[0]);
    if (options->client_mode && options->command[0] == NULL)
        usage("no COMMAND that starts the client");
    if (options->client_mode) /* one port serves one client at a time */
        options->jobs =
            strcmp(strrchr(options->socks, ':') == NULL ? "" : strrchr(options->socks, ':'),
                   ":0") == 0
                ? options->jobs
                : 1;
}

static void list(const struct results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct outcome *outcome = &results->outcomes[i];

        printf("%-52s %-6s %-24s %s\n", outcome->name, level_name(outcome->level),
               outcome->requirement->id, outcome->test->what);
    }
}

int main(int argc, char **argv)
{
    static struct options options;
    struct results results;
    char message[512] = "no process";
    int bad = 0;

    options = options_read(argc, argv);
    options_check(&options);
    signal(SIGPIPE, SIG_IGN);
    results = results_choose(&options);
    if (results.outcomes == NULL)
        return 2;
    if (options.list) {
        list(&results);
        return 0;
    }
    if (!tls_set_up(options.keylog))
        usage("OpenSSL cannot be set up");
    if (!options.no_preflight && !preflight(&options, message, sizeof message)) {
        fprintf(stderr, "anytls-conform: nothing can be judged: %s\n", message);
        return 2;
    }
    results_run(&options, &results);
    report_summary(&options, &results);
    if (!report_files(&options, &results))
        return 2;
    for (size_t i = 0; i < results.count; i++)
        bad |= outcome_counts(&options, &results.outcomes[i]);
    return bad;
}
