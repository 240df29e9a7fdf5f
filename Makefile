# One door. Each target does the set-up that it needs; `make help` lists them.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
STATE := $(or $(RONDE_STATE),.ronde)
PY := .venv/bin/python
MANAGE := $(PY) manage.py
# What an installed environment answers for; each stamp lives, and goes, with what it vouches for.
VENV := .venv/.installed
NODE := node_modules/.installed
ASSETS := ronde/static/dist/.built
STATIC := $(STATE)/stamps/static
WORDS := ronde/locale/en/LC_MESSAGES/django
ASSET_SOURCES := $(shell find ronde/core/assets -type f 2>/dev/null)
LOCK := .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml

##@ Every day
run: setup ## Start everything and print the address and the demo accounts
	@$(MANAGE) load_demo
	@$(PY) tools/run.py

test: $(VENV) assets database browser antivirus ## Run the whole suite, browser included (ARGS="-k word")
	$(PY) -m pytest $(ARGS)

test-wheel: ## Run the suite on the wheel's PostgreSQL, which has no extension
	@RONDE_PG=wheel RONDE_STATE=$(abspath $(STATE))/wheel $(MAKE) --no-print-directory test
	@RONDE_PG=wheel RONDE_STATE=$(abspath $(STATE))/wheel $(MAKE) --no-print-directory stop

e2e: $(VENV) assets database browser ## Run the browser tests alone
	$(PY) -m pytest -m e2e $(ARGS)

fix: $(VENV) ## Format, and repair what can be
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

check: lint types layers migrations test demo-from-zero ## All that must pass before a merge

##@ Parts of check
lint: $(VENV) ## Format and lint
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m djlint --lint --quiet ronde

types: $(VENV) ## Types of the annotated files
	$(PY) -m mypy

layers: $(VENV) ## Who imports whom
	.venv/bin/lint-imports

migrations: $(VENV) database ## No change without its migration, one line of migrations an app
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check

demo-from-zero: $(VENV) database ## Migrate, import and load the demo in an empty database
	$(PY) tools/scratchdb.py sh -ec '$(MANAGE) migrate -v 0; $(MANAGE) import_terminology; $(MANAGE) load_demo'

##@ Data
demo: resetdb setup ## Load the demo region in an empty database
	$(MANAGE) load_demo

resetdb: $(VENV) ## Erase the development database
	@$(PY) tools/devdb.py reset

database: $(VENV) ## Start the development database
	@$(PY) tools/devdb.py start

stop: $(VENV) ## Stop the development database
	@$(PY) tools/devdb.py stop

bench: $(STATIC) database ## Measure, and compare with the goals (SIZE=small or full)
	SIZE=$(or $(SIZE),small) $(PY) bench/run.py

##@ Upkeep
messages: $(VENV) ## Take the texts out of the code, list those without an English translation
	@$(PY) tools/messages.py

lock: $(VENV) ## Lock the dependencies again within their ranges
	$(LOCK) --upgrade -o requirements/base.txt >/dev/null
	$(LOCK) --upgrade --extra dev -c requirements/base.txt -o requirements/dev.txt >/dev/null
	npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## Remove what can be made again; the database stays (`make resetdb`)
	rm -rf .venv node_modules ronde/static/dist $(STATE)/static $(STATE)/stamps
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	/^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What the targets above stand on.
setup: $(STATIC) $(WORDS).mo database
	@$(MANAGE) migrate -v 0
	@$(MANAGE) import_terminology

assets: $(ASSETS) $(WORDS).mo ## Build what the browser loads, and the catalogue of words

$(VENV): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed (PYTHON=path chooses one)."; exit 2; }
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "Python's venv module is missing: apt-get install python3-venv."; exit 2; }
	@echo "Installing the Python packages"
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(NODE): package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && command -v npm >/dev/null \
	  || { echo "Node 20 or newer, with npm, is needed."; exit 2; }
	@echo "Installing the browser packages"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(ASSETS): $(NODE) tools/build_assets.mjs $(ASSET_SOURCES)
	@node tools/build_assets.mjs
	@touch $@

# Not committed: two branches that add words would conflict in a file that nobody can merge.
$(WORDS).mo: $(WORDS).po tools/messages.py $(VENV)
	@$(PY) tools/messages.py compile
	@touch $@

# Hashed names and compressed copies take seconds: only when a file changed.
$(STATIC): $(VENV) $(ASSETS) | database
	@$(MANAGE) collectstatic --noinput -v 0 -i pdf
	@mkdir -p $(@D) && touch $@

browser:
	@sh tools/browser.sh

antivirus:
	@sh tools/antivirus.sh

.PHONY: run test test-wheel e2e fix check lint types layers migrations demo-from-zero demo resetdb \
	database stop bench messages lock clean help setup assets browser antivirus
