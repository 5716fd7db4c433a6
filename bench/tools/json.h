/* Reading JSON, as far as the results of the benchmarks need it: the whole file becomes a tree. */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_kind kind;
    double number;
    char *text;         /* of a string */
    char *key;          /* within an object */
    struct json *first; /* of an array or object */
    struct json *next;  /* within one */
};

/* Reads a file; never freed. NULL: error (256 bytes, the caller's) says why. */
struct json *json_read(const char *path, char *error);

/* A member of an object; NULL: none of that name, or no object. */
const struct json *json_get(const struct json *object, const char *key);

/* A member's value, or the default. */
double json_number(const struct json *object, const char *key, double otherwise);
const char *json_text(const struct json *object, const char *key, const char *otherwise);
bool json_true(const struct json *object, const char *key);

/* The numbers of an array member; count of them. Never freed. */
double *json_numbers(const struct json *object, const char *key, size_t *count);

#endif
