#include "chain.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "net.h"
#include "target.h"

static struct chain chain;
static bool started;

static bool program_start(struct bench *bench, struct process *process,
                          const char *const *arguments, uint16_t port)
{
    if (!process_start(process, arguments, NULL)) {
        bench_fail(bench, "cannot start %s: %s", arguments[0], strerror(errno));
        return false;
    }
    if (process_wait_port(process, port))
        return true;
    bench_fail(bench, "%s does not take connections: %s", arguments[0], process_last_line(process));
    process_stop(process);
    return false;
}

bool chain_programs_start(struct bench *bench, struct chain *self)
{
    char server[4096];
    char client[4096];
    char server_at[32];
    char client_at[32];
    const char *const server_arguments[] = {
        server, "-l", server_at, "-p", CHAIN_PASSWORD, "--workers", "1", "--allow-local", NULL};
    const char *const client_arguments[] = {client, "-l",           client_at,    "-s", server_at,
                                            "-p",   CHAIN_PASSWORD, "--insecure", NULL};

    self->server_port = net_free_port();
    self->socks_port = net_free_port();
    snprintf(server, sizeof server, "%.4000s/anytls-server", bench_folder(bench));
    snprintf(client, sizeof client, "%.4000s/anytls-client", bench_folder(bench));
    snprintf(server_at, sizeof server_at, "127.0.0.1:%u", (unsigned)self->server_port);
    snprintf(client_at, sizeof client_at, "127.0.0.1:%u", (unsigned)self->socks_port);
    return program_start(bench, &self->server, server_arguments, self->server_port) &&
           program_start(bench, &self->client, client_arguments, self->socks_port);
}

void chain_programs_stop(struct chain *self)
{
    process_stop(&self->client);
    process_stop(&self->server);
}

struct chain *chain_get(struct bench *bench)
{
    if (started)
        return &chain;
    if (!target_start(&chain.target, &chain.target_port) ||
        !target_udp_start(&chain.datagrams, &chain.datagram_port)) {
        bench_fail(bench, "cannot start a target: %s", strerror(errno));
        return NULL;
    }
    started = chain_programs_start(bench, &chain);
    return started ? &chain : NULL;
}

void chain_stop(void)
{
    chain_programs_stop(&chain);
    process_stop(&chain.target);
    process_stop(&chain.datagrams);
    started = false;
}

void chain_kill(void)
{
    const struct process *const all[] = {&chain.client, &chain.server, &chain.target,
                                         &chain.datagrams};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i]->pid > 0)
            kill(all[i]->pid, SIGKILL);
        if (all[i]->log[0] != '\0')
            unlink(all[i]->log);
    }
}
