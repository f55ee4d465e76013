# Every target sets up what it needs: a virtual environment in .venv, torch first and pinned, then the rest.

VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin

.PHONY: demo test check format bench clean

demo: $(READY)
	$(BIN)/grader run submissions_example --out results/demo

test: $(READY)
	$(BIN)/pytest -n 2 --dist loadgroup

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python -m benchmarks.throughput

clean:
	rm -rf $(VENV) results .pytest_cache .mypy_cache .ruff_cache

$(READY): pyproject.toml constraints.txt scripts/setup
	sh scripts/setup $(VENV)
	touch $@
