# Every target makes what it needs: `make run` and `make test` work on a clone that was just made.

SHELL := /bin/bash
PYTHON := .venv/bin/python
SERVERS := $(PYTHON) -m coursive.servers exec
MAKEFLAGS += --no-print-directory
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-strip-extras
TEMPLATES := templates

.PHONY: help run test soak bench fix check features lock shell migrations messages screenshots assets clean pytest dev

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 14

run: ## start the site with its servers and its demo network; PORT=8001 moves it
	@bin/setup run
	@exec $(PYTHON) -m coursive.supervise

test: ## all that must pass: check, then the tests, in browsers too; ARGS="-k word" chooses
	@bin/setup test
	@$(SERVERS) --ephemeral -- $(MAKE) check pytest

soak: ## the long tests with real processes
	@bin/setup test
	@$(SERVERS) --ephemeral -- bash -ec '$(PYTHON) manage.py assets; SOAK=full $(PYTHON) -m pytest -n0 -m "soak or long" $(ARGS)'

pytest: ARGS ?=
pytest:
	@mkdir -p var; $(PYTHON) manage.py assets && $(PYTHON) -m pytest $(ARGS); code=$$?; echo $$code > var/pytest-code; exit $$code

bench: ## how long pages and papers take, as ratios to floors of the same run; ARGS=pages chooses
	@bin/setup bench
	@$(PYTHON) -m bench $(ARGS)

dev:
	@bin/setup dev

fix: dev ## format code and templates, mend what the linter can
	$(PYTHON) -m ruff check --fix --exit-zero .
	$(PYTHON) -m ruff format .
	-git ls-files '$(TEMPLATES)/*.html' | xargs .venv/bin/djade --target-version 5.2

check: dev ## linters, types, layers, migrations, Django's own checks
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	git ls-files '$(TEMPLATES)/*.html' | xargs .venv/bin/djade --check --target-version 5.2
	$(PYTHON) -m djlint --lint --quiet $(TEMPLATES)
	.venv/bin/lint-imports --no-logo
	$(SERVERS) --ephemeral -- bash -ec '\
		$(PYTHON) -m mypy; \
		$(PYTHON) manage.py makemigrations --check --dry-run; \
		$(PYTHON) manage.py check'

features: dev ## which features of docs/features.md a passing test shows; ARGS=--collect-only runs nothing
	@$(SERVERS) --ephemeral -- $(PYTHON) -m tests.features $(ARGS)

lock: dev ## resolve pyproject.toml into requirements/*.txt; ARGS=--upgrade renews
	$(COMPILE) $(ARGS) pyproject.toml -o requirements/base.txt
	$(COMPILE) $(ARGS) --extra embedded pyproject.toml -o requirements/run.txt
	$(COMPILE) $(ARGS) --extra dev pyproject.toml -o requirements/dev.txt

shell: ## a Python shell on the data of `make run`
	@bin/setup run
	@$(SERVERS) -- $(PYTHON) manage.py shell

migrations: dev ## write the migrations that the models ask for
	@$(SERVERS) --ephemeral -- $(PYTHON) manage.py makemigrations

messages: dev ## read the words of the sources into locale/*.po, for translation
	@$(SERVERS) --ephemeral -- $(PYTHON) manage.py messages

screenshots: dev ## the pictures of docs/guide/, from a running `make run`; SITE=http://la-coursive.localhost:8001
	@$(PYTHON) docs/guide/screenshots.py $(or $(SITE),http://la-coursive.localhost:8000) $(ARGS)

assets: ## subset the fonts, compile the translations
	@bin/setup run
	@$(SERVERS) --ephemeral -- $(PYTHON) manage.py assets

clean: ## remove what can be made again; the data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +
