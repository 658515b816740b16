# `make` alone lists what there is to do. Everything is kept in .venv; nothing outside this folder changes, except that
# the tests bring a browser, a spreadsheet and PostgreSQL from Debian's packages (as root or through sudo).

PORT ?= 8000

# What the tests need from Debian: two proxies, systemd's look at a unit, three browsers, the driver of one and a screen
# for it that nobody sees, letters for pictures, a library that Playwright's driver is linked to, a program that opens
# CSV as people do, and the programs of a database server: the tests start their own.
SYSTEM_PACKAGES := caddy chromium nginx systemd firefox-esr webkit2gtk-driver xvfb fonts-dejavu-core libatomic1 \
	libreoffice-calc postgresql

# The first Python on the PATH that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Without compiled files every start reads all sources anew and takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Every file that is installed has a hash in a lock. The project comes last: all it needs, its build backend too, is there.
PIP_INSTALL := .venv/bin/python -m pip install --quiet
LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements-build.lock
ITSELF := $(PIP_INSTALL) --no-deps --no-build-isolation -e .

# The lock is made for the oldest Python that is promised and holds for newer ones: one version of a package for all.
COMPILE = .venv/bin/uv pip compile --quiet --cache-dir build/uv --python .venv/bin/python --no-build-isolation \
	--python-version 3.11 --universal --fork-strategy fewest --generate-hashes --custom-compile-command "make lock" \
	$(if $(PACKAGE),--upgrade-package $(PACKAGE),--upgrade)
PYTEST := .venv/bin/python -m pytest -n 2

# An environment that was moved with its folder, or whose Python is gone, is made anew.
$(shell .venv/bin/python -c '' 2>/dev/null && [ "$$(cat .venv/.made 2>/dev/null)" = "$(CURDIR)" ] || rm -f .venv/.made)

.PHONY: help install run demo test test-quick test-browser test-line test-walks test-mishaps lint types unsafe check screenshots bench mutants
.PHONY: lock sbom licences clean packages
.DEFAULT_GOAL := help

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run  ## set up and serve a try-out on http://127.0.0.1:8000 (PORT=8001 make run)
	@INTAKE_ENV=tryout exec .venv/bin/intake serve --port $(PORT)

demo: .venv/.run  ## a try-out that 50 invented patients have filled in, made anew each time; the passwords come last
	@rm -rf build/demo && mkdir -p build
	@INTAKE_ENV=tryout INTAKE_INSTANCE=build/demo .venv/bin/intake demo --responses 50
	@INTAKE_ENV=tryout INTAKE_INSTANCE=build/demo exec .venv/bin/intake serve --port $(PORT)

install: .venv/.test  ## set up .venv with the locked dependencies, those of the tests included

test: packages check  ## set up what the tests need, then every check and every test
	@rm -f build/tests.xml
	@$(PYTEST) --junitxml=build/tests.xml; status=$$?; .venv/bin/python -m tests.tally build/tests.xml && exit $$status

test-quick: .venv/.test  ## the heart and what is kept, on SQLite alone: the tests without pages, servers and browsers
	@$(PYTEST) -q -k "not postgresql" $(addprefix tests/,questionnaire answers summary consultations forms exports records)

test-browser: packages .venv/.test  ## the tests in a real browser
	@$(PYTEST) tests/browser

test-line: packages .venv/.test  ## a whole form over one bar of signal: 50 kbit/s and 800 ms once a mode, 20 times unthrottled (SEED=1)
	@LINE=1 SEED=$(or $(SEED),1) $(PYTEST) -s -o faulthandler_timeout=4000 tests/browser/line

test-walks: .venv/.test  ## random walks of patients on tabs and devices, and the faults that they must find (WALKS=500 STEPS=50)
	@WALKS=$(or $(WALKS),500) STEPS=$(or $(STEPS),50) $(PYTEST) -o faulthandler_timeout=40000 tests/patient/test_walks.py

test-mishaps: packages .venv/.test  ## a mishap at every page of two scenarios, with the script and without
	@MISHAPS=all $(PYTEST) tests/browser/test_mishaps.py

lint: .venv/.test  ## style and the direction of imports
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/lint-imports --no-cache

types: .venv/.test  ## types
	@.venv/bin/mypy

unsafe: .venv/.test  ## calls in our own code that are often unsafe
	@.venv/bin/bandit --quiet --configfile pyproject.toml --recursive intake

check: lint types unsafe  ## style, imports, types and unsafe calls, without the tests

screenshots: packages .venv/.test  ## every page of a real walk, as pictures
	@.venv/bin/python -m tests.screenshots

bench: .venv/.test  ## measure ratios: pages beside a bare app, export beside a bare loop (BENCH_ROWS=100000, BENCH="exports desk")
	@.venv/bin/python -m bench $(BENCH)

mutants: .venv/.test  ## plant small faults into the pure packages and name those that no test finds (MUTANTS=400 SEED=1)
	@MUTANTS=$(MUTANTS) SEED=$(SEED) .venv/bin/python -m tests.mutants

lock: .venv/.test  ## write the locks anew: the newest versions that setup.cfg admits (PACKAGE=cryptography moves that one alone)
	@.venv/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(COMPILE) - -o requirements-build.lock >/dev/null
	@$(COMPILE) setup.cfg -o requirements.lock >/dev/null
	@$(COMPILE) setup.cfg --extra test -c requirements.lock -o requirements-test.lock >/dev/null
	@rm -rf build/uv

sbom: .venv/.test  ## write build/sbom.json: every package that is delivered, with version and licence (CycloneDX)
	@.venv/bin/python -m tests.supply.sbom build/sbom.json

licences: .venv/.test  ## write docs/security/licences.md from the packages that are delivered
	@.venv/bin/python -m tests.supply.licences

clean:  ## remove .venv and what the tools made; the instance folder stays
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find intake tests -name __pycache__ -prune -exec rm -rf {} +

packages:
	@.ci/system-packages $(SYSTEM_PACKAGES)

.venv/.made:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "python3 -m venv does not work yet: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv: this takes about a minute, once."
	@rm -rf .venv && $(PYTHON) -m venv .venv && echo "$(CURDIR)" > $@

.venv/.run: .venv/.made setup.cfg pyproject.toml requirements.lock requirements-build.lock
	@$(LOCKED) -r requirements.lock && $(ITSELF) && touch $@

.venv/.test: .venv/.made setup.cfg pyproject.toml requirements-test.lock requirements-build.lock
	@$(LOCKED) -r requirements-test.lock && $(ITSELF) && touch .venv/.run $@
