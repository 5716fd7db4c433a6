# Unit tests: each tests/unit/test_X.c is a program of its own with one Check suite.

CHECK_LIBS = $(shell pkg-config --libs check)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(LIBRARY_LIBS) $(CHECK_LIBS) -o $@
