/* The server's whole path of ref/core against the oracle's: the same preamble, program of frames and
 * answers (endpoint.c describes the input). After each step: same answers, events, output, deadline;
 * same bytes taken.
 *
 * reaches: anytls_endpoint_receive, anytls_endpoint_end, anytls_endpoint_accept,
 * anytls_endpoint_refuse, anytls_endpoint_tick, anytls_endpoint_deadline */
#include <stdlib.h>
#include <string.h>

#include "core/endpoint.h"
#include "diff_events.h"

#define STREAMS_MAX 16u

struct both {
    struct anytls_endpoint ours;
    struct anytls_endpoint_config config;
    struct oracle_endpoint *theirs;
    struct fuzz_config program;
    struct anytls_stream table[STREAMS_MAX];
    struct anytls_pending pending[STREAMS_MAX];
    uint8_t text[ANYTLS_SCHEME_SIZE_MAX];
    char md5[ANYTLS_MD5_TEXT_SIZE + 1];
    struct fuzz_numbers numbers;
    uint64_t now;
    uint32_t dialled[STREAMS_MAX];
    size_t dialled_count;
};

static struct diff diff;
static uint8_t out[8192];

static void begin(struct both *both, const struct fuzz_config *program, const uint8_t *hash)
{
    size_t pending = (program->streams + 1) / 2;
    struct oracle_endpoint_config other;

    both->program = *program;
    both->now = 1000;
    both->numbers.state = program->cuts + UINT64_C(77);
    both->dialled_count = 0;
    both->config.session = program->session;
    both->config.preamble_timeout = program->session.answer_timeout;
    memcpy(both->config.hash, hash, ANYTLS_HASH_SIZE);
    other.session = diff_config(program, ORACLE_SERVER, both->md5);
    other.hash = both->config.hash;
    other.preamble_timeout = both->config.preamble_timeout;
    other.pending_max = pending;
    both->theirs = oracle_endpoint_new(&other, both->now);
    anytls_endpoint_begin(&both->ours, &both->config, &both->program.scheme, both->table,
                          program->streams, both->pending, pending, both->text, program->text,
                          both->now);
}

/* The oracle tells a destination by its bytes; those of a request are written again. */
static struct anytls_text request_bytes(const struct both *both, enum anytls_event_type type)
{
    static uint8_t bytes[ANYTLS_UOT_REQUEST_SIZE_MAX];
    struct anytls_text text = {bytes, 0};

    if (type == ANYTLS_EVENT_DIAL_UDP)
        text.size = anytls_uot_request_encode(&both->ours.request, bytes, sizeof bytes).size;
    else
        text.size = anytls_address_encode(ANYTLS_TABLE_SOCKS, &both->ours.request.address, bytes,
                                          sizeof bytes)
                        .size;
    return text;
}

static void take(struct both *both, struct anytls_received result)
{
    if (result.event.type == ANYTLS_EVENT_DIAL || result.event.type == ANYTLS_EVENT_DIAL_UDP) {
        result.event.data = request_bytes(both, result.event.type);
        both->dialled[both->dialled_count++ % STREAMS_MAX] = result.event.stream;
    }
    diff_add_event(&diff, &result.event);
    diff_add_output(&diff, out, result.output);
}

static void feed(struct both *both, struct anytls_text bytes)
{
    struct oracle_bytes other = {bytes.bytes, bytes.size};
    size_t consumed = 0;

    while (consumed < bytes.size) {
        size_t size = fuzz_piece(&both->numbers, both->program.cuts, bytes.size - consumed);
        struct anytls_received result = anytls_endpoint_receive(&both->ours, bytes.bytes + consumed,
                                                                size, both->now, out, sizeof out);

        if (result.status != ANYTLS_OK)
            break;
        take(both, result);
        consumed += result.consumed;
    }
    FUZZ_ASSERT(oracle_endpoint_receive(both->theirs, other, both->now) == consumed);
}

static void tick(struct both *both)
{
    for (int i = 0; i < 3; i++) {
        struct anytls_received result =
            anytls_endpoint_tick(&both->ours, both->now, out, sizeof out);

        FUZZ_ASSERT(diff_same_status(result.status, oracle_endpoint_tick(both->theirs, both->now)));
        take(both, result);
    }
}

static void written(struct anytls_written result, enum oracle_status status)
{
    FUZZ_ASSERT(diff_same_status(result.status, status));
    diff_add_output(&diff, out, result.size);
}

/* Streams that were dialled are answered, and no others: an endpoint's caller knows no others. */
static void answer(struct both *both, const struct fuzz_step *step)
{
    struct oracle_bytes reason = {step->data.bytes, step->data.size};
    uint32_t id;

    if (both->dialled_count == 0 || both->ours.phase != ANYTLS_PHASE_SESSION)
        return;
    id = both->dialled[step->stream %
                       (both->dialled_count < STREAMS_MAX ? both->dialled_count : STREAMS_MAX)];
    if (step->op == FUZZ_ACCEPT)
        written(anytls_endpoint_accept(&both->ours, id, out, sizeof out),
                oracle_endpoint_accept(both->theirs, id));
    else if (step->op == FUZZ_REFUSE)
        written(anytls_endpoint_refuse(&both->ours, id, step->data, out, sizeof out),
                oracle_endpoint_refuse(both->theirs, id, reason));
    else
        written(anytls_session_finish(&both->ours.session, id, out, sizeof out),
                oracle_session_finish(oracle_endpoint_session(both->theirs), id));
}

static void do_step(struct both *both, const struct fuzz_step *step)
{
    struct anytls_received result;

    switch (step->op) {
    case FUZZ_ACCEPT:
    case FUZZ_REFUSE:
    case FUZZ_FINISH: answer(both, step); break;
    case FUZZ_TIME:
        both->now += step->stream % 65536u;
        tick(both);
        break;
    case FUZZ_CLOSE:
        result = anytls_endpoint_end(&both->ours);
        FUZZ_ASSERT(diff_same_status(result.status, oracle_endpoint_end(both->theirs)));
        take(both, result);
        break;
    case FUZZ_RAW:
    case FUZZ_PEER: feed(both, step->data); break;
    default: break;
    }
}

static void compare(struct both *both)
{
    struct anytls_deadline deadline = anytls_endpoint_deadline(&both->ours);
    size_t count = oracle_endpoint_events(both->theirs);
    uint64_t at = 0;

    for (size_t i = 0; i < count && i < diff.count; i++)
        diff_compare_event(&diff, i, oracle_endpoint_event(both->theirs, i));
    FUZZ_ASSERT(count == diff.count);
    diff_compare_output(&diff, oracle_endpoint_output(both->theirs));
    FUZZ_ASSERT(oracle_endpoint_deadline(both->theirs, &at) == deadline.set);
    FUZZ_ASSERT(!deadline.set || at == deadline.at);
    diff_clear(&diff);
    oracle_endpoint_clear(both->theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* SHA-256 of "password". */
    static const uint8_t password[ANYTLS_HASH_SIZE] = {
        0x5e, 0x88, 0x48, 0x98, 0xda, 0x28, 0x04, 0x71, 0x51, 0xd0, 0xe5,
        0x6f, 0x8d, 0xc6, 0x29, 0x27, 0x73, 0x60, 0x3d, 0x0d, 0x6a, 0xab,
        0xbd, 0xd6, 0x2a, 0x11, 0xef, 0x72, 0x1d, 0x15, 0x42, 0xd8};
    static struct both both;
    struct fuzz_input input = {data, size};
    struct fuzz_config config = fuzz_config_take(&input, ANYTLS_SERVER);
    uint8_t hash[ANYTLS_HASH_SIZE];
    size_t preamble = ANYTLS_PREAMBLE_SIZE;
    struct fuzz_step step;

    memcpy(hash, password, sizeof hash);
    if ((config.flags & FUZZ_OWN_HASH) != 0)
        for (size_t i = 0; i < sizeof hash; i++)
            hash[i] = i < input.size ? input.at[i] : 0;
    if (input.size >= preamble)
        preamble += input.at[32] * 256u + input.at[33];
    diff_clear(&diff);
    begin(&both, &config, hash);
    feed(&both, fuzz_take(&input, preamble));
    compare(&both);
    while (fuzz_step_next(&input, &step)) {
        do_step(&both, &step);
        compare(&both);
    }
    oracle_endpoint_free(both.theirs);
    return 0;
}
