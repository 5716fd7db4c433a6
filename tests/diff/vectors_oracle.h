/* The oracle as one that answers the questions of the vectors, in this process. */
#ifndef ANYTLS_TESTS_DIFF_VECTORS_ORACLE_H
#define ANYTLS_TESTS_DIFF_VECTORS_ORACLE_H

#include "adapters/c/json.h"

json_answer oracle_answer;

/* One group of operations each; NULL: the operation is not of this group. */
json_answer oracle_codec;
json_answer oracle_texts;
json_answer oracle_whole_session;

#endif
