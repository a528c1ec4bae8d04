# `make demo` starts a server with sample products, `make test` runs the tests. Each creates its
# environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
LAKE ?= demo-lake
DATA ?=
PAGE := src/spectraldb/page/static
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test test-lowest lint format lock bench bench-search bench-engines bench-load pictures notebook docs clean

demo: $(VENV)/run
	@$(BIN)/python scripts/demo.py --lake $(LAKE) --port $(PORT) $(if $(DATA),--data "$(DATA)")

test: $(VENV)/dev
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup -m 'not alone'
	$(BIN)/python -m pytest -m alone

# Tests the readers, queries and formats with the oldest versions that pyproject.toml allows. Old
# libraries emit warnings about newer ones, so warnings are not errors here.
test-lowest: .venv-lowest/ready
	.venv-lowest/bin/python -m pytest -n auto --dist loadgroup -W default $(LOWEST)
LOWEST := tests/fits tests/products tests/derive tests/query tests/schema tests/formats tests/segments

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/oxlint --deny-warnings $(PAGE)
	$(BIN)/oxfmt --check $(PAGE)
	@$(BIN)/proselint check --config .proselintrc.json $(PROSE)
# What people read: the pages, and the docstrings and messages of the package.
PROSE = *.md docs/*.md $(shell git ls-files 'src/*.py')

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/oxlint --fix $(PAGE)
	$(BIN)/oxfmt $(PAGE)

bench: $(VENV)/dev
	$(BIN)/python -m bench

# Takes minutes and 3 GB. Includes PostgreSQL if its server is installed.
bench-search: $(VENV)/bench
	$(BIN)/python -m bench search $(BENCH)

bench-engines: $(VENV)/dev .venv-spark/ready
	$(BIN)/python -m bench engines $(BENCH)

# Needs wrk, a load generator.
bench-load: $(VENV)/dev
	$(BIN)/python -m bench load

# Creates the pictures of the documentation again; needs Chromium.
pictures: $(VENV)/dev
	$(BIN)/python -m tests.page.pictures

# Runs the notebook of the documentation, and saves its output.
notebook: $(VENV)/dev
	$(BIN)/python -m tests.support.notebook

# Builds the documentation site in docs/_build/html.
docs: $(VENV)/dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

# Resolves the version ranges of pyproject.toml again, and pins what `make` installs.
lock: $(VENV)/dev
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --all-extras --group dev $(COMPILE) -o requirements/dev.lock
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --extra server -c requirements/dev.lock $(COMPILE) -o requirements/run.lock
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --extra server --group bench -c requirements/dev.lock $(COMPILE) -o requirements/bench.lock
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --extra server --extra s3 --extra spark -c requirements/dev.lock $(COMPILE) -o requirements/serve.lock
	$(BIN)/uv pip compile requirements/spark.in $(COMPILE) -o requirements/spark.lock
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --all-extras --group dev $(COMPILE) --resolution lowest-direct -o requirements/lowest.lock
COMPILE := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

clean:
	rm -rf $(VENV) .venv-spark .venv-lowest docs/_build demo-lake demo-data .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Spectral DB needs Python 3.11 or newer. Set its path: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "Installing Spectral DB into $(VENV). This happens once and takes about a minute."
	$(PIP) --require-hashes -r requirements/run.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements/dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing Spectral DB and its test tools into $(VENV). This happens once and takes about a minute."
	$(PIP) --require-hashes -r requirements/dev.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run

# The full Apache Spark, which needs Java. Tests and benchmarks use it if it is installed.
.venv-spark/ready: requirements/spark.lock
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	@touch $@

.venv-lowest/ready: requirements/lowest.lock pyproject.toml
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	.venv-lowest/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/bench: requirements/bench.lock $(VENV)/dev
	$(PIP) --require-hashes -r requirements/bench.lock
	@touch $@
