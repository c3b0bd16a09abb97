# Regulars: `make up` runs it, `make test` proves it. `make help` lists the rest.

MAKEFLAGS += --no-print-directory
PY := .venv/bin/python
BIN := .venv/bin
REGULARS_STATE ?= .regulars
REGULARS_PORT ?= 8000
export REGULARS_STATE REGULARS_PORT
# Where nothing compiled may be kept, as in many images of Python, each of our processes would
# compile its 2,600 modules again: five seconds of the dozens that start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up status doctor demo test check format types tests browser proof bench lock clean reset

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

up: ## install everything and run the product until Ctrl-C
	@sh .ci/install local
	@exec $(BIN)/regulars up

status: ## repeat the addresses, sign-ins and keys of what runs
	@exec $(BIN)/regulars status

doctor: ## check everything without changing anything, and name each cure
	@exec $(BIN)/regulars doctor

test: ## install what tests need and run everything
	@sh .ci/install dev
	@sh .ci/browser
	@$(MAKE) check
	@$(MAKE) tests

check: ## format, lint, types, import contracts, migrations, committed names
	@sh .ci/install dev
	@sh .ci/check

format: ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

tests: ## run the tests only, those of `make proof` with small counts
	@$(PY) -m regulars.web.assets
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -q --durations 10

proof: ## run the long versions (under an hour); docs/proof.md says what they found
	@sh .ci/install dev
	@sh .ci/browser
	@$(PY) -m regulars.web.assets
	@mkdir -p $(REGULARS_STATE)
	@REGULARS_PROOF=1 $(BIN)/pytest -n 2 --dist loadfile -m proof -q \
		--junitxml $(REGULARS_STATE)/proof.xml; outcome=$$?; \
		$(PY) .ci/proof_report.py $(REGULARS_STATE)/proof.xml docs/proof.md; exit $$outcome

bench: ## measure against the limits; `make bench B=3` runs one
	@sh .ci/install dev
	@exec $(PY) -m tests.benchmarks $(B)

lock: ## compile requirements/*.in into hash-pinned *.txt
	@sh .ci/lock

clean: ## remove what can be made again; data and logs stay
	@rm -rf .venv .tools node_modules platform/regulars/web/static/vendor
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

reset: ## remove the data of this laptop for good: chains, logs, secrets
	@if $(BIN)/regulars status >/dev/null 2>&1; then \
		echo "Regulars is running from $(REGULARS_STATE): end it first."; exit 3; fi
	@rm -rf "$(REGULARS_STATE)"
