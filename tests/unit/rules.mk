# Unit tests: each tests/unit/test_X.c is a program of its own with one Check suite.

OBJCOPY ?= objcopy
CHECK_LIBS = $(shell pkg-config --libs check)
# An archive, so that a program takes only what it uses.
UNIT_SUPPORT := $(B)/tests/unit/support.a
UNIT_SUPPORT_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/support*.c))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

# This one makes the calls of ref/io and of the log fail: it is linked with objects of them that call
# fault_send where they call send, and so on for all of faults_list.h.
UNIT_FAULTS := $(B)/tests/unit/test_io_faults_every
UNIT_FAULTY := $(B)/tests/unit/faulty.a
UNIT_FAULTY_OBJECTS := $(IO_OBJECTS) $(B)/ref/programs/log.o

$(filter-out $(UNIT_FAULTS),$(UNIT_TESTS)): $(B)/tests/unit/%: $(B)/tests/unit/%.o \
		$(UNIT_SUPPORT) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) $(CHECK_LIBS) -o $@

$(UNIT_FAULTS): $(B)/tests/unit/test_io_faults_every.o $(B)/tests/unit/faults_calls.o \
		$(B)/tests/unit/faults_scenarios.o $(B)/tests/unit/faults_session.o \
		$(UNIT_SUPPORT) $(UNIT_FAULTY) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) $(CHECK_LIBS) -o $@

$(UNIT_FAULTY): $(UNIT_FAULTY_OBJECTS) tests/unit/faults_list.h tests/unit/unreached_calls.tsv \
		tests/unit/faults_named
	@mkdir -p $(@D)/faulty
	rm -f $@
	printf '%s\n' '#define CALL(type, name, ...) name' '#define OWN(name) name' \
		'#include "tests/unit/faults_list.h"' | $(CC) -I. -E -P -x c - | tr -s ' \n' '\n' \
		>$(@D)/faulty/calls
	tests/unit/faults_named $(@D)/faulty/calls $(UNIT_FAULTY_OBJECTS) >$(@D)/faulty/named || \
		{ cat $(@D)/faulty/named; false; }
	sed 's/.*/& fault_&/' $(@D)/faulty/calls >$(@D)/faulty/names
	for object in $(UNIT_FAULTY_OBJECTS); do $(OBJCOPY) --redefine-syms=$(@D)/faulty/names $$object \
		$(@D)/faulty/$$(basename $$object) || exit 1; done
	$(AR) rcs $@ $(addprefix $(@D)/faulty/,$(notdir $(UNIT_FAULTY_OBJECTS)))

$(B)/tests/unit/test_log: $(B)/ref/programs/log.o

$(UNIT_SUPPORT): $(UNIT_SUPPORT_OBJECTS)
	rm -f $@
	ar rcs $@ $^

.PHONY: check-unit
check-unit: $(UNIT_TESTS) ## the unit tests
	@tests/unit/run $(UNIT_TESTS)

# Coverage of ref/core and ref/io by the unit tests alone, in a build of its own.
COVERAGE_CC ?= clang-19
COVERAGE_CFLAGS = -O0 -g -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc

.PHONY: coverage coverage-run
coverage: ## coverage of ref/core and ref/io by the unit tests (clang 19): reports, HTML, thresholds
	$(MAKE) B=$(B)-cov CC=$(COVERAGE_CC) CFLAGS="$(COVERAGE_CFLAGS)" coverage-run

coverage-run: $(UNIT_TESTS)
	@tests/unit/coverage $(B) $(UNIT_TESTS)

VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible \
	--suppressions=tests/unit/valgrind.supp

.PHONY: valgrind-run
valgrind-run: $(UNIT_TESTS)
	@CK_FORK=no UNIT_TIMEOUT=900 UNIT_WRAPPER="$(VALGRIND)" tests/unit/run $(UNIT_TESTS)
