/* Random sessions: a client and a server, each in the reference and in the oracle, connected by two
 * pipes into which odd frames are thrown. A session is a list of operations that follows from the
 * seed; any sublist is a session, too, which is what shrinking lives from. */
#include <stdlib.h>
#include <string.h>

#include "diff_random.h"

struct world {
    struct side sides[2]; /* client, server */
    struct blob pipes[2]; /* to the client, to the server */
    char schemes[2][ANYTLS_SCHEME_SIZE_MAX + 1];
    uint64_t seed;
    uint64_t now;
    char fault[FAULT_SIZE];
};

/* ---- Making a plan ---- */

/* How often each kind comes, of 100. */
static const uint8_t shares[KIND_COUNT] = {
    [OPEN] = 12,     [SEND] = 14,   [FINISH] = 6, [ACCEPT] = 9, [REFUSE] = 3, [ALERT] = 1,
    [HEARTBEAT] = 3, [CLOSE] = 1,   [TICK] = 6,   [PAUSE] = 1,  [RESUME] = 1, [DELIVER] = 25,
    [INJECT] = 11,   [GARBAGE] = 1, [TEXT] = 5,   [PARSE] = 1,
};

static enum kind kind_draw(uint64_t *seed)
{
    uint32_t at = draw_below(seed, 100);

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (at < shares[kind])
            return (enum kind)kind;
        at -= shares[kind];
    }
    return DELIVER;
}

void plan_make(struct plan *plan, uint64_t seed)
{
    plan->seed = seed;
    plan->count = 20 + draw_below(&seed, OPERATIONS_MAX - 20);
    for (size_t i = 0; i < plan->count; i++) {
        struct operation *operation = &plan->operations[i];

        operation->kind = kind_draw(&seed);
        operation->side = draw_below(&seed, 2);
        if (operation->kind == OPEN && draw_below(&seed, 50) != 0)
            operation->side = 0;
        if ((operation->kind == ACCEPT || operation->kind == REFUSE) && draw_below(&seed, 30) != 0)
            operation->side = 1;
        operation->a = draw(&seed);
        operation->b = draw(&seed);
    }
}

/* ---- Running it ---- */

static const char *scheme_pick(uint64_t *seed, char *text)
{
    struct anytls_text view = {(const uint8_t *)text, 0};

    if (draw_below(seed, 3) == 0)
        return NULL;
    scheme_draw(seed, text, ANYTLS_SCHEME_SIZE_MAX + 1);
    view.size = strlen(text);
    return anytls_scheme_read(view).status == ANYTLS_OK ? text : NULL;
}

static void world_begin(struct world *world, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->seed = seed ^ 0x5bd1e995u;
    for (int i = 0; i < 2; i++) {
        struct side_options options = {ANYTLS_CLIENT, 2, false, SIDE_STREAMS, 1024, {0}, NULL};

        options.role = i == 0 ? ANYTLS_CLIENT : ANYTLS_SERVER;
        options.version = draw_below(&world->seed, 5) == 0 ? 1 : 2;
        options.strict = draw_below(&world->seed, 8) == 0;
        options.streams =
            draw_below(&world->seed, 3) == 0 ? 1 + draw_below(&world->seed, 4) : SIDE_STREAMS;
        options.text = draw_below(&world->seed, 6) == 0 ? draw_below(&world->seed, 64)
                                                        : ANYTLS_SCHEME_SIZE_MAX;
        for (int j = 0; j < 4; j++)
            options.timeouts[j] =
                draw_below(&world->seed, 2) == 0 ? 0 : 10 + draw_below(&world->seed, 500);
        options.scheme = scheme_pick(&world->seed, world->schemes[i]);
        side_begin(&world->sides[i], &options, world->now);
    }
}

static void world_end(struct world *world)
{
    for (int i = 0; i < 2; i++) {
        side_free(&world->sides[i]);
        blob_free(&world->pipes[i]);
    }
}

/* A stream id: mostly one of those around, at times any. */
static uint32_t id_pick(const struct world *world, uint32_t a)
{
    uint32_t around = world->sides[0].reference.streams.highest;

    if (world->sides[1].reference.streams.highest > around)
        around = world->sides[1].reference.streams.highest;
    switch (a % 16) {
    case 0: return 0;
    case 1: return UINT32_MAX - a / 16 % 2;
    case 2: return a;
    default: return a / 16 % (around < 8 ? around + 2 : 10) + (around > 8 ? around - 8 : 0);
    }
}

static uint32_t size_pick(uint32_t b)
{
    static const uint32_t sizes[] = {0, 1, 7, 100, 400, 1000, 1400, 5000};

    if (b % 64 == 0)
        return 65534 + b / 64 % 4;
    if (b % 64 == 1)
        return 131000 + b / 64 % 100;
    return b % 4 == 0 ? b / 64 % 300 : sizes[b / 64 % 8];
}

static void frame_add(struct blob *pipe, uint8_t command, uint32_t stream, const uint8_t *data,
                      size_t size)
{
    uint8_t header[7] = {command,
                         (uint8_t)(stream >> 24),
                         (uint8_t)(stream >> 16),
                         (uint8_t)(stream >> 8),
                         (uint8_t)stream,
                         (uint8_t)(size >> 8),
                         (uint8_t)size};

    blob_add(pipe, header, sizeof header);
    blob_add(pipe, data, size);
}

static void inject(struct world *world, const struct operation *operation)
{
    static const uint32_t sizes[] = {0, 0, 0, 1, 2, 7, 20, 300};
    uint32_t id = id_pick(world, operation->b);
    uint32_t command = operation->a % 16 < 12 ? operation->a % 16 : operation->a / 16 % 256;
    struct blob data = {NULL, 0, 0};

    blob_add_pattern(&data, sizes[operation->a / 4096 % 8], operation->b);
    frame_add(&world->pipes[operation->side], (uint8_t)command, id, data.at, data.size);
    blob_free(&data);
}

static void inject_text(struct world *world, const struct operation *operation)
{
    static const char *const texts[] = {"v=2",
                                        "v=1",
                                        "v=3\nx=y",
                                        "v=x",
                                        "v=",
                                        "v=256\npadding-md5=",
                                        "padding-md5=0\nv=2",
                                        "x",
                                        "v=1\nv=2",
                                        "v=2 ",
                                        "v=4294967298",
                                        ""};
    uint64_t seed = operation->b;
    char text[ANYTLS_SCHEME_SIZE_MAX + 256];
    uint8_t command = ANYTLS_UPDATE_PADDING_SCHEME;

    if (operation->a % 3 == 0) {
        scheme_draw(&seed, text, sizeof text);
    } else {
        command = operation->a % 3 == 1 ? ANYTLS_SETTINGS : ANYTLS_SERVER_SETTINGS;
        snprintf(text, sizeof text, "%s", texts[operation->b % (sizeof texts / sizeof *texts)]);
    }
    frame_add(&world->pipes[operation->side], command, 0, (const uint8_t *)text, strlen(text));
}

static void deliver(struct world *world, const struct operation *operation)
{
    struct blob *pipe = &world->pipes[operation->side];
    size_t size = operation->a % 3 == 0 ? operation->a / 3 % 40 : pipe->size;

    if (size > pipe->size)
        size = pipe->size;
    side_receive(&world->sides[operation->side], pipe->at, size, world->now, operation->b % 4);
    blob_drop(pipe, size);
}

static void open_stream(struct world *world, const struct operation *operation)
{
    struct anytls_address address = {ANYTLS_IPV4, (uint16_t)operation->b, 4, {127, 0, 0, 1}};
    uint32_t stream;

    if (operation->a % 4 == 0) {
        address.kind = ANYTLS_NAME;
        address.size = (uint8_t)(operation->a / 4);
    }
    memset(address.host, 'a' + (int)(operation->b % 26), address.size);
    side_open(&world->sides[operation->side], &address, world->now, &stream);
}

static void send_some(struct world *world, const struct operation *operation)
{
    struct blob data = {NULL, 0, 0};

    blob_add_pattern(&data, size_pick(operation->b), operation->b);
    side_send(&world->sides[operation->side], id_pick(world, operation->a), data.at, data.size);
    blob_free(&data);
}

static void reason_make(uint32_t b, char *reason)
{
    size_t size = b % 4 == 0 ? 0 : b / 4 % 300;

    memset(reason, 'r', size);
    reason[size] = '\0';
}

static void run_operation(struct world *world, const struct operation *operation)
{
    struct side *side = &world->sides[operation->side];
    uint32_t id = id_pick(world, operation->a);
    struct blob bytes = {NULL, 0, 0};
    char reason[304];

    reason_make(operation->b, reason);
    switch (operation->kind) {
    case OPEN: open_stream(world, operation); break;
    case SEND: send_some(world, operation); break;
    case FINISH: side_finish(side, id); break;
    case ACCEPT: side_accept(side, id); break;
    case REFUSE: side_refuse(side, id, reason); break;
    case ALERT: side_alert(side, reason); break;
    case HEARTBEAT: side_heartbeat(side, world->now); break;
    case CLOSE: side_close(side); break;
    case TICK:
        world->now += operation->a % 3 == 0 ? operation->b % 700 : operation->b % 40;
        side_tick(side, world->now);
        break;
    case PAUSE: side_pause(side); break;
    case RESUME: side_resume(side, world->now); break;
    case DELIVER: deliver(world, operation); break;
    case INJECT: inject(world, operation); break;
    case TEXT: inject_text(world, operation); break;
    case GARBAGE:
        blob_add_pattern(&bytes, operation->a % 30, operation->b);
        blob_add(&world->pipes[operation->side], bytes.at, bytes.size);
        blob_free(&bytes);
        break;
    case PARSE: parsers_compare(operation->a, world->fault); break;
    default: break;
    }
}

static bool world_differs(struct world *world)
{
    for (int i = 0; i < 2; i++)
        if (world->fault[0] == '\0')
            memcpy(world->fault, world->sides[i].fault, FAULT_SIZE);
    return world->fault[0] != '\0';
}

/* What the sides have sent goes into the pipes, shaped. */
static void flush(struct world *world, size_t index)
{
    for (int i = 0; i < 2; i++) {
        uint64_t seed = world->seed + index;

        if (world->sides[i].out.size > 0)
            side_write(&world->sides[i], &seed, &world->pipes[1 - i], NULL);
    }
}

bool plan_run(const struct plan *plan, char *fault)
{
    static struct world world;
    bool differs = false;

    world_begin(&world, plan->seed);
    for (size_t i = 0; i < plan->count && !differs; i++) {
        world.now += plan->operations[i].b % 5;
        run_operation(&world, &plan->operations[i]);
        flush(&world, i);
        differs = world_differs(&world);
    }
    for (int i = 0; i < 4 && !differs; i++) {
        struct operation rest = {DELIVER, (uint32_t)(i + 1) % 2, 1, 0};

        deliver(&world, &rest);
        flush(&world, OPERATIONS_MAX);
        differs = world_differs(&world);
    }
    memcpy(fault, world.fault, FAULT_SIZE);
    world_end(&world);
    return !differs;
}
