/* Digests, against values from FIPS 180-4 and RFC 1321. */
#include "io/digest.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

static void check_hash(const char *password, const char *expected)
{
    uint8_t hash[ANYTLS_HASH_SIZE];
    char text[65];

    ck_assert(anytls_password_hash(text_of(password), hash));
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    ck_assert_str_eq(text, expected);
}

/* AUTH-PREAMBLE */
START_TEST(the_hash_of_a_password_is_its_sha_256)
{
    check_hash("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_hash("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

START_TEST(a_text_without_memory_is_an_empty_one)
{
    uint8_t hash[ANYTLS_HASH_SIZE];
    struct anytls_text none = {NULL, 0};

    ck_assert(anytls_password_hash(none, hash));
    ck_assert_int_eq(hash[0], 0xe3);
}
END_TEST

static void check_md5(const char *text, const char *expected)
{
    struct anytls_scheme scheme = {text_of(text), 0, {0}};

    ck_assert(anytls_scheme_md5_set(&scheme));
    ck_assert_mem_eq(scheme.md5, expected, ANYTLS_MD5_TEXT_SIZE);
}

/* PAD-MD5 */
START_TEST(the_md5_of_a_scheme_is_lower_case_hexadecimal)
{
    check_md5("", "d41d8cd98f00b204e9800998ecf8427e");
    check_md5("message digest", "f96b697d7cb7938d525a2f31aaf161d0");
    check_md5("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b");
}
END_TEST

/* PAD-DEFAULT */
START_TEST(the_default_scheme_has_the_md5_that_it_states)
{
    struct anytls_scheme scheme = anytls_scheme_default;

    memset(scheme.md5, 0, sizeof scheme.md5);
    ck_assert(anytls_scheme_md5_set(&scheme));
    ck_assert_mem_eq(scheme.md5, anytls_scheme_default.md5, ANYTLS_MD5_TEXT_SIZE);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_hash_of_a_password_is_its_sha_256,
        a_text_without_memory_is_an_empty_one,
        the_md5_of_a_scheme_is_lower_case_hexadecimal,
        the_default_scheme_has_the_md5_that_it_states,
    };

    return suite_run("io digest", tests, COUNT(tests));
}
