/* anytls-fuzz-server: sends mutated sessions to a server that runs, and watches what it does. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/digest.h"
#include "network.h"
#include "programs/options.h"

#define KEPT 16u /* sessions before a crash that are kept, too */

static const char help[] =
    "Usage: anytls-fuzz-server HOST:PORT -p PASSWORD [option ...]\n"
    "Sends mutated AnyTLS sessions to a server over TLS, at a bounded rate, and watches for a "
    "crash,\n"
    "a hang, and connections that it should have closed. Exit code 1: something was found.\n"
    "\n"
    "  -p, --password PASSWORD   the server's password\n"
    "      --password-file FILE  its first line is the password\n"
    "      --time SECONDS        how long (default 60)\n"
    "      --seed N              the same sessions for the same number (default 1)\n"
    "      --rate N              sessions a second at most (default 50)\n"
    "      --timeout MS          for an answer, and for a close (default 10000)\n"
    "      --sni NAME            the server's name in TLS (default: HOST)\n"
    "      --save FOLDER         where finds go (default fuzz-finds)\n"
    "      --replay FILE         send this session and no others; may be given more than once\n"
    "      --i-own-the-target    HOST may be another than this machine\n"
    "  -h, --help\n"
    "      --version\n"
    "\n"
    "The certificate is not verified. Destinations in the sessions are loopback addresses and "
    "names\n"
    "that end in .invalid, as far as the sessions can be read; a server that reads a mutated "
    "session\n"
    "in another way may dial others, so run it where that does no harm.\n";

struct options {
    char *address;
    const char *host;
    const char *port;
    const char *password;
    const char *name;
    const char *folder;
    uint32_t seconds;
    uint32_t seed;
    uint32_t rate;
    uint32_t timeout;
    bool owner;
    const char *replays[64];
    size_t replays_count;
};

struct run {
    struct options options;
    struct target target;
    struct sample last[KEPT];
    uint64_t sessions;
    unsigned finds;
};

static struct run run;

/* ---- Options ---- */

static void address_split(struct options *options, char *address)
{
    char *colon = strrchr(address, ':');

    if (colon == NULL || colon == address || colon[1] == '\0')
        usage_error("%s: give the server as HOST:PORT", address);
    *colon = '\0';
    options->port = colon + 1;
    if (address[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        address++;
    }
    options->host = address;
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

static const char *password_read(const char *path)
{
    static char error[256];
    char *password = password_file_read(path, error);

    if (password == NULL)
        usage_error("%s", error);
    return password;
}

static void replay_add(struct options *options, const char *path)
{
    if (options->replays_count == sizeof options->replays / sizeof *options->replays)
        usage_error("--replay: too many files");
    options->replays[options->replays_count++] = path;
}

static void option_take(struct options *options, int option)
{
    switch (option) {
    case 'p': options->password = secret_take(optarg); break;
    case 'P': options->password = password_read(optarg); break;
    case 't': options->seconds = option_number("--time", optarg, 1, 1000000); break;
    case 's': options->seed = option_number("--seed", optarg, 0, UINT32_MAX); break;
    case 'r': options->rate = option_number("--rate", optarg, 1, 1000); break;
    case 'T': options->timeout = option_number("--timeout", optarg, 100, 600000); break;
    case 'n': options->name = optarg; break;
    case 'f': options->folder = optarg; break;
    case 'R': replay_add(options, optarg); break;
    case 'o': options->owner = true; break;
    case 'h': fputs(help, stdout); exit(0);
    case 'V': puts("anytls-fuzz-server " ANYTLS_VERSION); exit(0);
    default: exit(EXIT_USAGE); /* getopt has said why */
    }
}

static void options_read(struct options *options, int count, char **arguments)
{
    static const struct option longs[] = {{"password", required_argument, NULL, 'p'},
                                          {"password-file", required_argument, NULL, 'P'},
                                          {"time", required_argument, NULL, 't'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"rate", required_argument, NULL, 'r'},
                                          {"timeout", required_argument, NULL, 'T'},
                                          {"sni", required_argument, NULL, 'n'},
                                          {"save", required_argument, NULL, 'f'},
                                          {"replay", required_argument, NULL, 'R'},
                                          {"i-own-the-target", no_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int option;

    options->seconds = 60;
    options->seed = 1;
    options->rate = 50;
    options->timeout = 10000;
    options->folder = "fuzz-finds";
    while ((option = getopt_long(count, arguments, "p:h", longs, NULL)) != -1)
        option_take(options, option);
    if (optind + 1 != count)
        usage_error("give one server as HOST:PORT; --help tells more");
    address_split(options, arguments[optind]);
    if (options->password == NULL)
        usage_error("give the password: -p or --password-file");
    if (!options->owner && !is_loopback(options->host))
        usage_error("%s is not this machine: add --i-own-the-target if it is yours", options->host);
}

/* ---- Finds ---- */

static void save(const struct sample *sample, const char *name, char *path, size_t size)
{
    FILE *file;

    if (mkdir(run.options.folder, 0777) != 0 && errno != EEXIST)
        fprintf(stderr, "%s: %s\n", run.options.folder, strerror(errno));
    snprintf(path, size, "%s/%s-%lu-%lu", run.options.folder, name, (unsigned long)run.options.seed,
             (unsigned long)sample->number);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(sample->bytes, 1, sample->size, file) != sample->size ||
        fclose(file) != 0)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
}

/* A server that is gone fell over one of the last sessions: all of them are kept. */
static void report(enum finding finding, const struct sample *sample)
{
    size_t count = 1;
    char path[512];

    if (finding == FINDING_CRASH || finding == FINDING_HANG)
        count = run.sessions < KEPT ? (size_t)run.sessions : KEPT;
    printf("found: %s\n", finding_text(finding));
    printf("  replay: anytls-fuzz-server %s:%s -p PASSWORD%s", run.options.host, run.options.port,
           run.options.owner ? " --i-own-the-target" : "");
    for (size_t i = count; i > 0; i--) {
        const struct sample *one = count == 1 ? sample : &run.last[(run.sessions - i) % KEPT];

        save(one, finding_name(finding), path, sizeof path);
        printf(" --replay %s", path);
    }
    printf("\n");
    fflush(stdout);
    run.finds++;
}

/* ---- Runs ---- */

/* false: the server is gone. */
static bool try(const struct sample *sample)
{
    enum finding finding = target_send(&run.target, sample);

    if (finding == FINDING_NONE)
        finding = target_look(&run.target);
    if (finding == FINDING_NONE && run.sessions % KEPT == 0)
        finding = target_probe(&run.target);
    if (finding == FINDING_OPEN && target_probe(&run.target) != FINDING_NONE)
        finding = FINDING_HANG; /* it was not this connection alone */
    if (finding != FINDING_NONE)
        report(finding, sample);
    return finding != FINDING_CRASH && finding != FINDING_HANG;
}

static void probe_last(void)
{
    enum finding finding = target_probe(&run.target);

    if (finding != FINDING_NONE)
        report(finding, &run.last[0]);
}

static void fuzz(void)
{
    uint64_t began = clock_now();
    uint64_t end = began + run.options.seconds * UINT64_C(1000);
    bool alive = true;

    while (alive && clock_now() < end && run.finds < 100) {
        struct sample *sample = &run.last[run.sessions % KEPT];
        uint64_t due = began + run.sessions * 1000u / run.options.rate;

        if (clock_now() < due)
            clock_sleep(due - clock_now());
        sample_make(sample, run.options.seed, run.sessions + 1, run.target.hash);
        run.sessions++;
        alive = try(sample);
    }
    if (alive)
        probe_last();
}

static void replay(void)
{
    for (size_t i = 0; i < run.options.replays_count; i++) {
        struct sample *sample = &run.last[i % KEPT];
        FILE *file = fopen(run.options.replays[i], "rb");

        if (file == NULL)
            usage_error("%s: %s", run.options.replays[i], strerror(errno));
        sample->size = fread(sample->bytes, 1, SAMPLE_MAX, file);
        sample->number = 0;
        fclose(file);
        run.sessions++;
        if (!try(sample))
            return;
    }
    probe_last();
}

int main(int count, char **arguments)
{
    struct anytls_tls_config config = {.insecure = true};
    static uint8_t hash[ANYTLS_HASH_SIZE];
    struct anytls_text password;
    char error[ANYTLS_ERROR_TEXT_SIZE];

    options_program_set("anytls-fuzz-server");
    options_read(&run.options, count, arguments);
    password.bytes = (const uint8_t *)run.options.password;
    password.size = strlen(run.options.password);
    run.target.context = anytls_tls_context_new(&config, error);
    if (run.target.context == NULL || !anytls_password_hash(password, hash))
        usage_error("no TLS: %s", error);
    run.target.host = run.options.host;
    run.target.port = run.options.port;
    run.target.name = run.options.name;
    run.target.hash = hash;
    run.target.timeout = run.options.timeout;
    if (target_probe(&run.target) != FINDING_NONE)
        usage_error("%s:%s does not answer a regular session with this password", run.options.host,
                    run.options.port);
    if (run.options.replays_count > 0)
        replay();
    else
        fuzz();
    printf("%lu sessions, %u finds\n", (unsigned long)run.sessions, run.finds);
    return run.finds > 0 ? 1 : 0;
}
