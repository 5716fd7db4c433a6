# Proof of the core with Frama-C/WP. Where it is not installed this says so, and is a failure with
# CI=true.

.PHONY: prove prove-all prove-mutants
prove: ## proof of ref/core: the files that are not in spec/proofs/PROVED.tsv as they are
	@spec/proofs/prove $(B)

prove-all: ## proof of ref/core, everything from cold
	@spec/proofs/prove --all $(B)

prove-mutants: ## planted faults: each must break the proof of its function
	@spec/proofs/mutants $(B)
