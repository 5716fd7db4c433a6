#include "server_workers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define WORKERS_MAX 64u
#define RESTART_DELAY 1000u /* ms, so that a worker that dies at once is no busy loop */

struct parent;

struct worker {
    struct parent *parent;
    uv_process_t process;
    uv_pipe_t pipe;
    uv_write_t request;
    uv_timer_t restart;
    bool running;
};

struct parent {
    uv_loop_t *loop;
    const struct server_options *options;
    char **arguments;
    char *program;
    int listening;
    uint8_t *secrets; /* what each worker is sent */
    size_t secrets_size;
    size_t running;
    bool stopping;
    uv_signal_t signals[3];
    struct worker workers[WORKERS_MAX];
};

/* ---- Secrets: two texts, each ended by a zero byte; the password may be empty (from a file) ----
 */

static bool secrets_make(struct parent *parent)
{
    const char *password = parent->options->password != NULL ? parent->options->password : "";
    const char *pem = parent->options->pem != NULL ? parent->options->pem : "";
    size_t first = strlen(password) + 1;

    parent->secrets_size = first + strlen(pem) + 1;
    parent->secrets = malloc(parent->secrets_size);
    if (parent->secrets == NULL)
        return false;
    memcpy(parent->secrets, password, first);
    memcpy(parent->secrets + first, pem, strlen(pem) + 1);
    return true;
}

static char *text_read(void)
{
    size_t size = 0;
    size_t capacity = 256;
    char *text = malloc(capacity);

    while (text != NULL) {
        ssize_t got = read(WORKER_PIPE, text + size, 1);

        if (got != 1)
            break;
        if (text[size] == '\0')
            return text;
        size++;
        if (size == capacity) {
            char *grown = realloc(text, 2 * capacity);

            if (grown == NULL)
                break;
            text = grown;
            capacity *= 2;
        }
    }
    free(text);
    return NULL;
}

bool worker_secrets_read(struct server_options *options)
{
    char *password = text_read();
    char *pem = password != NULL ? text_read() : NULL;

    if (pem == NULL) {
        free(password);
        return false;
    }
    if (password[0] != '\0')
        options->password = password;
    else
        free(password);
    if (pem[0] != '\0')
        options->pem = pem;
    else
        free(pem);
    return true;
}

/* ---- Workers ---- */

static void start(struct worker *worker);

static void on_restart(uv_timer_t *timer)
{
    struct worker *worker = timer->data;

    if (!worker->parent->stopping)
        start(worker);
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal)
{
    struct worker *worker = process->data;
    struct parent *parent = worker->parent;

    uv_close((uv_handle_t *)process, NULL);
    uv_close((uv_handle_t *)&worker->pipe, NULL);
    worker->running = false;
    parent->running--;
    if (!parent->stopping) {
        anytls_log(ANYTLS_LOG_WARN, "worker %d ended (status %d, signal %d); starting another",
                   (int)process->pid, (int)status, signal);
        uv_timer_start(&worker->restart, on_restart, RESTART_DELAY, 0);
    } else if (parent->running == 0) {
        uv_stop(parent->loop);
    }
}

static void start(struct worker *worker)
{
    struct parent *parent = worker->parent;
    uv_stdio_container_t stdio[5] = {
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = STDOUT_FILENO},
        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
        {.flags = UV_INHERIT_FD, .data.fd = parent->listening},
        /* flags, not one of them; NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange) */
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&worker->pipe},
    };
    uv_process_options_t options = {
        .exit_cb = on_exit_of,
        .file = parent->program,
        .args = parent->arguments,
        .stdio_count = 5,
        .stdio = stdio,
    };
    uv_buf_t secrets = uv_buf_init((char *)parent->secrets, (unsigned)parent->secrets_size);
    int error;

    uv_pipe_init(parent->loop, &worker->pipe, 0);
    worker->process.data = worker;
    error = uv_spawn(parent->loop, &worker->process, &options);
    if (error != 0) {
        anytls_log(ANYTLS_LOG_ERROR, "cannot start a worker: %s", uv_strerror(error));
        uv_close((uv_handle_t *)&worker->pipe, NULL);
        uv_timer_start(&worker->restart, on_restart, RESTART_DELAY, 0);
        return;
    }
    worker->running = true;
    parent->running++;
    uv_write(&worker->request, (uv_stream_t *)&worker->pipe, &secrets, 1, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct parent *parent = handle->data;

    if (number != SIGHUP)
        parent->stopping = true;
    for (size_t i = 0; i < parent->options->workers; i++)
        if (parent->workers[i].running)
            uv_process_kill(&parent->workers[i].process, number);
    if (parent->stopping && parent->running == 0)
        uv_stop(parent->loop);
}

int workers_run(const struct server_options *options, char **arguments, int listening)
{
    static struct parent parent;
    static char program[4096];
    size_t size = sizeof program;
    static const int numbers[3] = {SIGTERM, SIGINT, SIGHUP};

    parent.loop = uv_default_loop();
    parent.options = options;
    parent.arguments = arguments;
    parent.listening = listening;
    parent.program = program;
    signal(SIGPIPE, SIG_IGN);
    if (uv_exepath(program, &size) != 0 || !secrets_make(&parent)) {
        anytls_log(ANYTLS_LOG_ERROR, "cannot start workers");
        return 1;
    }
    for (size_t i = 0; i < 3; i++) {
        uv_signal_init(parent.loop, &parent.signals[i]);
        parent.signals[i].data = &parent;
        uv_signal_start(&parent.signals[i], on_signal, numbers[i]);
    }
    for (size_t i = 0; i < options->workers; i++) {
        parent.workers[i].parent = &parent;
        uv_timer_init(parent.loop, &parent.workers[i].restart);
        parent.workers[i].restart.data = &parent.workers[i];
        start(&parent.workers[i]);
    }
    uv_run(parent.loop, UV_RUN_DEFAULT);
    return 0;
}
