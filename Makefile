# anytls-ref. `make help` lists the targets. Everything that is built goes to build/.

VERSION := 0.1.0
B ?= build
PREFIX ?= /usr/local
DESTDIR ?=

CC ?= cc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Werror
STD = -std=c11
ALL_CFLAGS = $(STD) $(WARNINGS) $(CFLAGS) -Iref -MMD -MP
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

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(POSIX_CFLAGS) -c $< -o $@

$(LIBRARY): $(CORE_OBJECTS) $(IO_OBJECTS)
	rm -f $@
	ar rcs $@ $^

include ref/programs/rules.mk
include $(wildcard tests/*/rules.mk)
include $(wildcard spec/rules.mk spec/*/rules.mk fuzz/rules.mk bench/rules.mk)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(B) build-*

-include $(shell find $(B) -name '*.d' 2>/dev/null)
