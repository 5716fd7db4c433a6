/* The rig: its beginning, and comparing its states. */
#include "support.h"

#include <string.h>

struct anytls_session *rig_session(struct rig *rig)
{
    return &rig->state.endpoint.session;
}

void rig_reset(struct rig *rig)
{
    static const char scheme[] = "stop=0";

    memset(rig, 0, sizeof *rig);
    rig->config.session.version = 2;
    rig->config.session.client = text_of("test/1");
    for (size_t i = 0; i < ANYTLS_HASH_SIZE; i++)
        rig->config.hash[i] = (uint8_t)i;
    rig->scheme.text = text_of(scheme);
    memcpy(rig->scheme.md5, RIG_MD5, sizeof rig->scheme.md5);
    rig->streams_capacity = 4;
    rig->pending_capacity = 2;
    rig->text_capacity = RIG_TEXT;
    rig->now = 1000;
}

void rig_begin(struct rig *rig, enum rig_kind kind)
{
    struct rig_state *state = &rig->state;

    rig->kind = kind;
    rig->seen[0] = '\0';
    rig->output.size = 0;
    memset(state, 0x5a, sizeof *state); /* nothing may lean on zeros */
    if (kind == RIG_ENDPOINT) {
        anytls_endpoint_begin(&state->endpoint, &rig->config, &rig->scheme, state->streams,
                              rig->streams_capacity, state->pending, rig->pending_capacity,
                              state->text, rig->text_capacity, rig->now);
    } else {
        memset(&state->endpoint, 0, sizeof state->endpoint);
        memset(&state->endpoint.session, 0x5a, sizeof state->endpoint.session);
        anytls_session_begin(&state->endpoint.session,
                             kind == RIG_CLIENT ? ANYTLS_CLIENT : ANYTLS_SERVER,
                             &rig->config.session, &rig->scheme, state->streams,
                             rig->streams_capacity, state->text, rig->text_capacity, rig->now);
    }
}

void rig_speak(struct rig *rig, enum rig_kind kind, unsigned version)
{
    rig_reset(rig);
    rig_begin(rig, kind);
    if (kind == RIG_ENDPOINT)
        feed(rig, "raw " RIG_HASH "<0000>");
    if (kind != RIG_CLIENT)
        feed(rig, version == 2 ? RIG_SETTINGS_V2 : RIG_SETTINGS_V1);
    else if (version == 2)
        feed(rig, "ServerSettings 0 v=2");
    ck_assert_int_eq(rig_session(rig)->state, version == 2 ? ANYTLS_STATE_V2 : ANYTLS_STATE_V1);
    rig->seen[0] = '\0';
    rig->output.size = 0;
}

/* ---- Comparing states ---- */

static bool same_header(struct anytls_header a, struct anytls_header b)
{
    return a.command == b.command && a.length == b.length && a.stream == b.stream;
}

static bool same_frame(const struct anytls_session *a, const struct anytls_session *b)
{
    return a->header_size == b->header_size && same_header(a->frame, b->frame) &&
           memcmp(a->header, b->header, sizeof a->header) == 0 && a->data_left == b->data_left &&
           memcmp(&a->decision, &b->decision, sizeof a->decision) == 0;
}

static bool same_streams(const struct anytls_streams *a, const struct anytls_streams *b)
{
    return a->count == b->count && a->capacity == b->capacity && a->opening == b->opening &&
           a->highest == b->highest;
}

static bool same_session(const struct anytls_session *a, const struct anytls_session *b)
{
    return a->role == b->role && a->state == b->state && same_streams(&a->streams, &b->streams) &&
           same_frame(a, b) && a->text_size == b->text_size && a->text_cut == b->text_cut &&
           a->writes == b->writes && a->settings_sent == b->settings_sent && a->heard == b->heard &&
           a->paused == b->paused && a->heart_sent == b->heart_sent &&
           a->last_heard == b->last_heard && a->last_opened == b->last_opened &&
           a->last_heart == b->last_heart;
}

static bool same_pending(const struct anytls_pending *a, const struct anytls_pending *b)
{
    return a->stream == b->stream && a->udp == b->udp && a->size == b->size &&
           memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool same_preamble(const struct anytls_preamble *a, const struct anytls_preamble *b)
{
    return a->size == b->size && a->padding_left == b->padding_left &&
           memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* In a rig of a session alone the rest of the endpoint is all zeros. */
bool rig_same(const struct rig_state *a, const struct rig_state *b)
{
    const struct anytls_endpoint *ea = &a->endpoint;
    const struct anytls_endpoint *eb = &b->endpoint;

    if (!same_session(&ea->session, &eb->session) || ea->phase != eb->phase ||
        !same_preamble(&ea->preamble, &eb->preamble) || ea->pending_count != eb->pending_count ||
        memcmp(a->text, b->text, ea->session.text_size) != 0)
        return false;
    for (size_t i = 0; i < ea->session.streams.count; i++)
        if (a->streams[i].id != b->streams[i].id || a->streams[i].state != b->streams[i].state ||
            a->streams[i].user != b->streams[i].user)
            return false;
    for (size_t i = 0; i < ea->pending_count; i++)
        if (!same_pending(&a->pending[i], &b->pending[i]))
            return false;
    return true;
}

bool rig_untouched(const struct rig_state *a, const struct rig_state *b)
{
    static struct rig_state copy;

    memcpy(&copy, a, sizeof copy);
    copy.endpoint.session.streams.last = b->endpoint.session.streams.last;
    return memcmp(&copy, b, sizeof copy) == 0;
}
