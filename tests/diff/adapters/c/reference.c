/* The answers of the reference: each group of operations has a file of its own. */
#include "json.h"

static json_answer *const reference_groups[] = {
    reference_codec, reference_addresses, reference_texts, reference_padding, reference_session};

cJSON *reference_answer(const char *operation, const cJSON *input)
{
    cJSON *answer = NULL;

    for (size_t i = 0; answer == NULL && i < sizeof reference_groups / sizeof *reference_groups;
         i++)
        answer = reference_groups[i](operation, input);
    return answer;
}
