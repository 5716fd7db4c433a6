/* Mistakes at the start: one line that names the mistake, and exit code 2. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "chain.h"
#include "runner.h"

#define ROW_ARGUMENTS 10

struct row {
    const char *words; /* must stand in the line, each of them, separated by '|' */
    const char *arguments[ROW_ARGUMENTS];
};

static void words_must_be_in(const char *words, const char *line)
{
    char copy[256];
    char *rest = copy;

    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strsep(&rest, "|"); word != NULL; word = strsep(&rest, "|"))
        expect(strstr(line, word) != NULL, "\"%s\" is not in: %s", word, line);
}

static void must_refuse(const char *program, const struct row *row)
{
    struct program *run = program_start(program, row->arguments);
    char line[4096];
    int status = program_wait(run, 5000);
    size_t size;

    program_logs(run, "\n", 1000);
    size = program_log_copy(run, line, sizeof line);
    expect(status == 2, "%s (%s): exit code %d, not 2: %s", program, row->words, status, line);
    expect(size > 1 && strchr(line, '\n') == line + size - 1, "%s: not one line: %s", row->words,
           line);
    expect(strstr(line, program) != NULL && strstr(line, program)[strlen(program)] == ':',
           "the line does not begin with the program's name: %s", line);
    expect(strstr(line, "line 0") == NULL, "there is no line 0: %s", line);
    words_must_be_in(row->words, line);
}

static void must_refuse_all(const char *program, const struct row *rows)
{
    for (; rows->words != NULL; rows++)
        must_refuse(program, rows);
}

static void files_write(void)
{
    static const char *const schemes[][2] = {
        {"no-stop", "1=100-200\n"},          {"bad-stop", "stop=abc"},
        {"negative-stop", "stop=-1"},        {"big", "stop=3\n0=30-30\n1=100-65536\n"},
        {"crlf", "stop=3\r\n1=100-200\r\n"}, {"spaces", "stop= 3\n1=100-200\n"},
    };
    static const char long_scheme[5000] = "stop=3\n1=1-2\n";

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        file_write(schemes[i][0], schemes[i][1], strlen(schemes[i][1]));
    file_write("long", long_scheme, sizeof long_scheme);
    file_write("empty", "", 0);
    file_write("empty-line", "\nsecond\n", 8);
    file_write("no-pem", "this is no certificate\n", 23);
    file_write_certificate("one.pem", "localhost");
    file_write_certificate("two.pem", "localhost");
    file_write("locked", "secret\n", 7);
    mkdir("folder", 0700);
}

static void each_wrong_option_of_the_server_gets_one_line_and_exit_code_2(void)
{
    static const struct row rows[] = {
        {"password|-p", {NULL}},
        {"password", {"-p", "", NULL}},
        {"two passwords", {"-p", "x", "--password-file", "locked", NULL}},
        {"--no-such-option", {"-p", "x", "--no-such-option", NULL}},
        {"requires an argument", {"-p", "x", "--cert", NULL}},
        {"requires an argument", {"-p", NULL}},
        {"extra", {"-p", "x", "extra", NULL}},
        {"-l|nonsense", {"-p", "x", "-l", "nonsense", NULL}},
        {"-l", {"-p", "x", "-l", "", NULL}},
        {"-l|65536", {"-p", "x", "-l", "127.0.0.1:65536", NULL}},
        {"-l|12x", {"-p", "x", "-l", "127.0.0.1:12x", NULL}},
        {"-l|no-such-name.invalid", {"-p", "x", "-l", "no-such-name.invalid:0", NULL}},
        {"-l|192.0.2.1", {"-p", "x", "-l", "192.0.2.1:0", NULL}},
        {"--workers|0", {"-p", "x", "--workers", "0", NULL}},
        {"--workers|65", {"-p", "x", "--workers", "65", NULL}},
        {"--workers|two", {"-p", "x", "--workers", "two", NULL}},
        {"--workers|-1", {"-p", "x", "--workers", "-1", NULL}},
        {"--workers|99999999999", {"-p", "x", "--workers", "99999999999", NULL}},
        {"--fallback|nonsense", {"-p", "x", "--fallback", "nonsense", NULL}},
        {"--fallback", {"-p", "x", "--fallback", ":80", NULL}},
        {"--fallback", {"-p", "x", "--fallback", "127.0.0.1:0", NULL}},
        {"--key|--cert", {"-p", "x", "--key", "one.pem", NULL}},
        {NULL, {NULL}},
    };

    files_write();
    must_refuse_all("anytls-server", rows);
}

/* PROXY-BAD-INPUT */
static void each_bad_file_of_the_server_gets_one_line_with_its_name_and_exit_code_2(void)
{
    static const struct row rows[] = {
        {"no-file|No such file", {"--password-file", "no-file", NULL}},
        {"empty", {"--password-file", "empty", NULL}},
        {"empty-line", {"--password-file", "empty-line", NULL}},
        {"folder|directory", {"--password-file", "folder", NULL}},
        {"no-file", {"-p", "x", "--cert", "no-file", NULL}},
        {"no-pem", {"-p", "x", "--cert", "no-pem", NULL}},
        {"no-file", {"-p", "x", "--cert", "one.pem", "--key", "no-file", NULL}},
        {"no-pem", {"-p", "x", "--cert", "one.pem", "--key", "no-pem", NULL}},
        {"two.pem", {"-p", "x", "--cert", "one.pem", "--key", "two.pem", NULL}},
        {"no-file|No such file", {"-p", "x", "--padding-scheme", "no-file", NULL}},
        {"no-stop|stop", {"-p", "x", "--padding-scheme", "no-stop", NULL}},
        {"bad-stop|line 1|stop", {"-p", "x", "--padding-scheme", "bad-stop", NULL}},
        {"negative-stop|line 1", {"-p", "x", "--padding-scheme", "negative-stop", NULL}},
        {"spaces|line 1", {"-p", "x", "--padding-scheme", "spaces", NULL}},
        {"big|line 3|65535", {"-p", "x", "--padding-scheme", "big", NULL}},
        {"crlf|CR", {"-p", "x", "--padding-scheme", "crlf", NULL}},
        {"long|4096", {"-p", "x", "--padding-scheme", "long", NULL}},
        {"empty|stop", {"-p", "x", "--padding-scheme", "empty", NULL}},
        {NULL, {NULL}},
    };

    files_write();
    must_refuse_all("anytls-server", rows);
}

static void each_wrong_option_of_the_client_gets_one_line_and_exit_code_2(void)
{
    static const struct row rows[] = {
        {"server|-s", {"-p", "x", NULL}},
        {"password", {"-s", "localhost:1", NULL}},
        {"password", {"-s", "localhost:1", "-p", "", NULL}},
        {"password", {"-s", "anytls://localhost/", NULL}},
        {"two passwords", {"-s", "localhost:1", "-p", "x", "--password-file", "locked", NULL}},
        {"no-file|No such file", {"-s", "localhost:1", "--password-file", "no-file", NULL}},
        {"-s|nonsense", {"-p", "x", "-s", "nonsense", NULL}},
        {"-s|localhost:0", {"-p", "x", "-s", "localhost:0", NULL}},
        {"-s|localhost:65536", {"-p", "x", "-s", "localhost:65536", NULL}},
        {"-s", {"-p", "x", "-s", ":443", NULL}},
        {"-s|http://", {"-p", "x", "-s", "http://localhost:1", NULL}},
        {"-s", {"-s", "anytls:/x@localhost", NULL}},
        {"-s|host", {"-s", "anytls://x@:443/", NULL}},
        {"-s|host", {"-s", "anytls://x@[::1/", NULL}},
        {"-s|port", {"-s", "anytls://x@localhost:0/", NULL}},
        {"-s|port", {"-s", "anytls://x@localhost:65536/", NULL}},
        {"-s|port", {"-s", "anytls://x@localhost:abc/", NULL}},
        {"-s|password", {"-s", "anytls://%zz@localhost/", NULL}},
        {"-s|password", {"-s", "anytls://a%00b@localhost/", NULL}},
        {"-s", {"-s", "anytls://x@localhost/path", NULL}},
        {"-s|insecure", {"-s", "anytls://x@localhost/?insecure=yes", NULL}},
        {"--min-idle|1001", {"-s", "localhost:1", "-p", "x", "--min-idle", "1001", NULL}},
        {"--idle-timeout|0", {"-s", "localhost:1", "-p", "x", "--idle-timeout", "0", NULL}},
        {"--idle-check|x", {"-s", "localhost:1", "-p", "x", "--idle-check", "x", NULL}},
        {"--heartbeat|-1", {"-s", "localhost:1", "-p", "x", "--heartbeat", "-1", NULL}},
        {"--synack-timeout|1.5", {"-s", "localhost:1", "-p", "x", "--synack-timeout", "1.5", NULL}},
        {"--ca|--insecure",
         {"-s", "localhost:1", "-p", "x", "--ca", "one.pem", "--insecure", NULL}},
        {"no-file", {"-s", "localhost:1", "-p", "x", "--ca", "no-file", NULL}},
        {"no-pem", {"-s", "localhost:1", "-p", "x", "--ca", "no-pem", NULL}},
        {"-l|nonsense", {"-s", "localhost:1", "-p", "x", "-l", "nonsense", NULL}},
        {"extra", {"-s", "localhost:1", "-p", "x", "extra", NULL}},
        {"--no-such-option", {"-s", "localhost:1", "-p", "x", "--no-such-option", NULL}},
        {NULL, {NULL}},
    };

    files_write();
    must_refuse_all("anytls-client", rows);
}

/* PROXY-FRAMES */
static void each_wrong_option_of_the_frame_reader_gets_one_line_and_exit_code_2(void)
{
    static const struct row rows[] = {
        {"no-file|No such file", {"no-file", NULL}},
        {"more than one", {"one.pem", "two.pem", NULL}},
        {"--encode", {"--encode", "--json", NULL}},
        {"--no-such-option", {"--no-such-option", NULL}},
        {NULL, {NULL}},
    };

    files_write();
    must_refuse_all("anytls-frame", rows);
}

static void a_busy_port_gets_one_line_and_exit_code_2(void)
{
    struct chain chain = chain_start();
    char server[32];
    char client[32];
    struct row rows[2] = {
        {"-l|in use|another", {"-p", "x", "-l", server, NULL}},
        {"-l|in use|another", {"-s", "localhost:1", "-p", "x", "-l", client, NULL}},
    };

    snprintf(server, sizeof server, "127.0.0.1:%u", (unsigned)chain.server_port);
    snprintf(client, sizeof client, "127.0.0.1:%u", (unsigned)chain.socks);
    must_refuse("anytls-server", &rows[0]);
    must_refuse("anytls-client", &rows[1]);
}

static const char *const programs[] = {"anytls-server", "anytls-client", "anytls-frame"};

static void help_and_version_leave_with_exit_code_0(void)
{
    char text[8192];

    for (size_t i = 0; i < 3; i++) {
        struct program *run = program_start(programs[i], OPTIONS("--help"));

        expect(program_wait(run, 5000) == 0, "%s --help", programs[i]);
        program_must_log(run, "--version", 1000);
        run = program_start(programs[i], OPTIONS("--version"));
        expect(program_wait(run, 5000) == 0, "%s --version", programs[i]);
        program_must_log(run, "\n", 1000);
        program_log_copy(run, text, sizeof text);
        expect(strncmp(text, programs[i], strlen(programs[i])) == 0 &&
                   strchr(text, '\n')[1] == '\0',
               "the version is: %s", text);
    }
}

static void help_states_each_option_and_the_deadlines(void)
{
    static const char *const wanted[3] = {
        "-l |-p |--password-file|--cert|--key|--padding-scheme|--fallback|--allow-local|--workers|"
        "--strict|-v|Deadlines|10 s for the TLS handshake|10 s to connect|HUP",
        "-l |-s |-p |--password-file|--sni|--ca|--insecure|--min-idle|--idle-timeout|--idle-check|"
        "--no-reuse|--heartbeat|--synack-timeout|-v|Deadlines|10 s for a SOCKS request|10 s for "
        "TLS",
        "--hex|--auth|--json|--encode",
    };
    char text[8192];

    for (size_t i = 0; i < 3; i++) {
        struct program *run = program_start(programs[i], OPTIONS("--help"));
        char words[512];
        char *rest = words;

        expect(program_wait(run, 5000) == 0, "%s --help", programs[i]);
        program_must_log(run, "--version", 1000);
        program_log_copy(run, text, sizeof text);
        snprintf(words, sizeof words, "%s", wanted[i]);
        for (char *word = strsep(&rest, "|"); word != NULL; word = strsep(&rest, "|"))
            expect(strstr(text, word) != NULL, "%s --help does not tell of %s", programs[i], word);
    }
}

const struct test tests_options[] = {
    TEST(each_wrong_option_of_the_server_gets_one_line_and_exit_code_2),
    TEST(each_bad_file_of_the_server_gets_one_line_with_its_name_and_exit_code_2),
    TEST(each_wrong_option_of_the_client_gets_one_line_and_exit_code_2),
    TEST(each_wrong_option_of_the_frame_reader_gets_one_line_and_exit_code_2),
    TEST(a_busy_port_gets_one_line_and_exit_code_2),
    TEST(help_and_version_leave_with_exit_code_0),
    TEST(help_states_each_option_and_the_deadlines),
    TESTS_END,
};
