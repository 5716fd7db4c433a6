#include "certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400L

static bool serial_set(X509 *certificate)
{
    uint64_t serial = 0;

    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial / 2 + 1) == 1;
}

static bool name_set(X509 *certificate, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1;
}

static bool alternative_name_set(X509 *certificate, const char *name)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    char text[300];
    X509_EXTENSION *extension;
    bool done;

    snprintf(text, sizeof text, "%s:%s", address != NULL ? "IP" : "DNS", name);
    ASN1_OCTET_STRING_free(address);
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
    done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *name)
{
    return X509_set_version(certificate, X509_VERSION_3) == 1 && serial_set(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), 3650 * DAY) != NULL &&
           X509_set_pubkey(certificate, key) == 1 && name_set(certificate, name) &&
           alternative_name_set(certificate, name) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

bool anytls_certificate_make(const char *name, struct anytls_certificate *result)
{
    result->key = EVP_EC_gen("P-256");
    result->certificate = X509_new();
    if (result->key != NULL && result->certificate != NULL &&
        fill(result->certificate, result->key, name))
        return true;
    anytls_certificate_free(result);
    return false;
}

char *anytls_certificate_pem(const struct anytls_certificate *certificate)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    char *pem = NULL;

    if (memory == NULL)
        return NULL;
    if (PEM_write_bio_X509(memory, certificate->certificate) == 1 &&
        PEM_write_bio_PrivateKey(memory, certificate->key, NULL, NULL, 0, NULL, NULL) == 1) {
        long size = BIO_get_mem_data(memory, &bytes);

        pem = strndup(bytes, (size_t)size);
    }
    BIO_free(memory);
    return pem;
}

bool anytls_certificate_read(const char *pem, struct anytls_certificate *result)
{
    BIO *memory = BIO_new_mem_buf(pem, -1);

    result->certificate = NULL;
    result->key = NULL;
    if (memory != NULL) {
        result->certificate = PEM_read_bio_X509(memory, NULL, NULL, NULL);
        result->key = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
        BIO_free(memory);
    }
    if (result->certificate != NULL && result->key != NULL)
        return true;
    anytls_certificate_free(result);
    return false;
}

void anytls_certificate_free(struct anytls_certificate *certificate)
{
    X509_free(certificate->certificate);
    EVP_PKEY_free(certificate->key);
    certificate->certificate = NULL;
    certificate->key = NULL;
}
