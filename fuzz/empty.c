/* Checks nothing: what an engine does with a target that costs no time. The executions per second
 * of the other targets are reported beside this one's.
 *
 * reaches: nothing */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    return 0;
}
