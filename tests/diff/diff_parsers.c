/* The parsers of single items: the same random bytes to both. */
#include <stdlib.h>
#include <string.h>

#include "diff.h"

static bool same_status(const char *what, enum anytls_status status, enum oracle_status other,
                        char *fault)
{
    if (strcmp(anytls_status_text(status), oracle_status_text(other)) == 0)
        return true;
    snprintf(fault, FAULT_SIZE, "%s: reference \"%s\", oracle \"%s\"", what,
             anytls_status_text(status), oracle_status_text(other));
    return false;
}

static bool same_address(const struct anytls_address *address, const struct oracle_address *other)
{
    static const enum oracle_kind kinds[] = {ORACLE_IPV4, ORACLE_IPV6, ORACLE_NAME};

    return kinds[address->kind] == other->kind && address->port == other->port &&
           address->size == other->size && memcmp(address->host, other->host, address->size) == 0;
}

static void differ(const char *what, char *fault)
{
    if (fault[0] == '\0')
        snprintf(fault, FAULT_SIZE, "%s: reference and oracle differ", what);
}

/* ---- Addresses ---- */

/* Bytes that begin like an address, and may end before it does. */
static size_t address_draw(uint64_t *seed, uint8_t *bytes, size_t capacity)
{
    static const uint8_t types[] = {0, 1, 2, 3, 4, 1, 3, 4, 0, 1, 2, 9};
    static const uint8_t lengths[] = {0, 1, 3, 11, 64, 255};
    size_t size = draw_below(seed, 4) == 0 ? draw_below(seed, 24) : draw_below(seed, 300);

    for (size_t i = 0; i < capacity; i++)
        bytes[i] = (uint8_t)draw(seed);
    bytes[0] = types[draw_below(seed, sizeof types)];
    bytes[1] = lengths[draw_below(seed, sizeof lengths)];
    return size < capacity ? size : capacity;
}

static void compare_address(enum anytls_address_table table, const uint8_t *bytes, size_t size,
                            char *fault)
{
    enum oracle_types types = table == ANYTLS_TABLE_SOCKS ? ORACLE_SOCKS_TYPES : ORACLE_UOT_TYPES;
    struct oracle_bytes all = {bytes, size};
    struct anytls_address_result result = anytls_address_decode(table, bytes, size);
    struct oracle_address other;
    size_t consumed = 0;
    uint8_t out[ANYTLS_ADDRESS_SIZE_MAX];
    struct oracle_buffer written = {0};
    size_t length;

    if (!same_status("address", result.status, oracle_address_read(types, all, &other, &consumed),
                     fault) ||
        result.status != ANYTLS_OK)
        return;
    if (result.consumed != consumed || !same_address(&result.address, &other))
        differ("an address", fault);
    length = anytls_address_encode(table, &result.address, out, sizeof out).size;
    oracle_address_write(&written, types, &other);
    if (written.size != length || memcmp(written.at, out, length) != 0 || length != consumed)
        differ("an address written", fault);
    oracle_buffer_free(&written);
}

static void compare_request(const uint8_t *bytes, size_t size, char *fault)
{
    struct oracle_bytes all = {bytes, size};
    struct anytls_uot_request_result result = anytls_uot_request_decode(bytes, size);
    struct oracle_request other;
    size_t consumed = 0;

    if (!same_status("request", result.status, oracle_request_read(all, &other, &consumed),
                     fault) ||
        result.status != ANYTLS_OK)
        return;
    if (result.consumed != consumed || result.request.connect != other.connect ||
        !same_address(&result.request.address, &other.address))
        differ("a request", fault);
}

static void compare_packet(bool connect, const uint8_t *bytes, size_t size, char *fault)
{
    struct oracle_bytes all = {bytes, size};
    struct anytls_uot_packet_result result = anytls_uot_packet_decode(connect, bytes, size);
    struct oracle_packet other;
    size_t consumed = 0;

    if (!same_status("datagram", result.status, oracle_packet_read(connect, all, &other, &consumed),
                     fault) ||
        result.status != ANYTLS_OK)
        return;
    if (result.consumed != consumed || result.size != other.data.size ||
        result.data != other.data.at ||
        (!connect && !same_address(&result.address, &other.address)))
        differ("a datagram", fault);
}

/* ---- Schemes ---- */

static void item_draw(uint64_t *seed, char *item, size_t size)
{
    static const char *const odd[] = {
        "",     "x",    "5",  "-",   "5-",          "-5",      "1-2-3",
        " 5-6", "C",    "cc", "0-0", "0-9",         "5-6 ",    "a-b",
        "c ",   "+5-6", "--", "5-x", "65536-65536", "1-65536", "4294967301-4294967302"};
    uint32_t low = 1 + draw_below(seed, 300);

    switch (draw_below(seed, 10)) {
    case 0: snprintf(item, size, "%s", odd[draw_below(seed, sizeof odd / sizeof *odd)]); break;
    case 1:
    case 2: snprintf(item, size, "c"); break;
    case 3: snprintf(item, size, "%u-%u", low, low); break;
    case 4: snprintf(item, size, "%u-%u", low + draw_below(seed, 100), low); break;
    default: snprintf(item, size, "%u-%u", low, low + draw_below(seed, 300)); break;
    }
}

static void line_draw(uint64_t *seed, char *line, size_t size)
{
    uint32_t count = draw_below(seed, 40) == 0 ? 60 + draw_below(seed, 8) : draw_below(seed, 6);
    char item[32];

    snprintf(line, size, "%s%u=", draw_below(seed, 20) == 0 ? "0" : "", draw_below(seed, 9));
    for (uint32_t i = 0; i < count; i++) {
        item_draw(seed, item, sizeof item);
        snprintf(line + strlen(line), size - strlen(line), "%s%s", i > 0 ? "," : "", item);
    }
}

void scheme_draw(uint64_t *seed, char *text, size_t size)
{
    static const char *const odd[] = {
        "",      "stop",    "stop=",   "stop=x",          "no item",      "=5",
        "x=5-6", "stop=-1", " stop=3", "stop=4294967296", "9=70000-70000"};
    char line[1024];
    uint32_t lines = draw_below(seed, 9);

    snprintf(text, size, "stop=%u", draw_below(seed, 9));
    for (uint32_t i = 0; i < lines; i++) {
        line_draw(seed, line, sizeof line);
        if (draw_below(seed, 25) == 0)
            snprintf(line, sizeof line, "%s", odd[draw_below(seed, sizeof odd / sizeof *odd)]);
        snprintf(text + strlen(text), size - strlen(text), "\n%s", line);
    }
}

static void compare_write(const struct anytls_scheme *scheme, struct oracle_bytes text,
                          uint32_t write, uint64_t *seed, char *fault)
{
    struct oracle_record records[ORACLE_ITEMS_MAX + 1];
    uint32_t random[ORACLE_ITEMS_MAX + 1];
    size_t size = draw_below(seed, 4) == 0 ? draw_below(seed, 12) : draw_below(seed, 2000);
    struct anytls_plan plan = anytls_plan_begin(scheme, write, size);
    size_t count;

    for (size_t i = 0; i <= ORACLE_ITEMS_MAX; i++)
        random[i] = draw(seed);
    count = oracle_shape(text, write, size, random, ORACLE_ITEMS_MAX + 1, records);
    for (size_t i = 0; i < count; i++) {
        struct anytls_record record = anytls_plan_next(&plan, random[i]);

        if (!record.more || record.payload != records[i].payload ||
            record.waste != records[i].waste)
            differ("a record", fault);
    }
    if (anytls_plan_next(&plan, 0).more)
        differ("the number of records", fault);
}

static void compare_scheme(uint64_t *seed, char *fault)
{
    char text[ANYTLS_SCHEME_SIZE_MAX + 256];
    struct oracle_scheme other;
    struct anytls_scheme_result result;
    struct oracle_bytes bytes;
    struct anytls_text view;

    scheme_draw(seed, text, sizeof text);
    bytes = oracle_string(text);
    view.bytes = bytes.at;
    view.size = bytes.size;
    result = anytls_scheme_read(view);
    other = oracle_scheme_read(bytes);
    if (!same_status("scheme", result.status, other.status, fault))
        return;
    if (result.line != other.line ||
        (result.status == ANYTLS_OK && result.scheme.stop != other.stop))
        differ("a scheme", fault);
    if (result.status != ANYTLS_OK)
        return;
    for (uint32_t write = 0; write < 10; write++)
        compare_write(&result.scheme, bytes, write, seed, fault);
    if (anytls_padding_zero(&result.scheme, 12345) != oracle_padding_zero(bytes, 12345))
        differ("padding0", fault);
}

void parsers_compare(uint64_t seed, char *fault)
{
    uint8_t bytes[400];

    for (int i = 0; i < 8 && fault[0] == '\0'; i++) {
        size_t size = address_draw(&seed, bytes + 1, sizeof bytes - 1);

        bytes[0] = (uint8_t)draw_below(&seed, 3);
        compare_address(ANYTLS_TABLE_SOCKS, bytes + 1, size, fault);
        compare_address(ANYTLS_TABLE_UOT, bytes + 1, size, fault);
        compare_request(bytes, size, fault);
        compare_packet(false, bytes + 1, size, fault);
        compare_packet(true, bytes, size, fault);
        compare_scheme(&seed, fault);
    }
}
