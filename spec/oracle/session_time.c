/* A session: its deadlines. A slow target alone never ends a session: only silence does. */
#include <string.h>

#include "session.h"

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Whether the server has not answered an open stream with SYNACK. */
static bool answer_is_owed(const struct oracle_session *session)
{
    if (session->config.role != ORACLE_CLIENT)
        return false;
    for (size_t i = 0; i < session->streams_count; i++)
        if (!session->streams[i].accepted)
            return true;
    return false;
}

/* Takes the earlier of what is due. */
static void also(const char **due, uint64_t *at, const char *what, uint64_t since, uint32_t timeout)
{
    if (timeout == 0)
        return; /* switched off */
    if (strcmp(*due, "nothing") != 0 && *at <= since + timeout)
        return;
    *due = what;
    *at = since + timeout;
}

const char *oracle_session_due(const struct oracle_session *session, uint64_t *at)
{
    const struct oracle_config *config = &session->config;
    const char *due = "nothing";

    *at = 0;
    if (oracle_session_is(session, "closed") || session->paused)
        return due;

    /* The peer was asked for a sign of life. */
    if (session->heart_out) {
        also(&due, at, "end-due", session->heart_at, config->heart_timeout);
        return due;
    }
    /* The server never said anything at all. */
    if (session->opened && !session->heard) {
        also(&due, at, "end-due", session->opened_at, config->answer_timeout);
        return due;
    }
    /* Only version 2 has heartbeats. */
    if (!oracle_session_is(session, "v2"))
        return due;
    also(&due, at, "heart-due", session->heart_at, config->heart_interval);
    if (answer_is_owed(session))
        also(&due, at, "heart-due", later(session->heard_at, session->opened_at),
             config->synack_timeout);
    return due;
}

bool oracle_session_deadline(const struct oracle_session *session, uint64_t *at)
{
    return strcmp(oracle_session_due(session, at), "nothing") != 0;
}

void oracle_session_pause(struct oracle_session *session)
{
    session->paused = true;
}

void oracle_session_resume(struct oracle_session *session, uint64_t now)
{
    session->paused = false;
    session->heard_at = now;
    session->opened_at = now;
    session->heart_at = now;
}
