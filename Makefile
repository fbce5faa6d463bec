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
AUTOBAHN := $(VENV)/autobahn
# A pyenv's own program, or one on the path that is more than a pyenv's signpost.
PYTHON2 ?= $(firstword $(shell for one in $${PYENV_ROOT:-$$HOME/.pyenv}/versions/2.7.*/bin/python2.7 python2.7; do \
  "$$one" -c '' 2>/dev/null && echo "$$one"; done; true))
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: help run demo test lint format bench instructions load soak autobahn clean
help: ## list the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: export DEMO ?= 1
run: $(ENGINE) ## serve on $$PORT with the embedded database and demo data
	@exec $(BIN)/python -m server serve

demo: $(ENGINE) ## play a day against the running server
	@$(BIN)/python -m server demo

test: $(TEST) $(ENGINE) ## run the tests
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist worksteal

lint: $(TEST) $(ENGINE) ## check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(TEST) ## format the code
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(BENCH) $(ENGINE) ## measure the engine beside its peers
	@ENGINE_COMPILED=1 $(BIN)/python -m pytest benchmarks -q --keep

instructions: $(RUN) $(ENGINE) ## count the kernels' instructions under valgrind, fail when one grew by 5 %
	@$(BIN)/python -m benchmarks.instructions

load: $(BENCH) $(ENGINE) ## measure the server and its sockets beside their peers
	@ENGINE_COMPILED=1 $(BIN)/python -m benchmarks.load.run; one=$$?; \
	  ENGINE_COMPILED=1 $(BIN)/python -m benchmarks.load.life && \
	  ENGINE_COMPILED=1 $(BIN)/python -m benchmarks.load.fan --keep && exit $$one

soak: $(BENCH) $(ENGINE) ## drive sockets and REST for LASTING seconds (an hour), report memory
	@ENGINE_COMPILED=1 $(BIN)/python -m benchmarks.load.soak --seconds $${LASTING:-3600} --keep

autobahn: $(AUTOBAHN)/bin/wstest $(TEST) $(ENGINE) ## check the sockets with Autobahn's fuzzer (needs CPython 2.7)
	@$(BIN)/python -m pytest -q tests/handlers/test_autobahn.py

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

$(AUTOBAHN)/bin/wstest: requirements/autobahn.txt | $(VENV)
	@test -n "$(PYTHON2)" || { echo "CPython 2.7 is needed for Autobahn's fuzzer; set PYTHON2 to one" >&2; exit 1; }
	@$(PYTHON2) -m pip install --quiet --disable-pip-version-check --target $(AUTOBAHN)/lib -r $< 2>/dev/null
	@mkdir -p $(@D) && printf '#!%s\nimport site\nsite.addsitedir("%s")\nfrom autobahntestsuite.wstest import run\nrun()\n' \
	  "$(PYTHON2)" "$(abspath $(AUTOBAHN))/lib" > $@ && chmod +x $@

$(ENGINE): setup.py $(wildcard engine/*.pyx engine/*.h) $(RUN)
	@$(HAS_COMPILER)
	@echo "building the engine" && $(BIN)/python setup.py --quiet build_ext --inplace && touch $@
