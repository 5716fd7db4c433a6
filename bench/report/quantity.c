#include "quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *quantity_text(double value, const char *unit, char *text, size_t size)
{
    static const struct {
        const char *unit;
        const char *next;
    } steps[] = {{"ns", "us"}, {"us", "ms"}, {"ms", "s"}, {"MB/s", "GB/s"}, {"KiB", "MiB"}};
    const char *space = unit[0] != '\0' ? " " : "";
    int digits;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (fabs(value) >= 1000 && strcmp(unit, steps[i].unit) == 0) {
            value /= 1000;
            unit = steps[i].next;
        }
    }
    digits = value >= 100 || value == floor(value) ? 0 : value >= 10 ? 1 : 2;
    if (value > 0 && value < 0.1)
        snprintf(text, size, "%.2g%s%s", value, space, unit);
    else
        snprintf(text, size, "%.*f%s%s", digits, value, space, unit);
    return text;
}
