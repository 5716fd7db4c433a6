#include "runner.h"
const struct test tests_go_peers[] = {TESTS_END};
