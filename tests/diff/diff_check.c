/* What both ends of a session with the Go module saw, held against the script. */
#include <stdlib.h>
#include <string.h>

#include "diff_act.h"

static struct tally tally_read(const char *word)
{
    struct tally tally = {0, 0};
    unsigned long long hash = 0;

    sscanf(word, "%zu:%llx", &tally.size, &hash);
    tally.hash = hash;
    return tally;
}

/* "done ID/DESTINATION/SIZE:HASH ...": what the program saw as a server. */
bool check_server_line(struct act *act, char *line, const struct outcome *outcomes, size_t count)
{
    char whole[300];
    char *word;

    snprintf(whole, sizeof whole, "%s", line);
    word = strtok(line + 4, " ");
    for (size_t i = 0; i < count; i++) {
        char destination[300];
        const char *last = word != NULL ? strrchr(word, '/') : NULL;
        unsigned id;

        if (last == NULL || sscanf(word, "%u/%299[^/]", &id, destination) != 2 || id != i + 1) {
            snprintf(act->fault, FAULT_SIZE, "the peer saw other streams: %s", whole);
            return false;
        }
        if (outcomes[i].port != PORT_FAIL && outcomes[i].port < PORT_SEND &&
            !server_saw(&outcomes[i], destination, tally_read(last + 1), act->fault))
            return false;
        word = strtok(NULL, " ");
    }
    if (word == NULL)
        return true;
    snprintf(act->fault, FAULT_SIZE, "the peer saw more: %.200s", word);
    return false;
}

/* "done SIZE:HASH/END ... MD5": what the program saw as a client, and the scheme that it holds. */
bool check_client_line(struct act *act, char *line, const struct outcome *outcomes, size_t count)
{
    char *word = strtok(line + 4, " ");

    for (size_t i = 0; i < count; i++) {
        char *end = word != NULL ? strchr(word, '/') : NULL;

        if (end == NULL || !client_saw(&outcomes[i], tally_read(word), end + 1, act->fault)) {
            if (act->fault[0] == '\0')
                snprintf(act->fault, FAULT_SIZE, "the peer saw fewer streams");
            return false;
        }
        word = strtok(NULL, " ");
    }
    if (word != NULL && strcmp(word, act->side.md5) == 0)
        return true;
    snprintf(act->fault, FAULT_SIZE, "the peer ends with %.200s and not with the scheme %s",
             word != NULL ? word : "nothing", act->side.md5);
    return false;
}

bool check_ours(struct act *act, const struct outcome *outcomes, size_t count)
{
    const struct script *script = act->script;

    if (act->count != count) {
        snprintf(act->fault, FAULT_SIZE, "we saw %zu streams, and not %zu", act->count, count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct act_stream *stream = &act->streams[i];
        bool fixed = outcomes[i].port == PORT_FAIL || outcomes[i].port >= PORT_SEND;

        if (!script->server && !client_saw(&outcomes[i], stream->tally, stream->end, act->fault))
            return false;
        if (script->server && !fixed &&
            !server_saw(&outcomes[i], stream->destination, stream->tally, act->fault))
            return false;
    }
    if (!script->server && act->scheme_came != (script->scheme[0] != '\0')) {
        snprintf(act->fault, FAULT_SIZE, "a scheme came, or did not, against the script");
        return false;
    }
    if (act->scheme_came &&
        act->scheme.hash != hash_on(HASH_START, script->scheme, strlen(script->scheme))) {
        snprintf(act->fault, FAULT_SIZE, "the scheme that came is not that of the server");
        return false;
    }
    return true;
}
