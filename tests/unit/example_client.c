/* Fetches a page through an AnyTLS server: example_client SERVER PORT PASSWORD CA-FILE */
#include <stdio.h>

#include "io/blocking.h"
#include "io/host.h"
#include "io/socket.h"

int main(int argc, char **argv)
{
    static struct anytls_socket server;
    static struct anytls_connection connection;
    struct anytls_connection_config config;
    struct anytls_tls_config trust = {.ca = argv[argc - 1]};
    struct anytls_tls_context *tls = anytls_tls_context_new(&trust, server.error);
    struct anytls_address web;
    struct anytls_incoming in = {.status = ANYTLS_IO_FAILED};

    if (tls != NULL && argc == 5 && anytls_connection_config_set(&config, argv[3]) &&
        anytls_socket_connect(&server, tls, argv[1], argv[2], NULL, 5000) == ANYTLS_IO_OK) {
        anytls_host_read("web.example", 80, &web);
        anytls_connect(&connection, &config, anytls_socket_transport(&server));
        anytls_open(&connection, &web);
        anytls_write(&connection, 1, "GET / HTTP/1.0\r\n\r\n", 18);
        while ((in = anytls_read(&connection, 5000)).status == ANYTLS_IO_OK &&
               in.event.type != ANYTLS_EVENT_STREAM_FINISHED)
            if (in.event.type == ANYTLS_EVENT_DATA)
                fwrite(in.event.data.bytes, 1, in.event.data.size, stdout);
        anytls_socket_close(&server, 1000);
    }
    anytls_tls_context_free(tls);
    if (in.event.type == ANYTLS_EVENT_STREAM_FINISHED)
        return 0;
    fprintf(stderr, "no page: %s\n", server.error);
    return 1;
}
