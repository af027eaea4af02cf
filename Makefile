# The two commands are `make demo` and `make test`; both set up what is missing first.
VENV := $(abspath $(or $(LEADLINE_VENV),.venv))
export PATH := $(VENV)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/python
unexport PYTHONHOME
JOBS ?= $(shell nproc)
BUILD := build/dev
PYTHON := $(VENV)/bin/python

.PHONY: demo test test-full build setup consumers lint format generate golden bench docs asan tsan clean

demo: build
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

# SKBUILD is dropped because `pip install .` shares this directory and leaves it in the cache.
build: setup
	@mkdir -p build
	@cmake --preset dev -DPython_EXECUTABLE=$(PYTHON) -U 'SKBUILD*' -U CMAKE_INSTALL_PREFIX > $(BUILD).log 2>&1 \
	  || { cat $(BUILD).log; exit 1; }
	cmake --build $(BUILD) -j $(JOBS)

consumers:
	$(PYTHON) tests/consumer/run.py --build $(BUILD)

lint:
	$(PYTHON) scripts/check_layers.py
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

asan tsan: setup
	cmake --preset $@ -DPython_EXECUTABLE=$(PYTHON)
	cmake --build --preset $@ -j $(JOBS)
	ctest --preset $@

# Python classes from the catalog; committed, and compared in the tests.
generate: build
	$(PYTHON) scripts/generate.py
	$(PYTHON) scripts/stubs.py

docs: build
	$(PYTHON) scripts/catalog_page.py
	$(PYTHON) scripts/check_docs.py

# Every script prints its own figures, each against its peers in the same run.
bench: build
	for script in benchmarks/*.py; do echo "== $$script"; $(PYTHON) $$script || exit 1; done

golden: setup
	scripts/golden.sh

clean:
	rm -rf build dist python/leadline/lib python/leadline/*.so
