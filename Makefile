# Everything a person or a machine does with this repository. Needs make and Python 3.11 or newer with its venv module;
# the rest comes into .venv from the locked requirements, each file checked against its hash.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEVELOPMENT := $(VENV)/.installed-development
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# pytest's own options: make test ARGS="-k mail -x"
ARGS ?=
WORKERS ?= auto
KILLS ?= 100

.PHONY: help demo run test check format bench crash lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## start everything with a sandbox in place of Slack and customers; no account is needed
	@$(BIN)/madoguchi demo $(ARGS)

run: $(RUNTIME) ## run with ./madoguchi.toml (or MADOGUCHI_CONFIG)
	@$(BIN)/madoguchi run $(ARGS)

test: $(DEVELOPMENT) ## all tests that can run here; what is skipped says why
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(DEVELOPMENT) ## format, lint, types, and which part may import which
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEVELOPMENT) ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(DEVELOPMENT) ## measure: mails, webhooks and presses, each against a bare loop
	@$(BIN)/python -m tests.bench $(ARGS)

crash: $(DEVELOPMENT) ## kill the program KILLS=100 times at every named point
	@MADOGUCHI_KILLS=$(KILLS) $(BIN)/python -m pytest -n 0 -m crash tests/crash $(ARGS)

# The lock is made for every platform and every Python that we support. It names no index, so that it works with any.
UV := .cache/lock/bin/uv
COMPILE := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
ASKED := pyproject.toml .cache/lock/build.in

lock: $(UV) ## lock the newest releases that pyproject.toml allows
	@echo "setuptools>=77" > .cache/lock/build.in
	@$(COMPILE) --upgrade $(ASKED) --output-file requirements.lock
	@$(COMPILE) --upgrade $(ASKED) --extra s3 --constraint requirements.lock --output-file requirements-s3.lock
	@$(COMPILE) --upgrade $(ASKED) --extra s3 --extra dev --constraint requirements-s3.lock --output-file requirements-dev.lock

$(UV):
	@$(PYTHON) -m venv .cache/lock
	@.cache/lock/bin/python -m pip --disable-pip-version-check --quiet install uv

clean: ## remove what the targets above have made, but no data
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info

# --- the virtual environment ------------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Madoguchi needs Python 3.11 or newer as $(PYTHON) (found: $$($(PYTHON) --version 2>&1 || true))." >&2; \
		echo "Another one can be named: make PYTHON=python3.13 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what requirements.lock names ..." >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what requirements-dev.lock names ..." >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(RUNTIME)
