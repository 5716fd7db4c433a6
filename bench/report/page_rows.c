/* The page's part on the reference alone. */
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "quantity.h"
#include "svg.h"

/* Rows whose name is a function's, and then a number alone, or a number and this text. */
static size_t series_read(const struct json *bench, const char *function, const char *behind,
                          double *x, double *y)
{
    size_t count = 0;
    size_t size = strlen(function);

    for (const struct json *row = first_row(bench); row != NULL && count < BINS_MAX;
         row = row->next) {
        const char *name = json_text(row, "name", "");
        char *end;

        if (strncmp(name, function, size) != 0 || name[size] != '/')
            continue;
        x[count] = strtod(name + size + 1, &end);
        y[count] = json_number(row, "min", 0);
        if (end != name + size + 1 && strcmp(end, behind) == 0)
            count++;
    }
    return count;
}

static void streams_write(const struct report *report)
{
    static double x[BINS_MAX];
    static double y[BINS_MAX];
    struct line line = {"1 KiB in each stream in turn", x, y, 0, 0};

    line.count = series_read(report->bench, "session_bench/bench_session_multiple_streams",
                             " streams", x, y);
    for (size_t i = 0; i < line.count; i++)
        y[i] /= x[i];
    fputs("<div><h3>Nanoseconds a frame, by streams in the session</h3>", report->out);
    lines_write(report->out, &line, 1, "streams", "nanoseconds");
    fputs("</div>", report->out);
}

void sizes_write(const struct report *report)
{
    static const char *const series[][3] = {
        {"frame encode", "session_bench/bench_frame_encoding", ""},
        {"memcpy", "comparison_bench/bench_baseline_frame_encoding", " memcpy of the payload"},
        {"frame decode", "session_bench/bench_frame_decode", ""},
        {"write, in memory", "session_bench/bench_session_write_data_frame", " in memory"},
        {"write, over TLS", "session_bench/bench_session_write_data_frame", " over TLS"},
        {"write, OpenSSL alone", "session_bench/bench_session_write_data_frame",
         " by OpenSSL alone"},
        {"stream read", "stream_bench/bench_stream_read", ""},
    };
    static const int colours[] = {0, 1, 5, 4, 6, 2, 3};
    static double x[7][BINS_MAX];
    static double y[7][BINS_MAX];
    struct line lines[7];

    for (size_t i = 0; i < 7; i++)
        lines[i] = (struct line){series[i][0], x[i], y[i],
                                 series_read(report->bench, series[i][1], series[i][2], x[i], y[i]),
                                 colours[i]};
    fputs("<h2>By size, by streams</h2><div class='grid'><div>"
          "<h3>Nanoseconds an operation, fastest sample</h3>",
          report->out);
    lines_write(report->out, lines, 7, "bytes of payload", "nanoseconds");
    fputs("</div>", report->out);
    streams_write(report);
    fputs("</div>\n", report->out);
}

static void row_write(const struct report *report, const struct json *row)
{
    size_t count;
    double *samples = json_numbers(row, "samples", &count);
    double median = json_number(row, "median", 0);
    double bytes = json_number(row, "bytes", 0);
    const char *unit = json_text(row, "unit", "ns");
    char texts[4][32];
    const bool timed = strcmp(unit, "ns") == 0 && median > 0;

    fputs(report->markdown ? "| " : "<tr><td>", report->out);
    text_write(report->out, json_text(row, "name", ""));
    if (!timed) {
        fprintf(report->out,
                report->markdown ? " | %s | | | |\n" : "<td class='n'>%s<td><td><td><td></tr>\n",
                quantity_text(json_number(row, "value", 0), unit, texts[0], sizeof texts[0]));
        return;
    }
    snprintf(texts[3], sizeof texts[3], "%s", "");
    if (bytes > 0)
        quantity_text(bytes / median * 1000, "MB/s", texts[3], sizeof texts[3]);
    fprintf(report->out,
            report->markdown ? " | %s | %s to %s | %s | %.5g |"
                             : "<td class='n'>%s<td class='n'>%s to %s<td class='n'>%s"
                               "<td class='n'>%.5g",
            quantity_text(median, "ns", texts[0], sizeof texts[0]),
            quantity_text(json_number(row, "low", 0), "ns", texts[1], sizeof texts[1]),
            quantity_text(json_number(row, "high", 0), "ns", texts[2], sizeof texts[2]), texts[3],
            json_number(row, "allocations", 0));
    if (!report->markdown) {
        fputs("<td>", report->out);
        strip_write(report->out, samples, count, median);
    }
    fputs(report->markdown ? "\n" : "</tr>\n", report->out);
}

void rows_write(const struct report *report)
{
    fputs(report->markdown ? "### All rows\n\n| row | median | 95 % interval | rate | allocations "
                             "|\n|---|---|---|---|---|\n"
                           : "<h2>All rows</h2><div class='wide'><table "
                             "class='rows'><tr><th>row<th>median<th>95 % "
                             "interval<th>rate<th>allocations<th>samples</tr>\n",
          report->out);
    for (const struct json *row = first_row(report->bench); row != NULL; row = row->next)
        row_write(report, row);
    fputs(report->markdown ? "\n" : "</table></div>\n", report->out);
}
