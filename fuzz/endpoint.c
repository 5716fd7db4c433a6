/* The server's whole path after TLS: preamble, session, destinations, answers, fallback.
 *  - Without the right hash nothing is sent, and a fallback gets exactly the bytes that came, also
 *    fewer than 32; with it the session begins behind the padding, not a byte sooner or later.
 *  - A stream is dialled once, where its bytes say, and no event tells of it before; then its data
 *    events are its other bytes, in order.
 *  - Which streams wait for a destination is true of the session's table; limits hold; a failed call
 *    changes nothing; the end is the end.
 *  - However the bytes are cut, events and output are the same.
 * The input is a preamble and then a program as in session_program.h; instructions may stand before.
 *
 * reaches: anytls_endpoint_begin, anytls_endpoint_receive, anytls_endpoint_output_max,
 * anytls_endpoint_end, anytls_endpoint_accept, anytls_endpoint_refuse, anytls_endpoint_deadline,
 * anytls_endpoint_tick, anytls_preamble_begin, anytls_preamble_receive, anytls_address_size,
 * anytls_address_decode, anytls_uot_request_size, anytls_uot_request_decode,
 * anytls_uot_is_destination, anytls_session_receive, anytls_session_accept, anytls_session_refuse */
#include "endpoint.h"

#include <stdlib.h>
#include <string.h>

/* SHA-256 of "password". */
static const uint8_t password[ANYTLS_HASH_SIZE] = {
    0x5e, 0x88, 0x48, 0x98, 0xda, 0x28, 0x04, 0x71, 0x51, 0xd0, 0xe5, 0x6f, 0x8d, 0xc6, 0x29, 0x27,
    0x73, 0x60, 0x3d, 0x0d, 0x6a, 0xab, 0xbd, 0xd6, 0x2a, 0x11, 0xef, 0x72, 0x1d, 0x15, 0x42, 0xd8};

static size_t room_of(const struct path *path)
{
    return anytls_endpoint_output_max(&path->endpoint);
}

static void begin(struct path *path, const struct fuzz_config *config, const uint8_t *hash)
{
    memset(path, 0, sizeof *path);
    path->config = *config;
    path->endpoint_config.session = config->session;
    path->endpoint_config.preamble_timeout = config->session.answer_timeout;
    memcpy(path->endpoint_config.hash, hash, ANYTLS_HASH_SIZE);
    path->capacity = config->streams;
    path->table = fuzz_memory(config->streams * sizeof *path->table);
    path->pending = fuzz_memory((config->streams + 1) / 2 * sizeof *path->pending);
    path->text = fuzz_memory(config->text);
    path->now = 1000;
    path->aligned = true;
    path->numbers.state = config->cuts + UINT64_C(77);
    anytls_endpoint_begin(&path->endpoint, &path->endpoint_config, &path->config.scheme,
                          path->table, config->streams, path->pending, (config->streams + 1) / 2,
                          path->text, config->text, path->now);
    path->out = fuzz_memory(room_of(path));
    path_check(path);
}

static void end(struct path *path)
{
    free(path->table);
    free(path->pending);
    free(path->text);
    free(path->out);
}

/* A result of receive, tick or end. */
static void take(struct path *path, struct anytls_received result)
{
    bool over = path->over;

    FUZZ_ASSERT((result.status == ANYTLS_CLOSED) == over);
    FUZZ_ASSERT(result.status == ANYTLS_OK || over);
    FUZZ_ASSERT(result.output <= room_of(path));
    FUZZ_ASSERT(!over || (result.output == 0 && result.consumed == 0 &&
                          result.event.type == ANYTLS_EVENT_NONE));
    if (over)
        return;
    path->came += result.consumed;
    path_event(path, &result.event);
    path_output(path, result.output);
    path_check(path);
}

/* ---- The preamble ---- */

/* What the bytes that came so far mean, read at once. */
static void check_preamble(const struct path *path)
{
    bool right = memcmp(path->first, path->endpoint_config.hash, ANYTLS_HASH_SIZE) == 0;
    size_t whole = ANYTLS_PREAMBLE_SIZE + path->first[32] * 256u + path->first[33];
    enum anytls_endpoint_phase phase = ANYTLS_PHASE_PREAMBLE;

    if (path->came >= ANYTLS_HASH_SIZE && !right)
        phase = ANYTLS_PHASE_ENDED;
    else if (path->came >= ANYTLS_PREAMBLE_SIZE && path->came >= whole)
        phase = ANYTLS_PHASE_SESSION;
    FUZZ_ASSERT(path->endpoint.phase == phase);
    FUZZ_ASSERT(phase != ANYTLS_PHASE_ENDED || path->came == ANYTLS_HASH_SIZE);
}

/* How many bytes are missing from the preamble, if the input goes on with it. */
static size_t preamble_left(const struct path *path, struct fuzz_input input)
{
    uint8_t head[ANYTLS_PREAMBLE_SIZE];
    size_t whole;

    for (size_t i = 0; i < sizeof head; i++)
        head[i] = i < path->came ? path->first[i] : fuzz_byte(&input);
    whole = sizeof head + head[32] * 256u + head[33];
    return path->came < whole ? whole - path->came : 0;
}

/* ---- Steps ---- */

static void receive_nothing(struct path *path, struct anytls_text bytes)
{
    struct anytls_endpoint before;
    struct anytls_received result;

    memcpy(&before, &path->endpoint, sizeof before);
    result = anytls_endpoint_receive(&path->endpoint, bytes.bytes, bytes.size, path->now, path->out,
                                     room_of(path) - 1);
    FUZZ_ASSERT(result.status == (path->over ? ANYTLS_CLOSED : ANYTLS_NO_ROOM));
    FUZZ_ASSERT(result.consumed == 0 && result.output == 0);
    FUZZ_ASSERT(memcmp(&before, &path->endpoint, sizeof before) == 0);
    result = anytls_endpoint_receive(&path->endpoint, bytes.bytes, 0, path->now, path->out,
                                     room_of(path));
    FUZZ_ASSERT(result.status == (path->over ? ANYTLS_CLOSED : ANYTLS_OK));
    FUZZ_ASSERT(result.output == 0 && result.event.type == ANYTLS_EVENT_NONE);
}

static void feed(struct path *path, struct anytls_text bytes)
{
    size_t consumed = 0;

    receive_nothing(path, bytes);
    while (consumed < bytes.size && !path->over) {
        size_t size = fuzz_piece(&path->numbers, path->config.cuts, bytes.size - consumed);
        uint8_t *piece = fuzz_copy(bytes.bytes + consumed, size);
        size_t taken = 0;

        while (taken < size && !path->over) {
            struct anytls_received result = anytls_endpoint_receive(
                &path->endpoint, piece + taken, size - taken, path->now, path->out, room_of(path));

            FUZZ_ASSERT(result.consumed > 0 && result.consumed <= size - taken);
            for (size_t i = 0; i < result.consumed && path->came + i < sizeof path->first; i++)
                path->first[path->came + i] = piece[taken + i];
            taken += result.consumed;
            take(path, result);
        }
        free(piece);
        consumed += taken;
    }
    if (!path->ended_early)
        check_preamble(path);
}

static void keep(struct path *path, struct anytls_written written)
{
    FUZZ_ASSERT(written.status == ANYTLS_OK || written.size == 0);
    FUZZ_ASSERT(!path->over || written.status != ANYTLS_OK);
    path_output(path, written.size);
    path_check(path);
}

/* After the end no answer is taken any more. */
static void answer_late(struct path *path, const struct fuzz_step *step, uint32_t id)
{
    struct anytls_written written;

    if (step->op == FUZZ_ACCEPT)
        written = anytls_endpoint_accept(&path->endpoint, id, path->out, room_of(path));
    else
        written = anytls_endpoint_refuse(&path->endpoint, id, step->data, path->out, room_of(path));
    FUZZ_ASSERT(written.size == 0 &&
                (written.status == ANYTLS_CLOSED || written.status == ANYTLS_UNKNOWN_STREAM));
}

static void answer(struct path *path, const struct fuzz_step *step, uint32_t id)
{
    struct path_stream *stream = path_find(path, id);
    size_t room = step->tight ? 6 : room_of(path);
    struct anytls_written written;

    if (path->over)
        answer_late(path, step, id);
    if (path->over || stream == NULL || !stream->dialled)
        return; /* nobody answers what was not asked */
    if (step->op == FUZZ_ACCEPT) {
        written = anytls_endpoint_accept(&path->endpoint, id, path->out, room);
        FUZZ_ASSERT(written.status == ANYTLS_OK ||
                    (step->tight && written.status == ANYTLS_NO_ROOM));
    } else if (step->op == FUZZ_REFUSE) {
        written = anytls_endpoint_refuse(&path->endpoint, id, step->data, path->out, room);
        FUZZ_ASSERT(written.status == (step->tight ? ANYTLS_NO_ROOM : ANYTLS_OK));
    } else {
        written = anytls_session_finish(&path->endpoint.session, id, path->out, room);
        FUZZ_ASSERT(written.status == (step->tight ? ANYTLS_NO_ROOM : ANYTLS_OK));
    }
    if (written.status == ANYTLS_OK && step->op != FUZZ_ACCEPT)
        path_remove(path, id);
    keep(path, written);
}

static void tick(struct path *path)
{
    for (int i = 0; i < 4; i++) {
        struct anytls_deadline deadline = anytls_endpoint_deadline(&path->endpoint);
        struct anytls_received result =
            anytls_endpoint_tick(&path->endpoint, path->now, path->out, room_of(path));

        path->ended_early = path->ended_early || path->endpoint.phase == ANYTLS_PHASE_ENDED;
        if (!deadline.set || path->now < deadline.at) {
            FUZZ_ASSERT(result.output == 0 && result.event.type == ANYTLS_EVENT_NONE);
            return;
        }
        take(path, result);
    }
    FUZZ_NEVER("a deadline that does not go away");
}

static void grow(struct path *path)
{
    size_t capacity = path->capacity + 2;
    struct anytls_stream *table;
    struct anytls_pending *pending;

    if (capacity > PATH_STREAMS_MAX)
        return;
    table = fuzz_memory(capacity * sizeof *table);
    pending = fuzz_memory(capacity * sizeof *pending);
    if (path->endpoint.session.streams.count > 0)
        memcpy(table, path->table, path->endpoint.session.streams.count * sizeof *table);
    if (path->endpoint.pending_count > 0)
        memcpy(pending, path->pending, path->endpoint.pending_count * sizeof *pending);
    free(path->table);
    free(path->pending);
    path->capacity = capacity;
    path->table = path->endpoint.session.streams.entries = table;
    path->endpoint.session.streams.capacity = capacity;
    path->pending = path->endpoint.pending = pending;
    path->endpoint.pending_capacity = capacity;
}

static void feed_frame(struct path *path, struct anytls_text bytes)
{
    struct anytls_frame_result frame = anytls_frame_decode(bytes.bytes, bytes.size);
    struct anytls_text data = {frame.frame.data, frame.frame.header.length};

    if (path->endpoint.phase == ANYTLS_PHASE_PREAMBLE) {
        feed(path, bytes); /* the preamble, and not a byte more */
        return;
    }
    if (frame.status != ANYTLS_OK)
        path->aligned = false;
    else if (frame.frame.header.command == ANYTLS_PSH && data.size > 0)
        path_expect(path, frame.frame.header.stream, data);
    feed(path, bytes);
}

static void do_step(struct path *path, const struct fuzz_step *step)
{
    uint32_t id = step->stream;

    if (id >= 0x80000000u && path->count > 0)
        id = path->streams[id % path->count].id;
    switch (step->op) {
    case FUZZ_ACCEPT:
    case FUZZ_REFUSE:
    case FUZZ_FINISH: answer(path, step, id); break;
    case FUZZ_TIME:
        path->now += step->stream % 65536u;
        tick(path);
        break;
    case FUZZ_CLOSE:
        path->ended_early = true;
        take(path, anytls_endpoint_end(&path->endpoint));
        break;
    case FUZZ_GROW: grow(path); break;
    case FUZZ_RAW:
        if (step->data.size > preamble_left(path, (struct fuzz_input){NULL, 0}))
            path->aligned = false;
        feed(path, step->data);
        break;
    case FUZZ_PEER: feed_frame(path, step->data); break;
    default: break;
    }
}

/* The next step. Before a session there are instructions, and then the preamble. */
static bool next_step(const struct path *path, struct fuzz_input *input, struct fuzz_step *step)
{
    if (path->endpoint.phase == ANYTLS_PHASE_PREAMBLE && input->size > 0 &&
        input->at[0] < FUZZ_INSTRUCTION) {
        *step = (struct fuzz_step){FUZZ_PEER, false, 0, {NULL, 0}};
        step->data = fuzz_take(input, preamble_left(path, *input));
        return true;
    }
    return fuzz_step_next(input, step);
}

/* Where the input says so, the hash that comes is the right one. */
static void hash_of(const struct fuzz_config *config, struct fuzz_input input, uint8_t *hash)
{
    memcpy(hash, password, ANYTLS_HASH_SIZE);
    if ((config->flags & FUZZ_OWN_HASH) == 0)
        return;
    for (size_t i = 0; i < ANYTLS_HASH_SIZE; i++)
        hash[i] = fuzz_byte(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct path one;
    static struct path other;
    struct fuzz_input input = {data, size};
    struct fuzz_numbers numbers = fuzz_numbers_of(data, size);
    struct fuzz_config config = fuzz_config_take(&input, ANYTLS_SERVER);
    uint8_t hash[ANYTLS_HASH_SIZE];
    struct fuzz_step step;

    hash_of(&config, input, hash);
    begin(&one, &config, hash);
    config.cuts = config.cuts > 0 ? 0 : 1 + fuzz_next(&numbers) % 16;
    begin(&other, &config, hash);
    while (next_step(&one, &input, &step)) {
        do_step(&one, &step);
        do_step(&other, &step);
        FUZZ_ASSERT(one.events == other.events && one.output == other.output);
        FUZZ_ASSERT(one.came == other.came && one.over == other.over);
    }
    take(&one, anytls_endpoint_end(&one.endpoint));
    FUZZ_ASSERT(one.over);
    end(&one);
    end(&other);
    return 0;
}
