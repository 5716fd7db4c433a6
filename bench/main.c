/* anytls-bench: its command line, and the list of what it measures. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "engine.h"
#include "functions.h"

#define EXIT_USAGE 2

static const char help[] =
    "Usage: anytls-bench [option ...]\n"
    "Measures each layer of the reference, from frames to whole programs.\n"
    "\n"
    "  --list           the names of all functions, and nothing else\n"
    "  --match A,B      only rows with A or B in file/function/parameters\n"
    "  --gate           only the rows of the gate\n"
    "  --quick          each row once, its result checked, nothing measured\n"
    "  --time S         seconds of samples a row (0.6)\n"
    "  --samples N      samples a row, 5 to 1000 (50)\n"
    "  --json F         the results as JSON, too\n"
    "  --programs DIR   where anytls-server and anytls-client are (where this program is)\n"
    "  --help\n"
    "\n"
    "Times are those of one operation: median, its 95 % confidence interval, the least, the\n"
    "standard deviation; the cost of an empty loop is taken off. Allocations are an operation's,\n"
    "calls and bytes, and by how much it makes the heap grow.\n";

enum {
    OPTION_LIST = 256,
    OPTION_MATCH,
    OPTION_GATE,
    OPTION_QUICK,
    OPTION_TIME,
    OPTION_SAMPLES,
    OPTION_JSON,
    OPTION_PROGRAMS
};

static const struct option long_options[] = {
    {"list", no_argument, NULL, OPTION_LIST},
    {"match", required_argument, NULL, OPTION_MATCH},
    {"gate", no_argument, NULL, OPTION_GATE},
    {"quick", no_argument, NULL, OPTION_QUICK},
    {"time", required_argument, NULL, OPTION_TIME},
    {"samples", required_argument, NULL, OPTION_SAMPLES},
    {"json", required_argument, NULL, OPTION_JSON},
    {"programs", required_argument, NULL, OPTION_PROGRAMS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#define FUNCTION(file, name) {#file, #name, name},
const struct bench_function bench_functions[] = {BENCH_FUNCTIONS(FUNCTION){NULL, NULL, NULL}};

static const char *const gate[] = {BENCH_GATE};

/* A name, or the beginning of one up to a slash. */
bool bench_gate_has(const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < sizeof gate / sizeof gate[0]; i++)
        if (strncmp(gate[i], name, size) == 0 && (gate[i][size] == '\0' || gate[i][size] == '/'))
            return true;
    return false;
}

static void list(void)
{
    for (const struct bench_function *each = bench_functions; each->name != NULL; each++)
        printf("%s/%s\n", each->file, each->name);
    exit(0);
}

static double number_read(const char *option, const char *text, double min, double max)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= min && value <= max)) {
        fprintf(stderr, "anytls-bench: %s %s: give a number from %g to %g\n", option, text, min,
                max);
        exit(EXIT_USAGE);
    }
    return value;
}

static void option_take(struct bench_options *options, int option)
{
    switch (option) {
    case OPTION_LIST: list(); break;
    case OPTION_MATCH: options->match = optarg; break;
    case OPTION_GATE: options->gate = true; break;
    case OPTION_QUICK: options->quick = true; break;
    case OPTION_TIME: options->time = number_read("--time", optarg, 0.01, 3600); break;
    case OPTION_SAMPLES:
        options->samples = (size_t)number_read("--samples", optarg, 5, 1000);
        break;
    case OPTION_JSON: options->json = optarg; break;
    case OPTION_PROGRAMS: options->folder = optarg; break;
    case 'h': fputs(help, stdout); exit(0);
    default: exit(EXIT_USAGE); /* getopt has said which option is wrong */
    }
}

static const char *own_folder(void)
{
    static char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    char *slash;

    path[size > 0 ? size : 0] = '\0';
    slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    *slash = '\0';
    return path;
}

static bool progress_shown;

static void on_signal(int number)
{
    static const char text[] = "\nanytls-bench: interrupted; no results were written\n";

    chain_kill();
    bench_json_discard();
    /* The first character ends the progress line. */
    (void)!write(STDERR_FILENO, text + !progress_shown, sizeof text - 1 - !progress_shown);
    signal(number, SIG_DFL);
    raise(number);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    int option;
    int code;

    bench.options.time = 0.6;
    bench.options.samples = 50;
    bench.options.folder = own_folder();
    bench.progress = isatty(STDERR_FILENO) != 0;
    progress_shown = bench.progress;
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        option_take(&bench.options, option);
    if (optind < argc) {
        fprintf(stderr, "anytls-bench: unexpected argument %s; see --help\n", argv[optind]);
        return EXIT_USAGE;
    }
    if (bench.options.json != NULL && !bench_json_try(bench.options.json))
        return 1;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    code = bench_run(&bench);
    chain_stop();
    return code;
}
