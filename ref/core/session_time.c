#include "put.h"
#include "session.h"

enum due_kind { DUE_NEVER, DUE_END, DUE_HEART };

struct due {
    enum due_kind kind;
    uint64_t at;
};

/*@ assigns \nothing;
    ensures \result == (a > b ? a : b);
*/
static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/*@ requires since <= INT64_MAX;
    assigns \nothing;
    ensures \result.kind == (timeout > 0 ? kind : DUE_NEVER);
    ensures \result.at == since + timeout;
*/
static struct due due_at(enum due_kind kind, uint64_t since, uint32_t timeout)
{
    return (struct due){timeout > 0 ? kind : DUE_NEVER, since + timeout};
}

/*@ assigns \nothing;
    ensures \result == a || \result == b;
    ensures a.kind != DUE_NEVER || b.kind != DUE_NEVER ==> \result.kind != DUE_NEVER;
    ensures a.kind != DUE_NEVER && \result.kind != DUE_NEVER ==> \result.at <= a.at;
    ensures b.kind != DUE_NEVER && \result.kind != DUE_NEVER ==> \result.at <= b.at;
*/
static struct due sooner(struct due a, struct due b)
{
    if (a.kind == DUE_NEVER)
        return b;
    if (b.kind == DUE_NEVER || a.at <= b.at)
        return a;
    return b;
}

/* What is waited for, and until when. A slow target alone never ends a session: while the peer owes
 * a SYNACK and is silent it is asked for a sign of life, and only silence to that is fatal. */
/*@ requires session_valid(session);
    assigns \nothing;
    ensures \result.at <= INT64_MAX + UINT32_MAX;
    ensures \result.kind == DUE_NEVER || \result.kind == DUE_END || \result.kind == DUE_HEART;
    ensures session->state == ANYTLS_STATE_CLOSED || session->paused ==>
        \result.kind == DUE_NEVER;
    ensures \result.kind == DUE_HEART ==>
        session->state == ANYTLS_STATE_V2 && !session->heart_sent;
*/
static struct due next_due(const struct anytls_session *session)
{
    const struct anytls_session_config *config = session->config;
    struct due never = {DUE_NEVER, 0};
    struct due due;

    if (session->state == ANYTLS_STATE_CLOSED || session->paused)
        return never;
    if (session->heart_sent)
        return due_at(DUE_END, session->last_heart, config->heart_timeout);
    if (session->role == ANYTLS_CLIENT && session->settings_sent && !session->heard)
        return due_at(DUE_END, session->last_opened, config->answer_timeout);
    if (session->state != ANYTLS_STATE_V2)
        return never;
    due = due_at(DUE_HEART, session->last_heart, config->heart_interval);
    if (session->role == ANYTLS_CLIENT && session->streams.opening > 0)
        due = sooner(due, due_at(DUE_HEART, later(session->last_heard, session->last_opened),
                                 config->synack_timeout));
    return due;
}

struct anytls_deadline anytls_session_deadline(const struct anytls_session *session)
{
    struct due due = next_due(session);

    return (struct anytls_deadline){due.kind != DUE_NEVER, due.at};
}

struct anytls_written anytls_session_heartbeat(struct anytls_session *session, uint64_t now,
                                               uint8_t *out, size_t capacity)
{
    struct anytls_written result = {ANYTLS_OK, 0};

    if (session->state == ANYTLS_STATE_CLOSED)
        result.status = ANYTLS_CLOSED;
    else if (session->state != ANYTLS_STATE_V2 || session->heart_sent)
        result.status = ANYTLS_NOT_ALLOWED;
    else if (capacity < ANYTLS_FRAME_HEADER_SIZE)
        result.status = ANYTLS_NO_ROOM;
    if (result.status != ANYTLS_OK)
        return result;
    session->heart_sent = true;
    session->last_heart = now;
    result.size = anytls_put(ANYTLS_HEART_REQUEST, 0, ANYTLS_NO_TEXT, out);
    return result;
}

struct anytls_received anytls_session_tick(struct anytls_session *session, uint64_t now,
                                           uint8_t *out, size_t capacity)
{
    struct anytls_received result = ANYTLS_NOTHING;
    struct due due = next_due(session);

    if (session->state == ANYTLS_STATE_CLOSED)
        return (struct anytls_received){.status = ANYTLS_CLOSED};
    if (due.kind == DUE_NEVER || now < due.at)
        return result;
    if (due.kind == DUE_HEART) {
        struct anytls_written written = anytls_session_heartbeat(session, now, out, capacity);

        result.status = written.status;
        result.output = written.size;
        return result;
    }
    session->state = ANYTLS_STATE_CLOSED;
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert \forall integer i; 0 <= i < session->streams.count ==>
            session->streams.entries[i].state == \at(session->streams.entries[i].state, Pre); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_valid(session); */
    result.event.type = ANYTLS_EVENT_CLOSED;
    result.event.violation = ANYTLS_PEER_SILENT;
    return result;
}

void anytls_session_pause(struct anytls_session *session)
{
    session->paused = true;
}

void anytls_session_resume(struct anytls_session *session, uint64_t now)
{
    session->paused = false;
    session->last_heard = now;
    session->last_opened = now;
    session->last_heart = now;
}
