/* What the unit tests share: a suite's main, frames as text, and a rig that drives a session or an
 * endpoint and writes down what it yields.
 *
 * Frames as text: "SYN 1|PSH 1 hello|#99 0 <0aff>". An item is a command's name or # and its
 * number, a stream id, and data; "raw " and data is bytes without a header. In data <...> holds
 * hexadecimal digits. The names and the layout are written here a second time, so that a fault of
 * the core's codec cannot hide in its tests.
 *
 * Every feed is done whole, cut in two at every place, and byte by byte, from the same state. All
 * of these have to end in the same events, output and state (FRAME-CUTS). Every call that writes is
 * first made with one byte of room too few, which has to fail and change nothing. */
#ifndef ANYTLS_TESTS_UNIT_SUPPORT_H
#define ANYTLS_TESTS_UNIT_SUPPORT_H

#include <check.h>

#include "core/anytls.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An assertion for hot loops: Check's own write to a file each time that they hold. */
#define must(condition, ...)                                                                       \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

/* Runs one suite; returns the exit code of the program. */
int suite_run(const char *name, const TTest *const *tests, size_t count);

/* The next number of a repeatable sequence (xorshift); *seed is not 0. */
uint32_t random_next(uint32_t *seed);

/* A text over a string, without its final zero. */
struct anytls_text text_of(const char *string);

/* ---- Bytes, and frames as text ---- */

#define BYTES_MAX 300000u

struct bytes {
    size_t size;
    uint8_t at[BYTES_MAX];
};

void bytes_add(struct bytes *bytes, const void *more, size_t size);
void bytes_add_data(struct bytes *bytes, const char *data); /* text with <hex> in it */
void bytes_add_header(struct bytes *bytes, uint8_t command, uint32_t stream, size_t length);
void bytes_add_frames(struct bytes *bytes, const char *items);

/* Appends to a string of TEXT_MAX bytes. */
#define TEXT_MAX 65536u
void text_add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_data(char *text, const uint8_t *data, size_t size);
void text_add_frames(char *text, const uint8_t *frames, size_t size);

/* ---- The rig ---- */

#define RIG_STREAMS 320u
#define RIG_PENDING 8u
#define RIG_TEXT 4096u

/* What may change in a session or endpoint and the caller's memory behind it. */
struct rig_state {
    struct anytls_endpoint endpoint; /* of a session alone: its member session */
    struct anytls_stream streams[RIG_STREAMS];
    struct anytls_pending pending[RIG_PENDING];
    uint8_t text[RIG_TEXT];
};

enum rig_kind { RIG_SERVER, RIG_CLIENT, RIG_ENDPOINT };

struct rig {
    enum rig_kind kind;
    struct anytls_endpoint_config config;
    struct anytls_scheme scheme;
    size_t streams_capacity;
    size_t pending_capacity;
    size_t text_capacity;
    uint64_t now; /* given to every call */

    struct rig_state state;
    size_t consumed;     /* bytes of the last feed that were taken */
    uint32_t opened;     /* the stream of the last call of open */
    char seen[TEXT_MAX]; /* events since the last saw() */
    struct bytes output; /* output since the last sent() */
};

/* The scheme and the client name that a rig has unless a test sets others. */
#define RIG_MD5 "0123456789abcdef0123456789abcdef"
#define RIG_SETTINGS_V1 "Settings 0 v=1\npadding-md5=" RIG_MD5
#define RIG_SETTINGS_V2 "Settings 0 v=2\npadding-md5=" RIG_MD5
#define RIG_OPENS "Settings 0 v=2\nclient=test/1\npadding-md5=" RIG_MD5 "|"
#define RIG_HASH "<000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f>"
#define RIG_OTHER_HASH "<000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e20>"

/* Sets the defaults: version 2, not strict, no deadlines, 4 streams, 2 pending destinations. */
void rig_reset(struct rig *rig);
/* Begins the session or endpoint, at time rig->now. */
void rig_begin(struct rig *rig, enum rig_kind kind);
/* Reset, begin, and version 1 or 2 agreed on; an endpoint is authenticated, too. A client has
 * opened no stream. */
void rig_speak(struct rig *rig, enum rig_kind kind, unsigned version);
struct anytls_session *rig_session(struct rig *rig);

/* Takes bytes in; answers with the status of the last step: ANYTLS_OK or ANYTLS_CLOSED. */
enum anytls_status feed_bytes(struct rig *rig, const uint8_t *bytes, size_t size);
enum anytls_status feed(struct rig *rig, const char *items);

/* Whether all that can be seen of two states is the same. */
bool rig_same(const struct rig_state *a, const struct rig_state *b);
/* Whether two states are the same byte for byte, but for the hint of where to look first. */
bool rig_untouched(const struct rig_state *a, const struct rig_state *b);

/* The calls. Each checks room, that a failure changes nothing, and notes output and events. */
enum anytls_status rig_open(struct rig *rig, const struct anytls_address *destination, void *user);
enum anytls_status rig_open_name(struct rig *rig, const char *name); /* port 443 */
enum anytls_status rig_send(struct rig *rig, uint32_t stream, const uint8_t *data, size_t size);
enum anytls_status rig_send_text(struct rig *rig, uint32_t stream, const char *text);
enum anytls_status rig_finish(struct rig *rig, uint32_t stream);
enum anytls_status rig_accept(struct rig *rig, uint32_t stream); /* of the session or endpoint */
enum anytls_status rig_refuse(struct rig *rig, uint32_t stream, const char *reason);
enum anytls_status rig_alert(struct rig *rig, const char *reason);
enum anytls_status rig_heartbeat(struct rig *rig);
enum anytls_status rig_tick(struct rig *rig, uint64_t now); /* sets rig->now */
enum anytls_status rig_end(struct rig *rig);                /* of an endpoint */
struct anytls_deadline rig_deadline(struct rig *rig);

struct anytls_address address_name(const char *name, uint16_t port);

/* For support*.c: appends an event to a text; endpoint: for the destination of a DIAL event. */
void text_add_event(char *text, const struct anytls_event *event,
                    const struct anytls_uot_request *request);
struct anytls_received rig_receive(struct rig *rig, const uint8_t *bytes, size_t size, uint8_t *out,
                                   size_t capacity);
size_t rig_output_max(struct rig *rig);

/* The events since the last saw(), as "opened 1|data 1 hello|finished 1". Behind an event stands
 * " @" and its user, and the violation in brackets. */
#define saw(rig, expected)                                                                         \
    do {                                                                                           \
        ck_assert_str_eq((rig)->seen, expected);                                                   \
        (rig)->seen[0] = '\0';                                                                     \
    } while (0)

/* The output since the last sent(), as frames. */
#define sent(rig, expected)                                                                        \
    do {                                                                                           \
        static char sent_text[TEXT_MAX];                                                           \
        sent_text[0] = '\0';                                                                       \
        text_add_frames(sent_text, (rig)->output.at, (rig)->output.size);                          \
        ck_assert_str_eq(sent_text, expected);                                                     \
        (rig)->output.size = 0;                                                                    \
    } while (0)

/* Feeds, and checks what comes of it. */
#define exchange(rig, items, events, frames)                                                       \
    do {                                                                                           \
        feed(rig, items);                                                                          \
        saw(rig, events);                                                                          \
        sent(rig, frames);                                                                         \
    } while (0)

#endif
