#include "io/memory.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t pipe_take(struct anytls_pipe *pipe, uint8_t *bytes, size_t size)
{
    size_t taken = smaller(size, pipe->size);

    memcpy(bytes, pipe->bytes + pipe->start, taken);
    pipe->start += taken;
    pipe->size -= taken;
    return taken;
}

/* What is in the pipe moves to the front first: most of the time that is nothing. */
static size_t pipe_put(struct anytls_pipe *pipe, const uint8_t *bytes, size_t size)
{
    size_t put = smaller(size, pipe->capacity - pipe->size);

    memmove(pipe->bytes, pipe->bytes + pipe->start, pipe->size);
    memcpy(pipe->bytes + pipe->size, bytes, put);
    pipe->start = 0;
    pipe->size += put;
    return put;
}

static void run_other(struct anytls_memory_end *end)
{
    struct anytls_memory *memory = end->memory;
    struct anytls_memory_end *other = &memory->ends[end == &memory->ends[0] ? 1 : 0];

    if (memory->stepping || other->step == NULL)
        return;
    memory->stepping = true;
    other->step(other->step_context);
    memory->stepping = false;
}

static enum anytls_io_status wait_in_vain(struct anytls_memory *memory, uint64_t deadline)
{
    if (deadline == ANYTLS_NEVER)
        return ANYTLS_IO_FAILED;
    if (memory->now < deadline)
        memory->now = deadline;
    return ANYTLS_IO_TIMEOUT;
}

static struct anytls_io_result memory_read(void *context, uint8_t *bytes, size_t size,
                                           uint64_t deadline)
{
    struct anytls_memory_end *end = context;
    struct anytls_io_result result = {ANYTLS_IO_OK, 0};

    if (end->in->size == 0)
        run_other(end);
    if (end->in->size > 0)
        result.size = pipe_take(end->in, bytes, size);
    else if (end->in->ended)
        result.status = ANYTLS_IO_END;
    else
        result.status = wait_in_vain(end->memory, deadline);
    return result;
}

static enum anytls_io_status memory_write(void *context, const uint8_t *bytes, size_t size,
                                          uint64_t deadline)
{
    struct anytls_memory_end *end = context;
    size_t done = 0;

    while (done < size) {
        if (end->out->size == end->out->capacity)
            run_other(end);
        if (end->out->ended)
            return ANYTLS_IO_FAILED;
        if (end->out->size == end->out->capacity)
            return wait_in_vain(end->memory, deadline);
        done += pipe_put(end->out, bytes + done, size - done);
    }
    return ANYTLS_IO_OK;
}

static uint64_t memory_now(void *context)
{
    struct anytls_memory_end *end = context;

    return end->memory->now;
}

/* Marsaglia's xorshift: the same numbers everywhere, from the same state. */
static uint32_t memory_random(void *context)
{
    struct anytls_memory_end *end = context;
    uint32_t x = end->memory->random;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    end->memory->random = x;
    return x;
}

void anytls_memory_begin(struct anytls_memory *memory, uint8_t *bytes, size_t capacity)
{
    memset(memory, 0, sizeof *memory);
    memory->random = 1;
    for (size_t i = 0; i < 2; i++) {
        memory->pipes[i].bytes = bytes + i * capacity;
        memory->pipes[i].capacity = capacity;
        memory->ends[i].memory = memory;
        memory->ends[i].in = &memory->pipes[i];
        memory->ends[i].out = &memory->pipes[1 - i];
    }
}

struct anytls_transport anytls_memory_transport(struct anytls_memory *memory, size_t end)
{
    return (struct anytls_transport){&memory->ends[end], memory_read, memory_write, memory_now,
                                     memory_random};
}

void anytls_memory_close(struct anytls_memory *memory, size_t end)
{
    memory->ends[end].in->ended = true;
    memory->ends[end].out->ended = true;
}
