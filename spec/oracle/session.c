/* A session: its memory, and what is common to frames and calls. */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "session.h"

#define REASON_MAX 256u

static const struct oracle_bytes no_bytes = {NULL, 0};

struct oracle_config oracle_config_default(enum oracle_role role)
{
    struct oracle_config config = {0};

    config.role = role;
    config.version = 2;
    config.name = oracle_string("oracle/1");
    config.scheme = oracle_string(oracle_default_scheme);
    config.md5 = oracle_default_md5;
    config.streams_max = 256;
    config.text_max = role == ORACLE_SERVER ? 1024 : 4096;
    return config;
}

struct oracle_session *oracle_session_new(const struct oracle_config *config, uint64_t now)
{
    struct oracle_session *session = oracle_memory(1, sizeof *session);

    session->config = *config;
    session->rules = config->rules != NULL ? config->rules : oracle_rules_builtin();
    session->state = config->role == ORACLE_SERVER ? "new" : "v1";
    session->streams = oracle_memory(config->streams_max, sizeof *session->streams);
    session->highest = config->highest;
    session->writes = 1;
    session->heard_at = now;
    session->opened_at = now;
    session->heart_at = now;
    return session;
}

void oracle_session_free(struct oracle_session *session)
{
    if (session == NULL)
        return;
    oracle_buffer_free(&session->text);
    oracle_buffer_free(&session->output);
    oracle_log_free(&session->log);
    free(session->streams);
    free(session);
}

struct oracle_session *oracle_session_copy(const struct oracle_session *session)
{
    struct oracle_session *copy = oracle_memory(1, sizeof *copy);

    *copy = *session;
    copy->text = oracle_buffer_copy(&session->text);
    copy->output = oracle_buffer_copy(&session->output);
    copy->log = oracle_log_copy(&session->log);
    copy->streams = oracle_memory(session->config.streams_max, sizeof *copy->streams);
    for (size_t i = 0; i < session->streams_count; i++)
        copy->streams[i] = session->streams[i];
    return copy;
}

/* ---- State and streams ---- */

bool oracle_session_is(const struct oracle_session *session, const char *state)
{
    return strcmp(session->state, state) == 0;
}

const char *oracle_session_state(const struct oracle_session *session)
{
    return session->state;
}

struct oracle_stream *oracle_session_find(struct oracle_session *session, uint32_t id)
{
    for (size_t i = 0; i < session->streams_count; i++)
        if (session->streams[i].id == id)
            return &session->streams[i];
    return NULL;
}

void oracle_session_add(struct oracle_session *session, uint32_t id)
{
    struct oracle_stream stream = {id, false};

    session->streams[session->streams_count] = stream;
    session->streams_count++;
    if (id > session->highest)
        session->highest = id;
}

void oracle_session_remove(struct oracle_session *session, uint32_t id)
{
    size_t kept = 0;

    for (size_t i = 0; i < session->streams_count; i++) {
        if (session->streams[i].id != id) {
            session->streams[kept] = session->streams[i];
            kept++;
        }
    }
    session->streams_count = kept;
}

const char *oracle_session_stream(const struct oracle_session *session, uint32_t stream)
{
    for (size_t i = 0; i < session->streams_count; i++)
        if (session->streams[i].id == stream)
            return session->streams[i].accepted ? "open" : "opening";
    return stream > session->highest ? "fresh" : "past";
}

size_t oracle_session_streams(const struct oracle_session *session)
{
    return session->streams_count;
}

/* ---- Events and output ---- */

void oracle_session_log(struct oracle_session *session, struct oracle_event event)
{
    oracle_log_add(&session->log, event);
}

size_t oracle_session_events(const struct oracle_session *session)
{
    return session->log.count;
}

struct oracle_event oracle_session_event(const struct oracle_session *session, size_t index)
{
    return oracle_log_event(&session->log, index);
}

struct oracle_bytes oracle_session_output(const struct oracle_session *session)
{
    return oracle_buffer_bytes(&session->output);
}

void oracle_session_clear(struct oracle_session *session)
{
    oracle_log_clear(&session->log);
    session->output.size = 0;
}

void oracle_session_put(struct oracle_session *session, enum oracle_command command,
                        uint32_t stream, struct oracle_bytes data)
{
    oracle_frame_write(&session->output, (uint8_t)command, stream, data);
}

static struct oracle_bytes cut(struct oracle_bytes reason)
{
    if (reason.size > REASON_MAX)
        reason.size = REASON_MAX;
    return reason;
}

void oracle_session_put_alert(struct oracle_session *session, struct oracle_bytes reason)
{
    oracle_session_put(session, ORACLE_ALERT, 0, cut(reason));
}

void oracle_session_put_error(struct oracle_session *session, uint32_t stream,
                              struct oracle_bytes reason)
{
    if (!oracle_session_is(session, "v2"))
        oracle_session_put(session, ORACLE_FIN, stream, no_bytes);
    else if (reason.size == 0)
        oracle_session_put(session, ORACLE_SYNACK, stream, oracle_string("refused"));
    else
        oracle_session_put(session, ORACLE_SYNACK, stream, cut(reason));
}
