/* The oracle: the AnyTLS protocol a second time, as the most obvious program possible.
 *
 * It exists to be compared with. It shares no code and no header with ref/; it takes bytes one at a
 * time, keeps copies, allocates what it needs, and does what the tables spec/transitions.tsv and
 * spec/calls.tsv say. It is not fast and not meant to be linked into anything but tests.
 *
 * Its memory is bounded by what it is given: ORACLE_BUFFER_MAX bytes a buffer. Running out of
 * memory, going over that bound, and a table that does not have exactly one row for a case are
 * faults of the caller or of the tables: a line on standard error, and abort().
 *
 * Names of statuses and events are those of the tables, so that two programs are compared by
 * names and texts and never by numbers. */
#ifndef ANYTLS_SPEC_ORACLE_H
#define ANYTLS_SPEC_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Statuses ---- */

enum oracle_status {
    ORACLE_OK,

    ORACLE_INCOMPLETE, /* the bytes end inside the item */
    ORACLE_CLOSED,     /* calls: the session has ended */
    ORACLE_NOT_ALLOWED,
    ORACLE_UNKNOWN_STREAM,
    ORACLE_TOO_MANY_STREAMS,
    ORACLE_NO_MORE_IDS,
    ORACLE_TOO_LONG,

    ORACLE_BAD_ADDRESS,
    ORACLE_BAD_REQUEST,
    ORACLE_BAD_PASSWORD,
    ORACLE_BAD_STOP,
    ORACLE_BAD_SIZE,
    ORACLE_TOO_MANY_ITEMS,

    ORACLE_UNKNOWN_COMMAND,
    ORACLE_WRONG_SIDE,
    ORACLE_WRONG_VERSION,
    ORACLE_UNEXPECTED_DATA,
    ORACLE_SYN_BEFORE_SETTINGS,
    ORACLE_EMPTY_SETTINGS,
    ORACLE_SECOND_SETTINGS,
    ORACLE_SECOND_SYN,
    ORACLE_ID_NOT_ASCENDING,
    ORACLE_SECOND_SYNACK,

    ORACLE_ALERTED,
    ORACLE_PEER_SILENT,

    ORACLE_STATUS_COUNT
};

/* "unexpected-data": as the tables spell it. Static memory. */
const char *oracle_status_name(enum oracle_status status);

/* "data on a command without data": what a peer is told. Static memory. */
const char *oracle_status_text(enum oracle_status status);

/* ---- Bytes ---- */

/* Somebody else's bytes. at may be NULL where size is 0. */
struct oracle_bytes {
    const uint8_t *at;
    size_t size;
};

/* The bytes of a string without its final zero. */
struct oracle_bytes oracle_string(const char *string);

/* Whether the bytes are those of a string. */
bool oracle_is(struct oracle_bytes bytes, const char *string);

#define ORACLE_BUFFER_MAX 67108864u /* 64 MiB */

/* Bytes of one's own. Begins as {0}; freed by oracle_buffer_free. */
struct oracle_buffer {
    uint8_t *at;
    size_t size;
    size_t capacity;
};

void oracle_buffer_byte(struct oracle_buffer *buffer, uint8_t byte);
void oracle_buffer_add(struct oracle_buffer *buffer, struct oracle_bytes bytes);
void oracle_buffer_u16(struct oracle_buffer *buffer, uint32_t number); /* big-endian */
struct oracle_bytes oracle_buffer_bytes(const struct oracle_buffer *buffer);
void oracle_buffer_free(struct oracle_buffer *buffer);

/* ---- Frames ---- */

enum oracle_command {
    ORACLE_WASTE = 0,
    ORACLE_SYN = 1,
    ORACLE_PSH = 2,
    ORACLE_FIN = 3,
    ORACLE_SETTINGS = 4,
    ORACLE_ALERT = 5,
    ORACLE_UPDATE_PADDING_SCHEME = 6,
    ORACLE_SYNACK = 7,
    ORACLE_HEART_REQUEST = 8,
    ORACLE_HEART_RESPONSE = 9,
    ORACLE_SERVER_SETTINGS = 10
};

struct oracle_frame {
    uint8_t command;
    uint32_t stream;
    struct oracle_bytes data; /* points into the input */
    size_t consumed;          /* 7 + data.size */
};

/* "PSH"; "other" for a number that the protocol does not have. Static memory. */
const char *oracle_command_name(uint8_t command);

/* Reads the frame at the start of bytes: ORACLE_OK or ORACLE_INCOMPLETE. */
enum oracle_status oracle_frame_read(struct oracle_bytes bytes, struct oracle_frame *frame);

/* Adds a frame. data: 65,535 bytes at most. */
void oracle_frame_write(struct oracle_buffer *out, uint8_t command, uint32_t stream,
                        struct oracle_bytes data);

/* Adds a Waste frame of size bytes, header included, its data zeros. size: 7 to 65,542. */
void oracle_waste_write(struct oracle_buffer *out, size_t size);

/* ---- The preamble ---- */

/* Adds 32 bytes of hash, the length of the padding, and that many zeros. */
void oracle_preamble_write(struct oracle_buffer *out, const uint8_t *hash, uint16_t padding);

/* A preamble as it comes in. Begins as {0}. */
struct oracle_preamble {
    uint8_t bytes[34];
    size_t size;     /* bytes that have come, padding included */
    size_t expected; /* of the whole, once 34 bytes are there */
};

/* Takes the next byte. ORACLE_INCOMPLETE: more has to come. ORACLE_OK: that was the last.
 * ORACLE_BAD_PASSWORD: that was the 32nd, and the hash is another. Not to be called after these. */
enum oracle_status oracle_preamble_byte(struct oracle_preamble *preamble, const uint8_t *hash,
                                        uint8_t byte);

/* The same for bytes that are there at once. consumed: how many were looked at. */
enum oracle_status oracle_preamble_read(struct oracle_bytes bytes, const uint8_t *hash,
                                        size_t *consumed);

/* ---- Numbers and settings ---- */

/* Whether text is digits alone, one or more; if so their value, held at 4,294,967,295. */
bool oracle_number(struct oracle_bytes text, uint32_t *value);

/* A line of a settings text or padding scheme. */
struct oracle_line {
    bool item;                 /* it has a '=' */
    struct oracle_bytes key;   /* up to the first '=' */
    struct oracle_bytes value; /* behind it */
};

/* Takes the first line off a text. false: no line is left. */
bool oracle_line_next(struct oracle_bytes *text, struct oracle_line *line);

/* The value of the last line with this key. false: there is none. */
bool oracle_setting(struct oracle_bytes text, const char *key, struct oracle_bytes *value);

/* 1 or 2: what a settings text says of the version. */
unsigned oracle_settings_version(struct oracle_bytes text);

/* Add settings texts. md5: 32 hexadecimal digits. */
void oracle_settings_client_write(struct oracle_buffer *out, unsigned version,
                                  struct oracle_bytes name, const char *md5);
void oracle_settings_server_write(struct oracle_buffer *out, unsigned version);

/* ---- Padding schemes ---- */

#define ORACLE_SCHEME_SIZE_MAX 4096u
#define ORACLE_ITEMS_MAX 64u

/* The default scheme and its MD5, 32 hexadecimal digits. */
extern const char *const oracle_default_scheme;
extern const char *const oracle_default_md5;

struct oracle_scheme {
    enum oracle_status status; /* OK, TOO_LONG, BAD_STOP, BAD_SIZE, TOO_MANY_ITEMS */
    size_t line; /* of the fault, from 1; 0 where a line is missing. With OK: of stop */
    uint32_t stop;
};

/* Checks a scheme. */
struct oracle_scheme oracle_scheme_read(struct oracle_bytes text);

struct oracle_item {
    bool check;   /* "c" */
    uint32_t min; /* of a range: 1 <= min <= max <= 65,535 */
    uint32_t max; /* included */
};

/* The items that count of the line for a write, without those that are ignored; how many. The
 * scheme is a valid one. */
size_t oracle_scheme_items(struct oracle_bytes text, uint32_t write,
                           struct oracle_item items[ORACLE_ITEMS_MAX]);

/* The size of padding0. The scheme is a valid one. */
uint16_t oracle_padding_zero(struct oracle_bytes text, uint32_t random);

struct oracle_record {
    size_t payload; /* bytes of the write */
    size_t waste;   /* bytes of a Waste frame behind them, header included; 0: none */
};

/* The records of one write of size bytes: how many. The nth uses the nth random number; where there
 * are fewer numbers, 0. records: ORACLE_ITEMS_MAX + 1. The scheme is a valid one. */
size_t oracle_shape(struct oracle_bytes scheme, uint32_t write, size_t size, const uint32_t *random,
                    size_t random_count, struct oracle_record records[ORACLE_ITEMS_MAX + 1]);

/* ---- Addresses and UDP-over-TCP ---- */

enum oracle_kind { ORACLE_IPV4, ORACLE_IPV6, ORACLE_NAME };
enum oracle_types { ORACLE_SOCKS_TYPES, ORACLE_UOT_TYPES };

struct oracle_address {
    enum oracle_kind kind;
    uint8_t size;      /* bytes of host: 4, 16, or 1 to 255 */
    uint8_t host[255]; /* in network order, or a name */
    uint16_t port;
};

/* Reads the address at the start of bytes: OK, INCOMPLETE, BAD_ADDRESS. With OK only, address and
 * consumed are written. */
enum oracle_status oracle_address_read(enum oracle_types types, struct oracle_bytes bytes,
                                       struct oracle_address *address, size_t *consumed);

/* Adds an address: OK, or BAD_ADDRESS and nothing: size does not fit the kind. */
enum oracle_status oracle_address_write(struct oracle_buffer *out, enum oracle_types types,
                                        const struct oracle_address *address);

#define ORACLE_UOT_NAME "sp.v2.udp-over-tcp.arpa"

bool oracle_is_uot(const struct oracle_address *address);

struct oracle_request {
    bool connect;
    struct oracle_address address;
};

/* OK, INCOMPLETE, BAD_REQUEST, BAD_ADDRESS. */
enum oracle_status oracle_request_read(struct oracle_bytes bytes, struct oracle_request *request,
                                       size_t *consumed);
enum oracle_status oracle_request_write(struct oracle_buffer *out,
                                        const struct oracle_request *request);

struct oracle_packet {
    struct oracle_address address; /* without connect only */
    struct oracle_bytes data;      /* points into the input */
};

/* OK, INCOMPLETE, BAD_ADDRESS. */
enum oracle_status oracle_packet_read(bool connect, struct oracle_bytes bytes,
                                      struct oracle_packet *packet, size_t *consumed);
/* Adds a datagram, its data included: OK, BAD_ADDRESS, TOO_LONG. address: NULL with connect. */
enum oracle_status oracle_packet_write(struct oracle_buffer *out, bool connect,
                                       const struct oracle_address *address,
                                       struct oracle_bytes data);

/* ---- URIs ---- */

#define ORACLE_URI_TEXT_MAX 256u /* a final zero included */

struct oracle_uri {
    const char *fault; /* NULL, or the part that is wrong: "scheme", "password", "host", "port",
                          "path", "parameter" */
    char password[ORACLE_URI_TEXT_MAX]; /* decoded */
    char host[ORACLE_URI_TEXT_MAX];     /* without brackets */
    uint16_t port;
    char sni[ORACLE_URI_TEXT_MAX];
    bool insecure;
};

/* Reads a link. text: without a zero byte. */
struct oracle_uri oracle_uri_read(struct oracle_bytes text);

#ifdef __cplusplus
}
#endif

#include "oracle_session.h" /* tables, sessions, endpoints */

#endif
