/* The page's part on what the reference is compared with. */
#include <math.h>
#include <string.h>

#include "page.h"
#include "quantity.h"
#include "svg.h"

static int colour_of(const char *contender)
{
    static const char *const order[] = {"reference",     "direct",        "relay-plain",
                                        "relay-batched", "reference-256", "anytls-go",
                                        "sing-box",      "anytls-rs"};

    for (int i = 0; i < 8; i++)
        if (strcmp(order[i], contender) == 0)
            return i;
    return 1;
}

static bool same_metric(const struct json *a, const struct json *b)
{
    return strcmp(json_text(a, "workload", ""), json_text(b, "workload", "")) == 0 &&
           strcmp(json_text(a, "metric", ""), json_text(b, "metric", "")) == 0;
}

static bool first_of_metric(const struct json *row, const struct json *first)
{
    for (; first != row; first = first->next)
        if (same_metric(first, row))
            return false;
    return true;
}

static void metric_write(const struct report *report, const struct json *row)
{
    struct bar bars[BARS_MAX];
    size_t count = 0;

    for (const struct json *each = row; each != NULL && count < BARS_MAX; each = each->next) {
        const char *name = json_text(each, "contender", "");

        if (same_metric(each, row))
            bars[count++] =
                (struct bar){name, json_number(each, "median", 0), json_number(each, "min", 0),
                             json_number(each, "max", 0), colour_of(name)};
    }
    fputs("<div><h3>", report->out);
    text_write(report->out, json_text(row, "workload", ""));
    fputs(": ", report->out);
    text_write(report->out, json_text(row, "metric", ""));
    fprintf(report->out, " (%s is better)</h3><p class='note'>",
            json_true(row, "more") ? "more" : "less");
    text_write(report->out, json_text(row, "what", ""));
    fputs("</p>", report->out);
    bars_write(report->out, bars, count, json_text(row, "unit", ""));
    fputs("</div>\n", report->out);
}

static void metric_write_text(const struct report *report, const struct json *row)
{
    double ours = peers_median(report->peers, json_text(row, "workload", ""),
                               json_text(row, "metric", ""), "reference");
    const char *unit = json_text(row, "unit", "");
    char texts[3][32];

    for (const struct json *each = row; each != NULL; each = each->next) {
        double median = json_number(each, "median", 0);

        if (!same_metric(each, row))
            continue;
        fprintf(report->out, "| %s | %s | %s | %s | %s to %s |",
                each == row ? json_text(row, "workload", "") : "",
                each == row ? json_text(row, "metric", "") : "", json_text(each, "contender", ""),
                quantity_text(median, unit, texts[0], sizeof texts[0]),
                quantity_text(json_number(each, "min", 0), unit, texts[1], sizeof texts[1]),
                quantity_text(json_number(each, "max", 0), unit, texts[2], sizeof texts[2]));
        if (ours > 0 && median > 0)
            fprintf(report->out, " %.2f |\n", ours / median);
        else
            fputs(" |\n", report->out);
    }
}

/* How many of a hundred thousand take longer than each time: the tail is what is looked at. */
static void histograms_write(const struct report *report, const char *workload, const char *title)
{
    static double x[BARS_MAX][BINS_MAX];
    static double y[BARS_MAX][BINS_MAX];
    struct line lines[BARS_MAX];
    size_t count = 0;
    const struct json *all = json_get(report->peers, "histograms");

    for (const struct json *each = all != NULL ? all->first : NULL;
         each != NULL && count < BARS_MAX; each = each->next) {
        const char *name = json_text(each, "contender", "");
        size_t bins;
        double *counts = json_numbers(each, "bins", &bins);
        double total = 0;
        double over;

        if (strcmp(json_text(each, "workload", ""), workload) != 0)
            continue;
        bins = bins < BINS_MAX ? bins : BINS_MAX;
        for (size_t i = 0; i < bins; i++)
            total += counts[i];
        over = total;
        for (size_t i = 0; i < bins; i++) {
            over -= counts[i];
            x[count][i] = pow(2, (double)(i + 1) / 4);
            y[count][i] = over > 0 && over < total ? 100 * over / total : 0;
        }
        lines[count] = (struct line){name, x[count], y[count], bins, colour_of(name)};
        count++;
    }
    if (count == 0)
        return;
    fprintf(report->out, "<div><h3>%s: how many take longer</h3>", title);
    lines_write(report->out, lines, count, "microseconds", "percent that take longer");
    fputs("</div>\n", report->out);
}

void peers_write(const struct report *report)
{
    const struct json *first = first_row(report->peers);
    const struct json *list = json_get(report->peers, "contenders");

    fputs(report->markdown ? "### Side by side\n\n" : "<h2>Side by side</h2><ul>", report->out);
    for (const struct json *each = list != NULL ? list->first : NULL; each != NULL;
         each = each->next) {
        fprintf(report->out,
                report->markdown ? "- **%s**: " : "<li><b>%s</b>: ", json_text(each, "name", ""));
        text_write(report->out, json_text(each, "what", ""));
        fprintf(report->out, "; %s %s %s%s%s\n", json_text(each, "cipher", ""),
                json_text(each, "group", ""), json_text(each, "key", ""),
                json_text(each, "error", "")[0] != '\0' ? "; left out: " : "",
                json_text(each, "error", ""));
    }
    fputs(report->markdown ? "\n| workload | metric | contender | median | rounds | reference / it "
                             "|\n|---|---|---|---|---|---|\n"
                           : "</ul><div class='grid'>",
          report->out);
    for (const struct json *row = first; row != NULL; row = row->next) {
        if (!first_of_metric(row, first))
            continue;
        if (report->markdown)
            metric_write_text(report, row);
        else
            metric_write(report, row);
    }
    if (!report->markdown) {
        histograms_write(report, "echo", "echo, closed loop");
        histograms_write(report, "echo-rate", "echo at a fixed arrival rate");
        fputs("</div>\n", report->out);
    }
    list = json_get(report->peers, "refusals");
    fputs(list != NULL && list->first != NULL && report->markdown ? "\nWhat did not work:\n\n" : "",
          report->out);
    for (const struct json *each = list != NULL ? list->first : NULL; each != NULL;
         each = each->next) {
        fprintf(report->out, report->markdown ? "- %s, %s: " : "<p class='bad'>%s, %s: ",
                json_text(each, "contender", ""), json_text(each, "workload", ""));
        text_write(report->out, json_text(each, "error", ""));
        fputs(report->markdown ? "\n" : "</p>", report->out);
    }
    fputs("\n", report->out);
}
