#include "io/scheme.h"

#include <string.h>

#include "io/digest.h"

struct anytls_scheme_result anytls_scheme_copy(struct anytls_text text,
                                               struct anytls_scheme_copy *copy)
{
    struct anytls_scheme_result result = anytls_scheme_read(text);

    if (result.status == ANYTLS_OK && !anytls_scheme_md5_set(&result.scheme))
        result.status = ANYTLS_NOT_ALLOWED;
    if (result.status != ANYTLS_OK)
        return result;
    memmove(copy->bytes, text.bytes, text.size);
    result.scheme.text.bytes = copy->bytes;
    copy->scheme = result.scheme;
    return result;
}
