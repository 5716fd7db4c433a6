# Test vectors and differential tests: runner, generator, adapters, peers.

DIFF_CFLAGS = -Ispec/oracle
DIFF_LIBS = -lcjson $(LIBRARY_LIBS)
DIFF_ADAPTER := $(filter-out %/main.o,$(patsubst %.c,$(B)/%.o,$(wildcard tests/diff/adapters/c/*.c)))
DIFF_ADAPTER += $(B)/ref/programs/uri.o
DIFF_VECTORS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/diff/vectors*.c))
DIFF_ORACLE := $(filter $(B)/tests/diff/vectors_oracle%,$(DIFF_VECTORS))
DIFF_GENERATE := $(patsubst %.c,$(B)/%.o,$(wildcard tests/diff/generate*.c))
VECTOR_GROUPS = frames streams settings schemes shapes preambles addresses uot uris
VECTOR_FILES = $(VECTOR_GROUPS:%=corpus/vectors/%.json)

$(B)/tests/diff/%.o: tests/diff/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(POSIX_CFLAGS) $(DIFF_CFLAGS) -c $< -o $@

# The library of the oracle is named here, since spec/rules.mk is read later.
DIFF_ORACLE_LIBRARY = $(B)/spec/oracle/liboracle.a

$(B)/vectors: $(DIFF_VECTORS) $(DIFF_ADAPTER) $(DIFF_ORACLE_LIBRARY) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(DIFF_LIBS) -o $@

$(B)/vectors-generate: $(DIFF_GENERATE) $(DIFF_ORACLE) $(B)/tests/diff/adapters/c/json.o \
		$(DIFF_ORACLE_LIBRARY)
	$(CC) $(CFLAGS) $^ $(DIFF_LIBS) -o $@

.PHONY: vectors-generate check-vectors vectors vectors-save peers-go dist
vectors-generate: $(B)/vectors-generate ## make the test vectors anew: corpus/vectors
	@mkdir -p corpus/vectors
	$(B)/vectors-generate corpus/vectors

check-vectors: $(B)/vectors $(B)/vectors-generate $(B)/anytls-frame ## the test vectors against reference and oracle
	@tests/diff/check-vectors $(B) $(VECTOR_FILES)

# ---- Adapters ----

$(B)/adapter-c: $(B)/tests/diff/adapters/c/main.o $(DIFF_ADAPTER) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(DIFF_LIBS) -o $@

vectors: $(B)/vectors $(B)/adapter-c ## the test vectors through the adapters: who agrees with whom
	@tests/diff/run-vectors $(B) $(VECTOR_FILES)

vectors-save: vectors ## the same, and the grid into corpus/vectors
	{ echo '# Test vectors and implementations'; echo; \
		echo 'Made by `make vectors-save`; why some fail: tests/diff/adapters/deviations.tsv.'; \
		echo; cat $(B)/adapters/grid.md; } > corpus/vectors/grid.md

# ---- Peers ----

peers-go: ## client and server of the Go module, as build/peers/go-client and go-server
	@tests/diff/peers/build-go tests/diff/peers/go $(B)/peers

# ---- Differential tests ----

DIFF_PROGRAM := $(patsubst %.c,$(B)/%.o,$(wildcard tests/diff/diff*.c))

$(B)/diff: $(DIFF_PROGRAM) $(DIFF_ORACLE_LIBRARY) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -o $@

N ?= 10000
SEED ?= 1

.PHONY: diff diff-ci
diff: $(B)/diff peers-go ## N random sessions from SEED: reference, oracle, and the Go module
	@tests/diff/run-diff $(B) $(N) $(N) $(SEED)

diff-ci: $(B)/diff peers-go ## the same, about a minute
	@tests/diff/run-diff $(B) 10000 1500 $(SEED)

# ---- Archive ----

DIST = $(B)/anytls-ref-vectors-$(VERSION).tar.gz
DIST_FILES = $(VECTOR_FILES) corpus/vectors/schema.json corpus/vectors/grid.md \
	spec/requirements.tsv spec/transitions.tsv spec/calls.tsv tests/diff/adapters/README.md LICENSE

# The same files give the same bytes.
dist: ## a versioned archive of vectors, schema, requirements and tables
	@mkdir -p $(B)
	tar --create --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rw,go=r \
		--mtime=@0 --format=ustar --transform='s,^,anytls-ref-vectors-$(VERSION)/,' \
		$(DIST_FILES) | gzip -n -9 > $(DIST)
	@sha256sum $(DIST)
