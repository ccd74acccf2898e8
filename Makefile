# Everything a person or a machine runs here. Each target first makes `.venv` from the pinned locks, which needs
# only Python >= 3.11 with venv. What make and pip say goes to standard error: standard output is the product's.

MAKEFLAGS += --no-print-directory
ARGS ?=
PYTHON ?=
V := .venv/bin
# Python compiles a module when it is first used; compiling all of them at once costs ten seconds.
PIP := $(V)/python -m pip install --quiet --disable-pip-version-check --no-input --no-compile --require-hashes
LOCK := $(V)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: help .venv demo run bench test test-all faults mutants teach check format lock
.DELETE_ON_ERROR:

help:
	@echo "make demo | run | bench | test | test-all | faults | mutants | teach | check | format | lock    (options: ARGS=\"…\", PYTHON=…)"

# --- the environment: the product's packages first, the developers' on top -------------------------

.venv: .venv/.runtime
	@:

.venv/.runtime: requirements.txt
	@.ci/venv $(PYTHON) >&2
	@echo "Installing the pinned packages into .venv …" >&2
	@$(PIP) -r requirements.txt >&2
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt
	@.ci/venv $(PYTHON) >&2
	@echo "Installing the pinned packages, tests and checks included, into .venv …" >&2
	@$(PIP) -r requirements-dev.txt >&2
	@touch .venv/.runtime $@

.venv/.teach: requirements-teach.txt requirements.txt
	@.ci/venv $(PYTHON) >&2
	@echo "Installing what teaching the wording check needs into .venv …" >&2
	@$(PIP) -r requirements-teach.txt >&2
	@touch .venv/.runtime $@

# --- the product ----------------------------------------------------------------------------------

demo: .venv/.runtime
	@$(V)/python manage.py demo $(ARGS)

run: .venv/.runtime
	@$(V)/python manage.py run $(ARGS)

bench: .venv/.runtime
	@$(V)/python manage.py bench_send --customers 5000 $(ARGS)

# --- its proofs -----------------------------------------------------------------------------------

# Two processes, each with a database and a Redis database of its own; a file stays in one of them.
test: .venv/.dev
	@$(V)/python -m pytest -n 2 --dist loadfile $(ARGS)

test-all: .venv/.dev
	@$(V)/python -m pytest -m '' -n 2 --dist loadfile $(ARGS)

faults: .venv/.dev
	@$(V)/python -m pytest -m faults $(ARGS)

mutants: .venv/.dev
	@$(V)/python -m tests.mutants $(ARGS)

# Learns the weights of the wording check anew from its marked sentences; say so in the commit when they change.
teach: .venv/.teach
	@$(V)/python manage.py teach_wording $(ARGS)

check: .venv/.dev
	$(V)/ruff check
	$(V)/ruff format --check
	$(V)/mypy
	$(V)/lint-imports
	$(V)/python manage.py makemigrations --check --dry-run
	@echo "manage.py check --deploy, as on a production machine"
	@SECRET_KEY="$$($(V)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	FIELD_ENCRYPTION_KEY="$$($(V)/python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())')" \
	ALLOWED_HOSTS=crisiscomm.example PUBLIC_BASE_URL=https://crisiscomm.example \
	DATABASE_URL=postgres://crisiscomm@database.example/crisiscomm REDIS_URL=rediss://broker.example:6379/0 \
	EMAIL_URL=smtp+tls://mail.example:587 \
	$(V)/python manage.py check --deploy --fail-level WARNING
	git ls-files -z '*.html' | xargs -0 -r $(V)/djlint --lint --quiet
	git ls-files -z '*.html' | xargs -0 -r $(V)/djlint --check --quiet
	$(V)/codespell

format: .venv/.dev
	$(V)/ruff check --fix --exit-zero
	$(V)/ruff format
	git ls-files -z '*.html' | xargs -0 -r $(V)/djlint --reformat --quiet || true

# --- the pins -------------------------------------------------------------------------------------

lock: .venv/.dev
	$(LOCK) $(ARGS) requirements.in --output-file requirements.txt
	$(LOCK) $(ARGS) requirements-dev.in --output-file requirements-dev.txt
	$(LOCK) $(ARGS) requirements-teach.in --output-file requirements-teach.txt
