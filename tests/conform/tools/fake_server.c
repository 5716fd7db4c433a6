/* Servers that are none, for the suite's own tests: listens on a free loopback port, prints it, and
 * behaves as its argument says. Ends with its parent, or after a minute. */
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../conform.h"
#include "../tls.h"

static const char *behaviour;

/* Of the suite's runner, which is not linked in. */
uint64_t now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void flood(SSL *ssl, int descriptor)
{
    static uint8_t frames[16384]; /* zeros: Waste without data, again and again */
    int result = 1;

    while (result > 0 || SSL_get_error(ssl, result) == SSL_ERROR_WANT_WRITE) {
        result = SSL_write(ssl, frames, sizeof frames - sizeof frames % 7);
        if (result <= 0 && !wait_for(descriptor, 4 /* POLLOUT */, now_ms() + 5000))
            return;
    }
}

static void *serve(void *argument)
{
    int descriptor = *(int *)argument;
    SSL *ssl = NULL;

    free(argument);
    if (strcmp(behaviour, "not-tls") == 0)
        send(descriptor, "220 ready\r\n", 11, MSG_NOSIGNAL);
    if (strcmp(behaviour, "silent-tcp") == 0 || strcmp(behaviour, "not-tls") == 0)
        sleep(60);
    if (strstr(behaviour, "tls") != NULL || strcmp(behaviour, "flooding") == 0)
        ssl = tls_accept(descriptor, now_ms() + 5000);
    if (ssl != NULL && strcmp(behaviour, "flooding") == 0)
        flood(ssl, descriptor);
    if (ssl != NULL && strcmp(behaviour, "silent-tls") == 0)
        sleep(60);
    close(descriptor);
    return NULL;
}

int main(int argc, char **argv)
{
    int listening = tcp_listen("127.0.0.1", "0", 64);

    if (argc != 2 || listening < 0 || !tls_set_up(NULL))
        return 2;
    behaviour = argv[1];
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    alarm(60);
    printf("%u\n", port_of(listening));
    fclose(stdout);
    for (;;) {
        int *descriptor = malloc(sizeof *descriptor);
        pthread_t thread;

        if (descriptor == NULL)
            return 1;
        *descriptor = accept(listening, NULL, NULL);
        if (*descriptor < 0 || pthread_create(&thread, NULL, serve, descriptor) != 0)
            return 1;
        pthread_detach(thread);
    }
}
