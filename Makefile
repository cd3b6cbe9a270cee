# rtlbench: `make bench` and `make test` each do all the set-up that is missing first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
WORKERS ?= $(shell nproc)

FUZZ_SECONDS ?= 3600
FUZZ_SEED ?= 1
EXPERIMENT_ARMS ?= main

.PHONY: setup bench test check attacks perf fuzz experiment clean

setup: $(STAMP)

$(STAMP): pyproject.toml scripts/install-tools.sh
	sh scripts/install-tools.sh
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(STAMP)

# Exits with 0 when every answer got a verdict, right or wrong. BENCH_ARGS go to `rtlbench bench`.
bench: setup
	$(BIN)/rtlbench bench --workers $(WORKERS) $(BENCH_ARGS)

# TEST_ARGS go to pytest.
test: setup
	$(BIN)/pytest tests -n $(WORKERS) $(TEST_ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/mypy

# Answers that attack their grader, under default and strict isolation; 0 when none got anywhere.
attacks: setup
	$(BIN)/python -m tests.attacks

perf: setup
	$(BIN)/python perf/throughput.py

# One process at a time, at the lowest priority; exits with 1 when something was found.
fuzz: setup
	$(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED) $(FUZZ_ARGS)

# Filter, fine-tune and judge at several thresholds (docs/gate.md); goes on after a stop.
experiment: setup
	$(BIN)/python training/experiments/threshold.py training/experiments/threshold.toml \
		--arms $(EXPERIMENT_ARMS) $(EXPERIMENT_ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
