#include "socks.h"

#include <string.h>

#define VERSION 5u
#define NO_AUTHENTICATION 0u
#define NO_METHOD 0xffu

static const struct anytls_address any = {ANYTLS_IPV4, 0, 4, {0}};

size_t socks_reply(enum socks_code code, const struct anytls_address *address, uint8_t *out)
{
    out[0] = VERSION;
    out[1] = (uint8_t)code;
    out[2] = 0;
    return 3 +
           anytls_address_encode(ANYTLS_TABLE_SOCKS, address, out + 3, SOCKS_REPLY_MAX - 3).size;
}

static void refuse(struct socks_result *result, enum socks_code code)
{
    result->step = SOCKS_BAD;
    result->reply_size = socks_reply(code, &any, result->reply);
}

/* How many bytes are needed to go on: 0 where they are all there. */
static size_t missing(const struct socks *socks)
{
    struct anytls_address_size address;

    if (!socks->greeted) {
        size_t whole = socks->size < 2 ? 2 : 2 + (size_t)socks->bytes[1];

        return whole - socks->size;
    }
    if (socks->size < 3)
        return 3 - socks->size;
    address = anytls_address_size(ANYTLS_TABLE_SOCKS, socks->bytes + 3, socks->size - 3);
    return address.status == ANYTLS_OK ? address.size - (socks->size - 3) : 0;
}

static void greet(struct socks *socks, struct socks_result *result)
{
    const uint8_t *methods = socks->bytes + 2;

    result->reply[0] = VERSION;
    result->reply[1] = NO_AUTHENTICATION;
    result->reply_size = 2;
    if (memchr(methods, NO_AUTHENTICATION, socks->size - 2) == NULL) {
        result->reply[1] = NO_METHOD;
        result->step = SOCKS_BAD;
    }
    socks->greeted = true;
    socks->size = 0;
}

static void take_request(struct socks *socks, struct socks_result *result)
{
    struct anytls_address_result address =
        anytls_address_decode(ANYTLS_TABLE_SOCKS, socks->bytes + 3, socks->size - 3);

    if (address.status != ANYTLS_OK) {
        refuse(result, SOCKS_ADDRESS_UNKNOWN);
        return;
    }
    result->address = address.address;
    if (socks->bytes[1] == 1)
        result->step = SOCKS_CONNECT;
    else if (socks->bytes[1] == 3)
        result->step = SOCKS_UDP;
    else
        refuse(result, SOCKS_COMMAND_UNKNOWN);
}

struct socks_result socks_receive(struct socks *socks, const uint8_t *bytes, size_t size)
{
    struct socks_result result = {SOCKS_MORE, 0, {ANYTLS_IPV4, 0, 0, {0}}, {0}, 0};
    size_t need = missing(socks);

    while (need > 0 && result.consumed < size) {
        socks->bytes[socks->size] = bytes[result.consumed];
        socks->size++;
        result.consumed++;
        if (socks->bytes[0] != VERSION) {
            result.step = SOCKS_BAD; /* another protocol: there is no answer that it would read */
            return result;
        }
        need = missing(socks);
    }
    if (need > 0)
        return result;
    if (!socks->greeted)
        greet(socks, &result);
    else
        take_request(socks, &result);
    return result;
}
