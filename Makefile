# `make help` tells what there is. Each target first sets up an environment where that is due; all
# it takes is make and a Python from 3.11 on.

VENV ?= .venv
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python $(FITS) && { echo $$python; exit; }; done; echo python3)
IN := $(VENV)/bin/python
PIP := $(IN) -m pip --disable-pip-version-check -qq

SCENARIO ?= friday
OUT ?= out
ARGS ?=
SHARED := -n logical --maxprocesses 8 --dist loadgroup

.DEFAULT_GOAL := report
.DELETE_ON_ERROR:
.PHONY: report test test-fast lab serve docs bench lint clean help

report: $(VENV)/.ready ## the waste report of a scenario (SCENARIO=friday, OUT=out)
	@$(IN) -m kitchen report $(SCENARIO) --out $(OUT) $(ARGS)

test: lint ## style, imports, tests (ARGS="-m long" for the long ones)
	@$(IN) -m pytest $(SHARED) $(ARGS)

test-fast: $(VENV)/.ready-all ## the tests that are quick: no browser, notebooks, servers
	@$(IN) -m pytest $(SHARED) -m "not slow and not long" $(ARGS)

lab: $(VENV)/.ready-all ## JupyterLab with the notebooks
	@$(IN) -m jupyterlab $(ARGS)

serve: $(VENV)/.ready-all ## the page for people who write no code
	@$(IN) -m kitchen serve $(ARGS)

docs: $(VENV)/.ready-all ## the documentation as a site, the notebooks run: build/docs/html
	@$(IN) docs/architecture.py
	@$(IN) docs/build.py $(ARGS)

bench: $(VENV)/.ready-all ## how fast it is on this machine
	@$(IN) -m benchmarks $(ARGS)

lint: $(VENV)/.ready-all ## style and imports only
	@$(IN) -m ruff check
	@$(VENV)/bin/lint-imports --no-logo

clean: ## remove .venv, the default report and all caches
	@rm -rf .venv out build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@echo 'make TARGET, where TARGET is one of'
	@awk -F':.*## ' '/^[a-z-]+:.*##/ { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo 'Another Python or another environment: make PYTHON=python3.12 VENV=my_venv'

# --- Set-up: once, and again when a requirement changes ---------------------------------------

FITS = -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null

$(IN):
	@$(PYTHON) $(FITS) || { \
		echo "kitchen needs Python 3.11 or later; $(PYTHON) is" \
			"$$($(PYTHON) --version 2>/dev/null || echo not there)." \
			"Name another: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version); this takes a minute or two, once."
	@$(PYTHON) -m venv $(VENV) || { \
		echo "$(PYTHON) cannot make an environment. On Debian or Ubuntu: apt install python3-venv"; \
		rm -f $(IN); exit 1; }

$(VENV)/.ready: pyproject.toml constraints.txt | $(IN)
	@$(IN) $(FITS) || { echo "$(IN) is no working Python 3.11 or later." \
		"Remove the folder $(VENV) and try again."; exit 1; }
	@echo "Installing what kitchen needs into $(VENV)."
	@$(PIP) install -c constraints.txt -e .
	@echo "Compiling the engine for this machine."
	@$(IN) -m kitchen doctor --quiet >/dev/null
	@touch $@

$(VENV)/.ready-all: $(VENV)/.ready
	@echo "Adding JupyterLab, Voila and what the tests need to $(VENV)."
	@$(PIP) install -c constraints.txt -e '.[test,notebook,dist,docs]'
	@touch $@
