/* For the files of the oracle: ends the program with a line. */
#ifndef ANYTLS_SPEC_ORACLE_FAULT_H
#define ANYTLS_SPEC_ORACLE_FAULT_H

#include <stddef.h>

_Noreturn void oracle_fault(const char *what);

/* Memory of zeros. Never NULL. */
void *oracle_memory(size_t count, size_t size);

#endif
