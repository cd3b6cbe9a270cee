# rtlbench: every target does the set-up that it needs and that is missing first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
CORE := $(VENV)/.core-done
MODELS := $(VENV)/.models-done
DOCS := $(VENV)/.docs-done
WORKERS ?= $(shell nproc)

FUZZ_SECONDS ?= 3600
FUZZ_SEED ?= 1
EXPERIMENT_ARMS ?= main
REAL_PLAN ?= training/experiments/real.toml

.DEFAULT_GOAL := help
.PHONY: help setup bench bench-model test check attacks attacks-public perf fuzz experiment experiment-real experiment-ways docs clean

help: ## what there is to do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## everything, for development

$(STAMP): pyproject.toml scripts/install-tools.sh | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(CORE) $(MODELS) $(DOCS) $(STAMP)

$(CORE): pyproject.toml scripts/install-tools.sh | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $(CORE)

$(MODELS): pyproject.toml scripts/install-tools.sh | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[models]'
	touch $(CORE) $(MODELS)

$(DOCS): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	touch $(CORE) $(DOCS)

$(BIN)/python:
	sh scripts/install-tools.sh
	$(PYTHON) -m venv $(VENV)

# Exits with 0 when every answer got a verdict, right or wrong. BENCH_ARGS go to `rtlbench bench`.
bench: $(CORE) ## judge the answers that ship; with the models' libraries, the small model's
	$(BIN)/rtlbench bench --workers $(WORKERS) $(BENCH_ARGS)

bench-model: $(MODELS) ## have the small model that ships answer the suite, and judge it
	$(BIN)/rtlbench bench --workers $(WORKERS) --model models/tiny-rtl $(BENCH_ARGS)

# TEST_ARGS go to pytest.
test: setup ## the tests
	$(BIN)/pytest tests -n $(WORKERS) $(TEST_ARGS)

check: setup ## lint, types, and the pages' prose
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python scripts/prose.py

# Answers that attack their grader, under default and strict isolation; 0 when none got anywhere.
attacks: setup ## answers that attack their grader
	$(BIN)/python -m tests.attacks

# Forged answers to public suites' tasks, by the suites' rules and here; FOLDER holds the suites.
attacks-public: setup ## forge public suites' verdicts: FOLDER=... holds the suites
	$(BIN)/python -m tests.attacks.public $(FOLDER)

perf: setup ## speed, side by side, into docs/performance.md
	$(BIN)/python -m perf $(PERF_ARGS)

# One process at a time, at the lowest priority; exits with 1 when something was found.
fuzz: setup ## an hour of generated and mutated input
	$(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED) $(FUZZ_ARGS)

# Filter, fine-tune and judge at several thresholds (docs/gate.md); goes on after a stop.
experiment: setup ## filter, fine-tune and judge at several thresholds
	$(BIN)/python training/experiments/threshold.py training/experiments/threshold.toml \
		--arms $(EXPERIMENT_ARMS) $(EXPERIMENT_ARGS)

# By stages, goes on after a stop; models by REAL_ARGS='--model NAME=FOLDER_OR_FILE.gguf ...'.
experiment-real: setup ## the same with pretrained models: docs/experiment-real.md
	$(BIN)/python training/experiments/real.py $(REAL_PLAN) $(REAL_ARGS)

# By stages, goes on after a stop; WAYS_ARGS='--base FOLDER' takes a base that is there already.
experiment-ways: setup ## SFT, DPO and GRPO on one budget: docs/experiment-ways.md
	$(BIN)/python training/experiments/ways.py training/experiments/ways.toml $(WAYS_ARGS)

# Pages of docs/ in site/; a link that leads nowhere is an error.
docs: $(DOCS) ## the documentation as pages, in site/
	$(BIN)/zensical build --strict --clean

clean: ## the virtual environment and caches away
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache
