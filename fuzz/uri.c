/* anytls:// links, over any text: what is accepted, written again and read again, is the same; every
 * part ends within its bounds; too little room writes nothing.
 *
 * reaches: anytls_uri_read, anytls_uri_write, anytls_uri_status_text */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "programs/uri.h"

static void check_parts(const struct anytls_uri *uri)
{
    FUZZ_ASSERT(memchr(uri->password, '\0', sizeof uri->password) != NULL);
    FUZZ_ASSERT(memchr(uri->host, '\0', sizeof uri->host) != NULL);
    FUZZ_ASSERT(memchr(uri->sni, '\0', sizeof uri->sni) != NULL);
    FUZZ_ASSERT(uri->host[0] != '\0' && uri->port > 0);
}

static void check_again(const struct anytls_uri *uri)
{
    static char text[4096];
    size_t size = anytls_uri_write(uri, text, sizeof text);
    struct anytls_uri again;

    FUZZ_ASSERT(size > 0 && size < sizeof text && strlen(text) == size);
    again = anytls_uri_read(text);
    FUZZ_ASSERT(again.status == ANYTLS_URI_OK);
    FUZZ_ASSERT(strcmp(again.password, uri->password) == 0);
    FUZZ_ASSERT(strcmp(again.host, uri->host) == 0);
    FUZZ_ASSERT(strcmp(again.sni, uri->sni) == 0);
    FUZZ_ASSERT(again.port == uri->port && again.insecure == uri->insecure);
    for (size_t room = 0; room <= size; room += size / 3 + 1) {
        char *little = fuzz_memory(room);

        FUZZ_ASSERT(anytls_uri_write(uri, little, room) == 0);
        free(little);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_memory(size + 1);
    struct anytls_uri uri;

    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    uri = anytls_uri_read(text);
    free(text);
    FUZZ_ASSERT(uri.status <= ANYTLS_URI_BAD_PARAMETER);
    FUZZ_ASSERT(anytls_uri_status_text(uri.status)[0] != '\0');
    if (uri.status == ANYTLS_URI_OK) {
        check_parts(&uri);
        check_again(&uri);
    }
    return 0;
}
