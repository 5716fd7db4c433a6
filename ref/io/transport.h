/* What carries the bytes of a connection for the blocking interface: three functions, and random
 * numbers for its padding. socket.h and memory.h make transports; so can anybody, around another
 * one or from scratch. */
#ifndef ANYTLS_IO_TRANSPORT_H
#define ANYTLS_IO_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum anytls_io_status {
    ANYTLS_IO_OK,
    ANYTLS_IO_END,     /* the peer has ended its side; everything before has been read */
    ANYTLS_IO_TIMEOUT, /* the deadline passed */
    ANYTLS_IO_FAILED   /* the transport is of no more use */
};

struct anytls_io_result {
    enum anytls_io_status status;
    size_t size; /* bytes read; above 0 with ANYTLS_IO_OK, else 0 */
};

#define ANYTLS_NEVER UINT64_MAX /* a deadline that does not come */

/* Deadlines are absolute, in milliseconds of the clock that now reads. */
struct anytls_transport {
    void *context; /* for the functions */

    /* Reads 1 to size bytes, waiting until some come. A deadline that has passed means: only what
     * is there already. */
    struct anytls_io_result (*read)(void *context, uint8_t *bytes, size_t size, uint64_t deadline);

    /* Writes all bytes, as one piece where the transport knows pieces (a TLS record holds up to
     * 16 KiB). Where it fails, nobody knows how many have left. */
    enum anytls_io_status (*write)(void *context, const uint8_t *bytes, size_t size,
                                   uint64_t deadline);

    /* Milliseconds of a clock that never goes back. */
    uint64_t (*now)(void *context);

    /* Any 32 bits: the sizes of padding are drawn from them. */
    uint32_t (*random)(void *context);
};

#ifdef __cplusplus
}
#endif

#endif
