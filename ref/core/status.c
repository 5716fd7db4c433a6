#include "status.h"

static const char texts[ANYTLS_STATUS_COUNT + 1][ANYTLS_STATUS_TEXT_SIZE] = {
    [ANYTLS_OK] = "ok",
    [ANYTLS_INCOMPLETE] = "incomplete",
    [ANYTLS_NO_ROOM] = "output buffer too small",
    [ANYTLS_CLOSED] = "session closed",
    [ANYTLS_NOT_ALLOWED] = "not allowed here",
    [ANYTLS_UNKNOWN_STREAM] = "unknown stream",
    [ANYTLS_TOO_MANY_STREAMS] = "too many streams",
    [ANYTLS_NO_MORE_IDS] = "no more stream ids",
    [ANYTLS_TOO_LONG] = "too long",
    [ANYTLS_END] = "end",
    [ANYTLS_BAD_ADDRESS] = "bad address",
    [ANYTLS_BAD_REQUEST] = "bad UDP-over-TCP request",
    [ANYTLS_BAD_PASSWORD] = "bad password",
    [ANYTLS_BAD_STOP] = "no valid stop line",
    [ANYTLS_BAD_SIZE] = "padding size over 65535",
    [ANYTLS_TOO_MANY_ITEMS] = "too many items in a padding line",
    [ANYTLS_UNKNOWN_COMMAND] = "unknown command",
    [ANYTLS_WRONG_SIDE] = "command from the wrong side",
    [ANYTLS_WRONG_VERSION] = "command of a version not agreed on",
    [ANYTLS_UNEXPECTED_DATA] = "data on a command without data",
    [ANYTLS_SYN_BEFORE_SETTINGS] = "SYN before Settings",
    [ANYTLS_EMPTY_SETTINGS] = "empty settings",
    [ANYTLS_SECOND_SETTINGS] = "second settings",
    [ANYTLS_SECOND_SYN] = "SYN of an open stream",
    [ANYTLS_ID_NOT_ASCENDING] = "stream id not ascending",
    [ANYTLS_SECOND_SYNACK] = "second SYNACK",
    [ANYTLS_ALERTED] = "alert from the peer",
    [ANYTLS_PEER_SILENT] = "peer is silent",
    [ANYTLS_STATUS_COUNT] = "unknown status",
};

const char *anytls_status_text(enum anytls_status status)
{
    if ((unsigned)status < ANYTLS_STATUS_COUNT)
        return texts[status];
    return texts[ANYTLS_STATUS_COUNT];
}
