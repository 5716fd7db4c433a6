# The executable specification: tables, the oracle, the comparison with ref/, requirements.
# Users of the oracle include "oracle.h" with -Ispec/oracle and link $(B)/spec/oracle/liboracle.a
# (written so: this file is read after those of the tests).

ORACLE_SOURCES := $(wildcard spec/oracle/*.c)
ORACLE_OBJECTS := $(ORACLE_SOURCES:%.c=$(B)/%.o) $(B)/spec/oracle/tables.o
ORACLE_LIBRARY := $(B)/spec/oracle/liboracle.a

# A table as C: its bytes as numbers, and a zero behind them.
$(B)/spec/oracle/tables.c: spec/transitions.tsv spec/calls.tsv spec/rules.mk
	@mkdir -p $(@D)
	@{ echo '#include "tables.h"'; for table in transitions calls; do \
		echo "const char oracle_$${table}_text[] = {"; \
		od -An -v -tu1 spec/$$table.tsv | sed 's/[0-9][0-9]*/&,/g'; \
		echo '0};'; done; } > $@

$(B)/spec/oracle/tables.o: $(B)/spec/oracle/tables.c
	$(CC) $(ALL_CFLAGS) -Ispec/oracle -c $< -o $@

$(ORACLE_LIBRARY): $(ORACLE_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

# ---- The exhaustive comparison of ref/core with the oracle ----

EXHAUSTIVE_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/diff/exhaustive*.c))
EXHAUSTIVE := $(B)/tests/diff/exhaustive

$(EXHAUSTIVE_OBJECTS): ALL_CFLAGS += -Ispec/oracle

$(EXHAUSTIVE): $(EXHAUSTIVE_OBJECTS) $(CORE_OBJECTS) $(B)/ref/programs/uri.o $(ORACLE_LIBRARY)
	$(CC) $(CFLAGS) $^ -o $@

.PHONY: check-exhaustive
check-exhaustive: $(EXHAUSTIVE) ## ref/core against the oracle: all states, commands, cuts, short texts
	@spec/diagrams --check SPEC_NOTES.md
	@! grep -nE '#include "' spec/oracle/*.[ch] | grep -vE '"(oracle|oracle_session|session|tables|fault)\.h"' || \
		{ echo "spec/oracle includes a header that is not its own" >&2; exit 1; }
	@$(EXHAUSTIVE)

# ---- Documents made from the tables, and the matrix of requirements ----

.PHONY: diagrams trace
diagrams: ## state diagrams in SPEC_NOTES.md, made from the tables
	@spec/diagrams SPEC_NOTES.md

trace: ## which requirement is covered by what; fails where one is not
	@spec/diagrams --check SPEC_NOTES.md
	@spec/trace $(B)
