#include "oracle.h"

struct words {
    const char *name;
    const char *text;
};

static const struct words statuses[ORACLE_STATUS_COUNT] = {
    [ORACLE_OK] = {"ok", "ok"},
    [ORACLE_INCOMPLETE] = {"incomplete", "incomplete"},
    [ORACLE_CLOSED] = {"closed", "session closed"},
    [ORACLE_NOT_ALLOWED] = {"not-allowed", "not allowed here"},
    [ORACLE_UNKNOWN_STREAM] = {"unknown-stream", "unknown stream"},
    [ORACLE_TOO_MANY_STREAMS] = {"too-many-streams", "too many streams"},
    [ORACLE_NO_MORE_IDS] = {"no-more-ids", "no more stream ids"},
    [ORACLE_TOO_LONG] = {"too-long", "too long"},
    [ORACLE_BAD_ADDRESS] = {"bad-address", "bad address"},
    [ORACLE_BAD_REQUEST] = {"bad-request", "bad UDP-over-TCP request"},
    [ORACLE_BAD_PASSWORD] = {"bad-password", "bad password"},
    [ORACLE_BAD_STOP] = {"bad-stop", "no valid stop line"},
    [ORACLE_BAD_SIZE] = {"bad-size", "padding size over 65535"},
    [ORACLE_TOO_MANY_ITEMS] = {"too-many-items", "too many items in a padding line"},
    [ORACLE_UNKNOWN_COMMAND] = {"unknown-command", "unknown command"},
    [ORACLE_WRONG_SIDE] = {"wrong-side", "command from the wrong side"},
    [ORACLE_WRONG_VERSION] = {"wrong-version", "command of a version not agreed on"},
    [ORACLE_UNEXPECTED_DATA] = {"unexpected-data", "data on a command without data"},
    [ORACLE_SYN_BEFORE_SETTINGS] = {"syn-before-settings", "SYN before Settings"},
    [ORACLE_EMPTY_SETTINGS] = {"empty-settings", "empty settings"},
    [ORACLE_SECOND_SETTINGS] = {"second-settings", "second settings"},
    [ORACLE_SECOND_SYN] = {"second-syn", "SYN of an open stream"},
    [ORACLE_ID_NOT_ASCENDING] = {"id-not-ascending", "stream id not ascending"},
    [ORACLE_SECOND_SYNACK] = {"second-synack", "second SYNACK"},
    [ORACLE_ALERTED] = {"alerted", "alert from the peer"},
    [ORACLE_PEER_SILENT] = {"peer-silent", "peer is silent"},
};

static const char *const events[ORACLE_EVENT_COUNT] = {
    [ORACLE_EVENT_NONE] = "none",
    [ORACLE_EVENT_SETTINGS] = "settings",
    [ORACLE_EVENT_SERVER_SETTINGS] = "server-settings",
    [ORACLE_EVENT_SCHEME] = "scheme",
    [ORACLE_EVENT_STREAM_OPENED] = "stream-opened",
    [ORACLE_EVENT_STREAM_ACCEPTED] = "stream-accepted",
    [ORACLE_EVENT_STREAM_REFUSED] = "stream-refused",
    [ORACLE_EVENT_DATA] = "data",
    [ORACLE_EVENT_STREAM_FINISHED] = "stream-finished",
    [ORACLE_EVENT_HEART_ANSWERED] = "heart-answered",
    [ORACLE_EVENT_ALERT] = "alert",
    [ORACLE_EVENT_CLOSED] = "closed",
    [ORACLE_EVENT_AUTHENTICATED] = "authenticated",
    [ORACLE_EVENT_FALLBACK] = "fallback",
    [ORACLE_EVENT_DIAL] = "dial",
    [ORACLE_EVENT_DIAL_UDP] = "dial-udp",
};

static const char *const commands[] = {
    "Waste",
    "SYN",
    "PSH",
    "FIN",
    "Settings",
    "Alert",
    "UpdatePaddingScheme",
    "SYNACK",
    "HeartRequest",
    "HeartResponse",
    "ServerSettings",
};

const char *oracle_status_name(enum oracle_status status)
{
    return statuses[status].name;
}

const char *oracle_status_text(enum oracle_status status)
{
    return statuses[status].text;
}

const char *oracle_event_name(enum oracle_event_type type)
{
    return events[type];
}

const char *oracle_command_name(uint8_t command)
{
    return command <= ORACLE_SERVER_SETTINGS ? commands[command] : "other";
}
