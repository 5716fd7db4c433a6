#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "io/digest.h"
#include "log.h"

struct client_scheme *client_scheme_new(struct anytls_text text)
{
    struct client_scheme *scheme = calloc(1, sizeof *scheme);

    if (scheme == NULL)
        return NULL;
    memcpy(scheme->text, text.bytes, text.size);
    text.bytes = scheme->text;
    scheme->users = 1;
    scheme->scheme = anytls_scheme_read(text).scheme;
    if (anytls_scheme_md5_set(&scheme->scheme))
        return scheme;
    free(scheme);
    return NULL;
}

void client_scheme_release(struct client_scheme *scheme)
{
    scheme->users--;
    if (scheme->users == 0)
        free(scheme);
}

void client_scheme_replace(struct client *client, struct anytls_text text)
{
    struct client_scheme *scheme = client_scheme_new(text);

    if (scheme == NULL)
        return;
    client_scheme_release(client->scheme);
    client->scheme = scheme;
    anytls_log(ANYTLS_LOG_INFO, "the server gave a padding scheme for sessions to come");
}
