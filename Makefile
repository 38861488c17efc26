# The commands of every day. Each sets up what it needs by itself (./dev, HACKING.md) and works on a fresh checkout.

DEV := ./dev
CONFIGURE_AND_BUILD = $(DEV) cmake --preset $(1) && $(DEV) cmake --build --preset $(1)
CTEST = $(DEV) ctest --parallel $(shell nproc) --preset

BENCH_SCENARIOS := paper support chat retrieval screens surveillance driving moderation radiology

.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: build demo test test-dev test-tsan test-release fuzz bench paper microbench docs format check-format tidy
.PHONY: clean help

build: ## the release build, in build/release
	$(call CONFIGURE_AND_BUILD,release)

demo: ## a sitting over the bundled pictures with the bundled model
	$(DEV) cmake --preset release
	$(DEV) cmake --build --preset release --target fovea
	$(DEV) fovea demo

test: check-format test-tsan test-dev tidy test-release ## everything that can fail (what continuous integration runs)

test-dev: ## the suite under AddressSanitizer and UndefinedBehaviorSanitizer
	$(call CONFIGURE_AND_BUILD,dev)
	$(CTEST) dev

test-tsan: ## the cache, replay, and many requests at the same time, under ThreadSanitizer
	$(call CONFIGURE_AND_BUILD,tsan)
	$(CTEST) tsan

test-release: build ## the suite as people run it
	$(CTEST) release

fuzz: ## every fuzz target for FUZZ_SECONDS (30), with its corpus
	$(call CONFIGURE_AND_BUILD,fuzz)
	$(DEV) tools/fuzz.sh $(or $(FUZZ_SECONDS),30)

bench: build ## what the levels save in every scenario, with the bundled model: build/bench/report.html
	$(DEV) fovea bench $(BENCH_SCENARIOS) --seeds 42 --report build/bench

paper: build ## the paper's evaluation with a real model's shape, and Fovea beside llama-server: build/paper/report.html
	$(DEV) python3 bench/paper/paper.py

microbench: build ## every benchmark program: hits, looks, attention
	$(DEV) tools/bench.sh

docs: ## the reference of the public headers, in build/docs/index.html; a warning is an error
	mkdir -p build/docs
	FOVEA_VERSION=$(shell cat VERSION) $(DEV) --docs doxygen docs/reference/Doxyfile

format: ## rewrites the sources as .clang-format says
	$(DEV) tools/format.sh -i

check-format: ## fails where `make format` would change something
	$(DEV) tools/format.sh --dry-run --Werror

tidy: ## clang-tidy over src/
	$(DEV) cmake --preset dev
	$(DEV) tools/tidy.sh build/dev

clean: ## removes the build trees (./dev --clean removes private roots no longer used)
	rm -rf build

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1 - \2/p' Makefile
