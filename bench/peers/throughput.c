/* Bytes through the whole chain: up, down, both; and through a reader that is slower than the rest.
 * Streams are open before the clock starts. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../engine.h"
#include "../net.h"
#include "workload.h"

#define STREAMS_MAX 32u
#define AREA (1u << 18)
#define STALL 10000     /* ms without a byte moved */
#define SLOW_RATE 150e6 /* bytes a second */
#define SLOW_PIECE 65536u

struct flow {
    int descriptor;
    uint64_t to_send;
    uint64_t to_read;
};

static uint8_t area[AREA];
static bool stalled; /* why the last move ended early */

static bool streams_open(const struct running *running, struct flow *flows, size_t count,
                         struct outcome *outcome)
{
    for (size_t i = 0; i < count; i++)
        flows[i].descriptor = -1;
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = 0;

        flows[i].descriptor = running_connect(running);
        /* One byte there and back: the stream is open up to the target. */
        if (flows[i].descriptor < 0 || !net_request_send(flows[i].descriptor, NET_ECHO, 1) ||
            !net_write(flows[i].descriptor, "x", 1) || !net_read(flows[i].descriptor, &byte, 1) ||
            byte != 'x') {
            outcome_fail(outcome, "stream %zu does not open: %s", i, strerror(errno));
            return false;
        }
    }
    return true;
}

static void streams_close(struct flow *flows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (flows[i].descriptor >= 0)
            close(flows[i].descriptor);
}

static bool step(struct flow *flow)
{
    bool moved = false;

    if (flow->to_send > 0) {
        ssize_t sent = send(flow->descriptor, area, flow->to_send < AREA ? flow->to_send : AREA,
                            MSG_NOSIGNAL | MSG_DONTWAIT);

        moved = sent > 0;
        flow->to_send -= sent > 0 ? (uint64_t)sent : 0;
        if (sent < 0 && errno != EAGAIN)
            return false;
    }
    if (flow->to_read > 0) {
        ssize_t got =
            recv(flow->descriptor, area, flow->to_read < AREA ? flow->to_read : AREA, MSG_DONTWAIT);

        moved = moved || got > 0;
        flow->to_read -= got > 0 ? (uint64_t)got : 0;
        if (got == 0 || (got < 0 && errno != EAGAIN))
            return false;
    }
    return moved || flow->to_send == 0 || errno == EAGAIN;
}

/* Moves all bytes of all flows. */
static bool move(struct flow *flows, size_t count)
{
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[STREAMS_MAX];
    size_t left = count;
    bool whole = true;

    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN | (flows[i].to_send > 0 ? EPOLLOUT : 0u),
                                    .data.ptr = &flows[i]};

        epoll_ctl(poll, EPOLL_CTL_ADD, flows[i].descriptor, &event);
    }
    while (left > 0 && whole) {
        int ready = epoll_wait(poll, events, STREAMS_MAX, STALL);

        whole = ready > 0;
        stalled = ready == 0;
        for (int i = 0; i < ready && whole; i++) {
            struct flow *flow = events[i].data.ptr;
            bool sending = flow->to_send > 0;
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = flow};

            whole = step(flow);
            if (sending && flow->to_send == 0)
                epoll_ctl(poll, EPOLL_CTL_MOD, flow->descriptor, &event);
            if (flow->to_send == 0 && flow->to_read == 0) {
                epoll_ctl(poll, EPOLL_CTL_DEL, flow->descriptor, NULL);
                left--;
            }
        }
    }
    close(poll);
    return whole;
}

static bool requests_send(struct flow *flows, size_t count, char what, uint64_t size)
{
    for (size_t i = 0; i < count; i++) {
        flows[i].to_send = what == NET_SOURCE ? 0 : size;
        flows[i].to_read = what == NET_SINK ? 1 : size;
        if (!net_request_send(flows[i].descriptor, what, size))
            return false;
    }
    return true;
}

static void measure(const struct contender *contender, const struct places *places, char what,
                    size_t streams, uint64_t total, struct outcome *outcome)
{
    struct running running;
    struct flow flows[STREAMS_MAX];
    uint64_t size = total / streams;
    uint64_t bytes = size * streams * (what == NET_BOTH ? 2 : 1);

    if (!outcome_start(outcome, &running, contender, places))
        return;
    if (streams_open(&running, flows, streams, outcome)) {
        uint64_t cpu = running_cpu(&running);
        uint64_t begin = bench_clock();
        bool whole = requests_send(flows, streams, what, size) && move(flows, streams);
        double seconds = (double)(bench_clock() - begin) / 1e9;
        double used = (double)(running_cpu(&running) - cpu) / 1e9;

        if (!whole)
            outcome_fail(outcome, "bytes stopped moving in a stream: %s",
                         stalled ? "none came or went for 10 s" : "it was closed");
        outcome_put(outcome, "MB a second", "MB/s", true, (double)bytes / 1e6 / seconds);
        if (contender->server != NULL) {
            outcome_put(outcome, "MB a CPU second", "MB/CPU s", true, (double)bytes / 1e6 / used);
            outcome_put(outcome, "CPU seconds a GiB", "s", false,
                        used * 1073741824.0 / (double)bytes);
        }
    }
    streams_close(flows, streams);
    running_stop(&running);
}

#define THROUGHPUT(name, what, streams)                                                            \
    void name(const struct contender *contender, const struct places *places,                      \
              const struct sizes *sizes, struct outcome *outcome)                                  \
    {                                                                                              \
        measure(contender, places, what, streams, sizes->throughput, outcome);                     \
    }

THROUGHPUT(throughput_up_1, NET_SINK, 1)
THROUGHPUT(throughput_down_1, NET_SOURCE, 1)
THROUGHPUT(throughput_both_1, NET_BOTH, 1)
THROUGHPUT(throughput_up_32, NET_SINK, 32)
THROUGHPUT(throughput_down_32, NET_SOURCE, 32)
THROUGHPUT(throughput_both_32, NET_BOTH, 32)

/* ---- A slow reader ---- */

static void sleep_until(uint64_t moment)
{
    struct timespec time = {(time_t)(moment / 1000000000u), (long)(moment % 1000000000u)};

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static bool read_slowly(int descriptor, uint64_t size)
{
    uint64_t begin = bench_clock();

    for (uint64_t done = 0; done < size;) {
        uint64_t left = size - done;

        if (!net_read(descriptor, area, left < SLOW_PIECE ? left : SLOW_PIECE))
            return false;
        done += left < SLOW_PIECE ? left : SLOW_PIECE;
        sleep_until(begin + (uint64_t)((double)done / SLOW_RATE * 1e9));
    }
    return true;
}

void slow_reader(const struct contender *contender, const struct places *places,
                 const struct sizes *sizes, struct outcome *outcome)
{
    struct running running;
    struct flow flow;

    if (!outcome_start(outcome, &running, contender, places))
        return;
    if (streams_open(&running, &flow, 1, outcome)) {
        if (!net_request_send(flow.descriptor, NET_SOURCE, sizes->slow) ||
            !read_slowly(flow.descriptor, sizes->slow))
            outcome_fail(outcome, "bytes stopped coming: %s", strerror(errno));
        outcome_put(outcome, "client resident", "MiB", false,
                    (double)process_resident_peak(&running.client) / 1048576);
        outcome_put(outcome, "server resident", "MiB", false,
                    (double)process_resident_peak(&running.server) / 1048576);
    }
    streams_close(&flow, 1);
    running_stop(&running);
}
