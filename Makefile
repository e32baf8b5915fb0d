# make demo: from nothing to a published, made-up season.   make test: lint, types, tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

FAST := not slow and not hypothesis and not real_data and not google_sql and not long and not browser and not daemon and not cloud
FAST_ROOMS := $(addprefix phase3_assets_tests/,catalog publishing sql settings)

.PHONY: demo downstream ui test test-fast test-browser test-slow test-daemon test-long test-google-sql google-sql test-cloud mutations audit-dependencies emulator lint types tests test-newest-dagster bench bench-peers bench-latency bench-histories bench-seasons lineage tables failures reasons runbook graph night-board lock clean

demo: $(VENV)/installed
	$(BIN)/phase3 demo

# Another project's work, started by what is published: docs/downstream.md.
downstream: $(VENV)/installed
	$(BIN)/python examples/downstream/play.py

ui: $(VENV)/installed
	$(BIN)/phase3 ui

test: lint types tests

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/installed-dev
	$(BIN)/mypy

# Three workers on two cores: tests wait for processes and disks, too.
tests: $(VENV)/installed-dev
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS)

# What most changes break first: no processes, no Dagster, no property tests, no real data.
test-fast: $(VENV)/installed-dev
	$(BIN)/pytest -n 2 --dist loadfile -m '$(FAST)' -k 'not dagster and not the_ui_plots and not process' $(FAST_ROOMS)

test-browser: $(VENV)/installed-dev
	$(BIN)/pytest -m browser

test-slow: $(VENV)/installed-dev
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m slow

test-daemon: $(VENV)/installed-dev
	$(BIN)/pytest -m daemon

# Kills by the hundred (PHASE3_TEST_KILLS), seasons by the ten (PHASE3_TEST_SEASONS), thousands of bent nights, files of ten
# million rows: hours. Shows its figures; PYTEST_OPTIONS="-k NAME" picks one.
test-long: $(VENV)/installed-dev
	$(BIN)/pytest -m long -s $(PYTEST_OPTIONS)

# Dagster's side on the newest 1.x, whatever pyproject.toml allows, in an environment of its own, renewed each time: what
# a later Dagster changes shows here first. The second step is for the days in which the integrations, which pin their
# Dagster, are not released yet. PYTEST_OPTIONS="-k NAME" picks one.
NEWEST := .venv-newest-dagster
test-newest-dagster: requirements-dev.txt
	test -x $(NEWEST)/bin/python || $(PYTHON) -m venv $(NEWEST)
	$(NEWEST)/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(NEWEST)/bin/pip install --quiet --disable-pip-version-check --upgrade 'dagster<2' dagster-webserver dagster-gcp dagster-postgres dagster-slack
	$(NEWEST)/bin/pip install --quiet --disable-pip-version-check --upgrade --no-deps 'dagster<2' dagster-shared dagster-pipes dagster-graphql dagster-webserver
	$(NEWEST)/bin/python -c "import dagster; print('dagster', dagster.__version__)"
	PYTHONPATH=. $(NEWEST)/bin/python -m pytest -m 'not browser and not google_sql and not long and not cloud' $(PYTEST_OPTIONS) phase3_assets_tests/instance phase3_assets_tests/defs phase3_assets_tests/alerting phase3_assets_tests/stories/test_daemon.py phase3_assets_tests/deployment phase3_assets_tests/publishing/test_check.py

# Breaks one line of the core or of the SQL at a time, and names each that no test noticed: hours; PHASE3_TEST_MUTANTS=100
# a sample, FILES="publishing/survey.py" some files.
mutations: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python -m phase3_assets_tests.mutations $(FILES)

# Google's analyzer and evaluator on every SQL text, minutes long; the first time compiles them for half a minute.
test-google-sql: $(VENV)/installed-dev
	$(BIN)/pytest -m google_sql $(PYTEST_OPTIONS)

# What that compiles, kept in .phase3/cache; CI does it beside other work.
google-sql: $(VENV)/installed-dev
	$(BIN)/python -c "from phase3_assets_tests.bigquery.google_sql import prepare; prepare()"

# The contract tests on a project of your own, in scratch datasets that they create and delete: docs/bigquery.md.
test-cloud: $(VENV)/installed-dev
	$(BIN)/pytest -m cloud phase3_assets_tests/bigquery

# Asks whether a pinned version is known to be vulnerable: 1 where one is, 2 where nobody answers.
audit-dependencies: $(VENV)/installed-dev
	$(BIN)/python -m phase3_assets_tests.dependencies $(AUDIT_OPTIONS)

# BigQuery's emulator, for the tests: in an environment of its own, with its DuckDB extension in it.
emulator: .venv-emulator/installed

.venv-emulator/installed: requirements-emulator.txt
	test -x .venv-emulator/bin/python || $(PYTHON) -m venv .venv-emulator
	.venv-emulator/bin/pip install --quiet --disable-pip-version-check -r requirements-emulator.txt
	mkdir -p .venv-emulator/home
	HOME=$(CURDIR)/.venv-emulator/home .venv-emulator/bin/python -c "from duckdb_extensions import import_extension; import_extension('spatial')"
	touch $@

bench: $(VENV)/installed-dev
	$(BIN)/python benchmarks/run.py

# dbt-duckdb and SQLMesh beside us; installs each into a virtual environment of its own on first use.
bench-peers: $(VENV)/installed-dev
	$(BIN)/python benchmarks/peers.py

bench-latency: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python benchmarks/latency.py

# A range recorded in PostgreSQL beside the laptop's storage; needs Debian's postgresql.
bench-histories: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python benchmarks/histories.py

# Thirty seasons of partitions beside the default calendar's.
bench-seasons: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python benchmarks/seasons.py

# Column lineage is read off the SQL and kept beside it; a test fails when it is out of date.
lineage: $(VENV)/installed
	$(BIN)/python -c "from phase3_assets.catalog.lineage import write_lineage; write_lineage()"

# docs/tables.md says what every published table promises; a test fails when it is out of date.
tables: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python -m phase3_assets_tests.project.tables_page

# docs/failures.md maps every known failure to its guard and its test; a test fails when it is out of date.
failures: $(VENV)/installed-dev
	$(BIN)/python -m phase3_assets_tests.faults.catalogue

# docs/reasons.md shows every reason and finding as a user meets it; a test fails when it is out of date.
reasons: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python -m phase3_assets_tests.reasons

# docs/runbook.md has a paragraph for everything that a person can be told; a test fails when it is out of date.
runbook: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python -m phase3_assets_tests.runbook_page

# phase3_assets_tests/defs/graph.txt lists everything that Dagster is told, for reviews; a test fails when it is out of date.
graph: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python -m phase3_assets_tests.defs.graph

# docs/night-board.png, the picture that README.md opens with: a made-up night's report in a browser (needs Chromium).
night-board: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python -m phase3_assets_tests.project.night_board

$(VENV)/installed: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# Pin what pyproject.toml allows, without any index address.
lock:
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-options --no-annotate --no-header --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-options --no-annotate --no-header --extra dev --extra slack --extra postgres --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) $(VENV)-dbt $(VENV)-sqlmesh $(VENV)-newest-dagster .venv-emulator .phase3
