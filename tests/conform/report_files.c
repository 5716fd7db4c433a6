/* The reports for machines, and the one for browsers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runner.h"

static FILE *file_open(const char *path)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        fprintf(stderr, "anytls-conform: %s: %s\n", path, strerror(errno));
    return file;
}

static void json_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; text != NULL && *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            fprintf(file, "\\%c", byte);
        else if (byte == '\n')
            fputs("\\n", file);
        else if (byte < 0x20 || byte > 0x7e)
            fprintf(file, "\\u%04x", byte);
        else
            fputc(byte, file);
    }
    fputc('"', file);
}

static void json_field(FILE *file, const char *name, const char *text)
{
    fprintf(file, "\"%s\": ", name);
    json_string(file, text);
    fputs(", ", file);
}

static void write_json(FILE *file, const struct options *options, const struct results *results)
{
    fprintf(file, "{\"tool\": \"anytls-conform\", \"version\": \"%s\", \"mode\": \"%s\", ",
            ANYTLS_VERSION, mode_name(options));
    fprintf(file, "\"seed\": %u, \"cases\": [\n", (unsigned)options->seed);
    for (size_t i = 0; i < results->count; i++) {
        const struct outcome *outcome = &results->outcomes[i];

        fputs("{", file);
        json_field(file, "name", outcome->name);
        json_field(file, "what", outcome->test->what);
        json_field(file, "requirement", outcome->requirement->id);
        json_field(file, "level", level_name(outcome->level));
        json_field(file, "verdict", verdict_name(outcome->verdict));
        json_field(file, "message", outcome->message);
        if (outcome->expected)
            json_field(file, "expected", outcome->expectation);
        if (outcome->verdict == VERDICT_FAIL)
            json_field(file, "transcript", outcome->transcript);
        fprintf(file, "\"ms\": %llu, \"counts\": %s}%s\n", (unsigned long long)outcome->took,
                outcome_counts(options, outcome) ? "true" : "false",
                i + 1 < results->count ? "," : "");
    }
    fputs("]}\n", file);
}

/* Text for XML and HTML: ASCII, markup escaped. */
static void markup(FILE *file, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        switch (*text) {
        case '<': fputs("&lt;", file); break;
        case '>': fputs("&gt;", file); break;
        case '&': fputs("&amp;", file); break;
        case '"': fputs("&quot;", file); break;
        case '\n': fputc('\n', file); break;
        default: fputc(*text < 0x20 || *text > 0x7e ? '?' : *text, file);
        }
    }
}

static void junit_case(FILE *file, const struct options *options, const struct outcome *outcome)
{
    fprintf(file, "<testcase classname=\"anytls.%s\" name=\"", outcome->section->name);
    markup(file, outcome->name);
    fprintf(file, "\" time=\"%.3f\">", (double)outcome->took / 1000);
    if (outcome_counts(options, outcome)) {
        fputs("<failure message=\"", file);
        markup(file, outcome->expected ? "passes, and was expected to fail" : outcome->message);
        fputs("\">", file);
        markup(file, outcome->requirement->sentence);
        fputc('\n', file);
        markup(file, outcome->transcript);
        fputs("</failure>", file);
    } else if (outcome->verdict != VERDICT_PASS) {
        fputs("<skipped message=\"", file);
        markup(file, outcome->expected ? outcome->expectation : outcome->message);
        fputs("\"/>", file);
    }
    fputs("</testcase>\n", file);
}

static void write_junit(FILE *file, const struct options *options, const struct results *results)
{
    unsigned failures = 0;
    unsigned skipped = 0;

    for (size_t i = 0; i < results->count; i++) {
        bool counts = outcome_counts(options, &results->outcomes[i]);

        failures += counts;
        skipped += !counts && results->outcomes[i].verdict != VERDICT_PASS;
    }
    fprintf(file,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite "
            "name=\"anytls-conform %s\" tests=\"%zu\" failures=\"%u\" errors=\"0\" "
            "skipped=\"%u\">\n",
            mode_name(options), results->count, failures, skipped);
    for (size_t i = 0; i < results->count; i++)
        junit_case(file, options, &results->outcomes[i]);
    fputs("</testsuite>\n</testsuites>\n", file);
}

static void html_row(FILE *file, const struct outcome *outcome)
{
    fprintf(file, "<tr class=\"%s\"><td>%s</td><td>%s</td><td>", verdict_name(outcome->verdict),
            verdict_name(outcome->verdict), level_name(outcome->level));
    markup(file, outcome->name);
    fputs("</td><td>", file);
    markup(file, outcome->test->what);
    if (outcome->message[0] != '\0') {
        fputs("<br/><b>", file);
        markup(file, outcome->message);
        fputs("</b>", file);
    }
    if (outcome->verdict == VERDICT_FAIL) {
        fputs("<br/>", file);
        markup(file, outcome->requirement->id);
        fputs(": ", file);
        markup(file, outcome->requirement->sentence);
        fputs("<details><summary>transcript</summary><pre>", file);
        markup(file, outcome->transcript);
        fputs("</pre></details>", file);
    }
    fputs("</td></tr>\n", file);
}

static void write_html(FILE *file, const struct options *options, const struct results *results)
{
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
            "<title>anytls-conform %s</title><style>body{font-family:sans-serif}"
            "td{border-bottom:1px solid #ccc;padding:2px 8px;vertical-align:top}"
            ".PASS td:first-child{color:#070}.FAIL td:first-child,.ERROR td:first-child{color:#b00}"
            ".SKIP td:first-child{color:#850}</style></head><body><h1>anytls-conform %s: %s</h1>"
            "<table>\n",
            ANYTLS_VERSION, ANYTLS_VERSION, mode_name(options));
    for (size_t i = 0; i < results->count; i++)
        html_row(file, &results->outcomes[i]);
    fputs("</table></body></html>\n", file);
}

static bool report_file(const char *path,
                        void (*write)(FILE *, const struct options *, const struct results *),
                        const struct options *options, const struct results *results)
{
    FILE *file = path == NULL ? NULL : file_open(path);

    if (file == NULL)
        return path == NULL;
    write(file, options, results);
    return fclose(file) == 0;
}

bool report_files(const struct options *options, const struct results *results)
{
    bool json = report_file(options->json, write_json, options, results);
    bool junit = report_file(options->junit, write_junit, options, results);
    bool html = report_file(options->html, write_html, options, results);

    return json && junit && html;
}
