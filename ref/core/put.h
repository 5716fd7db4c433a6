/* Laying frames end to end in an output buffer, for the files of the session.
 * Not part of the public interface. */
#ifndef ANYTLS_CORE_PUT_H
#define ANYTLS_CORE_PUT_H

#include "session.h"

#define ANYTLS_NO_TEXT ((struct anytls_text){0, 0})

/* A step that did nothing. */
#define ANYTLS_NOTHING                                                                             \
    ((struct anytls_received){ANYTLS_OK, 0, 0, {ANYTLS_EVENT_NONE, ANYTLS_OK, 0, 0, {0, 0}}})

/* A status as the text that a peer is told. */
/*@ assigns \nothing;
    ensures text_valid(\result) && text_constant(\result);
    ensures \result.size < ANYTLS_STATUS_TEXT_SIZE;
*/
struct anytls_text anytls_reason(enum anytls_status status);

/* Writes a frame at out; returns its size. The caller has seen to the room; data fits a frame. */
/*@ requires 0 <= command <= ANYTLS_SERVER_SETTINGS;
    requires text_valid(data) && data.size <= ANYTLS_FRAME_DATA_MAX;
    requires \valid(out + (0 .. 6 + data.size));
    requires text_apart(data, out, 7 + data.size);
    assigns out[0 .. 6 + data.size];
    ensures \result == 7 + data.size;
    ensures out[0] == command && be32(out + 1) == stream && be16(out + 5) == data.size;
    ensures \forall integer i; 0 <= i < data.size ==> out[7 + i] == \old(data.bytes[i]);
*/
size_t anytls_put(enum anytls_command command, uint32_t stream, struct anytls_text data,
                  uint8_t *out);

/* Writes the refusal of a stream for the version that is spoken, and closes nothing. */
/*@ requires \valid_read(session);
    requires text_valid(reason);
    requires \valid(out + (0 .. 6 + ANYTLS_REASON_MAX));
    requires text_apart(reason, out, 7 + ANYTLS_REASON_MAX);
    requires \separated(out + (0 .. 6 + ANYTLS_REASON_MAX), session);
    assigns out[0 .. 6 + ANYTLS_REASON_MAX];
    ensures 7 <= \result <= 7 + ANYTLS_REASON_MAX;
    ensures session->state != ANYTLS_STATE_V2 ==> out[0] == ANYTLS_FIN && be16(out + 5) == 0;
    ensures session->state == ANYTLS_STATE_V2 ==>
        out[0] == ANYTLS_SYNACK && 0 < be16(out + 5) == \result - 7;
    ensures be32(out + 1) == stream;
*/
size_t anytls_put_refusal(const struct anytls_session *session, uint32_t stream,
                          struct anytls_text reason, uint8_t *out);

/* Writes an Alert, its reason cut at ANYTLS_REASON_MAX. */
/*@ requires text_valid(reason);
    requires \valid(out + (0 .. 6 + ANYTLS_REASON_MAX));
    requires text_apart(reason, out, 7 + ANYTLS_REASON_MAX);
    assigns out[0 .. 6 + ANYTLS_REASON_MAX];
    ensures \result == 7 + reason_size(reason.size);
    ensures out[0] == ANYTLS_ALERT && be32(out + 1) == 0 && be16(out + 5) == \result - 7;
    ensures \forall integer i; 0 <= i < reason_size(reason.size) ==>
        out[7 + i] == \old(reason.bytes[i]);
*/
size_t anytls_put_alert(struct anytls_text reason, uint8_t *out);

#endif
