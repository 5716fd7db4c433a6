/* Listening for TCP, for both programs. */
#ifndef ANYTLS_PROGRAMS_LISTEN_H
#define ANYTLS_PROGRAMS_LISTEN_H

/* Listens on HOST:PORT, logs the program's name and where it listens, and returns the descriptor.
 * A mistake ends the program with one line. */
int listen_on(const char *program, const char *where);

/* Lets the process have as many descriptors as the system allows it. */
void descriptors_raise(void);

#endif
