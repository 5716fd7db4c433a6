/* Hosts as people write them, and schemes in memory of their own. */
#include "io/host.h"

#include <string.h>

#include "io/scheme.h"
#include "support.h"

static struct anytls_address address;

START_TEST(an_address_is_read_as_one)
{
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

    ck_assert(anytls_host_read("192.0.2.255", 8080, &address));
    ck_assert_int_eq(address.kind, ANYTLS_IPV4);
    ck_assert_int_eq(address.port, 8080);
    ck_assert_int_eq(address.size, 4);
    ck_assert_mem_eq(address.host, "\xc0\x00\x02\xff", 4);
    ck_assert(anytls_host_read("2001:db8::1", 443, &address));
    ck_assert_int_eq(address.kind, ANYTLS_IPV6);
    ck_assert_int_eq(address.size, 16);
    ck_assert_mem_eq(address.host, v6, 16);
}
END_TEST

START_TEST(anything_else_is_a_name)
{
    static const char *const names[] = {"web.example", "1.2.3", "1.2.3.4.5",
                                        "256.1.1.1",   "[::1]", "::g"};

    for (size_t i = 0; i < COUNT(names); i++) {
        ck_assert(anytls_host_read(names[i], 1, &address));
        ck_assert_int_eq(address.kind, ANYTLS_NAME);
        ck_assert_uint_eq(address.size, strlen(names[i]));
        ck_assert_mem_eq(address.host, names[i], address.size);
    }
}
END_TEST

START_TEST(a_name_has_1_to_255_bytes)
{
    char name[257];

    memset(name, 'n', sizeof name);
    name[256] = '\0';
    ck_assert(!anytls_host_read(name, 1, &address));
    name[255] = '\0';
    ck_assert(anytls_host_read(name, 1, &address));
    ck_assert_int_eq(address.size, 255);
    ck_assert(!anytls_host_read("", 1, &address));
}
END_TEST

START_TEST(a_scheme_is_copied_with_its_md5)
{
    static struct anytls_scheme_copy copy;
    char text[] = "stop=2\n1=5-6";

    ck_assert_int_eq(anytls_scheme_copy(text_of(text), &copy).status, ANYTLS_OK);
    memset(text, 0, sizeof text);
    ck_assert_uint_eq(copy.scheme.stop, 2);
    ck_assert_uint_eq(copy.scheme.text.size, 12);
    ck_assert_ptr_eq(copy.scheme.text.bytes, copy.bytes);
    ck_assert_mem_eq(copy.bytes, "stop=2\n1=5-6", 12);
    ck_assert_mem_eq(copy.scheme.md5, "bdbf48324583b215661c9842e467dbcd", 32);
}
END_TEST

START_TEST(a_scheme_that_is_invalid_leaves_the_copy)
{
    static struct anytls_scheme_copy copy;
    struct anytls_scheme_result result;

    ck_assert_int_eq(anytls_scheme_copy(text_of("stop=2"), &copy).status, ANYTLS_OK);
    result = anytls_scheme_copy(text_of("stop=3\n1=1-65536"), &copy);
    ck_assert_int_eq(result.status, ANYTLS_BAD_SIZE);
    ck_assert_uint_eq(result.line, 2);
    ck_assert_uint_eq(copy.scheme.stop, 2);
    ck_assert_mem_eq(copy.bytes, "stop=2", 6);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_address_is_read_as_one,
        anything_else_is_a_name,
        a_name_has_1_to_255_bytes,
        a_scheme_is_copied_with_its_md5,
        a_scheme_that_is_invalid_leaves_the_copy,
    };

    return suite_run("io host", tests, COUNT(tests));
}
