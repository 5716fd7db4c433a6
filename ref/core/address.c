#include "address.h"

#include <stdbool.h>

#include "bytes.h"

struct kind_result {
    bool valid;
    enum anytls_address_kind kind;
};

/* The type numbers by table and kind. */
static const uint8_t types[2][3] = {
    {1, 4, 3}, /* ANYTLS_TABLE_SOCKS: IPv4, IPv6, name */
    {0, 1, 2}, /* ANYTLS_TABLE_UOT */
};

/*@ requires table_known(table);
    assigns \nothing;
    ensures \result.valid <==> address_type_known(table, type);
    ensures \result.valid ==> address_type(table, \result.kind) == type;
    ensures \result.kind == ANYTLS_IPV4 || \result.kind == ANYTLS_IPV6 ||
            \result.kind == ANYTLS_NAME;
*/
static struct kind_result kind_of(enum anytls_address_table table, uint8_t type)
{
    if (type == types[table][ANYTLS_IPV4])
        return (struct kind_result){true, ANYTLS_IPV4};
    if (type == types[table][ANYTLS_IPV6])
        return (struct kind_result){true, ANYTLS_IPV6};
    return (struct kind_result){type == types[table][ANYTLS_NAME], ANYTLS_NAME};
}

struct anytls_address_size anytls_address_size(enum anytls_address_table table,
                                               const uint8_t *bytes, size_t size)
{
    struct anytls_address_size result = {ANYTLS_OK, 1};
    struct kind_result type;

    if (size == 0)
        return result;
    type = kind_of(table, bytes[0]);
    if (!type.valid) {
        result.status = ANYTLS_BAD_ADDRESS;
    } else if (type.kind == ANYTLS_IPV4) {
        result.size = 1 + 4 + 2;
    } else if (type.kind == ANYTLS_IPV6) {
        result.size = 1 + 16 + 2;
    } else if (size == 1) {
        result.size = 2;
    } else if (bytes[1] == 0) {
        result.status = ANYTLS_BAD_ADDRESS;
    } else {
        result.size = 2 + (size_t)bytes[1] + 2;
    }
    return result;
}

struct anytls_address_result anytls_address_decode(enum anytls_address_table table,
                                                   const uint8_t *bytes, size_t size)
{
    struct anytls_address_result result = {ANYTLS_INCOMPLETE, 0, {ANYTLS_IPV4, 0, 0, {0}}};
    struct anytls_address_size whole = anytls_address_size(table, bytes, size);
    size_t start;

    if (whole.status != ANYTLS_OK) {
        result.status = whole.status;
        return result;
    }
    if (size < whole.size)
        return result;
    result.address.kind = kind_of(table, bytes[0]).kind;
    start = result.address.kind == ANYTLS_NAME ? 2 : 1;
    result.address.size = (uint8_t)(whole.size - start - 2);
    anytls_bytes_copy(result.address.host, bytes + start, result.address.size);
    result.address.port = anytls_u16_read(bytes + whole.size - 2);
    result.status = ANYTLS_OK;
    result.consumed = whole.size;
    return result;
}

/*@ requires \valid_read(address);
    requires address->kind == ANYTLS_IPV4 || address->kind == ANYTLS_IPV6 ||
             address->kind == ANYTLS_NAME;
    assigns \nothing;
    ensures \result <==> address_fits(address->kind, address->size);
*/
static bool size_fits(const struct anytls_address *address)
{
    if (address->kind == ANYTLS_IPV4)
        return address->size == 4;
    if (address->kind == ANYTLS_IPV6)
        return address->size == 16;
    return address->size >= 1;
}

struct anytls_written anytls_address_encode(enum anytls_address_table table,
                                            const struct anytls_address *address, uint8_t *out,
                                            size_t capacity)
{
    struct anytls_written result = {ANYTLS_NO_ROOM, 0};
    size_t start = address->kind == ANYTLS_NAME ? 2 : 1;
    size_t size = start + address->size + 2;

    if (!size_fits(address)) {
        result.status = ANYTLS_BAD_ADDRESS;
        return result;
    }
    if (capacity < size)
        return result;
    out[0] = types[table][address->kind];
    if (start == 2)
        out[1] = address->size;
    anytls_bytes_copy(out + start, address->host, address->size);
    anytls_u16_write(out + size - 2, address->port);
    result.status = ANYTLS_OK;
    result.size = size;
    return result;
}
