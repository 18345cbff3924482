# The two commands: `make run` starts a site on this machine, `make test` checks everything.
# Both set up .venv by themselves, from the locked lists of packages; neither needs root.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The first Python on the path that is new enough; `make PYTHON=/path/to/python run` takes another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach each,python3 python3.13 python3.12 python3.11 python3.14,\
	$(shell $(each) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(each))))

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

.PHONY: run
run: $(VENV)/.runtime ## Run the whole site here until Ctrl-C; ARGS="--no-demo" begins empty
	@$(BIN)/turnout run $(ARGS)

.PHONY: test
test: lint ## Check style, types and architecture, then run every test
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/browser $(ARGS)
	@$(BIN)/python -m pytest -n 3 --dist loadfile tests/browser $(ARGS)

.PHONY: faults
faults: $(VENV)/.test ## Count what is lost, doubled or late in each fault, seen from outside (ten minutes)
	@FAULTS_REPORT=$(FAULTS_REPORT) $(BIN)/python -m pytest --verbose \
		-n 2 --dist loadfile --no-loadscope-reorder $(ARGS) \
		tests/faults/test_*.py $(addprefix tests/faults/long_,sqlite.py clock.py postgresql.py)
	@$(MAKE) --no-print-directory hostile
FAULTS_REPORT ?= var/faults.md

.PHONY: bench
bench: $(VENV)/.test ## Measure the opening rush on both databases, against this machine's limits
	@$(BIN)/python -m benchmarks.bench $(ARGS)

.PHONY: rush
rush: $(VENV)/.test ## Let MEMBERS sign up for one workshop within a minute, and print the figures
	@$(BIN)/python -m benchmarks.rush --members $(MEMBERS) $(ARGS)
MEMBERS ?= 3000

.PHONY: hostile
hostile: $(VENV)/.test ## Try many more hostile inputs than `make test` does (a quarter of an hour)
	@HOSTILE=long HOSTILE_REPORT=$(HOSTILE_REPORT) \
		$(BIN)/python -m pytest -n 2 --dist loadfile tests/hostile $(UNHURRIED) $(ARGS)
HOSTILE_REPORT ?= var/hostile.txt

.PHONY: soak
soak: $(VENV)/.test ## Half a million steps of the seat machine, and a minute of torture on each database (half an hour)
	@$(BIN)/python -m pytest --verbose -rP -n 2 --dist load tests/machine/long_machine.py $(UNHURRIED) $(ARGS)
	@$(BIN)/python -m pytest --verbose -rP tests/soak/long_torture.py $(UNHURRIED) $(ARGS)

# These have tests that take longer than any of `make test` may.
UNHURRIED := -o faulthandler_timeout=0

.PHONY: lint
lint: $(VENV)/.test ## Check style, types and architecture only
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: install
install: $(VENV)/.runtime ## Only install what `make run` needs

.PHONY: pictures
pictures: $(VENV)/.test ## Take the README's pictures anew
	@$(BIN)/python -m infra.pictures

.PHONY: permissions
permissions: $(VENV)/.runtime ## Write docs/permissions.md anew from the policy
	@$(BIN)/python -m infra.permissions_page

.PHONY: lock
lock: ## Lock the newest versions that pyproject.toml allows; needs uv
	@command -v uv >/dev/null || { echo "make lock: install uv first (https://docs.astral.sh/uv)" >&2; exit 1; }
	uv pip compile $(LOCK) --extra build pyproject.toml --output-file requirements.txt
	uv pip compile $(LOCK) --extra build --extra test --constraints requirements.txt \
		pyproject.toml --output-file requirements-test.txt
LOCK := --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## Remove what was installed and generated; the data in var/ stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp says what is installed; a changed list of packages installs anew.

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Turnout needs into $(VENV) …"
	@$(PIP) install --no-deps --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.runtime
	@echo "Installing what the tests need into $(VENV) …"
	@$(PIP) install --no-deps --requirement requirements-test.txt
	@touch $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Turnout needs Python 3.11 or newer; \
	'python3' here is $$(python3 --version 2>&1). Install one, or name it: make PYTHON=/path/to/python3.11 run" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module. \
	On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
