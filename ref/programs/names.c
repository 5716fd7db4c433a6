#include "names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

static bool port_read(const char *text, uint16_t *port)
{
    struct anytls_text view = {(const uint8_t *)text, strlen(text)};
    struct anytls_number number = anytls_number_read(view);

    *port = (uint16_t)number.value;
    return number.valid && number.value <= 65535;
}

struct host_port host_port_read(const char *text)
{
    struct host_port result = {false, "", 0};
    const char *colon = strrchr(text, ':');
    const char *end = colon;
    const char *start = text;

    if (colon == NULL || !port_read(colon + 1, &result.port))
        return result;
    if (*text == '[') {
        start++;
        end--;
        if (end < start || *end != ']')
            return result;
    } else if (memchr(text, ':', (size_t)(colon - text)) != NULL) {
        return result; /* an IPv6 address wants brackets */
    }
    if ((size_t)(end - start) >= HOST_SIZE)
        return result;
    memcpy(result.host, start, (size_t)(end - start));
    result.host[end - start] = '\0';
    result.valid = true;
    return result;
}

void address_print(const struct anytls_address *address, char *text)
{
    char host[HOST_SIZE] = "";

    if (address->kind == ANYTLS_NAME) {
        for (size_t i = 0; i < address->size; i++)
            host[i] = (char)(isgraph(address->host[i]) ? address->host[i] : '?');
        host[address->size] = '\0';
    } else {
        inet_ntop(address->kind == ANYTLS_IPV4 ? AF_INET : AF_INET6, address->host, host,
                  sizeof host);
    }
    snprintf(text, ADDRESS_TEXT_SIZE, address->kind == ANYTLS_IPV6 ? "[%s]:%u" : "%s:%u", host,
             (unsigned)address->port);
}

bool address_from_host(const char *host, uint16_t port, struct anytls_address *address)
{
    size_t size = strlen(host);

    memset(address, 0, sizeof *address);
    address->port = port;
    if (inet_pton(AF_INET, host, address->host) == 1) {
        address->kind = ANYTLS_IPV4;
        address->size = 4;
    } else if (inet_pton(AF_INET6, host, address->host) == 1) {
        address->kind = ANYTLS_IPV6;
        address->size = 16;
    } else if (size >= 1 && size <= ANYTLS_ADDRESS_HOST_MAX) {
        address->kind = ANYTLS_NAME;
        address->size = (uint8_t)size;
        memcpy(address->host, host, size);
    } else {
        return false;
    }
    return true;
}

struct anytls_address address_from_socket(const struct sockaddr *socket)
{
    struct anytls_address address = {ANYTLS_IPV4, 0, 4, {0}};

    if (socket->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, socket, sizeof in);
        memcpy(address.host, &in.sin_addr, 4);
        address.port = ntohs(in.sin_port);
    } else {
        struct sockaddr_in6 in6;

        memcpy(&in6, socket, sizeof in6);
        address.kind = ANYTLS_IPV6;
        address.size = 16;
        memcpy(address.host, &in6.sin6_addr, 16);
        address.port = ntohs(in6.sin6_port);
    }
    return address;
}

bool address_to_socket(const struct anytls_address *address, struct sockaddr_storage *socket)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};

    memset(socket, 0, sizeof *socket);
    if (address->kind == ANYTLS_IPV4) {
        memcpy(&in.sin_addr, address->host, 4);
        memcpy(socket, &in, sizeof in);
    } else if (address->kind == ANYTLS_IPV6) {
        memcpy(&in6.sin6_addr, address->host, 16);
        memcpy(socket, &in6, sizeof in6);
    }
    return address->kind != ANYTLS_NAME;
}

static bool ipv4_is_local(const uint8_t *bytes)
{
    return bytes[0] == 127 || bytes[0] == 0 || (bytes[0] == 169 && bytes[1] == 254);
}

bool socket_is_local(const struct sockaddr *socket)
{
    static const uint8_t unspecified[16];
    static const uint8_t loopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct anytls_address address = address_from_socket(socket);

    if (address.kind == ANYTLS_IPV4)
        return ipv4_is_local(address.host);
    if (memcmp(address.host, mapped, sizeof mapped) == 0)
        return ipv4_is_local(address.host + 12);
    return memcmp(address.host, unspecified, 16) == 0 || memcmp(address.host, loopback, 16) == 0 ||
           (address.host[0] == 0xfe && (address.host[1] & 0xc0) == 0x80);
}
