/* What the files that write the page share. */
#ifndef BENCH_PAGE_H
#define BENCH_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "targets.h"

#define BARS_MAX 16u
#define BINS_MAX 200u

struct report {
    const struct json *bench;
    const struct json *peers;
    FILE *out;
    bool markdown; /* tables for a text, no page */
};

/* The first of the results' rows; NULL: none. */
const struct json *first_row(const struct json *results);

/* The results of anytls-bench: by size as lines, and each row. */
void sizes_write(const struct report *report);
void rows_write(const struct report *report);

/* Those of anytls-bench-peers. */
void peers_write(const struct report *report);

#endif
