#define ADAPTER_ANSWER_MAX (16u * 1024u * 1024u)
#define EXIT_NOT_IMPLEMENTED 89

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vectors.h"

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool adapter_start(struct adapter *adapter, const char *name, const char *command)
{
    int pair[2];

    memset(adapter, 0, sizeof *adapter);
    adapter->name = name;
    adapter->command = command;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        perror("socketpair");
        return false;
    }
    adapter->process = fork();
    if (adapter->process < 0) {
        perror("fork");
        return false;
    }
    if (adapter->process == 0) {
        setpgid(0, 0); /* what a shell starts ends with it */
        dup2(pair[1], STDIN_FILENO);
        dup2(pair[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    setpgid(adapter->process, adapter->process);
    close(pair[1]);
    adapter->to = pair[0];
    return true;
}

static void fault(struct adapter *adapter, const struct vector *vector, const char *what)
{
    fprintf(stderr, "adapter %s: %s, at vector %s; it is not asked any more\n", adapter->name, what,
            vector->id);
    adapter->faulty = true;
    adapter_stop(adapter);
}

void adapter_stop(struct adapter *adapter)
{
    if (adapter->inside != NULL || adapter->ended)
        return;
    adapter->ended = true;
    kill(-adapter->process, SIGKILL);
    waitpid(adapter->process, NULL, 0);
    close(adapter->to);
    free(adapter->pending);
    adapter->pending = NULL;
}

/* The connection has ended: by an exit code, or by a signal? */
static void describe_end(struct adapter *adapter, const struct vector *vector)
{
    char text[64];
    int status = 0;
    pid_t done = 0;

    for (int i = 0; i < 100 && done == 0; i++) {
        done = waitpid(adapter->process, &status, WNOHANG);
        if (done == 0)
            poll(NULL, 0, 10);
    }
    if (done == adapter->process && WIFEXITED(status) &&
        WEXITSTATUS(status) == EXIT_NOT_IMPLEMENTED) {
        adapter_stop(adapter);
        return;
    }
    if (done == adapter->process && WIFEXITED(status))
        snprintf(text, sizeof text, "ended with exit code %d", WEXITSTATUS(status));
    else if (done == adapter->process)
        snprintf(text, sizeof text, "was ended by signal %d", WTERMSIG(status));
    else
        snprintf(text, sizeof text, "closed its output");
    fault(adapter, vector, text);
}

static bool wait_for(struct adapter *adapter, short events, long long deadline)
{
    struct pollfd descriptor = {adapter->to, events, 0};
    long long left = deadline - now_ms();
    int ready = poll(&descriptor, 1, left > 0 ? (int)left : 0);

    return ready > 0 || (ready < 0 && errno == EINTR);
}

static bool send_line(struct adapter *adapter, const struct vector *vector, const char *line,
                      long long deadline)
{
    size_t size = strlen(line);

    while (size > 0) {
        ssize_t sent;

        if (!wait_for(adapter, POLLOUT, deadline)) {
            fault(adapter, vector, "does not read its input in time");
            return false;
        }
        sent = send(adapter->to, line, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            describe_end(adapter, vector);
            return false;
        }
        line += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

/* Reads until pending holds a line; its end, or NULL. */
static char *await_line(struct adapter *adapter, const struct vector *vector, long long deadline)
{
    for (;;) {
        char *end =
            adapter->pending == NULL ? NULL : memchr(adapter->pending, '\n', adapter->pending_size);
        ssize_t got;

        if (end != NULL)
            return end;
        if (adapter->pending_size > ADAPTER_ANSWER_MAX) {
            fault(adapter, vector, "answers with a line over 16 MiB");
            return NULL;
        }
        if (!wait_for(adapter, POLLIN, deadline)) {
            fault(adapter, vector, "does not answer in time");
            return NULL;
        }
        if (adapter->pending_capacity - adapter->pending_size < 65536) {
            adapter->pending_capacity = 2 * adapter->pending_capacity + 65536;
            adapter->pending = realloc(adapter->pending, adapter->pending_capacity);
            if (adapter->pending == NULL)
                abort();
        }
        got = recv(adapter->to, adapter->pending + adapter->pending_size, 65536, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            describe_end(adapter, vector);
            return NULL;
        }
        adapter->pending_size += got > 0 ? (size_t)got : 0;
    }
}

static cJSON *question_of(const struct vector *vector)
{
    cJSON *question = cJSON_CreateObject();

    cJSON_AddStringToObject(question, "id", vector->id);
    cJSON_AddStringToObject(question, "op", vector->operation);
    cJSON_AddItemToObject(question, "input", cJSON_Duplicate(vector->input, true));
    return question;
}

static bool send_question(struct adapter *adapter, const struct vector *vector, long long deadline)
{
    cJSON *question = question_of(vector);
    char *text = cJSON_PrintUnformatted(question);
    bool sent =
        send_line(adapter, vector, text, deadline) && send_line(adapter, vector, "\n", deadline);

    free(text);
    cJSON_Delete(question);
    return sent;
}

/* Takes the answer out of a line; NULL: it is none, or says that there is none. */
static cJSON *answer_of(struct adapter *adapter, const struct vector *vector, cJSON *line)
{
    if (!cJSON_IsObject(line))
        fault(adapter, vector, "answers with what is no JSON object");
    else if (strcmp(json_string(line, "id"), vector->id) != 0)
        fault(adapter, vector, "answers another question");
    else if (json_flag(line, "unsupported"))
        return NULL;
    else if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(line, "answer")))
        return cJSON_DetachItemFromObjectCaseSensitive(line, "answer");
    else
        fault(adapter, vector, "answers with neither \"answer\" nor \"unsupported\"");
    return NULL;
}

cJSON *adapter_ask(struct adapter *adapter, const struct vector *vector, int timeout_ms)
{
    long long deadline = now_ms() + timeout_ms;
    char *end;
    cJSON *line;
    cJSON *answer;

    if (adapter->inside != NULL)
        return adapter->inside(vector->operation, vector->input);
    if (adapter->ended || !send_question(adapter, vector, deadline))
        return NULL;
    end = await_line(adapter, vector, deadline);
    if (end == NULL)
        return NULL;
    *end = '\0';
    line = cJSON_Parse(adapter->pending);
    adapter->pending_size -= (size_t)(end + 1 - adapter->pending);
    memmove(adapter->pending, end + 1, adapter->pending_size);
    answer = answer_of(adapter, vector, line);
    cJSON_Delete(line);
    return answer;
}
