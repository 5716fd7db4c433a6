#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../statistics.h"
#include "workload.h"

void outcome_put(struct outcome *outcome, const char *name, const char *unit, bool more,
                 double value)
{
    struct metric *metric = &outcome->metrics[outcome->count];

    if (outcome->count == METRICS_MAX || outcome->error[0] != '\0' || !isfinite(value))
        return;
    snprintf(metric->name, sizeof metric->name, "%s", name);
    metric->unit = unit;
    metric->more = more;
    metric->value = value;
    outcome->count++;
}

/* The first reason is the right one. */
void outcome_fail(struct outcome *outcome, const char *format, ...)
{
    va_list arguments;

    if (outcome->error[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(outcome->error, sizeof outcome->error, format, arguments);
    va_end(arguments);
}

void outcome_put_latencies(struct outcome *outcome, double *latencies, size_t count)
{
    outcome->has_histogram = true;
    for (size_t i = 0; i < count; i++) {
        double bin = latencies[i] > 1000 ? 4 * log2(latencies[i] / 1000) : 0;

        outcome->histogram[bin < HISTOGRAM_BINS - 1 ? (size_t)bin : HISTOGRAM_BINS - 1]++;
    }
    values_sort(latencies, count);
    outcome_put(outcome, "p50", "us", false, values_quantile(latencies, count, 0.5) / 1000);
    outcome_put(outcome, "p99", "us", false, values_quantile(latencies, count, 0.99) / 1000);
    outcome_put(outcome, "p99.9", "us", false, values_quantile(latencies, count, 0.999) / 1000);
    outcome_put(outcome, "max", "us", false, latencies[count - 1] / 1000);
}

bool outcome_start(struct outcome *outcome, struct running *running,
                   const struct contender *contender, const struct places *places)
{
    if (running_start(running, contender, places))
        return true;
    outcome_fail(outcome, "%s", running->error);
    return false;
}
