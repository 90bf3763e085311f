# Each target sets up what it needs: a virtual environment from the lock, nothing outside this folder.
# PYTHON chooses the interpreter (3.11 to 3.13).

PYTHON ?= python3
VENV   := .venv
BENCH  := .venv-bench
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help setup demo run test lint format bench bench-extraction bench-grouping bench-growth bench-fetching bench-load bench-alike bench-forgery bench-poison orders storm lock clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: $(VENV)/ready ## the virtual environment, with the ingester command in it

demo: $(VENV)/ready ## five outlets on loopback, polled, grouped, and read back by SQL
	$(BIN)/ingester demo

run: $(VENV)/ready ## the service, with config/ingester.toml
	$(BIN)/ingester run

test: $(VENV)/ready-dev ## every check: style, types, layers, behaviour
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(TESTS)

format: $(VENV)/ready-dev ## the code as the formatter has it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/ready-dev ## pages a second: bare trafilatura beside the whole path into Postgres
	$(BIN)/python -m benchmarks.path

bench-extraction: $(BENCH)/ready ## quality and speed of extraction beside its peers: docs/extraction.md
	$(BENCH)/bin/python -m benchmarks.extraction --write docs

bench-grouping: $(VENV)/ready-dev ## quality of stories and events on labelled articles; its second part: bench-growth
	$(BIN)/python -m benchmarks.seeds
	$(BIN)/python -m benchmarks.grouping

bench-growth: $(VENV)/ready-dev ## look-up and placement in archives of ten thousand to a million articles
	$(BIN)/python -m benchmarks.growth

bench-fetching: $(VENV)/ready-dev ## what a fetch costs its client, and what two clients' hosts see
	$(BIN)/python -m benchmarks.fetching

bench-load: $(VENV)/ready-dev ## 2,000 feeds and 20,000 pages by one service, then by two, one of them struck
	$(BIN)/python -m benchmarks.load

bench-alike: $(VENV)/ready-dev ## what a page costs where 100,000 share one boilerplate: at most twice the usual
	$(BIN)/python -m benchmarks.alike

bench-forgery: $(VENV)/ready-dev ## a thousand forged signatures: none is joined
	$(BIN)/python -m benchmarks.forgery

orders: $(VENV)/ready-dev ## the same articles in fifty orders, by one, two and four workers: the same stories
	$(BIN)/python -m benchmarks.orders

bench-poison: $(VENV)/ready-dev ## what bad pages cost a stream, and what becomes of poison
	$(BIN)/python -m benchmarks.poison

storm: $(VENV)/ready-dev ## ten thousand faults amid twenty thousand bad inputs: nothing lost or doubled
	$(BIN)/python -m tests.storm --faults 10000 --inputs 20000
	$(BIN)/python -m tests.storm --variants

lock: ## the locks anew (needs uv); none names a host
	uv pip compile pyproject.toml --universal --generate-hashes --quiet \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --quiet \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  -c requirements.lock -o requirements-dev.lock
	uv pip compile benchmarks/requirements.in --universal --python-version 3.11 --generate-hashes --quiet \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  -c requirements.lock -o benchmarks/requirements.lock

clean: ## without the virtual environment and caches
	rm -rf $(VENV) $(BENCH) .demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed; say which: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/ready-dev: requirements-dev.lock $(VENV)/ready
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# The peers of the extraction benchmark, apart from the product. One that can't be installed is missing
# from its table, and named.
$(BENCH)/ready: requirements.lock benchmarks/requirements.lock | $(VENV)/bin/python
	$(VENV)/bin/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements.lock
	-$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes \
	  -r benchmarks/requirements.lock
	$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps -e .
	@touch $@
