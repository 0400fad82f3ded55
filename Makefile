# make serve    the site at http://127.0.0.1:8000, reloaded at every edit
# make exercises  do them one after the other: each check runs when you save
# make test     run every example, compare every output, build the site, check it
# make check    the same of what changed since it last passed: no build, no browser
# make build    the site, into site/
# make publish  the same, only of what was compared (PYTHONS=3.11 3.13: there too), and
#               every test of it: `make test` leaves out the slow ones
# make update   rewrite the outputs that changed (FILES=snippets/learn/axes: only there)
# make cluster  run what needs a launcher (Open MPI, Slurm, Ray), compare it, write down when
# make cluster-env  install what Python needs for that
# make figures  draw the array figures anew
# make tables   ask JAX anew: explorer, quiz, operations, machines, phrasebook, what differs
#               by version
# make phrasebook  run PyTorch's side of the phrasebook (TORCH=FOLDER: in that environment)
# make lock     write requirements.txt and requirements-cluster.txt anew from pyproject.toml
# make tamper   change every output and every literal, one at a time; all must be noticed
# make elsewhere  run every example plainly, offline, on another date, on one core
# make attack   plant faults of each kind in a copy; all must be refused
# make bench-site  what building, serving and testing this site costs (PARTS=edits: only that)
# make bench    measure what the page "Speed, measured" shows (QUICK=yes: a small part)
# make links    ask for every page of another site that a page links to
# make audit    look for known weaknesses of what the lock installs
# make successor  build the same site with ProperDocs and with Zensical, and compare
#
# make PYTHON=python3.13 test does it with another interpreter, in its own environment.

ifneq ($(filter 3.%,$(MAKE_VERSION)),)
$(error GNU make 4 is needed, and this is $(MAKE_VERSION): on macOS, brew install make, then gmake for make)
endif

PYTHON = python3
PORT = 8000
FILES = snippets
QUICK =
PYTHONS =
PARTS =
PARALLEL = --numprocesses auto --dist loadfile --no-loadscope-reorder
# An address for the site that is only tested: nobody's.
EXAMPLE = SITE_URL=https://example.org/ REPO_URL=https://github.com/example/site EDIT_URI=edit/main/docs/
# A program at the head of a pipe fails the pipe.
SHELL = bash
.SHELLFLAGS = -o pipefail -c

# Empty where PYTHON is not there or too old; then `check-python` says so.
VERSION := $(shell $(PYTHON) -c 'import sys; sys.version_info >= (3, 11) and print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ENV = .venv/$(VERSION)
TORCH = .venv/$(VERSION)-torch
RUN = $(ENV)/bin/python -m
# Ray and the clients of Kubernetes are in an environment of their own.
CLUSTER = $(ENV)-cluster
LOCKS = requirements.txt requirements-cluster.txt

.PHONY: serve exercises test check build publish update cluster cluster-env figures tables phrasebook lock tamper elsewhere attack bench bench-site links audit successor check-python
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
	@$(RUN) pytest tests --site .cache/site -m "not slow" $(PARALLEL)

check: $(ENV)/installed
	@$(RUN) ruff check --quiet
	@$(RUN) ruff format --check --quiet
	@$(RUN) mypy --no-error-summary
	@$(RUN) mapped_axis.pages check
	@$(RUN) pytest -q --changed snippets

# The time of the commit, not of the build: two builds of one commit are the same.
build publish: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct 2>/dev/null)
build: $(ENV)/installed
	@$(RUN) mapped_axis.pages build

# What lies in site/ after this was tested as it lies there.
publish: $(ENV)/installed
	@$(RUN) mapped_axis.pages build --complete $(PYTHONS)
	@$(RUN) pytest tests --site site -m "site or slow" --thorough $(PARALLEL)

update: $(ENV)/installed
	@$(RUN) pytest --update-outputs $(FILES)

# It installs nothing. Any Python can say what is missing, the environment too.
# OPTIONS=--update-outputs rewrites the outputs that changed.
cluster: check-python
	@$(or $(wildcard $(CLUSTER)/bin/python),$(PYTHON)) -m mapped_axis.cluster $(OPTIONS) $(FILES)

cluster-env: $(CLUSTER)/installed

figures: $(ENV)/installed
	@$(RUN) mapped_axis.figures

tables: $(ENV)/installed
	@$(RUN) mapped_axis.explorer
	@$(RUN) mapped_axis.operations
	@$(RUN) mapped_axis.machines
	@$(RUN) mapped_axis.versions
	@$(RUN) mapped_axis.phrasebook

# PyTorch is in an environment beside the lock's: that of the wheel for CPUs, the newest.
phrasebook: $(ENV)/installed
	@$(TORCH)/bin/python -c "import torch" 2>/dev/null || { \
	  $(RUN) uv venv --quiet --allow-existing --python $(PYTHON) $(TORCH) && \
	  $(RUN) uv pip install --quiet --python $(TORCH) --torch-backend cpu torch numpy; }
	@$(TORCH)/bin/python -m mapped_axis.phrasebook torch
	@$(RUN) pytest tests/phrasebook -m "not site"

lock: $(ENV)/installed
	@$(RUN) uv pip compile --universal --upgrade --generate-hashes --no-header --python-version 3.11 --quiet pyproject.toml --output-file requirements.txt
	@$(RUN) uv pip compile --universal --upgrade --generate-hashes --no-header --python-version 3.11 --quiet --group cluster --constraints requirements.txt --output-file requirements-cluster.txt

tamper: $(ENV)/installed
	@$(RUN) mapped_axis.examples.tamper $(FILES)

elsewhere: $(ENV)/installed
	@$(RUN) mapped_axis.examples.elsewhere $(FILES)

attack: $(ENV)/installed
	@$(RUN) mapped_axis.attack

bench-site: $(ENV)/installed
	@$(RUN) mapped_axis.costs $(PARTS)

bench: $(ENV)/installed
	@$(RUN) mapped_axis.bench $(if $(QUICK),--quick)

links: $(ENV)/installed
	@$(RUN) mapped_axis.pages.outside

audit: $(ENV)/installed
	@$(RUN) uv tool run --quiet pip-audit --disable-pip --require-hashes --requirement requirements.txt --requirement requirements-cluster.txt

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

$(CLUSTER)/installed: $(LOCKS) | check-python
	@cat $(LOCKS) | cmp -s - $@ || { \
	  echo "installing $(LOCKS) into $(CLUSTER): a minute or two, once" && \
	  $(PYTHON) -m venv $(CLUSTER) && \
	  $(CLUSTER)/bin/python -m pip install --quiet --disable-pip-version-check --progress-bar off --require-hashes --requirement requirements.txt --requirement requirements-cluster.txt && \
	  $(CLUSTER)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; }
	@cat $(LOCKS) > $@

check-python:
	@test -n "$(VERSION)" || { \
	  echo "$(PYTHON) is missing or older than Python 3.11: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
