#include <string.h>

#include "io/tls_context.h"

static struct anytls_tls *owner(BIO *bio)
{
    return BIO_get_data(bio);
}

static int bio_read(BIO *bio, char *bytes, size_t size, size_t *done)
{
    struct anytls_tls *tls = owner(bio);

    BIO_clear_retry_flags(bio);
    if (tls->input_size == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *done = size < tls->input_size ? size : tls->input_size;
    memcpy(bytes, tls->input, *done);
    tls->input += *done;
    tls->input_size -= *done;
    return 1;
}

static int bio_write(BIO *bio, const char *bytes, size_t size, size_t *done)
{
    struct anytls_buffer *output = owner(bio)->output;

    BIO_clear_retry_flags(bio);
    if (output == NULL || output->capacity - output->size < size) {
        BIO_set_retry_write(bio);
        return 0;
    }
    memcpy(output->bytes + output->size, bytes, size);
    output->size += size;
    *done = size;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *method; /* made once, for all threads, and kept */

static void method_make(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "anytls view");
    if (method == NULL)
        return;
    BIO_meth_set_read_ex(method, bio_read);
    BIO_meth_set_write_ex(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
}

BIO *anytls_tls_bio_new(struct anytls_tls *tls)
{
    static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
    BIO *bio;

    CRYPTO_THREAD_run_once(&once, method_make);
    bio = method != NULL ? BIO_new(method) : NULL;
    if (bio == NULL)
        return NULL;
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    return bio;
}
