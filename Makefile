# rtlbench: `make bench` and `make test` each do all the set-up that is missing first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
WORKERS ?= $(shell nproc)

.PHONY: setup bench test check perf clean

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

perf: setup
	$(BIN)/python perf/throughput.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
