# Unit tests: each tests/unit/test_X.c is a program of its own with one Check suite.

CHECK_LIBS = $(shell pkg-config --libs check)
# An archive, so that a program takes only what it uses.
UNIT_SUPPORT := $(B)/tests/unit/support.a
UNIT_SUPPORT_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/support*.c))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(UNIT_SUPPORT) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) $(CHECK_LIBS) -o $@

$(UNIT_SUPPORT): $(UNIT_SUPPORT_OBJECTS)
	rm -f $@
	ar rcs $@ $^

.PHONY: check-unit
check-unit: $(UNIT_TESTS) ## the unit tests
	@tests/unit/run $(UNIT_TESTS)

# Coverage of ref/core by the unit tests alone, in a build of its own.
COVERAGE_CC ?= clang-19
COVERAGE_TESTS = $(filter-out $(B)/tests/unit/test_io_%,$(UNIT_TESTS))
COVERAGE_CFLAGS = -O0 -g -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc

.PHONY: coverage coverage-run
coverage: ## coverage of ref/core by the unit tests (clang 19): report, HTML, thresholds
	$(MAKE) B=$(B)-cov CC=$(COVERAGE_CC) CFLAGS="$(COVERAGE_CFLAGS)" coverage-run

coverage-run: $(COVERAGE_TESTS)
	@tests/unit/coverage $(B) $(COVERAGE_TESTS)

VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible \
	--suppressions=tests/unit/valgrind.supp

.PHONY: valgrind-run
valgrind-run: $(UNIT_TESTS)
	@CK_FORK=no UNIT_TIMEOUT=900 UNIT_WRAPPER="$(VALGRIND)" tests/unit/run $(UNIT_TESTS)
