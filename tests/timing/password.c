/* AUTH-CONSTANT-TIME: neither a branch nor an address may depend on the bytes of the password's hash
 * while it is compared. The hash is marked as undefined memory; valgrind then reports any such
 * dependence. The verdict itself is no secret: password.supp lets the caller branch on it, and on
 * nothing else. With an argument the comparison is one that leaves early, which must be reported. */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "core/auth.h"

static void receive(const uint8_t *right, const uint8_t *sent)
{
    struct anytls_preamble preamble = anytls_preamble_begin();
    struct anytls_preamble_result result =
        anytls_preamble_receive(&preamble, right, sent, ANYTLS_HASH_SIZE);

    VALGRIND_MAKE_MEM_DEFINED(&result, sizeof result);
    printf("%d\n", (int)result.status);
}

int main(int argc, char **argv)
{
    uint8_t right[ANYTLS_HASH_SIZE];
    uint8_t sent[ANYTLS_HASH_SIZE];

    (void)argv;
    memset(right, 1, sizeof right);
    memset(sent, 1, sizeof sent);
    VALGRIND_MAKE_MEM_UNDEFINED(right, sizeof right);
    if (argc > 1) {
        size_t i = 0;

        while (i < sizeof right && right[i] == sent[i])
            i++;
        printf("%zu\n", i);
        return 0;
    }
    receive(right, sent);
    for (size_t i = 0; i < sizeof sent; i++) {
        sent[i] = 2;
        receive(right, sent);
        sent[i] = 1;
    }
    return 0;
}
