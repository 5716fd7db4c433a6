#include "digest.h"

#include <openssl/evp.h>

static bool digest(const EVP_MD *kind, struct anytls_text text, uint8_t *out)
{
    static const uint8_t none;

    return EVP_Digest(text.size > 0 ? text.bytes : &none, text.size, out, NULL, kind, NULL) == 1;
}

bool anytls_password_hash(struct anytls_text password, uint8_t *hash)
{
    return digest(EVP_sha256(), password, hash);
}

bool anytls_scheme_md5_set(struct anytls_scheme *scheme)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t raw[ANYTLS_MD5_TEXT_SIZE / 2];

    if (!digest(EVP_md5(), scheme->text, raw))
        return false;
    for (size_t i = 0; i < sizeof raw; i++) {
        scheme->md5[2 * i] = (uint8_t)digits[raw[i] / 16];
        scheme->md5[2 * i + 1] = (uint8_t)digits[raw[i] % 16];
    }
    return true;
}
