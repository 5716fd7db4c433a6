# anytls-ref. `make help` lists the targets. Everything that is built goes to build/.

VERSION := 0.1.0
B ?= build
PREFIX ?= /usr/local
DESTDIR ?=

CC ?= cc
AR ?= ar
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Werror
ALL_CFLAGS = -std=c11 $(WARNINGS) $(CFLAGS) -Iref -MMD -MP
# The core is freestanding; everything else is POSIX.
CORE_CFLAGS = -ffreestanding
POSIX_CFLAGS = -D_GNU_SOURCE -DANYTLS_VERSION='"$(VERSION)"'

CORE_SOURCES := $(wildcard ref/core/*.c)
IO_SOURCES := $(wildcard ref/io/*.c)
CORE_OBJECTS := $(CORE_SOURCES:%.c=$(B)/%.o)
IO_OBJECTS := $(IO_SOURCES:%.c=$(B)/%.o)
LIBRARY := $(B)/libanytls-ref.a
LIBRARY_LIBS = -lssl -lcrypto
PROGRAMS := $(B)/anytls-server $(B)/anytls-client $(B)/anytls-frame

.DEFAULT_GOAL := all
.PHONY: all
all: $(LIBRARY) $(PROGRAMS) ## the library and the programs

$(B)/ref/core/%.o: ref/core/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CORE_CFLAGS) -c $< -o $@

# A compiler that may assume a C library makes the copying loops of this one file a memcpy.
$(B)/ref/core/bytes.o: CORE_CFLAGS =

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(POSIX_CFLAGS) -c $< -o $@

$(LIBRARY): $(CORE_OBJECTS) $(IO_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

# ---- Set-up ----

.PHONY: deps
deps: ## install the missing Debian packages for building and testing
	.ci/deps build check

# ---- The main job ----

.PHONY: demo demo-run
demo: ## set-up, build, and a real file through client and server
	@.ci/deps build
	@$(MAKE) --no-print-directory -s demo-run

demo-run: $(PROGRAMS) $(B)/tests/e2e/http_target
	@tests/e2e/demo $(B)

# ---- Tests ----

.PHONY: check
check: ## set-up, and all tests
	@.ci/deps build check
	@$(MAKE) --no-print-directory -s all
	@MAKE="$(MAKE)" B="$(B)" tests/check

SANITIZED = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

.PHONY: asan valgrind
asan: ## the tests under the address and undefined behaviour sanitizers
	@MAKE="$(MAKE)" B="$(B)-asan" CFLAGS="$(SANITIZED)" UBSAN_OPTIONS=print_stacktrace=1 \
		PARTS="unit vectors fuzz e2e" tests/check

valgrind: ## the unit tests under valgrind
	@command -v valgrind >/dev/null || .ci/deps lint
	@$(MAKE) --no-print-directory -s B="$(B)-valgrind" valgrind-run

.PHONY: check-headers
check-headers: ## public headers alone, as C and as C++; what the core's objects refer to
	@tests/headers $(B) $(CORE_OBJECTS)

check-headers: $(CORE_OBJECTS)

.PHONY: check-mutants
check-mutants: ## every planted fault still fits the source
	@tests/mutants/check $(B)

# ---- Form ----

FORMATTED = $(shell git ls-files '*.c' '*.h')

.PHONY: lint format
lint: ## static analysis, format, and sizes
	@.ci/deps lint
	@$(MAKE) --no-print-directory -s check-headers
	@tests/lint $(B)

format: ## reformat the sources
	clang-format-19 -i $(FORMATTED)

# ---- Other machines ----

.PHONY: check-all-archs
check-all-archs: ## the core with -m32, and on a big-endian machine (qemu): the same results
	@.ci/deps build arch
	@tests/archs/run $(B)

# ---- Installation ----

# Headers of the core's own files, no part of its interface.
CORE_INTERNAL := $(patsubst %,ref/core/%.h,bytes put endpoint_destination)

.PHONY: install
install: all $(B)/anytls-conform ## install to $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig \
		$(DESTDIR)$(PREFIX)/include/anytls-ref/core $(DESTDIR)$(PREFIX)/include/anytls-ref/io \
		$(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 tests/conform/anytls-conform.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(PREFIX)/share/anytls-ref/vectors
	install -m 644 $(wildcard corpus/vectors/*.json) $(DESTDIR)$(PREFIX)/share/anytls-ref/vectors
	install -m 644 $(wildcard spec/*.tsv) SPEC_NOTES.md $(DESTDIR)$(PREFIX)/share/anytls-ref
	install -m 755 $(PROGRAMS) $(B)/anytls-conform $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib
	install -m 644 $(filter-out $(CORE_INTERNAL),$(wildcard ref/core/*.h)) \
		$(DESTDIR)$(PREFIX)/include/anytls-ref/core
	install -m 644 $(wildcard ref/io/*.h) $(DESTDIR)$(PREFIX)/include/anytls-ref/io
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' ref/anytls-ref.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/anytls-ref.pc

.PHONY: clean help
clean: ## remove what was built
	rm -rf $(B) $(B)-*

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | \
		awk -F ':.*## ' '{ printf "  %-18s %s\n", $$1, $$2 }'

include $(wildcard ref/programs/rules.mk tests/*/rules.mk spec/rules.mk spec/*/rules.mk \
	fuzz/rules.mk bench/rules.mk)
-include $(shell find $(B) -name '*.d' 2>/dev/null)
