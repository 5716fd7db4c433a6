/* Events and output of a step, of ref/ and of the oracle, side by side. */
#ifndef ANYTLS_FUZZ_DIFF_EVENTS_H
#define ANYTLS_FUZZ_DIFF_EVENTS_H

#include "diff.h"
#include "session_program.h"

#define DIFF_EVENTS_MAX 256u
#define DIFF_DATA_MAX 262144u
#define DIFF_OUTPUT_MAX 1048576u

struct diff_event {
    enum anytls_event_type type;
    enum anytls_status violation;
    uint32_t stream;
    size_t start; /* of its data in struct diff */
    size_t size;
};

/* What ref/ answered in this step. */
struct diff {
    struct diff_event events[DIFF_EVENTS_MAX];
    size_t count;
    size_t data_size;
    size_t output_size;
    uint8_t data[DIFF_DATA_MAX];
    uint8_t output[DIFF_OUTPUT_MAX];
};

void diff_clear(struct diff *diff);
/* Adds an event; data of a stream that follow one another are one. */
void diff_add_event(struct diff *diff, const struct anytls_event *event);
void diff_add_output(struct diff *diff, const uint8_t *bytes, size_t size);

/* Aborts unless the oracle's events and output are the same. */
void diff_compare_event(const struct diff *diff, size_t index, struct oracle_event other);
void diff_compare_output(const struct diff *diff, struct oracle_bytes other);

/* The oracle's form of a configuration; md5 has room for 33 bytes. */
struct oracle_config diff_config(const struct fuzz_config *config, enum oracle_role role,
                                 char *md5);

#endif
