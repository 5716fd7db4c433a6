#include "bytes.h"
#include "put.h"
#include "session.h"

/*@ requires \valid_read(session);
    assigns \nothing;
    ensures \result <==> session->state == ANYTLS_STATE_CLOSED;
*/
static bool is_closed(const struct anytls_session *session)
{
    return session->state == ANYTLS_STATE_CLOSED;
}

/* Settings of the session's first write; the client's name is not too long. */
/*@ requires \valid_read(session) && config_valid(session->config) && scheme_valid(session->scheme);
    requires session->config->client.size <= ANYTLS_CLIENT_NAME_MAX;
    requires \valid(out + (0 .. 190));
    assigns out[0 .. 190];
    ensures \result == 63 + session->config->client.size;
*/
static size_t put_settings(const struct anytls_session *session, uint8_t *out)
{
    uint8_t text[ANYTLS_OPEN_SIZE_MAX];
    struct anytls_written settings = anytls_settings_client_write(
        session->config->version, session->config->client, session->scheme->md5, text, sizeof text);
    struct anytls_text data = {text, settings.size};

    return anytls_put(ANYTLS_SETTINGS, 0, data, out);
}

/* The write that opens a stream: SYN, and PSH with its destination, behind Settings in a session's
 * first write. Nothing is written where the destination is no address. */
/*@ requires \valid_read(session) && config_valid(session->config) && scheme_valid(session->scheme);
    requires session->config->client.size <= ANYTLS_CLIENT_NAME_MAX;
    requires \valid_read(destination);
    requires destination->kind == ANYTLS_IPV4 || destination->kind == ANYTLS_IPV6 ||
             destination->kind == ANYTLS_NAME;
    requires \valid(out + (0 .. ANYTLS_OPEN_SIZE_MAX - 1));
    assigns out[0 .. ANYTLS_OPEN_SIZE_MAX - 1];
    ensures \result.status != ANYTLS_OK ==> \result.size == 0;
    ensures \result.size <= ANYTLS_OPEN_SIZE_MAX;
    ensures \result.status != ANYTLS_CLOSED;
*/
static struct anytls_written put_opening(const struct anytls_session *session, uint32_t stream,
                                         const struct anytls_address *destination, uint8_t *out)
{
    uint8_t bytes[ANYTLS_ADDRESS_SIZE_MAX];
    struct anytls_written result =
        anytls_address_encode(ANYTLS_TABLE_SOCKS, destination, bytes, sizeof bytes);
    struct anytls_text data = {bytes, result.size};

    if (result.status != ANYTLS_OK)
        return result;
    result.size = 0;
    if (!session->settings_sent)
        result.size = put_settings(session, out);
    result.size += anytls_put(ANYTLS_SYN, stream, ANYTLS_NO_TEXT, out + result.size);
    result.size += anytls_put(ANYTLS_PSH, stream, data, out + result.size);
    return result;
}

/*@ requires session_valid(session);
    assigns \nothing;
    ensures \result == ANYTLS_OK <==>
        session->state != ANYTLS_STATE_CLOSED && session->role == ANYTLS_CLIENT &&
        session->streams.highest < UINT32_MAX &&
        session->streams.count < session->streams.capacity &&
        session->config->client.size <= ANYTLS_CLIENT_NAME_MAX &&
        capacity >= ANYTLS_OPEN_SIZE_MAX;
    ensures session->state == ANYTLS_STATE_CLOSED ==> \result == ANYTLS_CLOSED;
*/
static enum anytls_status open_check(const struct anytls_session *session, size_t capacity)
{
    if (is_closed(session))
        return ANYTLS_CLOSED;
    if (session->role != ANYTLS_CLIENT)
        return ANYTLS_NOT_ALLOWED;
    if (session->streams.highest == UINT32_MAX)
        return ANYTLS_NO_MORE_IDS;
    if (session->streams.count == session->streams.capacity)
        return ANYTLS_TOO_MANY_STREAMS;
    if (session->config->client.size > ANYTLS_CLIENT_NAME_MAX)
        return ANYTLS_TOO_LONG;
    if (capacity < ANYTLS_OPEN_SIZE_MAX)
        return ANYTLS_NO_ROOM;
    return ANYTLS_OK;
}

struct anytls_opened anytls_session_open(struct anytls_session *session,
                                         const struct anytls_address *destination, void *user,
                                         uint64_t now, uint8_t *out, size_t capacity)
{
    struct anytls_opened result = {open_check(session, capacity), 0, 0};
    struct anytls_written written;
    uint32_t stream;

    if (result.status != ANYTLS_OK)
        return result;
    stream = session->streams.highest + 1;
    written = put_opening(session, stream, destination, out);
    result.status = written.status;
    if (result.status != ANYTLS_OK)
        return result;
    result.stream = stream;
    result.size = written.size;
    if (session->streams.opening == 0 && (session->heard || !session->settings_sent))
        session->last_opened = now; /* else the peer's silence is older than this stream */
    session->settings_sent = true;
    /*@ assert place: same_place{Pre, Here}(session); */
    /*@ assert memory: session_memory(session); */
    /*@ assert table: streams_valid(&session->streams); */
    anytls_streams_open(&session->streams, stream, user);
    /*@ assert place2: same_place{Pre, Here}(session); */
    return result;
}

/* Where a stream stands that a call is about, or why the call cannot be. */
struct stream_check {
    enum anytls_status status;
    size_t index;
};

/*@ requires session_valid(session);
    assigns session->streams.last;
    ensures session_valid(session);
    ensures session->state == ANYTLS_STATE_CLOSED <==> \result.status == ANYTLS_CLOSED;
    ensures \result.status == ANYTLS_OK || \result.status == ANYTLS_UNKNOWN_STREAM ||
            \result.status == ANYTLS_CLOSED;
    ensures \result.status == ANYTLS_OK ==> \result.index < session->streams.count &&
        session->streams.entries[\result.index].id == stream;
*/
static struct stream_check stream_check(struct anytls_session *session, uint32_t stream)
{
    struct anytls_stream_place place = anytls_streams_find(&session->streams, stream);

    if (is_closed(session))
        return (struct stream_check){ANYTLS_CLOSED, 0};
    return (struct stream_check){place.found ? ANYTLS_OK : ANYTLS_UNKNOWN_STREAM, place.index};
}

struct anytls_sent anytls_session_send(struct anytls_session *session, uint32_t stream, size_t size,
                                       uint8_t *out)
{
    struct stream_check check = stream_check(session, stream);
    struct anytls_sent result = {check.status, 0};
    struct anytls_header header = {ANYTLS_PSH, 0, stream};

    if (check.status == ANYTLS_OK && session->role == ANYTLS_SERVER &&
        session->streams.entries[check.index].state != ANYTLS_STREAM_OPEN)
        result.status = ANYTLS_NOT_ALLOWED;
    if (result.status != ANYTLS_OK || size == 0)
        return result;
    result.payload = size < ANYTLS_FRAME_DATA_MAX ? size : ANYTLS_FRAME_DATA_MAX;
    header.length = (uint16_t)result.payload;
    anytls_header_encode(header, out);
    return result;
}

struct anytls_written anytls_session_finish(struct anytls_session *session, uint32_t stream,
                                            uint8_t *out, size_t capacity)
{
    struct stream_check check = stream_check(session, stream);
    struct anytls_written result = {check.status, 0};

    if (check.status == ANYTLS_OK && capacity < ANYTLS_FRAME_HEADER_SIZE)
        result.status = ANYTLS_NO_ROOM;
    if (result.status != ANYTLS_OK)
        return result;
    anytls_streams_close(&session->streams, check.index);
    /*@ assert session->streams.entries == \at(session->streams.entries, Pre) &&
            session->streams.capacity == \at(session->streams.capacity, Pre) &&
            session->text == \at(session->text, Pre) &&
            session->text_capacity == \at(session->text_capacity, Pre) &&
            session->config == \at(session->config, Pre) &&
            session->config->client.bytes == \at(session->config->client.bytes, Pre) &&
            session->config->client.size == \at(session->config->client.size, Pre) &&
            session->scheme == \at(session->scheme, Pre) &&
            session->scheme->text.bytes == \at(session->scheme->text.bytes, Pre) &&
            session->scheme->text.size == \at(session->scheme->text.size, Pre); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert session->state == \at(session->state, Pre) &&
            session->role == \at(session->role, Pre) &&
            session->frame.stream == \at(session->frame.stream, Pre) &&
            session->decision.action == \at(session->decision.action, Pre) &&
            session->header_size == \at(session->header_size, Pre) &&
            session->data_left == \at(session->data_left, Pre); */
    /*@ assert session_numbers(session) && session_times(session); */
    /*@ assert session_frame(session); */
    /*@ assert session_valid(session); */
    result.size = anytls_put(ANYTLS_FIN, stream, ANYTLS_NO_TEXT, out);
    return result;
}

/*@ requires session_valid(session);
    assigns session->streams.last;
    ensures session_valid(session);
    ensures session->state == ANYTLS_STATE_CLOSED <==> \result.status == ANYTLS_CLOSED;
    ensures \result.status == ANYTLS_OK ==> session->role == ANYTLS_SERVER &&
        \result.index < session->streams.count && capacity >= need &&
        session->streams.entries[\result.index].id == stream;
*/
static struct stream_check answer_check(struct anytls_session *session, uint32_t stream,
                                        size_t capacity, size_t need)
{
    struct stream_check check = stream_check(session, stream);

    if (!is_closed(session) && session->role != ANYTLS_SERVER)
        check.status = ANYTLS_NOT_ALLOWED;
    if (check.status != ANYTLS_OK)
        return check;
    if (session->streams.entries[check.index].state != ANYTLS_STREAM_OPENING)
        check.status = ANYTLS_NOT_ALLOWED;
    else if (capacity < need)
        check.status = ANYTLS_NO_ROOM;
    return check;
}

struct anytls_written anytls_session_accept(struct anytls_session *session, uint32_t stream,
                                            uint8_t *out, size_t capacity)
{
    struct stream_check check = answer_check(session, stream, capacity, ANYTLS_FRAME_HEADER_SIZE);
    struct anytls_written result = {check.status, 0};

    if (check.status != ANYTLS_OK)
        return result;
    anytls_streams_accept(&session->streams, check.index);
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert session_memory(session); */
    /*@ assert same_frame{Pre, Here}(session); */
    /*@ assert same_ids{Pre, Here}(session); */
    /*@ assert session_frame(session); */
    /*@ assert session_valid(session); */
    if (session->state == ANYTLS_STATE_V2)
        result.size = anytls_put(ANYTLS_SYNACK, stream, ANYTLS_NO_TEXT, out);
    return result;
}

struct anytls_written anytls_session_refuse(struct anytls_session *session, uint32_t stream,
                                            struct anytls_text reason, uint8_t *out,
                                            size_t capacity)
{
    struct stream_check check =
        answer_check(session, stream, capacity, ANYTLS_FRAME_HEADER_SIZE + ANYTLS_REASON_MAX);
    struct anytls_written result = {check.status, 0};

    if (check.status != ANYTLS_OK)
        return result;
    /*@ assert session_memory(session); */
    /*@ assert \separated(&session->config, session->streams.entries + check.index) &&
            \separated(&session->scheme, session->streams.entries + check.index) &&
            \separated(&session->streams.entries, session->streams.entries + check.index) &&
            \separated(&session->text, session->streams.entries + check.index) &&
            \separated(&session->config->client.bytes, session->streams.entries + check.index) &&
            \separated(&session->scheme->text.bytes, session->streams.entries + check.index) &&
            \separated(&session->state, session->streams.entries + check.index) &&
            \separated(&session->role, session->streams.entries + check.index) &&
            \separated(&session->frame.stream, session->streams.entries + check.index) &&
            \separated(&session->decision.action, session->streams.entries + check.index); */
    anytls_streams_close(&session->streams, check.index);
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert session_memory(session); */
    /*@ assert same_frame{Pre, Here}(session); */
    /*@ assert session_frame(session); */
    /*@ assert session_valid(session); */
    result.size = anytls_put_refusal(session, stream, reason, out);
    return result;
}

enum anytls_status anytls_session_user_set(struct anytls_session *session, uint32_t stream,
                                           void *user)
{
    struct anytls_stream_place place = anytls_streams_find(&session->streams, stream);

    if (!place.found)
        return ANYTLS_UNKNOWN_STREAM;
    session->streams.entries[place.index].user = user;
    /*@ assert same_place{Pre, Here}(session); */
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert session_frame(session); */
    /*@ assert session_valid(session); */
    return ANYTLS_OK;
}

struct anytls_written anytls_session_alert(struct anytls_session *session,
                                           struct anytls_text reason, uint8_t *out, size_t capacity)
{
    struct anytls_written result = {ANYTLS_OK, 0};

    if (is_closed(session))
        result.status = ANYTLS_CLOSED;
    else if (session->role != ANYTLS_SERVER)
        result.status = ANYTLS_NOT_ALLOWED;
    else if (capacity < ANYTLS_FRAME_HEADER_SIZE + (size_t)ANYTLS_REASON_MAX)
        result.status = ANYTLS_NO_ROOM;
    if (result.status != ANYTLS_OK)
        return result;
    result.size = anytls_put_alert(reason, out);
    session->state = ANYTLS_STATE_CLOSED;
    /*@ assert streams_memory(&session->streams); */
    /*@ assert session_memory(session); */
    /*@ assert streams_distinct(session->streams.entries, session->streams.count); */
    /*@ assert streams_below(session->streams.entries, session->streams.count,
                             session->streams.highest); */
    /*@ assert same_states{Pre, Here}(session); */
    /*@ assert streams_states(session->streams.entries, session->streams.count); */
    /*@ assert session->streams.opening ==
            streams_opening(session->streams.entries, session->streams.count); */
    /*@ assert session_valid(session); */
    return result;
}

bool anytls_session_shaped(const struct anytls_session *session)
{
    return session->role == ANYTLS_CLIENT && session->writes < session->scheme->stop;
}

struct anytls_plan anytls_session_plan(struct anytls_session *session, size_t size)
{
    struct anytls_plan plan = {{0, 0}, 0, size};

    if (!anytls_session_shaped(session))
        return plan;
    plan = anytls_plan_begin(session->scheme, session->writes, size);
    session->writes++;
    return plan;
}
