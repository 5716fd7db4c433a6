/* Several server processes behind one listening socket, and a parent that keeps them alive. */
#ifndef ANYTLS_PROGRAMS_SERVER_WORKERS_H
#define ANYTLS_PROGRAMS_SERVER_WORKERS_H

#include "server.h"

/* The name by which a worker knows that it is one, as its first argument. */
#define WORKER_ARGUMENT "--worker"
#define WORKER_LISTENING 3 /* descriptor that a worker inherits: the listening socket */
#define WORKER_PIPE 4      /* and this: secrets, and then the parent's life */

/* Starts options->workers workers and replaces each that dies, until told to stop. arguments: those
 * that a worker gets, without secrets, ended by NULL. */
int workers_run(const struct server_options *options, char **arguments, int listening);

/* In a worker: reads what the parent passed into options (password, pem), whose memory then lives
 * as long as the process. false: the parent has gone. */
bool worker_secrets_read(struct server_options *options);

#endif
