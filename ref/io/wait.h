/* Waiting for a descriptor, and the clock for it: for the files of ref/io that use sockets. */
#ifndef ANYTLS_IO_WAIT_H
#define ANYTLS_IO_WAIT_H

#include "io/transport.h"

/* Milliseconds since some moment; never goes back. */
uint64_t anytls_clock(void);

/* The moment timeout milliseconds from now; ANYTLS_NEVER for a timeout of ANYTLS_NEVER. */
uint64_t anytls_deadline_after(uint64_t now, uint64_t timeout);

/* Waits until the descriptor can be read (POLLIN) or written (POLLOUT), or has failed, which the
 * next call to it then tells. Else errno says why not, ETIMEDOUT with ANYTLS_IO_TIMEOUT. */
enum anytls_io_status anytls_wait(int descriptor, short events, uint64_t deadline);

#endif
