# Virtual-environment stamps: `make run` installs what the embedded cloud needs, `make test` adds the checks, `make deploy`
# installs what brings it to AWS.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Whoever watches sees what is being installed, which takes a minute or two the first time; a log need not hold it.
PIP := $(PY) -m pip install $(shell test -t 2 || echo --quiet) --disable-pip-version-check
ifeq ($(shell uname),Darwin)
# xgboost's wheel for macOS brings no OpenMP, scikit-learn's does. Set in front of each command and not exported, because
# macOS takes such variables away from /bin/sh.
OPENMP = DYLD_FALLBACK_LIBRARY_PATH=$(firstword $(wildcard $(CURDIR)/$(VENV)/lib/python*/site-packages/sklearn/.dylibs))
endif

.DEFAULT_GOAL := help
.PHONY: help run up test check verify benchmark contract clean deploy plan teardown doctor

help:  ## what there is to do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run  ## drop a real dataset into the embedded cloud and watch the whole relay
	@$(OPENMP) $(PY) -m local demo

up: $(VENV)/.run  ## keep the embedded cloud running; Ctrl-C ends it
	@$(OPENMP) $(PY) -m local up

# mypy keeps one core busy and the tests wait now and then, so that they go side by side; both must have passed.
test: $(VENV)/.dev  ## everything that decides whether a change lands: lint, types, rules, tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	@$(PY) -m mypy & types=$$!; trap 'kill $$types; exit 130' INT TERM; \
	$(OPENMP) $(PY) -m pytest -m "not slow"; tests=$$?; \
	wait $$types || { echo "mypy has failed: see above, between the tests' lines" >&2; exit 1; }; \
	exit $$tests

check: $(VENV)/.dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

verify: test  ## the slow proofs too
	$(OPENMP) $(PY) -m pytest -m slow

contract: $(VENV)/.dev  ## what Lambda must know of the metrics, written from the jobs' catalogue
	$(PY) -m jobs.metrics.contract > chalicelib/contract/catalogue.py

benchmark: $(VENV)/.dev  ## every figure of benchmarks/, as ratios measured in one run
	$(OPENMP) $(PY) -m benchmarks

# On AWS (docs/deploy.md). These are taken from the command line alone: what the shell's environment happens to hold under
# such a name (EMAIL, YES) was not meant for a deployment.
STAGE = dev
REGION =
EMAIL =
KMS_KEY =
SUBNETS =
SECURITY_GROUPS =
BOUNDARY =
COSTS_ABOVE =
AWS_BUDGET =
OWN_CODE =
RUNTIME =
ARCHITECTURE =
WITH_BUCKET =
YES =
quoted = '$(subst ','\'',$($(1)))'
option = $(if $($(1)),$(2) $(call quoted,$(1)))
AT = --stage $(call quoted,STAGE) $(call option,REGION,--region)
ORDER = $(AT) $(call option,EMAIL,--email) $(call option,KMS_KEY,--kms-key) $(call option,SUBNETS,--subnets) \
	$(call option,SECURITY_GROUPS,--security-groups) $(call option,BOUNDARY,--boundary) \
	$(call option,COSTS_ABOVE,--costs-above) $(call option,AWS_BUDGET,--aws-budget) $(call option,OWN_CODE,--own-code) \
	$(call option,RUNTIME,--runtime) $(call option,ARCHITECTURE,--architecture)

deploy: $(VENV)/.deploy  ## bring SageRelay to your AWS account, or update it: EMAIL=you@example.com [STAGE=dev REGION=...]
	@$(PY) -m ops deploy $(ORDER)

plan: $(VENV)/.deploy  ## what `make deploy` would change; costs nothing and changes nothing
	@$(PY) -m ops plan $(ORDER)

teardown: $(VENV)/.deploy  ## remove it with everything it made [STAGE=dev WITH_BUCKET=yes YES=1]
	@$(PY) -m ops teardown $(AT) $(if $(filter 1 yes,$(WITH_BUCKET)),--with-bucket) $(if $(filter 1 yes,$(YES)),--yes)

doctor: $(VENV)/.deploy  ## look a deployment over, or your account before there is one [STAGE=dev]
	@$(PY) -m ops doctor $(AT)

clean:  ## remove what the targets above made
	rm -rf $(VENV) .sagerelay .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("SageRelay needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make run PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt requirements-jobs.txt requirements-local.txt | $(VENV)/bin/python
	@echo "Installing what the embedded cloud needs (once) ..."
	@$(PIP) -r requirements-local.txt
	@touch $@

$(VENV)/.deploy: requirements.txt requirements-deploy.txt | $(VENV)/bin/python
	@echo "Installing what deploying needs (once) ..."
	@$(PIP) -r requirements-deploy.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt requirements-deploy.txt
	@echo "Installing the checks (once) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@
