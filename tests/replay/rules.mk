# Traces of spec/models/session.pml on two sessions of ref/core.

REPLAY := $(B)/tests/replay/replay

$(B)/models/words/words.h: spec/models/guards spec/transitions.tsv spec/calls.tsv
	@spec/models/guards spec/transitions.tsv spec/calls.tsv $(@D) >/dev/null

$(B)/tests/replay/replay.o: ALL_CFLAGS += -I$(B)/models/words
$(B)/tests/replay/replay.o: $(B)/models/words/words.h

$(REPLAY): $(B)/tests/replay/replay.o $(CORE_OBJECTS)
	$(CC) $(CFLAGS) $^ -o $@

.PHONY: model-replay model-replay-run
model-replay: ## traces of the session model on real sessions: each step must agree
	@.ci/deps build model
	@$(MAKE) --no-print-directory -s model-replay-run

model-replay-run: $(REPLAY)
	@tests/replay/run $(B) $(REPLAY)
