/* The fallback: only with --fallback, the address to which the server hands what is no session. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "target.h"
#include "tls.h"

/* Cases of this section run at the same time, and the address is one: each waits for it. */
static int fallback_listen(struct run *run)
{
    const char *text = run->options->fallback;
    uint64_t until = now_ms() + 5 * run->options->timeout;
    const char *colon = text == NULL ? NULL : strrchr(text, ':');
    char host[128] = "";
    int listening;

    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        skip(run, "the server's fallback is not told: --fallback HOST:PORT");
    memcpy(host, text, (size_t)(colon - text));
    while ((listening = tcp_listen(host, colon + 1, 64)) < 0) {
        if (now_ms() > until)
            skip(run, "--fallback %s: the suite cannot listen there", text);
        usleep(5000);
    }
    return listening;
}

/* Reads what comes on a connection, until it is this or something else. */
static bool begins_with(int descriptor, struct oracle_bytes bytes)
{
    uint8_t came[512];
    size_t got = 0;

    while (got < bytes.size) {
        ssize_t size;

        if (!wait_for(descriptor, POLLIN, now_ms() + 1000))
            return false;
        size = recv(descriptor, came + got, bytes.size - got, 0);
        if (size <= 0 || memcmp(came, bytes.at, got + (size_t)size) != 0)
            return false;
        got += (size_t)size;
    }
    return true;
}

/* The connection that the server hands on; those of other cases are closed. */
static int handed_on(struct run *run, int listening, struct oracle_bytes bytes, uint64_t until)
{
    while (wait_for(listening, POLLIN, until)) {
        int descriptor = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

        if (descriptor >= 0 && begins_with(descriptor, bytes))
            return descriptor;
        close(descriptor);
    }
    fail(run, "no connection came to the fallback that begins with the %zu bytes that were sent",
         bytes.size);
}

/* More than was sent must not come; the end of our side follows. */
static void nothing_more(struct run *run, int descriptor)
{
    uint8_t byte;

    if (wait_for(descriptor, POLLIN, deadline(run)) && recv(descriptor, &byte, 1, 0) == 1)
        fail(run, "more bytes came to the fallback than the client had sent");
}

static void bytes_then_end(struct run *run)
{
    int listening = fallback_listen(run);
    struct peer *peer = peer_connect(run);
    struct oracle_buffer bytes = pattern((size_t)run->argument, 41);

    add_raw(peer, oracle_buffer_bytes(&bytes));
    flush(peer);
    if (run->argument < 32) /* the hash is not whole: only an end shows that nothing follows */
        peer_close(peer);
    nothing_more(run, handed_on(run, listening, oracle_buffer_bytes(&bytes), deadline(run)));
}

static void answer_of_web_server(struct run *run)
{
    static const char request[] = "GET /index.html HTTP/1.1\r\nHost: www.example\r\n\r\n";
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    int listening = fallback_listen(run);
    struct peer *peer = peer_connect(run);
    int descriptor;

    add_raw(peer, oracle_string(request));
    flush(peer);
    descriptor = handed_on(run, listening, oracle_string(request), deadline(run));
    send(descriptor, answer, sizeof answer - 1, MSG_NOSIGNAL);
    close(descriptor);
    await_closed(peer);
    if (peer_bytes(peer) != sizeof answer - 1 || !peer_left_is(peer, 'H'))
        fail(run, "%zu bytes of the fallback's answer of %zu came", peer_bytes(peer),
             sizeof answer - 1);
}

/* Behind a right hash nothing is handed on. */
static void right_password(struct run *run)
{
    int listening = fallback_listen(run);
    struct peer *peer = peer_connect(run);
    struct oracle_buffer bytes = {0};

    add_preamble(peer, run->options->password, 30);
    oracle_buffer_add(&bytes, peer_take_out(peer));
    add_raw(peer, oracle_buffer_bytes(&bytes));
    add_hello(peer);
    flush(peer);
    open_stream(run, peer, 1, target_start(run, TARGET_ECHO, 0));
    echo(run, peer, 1, 50);
    while (wait_for(listening, POLLIN, 0)) {
        int descriptor = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

        if (begins_with(descriptor, oracle_buffer_bytes(&bytes)))
            fail(run, "a session with the right password was handed to the fallback");
        close(descriptor);
    }
}

static void silence(struct run *run)
{
    int listening = fallback_listen(run);
    struct peer *peer = peer_connect(run);
    struct oracle_buffer bytes = pattern(10, 43);

    add_raw(peer, oracle_buffer_bytes(&bytes));
    flush(peer);
    handed_on(run, listening, oracle_buffer_bytes(&bytes), now_ms() + 20000);
}

static const struct test tests[] = {
    {"another-hash", "AUTH-FALLBACK", "64 bytes that are no preamble arrive as they were sent",
     bytes_then_end, 64, 0},
    {"fewer-than-a-preamble", "AUTH-FALLBACK", "5 bytes and the end, too", bytes_then_end, 5, 0},
    {"one-byte-short-of-a-hash", "AUTH-FALLBACK", "31 bytes and the end, too", bytes_then_end, 31,
     0},
    {"web-server-answers", "AUTH-FALLBACK", "a web server's answer goes back as it is",
     answer_of_web_server, 0, 0},
    {"right-password", "AUTH-FALLBACK", "a session is not handed on", right_password, 0, 0},
    {"silence", "AUTH-DEADLINE", "10 bytes, then silence: handed on within 20 s", silence, 0,
     CASE_SLOW},
};

SECTION(server_fallback, "fallback", tests);
