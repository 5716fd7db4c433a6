# Constant time where secrets are compared, shown by valgrind's memcheck.

TIMING := $(B)/tests/timing/password

# Without inlining, so that the comparison stands apart from its caller; at the usual level else.
$(TIMING): tests/timing/password.c ref/core/auth.c ref/core/bytes.c ref/core/frame.c
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARNINGS) -O2 -g -fno-inline -Iref $^ -o $@

.PHONY: check-timing
check-timing: ## the password's comparison takes no branch that depends on the secret (valgrind)
	@tests/timing/run "$(MAKE)" $(B) $(TIMING)
