# Everything runs in .venv, set up on first use; see `make help`.
PYTHON ?= python3
PORT ?= 8765
SPEED ?= 1
WORKERS ?= 3
N ?= 200000
SEED ?= 1
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCKS := deploy/requirements
LANGUAGES := fr pt zh
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench fuzz chaos screenshots sbom docs lint format catalogs lock clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(STAMP) ## make .venv with everything pinned

$(STAMP): $(LOCKS)/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing (Debian: apt-get install python3-venv)"; exit 1; }
	$(PIP) install --require-hashes --no-deps --requirement $(LOCKS)/dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## the whole product on this machine: http://127.0.0.1:8765 (PORT=, SPEED=)
	@exec $(BIN)/ecotaxa-bot demo --port $(PORT) --speed $(SPEED)

test: $(STAMP) ## every test, with the coverage of branches (WORKERS= at once, ARGS= for pytest)
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest --numprocesses $(WORKERS) $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

bench: $(STAMP) ## how fast it is: one JSON line a figure, kept in docs/figures.md (NAMES= of benches)
	@$(BIN)/python -m tests.bench $(NAMES)

fuzz: $(STAMP) ## wild payloads and answers, N= of them from SEED=: one JSON line, each failure on stderr
	@$(BIN)/python -m tests.fuzz $(if $(N),--count $(N)) $(if $(SEED),--seed $(SEED))

chaos: $(STAMP) ## kill it 300 times amid its work, on each database: nothing lost (SEED=, KILLS=, DATABASE=)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(KILLS),--kills $(KILLS)) \
	  $(if $(DATABASE),--database $(DATABASE))

screenshots: $(STAMP) ## take the README's pictures anew, from the running sandbox
	@$(BIN)/python -m tests.e2e.screenshots

sbom: $(STAMP) ## what a user installs, as a CycloneDX bill of materials: build/sbom.cdx.json
	@$(BIN)/python -m tests.supply.bill

docs: $(STAMP) ## write the pages in docs/ that are made from the tests
	@$(BIN)/python -m tests.documents

lint: $(STAMP) ## format, style, types, who may import whom, known weaknesses and vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive bot handlers
	$(BIN)/python -m tests.supply.audit

format: $(STAMP) ## let ruff mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

catalogs: $(STAMP) ## bring the catalogues up to date with the texts in the code
	@mkdir -p bot/languages
	$(BIN)/pybabel -q extract --no-default-keywords -k say:1 -k say_n:1,2 -k mark:1 --ignore-dirs sandbox \
	  --project ecotaxa-bot --no-location --sort-output --width 110 \
	  --output $(VENV)/texts.pot bot handlers
	for language in $(LANGUAGES); do $(BIN)/pybabel -q update --init-missing --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date --width 110 -i $(VENV)/texts.pot -o bot/languages/$$language.po -l $$language || exit; done

lock: $(STAMP) ## pin the newest dependencies that pyproject.toml allows
	$(BIN)/uv pip compile pyproject.toml --group dev --extra traces --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade --quiet -o $(LOCKS)/dev.txt
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --constraint $(LOCKS)/dev.txt \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet -o $(LOCKS)/run.txt
	$(BIN)/uv pip compile pyproject.toml --extra traces --universal --python-version 3.11 --generate-hashes --constraint $(LOCKS)/dev.txt \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet -o $(LOCKS)/traces.txt
	$(BIN)/uv pip compile --group build --universal --python-version 3.11 --generate-hashes --constraint $(LOCKS)/dev.txt \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet -o $(LOCKS)/build.txt

clean: ## remove .venv and everything that was built
	rm -rf $(VENV) build .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
