# Python 3.11 or newer is all that has to be on the machine.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
STAMP := .venv/installed

.DEFAULT_GOAL := help
CHECKS := check-format check-lint check-imports check-types check-app
.PHONY: help run test check $(CHECKS) install clean

help:
	@echo "make run     start everything, with demo data; Ctrl-C stops it"
	@echo "make test    run the tests; ARGS='-k pipeline -x' is handed to pytest"
	@echo "make check   format, lint, import layers, types, models against migrations, translations"
	@echo "make clean   remove the environment and caches; data in var/ stay"

run: install
	@exec $(BIN)/python run.py

test: install
	@exec $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: $(CHECKS)

check-format: install
	$(BIN)/python -m ruff format --check .

check-lint: install
	$(BIN)/python -m ruff check .

check-imports: install
	$(BIN)/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

check-types: install
	$(BIN)/python -m mypy

check-app: install
	$(BIN)/python -m app.check

# Installs only when requirements.txt, or the Python below .venv, is another one than last time.
install:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Python 3.11 or newer is needed, and '$(PYTHON)' was not found."; \
	  echo "Install it, or name it: make run PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is `$(PYTHON) --version 2>&1`."; \
	  echo "Name a newer one: make run PYTHON=/path/to/python3"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  rm -rf .venv; $(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "The environment .venv could not be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }; }
	@wanted=`$(BIN)/python -c 'import hashlib, sys; print(sys.version, hashlib.sha256(open("requirements.txt", "rb").read()).hexdigest())'`; \
	if [ "$$wanted" != "`cat $(STAMP) 2>/dev/null`" ]; then \
	  echo "Installing packages into .venv; the first time takes a minute or two."; \
	  $(BIN)/python -m pip install --disable-pip-version-check --no-input -r requirements.txt || { \
	    echo "Packages could not be installed. The package index must be reachable; see above."; exit 1; }; \
	  printf '%s\n' "$$wanted" > $(STAMP); \
	fi

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
	@echo "Data in var/ stay. Remove that directory yourself to start empty."
