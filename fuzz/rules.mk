# Fuzz targets: fuzz/TARGET.c each, one source for every engine. fuzz/README.md explains.
#
# Programs: $(B)/fuzz/ENGINE/TARGET, ENGINE one of
#   libfuzzer   clang's, with the address and undefined behaviour sanitizers
#   afl         AFL++'s persistent mode, the same sanitizers, CMPLOG in the same program
#   standalone  a plain main that replays files; built as the rest of the project is
#   cov         the same main, with source coverage

FUZZ_CC ?= clang-19
FUZZ_SANITIZE ?= address,undefined
FUZZ_AFL_CC ?= afl-clang-fast

# The targets that fuzz/targets.tsv lists and that are there.
FUZZ_TARGETS := $(filter $(patsubst fuzz/%.c,%,$(wildcard fuzz/*.c)), \
	$(shell awk 'NR > 1 { print $$1 }' fuzz/targets.tsv))

FUZZ_SESSION := fuzz/session_program.c fuzz/session_frames.c fuzz/session_harness.c \
	fuzz/session_calls.c
FUZZ_WITH_session_server := $(FUZZ_SESSION)
FUZZ_WITH_session_client := $(FUZZ_SESSION)
FUZZ_WITH_session_pair := $(FUZZ_SESSION)
FUZZ_WITH_endpoint := fuzz/session_program.c fuzz/endpoint_model.c
FUZZ_WITH_uri := ref/programs/uri.c
FUZZ_ORACLE := $(wildcard spec/oracle/*.c) spec/oracle/tables.c
FUZZ_WITH_diff_frame := $(FUZZ_ORACLE)
FUZZ_WITH_diff_text := $(FUZZ_ORACLE) ref/programs/uri.c
FUZZ_WITH_diff_session := $(FUZZ_ORACLE) fuzz/session_program.c fuzz/diff_events.c
FUZZ_WITH_diff_endpoint := $(FUZZ_ORACLE) fuzz/session_program.c fuzz/diff_events.c
FUZZ_WITH_blocking := fuzz/session_program.c ref/io/blocking.c ref/io/memory.c ref/io/digest.c \
	ref/io/wait.c
FUZZ_LIBS_blocking := -lcrypto

# What an input looks like, for the mutator: from the table.
FUZZ_LAYOUT_OF := $(shell awk -F '\t' 'NR > 1 { print $$1 ":" $$2 }' fuzz/targets.tsv)
fuzz_layout = $(or $(patsubst $(1):%,%,$(filter $(1):%,$(FUZZ_LAYOUT_OF))),bytes)

FUZZ_FLAGS = -std=c11 -g -Iref -Ispec/oracle -MMD -MP -D_GNU_SOURCE -DANYTLS_VERSION='"$(VERSION)"'
# Without coverage for what stands in fuzz/: edges are those of the code under test.
FUZZ_FLAGS_libfuzzer = -O2 -fno-omit-frame-pointer -fsanitize=$(FUZZ_SANITIZE) \
	-fno-sanitize-recover=all $(if $(filter fuzz/%,$<),,-fsanitize=fuzzer-no-link)
FUZZ_LINK_libfuzzer = -fsanitize=fuzzer,$(FUZZ_SANITIZE) -fno-sanitize-recover=all
FUZZ_FLAGS_afl = -O2
FUZZ_LINK_afl = -fsanitize=fuzzer
FUZZ_FLAGS_cov = -O0 -fprofile-instr-generate -fcoverage-mapping
FUZZ_LINK_cov = $(FUZZ_FLAGS_cov)
FUZZ_CC_libfuzzer = $(FUZZ_CC)
FUZZ_CC_afl = AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 AFL_LLVM_CMPLOG=1 $(FUZZ_AFL_CC)
FUZZ_CC_cov = $(FUZZ_CC)

FUZZ_LAYOUTS := bytes frames preamble settings scheme

# ---- Building ----

# $(call fuzz_objects,ENGINE,TARGET): all that a target is linked from.
fuzz_objects = $(patsubst %.c,$(B)/fuzz/$(1)/o/%.o,fuzz/$(2).c fuzz/fuzz.c $(FUZZ_WITH_$(2)) \
	$(CORE_SOURCES))

define FUZZ_ENGINE
$(B)/fuzz/$(1)/o/%.o: %.c
	@mkdir -p $$(@D)
	$$(FUZZ_CC_$(1)) $$(FUZZ_FLAGS) $$(FUZZ_FLAGS_$(1)) -c $$< -o $$@

$(B)/fuzz/$(1)/o/spec/oracle/tables.o: $(B)/spec/oracle/tables.c
	@mkdir -p $$(@D)
	$$(FUZZ_CC_$(1)) $$(FUZZ_FLAGS) $$(FUZZ_FLAGS_$(1)) -c $$< -o $$@

$(patsubst %,$(B)/fuzz/$(1)/o/fuzz/mutator-%.o,$(FUZZ_LAYOUTS)): \
		$(B)/fuzz/$(1)/o/fuzz/mutator-%.o: fuzz/mutator_libfuzzer.c
	@mkdir -p $$(@D)
	$$(FUZZ_CC_$(1)) $$(FUZZ_FLAGS) $$(FUZZ_FLAGS_$(1)) -DFUZZ_LAYOUT=\"$$*\" -c $$< -o $$@
endef

define FUZZ_PROGRAM
$(B)/fuzz/libfuzzer/$(1): $$(call fuzz_objects,libfuzzer,$(1)) $(B)/fuzz/libfuzzer/o/fuzz/mutator.o \
		$(B)/fuzz/libfuzzer/o/fuzz/mutator_text.o \
		$(B)/fuzz/libfuzzer/o/fuzz/mutator-$(call fuzz_layout,$(1)).o
	$$(FUZZ_CC_libfuzzer) $$(FUZZ_LINK_libfuzzer) $$^ $$(FUZZ_LIBS_$(1)) -o $$@

$(B)/fuzz/afl/$(1): $$(call fuzz_objects,afl,$(1))
	$$(FUZZ_CC_afl) $$(FUZZ_LINK_afl) $$^ $$(FUZZ_LIBS_$(1)) -o $$@

$(B)/fuzz/cov/$(1): $$(call fuzz_objects,cov,$(1)) $(B)/fuzz/cov/o/fuzz/standalone.o
	$$(FUZZ_CC_cov) $$(FUZZ_LINK_cov) $$^ $$(FUZZ_LIBS_$(1)) -o $$@

$(B)/fuzz/standalone/$(1): $(B)/fuzz/$(1).o $(B)/fuzz/fuzz.o $(B)/fuzz/standalone.o \
		$(patsubst %.c,$(B)/%.o,$(FUZZ_WITH_$(1))) $(CORE_OBJECTS)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$^ $$(FUZZ_LIBS_$(1)) -o $$@
endef

$(foreach engine,libfuzzer afl cov,$(eval $(call FUZZ_ENGINE,$(engine))))
$(foreach target,$(FUZZ_TARGETS) empty,$(eval $(call FUZZ_PROGRAM,$(target))))

# AFL++ takes a mutator from a library of its own, so the layouts are libraries.
$(B)/fuzz/afl/mutator-%.so: fuzz/mutator_afl.c fuzz/mutator_bytes.c fuzz/mutator.c \
		fuzz/mutator_text.c fuzz/mutator.h
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -O2 -fPIC -shared -DFUZZ_LAYOUT=\"$*\" $(filter %.c,$^) -o $@

FUZZ_STANDALONE := $(patsubst %,$(B)/fuzz/standalone/%,$(FUZZ_TARGETS))

$(FUZZ_STANDALONE) $(B)/fuzz/standalone/empty: ALL_CFLAGS += -Ispec/oracle

.PHONY: fuzz-libfuzzer fuzz-afl fuzz-standalone
fuzz-libfuzzer: $(patsubst %,$(B)/fuzz/libfuzzer/%,$(FUZZ_TARGETS) empty) ## fuzz targets for libFuzzer
fuzz-afl: $(patsubst %,$(B)/fuzz/afl/%,$(FUZZ_TARGETS) empty) \
	$(patsubst %,$(B)/fuzz/afl/mutator-%.so,$(FUZZ_LAYOUTS)) ## fuzz targets for AFL++
fuzz-standalone: $(FUZZ_STANDALONE) ## fuzz targets that replay files

# ---- Replaying ----

.PHONY: check-fuzz
check-fuzz: $(FUZZ_STANDALONE) ## replay of the corpora, and of every input that ever found a fault
	@fuzz/replay $(B) $(FUZZ_TARGETS)

# ---- Fuzzing ----

T ?= frame
TIME ?= 60
JOBS ?= 1
ENGINE ?= libfuzzer
FUZZ_RUN = B="$(B)" MAKE="$(MAKE)" VERSION="$(VERSION)"

.PHONY: fuzz fuzz-all fuzz-smoke fuzz-min fuzz-repro fuzz-afl-fleet
fuzz: ## one target: make fuzz T=frame TIME=60 JOBS=1 ENGINE=libfuzzer|afl
	@$(MAKE) --no-print-directory -s fuzz-build-$(ENGINE) FUZZ_TARGETS="$(T)"
	@$(FUZZ_RUN) fuzz/run $(ENGINE) $(T) $(TIME) $(JOBS)

.PHONY: fuzz-build-libfuzzer fuzz-build-afl
fuzz-build-libfuzzer: $(patsubst %,$(B)/fuzz/libfuzzer/%,$(FUZZ_TARGETS) empty)
fuzz-build-afl: $(patsubst %,$(B)/fuzz/afl/%,$(FUZZ_TARGETS) empty) $(sort $(foreach target, \
	$(FUZZ_TARGETS) empty,$(B)/fuzz/afl/mutator-$(call fuzz_layout,$(target)).so))

fuzz-all: fuzz-build-libfuzzer fuzz-build-afl ## all targets, both engines: make fuzz-all TIME=180
	@$(FUZZ_RUN) fuzz/all $(TIME) $(JOBS) $(FUZZ_TARGETS)

fuzz-smoke: SECONDS_EACH = $(if $(filter command line,$(origin TIME)),$(TIME),5)
fuzz-smoke: ## all targets, both engines, 5 s each; skipped where the engines are missing
	@fuzz/tools fuzz-smoke $(FUZZ_CC) $(FUZZ_AFL_CC) afl-fuzz || { [ $$? -eq 3 ]; exit; }; \
	fuzz/tools fuzz-smoke $(FUZZ_CC) $(FUZZ_AFL_CC) afl-fuzz >/dev/null || exit 0; \
	$(MAKE) --no-print-directory -s fuzz-build-libfuzzer fuzz-build-afl && \
	$(FUZZ_RUN) fuzz/smoke $(SECONDS_EACH) $(FUZZ_TARGETS)

fuzz-min: fuzz-build-libfuzzer ## merges what was found into corpus/, minimised: make fuzz-min [T=frame]
	@$(FUZZ_RUN) fuzz/min $(if $(filter command line,$(origin T)),$(T),$(FUZZ_TARGETS))

fuzz-repro: $(B)/fuzz/libfuzzer/$(T) ## one input with all sanitizers: make fuzz-repro T=frame F=FILE
	@$(FUZZ_RUN) fuzz/repro $(T) $(F)

$(B)/fuzz/seeds: $(B)/fuzz/seeds.o $(B)/fuzz/session_program.o $(B)/fuzz/fuzz.o $(CORE_OBJECTS)
	$(CC) $(CFLAGS) $^ -o $@

.PHONY: fuzz-seeds
fuzz-seeds: $(B)/fuzz/seeds ## writes the first inputs, to be merged by fuzz-min
	@mkdir -p $(B)/fuzz/corpus && $(B)/fuzz/seeds $(B)/fuzz/corpus

N ?= 2
fuzz-afl-fleet: ## AFL++ main and secondary instances over one folder: make fuzz-afl-fleet T=frame N=4
	@$(MAKE) --no-print-directory -s fuzz ENGINE=afl JOBS=$(N)

.PHONY: fuzz-cov
fuzz-cov: $(patsubst %,$(B)/fuzz/cov/%,$(FUZZ_TARGETS)) ## coverage of ref/core by the corpora alone: report, HTML, thresholds
	@$(FUZZ_RUN) fuzz/cov $(FUZZ_TARGETS)

.PHONY: fuzz-mutants
fuzz-mutants: fuzz-build-libfuzzer ## plants faults in a copy, each of which its fuzz target must find
	@$(FUZZ_RUN) fuzz/mutants $(ID)

# ---- OSS-Fuzz and ClusterFuzzLite ----

.PHONY: fuzz-targets fuzz-sources oss-fuzz oss-fuzz-all
fuzz-targets:
	@echo $(FUZZ_TARGETS)

fuzz-sources:
	@echo fuzz/$(T).c fuzz/fuzz.c $(FUZZ_WITH_$(T)) $(CORE_SOURCES)

oss-fuzz: ## the OSS-Fuzz build, with the environment that it sets: address
	@$(FUZZ_RUN) fuzz/oss-fuzz/local $(B) address

oss-fuzz-all: ## the same with address, undefined and memory
	@for sanitizer in address undefined memory; do \
		$(FUZZ_RUN) fuzz/oss-fuzz/local $(B) $$sanitizer || exit 1; done

# ---- Others ----

.PHONY: fuzz-runs fuzz-go
fuzz-runs: ## sums up fuzz/RUNS.tsv
	@fuzz/runs

fuzz-go: SECONDS_EACH = $(if $(filter command line,$(origin TIME)),$(TIME),5)
fuzz-go: ## the corpus against the Go module sing-anytls, as examples/go shows
	@fuzz/tools fuzz-go go || { [ $$? -eq 3 ]; exit; }; \
	fuzz/tools fuzz-go go >/dev/null || exit 0; \
	cd fuzz/examples/go && go test -fuzz=FuzzServerSession -fuzztime=$(SECONDS_EACH)s .

# A fuzzer for a server that runs, over real TLS.
FUZZ_NETWORK := $(patsubst fuzz/%.c,$(B)/fuzz/%.o,$(wildcard fuzz/network/*.c)) \
	$(patsubst %,$(B)/fuzz/%.o,mutator mutator_text mutator_bytes) $(B)/ref/programs/options.o

$(B)/anytls-fuzz-server: $(FUZZ_NETWORK) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -o $@

.PHONY: fuzz-network check-fuzz-network
fuzz-network: $(B)/anytls-fuzz-server ## anytls-fuzz-server: mutated sessions for a server that runs

check-fuzz-network: $(B)/anytls-fuzz-server $(B)/anytls-server ## the same against our server, a few seconds
	@fuzz/network/check $(B)
