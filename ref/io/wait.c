#include "io/wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

uint64_t anytls_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

uint64_t anytls_deadline_after(uint64_t now, uint64_t timeout)
{
    return timeout < ANYTLS_NEVER - now ? now + timeout : ANYTLS_NEVER;
}

static int poll_time(uint64_t deadline, uint64_t now)
{
    if (deadline == ANYTLS_NEVER)
        return -1;
    if (deadline <= now)
        return 0;
    return deadline - now < INT_MAX ? (int)(deadline - now) : INT_MAX;
}

enum anytls_io_status anytls_wait(int descriptor, short events, uint64_t deadline)
{
    struct pollfd entry = {descriptor, events, 0};

    for (;;) {
        uint64_t now = anytls_clock();
        int ready = poll(&entry, 1, poll_time(deadline, now));

        if (ready > 0)
            return ANYTLS_IO_OK;
        if (ready < 0 && errno != EINTR)
            return ANYTLS_IO_FAILED;
        if (now >= deadline) {
            errno = ETIMEDOUT;
            return ANYTLS_IO_TIMEOUT;
        }
    }
}
