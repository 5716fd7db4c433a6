/* Writes inputs that are worth beginning with to FOLDER/TARGET/: sessions as they happen, limits and
 * edges that take an engine long to find. Usage: seeds FOLDER */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/anytls.h"
#include "session_program.h"

#define SEED_MAX 8192u

struct seed {
    uint8_t bytes[SEED_MAX];
    size_t size;
};

static const char *folder;
static unsigned number;

static void put(struct seed *seed, const void *bytes, size_t size)
{
    if (size > SEED_MAX - seed->size)
        size = SEED_MAX - seed->size;
    if (size > 0)
        memcpy(seed->bytes + seed->size, bytes, size);
    seed->size += size;
}

static void text(struct seed *seed, const char *word)
{
    put(seed, word, strlen(word));
}

static void frame(struct seed *seed, unsigned command, uint32_t stream, const void *data,
                  size_t size)
{
    struct anytls_header header = {(uint8_t)command, (uint16_t)size, stream};
    uint8_t bytes[ANYTLS_FRAME_HEADER_SIZE];

    anytls_header_encode(header, bytes);
    put(seed, bytes, sizeof bytes);
    put(seed, data, size);
}

static void word(struct seed *seed, unsigned command, uint32_t stream, const char *data)
{
    frame(seed, command, stream, data, strlen(data));
}

static void call(struct seed *seed, enum fuzz_op op, uint32_t stream, const char *data)
{
    word(seed, FUZZ_INSTRUCTION + (unsigned)op, stream, data);
}

static void tight(struct seed *seed, enum fuzz_op op, uint32_t stream, const char *data)
{
    word(seed, FUZZ_INSTRUCTION + FUZZ_TIGHT + (unsigned)op, stream, data);
}

/* flags, streams, text size, timeouts in seconds, and a scheme. */
static void config(struct seed *seed, unsigned flags, unsigned streams, unsigned text_size,
                   unsigned seconds, const char *scheme)
{
    struct seed data = {{(uint8_t)flags, (uint8_t)streams, (uint8_t)(text_size / 256u),
                         (uint8_t)text_size, (uint8_t)seconds, (uint8_t)seconds, (uint8_t)seconds},
                        7};

    text(&data, scheme);
    frame(seed, FUZZ_INSTRUCTION + FUZZ_CONFIG, 0, data.bytes, data.size);
}

static void save(const struct seed *seed, const char *target)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        exit(1);
    snprintf(path, sizeof path, "%s/%s/seed-%03u", folder, target, number++);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(seed->bytes, 1, seed->size, file) != seed->size ||
        fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void save_text(const char *target, const char *bytes, size_t size)
{
    struct seed seed = {{0}, 0};

    put(&seed, bytes, size);
    save(&seed, target);
}

#define SAVE(target, bytes) save_text(target, bytes, sizeof(bytes) - 1)

static void save_session(const struct seed *seed, const char *target)
{
    save(seed, target);
    save(seed, "diff_session");
    save(seed, "frame");
    save(seed, "diff_frame");
}

#define SETTINGS "v=2\nclient=anytls/0.0.11\npadding-md5="
#define MD5 "75cff2ad89aadf5e257059ee571ebe11"
#define IPV4 "\x01\x7f\x01\x01\x01\x01\x50"
#define NAME                                                                                       \
    "\x03\x0b"                                                                                     \
    "example.com"                                                                                  \
    "\x01\xbb"
#define UOT_NAME                                                                                   \
    "\x03\x17"                                                                                     \
    "sp.v2.udp-over-tcp.arpa"

/* ---- A client's bytes, for a server ---- */

static void open_stream(struct seed *seed, uint32_t id)
{
    frame(seed, ANYTLS_SYN, id, NULL, 0);
    word(seed, ANYTLS_PSH, id, IPV4);
}

static void client_session(struct seed *seed, const char *settings, bool calls)
{
    word(seed, ANYTLS_SETTINGS, 0, settings);
    open_stream(seed, 1);
    word(seed, ANYTLS_PSH, 1, "GET / HTTP/1.1\r\n\r\n");
    word(seed, ANYTLS_WASTE, 0, "xxxxxxxxxxxx");
    if (calls) {
        tight(seed, FUZZ_ACCEPT, 1, "");
        call(seed, FUZZ_ACCEPT, 1, "");
        call(seed, FUZZ_SEND, 1, "HTTP/1.1 200 OK\r\n");
        call(seed, FUZZ_USER, 1, "");
    }
    open_stream(seed, 2);
    if (calls) {
        tight(seed, FUZZ_REFUSE, 2, "refused");
        call(seed, FUZZ_REFUSE, 2, "connection refused");
    }
    frame(seed, ANYTLS_HEART_REQUEST, 9, NULL, 0);
    frame(seed, ANYTLS_HEART_RESPONSE, 0, NULL, 0);
    frame(seed, ANYTLS_FIN, 1, NULL, 0);
    open_stream(seed, 3);
    if (calls) {
        call(seed, FUZZ_HEARTBEAT, 0, "");
        call(seed, FUZZ_TIME, 20000, "");
        call(seed, FUZZ_FINISH, 3, "");
        call(seed, FUZZ_ALERT, 0, "going away");
        call(seed, FUZZ_CLOSE, 0, "");
    }
}

static void server_seeds(void)
{
    static const char *const settings[] = {SETTINGS MD5,      SETTINGS "0", "v=1",
                                           "v=256\nclient=x", "client=x",   "v=2"};

    for (unsigned i = 0; i < sizeof settings / sizeof *settings * 2; i++) {
        struct seed seed = {{0}, 0};

        if (i % 3 == 1)
            config(&seed, i % 2 == 0 ? FUZZ_STRICT : FUZZ_VERSION_1, 1 + i % 4, 300 - 40 * i, i,
                   i % 2 == 0 ? "stop=3\n1=10-20,c,30-40" : "");
        client_session(&seed, settings[i / 2], i % 2 == 1);
        save_session(&seed, "session_server");
    }
}

/* ---- A server's bytes, for a client ---- */

static void client_seeds(void)
{
    static const char *const schemes[] = {"", "stop=8\n1=100-200,c,50-60\n2=9-9", "stop=0",
                                          "stop=2\n1=1-1,7-7,8-8"};

    for (unsigned i = 0; i < 8; i++) {
        struct seed seed = {{0}, 0};

        config(&seed,
               (i == 1 ? FUZZ_STRICT : 0) | (i == 2 ? FUZZ_VERSION_1 : 0) |
                   (i == 3 ? FUZZ_LAST_IDS : 0) | (i == 4 ? FUZZ_LONG_NAME : 0) |
                   (i == 5 ? FUZZ_NO_NAME : 0),
               2 + i, i == 6 ? 5 : 4096, i, schemes[i % 4]);
        tight(&seed, FUZZ_OPEN, 0, "");
        call(&seed, FUZZ_OPEN, 0, NAME);
        if (i % 2 == 0)
            word(&seed, ANYTLS_SERVER_SETTINGS, 0, "v=2");
        word(&seed, ANYTLS_UPDATE_PADDING_SCHEME, 0, i == 5 ? "stop=x" : "stop=1\n0=1-2");
        frame(&seed, ANYTLS_SYNACK, 0x80000000u, NULL, 0);
        frame(&seed, ANYTLS_SYNACK, 1, NULL, 0);
        if (i == 0)
            frame(&seed, ANYTLS_SYNACK, 1, NULL, 0);
        word(&seed, ANYTLS_PSH, 1, "hello");
        call(&seed, FUZZ_SEND, 1, "\x40\x01");
        call(&seed, FUZZ_OPEN, 0, "");
        call(&seed, FUZZ_TIME, 4000, "");
        word(&seed, ANYTLS_SYNACK, 2, "no route to host");
        call(&seed, FUZZ_PAUSE, 0, "");
        call(&seed, FUZZ_TIME, 60000, "");
        call(&seed, FUZZ_RESUME, 0, "");
        call(&seed, FUZZ_TIME, 60000, "");
        call(&seed, FUZZ_TIME, 60000, "");
        frame(&seed, ANYTLS_FIN, 1, NULL, 0);
        word(&seed, ANYTLS_ALERT, 0, i == 7 ? "" : "go away");
        call(&seed, FUZZ_OPEN, 0, "");
        save_session(&seed, "session_client");
        save(&seed, "session_pair");
        save(&seed, "blocking");
    }
}

static void pair_seeds(void)
{
    for (unsigned i = 0; i < 6; i++) {
        struct seed seed = {{0}, 0};

        config(&seed, i == 5 ? FUZZ_OWN_HASH : 0, 2 + i, 4096, i * 3,
               i % 2 == 0 ? "" : "stop=4\n1=50-90,c,20-20\n2=300-400,20-30\n3=7-7");
        for (uint32_t id = 1; id < 5; id++) {
            call(&seed, FUZZ_OPEN, 0, id == 2 ? NAME : IPV4);
            call(&seed, FUZZ_SEND, id, "\x01\x30");
            tight(&seed, FUZZ_MOVE, 70 * id, "");
            call(&seed, FUZZ_ACCEPT, id, "");
            tight(&seed, FUZZ_SEND, id, "\x02\x09");
            call(&seed, FUZZ_MOVE, 100 * id, "");
        }
        call(&seed, FUZZ_FINISH, 1, "");
        tight(&seed, FUZZ_FINISH, 1, "");
        tight(&seed, FUZZ_FINISH, 2, "");
        call(&seed, FUZZ_REFUSE, 3, "no");
        call(&seed, FUZZ_HEARTBEAT, 0, "");
        tight(&seed, FUZZ_HEARTBEAT, 0, "");
        if (i == 3)
            call(&seed, FUZZ_ALERT, 0, "bye");
        save(&seed, "session_pair");
        save(&seed, "blocking");
    }
}

/* ---- Endpoint ---- */

static void endpoint_seeds(void)
{
    static const uint8_t hash[] = {0x5e, 0x88, 0x48, 0x98, 0xda, 0x28, 0x04, 0x71, 0x51, 0xd0, 0xe5,
                                   0x6f, 0x8d, 0xc6, 0x29, 0x27, 0x73, 0x60, 0x3d, 0x0d, 0x6a, 0xab,
                                   0xbd, 0xd6, 0x2a, 0x11, 0xef, 0x72, 0x1d, 0x15, 0x42, 0xd8};

    for (unsigned i = 0; i < 8; i++) {
        struct seed seed = {{0}, 0};
        uint8_t preamble[ANYTLS_PREAMBLE_SIZE + 30];
        size_t size =
            anytls_preamble_encode(hash, i % 2 == 0 ? 30 : 0, preamble, sizeof preamble).size;

        if (i >= 4)
            config(&seed, i == 5 ? FUZZ_STRICT : 0, i - 3, 1024, 2, "");
        put(&seed, preamble, i == 7 ? 33 : size);
        word(&seed, ANYTLS_SETTINGS, 0, i == 6 ? "v=1" : SETTINGS MD5);
        open_stream(&seed, 1);
        call(&seed, FUZZ_ACCEPT, 1, "");
        frame(&seed, ANYTLS_SYN, 2, NULL, 0);
        frame(&seed, ANYTLS_PSH, 2, UOT_NAME "\0\0\1\1\x08\x08\x08\x08\0\x35\0\3abc", 40);
        call(&seed, i % 2 == 0 ? FUZZ_REFUSE : FUZZ_ACCEPT, 2, "no UDP here");
        frame(&seed, ANYTLS_SYN, 3, NULL, 0);
        frame(&seed, ANYTLS_PSH, 3,
              "\x03\x0b"
              "examp",
              7);
        frame(&seed, ANYTLS_PSH, 3, "le.com\x01\xbbrest", 12);
        call(&seed, FUZZ_REFUSE, 3, "name not found");
        frame(&seed, ANYTLS_SYN, 4, NULL, 0);
        frame(&seed, ANYTLS_PSH, 4, "\x02\0", 2);
        frame(&seed, ANYTLS_SYN, 5, NULL, 0);
        frame(&seed, ANYTLS_FIN, 5, NULL, 0);
        call(&seed, FUZZ_TIME, 30000, "");
        call(&seed, FUZZ_CLOSE, 0, "");
        save(&seed, "endpoint");
        save(&seed, "diff_endpoint");
        save(&seed, "auth");
    }
}

/* ---- Texts and small formats ---- */

static void text_seeds(void)
{
    static const char *const settings[] = {SETTINGS MD5,        "v=2", "v=02\n",    "v=4294967297",
                                           "v=-1\nv=2\n\nv=2x", "=",   "a=b=c\na=d"};
    static const char *const schemes[] = {
        ("stop=8\n0=30-30\n1=100-400\n2=400-500,c,500-1000,c,500-1000,c,500-1000,c,500-1000\n"
         "3=9-9,500-1000\n4=500-1000\n5=500-1000\n6=500-1000\n7=500-1000"),
        "stop=4294967296\n00=1-2\n0=x,5-3,0-1,c,65535-65535",
        "stop=3\n1=65536-1",
        "stop=",
        "0=1-1",
        "stop=9\n1=1-1,2-2,c,7-7,8-8,c\n1=6-6\n2=,,,-,-1,1-,c,cc\r\n3=1 -2"};
    static const char *const links[] = {
        "anytls://secret@example.com:8443/?sni=other.example&insecure=1",
        "anytls://p%40ss%2Fword@[2001:db8::1]:443/?sni=&insecure=0&x=y",
        "anytls://example.com",
        "anytls://a@b:65536/",
        "anytls://a@[::1/",
        "anytls://%zz@b",
        "anytls://a@b/?sni=%00",
        "http://a@b",
        "anytls://a@b:0/path?insecure=2"};

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        save_text("settings", settings[i], strlen(settings[i]));
        save_text("diff_text", settings[i], strlen(settings[i]));
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        save_text("padding", schemes[i], strlen(schemes[i]));
        save_text("diff_text", schemes[i], strlen(schemes[i]));
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        save_text("uri", links[i], strlen(links[i]));
        save_text("diff_text", links[i], strlen(links[i]));
    }
}

/* A line with the most items, and one more; a text of the greatest size, and one byte more. */
static void limit_seeds(void)
{
    for (unsigned i = 0; i < 4; i++) {
        struct seed seed = {{0}, 0};
        size_t end = ANYTLS_SCHEME_SIZE_MAX + i % 2;

        text(&seed, "stop=3\n1=");
        for (unsigned item = 0; item < ANYTLS_SCHEME_ITEMS_MAX + i % 2; item++)
            text(&seed, item == 0 ? "9-9" : ",9-9");
        if (i >= 2) {
            text(&seed, "\n9=");
            while (seed.size < end)
                text(&seed, "x");
        }
        save(&seed, "padding");
    }
}

static void format_seeds(void)
{
    SAVE("address", IPV4);
    SAVE("address", NAME);
    SAVE("address", "\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50");
    SAVE("address", "\x02\x03"
                    "abc"
                    "\0\x35");
    SAVE("address", "\0\x08\x08\x08\x08\0\x35");
    SAVE("address", "\x03\0\0\0");
    SAVE("uot", "\x01\x01\x08\x08\x08\x08\0\x35");
    SAVE("uot", "\0\x03\x0b"
                "example.com"
                "\0\x35");
    SAVE("uot", "\0\x08\x08\x08\x08\0\x35\0\x03"
                "abc"
                "\x02\x01"
                "a"
                "\0\x35\0\0");
    SAVE("uot", "\0" UOT_NAME "\0\0");
    SAVE("pool", "\0\0\0\1\0\2\1\0\1\1\1\2\3\xff\xff\4\0\1\1\2\2\2\3\0\5\4\0\0\0");
    SAVE("frame", "\x02\0\0\0\1\0\5helloX");
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: seeds FOLDER\n");
        return 2;
    }
    folder = arguments[1];
    server_seeds();
    client_seeds();
    pair_seeds();
    endpoint_seeds();
    text_seeds();
    limit_seeds();
    format_seeds();
    printf("%u seeds\n", number);
    return 0;
}
