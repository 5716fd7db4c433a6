# Tests. Each test program of tests/unit is one Check suite of one file.

CHECK_LIBS = $(shell pkg-config --libs check)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) $(CHECK_LIBS) -o $@
