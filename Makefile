# Two commands do everything: `make demo` and `make test`. Whatever is missing is installed first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KEEP ?=
# Tests wait for processes more than they compute.
WORKERS ?= 3
ONLY ?=
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup console demo up test test-python test-console test-browser lint types bench docs conformance chaos openapi migration clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: .setup/python .setup/node ## install everything (done by the other targets when needed)

.setup/python: pyproject.toml constraints.txt
	@mkdir -p .setup
	$(PYTHON) -c 'import sys; sys.exit("Slipway needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[server,llm,ray,tensorboard,dev]'
	$(BIN)/python -m compileall -q src
	@touch $@

.setup/node: console/package.json console/package-lock.json
	@mkdir -p .setup
	cd console && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

CONSOLE_SOURCES := $(shell find console/src console/public console/index.html console/vite.config.ts -type f 2>/dev/null)

console/dist/index.html: .setup/node $(CONSOLE_SOURCES)
	cd console && npm run --silent build

console: console/dist/index.html ## build the web console

demo: setup console ## the whole journey on real input; KEEP=1 leaves the platform running
	$(BIN)/python demo/run.py $(if $(KEEP),--keep)

up: setup console ## start the platform for daily use (http://127.0.0.1:8700)
	$(BIN)/slipway up

test: setup console test-python test-console test-browser ## all tests

# What failed runs once more, alone: a test that only fails beside others is printed, and does not stop a change.
AGAIN := $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -rA --show-capture no

test-python:
	$(BIN)/python -m pytest -m "not browser" -n $(WORKERS) --dist loadfile || $(AGAIN) -m "not browser"

test-console:
	cd console && npm run --silent test

test-browser: console/dist/index.html
	bash tests/browser/ensure_chromium.sh
	$(BIN)/python -m pytest -m browser tests/browser || $(AGAIN) -m browser tests/browser

lint: setup ## ruff, import floors, types, console
	$(BIN)/ruff check src tests bench chaos demo
	$(BIN)/ruff format --check src tests bench chaos demo
	$(BIN)/lint-imports
	$(BIN)/mypy
	cd console && npm run --silent lint && npm run --silent typecheck

bench: setup console ## measure ours and the peers; ONLY=startup|compute|gateway picks a group
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

docs: setup ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

conformance: setup ## which requirement rows are proven: docs/conformance.md
	$(BIN)/python tests/conformance.py

chaos: setup ## kill parts of a busy platform 200 times at random, and audit everything
	$(BIN)/python -m chaos

openapi: setup ## write openapi.json and the console's types from the code
	$(BIN)/python -m slipway.api.openapi > openapi.json.new && mv openapi.json.new openapi.json
	$(BIN)/python -m slipway.api.sdk_types < openapi.json > src/slipway/sdk/types.py
	$(BIN)/ruff format -q src/slipway/sdk/types.py
	cd console && npm run --silent types

migration: setup ## write the next migration from the tables; NAME="what changes"
	$(BIN)/python -m slipway.api.migration "$(NAME)"

clean: ## remove what was built (not the home of a platform)
	rm -rf .setup $(VENV) console/node_modules console/dist site
