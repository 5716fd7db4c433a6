/* The calls of the system and of OpenSSL that ref/io names, as rows of
 *     CALL(type, name, parameters, arguments, what it returns when it fails, errno)
 * where an errno of 0 means that it is OpenSSL's queue of errors that tells why. OWN(name): its
 * wrapper is written out in faults_calls.c. To be included where CALL and OWN are defined.
 * What ref/io names and is not here stands in unreached_calls.tsv; faults_named compares. */

/* ---- The system ---- */
CALL(int, socket, (int family, int type, int protocol), (family, type, protocol), -1, EMFILE)
CALL(int, connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size),
     -1, ENETUNREACH)
CALL(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1,
     EADDRINUSE)
CALL(int, listen, (int fd, int backlog), (fd, backlog), -1, EADDRINUSE)
CALL(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
     (fd, address, size, flags), -1, EMFILE)
CALL(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
     (fd, level, name, value, size), -1, ENOBUFS)
CALL(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
     (fd, level, name, value, size), -1, ENOBUFS)
CALL(int, shutdown, (int fd, int how), (fd, how), -1, ENOTCONN)
CALL(int, poll, (struct pollfd * entries, nfds_t count, int timeout), (entries, count, timeout), -1,
     ENOMEM)
CALL(ssize_t, recv, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags), -1,
     ECONNRESET)
CALL(ssize_t, send, (int fd, const void *bytes, size_t size, int flags), (fd, bytes, size, flags),
     -1, EPIPE)
CALL(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size), -1, ENOSPC)
CALL(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL, EACCES)
CALL(int, fflush, (FILE * file), (file), EOF, ENOSPC)
CALL(int, getaddrinfo,
     (const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **list),
     (host, port, hints, list), EAI_MEMORY, ENOMEM)
CALL(void *, calloc, (size_t count, size_t size), (count, size), NULL, ENOMEM)
CALL(char *, strndup, (const char *text, size_t size), (text, size), NULL, ENOMEM)
CALL(int, vsnprintf, (char *text, size_t size, const char *format, va_list list),
     (text, size, format, list), -1, ENOMEM)
OWN(clock_gettime)
OWN(close)
OWN(fclose)
OWN(fcntl)
OWN(fprintf)

/* ---- Digests and random numbers ---- */
CALL(int, EVP_Digest,
     (const void *bytes, size_t size, unsigned char *out, unsigned *out_size, const EVP_MD *kind,
      ENGINE *engine),
     (bytes, size, out, out_size, kind, engine), 0, 0)
CALL(int, RAND_bytes, (unsigned char *bytes, int size), (bytes, size), 0, 0)

/* ---- Certificates ---- */
OWN(EVP_PKEY_Q_keygen)
CALL(ASN1_OCTET_STRING *, a2i_IPADDRESS, (const char *text), (text), NULL, 0)
CALL(int, ASN1_INTEGER_set_uint64, (ASN1_INTEGER * number, uint64_t value), (number, value), 0, 0)
CALL(X509 *, X509_new, (void), (), NULL, 0)
CALL(int, X509_set_version, (X509 * certificate, long version), (certificate, version), 0, 0)
CALL(int, X509_set_pubkey, (X509 * certificate, EVP_PKEY *key), (certificate, key), 0, 0)
CALL(int, X509_set_issuer_name, (X509 * certificate, const X509_NAME *name), (certificate, name), 0,
     0)
CALL(ASN1_TIME *, X509_gmtime_adj, (ASN1_TIME * time, long seconds), (time, seconds), NULL, 0)
CALL(int, X509_NAME_add_entry_by_txt,
     (X509_NAME * name, const char *field, int type, const unsigned char *bytes, int size,
      int place, int set),
     (name, field, type, bytes, size, place, set), 0, 0)
CALL(X509_EXTENSION *, X509V3_EXT_conf_nid,
     (LHASH_OF(CONF_VALUE) * set_up, X509V3_CTX *context, int kind, const char *value),
     (set_up, context, kind, value), NULL, 0)
CALL(int, X509_add_ext, (X509 * certificate, X509_EXTENSION *extension, int place),
     (certificate, extension, place), 0, 0)
CALL(int, X509_sign, (X509 * certificate, EVP_PKEY *key, const EVP_MD *digest),
     (certificate, key, digest), 0, 0)
CALL(int, PEM_write_bio_X509, (BIO * out, const X509 *certificate), (out, certificate), 0, 0)
CALL(int, PEM_write_bio_PrivateKey,
     (BIO * out, const EVP_PKEY *key, const EVP_CIPHER *cipher, const unsigned char *pass, int size,
      pem_password_cb *ask, void *user),
     (out, key, cipher, pass, size, ask, user), 0, 0)
CALL(X509 *, PEM_read_bio_X509, (BIO * in, X509 **into, pem_password_cb *ask, void *user),
     (in, into, ask, user), NULL, 0)
CALL(EVP_PKEY *, PEM_read_bio_PrivateKey,
     (BIO * in, EVP_PKEY **into, pem_password_cb *ask, void *user), (in, into, ask, user), NULL, 0)

/* ---- BIOs ---- */
CALL(BIO *, BIO_new, (const BIO_METHOD *kind), (kind), NULL, 0)
CALL(BIO *, BIO_new_mem_buf, (const void *bytes, int size), (bytes, size), NULL, 0)
CALL(int, BIO_get_new_index, (void), (), -1, 0)
CALL(BIO_METHOD *, BIO_meth_new, (int type, const char *name), (type, name), NULL, 0)
CALL(int, BIO_meth_set_read_ex, (BIO_METHOD * kind, int (*call)(BIO *, char *, size_t, size_t *)),
     (kind, call), 0, 0)
CALL(int, BIO_meth_set_write_ex,
     (BIO_METHOD * kind, int (*call)(BIO *, const char *, size_t, size_t *)), (kind, call), 0, 0)
CALL(int, BIO_meth_set_ctrl, (BIO_METHOD * kind, long (*call)(BIO *, int, long, void *)),
     (kind, call), 0, 0)
CALL(int, CRYPTO_THREAD_run_once, (CRYPTO_ONCE * once, void (*call)(void)), (once, call), 0, 0)

/* ---- TLS ---- */
CALL(int, CRYPTO_get_ex_new_index,
     (int kind, long argl, void *argp, CRYPTO_EX_new *make, CRYPTO_EX_dup *copy,
      CRYPTO_EX_free *end),
     (kind, argl, argp, make, copy, end), -1, 0)
CALL(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *method), (method), NULL, 0)
CALL(long, SSL_CTX_ctrl, (SSL_CTX * context, int command, long number, void *pointer),
     (context, command, number, pointer), 0, 0)
CALL(int, SSL_CTX_set_num_tickets, (SSL_CTX * context, size_t count), (context, count), 0, 0)
CALL(int, SSL_CTX_set_ex_data, (SSL_CTX * context, int index, void *data), (context, index, data),
     0, 0)
CALL(int, SSL_CTX_set_default_verify_paths, (SSL_CTX * context), (context), 0, 0)
CALL(int, SSL_CTX_load_verify_file, (SSL_CTX * context, const char *path), (context, path), 0, 0)
CALL(int, SSL_CTX_use_certificate, (SSL_CTX * context, X509 *certificate), (context, certificate),
     0, 0)
CALL(int, SSL_CTX_use_PrivateKey, (SSL_CTX * context, EVP_PKEY *key), (context, key), 0, 0)
CALL(int, SSL_CTX_use_certificate_chain_file, (SSL_CTX * context, const char *path),
     (context, path), 0, 0)
CALL(int, SSL_CTX_use_PrivateKey_file, (SSL_CTX * context, const char *path, int kind),
     (context, path, kind), 0, 0)
CALL(SSL *, SSL_new, (SSL_CTX * context), (context), NULL, 0)
CALL(long, SSL_ctrl, (SSL * ssl, int command, long number, void *pointer),
     (ssl, command, number, pointer), 0, 0)
CALL(int, SSL_set1_host, (SSL * ssl, const char *name), (ssl, name), 0, 0)
CALL(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM * check, const char *text),
     (check, text), 0, 0)
CALL(int, SSL_do_handshake, (SSL * ssl), (ssl), -1, 0)
CALL(int, SSL_read_ex, (SSL * ssl, void *bytes, size_t size, size_t *done),
     (ssl, bytes, size, done), 0, 0)
CALL(int, SSL_write_ex, (SSL * ssl, const void *bytes, size_t size, size_t *done),
     (ssl, bytes, size, done), 0, 0)
CALL(int, SSL_shutdown, (SSL * ssl), (ssl), -1, 0)
