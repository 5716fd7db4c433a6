# The programs under real tools, raw peers and broken networks.

E2E_SOURCES := $(wildcard tests/e2e/*.c)
E2E_OBJECTS := $(patsubst %.c,$(B)/%.o,$(filter-out tests/e2e/http_main.c,$(E2E_SOURCES)))
HTTP_TARGET := $(B)/tests/e2e/http_target
E2E := $(B)/tests/e2e/e2e
# Names of tests, or parts of them: only these are run.
E2E_TESTS ?=

$(E2E): $(E2E_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -pthread -o $@

$(HTTP_TARGET): $(patsubst %,$(B)/tests/e2e/%.o,http_main http target net)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) -pthread -o $@

# A real peer, where there is Go: the tests say what is in the log where it could not be built.
.PHONY: check-e2e
check-e2e: $(E2E) $(PROGRAMS) ## the programs, end to end
	@$(MAKE) --no-print-directory -s B=$(B) peers-go >$(B)/peers.log 2>&1 || true
	@tests/e2e/run $(E2E) $(B) $(E2E_TESTS)
