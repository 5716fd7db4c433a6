/* The whole public interface of the core. */
#ifndef ANYTLS_CORE_ANYTLS_H
#define ANYTLS_CORE_ANYTLS_H

#include "endpoint.h"
#include "pool.h"

#endif
