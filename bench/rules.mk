# Benchmarks. `make bench` measures; the other targets save, compare, count and lay side by side.

BENCH := $(B)/anytls-bench
BENCH_COMPARE := $(B)/anytls-bench-compare
BENCH_INSTR := $(B)/anytls-bench-instr
BENCH_REPORT := $(B)/anytls-bench-report
BENCH_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard bench/*.c))

NAME ?=
THRESHOLD ?= 0.05
# More options for anytls-bench, such as --match frame or --json results.json.
BENCH_OPTIONS ?=

$(BENCH): $(BENCH_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -lm -o $@

$(BENCH_COMPARE): $(patsubst %,$(B)/bench/%.o,tools/compare tools/json statistics)
	$(CC) $(CFLAGS) $^ -lm -o $@

$(BENCH_INSTR): $(B)/bench/instr/instr.o $(B)/bench/machine.o $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -o $@

.PHONY: bench bench-quick bench-save bench-compare
bench: $(BENCH) $(PROGRAMS) ## measure everything (BENCH_OPTIONS: see anytls-bench --help)
	@$(BENCH) --json $(B)/bench.json $(BENCH_OPTIONS)
	@echo "results: $(B)/bench.json"

bench-quick: $(BENCH) $(PROGRAMS) ## run each benchmark once and check its result
	@$(BENCH) --quick $(BENCH_OPTIONS)

bench-save: $(BENCH) $(PROGRAMS) ## save a baseline: NAME=main
	@bench/tools/save $(B) "$(NAME)"

bench-compare: $(BENCH) $(BENCH_COMPARE) $(PROGRAMS) ## compare with a baseline: NAME=main
	@bench/tools/against $(B) "$(NAME)" "$(THRESHOLD)"

.PHONY: bench-ab bench-instr bench-instr-save
# B is a commit here, so the build folder has another name.
AB_BUILD ?= build
bench-ab: ## measure two commits in alternation: A=HEAD~1 B=HEAD, or worktree
	@bench/tools/ab "$(A)" "$(if $(filter command line,$(origin B)),$(B))" "$(AB_BUILD)" \
		"$(THRESHOLD)"

bench-instr: ## count instructions and compare with the committed baseline
	@bench/tools/instr check $(B)

bench-instr-save: ## commit to new counts: REASON='why they moved'
	@REASON="$(REASON)" bench/tools/instr save $(B)

# What anytls-bench says beside a stopwatch, counts of system calls and a memory checker.
BENCH_STOPWATCH := $(B)/anytls-bench-stopwatch

$(BENCH_STOPWATCH): $(patsubst %,$(B)/bench/%.o,tools/stopwatch pair secure shared payload clock) \
		$(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -o $@

.PHONY: bench-claims
bench-claims: $(BENCH) $(BENCH_STOPWATCH) $(PROGRAMS) ## check the benchmarks' claims in other ways
	@bench/tools/claims $(B)

# The gate's check takes TRIES comparisons of an unchanged build with itself, each way.
TRIES ?= 10
.PHONY: bench-check
bench-check: $(BENCH) $(BENCH_COMPARE) $(BENCH_REPORT) $(PROGRAMS) ## check the benchmarks' tools
	@bench/tools/check-names $(B)
	@bench/tools/check $(B)
	@TRIES=$(TRIES) bench/tools/check-gate

# ---- Side by side with others ----

BENCH_PEERS := $(B)/anytls-bench-peers
RELAYS := $(B)/tls_relay_plain $(B)/tls_relay_batched
BENCH_PEERS_FILES := $(patsubst bench/%.c,%,$(wildcard bench/peers/*.c))
BENCH_PEERS_OBJECTS := $(patsubst %,$(B)/bench/%.o,$(filter-out peers/relay peers/tls_relay%, \
	$(BENCH_PEERS_FILES)) live machine net process secure statistics target payload clock)
PEERS_OPTIONS ?=

$(BENCH_PEERS): $(BENCH_PEERS_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -lm -o $@

$(RELAYS): $(B)/tls_relay_%: $(B)/bench/peers/tls_relay_%.o $(B)/bench/peers/relay.o
	$(CC) $(CFLAGS) $^ -lssl -lcrypto -o $@

.PHONY: bench-peers
bench-peers: $(BENCH_PEERS) $(RELAYS) $(PROGRAMS) ## beside bare TLS and other implementations
	@bench/peers/build $(B)/bench-peers
	@$(BENCH_PEERS) --json $(B)/bench-peers.json $(PEERS_OPTIONS)
	@echo "results: $(B)/bench-peers.json"

# ---- The page ----

$(BENCH_REPORT): $(patsubst bench/%.c,$(B)/bench/%.o,$(wildcard bench/report/*.c)) \
		$(B)/bench/tools/json.o
	$(CC) $(CFLAGS) $^ -lm -o $@

.PHONY: bench-report bench-notes
bench-report: $(BENCH_REPORT) ## a page with plots of the results that are there
	@bench/report/make $(B) page

bench-notes: $(BENCH_REPORT) ## the results into bench/BENCHMARKS.md
	@bench/report/make $(B) notes
