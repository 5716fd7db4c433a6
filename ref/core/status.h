/* The one list of outcomes that every function of the core answers with, and a text for each.
 * Implements no section of the protocol document; the session reports peers' mistakes with it too.
 * It does not carry details: a caller that wants more looks at what it gave. */
#ifndef ANYTLS_CORE_STATUS_H
#define ANYTLS_CORE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

enum anytls_status {
    ANYTLS_OK = 0,

    /* About a call. The call changed nothing. */
    ANYTLS_INCOMPLETE,       /* the input ends inside the item: call again with more of it */
    ANYTLS_NO_ROOM,          /* the caller's output buffer is smaller than the stated need */
    ANYTLS_CLOSED,           /* the session has ended */
    ANYTLS_NOT_ALLOWED,      /* this role, version or state has no such call */
    ANYTLS_UNKNOWN_STREAM,   /* no stream of that id is open */
    ANYTLS_TOO_MANY_STREAMS, /* the caller's stream table is full (LIMIT-STREAMS) */
    ANYTLS_NO_MORE_IDS,      /* the session has used the last stream id (STREAM-IDS-END) */
    ANYTLS_TOO_LONG,         /* a text or a size is over its limit */

    /* About bytes that were given. */
    ANYTLS_END,            /* nothing is left to read */
    ANYTLS_BAD_ADDRESS,    /* unknown address type, or an empty name */
    ANYTLS_BAD_REQUEST,    /* a UDP-over-TCP request whose first byte is neither 0 nor 1 */
    ANYTLS_BAD_PASSWORD,   /* the preamble holds another hash */
    ANYTLS_BAD_STOP,       /* a padding scheme without a valid stop line */
    ANYTLS_BAD_SIZE,       /* a padding size over 65,535 */
    ANYTLS_TOO_MANY_ITEMS, /* a padding line with more items than the limit */

    /* What a peer did wrong: violations that the session reports. */
    ANYTLS_UNKNOWN_COMMAND,     /* a command that the protocol does not have */
    ANYTLS_WRONG_SIDE,          /* a command that only the other side may send */
    ANYTLS_WRONG_VERSION,       /* a version 2 command before version 2 was agreed on */
    ANYTLS_UNEXPECTED_DATA,     /* data on a command that carries none */
    ANYTLS_SYN_BEFORE_SETTINGS, /* the first SYN came before Settings */
    ANYTLS_EMPTY_SETTINGS,      /* Settings or ServerSettings without data */
    ANYTLS_SECOND_SETTINGS,     /* Settings or ServerSettings sent twice */
    ANYTLS_SECOND_SYN,          /* SYN of a stream that is open */
    ANYTLS_ID_NOT_ASCENDING,    /* SYN of id zero, or not above those before it */
    ANYTLS_SECOND_SYNACK,       /* SYNACK of a stream that had one */

    /* Why a session ended. */
    ANYTLS_ALERTED,     /* the peer sent an Alert */
    ANYTLS_PEER_SILENT, /* a deadline passed without a byte from the peer */

    ANYTLS_STATUS_COUNT
};

#define ANYTLS_STATUS_TEXT_SIZE 40u /* bytes of a status text at most, its zero byte included */

/* A short English text for a status, without a final stop. Never NULL; static memory. */
/*@ assigns \nothing;
    ensures \valid_read(\result + (0 .. ANYTLS_STATUS_TEXT_SIZE - 1));
    // Constants: no buffer that is written to overlaps them.
    ensures \forall integer i; 0 <= i < ANYTLS_STATUS_TEXT_SIZE ==> !\valid(\result + i);
*/
const char *anytls_status_text(enum anytls_status status);

#ifdef __cplusplus
}
#endif

#endif
