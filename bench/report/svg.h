/* Plots as SVG inside a page. Colours are classes and variables of the page, so that they follow
 * its light and dark. */
#ifndef BENCH_SVG_H
#define BENCH_SVG_H

#include <stddef.h>
#include <stdio.h>

/* Text with what HTML would take for its own replaced. */
void text_write(FILE *page, const char *text);

struct bar {
    const char *label;
    double value;
    double low; /* of the rounds */
    double high;
    int colour; /* 0 to 7 */
};

/* Horizontal bars from zero, each with its range and value. */
void bars_write(FILE *page, const struct bar *bars, size_t count, const char *unit);

struct line {
    const char *label;
    const double *x;
    const double *y;
    size_t count;
    int colour;
};

/* Lines over logarithmic axes; points where the data are. */
void lines_write(FILE *page, const struct line *lines, size_t count, const char *x_title,
                 const char *y_title);

/* Where samples lie between the least and the greatest: a strip of ticks, with the median. */
void strip_write(FILE *page, const double *samples, size_t count, double median);

#endif
