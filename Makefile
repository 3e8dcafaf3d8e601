# Khobor: `make up` and `make test` are all that a newcomer needs. `make help` lists the rest.
PYTHON ?= python3
# native: processes under supervisor, nothing else needed; compose: containers, needs a Docker engine.
STACK ?= native
BIN := .venv/bin

.DEFAULT_GOAL := help

##@ Run
.PHONY: up
up: up-$(STACK) ## start the stack (STACK=native or compose); safe to repeat

.PHONY: down
down: down-$(STACK) ## stop it; data stay on disk

.PHONY: status
status: $(BIN)/.run ## which parts run, and where
	@$(BIN)/khobor status

.PHONY: logs
logs: $(BIN)/.run ## follow the logs of every part
	@$(BIN)/khobor logs --follow

.PHONY: demo
demo: $(BIN)/.run ## publish sample articles and views, search, print a most-read list
	@$(BIN)/khobor demo

.PHONY: up-native
up-native: $(BIN)/.run
	@$(BIN)/khobor up

.PHONY: down-native
down-native: $(BIN)/.run
	@$(BIN)/khobor down

.PHONY: up-compose
up-compose: .env
	docker compose up --detach --build --wait

.PHONY: down-compose
down-compose:
	docker compose down

.env: | $(BIN)/.run
	$(BIN)/python -m services.cli.stack.compose_secrets .env

##@ Check
# A process for each core, up to four: each may start servers of its own. The tests of a file stay together, and files
# keep their order: those that wait for processes first, the quick ones fill the end. Whole stacks one after the other:
# at once they would take each other's ports.
.PHONY: test
test: $(BIN)/.dev ## unit, contract, integration and end to end tests (T=path for some)
ifdef T
	$(BIN)/pytest $(T)
else
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m 'not long and not e2e'
	$(BIN)/pytest -m e2e
endif

.PHONY: test-long
test-long: $(BIN)/.dev ## what takes minutes: faults and outages one by one, brokers, a Redis Cluster, the benches
	$(BIN)/pytest -m long

.PHONY: test-brokers
test-brokers: $(BIN)/.dev ## tickets through another Redis, Sentinel and RabbitMQ, each killed once (RabbitMQ must be installed)
	$(BIN)/pytest tests/brokers

.PHONY: check
check: $(BIN)/.dev ## ruff, mypy --strict, import boundaries
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: chaos
chaos: SECONDS ?= 180
chaos: SEED ?= 1
chaos: $(BIN)/.dev ## break everything at random (SECONDS=180 SEED=1 ENGINE= BROKER= ROUND= REPORT=), and see what is lost
	$(BIN)/python -m tests.chaos --seconds $(SECONDS) --seed $(SEED) $(if $(ENGINE),--engine $(ENGINE)) \
		$(if $(BROKER),--broker $(BROKER)) $(if $(ROUND),--round $(ROUND)) $(if $(REPORT),--report $(REPORT))

.PHONY: elasticsearch
elasticsearch: $(BIN)/.dev ## a real Elasticsearch without Docker, in the foreground (needs Java 21+ and Maven)
	$(BIN)/python -m tests.support.elasticsearch

.PHONY: relevance
relevance: $(BIN)/.dev ## judge the search on every set that is here, beside two baselines; writes docs/relevance.md
	$(BIN)/python -m bench.relevance --write

##@ Measure
# Each bench measures both of its sides in turns; what it finds goes into docs/performance.md. Leave the machine alone.
.PHONY: bench
bench: bench-ingest bench-drain bench-indexing bench-engines ## every bench below, one after the other

.PHONY: bench-ingest
bench-ingest: $(BIN)/.dev ## events accepted, beside FastAPI + apply_async and an empty FastAPI route
	$(BIN)/python -m bench.ingest --write

.PHONY: bench-drain
bench-drain: $(BIN)/.dev ## views counted, beside one Celery task for each
	$(BIN)/python -m bench.drain --write

.PHONY: bench-indexing
bench-indexing: $(BIN)/.dev ## articles on their whole way, beside plain _bulk requests (needs Java 21+ and Maven)
	$(BIN)/python -m bench.indexing --write

.PHONY: bench-engines
bench-engines: $(BIN)/.dev ## both search engines: search times, publication to being found, disk and memory
	$(BIN)/python -m bench.engine_comparison --write

.PHONY: bench-backfill
bench-backfill: $(BIN)/.dev ## how long live articles take to be searchable while 20,000 are imported (20 minutes)
	$(BIN)/python -m bench.backfill

##@ Maintain
.PHONY: schemas
schemas: $(BIN)/.dev ## write the events' JSON Schemas anew
	$(BIN)/python -m shared.schemas.write

.PHONY: requirements
requirements: $(BIN)/uv ## pin what pyproject.toml asks for (UPGRADE=--upgrade for newer versions)
	$(COMPILE) --extra ingest --extra indexer --extra api --extra cli -o requirements/run.txt
	$(COMPILE) --extra ingest --extra indexer --extra api --extra cli --extra dev -c requirements/run.txt -o requirements/dev.txt

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make requirements" $(UPGRADE) pyproject.toml

.PHONY: clean
clean: ## remove the virtual environment and caches; data in .khobor stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the virtual environment -------------------------------------------------------------------------------------
# uv installs in seconds what pip needs more than a minute for; pip is there for machines with a pip.conf of their own,
# which uv does not read. Both check the hashes.
define install
$(BIN)/uv pip install --quiet --require-hashes -r requirements/$(1).txt \
		|| $(BIN)/pip install --quiet --require-hashes -r requirements/$(1).txt
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Khobor needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv .venv

$(BIN)/uv: requirements/uv.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(BIN)/.run: requirements/run.txt pyproject.toml $(BIN)/uv
	$(call install,run)
	$(BIN)/uv pip install --quiet --no-deps --editable . || $(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

$(BIN)/.dev: requirements/dev.txt $(BIN)/.run
	$(call install,dev)
	@touch $@
