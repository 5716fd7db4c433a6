/* What the targets share that compare ref/ with the oracle of spec/: the two have no code and no
 * numbers in common, so they are compared by names and bytes. */
#ifndef ANYTLS_FUZZ_DIFF_H
#define ANYTLS_FUZZ_DIFF_H

#include <string.h>

#include "core/address.h"
#include "core/session.h"
#include "fuzz.h"
#include "oracle.h"

static inline bool diff_same_status(enum anytls_status ours, enum oracle_status theirs)
{
    return strcmp(anytls_status_text(ours), oracle_status_text(theirs)) == 0;
}

static inline bool diff_same_bytes(struct anytls_text ours, struct oracle_bytes theirs)
{
    return ours.size == theirs.size && fuzz_same(ours.bytes, theirs.at, ours.size);
}

static inline bool diff_same_address(const struct anytls_address *ours,
                                     const struct oracle_address *theirs)
{
    bool same_kind = (ours->kind == ANYTLS_NAME) == (theirs->kind == ORACLE_NAME) &&
                     (ours->kind == ANYTLS_IPV4) == (theirs->kind == ORACLE_IPV4);

    return same_kind && ours->port == theirs->port && ours->size == theirs->size &&
           memcmp(ours->host, theirs->host, ours->size) == 0;
}

#endif
