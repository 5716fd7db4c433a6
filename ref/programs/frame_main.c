/* anytls-frame: bytes to text, a line a frame, and back. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "frame_text.h"
#include "options.h"

static const char help[] =
    "Usage: anytls-frame [option ...] [FILE]\n"
    "Reads the bytes of one direction of a session from FILE or standard input, and prints a line "
    "a\n"
    "frame. Exit code 1, with the offset, where the bytes end inside a frame.\n"
    "\n"
    "  --hex        the input is hexadecimal text; blanks and line ends are skipped\n"
    "  --auth       the bytes begin with a preamble\n"
    "  --json       print a JSON object a line\n"
    "  --encode     the other way: read such lines (not JSON), write bytes\n"
    "  --help, --version\n";

enum { OPTION_HEX = 256, OPTION_AUTH, OPTION_JSON, OPTION_ENCODE, OPTION_HELP, OPTION_VERSION };

static const struct option long_options[] = {
    {"hex", no_argument, NULL, OPTION_HEX},
    {"auth", no_argument, NULL, OPTION_AUTH},
    {"json", no_argument, NULL, OPTION_JSON},
    {"encode", no_argument, NULL, OPTION_ENCODE},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

struct frame_options {
    bool hex;
    bool auth;
    bool json;
    bool encode;
};

/* Bytes that were read and are not printed yet. */
struct input {
    FILE *file;
    const struct frame_options *options;
    uint8_t bytes[2 * FRAME_BYTES_MAX];
    size_t size;
    size_t offset; /* in the whole input, of bytes[0] */
    bool bad_hex;
};

static size_t read_hex(struct input *input, uint8_t *out, size_t size)
{
    size_t filled = 0;
    int high = -1;
    int c = 0;

    if (input->bad_hex)
        return 0;
    while (filled < size && (c = getc(input->file)) != EOF) {
        int value = hex_value(c);

        if (isspace(c))
            continue;
        if (value < 0)
            break;
        if (high < 0) {
            high = value;
        } else {
            out[filled] = (uint8_t)(high * 16 + value);
            filled++;
            high = -1;
        }
    }
    input->bad_hex = high >= 0 || (filled < size && c != EOF);
    return filled;
}

static size_t input_fill(struct input *input)
{
    uint8_t *end = input->bytes + input->size;
    size_t room = sizeof input->bytes - input->size;
    size_t got = /* main closes it; NOLINTNEXTLINE(clang-analyzer-unix.Stream) */
        input->options->hex ? read_hex(input, end, room) : fread(end, 1, room, input->file);

    input->size += got;
    return got;
}

/* Reads on until size bytes are there; false: the input ends before. */
static bool input_reaches(struct input *input, size_t size)
{
    size_t got = 1;

    while (input->size < size && got > 0)
        got = input_fill(input);
    return input->size >= size;
}

static void input_take(struct input *input, size_t size)
{
    memmove(input->bytes, input->bytes + size, input->size - size);
    input->size -= size;
    input->offset += size;
}

static int cut_off(const struct input *input, const char *what)
{
    if (input->bad_hex)
        fprintf(stderr, "anytls-frame: not hexadecimal behind byte %zu of the input\n",
                input->offset + input->size);
    else
        fprintf(stderr, "anytls-frame: byte %zu: %s, but the input ends after %zu more bytes\n",
                input->offset, what, input->size);
    return 1;
}

static int decode_preamble(struct input *input)
{
    size_t padding;

    if (!input_reaches(input, ANYTLS_PREAMBLE_SIZE))
        return cut_off(input, "a preamble has 34 bytes and padding");
    padding = input->bytes[ANYTLS_HASH_SIZE] * 256u + input->bytes[ANYTLS_HASH_SIZE + 1];
    if (!input_reaches(input, ANYTLS_PREAMBLE_SIZE + padding))
        return cut_off(input, "a preamble with more padding begins");
    preamble_print(stdout, input->bytes, input->options->json);
    input_take(input, ANYTLS_PREAMBLE_SIZE + padding);
    return 0;
}

/* Prints the whole frames of the buffer. */
static void print_frames(struct input *input)
{
    size_t at = 0;
    struct anytls_frame_result result = anytls_frame_decode(input->bytes, input->size);

    while (result.status == ANYTLS_OK) {
        frame_print(stdout, &result.frame, input->options->json);
        at += result.consumed;
        result = anytls_frame_decode(input->bytes + at, input->size - at);
    }
    input_take(input, at);
}

static int decode_all(struct input *input)
{
    char what[80] = "a frame's header has 7 bytes";
    struct anytls_header_result header;

    if (input->options->auth && decode_preamble(input) != 0)
        return 1;
    do {
        print_frames(input);
    } while (input_fill(input) > 0);
    print_frames(input);
    if (input->size == 0 && !input->bad_hex)
        return 0;
    header = anytls_header_decode(input->bytes, input->size);
    if (header.status == ANYTLS_OK)
        snprintf(what, sizeof what, "a frame of 7 + %u bytes begins",
                 (unsigned)header.header.length);
    return cut_off(input, what);
}

static int encode_all(FILE *file)
{
    static uint8_t bytes[FRAME_BYTES_MAX];
    char *line = NULL;
    size_t capacity = 0;
    size_t number = 0;

    while (getline(&line, &capacity, file) >= 0) {
        size_t size;
        const char *wrong = frame_text_read(line, bytes, &size);

        number++;
        if (wrong != NULL) {
            fprintf(stderr, "anytls-frame: line %zu: %s\n", number, wrong);
            free(line);
            return 1;
        }
        fwrite(bytes, 1, size, stdout);
    }
    free(line);
    return 0;
}

static struct frame_options options_read(int argc, char **argv)
{
    struct frame_options options = {false, false, false, false};
    int option;

    while ((option = getopt_long_only(argc, argv, "h", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_HEX: options.hex = true; break;
        case OPTION_AUTH: options.auth = true; break;
        case OPTION_JSON: options.json = true; break;
        case OPTION_ENCODE: options.encode = true; break;
        case 'h':
        case OPTION_HELP: fputs(help, stdout); exit(0);
        case OPTION_VERSION: puts("anytls-frame " ANYTLS_VERSION); exit(0);
        default: exit(EXIT_USAGE); /* getopt has said which option is wrong */
        }
    }
    if (argc - optind > 1)
        usage_error("more than one file: give one, or none for standard input");
    if (options.encode && (options.hex || options.auth || options.json))
        usage_error("--encode with --hex, --auth or --json: give --encode alone");
    return options;
}

int main(int argc, char **argv)
{
    static struct input input;
    static struct frame_options options;
    int code;

    options_program_set("anytls-frame");
    options = options_read(argc, argv);
    input.options = &options;
    input.file = optind < argc ? fopen(argv[optind], "rbe") : stdin;
    if (input.file == NULL)
        usage_error("%s: %s; give a file that can be read", argv[optind], strerror(errno));
    code = options.encode ? encode_all(input.file) : decode_all(&input);
    if (ferror(input.file)) {
        fprintf(stderr, "anytls-frame: cannot read: %s\n", strerror(errno));
        code = 1;
    }
    if (input.file != stdin)
        fclose(input.file);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "anytls-frame: cannot write: %s\n", strerror(errno));
        code = 1;
    }
    return code;
}
