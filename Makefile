# The two commands are `make demo` and `make test`; both set up what is missing first.
VENV := $(abspath $(or $(LEADLINE_VENV),.venv))
export PATH := $(VENV)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/python
unexport PYTHONHOME
JOBS ?= $(shell nproc)
BUILD := build/dev
PYTHON := $(VENV)/bin/python

.PHONY: demo test test-full build modules configure setup consumers lint format generate golden bench docs asan tsan fuzz clean

demo: modules
	$(PYTHON) examples/python/demo_fashion_mnist.py

test: build
	ctest --preset dev
	$(PYTHON) -m pytest -m "not full"
	$(MAKE) --no-print-directory consumers
	$(MAKE) --no-print-directory lint

# Thousand-fold simulations, the sanitizers, the subdirectory consumer with a build of its own.
test-full: build
	ctest --test-dir $(BUILD) --output-on-failure
	$(PYTHON) -m pytest
	$(PYTHON) tests/consumer/run.py --build $(BUILD) --full
	$(MAKE) --no-print-directory lint asan tsan

setup:
	@scripts/setup.sh

# The libraries, the Python modules, the tests and the examples.
build: configure
	cmake --build $(BUILD) -j $(JOBS)

# What `import leadline` needs: two thirds of the time of `build`.
modules: configure
	cmake --build $(BUILD) -j $(JOBS) --target leadline_modules

# SKBUILD is dropped because `pip install .` shares this directory and leaves it in the cache.
configure: setup
	@mkdir -p build
	@cmake --preset dev -DPython_EXECUTABLE=$(PYTHON) -U 'SKBUILD*' -U CMAKE_INSTALL_PREFIX > $(BUILD).log 2>&1 \
	  || { cat $(BUILD).log; exit 1; }

consumers:
	$(PYTHON) tests/consumer/run.py --build $(BUILD)

lint:
	$(PYTHON) scripts/check_layers.py
	$(PYTHON) scripts/check_coroutines.py
	$(PYTHON) scripts/check_umbrella.py
	$(PYTHON) scripts/check_docs.py
	$(PYTHON) scripts/check_format.py
	ruff check .
	ruff format --check .
	mypy
	$(PYTHON) scripts/check_headers.py --build $(BUILD) -j $(JOBS)
	$(PYTHON) scripts/slow_units.py $(BUILD)

format: setup
	$(PYTHON) scripts/check_umbrella.py --fix
	$(PYTHON) scripts/check_format.py --fix
	ruff check --fix-only --quiet .
	ruff format .

# ThreadSanitizer of gcc 12 ends at once where the kernel draws addresses from more bits than it maps.
tsan: FIXED_ADDRESSES := $(shell setarch -R true 2> /dev/null && echo setarch -R)
asan tsan: setup
	cmake --preset $@ -DPython_EXECUTABLE=$(PYTHON)
	cmake --build --preset $@ -j $(JOBS)
	$(FIXED_ADDRESSES) ctest --preset $@

# libFuzzer for FUZZ_SECONDS a target; needs clang. `make test` runs the same targets without either.
FUZZ_SECONDS ?= 60
fuzz: setup
	@command -v clang++ > /dev/null || { echo "make fuzz: expected clang++, got none (apt-get install clang)"; exit 1; }
	cmake --preset fuzz -DPython_EXECUTABLE=$(PYTHON)
	cmake --build --preset fuzz -j $(JOBS) --target fuzz_all
	build/fuzz/tests/fuzz_replay --seeds build/fuzz/corpus
	for corpus in build/fuzz/corpus/*; do \
	  name=$$(basename $$corpus); echo "== $$name"; \
	  (cd build/fuzz && tests/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 -verbosity=0 corpus/$$name) || exit 1; \
	done

# Python classes from the catalog; committed, and compared in the tests.
generate: build
	$(PYTHON) scripts/generate.py
	$(PYTHON) scripts/stubs.py

docs: build
	$(PYTHON) scripts/catalog_page.py
	$(PYTHON) scripts/check_docs.py

# Every script prints its own figures, each against its peers in the same run; peers that are missing are named.
bench: build
	$(PYTHON) scripts/bench.py

golden: setup
	scripts/golden.sh

clean:
	rm -rf build dist python/leadline/lib python/leadline/*.so
