/* Usage: diff [--random N] [--peer N] [--seed S] [--program GO-SESSION] [--folder F] [--case FILE]
 * Runs N random sessions through reference and oracle, and N with the Go module as the peer, half
 * of them over TLS. Exit code 0: no difference; 1: one or more; 2: wrong usage. */
#include <getopt.h>
#include <stdlib.h>

#include "diff.h"

#define FAILURES_MAX 5u

struct choice {
    unsigned long random;
    unsigned long peer;
    unsigned long long seed;
    const char *program;
    const char *folder;
    const char *saved;
};

static bool choose(struct choice *choice, int argc, char **argv)
{
    static const struct option options[] = {{"random", required_argument, NULL, 'r'},
                                            {"peer", required_argument, NULL, 'p'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"program", required_argument, NULL, 'g'},
                                            {"folder", required_argument, NULL, 'f'},
                                            {"case", required_argument, NULL, 'c'},
                                            {NULL, 0, NULL, 0}};

    for (int option = getopt_long(argc, argv, "", options, NULL); option != -1;
         option = getopt_long(argc, argv, "", options, NULL)) {
        switch (option) {
        case 'r': choice->random = strtoul(optarg, NULL, 10); break;
        case 'p': choice->peer = strtoul(optarg, NULL, 10); break;
        case 's': choice->seed = strtoull(optarg, NULL, 10); break;
        case 'g': choice->program = optarg; break;
        case 'f': choice->folder = optarg; break;
        case 'c': choice->saved = optarg; break;
        default: return false;
        }
    }
    return optind == argc;
}

static unsigned run_random(const struct choice *choice)
{
    unsigned failures = 0;

    for (unsigned long i = 0; i < choice->random && failures < FAILURES_MAX; i++)
        failures += !random_session(choice->seed + i, choice->folder);
    printf("reference and oracle: %lu random sessions from seed %llu, %u differ\n", choice->random,
           choice->seed, failures);
    return failures;
}

static unsigned run_peer(const struct choice *choice)
{
    struct peer *peer;
    unsigned failures = 0;

    if (choice->program == NULL)
        return 0;
    peer = peer_start(choice->program, choice->folder);
    if (peer == NULL)
        return 1;
    for (unsigned long i = 0; i < choice->peer && failures < FAILURES_MAX; i++)
        failures +=
            !peer_session(peer, choice->seed + i, (choice->seed + i) % 2 == 0, choice->folder);
    peer_stop(peer);
    printf("reference, oracle and the Go module: %lu sessions from seed %llu, %u differ\n",
           choice->peer, choice->seed, failures);
    return failures;
}

int main(int argc, char **argv)
{
    struct choice choice = {0, 0, 1, NULL, ".", NULL};
    unsigned failures;

    if (!choose(&choice, argc, argv)) {
        fputs("usage: see the head of diff.c\n", stderr);
        return 2;
    }
    if (choice.saved != NULL)
        return random_case(choice.saved) ? 0 : 1;
    failures = run_random(&choice) + run_peer(&choice);
    return failures == 0 ? 0 : 1;
}
