/* anytls-bench-report: results as one page that needs nothing else, or as text for BENCHMARKS.md. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "page.h"
#include "svg.h"

#define EXIT_USAGE 2

static const char usage[] =
    "Usage: anytls-bench-report [--bench F] [--peers F] [--markdown] --out F\n"
    "Makes a page with plots of what anytls-bench and anytls-bench-peers have written; with\n"
    "--markdown, tables for a text.\n";

static const char head[] =
    "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>"
    "<meta name='viewport' content='width=device-width'><title>anytls-ref: benchmarks</title>"
    "<style>\n"
    ":root{--ground:#fff;--ink:#1c2330;--soft:#5b6472;--rule:#d9dde3;--c0:#0b62c4;--c1:#8a93a0;"
    "--c2:#b4552b;--c3:#a07410;--c4:#5a9be0;--c5:#23815a;--c6:#7a4fb5;--c7:#b03a6b;"
    "--good:#1d7a45;--bad:#b3261e}\n"
    "@media(prefers-color-scheme:dark){:root{--ground:#14181f;--ink:#e6e9ee;--soft:#9aa3b0;"
    "--rule:#333b47;--c0:#5aa2f5;--c1:#7f8896;--c2:#e08a5c;--c3:#d6a941;--c4:#8fbdf0;"
    "--c5:#57c08f;--c6:#b292e6;--c7:#e57ba6;--good:#57c08f;--bad:#f0867e}}\n"
    "body{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif;"
    "max-width:1160px;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.6rem}h2{margin-top:2.4rem;border-bottom:1px solid var(--rule)}"
    "h3{font-size:1rem;margin:0 0 .3rem}p.note{color:var(--soft);margin:.2rem 0 1rem}\n"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));"
    "gap:1.6rem}\n"
    "svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg.s{width:150px;height:16px}\n"
    "svg text{fill:var(--ink)}svg .t,svg .l{fill:var(--soft)}"
    ".g{stroke:var(--rule);fill:none}.r{stroke:var(--ink);stroke-width:1.5;fill:none}"
    ".p{fill:none;stroke-width:2.2}.k{stroke:var(--c0);opacity:.45}.m{stroke:var(--ink);"
    "stroke-width:1.5}\n"
    "rect.c0{fill:var(--c0)}rect.c1{fill:var(--c1)}rect.c2{fill:var(--c2)}rect.c3{fill:var(--c3)}"
    "rect.c4{fill:var(--c4)}rect.c5{fill:var(--c5)}rect.c6{fill:var(--c6)}rect.c7{fill:var(--c7)}\n"
    ".p.c0{stroke:var(--c0)}.p.c1{stroke:var(--c1)}.p.c2{stroke:var(--c2)}.p.c3{stroke:var(--c3)}"
    ".p.c4{stroke:var(--c4)}.p.c5{stroke:var(--c5)}.p.c6{stroke:var(--c6)}"
    ".p.c7{stroke:var(--c7)}\n"
    "i{display:inline-block;width:.8em;height:.8em;margin-right:.35em}i.c0{background:var(--c0)}"
    "i.c1{background:var(--c1)}i.c2{background:var(--c2)}i.c3{background:var(--c3)}"
    "i.c4{background:var(--c4)}i.c5{background:var(--c5)}i.c6{background:var(--c6)}"
    "i.c7{background:var(--c7)}.legend span{margin-right:1em;color:var(--soft);"
    "white-space:nowrap}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px;"
    "font-variant-numeric:tabular-nums}"
    "td,th{padding:.15rem .6rem;border-bottom:1px solid var(--rule);text-align:left;"
    "white-space:nowrap}td.n{text-align:right}.good{color:var(--good)}.bad{color:var(--bad)}\n"
    ".rows td:first-child{white-space:normal}"
    ".rows th:not(:first-child):not(:last-child){text-align:right}@media(max-width:720px){.targets "
    "td{white-space:normal}.targets td,.targets th{"
    "padding:.15rem .35rem}}\n"
    "</style></head><body><h1>anytls-ref: benchmarks</h1>\n";

const struct json *first_row(const struct json *results)
{
    const struct json *rows = json_get(results, "rows");

    return rows != NULL ? rows->first : NULL;
}

/* ---- The machine ---- */

static void machine_write(const struct report *report)
{
    const struct json *machine =
        json_get(report->bench != NULL ? report->bench : report->peers, "machine");
    static const char *const keys[] = {"processor", "flags", "kernel",
                                       "compiler",  "libc",  "openssl"};

    fputs(report->markdown ? "" : "<p class='note'>", report->out);
    fprintf(report->out, "%g cores", json_number(machine, "cores", 0));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        fprintf(report->out, "; %s: ", keys[i]);
        text_write(report->out, json_text(machine, keys[i], "unknown"));
    }
    fputs(report->markdown ? ".\n\n" : "</p>\n", report->out);
}

/* ---- Targets ---- */

static void text_put(const struct report *report, const char *text)
{
    if (report->markdown)
        fputs(text, report->out);
    else
        text_write(report->out, text);
}

static const char *verdict_of(const struct target *target)
{
    if (!target->known)
        return "";
    if (strcmp(target->goal, "reported") == 0)
        return "reported";
    return target->met ? "yes" : "no";
}

static void target_write(const struct report *report, const struct target *target)
{
    const char *verdict = verdict_of(target);

    fputs(report->markdown ? "| " : "<tr><td>", report->out);
    text_put(report, target->what);
    fputs(report->markdown ? " | " : "<td>", report->out);
    text_put(report, target->goal);
    if (report->markdown)
        fprintf(report->out, " | %s | %s |\n", target->measured, verdict);
    else
        fprintf(report->out, "<td>%s<td class='%s'>%s</tr>\n", target->measured,
                target->met ? "good" : "bad", verdict);
}

static void targets_write(const struct report *report, bool seed, const char *title)
{
    static struct target targets[TARGETS_MAX];
    size_t count = targets_read(report->bench, report->peers, targets);

    fprintf(report->out,
            report->markdown ? "### %s\n\n| target | goal | measured | met |\n|---|---|---|---|\n"
                             : "<h2>%s</h2><div class='wide'><table "
                               "class='targets'><tr><th>target<th>goal<th>measured"
                               "<th>met</tr>\n",
            title);
    for (size_t i = 0; i < count; i++)
        if (targets[i].seed == seed)
            target_write(report, &targets[i]);
    fputs(report->markdown ? "\n" : "</table></div>\n", report->out);
}

/* ---- All of it ---- */

static const struct json *results_read(const char *path, const char *format)
{
    char error[256];
    const struct json *results;

    if (path == NULL)
        return NULL;
    results = json_read(path, error);
    if (results == NULL) {
        fprintf(stderr, "anytls-bench-report: %s\n", error);
        exit(EXIT_USAGE);
    }
    if (strcmp(json_text(results, "format", ""), format) != 0) {
        fprintf(stderr, "anytls-bench-report: %s is not of the format %s\n", path, format);
        exit(EXIT_USAGE);
    }
    return results;
}

static void write_all(const struct report *report)
{
    if (!report->markdown)
        fputs(head, report->out);
    machine_write(report);
    targets_write(report, true, "The seed project's targets");
    targets_write(report, false, "Targets");
    if (report->peers != NULL)
        peers_write(report);
    if (report->bench != NULL && !report->markdown)
        sizes_write(report);
    if (report->bench != NULL)
        rows_write(report);
    if (!report->markdown)
        fputs("</body></html>\n", report->out);
}

int main(int argc, char **argv)
{
    struct report report = {NULL, NULL, NULL, false};
    const char *bench = NULL;
    const char *peers = NULL;
    const char *out = NULL;
    char temporary[4096];
    bool written;

    for (int i = 1; i < argc; i++) {
        const char **path = strcmp(argv[i], "--bench") == 0   ? &bench
                            : strcmp(argv[i], "--peers") == 0 ? &peers
                            : strcmp(argv[i], "--out") == 0   ? &out
                                                              : NULL;

        if (strcmp(argv[i], "--markdown") == 0)
            report.markdown = true;
        else if (path != NULL && i + 1 < argc)
            *path = argv[++i];
        else {
            fputs(usage, strcmp(argv[i], "--help") == 0 ? stdout : stderr);
            return strcmp(argv[i], "--help") == 0 ? 0 : EXIT_USAGE;
        }
    }
    report.bench = results_read(bench, "anytls-bench 1");
    report.peers = results_read(peers, "anytls-bench-peers 1");
    if (out == NULL || (report.bench == NULL && report.peers == NULL)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    snprintf(temporary, sizeof temporary, "%.4000s.%ld.tmp", out, (long)getpid());
    report.out = fopen(temporary, "we");
    written = report.out != NULL;
    if (written) {
        write_all(&report);
        written = ferror(report.out) == 0;
        written = fclose(report.out) == 0 && written;
    }
    if (written && rename(temporary, out) == 0)
        return 0;
    fprintf(stderr, "anytls-bench-report: cannot write %s: %s\n", out, strerror(errno));
    unlink(temporary);
    return 1;
}
