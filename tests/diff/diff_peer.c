#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diff_act.h"
#include "io/digest.h"

#define LINE_SIZE 4096u
#define SHRINK_RUNS_MAX 200u

struct peer {
    pid_t process;
    int to;
    FILE *from;
    char socket[256]; /* where the program listens */
    unsigned port;
    char own_socket[108];
    int plain; /* where we listen */
    int secure;
    unsigned own_port;
    struct anytls_tls_context *client;
    struct anytls_tls_context *server;
};

/* ---- The program ---- */

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {AF_UNIX, ""};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(descriptor, 4) != 0)
        return -1;
    return descriptor;
}

static int listen_tcp(unsigned *port)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(descriptor, 4) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&address, &size) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return descriptor;
}

static bool start_program(struct peer *peer, const char *program, const char *folder)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    peer->process = fork();
    if (peer->process == 0) {
        dup2(pair[1], STDIN_FILENO);
        dup2(pair[1], STDOUT_FILENO);
        execl(program, program, folder, (char *)NULL);
        _exit(127);
    }
    close(pair[1]);
    peer->to = pair[0];
    peer->from = fdopen(dup(pair[0]), "r");
    return peer->process > 0 && peer->from != NULL;
}

/* A line of the program, without its end; false: none came in time. */
static bool read_line(struct peer *peer, char *line)
{
    struct pollfd descriptor = {fileno(peer->from), POLLIN, 0};

    if (poll(&descriptor, 1, 2 * PATIENCE_MS) <= 0 || fgets(line, LINE_SIZE, peer->from) == NULL)
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static bool make_contexts(struct peer *peer)
{
    struct anytls_tls_config client = {.insecure = true};
    struct anytls_tls_config server = {.server = true};
    char error[ANYTLS_ERROR_TEXT_SIZE];

    peer->client = anytls_tls_context_new(&client, error);
    peer->server = anytls_tls_context_new(&server, error);
    return peer->client != NULL && peer->server != NULL;
}

struct peer *peer_start(const char *program, const char *folder)
{
    struct peer *peer = calloc(1, sizeof *peer);
    char line[LINE_SIZE];

    if (peer == NULL)
        abort();
    snprintf(peer->own_socket, sizeof peer->own_socket, "%.80s/ours-%ld.socket", folder,
             (long)getpid());
    peer->plain = listen_unix(peer->own_socket);
    peer->secure = listen_tcp(&peer->own_port);
    if (peer->plain >= 0 && peer->secure >= 0 && make_contexts(peer) &&
        start_program(peer, program, folder) && read_line(peer, line) &&
        sscanf(line, "ready %255s %u", peer->socket, &peer->port) == 2)
        return peer;
    fprintf(stderr, "%s: does not start\n", program);
    peer_stop(peer);
    return NULL;
}

void peer_stop(struct peer *peer)
{
    if (peer->process > 0) {
        shutdown(peer->to, SHUT_RDWR); /* it ends with its input */
        close(peer->to);
        for (int i = 0; i < 200 && waitpid(peer->process, NULL, WNOHANG) == 0; i++) {
            if (i == 100)
                kill(peer->process, SIGKILL);
            poll(NULL, 0, 10);
        }
    }
    if (peer->from != NULL)
        fclose(peer->from);
    close(peer->plain);
    close(peer->secure);
    unlink(peer->own_socket);
    unlink(peer->socket);
    anytls_tls_context_free(peer->client);
    anytls_tls_context_free(peer->server);
    free(peer);
}

/* ---- Connections ---- */

static int dial(const struct peer *peer, bool tls)
{
    struct sockaddr_un path = {AF_UNIX, ""};
    struct sockaddr_in address = {0};
    int descriptor = socket(tls ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result;

    snprintf(path.sun_path, sizeof path.sun_path, "%.100s", peer->socket);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)peer->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    result = tls ? connect(descriptor, (struct sockaddr *)&address, sizeof address)
                 : connect(descriptor, (struct sockaddr *)&path, sizeof path);
    if (result == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

static int accept_from(const struct peer *peer, bool tls)
{
    struct pollfd descriptor = {tls ? peer->secure : peer->plain, POLLIN, 0};

    if (poll(&descriptor, 1, PATIENCE_MS) <= 0)
        return -1;
    return accept4(descriptor.fd, NULL, NULL, SOCK_CLOEXEC);
}

/* Tells the program its part. */
static void order(struct peer *peer, const struct script *script, bool tls)
{
    const char *scheme = script->scheme[0] != '\0' ? script->scheme : oracle_default_scheme;
    const char *mode = tls ? "tls" : "plain";
    struct blob text = {NULL, 0, 0};
    char start[512];

    if (script->server && tls)
        snprintf(start, sizeof start, "client tls 127.0.0.1:%u", peer->own_port);
    else if (script->server)
        snprintf(start, sizeof start, "client plain %s", peer->own_socket);
    else
        snprintf(start, sizeof start, "server %s %zu ", mode, script_streams(script));
    blob_add(&text, start, strlen(start));
    if (script->server)
        script_print(script, &text);
    for (const char *at = scheme; !script->server && *at != '\0'; at++) {
        snprintf(start, sizeof start, "%02x", (unsigned)(unsigned char)*at);
        blob_add(&text, start, 2);
    }
    blob_add(&text, "\n", 1);
    for (size_t done = 0; done < text.size;) {
        ssize_t sent = send(peer->to, text.at + done, text.size - done, MSG_NOSIGNAL);

        if (sent <= 0)
            break;
        done += (size_t)sent;
    }
    blob_free(&text);
}

/* ---- A session ---- */

static bool check(struct peer *peer, struct act *act)
{
    struct outcome outcomes[SCRIPT_STREAMS_MAX];
    size_t count;
    char line[LINE_SIZE];
    bool good = false;

    script_outcomes(act->script, outcomes, &count);
    if (!read_line(peer, line))
        snprintf(act->fault, FAULT_SIZE, "the peer says nothing");
    else if (act->fault[0] != '\0')
        snprintf(act->fault + strlen(act->fault), FAULT_SIZE - strlen(act->fault),
                 " (the peer: %.300s)", line);
    else if (strncmp(line, "done", 4) != 0)
        snprintf(act->fault, FAULT_SIZE, "the peer: %.500s", line);
    else
        good = check_ours(act, outcomes, count) &&
               (act->script->server ? check_client_line(act, line, outcomes, count)
                                    : check_server_line(act, line, outcomes, count));
    for (size_t i = 0; i < count; i++)
        outcome_free(&outcomes[i]);
    return good;
}

static bool script_run(struct peer *peer, const struct script *script, bool tls, char *fault)
{
    static struct act act;
    struct anytls_tls_context *context = script->server ? peer->server : peer->client;
    int descriptor;
    bool good;

    memset(&act, 0, sizeof act);
    act.script = script;
    order(peer, script, tls);
    descriptor = script->server ? accept_from(peer, tls) : dial(peer, tls);
    if (descriptor < 0 || !link_begin(&act.link, descriptor, tls ? context : NULL)) {
        snprintf(fault, FAULT_SIZE, "no connection");
        return false;
    }
    good = script->server ? act_server(&act) : act_client(&act);
    if (!good) {
        close(act.link.descriptor); /* so that the peer ends, too */
        act.link.descriptor = -1;
    }
    good = check(peer, &act);
    memcpy(fault, act.fault, FAULT_SIZE);
    act_free(&act);
    return good;
}

static void shrink(struct peer *peer, struct script *script, bool tls)
{
    char fault[FAULT_SIZE];
    unsigned runs = 0;

    for (size_t i = script->count - 1; i > 0 && runs < SHRINK_RUNS_MAX; i--) {
        struct script smaller = *script;

        if (i > smaller.count)
            continue;
        memmove(&smaller.steps[i - 1], &smaller.steps[i],
                (smaller.count - i) * sizeof *smaller.steps);
        smaller.count--;
        script_tidy(&smaller);
        runs++;
        if (!script_run(peer, &smaller, tls, fault))
            *script = smaller;
    }
}

static void save(const struct script *script, bool tls, const char *folder, const char *fault)
{
    struct blob text = {NULL, 0, 0};
    char path[512];
    FILE *file;

    script_print(script, &text);
    snprintf(path, sizeof path, "%s/peer-%llu.txt", folder, (unsigned long long)script->seed);
    file = fopen(path, "w");
    if (file != NULL) {
        fprintf(file, "# %s\nseed %llu %s, we are the %s, version %u\nscheme: %s\n%.*s\n", fault,
                (unsigned long long)script->seed, tls ? "tls" : "plain",
                script->server ? "server" : "client", script->version, script->scheme,
                (int)text.size, (const char *)text.at);
        fclose(file);
        printf("saved: %s\n", path);
    }
    blob_free(&text);
}

bool peer_session(struct peer *peer, uint64_t seed, bool tls, const char *folder)
{
    static struct script script;
    char fault[FAULT_SIZE] = "";

    script_make(&script, seed);
    if (script_run(peer, &script, tls, fault))
        return true;
    printf("seed %llu (%s, we are the %s): %s\n", (unsigned long long)seed, tls ? "tls" : "plain",
           script.server ? "server" : "client", fault);
    fflush(stdout);
    shrink(peer, &script, tls);
    save(&script, tls, folder, fault);
    return false;
}
