# anytls-conform: the conformance suite. It stands on the oracle and OpenSSL, not on ref/.

CONFORM := $(B)/anytls-conform
CONFORM_SOURCES := $(wildcard tests/conform/*.c)
CONFORM_OBJECTS := $(CONFORM_SOURCES:%.c=$(B)/%.o) $(B)/tests/conform/requirements_text.o
# Someone else's server: make conform TARGET=host:port PASSWORD=...
TARGET ?=
PASSWORD ?=
CONFORM_OPTIONS ?=

$(CONFORM_OBJECTS): ALL_CFLAGS += -Ispec/oracle

$(B)/tests/conform/requirements_text.c: spec/requirements.tsv tests/conform/rules.mk
	@mkdir -p $(@D)
	@{ echo 'extern const char conform_requirements_text[];'; \
		echo 'const char conform_requirements_text[] = {'; \
		od -An -v -tu1 spec/requirements.tsv | sed 's/[0-9][0-9]*/(char)&,/g'; \
		echo '0};'; } > $@

$(B)/tests/conform/requirements_text.o: $(B)/tests/conform/requirements_text.c
	$(CC) $(ALL_CFLAGS) -c $< -o $@

# The oracle's library is named by its path: this file is read before that of spec/.
$(CONFORM): $(CONFORM_OBJECTS) $(B)/spec/oracle/liboracle.a
	$(CC) $(CFLAGS) $^ -lssl -lcrypto -pthread -o $@

CONFORM_TOOLS := $(B)/tests/conform/fake_server $(B)/tests/conform/well_formed

$(B)/tests/conform/tools/%.o: ALL_CFLAGS += -Ispec/oracle

$(B)/tests/conform/fake_server: $(B)/tests/conform/tools/fake_server.o $(B)/tests/conform/tls.o
	$(CC) $(CFLAGS) $^ -lssl -lcrypto -pthread -o $@

$(B)/tests/conform/well_formed: $(B)/tests/conform/tools/well_formed.o
	$(CC) $(CFLAGS) $^ -o $@

$(B)/tests/conform/replace: $(B)/tests/conform/tools/replace.o
	$(CC) $(CFLAGS) $^ -o $@

.PHONY: conform conform-run check-conform mutants mutants-conform
conform: ## set-up, and validate the reference, or the server TARGET with PASSWORD
	@.ci/deps build
	@$(MAKE) --no-print-directory -s conform-run

conform-run: $(CONFORM) $(PROGRAMS)
	@TARGET="$(TARGET)" PASSWORD="$(PASSWORD)" tests/conform/run $(B) $(CONFORM_OPTIONS)

check-conform: $(CONFORM) $(CONFORM_TOOLS) $(PROGRAMS) ## the conformance suite against the reference
	@tests/conform/check $(B)

# Rows of kind conform; IDS="conform-01 ..." runs these alone.
mutants: mutants-conform ## plant faults in a copy: their cases must fail
mutants-conform: $(CONFORM) $(B)/tests/conform/replace
	@tests/conform/mutants $(B) $(IDS)

.PHONY: matrix
matrix: $(CONFORM) $(PROGRAMS) ## judge foreign implementations, and every client against every server
	@tests/conform/matrix $(B)
