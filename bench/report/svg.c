#include "svg.h"

#include <math.h>
#include <string.h>

#include "quantity.h"

#define BAR_HEIGHT 22.0
#define LABEL_WIDTH 118.0
#define BAR_WIDTH 330.0
#define VALUE_WIDTH 112.0

void text_write(FILE *page, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", page);
        else if (*text == '>')
            fputs("&gt;", page);
        else if (*text == '&')
            fputs("&amp;", page);
        else
            fputc(*text, page);
    }
}

void bars_write(FILE *page, const struct bar *bars, size_t count, const char *unit)
{
    double most = 0;
    double height = BAR_HEIGHT * (double)count + 4;
    char text[48];

    for (size_t i = 0; i < count; i++)
        most = fmax(most, fmax(bars[i].high, bars[i].value));
    if (!(most > 0))
        return;
    fprintf(page, "<svg viewBox='0 0 %.0f %.0f' role='img'>", LABEL_WIDTH + BAR_WIDTH + VALUE_WIDTH,
            height);
    for (size_t i = 0; i < count; i++) {
        double y = BAR_HEIGHT * (double)i + 4;
        double scale = BAR_WIDTH / most;

        fprintf(page, "<text class='l' x='%.0f' y='%.1f' text-anchor='end'>", LABEL_WIDTH - 8,
                y + 12);
        text_write(page, bars[i].label);
        fprintf(page, "</text><rect class='c%d' x='%.0f' y='%.1f' width='%.1f' height='15'/>",
                bars[i].colour, LABEL_WIDTH, y, fmax(bars[i].value * scale, 1));
        if (bars[i].high > bars[i].low)
            fprintf(page, "<path class='r' d='M%.1f %.1fH%.1f'/>",
                    LABEL_WIDTH + bars[i].low * scale, y + 7.5, LABEL_WIDTH + bars[i].high * scale);
        fprintf(page, "<text class='v' x='%.1f' y='%.1f'>",
                LABEL_WIDTH + fmax(bars[i].value, bars[i].high) * scale + 6, y + 12);
        text_write(page, quantity_text(bars[i].value, unit, text, sizeof text));
        fputs("</text>", page);
    }
    fputs("</svg>\n", page);
}

/* ---- Lines ---- */

#define PLOT_LEFT 62.0
#define PLOT_TOP 10.0
#define PLOT_WIDTH 470.0
#define PLOT_HEIGHT 230.0

struct axis {
    double low; /* decades */
    double high;
};

static void axis_take(struct axis *axis, double value)
{
    if (!(value > 0))
        return;
    axis->low = fmin(axis->low, log10(value));
    axis->high = fmax(axis->high, log10(value));
}

static double place(const struct axis *axis, double value, double size)
{
    double width = axis->high - axis->low;

    return width > 0 ? (log10(value) - axis->low) / width * size : size / 2;
}

static void number_write(FILE *page, double value)
{
    if (value >= 1e6)
        fprintf(page, "%.0fM", value / 1e6);
    else if (value >= 1e3)
        fprintf(page, "%.0fk", value / 1e3);
    else
        fprintf(page, "%g", value);
}

static void grid_write(FILE *page, const struct axis *x, const struct axis *y, const char *x_title,
                       const char *y_title)
{
    for (double at = ceil(x->low - 1e-9); at <= x->high + 1e-9; at++) {
        double left = PLOT_LEFT + place(x, pow(10, at), PLOT_WIDTH);

        fprintf(page,
                "<path class='g' d='M%.1f %.0fV%.0f'/><text class='t' x='%.1f' y='%.0f' "
                "text-anchor='middle'>",
                left, PLOT_TOP, PLOT_TOP + PLOT_HEIGHT, left, PLOT_TOP + PLOT_HEIGHT + 15);
        number_write(page, pow(10, at));
        fputs("</text>", page);
    }
    for (double at = ceil(y->low - 1e-9); at <= y->high + 1e-9; at++) {
        double top = PLOT_TOP + PLOT_HEIGHT - place(y, pow(10, at), PLOT_HEIGHT);

        fprintf(page,
                "<path class='g' d='M%.0f %.1fH%.0f'/><text class='t' x='%.0f' y='%.1f' "
                "text-anchor='end'>",
                PLOT_LEFT, top, PLOT_LEFT + PLOT_WIDTH, PLOT_LEFT - 6, top + 4);
        number_write(page, pow(10, at));
        fputs("</text>", page);
    }
    fprintf(page, "<text class='t' x='%.0f' y='%.0f' text-anchor='middle'>",
            PLOT_LEFT + PLOT_WIDTH / 2, PLOT_TOP + PLOT_HEIGHT + 32);
    text_write(page, x_title);
    fprintf(page,
            "</text><text class='t' transform='translate(13 %.0f) rotate(-90)' "
            "text-anchor='middle'>",
            PLOT_TOP + PLOT_HEIGHT / 2);
    text_write(page, y_title);
    fputs("</text>", page);
}

static void line_write(FILE *page, const struct line *line, const struct axis *x,
                       const struct axis *y)
{
    char sign = 'M';

    fprintf(page, "<path class='p c%d' d='", line->colour);
    for (size_t i = 0; i < line->count; i++) {
        if (!(line->x[i] > 0) || !(line->y[i] > 0))
            continue;
        fprintf(page, "%c%.1f %.1f", sign, PLOT_LEFT + place(x, line->x[i], PLOT_WIDTH),
                PLOT_TOP + PLOT_HEIGHT - place(y, line->y[i], PLOT_HEIGHT));
        sign = 'L';
    }
    fputs("'/>", page);
}

static void legend_write(FILE *page, const struct line *lines, size_t count)
{
    fputs("<p class='legend'>", page);
    for (size_t i = 0; i < count; i++) {
        fprintf(page, "<span><i class='c%d'></i>", lines[i].colour);
        text_write(page, lines[i].label);
        fputs("</span> ", page);
    }
    fputs("</p>\n", page);
}

void lines_write(FILE *page, const struct line *lines, size_t count, const char *x_title,
                 const char *y_title)
{
    struct axis x = {INFINITY, -INFINITY};
    struct axis y = {INFINITY, -INFINITY};

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < lines[i].count; j++) {
            if (!(lines[i].y[j] > 0))
                continue;
            axis_take(&x, lines[i].x[j]);
            axis_take(&y, lines[i].y[j]);
        }
    }
    if (!(x.high >= x.low) || !(y.high >= y.low))
        return;
    y.low = floor(y.low + 1e-9);
    y.high = fmax(ceil(y.high - 1e-9), y.low + 1);
    fprintf(page, "<svg viewBox='0 0 %.0f %.0f' role='img'>", PLOT_LEFT + PLOT_WIDTH + 16,
            PLOT_TOP + PLOT_HEIGHT + 38);
    grid_write(page, &x, &y, x_title, y_title);
    for (size_t i = 0; i < count; i++)
        line_write(page, &lines[i], &x, &y);
    fputs("</svg>", page);
    legend_write(page, lines, count);
}

/* ---- Strips ---- */

#define STRIP_WIDTH 150.0

void strip_write(FILE *page, const double *samples, size_t count, double median)
{
    double low = INFINITY;
    double high = -INFINITY;

    for (size_t i = 0; i < count; i++) {
        low = fmin(low, samples[i]);
        high = fmax(high, samples[i]);
    }
    if (!(high > low))
        return;
    fprintf(page, "<svg class='s' viewBox='0 0 %.0f 16'><path class='k' d='", STRIP_WIDTH);
    for (size_t i = 0; i < count; i++)
        fprintf(page, "M%.1f 3v10", (samples[i] - low) / (high - low) * (STRIP_WIDTH - 4) + 2);
    fprintf(page, "'/><path class='m' d='M%.1f 0v16'/></svg>",
            (median - low) / (high - low) * (STRIP_WIDTH - 4) + 2);
}
