# The commands of Longwave. `make` alone lists them.

SWIFT ?= swift
export SWIFT

SOURCES = Sources Tests Examples Plugins Benchmarks/Sources Package.swift Benchmarks/Package.swift

.PHONY: help
help: ## List the commands.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/\1	\2/p' Makefile | expand -t 12

.PHONY: demo
demo: requirements ## Train SGConv on a short ListOps set (DEMO_TRAIN=20000 DEMO_EPOCHS=4).
	@Scripts/demo.sh

.PHONY: test
test: requirements ## Build and run every test (TEST_OPTIONS="--filter GoldenTests" for some).
	$(SWIFT) test -c release --disable-xctest --disable-testable-imports $(TEST_OPTIONS)

.PHONY: build
build: requirements ## Build the library and the program, optimised.
	$(SWIFT) build -c release

.PHONY: examples
examples: requirements ## Build and run every example.
	@Scripts/examples.sh

# In the build folder of the library, which is then not built again.
.PHONY: bench
bench: requirements ## Run the benchmarks (BENCH_OPTIONS="--quick" for a look).
	$(SWIFT) run -c release --package-path Benchmarks --scratch-path .build benchmarks \
	  $(BENCH_OPTIONS)

.PHONY: format
format: ## Format every Swift file in place.
	$(SWIFT) format --in-place --recursive $(SOURCES)

.PHONY: lint
lint: ## Check the format of every Swift file.
	$(SWIFT) format lint --strict --recursive $(SOURCES)

.PHONY: docs
docs: requirements ## Make the documentation in .build/docs.
	@Scripts/docs.sh

.PHONY: requirements
requirements: ## Install what is missing, through apt.
	@Scripts/install-requirements.sh

.PHONY: clean
clean: ## Delete what was built; runs are kept.
	rm -rf .build Benchmarks/.build
