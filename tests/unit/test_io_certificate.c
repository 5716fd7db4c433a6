/* Certificates made in memory. */
#include "io/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static struct anytls_certificate made;

static void make(const char *name)
{
    ck_assert(anytls_certificate_make(name, &made));
}

START_TEST(a_certificate_is_signed_by_its_own_key_which_is_p_256)
{
    char group[40];

    make("web.example");
    ck_assert_int_eq(X509_verify(made.certificate, made.key), 1);
    ck_assert_int_eq(X509_check_private_key(made.certificate, made.key), 1);
    ck_assert_int_eq(EVP_PKEY_get_group_name(made.key, group, sizeof group, NULL), 1);
    ck_assert_str_eq(group, "prime256v1");
    ck_assert_int_eq(X509_get_version(made.certificate), X509_VERSION_3);
    anytls_certificate_free(&made);
    ck_assert_ptr_null(made.certificate);
    anytls_certificate_free(&made); /* nothing is left to free */
}
END_TEST

START_TEST(a_certificate_is_for_its_name_or_address_and_no_other)
{
    make("web.example");
    ck_assert_int_eq(X509_check_host(made.certificate, "web.example", 0, 0, NULL), 1);
    ck_assert_int_eq(X509_check_host(made.certificate, "other.example", 0, 0, NULL), 0);
    anytls_certificate_free(&made);
    make("192.0.2.7");
    ck_assert_int_eq(X509_check_ip_asc(made.certificate, "192.0.2.7", 0), 1);
    ck_assert_int_eq(X509_check_ip_asc(made.certificate, "192.0.2.8", 0), 0);
    anytls_certificate_free(&made);
    make("2001:db8::1");
    ck_assert_int_eq(X509_check_ip_asc(made.certificate, "2001:db8::1", 0), 1);
    anytls_certificate_free(&made);
}
END_TEST

START_TEST(a_certificate_is_valid_now_and_in_nine_years_and_not_in_eleven)
{
    time_t now = time(NULL);
    time_t nine = now + 9L * 365 * 86400;
    time_t eleven = now + 11L * 365 * 86400;

    make("web.example");
    ck_assert_int_lt(X509_cmp_time(X509_get0_notBefore(made.certificate), &now), 0);
    ck_assert_int_gt(X509_cmp_time(X509_get0_notAfter(made.certificate), &nine), 0);
    ck_assert_int_lt(X509_cmp_time(X509_get0_notAfter(made.certificate), &eleven), 0);
    anytls_certificate_free(&made);
}
END_TEST

START_TEST(two_certificates_have_different_keys_and_serial_numbers)
{
    struct anytls_certificate other;

    make("web.example");
    ck_assert(anytls_certificate_make("web.example", &other));
    ck_assert_int_ne(EVP_PKEY_eq(made.key, other.key), 1);
    ck_assert_int_ne(ASN1_INTEGER_cmp(X509_get0_serialNumber(made.certificate),
                                      X509_get0_serialNumber(other.certificate)),
                     0);
    anytls_certificate_free(&other);
    anytls_certificate_free(&made);
}
END_TEST

START_TEST(a_name_that_x_509_cannot_hold_makes_no_certificate)
{
    char name[80];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert(!anytls_certificate_make(name, &made));
    ck_assert_ptr_null(made.certificate);
    ck_assert_ptr_null(made.key);
    ck_assert_uint_ne(ERR_get_error(), 0);
}
END_TEST

START_TEST(pem_text_holds_certificate_and_key)
{
    struct anytls_certificate read;
    char *pem;

    make("web.example");
    pem = anytls_certificate_pem(&made);
    ck_assert_ptr_nonnull(pem);
    ck_assert(anytls_certificate_read(pem, &read));
    ck_assert_int_eq(X509_cmp(read.certificate, made.certificate), 0);
    ck_assert_int_eq(EVP_PKEY_eq(read.key, made.key), 1);
    free(pem);
    anytls_certificate_free(&read);
    anytls_certificate_free(&made);
}
END_TEST

START_TEST(pem_text_without_one_of_the_two_is_refused)
{
    char *pem;

    make("web.example");
    pem = anytls_certificate_pem(&made);
    anytls_certificate_free(&made);
    ck_assert(!anytls_certificate_read("", &made));
    ck_assert(!anytls_certificate_read("no PEM", &made));
    ck_assert(!anytls_certificate_read(strstr(pem, "-----BEGIN PRIVATE"), &made));
    *strstr(pem, "-----BEGIN PRIVATE") = '\0';
    ck_assert(!anytls_certificate_read(pem, &made));
    ck_assert_ptr_null(made.certificate);
    free(pem);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_certificate_is_signed_by_its_own_key_which_is_p_256,
        a_certificate_is_for_its_name_or_address_and_no_other,
        a_certificate_is_valid_now_and_in_nine_years_and_not_in_eleven,
        two_certificates_have_different_keys_and_serial_numbers,
        a_name_that_x_509_cannot_hold_makes_no_certificate,
        pem_text_holds_certificate_and_key,
        pem_text_without_one_of_the_two_is_refused,
    };

    return suite_run("io certificate", tests, COUNT(tests));
}
