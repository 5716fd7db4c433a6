/* Sessions that lie idle, and streams by the thousand. At a server they come from a client of our own
 * in several processes, the same for every server; at a client, from streams that were all open at
 * the same time. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../net.h"
#include "sessions.h"
#include "workload.h"

#define LOADERS 4u
#define SPARE_DESCRIPTORS 200u
#define SETTLE 600 /* ms until what has closed is gone */

static void settle(void)
{
    struct timespec time = {0, SETTLE * 1000000L};

    nanosleep(&time, NULL);
}

/* ---- Descriptors ---- */

static size_t sockets_of(pid_t pid)
{
    char path[64];
    size_t count = 0;
    DIR *folder;
    const struct dirent *entry;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    folder = opendir(path);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char link[64];
        char file[384];
        ssize_t size;

        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        size = readlink(file, link, sizeof link - 1);
        if (size > 7 && strncmp(link, "socket:", 7) == 0)
            count++;
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}

static void descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static uint32_t descriptors_most(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (uint32_t)limit.rlim_max : UINT32_MAX;
}

/* A client needs two descriptors for each stream, and so does the server: what the limit leaves. */
static uint32_t fitting(uint32_t count)
{
    uint32_t most = (descriptors_most() - SPARE_DESCRIPTORS) / 2;

    return count < most ? count : most;
}

/* ---- Idle, seen from the server ---- */

/* A process that holds a share of the sessions: says over one pipe how many it has, is told over
 * the other to ask each for one more echo, says how many answered, and ends. */
struct loader {
    struct process process;
    int orders;
    int answers;
    const struct running *running;
    uint32_t share;
    int pipes[2][2];
};

static uint32_t loader_check(struct loader *self, struct live *lives, uint32_t count)
{
    uint32_t alive = 0;
    uint8_t bytes[NET_REQUEST_SIZE + 1];

    net_request(bytes, NET_ECHO, 1);
    bytes[NET_REQUEST_SIZE] = 0x5a;
    for (uint32_t i = 0; i < count; i++) {
        struct live *live = &lives[i];

        if (live_open(live, self->running->places->target) &&
            live_send(live, bytes, sizeof bytes) && live_read(live, 2))
            alive++;
    }
    return alive;
}

/* The session's stream is closed: what remains is the session. */
static bool idle_session(struct loader *self, struct live *live)
{
    return session_once(self->running, live) && live_finish(live);
}

static void loader_run(void *context)
{
    struct loader *self = context;
    struct live *lives = calloc(self->share, sizeof *lives);
    uint32_t count = 0;
    uint8_t order;

    close(self->pipes[0][1]);
    close(self->pipes[1][0]);
    while (lives != NULL && count < self->share && idle_session(self, &lives[count]))
        count++;
    if (write(self->pipes[1][1], &count, sizeof count) != sizeof count ||
        read(self->pipes[0][0], &order, 1) != 1)
        _exit(1);
    count = loader_check(self, lives, count);
    if (write(self->pipes[1][1], &count, sizeof count) != sizeof count)
        _exit(1);
    _exit(0);
}

static bool loader_start(struct loader *self)
{
    if (pipe(self->pipes[0]) != 0 || pipe(self->pipes[1]) != 0)
        return false;
    self->orders = self->pipes[0][1];
    self->answers = self->pipes[1][0];
    if (!process_fork(&self->process, loader_run, self))
        return false;
    close(self->pipes[0][0]);
    close(self->pipes[1][1]);
    return true;
}

static uint32_t loader_answer(struct loader *self)
{
    uint32_t count = 0;

    return read(self->answers, &count, sizeof count) == sizeof count ? count : 0;
}

static void loaders_stop(struct loader *loaders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close(loaders[i].orders);
        close(loaders[i].answers);
        process_stop(&loaders[i].process);
    }
}

static void idle_server_at(const struct running *running, uint32_t count, bool check,
                           struct outcome *outcome)
{
    static struct loader loaders[LOADERS];
    char name[64];
    uint64_t before = process_private(&running->server);
    uint64_t after;
    uint32_t have = 0;
    uint32_t alive = 0;
    size_t started = 0;

    for (; started < LOADERS; started++) {
        loaders[started] = (struct loader){.running = running, .share = count / LOADERS};
        if (!loader_start(&loaders[started]))
            break;
    }
    for (size_t i = 0; i < started; i++)
        have += loader_answer(&loaders[i]);
    settle();
    after = process_private(&running->server);
    if (have < count)
        outcome_fail(outcome, "%u of %u sessions came up: %s", have, count,
                     sockets_of(running->server.pid) + SPARE_DESCRIPTORS > descriptors_most()
                         ? "the server has no descriptors left"
                         : "the others were refused");
    for (size_t i = 0; i < started && check; i++)
        if (write(loaders[i].orders, "c", 1) == 1)
            alive += loader_answer(&loaders[i]);
    if (check && alive < have)
        outcome_fail(outcome, "%u of %u idle sessions were lost", have - alive, have);
    snprintf(name, sizeof name, "server private memory, %u idle sessions", count);
    outcome_put(outcome, name, "KiB each", false, ((double)after - (double)before) / 1024 / have);
    loaders_stop(loaders, started);
}

void idle_server(const struct contender *contender, const struct places *places,
                 const struct sizes *sizes, struct outcome *outcome)
{
    static struct live live;

    for (size_t i = 0; i < 2; i++) {
        struct running running = {.reach = 0};

        if (!running_server_start(&running, contender, places)) {
            outcome_fail(outcome, "%s", running.error);
            return;
        }
        /* What the first session takes, every later one finds there. */
        if (!session_once(&running, &live))
            outcome_fail(outcome, "the first session: %s", live.error);
        live_close(&live);
        settle();
        idle_server_at(&running, sizes->idle[i], contender->anytls, outcome);
        running_stop(&running);
    }
}

/* ---- Idle, seen from the client: so many streams at once, then none ---- */

static uint32_t streams_open(const struct running *running, int *streams, uint32_t count)
{
    uint32_t open = 0;

    while (open < count) {
        uint8_t bytes[NET_REQUEST_SIZE + 1];
        int descriptor = running_connect(running);

        net_request(bytes, NET_ECHO, 1);
        bytes[NET_REQUEST_SIZE] = 'i';
        if (descriptor < 0)
            break;
        streams[open++] = descriptor;
        if (!net_write(descriptor, bytes, sizeof bytes) || !net_read(descriptor, bytes, 1))
            break;
    }
    return open;
}

static void idle_client_at(const struct running *running, uint32_t count, struct outcome *outcome)
{
    char name[64];
    int *streams = calloc(count, sizeof *streams);
    uint64_t before = process_private(&running->client);
    size_t sockets = sockets_of(running->client.pid);
    size_t sessions;
    uint32_t open = streams != NULL ? streams_open(running, streams, count) : 0;

    for (uint32_t i = 0; i < open; i++)
        close(streams[i]);
    settle();
    sessions = sockets_of(running->client.pid) - sockets;
    if (open < count || sessions < count * 9 / 10)
        outcome_fail(outcome, "%u of %u streams, and %zu idle sessions after them", open, count,
                     sessions);
    snprintf(name, sizeof name, "client private memory, %u idle sessions", count);
    outcome_put(outcome, name, "KiB each", false,
                ((double)process_private(&running->client) - (double)before) / 1024 /
                    (double)(sessions > 0 ? sessions : 1));
    free(streams);
}

void idle_client(const struct contender *contender, const struct places *places,
                 const struct sizes *sizes, struct outcome *outcome)
{
    descriptors_raise();
    for (size_t i = 0; i < 2; i++) {
        struct running running;

        if (!outcome_start(outcome, &running, contender, places))
            return;
        if (!stream_once(&running))
            outcome_fail(outcome, "the first stream: %s", strerror(errno));
        settle();
        idle_client_at(&running, fitting(sizes->idle_client[i]), outcome);
        running_stop(&running);
    }
}

/* ---- Many streams at the same time ---- */

/* What a stream costs when there are many: as many as fit, each with an echo after all are open. */
void streams_many(const struct contender *contender, const struct places *places,
                  const struct sizes *sizes, struct outcome *outcome)
{
    uint32_t count = fitting(sizes->many_streams);
    int *streams = calloc(count, sizeof *streams);
    struct running running;
    uint64_t cpu;
    uint32_t open;
    uint32_t alive = 0;

    descriptors_raise();
    if (streams == NULL || !outcome_start(outcome, &running, contender, places)) {
        free(streams);
        return;
    }
    cpu = running_cpu(&running);
    open = streams_open(&running, streams, count);
    for (uint32_t i = 0; i < open; i++) {
        uint8_t bytes[NET_REQUEST_SIZE + 1];

        net_request(bytes, NET_ECHO, 1);
        bytes[NET_REQUEST_SIZE] = 'm';
        alive += net_write(streams[i], bytes, sizeof bytes) && net_read(streams[i], bytes, 1) &&
                 bytes[0] == 'm';
    }
    if (alive < count)
        outcome_fail(outcome, "%u of %u streams at once", alive, count);
    outcome_put(outcome, "streams at once", "streams", true, alive);
    outcome_put(outcome, "CPU a stream", "us", false,
                (double)(running_cpu(&running) - cpu) / 1e3 / (alive > 0 ? alive : 1));
    for (uint32_t i = 0; i < open; i++)
        close(streams[i]);
    free(streams);
    running_stop(&running);
}
