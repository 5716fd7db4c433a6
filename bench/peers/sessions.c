/* Sessions and streams that are made one after the other. Sessions come from a client of our own in
 * this program, the same for every server. */
#include "sessions.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../engine.h"
#include "../net.h"
#include "workload.h"

bool stream_once(const struct running *running)
{
    uint8_t bytes[NET_REQUEST_SIZE + 1];
    int descriptor = running_connect(running);
    bool echoed;

    net_request(bytes, NET_ECHO, 1);
    bytes[NET_REQUEST_SIZE] = 's';
    echoed = descriptor >= 0 && net_write(descriptor, bytes, sizeof bytes) &&
             net_read(descriptor, bytes, 1) && bytes[0] == 's';
    if (descriptor >= 0)
        close(descriptor);
    return echoed;
}

void streams_new(const struct contender *contender, const struct places *places,
                 const struct sizes *sizes, struct outcome *outcome)
{
    struct running running;
    uint64_t begin;
    uint64_t cpu;
    uint32_t done = 0;
    double seconds;

    if (!outcome_start(outcome, &running, contender, places))
        return;
    while (done < 20 && stream_once(&running)) /* the session is up then */
        done++;
    cpu = running_cpu(&running);
    begin = bench_clock();
    for (done = 0; done < sizes->streams && stream_once(&running);)
        done++;
    seconds = (double)(bench_clock() - begin) / 1e9;
    if (done < sizes->streams)
        outcome_fail(outcome, "stream %u of %u does not echo: %s", done, sizes->streams,
                     strerror(errno));
    outcome_put(outcome, "new streams a second", "1/s", true, done / seconds);
    if (contender->server != NULL)
        outcome_put(outcome, "CPU a stream", "us", false,
                    (double)(running_cpu(&running) - cpu) / 1e3 / done);
    running_stop(&running);
}

bool session_once(const struct running *running, struct live *live)
{
    const struct live_config *config = live_config(CONTENDER_PASSWORD);

    if (running->contender->anytls)
        return live_echo(live, config, running->server_port, running->places->target, 1);
    return live_plain_echo(live, config, running->server_port, 1);
}

void sessions_new(const struct contender *contender, const struct places *places,
                  const struct sizes *sizes, struct outcome *outcome)
{
    static struct live live;
    struct running running = {.reach = 0};
    uint64_t begin;
    uint64_t cpu;
    double seconds;
    uint32_t done = 0;

    if (!running_server_start(&running, contender, places)) {
        outcome_fail(outcome, "%s", running.error);
        return;
    }
    for (; done < 20 && session_once(&running, &live); done++)
        live_close(&live);
    cpu = process_cpu(&running.server);
    begin = bench_clock();
    for (done = 0; done < sizes->sessions && session_once(&running, &live); done++)
        live_close(&live);
    seconds = (double)(bench_clock() - begin) / 1e9;
    if (done < sizes->sessions) {
        outcome_fail(outcome, "session %u of %u: %s", done, sizes->sessions, live.error);
        live_close(&live);
    }
    outcome_put(outcome, "new sessions a second", "1/s", true, done / seconds);
    outcome_put(outcome, "server CPU a session", "ms", false,
                (double)(process_cpu(&running.server) - cpu) / 1e6 / done);
    running_stop(&running);
}
