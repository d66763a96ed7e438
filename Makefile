# Everything runs in .venv, made from uv.lock; a fresh machine needs Python 3.11 or newer and make.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
SYNC := $(BIN)/uv sync --frozen --all-extras --compile-bytecode --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test browser lint format bench clean

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.done  ## make .venv from the lock file

.venv/.done: uv.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "setting up .venv from uv.lock (a minute or two the first time)"
	@$(SYNC)
	@touch $@

demo: setup  ## walk the whole loop on a made-up company
	@$(BIN)/leadloop demo

serve: setup  ## serve the pages and the API on what the demo learned
	@$(BIN)/leadloop serve --open --home var/demo

test: setup lint browser  ## every check and every test, a file a process at a time on each core
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

browser: setup  ## Debian's Chromium for the tests of pages, where no browser is and one may be installed
	@$(BIN)/python -m tests.pages.browser

lint: setup  ## style, types, direction of imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/mypy

format: setup  ## put the code into shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: setup  ## the figures of the README
	@$(SYNC) --group bench
	@for each in quality rolling truth cold_start loop kernel ingest training_speed serving queue_page lift; do $(BIN)/python -m benchmarks.$$each; done

clean:  ## remove what was made, state under var/ too
	rm -rf .venv var dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
