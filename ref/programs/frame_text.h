/* Frames and preambles as lines of text, and back. Pure.
 *
 *     preamble hash=HEX padding=N
 *     PSH stream=1 length=5 data=68656c6c6f
 *
 * A command that the protocol does not have is written as its number. A frame without data has no
 * data field. As JSON, a line is an object with the same names. */
#ifndef ANYTLS_PROGRAMS_FRAME_TEXT_H
#define ANYTLS_PROGRAMS_FRAME_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/auth.h"

void frame_print(FILE *out, const struct anytls_frame *frame, bool json);

/* preamble: its first ANYTLS_PREAMBLE_SIZE bytes. */
void preamble_print(FILE *out, const uint8_t *preamble, bool json);

/* Reads a line as frame_print and preamble_print write it without json (length is optional and
 * then follows from data), and writes the bytes that it stands for to out.
 * NULL: done; an empty line and one that begins with '#' give nothing. Else: what is wrong.
 * out: FRAME_BYTES_MAX bytes. */
const char *frame_text_read(const char *line, uint8_t *out, size_t *size);

#define FRAME_BYTES_MAX (ANYTLS_PREAMBLE_SIZE + (size_t)ANYTLS_FRAME_DATA_MAX)

/* Value of a hexadecimal digit; -1: it is none. */
int hex_value(int digit);

#endif
