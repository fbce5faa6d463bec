# make run, make test do all the set-up they need.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

RUN := $(VENV)/.run
TEST := $(VENV)/.test
BENCH := $(VENV)/.bench
ENGINE := $(VENV)/.engine
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: help run demo test lint format bench load clean
help: ## list the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

run: export DEMO ?= 1
run: $(ENGINE) ## serve on $$PORT with the embedded database and demo data
	@exec $(BIN)/python -m server serve

demo: $(ENGINE) ## play a day against the running server
	@$(BIN)/python -m server demo

test: $(TEST) $(ENGINE) ## run the tests
	@$(BIN)/python -m pytest -q

lint: $(TEST) $(ENGINE) ## check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(TEST) ## format the code
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(BENCH) $(ENGINE) ## measure the engine beside its peers
	@ENGINE_COMPILED=1 $(BIN)/python -m pytest benchmarks -q --keep

load: $(BENCH) $(ENGINE) ## measure the server beside its peers
	@ENGINE_COMPILED=1 $(BIN)/python -m benchmarks.load.run

clean: ## remove what was built, keep the data
	@rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache
	@find engine -name '*.so' -delete -o -name '_*.c' -delete

# Asked before anything is downloaded, and again where it is used: a machine may lose what it had.
HAS_COMPILER = command -v $${CC:-cc} >/dev/null || { echo "a C compiler is needed (Debian: gcc libc6-dev)" >&2; exit 1; }

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON to one" >&2; exit 1; }
	@$(HAS_COMPILER)
	@$(PYTHON) -c 'import os, sysconfig as s; os.stat(s.get_path("include") + "/Python.h")' 2>/dev/null || \
	  { echo "Python's C headers are needed (Debian: python3-dev)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null || \
	  { rm -rf $(VENV); echo "Python's venv is needed (Debian: python3-venv)" >&2; exit 1; }

$(RUN): requirements/run.txt | $(VENV)
	@echo "installing pinned dependencies" && $(PIP) -r $< && touch $@

$(TEST): requirements/test.txt $(RUN)
	@$(PIP) -r $< && touch $@

$(BENCH): requirements/bench.txt $(TEST)
	@$(PIP) -r $< && touch $@

$(ENGINE): setup.py $(wildcard engine/*.pyx engine/*.h) $(RUN)
	@$(HAS_COMPILER)
	@echo "building the engine" && $(BIN)/python setup.py --quiet build_ext --inplace && touch $@
