/* What a result depends on besides the code: processor, kernel, compiler, libraries. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

struct machine {
    char processor[96];
    long cores;
    char flags[96]; /* of the processor: those that choose how bytes are copied and ciphered */
    char kernel[96];
    char compiler[96];
    char libc[48];
    char openssl[96];
};

struct machine machine_read(void);

#endif
