# The models, checked with Spin; spec/models/README.md says what they are.

.PHONY: model model-all model-mutants
model: ## the models of session, pool and backpressure: what is not recorded, the session always
	@.ci/deps build model
	@spec/models/run $(B)

model-all: ## the models, all of them from cold
	@.ci/deps build model
	@spec/models/run --all $(B)

model-mutants: ## planted faults in the models: each must break its property
	@.ci/deps build model
	@spec/models/run --mutants $(B)
