/* anytls-frame: bytes as text, and back. */
#include <stdio.h>
#include <string.h>

#include "process.h"
#include "runner.h"

#define LINES                                                                                      \
    "preamble hash=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f padding=3\n"   \
    "Settings stream=0 length=3 data=763d32\n"                                                     \
    "SYN stream=1 length=0\n"                                                                      \
    "PSH stream=1 length=5 data=68656c6c6f\n"                                                      \
    "200 stream=4294967295 length=2 data=0001\n"                                                   \
    "Waste stream=0 length=1 data=00\n"

static void file_write(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");

    expect(file != NULL && fwrite(bytes, 1, size, file) == size, "cannot write %s", name);
    fclose(file);
}

/* Runs anytls-frame with these arguments; what it prints is ended by a zero. */
static size_t run(const char *arguments, int code, char *printed, size_t size)
{
    char command[512];
    struct program *shell;
    FILE *file;
    size_t got;
    int status;

    snprintf(command, sizeof command, "%s/anytls-frame %s >printed 2>&1", build_folder(),
             arguments);
    shell = program_start("sh", OPTIONS("-c", command));
    status = program_wait(shell, 5000);
    program_forget(shell);
    file = fopen("printed", "rb");
    expect(file != NULL, "nothing was printed");
    got = fread(printed, 1, size - 1, file);
    printed[got] = '\0';
    fclose(file);
    expect(status == code, "exit code %d, not %d: %s", status, code, printed);
    return got;
}

/* PROXY-FRAMES */
static void lines_become_bytes_and_the_same_lines_again(void)
{
    char bytes[4096];
    char lines[4096];
    size_t size;

    file_write("frames.txt", LINES, strlen(LINES));
    size = run("--encode frames.txt", 0, bytes, sizeof bytes);
    expect(size == 34 + 3 + 5 * 7 + 3 + 5 + 2 + 1, "%zu bytes", size);
    file_write("frames.bin", bytes, size);
    run("--auth frames.bin", 0, lines, sizeof lines);
    expect(strcmp(lines, LINES) == 0, "other lines came back: %s", lines);
}

/* PROXY-FRAMES */
static void a_frame_is_a_json_object_a_line(void)
{
    static const uint8_t psh[] = {2, 0, 0, 0, 1, 0, 1, 'x'};
    char line[4096];

    file_write("psh.bin", psh, sizeof psh);
    run("--json psh.bin", 0, line, sizeof line);
    expect(strcmp(line, "{\"command\":2,\"name\":\"PSH\",\"stream\":1,\"length\":1,"
                        "\"data\":\"78\"}\n") == 0,
           "%s", line);
}

/* PROXY-FRAMES: hexadecimal text is read with blanks and line ends in it. */
static void hexadecimal_text_is_read(void)
{
    char line[4096];

    file_write("psh.hex", "02 00000001\n0001 78\n", 20);
    run("--hex psh.hex", 0, line, sizeof line);
    expect(strcmp(line, "PSH stream=1 length=1 data=78\n") == 0, "%s", line);
    file_write("bad.hex", "02 0g", 5);
    run("--hex bad.hex", 1, line, sizeof line);
    expect(strstr(line, "not hexadecimal behind byte 1") != NULL, "%s", line);
}

/* PROXY-FRAMES: two frames, cut at every byte of the second. */
static void bytes_that_end_within_a_frame_are_told_with_their_offset(void)
{
    static const uint8_t two[] = {1, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 2, 'x', 'y'};
    char line[4096];

    for (size_t size = 8; size < sizeof two; size++) {
        file_write("cut.bin", two, size);
        run("cut.bin", 1, line, sizeof line);
        expect(strstr(line, "SYN stream=1 length=0\n") != NULL, "%s", line);
        expect(strstr(line, "byte 7: ") != NULL, "cut at %zu: %s", size, line);
    }
}

/* PROXY-FRAMES */
static void a_bad_line_is_told_with_its_number(void)
{
    static const char *const bad[] = {
        "SYN stream=x\n",          "NOPE\n", "PSH data=0\n",      "PSH length=2\n",
        "PSH stream=4294967296\n", "256\n",  "preamble hash=00\n"};
    char line[4096];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[64];

        file_write("bad.txt", text,
                   (size_t)snprintf(text, sizeof text, "SYN stream=1\n%s", bad[i]));
        run("--encode bad.txt", 1, line, sizeof line);
        expect(strstr(line + 7, "line 2: ") != NULL, "%s is taken", bad[i]);
    }
}

const struct test tests_frames[] = {
    TEST(lines_become_bytes_and_the_same_lines_again),
    TEST(a_frame_is_a_json_object_a_line),
    TEST(hexadecimal_text_is_read),
    TEST(bytes_that_end_within_a_frame_are_told_with_their_offset),
    TEST(a_bad_line_is_told_with_its_number),
    TESTS_END,
};
