#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES 2000u
#define RESAMPLE_MAX 1024u

static int ascending(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

void values_sort(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
}

double values_quantile(const double *sorted, size_t count, double p)
{
    double place = p * (double)(count - 1);
    size_t below = (size_t)place;
    double part = place - (double)below;

    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

static void fences_apply(struct statistics *result, const double *sorted)
{
    double first = values_quantile(sorted, result->count, 0.25);
    double third = values_quantile(sorted, result->count, 0.75);
    double width = third - first;

    for (size_t i = 0; i < result->count; i++) {
        if (sorted[i] < first - 3 * width)
            result->low_severe++;
        else if (sorted[i] < first - 1.5 * width)
            result->low_mild++;
        else if (sorted[i] > third + 3 * width)
            result->high_severe++;
        else if (sorted[i] > third + 1.5 * width)
            result->high_mild++;
    }
}

/* The ranks between which the median lies with 95 % certainty, whatever the distribution: the
 * number of values below it is binomial with one half. Below six values it is all of them. */
static void interval_set(struct statistics *result, const double *sorted)
{
    double half = (double)result->count / 2;
    double reach = 1.96 * sqrt((double)result->count) / 2;
    double low = floor(half - reach);
    double high = ceil(half + reach);

    result->low = low < 1 ? sorted[0] : sorted[(size_t)low - 1];
    result->high =
        high > (double)result->count - 1 ? sorted[result->count - 1] : sorted[(size_t)high];
}

struct statistics statistics_of(double *values, size_t count)
{
    struct statistics result = {.count = count};
    double squares = 0;

    values_sort(values, count);
    for (size_t i = 0; i < count; i++)
        result.mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - result.mean) * (values[i] - result.mean);
    result.deviation = count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
    result.min = values[0];
    result.max = values[count - 1];
    result.median = values_quantile(values, count, 0.5);
    interval_set(&result, values);
    fences_apply(&result, values);
    return result;
}

static uint64_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static double median_of_resample(const double *values, size_t count, uint64_t *random)
{
    double drawn[RESAMPLE_MAX];
    size_t taken = count < RESAMPLE_MAX ? count : RESAMPLE_MAX;

    for (size_t i = 0; i < taken; i++)
        drawn[i] = values[random_next(random) % count];
    values_sort(drawn, taken);
    return values_quantile(drawn, taken, 0.5);
}

struct interval ratio_interval(const double *a, size_t a_count, const double *b, size_t b_count)
{
    static double ratios[RESAMPLES];
    struct interval result;
    uint64_t random = 1;

    for (size_t i = 0; i < RESAMPLES; i++) {
        double below = median_of_resample(a, a_count, &random);

        ratios[i] = median_of_resample(b, b_count, &random) / below;
    }
    values_sort(ratios, RESAMPLES);
    result.low = values_quantile(ratios, RESAMPLES, 0.025);
    result.high = values_quantile(ratios, RESAMPLES, 0.975);
    return result;
}
