/* Frames: the 7-byte header in front of every piece of data of a session, and its data.
 * Implements the section "Session" (the frame layout and the command numbers) of the protocol
 * document. It does not know which side may send what: that is decide.h. */
#ifndef ANYTLS_CORE_FRAME_H
#define ANYTLS_CORE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ANYTLS_FRAME_HEADER_SIZE 7u  /* bytes */
#define ANYTLS_FRAME_DATA_MAX 65535u /* bytes of data in one frame (FRAME-LENGTH) */

/* Command numbers (FRAME-COMMANDS). Any other value of the byte is a valid frame, too. */
enum anytls_command {
    ANYTLS_WASTE = 0,
    ANYTLS_SYN = 1,
    ANYTLS_PSH = 2,
    ANYTLS_FIN = 3,
    ANYTLS_SETTINGS = 4,
    ANYTLS_ALERT = 5,
    ANYTLS_UPDATE_PADDING_SCHEME = 6,
    ANYTLS_SYNACK = 7,
    ANYTLS_HEART_REQUEST = 8,
    ANYTLS_HEART_RESPONSE = 9,
    ANYTLS_SERVER_SETTINGS = 10
};

struct anytls_header {
    uint8_t command;
    uint16_t length; /* bytes of data that follow the header */
    uint32_t stream;
};

struct anytls_header_result {
    enum anytls_status status;
    struct anytls_header header;
};

struct anytls_frame {
    struct anytls_header header;
    const uint8_t *data; /* header.length bytes */
};

struct anytls_frame_result {
    enum anytls_status status;
    size_t consumed; /* bytes of the input that the frame takes: 7 + length */
    struct anytls_frame frame;
};

/* What a call wrote into the caller's output buffer. */
struct anytls_written {
    enum anytls_status status;
    size_t size; /* bytes written; 0 unless status is ANYTLS_OK */
};

/*@ // The header that stands at p, as the protocol document lays it out.
    logic integer be16(uint8_t *p) = p[0] * 256 + p[1];
    logic integer be32(uint8_t *p) =
        p[0] * 16777216 + p[1] * 65536 + p[2] * 256 + p[3];
    predicate header_at{L}(uint8_t *p, struct anytls_header h) =
        \at(p[0], L) == h.command && be32{L}(p + 1) == h.stream && be16{L}(p + 5) == h.length;
*/

/* Writes the seven bytes of a header (FRAME-HEADER). out: 7 bytes, the caller's. */
/*@ requires \valid(out + (0 .. 6));
    assigns out[0 .. 6];
    ensures header_at(out, header);
*/
void anytls_header_encode(struct anytls_header header, uint8_t *out);

/* Reads the header at the start of bytes (FRAME-HEADER).
 * ANYTLS_INCOMPLETE: size is below 7. Every seven bytes are a header. */
/*@ requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    behavior incomplete:
        assumes size < 7;
        ensures \result.status == ANYTLS_INCOMPLETE;
    behavior whole:
        assumes size >= 7;
        ensures \result.status == ANYTLS_OK;
        ensures header_at(bytes, \result.header);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_header_result anytls_header_decode(const uint8_t *bytes, size_t size);

/* Writes a whole frame, header and data (FRAME-HEADER, FRAME-LENGTH).
 * out: capacity bytes, the caller's, not overlapping frame.data.
 * ANYTLS_NO_ROOM: capacity is below 7 + length; nothing is written. */
/*@ requires \valid(out + (0 .. capacity - 1));
    requires \valid_read(frame.data + (0 .. frame.header.length - 1));
    requires \separated(out + (0 .. capacity - 1), frame.data + (0 .. frame.header.length - 1));
    assigns out[0 .. 6 + frame.header.length];
    behavior no_room:
        assumes capacity < 7 + frame.header.length;
        assigns \nothing;
        ensures \result.status == ANYTLS_NO_ROOM;
        ensures \result.size == 0;
    behavior room:
        assumes capacity >= 7 + frame.header.length;
        assigns out[0 .. 6 + frame.header.length];
        ensures \result.status == ANYTLS_OK;
        ensures \result.size == 7 + frame.header.length;
        ensures header_at(out, frame.header);
        ensures \forall integer i; 7 <= i < 7 + frame.header.length ==>
            out[i] == \old(frame.data[i - 7]);
        ensures \forall integer i; 0 <= i < frame.header.length ==>
            out[7 + i] == \old(frame.data[i]);
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_written anytls_frame_encode(struct anytls_frame frame, uint8_t *out, size_t capacity);

/* Reads the whole frame at the start of bytes, without a copy: frame.data points into bytes and
 * is valid as long as they are (FRAME-HEADER, FRAME-LENGTH).
 * ANYTLS_INCOMPLETE: bytes end before the frame does; nothing is consumed. */
/*@ requires \valid_read(bytes + (0 .. size - 1));
    assigns \nothing;
    behavior incomplete:
        assumes size < 7 || size < 7 + be16(bytes + 5);
        ensures \result.status == ANYTLS_INCOMPLETE;
        ensures \result.consumed == 0;
    behavior whole:
        assumes size >= 7 && size >= 7 + be16(bytes + 5);
        ensures \result.status == ANYTLS_OK;
        ensures \result.consumed == 7 + \result.frame.header.length;
        ensures \result.consumed <= size;
        ensures header_at(bytes, \result.frame.header);
        ensures \result.frame.data == bytes + 7;
    complete behaviors;
    disjoint behaviors;
*/
struct anytls_frame_result anytls_frame_decode(const uint8_t *bytes, size_t size);

/* The name of a command in the protocol document without its prefix, such as "PSH"; "unknown"
 * for a number that the protocol does not have. Never NULL; static memory. */
/*@ assigns \nothing;
    ensures \valid_read(\result);
*/
const char *anytls_command_name(uint8_t command);

#ifdef __cplusplus
}
#endif

#endif
