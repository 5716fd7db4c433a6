#include "status.h"

const char *anytls_status_text(enum anytls_status status)
{
    switch (status) {
    case ANYTLS_OK: return "ok";
    case ANYTLS_INCOMPLETE: return "incomplete";
    case ANYTLS_NO_ROOM: return "output buffer too small";
    case ANYTLS_CLOSED: return "session closed";
    case ANYTLS_NOT_ALLOWED: return "not allowed here";
    case ANYTLS_UNKNOWN_STREAM: return "unknown stream";
    case ANYTLS_TOO_MANY_STREAMS: return "too many streams";
    case ANYTLS_NO_MORE_IDS: return "no more stream ids";
    case ANYTLS_TOO_LONG: return "too long";
    case ANYTLS_END: return "end";
    case ANYTLS_BAD_ADDRESS: return "bad address";
    case ANYTLS_BAD_REQUEST: return "bad UDP-over-TCP request";
    case ANYTLS_BAD_PASSWORD: return "bad password";
    case ANYTLS_BAD_STOP: return "no valid stop line";
    case ANYTLS_BAD_SIZE: return "padding size over 65535";
    case ANYTLS_TOO_MANY_ITEMS: return "too many items in a padding line";
    case ANYTLS_UNKNOWN_COMMAND: return "unknown command";
    case ANYTLS_WRONG_SIDE: return "command from the wrong side";
    case ANYTLS_WRONG_VERSION: return "command of a version not agreed on";
    case ANYTLS_UNEXPECTED_DATA: return "data on a command without data";
    case ANYTLS_SYN_BEFORE_SETTINGS: return "SYN before Settings";
    case ANYTLS_EMPTY_SETTINGS: return "empty settings";
    case ANYTLS_SECOND_SETTINGS: return "second settings";
    case ANYTLS_SECOND_SYN: return "SYN of an open stream";
    case ANYTLS_ID_NOT_ASCENDING: return "stream id not ascending";
    case ANYTLS_SECOND_SYNACK: return "second SYNACK";
    case ANYTLS_ALERTED: return "alert from the peer";
    case ANYTLS_PEER_SILENT: return "peer is silent";
    case ANYTLS_STATUS_COUNT: break;
    }
    return "unknown status";
}
