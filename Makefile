# make up        the whole platform in the foreground             PYTHON=python3.12 chooses an interpreter
# make test      every test that needs nothing but this checkout
# make check     style, types, layers, migrations, deployment settings
# make test-services, make test-browser    on Debian: MariaDB, Redis, Prometheus; Chromium; installed when missing
# make test-unit, test-acceptance, test-mariadb, test-faults    the parts of test and test-services
# make test-deploy     on Debian, as root: docker-compose.yml with a Docker engine of its own, from packages
# make bench     what has to be fast, beside yardsticks   ONLY=herd: one measure; as for test-services, on Debian
# make faults    all that it is made of killed, frozen and emptied under load     FAULTS="--seed 7 --tasks 400"
# make audit     known holes in what is pinned          make sbom      what is in the image, as CycloneDX
# make frontend  the editor's bundle again, from frontend/; needs Node, which nothing else does
# make lock      new pins in requirements/          make clean     all but the data dir
PYTHON ?= python3
BIN = .venv/bin
PYTEST = $(BIN)/python -m pytest
# Hundreds of processes read the bytecode that the first one writes, even where an image's environment forbids it.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help up test test-unit test-acceptance test-services test-mariadb test-faults test-browser test-deploy faults \
    check bench audit sbom frontend lock clean base dev services prometheus browser

help: # the lines above
	@sed -n '/^#/!q; s/^# //p' $(firstword $(MAKEFILE_LIST))

up: base
	@PYTHONDONTWRITEBYTECODE=1 exec $(BIN)/python manage.py up --end-with-parent

# Parts of test and test-services run side by side with make's -j.
test: test-unit test-acceptance

test-services: test-faults test-mariadb

test-unit: dev
	.ci/guarded $(PYTEST) -n auto --dist loadgroup -m "not acceptance and not services and not browser and not engine"

# A module that starts a process tree for all of its tests is an xdist_group: it goes to one process as a whole.
test-acceptance: dev
	.ci/guarded $(PYTEST) -n auto --dist loadgroup -m "acceptance and not services and not engine" tests

test-mariadb: services prometheus
	.ci/services $(PYTEST) -n auto --dist loadgroup -m "(services or sql) and not acceptance"

# Each test has a platform of its own, and waits for it most of the time.
test-faults: services prometheus
	.ci/services $(PYTEST) -n 4 --dist loadgroup -m "services and acceptance" tests

test-browser: browser
	.ci/guarded $(PYTEST) -n auto --dist loadfile -m browser tests/browser

test-deploy: dev
	.ci/debian mmdebstrap:mmdebstrap slirp4netns:slirp4netns ip:iproute2
	.ci/guarded $(PYTEST) -m engine

# Every commit on disk, as production has it. Redo log and memory are what 5 million runs need to be filled in quickly.
bench: services
	exec env MARIADB_OPTIONS="--innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=4G --innodb-log-file-size=1G" \
	    .ci/services $(BIN)/python -m bench $(ONLY)

faults: services
	exec env TEST_REDIS_SERVER=$$(command -v redis-server) .ci/guarded $(BIN)/python -m tests.faults $(FAULTS)

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	.ci/check-settings $(BIN)/python

audit: dev
	.ci/audit $(BIN)

sbom: dev
	$(BIN)/python -m cyclonedx_py requirements requirements/production.txt --pyproject pyproject.toml \
	    --output-reproducible --of JSON -o sbom.json

base dev:
	@$(PYTHON) requirements/install.py $@

services: dev
	.ci/debian mariadbd:mariadb-server redis-server:redis-server \
	    mariadb_config:libmariadb-dev pkg-config:pkg-config cc:gcc
	@$(PYTHON) requirements/install.py production

prometheus:
	.ci/debian prometheus:prometheus promtool:prometheus

browser: dev
	.ci/debian chromium:chromium

frontend:
	cd frontend && npm ci --ignore-scripts --no-audit --no-fund && npm run build

# uv sees further than pip: one file of pins for every Python and platform.
lock:
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" \
	&& "$$tools/bin/pip" install --quiet uv \
	&& lock="$$tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header" \
	&& $$lock requirements/base.in -o requirements/base.txt \
	&& $$lock -c requirements/base.txt requirements/otel.in -o requirements/otel.txt \
	&& $$lock -c requirements/otel.txt requirements/dev.in -o requirements/dev.txt \
	&& $$lock -c requirements/base.txt requirements/production.in -o requirements/production.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results frontend/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +
