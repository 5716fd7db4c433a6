#include <stdlib.h>

#include "client.h"
#include "log.h"

static uint64_t now(const struct client *client)
{
    return uv_now(client->space.loop);
}

bool pool_add(struct client *client, struct session *session, uint64_t sequence)
{
    struct anytls_pool_entry entry = {sequence, 0, false, session};

    if (client->pool_count == client->pool_capacity) {
        size_t capacity = client->pool_capacity == 0 ? 16 : 2 * client->pool_capacity;
        struct anytls_pool_entry *grown = realloc(client->pool, capacity * sizeof *grown);

        if (grown == NULL)
            return false;
        client->pool = grown;
        client->pool_capacity = capacity;
    }
    client->pool[client->pool_count] = entry;
    client->pool_count++;
    return true;
}

static struct anytls_pool_entry *entry_of(struct client *client, const struct session *session)
{
    size_t i = 0;

    while (i < client->pool_count && client->pool[i].user != session)
        i++;
    return i < client->pool_count ? &client->pool[i] : NULL;
}

void pool_remove(struct client *client, const struct session *session)
{
    struct anytls_pool_entry *entry = entry_of(client, session);

    if (entry == NULL)
        return;
    client->pool_count--;
    *entry = client->pool[client->pool_count];
}

void pool_start(struct client *client, struct inbound *inbound)
{
    struct anytls_pool_choice choice = anytls_pool_take(client->pool, client->pool_count);

    while (choice.found) {
        struct session *session = client->pool[choice.index].user;

        client->pool[choice.index].idle = false;
        if (session_start(session, inbound))
            return;
        choice = anytls_pool_take(client->pool, client->pool_count);
    }
    if (now(client) < client->retry_at) {
        anytls_log(ANYTLS_LOG_DEBUG, "request refused: the server is not dialled for %u ms more",
                   (unsigned)(client->retry_at - now(client)));
        inbound_failed(inbound, SOCKS_FAILURE);
        return;
    }
    if (!session_dial(client, inbound))
        inbound_failed(inbound, SOCKS_FAILURE);
}

void pool_return(struct session *session)
{
    struct client *client = session_client(session);
    struct anytls_pool_entry *entry = entry_of(client, session);

    if (entry == NULL)
        return;
    if (client->options->no_reuse || client->stopping) {
        session_end(session);
        return;
    }
    entry->idle = true;
    entry->idle_since = now(client);
}

void pool_retire(struct client *client, bool all)
{
    uint64_t timeout = all ? 0 : client->options->idle_timeout * UINT64_C(1000);
    uint64_t at = all ? UINT64_MAX : now(client);
    size_t keep = all ? 0 : client->options->min_idle;
    struct anytls_pool_choice choice =
        anytls_pool_retire(client->pool, client->pool_count, at, timeout, keep);

    while (choice.found) {
        session_end(client->pool[choice.index].user); /* takes itself off the pool */
        choice = anytls_pool_retire(client->pool, client->pool_count, at, timeout, keep);
    }
}

void pool_back_off(struct client *client, const char *why)
{
    uint32_t pause = BACK_OFF_FIRST;

    for (unsigned i = 0; i < client->failures && pause < BACK_OFF_MAX; i++)
        pause *= 2;
    client->failures++;
    client->retry_at = now(client) + pause;
    anytls_log(ANYTLS_LOG_WARN, "server %s: %s; not dialled for %u ms", client->options->host, why,
               (unsigned)pause);
}

void pool_answered(struct client *client)
{
    client->failures = 0;
    client->retry_at = 0;
}
