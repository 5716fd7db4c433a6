/* A session: calls of the local side, as spec/calls.tsv has them. */
#include <string.h>

#include "fault.h"
#include "session.h"

#define NAME_MAX_BYTES 128u

static const struct oracle_bytes no_bytes = {NULL, 0};

static const char *role_of(const struct oracle_session *session)
{
    return session->config.role == ORACLE_SERVER ? "server" : "client";
}

static struct oracle_call_row row_of(const struct oracle_session *session, const char *call,
                                     const char *when)
{
    unsigned matches;
    struct oracle_call_row row =
        oracle_rules_call(session->rules, role_of(session), session->state, call, when, &matches);

    if (matches != 1)
        oracle_fault("not exactly one row of calls.tsv matches");
    return row;
}

static enum oracle_status status_of(struct oracle_call_row row)
{
    for (int status = ORACLE_OK; status < ORACLE_STATUS_COUNT; status++)
        if (strcmp(row.status, oracle_status_name((enum oracle_status)status)) == 0)
            return (enum oracle_status)status;
    oracle_fault("a table holds a word that is no status");
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- Output and effects ---- */

static void put_psh(struct oracle_session *session, uint32_t stream, struct oracle_bytes data)
{
    while (data.size > 0) {
        struct oracle_bytes part = data;

        if (part.size > 65535)
            part.size = 65535;
        oracle_session_put(session, ORACLE_PSH, stream, part);
        data.at += part.size;
        data.size -= part.size;
    }
}

static void put_open(struct oracle_session *session, uint32_t stream,
                     struct oracle_bytes destination)
{
    struct oracle_buffer settings = {0};

    if (!session->opened) {
        oracle_settings_client_write(&settings, session->config.version, session->config.name,
                                     session->config.md5);
        oracle_session_put(session, ORACLE_SETTINGS, 0, oracle_buffer_bytes(&settings));
        oracle_buffer_free(&settings);
    }
    oracle_session_put(session, ORACLE_SYN, stream, no_bytes);
    oracle_session_put(session, ORACLE_PSH, stream, destination);
}

/* data: the destination, the payload, or the reason. */
static void put_output(struct oracle_session *session, const char *output, uint32_t stream,
                       struct oracle_bytes data)
{
    if (is(output, "Settings-SYN-PSH"))
        put_open(session, stream, data);
    else if (is(output, "PSH"))
        put_psh(session, stream, data);
    else if (is(output, "FIN"))
        oracle_session_put(session, ORACLE_FIN, stream, no_bytes);
    else if (is(output, "SYNACK"))
        oracle_session_put(session, ORACLE_SYNACK, stream, no_bytes);
    else if (is(output, "SYNACK-error"))
        oracle_session_put_error(session, stream, data);
    else if (is(output, "HeartRequest"))
        oracle_session_put(session, ORACLE_HEART_REQUEST, 0, no_bytes);
    else if (is(output, "Alert"))
        oracle_session_put_alert(session, data);
    else if (!is(output, "-"))
        oracle_fault("a table holds a word that is no output");
}

static bool any_opening(const struct oracle_session *session)
{
    for (size_t i = 0; i < session->streams_count; i++)
        if (!session->streams[i].accepted)
            return true;
    return false;
}

/* The peer begins to owe an answer, unless it owed one before. */
static void open_stream(struct oracle_session *session, uint32_t stream, uint64_t now)
{
    bool owes = any_opening(session) || (session->opened && !session->heard);

    if (!owes)
        session->opened_at = now;
    session->opened = true;
    oracle_session_add(session, stream);
}

static void report_silence(struct oracle_session *session)
{
    struct oracle_event event = {ORACLE_EVENT_CLOSED, ORACLE_PEER_SILENT, 0, {NULL, 0}};

    oracle_session_log(session, event);
}

static void do_effect(struct oracle_session *session, const char *effect, uint32_t stream,
                      uint64_t now)
{
    if (is(effect, "open-stream")) {
        open_stream(session, stream, now);
    } else if (is(effect, "close-stream")) {
        oracle_session_remove(session, stream);
    } else if (is(effect, "accept-stream")) {
        oracle_session_find(session, stream)->accepted = true;
    } else if (is(effect, "heart-sent")) {
        session->heart_out = true;
        session->heart_at = now;
    } else if (is(effect, "report-silence")) {
        report_silence(session);
    } else if (!is(effect, "-")) {
        oracle_fault("a table holds a word that is no effect");
    }
}

static enum oracle_status call(struct oracle_session *session, const char *name, const char *when,
                               uint32_t stream, struct oracle_bytes data, uint64_t now)
{
    struct oracle_call_row row = row_of(session, name, when);

    put_output(session, row.output, stream, data);
    do_effect(session, row.effect, stream, now);
    if (is(row.next, "closed"))
        session->state = "closed";
    return status_of(row);
}

/* ---- The calls ---- */

enum oracle_status oracle_session_open(struct oracle_session *session,
                                       const struct oracle_address *destination, uint64_t now,
                                       uint32_t *stream)
{
    struct oracle_buffer address = {0};
    enum oracle_status status;
    const char *when = "free";

    if (session->highest == 4294967295u)
        when = "ids-ended";
    else if (session->streams_count == session->config.streams_max)
        when = "full";
    status = status_of(row_of(session, "open", when));
    if (status == ORACLE_OK && session->config.name.size > NAME_MAX_BYTES)
        status = ORACLE_TOO_LONG;
    if (status == ORACLE_OK)
        status = oracle_address_write(&address, ORACLE_SOCKS_TYPES, destination);
    if (status == ORACLE_OK) {
        *stream = session->highest + 1;
        status = call(session, "open", when, *stream, oracle_buffer_bytes(&address), now);
    }
    oracle_buffer_free(&address);
    return status;
}

enum oracle_status oracle_session_send(struct oracle_session *session, uint32_t stream,
                                       struct oracle_bytes data)
{
    return call(session, "send", oracle_session_stream(session, stream), stream, data, 0);
}

enum oracle_status oracle_session_finish(struct oracle_session *session, uint32_t stream)
{
    return call(session, "finish", oracle_session_stream(session, stream), stream, no_bytes, 0);
}

enum oracle_status oracle_session_accept(struct oracle_session *session, uint32_t stream)
{
    return call(session, "accept", oracle_session_stream(session, stream), stream, no_bytes, 0);
}

enum oracle_status oracle_session_refuse(struct oracle_session *session, uint32_t stream,
                                         struct oracle_bytes reason)
{
    return call(session, "refuse", oracle_session_stream(session, stream), stream, reason, 0);
}

enum oracle_status oracle_session_alert(struct oracle_session *session, struct oracle_bytes reason)
{
    return call(session, "alert", "always", 0, reason, 0);
}

enum oracle_status oracle_session_heartbeat(struct oracle_session *session, uint64_t now)
{
    return call(session, "heartbeat", session->heart_out ? "waiting" : "idle", 0, no_bytes, now);
}

enum oracle_status oracle_session_close(struct oracle_session *session)
{
    return call(session, "close", "always", 0, no_bytes, 0);
}

enum oracle_status oracle_session_tick(struct oracle_session *session, uint64_t now)
{
    uint64_t at;
    const char *due = oracle_session_due(session, &at);

    return call(session, "tick", now < at ? "nothing" : due, 0, no_bytes, now);
}

size_t oracle_session_shape(struct oracle_session *session, size_t size, const uint32_t *random,
                            size_t random_count, struct oracle_record records[ORACLE_ITEMS_MAX + 1])
{
    uint32_t write = session->writes;
    struct oracle_bytes scheme = session->config.scheme;

    if (session->config.role == ORACLE_SERVER)
        scheme = no_bytes; /* a server shapes nothing */
    else if (write < oracle_scheme_read(scheme).stop)
        session->writes++;
    return oracle_shape(scheme, write, size, random, random_count, records);
}
