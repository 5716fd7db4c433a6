/* A growing end in somebody else's memory: what the parts of ref/io hand to each other. */
#ifndef ANYTLS_IO_BUFFER_H
#define ANYTLS_IO_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct anytls_buffer {
    uint8_t *bytes; /* capacity of them, the caller's */
    size_t capacity;
    size_t size; /* filled so far */
};

#endif
