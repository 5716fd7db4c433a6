/* How long a byte takes there and back. In a closed loop the next one waits for the one before: a
 * stall then delays what would have shown it. At a fixed arrival rate each byte has a moment at
 * which it is due, and its time counts from there, whether or not it could be sent then. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../engine.h"
#include "../net.h"
#include "workload.h"

#define WARM_UP 200u
#define LIMIT 20000000000u /* ns: given up then */

static int stream_open(const struct running *running, uint64_t echoes, struct outcome *outcome)
{
    int descriptor = running_connect(running);

    if (descriptor >= 0 && net_request_send(descriptor, NET_ECHO, echoes))
        return descriptor;
    outcome_fail(outcome, "the stream does not open: %s", strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

static bool echo_one(int descriptor)
{
    uint8_t byte = 'e';

    return net_write(descriptor, &byte, 1) && net_read(descriptor, &byte, 1) && byte == 'e';
}

static bool closed_loop(int descriptor, double *latencies, uint32_t count)
{
    for (uint32_t i = 0; i < WARM_UP; i++)
        if (!echo_one(descriptor))
            return false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t begin = bench_clock();

        if (!echo_one(descriptor))
            return false;
        latencies[i] = (double)(bench_clock() - begin);
    }
    return true;
}

void echo_closed(const struct contender *contender, const struct places *places,
                 const struct sizes *sizes, struct outcome *outcome)
{
    double *latencies = calloc(sizes->echoes, sizeof *latencies);
    struct running running;
    int descriptor = -1;

    if (latencies != NULL && outcome_start(outcome, &running, contender, places)) {
        descriptor = stream_open(&running, WARM_UP + sizes->echoes, outcome);
        if (descriptor >= 0 && closed_loop(descriptor, latencies, sizes->echoes))
            outcome_put_latencies(outcome, latencies, sizes->echoes);
        else
            outcome_fail(outcome, "echoes stopped: %s", strerror(errno));
        running_stop(&running);
    }
    if (descriptor >= 0)
        close(descriptor);
    free(latencies);
}

/* ---- At a fixed rate ---- */

struct rate {
    int descriptor;
    uint64_t begin;
    double gap; /* nanoseconds from one arrival to the next */
    uint32_t count;
    uint32_t sent;
    uint32_t answered;
    double *latencies;
};

static uint64_t due(const struct rate *rate, uint32_t number)
{
    return rate->begin + (uint64_t)(rate->gap * (double)number);
}

/* Sends what is due; what cannot be sent now stays due. */
static bool send_due(struct rate *rate, uint64_t now)
{
    static const uint8_t bytes[256] = {0};

    while (rate->sent < rate->count && due(rate, rate->sent) <= now) {
        ssize_t sent = send(rate->descriptor, bytes, 1, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent != 1)
            return errno == EAGAIN;
        rate->sent++;
    }
    return true;
}

/* Answers come in the order of the questions. */
static bool take_answers(struct rate *rate)
{
    uint8_t bytes[256];
    ssize_t got = recv(rate->descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
    uint64_t now = bench_clock();

    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    for (ssize_t i = 0; i < got && rate->answered < rate->count; i++) {
        rate->latencies[rate->answered] = (double)now - (double)due(rate, rate->answered);
        rate->answered++;
    }
    return true;
}

static bool rate_run(struct rate *rate)
{
    while (rate->answered < rate->count) {
        struct pollfd wanted = {.fd = rate->descriptor, .events = POLLIN};
        uint64_t now = bench_clock();
        uint64_t next = rate->sent < rate->count ? due(rate, rate->sent) : now + LIMIT;
        uint64_t wait = next > now ? next - now : 0;
        struct timespec time = {(time_t)(wait / 1000000000u), (long)(wait % 1000000000u)};

        if (ppoll(&wanted, 1, &time, NULL) < 0)
            return false;
        if (!send_due(rate, bench_clock()) || !take_answers(rate))
            return false;
        if (bench_clock() > due(rate, rate->count) + LIMIT)
            return false;
    }
    return true;
}

void echo_rate(const struct contender *contender, const struct places *places,
               const struct sizes *sizes, struct outcome *outcome)
{
    struct rate rate = {.gap = 1e9 / sizes->rate,
                        .count = (uint32_t)(sizes->rate_seconds * sizes->rate)};
    struct running running;

    rate.latencies = calloc(rate.count, sizeof *rate.latencies);
    if (rate.latencies == NULL || !outcome_start(outcome, &running, contender, places)) {
        free(rate.latencies);
        return;
    }
    rate.descriptor = stream_open(&running, WARM_UP + rate.count, outcome);
    for (uint32_t i = 0; i < WARM_UP && rate.descriptor >= 0; i++)
        echo_one(rate.descriptor);
    rate.begin = bench_clock() + 1000000;
    if (rate.descriptor >= 0 && rate_run(&rate))
        outcome_put_latencies(outcome, rate.latencies, rate.count);
    else
        outcome_fail(outcome, "%u of %u echoes came: %s", rate.answered, rate.count,
                     strerror(errno));
    if (rate.descriptor >= 0)
        close(rate.descriptor);
    running_stop(&running);
    free(rate.latencies);
}
