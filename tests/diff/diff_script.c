#include "diff_script.h"

#include <stdlib.h>
#include <string.h>

const char *script_host(uint32_t host)
{
    static const char *const hosts[] = {"target.example", "192.0.2.7", "2001:db8::7"};

    return hosts[host];
}

/* "host:port", an IPv6 address in brackets. */
static void destination_print(uint32_t host, uint32_t port, char *text, size_t size)
{
    snprintf(text, size, host == 2 ? "[%s]:%u" : "%s:%u", script_host(host), port);
}

/* ---- Making ---- */

static uint32_t port_draw(uint64_t *seed)
{
    switch (draw_below(seed, 10)) {
    case 0: return PORT_FAIL;
    case 1: return PORT_SINK;
    case 2: return PORT_LATE_ECHO;
    case 3:
    case 4: return PORT_SEND + draw_below(seed, 3000);
    default: return PORT_ECHO;
    }
}

static bool takes_data(uint32_t port)
{
    return port != PORT_FAIL && port < PORT_SEND;
}

/* The module writes a wrong length over 65,535 bytes: there it is given no more. */
static uint32_t size_draw(uint64_t *seed, bool large)
{
    static const uint32_t sizes[] = {1, 7, 100, 1000, 1400, 16384, 65534, 65535};

    if (large && draw_below(seed, 12) == 0)
        return 65536 + draw_below(seed, 140000);
    return draw_below(seed, 3) == 0 ? 1 + draw_below(seed, 30000) : sizes[draw_below(seed, 8)];
}

static void step_add(struct script *script, struct step step)
{
    if (script->count < SCRIPT_STEPS_MAX) {
        script->steps[script->count] = step;
        script->count++;
    }
}

static void scheme_make(uint64_t *seed, char *scheme)
{
    struct anytls_text text = {(const uint8_t *)scheme, 0};

    scheme[0] = '\0';
    if (draw_below(seed, 3) == 0)
        return;
    scheme_draw(seed, scheme, ANYTLS_SCHEME_SIZE_MAX + 1);
    text.size = strlen(scheme);
    if (anytls_scheme_read(text).status != ANYTLS_OK)
        scheme[0] = '\0';
}

/* The last stream is an echo that is waited for: when its bytes are back, all before was read. */
static void script_end(struct script *script, uint32_t stream)
{
    struct step open = {'o', stream, 0, PORT_ECHO, 0, 0};
    struct step write = {'w', stream, 0, 0, 10, 1};
    struct step wait = {'y', 0, 0, 0, 0, 0};

    step_add(script, open);
    step_add(script, write);
    step_add(script, wait);
}

void script_make(struct script *script, uint64_t seed)
{
    uint32_t ports[SCRIPT_STREAMS_MAX];
    uint32_t streams = 0;
    uint32_t limit;
    size_t steps;

    memset(script, 0, sizeof *script);
    script->seed = seed;
    script->server = draw_below(&seed, 2) == 0;
    script->version = draw_below(&seed, 6) == 0 ? 1 : 2;
    scheme_make(&seed, script->scheme);
    limit = 1 + draw_below(&seed, SCRIPT_STREAMS_MAX - 1);
    steps = 4 + draw_below(&seed, SCRIPT_STEPS_MAX - 8);
    while (script->count < steps) {
        uint32_t what = draw_below(&seed, 20);
        struct step step = {'o', 0, draw_below(&seed, 3), port_draw(&seed), 0, draw(&seed)};

        if (streams == 0 || (what < 5 && streams < limit)) {
            step.stream = streams;
            ports[streams] = step.port;
            streams++;
            step_add(script, step);
            continue;
        }
        step.stream = draw_below(&seed, streams);
        step.size = size_draw(&seed, !script->server);
        step.kind = what < 15 ? 'w' : what < 17 ? 'y' : what < 18 ? 'c' : what < 19 ? 'h' : 'w';
        if (step.kind == 'w' && !takes_data(ports[step.stream]))
            step.kind = 'y';
        step_add(script, step);
    }
    script_end(script, streams);
    script_tidy(script);
}

size_t script_streams(const struct script *script)
{
    size_t streams = 0;

    for (size_t i = 0; i < script->count; i++)
        streams += script->steps[i].kind == 'o';
    return streams;
}

void script_tidy(struct script *script)
{
    uint32_t names[SCRIPT_STREAMS_MAX + SCRIPT_STEPS_MAX];
    bool open[SCRIPT_STREAMS_MAX + SCRIPT_STEPS_MAX] = {false};
    uint32_t streams = 0;
    size_t kept = 0;

    for (size_t i = 0; i < script->count; i++) {
        struct step step = script->steps[i];

        if (step.kind == 'o') {
            names[step.stream] = streams;
            open[step.stream] = true;
            streams++;
        } else if ((step.kind == 'w' || step.kind == 'c') && !open[step.stream]) {
            continue;
        }
        if (step.kind == 'c')
            open[step.stream] = false;
        if (step.kind == 'o' || step.kind == 'w' || step.kind == 'c')
            step.stream = names[step.stream];
        script->steps[kept] = step;
        kept++;
    }
    script->count = kept;
}

void script_print(const struct script *script, struct blob *text)
{
    char word[64];

    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];

        switch (step->kind) {
        case 'o': snprintf(word, sizeof word, " o:%u:%u", step->host, step->port); break;
        case 'w':
            snprintf(word, sizeof word, " w:%u:%u:%u", step->stream, step->size, step->seed);
            break;
        case 'c': snprintf(word, sizeof word, " c:%u", step->stream); break;
        default: snprintf(word, sizeof word, " %c", step->kind); break;
        }
        blob_add(text, word, strlen(word));
    }
}

/* ---- What has to come of it ---- */

struct tally tally_begin(void)
{
    struct tally tally = {0, HASH_START};

    return tally;
}

void tally_add(struct tally *tally, const uint8_t *bytes, size_t size)
{
    tally->hash = hash_on(tally->hash, bytes, size);
    tally->size += size;
}

static struct tally tally_of(const struct blob *blob)
{
    struct tally tally = tally_begin();

    tally_add(&tally, blob->at, blob->size);
    return tally;
}

static void outcome_end(struct outcome *outcome, unsigned version)
{
    char destination[64];

    destination_print(outcome->host, outcome->port, destination, sizeof destination);
    snprintf(outcome->end, sizeof outcome->end, "open");
    if (outcome->port == PORT_SINK)
        blob_add(&outcome->answer, "k", 1);
    else if (outcome->port >= PORT_SEND)
        blob_add_pattern(&outcome->answer, (size_t)outcome->port * SEND_FACTOR, outcome->port);
    else if (outcome->port != PORT_FAIL)
        blob_add(&outcome->answer, outcome->written.at, outcome->written.size);
    if (outcome->port == PORT_FAIL && version == 2)
        snprintf(outcome->end, sizeof outcome->end, "refused:cannot_reach_%s", destination);
    else if (outcome->port >= PORT_SEND || outcome->port == PORT_FAIL)
        snprintf(outcome->end, sizeof outcome->end, "finished");
    if (outcome->closed)
        snprintf(outcome->end, sizeof outcome->end, "closed");
}

void script_outcomes(const struct script *script, struct outcome outcomes[SCRIPT_STREAMS_MAX],
                     size_t *count)
{
    memset(outcomes, 0, SCRIPT_STREAMS_MAX * sizeof *outcomes);
    *count = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct step *step = &script->steps[i];

        if (step->kind == 'o') {
            outcomes[*count].host = step->host;
            outcomes[*count].port = step->port;
            (*count)++;
        } else if (step->kind == 'w') {
            blob_add_pattern(&outcomes[step->stream].written, step->size, step->seed);
        } else if (step->kind == 'c') {
            outcomes[step->stream].closed = true;
        }
    }
    for (size_t i = 0; i < *count; i++)
        outcome_end(&outcomes[i], script->version);
}

void outcome_free(struct outcome *outcome)
{
    blob_free(&outcome->written);
    blob_free(&outcome->answer);
}

static bool tallies_equal(struct tally a, struct tally b)
{
    return a.size == b.size && a.hash == b.hash;
}

bool client_saw(const struct outcome *outcome, struct tally tally, const char *end, char *fault)
{
    struct tally wanted = tally_of(&outcome->answer);

    if (outcome->closed && tally.size <= outcome->answer.size) {
        struct blob part = {outcome->answer.at, tally.size, 0};

        wanted = tally_of(&part);
    }
    if (tallies_equal(tally, wanted) && strcmp(end, outcome->end) == 0)
        return true;
    snprintf(fault, FAULT_SIZE, "the client of %s:%u saw %zu:%016llx %s, and not %zu:%016llx %s",
             script_host(outcome->host), outcome->port, tally.size, (unsigned long long)tally.hash,
             end, wanted.size, (unsigned long long)wanted.hash, outcome->end);
    return false;
}

bool server_saw(const struct outcome *outcome, const char *destination, struct tally tally,
                char *fault)
{
    struct tally wanted = tally_of(&outcome->written);
    char expected[64];

    destination_print(outcome->host, outcome->port, expected, sizeof expected);
    if (tallies_equal(tally, wanted) && strcmp(destination, expected) == 0)
        return true;
    snprintf(fault, FAULT_SIZE, "the server of %s saw %s %zu:%016llx, and not %zu:%016llx",
             expected, destination, tally.size, (unsigned long long)tally.hash, wanted.size,
             (unsigned long long)wanted.hash);
    return false;
}
