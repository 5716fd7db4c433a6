/* What a server reads from files, at the start and again at HUP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/digest.h"
#include "options.h"
#include "server.h"

static bool password_set(struct server_settings *settings, const struct server_options *options,
                         char *error)
{
    char *password = options->password;
    struct anytls_text text;
    bool done;

    if (password == NULL)
        password = password_file_read(options->password_file, error);
    if (password == NULL)
        return false;
    text.bytes = (const uint8_t *)password;
    text.size = strlen(password);
    done = anytls_password_hash(text, settings->config.hash);
    if (!done)
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "OpenSSL gives no SHA-256");
    if (password != options->password)
        free(password);
    return done;
}

static bool scheme_set(struct server_settings *settings, const char *path, char *error)
{
    struct file_bytes file;
    struct anytls_text text;
    struct anytls_scheme_result read;

    settings->scheme = anytls_scheme_default;
    if (path == NULL)
        return true;
    file = file_read(path, ANYTLS_SCHEME_SIZE_MAX);
    if (file.bytes == NULL) {
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "%.250s", file.error);
        return false;
    }
    settings->scheme_text = file.bytes;
    /* A text file ends with a line's end, which the scheme itself does not have. */
    if (file.size > 0 && file.bytes[file.size - 1] == '\n')
        file.size--;
    text.bytes = file.bytes;
    text.size = file.size;
    if (memchr(text.bytes, '\r', text.size) != NULL) {
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "%.150s: lines end with CR LF; save it with LF",
                 path);
        return false;
    }
    read = anytls_scheme_read(text);
    if (read.status == ANYTLS_OK) {
        settings->scheme = read.scheme;
        return anytls_scheme_md5_set(&settings->scheme);
    }
    if (read.line > 0)
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "%.150s, line %zu: %s", path, read.line,
                 anytls_status_text(read.status));
    else
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "%.150s: %s", path,
                 anytls_status_text(read.status));
    return false;
}

static bool tls_set(struct server_settings *settings, const struct server_options *options,
                    char *error)
{
    struct anytls_tls_config tls = {
        .server = true,
        .certificate = options->certificate,
        .key = options->key,
        .pem = options->pem,
        .key_log = getenv("SSLKEYLOGFILE"),
    };

    settings->tls = anytls_tls_context_new(&tls, error);
    return settings->tls != NULL;
}

struct server_settings *server_settings_new(const struct server_options *options, char *error)
{
    struct server_settings *settings = calloc(1, sizeof *settings);

    if (settings == NULL) {
        snprintf(error, ANYTLS_ERROR_TEXT_SIZE, "out of memory");
        return NULL;
    }
    settings->users = 1;
    settings->config.session.version = 2;
    settings->config.session.strict = options->strict;
    settings->config.preamble_timeout = ANYTLS_PREAMBLE_TIMEOUT;
    error[0] = '\0';
    if (password_set(settings, options, error) &&
        scheme_set(settings, options->padding_scheme, error) && tls_set(settings, options, error))
        return settings;
    server_settings_release(settings);
    return NULL;
}

void server_settings_release(struct server_settings *settings)
{
    settings->users--;
    if (settings->users > 0)
        return;
    anytls_tls_context_free(settings->tls);
    free(settings->scheme_text);
    free(settings);
}
