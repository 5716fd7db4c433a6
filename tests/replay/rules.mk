# Traces of spec/models/session.pml on two sessions of ref/core.

REPLAY := $(B)/tests/replay/replay

$(B)/models/words/words.h: spec/models/guards spec/transitions.tsv spec/calls.tsv
	@spec/models/guards spec/transitions.tsv spec/calls.tsv $(@D) >/dev/null

REPLAY_OBJECTS := $(patsubst %,$(B)/tests/replay/%.o,replay step model_words)
$(REPLAY_OBJECTS): ALL_CFLAGS += -I$(B)/models/words
$(REPLAY_OBJECTS): $(B)/models/words/words.h

$(REPLAY): $(REPLAY_OBJECTS) $(CORE_OBJECTS)
	$(CC) $(CFLAGS) $^ -o $@

.PHONY: model-replay model-replay-run
model-replay: ## traces of the session model on real sessions: each step must agree
	@.ci/deps build model
	@$(MAKE) --no-print-directory -s model-replay-run

model-replay-run: $(REPLAY)
	@tests/replay/run $(B) $(REPLAY)
