#include "text.h"

struct anytls_number anytls_number_read(struct anytls_text text)
{
    struct anytls_number result = {false, 0};

    if (text.size == 0)
        return result;
    /*@ loop invariant 0 <= i <= text.size;
        loop invariant digits(text.bytes, i);
        loop invariant !result.valid;
        loop invariant result.value == held(decimal(text.bytes, i));
        loop assigns i, result;
        loop variant text.size - i;
    */
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.bytes[i];
        uint32_t digit;

        if (byte < '0' || byte > '9')
            return (struct anytls_number){false, 0};
        digit = (uint32_t)byte - '0';
        if (result.value > (UINT32_MAX - digit) / 10u)
            result.value = UINT32_MAX;
        else
            result.value = result.value * 10u + digit;
    }
    result.valid = true;
    return result;
}

size_t anytls_text_find(struct anytls_text text, size_t start, uint8_t byte)
{
    size_t i = start;

    /*@ loop invariant start <= i <= text.size;
        loop invariant \forall integer j; start <= j < i ==> text.bytes[j] != byte;
        loop assigns i;
        loop variant text.size - i;
    */
    while (i < text.size && text.bytes[i] != byte)
        i++;
    return i;
}

struct anytls_text anytls_text_part(struct anytls_text text, size_t start, size_t end)
{
    struct anytls_text part = {text.bytes, 0};

    if (start == end)
        return part; /* text.bytes may be NULL here: no arithmetic on it */
    part.bytes = text.bytes + start;
    part.size = end - start;
    return part;
}

bool anytls_text_is(struct anytls_text text, const char *word)
{
    size_t i = 0;

    /*@ loop invariant 0 <= i <= text.size;
        loop invariant \forall integer j; 0 <= j < i ==> 0 < word[j] == text.bytes[j];
        loop invariant \forall integer n; word_of(word, n) ==> i <= n;
        loop assigns i;
        loop variant text.size - i;
    */
    while (i < text.size && word[i] != '\0' && text.bytes[i] == (uint8_t)word[i])
        i++;
    return i == text.size && word[i] == '\0';
}
