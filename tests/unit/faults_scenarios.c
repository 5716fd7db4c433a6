/* Scenarios that need no peer. */
#include "faults_scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults_calls.h"
#include "io/certificate.h"
#include "io/scheme.h"
#include "programs/log.h"
#include "support_io.h"

/* ---- A log ---- */

static int log_saved;
static int log_ends[2];

static void log_set_up(void)
{
    must(pipe2(log_ends, O_CLOEXEC) == 0, "no pipe");
    log_saved = dup(STDERR_FILENO);
    dup2(log_ends[1], STDERR_FILENO);
}

static bool log_run(void)
{
    fault_stage("log");
    anytls_log(ANYTLS_LOG_ERROR, "entry %d", 1);
    return true;
}

/* Whatever became of the first entry, the second is whole. */
static void log_tear_down(void)
{
    static const char expected[] = "Z error: entry 2\n";
    const size_t tail = sizeof expected - 1;
    char text[4096];
    ssize_t size;

    anytls_log(ANYTLS_LOG_ERROR, "entry %d", 2);
    dup2(log_saved, STDERR_FILENO);
    close(log_saved);
    size = read(log_ends[0], text, sizeof text);
    close(log_ends[0]);
    close(log_ends[1]);
    must(size > (ssize_t)tail && memcmp(text + (size_t)size - tail, expected, tail) == 0,
         "the log is out of order");
}

const struct scenario scenario_log = {"log", log_set_up, log_run, log_tear_down};

/* ---- Digests ---- */

static bool digest_run(void)
{
    static const uint8_t hash[4] = {0x2b, 0xb8, 0x0d, 0x53};      /* of "secret", its begin */
    static const char md5[] = "0f90ac628ea5d808d36a6522a492d7b6"; /* of "stop=1" */
    static struct anytls_scheme_copy copy;
    struct anytls_connection_config config;
    enum anytls_status status;

    fault_stage("digest");
    if (!anytls_connection_config_set(&config, "secret"))
        return false;
    must(memcmp(config.endpoint.hash, hash, sizeof hash) == 0, "a wrong hash");
    memset(&copy, 0, sizeof copy);
    status = anytls_scheme_copy(text_of("stop=1"), &copy).status;
    if (status == ANYTLS_OK) {
        must(memcmp(copy.scheme.md5, md5, ANYTLS_MD5_TEXT_SIZE) == 0, "a wrong MD5");
        return true;
    }
    must(status == ANYTLS_NOT_ALLOWED && copy.scheme.text.bytes == NULL, "status %d", (int)status);
    return false;
}

const struct scenario scenario_digest = {"digest", NULL, digest_run, NULL};

/* ---- Certificates ---- */

static bool certificate_made(const char *name, struct anytls_certificate *made)
{
    if (anytls_certificate_make(name, made)) {
        must(X509_verify(made->certificate, made->key) == 1, "not signed");
        return true;
    }
    must(made->certificate == NULL && made->key == NULL, "half a certificate");
    return false;
}

static bool certificate_copied(const struct anytls_certificate *made)
{
    struct anytls_certificate read;
    char *pem = anytls_certificate_pem(made);
    bool done = pem != NULL && anytls_certificate_read(pem, &read);

    must(!done || X509_cmp(read.certificate, made->certificate) == 0, "another certificate");
    must(pem == NULL || done || (read.certificate == NULL && read.key == NULL),
         "half a certificate");
    free(pem);
    if (done)
        anytls_certificate_free(&read);
    return done;
}

static bool certificate_run(void)
{
    struct anytls_certificate made;
    bool done;

    fault_stage("certificate");
    if (!certificate_made("192.0.2.7", &made))
        return false;
    anytls_certificate_free(&made);
    if (!certificate_made("web.example", &made))
        return false;
    fault_stage("PEM");
    done = certificate_copied(&made);
    anytls_certificate_free(&made);
    return done;
}

const struct scenario scenario_certificate = {"certificate", NULL, certificate_run, NULL};

/* ---- Contexts, and connections that begin ---- */

static const char *context_file;
static const char *context_keys;
static char *context_pem;

static void context_set_up(void)
{
    struct anytls_certificate made;

    if (context_file != NULL)
        return;
    context_file = certificate_file("web.example");
    context_keys = temporary_path(".keys");
    setenv("SSL_CERT_FILE", context_file, 1); /* the system's are many, and slow to load */
    must(anytls_certificate_make("web.example", &made), "no certificate");
    context_pem = anytls_certificate_pem(&made);
    must(context_pem != NULL, "no PEM");
    anytls_certificate_free(&made);
}

static struct anytls_tls_context *context_new(const struct anytls_tls_config *config)
{
    char error[ANYTLS_ERROR_TEXT_SIZE] = "";
    struct anytls_tls_context *context = anytls_tls_context_new(config, error);

    must(context != NULL || error[0] != '\0', "no context, and no reason");
    return context;
}

static bool begins(struct anytls_tls_context *context, const char *name)
{
    struct anytls_tls tls;
    bool begun = anytls_tls_begin(&tls, context, name);

    must(begun || tls.ssl == NULL, "half a connection");
    if (begun)
        anytls_tls_end(&tls);
    return begun;
}

static bool context_works(const struct anytls_tls_config *config)
{
    struct anytls_tls_context *context;
    bool done;

    fault_stage("context");
    context = context_new(config);
    if (context == NULL)
        return false;
    fault_stage("begin");
    done = begins(context, "web.example") && begins(context, "192.0.2.7");
    fault_stage("end");
    anytls_tls_context_free(context);
    return done;
}

static bool server_context_run(void)
{
    const struct anytls_tls_config configs[] = {
        {.server = true, .certificate = context_file, .key_log = context_keys},
        {.server = true, .pem = context_pem},
        {.server = true},
    };

    return context_works(&configs[0]) && context_works(&configs[1]) && context_works(&configs[2]);
}

static bool client_context_run(void)
{
    const struct anytls_tls_config configs[] = {{.ca = context_file, .key_log = context_keys},
                                                {.key_log = ""}};

    return context_works(&configs[0]) && context_works(&configs[1]);
}

const struct scenario scenario_server_context = {"server context", context_set_up,
                                                 server_context_run, NULL};
const struct scenario scenario_client_context = {"client context", context_set_up,
                                                 client_context_run, NULL};

/* ---- Listening ---- */

static bool listen_accepts(int listener)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int plain = socket(AF_INET, SOCK_STREAM, 0);
    int accepted;

    must(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "no address");
    must(connect(plain, (struct sockaddr *)&address, size) == 0, "no connection");
    fault_stage("accept");
    errno = 0;
    accepted = anytls_socket_accept(listener, 2000);
    must(accepted >= 0 || (errno != 0 && errno != ETIMEDOUT), "errno is %d", errno);
    close(plain);
    if (accepted >= 0)
        close(accepted);
    return accepted >= 0;
}

static bool listen_run(void)
{
    char error[ANYTLS_ERROR_TEXT_SIZE] = "";
    int listener;
    bool done;

    fault_stage("listen");
    listener = anytls_socket_listen("127.0.0.1", "0", error);
    if (listener < 0) {
        must(strstr(error, "cannot listen on 127.0.0.1 port 0: ") == error, "error: %s", error);
        return false;
    }
    done = listen_accepts(listener);
    close(listener);
    return done;
}

const struct scenario scenario_listen = {"listen", NULL, listen_run, NULL};

/* ---- The first connections of a process: a handshake in memory ---- */

struct first_end {
    struct anytls_tls tls;
    uint8_t bytes[ANYTLS_TLS_ROOM];
    struct anytls_buffer output;
    enum anytls_tls_status status;
};

static struct first_end first_ends[2];

static bool first_turn(struct first_end *self, const struct first_end *other)
{
    if (self->tls.input_size == 0)
        anytls_tls_feed(&self->tls, other->bytes, other->output.size);
    self->output.size = 0;
    if (self->status != ANYTLS_TLS_OK)
        self->status = anytls_tls_handshake(&self->tls, &self->output);
    return self->status == ANYTLS_TLS_OK || self->status == ANYTLS_TLS_WANT_INPUT;
}

static bool first_handshake(void)
{
    for (int turn = 0; turn < 10; turn++) {
        struct first_end *self = &first_ends[turn % 2];
        struct first_end *other = &first_ends[(turn + 1) % 2];

        if (!first_turn(self, other))
            return false;
        if (self->status == ANYTLS_TLS_OK && other->status == ANYTLS_TLS_OK)
            return true;
    }
    must(false, "a handshake without an end");
    return false;
}

static bool first_begun(struct first_end *end, struct anytls_tls_context *context)
{
    bool begun = anytls_tls_begin(&end->tls, context, NULL);

    end->output.bytes = end->bytes;
    end->output.capacity = sizeof end->bytes;
    end->output.size = 0;
    end->status = ANYTLS_TLS_WANT_INPUT;
    return begun;
}

static bool first_run(void)
{
    const struct anytls_tls_config configs[2] = {{.insecure = true, .key_log = context_keys},
                                                 {.server = true, .pem = context_pem}};
    struct anytls_tls_context *contexts[2];
    bool done = true;

    fault_stage("first");
    memset(first_ends, 0, sizeof first_ends);
    for (int side = 0; side < 2; side++) {
        contexts[side] = context_new(&configs[side]);
        done = done && contexts[side] != NULL && first_begun(&first_ends[side], contexts[side]);
    }
    done = done && first_handshake();
    for (int side = 0; side < 2; side++) {
        anytls_tls_end(&first_ends[side].tls);
        anytls_tls_context_free(contexts[side]);
    }
    return done;
}

const struct scenario scenario_first = {"first", context_set_up, first_run, NULL};
