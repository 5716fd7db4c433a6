#include "contender.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../net.h"
#include "../secure.h"

#define ARGUMENTS_MAX 24
#define COMMAND_MAX 2048
#define PROCESS_FOLDER_MAX 60 /* that process.c takes */

/* The same for all: TLS 1.3, AES-128-GCM, X25519, an ECDSA P-256 certificate; no logging. Go takes
 * these by itself, but for its key exchange; OpenSSL is told by a configuration. */
static const char *const openssl_environment[] = {"OPENSSL_CONF={work}/openssl.cnf", NULL};
static const char *const go_environment[] = {"GODEBUG=tlsmlkem=0,tlssecpmlkem=0", NULL};
static const char *const rust_environment[] = {"RUST_LOG=off", NULL};

const struct contender contenders[] = {
    {"direct", "the load and the target, nothing between", NULL, NULL, NULL, false, false},
    {"relay-plain", "TLS relays that give OpenSSL the socket",
     "{programs}/tls_relay_plain server {server} {target} {work}/certificate.pem "
     "{work}/certificate.pem",
     "{programs}/tls_relay_plain client {client} {reach}", openssl_environment, false, false},
    {"relay-batched", "TLS relays over memory BIOs",
     "{programs}/tls_relay_batched server {server} {target} {work}/certificate.pem "
     "{work}/certificate.pem",
     "{programs}/tls_relay_batched client {client} {reach}", openssl_environment, false, false},
    {"reference", "anytls-server, anytls-client",
     "{programs}/anytls-server -l 127.0.0.1:{server} -p bench --workers 1 --allow-local "
     "--cert {work}/certificate.pem",
     "{programs}/anytls-client -l 127.0.0.1:{client} -s 127.0.0.1:{reach} -p bench --insecure",
     openssl_environment, true, true},
    {"reference-256", "the same with OpenSSL's own choice, AES-256-GCM, as anytls-rs has it",
     "{programs}/anytls-server -l 127.0.0.1:{server} -p bench --workers 1 --allow-local "
     "--cert {work}/certificate.pem",
     "{programs}/anytls-client -l 127.0.0.1:{client} -s 127.0.0.1:{reach} -p bench --insecure",
     NULL, true, true},
    {"anytls-go", "programs on the Go module sing-anytls",
     "{peers}/go-server -l 127.0.0.1:{server} -p bench",
     "{peers}/go-client -l 127.0.0.1:{client} -s 127.0.0.1:{reach} -p bench -insecure",
     go_environment, true, true},
    {"sing-box", "sing-box", "{peers}/sing-box run -c {work}/sing-box-server-{server}.json",
     "{peers}/sing-box run -c {work}/sing-box-client-{client}.json", go_environment, true, true},
    {"anytls-rs", "the programs of the crate anytls-rs, which choose cipher and group themselves",
     "{peers}/rs/bin/anytls-server -l 127.0.0.1:{server} -p bench -L error "
     "--cert {work}/certificate.pem --key {work}/certificate.pem",
     "{peers}/rs/bin/anytls-client -l 127.0.0.1:{client} -s 127.0.0.1:{reach} -p bench -L error",
     rust_environment, true, true},
    {NULL, NULL, NULL, NULL, NULL, false, false},
};

/* ---- Files ---- */

static bool file_write(const char *folder, const char *name, const char *text)
{
    char path[512];
    FILE *file;
    bool written;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "we");
    written = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && fclose(file) != 0)
        written = false;
    return written;
}

static const char openssl_text[] =
    "openssl_conf = begin\n[begin]\nssl_conf = all\n[all]\nsystem_default = tls\n[tls]\n"
    "Ciphersuites = TLS_AES_128_GCM_SHA256\nGroups = X25519\n";

bool places_prepare(struct places *places)
{
    const char *folder = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";

    snprintf(places->work, sizeof places->work, "%.200s/bench-peers.XXXXXX", folder);
    if (mkdtemp(places->work) == NULL)
        return false;
    /* What the processes write goes there, too, and with it when we are interrupted. */
    if (strlen(places->work) <= PROCESS_FOLDER_MAX)
        setenv("TMPDIR", places->work, 1);
    return file_write(places->work, "certificate.pem", secure_pem()) &&
           file_write(places->work, "openssl.cnf", openssl_text);
}

void places_remove(struct places *places)
{
    char command[512];

    snprintf(command, sizeof command, "rm -rf '%s'", places->work);
    if (places->work[0] != '\0' && system(command) != 0)
        fprintf(stderr, "bench-peers: cannot remove %s\n", places->work);
    places->work[0] = '\0';
}

/* sing-box takes its ports from a file. */
static bool sing_box_configure(const struct running *self)
{
    char name[64];
    char text[2048];

    snprintf(name, sizeof name, "sing-box-server-%u.json", (unsigned)self->server_port);
    snprintf(text, sizeof text,
             "{\"log\": {\"disabled\": true}, \"inbounds\": [{\"type\": \"anytls\", "
             "\"listen\": \"127.0.0.1\", \"listen_port\": %u, "
             "\"users\": [{\"name\": \"u\", \"password\": \"bench\"}], "
             "\"tls\": {\"enabled\": true, \"certificate_path\": \"%s/certificate.pem\", "
             "\"key_path\": \"%s/certificate.pem\"}}], "
             "\"outbounds\": [{\"type\": \"direct\"}]}\n",
             (unsigned)self->server_port, self->places->work, self->places->work);
    if (!file_write(self->places->work, name, text))
        return false;
    snprintf(name, sizeof name, "sing-box-client-%u.json", (unsigned)self->client_port);
    snprintf(
        text, sizeof text,
        "{\"log\": {\"disabled\": true}, \"inbounds\": [{\"type\": \"socks\", "
        "\"listen\": \"127.0.0.1\", \"listen_port\": %u}], "
        "\"outbounds\": [{\"type\": \"anytls\", \"server\": \"127.0.0.1\", "
        "\"server_port\": %u, \"password\": \"bench\", "
        "\"tls\": {\"enabled\": true, \"insecure\": true, \"server_name\": \"localhost\"}}]}\n",
        (unsigned)self->client_port, (unsigned)self->reach);
    return file_write(self->places->work, name, text);
}

/* ---- Command lines ---- */

static void put(char *to, size_t size, const char *text)
{
    size_t used = strlen(to);

    snprintf(to + used, size - used, "%s", text);
}

static void fill_in(const struct running *self, const char *pattern, char *to, size_t size)
{
    char ports[4][8];
    const char *const names[][2] = {
        {"{programs}", self->places->programs},
        {"{peers}", self->places->peers},
        {"{work}", self->places->work},
        {"{server}", ports[0]},
        {"{client}", ports[1]},
        {"{reach}", ports[2]},
        {"{target}", ports[3]},
    };
    const uint16_t numbers[] = {self->server_port, self->client_port, self->reach,
                                self->places->target};

    for (size_t i = 0; i < 4; i++)
        snprintf(ports[i], sizeof ports[i], "%u", (unsigned)numbers[i]);
    to[0] = '\0';
    while (*pattern != '\0') {
        char one[2] = {*pattern, '\0'};
        size_t i = 0;

        while (i < 7 && strncmp(pattern, names[i][0], strlen(names[i][0])) != 0)
            i++;
        put(to, size, i < 7 ? names[i][1] : one);
        pattern += i < 7 ? strlen(names[i][0]) : 1;
    }
}

static bool start(struct running *self, struct process *process, const char *pattern, uint16_t port)
{
    static char command[COMMAND_MAX];
    static char variable[COMMAND_MAX];
    const char *arguments[ARGUMENTS_MAX + 1] = {NULL};
    const char *environment[2] = {NULL, NULL};
    size_t count = 0;
    char *rest = command;

    fill_in(self, pattern, command, sizeof command);
    if (self->contender->environment != NULL) {
        fill_in(self, self->contender->environment[0], variable, sizeof variable);
        environment[0] = variable;
    }
    while (count < ARGUMENTS_MAX && (arguments[count] = strtok_r(rest, " ", &rest)) != NULL)
        count++;
    if (!process_start(process, arguments, environment)) {
        snprintf(self->error, sizeof self->error, "%.150s: %.80s", arguments[0], strerror(errno));
        return false;
    }
    if (process_wait_port(process, port))
        return true;
    snprintf(self->error, sizeof self->error, "%.100s takes no connections on port %u: %.100s",
             arguments[0], (unsigned)port, process_last_line(process));
    process_stop(process);
    return false;
}

bool contender_is_there(const struct contender *contender, const struct places *places)
{
    struct running running = {.contender = contender, .places = places};
    const char *const both[] = {contender->server, contender->client};
    char command[COMMAND_MAX];

    for (int i = 0; i < 2 && both[i] != NULL; i++) {
        fill_in(&running, both[i], command, sizeof command);
        command[strcspn(command, " ")] = '\0';
        if (access(command, X_OK) != 0)
            return false;
    }
    return true;
}

static bool server_start(struct running *self, const struct contender *contender,
                         const struct places *places)
{
    self->contender = contender;
    self->places = places;
    self->error[0] = '\0';
    self->server_port = net_free_port();
    self->client_port = net_free_port();
    if (self->reach == 0)
        self->reach = self->server_port;
    if (contender->server == NULL)
        return true;
    if (strcmp(contender->name, "sing-box") == 0 && !sing_box_configure(self)) {
        snprintf(self->error, sizeof self->error, "%.150s: %.80s", places->work, strerror(errno));
        return false;
    }
    return start(self, &self->server, contender->server, self->server_port);
}

bool running_server_start(struct running *self, const struct contender *contender,
                          const struct places *places)
{
    bool own = self->reach == 0;

    if (server_start(self, contender, places))
        return true;
    if (own)
        self->reach = 0;
    return server_start(self, contender, places);
}

bool running_client_start(struct running *self)
{
    if (self->contender->client == NULL)
        return true;
    return start(self, &self->client, self->contender->client, self->client_port);
}

/* A port that was free may be taken before it is listened on: once more, with other ports. */
bool running_start(struct running *self, const struct contender *contender,
                   const struct places *places)
{
    for (int i = 0; i < 2; i++) {
        memset(self, 0, sizeof *self);
        if (server_start(self, contender, places) && running_client_start(self))
            return true;
        running_stop(self);
    }
    return false;
}

void running_stop(struct running *self)
{
    process_stop(&self->client);
    process_stop(&self->server);
}

uint64_t running_cpu(const struct running *self)
{
    uint64_t sum = 0;

    if (self->client.pid > 0)
        sum += process_cpu(&self->client);
    if (self->server.pid > 0)
        sum += process_cpu(&self->server);
    return sum;
}

int running_connect(const struct running *self)
{
    if (self->contender->client == NULL)
        return net_connect(self->places->target);
    if (self->contender->socks)
        return net_connect_through(self->client_port, self->places->target);
    return net_connect(self->client_port);
}
