/* What many measurements of one thing say. */
#ifndef BENCH_STATISTICS_H
#define BENCH_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

struct statistics {
    size_t count;
    double min;
    double max;
    double mean;
    double deviation; /* standard deviation of a sample */
    double median;
    double low; /* 95 % confidence interval of the median, by order statistics */
    double high;
    /* Outliers by Tukey's fences: beyond 1.5 and 3 times the middle half's width. */
    size_t low_severe;
    size_t low_mild;
    size_t high_mild;
    size_t high_severe;
};

/* values: count of them, 1 or more; they are sorted. */
struct statistics statistics_of(double *values, size_t count);

/* Sorts in ascending order. */
void values_sort(double *values, size_t count);

/* The value below which the share p (0 to 1) of the sorted values lies; between two, in proportion. */
double values_quantile(const double *sorted, size_t count, double p);

struct interval {
    double low;
    double high;
};

/* The 95 % confidence interval of median(b) / median(a), by a bootstrap with fixed random numbers. */
struct interval ratio_interval(const double *a, size_t a_count, const double *b, size_t b_count);

#endif
