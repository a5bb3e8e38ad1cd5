# Everything runs inside .venv, which this file makes. Needed beforehand: make and Python 3.11+.
#
#   make run [CITY=path] [PORT=n] [ROOT=dir]   build the city if anything changed, then serve it
#   make build [CITY=path] [ROOT=dir]          build the city anew
#   make test                                  lint, then every test
#   make lint                                  ruff, mypy and sqlfluff alone
#   make screenshots                           the pictures of the README and the docs
#   make bench [SIZES=n,n] [CITIES=dir]        time the build, pages, plans, and the map beside others
#   make proof [NAMES="a b"]                    simulate what docs/methods.md claims, and write it there
#   make docs                                  the parts of the docs that the code itself knows
#   make sample [DIR=path] [TARGETS=n]         make the synthetic sample city again
#   make clean                                 remove everything that was made, .venv included

CITY = $(or $(PPPDASH_CITY),data/chicago)
PORT ?= 8501
ROOT =
DIR = data/chicago
TARGETS = 10000
SIZES = 10000,1000000,10000000
CITIES =
NAMES =

# Only relative paths, and modules rather than the scripts in .venv/bin, whose first line breaks
# where the checkout's path is long or has a space.
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
BUILD = $(PY) -m pppdash build "$(CITY)" $(if $(ROOT),--root "$(ROOT)")

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run build test lint docs proof screenshots bench sample clean chromium

help:
	@sed -n 's/^#   //p' Makefile

run: $(VENV)/runtime
	@$(BUILD) --if-changed
	@PPPDASH_CITY="$(CITY)" exec $(PY) -m streamlit run app.py --server.address 127.0.0.1 \
		--server.port "$(PORT)" --server.headless true --browser.gatherUsageStats false

build: $(VENV)/runtime
	@$(BUILD)

test: lint chromium
	$(PY) -m pytest -n auto --dist loadgroup

lint: $(VENV)/development
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m sqlfluff lint --disable-progress-bar pppdash

docs: $(VENV)/runtime
	$(PY) -m scripts.make_docs
	$(PY) -m scripts.make_pictures

proof: $(VENV)/development
	$(PY) -m proofs $(NAMES)

screenshots: $(VENV)/development chromium
	$(PY) -m scripts.make_screenshots

bench: $(VENV)/development chromium
	$(PY) -m benchmarks.pages
	$(PY) -m benchmarks.maps --sizes "$(SIZES)" $(if $(CITIES),--cities "$(CITIES)")
	$(PY) -m benchmarks.timeline $(if $(CITIES),--cities "$(CITIES)")
	$(PY) -m benchmarks.sessions $(if $(CITIES),--cities "$(CITIES)")
	$(PY) -m benchmarks.plans

sample: $(VENV)/runtime
	$(PY) -m pppdash sample "$(DIR)" --targets "$(TARGETS)"

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf data/*/warehouse data/*/rejected tests/cities/*/warehouse tests/cities/*/rejected
	find app.py pages pppdash scripts tests benchmarks proofs -name __pycache__ -prune \
		-exec rm -rf {} + 2>/dev/null || true

# The two stamps hold pip back until the requirements change.
$(VENV)/runtime: requirements.txt | $(PY)
	@echo "Installing what $< names into $(VENV) (a minute or two the first time) ..."
	@$(PIP) install --requirement $<
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime | $(PY)
	@echo "Installing what $< names into $(VENV) ..."
	@$(PIP) install --requirement $<
	@touch $@

$(PY):
	@set -e; found=; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or newer is needed and was not found." \
			"Install it, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip' 2>/dev/null; then \
		echo "$$found cannot make virtual environments (no ensurepip)." \
			"On Debian or Ubuntu: sudo apt-get install" \
			"$$("$$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; \
		exit 1; \
	fi; \
	"$$found" -m venv --clear $(VENV)

# The browser tests need a Chromium. Where it is missing and may be installed, it is; elsewhere
# this says how, and those tests skip. Never a reason to fail.
chromium:
	@for browser in "$$PPPDASH_CHROMIUM" chromium chromium-browser google-chrome; do \
		if command -v "$$browser" >/dev/null 2>&1; then exit 0; fi; \
	done; \
	if command -v apt-get >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ]; then as_root=; \
		elif sudo -n true 2>/dev/null; then as_root="sudo -n"; \
		else as_root=no; fi; \
		if [ "$$as_root" != no ]; then \
			echo "Installing Chromium for the browser tests ..."; \
			$$as_root apt-get update -qq \
				&& $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
					--no-install-recommends chromium fonts-liberation >/dev/null \
				&& exit 0; \
		fi; \
	fi; \
	echo "No Chromium: the browser tests will be skipped. To run them, install it (Debian:" \
		"apt-get install chromium) or set PPPDASH_CHROMIUM to its path." >&2
