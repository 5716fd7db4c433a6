/* anytls-bench-peers: the reference, its limits and foreign implementations, side by side. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../target.h"
#include "results.h"
#include "workload.h"

#define EXIT_USAGE 2

static const char help[] =
    "Usage: anytls-bench-peers [option ...]\n"
    "Measures the reference beside bare TLS and other implementations of AnyTLS. In each round\n"
    "each workload meets each contender in turn; what is told is the median of the rounds.\n"
    "\n"
    "  --only A,B       only these contenders\n"
    "  --workload A,B   only these workloads\n"
    "  --rounds N       1 to 99 (4)\n"
    "  --quick          little of everything, to see whether it works\n"
    "  --json F         the results as JSON, too\n"
    "  --programs DIR   where anytls-server and anytls-client are (where this program is)\n"
    "  --peers DIR      where the foreign programs are (bench-peers in there)\n"
    "  --list           contenders and workloads\n"
    "  --help\n";

enum {
    OPTION_ONLY = 256,
    OPTION_WORKLOAD,
    OPTION_ROUNDS,
    OPTION_QUICK,
    OPTION_JSON,
    OPTION_PROGRAMS,
    OPTION_PEERS,
    OPTION_LIST
};

static const struct option long_options[] = {
    {"only", required_argument, NULL, OPTION_ONLY},
    {"workload", required_argument, NULL, OPTION_WORKLOAD},
    {"rounds", required_argument, NULL, OPTION_ROUNDS},
    {"quick", no_argument, NULL, OPTION_QUICK},
    {"json", required_argument, NULL, OPTION_JSON},
    {"programs", required_argument, NULL, OPTION_PROGRAMS},
    {"peers", required_argument, NULL, OPTION_PEERS},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const struct sizes full = {.throughput = 192u << 20,
                                  .echoes = 5000,
                                  .rate = 1000,
                                  .rate_seconds = 1.5,
                                  .streams = 600,
                                  .sessions = 300,
                                  .idle = {1000, 10000},
                                  .idle_client = {1000, 10000},
                                  .slow = (uint64_t)2 << 30,
                                  .many_streams = 9000};

static const struct sizes quick = {.throughput = 16u << 20,
                                   .echoes = 300,
                                   .rate = 500,
                                   .rate_seconds = 0.5,
                                   .streams = 30,
                                   .sessions = 20,
                                   .idle = {40, 80},
                                   .idle_client = {20, 40},
                                   .slow = (uint64_t)32 << 20,
                                   .many_streams = 60};

static bool has_programs(const struct contender *contender)
{
    return contender->server != NULL;
}

static bool has_socks(const struct contender *contender)
{
    return contender->socks;
}

static bool any(const struct contender *contender)
{
    return contender->name != NULL;
}

const struct workload workloads[] = {
    {"codec", "a frame encoded, and decoded; direct: memcpy of its payload", false, codec_fits,
     codec_run},
    {"up-1", "up through the whole chain to a sink, one stream", false, any, throughput_up_1},
    {"down-1", "down from a source, one stream", false, any, throughput_down_1},
    {"both-1", "up and down at the same time, one stream", false, any, throughput_both_1},
    {"up-32", "up, 32 streams", false, any, throughput_up_32},
    {"down-32", "down, 32 streams", false, any, throughput_down_32},
    {"both-32", "up and down, 32 streams", false, any, throughput_both_32},
    {"echo", "one byte there and back, the next after the one before", false, any, echo_closed},
    {"echo-rate", "one byte there and back, at a fixed arrival rate", false, any, echo_rate},
    {"streams", "new streams, one after the other, to the first byte back (relays: connections)",
     false, any, streams_new},
    {"sessions", "new sessions, one after the other, to the first byte back", false, has_programs,
     sessions_new},
    {"idle-server", "memory of idle sessions at the server", true, has_programs, idle_server},
    {"idle-client", "memory of idle sessions at the client", true, has_socks, idle_client},
    {"streams-at-once", "thousands of streams through one client, all open at the same time", true,
     has_socks, streams_many},
    {"slow-reader", "peak resident memory after a download through a reader of 150 MB/s", true,
     has_programs, slow_reader},
    {NULL, NULL, false, NULL, NULL},
};

struct options {
    const char *only;
    const char *workload;
    const char *json;
    long rounds;
    bool quick;
    struct places places;
};

static struct options options = {.rounds = 4};
static struct process target;

static void list(void)
{
    puts("contenders:");
    for (const struct contender *each = contenders; each->name != NULL; each++)
        printf("  %-16s %s\n", each->name, each->what);
    puts("workloads:");
    for (const struct workload *each = workloads; each->name != NULL; each++)
        printf("  %-16s %s\n", each->name, each->what);
    exit(0);
}

static void option_take(int option)
{
    switch (option) {
    case OPTION_ONLY: options.only = optarg; break;
    case OPTION_WORKLOAD: options.workload = optarg; break;
    case OPTION_ROUNDS:
        options.rounds = strtol(optarg, NULL, 10);
        if (options.rounds < 1 || options.rounds > (long)ROUNDS_MAX) {
            fprintf(stderr, "bench-peers: --rounds %s: give a number from 1 to %u\n", optarg,
                    ROUNDS_MAX);
            exit(EXIT_USAGE);
        }
        break;
    case OPTION_QUICK: options.quick = true; break;
    case OPTION_JSON: options.json = optarg; break;
    case OPTION_PROGRAMS: options.places.programs = optarg; break;
    case OPTION_PEERS: options.places.peers = optarg; break;
    case OPTION_LIST: list(); break;
    case 'h': fputs(help, stdout); exit(0);
    default: exit(EXIT_USAGE); /* getopt has said which option is wrong */
    }
}

static void folders_set(void)
{
    static char own[3000];
    static char peers[3100];
    ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);
    char *slash;

    own[size > 0 ? size : 0] = '\0';
    slash = strrchr(own, '/');
    if (slash != NULL)
        *slash = '\0';
    if (options.places.programs == NULL)
        options.places.programs = own;
    snprintf(peers, sizeof peers, "%s/bench-peers", options.places.programs);
    if (options.places.peers == NULL)
        options.places.peers = peers;
}

/* Whether a list with commas has this name; no list has all. */
static bool listed(const char *names, const char *name)
{
    size_t size = strlen(name);

    if (names == NULL)
        return true;
    for (const char *at = names; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, size) == 0 && (at[size] == ',' || at[size] == '\0'))
            return true;
    }
    return false;
}

static void on_signal(int number)
{
    (void)number;
    /* Programs that were started end with this one. */
    if (write(STDERR_FILENO, "\nbench-peers: interrupted; no results are written\n", 50) < 0)
        _exit(1);
    places_remove(&options.places);
    _exit(130);
}

static void signals_set(void (*handler)(int number))
{
    signal(SIGINT, handler);
    signal(SIGTERM, handler);
    signal(SIGHUP, handler);
}

/* Which contenders can be measured at all, and what they agree on in TLS. */
static void contenders_check(struct results *results)
{
    for (const struct contender *each = contenders; each->name != NULL; each++) {
        struct entry *entry;

        if (!listed(options.only, each->name))
            continue;
        entry = results_add(results, each);
        if (!contender_is_there(each, &options.places))
            snprintf(entry->error, sizeof entry->error, "not built, or not as a whole");
        else
            agreement_read(each, &options.places, &entry->agreement, entry->error);
        entry_print(entry);
    }
}

static void round_run(struct results *results, const struct workload *workload, long round)
{
    const struct sizes *sizes = options.quick ? &quick : &full;

    for (size_t i = 0; i < results->count; i++) {
        struct entry *entry = &results->entries[i];
        struct outcome outcome = {.count = 0};

        if (entry->error[0] != '\0' || !workload->fits(entry->contender))
            continue;
        if (isatty(STDERR_FILENO) != 0)
            fprintf(stderr, "\r\033[K%s, %s, round %ld", workload->name, entry->contender->name,
                    round + 1);
        workload->run(entry->contender, &options.places, sizes, &outcome);
        results_take(results, i, workload, &outcome);
    }
    if (isatty(STDERR_FILENO) != 0)
        fprintf(stderr, "\r\033[K");
}

static bool run(struct results *results)
{
    bool found = false;

    for (const struct workload *each = workloads; each->name != NULL; each++) {
        if (!listed(options.workload, each->name))
            continue;
        found = true;
        for (long round = 0; round < (each->once ? 1 : options.rounds); round++)
            round_run(results, each, round);
        results_print(results, each);
    }
    if (!found)
        fprintf(stderr, "bench-peers: no workload has the name %s; see --list\n", options.workload);
    return found;
}

int main(int argc, char **argv)
{
    static struct results results;
    int option;
    int code = 0;

    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        option_take(option);
    if (options.quick)
        options.rounds = 1;
    folders_set();
    signal(SIGPIPE, SIG_IGN);
    if (options.json != NULL && !results_writable(options.json))
        return 1;
    if (!places_prepare(&options.places) || !target_start(&target, &options.places.target)) {
        fprintf(stderr, "bench-peers: cannot begin: %s\n", strerror(errno));
        return 1;
    }
    signals_set(on_signal);
    contenders_check(&results);
    if (results.count == 0) {
        fprintf(stderr, "bench-peers: no contender has the name %s; see --list\n", options.only);
        code = EXIT_USAGE;
    } else if (!run(&results)) {
        code = EXIT_USAGE;
    } else if (options.json != NULL) {
        signals_set(SIG_IGN); /* all is measured: it is written whole */
        code = results_write(&results, options.json) ? 0 : 1;
    }
    process_stop(&target);
    places_remove(&options.places);
    return code;
}
