# `make demo` and `make test` need nothing before them but Python 3.11, make and pip.

BIN := .venv/bin
UV := env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX .tools/bin/uv

.PHONY: help setup demo test quick coverage check bench format docs lock clean

help: ## these words
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 14

setup: .venv/.ready ## install everything into this folder; the other words do it by themselves

demo: setup ## a paper trading session on a built-in market: no account, no network
	@$(BIN)/tradego demo

test: setup ## every test
	@$(BIN)/pytest -n auto

quick: setup ## the tests of the inner loop, under 30 s
	@$(BIN)/pytest -n auto -m "not slow and not shared_data"

coverage: setup ## every test, then the lines and branches that none of them reached
	@$(BIN)/pytest -n auto --cov --cov-report=term

check: setup ## format, lint, types, import contracts, lock file, tidiness, licences
	@$(BIN)/ruff format --quiet --check . || { echo "not in the house format: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry src
	@$(UV) lock --quiet --check --offline || { echo "uv.lock does not fit pyproject.toml: make lock" >&2; exit 1; }
	@$(BIN)/pytest tests/tidy

bench: setup ## what the desk costs in time and memory, beside others; a row into bench/history.csv
	@$(BIN)/python -m bench

format: setup ## put the code in the house format, and mend what the linter can
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

docs: setup ## write docs/reference.md, and the file in docs/configuration.md, anew from the code
	@$(BIN)/python tools/configuration.py
	@$(BIN)/python tools/reference.py > docs/reference.md.new && mv docs/reference.md.new docs/reference.md

lock: setup ## write uv.lock anew after a change of dependencies
	@$(UV) lock --no-config --default-index https://pypi.org/simple

clean: ## remove what can be made again, the environment included
	@rm -rf .venv .tools .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov dist build

.venv/.ready: pyproject.toml uv.lock
	@PYTHON="$(PYTHON)" tools/setup.sh
