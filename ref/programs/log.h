/* The log of a program: one line an entry on standard error, with the time in UTC and the level.
 * It is the one piece of ref/ that keeps state of its own: the level. */
#ifndef ANYTLS_PROGRAMS_LOG_H
#define ANYTLS_PROGRAMS_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

enum anytls_log_level { ANYTLS_LOG_ERROR, ANYTLS_LOG_WARN, ANYTLS_LOG_INFO, ANYTLS_LOG_DEBUG };

/* Entries above this level are left out; ANYTLS_LOG_INFO to begin with. */
void anytls_log_level_set(enum anytls_log_level level);

/* Writes an entry, as printf does. A line is cut at 1 KiB; control characters in it, which may come
 * from a peer, are written as '?'. */
__attribute__((format(printf, 2, 3))) void anytls_log(enum anytls_log_level level,
                                                      const char *format, ...);

#ifdef __cplusplus
}
#endif

#endif
