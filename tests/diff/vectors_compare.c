#include <string.h>

#include "vectors.h"

static bool may_be_left_out(const char *name)
{
    static const char *const names[] = {"reason", "violations", "accepted", "consumed", "scheme"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Whether b has all that a has to have, and the same. */
static bool members_in(const cJSON *a, const cJSON *b)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, a)
    {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(b, member->string);

        if (other == NULL && !may_be_left_out(member->string))
            return false;
        if (other != NULL && !answers_equal(member, other))
            return false;
    }
    return true;
}

static bool arrays_equal(const cJSON *a, const cJSON *b)
{
    const cJSON *left = a->child;
    const cJSON *right = b->child;

    while (left != NULL && right != NULL && answers_equal(left, right)) {
        left = left->next;
        right = right->next;
    }
    return left == NULL && right == NULL;
}

bool answers_equal(const cJSON *a, const cJSON *b)
{
    if (cJSON_IsObject(a) && cJSON_IsObject(b))
        return members_in(a, b) && members_in(b, a);
    if (cJSON_IsArray(a) && cJSON_IsArray(b))
        return arrays_equal(a, b);
    return cJSON_Compare(a, b, true);
}

static bool size_fits(const cJSON *wanted, const cJSON *drawn)
{
    if (cJSON_IsString(wanted))
        return cJSON_Compare(wanted, drawn, true);
    return cJSON_IsNumber(drawn) && drawn->valuedouble >= json_number(wanted, "min") &&
           drawn->valuedouble <= json_number(wanted, "max");
}

static bool draw_fits(const cJSON *sizes, const cJSON *draw)
{
    const cJSON *wanted = sizes->child;
    const cJSON *size = draw->child;

    while (wanted != NULL && size != NULL && size_fits(wanted, size)) {
        wanted = wanted->next;
        size = size->next;
    }
    return wanted == NULL && size == NULL;
}

/* An implementation that only draws sizes shows some draws instead of the ranges. */
static bool drawn_fit(const cJSON *expected, const cJSON *drawn)
{
    const cJSON *sizes = cJSON_GetObjectItemCaseSensitive(expected, "sizes");
    const cJSON *draw;

    if (sizes == NULL || !cJSON_IsArray(drawn) || drawn->child == NULL)
        return false;
    cJSON_ArrayForEach(draw, drawn)
    {
        if (!draw_fits(sizes, draw))
            return false;
    }

    return true;
}

static bool answer_is(const cJSON *expected, const cJSON *answer)
{
    const cJSON *drawn = cJSON_GetObjectItemCaseSensitive(answer, "drawn");

    return drawn != NULL ? drawn_fit(expected, drawn) : answers_equal(expected, answer);
}

bool answer_is_expected(const struct vector *vector, const cJSON *answer)
{
    return answer_is(cJSON_GetObjectItemCaseSensitive(vector->json, "expected"), answer);
}

bool answer_passes(const struct vector *vector, const cJSON *answer)
{
    const cJSON *allowed = cJSON_GetObjectItemCaseSensitive(vector->json, "allowed");
    const cJSON *one;

    if (answer_is_expected(vector, answer))
        return true;
    cJSON_ArrayForEach(one, allowed)
    {
        if (answer_is(cJSON_GetObjectItemCaseSensitive(one, "answer"), answer))
            return true;
    }

    return false;
}
