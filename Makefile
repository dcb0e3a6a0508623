# Two commands for a user: `make run` and `make test`. Everything here is a thin alias; the README gives the raw commands.

PORT ?= 8000
DEMO ?= 1
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run setup test check format bench translations lock clean

help:            ## say what there is
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1	/p' Makefile | expand -t 22

run:             ## install what is missing and serve on http://localhost:8000 (PORT=8080, DEMO=0 begins empty)
	@scripts/setup
	@HUFU_BASE_URL=$${HUFU_BASE_URL:-http://localhost:$(PORT)} exec $(BIN)/hufu run --port $(PORT) $(if $(filter 0 no false,$(DEMO)),--no-demo)

setup:           ## install only
	@scripts/setup

test:            ## install what the tests need and run them (ARGS="tests/events -x")
	@scripts/setup test
	@$(BIN)/pytest -n 2 $(ARGS)

check:           ## format, lint, types, imports, translations
	@scripts/setup check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyrefly check
	$(BIN)/lint-imports
	$(BIN)/python scripts/translations check

format:          ## put the code into its usual form
	@scripts/setup check
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench:           ## measure against a bare application, and run the storms (FULL=1 at full size, an hour)
	@scripts/setup test
	$(BIN)/python -m tests.load.bench --on sqlite postgres $(if $(FULL),,--rounds 2 --requests 100) $(ARGS)
	$(BIN)/python -m tests.load.storm --sides hufu $(if $(FULL),,--workers 2 --rounds 5 --attempts 200)
	$(BIN)/python -m tests.load.kills --kills $(if $(FULL),50,10)
	HUFU_TEST_STEPS=$(if $(FULL),1667,300) $(BIN)/pytest tests/registration/test_places.py -k resizing_at_once --timeout 3600

translations:    ## collect the strings and merge them into the catalogues (ARGS=events for one)
	@scripts/setup check
	$(BIN)/python scripts/translations update $(ARGS)
	$(BIN)/python scripts/translations compile

lock:            ## write the two lock files anew (needs uv)
	scripts/lock $(ARGS)

clean:           ## remove what was installed and cached; the data under instance/ stays
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-results *.egg-info
	find app tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
