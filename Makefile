# `make` prints this menu. Every target does the set-up it needs; the second time is quick.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := menu
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules
# A process starts in half the time from kept bytecode, and tests start a thousand; some images forbid keeping it.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(or $(shell command -v python3.11),python3)
RUN := .venv/bin
KAFKA := infra/kafka/libs/.complete
ARCHIVE := .cache/kafka.jsa
REGISTRY := .cache/registry/.complete
FOLD := tests/ledger tests/methodology tests/laws
SIMULATION := tests/simulation
OTHERS := -n 3 --dist loadscope --no-loadscope-reorder $(FOLD:%=--ignore=%) --ignore=$(SIMULATION)
LOCK := $(RUN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: menu
menu: ## this menu
	@grep -hE '^[a-z-]+:[^=].*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

.PHONY: setup
setup: environment $(KAFKA) ## everything that running needs: .venv, Java, Apache Kafka

.PHONY: environment
environment:
	@$(PYTHON) infra/bootstrap.py

$(KAFKA): infra/kafka/pom.xml | environment
	@echo "== Apache Kafka through Maven"
	@$(RUN)/python -m local.jars
	@touch $@

$(ARCHIVE): $(KAFKA)
	@echo "== class-data archive for the broker"
	@$(RUN)/python -m local.class_data_archive
	@touch $@

$(REGISTRY): tests/live/apicurio.py | environment
	@echo "== Apicurio Registry through Maven"
	@$(RUN)/python -c 'from tests.live.apicurio import fetch_registry; print(fetch_registry())'
	@touch $@

.PHONY: demo
demo: setup ## the ledger end to end on a seeded national year, with London's figures; ends by itself
	@$(RUN)/disruptions demo

.PHONY: up
up: setup ## the local whole, until Ctrl-C
	@$(RUN)/disruptions up

.PHONY: test-setup
test-setup: setup $(ARCHIVE) $(REGISTRY)
	@$(PYTHON) infra/bootstrap.py --tests

.PHONY: test
test: test-setup ## every test: units, laws, real broker, registry and engine; every branch of the fold
	@echo "== tests of the fold: every branch"
	@$(RUN)/python -m pytest -q -n 2 $(FOLD) --cov=ledger --cov=methodology --cov-fail-under=100 --cov-report=term:skip-covered
	@echo "== the simulation: a thousand seeds; untraced, as it is all processor"
	@$(RUN)/python -m pytest -q -n 2 $(SIMULATION)
	@echo "== all other tests, on real servers"
	@$(RUN)/python -m pytest $(OTHERS) --durations=40

.PHONY: coverage
coverage: test-setup ## which lines and branches no test runs in its own process: half an hour
	@$(RUN)/python -m pytest -q -n 2 $(FOLD) --cov --cov-report=
	@$(RUN)/python -m pytest $(OTHERS) --cov --cov-append --cov-report=term:skip-covered

.PHONY: quick
quick: environment ## all tests that need no server
	@$(RUN)/python -m pytest -q -n 2 -m 'not live'

.PHONY: lint
lint: environment ## style, types, import contracts
	@echo "== ruff"
	@$(RUN)/ruff check --quiet .
	@$(RUN)/ruff format --quiet --check .
	@echo "== mypy"
	@$(RUN)/mypy
	@echo "== import contracts"
	@$(RUN)/lint-imports --no-cache

.PHONY: format
format: environment ## rewrite the sources in the house's style
	@$(RUN)/ruff check --quiet --fix . || true
	@$(RUN)/ruff format .

.PHONY: rules
rules: environment ## write the rules in force into methodology/history, under their version
	@$(RUN)/python -m schemas.rulesets

.PHONY: check
check: lint test ## all that CI runs

.PHONY: bench
bench: setup $(ARCHIVE) .bench-venv/.complete ## measurements and aims, kept in bench/results: twenty minutes (QUICK=1: small)
	@$(RUN)/python -m bench $(if $(QUICK),--quick)

.bench-venv/.complete: requirements/bench.lock | environment
	@echo "== .bench-venv, the peers that bench/ measures against"
	@$(PYTHON) -m venv .bench-venv
	@$(RUN)/uv pip install --quiet --python .bench-venv/bin/python --require-hashes -r $< \
	  || .bench-venv/bin/python -m pip install --require-hashes --no-deps -r $<
	@.bench-venv/bin/python -m pip --quiet --disable-pip-version-check install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: chaos
chaos: test-setup ## storms of faults over a running ledger: tens of minutes (SEED=7 SECONDS=120 RUNS=3 ONLY=storm)
	@CHAOS_BREAKS=1 CHAOS_SEED=$(or $(SEED),$(shell date +%s)) CHAOS_SECONDS=$(or $(SECONDS),60) CHAOS_RUNS=$(or $(RUNS),2) \
	  $(RUN)/python -m pytest -q -s -o timeout=1800 $(if $(ONLY),-k "$(ONLY)") tests/chaos

.PHONY: simulate
simulate: environment ## storms over intake, loader, store and sealer from seeds: SEEDS=10000 FIRST=1000
	@SIMULATION_SEEDS=$(or $(SEEDS),10000) SIMULATION_FIRST=$(or $(FIRST),1000) \
	  $(RUN)/python -m pytest -q -n 2 tests/simulation/test_seeds.py -k storm

.PHONY: mutants
mutants: environment ## mutation testing of methodology/: hours
	@$(RUN)/mutmut run
	@$(RUN)/mutmut results

.PHONY: lock
lock: environment ## requirements/*.lock again from requirements/*.in
	@for name in run dev bench; do \
	  echo "== requirements/$$name.lock"; \
	  (cd requirements && ../$(LOCK) --output-file $$name.lock $$name.in); \
	done

.PHONY: clean
clean: ## remove what set-up and tests made; keeps .state, the local ledger
	@rm -rf .venv .bench-venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* mutants
	@rm -rf infra/kafka/libs* dashboard/assets/node_modules dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
