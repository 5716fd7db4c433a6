/* One server process: its loop, its listener and its signals. */
#include <signal.h>

#include "listen.h"
#include "log.h"
#include "server.h"

#define BACKLOG 1024

struct process {
    struct server server;
    uv_signal_t term;
    uv_signal_t interrupt;
    uv_signal_t hang_up;
    uv_pipe_t parent;
};

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *server = listener->data;

    if (status == 0)
        session_accept(server);
    else
        anytls_log(ANYTLS_LOG_WARN, "accept: %s", uv_strerror(status));
}

void server_stop_if_done(struct server *server)
{
    if (server->stopping && server->session_count == 0 && server->target_count == 0)
        uv_stop(server->space.loop);
}

static void on_cut_timeout(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void on_stop_timeout(uv_timer_t *timer)
{
    sessions_cut(timer->data);
    uv_timer_start(timer, on_cut_timeout, CUT_TIMEOUT, 0); /* the last of them stops the loop */
}

static void stop(struct server *server)
{
    if (server->stopping) {
        uv_stop(server->space.loop); /* told twice: at once */
        return;
    }
    server->stopping = true;
    uv_close((uv_handle_t *)&server->listener, NULL);
    sessions_stop(server);
    uv_timer_start(&server->stop_timer, on_stop_timeout, STOP_TIMEOUT, 0);
    server_stop_if_done(server);
}

static void on_stop_signal(uv_signal_t *signal, int number)
{
    (void)number;
    stop(signal->data);
}

static void on_hang_up(uv_signal_t *signal, int number)
{
    struct server *server = signal->data;
    char error[ANYTLS_ERROR_TEXT_SIZE];
    struct server_settings *settings = server_settings_new(server->options, error);

    (void)number;
    if (settings == NULL) {
        anytls_log(ANYTLS_LOG_ERROR, "not reread, the old settings stay: %s", error);
        return;
    }
    server_settings_release(server->settings);
    server->settings = settings;
    anytls_log(ANYTLS_LOG_INFO, "reread certificate, password and padding scheme");
}

static void on_parent_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char ignored[64];

    (void)handle, (void)suggested;
    *buffer = uv_buf_init(ignored, sizeof ignored);
}

static void on_parent_end(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    (void)buffer;
    if (size >= 0)
        return;
    uv_close((uv_handle_t *)stream, NULL);
    stop(stream->data);
}

static bool fallback_set(struct server *server)
{
    struct host_port fallback;

    if (server->options->fallback == NULL)
        return true;
    fallback = host_port_read(server->options->fallback);
    return fallback.valid && address_from_host(fallback.host, fallback.port, &server->fallback);
}

static void signals_start(struct process *process, uv_loop_t *loop)
{
    uv_signal_init(loop, &process->term);
    uv_signal_init(loop, &process->interrupt);
    uv_signal_init(loop, &process->hang_up);
    process->term.data = &process->server;
    process->interrupt.data = &process->server;
    process->hang_up.data = &process->server;
    uv_signal_start(&process->term, on_stop_signal, SIGTERM);
    uv_signal_start(&process->interrupt, on_stop_signal, SIGINT);
    uv_signal_start(&process->hang_up, on_hang_up, SIGHUP);
}

int server_run(const struct server_options *options, int listening, int parent)
{
    static struct process process;
    struct server *server = &process.server;
    uv_loop_t *loop = uv_default_loop();
    char error[ANYTLS_ERROR_TEXT_SIZE];
    int failed;

    signal(SIGPIPE, SIG_IGN);
    descriptors_raise();
    server->options = options;
    server->settings = server_settings_new(options, error);
    if (server->settings == NULL) {
        anytls_log(ANYTLS_LOG_ERROR, "cannot start: %s", error);
        return 1;
    }
    if (!workspace_begin(&server->space, loop) || !fallback_set(server)) {
        anytls_log(ANYTLS_LOG_ERROR, "cannot start: out of memory");
        return 1;
    }
    signals_start(&process, loop);
    uv_timer_init(loop, &server->stop_timer);
    server->stop_timer.data = server;
    if (parent >= 0) {
        uv_pipe_init(loop, &process.parent, 0);
        process.parent.data = server;
        if (uv_pipe_open(&process.parent, parent) == 0)
            uv_read_start((uv_stream_t *)&process.parent, on_parent_alloc, on_parent_end);
    }
    uv_tcp_init(loop, &server->listener);
    server->listener.data = server;
    failed = uv_tcp_open(&server->listener, listening);
    if (failed == 0) {
        if (parent >= 0) /* leave some to the other workers; libuv sleeps for that */
            uv_tcp_simultaneous_accepts(&server->listener, 0);
        failed = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    }
    if (failed != 0) {
        anytls_log(ANYTLS_LOG_ERROR, "cannot listen: %s", uv_strerror(failed));
        return 1;
    }
    uv_run(loop, UV_RUN_DEFAULT);
    return 0;
}
