#include "io/host.h"

#include <arpa/inet.h>
#include <string.h>

bool anytls_host_read(const char *text, uint16_t port, struct anytls_address *address)
{
    size_t size = strlen(text);

    address->port = port;
    if (inet_pton(AF_INET, text, address->host) == 1) {
        address->kind = ANYTLS_IPV4;
        size = 4;
    } else if (inet_pton(AF_INET6, text, address->host) == 1) {
        address->kind = ANYTLS_IPV6;
        size = 16;
    } else if (size > 0 && size <= ANYTLS_ADDRESS_HOST_MAX) {
        address->kind = ANYTLS_NAME;
        memcpy(address->host, text, size);
    } else {
        return false;
    }
    address->size = (uint8_t)size;
    return true;
}
