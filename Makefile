# make serve    the site at http://127.0.0.1:8000, reloaded at every edit
# make exercises  do them one after the other: each check runs when you save
# make test     run every example, compare every output, build the site, check it
# make build    the site, into site/
# make publish  the same, only of what was compared (PYTHONS=3.11 3.13: there too), tested
# make update   rewrite the outputs that changed (FILES=snippets/learn/axes: only there)
# make figures  draw the array figures anew
# make tables   ask JAX anew: the axis explorer, the quiz, the table of operations, the machines
# make lock     write requirements.txt anew from pyproject.toml
# make tamper   change every output and every literal, one at a time; all must be noticed
# make elsewhere  run every example plainly, offline, on another date, on one core
# make attack   plant faults of each kind in a copy; all must be refused
# make benchmark  what the checks cost, beside a bare Python and other tools
# make bench    measure what the page "Speed, measured" shows (QUICK=yes: a small part)
# make links    ask for every page of another site that a page links to
# make audit    look for known weaknesses of what the lock installs
# make successor  build the same site with ProperDocs and with Zensical, and compare
#
# make PYTHON=python3.13 test does it with another interpreter, in its own environment.

PYTHON = python3
PORT = 8000
FILES = snippets
QUICK =
PYTHONS =
PARALLEL = --numprocesses auto --dist loadfile --no-loadscope-reorder
# An address for the site that is only tested: nobody's.
EXAMPLE = SITE_URL=https://example.org/ REPO_URL=https://github.com/example/site EDIT_URI=edit/main/docs/
# A program at the head of a pipe fails the pipe.
SHELL = bash
.SHELLFLAGS = -o pipefail -c

# Empty where PYTHON is not there or too old; then `check-python` says so.
VERSION := $(shell $(PYTHON) -c 'import sys; sys.version_info >= (3, 11) and print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ENV = .venv/$(VERSION)
RUN = $(ENV)/bin/python -m

.PHONY: serve exercises test build publish update figures tables lock tamper elsewhere attack benchmark bench links audit successor check-python
.DELETE_ON_ERROR:

serve: $(ENV)/installed
	@$(RUN) mapped_axis.serve --port $(PORT)

exercises: $(ENV)/installed
	@$(RUN) mapped_axis.exercises

test: $(ENV)/installed
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy
	@$(RUN) mapped_axis.pages check
	@$(RUN) pytest snippets
	@$(EXAMPLE) $(RUN) mapped_axis.pages build --site-dir .cache/site
	@$(RUN) pytest tests --site .cache/site $(PARALLEL)

# The time of the commit, not of the build: two builds of one commit are the same.
build publish: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct 2>/dev/null)
build: $(ENV)/installed
	@$(RUN) mapped_axis.pages build

# What lies in site/ after this was tested as it lies there.
publish: $(ENV)/installed
	@$(RUN) mapped_axis.pages build --complete $(PYTHONS)
	@$(RUN) pytest tests --site site -m site --thorough $(PARALLEL)

update: $(ENV)/installed
	@$(RUN) pytest --update-outputs $(FILES)

figures: $(ENV)/installed
	@$(RUN) mapped_axis.figures

tables: $(ENV)/installed
	@$(RUN) mapped_axis.explorer
	@$(RUN) mapped_axis.operations
	@$(RUN) mapped_axis.machines

lock: $(ENV)/installed
	@$(RUN) uv pip compile --universal --upgrade --generate-hashes --no-header --python-version 3.11 --quiet pyproject.toml --output-file requirements.txt

tamper: $(ENV)/installed
	@$(RUN) mapped_axis.examples.tamper $(FILES)

elsewhere: $(ENV)/installed
	@$(RUN) mapped_axis.examples.elsewhere $(FILES)
attack: $(ENV)/installed
	@$(RUN) mapped_axis.attack

benchmark: $(ENV)/installed
	@$(RUN) mapped_axis.examples.benchmark

bench: $(ENV)/installed
	@$(RUN) mapped_axis.bench $(if $(QUICK),--quick)

links: $(ENV)/installed
	@$(RUN) mapped_axis.pages.outside

audit: $(ENV)/installed
	@$(RUN) uv tool run --quiet pip-audit --disable-pip --require-hashes --requirement requirements.txt

successor: $(ENV)/installed
	@$(RUN) mapped_axis.pages.successor

# `installed` is the lock that the environment was made from: it is made again where
# that differs, in place, and counts as made only when all of it is in.
$(ENV)/installed: requirements.txt | check-python
	@cmp -s requirements.txt $@ || { \
	  echo "installing requirements.txt into $(ENV): a minute or two, once" && \
	  $(PYTHON) -m venv $(ENV) && \
	  $(RUN) pip install --disable-pip-version-check --progress-bar off --require-hashes --requirement requirements.txt \
	    | sed -u -n 's/^Collecting \([^ ]*\).*/  \1/p; /^Installing/s/ packages:.*/, the longest step/p' && \
	  $(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; }
	@cp requirements.txt $@

check-python:
	@test -n "$(VERSION)" || { \
	  echo "$(PYTHON) is missing or older than Python 3.11: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
