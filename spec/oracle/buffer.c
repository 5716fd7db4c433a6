#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "oracle.h"

_Noreturn void oracle_fault(const char *what)
{
    fprintf(stderr, "oracle: %s\n", what);
    abort();
}

void *oracle_memory(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL)
        oracle_fault("out of memory");
    return memory;
}

struct oracle_bytes oracle_string(const char *string)
{
    struct oracle_bytes bytes = {(const uint8_t *)string, strlen(string)};

    return bytes;
}

bool oracle_is(struct oracle_bytes bytes, const char *string)
{
    if (bytes.size != strlen(string))
        return false;
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.at[i] != (uint8_t)string[i])
            return false;
    return true;
}

void oracle_buffer_byte(struct oracle_buffer *buffer, uint8_t byte)
{
    if (buffer->size == buffer->capacity) {
        size_t capacity = buffer->capacity == 0 ? 256 : 2 * buffer->capacity;

        if (capacity > ORACLE_BUFFER_MAX)
            oracle_fault("a buffer is over its bound");
        buffer->at = realloc(buffer->at, capacity);
        if (buffer->at == NULL)
            oracle_fault("out of memory");
        buffer->capacity = capacity;
    }
    buffer->at[buffer->size] = byte;
    buffer->size++;
}

void oracle_buffer_add(struct oracle_buffer *buffer, struct oracle_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        oracle_buffer_byte(buffer, bytes.at[i]);
}

void oracle_buffer_u16(struct oracle_buffer *buffer, uint32_t number)
{
    oracle_buffer_byte(buffer, (uint8_t)(number >> 8));
    oracle_buffer_byte(buffer, (uint8_t)number);
}

struct oracle_bytes oracle_buffer_bytes(const struct oracle_buffer *buffer)
{
    struct oracle_bytes bytes = {buffer->at, buffer->size};

    return bytes;
}

void oracle_buffer_free(struct oracle_buffer *buffer)
{
    struct oracle_buffer empty = {0};

    free(buffer->at);
    *buffer = empty;
}
