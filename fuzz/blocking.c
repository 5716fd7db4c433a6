/* The blocking interface: a client's and a server's connection over the in-memory transport, whose
 * pipes are as large as the input says, give out as little at a time, and break where it says.
 *  - Every call returns, with a status that its header names; a connection that has ended stays so.
 *  - What arrives on a stream is what was sent on it, in order; all of it, if nothing broke.
 *  - A preamble that is not the right one gives the server a fallback with all bytes that came.
 * The input is a program as in session_program.h: the calls are the client's, with the tight bit the
 * server's; raw bytes are written to the transport beside the connection.
 *
 * reaches: anytls_connect, anytls_accept, anytls_read, anytls_open, anytls_write, anytls_answer,
 * anytls_finish, anytls_alert, anytls_close, anytls_memory_begin, anytls_memory_close */
#include "io/blocking.h"

#include <string.h>

#include "io/memory.h"
#include "session_program.h"

#define PIPE_MAX 65536u
#define STREAMS 64u
#define WRITE_MAX 70000u /* more than a frame holds */
#define STEPS_MIN 40     /* of the server, at the end of an input */
#define STEPS_MAX (2 * (int)PIPE_MAX / 64)

enum { CLIENT, SERVER };

/* A transport around the memory: small reads, and an end after some bytes. */
struct tap {
    struct anytls_transport inner;
    size_t piece;
    size_t left;
};

struct world {
    struct anytls_memory memory;
    struct anytls_connection connections[2];
    struct anytls_connection_config configs[2];
    struct fuzz_config config;
    struct tap taps[2];
    bool accepted;
    bool clean; /* nothing has broken, so that all must arrive */
    bool fallback;
    uint32_t answers; /* what the server does with the next streams: bits */
    size_t sent[2][STREAMS];
    size_t received[2][STREAMS];
    bool left[STREAMS]; /* a side has closed it */
};

static struct world world;
static uint8_t pipes[2 * PIPE_MAX];

static uint8_t byte_of(int from, uint32_t id, size_t at)
{
    return (uint8_t)(id * 31u + (unsigned)from * 17u + at * 7u + at / 256u);
}

/* ---- The transport ---- */

static struct anytls_io_result tap_read(void *context, uint8_t *bytes, size_t size,
                                        uint64_t deadline)
{
    struct tap *tap = context;

    return tap->inner.read(tap->inner.context, bytes, size < tap->piece ? size : tap->piece,
                           deadline);
}

static enum anytls_io_status tap_write(void *context, const uint8_t *bytes, size_t size,
                                       uint64_t deadline)
{
    struct tap *tap = context;

    if (size > tap->left) {
        world.clean = false;
        return ANYTLS_IO_FAILED;
    }
    tap->left -= size;
    return tap->inner.write(tap->inner.context, bytes, size, deadline);
}

static uint64_t tap_now(void *context)
{
    const struct tap *tap = context;

    return tap->inner.now(tap->inner.context);
}

static uint32_t tap_random(void *context)
{
    const struct tap *tap = context;

    return tap->inner.random(tap->inner.context);
}

static struct anytls_transport transport_of(int side)
{
    struct anytls_transport transport = {&world.taps[side], tap_read, tap_write, tap_now,
                                         tap_random};

    return transport;
}

/* ---- Both sides ---- */

/* A write of one side may run the other, so each has a buffer of its own, and what is being sent
 * counts as sent. */
static void send_bytes(int side, uint32_t id, size_t size)
{
    static uint8_t buffers[2][WRITE_MAX];
    uint8_t *bytes = buffers[side];
    enum anytls_status status;
    size_t *sent;

    if (id == 0 || id > STREAMS)
        return;
    sent = &world.sent[side][id - 1];
    size = size < 500000 ? size % 3001 : WRITE_MAX;
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_of(side, id, *sent + i);
    *sent += size;
    status = anytls_write(&world.connections[side], id, bytes, size);
    FUZZ_ASSERT(status == ANYTLS_OK || status == ANYTLS_CLOSED || status == ANYTLS_UNKNOWN_STREAM ||
                status == ANYTLS_NOT_ALLOWED);
    if (status == ANYTLS_CLOSED)
        world.clean = false;
    if (status == ANYTLS_UNKNOWN_STREAM || status == ANYTLS_NOT_ALLOWED)
        *sent -= size;
}

static void finish(int side, uint32_t id)
{
    enum anytls_status status = anytls_finish(&world.connections[side], id);

    FUZZ_ASSERT(status == ANYTLS_OK || status == ANYTLS_CLOSED || status == ANYTLS_UNKNOWN_STREAM);
    if (id > 0 && id <= STREAMS)
        world.left[id - 1] = true;
}

static void on_data(int side, const struct anytls_event *event)
{
    size_t *received;
    int from = 1 - side;

    FUZZ_ASSERT(event->data.size > 0);
    if (!world.clean || event->stream > STREAMS)
        return;
    received = &world.received[side][event->stream - 1];
    for (size_t i = 0; i < event->data.size; i++)
        FUZZ_ASSERT(event->data.bytes[i] == byte_of(from, event->stream, *received + i));
    *received += event->data.size;
    FUZZ_ASSERT(*received <= world.sent[from][event->stream - 1]);
}

static void answer(const struct anytls_incoming *incoming)
{
    enum anytls_status status;
    uint32_t id = incoming->event.stream;

    FUZZ_ASSERT(incoming->request != NULL && incoming->request->address.size > 0);
    if (world.answers % 8 == 1) /* none */
        return;
    status = anytls_answer(&world.connections[SERVER], id,
                           world.answers % 8 == 2 ? "refused by the input" : NULL);
    FUZZ_ASSERT(status == ANYTLS_OK || status == ANYTLS_CLOSED);
    if (world.answers % 8 == 2 && id > 0 && id <= STREAMS)
        world.left[id - 1] = true;
    if (world.answers % 8 == 3)
        send_bytes(SERVER, id, world.answers % 3000u);
}

/* One event of a side; false: there is none. */
static bool read_one(int side, uint64_t timeout)
{
    struct anytls_connection *connection = &world.connections[side];
    enum anytls_io_status ended = connection->ended;
    struct anytls_incoming incoming = anytls_read(connection, timeout);

    FUZZ_ASSERT(ended == ANYTLS_IO_OK || incoming.status == ended);
    if (incoming.status != ANYTLS_IO_OK) {
        FUZZ_ASSERT(incoming.event.type == ANYTLS_EVENT_NONE && incoming.request == NULL);
        return false;
    }
    switch (incoming.event.type) {
    case ANYTLS_EVENT_DATA: on_data(side, &incoming.event); break;
    case ANYTLS_EVENT_DIAL:
    case ANYTLS_EVENT_DIAL_UDP:
        FUZZ_ASSERT(side == SERVER);
        answer(&incoming);
        break;
    case ANYTLS_EVENT_FALLBACK:
        FUZZ_ASSERT(incoming.event.data.size > 0);
        world.fallback = true;
        break;
    case ANYTLS_EVENT_CLOSED:
    case ANYTLS_EVENT_ALERT:
        FUZZ_ASSERT(connection->ended == ANYTLS_IO_END);
        world.clean = false;
        break;
    default: break;
    }
    return true;
}

static void server_step(void *context)
{
    (void)context;
    if (!world.accepted) {
        struct anytls_incoming incoming;

        world.accepted = true;
        incoming =
            anytls_accept(&world.connections[SERVER], &world.configs[SERVER], transport_of(SERVER));
        FUZZ_ASSERT(incoming.status != ANYTLS_IO_OK ||
                    incoming.event.type == ANYTLS_EVENT_AUTHENTICATED ||
                    incoming.event.type == ANYTLS_EVENT_FALLBACK ||
                    incoming.event.type == ANYTLS_EVENT_CLOSED);
    }
    for (int i = 0; i < 64 && read_one(SERVER, 0); i++)
        continue;
}

/* ---- The program ---- */

/* Behind the name that asks for UDP-over-TCP stands a request, which is no data of the stream. */
static void open_stream(struct anytls_text data)
{
    static const uint8_t request[] = {1, 1, 192, 0, 2, 1, 0, 53};
    struct anytls_address address = fuzz_destination(data);
    struct anytls_opened opened = anytls_open(&world.connections[CLIENT], &address);

    FUZZ_ASSERT(opened.status != ANYTLS_NO_ROOM && opened.status != ANYTLS_NOT_ALLOWED);
    if (opened.status == ANYTLS_OK && anytls_uot_is_destination(&address))
        opened.status =
            anytls_write(&world.connections[CLIENT], opened.stream, request, sizeof request);
    if (opened.status == ANYTLS_CLOSED)
        world.clean = false;
}

static void do_step(const struct fuzz_step *step)
{
    int side = step->tight ? SERVER : CLIENT;
    uint32_t id = step->stream >= 0x80000000u ? 1 + step->stream % 8u : step->stream;

    world.answers = world.answers / 2 + step->stream;
    switch (step->op) {
    case FUZZ_OPEN: open_stream(step->data); break;
    case FUZZ_SEND: send_bytes(side, id, fuzz_send_size(step->data)); break;
    case FUZZ_FINISH: finish(side, id); break;
    case FUZZ_ALERT:
        anytls_alert(&world.connections[side], "an alert");
        world.clean = world.clean && side == CLIENT;
        break;
    case FUZZ_CLOSE:
        anytls_close(&world.connections[side]);
        anytls_memory_close(&world.memory, (size_t)side);
        world.clean = false;
        break;
    case FUZZ_TIME: world.memory.now += step->stream % 16384u; break;
    case FUZZ_RAW:
    case FUZZ_PEER:
        world.clean = false;
        world.taps[CLIENT].inner.write(world.taps[CLIENT].inner.context, step->data.bytes,
                                       step->data.size, world.memory.now);
        break;
    case FUZZ_MOVE: read_one(CLIENT, step->stream % 4096u); break;
    default: server_step(NULL); break;
    }
}

/* What is under way arrives: a step of the server takes 64 bytes or more, if there are as many. */
static void settle(void)
{
    const struct anytls_pipe *pipe = world.memory.pipes;
    uint64_t now = world.memory.now;

    for (int i = 0; i < STEPS_MAX && (i < STEPS_MIN || pipe[0].size + pipe[1].size > 0); i++) {
        server_step(NULL);
        while (read_one(CLIENT, 0))
            continue;
    }
    FUZZ_ASSERT(world.memory.now == now || !world.clean);
    for (uint32_t id = 1; world.clean && !world.fallback && id <= STREAMS; id++)
        for (int side = 0; side < 2; side++)
            FUZZ_ASSERT(world.left[id - 1] ||
                        world.received[side][id - 1] == world.sent[1 - side][id - 1]);
}

static void begin(const struct fuzz_config *config)
{
    static struct anytls_connection_config defaults;
    size_t capacity = config->cuts == 0 ? PIPE_MAX : 16 + config->cuts % 4096u;

    if (defaults.scheme == NULL)
        FUZZ_ASSERT(anytls_connection_config_set(&defaults, "password"));
    world.config = *config;
    world.accepted = false;
    world.clean = capacity == PIPE_MAX;
    world.fallback = false;
    world.answers = 0;
    memset(world.sent, 0, sizeof world.sent);
    memset(world.received, 0, sizeof world.received);
    memset(world.left, 0, sizeof world.left);
    anytls_memory_begin(&world.memory, pipes, capacity);
    world.memory.now = 1000;
    world.memory.ends[SERVER].step = server_step;
    for (int side = 0; side < 2; side++) {
        world.configs[side] = defaults;
        world.configs[side].endpoint.session = config->session;
        world.configs[side].scheme = side == CLIENT ? &world.config.scheme : defaults.scheme;
        world.taps[side].inner = anytls_memory_transport(&world.memory, (size_t)side);
        world.taps[side].piece = config->text % 97u + 1;
        world.taps[side].left =
            (config->flags & FUZZ_LAST_IDS) != 0 ? config->streams * 64u : SIZE_MAX;
    }
    if ((config->flags & FUZZ_OWN_HASH) != 0) {
        world.configs[SERVER].endpoint.hash[31] ^= 1;
        world.clean = false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct fuzz_config config = fuzz_config_take(&input, ANYTLS_CLIENT);
    struct fuzz_step step;

    begin(&config);
    if (anytls_connect(&world.connections[CLIENT], &world.configs[CLIENT], transport_of(CLIENT)) !=
        ANYTLS_OK)
        world.clean = false;
    server_step(NULL);
    for (int i = 0; i < 64 && fuzz_step_next(&input, &step); i++)
        do_step(&step);
    settle();
    anytls_close(&world.connections[CLIENT]);
    FUZZ_ASSERT(!read_one(CLIENT, ANYTLS_FOREVER));
    return 0;
}
