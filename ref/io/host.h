/* A host as people write it, as a destination. It resolves no names. */
#ifndef ANYTLS_IO_HOST_H
#define ANYTLS_IO_HOST_H

#include <stdbool.h>

#include "core/address.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a host: an IPv4 or IPv6 address without brackets, or else a name.
 * false: a name of no bytes, or of more than ANYTLS_ADDRESS_HOST_MAX. */
bool anytls_host_read(const char *text, uint16_t port, struct anytls_address *address);

#ifdef __cplusplus
}
#endif

#endif
