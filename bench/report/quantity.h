/* Numbers for people. */
#ifndef BENCH_QUANTITY_H
#define BENCH_QUANTITY_H

#include <stddef.h>

/* A number with its unit, or a greater one: 1234 ns is 1.23 us. */
const char *quantity_text(double value, const char *unit, char *text, size_t size);

#endif
