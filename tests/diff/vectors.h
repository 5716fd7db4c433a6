/* The runner of the test vectors: files, comparison, adapters, and the grid of who agrees. */
#ifndef ANYTLS_TESTS_DIFF_VECTORS_H
#define ANYTLS_TESTS_DIFF_VECTORS_H

#include <stdio.h>
#include <sys/types.h>

#include "adapters/c/json.h"

/* ---- Files (vectors_file.c, vectors_check.c) ---- */

struct vector {
    const char *group;
    const char *id;
    const char *operation;
    const cJSON *json;  /* the whole vector */
    const cJSON *input; /* bytes expanded to plain hexadecimal, texts also as bytes */
};

struct vectors {
    struct vector *at;
    size_t count;
    size_t capacity;
    cJSON **files;
    size_t file_count;
};

/* Reads and checks the files. Prints one line and returns false at the first fault. requirements:
 * a table whose first column holds the ids that vectors may name; NULL: not looked at. */
bool vectors_read(struct vectors *vectors, char *const *paths, int count, const char *requirements);
void vectors_release(struct vectors *vectors);

/* Whether one vector is as schema.json wants it, and what JSON Schema cannot say: cuts lie inside
 * the bytes, flags are explained. NULL, or the fault. */
const char *vector_fault(const cJSON *vector, const char *group, const cJSON *flags);

/* Whether a list of the file's header is as it should be. NULL, or the fault. */
const char *header_fault(const cJSON *file);

/* Lines of a table, each ended by a zero byte where its first tab was; ended by NULL. */
char **table_lines(const char *path);

/* ---- Comparison (vectors_compare.c) ---- */

/* Whether two answers are the same; members that answers may leave out (../README of the adapters)
 * are looked at only where both have them. */
bool answers_equal(const cJSON *a, const cJSON *b);

/* Whether an answer is the expected one: that of the reference. */
bool answer_is_expected(const struct vector *vector, const cJSON *answer);

/* Whether an answer is the expected one, or one of the allowed ones. */
bool answer_passes(const struct vector *vector, const cJSON *answer);

/* ---- Adapters (vectors_adapter.c) ---- */

struct adapter {
    const char *name;
    json_answer *inside; /* not NULL: asked in this process */
    const char *command;
    pid_t process;
    int to;
    int from;
    char *pending; /* bytes read and not yet used */
    size_t pending_size;
    size_t pending_capacity;
    bool ended;  /* by exit code 89, or after a fault */
    bool faulty; /* hung, died or answered nonsense: one line was printed */
};

bool adapter_start(struct adapter *adapter, const char *name, const char *command);

/* Asks one question. NULL: not implemented, or the adapter has ended. */
cJSON *adapter_ask(struct adapter *adapter, const struct vector *vector, int timeout_ms);

void adapter_stop(struct adapter *adapter);

/* ---- Results (vectors_grid.c) ---- */

enum outcome { NOT_ASKED, UNSUPPORTED, PASSED, FAILED };

struct column {
    const char *name;
    enum outcome *outcomes; /* one a vector */
    cJSON **answers;
};

/* The grid of groups and implementations, and of pairs of implementations, as Markdown. */
void grid_print(FILE *out, const struct vectors *vectors, const struct column *columns,
                size_t count);

/* Holds the failures against the table of known deviations (implementation, vector, reason).
 * Prints a line for each that is not in it, and for each that is in it but did not happen, and
 * returns how many. */
size_t deviations_check(const char *path, const struct vectors *vectors,
                        const struct column *columns, size_t count);

#endif
