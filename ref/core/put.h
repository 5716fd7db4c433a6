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
struct anytls_text anytls_reason(enum anytls_status status);

/* Writes a frame at out; returns its size. The caller has seen to the room; data fits a frame. */
size_t anytls_put(enum anytls_command command, uint32_t stream, struct anytls_text data,
                  uint8_t *out);

/* Writes the refusal of a stream for the version that is spoken, and closes nothing. */
size_t anytls_put_refusal(const struct anytls_session *session, uint32_t stream,
                          struct anytls_text reason, uint8_t *out);

/* Writes an Alert, its reason cut at ANYTLS_REASON_MAX. */
size_t anytls_put_alert(struct anytls_text reason, uint8_t *out);

#endif
